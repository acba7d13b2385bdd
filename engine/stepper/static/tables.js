// The graph as text: a table of all nodes, and one of all events. Rows are made when they are first shown; a step changes cells only.

const MOST_SHOWN = 150; // rows at a time: more are slow to lay out

// The rows of a table. Of many those around the one at work are shown, and others when one asks for them.
class Rows {
  constructor(count, columns, make, say) {
    Object.assign(this, { count, make, say, most: MOST_SHOWN, from: 0, made: [], changed() {} });
    this.body = h("tbody", {});
    this.more = [-1, 1].map((way) => h("button", { type: "button", class: "link", onclick: () => this.move(way) }));
    this.ends = this.more.map((press) => h("tr", {}, h("td", { colspan: columns }, press)));
  }

  get to() {
    return Math.min(this.count, this.from + this.most);
  }

  clear() {
    this.made = [];
    this.body.replaceChildren();
  }

  // At another step the row that is wanted is among those that are shown.
  follow(step, wanted) {
    const outside = step !== this.step && wanted !== null && (wanted < this.from || wanted >= this.to);
    this.step = step;
    if (outside) this.show(wanted - (this.most >> 1));
    else if (!this.body.firstChild) this.show(this.from);
  }

  show(from) {
    this.from = Math.max(0, Math.min(this.count - this.most, from));
    const { to } = this, missing = [this.from, this.count - to], shown = [];
    for (let i = this.from; i < to; i += 1) shown.push((this.made[i] ??= this.make(i)).tr);
    this.more.forEach((press, i) => setText(press, `⋯ ${this.say("strideMore", { count: missing[i].toLocaleString() })}`));
    const [above, below] = this.ends.map((end, i) => (missing[i] ? [end] : []));
    this.body.replaceChildren(...above, ...shown, ...below);
  }

  // On by as many as are shown; the keyboard goes to the first of the new ones.
  move(way) {
    const next = way > 0 ? this.to : this.from - 1;
    this.show(this.from + way * (this.most - 1));
    this.changed();
    this.made[next].tr.querySelector("button")?.focus();
  }

  all(on) {
    Object.assign(this, { most: on ? Infinity : MOST_SHOWN, step: null });
    this.show(this.from);
  }

  each(call) {
    for (let i = this.from; i < this.to; i += 1) call(this.made[i], i);
  }
}

class Tables {
  constructor(machine, say, panel, actions) {
    Object.assign(this, { machine, say, panel, actions });
    const { nodes, events } = machine;
    this.tape = this.part("tape", ["name", "formula", "data", "grad"], nodes, (i) => this.row(i, nodes[i].name, [nodes[i].text, "", ""], () => actions.visit(i)));
    this.steps = this.part("steps", ["step", "what", "before", "upstream", "local", "contribution", "after"], events, (i) => this.row(i, String(i), [panel.title(i), "", "", "", "", ""], () => actions.go(i)));
    this.parts = [this.tape, this.steps];
    this.tape.box.open = true;
    this.box = h("section", { class: "tables" }, this.parts.map(({ box }) => box));
  }

  part(key, titles, { length }, make) {
    const summary = h("summary", {}), head = h("tr", {}, titles.map(() => h("th", { scope: "col" }))), rows = new Rows(length, titles.length, make, this.say);
    const box = h("details", { class: key }, summary, h("div", { class: "scroll", tabindex: "0" }, h("table", { "aria-rowcount": length + 1 }, h("thead", {}, head), rows.body)));
    rows.changed = () => this.update(...this.last);
    box.addEventListener("toggle", rows.changed);
    return { key, box, summary, head, titles, rows };
  }

  row(i, name, contents, act) {
    const press = h("button", { type: "button", class: "link", onclick: act }, name), cells = [press, ...contents].map((content, k) => h("td", { class: k > 1 ? "number" : null }, content));
    const tr = h("tr", { "aria-rowindex": i + 2, onclick: (event) => event.target.closest("button") || act() }, cells);
    return { tr, cells, known: [] };
  }

  relabel() {
    for (const { key, summary, head, titles, rows } of this.parts) {
      summary.textContent = this.say(key);
      titles.forEach((title, i) => (head.children[i].textContent = this.say(title)));
      rows.clear();
    }
  }

  // Only a table that is open has its rows made.
  update(step, state, marks) {
    this.last = [step, state, marks];
    const { tape, steps } = this, kinds = (i) => `${marks.nodes.has(i) ? "current" : ""} ${marks.receivers.has(i) ? "receives" : ""} ${marks.selected === i ? "selected" : ""}`;
    if (tape.box.open) {
      tape.rows.follow(step, this.machine.events[step].node ?? marks.selected);
      tape.rows.each((row, i) => {
        this.fill(row, [state.data[i], state.adjoints[i]], kinds(i));
        const sum = state.adjoints[i] === null || state.complete[i] ? "" : `${this.say("soFar")} `;
        if (row.cells[3].dataset.sum !== sum) row.cells[3].dataset.sum = sum;
      });
    }
    if (!steps.box.open) return;
    steps.rows.follow(step, step);
    steps.rows.each((row, i) => this.fill(row, i <= step ? this.numbersOf(i) : [], i === step ? "current" : i > step ? "later" : ""));
  }

  // All rows at once, of the tables that are open, as on paper; or no longer.
  whole(on) {
    this.parts.forEach(({ box, rows }) => box.open && rows.all(on));
  }

  // The numbers of an event in the order of the columns.
  numbersOf(i) {
    const { kind, node } = this.machine.events[i], { data, steps } = this.machine;
    if (kind === "forward") return [null, null, null, null, data[node]];
    if (kind === "seed") return [null, null, null, null, 1];
    const [upstream, local, contribution, before, after] = steps[i];
    return kind === "backward" ? [before, upstream, local, contribution, after] : [];
  }

  // The numbers are in the third cell and after it.
  fill({ tr, cells, known }, numbers, kinds) {
    const state = kinds.trim().replace(/ +/g, " ");
    if (tr.className !== state) {
      tr.className = state;
      if (tr.classList.contains("current")) tr.setAttribute("aria-current", "true");
      else tr.removeAttribute("aria-current");
    }
    for (let i = 2; i < cells.length; i += 1) {
      const x = numbers[i - 2] ?? null;
      if (known[i] !== undefined && Object.is(known[i], x)) continue;
      known[i] = x;
      cells[i].textContent = x === null ? "–" : exact(x);
      cells[i].classList.toggle("odd", x !== null && !Number.isFinite(x));
    }
  }

  // Scroll each table to the row of a step, or of the node at work in it: only the table, never the page, and only if it is not seen.
  reveal(step, node) {
    for (const [{ box, rows }, i] of [[this.tape, node], [this.steps, step]]) {
      const tr = box.open ? rows.made[i]?.tr : null, around = tr?.closest(".scroll");
      if (!around) continue;
      const head = around.querySelector("thead").offsetHeight, top = tr.offsetTop - around.scrollTop;
      if (top < head || top + tr.offsetHeight > around.clientHeight) around.scrollTop = tr.offsetTop - around.clientHeight / 2;
    }
  }
}
