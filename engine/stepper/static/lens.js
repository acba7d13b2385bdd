// The lens: all of a short chain, else the node at work, with its inputs on the left and its users on the right; every `+=` has a line.

const WHOLE_CHAIN = 3; // a chain of so many operations is shown whole
const FLAT = 35, STACKED = 49, CHAIN_GAP = 38, STRIP = 24; // pixels at a text of 12: a box of two lines, of three, between those of a chain, a row of chips
const TIMES_GAP = 16, LENS_GAP = 76, NARROW_GAP = 52, NARROW_LENS = 440; // pixels at a text of 12: between x and w, beside a column that numbers pass, a narrow lens

class Lens {
  constructor(machine, network, say, actions) {
    Object.assign(this, { machine, network, say, actions });
    this.g = svg("g", { class: "lens", role: "group" });
  }

  // What is looked at: the operations of a cell, if they form a chain for which there is room, or one of them.
  subject(cell, node) {
    const { nodes } = this.machine, inside = this.network.map.cells[cell].nodes, operations = inside.filter((each) => nodes[each].rule);
    const at = node !== undefined && inside.includes(node) && (nodes[node].rule || !operations.length) ? node : operations.at(-1) ?? inside[0];
    const chain = operations.every((each, i) => !i || nodes[each].inputs.every((x) => typeof x !== "number" || x === operations[i - 1]))
      && operations.slice(0, -1).every((each) => nodes[each].users.every(([user]) => operations.includes(user)));
    const whole = chain && operations.length && operations.length <= WHOLE_CHAIN && this.fits(operations.length, this.narrow ? STACKED : FLAT);
    return { core: whole ? operations : [at], operations, whole, at };
  }

  // Whether so many boxes of a chain, so high, have room below what stands above them.
  fits(count, high) {
    return (count * (high + CHAIN_GAP) - CHAIN_GAP) * this.unit <= this.place.h - (this.network.map.cells[this.cell].looks ? 48 : 30) * this.unit;
  }

  // Draw it anew into a place of the window, with numbers and marks of a state.
  draw(place, { cell, node, index }, state, marks, pinned) {
    const { ruler } = this.network, unit = ruler.size / 12;
    Object.assign(this, { place, state, marks, ruler, unit, node, index, cell, narrow: place.w < NARROW_LENS * unit });
    const subject = this.subject(cell, node);
    this.lines = svg("g");
    this.boxes = svg("g");
    const title = this.title(cell, subject, pinned), words = ruler.bold.label(title, place.w - 20 * unit, { class: "title", x: place.x + 10 * unit, y: place.y + 17 * unit });
    this.g.replaceChildren(svg("path", { class: "ground", d: roundedBox(place, 8) }), this.lines, this.boxes, words);
    this.g.setAttribute("class", `lens${pinned ? " pinned" : ""}`);
    this.g.setAttribute("aria-label", title);
    this.top = place.y + 24 * unit;
    if (this.network.map.cells[cell].looks) this.sentence(cell, node ?? subject.at);
    const rest = place.y + place.h - this.top - ((this.narrow ? STACKED : FLAT) + 40) * unit; // but for a row, what stands above and below it, and a margin
    if (subject.operations.length > 1 && !subject.whole && rest >= STRIP * unit) this.strip(subject);
    this.compose(subject.core);
  }

  title(cell, { operations, whole, at }, pinned) {
    const one = operations.length > 1 && !whole, node = this.machine.nodes[at].name;
    return `${pinned ? "◉ " : ""}${this.network.cellName(cell)}${one ? ` – ${this.say("oneOf", { node, count: operations.length.toLocaleString() })}` : ""}`;
  }

  // What a head of attention looks at: the largest shares of the row in which the node at work is.
  sentence(cell, node) {
    const { looks, name } = this.network.map.cells[cell], row = looks[this.rowOf(looks, node, cell)], { unit, place } = this;
    if (row.some((x) => this.state.data[x] === null)) return;
    const largest = row.map((x, i) => [this.state.data[x], i + 1]).sort((a, b) => b[0] - a[0]);
    const parts = largest.map(([share, token]) => this.say("looksAt", { token, share: String(Number(share.toFixed(2))) }));
    const said = (count) => this.say("looks", { head: name, token: looks.indexOf(row) + 1, list: parts.slice(0, count).join(", ") });
    const words = said([3, 2].find((count) => this.ruler.width(said(count)) < place.w - 20 * unit) ?? 1);
    this.boxes.append(this.ruler.label(words, place.w - 20 * unit, { class: "looks", x: place.x + 10 * unit, y: this.top + 12 * unit }));
    this.top += 18 * unit;
  }

