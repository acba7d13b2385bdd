// A network on one screen: the map of it all, and beneath it a lens on what is at work. It has what a picture has, so that the stepper
// need not know which of the two it shows.

const LEAST_HEIGHT = 380;

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
    const high = Math.round(clientHeight * 0.55);
    this.places = this.network.place(clientWidth, high - 4, this.ruler);
    this.svg = svg("svg", { width: clientWidth, height: clientHeight, viewBox: `0 0 ${clientWidth} ${clientHeight}`, style: `font-size: ${this.ruler.size}px` });
    this.leader = svg("path", { class: "leader" });
    this.svg.append(this.leader, this.network.draw(this.places, this.ruler), ...this.lenses.map(({ g }) => g));
    this.box.replaceChildren(this.svg);
    if (this.shown) this.update(...this.shown);
  }

  update(state, marks) {
    this.shown = [state, marks];
    if (!this.svg) return;
    this.network.update(state, marks);
    const [node] = marks.nodes, { index } = marks, own = this.network.cellOf[node ?? this.machine.result];
    const cells = this.pinned === null || this.pinned === own ? [own] : [this.pinned, own];
    const [width, height] = this.size, top = this.places.height + 10, w = (width - 8 - 6 * cells.length) / cells.length;
    this.lenses.forEach((lens, i) => {
      if (i >= cells.length) return lens.g.replaceChildren();
      const place = { x: 7 + i * (w + 6), y: top, w, h: height - top - 7 };
      lens.draw(place, cells[i], cells[i] === own ? node : undefined, index, state, marks, cells[i] === this.pinned);
    });
    const { x, y, w: wide, h: high } = this.network.places.cells[cells.at(-1)], left = cells.length > 1 ? 13 + w : 7;
    this.leader.setAttribute("d", `M${x},${y + high}L${left},${top}H${width - 7}L${x + wide},${y + high}Z`);
    this.network.cells.forEach(({ g }, i) => g.classList.toggle("pinned", i === this.pinned));
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
    const { name, group } = this.map.cells[cell], frame = this.map.frames.find(({ cells }) => cells.includes(cell));
    return group !== null && frame.title ? `${frame.title} / ${name}` : name;
  }

  // What has been passed along an edge, as the numbers are now; null before any pass.
  contribution(node, index) {
    return this.passed.get(`${node}_${index}`) ?? null;
  }

  get passed() {
    if (this.readFrom !== this.machine.steps) {
      this.readFrom = this.machine.steps;
      this.read = new Map(this.machine.events.flatMap(({ kind, node, index }, i) => (kind === "backward" ? [[`${node}_${index}`, this.machine.steps[i][2]]] : [])));
    }
    return this.read;
  }

  part(node) {
    return this.lenses.map(({ g }) => g.querySelector(`[data-id="v${node}"]`)).find(Boolean) ?? this.network.cells[this.network.cellOf[node]]?.g;
  }

  drawn() {
    return this.machine.nodes.length;
  }

  // From cell to cell with the arrow keys: in a column, and to the columns beside it.
  pressed(event) {
    const at = this.network.cells.findIndex(({ g }) => g === event.target);
    if (at < 0 || !["Enter", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") this.look(at);
    else this.focusOn(this.beside(at, event.key));
  }

  beside(at, key) {
    const { cells } = this.network.places, here = cells[at], across = key === "ArrowLeft" || key === "ArrowRight";
    const [along, other] = across ? ["x", "y"] : ["y", "x"], sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
    const ahead = cells.map((cell, i) => [i, sign * (cell[along] - here[along]), Math.abs(cell[other] - here[other])]).filter(([, far]) => far > 1);
    return ahead.sort((a, b) => a[1] + 2 * a[2] - b[1] - 2 * b[2])[0]?.[0] ?? at;
  }

  focusOn(cell) {
    this.network.cells.forEach(({ g }, i) => g.setAttribute("tabindex", i === cell ? "0" : "-1"));
    this.network.cells[cell].g.focus({ preventScroll: true });
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
