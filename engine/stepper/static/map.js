// The map: the whole network, its groups closed. What stands where depends on the size of the window alone; a step changes nothing but
// the light.

const ROWS = [[48, 3], [33, 2], [18, 1]]; // the height of a box at a text of 12 pixels, and how many lines it holds
const TILES = [[0, 17], [22, 22], [16, 16], [13, 13], [10, 10], [8, 8], [6, 6], [4, 4]]; // boxes without lines; the first are as wide as their names
const LINE = 15, MOST_CURVES = 150; // between two frames; of more curves a band is drawn

class NetworkMap {
  constructor(machine, map, say, actions) {
    Object.assign(this, { machine, map, say, actions });
    this.cellOf = [];
    map.cells.forEach(({ nodes }, cell) => nodes.forEach((node) => (this.cellOf[node] = cell)));
    const leaves = (node, cell) => node === machine.result || machine.nodes[node].users.some(([user]) => this.cellOf[user] !== cell);
    this.outputs = map.cells.map(({ nodes }, cell) => nodes.filter((node) => leaves(node, cell)));
    this.links = this.readLinks();
  }

  // Pairs of cells, each with the edges that it stands for.
  readLinks() {
    const links = new Map();
    this.machine.nodes.forEach(({ inputs }, node) => inputs.forEach((x, index) => {
      const from = this.cellOf[x], to = this.cellOf[node];
      if (typeof x !== "number" || from === to) return;
      const key = `${from}>${to}`, link = links.get(key) ?? { from, to, edges: [], known: "" };
      link.edges.push({ edge: `${node}_${index}`, node, input: x, passes: this.machine.slopes[node][index] !== null });
      links.set(key, link);
    }));
    return links;
  }

  // What a cell is called: by its output, if it has one.
  called(cell) {
    const [output, ...more] = this.outputs[cell];
    return output === undefined || more.length ? this.map.cells[cell].name : this.machine.nodes[output].name;
  }

  // Where everything stands: in each column every frame as rich as the height allows.
  place(width, height, ruler) {
    const unit = ruler.size / 12, column = width / this.map.columns, gap = Math.min(34 * unit, column * 0.28);
    const places = { cells: [], frames: [], width, height };
    for (let c = 0; c < this.map.columns; c += 1) {
      const frames = this.map.frames.filter((frame) => frame.column === c).map((frame) => new Room(this, frame, column - gap, unit, ruler));
      shrink(frames, height);
      const spare = (height - heightOf(frames)) / (frames.length + 1);
      let y = spare;
      for (const room of frames) {
        places.frames.push(room.settle(c * column + gap / 2, y, places.cells));
        y += room.height + spare;
      }
    }
    return places;
  }

  // Draw it all, once for a size of the window.
  draw(places, ruler) {
    Object.assign(this, { places, ruler });
    this.under = svg("g", {}, places.frames.filter(({ cells }) => cells.length > 1).map((frame) => this.frame(frame)));
    this.bands = [];
    this.curves = [];
    const between = svg("g", {}, this.ways().flatMap((links) => (links.length > MOST_CURVES ? this.band(links) : links.map((link) => this.curve(link)))));
    this.cells = this.map.cells.map((cell, i) => this.cell(cell, i));
    this.over = svg("g", { class: "over" });
    return svg("g", { class: "map" }, this.under, between, this.cells.map(({ g }) => g), this.over);
  }

  frame({ x, y, w, h, title, headed }) {
    const unit = this.ruler.size / 12;
    return svg("g", { class: "cluster" }, svg("path", { d: roundedBox({ x, y, w, h }, 6) }),
      headed && title ? svg("text", { x: x + 5 * unit, y: y + 13 * unit }, this.ruler.fit(title, w - 8 * unit)) : null);
  }

  // The links, those between the same two frames together.
  ways() {
    const frameOf = [], ways = new Map();
    this.places.frames.forEach(({ cells }, i) => cells.forEach((cell) => (frameOf[cell] = i)));
    for (const link of this.links.values()) {
      const key = `${frameOf[link.from]}>${frameOf[link.to]}`;
      ways.set(key, [...(ways.get(key) ?? []), link]);
    }
    return [...ways.values()];
  }

  curve(link) {
    const g = svg("g", { class: "edge" }, svg("path", { d: curve(...this.ends(link)), fill: "none" }));
    this.curves.push({ g, links: [link], known: "" });
    return g;
  }

  band(links) {
    const frameOf = (cell) => this.places.frames.find(({ cells }) => cells.includes(cell)), a = frameOf(links[0].from), b = frameOf(links[0].to);
    const x = a.x + a.w, m = (x + b.x) / 2;
    const path = svg("path", { d: `M${x},${a.y}C${m},${a.y} ${m},${b.y} ${b.x},${b.y}V${b.y + b.h}C${m},${b.y + b.h} ${m},${a.y + a.h} ${x},${a.y + a.h}Z` });
    const g = svg("g", { class: "band" }, path, svg("title"));
    this.bands.push({ g, links, known: "" });
    return g;
  }

