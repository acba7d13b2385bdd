// What is printed of a page: the graph with all its gradients, and every node and every step once, on A4; see print.css.

const UNMARKED = { nodes: new Set(), receivers: new Set(), edges: new Set(), path: new Set(), lit: new Set(), passing: null, selected: null, asked: false };

function followPrinting(stepper) {
  const media = matchMedia("print");
  let before = null;
  const start = () => {
    if (before) return;
    const { root, picture, machine, tables } = stepper, details = tables.parts.map(({ box }) => box);
    before = { open: details.map(({ open }) => open), view: picture && { scale: picture.scale, middle: picture.middle, fitted: picture.fitted } };
    root.classList.add("printing");
    details.forEach((each) => (each.open = true));
    tables.whole(true);
    tables.update(machine.last, machine.at(machine.last), UNMARKED);
    picture?.update(machine.at(machine.last), UNMARKED);
    picture?.resized();
    picture?.fit();
  };
  const end = () => {
    if (!before) return;
    const { root, picture, tables } = stepper, { open, view } = before;
    before = null;
    root.classList.remove("printing");
    tables.whole(false);
    tables.parts.forEach(({ box }, i) => (box.open = open[i]));
    if (picture) Object.assign(picture, view).resized();
    stepper.refresh();
  };
  const change = () => (media.matches ? start() : end());
  const told = [[window, "beforeprint", start], [window, "afterprint", end], [media, "change", change]];
  told.forEach(([target, event, call]) => target.addEventListener(event, call));
  return () => told.forEach(([target, event, call]) => target.removeEventListener(event, call));
}
