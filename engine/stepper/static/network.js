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
    const { cellOf } = this.network, { nodes } = machine, ground = (boxes, boxOf, stand) => new Walk({ box: this.box, machine, boxes: new Map(boxes), boxOf, stand });
    this.overMap = ground(map.cells.map((cell, i) => [`c${i}`, { nodes: cell.nodes, act: () => this.look(i) }]), cellOf.map((cell) => `c${cell}`), (id) => this.standOnMap(id));
    this.inLens = ground(nodes.map((_, i) => [`v${i}`, { nodes: [i], act: () => actions.choose(i) }]), nodes.map((_, i) => `v${i}`), (id) => this.standInLens(id));
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
    const { pinned } = this, looks = pinned && (pinned.cell !== own || pinned.node !== undefined) ? [pinned] : [];
    looks.push({ cell: own, node, index });
    // two lenses stand side by side, or one below the other where it is narrow
    const [width, height] = this.size, top = this.places.height + 10, two = looks.length === 2, below = two && width < 1.3 * NARROW_LENS * (this.ruler.size / 12);
    const w = two && !below ? (width - 20) / 2 : width - 14, high = below ? (height - top - 13) / 2 : height - top - 7;
    this.lenses.forEach((lens, i) => {
      if (i >= looks.length) return lens.g.replaceChildren();
      const place = { x: 7 + (below ? 0 : i * (w + 6)), y: top + (below ? i * (high + 6) : 0), w, h: high };
      lens.draw(place, looks[i], state, marks, looks[i].cell === pinned?.cell && !i);
    });
    const { x, y, w: wide, h: tall } = this.network.places.cells[own], left = two && !below ? 13 + w : 7;
    this.leader.setAttribute("d", `M${x},${y + tall}L${left},${top}H${width - 7}L${x + wide},${y + tall}Z`);
    this.network.cells.forEach(({ g }, i) => {
      g.classList.toggle("pinned", i === pinned?.cell);
      g.setAttribute("aria-pressed", String(i === pinned?.cell));
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
    this.pinned = this.pinned?.cell === cell ? null : { cell };
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

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || ![this.overMap, this.inLens].some((walk) => walk.press(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The keyboard goes into the lens, to a node.
  enter(node) {
    if (this.svg) this.inLens.enter(node);
  }

  standOnMap(id) {
    const cell = Number(id.slice(1));
    this.reach(cell);
    this.network.cells[cell].g.focus({ preventScroll: true });
  }

  // Where no lens shows the node, one is pinned to it.
  standInLens(id) {
    const find = () => this.boxes().find(({ dataset }) => dataset.id === id);
    if (!find()) {
      this.pinned = this.seat(Number(id.slice(1)));
      this.update(...this.shown);
    }
    const g = find();
    this.boxes().forEach((each) => each.setAttribute("tabindex", each === g ? "0" : "-1"));
    g.focus({ preventScroll: true });
  }

  // Where a lens shows a node: in the middle, or, a leaf of a group, among the inputs of what uses it.
  seat(node) {
    const { nodes } = this.machine, { cellOf } = this.network, inside = this.map.cells[cellOf[node]].nodes;
    if (nodes[node].rule || inside.every((each) => !nodes[each].rule)) return { cell: cellOf[node], node };
    const { users } = nodes[node], [user, index] = users.find(([each]) => inside.includes(each)) ?? users[0];
    return { cell: cellOf[user], node: user, index };
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