  ends({ from, to }) {
    const [a, b] = [this.places.cells[from], this.places.cells[to]];
    return [[a.x + a.w, a.y + a.h / 2], [b.x, b.y + b.h / 2]];
  }

  cell({ nodes, group }, i) {
    const place = this.places.cells[i], { machine } = this, leaf = group === null && nodes.every((node) => !machine.nodes[node].rule);
    const kind = nodes.includes(machine.result) ? "result" : leaf ? machine.nodes[nodes[0]].kind : group === null ? "operation" : "group";
    const title = svg("title"), path = svg("path", { d: roundedBox(place, Math.min(4, place.h / 4)) });
    const texts = Array.from({ length: 6 }, () => svg("text"));
    const g = svg("g", { class: `node ${kind}`, role: "button", tabindex: "-1", "data-cell": i }, path, texts, title);
    g.addEventListener("click", () => this.actions.look(i));
    return { g, nodes, texts, title, place, known: "", said: "" };
  }

  update(state, marks) {
    this.cells.forEach((cell, i) => this.updateCell(cell, i, state, marks));
    for (const drawn of [...this.curves, ...this.bands]) {
      const edges = drawn.links.flatMap(({ edges: all }) => all), passing = edges.filter(({ passes }) => passes);
      const done = passing.filter(({ edge }) => state.done.has(edge)).length;
      mark(drawn, edgeClasses(edges, passing.length, done, state, marks));
      if (drawn.g.lastChild.localName === "title") setText(drawn.g.lastChild, this.say("passed", { done: done.toLocaleString(), count: passing.length.toLocaleString() }));
    }
    this.callouts(state, marks);
  }

  updateCell(cell, i, state, marks) {
    mark(cell, boxClasses(this.machine, cell.nodes, state, marks));
    const rows = this.words(i, state), said = rows.flat().join("|");
    if (cell.said === said) return;
    cell.said = said;
    const { place, texts } = cell, unit = this.ruler.size / 12, top = place.y + (place.lines > 1 ? 12.5 : 12) * unit;
    texts.forEach((text, k) => {
      const words = rows[k >> 1]?.[k & 1] ?? "";
      setText(text, words);
      if (!words) return;
      const right = k & 1, middle = place.named;
      text.setAttribute("x", middle ? place.x + place.w / 2 : right ? place.x + place.w - 4 * unit : place.x + 5 * unit);
      text.setAttribute("y", top + (k >> 1) * 14 * unit);
      text.setAttribute("text-anchor", middle ? "middle" : right ? "end" : "start");
      text.setAttribute("class", words === GRADIENT || (right && rows[k >> 1][0] === GRADIENT) ? "grad" : right ? "data" : "name");
    });
    const name = this.fullName(i), output = this.outputs[i].length === 1 ? this.outputs[i][0] : null;
    const full = output === null ? name : `${name}\ndata ${exact(state.data[output])}\ngrad ${exact(state.adjoints[output])}`;
    setText(cell.title, full);
    cell.g.setAttribute("aria-label", full);
  }

  fullName(i) {
    const { name, group, nodes } = this.map.cells[i], frame = this.map.frames.find(({ cells }) => cells.includes(i));
    const inFrame = group !== null && frame.title ? `${frame.title} / ${name}` : name;
    return nodes.length > 1 ? `${inFrame}, ${this.say("manyNodes", { count: nodes.length.toLocaleString() })}` : inFrame;
  }

  // The lines of a cell, each a pair of what stands on the left and on the right: name, value and gradient, as far as there is room.
  words(i, state) {
    const { lines, named, w } = this.places.cells[i], { group, name } = this.map.cells[i], out = this.outputs[i], { ruler } = this;
    const unit = ruler.size / 12, room = w - 9 * unit;
    if (named) return [[this.called(i), ""]];
    if (!lines) return [];
    if (out.length !== 1) {
      const got = out.filter((node) => state.adjoints[node] !== null).length;
      const rows = [name, this.say("outputs", { count: out.length.toLocaleString() }), `${GRADIENT} ${got.toLocaleString()} / ${out.length.toLocaleString()}`];
      return rows.slice(0, lines).map((row) => [ruler.fit(row, room), ""]);
    }
    const [node] = out, called = this.machine.nodes[node].name, value = (space) => ruler.number(state.data[node], space);
    const gradient = [GRADIENT, ruler.number(state.adjoints[node], room - 16 * unit)], left = ruler.bold.fit(called, room * 0.55);
    const line = [left, value(room - ruler.bold.width(left) - 5 * unit)];
    if (lines === 1) return [line];
    if (lines === 2) return [line, gradient];
    return group === null ? [[ruler.bold.fit(called, room), ""], ["", value(room)], gradient] : [[ruler.bold.fit(name, room), ""], line, gradient];
  }

