// Through the drawing by arrow keys: ← to what goes into a box, → to what uses it, ↑ ↓ to the others beside it, Enter for a click.

class Walk {
  constructor(picture) {
    Object.assign(this, { picture, at: null, beside: [] });
    picture.box.addEventListener("focusin", ({ target }) => {
      if (target.dataset.id && !target.hasAttribute("aria-expanded")) this.arrive(target.dataset.id);
    });
    picture.box.addEventListener("focusout", () => (this.at = null));
    picture.box.addEventListener("mousedown", (event) => {
      event.preventDefault(); // after a click the arrow keys go from step to step as before
      picture.box.closest(".stepper").focus({ preventScroll: true });
    });
  }

  arrive(id) {
    if (!this.beside.includes(id)) this.beside = [...this.picture.boxes.keys()];
    this.at = id;
  }

  // Into the drawing, at the box of a node; does nothing where it is not drawn.
  enter(node) {
    const { boxOf, boxes } = this.picture;
    if (boxes.has(boxOf[node])) this.go(boxOf[node], [...boxes.keys()]);
  }

  go(id, beside) {
    const { g } = this.picture.boxes.get(id);
    this.picture.stopAt(g);
    this.picture.bring(g);
    this.beside = beside;
    this.at = id;
  }

  // The boxes at the other ends of the arrows that arrive, or leave.
  ends(id, leaving) {
    const { boxOf, machine, boxes } = this.picture;
    const others = boxes.get(id).nodes.map((node) => machine.nodes[node]).flatMap(({ inputs, users }) => (leaving ? users.map(([user]) => user) : inputs));
    return [...new Set(others.map((node) => boxOf[node]))].filter((other) => other !== id && boxes.has(other));
  }

  // Whether a key means something here.
  press(key) {
    const { at, beside, picture } = this, way = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
    if (at === null || !picture.boxes.has(at)) return false;
    if (key === "Enter" || key === " ") picture.boxes.get(at).act();
    else if (key === "ArrowLeft" || key === "ArrowRight") {
      const ends = this.ends(at, way > 0);
      if (ends.length) this.go(ends[0], ends);
    } else if (way) this.go(beside[(beside.indexOf(at) + way + beside.length) % beside.length], beside);
    else return false;
    return true;
  }
}
