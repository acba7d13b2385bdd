// The panel of a node: its number to be changed, its gradient and a check of it, its formula, its slopes, its users, its paths.

class NodePanel {
  constructor(machine, say, actions) {
    Object.assign(this, { machine, say, actions, shown: null, lit: null });
    this.chooser = h("select", { class: "chooser", onchange: () => actions.select(this.chooser.value === "" ? null : Number(this.chooser.value)) });
    this.content = h("div", { class: "about" });
    this.box = h("section", { class: "node-panel" }, this.chooser, this.content);
  }

  relabel() {
    const { nodes } = this.machine;
    this.chooser.replaceChildren(h("option", { value: "" }, `— ${this.say("select")} —`), ...nodes.map(({ name, text }, i) => h("option", { value: i }, text ? `${name} = ${text}` : name)));
    this.chooser.setAttribute("aria-label", this.say("select"));
    this.shown = undefined;
  }

  // The panel is made anew for another node, and else only its numbers are: an input that is being used must stay.
  update(selected, step, state, hidden) {
    if (this.shown !== selected) {
      this.shown = selected;
      this.lit = null;
      this.chooser.value = selected ?? "";
      this.editor = selected !== null && !this.machine.nodes[selected].rule ? this.makeEditor(selected) : null;
      this.numbers = h("div", {});
      this.content.replaceChildren(...[this.editor?.box, this.numbers].filter(Boolean));
    }
    if (selected === null) this.numbers.replaceChildren(h("p", { class: "hint" }, this.say("nothing")));
    else this.numbers.replaceChildren(...this.describe(selected, step, state, hidden).filter(Boolean));
    this.editor?.update();
  }

  describe(node, step, state, hidden) {
    const { nodes, data } = this.machine, about = nodes[node], knows = state.complete[node];
    const { slopes } = about, convention = this.actions.convention(about.rule);
    const kind = node === this.machine.result ? "result" : about.kind;
    return [
      h("p", { class: "facts" }, h("strong", {}, about.name), ` (${this.say(kind)}) `, this.say("data"), " ", numeral(state.data[node], "data"), " · ", this.say("grad"), " ",
        knows || state.adjoints[node] === null ? null : `${this.say("soFar")} `, numeral(state.adjoints[node], "grad")),
      this.machine.gets[node] && knows && !hidden && this.paths(node),
      !this.actions.drawn(node) && h("p", { class: "hint" }, this.say("notDrawn", { node: about.name })),
      about.rule && table([[math(about.math), "=", math(about.symbols, null, true)]]),
      about.rule && state.data[node] !== null && slopes.some(Boolean) && this.slopes(node),
      convention && h("p", { class: "hint convention" }, `${this.say("convention")}: ${convention}`),
      h("p", {}, `${this.say("usedBy")} `, about.users.length ? about.users.slice(0, 20).flatMap(([user], i) => [i ? ", " : "", this.link(user)]) : this.say("unused"),
        about.users.length > 20 ? ` … (${about.users.length})` : ""),
      this.machine.gets[node] && !knows && !hidden && this.later(node),
      about.kind === "leaf" && knows && !hidden && this.nudge(node),
    ];
  }

  link(node) {
    return h("button", { type: "button", class: "link", onclick: () => this.actions.select(node) }, this.machine.nodes[node].name);
  }

  slopes(node) {
    const { nodes, data, slopes } = this.machine, { math: name, inputs } = nodes[node];
    const rows = nodes[node].slopes.flatMap((slope, index) => {
      if (!slope || index >= 12) return [];
      const number = [" = ", numeral(slopes[node][index])];
      const constant = slope.text !== "" && !Number.isNaN(Number(slope.text));
      return [[math(ratio(name, nodes[inputs[index]].math), null, true), "=", slope.known && !constant ? [math(slope.symbols, null, true), ...number] : number[1]]];
    });
    return h("div", {}, h("h4", { "aria-level": 3 }, this.say("slopes")), table(rows));
  }

  later(node) {
    return h("p", { class: "hint" }, this.say("sumLater", { step: this.machine.completeAt[node] }));
  }

  // The difference quotient beside the chain rule.
  nudge(leaf) {
    if (!this.machine.editable) return null;
    const { nodes, result } = this.machine, y = nodes[result].math, x = nodes[leaf].math, { numeric, verdict, refusal } = this.machine.nudge(leaf);
    if (verdict === "edge" && refusal) return h("p", { class: "nudge hint" }, this.say("noNudge", { why: sentence(refusal, this.machine, this.say) }));
    const [look, words] = { ok: ["good", " ✓ nudgeAgrees"], wrong: ["bad", " ✗ nudgeDiffers"], kink: ["hint", " – nudgeKink"], edge: ["hint", " – nudgeEdge"] }[verdict] ?? ["hint", " – nudgeHidden"];
    const at = (sign) => `${y}<mo>(</mo>${x}<mo>${sign}</mo><mi>h</mi><mo>)</mo>`;
    return h("p", { class: "nudge" }, `${this.say("nudge")} `, math(`<mfrac><mrow>${at("+")}<mo>-</mo>${at("-")}</mrow><mrow><mn>2</mn><mi>h</mi></mrow></mfrac>`), " = ",
      h("data", { class: "number", value: repr(numeric), title: repr(numeric) }, minus(show(numeric))),
      h("span", { class: look }, words.replace(/\w+$/, (key) => this.say(key))));
  }

