// The drawing: what is done, what is current and what is still to come, in boxes of single nodes and of closed groups.

const ROOM = 18; // characters that fit into a box
const BESIDE = [...Array(12).keys()].flatMap((k) => [-6 - 5 * k, 17 + 5 * k]); // how far above and below an arrow the number that runs along it may stand
const HALF_DIGIT = 4.4; // how wide half a digit of it is, roughly: to measure it each time would make the browser lay out the page
const HEAD = [7, 2.5]; // how long the head of an arrow is, and half as wide, in units of the drawing

class Picture extends View {
  // A click on a node means `actions.choose`, on a group `actions.fold`, and on one that cannot be opened `actions.select` its last node.
  constructor(machine, folding, say, actions) {
    super(h("div", { class: "picture", role: "group" }));
    Object.assign(this, { machine, folding, say, actions });
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.walk = new Walk(this);
    this.show(folding.drawings[0].drawing);
  }

  // Show a drawing; the group that was opened or closed stays where it was.
  show(markup, group = null) {
    const holder = h("div", {});
    holder.innerHTML = markup; // written by Graphviz, which has escaped the names in it
    const svg = holder.querySelector("svg");
    svg.querySelector("g.graph > polygon")?.remove(); // the white ground
    for (const g of svg.querySelectorAll("[id]")) {
      g.dataset.id = g.id; // an id is unique in a document, and there may be several steppers in it
      g.removeAttribute("id");
    }
    this.see(svg, () => this.find(`g${group}`));
    this.boxOf = this.folding.boxes();
    this.readBoxes();
    this.readLinks();
    this.label = this.added(svg.querySelector("g.graph"), "text");
    this.label.setAttribute("class", "passing");
    this.readGroups();
    this.relabel();
    this.taken = null;
    if (group !== null) this.focusOn(group);
  }

  find(id) {
    return this.svg.querySelector(`[data-id="${id}"]`);
  }

  readBoxes() {
    const inside = new Map();
    this.boxOf.forEach((box, node) => inside.has(box) ? inside.get(box).push(node) : inside.set(box, [node]));
    this.boxes = new Map();
    for (const g of this.svg.querySelectorAll("g.node")) {
      const nodes = inside.get(g.dataset.id), texts = [...g.querySelectorAll("text")];
      if (!nodes) { // a constant, or what stands for nodes that are not drawn
        for (const text of texts) text.textContent = minus(text.textContent);
        continue;
      }
      const { name, text } = this.machine.nodes[nodes[0]], title = text && `${name} = ${text}`;
      if (texts[0].textContent === title.replaceAll("−", "-")) texts[0].textContent = title;
      const at = (word) => texts.findLastIndex((text) => text.textContent.trim().startsWith(word));
      const single = g.dataset.id[0] === "v";
      const asides = (single ? texts.slice(1, Math.max(1, at("data"))) : []).map((text) => ({ text, said: text.textContent }));
      asides.forEach(({ text }) => text.classList.add("aside")); // they tell of the numbers that Python had
      const group = single ? -1 : Number(g.dataset.id.slice(1));
      const act = single ? () => this.actions.choose(nodes[0]) : this.canFold(group) ? () => this.actions.fold(group) : () => this.actions.select(nodes.at(-1));
      this.boxes.set(g.dataset.id, { g, act, nodes, asides, single, count: texts[1], data: texts[at("data")], grad: texts[at("grad")], title: this.added(g), known: "" });
      g.setAttribute("role", "button");
      g.setAttribute("tabindex", "-1");
      g.addEventListener("click", () => this.moved || act());
    }
  }

  // The arrows, each with the edges that it stands for: one, or all those between two boxes.
  readLinks() {
    const drawn = new Map([...this.svg.querySelectorAll("g.edge")].map((g) => [g.dataset.id, { g, edges: [], known: "" }]));
    this.links = new Map();
    this.machine.nodes.forEach(({ inputs }, node) => inputs.forEach((x, index) => {
      const edge = `${node}_${index}`, link = drawn.get(`e${edge}`) ?? drawn.get(`m${this.boxOf[x]}_${this.boxOf[node]}`);
      if (!link) return;
      link.edges.push({ edge, node, input: x, passes: this.machine.slopes[node][index] !== null });
      this.links.set(edge, link);
    }));
    this.arrows = [...new Set(this.links.values())];
    for (const link of this.arrows) {
      link.passing = link.edges.filter(({ passes }) => passes);
      if (link.passing.length) link.ways = [drawnWay(link.g), turnedWay(link.g)];
    }
  }