  // The row of shares that a node of a head makes, is, or serves.
  rowOf(looks, node, cell) {
    if (!this.rows?.[cell]) {
      const { nodes } = this.machine, inside = new Set(this.network.map.cells[cell].nodes), rows = new Map();
      looks.forEach((row, i) => {
        for (const waiting = [...row]; waiting.length; ) {
          const x = waiting.pop();
          if (rows.has(x) || !inside.has(x)) continue;
          rows.set(x, i);
          waiting.push(...nodes[x].inputs.filter((from) => typeof from === "number"));
        }
        row.forEach((x) => nodes[x].users.forEach(([user]) => inside.has(user) && rows.set(user, i)));
      });
      (this.rows ??= {})[cell] = rows;
    }
    return this.rows[cell].get(node) ?? looks.length - 1;
  }

  // The operations of the cell in their order, as many as there is room for around the one at work.
  strip({ operations, at }) {
    const { place, unit, ruler } = this, room = place.w - 20 * unit, wide = (node) => Math.min(130 * unit, ruler.width(this.chip(node)) + 12 * unit);
    let [from, to] = [operations.indexOf(at), operations.indexOf(at) + 1], used = wide(at) + 40 * unit;
    for (let more = true; more; ) {
      more = false;
      for (const next of [from - 1, to]) {
        if (!(next in operations) || used + wide(operations[next]) + 4 * unit > room) continue;
        used += wide(operations[next]) + 4 * unit;
        [from, to, more] = [Math.min(from, next), Math.max(to, next + 1), true];
      }
    }
    let x = place.x + 10 * unit;
    const dots = () => {
      this.boxes.append(svg("text", { class: "operation", x, y: this.top + 13 * unit }, "…"));
      x += 18 * unit;
    };
    if (from) dots();
    for (const node of operations.slice(from, to)) {
      const w = wide(node), part = { g: svg("g", { class: "node chip", role: "button", tabindex: "-1" }, svg("path", { d: roundedBox({ x, y: this.top, w, h: 18 * unit }, 4) }), svg("text", { x: x + 6 * unit, y: this.top + 13 * unit }, ruler.fit(this.chip(node), w - 10 * unit))), known: "" };
      this.button(part, node);
      x += w + 4 * unit;
    }
    if (to < operations.length) dots();
    this.top += STRIP * unit;
  }

  chip(node) {
    return `${this.machine.nodes[node].name} = ${this.written(node, 0)}`;
  }

  // An operation in few letters: numbers in four digits.
  written(node, room) {
    const { text, rule, inputs } = this.machine.nodes[node], sum = inputs.at(-1)?.constant === 0 ? "Σ w·x" : "Σ w·x + b";
    if (rule === "weighted_sum") return this.ruler.width(sum) <= room ? sum : "Σ";
    return text.replace(/\d+\.\d{4,}(e[+-]?\d+)?/g, (number) => minus(show(Number(number))));
  }

  // Rows of inputs: for a weighted sum the pairs of w and x, and b by itself; one below the other where it is narrow.
  rowsOf(core) {
    const { inputs, rule } = this.machine.nodes[core[0]], count = (inputs.length - 1) / 2, sum = rule === "weighted_sum" && count > 0;
    const pairs = sum && !this.narrow, all = [...Array(count | 0).keys()];
    const rows = pairs ? all.map((k) => [k, count + k]).concat([[2 * count]]) : sum ? all.flatMap((k) => [[count + k], [k]]).concat([[2 * count]]) : inputs.map((_, k) => [k]);
    return { pairs, rows: rows.filter(([k]) => !sum || k < 2 * count || typeof inputs[k] === "number" || inputs[k].constant !== 0) }; // no b is no row
  }

