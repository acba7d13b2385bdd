// The lens: all of a small group, else the node at work, with its inputs on the left and its users on the right; every `+=` has a line.

const WHOLE = 3; // a chain of so many operations is shown whole

class Lens {
  constructor(machine, network, say, actions) {
    Object.assign(this, { machine, network, say, actions });
    this.g = svg("g", { class: "lens" });
  }

  // What is looked at: the operations of a cell that form a short chain, or one of them.
  subject(cell, node) {
    const { nodes } = this.machine, inside = this.network.map.cells[cell].nodes, operations = inside.filter((each) => nodes[each].rule);
    const at = node !== undefined && inside.includes(node) && (nodes[node].rule || !operations.length) ? node : operations.at(-1) ?? inside[0];
    const chain = operations.every((each, i) => !i || nodes[each].inputs.every((x) => typeof x !== "number" || x === operations[i - 1]))
      && operations.slice(0, -1).every((each) => nodes[each].users.every(([user]) => operations.includes(user)));
    const core = chain && operations.length && operations.length <= WHOLE ? operations : [at];
    return { core, others: operations.length - core.length, at };
  }

  // Draw it anew into a place of the window, with numbers and marks of a state.
  draw(place, cell, node, index, state, marks, pinned) {
    const { ruler } = this.network, unit = ruler.size / 12, subject = this.subject(cell, node);
    Object.assign(this, { place, state, marks, ruler, unit, node, index });
    this.lines = svg("g");
    this.boxes = svg("g");
    const words = svg("text", { class: "title", x: place.x + 10 * unit, y: place.y + 17 * unit });
    words.textContent = ruler.fit(this.title(cell, subject, pinned), place.w - 20 * unit);
    this.g.replaceChildren(svg("path", { class: "ground", d: roundedBox(place, 8) }), this.lines, this.boxes, words);
    this.g.setAttribute("class", `lens${pinned ? " pinned" : ""}`);
    this.compose(subject.core);
  }

  title(cell, { core, others, at }, pinned) {
    const { name } = this.machine.nodes[at], whole = this.network.map.cells[cell].nodes.length === 1 ? name : this.network.cellName(cell);
    return `${pinned ? "📌 " : ""}${whole}${others > 0 ? ` – ${this.say("oneOf", { node: name, count: (others + core.length).toLocaleString() })}` : ""}`;
  }

  // Rows of inputs: for a weighted sum the pairs of x and w, and b by itself.
  rows(core) {
    const { inputs, rule } = this.machine.nodes[core[0]], count = (inputs.length - 1) / 2;
    const pairs = rule === "weighted_sum" && count > 0;
    return { pairs, rows: pairs ? [...Array(count).keys()].map((k) => [k, count + k]).concat([[2 * count]]) : inputs.map((_, k) => [k]) };
  }

  compose(core) {
    const { place, unit, machine } = this, { nodes } = machine, { pairs, rows } = this.rows(core), users = nodes[core.at(-1)].users;
    const gaps = [...(pairs ? [18] : []), ...(rows.length ? [66] : []), ...(users.length ? [66] : [])].map((gap) => gap * unit);
    const sum = gaps.reduce((a, b) => a + b, 0), count = gaps.length + 1, room = place.w - 30 * unit - sum;
    const w = Math.max(40, Math.min(230 * unit, room / count)), more = count > 1 ? (room - count * w) / (count - 1) : 0;
    const x = (column) => place.x + 15 * unit + column * (w + more) + gaps.slice(0, column).reduce((a, b) => a + b, 0);
    const single = w >= 150 * unit, h = (single ? 21 : 35) * unit, most = Math.max(1, Math.floor((place.h - 48 * unit) / h));
    Object.assign(this, { w, h, single, middle: place.y + 24 * unit + (place.h - 32 * unit) / 2 });
    const at = core[0] === this.node ? rows.findIndex((row) => row.includes(this.index)) : 0;
    const left = excerpt(rows, at, most), right = excerpt(users, users.findIndex(([user, k]) => user === this.node && k === this.index), most);
    const column = pairs ? 2 : rows.length ? 1 : 0;
    this.operations(core, x(column));
    if (rows.length) this.inputs(core[0], left, rows, pairs, x, column);
    if (users.length) this.users(core.at(-1), right, users, x(column + 1), x(column) + w);
  }