  // Every path with its product, and their sum.
  paths(node) {
    const { nodes, result } = this.machine, { count, listed } = this.machine.paths(node);
    const products = listed.map((path) => this.machine.product(path)), total = this.machine.gradient(node);
    const more = count - BigInt(listed.length);
    const rows = listed.map((path, i) => this.pathRow(node, path, products[i], i));
    const rest = more > 0n ? [h("li", {}, this.say("rest", { count: more.toLocaleString() }), " ", numeral(total - preciseSum(products)))] : [];
    return h("div", { class: "paths" },
      h("h4", { "aria-level": 3 }, this.say("paths", { result: nodes[result].name, count: count.toLocaleString() })),
      h("p", {}, math(gradientOf(nodes[result].math, nodes[node].math)), ` = ${this.say("sum")} = `, numeral(total, "result")),
      h("ol", {}, rows, rest));
  }

  pathRow(from, path, product, i) {
    const { nodes, slopes } = this.machine;
    const names = shortened([from, ...path.map(([node]) => node).reverse()]).map((node) => (node === null ? "⋯" : nodes[node].name));
    const factors = shortened(path).flatMap((edge, j) => [j ? " · " : "", edge ? this.factor(slopes[edge[0]][edge[1]]) : "⋯"]);
    const light = () => {
      this.lit = this.lit === i ? null : i;
      this.actions.light(this.lit === null ? null : path, from);
    };
    return h("li", {}, h("button", { type: "button", class: "link", "aria-pressed": String(this.lit === i), title: this.say("showPath"), onclick: light },
      names.join(" → ")), " ", ...(path.length ? factors : [numeral(1)]), " = ", numeral(product, "contribution"));
  }

  factor(slope) {
    return bracket(numeral(slope), slope);
  }

  // A leaf's number: typed, or drawn with the slider.
  makeEditor(leaf) {
    const { machine, say } = this, original = machine.recorded.data[leaf];
    if (!machine.editable) return { box: h("p", { class: "hint" }, say("uneditable", { rules: machine.uneditable.join(", ") })), update() {} };
    const reach = Math.max(1, 2 * Math.abs(original)), about = machine.nodes[leaf].name;
    const note = h("span", { class: "hint" }), refusal = h("p", { class: "warning", role: "alert", hidden: true });
    let invalid = false;
    // What is wrong with what was typed, or nothing; a word is missing as long as it may still become a number.
    const judge = (wrong, words = "") => {
      invalid = wrong;
      field.setAttribute("aria-invalid", String(wrong));
      setText(refusal, words);
      refusal.hidden = !words;
      update();
    };
    const change = (x) => {
      const wrong = this.actions.edit(leaf, x);
      if (wrong && typed(field.value) !== x) field.value = exact(x); // it was drawn there with the slider
      judge(Boolean(wrong), wrong ? say("refused", { why: sentence(wrong, machine, say), leaf: about, data: exact(machine.data[leaf]) }) : "");
    };
    const read = (over) => {
      const text = field.value, x = typed(text), stays = { text: text.trim(), leaf: about, data: exact(machine.data[leaf]) };
      if (x === null) judge(true, over || !begins(text) ? say("unreadable", stays) : "");
      else if (!Number.isFinite(x)) judge(true, say("tooLargeToType", stays));
      else change(x);
    };
    const field = h("input", {
      type: "text", inputmode: "text", class: "field", "aria-label": `${about} ${say("data")}`, autocomplete: "off", spellcheck: "false",
      oninput: () => read(false), onchange: () => read(true),
    });
    const slider = h("input", {
      type: "range", class: "drag", min: original - reach, max: original + reach, step: "any", "aria-label": `${about} ${say("data")}`,
      oninput: () => change(Number(Number(slider.value).toPrecision(4))),
    });
    const reset = button("⟲", say("reset"), () => change(original), { class: "reset" });
    const update = () => {
      const x = machine.data[leaf], edited = machine.edits.has(leaf);
      if (!invalid && typed(field.value) !== x) field.value = exact(x); // what was refused stays to be corrected
      if (!invalid && Number(slider.value) !== x) slider.value = x;
      reset.style.visibility = edited || invalid ? "visible" : "hidden";
      setText(note, edited ? say("edited", { data: exact(original) }) : "");
    };
    return { box: h("div", { class: "editor" }, h("label", {}, math(machine.nodes[leaf].math), " = "), field, slider, reset, note, refusal), update };
  }
}

// The items, null for those in the middle of a long list.
const shortened = (items) => (items.length > 10 ? [...items.slice(0, 5), null, ...items.slice(-4)] : items);