  compose(core) {
    const { place, unit, machine, narrow } = this, { nodes } = machine, { pairs, rows } = this.rowsOf(core), { inputs } = nodes[core[0]], users = nodes[core.at(-1)].users;
    const between = (narrow ? NARROW_GAP : LENS_GAP) * unit, column = pairs ? 2 : rows.length ? 1 : 0;
    const columns = [...(pairs ? [rows.flatMap((row) => (row.length > 1 ? [inputs[row[1]]] : []))] : []), ...(rows.length ? [rows.map(([k]) => inputs[k])] : []), core, ...(users.length ? [users.map(([user]) => user)] : [])];
    const gaps = columns.slice(1).map((_, i) => (pairs && !i ? TIMES_GAP * unit : between)), sum = gaps.reduce((a, b) => a + b, 0), room = place.w - 20 * unit - sum;
    const digits = this.ruler.width(FOUR_DIGITS), names = columns.map((each) => Math.min(160 * unit, Math.max(...each.map((node) => this.ruler.bold.width(nodes[node]?.name ?? "")))));
    const single = !narrow && names.reduce((a, b) => a + Math.min(b, 110 * unit) + 2 * digits + 40 * unit, 0) <= room;
    const boxes = (wanted, least) => sharedOut(wanted.map((w) => Math.min(w, room / columns.length, least * unit)), wanted, room);
    const flat = boxes(names.map((name) => Math.min(name, 110 * unit) + (single ? 2 : 1) * digits + (single ? 40 : 18) * unit), 84);
    const stacked = narrow || (!single && this.fits(core.length, STACKED) && names.some((name, i) => name > this.besideNumber(flat[i] - 12 * unit))); // the name has a line by itself
    const widths = stacked ? boxes(names.map((name) => Math.max(name, digits + 10 * unit) + 14 * unit), 60) : flat;
    const spare = Math.max(0, room - widths.reduce((a, b) => a + b)), wide = gaps.length - (pairs ? 1 : 0), extra = Math.min(90 * unit, spare / Math.max(1, wide)), xs = [];
    let x = place.x + 10 * unit + (spare - extra * wide) / 2;
    widths.forEach((w, i) => {
      xs.push({ x, w });
      x += w + (gaps[i] ?? 0) + (pairs && !i ? 0 : extra);
    });
    const h = (single ? 22 : stacked ? STACKED : FLAT) * unit, bottom = place.y + place.h - 6 * unit, most = Math.max(1, Math.floor((bottom - this.top) / h)), many = Math.max(1, Math.floor((bottom - this.top - 30 * unit) / h));
    Object.assign(this, { h, single, stacked, extra, middle: (this.top + bottom) / 2 });
    const wantedRow = core[0] === this.node ? rows.findIndex((row) => row.includes(this.index)) : 0, limit = (list) => (list.length <= most ? most : many);
    const left = excerpt(rows, wantedRow, limit(rows)), right = excerpt(users, users.findIndex(([user, k]) => user === this.node && k === this.index), limit(users));
    this.operations(core, xs[column]);
    if (rows.length) this.inputs(core[0], left, pairs, xs, column);
    if (users.length) this.users(core.at(-1), right, xs[column + 1], xs[column]);
  }

  // The operations of a chain, one below the other.
  operations(core, { x, w }) {
    const { unit, h, middle, ruler, machine: { nodes } } = this, step = h + CHAIN_GAP * unit, centre = x + w / 2;
    this.at = new Map(core.map((node, i) => [node, middle + (i - (core.length - 1) / 2) * step - 8 * unit]));
    core.forEach((node, i) => {
      const y = this.at.get(node), last = i === core.length - 1;
      if (i) nodes[node].inputs.forEach((from, index) => typeof from === "number" && this.edge([centre, this.at.get(from) + h / 2 - 2 * unit], [centre, y - h / 2 + 2 * unit], node, index, [centre - 7 * unit, y - h / 2 - 10 * unit, "end", w / 2 - 6 * unit]));
      this.box(x, y - h / 2, w, node);
      if (!nodes[node].rule) return;
      const space = last ? w + 40 * unit : w / 2 - 8 * unit + this.extra / 2, text = this.written(node, space);
      if (ruler.width(text) <= space || space > 60 * unit) this.boxes.append(ruler.label(text, space, { class: "operation", x: last ? x + w : centre + 8 * unit, y: y + h / 2 + 13 * unit, "text-anchor": last ? "end" : "start" }));
    });
    this.x = x;
  }

