// What is told of a unit: its picture, its weights, and why one of them moves; of none, which weights moved most.

class UnitPanel {
  constructor(page) {
    this.page = page;
  }

  // The weights and biases that changed most since the marked epoch.
  mostMoved() {
    const { run, marked } = this.page, changes = Array.from(marked.P, (p, i) => [i, run.descent.P[i] - p]).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 8);
    const named = new Map(run.units().flatMap((unit) => Array.from({ length: run.shape[unit.layer - 1] + 1 }, (_, i) => [this.page.firstOf(unit) + i, [unit, i]])));
    const rows = changes.map(([index, change]) => {
      const [unit, i] = named.get(index);
      return h("tr", {}, h("th", { scope: "row" }, h("button", { type: "button", class: "link", onclick: () => this.page.choose(unit, i) }, `${this.inputOf(unit, i)} → ${this.page.unitName(unit)}`)),
        h("td", {}, shown(marked.P[index])), h("td", {}, shown(run.descent.P[index])), h("td", {}, shown(change)));
    });
    const heads = [this.page.say("weight"), this.page.say("atThat", { epoch: marked.epoch }), this.page.say("atThat", { epoch: run.epoch }), this.page.say("change")];
    return [h("h2", {}, this.page.say("mostMoved", { epoch: marked.epoch })), h("table", {}, h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, ...rows))];
  }

  // What a unit's input i is called; the last one is its bias.
  inputOf(unit, i) {
    return i === this.page.run.shape[unit.layer - 1] ? this.page.say("bias") : unit.layer === 1 ? this.page.inputName(i) : this.page.unitName({ layer: unit.layer - 1, place: i + 1 });
  }

  draw() {
    const { run, unit } = this.page, units = run.units(), k = units.findIndex(({ layer, place }) => layer === unit.layer && place === unit.place), first = this.page.firstOf(unit), { P } = run.descent, gradient = run.nextGradient();
    const below = run.shape[unit.layer - 1], { marked } = this.page;
    const canvas = h("canvas", { class: "large-unit", role: "img", "aria-label": this.page.say("sees", { unit: this.page.unitName(unit) }) });
    const rows = Array.from({ length: below + 1 }, (_, i) => h("tr", { class: this.page.weight?.input === i ? "chosen" : null },
      h("th", { scope: "row" }, h("button", { type: "button", class: "link", onclick: () => this.page.choose(unit, i) }, this.inputOf(unit, i))),
      h("td", {}, shown(P[first + i])), h("td", {}, shown(gradient[first + i])), marked ? h("td", {}, shown(P[first + i] - marked.P[first + i])) : null));
    const place = this.page.panel.contains(document.activeElement) ? [...this.page.panel.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    this.page.panel.replaceChildren(
      h("h2", {}, this.page.say("sees", { unit: this.page.unitName(unit) })), canvas,
      h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, this.page.say("weightOf")), h("th", { scope: "col" }, this.page.say("value")), h("th", { scope: "col" }, this.page.say("gradient")), marked ? h("th", { scope: "col" }, this.page.say("since", { epoch: marked.epoch })) : null)), h("tbody", {}, ...rows)),
      ...(this.page.weight && !this.page.playing ? this.why(units[k]) : [h("p", { class: "hint" }, this.page.say(this.page.playing ? "whenPaused" : "chooseWeight"))]));
    if (place >= 0) this.page.panel.querySelectorAll("button")[place]?.focus();
    this.page.drawing.paintUnit(canvas, this.page.seen[k], units[k], 120);
  }

  // The chain rule for the chosen weight, sample by sample.
  why(unit) {
    const { run, weight, settings } = this.page, { gradient, samples } = Look.why(run, unit, weight.input), name = this.page.unitName(unit);
    const [dL, da, dz] = ["∂L/∂a", "∂a/∂z", "∂z/∂w"], number = (x) => (x < 0 ? `(${shown(x)})` : shown(x)), rate = settings.rate * run.factor(run.epoch), plain = settings.optimizer === "SGD" && !settings.l1 && !settings.l2;
    const rows = samples.slice(0, 5).map(({ sample, upstream, local, x, product }) => h("tr", {},
      h("th", { scope: "row" }, h("button", { type: "button", class: "link", title: this.page.say(this.hasStepper ? "sampleStepper" : "sampleCode"), onclick: () => this.openSample(sample) }, String(sample))),
      ...[upstream, local, x, product].map((each) => h("td", {}, shown(each)))));
    return [
      h("h2", {}, this.page.say("why", { input: this.inputOf(unit, weight.input), unit: name })),
      h("p", { class: "formula" }, `∂L/∂w = ∂L/∂a · ∂a/∂z · ∂z/∂w`),
      h("table", {}, h("thead", {}, h("tr", {}, ...[this.page.say("sample"), dL, da, dz, "∂L/∂w"].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, ...rows)),
      h("p", {}, this.page.say(samples.length === 1 ? "ofOnePoint" : "meanOf", { count: samples.length, gradient: shown(gradient) })),
      h("p", {}, plain ? this.page.say("moves", { rate: show(rate), gradient: number(gradient), change: shown(-rate * gradient) }) : this.page.say("movesBy", { optimizer: settings.optimizer })),
    ];
  }

  // Whether there is a stepper of this network: the page carries that of the one that it was made for, and Python makes any.
  get hasStepper() {
    return this.page.python.live || this.carriesStepper;
  }

  get carriesStepper() {
    const { layers, activation, task } = this.page.state.stepper.of;
    return String(layers) === String(this.page.settings.layers) && activation === this.page.settings.activation && task === this.page.run.task;
  }

  // The graph of a point at these very numbers: in the stepper, in a window of its own, or as code for it.
  async openSample(sample) {
    const { run, state } = this.page, parameters = run.descent.P.slice(0, -2), [x, target] = run.data.train[sample];
    if (!this.carriesStepper && this.page.python.live) {
      const { settings: { layers, activation } } = this.page, answer = await this.page.python.ask({ what: "stepper", layers, activation, task: run.task });
      if (answer) Object.assign(state, { stepper: answer.stepper });
      this.page.stepper = null;
    }
    if (!this.carriesStepper) {
      this.page.copy(asStepper({ ...this.page.told(), parameters, sample }));
      return;
    }
    this.page.stepper ??= URL.createObjectURL(new Blob([JSON.parse(await unpack(state.stepper.page))], { type: "text/html" }));
    const numbers = [...parameters, ...x, target], leaves = state.stepper.leaves.map((leaf, i) => `${leaf}=${repr(numbers[i])}`);
    if (!window.open(`${this.page.stepper}#lang=${this.page.lang}&${leaves.join("&")}`)) this.page.remark(this.page.say("windowRefused"));
  }
}
