// The graph as text: a table of all nodes, and one of all events. Both are made once; a step changes cells only.

const MOST_ROWS = 5000;

class Tables {
  constructor(machine, say, panel, actions) {
    Object.assign(this, { machine, say, panel, actions });
    this.tape = h("tbody", {});
    this.steps = h("tbody", {});
    this.parts = [["tape", this.tape, ["name", "formula", "data", "grad"]], ["steps", this.steps, ["step", "what", "before", "upstream", "local", "contribution", "after"]]]
      .map(([key, body, titles], i) => {
        const summary = h("summary", {}), head = h("tr", {}, titles.map(() => h("th", { scope: "col" })));
        const box = h("details", { class: key, open: i === 0 }, summary, h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, head), body)));
        box.addEventListener("toggle", () => this.update(...this.last));
        return { key, box, summary, head, titles };
      });
    this.box = h("section", { class: "tables" }, this.parts.map(({ box }) => box));
  }

  relabel() {
    for (const { key, summary, head, titles } of this.parts) {
      summary.textContent = this.say(key);
      titles.forEach((title, i) => (head.children[i].textContent = this.say(title)));
    }
    const { nodes, events } = this.machine;
    this.nodeRows = nodes.slice(0, MOST_ROWS).map((node, i) => {
      const name = h("button", { type: "button", class: "link", onclick: () => this.actions.visit(i) }, node.name);
      return this.row([name, node.text, "", ""], () => this.actions.visit(i));
    });
    this.tape.replaceChildren(...this.nodeRows.map(({ tr }) => tr));
    this.stepRows = events.slice(0, MOST_ROWS).map((_, i) => {
      const number = h("button", { type: "button", class: "link", onclick: () => this.actions.go(i) }, String(i));
      return this.row([number, this.panel.title(i), "", "", "", "", ""], () => this.actions.go(i));
    });
    this.steps.replaceChildren(...this.stepRows.map(({ tr }) => tr));
  }

  row(contents, act) {
    const cells = contents.map((content, i) => h("td", { class: i > 1 ? "number" : null }, content));
    const tr = h("tr", { onclick: (event) => event.target.closest("button") || act() }, cells);
    return { tr, cells, known: [] };
  }

  update(step, state, marks) {
    this.last = [step, state, marks];
    const [tape, steps] = this.parts.map(({ box }) => box.open);
    const kinds = (i) => `${marks.nodes.has(i) ? "current" : ""} ${marks.receivers.has(i) ? "receives" : ""} ${marks.selected === i ? "selected" : ""}`;
    if (tape) this.nodeRows.forEach((row, i) => {
      this.fill(row, [state.data[i], state.adjoints[i]], 2, kinds(i));
      row.cells[3].dataset.sum = state.adjoints[i] === null || state.complete[i] ? "" : `${this.say("soFar")} `;
    });
    if (steps) this.stepRows.forEach((row, i) => this.fill(row, i <= step ? this.numbersOf(i) : [], 2, i === step ? "current" : i > step ? "later" : ""));
  }

  // The numbers of an event in the order of the columns.
  numbersOf(i) {
    const { kind, node } = this.machine.events[i], { data, steps } = this.machine;
    if (kind === "forward") return [null, null, null, null, data[node]];
    if (kind === "seed") return [null, null, null, null, 1];
    const [upstream, local, contribution, before, after] = steps[i];
    return kind === "backward" ? [before, upstream, local, contribution, after] : [];
  }

  fill({ tr, cells, known }, numbers, from, kinds) {
    const state = kinds.trim().replace(/ +/g, " ");
    if (tr.className !== state) {
      tr.className = state;
      if (tr.classList.contains("current")) tr.setAttribute("aria-current", "true");
      else tr.removeAttribute("aria-current");
    }
    for (let i = from; i < cells.length; i += 1) {
      const x = numbers[i - from] ?? null;
      if (known[i] !== undefined && Object.is(known[i], x)) continue;
      known[i] = x;
      cells[i].textContent = x === null ? "–" : exact(x);
      cells[i].classList.toggle("odd", x !== null && !Number.isFinite(x));
    }
  }

  // Scroll each table to the row of a step, or of the node at work in it: only the table, never the page, and only if it is not seen.
  reveal(step, node) {
    const rows = [this.nodeRows[node], this.stepRows[step]];
    this.parts.forEach(({ box }, i) => {
      const tr = box.open ? rows[i]?.tr : null, around = tr?.closest(".scroll");
      if (!tr) return;
      const head = around.querySelector("thead").offsetHeight, top = tr.offsetTop - around.scrollTop;
      if (top < head || top + tr.offsetHeight > around.clientHeight) around.scrollTop = tr.offsetTop - around.clientHeight / 2;
    });
  }
}
