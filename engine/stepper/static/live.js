// What goes on while the stepper is there: Python's side, the keyboard, the theme around it. Each gives a function that ends it.

function listenToModel(stepper) {
  const calls = {
    "change:step": () => {
      stepper.refresh();
      stepper.reveal();
    },
    "change:selected": () => stepper.refresh(),
    "change:answers": () => stepper.refresh(),
    "change:lang": () => stepper.relabel(),
  };
  for (const [event, call] of Object.entries(calls)) stepper.model.on(event, call);
  return () => Object.entries(calls).forEach(([event, call]) => stepper.model.off(event, call));
}

function listenToKeys(stepper) {
  const { machine } = stepper;
  const by = (stride) => () => stepper.goBy(stride);
  const keys = {
    ArrowRight: () => stepper.forth(), ArrowLeft: () => stepper.back(),
    Home: () => stepper.go(0), End: () => stepper.go(machine.last), " ": () => stepper.play(!stepper.timer), p: () => stepper.enlarge(),
    e: by("edge"), n: by("node"), l: by("layer"), "+": () => stepper.picture?.zoom(1.25), "-": () => stepper.picture?.zoom(0.8),
    0: () => stepper.picture?.fit(), f: () => stepper.foldAll(stepper.folding?.all(false) < 0), g: () => stepper.enterGraph(),
    Escape: () => stepper.features.some((each) => each.leave?.()) || (stepper.picture?.release?.(), stepper.select(null)),
    ...Object.assign({}, ...stepper.features.map((each) => each.keys)),
  };
  const press = (event) => {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    if (target.matches?.("input:not([type=range]), select, textarea") && event.key !== "Escape") return;
    if (target.matches?.("button, summary") && event.key === " ") return; // it presses the button
    if (target.matches?.("input[type=range]:not(.position)") && event.key.length > 1 && event.key !== "Escape") return;
    if (target.matches?.(".scroll, .leaves") && ["Home", "End"].includes(event.key)) return;
    if (event.key === "Escape") stepper.root.focus();
    if (keys[event.key]() === false) return; // it means nothing now
    event.preventDefault();
    event.stopPropagation();
  };
  stepper.root.addEventListener("keydown", press);
  const outside = (event) => event.target === document.body && press(event); // a page of its own hears keys wherever the focus is
  if (stepper.alone) document.addEventListener("keydown", outside);
  return () => document.removeEventListener("keydown", outside);
}

function render({ model, el, alone = false }) {
  const shown = new Stepper(model, el, alone);
  return () => shown.close();
}

const stepper = { render };
export default stepper;
