// The stepper as a whole: its controls, its keys, and what it shares with Python through `model`.

const SPEEDS = [0.5, 1, 2, 4];

class Stepper {
  constructor(model, el, alone) {
    const payload = model.get("payload");
    Object.assign(this, { model, alone, by: "edge", mode: "explore", light: { path: new Set(), nodes: new Set() }, timer: null, speed: 1 });
    this.texts = payload.texts;
    this.machine = new Machine(payload);
    if (this.machine.editable) this.machine.take(Object.entries(model.get("edits") ?? {}).map(([node, x]) => [Number(node), Number(x)]));
    const say = (this.say = speaker(payload.texts, () => this.lang));
    const actions = {
      select: (node) => this.select(node), visit: (node) => this.visit(node), go: (step) => this.go(step), edit: (leaf, x) => this.edit(leaf, x), light: (path, leaf) => this.lightUp(path, leaf),
      answers: () => model.get("answers") ?? [], answered: (answer) => this.share("answers", [...(model.get("answers") ?? []), answer]),
      refresh: () => this.refresh(), texts: () => this.texts[this.lang],
      convention: (rule) => payload.conventions[rule]?.[this.lang],
      asking: () => this.mode === "predict" && this.predict.asks(this.step) === "node",
      drawn: (node) => !this.folding || Boolean(this.picture.part(node)), // a map holds every node, even before it is laid out
      choose: (node) => this.clicked(node), fold: (group) => this.fold(group),
    };
    this.panel = actions.panel = new StepPanel(this.machine, say);
    this.nodePanel = new NodePanel(this.machine, say, actions);
    this.predict = new Predict(this.machine, say, actions);
    this.tables = new Tables(this.machine, say, this.panel, actions);
    this.folding = !payload.map && payload.drawings.length ? new Folding(payload) : null;
    this.picture = payload.map ? new Network(this.machine, payload.map, say, actions) : this.folding && new Picture(this.machine, this.folding, say, actions);
    this.remark = payload.remark;
    this.features = FEATURES.map((make) => make(this)).filter(Boolean);
    this.build(el);
    this.relabel();
    this.endings = [listenToModel(this), listenToKeys(this), followTheme(this.alone, (dark) => this.root.dataset.theme = this.chosenTheme ?? (dark ? "dark" : "light")), followPrinting(this)];
  }

  get step() {
    return Math.min(this.machine.last, Math.max(0, this.model.get("step")));
  }

  get selected() {
    return this.model.get("selected") ?? null;
  }

  get lang() {
    return this.texts[this.model.get("lang")] ? this.model.get("lang") : "en";
  }