  // The operations of a chain, one below the other.
  operations(core, x) {
    const { nodes } = this.machine, { unit, h, w, middle } = this, step = h + 38 * unit;
    this.at = new Map(core.map((node, i) => [node, middle + (i - (core.length - 1) / 2) * step - 8 * unit]));
    core.forEach((node, i) => {
      const y = this.at.get(node);
      if (i) nodes[node].inputs.forEach((from, index) => typeof from === "number" && this.edge([x + w / 2, this.at.get(from) + h / 2], [x + w / 2, y - h / 2], node, index, [x + w / 2 + 8 * unit, y - h / 2 - 8 * unit, "start", "▴", w / 2 - 10 * unit]));
      this.box(x, y - h / 2, node);
      const text = svg("text", { class: "operation", x: x + w - 3 * unit, y: y + h / 2 + 14 * unit, "text-anchor": "end" });
      text.textContent = this.ruler.fit(nodes[node].rule === "weighted_sum" ? "Σ w·x + b" : nodes[node].text, w + 30 * unit);
      this.boxes.append(text);
    });
    this.x = x;
  }

  inputs(node, { shown, above, below }, rows, pairs, x, column) {
    const { inputs } = this.machine.nodes[node], { unit, h, w } = this, top = this.middle - (shown.length * h) / 2;
    const to = [this.x, this.at.get(node)], current = node === this.node;
    shown.forEach((row, i) => {
      const y = top + i * h, index = current && row.includes(this.index) ? this.index : row[0], from = [x(column - 1) + w, y + h / 2];
      this.edge(from, to, node, index, current && row.includes(this.index) ? [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2 - 6 * unit, "middle", "◂", to[0] - from[0] - 6 * unit] : null, row);
      if (pairs && row.length === 2) {
        this.box(x(0), y, inputs[row[1]]);
        const times = svg("text", { x: (x(0) + w + x(1)) / 2, y: y + h / 2 + 4 * unit, "text-anchor": "middle" });
        times.textContent = "×";
        this.boxes.append(times);
      }
      this.box(x(column - 1), y, inputs[row[0]]);
    });
    const done = (some) => some.flat().filter((k) => this.state.done.has(`${node}_${k}`)).length;
    this.more(above, done(above), x(column - 1), top - 5 * unit);
    this.more(below, done(below), x(column - 1), top + shown.length * h + 12 * unit);
  }

  users(node, { shown, above, below }, users, x, from) {
    const { unit, h } = this, top = this.middle - (shown.length * h) / 2;
    shown.forEach(([user, index], i) => {
      const y = top + i * h;
      this.edge([from, this.at.get(node)], [x, y + h / 2], user, index, [x - 5 * unit, y + h / 2 - 6 * unit, "end", "◂", x - from - 12 * unit]);
      this.box(x, y, user);
    });
    const done = (some) => some.filter(([user, k]) => this.state.done.has(`${user}_${k}`)).length;
    this.more(above, done(above), x, top - 5 * unit);
    this.more(below, done(below), x, top + shown.length * h + 12 * unit);
  }

  more(rows, done, x, y) {
    if (!rows.length) return;
    const text = svg("text", { class: "operation", x: x + 4 * this.unit, y });
    text.textContent = this.ruler.fit(`⋮ ${this.say("moreRows", { count: rows.length.toLocaleString(), done: done.toLocaleString() })}`, this.w);
    this.boxes.append(text);
  }