  // The groups that can be opened or closed, as buttons. One of them is reached by Tab, or the result where there are none; the others and
  // the nodes from it by arrow keys.
  readGroups() {
    this.toggles = this.folding.groups.flatMap((_, group) => {
      const g = this.canFold(group) ? this.find(`g${group}`) : null;
      if (!g) return [];
      const text = g.querySelector("text"), open = this.folding.open.has(group);
      text.textContent = `${open ? "▾" : "▸"} ${text.textContent}`;
      g.setAttribute("role", "button");
      g.setAttribute("tabindex", "-1");
      g.setAttribute("aria-expanded", String(open));
      if (open) text.addEventListener("click", () => this.moved || this.actions.fold(group));
      return [{ group, g }];
    });
    (this.toggles[0]?.g ?? this.part(this.machine.result))?.setAttribute("tabindex", "0");
  }

  canFold(group) {
    return group >= 0 && group < this.folding.groups.length && this.folding.toggled(group) >= 0;
  }

  pressed(event) {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || !(this.walk.press(key) || this.pressedGroup(key, event.target))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // From the last group ↓ goes on to the result, from the first one ↑.
  pressedGroup(key, target) {
    const at = this.toggles.findIndex(({ g }) => g === target), to = this.toggles[at + (key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !["Enter", " ", "ArrowUp", "ArrowDown"].includes(key)) return false;
    if (!key.startsWith("Arrow")) this.actions.fold(this.toggles[at].group);
    else if (!to) this.walk.enter(this.machine.result);
    else {
      this.focusOn(to.group);
      this.bring(to.g);
    }
    return true;
  }

  enter(node) {
    this.walk.enter(node);
  }

  stand(id) {
    const { g } = this.boxes.get(id);
    this.stopAt(g);
    this.bring(g);
  }

  focusOn(group) {
    const to = this.toggles.find((each) => each.group === group);
    if (!to) return;
    this.stopAt(to.g);
  }

  // The keyboard stops here, and comes back here.
  stopAt(g) {
    this.svg.querySelectorAll('[tabindex="0"]').forEach((each) => each.setAttribute("tabindex", "-1"));
    g.setAttribute("tabindex", "0");
    g.focus({ preventScroll: true });
  }

  // The words in the drawing, in the language that is spoken.
  relabel() {
    for (const { asides } of this.boxes.values()) {
      for (const { text, said } of asides) setText(text, said === "at its kink" ? this.say("atKink") : said.replace("slope", this.say("slope")).replaceAll("-", "−"));
    }
    for (const { g, edges } of this.arrows) {
      if (g.dataset.id[0] === "m") setText(g.querySelector("text"), this.say("edges", { count: edges.length.toLocaleString() }));
    }
    const more = this.find("more")?.querySelector("text"), missing = this.machine.nodes.length - this.drawn();
    if (more && missing) setText(more, this.say("more", { nodes: this.counted(missing) }));
    for (const { group, g } of this.toggles) if (this.folding.open.has(group)) g.setAttribute("aria-label", this.groupName(group));
    for (const box of this.boxes.values()) if (!box.single) this.nameBox(box, false);
  }

  groupName(group) {
    const { nodes } = this.folding.groups[group];
    return `${this.say("group")} ${wholeName(this.folding.groups[group])}, ${this.counted(nodes.length)}`;
  }

  counted(count) {
    return this.say(count === 1 ? "oneNode" : "manyNodes", { count: count.toLocaleString() });
  }

  // How many nodes are in the boxes that are drawn.
  drawn() {
    return [...this.boxes.values()].reduce((sum, { nodes }) => sum + nodes.length, 0);
  }

  added(parent, tag = "title") {
    return parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
  }

  part(node) {
    return this.boxes.get(this.boxOf[node])?.g;
  }

  // Write the numbers and classes of a state; only what has changed is touched.
  update(state, marks) {
    for (const box of this.boxes.values()) this.updateBox(box, state, marks);
    for (const link of this.arrows) {
      const done = doneOf(link.passing, state);
      mark(link, edgeClasses(link.edges, link.passing.length, done, state, marks));
      this.turn(link, done > 0);
    }
    this.showPassing(state, marks);
  }

  // An arrow points to what is computed of it, or back, as a gradient flows.
  turn(link, back) {
    if (!link.ways || Boolean(link.back) === back) return;
    link.back = back;
    const { d, points } = link.ways[Number(back)];
    link.g.querySelector("path").setAttribute("d", d);
    link.g.querySelector("polygon").setAttribute("points", points);
  }

  updateBox(box, state, marks) {
    const { nodes, single } = box, classes = boxClasses(this.machine, nodes, state, marks);
    mark(box, classes);
    if (single) this.writeNumbers(box, state.data[nodes[0]], state.adjoints[nodes[0]], state.complete[nodes[0]]);
    else this.nameBox(box, classes.includes("complete"));
  }

  writeNumbers(box, data, grad, complete) {
    const called = complete || grad === null ? "grad" : this.say("soFar"), at = [data, grad, called];
    if (box.at?.every((known, i) => Object.is(known, at[i]))) return;
    box.at = at;
    const written = `${called} ${minus(show(grad))}`;
    if (box.data) setText(box.data, `data ${minus(show(data))}`);
    if (box.grad) setText(box.grad, written.length > ROOM ? `grad ${minus(show(grad))}` : written);
    const node = this.machine.nodes[box.nodes[0]], { text } = node;
    const full = `${wholeName(node)}${text && ` = ${text}`}\ndata ${exact(data)}\n${called} ${exact(grad)}`;
    setText(box.title, full);
    box.g.setAttribute("aria-label", full);
  }

  // A closed group: how many nodes are in it, and whether all of them have their gradients.
  nameBox(box, complete) {
    const count = this.counted(box.nodes.length), words = complete ? `${count} ✓` : count;
    if (box.count.textContent === words && box.title.textContent) return;
    setText(box.count, words);
    const group = Number(box.g.dataset.id.slice(1)), made = group < this.folding.groups.length;
    const name = made ? this.groupName(group) : `${box.g.querySelector("text").textContent}, ${count}`;
    const full = `${name}${complete ? ` ✓ ${this.say("allDone")}` : ""}`;
    setText(box.title, full);
    box.g.setAttribute("aria-label", full);
  }

  // What runs along the current edge.
  showPassing(state, { passing }) {
    const link = passing && this.links.get(passing.edge), path = link?.g.querySelector("path");
    setText(this.label, path ? `◂ ${passedAlong(this.machine, link, state, this.say)}` : "");
    if (!path) return;
    const middle = path.getPointAtLength(path.getTotalLength() / 2), half = this.label.textContent.length * HALF_DIGIT;
    if (this.size) this.taken ??= [...this.svg.querySelectorAll(".node, .cluster text")].map((each) => each.getBBox());
    const free = ([x, y]) => !this.taken?.some((box) => box.x < x + half && x - half < box.x + box.width && box.y < y + 3 && y - 12 < box.y + box.height);
    const places = BESIDE.flatMap((down) => [0, -1, 1].map((across) => [across * (half + 6), down])).sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
    const [x, y] = places.map(([across, down]) => [middle.x + across, middle.y + down]).find(free) ?? [middle.x, middle.y + BESIDE[0]];
    this.label.setAttribute("x", x);
    this.label.setAttribute("y", y);
  }
}

// An arrow as Graphviz drew it, and turned round: its head at the other end.
const drawnWay = (g) => ({ d: g.querySelector("path").getAttribute("d"), points: g.querySelector("polygon").getAttribute("points") });

function turnedWay(g) {
  const { d, points } = drawnWay(g), [start, ...rest] = pairs(d), [, tip] = pairs(points), [length, half] = HEAD;
  const away = ([x, y]) => Math.hypot(x - start[0], y - start[1]), after = (part) => later(start, ...rest.slice(0, 3), part);
  let part = 1;
  while (away(after(part)[0]) > length) part *= 0.9; // how much of the first piece the head takes
  const from = after(part), [base] = from, [x, y] = [0, 1].map((axis) => ((base[axis] - start[axis]) / (away(base) || 1)) * half);
  return { d: `M${from[0]}C${[...from.slice(1), ...rest.slice(3)].join(" ")}L${tip}`, points: [start, [base[0] - y, base[1] + x], [base[0] + y, base[1] - x]].join(" ") };
}

const pairs = (text) => text.match(/-?[\d.]+,-?[\d.]+/g).map((pair) => pair.split(",").map(Number));

// What is left of a curve of four points after a part of it: by de Casteljau's halving.
function later(a, b, c, d, part) {
  const between = (p, q) => p.map((at, axis) => at + (q[axis] - at) * part), [ab, bc, cd] = [between(a, b), between(b, c), between(c, d)], [abc, bcd] = [between(ab, bc), between(bc, cd)];
  return [between(abc, bcd), bcd, cd, d];
}