  // Boxes too small for words get them in a tag while they are at work.
  callouts(state, marks) {
    const { ruler, places } = this, unit = ruler.size / 12, tags = [];
    for (const [kind, nodes] of [["current", marks.nodes], ["receives", marks.receivers]]) {
      const [node] = nodes, place = nodes.size === 1 ? places.cells[this.cellOf[node]] : null;
      if (!place || place.lines) continue;
      const { name } = this.machine.nodes[node], text = ruler.fit(`${name}  ${minus(show(state.data[node]))}  ${GRADIENT} ${minus(show(state.adjoints[node]))}`, places.width - 20 * unit);
      const w = ruler.width(text) + 12 * unit, h = 19 * unit, x = Math.min(places.width - w - 2, Math.max(2, place.x + place.w / 2 - w / 2));
      const above = place.y - h - 5 * unit, below = place.y + place.h + 5 * unit, up = kind === "current" ? above >= 0 : below + h > places.height;
      const tag = { x, y: Math.max(1, up ? above : below), w, h };
      const other = tags[0];
      if (other && other.x < tag.x + tag.w && tag.x < other.x + other.w && other.y < tag.y + tag.h && tag.y < other.y + other.h) tag.y = other.y + (other.y > places.height / 2 ? -h - 3 : h + 3);
      tags.push(tag);
      this.tag(tags.length - 1, kind, tag, text, unit);
    }
    [...this.over.children].slice(tags.length).forEach((each) => each.remove());
  }

  tag(k, kind, place, text, unit) {
    const drawn = svg("g", { class: `tag ${kind}` }, svg("path", { d: roundedBox(place, 4) }), svg("text", { x: place.x + 6 * unit, y: place.y + 13.5 * unit }));
    drawn.lastChild.textContent = text;
    if (this.over.children[k]) this.over.children[k].replaceWith(drawn);
    else this.over.append(drawn);
  }
}

// A frame and the room that it has: as many lines a box as the height of its column allows.
class Room {
  constructor(map, frame, width, unit, ruler) {
    Object.assign(this, { map, ...frame, width, unit, ruler });
    this.level = width >= 50 * unit ? 0 : ROWS.length;
    this.headed = Boolean(frame.title) && frame.cells.length > 1 && width >= 40 * unit;
    const { cells } = map.map;
    this.weight = frame.cells.every((cell) => cells[cell].group === null && !map.machine.nodes[cells[cell].nodes[0]].rule) ? 2 : 1; // leaves shrink first
  }

  get tiled() {
    return this.level >= ROWS.length;
  }

  // Tiles: how wide and high each, and how many stand side by side; 0 where not even one has room.
  get grid() {
    const { unit, cells, width } = this, [w, h] = TILES[this.level - ROWS.length];
    const wide = w * unit || Math.max(...cells.map((cell) => this.ruler.bold.width(this.map.called(cell)))) + 10 * unit;
    const across = Math.min(Math.floor(width / wide), Math.ceil(Math.sqrt(cells.length)));
    return { wide, high: h * unit, named: !w, across: Math.max(w === TILES.at(-1)[0] ? 1 : 0, across) };
  }

  get head() {
    return this.headed ? (LINE + 3) * this.unit : 0;
  }

  get height() {
    const { cells, unit, head } = this;
    if (!this.tiled) return head + cells.length * ROWS[this.level][0] * unit + (cells.length > 1 ? 6 * unit : 1);
    const { across, high } = this.grid;
    return across ? head + Math.ceil(cells.length / across) * high + 6 * unit : 1e6; // a name is wider than the column
  }

  get smaller() {
    return this.level < ROWS.length + TILES.length - 1;
  }

  settle(x, y, places) {
    const { cells, width, unit, head, title, headed } = this, margin = 4 * unit, top = y + head + (cells.length > 1 ? 3 * unit : 0);
    cells.forEach((cell, i) => (places[cell] = this.tiled ? this.tile(i, x, top) : this.row(i, x, top)));
    return { x: x - margin, y, w: width + 2 * margin, h: this.height, title, headed, cells };
  }

  row(i, x, top) {
    const { unit, width, level } = this, [high, lines] = ROWS[level];
    return { x, y: top + i * high * unit, w: width, h: (high - (level < 2 ? 3 : 2)) * unit, lines, named: false };
  }

  tile(i, x, top) {
    const { wide, high, across, named } = this.grid, left = x + (this.width - across * wide) / 2;
    return { x: left + (i % across) * wide, y: top + Math.floor(i / across) * high, w: wide - 2, h: high - 2, lines: 0, named };
  }
}

const heightOf = (frames) => frames.reduce((sum, { height }) => sum + height, 0);

// Make the frames of a column fit: the largest gets smaller boxes, again and again; last of all titles go.
function shrink(frames, height) {
  while (heightOf(frames) > height) {
    const able = frames.filter(({ smaller }) => smaller).sort((a, b) => b.height * b.weight - a.height * a.weight);
    const headed = frames.find((frame) => frame.headed);
    if (able.length) able[0].level += 1;
    else if (headed) headed.headed = false;
    else return;
  }
}
