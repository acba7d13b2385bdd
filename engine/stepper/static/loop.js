// The loop closes: after the last event every leaf that moves takes a step downhill, w ← w − η · gradient, and it goes forward again.
// A round is what the numbers are after so many updates. All rounds are kept, and one can go back to each.

class Loop {
  constructor(stepper) {
    const { machine, model } = stepper;
    Object.assign(this, { stepper, machine, model, at: 0, shown: model.get("round") ?? 0, problem: "", queue: Promise.resolve(), waiting: false });
    this.say = (key, names) => stepper.say(key, names);
    const first = ({ users }) => Math.min(...users.map(([user]) => user)); // in the order in which they are used, layer by layer
    this.movable = machine.nodes.flatMap(({ kind, rule }, i) => (kind === "leaf" || (kind === "result" && !rule) ? [i] : []))
      .sort((a, b) => first(machine.nodes[a]) - first(machine.nodes[b]) || a - b);
    this.moving = new Set(this.movable.filter((leaf) => model.get("payload").parameters.includes(leaf)));
    this.oracle = new Oracle(machine, model, () => this.cameFromPython());
    this.follow = { "change:round": () => this.goTo(model.get("round")), "change:learning_rate": () => stepper.root && stepper.refresh() };
    for (const [event, call] of Object.entries(this.follow)) model.on(event, call);
    this.box = this.build();
    this.box.addEventListener("toggle", () => stepper.refresh());
    this.where = "below";
    this.keys = { u: () => this.rounds(1), "[": () => this.goTo(this.round - 1), "]": () => this.goTo(this.round + 1) };
  }

  get round() {
    return this.model.get("round") ?? 0;
  }

  get rate() {
    return this.model.get("learning_rate") ?? 0.1;
  }

  // The rounds so far; before the first update the numbers as they are.
  get past() {
    const kept = this.model.get("rounds") ?? [];
    return kept.length ? kept : [this.snapshot()];
  }

  snapshot() {
    return { edits: Object.fromEntries(this.machine.edits), loss: carried(this.machine.data[this.machine.result]) };
  }

  // Where each leaf goes from, by which gradient, and to.
  moves() {
    const { machine, rate } = this;
    return [...this.moving].map((leaf) => {
      const from = machine.data[leaf], slope = machine.gradient(leaf);
      return { leaf, from, slope, to: from - rate * slope };
    });
  }

  build() {
    const field = { type: "text", inputmode: "decimal", class: "rate", oninput: () => this.setRate(typed(this.field.value)) };
    this.field = h("input", field);
    this.slider = h("input", { type: "range", class: "rates", min: -4, max: 1, step: 0.05, oninput: () => this.setRate(Number((10 ** this.slider.value).toPrecision(2))) });
    this.rateName = h("label", {});
    const act = { one: () => this.rounds(1), ten: () => this.rounds(10), back: () => this.goTo(this.round - 1), again: () => this.goTo(this.round + 1) };
    this.buttons = Object.fromEntries(Object.entries(act).map(([name, call]) => [name, h("button", { type: "button", class: name === "one" ? "main" : null, onclick: call })]));
    this.name = h("span", {});
    this.state = h("span", { class: "loop-state" });
    this.alert = h("p", { class: "warning", role: "alert", hidden: true });
    this.which = h("fieldset", {});
    this.hints = h("p", { class: "hint" });
    this.curve = new LossCurve(this.say, (round) => this.goTo(round));
    this.slice = new LossSlice(this.machine, this.say, (key) => this.stepper.texts[this.stepper.lang][key], (leaf, x) => this.edit(leaf, x));
    const { one, ten, back, again } = this.buttons;
    return h("details", { class: "loop" }, h("summary", {}, this.name, this.state), h("div", { class: "loop-body" },
      h("section", {}, h("div", { class: "loop-rate" }, this.rateName, this.field, this.slider), h("div", { class: "loop-buttons" }, one, ten, back, again), this.alert, this.which, this.hints),
      this.curve.box, this.slice.box));
  }

  relabel() {
    const { say } = this;
    setText(this.name, say("loopName"));
    setText(this.rateName, "η = ");
    for (const each of [this.field, this.slider]) each.setAttribute("aria-label", say("loopRate"));
    for (const [name, key] of [["one", "loopOne"], ["ten", "loopTen"], ["back", "loopBack"], ["again", "loopAgain"]]) setText(this.buttons[name], say(key));
    this.listed = false;
    this.problem = "";
  }

