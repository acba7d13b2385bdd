// A network on one screen: the map of it all, and beneath it a lens on what is at work. It has what a picture has, so that the stepper
// need not know which of the two it shows.

class Network {
  constructor(machine, map, say, actions) {
    Object.assign(this, { machine, map, say, actions, pinned: null, large: false });
    this.box = h("div", { class: "network", role: "group" });
    this.network = new NetworkMap(machine, map, say, { ...actions, look: (cell) => this.look(cell) });
    this.lenses = [0, 1].map(() => new Lens(machine, this, say, actions));
    this.sizes = new ResizeObserver(() => this.resized());
    this.sizes.observe(this.box);
    this.box.addEventListener("keydown", (event) => this.pressed(event));
  }

  resized() {
    const { clientWidth, clientHeight } = this.box;
    if (!clientWidth || !clientHeight) return;
    this.ruler = new Ruler(this.large ? 18 : 12);
    this.size = [clientWidth, clientHeight];
    this.places = placed(this.network, clientWidth, Math.round(clientHeight * 0.56) - 4, this.ruler);
    this.svg = svg("svg", { width: clientWidth, height: clientHeight, viewBox: `0 0 ${clientWidth} ${clientHeight}`, style: `font-size: ${this.ruler.size}px` });
    this.leader = svg("path", { class: "leader" });
    this.svg.append(this.leader, this.network.draw(this.places, this.ruler), ...this.lenses.map(({ g }) => g));
    this.box.replaceChildren(this.svg);
    this.reach(this.network.cellOf[this.machine.result]);
    if (this.shown) this.update(...this.shown);
  }

  update(state, marks) {
    this.shown = [state, marks];
    if (!this.svg) return;
    const focused = this.lenses.some(({ g }) => g.contains(this.active())) && this.active().dataset.id;
    this.network.update(state, marks);
    const [node] = marks.nodes, { index } = marks, own = this.network.cellOf[node ?? this.machine.result];
    const cells = this.pinned === null || this.pinned === own ? [own] : [this.pinned, own];
    // two lenses stand side by side, or one below the other where it is narrow
    const [width, height] = this.size, top = this.places.height + 10, two = cells.length === 2, below = two && width < 1.3 * NARROW_LENS * (this.ruler.size / 12);
    const w = two && !below ? (width - 20) / 2 : width - 14, high = below ? (height - top - 13) / 2 : height - top - 7;
    this.lenses.forEach((lens, i) => {
      if (i >= cells.length) return lens.g.replaceChildren();
      const place = { x: 7 + (below ? 0 : i * (w + 6)), y: top + (below ? i * (high + 6) : 0), w, h: high };
      lens.draw(place, cells[i], cells[i] === own ? node : undefined, index, state, marks, cells[i] === this.pinned);
    });
    const { x, y, w: wide, h: tall } = this.network.places.cells[cells.at(-1)], left = two && !below ? 13 + w : 7;
    this.leader.setAttribute("d", `M${x},${y + tall}L${left},${top}H${width - 7}L${x + wide},${y + tall}Z`);
    this.network.cells.forEach(({ g }, i) => {
      g.classList.toggle("pinned", i === this.pinned);
      g.setAttribute("aria-pressed", String(i === this.pinned));
    });
    const boxes = this.boxes();
    (boxes.find(({ dataset }) => dataset.id === `v${node}`) ?? boxes[0])?.setAttribute("tabindex", "0");
    if (focused) (boxes.find(({ dataset }) => dataset.id === focused) ?? boxes[0])?.focus({ preventScroll: true });
  }

  // The nodes in the lenses.
  boxes() {
    return this.lenses.flatMap(({ g }) => [...g.querySelectorAll(".node[role=button]")]);
  }

  active() {
    return this.box.getRootNode().activeElement;
  }

  // Look at a cell whatever the step, until Escape or another click on it.
  look(cell) {
    const { nodes } = this.map.cells[cell];
    if (this.actions.asking() && nodes.length === 1) return this.actions.choose(nodes[0]);
    this.pinned = this.pinned === cell ? null : cell;
    if (nodes.length === 1) this.actions.choose(nodes[0]);
    else this.update(...this.shown);
  }

  release() {
    if (this.pinned === null) return;
    this.pinned = null;
    this.update(...this.shown);
  }

  cellName(cell) {
    return this.network.fullName(cell);
  }

  part(node) {
    return this.lenses.map(({ g }) => g.querySelector(`[data-id="v${node}"]`)).find(Boolean) ?? this.network.cells?.[this.network.cellOf[node]]?.g;
  }

  drawn() {
    return this.machine.nodes.length;
  }

  // From box to box with the arrow keys, on the map as in a lens; Enter does what a click does.
  pressed(event) {
    const cells = this.network.cells.map(({ g }) => g), all = cells.includes(event.target) ? cells : this.boxes(), at = all.indexOf(event.target);
    if (at < 0 || !["Enter", " ", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.key.startsWith("Arrow")) return event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    const to = beside(all.map((g) => g.firstChild.getBoundingClientRect()), at, event.key);
    all.forEach((g, i) => g.setAttribute("tabindex", i === to ? "0" : "-1"));
    all[to].focus({ preventScroll: true });
  }

  // Tab comes to this cell.
  reach(cell) {
    this.network.cells.forEach(({ g }, i) => g.setAttribute("tabindex", i === cell ? "0" : "-1"));
  }

  project(on) {
    this.large = on;
    this.resized();
  }

  relabel() {
    if (this.shown) this.update(...this.shown);
  }

  reveal() {} // all of it is in view
  zoom() {}
  fit() {}

  close() {
    this.sizes.disconnect();
  }
}

// The nearest box in the direction of an arrow key; the same one where there is none.
function beside(boxes, at, key) {
  const across = key === "ArrowLeft" || key === "ArrowRight", [along, other] = across ? ["x", "y"] : ["y", "x"], sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  const ahead = boxes.map((box, i) => [i, sign * (box[along] - boxes[at][along]), Math.abs(box[other] - boxes[at][other])]).filter(([, far]) => far > 1);
  return ahead.sort((a, b) => a[1] + 2 * a[2] - b[1] - 2 * b[2])[0]?.[0] ?? at;
}
