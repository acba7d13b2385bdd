// What a page has beside the steps themselves. A part adds a function here that is given the stepper; it returns null where it has
// nothing to show for a graph, else { where, box, update(step, state, marks), relabel(), keys, leave(), close() }: all but the first two may be left
// out. More that may be there: forth() and back(), true where they take the place of a stride; title(), what is said in place of the step's;
// edited(), called when a leaf has got another number. `where` is "bar" (at its end), "graph" (under the picture), "side" (under the panel of the step) or "below" (above the tables).
// `limit()` gives the furthest step that one may go to.
// A key's function that returns false has not used it; leave() says whether Escape had something to leave.

const FEATURES = [];