  inputs(node, { shown, above, below }, pairs, xs, column) {
    const { inputs } = this.machine.nodes[node], { unit, h } = this, top = this.middle - (shown.length * h) / 2, { x, w } = xs[column - 1];
    const to = [this.x, this.at.get(node)], current = node === this.node;
    shown.forEach((row, i) => {
      const y = top + i * h, at = current && row.includes(this.index), from = [x + w, y + h / 2];
      this.edge(from, to, node, at ? this.index : row[0], at ? [from[0] + (this.narrow ? 3 : 10) * unit, from[1] - 5 * unit, "start", to[0] - from[0] - (this.narrow ? 5 : 12) * unit] : null, row);
      if (pairs && row.length === 2) {
        this.box(xs[0].x, y, xs[0].w, inputs[row[1]]);
        this.boxes.append(svg("text", { x: (xs[0].x + xs[0].w + x) / 2, y: y + h / 2 + 4 * unit, "text-anchor": "middle" }, "×"));
      }
      this.box(x, y, w, inputs[row[0]]);
    });
    const done = (some) => some.flat().filter((k) => this.state.done.has(`${node}_${k}`)).length, left = pairs ? xs[0].x : x;
    this.more(above, done(above), left, top - 4 * unit, x + w - left + 30 * unit);
    this.more(below, done(below), left, top + shown.length * h + 12 * unit, x + w - left + 30 * unit);
  }

  users(node, { shown, above, below }, { x, w }, core) {
    const { unit, h } = this, top = this.middle - (shown.length * h) / 2, from = core.x + core.w;
    shown.forEach(([user, index], i) => {
      const y = top + i * h;
      this.edge([from, this.at.get(node)], [x, y + h / 2], user, index, [x - 3 * unit, y + h / 2 - 5 * unit, "end", x - from - (this.narrow ? 5 : 12) * unit]);
      this.box(x, y, w, user);
    });
    const done = (some) => some.filter(([user, k]) => this.state.done.has(`${user}_${k}`)).length;
    this.more(above, done(above), x + w, top - 4 * unit, w + 60 * unit, "end");
    this.more(below, done(below), x + w, top + shown.length * h + 12 * unit, w + 60 * unit, "end");
  }

  more(rows, done, x, y, room, anchor = "start") {
    if (!rows.length) return;
    const count = rows.length.toLocaleString(), words = `⋮ ${this.say("moreRows", { count, done: done.toLocaleString() })}`;
    const place = { class: "operation", x: x + (anchor === "end" ? -4 : 4) * this.unit, y, "text-anchor": anchor };
    this.boxes.append(this.ruler.label(words, room, place, this.ruler.width(words) > room ? `⋮ + ${count}` : words));
  }

  // An edge, and the number that has run along it.
  edge(from, to, node, index, label, row = [index]) {
    const edges = row.map((k) => ({ edge: `${node}_${k}`, node })), passing = row.filter((k) => this.machine.slopes[node][k] !== null);
    const done = passing.filter((k) => this.state.done.has(`${node}_${k}`)).length;
    const part = { g: from[0] === to[0] ? upright(from, to, this.unit) : arrowed(from, to, this.unit), known: "" };
    mark(part, edgeClasses(edges, passing.length, done, this.state, this.marks));
    this.lines.append(part.g);
    const number = this.machine.contribution(`${node}_${index}`);
    if (!label || number === null || !this.state.done.has(`${node}_${index}`)) return;
    const [x, y, anchor, room] = label, words = this.ruler.bold.number(number, room, "");
    this.boxes.append(svg("text", { class: "passing", x, y, style: `text-anchor: ${anchor}` }, words));
  }

