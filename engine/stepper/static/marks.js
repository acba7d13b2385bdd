// The classes that tell what is done, what is current and what is still to come, in a drawing as in a map.

function boxClasses({ gets }, nodes, { data, adjoints, complete }, marks) {
  const any = (test) => nodes.some(test), getting = nodes.filter((node) => gets[node]);
  const all = getting.length > 0 && getting.every((node) => adjoints[node] !== null && complete[node]);
  return [
    nodes.every((node) => data[node] !== null) && "computed", any((node) => marks.nodes.has(node)) && "current", any((node) => marks.receivers.has(node)) && "receives",
    nodes.includes(marks.selected) && "selected", any((node) => marks.lit.has(node)) && "lit", marks.asked && nodes.length === 1 && "asked",
    all ? "complete" : any((node) => adjoints[node] !== null) && "partial", any((node) => isOdd(data[node]) || isOdd(adjoints[node])) && "odd",
  ];
}

// Of an arrow that stands for some edges, of which `passing` carry a gradient and `done` have.
function edgeClasses(edges, passing, done, { data }, marks) {
  return [
    done > 0 && (done === passing ? "done" : "begun"), edges.some(({ edge }) => marks.edges.has(edge)) && "current",
    edges.some(({ edge }) => marks.path.has(edge)) && "lit", edges.every(({ node }) => data[node] !== null) && "reached",
  ];
}

// What has come along a line: the number of one edge; of several into one receiver their sum, a part of its gradient; else how many.
function passedAlong(machine, { edges, passing }, { done }, say) {
  const past = passing.filter(({ edge }) => done.has(edge)).map(({ edge }) => machine.contribution(edge));
  if (edges.length === 1) return minus(show(past[0]));
  const count = say("some", { done: past.length.toLocaleString(), count: passing.length.toLocaleString() });
  return new Set(passing.map(({ input }) => input)).size === 1 ? `Σ ${minus(show(preciseSum(past)))} (${count})` : count;
}

// Only what has changed is touched.
function mark(part, marks) {
  const classes = marks.filter(Boolean).join(" ");
  if (part.known === classes) return;
  if (part.known) part.g.classList.remove(...part.known.split(" "));
  if (classes) part.g.classList.add(...classes.split(" "));
  part.known = classes;
}

const doneOf = (edges, state) => edges.reduce((sum, { edge }) => sum + state.done.has(edge), 0);
const isOdd = (x) => x !== null && !Number.isFinite(x);

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