  build(el) {
    const mapped = Boolean(this.model.get("payload").map);
    const go = (way) => () => this.go(way());
    const { machine } = this, at = (place) => this.features.filter(({ where }) => where === place).map(({ box }) => box);
    this.buttons = {
      first: button("|◀", "", go(() => 0)), previous: button("◀", "", () => this.back()),
      next: button("▶", "", () => this.forth(), { class: "main" }), last: button("▶|", "", go(() => machine.last)),
      play: button("▷", "", () => this.play(!this.timer)), large: button("A", "", () => this.enlarge()), theme: button("◐", "", () => this.changeTheme()),
      zoomOut: button("−", "", () => this.picture?.zoom(0.8)), zoomIn: button("+", "", () => this.picture?.zoom(1.25)), fit: button("⤢", "", () => this.picture?.fit()),
      closeAll: button("⊟", "", () => this.foldAll(false), { class: "fold-all" }), openAll: button("⊞", "", () => this.foldAll(true), { class: "fold-all" }),
      resetAll: button("⟲", "", () => this.resetAll(), { class: "reset-all" }),
    };
    this.slider = h("input", { type: "range", class: "position", min: 0, max: machine.last, oninput: () => this.go(Number(this.slider.value)) });
    this.jump = h("input", { type: "number", class: "jump", min: 0, max: machine.last, onchange: () => this.jumped() });
    this.place = h("output", { class: "place", "aria-live": "off" }); // the sentence of the step says it
    this.phase = h("span", { class: "phase" });
    this.speeds = choice(SPEEDS.map((speed) => [speed, () => `${speed}×`]), 1, (speed) => this.setSpeed(Number(speed)));
    this.strides = choice(["edge", "node", "layer"].map((by) => [by, () => this.say(by)]), this.by, (by) => this.goBy(by));
    this.modes = toggle(["explore", "predict"], (mode) => this.setMode(mode), this.say);
    this.languages = toggle(Object.keys(this.texts), (lang) => this.share("lang", lang), (lang) => lang);
    this.speech = new Speech(machine, this.say, this.slider);
    this.live = this.speech.box;
    this.keys = h("p", { class: "hint keys" });
    this.note = h("p", { class: "note" });
    const { first, previous, next, last, play, zoomOut, zoomIn, fit, large, theme, resetAll, closeAll, openAll } = this.buttons;
    this.noDrawing = h("p", { class: "hint" });
    this.root = h("div", { class: "stepper", tabindex: "0", role: "group", "data-lm-suppress-shortcuts": "true" },
      h("div", { class: "bar" },
        h("div", { class: "cluster" }, first, previous, next, last), h("div", { class: "cluster" }, play, this.speeds.box),
        this.slider, h("div", { class: "cluster" }, this.jump, this.place, this.phase), this.strides.box,
        h("div", { class: "cluster end" }, this.modes.box, this.languages.box, at("bar"), large, theme)),
      h("div", { class: "middle" },
        h("div", { class: `graph ${mapped ? "mapped" : this.picture ? "" : "undrawn"}` }, this.picture?.box ?? this.noDrawing, this.note,
          h("div", { class: "zooms" }, resetAll, this.folding?.groups.length ? [closeAll, openAll] : [], mapped ? [] : [zoomOut, zoomIn, fit]), at("graph")),
        h("div", { class: "side" }, this.panel.box, this.predict.box, at("side"), this.nodePanel.box)),
      at("below"), this.tables.box, this.keys, this.live);
    const copy = this.model.get("copy"); // hidden as long as this one is there
    if (copy) this.root.append(h("style", {}, `.${copy} { display: none; }`));
    el.replaceChildren(this.root);
    if (this.alone && window.top === window) this.root.focus();
  }

  relabel() {
    for (const [key, each] of Object.entries(this.buttons)) for (const name of ["title", "aria-label"]) each.setAttribute(name, this.say(key));
    const labels = [[this.slider, "position"], [this.jump, "jump"], [this.speeds.box, "speed"], [this.strides.box, "by"], [this.modes.box, "mode"], [this.languages.box, "language"], [this.root, "title"]];
    for (const [element, key] of labels) for (const name of ["title", "aria-label"]) if (element !== this.root || name !== "title") element.setAttribute(name, this.say(key));
    this.picture?.box.setAttribute("aria-label", this.say("graph"));
    this.picture?.relabel();
    this.root.lang = this.lang;
    for (const each of [this.speeds, this.strides, this.nodePanel, this.tables]) each.relabel();
    this.languages.show(this.lang);
    this.predict.tell(null); // it was said in the other language
    this.keys.textContent = this.say("keys");
    this.noDrawing.textContent = this.say("noDrawing", { reason: this.remark });
    this.noteFolding();
    this.features.forEach((each) => each.relabel?.());
    this.refresh();
  }

