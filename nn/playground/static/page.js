// The page: settings at the left, the network in the middle, what it has learned at the right.

class Playground {
  constructor(root, state, carried) {
    Object.assign(this, { root, state, carried, usual: state.settings, texts: state.texts, playing: false, pace: 1, unit: null, weight: null, own: null });
    this.settings = { ...state.settings, ...(state.linked ? fromLink(location.hash, { ...state.settings, lang: "" }) : {}) };
    this.lang = this.settings.lang ?? state.lang;
    delete this.settings.lang;
    this.refused = this.wrongSettings();
    if (this.refused) this.settings = { ...state.settings };
    this.dark = matchMedia("(prefers-color-scheme: dark)").matches;
    this.build();
    this.restart();
    this.compare();
    if (this.refused) this.remark(this.say("linkRefused", { setting: this.refused }));
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("dragover", (event) => event.preventDefault()); // a file may be dropped anywhere
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      this.readFile(event.dataTransfer.files[0]);
    });
    if (state.linked) addEventListener("hashchange", () => location.hash.slice(1) !== this.written && location.reload());
  }

  say(key, values = {}) {
    return (this.texts[this.lang][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  // A setting of a link that cannot be.
  wrongSettings() {
    const { settings: s, state } = this;
    for (const [key, { options, low, high, whole }] of Object.entries(state.controls)) {
      const x = s[key];
      if (options ? !options.map(String).includes(String(x)) : !(x >= low && x <= high) || (whole && !Number.isInteger(x))) return key;
    }
    const task = state.data[s.data]?.task;
    return this.carried[task]?.plans[s.layers.join(" ")] ? null : task ? "layers" : "data"; // recorded in Python
  }

  // p: larger text; space: play and pause; neither where something is typed or chosen.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, button, summary")) return;
    if (event.key === "p") {
      this.large = !this.large;
      this.rebuild();
    } else if (event.key === " ") this.toggle();
    else return;
    event.preventDefault();
  }

  // ---- What there is to be seen ----

  build() {
    const { root } = this, name = (tag, part, ...children) => (this[part] = h(tag, { class: part.toLowerCase() }, ...children));
    root.replaceChildren();
    root.tabIndex = -1;
    root.className = `playground${this.large ? " large" : ""}`;
    root.dataset.theme = this.dark ? "dark" : "light";
    this.palette = new Palette(this.dark);
    this.fields = {};
    const options = h("form", { class: "settings", "aria-label": this.say("settings"), onsubmit: (event) => event.preventDefault() },
      ...this.state.sections.map(([heading, keys]) => {
        const shown = keys.filter((key) => !this.state.hidden.includes(key));
        return shown.length ? h("fieldset", {}, h("legend", {}, this.say(heading)), ...shown.map((key) => this.field(key))) : null;
      }));
    this.play = h("button", { type: "button", class: "main", onclick: () => this.toggle() });
    const button = (key, call) => h("button", { type: "button", onclick: call, title: this.say(`${key}Title`) }, this.say(key));
    this.slider = h("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": this.say("epoch"), oninput: () => this.seek(Number(this.slider.value)) });
    this.speed = h("select", { "aria-label": this.say("speed"), onchange: () => { this.pace = Number(this.speed.value); } },
      ...[[1, "speed1"], [10, "speed10"], [0, "speedMost"]].map(([value, key]) => h("option", { value, selected: value === this.pace }, this.say(key))));
    this.at = h("output", { class: "at" });
    this.marker = h("button", { type: "button", "aria-pressed": String(!!this.marked), title: this.say("markTitle"), onclick: () => this.mark() });
    const bar = h("div", { class: "bar", role: "group", "aria-label": this.say("training") }, this.play, button("step", () => this.take()), button("epochButton", () => this.takeEpoch()),
      button("reset", () => this.restart()), this.speed, button("back", () => this.seek(this.run.epoch - 1)), this.slider, button("forth", () => this.seek(this.run.epoch + 1)), this.at, this.marker);
    const corner = h("div", { class: "corner" },
      ...Object.keys(this.texts).map((lang) => h("button", { type: "button", lang, "aria-pressed": String(lang === this.lang), onclick: () => this.speak(lang) }, lang)),
      h("button", { type: "button", title: this.say("theme"), "aria-label": this.say("theme"), onclick: () => { this.dark = !this.dark; this.rebuild(); } }, "◐"),
      h("button", { type: "button", title: this.say("large"), "aria-label": this.say("large"), onclick: () => { this.large = !this.large; this.rebuild(); } }, "A+"));
    this.network = h("div", { class: "network", role: "group", "aria-label": this.say("network") });
    this.panel = h("section", { class: "panel", "aria-live": "polite" });
    this.picture = h("canvas", { class: "learned", role: "img" });
    this.points = svg("svg", { class: "points", "aria-hidden": "true" });
    this.legend = h("p", { class: "legend" });
    this.losses = h("canvas", { class: "losses", role: "img" });
    this.health = h("canvas", { class: "health", role: "img" });
    this.numbers = h("p", { class: "numbers" });
    this.hills = h("canvas", { class: "landscape", role: "img", "aria-label": this.say("landscape") });
    this.hillsHint = h("p", { class: "hint" });
    this.around = h("details", { class: "around", open: this.hilly, ontoggle: () => { this.hilly = this.around.open; this.drawHills(); } }, h("summary", {}, this.say("landscape")), this.hills, this.hillsHint);
    this.remarks = h("div", { class: "remarks", role: "status" });
    this.codeBox = h("textarea", { class: "code", rows: 12, readonly: true, spellcheck: "false", hidden: true, "aria-label": this.say("asCode") });
    const copies = h("p", { class: "copies" }, h("button", { type: "button", onclick: () => this.copy(asCode(this.told())) }, this.say("copyCode")),
      this.state.linked ? h("button", { type: "button", onclick: () => this.copy(`${location.href.split("#")[0]}#${this.link()}`) }, this.say("copyLink")) : null);
    const plane = h("div", { class: "plane", onclick: (event) => this.addPoint(event) }, this.picture, this.points);
    root.append(
      h("header", {}, h("h1", {}, this.say("title")), corner), bar,
      h("div", { class: "columns" }, options,
        h("div", { class: "middle" }, this.remarks, this.network, this.panel),
        h("div", { class: "right" }, h("h2", {}, this.say("learned")), plane, this.legend, this.numbers, h("h2", {}, this.say("losses")), this.losses,
          h("h2", {}, this.say("health")), this.health, h("p", { class: "hint" }, this.say("healthHint")), this.around, copies, this.codeBox)));
  }

  rebuild() {
    this.build();
    this.draw();
  }

  speak(lang) {
    this.lang = lang;
    this.rebuild();
    this.root.querySelector(`[lang="${lang}"]`).focus();
  }

  // A setting: a list to choose from, a number, or the layers.
  field(key) {
    const { options, low, high, step, file } = this.state.controls[key] ?? {}, value = this.settings[key], id = `${this.state.id}-${key}`;
    if (key === "layers") return this.layersField(id);
    const set = (input) => this.set(key, options && typeof options[0] === "string" ? input.value : Number(input.value));
    const input = options
      ? h("select", { id, onchange: () => set(input) }, ...options.map((each) => h("option", { value: each, selected: String(each) === String(value) }, this.optionName(key, each))))
      : h("input", { id, type: "number", min: low, max: high, step: step ?? "any", value, onchange: () => this.typed(key, input) });
    this.fields[key] = input;
    const more = key === "data" ? h("input", { type: "file", accept: ".csv,.txt,.tsv", class: "file", "aria-label": this.say("file"), title: this.say("fileTitle"), onchange: (event) => this.readFile(event.target.files[0]) }) : null;
    return h("div", { class: "field" }, h("label", { for: id }, this.say(key)), input, more);
  }

  optionName(key, value) {
    const told = this.texts[this.lang][`${key}_${value}`];
    return told ?? (typeof value === "number" ? minus(String(value)) : value);
  }

  // What cannot be is marked, and the number in use stands.
  typed(key, input) {
    const { low, high, whole } = this.state.controls[key], x = Number(input.value), wrong = input.value === "" || !(x >= low && x <= high) || (whole && !Number.isInteger(x));
    input.setAttribute("aria-invalid", String(wrong));
    if (wrong) this.remark(this.say("between", { what: this.say(key), low, high }));
    else this.set(key, x);
  }

  layersField(id) {
    const { layers } = this.settings, set = (sizes) => this.set("layers", sizes);
    const sizes = layers.map((n, i) => h("select", { "aria-label": this.say("unitsOf", { layer: i + 1 }), onchange: (event) => set(layers.with(i, Number(event.target.value))) },
      ...unitsOffered(this.state.widest, n).map((k) => h("option", { value: k, selected: k === n }, String(k)))));
    return h("div", { class: "field layers", role: "group", "aria-label": this.say("layers") }, h("span", { id }, this.say("layers")), ...sizes,
      h("button", { type: "button", "aria-label": this.say("moreLayers"), title: this.say("moreLayers"), disabled: layers.length >= this.state.deepest, onclick: () => set([...layers, 4]) }, "+"),
      h("button", { type: "button", "aria-label": this.say("fewerLayers"), title: this.say("fewerLayers"), disabled: !layers.length, onclick: () => set(layers.slice(0, -1)) }, "−"));
  }

  set(key, value) {
    const place = document.activeElement?.id, before = this.settings;
    this.settings = { ...this.settings, [key]: value };
    if (this.wrongSettings() === "layers") { // an uncommon network was asked for in Python: from it one comes to those that are offered
      this.settings = key === "layers" ? { ...before, layers: value.slice(0, this.state.deepest).map((n) => Math.min(n, this.state.widest)) } : before;
    }
    if (key === "data") {
      this.own = null;
      this.settings.noise = this.state.data[value].noise;
    }
    this.build();
    this.restart();
    if (place) document.getElementById(place)?.focus();
  }

  // ---- Data ----

  data() {
    const { settings: { data, noise, test } } = this;
    if (this.own) return this.own;
    const { task, points, moved, tests } = this.state.data[data], width = points[0].length - 1;
    const samples = points.map((point, i) => point.map((x, k) => x + noise * moved[i][k])).map((row) => [row.slice(0, width), row[width]]);
    const held = new Set(test ? tests[test] : []);
    return { task, train: samples.filter((_, i) => !held.has(i)), test: samples.filter((_, i) => held.has(i)) };
  }

  // A click on the plane is a point of the first class, with Shift of the second; on the line a point to be met.
  addPoint(event) {
    const box = this.picture.getBoundingClientRect(), { look: { across, up }, run: { data } } = this, at = ([from, to], share) => from + (to - from) * share;
    const x = at(across, (event.clientX - box.left) / box.width), y = at(up, 1 - (event.clientY - box.top) / box.height);
    const round = (value) => Math.round(1000 * value) / 1000, sample = this.run.width === 1 ? [[round(x)], round(y)] : [[round(x), round(y)], event.shiftKey ? 0 : 1];
    this.own = { task: data.task, train: [...data.train, sample], test: data.test };
    this.restart();
    this.remark(this.say("pointAdded", { count: this.own.train.length }));
  }

  // Columns of numbers, the last one the target; nothing leaves the page.
  async readFile(file) {
    if (!file) return;
    try {
      this.own = samplesOf(await file.text(), (key, values) => this.say(key, values));
      this.restart();
      this.remark(this.say("fileRead", { name: file.name, count: this.own.train.length + this.own.test.length }));
    } catch (error) {
      this.remark(`${file.name}: ${error.message}`);
    }
  }

  // ---- Training ----

  restart() {
    this.pause();
    const data = this.data(), { task } = data;
    this.run = new Run(this.carried[task], this.settings, data);
    this.look = new Look(this.run);
    this.marked = null;
    if (this.unit && !this.run.units().some(({ layer, place }) => layer === this.unit.layer && place === this.unit.place)) this.unit = this.weight = null;
    this.remark("");
    this.draw();
    this.write();
  }

  // On load: whether the first loss and gradient are Python's.
  compare() {
    const { expected } = this.state;
    if (!expected || this.link()) return;
    const loss = this.run.descent.gradient(this.run.X, this.run.all, 0, this.run.all.length), off = Math.hypot(...expected.gradient.map((g, i) => g - this.run.descent.GP[i]));
    this.agrees = Math.abs(loss - expected.loss) <= 1e-12 * Math.abs(expected.loss) && off <= 1e-12 * Math.hypot(...expected.gradient);
    this.run.descent.GP.fill(0);
    if (!this.agrees) this.remark(this.say("differs"));
  }

  toggle() {
    if (this.playing) this.pause();
    else {
      this.playing = true;
      this.draw();
      requestAnimationFrame(() => this.frame());
    }
  }

  pause() {
    this.playing = false;
  }

  // A picture: some epochs, and what is seen of them.
  frame() {
    if (!this.playing || !this.root.isConnected) return;
    const until = performance.now() + 11, { run } = this;
    for (let count = 0; this.pace ? count < this.pace : performance.now() < until; count += 1) if (!this.advance(!!this.pace)) break;
    if (!this.pace && !run.trouble) run.note();
    this.draw();
    requestAnimationFrame(() => this.frame());
  }

  advance(noted) {
    if (this.run.advanceEpoch(noted)) return true;
    this.pause();
    this.sayTrouble();
    return false;
  }

  sayTrouble() {
    const { sample, unit, parameter } = this.run.trouble;
    const where = unit ? this.say("troubleUnit", { unit: this.unitName(unit), sample }) : sample !== null ? this.say("troubleLoss", { sample }) : this.say("troubleParameter", { parameter: parameter + 1 });
    this.remark(`${where} ${this.say("troubleAdvice", { rate: this.settings.rate })}`);
  }

  take() {
    this.pause();
    if (!this.run.advance()) this.sayTrouble();
    else if (this.run.step === 0) this.run.note();
    this.draw();
  }

  takeEpoch() {
    this.pause();
    this.advance(true);
    this.draw();
  }

  seek(epoch) {
    this.pause();
    const last = this.run.history.length - 1;
    if (epoch > last) this.advance(true);
    else if (epoch >= 0) this.run.goTo(epoch);
    this.draw();
  }

  // Another epoch to compare with: from now on the network shows what has changed since.
  mark() {
    this.marked = this.marked ? null : { epoch: this.run.epoch, P: this.run.descent.P.slice(0, this.run.descent.moving) };
    this.draw();
  }

  // ---- Drawing ----

  draw() {
    const { run } = this, last = run.history.length - 1, style = getComputedStyle(this.root), colour = (name) => style.getPropertyValue(`--${name}`).trim();
    this.colours = Object.fromEntries(["ink", "faint", "line", "blue", "orange"].map((name) => [name, colour(name)]));
    this.play.textContent = this.say(this.playing ? "pause" : "play");
    this.play.setAttribute("aria-pressed", String(this.playing));
    Object.assign(this.slider, { max: last, value: run.epoch });
    this.at.textContent = this.say(run.step ? "atStep" : "atEpoch", { epoch: run.epoch, last, step: run.step, steps: run.steps });
    this.seen = this.look.units();
    this.drawNetwork();
    this.drawLearned();
    this.drawNumbers();
    this.drawHills();
    this.marker.textContent = this.marked ? this.say("unmark", { epoch: this.marked.epoch }) : this.say("mark");
    this.marker.setAttribute("aria-pressed", String(!!this.marked));
    if (this.unit) this.drawUnit();
    else this.panel.replaceChildren(h("p", { class: "hint" }, this.say("chooseUnit")), ...(this.marked ? this.mostMoved() : []));
  }

  // The weights and biases that changed most since the marked epoch.
  mostMoved() {
    const { run, marked } = this, changes = Array.from(marked.P, (p, i) => [i, run.descent.P[i] - p]).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 8);
    const named = new Map(run.units().flatMap((unit) => Array.from({ length: run.shape[unit.layer - 1] + 1 }, (_, i) => [this.firstOf(unit) + i, [unit, i]])));
    const rows = changes.map(([index, change]) => {
      const [unit, i] = named.get(index);
      return h("tr", {}, h("th", { scope: "row" }, h("button", { type: "button", class: "link", onclick: () => this.choose(unit, i) }, `${this.inputOf(unit, i)} → ${this.unitName(unit)}`)),
        h("td", {}, shown(marked.P[index])), h("td", {}, shown(run.descent.P[index])), h("td", {}, shown(change)));
    });
    const heads = [this.say("weight"), this.say("atThat", { epoch: marked.epoch }), this.say("atThat", { epoch: run.epoch }), this.say("change")];
    return [h("h2", {}, this.say("mostMoved", { epoch: marked.epoch })), h("table", {}, h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, ...rows))];
  }

  // What a unit's input i is called; the last one is its bias.
  inputOf(unit, i) {
    return i === this.run.shape[unit.layer - 1] ? this.say("bias") : unit.layer === 1 ? this.inputName(i) : this.unitName({ layer: unit.layer - 1, place: i + 1 });
  }

  drawHills() {
    if (!this.hilly) return;
    const found = this.playing ? null : landscape(this.run);
    if (found) paintLandscape(this.hills, found, this.palette, this.colours, this.hills.clientWidth || 260);
    this.hillsHint.textContent = this.say(this.playing ? "landscapePaused" : found ? "landscapeHint" : "landscapeStill", { share: found ? (100 * found.along).toFixed(0) : "" });
  }

  drawNetwork() {
    const { run } = this, key = run.shape.join(" ") + this.lang + this.dark + this.large;
    if (this.drawn !== key || !this.network.firstChild) this.buildNetwork(key);
    const { P: now } = run.descent, P = this.marked ? now.map((p, i) => p - (this.marked.P[i] ?? p)) : now, most = Math.max(this.marked ? 1e-9 : 1, ...run.layers().map(([first, end]) => Math.max(...P.slice(first, end).map(Math.abs))));
    this.lines.forEach(({ line, index }) => {
      line.setAttribute("stroke", this.palette.css(P[index] < 0 ? -0.85 : 0.85));
      line.setAttribute("stroke-width", String(0.6 + (6 * Math.abs(P[index])) / most));
      line.setAttribute("stroke-dasharray", P[index] < 0 ? "5 3" : "none");
      line.classList.toggle("chosen", index === this.weight?.index);
    });
    const units = run.units();
    this.canvases.forEach((canvas, k) => this.paintUnit(canvas, this.seen[k], units[k], 34));
  }

  paintUnit(canvas, numbers, unit, size) {
    const output = unit.layer === this.run.shape.length - 1;
    if (this.run.width === 2) return paintGrid(canvas, numbers, this.palette, output ? 3 : Math.max(1, ...numbers.map(Math.abs)));
    const [low, high] = output ? this.look.up : [Math.min(-1, ...numbers), Math.max(1, ...numbers)];
    return paintCurve(canvas, numbers, low, high, this.colours.blue, size);
  }

  // Columns of units, and a line for every weight between them.
  buildNetwork(key) {
    const { run } = this, { shape } = run, columns = shape.length, width = 560, height = Math.max(150, 50 * Math.max(...shape) + 30);
    const x = (layer) => 40 + ((width - 80) * layer) / (columns - 1), y = (layer, j) => 30 + ((height - 30) * (j + 0.5)) / shape[layer];
    this.drawn = key;
    this.lines = [];
    const links = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    let index = 0;
    for (let layer = 1; layer < columns; layer += 1) {
      for (let j = 0; j < shape[layer]; j += 1, index += 1) {
        for (let i = 0; i < shape[layer - 1]; i += 1, index += 1) {
          const line = svg("line", { x1: x(layer - 1), y1: y(layer - 1, i), x2: x(layer), y2: y(layer, j) }), weight = { index, layer, place: j + 1, input: i };
          const hit = svg("line", { class: "hit", x1: x(layer - 1), y1: y(layer - 1, i), x2: x(layer), y2: y(layer, j) });
          hit.addEventListener("click", () => this.choose({ layer, place: weight.place }, i));
          this.lines.push({ line, index });
          links.append(line, hit);
        }
      }
    }
    this.canvases = [];
    const place = (element, layer, j) => {
      element.style.left = `${(100 * x(layer)) / width}%`;
      element.style.top = `${(100 * y(layer, j)) / height}%`;
      return element;
    };
    const names = Array.from({ length: shape[0] }, (_, i) => place(h("span", { class: "input" }, this.inputName(i)), 0, i));
    const units = run.units().map((unit) => {
      const canvas = h("canvas", {});
      this.canvases.push(canvas);
      return place(h("button", { type: "button", class: "unit", "aria-label": this.unitName(unit), title: this.unitName(unit), onclick: () => this.choose(unit, null) }, canvas), unit.layer, unit.place - 1);
    });
    const heads = shape.map((n, layer) => place(h("span", { class: "head" }, layer === 0 ? this.say("inputs") : layer === columns - 1 ? this.say("output") : this.say("hidden", { layer })), layer, -0.5 * 1));
    heads.forEach((head) => { head.style.top = "0.9em"; });
    this.network.style.height = `${height}px`;
    this.network.replaceChildren(links, ...names, ...units, ...heads);
  }

  inputName(i) {
    return this.run.width === 1 ? "x" : ["x", "y"][i] ?? `x${i + 1}`;
  }

  unitName({ layer, place }) {
    return layer === this.run.shape.length - 1 ? this.say("output") : this.say("unitName", { layer, place });
  }

  choose(unit, input) {
    this.unit = { layer: unit.layer, place: unit.place };
    this.weight = input === null ? null : { input, index: this.firstOf(unit) + input };
    this.draw();
  }

  // The place of a unit's first weight among the parameters.
  firstOf({ layer, place }) {
    return this.run.layers()[layer - 1][0] + (place - 1) * (this.run.shape[layer - 1] + 1);
  }

  drawUnit() {
    const { run, unit } = this, units = run.units(), k = units.findIndex(({ layer, place }) => layer === unit.layer && place === unit.place), first = this.firstOf(unit), { P } = run.descent, gradient = run.nextGradient();
    const below = run.shape[unit.layer - 1], { marked } = this;
    const canvas = h("canvas", { class: "large-unit", role: "img", "aria-label": this.say("sees", { unit: this.unitName(unit) }) });
    const rows = Array.from({ length: below + 1 }, (_, i) => h("tr", { class: this.weight?.input === i ? "chosen" : null },
      h("th", { scope: "row" }, h("button", { type: "button", class: "link", onclick: () => this.choose(unit, i) }, this.inputOf(unit, i))),
      h("td", {}, shown(P[first + i])), h("td", {}, shown(gradient[first + i])), marked ? h("td", {}, shown(P[first + i] - marked.P[first + i])) : null));
    const place = this.panel.contains(document.activeElement) ? [...this.panel.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    this.panel.replaceChildren(
      h("h2", {}, this.say("sees", { unit: this.unitName(unit) })), canvas,
      h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, this.say("weightOf")), h("th", { scope: "col" }, this.say("value")), h("th", { scope: "col" }, this.say("gradient")), marked ? h("th", { scope: "col" }, this.say("since", { epoch: marked.epoch })) : null)), h("tbody", {}, ...rows)),
      ...(this.weight && !this.playing ? this.why(units[k]) : [h("p", { class: "hint" }, this.say(this.playing ? "whenPaused" : "chooseWeight"))]));
    if (place >= 0) this.panel.querySelectorAll("button")[place]?.focus();
    this.paintUnit(canvas, this.seen[k], units[k], 120);
  }

  // The chain rule for the chosen weight, sample by sample.
  why(unit) {
    const { run, weight, settings } = this, { gradient, samples } = Look.why(run, unit, weight.input), name = this.unitName(unit);
    const [dL, da, dz] = ["∂L/∂a", "∂a/∂z", "∂z/∂w"], number = (x) => (x < 0 ? `(${shown(x)})` : shown(x)), rate = settings.rate * run.factor(run.epoch), plain = settings.optimizer === "SGD" && !settings.l1 && !settings.l2;
    const rows = samples.slice(0, 5).map(({ sample, upstream, local, x, product }) => h("tr", {},
      h("th", { scope: "row" }, h("button", { type: "button", class: "link", title: this.say(this.hasStepper ? "sampleStepper" : "sampleCode"), onclick: () => this.openSample(sample) }, String(sample))),
      ...[upstream, local, x, product].map((each) => h("td", {}, shown(each)))));
    return [
      h("h2", {}, this.say("why", { input: this.inputOf(unit, weight.input), unit: name })),
      h("p", { class: "formula" }, `∂L/∂w = ∂L/∂a · ∂a/∂z · ∂z/∂w`),
      h("table", {}, h("thead", {}, h("tr", {}, ...[this.say("sample"), dL, da, dz, "∂L/∂w"].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, ...rows)),
      h("p", {}, this.say("meanOf", { count: samples.length, gradient: shown(gradient) })),
      h("p", {}, plain ? this.say("moves", { rate: show(rate), gradient: number(gradient), change: shown(-rate * gradient) }) : this.say("movesBy", { optimizer: settings.optimizer })),
    ];
  }

  // Whether the page carries the stepper of this network: that of the one that Python made it for.
  get hasStepper() {
    const { layers, activation, task } = this.state.stepper.of;
    return String(layers) === String(this.settings.layers) && activation === this.settings.activation && task === this.run.task;
  }

  // The graph of a point at these very numbers: in the stepper, in a window of its own, or as code for it.
  async openSample(sample) {
    const { run, state } = this, parameters = run.descent.P.slice(0, -2), [x, target] = run.data.train[sample];
    if (!this.hasStepper) {
      this.copy(asStepper({ ...this.told(), parameters, sample }));
      return;
    }
    this.stepper ??= URL.createObjectURL(new Blob([JSON.parse(await unpack(state.stepper.page))], { type: "text/html" }));
    const numbers = [...parameters, ...x, target], leaves = state.stepper.leaves.map((leaf, i) => `${leaf}=${repr(numbers[i])}`);
    if (!window.open(`${this.stepper}#lang=${this.lang}&${leaves.join("&")}`)) this.remark(this.say("windowRefused"));
  }

  drawLearned() {
    const { run, look, seen } = this, output = seen.at(-1), size = this.picture.clientWidth || 260, { across, up } = look, { train, test } = run.data;
    if (run.width === 2) paintGrid(this.picture, output, this.palette, run.task === "classification" ? 3 : Math.max(1, ...output.map(Math.abs)));
    else paintCurve(this.picture, output, ...up, this.colours.blue, size, 3);
    const place = ([from, to], x) => (100 * (x - from)) / (to - from);
    const mark = (kind) => ([x, target]) => {
      const left = place(across, x[0]), top = 100 - place(up, run.width === 1 ? target : x[1]);
      if (run.width === 1) return svg("circle", { cx: left, cy: top, r: 1.1, class: `${kind} met` });
      return target > 0.5 ? svg("circle", { cx: left, cy: top, r: 1.4, class: `${kind} first` }) : svg("rect", { x: left - 1.2, y: top - 1.2, width: 2.4, height: 2.4, class: `${kind} second` });
    };
    if (this.pointed !== run.data) this.points.replaceChildren(...train.map(mark("train")), ...test.map(mark("test")));
    this.points.setAttribute("viewBox", "0 0 100 100");
    this.pointed = this.points.firstChild ? run.data : null;
    this.picture.setAttribute("aria-label", this.say("learned"));
    this.legend.textContent = this.say(run.width === 1 ? "legendCurve" : "legendPlane");
  }

  drawNumbers() {
    const style = getComputedStyle(this.root);
    const { run } = this, { train, test } = run.history[run.epoch] ?? { train: run.mean(run.clean, run.all), test: run.tested.length ? run.mean(run.T, run.tested) : null };
    const right = (X, order, samples) => Look.accuracy(run, X, order, samples), percent = (x) => `${(100 * x).toFixed(1)} %`;
    const accuracies = [right(run.clean, run.all, run.data.train), right(run.T, run.tested, run.data.test)].filter((x) => x !== null).map(percent);
    this.numbers.textContent = this.say("figures", { train: show(train), test: show(test) }) + (accuracies.length ? ` · ${this.say("accuracy")} ${accuracies.join(" / ")}` : "");
    const width = this.losses.clientWidth || 260, words = { epoch: this.say("epoch"), size: 0.86 * parseFloat(style.fontSize) };
    paintLosses(this.losses, run.history, run.epoch, this.colours, width, 150, words);
    this.losses.setAttribute("aria-label", `${this.say("losses")}: ${this.numbers.textContent}`);
    paintHealth(this.health, run.history, this.health.clientWidth || 260, 22 * (run.shape.length - 1), this.palette);
    this.health.style.height = `${22 * (run.shape.length - 1)}px`;
    const ill = this.playing ? [] : Look.health(run), count = (what) => ill.filter((each) => each.what === what).map((unit) => this.unitName(unit)).join(", ");
    this.health.setAttribute("aria-label", this.say("health"));
    if (!this.playing && ill.length && !this.run.trouble) {
      this.remark(["dead", "saturated"].filter((what) => count(what)).map((what) => this.say(what, { units: count(what) })).join(" "), true);
    }
  }

  remark(text, health = false) {
    if (health && this.remarks.dataset.kind === "said" && this.remarks.textContent) return; // what was said stays
    this.remarks.textContent = text;
    this.remarks.dataset.kind = health ? "health" : "said";
  }

  // ---- What leaves the page ----

  told() {
    const own = this.own !== null;
    return { settings: { ...this.settings, data: own ? "own" : this.settings.data }, data: this.run.data, epochs: this.run.epoch };
  }

  link() {
    return this.own ? "" : asLink(this.lang === this.state.lang ? this.settings : { ...this.settings, lang: this.lang }, this.usual);
  }

  write() {
    if (!this.state.linked) return;
    this.written = this.link();
    history.replaceState(null, "", this.written ? `#${this.written}` : location.href.split("#")[0]);
  }

  async copy(text) {
    this.codeBox.hidden = false;
    this.codeBox.value = text;
    this.codeBox.select();
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = false; // then it stands there to be copied by hand
    }
    this.remark(this.say(done ? "copied" : "copyByHand"));
  }
}

