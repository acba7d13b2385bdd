// Through a drawing, a map or a lens by arrow keys: ← to what goes into a box, → to what uses it, ↑ ↓ to the others beside it, Enter for
// a click. A screen reader says each place as the focus comes to it.

class Walk {
  // Of the ground it needs { box, machine, boxes, boxOf, stand }: boxes are { nodes, act } by their ids, boxOf is the id of each node's box.
  constructor(ground) {
    Object.assign(this, { ground, at: null, beside: [] });
    ground.box.addEventListener("focusin", ({ target }) => {
      if (ground.boxes.has(target.dataset.id) && !target.hasAttribute("aria-expanded")) this.arrive(target.dataset.id);
    });
    ground.box.addEventListener("focusout", () => (this.at = null));
    ground.box.addEventListener("mousedown", (event) => {
      event.preventDefault(); // after a click the arrow keys go from step to step as before
      ground.box.closest(".stepper").focus({ preventScroll: true });
    });
  }

  arrive(id) {
    if (!this.beside.includes(id)) this.beside = [...this.ground.boxes.keys()];
    this.at = id;
  }

  // To the box of a node; does nothing where it is not drawn.
  enter(node) {
    const { boxOf, boxes } = this.ground;
    if (boxes.has(boxOf[node])) this.go(boxOf[node], [...boxes.keys()]);
  }

  go(id, beside) {
    this.ground.stand(id);
    this.beside = beside;
    this.at = id;
  }

  // The boxes at the other ends of the arrows that arrive, or leave.
  ends(id, leaving) {
    const { boxOf, machine, boxes } = this.ground;
    const others = boxes.get(id).nodes.map((node) => machine.nodes[node]).flatMap(({ inputs, users }) => (leaving ? users.map(([user]) => user) : inputs));
    return [...new Set(others.map((node) => boxOf[node]))].filter((other) => other !== id && boxes.has(other));
  }

  // Whether a key means something here.
  press(key) {
    const { at, beside, ground } = this, way = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
    if (at === null || !ground.boxes.has(at)) return false;
    if (key === "Enter" || key === " ") ground.boxes.get(at).act();
    else if (key === "ArrowLeft" || key === "ArrowRight") {
      const ends = this.ends(at, way > 0);
      if (ends.length) this.go(ends[0], ends);
    } else if (way) this.go(beside[(beside.indexOf(at) + way + beside.length) % beside.length], beside);
    else return false;
    return true;
  }
}