  // Everything as it is at this step. Nothing moves: each part has its place, and keeps its size.
  refresh() {
    const { step, selected, machine } = this, event = machine.events[step], state = machine.at(step), predicting = this.mode === "predict";
    this.modes.show(this.mode);
    this.root.classList.toggle("predicting", predicting);
    this.root.classList.toggle("edited", machine.edits.size > 0);
    this.slider.value = step;
    if (document.activeElement !== this.jump || !this.root.contains(this.jump)) this.jump.value = step;
    setText(this.place, `${step} / ${machine.last}`);
    setText(this.phase, this.say({ forward: "forwardPhase", start: "startPhase", finish: "finishPhase" }[event.kind] ?? "backwardPhase"));
    for (const [name, end] of [["first", 0], ["previous", 0], ["next", machine.last], ["last", machine.last]]) this.buttons[name].toggleAttribute("disabled", step === end);
    this.buttons.play.textContent = this.timer ? "❚❚" : "▷";
    for (const name of ["title", "aria-label"]) this.buttons.play.setAttribute(name, this.say(this.timer ? "pause" : "play"));
    this.panel.update(step, state);
    if (predicting) this.predict.update(step, state);
    this.nodePanel.update(selected, step, state, predicting);
    const marks = this.marks(step);
    this.tables.update(step, state, marks);
    this.picture?.update(state, marks);
    this.features.forEach((each) => each.update?.(step, state, marks));
    this.speech.tell(step, this.features.map((each) => each.title?.()).find(Boolean) ?? this.panel.title(step));
  }

  // What the drawing leaves out, or that its groups are closed because the graph is too large.
  noteFolding() {
    if (!this.folding) return;
    for (const [name, open] of [["closeAll", false], ["openAll", true]]) this.buttons[name].toggleAttribute("disabled", this.folding.all(open) < 0);
    const { groups, open } = this.folding, nodes = this.machine.nodes.length, drawn = this.picture.drawn();
    const whole = groups.length === open.size || this.folding.find(groups.map((_, i) => i)) >= 0;
    const count = (x) => x.toLocaleString();
    const words = drawn < nodes ? this.say("nearest", { drawn: count(drawn), nodes: count(nodes) }) : whole ? "" : this.say("tooManyBoxes", { nodes: count(nodes) });
    setText(this.note, words);
    this.note.parentElement.classList.toggle("noted", words !== "");
  }

  // Open or close a group, or with none all of them: nothing else changes but the drawing.
  async fold(group, to = this.folding.toggled(group)) {
    const drawing = to < 0 ? null : await this.folding.change(to);
    if (drawing === null) return;
    this.picture.show(drawing, group);
    this.noteFolding();
    this.refresh();
    if (group === null) this.reveal();
    const open = group === null ? this.folding.open.size > 0 : this.folding.open.has(group);
    setText(this.live, this.say(open ? "opened" : "closed", { group: group === null ? this.say("everyGroup") : this.folding.groups[group].name }));
  }

  foldAll(open) {
    const to = this.folding?.all(open) ?? -1;
    if (to >= 0) this.fold(null, to);
  }

  marks(step) {
    const { kind, node, index } = this.machine.events[step], { nodes } = this.machine;
    const receivers = kind === "backward" ? [nodes[node].inputs[index]] : kind === "finish" ? nodes.flatMap(({ kind: type }, i) => (type === "leaf" ? [i] : [])) : [];
    const edges = kind === "backward" ? [`${node}_${index}`] : kind === "forward" ? nodes[node].inputs.map((_, i) => `${node}_${i}`) : [];
    const passing = kind === "backward" ? { edge: edges[0] } : null;
    return {
      index: kind === "backward" ? index : undefined, nodes: new Set(node === undefined ? [] : [node]), receivers: new Set(receivers), edges: new Set(edges), passing, selected: this.selected,
      path: this.light.path, lit: this.light.nodes, asked: this.mode === "predict" && this.predict.asks(step) === "node",
    };
  }

  // Bring the node of this step into view, in the drawing and in the table.
  reveal() {
    const { node = this.selected, index } = this.machine.events[this.step];
    if (node !== null) this.picture?.reveal(node);
    if (index !== undefined) this.picture?.reveal(this.machine.nodes[node].inputs[index]);
    this.tables.reveal(this.step, node);
  }