  // An edge, and the number that has run along it.
  edge(from, to, node, index, label, row = [index]) {
    const edges = row.map((k) => ({ edge: `${node}_${k}`, node })), passing = row.filter((k) => this.machine.slopes[node][k] !== null);
    const done = passing.filter((k) => this.state.done.has(`${node}_${k}`)).length;
    const part = { g: svg("g", { class: "edge" }, svg("path", { d: curve(from, to), fill: "none" })), known: "" };
    mark(part, edgeClasses(edges, passing.length, done, this.state, this.marks));
    this.lines.append(part.g);
    const number = this.network.contribution(node, index);
    if (!label || number === null || !this.state.done.has(`${node}_${index}`)) return;
    const [x, y, anchor, sign, room] = label, text = svg("text", { class: "passing", x, y, style: `text-anchor: ${anchor}` });
    text.textContent = `${sign} ${this.ruler.bold.number(number, room - this.ruler.bold.width(`${sign} `))}`;
    this.boxes.append(text);
  }

  // A node, or a constant.
  box(x, y, node) {
    const { unit, w, h, single, ruler, state, machine } = this, inside = h - 4 * unit, place = { x, y: y + 2 * unit, w, h: inside };
    const constant = typeof node !== "number", line = y + (single ? inside / 2 + 6 * unit : 15 * unit), texts = [];
    const write = (at, words, anchor, kind, below = 0) => {
      const text = svg("text", { x: at, y: line + below, "text-anchor": anchor, class: kind });
      text.textContent = words;
      texts.push(text);
    };
    const { name, kind, rule } = constant ? { name: String(node.constant), kind: "constant" } : machine.nodes[node];
    const part = { g: svg("g", { class: `node ${rule && kind !== "result" ? "operation" : kind}`, role: "button", tabindex: "-1" }, svg("path", { d: roundedBox(place, 4) })), known: "" };
    if (constant) write(x + 6 * unit, ruler.bold.fit(name, w - 12 * unit), "start", "name");
    else this.numbers(place, node, name, write);
    part.g.append(...texts);
    if (!constant) {
      mark(part, boxClasses(machine, [node], state, this.marks));
      const full = `${name}${machine.nodes[node].text && ` = ${machine.nodes[node].text}`}\ndata ${exact(state.data[node])}\n${state.adjoints[node] === null || state.complete[node] ? "grad" : this.say("soFar")} ${exact(state.adjoints[node])}`;
      part.g.append(Object.assign(svg("title"), { textContent: full }));
      part.g.setAttribute("aria-label", full);
      part.g.dataset.id = `v${node}`;
      part.g.addEventListener("click", () => this.actions.choose(node));
    }
    this.boxes.append(part.g);
  }

  numbers({ x, w }, node, name, write) {
    const { single, unit, ruler, state } = this, data = state.data[node], grad = state.adjoints[node];
    const open = grad !== null && !state.complete[node], soFar = this.say("soFar");
    const gradient = (room) => {
      const word = open && ruler.width(`${soFar} ${minus(show(grad))}`) <= room ? soFar : GRADIENT;
      return `${word} ${ruler.number(grad, room - ruler.width(`${word} `))}`;
    };
    if (single) {
      const third = w / 3, label = ruler.bold.fit(name, w * 0.34);
      write(x + 6 * unit, label, "start", "name");
      write(x + w * 0.65, ruler.number(data, w * 0.65 - ruler.bold.width(label) - 14 * unit), "end", "data");
      write(x + w - 5 * unit, gradient(third - 4 * unit), "end", "grad");
    } else {
      const label = ruler.bold.fit(name, (w - 14 * unit) * 0.6);
      write(x + 6 * unit, label, "start", "name");
      write(x + w - 5 * unit, ruler.number(data, w - 18 * unit - ruler.bold.width(label)), "end", "data");
      write(x + w - 5 * unit, gradient(w - 14 * unit), "end", "grad", 14 * unit);
    }
  }
}

// So many rows, with the wanted one among them.
function excerpt(rows, wanted, most) {
  if (rows.length <= most) return { shown: rows, above: [], below: [] };
  const kept = Math.max(1, most - 1), start = Math.max(0, Math.min(rows.length - kept, wanted - (kept >> 1)));
  return { shown: rows.slice(start, start + kept), above: rows.slice(0, start), below: rows.slice(start + kept) };
}