  // All leaves to choose from, made when they are first seen.
  list() {
    const box = (leaf) => h("input", { type: "checkbox", checked: this.moving.has(leaf), onchange: (event) => this.choose(leaf, event.target.checked) });
    this.which.replaceChildren(h("legend", {}, this.say("loopWhich")), ...this.movable.map((leaf) => h("label", {}, box(leaf), this.machine.nodes[leaf].name)));
    this.slice.relabel();
    this.listed = true;
  }

  choose(leaf, on) {
    this.moving = new Set(this.movable.filter((each) => (each === leaf ? on : this.moving.has(each))));
    this.problem = "";
    this.stepper.refresh();
  }

  setRate(rate) {
    const right = rate > 0 && Number.isFinite(rate);
    this.field.setAttribute("aria-invalid", String(!right));
    this.problem = right ? "" : this.say("loopBadRate", { rate: exact(this.rate) });
    if (right) this.stepper.share("learning_rate", rate);
    this.stepper.refresh();
  }

  // At the last event: one leaf more is shown to move, by larger strides all of them; after that it goes forward with the new numbers.
  forth() {
    const { stepper } = this, { length } = this.moves();
    if (stepper.step !== this.machine.last) return false;
    if (!length) this.refuse(this.say("loopNone"));
    else if (this.at === length) this.rounds(1, () => stepper.share("step", 0));
    else this.show(stepper.by === "edge" ? this.at + 1 : length);
    return true;
  }

  back() {
    if (this.at) this.show(this.stepper.by === "edge" ? this.at - 1 : 0);
    else if (this.stepper.step === 0 && this.round > 0) {
      this.goTo(this.round - 1);
      this.stepper.share("step", this.machine.last);
      this.show(this.moving.size);
    } else return false;
    return true;
  }

  show(at) {
    this.at = at;
    this.problem = "";
    this.stepper.refresh();
    if (at) this.stepper.picture?.reveal(this.moves()[at - 1].leaf);
  }

  // So many updates one after the other, each from the numbers of the one before.
  rounds(count, then = () => {}) {
    const go = async () => {
      for (let i = 0; i < count; i += 1) if (!(await this.advance())) return;
      then();
    };
    this.queue = this.queue.then(go);
  }

  async advance() {
    await this.oracle.settled(); // a step along Python's gradient ends at Python's number
    const { machine, stepper } = this, moves = this.moves(), lost = moves.find(({ to }) => !Number.isFinite(to));
    if (!moves.length) return this.refuse(this.say("loopNone"));
    if (lost) return this.refuse(this.say("loopLost", { leaf: machine.nodes[lost.leaf].name, number: exact(lost.to) }));
    const before = this.past.slice(0, this.round + 1);
    const refusal = machine.take([...machine.edits, ...moves.map(({ leaf, to }) => [leaf, to])]);
    if (refusal) return this.refuse(this.say("loopRefused", { why: sentence(refusal, machine, stepper.say) }));
    this.keep([...before, this.snapshot()], before.length);
    return true;
  }

  // Nothing has moved, and it is said why.
  refuse(why) {
    this.problem = why;
    this.stepper.refresh();
    return false;
  }

  keep(rounds, round) {
    const { model, stepper } = this;
    Object.assign(this, { at: 0, shown: round, problem: "" });
    for (const [key, content] of Object.entries({ edits: Object.fromEntries(this.machine.edits), rounds, round })) model.set(key, content);
    model.save_changes();
    stepper.nodePanel.lit = null;
    stepper.lightUp(null);
    setText(stepper.live, this.state.textContent.slice(3));
    this.oracle.ask();
  }

  goTo(round) {
    const { past } = this;
    if (round === this.shown || !past[round]) return;
    this.machine.take(Object.entries(past[round].edits).map(([leaf, x]) => [Number(leaf), Number(x)]));
    this.keep(past, round);
  }

  edit(leaf, x) {
    const refusal = this.stepper.edit(leaf, x);
    this.problem = refusal ? this.say("refused", { why: sentence(refusal, this.machine, this.stepper.say), leaf: this.machine.nodes[leaf].name, data: exact(this.machine.data[leaf]) }) : "";
    if (refusal) this.stepper.refresh();
  }

  // A leaf has got another number by hand: this round is another one, and what came after it no longer follows.
  edited() {
    const rounds = this.model.get("rounds") ?? [], start = !this.machine.edits.size;
    this.at = 0;
    this.problem = "";
    if (rounds.length) this.keep(start ? [] : [...rounds.slice(0, this.round), this.snapshot()], start ? 0 : this.round);
    else this.oracle.ask();
  }