// 1, 2, ... and a number beyond, where there is one.
const unitsOffered = (most, n) => [...Array.from({ length: most }, (_, k) => k + 1), ...(n > most ? [n] : [])];

const shown = (x) => minus(show(x));

// Samples of a text: rows of two or three numbers, the last one the target. A target of two values, 0 and 1, is a class.
function samplesOf(text, say) {
  const rows = text.trim().split(/\r?\n/).map((line) => line.trim()).filter(Boolean).map((line) => line.split(/[,;\t ]+/).map(Number));
  if (rows.length && rows[0].some(Number.isNaN)) rows.shift(); // a heading
  const wrong = rows.findIndex((row) => row.some((x) => !Number.isFinite(x)) || row.length !== rows[0].length);
  if (wrong >= 0) throw Error(say("fileRow", { row: wrong + 1 }));
  if (rows.length < 4 || ![2, 3].includes(rows[0]?.length)) throw Error(say("fileShape"));
  const samples = rows.map((row) => [row.slice(0, -1), row.at(-1)]), classes = samples.every(([, t]) => t === 0 || t === 1);
  if (rows[0].length === 3 && !classes) throw Error(say("fileClasses"));
  if (rows[0].length === 2 && classes) throw Error(say("fileLine"));
  const held = samples.filter((_, i) => i % 5 === 4), train = samples.filter((_, i) => i % 5 !== 4);
  return { task: classes ? "classification" : "regression", train, test: held };
}
