// Two ways of looking at a graph besides the steps: forward mode beside reverse, and fewer digits (rounding.js). Numbers for every node
// in a table, and on the drawing while it is open.

const MOST_TERMS = 4;

// Forward mode on the recorded slopes: the derivative of every node in one leaf. As `tangents` in engine/readers/forward.py.
function tangentsOf({ nodes, slopes }, leaf) {
  const found = [];
  nodes.forEach(({ inputs }, node) => {
    const sum = inputs.reduce((all, x, index) => (slopes[node][index] === null ? all : all + passedOn(slopes[node][index], found[x])), 0);
    found.push(node === leaf ? 1 : sum);
  });
  return found;
}

class Forward {
  constructor(stepper, notes) {
    const { machine, say } = stepper;
    this.leaves = machine.nodes.flatMap(({ kind, rule }, i) => (rule || kind === "frozen" ? [] : [i]));
    Object.assign(this, { machine, say, notes, stepper, leaf: this.leaves[0], upTo: machine.nodes.length, pushed: new Set() });
    this.chooser = h("select", { onchange: () => this.choose(Number(this.chooser.value)) });
    this.slider = h("input", { type: "range", min: 0, max: machine.nodes.length, oninput: () => this.move(Number(this.slider.value)) });
    const [back, on] = [button("◀", "", () => this.move(this.upTo - 1)), button("▶", "", () => this.move(this.upTo + 1))];
    Object.assign(this, { back, on, place: h("output", {}), table: new Rows(machine.nodes.length, 5, (i) => ({ tr: this.row(i) }), say), head: h("tr", {}), words: h("div", { class: "says" }), label: h("label", {}) });
    this.box = h("div", { class: "lens" }, h("div", { class: "controls" }, this.label, back, this.slider, on, this.place), h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, this.head), this.table.body)), this.words);
  }

  choose(leaf) {
    this.leaf = leaf;
    this.stepper.refresh();
  }

  move(to) {
    this.upTo = Math.min(this.machine.nodes.length, Math.max(0, to));
    this.stepper.refresh();
  }

  relabel() {
    const { say } = this;
    this.label.replaceChildren(`${say("lensPush")} `, this.chooser);
    for (const [each, key] of [[this.slider, "lensPlace"], [this.back, "lensBack"], [this.on, "lensOn"]]) for (const name of ["title", "aria-label"]) each.setAttribute(name, say(key));
  }

  update(open) {
    const { machine, say, leaf, upTo } = this, { nodes, result } = machine, last = nodes.length, dots = tangentsOf(machine, leaf), reached = (i) => i < upTo;
    this.dots = dots;
    if (reached(result)) this.pushed.add(leaf);
    if (!open) return;
    if (!this.chooser.length) this.chooser.append(...this.leaves.map((i) => h("option", { value: i }, nodes[i].name)));
    this.chooser.value = leaf;
    this.slider.value = upTo;
    setText(this.place, `${upTo} / ${last}`);
    this.back.disabled = upTo === 0;
    this.on.disabled = upTo === last;
    const wrt = (above) => math(ratio(above, nodes[leaf].math), null, true), of = (below) => math(ratio(nodes[result].math, below), null, true);
    this.head.replaceChildren(...[say("name"), say("formula"), say("data"), [wrt("<mi>v</mi>"), ` ↓ ${say("lensForward")}`], [of("<mi>v</mi>"), ` ↑ ${say("lensReverse")}`]].map((cell) => h("th", { scope: "col" }, cell)));
    this.table.clear();
    this.table.follow(upTo, Math.max(0, upTo - 1));
    const both = { leaf: nodes[leaf].name, result: nodes[result].name, count: this.leaves.length, done: this.pushed.size };
    const meeting = reached(result) && h("p", { class: "meeting" }, phrase(this.stepper.texts[this.stepper.lang].lensMeet, { ratio: of(nodes[leaf].math), result: both.result, leaf: both.leaf, forward: numeral(dots[result], "tangent"), reverse: numeral(machine.gradient(leaf), "adjoint") }));
    this.words.replaceChildren(...[h("p", {}, say("lensRule", both)), meeting, h("p", { class: "passes" }, say("lensPasses", both))].filter(Boolean));
    const row = this.table.made[upTo - 1]?.tr, around = this.table.body.closest(".scroll");
    if (row && upTo < last) around.scrollTop = row.offsetTop - around.clientHeight / 2;
    dots.forEach((x, i) => reached(i) && this.notes.add(i, `∂ ${minus(show(x))}`, i === result || i === leaf ? "meets" : "", repr(x)));
  }

  row(i) {
    const { machine, leaf, upTo, dots } = this, { nodes, result } = machine, { name, text } = nodes[i];
    return h("tr", { class: i === upTo - 1 ? "current" : i < upTo ? null : "later" }, [
      h("td", {}, name), h("td", {}, text), h("td", { class: "number" }, numeral(machine.data[i])),
      h("td", { class: `number${i === result ? " meets" : ""}` }, i < upTo ? [i === leaf ? "" : this.sum(i, dots), numeral(dots[i], "tangent")] : "–"),
      h("td", { class: `number${i === leaf ? " meets" : ""}` }, numeral(machine.gradient(i), "adjoint")),
    ]);
  }

  // How a tangent comes about: slope times what the input brings, for each input that brings something.
  sum(node, dots) {
    const { machine } = this, terms = machine.nodes[node].inputs.flatMap((x, index) => (machine.slopes[node][index] === null || !dots[x] ? [] : [[machine.slopes[node][index], dots[x]]]));
    const factor = (x) => (x < 0 ? `(${minus(show(x))})` : show(x));
    return terms.length ? h("span", { class: "hint" }, `${terms.slice(0, MOST_TERMS).map(([slope, dot]) => `${factor(slope)} · ${factor(dot)}`).join(" + ")}${terms.length > MOST_TERMS ? " + …" : ""} = `) : "";
  }
}

FEATURES.push((stepper) => {
  const { machine, say } = stepper, notes = new Notes(stepper);
  if (stepper.model.get("payload").museum || machine.nodes.every(({ rule, kind }) => rule || kind === "frozen")) return null;
  const lenses = { lensForwardMode: new Forward(stepper, notes), lensDigits: new Rounding(stepper, notes) };
  let chosen = "lensForwardMode";
  const choose = (name) => {
    chosen = name;
    relabel();
    stepper.refresh();
  };
  const tabs = toggle(Object.keys(lenses), choose, stepper.say), place = h("div", {}), summary = h("summary", {});
  const box = h("details", { class: "lenses", ontoggle: () => stepper.refresh() }, summary, tabs.box, place);
  const relabel = () => {
    summary.textContent = say("lenses");
    tabs.box.setAttribute("aria-label", say("lenses"));
    tabs.show(chosen);
    Object.values(lenses).forEach((lens) => lens.relabel());
    place.replaceChildren(lenses[chosen].box);
  };
  let shown = null;
  const update = () => {
    const predicting = stepper.mode === "predict", open = box.open && !predicting;
    box.hidden = predicting;
    const key = [open, chosen, lenses[chosen].leaf, lenses[chosen].upTo, lenses[chosen].format, stepper.lang].join(), state = [key, machine.steps, stepper.picture?.svg];
    if (shown && state.every((each, i) => each === shown[i])) return; // a step changes nothing here
    shown = state;
    notes.clear();
    if (open) lenses[chosen].update(open);
  };
  return { where: "below", box, relabel, update };
});
