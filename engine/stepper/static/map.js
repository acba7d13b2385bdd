// The map: the whole network, its groups closed. What stands where depends on the size of the window alone; a step changes nothing but
// the light.

const MOST_CURVES = 150; // between two frames; of more curves a band is drawn

class NetworkMap {
  constructor(machine, map, say, actions) {
    Object.assign(this, { machine, map, say, actions });
    this.cellOf = [];
    map.cells.forEach(({ nodes }, cell) => nodes.forEach((node) => (this.cellOf[node] = cell)));
    this.frameOf = [];
    map.frames.forEach((frame) => frame.cells.forEach((cell) => (this.frameOf[cell] = frame)));
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
      const key = `${from}>${to}`, link = links.get(key) ?? { from, to, edges: [] };
      link.edges.push({ edge: `${node}_${index}`, node, input: x, passes: this.machine.slopes[node][index] !== null });
      links.set(key, link);
    }));
    for (const link of links.values()) link.passing = link.edges.filter(({ passes }) => passes);
    return [...links.values()];
  }

  // What a cell is called: by its output, if it has one.
  called(cell) {
    const [output, ...more] = this.outputs[cell];
    return output === undefined || more.length ? this.map.cells[cell].name : this.machine.nodes[output].name;
  }

  // The same with the names of the groups around it.
  fullName(cell) {
    const { name, group, nodes } = this.map.cells[cell], { title } = this.frameOf[cell];
    if (group === null) return nodes.length === 1 ? wholeName(this.machine.nodes[nodes[0]]) : name;
    const { groups } = this.machine, { parent } = groups[group], whole = wholeName(groups[group]);
    return title ? `${parent === null ? title : wholeName(groups[parent])} / ${whole}` : whole;
  }

  // Draw it all, once for a size of the window.
  draw(places, ruler) {
    Object.assign(this, { places, ruler });
    this.free = null;
    this.placeOf = [];
    places.frames.forEach((frame) => frame.cells.forEach((cell) => (this.placeOf[cell] = frame)));
    this.under = svg("g", {}, places.frames.filter(({ drawn }) => drawn).map((frame) => this.frame(frame)));
    this.drawn = [];
    const between = svg("g", {}, this.ways().flatMap((links) => (links.length > MOST_CURVES ? this.band(links) : links.map((link) => this.curve(link)))));
    this.cells = this.map.cells.map((cell, i) => this.cell(cell, i));
    this.lines = svg("g", { class: "over" });
    this.over = svg("g", { class: "over" });
    return svg("g", { class: "map" }, this.under, between, this.lines, places.frames.flatMap(({ cells }) => cells.map((cell) => this.cells[cell].g)), this.over);
  }

  frame({ x, y, w, h, title }) {
    const unit = this.ruler.size / 12;
    return svg("g", { class: "cluster" }, svg("path", { d: roundedBox({ x, y, w, h }, 6) }),
      title ? this.ruler.label(title, w - 8 * unit, { x: x + 5 * unit, y: y + 13 * unit }) : null);
  }

  // The links, those between the same two frames together.
  ways() {
    const frames = this.places.frames, ways = new Map();
    for (const link of this.links) {
      const key = `${frames.indexOf(this.placeOf[link.from])}>${frames.indexOf(this.placeOf[link.to])}`;
      if (ways.has(key)) ways.get(key).push(link);
      else ways.set(key, [link]);
    }
    return [...ways.values()];
  }

  curve(link) {
    const g = arrowed(...this.ends(link), this.ruler.size / 12);
    g.append(svg("title"));
    this.drawn.push({ g, links: [link], edges: link.edges, passing: link.passing, known: "" });
    return g;
  }

  band(links) {
    const a = this.placeOf[links[0].from], b = this.placeOf[links[0].to], x = a.x + a.w, m = (x + b.x) / 2;
    const path = svg("path", { d: `M${x},${a.y}C${m},${a.y} ${m},${b.y} ${b.x},${b.y}V${b.y + b.h}C${m},${b.y + b.h} ${m},${a.y + a.h} ${x},${a.y + a.h}Z` });
    const g = svg("g", { class: "band" }, path, svg("title"));
    this.drawn.push({ g, links, edges: links.flatMap(({ edges }) => edges), passing: links.flatMap(({ passing }) => passing), band: true, known: "" });
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
    const texts = Array.from({ length: place.named ? 1 : 2 * place.lines }, () => svg("text"));
    const { x, y, w, h } = place, size = Math.min((place.named ? 4 : 6) * (this.ruler.size / 12), h / 2), corner = svg("path", { class: "sign", d: `M${x + w - 1},${y + 1}v${size}l${-size},${-size}z` });
    const g = svg("g", { class: `node ${kind}`, role: "button", tabindex: "-1", "data-id": `c${i}` }, path, place.lines > 1 ? null : corner, texts, title);
    g.addEventListener("click", () => this.actions.look(i));
    return { g, nodes, texts, title, place, known: "", said: "" };
  }

  update(state, marks) {
    Object.assign(this, { state, marks });
    this.cells.forEach((cell, i) => this.updateCell(cell, i, state, marks));
    const apart = [], words = this.say("passed"); // in the language that is spoken
    for (const drawn of this.drawn) {
      const done = doneOf(drawn.passing, state);
      mark(drawn, edgeClasses(drawn.edges, drawn.passing.length, done, state, marks));
      if (drawn.band && /current|lit/.test(drawn.known)) apart.push(...drawn.links);
      if (drawn.told === words + done) continue;
      drawn.told = words + done;
      const single = drawn.links.length === 1 && drawn.edges.length === 1;
      setText(drawn.g.lastChild, single ? this.between(drawn.links[0]) : `${drawn.band ? "" : `${this.between(drawn.links[0])}: `}${this.say("passed", { done: done.toLocaleString(), count: drawn.passing.length.toLocaleString() })}`);
    }
    this.lines.replaceChildren(...apart.flatMap((link) => this.apart(link)));
    this.speak();
  }

  between({ from, to }) {
    return `${this.fullName(from)} → ${this.fullName(to)}`;
  }

  // A line of a band that is at work, or on a path that is looked at.
  apart(link) {
    const classes = edgeClasses(link.edges, link.passing.length, doneOf(link.passing, this.state), this.state, this.marks);
    if (!classes[1] && !classes[2]) return [];
    const part = { g: arrowed(...this.ends(link), this.ruler.size / 12), known: "" };
    mark(part, classes);
    return [part.g];
  }

  updateCell(cell, i, state, marks) {
    mark(cell, boxClasses(this.machine, cell.nodes, state, marks));
    const rows = this.words(i, state), said = rows.flat().join("|");
    if (cell.said === said) return;
    cell.said = said;
    const { place, texts } = cell, unit = this.ruler.size / 12, top = place.y + (place.lines > 1 ? 12.5 : place.h / unit < 16 ? 11.5 : 12) * unit;
    texts.forEach((text, k) => {
      const words = rows[k >> 1]?.[k & 1] ?? "";
      setText(text, words);
      if (!words) return;
      const right = k & 1, middle = place.named;
      text.setAttribute("x", middle ? place.x + place.w / 2 : right ? place.x + place.w - (place.lines === 1 ? 10 : 4) * unit : place.x + 4 * unit);
      text.setAttribute("y", top + (k >> 1) * 14 * unit);
      text.setAttribute("text-anchor", middle ? "middle" : right ? "end" : "start");
      text.setAttribute("class", words === GRADIENT || (right && rows[k >> 1][0] === GRADIENT) ? "grad" : right || k > 1 && this.outputs[i].length > 1 ? "data" : "name");
    });
    const output = this.outputs[i].length === 1 ? this.outputs[i][0] : null, { length } = cell.nodes;
    const name = length > 1 ? `${this.fullName(i)}, ${this.say("manyNodes", { count: length.toLocaleString() })}` : this.fullName(i);
    const full = output === null ? name : `${name}\n${length > 1 ? `${this.machine.nodes[output].name}: ` : ""}data ${exact(state.data[output])}\ngrad ${exact(state.adjoints[output])}`;
    setText(cell.title, full);
    cell.g.setAttribute("aria-label", full);
  }

  // The lines of a box: pairs of what stands on the left and on the right.
  words(i, state) {
    const { lines, named, w, values } = this.places.cells[i], { ruler } = this, unit = ruler.size / 12, room = w - 8 * unit, { name, group } = this.map.cells[i], out = this.outputs[i];
    if (named) return [[ruler.bold.fit(this.called(i), w - 4 * unit), ""]];
    if (!lines) return [];
    if (out.length !== 1) {
      const got = out.filter((node) => state.adjoints[node] !== null).length, count = out.length.toLocaleString(), left = ruler.bold.fit(name, room);
      const long = this.say("outputs", { count }), rows = [[left, ""], [ruler.width(long) > room ? `× ${count}` : long, ""], ruler.width(`${GRADIENT} ${count} / ${count}`) > room ? ["", ""] : [GRADIENT, `${got.toLocaleString()} / ${count}`]];
      return rows.slice(0, lines);
    }
    const [node] = out, called = this.machine.nodes[node].name, value = (space) => (space < 10 * unit ? "" : ruler.number(state.data[node], space, ""));
    const gradient = [GRADIENT, ruler.number(state.adjoints[node], room - (room < 60 * unit ? 8 : 14) * unit, "")], short = ruler.bold.width(called) <= room;
    const left = short ? called : ruler.bold.fit(called, Math.max(room - 46 * unit, room * 0.6)), corner = lines === 1 ? 6 * unit : 0, line = [left, value(room - corner - ruler.bold.width(left) - 4 * unit)];
    if (lines === 1) return [values ? line : [ruler.bold.fit(called, room - 4 * unit), ""]];
    if (lines === 2) return [line, gradient];
    return group === null ? [[ruler.bold.fit(called, room), ""], ["", value(room)], gradient] : [[ruler.bold.fit(name, room), ""], line, gradient];
  }

  // What is at work and is too small for words gets them beside it; so does the line along which a gradient passes, where there is room.
  speak() {
    const { ruler, places, marks, state } = this, unit = ruler.size / 12, said = [];
    this.free ??= this.wordless();
    const labels = new MapLabels(places.width, places.height, this.free), at = (node) => places.cells[this.cellOf[node]];
    const busy = [...marks.nodes, ...(marks.receivers.size === 1 ? marks.receivers : [])].map(at);
    for (const [kind, nodes, sign] of [["current", marks.nodes, marks.passing ? "◂ " : ""], ["receives", marks.receivers, "+= "]]) {
      const [node] = nodes, place = nodes.size === 1 ? at(node) : null;
      if (!place || place.lines || place.named) continue;
      const name = ruler.bold.fit(this.machine.nodes[node].name, 110 * unit), text = ruler.fit(`${sign}${name}  ${minus(show(state.data[node]))}  ${GRADIENT} ${minus(show(state.adjoints[node]))}`, places.width - 20 * unit);
      const middle = [place.x + place.w / 2, place.y + place.h / 2], tag = labels.find(ruler.width(text) + 12 * unit, 19 * unit, middle, Infinity, busy);
      if (tag) said.push(this.tag(kind, tag, text, middle, unit));
    }
    const link = marks.passing && this.links.find(({ edges }) => edges.some(({ edge }) => edge === marks.passing.edge));
    const words = link && `◂ ${passedAlong(this.machine, link, state, this.say)}`, [a, b] = link ? this.ends(link) : [];
    const spot = link && labels.find(ruler.bold.width(words) + 8, 22 * unit, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], 70 * unit, busy);
    if (spot) said.push(svg("text", { class: "passing", x: spot.x + spot.w / 2, y: spot.y + 15 * unit }, words));
    this.over.replaceChildren(...said);
  }

  // Where words stand already.
  wordless() {
    const unit = this.ruler.size / 12, titles = this.places.frames.filter(({ title }) => title);
    return [...this.places.cells.filter(({ lines, named }) => lines || named), ...titles.map(({ x, y, w }) => ({ x, y, w, h: TITLE_LINE * unit }))];
  }

  tag(kind, place, text, [x, y], unit) {
    const near = [Math.max(place.x, Math.min(place.x + place.w, x)), Math.max(place.y, Math.min(place.y + place.h, y))];
    return svg("g", { class: `tag ${kind}` }, svg("line", { x1: x, y1: y, x2: near[0], y2: near[1] }), svg("path", { d: roundedBox(place, 4) }),
      svg("text", { x: place.x + 6 * unit, y: place.y + 13.5 * unit }, text));
  }
}

// A curve with a head at each end: the one that is seen shows which way a number goes.
function arrowed(from, to, unit) {
  const head = ([x, y], sign) => `${x},${y} ${x + sign * 7 * unit},${y - 4 * unit} ${x + sign * 7 * unit},${y + 4 * unit}`;
  return svg("g", { class: "edge" }, svg("path", { d: curve(from, to), fill: "none" }), svg("polygon", { class: "back", points: head(from, 1) }), svg("polygon", { class: "fore", points: head(to, -1) }));
}
