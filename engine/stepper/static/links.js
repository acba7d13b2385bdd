// The state in the address, so that a link leads to a step: #step=9&by=node&lang=id&mode=predict&node=z&rate=0.5&w=0.6. What is as it was when
// the page was written is left out. `?bare` leaves the graph, the panel of the step and the controls, for a frame in slides.

const LINK_PAUSE = 400; // milliseconds; a browser that is told of every step soon refuses
const LINK_WORDS = ["step", "by", "lang", "mode", "node", "rate", "bare"];

class Links {
  constructor(stepper) {
    Object.assign(this, { stepper, machine: stepper.machine, model: stepper.model, remark: null });
    this.names = this.named();
    this.copier = button("#", "", () => this.copy(), { class: "copy-link" });
    this.line = h("p", { class: "hint link-line", role: "status" });
    this.startEdits = new Map(this.machine.edits);
    this.start = this.now();
    this.written = -Infinity;
    this.read();
    this.changed = () => {
      this.read(this.start);
      stepper.strides.box.value = stepper.by;
      stepper.edited();
      stepper.relabel();
      stepper.setMode(stepper.mode);
    };
    addEventListener("hashchange", this.changed);
  }

  // What a leaf is called in a link: its name, or its place where that is no name of its own.
  named() {
    const { nodes } = this.machine, called = new Map();
    for (const { name } of nodes) called.set(name, (called.get(name) ?? 0) + 1);
    return new Map(nodes.flatMap(({ name, rule }, i) => (rule ? [] : [[i, LINK_WORDS.includes(name) || called.get(name) > 1 ? `.${i}` : name]])));
  }

  now() {
    const { stepper, machine } = this, { step, by, lang, mode, selected } = stepper;
    const leaves = [...new Set([...this.startEdits.keys(), ...machine.edits.keys()])].map((leaf) => [this.names.get(leaf), repr(machine.data[leaf]).replace(/\.0$/, "")]);
    return new Map([["step", `${step}`], ["by", by], ["lang", lang], ["mode", mode], ["node", `${selected ?? ""}`], ["rate", `${this.model.get("learning_rate")}`], ...leaves]);
  }

  // Take what the address says; what is no state of this page is left out, and said.
  read(base = new Map()) {
    const { stepper, machine, model } = this, ignored = [];
    const said = new URLSearchParams(location.hash.slice(1)), all = new Map([...base, ...said]), edits = new Map(this.startEdits);
    const leaves = new Map([...this.names].map(([leaf, name]) => [name, leaf])), one = (list) => (text) => (list.includes(text) ? text : null);
    const whole = (most) => (text) => (/^\d+$/.test(text) && Number(text) <= most ? Number(text) : null), above0 = (text) => (typed(text) > 0 && Number.isFinite(typed(text)) ? typed(text) : null);
    const takes = {
      step: [whole(machine.last), (x) => model.set("step", x)], by: [one(Object.keys(machine.stops)), (x) => (stepper.by = x)], lang: [one(Object.keys(stepper.texts)), (x) => model.set("lang", x)],
      mode: [one(["explore", "predict"]), (x) => (stepper.mode = x)], node: [(text) => (text === "" ? -1 : whole(machine.nodes.length - 1)(text)), (x) => model.set("selected", x < 0 ? null : x)],
      rate: [above0, (x) => model.set("learning_rate", x)], bare: [() => true, () => {}],
    };
    for (const [key, text] of all) {
      const leaf = leaves.get(key), number = typed(text);
      const [reads, take] = takes[key] ?? [() => (leaf !== undefined && machine.editable && Number.isFinite(number) && number !== null ? number : null), (x) => edits.set(leaf, x)];
      const x = reads(text);
      if (x !== null) take(x);
      else if (said.has(key)) ignored.push(`${key}=${text}`.slice(0, 40));
    }
    const refusal = machine.editable ? machine.take(edits) : null;
    if (!refusal) model.set("edits", Object.fromEntries(machine.edits));
    this.remark = refusal ? () => sentence(refusal, machine, stepper.say) : ignored.length ? () => stepper.say("linkIgnored", { what: ignored.join(", ") }) : null;
  }

  get hash() {
    const said = [...this.now()].filter(([key, text]) => text !== this.start.get(key));
    return said.length ? `#${new URLSearchParams(said)}` : "";
  }

  // Written at once, and then not again for a moment. A frame that has no address of its own refuses; there it goes without.
  write() {
    clearTimeout(this.timer);
    this.timer = null;
    this.written = performance.now();
    const { hash } = this;
    if (this.refused || hash === location.hash || (!hash && !location.hash)) return;
    try {
      history.replaceState(null, "", hash || location.pathname + location.search);
    } catch {
      this.refused = true;
    }
  }

  update() {
    setText(this.line, this.remark?.() ?? "");
    const wait = this.written + LINK_PAUSE - performance.now();
    if (wait <= 0) this.write();
    else if (!this.refused) this.timer ??= setTimeout(() => this.write(), wait);
  }

  async copy() {
    const link = location.href.split("#")[0] + this.hash;
    let done = true;
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      done = false; // then it stands there to be copied by hand
    }
    this.remark = () => (done ? this.stepper.say("linkCopied") : link);
    this.update();
  }

  relabel() {
    for (const name of ["title", "aria-label"]) this.copier.setAttribute(name, this.stepper.say("copyLink"));
  }

  close() {
    clearTimeout(this.timer);
    removeEventListener("hashchange", this.changed);
  }
}

// In a notebook the address is the notebook's.
FEATURES.push((stepper) => {
  if (!stepper.alone) return null;
  const links = (stepper.links = new Links(stepper));
  if (location.protocol === "about:") links.copier.hidden = true;
  return { where: "bar", box: links.copier, update: () => links.update(), relabel: () => links.relabel(), close: () => links.close() };
});
FEATURES.push((stepper) => {
  if (!stepper.alone) return null;
  const bare = new URLSearchParams(location.search).has("bare") || new URLSearchParams(location.hash.slice(1)).has("bare");
  document.body.classList.toggle("bare", bare);
  return { where: "below", box: stepper.links.line };
});