  share(key, value) {
    this.model.set(key, value);
    this.model.save_changes();
  }

  go(step) {
    const furthest = Math.min(this.machine.last, ...this.features.map(({ limit }) => limit?.() ?? Infinity));
    const to = Math.min(furthest, Math.max(0, Math.round(step)));
    if (to !== this.step) this.share("step", to);
    else this.refresh();
  }

  // One stride on or back; before the first event and after the last one a part may have something of its own.
  forth() {
    if (!this.features.some((each) => each.forth?.())) this.go(this.machine.next(this.step, this.by));
  }

  back() {
    if (!this.features.some((each) => each.back?.())) this.go(this.machine.previous(this.step, this.by));
  }

  // Look at a node, and go to where its number came about: forward where it is computed, backward where its gradient is complete.
  visit(node) {
    const { machine } = this, forward = this.step < machine.seed;
    if (this.mode === "predict") return this.clicked(node);
    this.select(node);
    if (forward) this.go(Math.max(0, machine.events.findIndex((event) => event.kind === "forward" && event.node === node)));
    else if (machine.gets[node]) this.go(machine.completeAt[node]);
    this.picture?.reveal(node);
  }

  // The keyboard goes into the drawing, to the node at work.
  enterGraph() {
    this.picture?.enter?.(this.machine.events[this.step].node ?? this.selected ?? this.machine.result);
  }

  // To the step that was typed, or to the nearest there is; what is no number is put right.
  jumped() {
    if (this.jump.value !== "") this.go(Number(this.jump.value));
    this.jump.value = this.step;
  }

  select(node) {
    this.lightUp(null);
    this.share("selected", node);
  }

  clicked(node) {
    if (this.mode === "predict" && this.predict.asks(this.step) === "node") this.predict.answerNode(node);
    else this.select(node === this.selected ? null : node);
  }

  // Gives what Python would raise, if it would; else null.
  edit(leaf, x) {
    const refusal = this.machine.edit(leaf, x);
    if (!refusal) this.edited();
    return refusal;
  }

  resetAll() {
    this.machine.reset();
    this.nodePanel.shown = undefined;
    this.edited();
  }

  edited() {
    this.share("edits", Object.fromEntries(this.machine.edits));
    this.features.forEach((each) => each.edited?.());
    this.nodePanel.lit = null;
    this.lightUp(null); // other paths may be the largest now
  }

  lightUp(path, leaf) {
    this.light = { path: new Set((path ?? []).map((edge) => edge.join("_"))), nodes: new Set(path ? [leaf, ...path.map(([node]) => node)] : []) };
    this.root.classList.toggle("lighting", path !== null);
    this.refresh();
  }

  goBy(by) {
    this.strides.box.value = this.by = by;
    this.refresh();
  }

  setMode(mode) {
    this.mode = mode;
    if (mode === "predict") this.play(false);
    this.refresh();
    if (mode === "predict") this.predict.focus();
  }

  setSpeed(speed) {
    this.speed = speed;
    if (this.timer) this.play(true);
  }

  play(on) {
    clearInterval(this.timer);
    if (on && this.step === this.machine.last) this.go(0);
    const tick = () => (this.step < this.machine.last ? this.go(this.machine.next(this.step, this.by)) : this.play(false));
    this.timer = on ? setInterval(tick, 1200 / this.speed) : null;
    this.refresh();
  }

  enlarge() {
    this.picture?.project(this.root.classList.toggle("large"));
    this.refresh();
    this.reveal();
  }

  changeTheme() {
    this.chosenTheme = this.root.dataset.theme === "dark" ? "light" : "dark";
    this.root.dataset.theme = this.chosenTheme;
  }

  close() {
    clearInterval(this.timer);
    this.picture?.close();
    this.features.forEach((each) => each.close?.());
    this.endings.forEach((end) => end());
    this.root.remove();
  }
}