  cameFromPython() {
    const rounds = this.model.get("rounds") ?? [], loss = carried(this.machine.data[this.machine.result]);
    if (rounds.length && rounds[this.round].loss !== loss) this.stepper.share("rounds", rounds.map((each, i) => (i === this.round ? { ...each, loss } : each)));
    this.stepper.refresh();
  }

  // What is said in place of the step's title.
  title() {
    return this.at ? this.say("loopTitle", { leaf: this.machine.nodes[this.moves()[this.at - 1].leaf].name }) : null;
  }

  update(step, state, marks) {
    const { machine, stepper, round, moving: { size } } = this, last = step === machine.last;
    this.at = last ? Math.min(this.at, size) : 0;
    const result = machine.nodes[machine.result].name, loss = machine.data[machine.result];
    if (round) setText(stepper.phase, `${this.say("loopRound", { round })} · ${stepper.phase.textContent}`);
    stepper.root.classList.toggle("in-rounds", round > 0);
    setText(this.state, ` · ${this.say("loopRound", { round })} · ${result} = ${minus(show(loss))}`);
    stepper.buttons.next.toggleAttribute("disabled", last && !size);
    stepper.buttons.previous.toggleAttribute("disabled", step === 0 && round === 0);
    if (last) this.walk(state, marks, this.moves());
    this.alert.hidden = !this.problem;
    setText(this.alert, this.problem);
    if (this.box.open) this.fill(this.moves());
  }

  // The last event goes on: the panel and the picture show the leaves that have moved.
  walk(state, marks, moves) {
    const { stepper, machine, at } = this, { box } = stepper.panel;
    if (this.problem) box.append(h("p", { class: "warning" }, this.problem));
    if (!at) return moves.length && box.append(h("p", { class: "hint" }, this.say("loopNext")));
    const data = [...state.data];
    for (const { leaf, to } of moves.slice(0, at)) data[leaf] = to;
    const { leaf } = moves[at - 1], now = { ...state, data };
    box.replaceChildren(h("h3", {}, h("span", { class: "badge" }, this.say("loopBadge", { place: at, count: moves.length })), " ", this.title()),
      h("div", { class: "working" }, this.formula(moves[at - 1])), h("p", { class: "hint" }, at === moves.length ? this.say("loopForward") : ""),
      this.problem ? h("p", { class: "warning" }, this.problem) : "");
    const moved = { ...marks, nodes: new Set([leaf]), receivers: new Set([leaf]) };
    stepper.picture?.update(now, moved);
    stepper.tables.update(machine.last, now, moved);
  }

  formula({ leaf, from, slope, to }) {
    const { nodes, result } = this.machine, name = nodes[leaf].math, rate = h("data", { class: "number", value: repr(this.rate) }, minus(show(this.rate)));
    return table([
      [math(name), "←", math(`${name}<mo>-</mo><mi>η</mi><mo>·</mo>${gradientOf(nodes[result].math, name)}`, null, true)],
      ["", "=", [numeral(from), " − ", rate, " · ", bracket(numeral(slope, "contribution"), slope)]],
      ["", "=", numeral(to, "result")],
    ]);
  }

  fill(moves) {
    const { machine, round, past, stepper } = this, { selected } = stepper;
    if (!this.listed) this.list();
    if (this.field.getAttribute("aria-invalid") !== "true" && typed(this.field.value) !== this.rate) this.field.value = exact(this.rate);
    if (Number((10 ** this.slider.value).toPrecision(2)) !== this.rate) this.slider.value = Math.log10(this.rate);
    for (const name of ["one", "ten"]) this.buttons[name].toggleAttribute("disabled", !moves.length);
    this.buttons.back.toggleAttribute("disabled", round === 0);
    this.buttons.again.toggleAttribute("disabled", round + 1 >= past.length);
    setText(this.hints, [this.say("loopKeys"), this.oracle.about(this.say)].join(" "));
    this.curve.update(past.map(({ loss }) => Number(loss)), round, machine.nodes[machine.result].name);
    if (selected !== this.selected && this.movable.includes(selected)) this.slice.leaf = this.leaf = selected;
    this.selected = selected;
    this.slice.update(this.slice.leaf ?? moves[0]?.leaf ?? this.movable[0], new Map(moves.map(({ leaf, to }) => [leaf, to])));
  }

  close() {
    for (const [event, call] of Object.entries(this.follow)) this.model.off(event, call);
    this.oracle.close();
  }
}

FEATURES.push((stepper) => (stepper.machine.editable && stepper.machine.nodes.some(({ rule, kind }) => !rule && kind !== "frozen") ? new Loop(stepper) : null));