  // A node, or a constant.
  box(x, y, w, node) {
    const { unit, h, single, ruler, machine } = this, inside = h - 4 * unit, place = { x, y: y + 2 * unit, w, h: inside };
    const constant = typeof node !== "number", line = y + (single ? inside / 2 + 6.5 * unit : 15 * unit);
    const { name, kind, rule } = constant ? { name: minus(show(Number(node.constant))), kind: "constant" } : machine.nodes[node];
    const part = { g: svg("g", { class: `node ${rule && kind !== "result" ? "operation" : kind}` }, svg("path", { d: roundedBox(place, 4) })), known: "" };
    const write = (at, words, anchor, kind, below = 0) => part.g.append(svg("text", { x: at, y: line + below, "text-anchor": anchor, class: kind }, words));
    if (constant) {
      part.g.append(svg("text", { x: x + w / 2, y: y + h / 2 + 4 * unit, "text-anchor": "middle", class: "name" }, ruler.bold.fit(name, w - 12 * unit)));
      return this.boxes.append(part.g);
    }
    this.numbers(place, node, name, write);
    for (const [name, value] of [["role", "button"], ["tabindex", "-1"], ["data-id", `v${node}`]]) part.g.setAttribute(name, value);
    this.button(part, node);
  }

  // What is a node: a click on it looks at it.
  button(part, node) {
    const { text } = this.machine.nodes[node], { state } = this, full = `${wholeName(this.machine.nodes[node])}${text && ` = ${text}`}\ndata ${exact(state.data[node])}\n${state.adjoints[node] === null || state.complete[node] ? "grad" : this.say("soFar")} ${exact(state.adjoints[node])}`;
    mark(part, boxClasses(this.machine, [node], state, this.marks));
    part.g.append(svg("title", {}, full));
    part.g.setAttribute("aria-label", full);
    part.g.addEventListener("click", () => this.actions.choose(node));
    this.boxes.append(part.g);
  }

  // What a number leaves of a line to a name.
  besideNumber(room) {
    return room - Math.min(this.ruler.width(FOUR_DIGITS), 43 * this.unit, room * 0.45) - 5 * this.unit;
  }

  numbers({ x, w }, node, name, write) {
    const { single, stacked, unit, ruler, state } = this, data = state.data[node], grad = state.adjoints[node], room = w - 12 * unit, digits = ruler.width(FOUR_DIGITS);
    const label = ruler.bold.fit(name, single ? room - 2 * digits - 24 * unit : this.besideNumber(room)), rest = room - ruler.bold.width(label) - 5 * unit;
    if (stacked) {
      write(x + 5 * unit, ruler.bold.fit(name, w - 8 * unit), "start", "name");
      write(x + w - 5 * unit, ruler.number(data, w - 10 * unit), "end", "data", 14 * unit);
      return write(x + w - 5 * unit, `${GRADIENT} ${ruler.number(grad, w - 24 * unit)}`, "end", "grad", 28 * unit);
    }
    write(x + 6 * unit, label, "start", "name");
    if (single) write(x + w - digits - 24 * unit, ruler.number(data, rest - digits - 18 * unit), "end", "data");
    else write(x + w - 5 * unit, ruler.number(data, rest), "end", "data");
    write(x + w - 5 * unit, `${GRADIENT} ${ruler.number(grad, single ? digits + 4 * unit : room - 14 * unit)}`, "end", "grad", single ? 0 : 14 * unit);
  }
}

// So many rows, with the wanted one among them.
function excerpt(rows, wanted, most) {
  if (rows.length <= most) return { shown: rows, above: [], below: [] };
  const start = Math.max(0, Math.min(rows.length - most, wanted - (most >> 1)));
  return { shown: rows.slice(start, start + most), above: rows.slice(0, start), below: rows.slice(start + most) };
}

// From one operation down to the next.
function upright([x, from], [, to], unit) {
  const head = (y, sign) => `${x},${y} ${x - 4 * unit},${y + sign * 7 * unit} ${x + 4 * unit},${y + sign * 7 * unit}`;
  return svg("g", { class: "edge" }, svg("path", { d: `M${x},${from}V${to}`, fill: "none" }), svg("polygon", { class: "back", points: head(from, 1) }), svg("polygon", { class: "fore", points: head(to, -1) }));
}
