// The page: settings at the left, the network in the middle, what it has learned at the right.

class Playground {
  constructor(root, state, carried) {
    Object.assign(this, { root, state, carried, usual: state.settings, texts: state.texts, playing: false, pace: 1, unit: null, weight: null, own: null });
    Object.assign(this, { drawing: new NetworkPicture(this), units: new UnitPanel(this), charts: new Charts(this) });
    this.settings = { ...state.settings, ...(state.linked ? fromLink(location.hash, { ...state.settings, lang: "" }) : {}) };
    this.lang = this.settings.lang ?? state.lang;
    delete this.settings.lang;
    this.refused = this.wrongSettings();
    if (this.refused) this.settings = { ...state.settings };
    followTheme(true, (dark) => {
      if (this.chosen) return;
      this.dark = dark;
      if (this.run) this.rebuild();
    });
    this.python = new Python(() => this.rebuild());
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

  // p: for a projector, larger; there Page Up and Page Down, the keys of a clicker, go an epoch back and on, and b blanks the screen. Space: play
  // and pause. None of them where something is typed or chosen.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, button, summary")) return;
    if (event.key === "p") {
      this.large = !this.large;
      this.rebuild();
    } else if (this.large && ["b", "B", "."].includes(event.key)) {
      this.pause();
      this.root.classList.toggle("blank");
    } else if (event.key === " ") this.toggle();
    else if (this.large && (event.key === "PageDown" || event.key === "PageUp")) this.seek(this.run.epoch + (event.key === "PageDown" ? 1 : -1));
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
      h("button", { type: "button", title: this.say("theme"), "aria-label": this.say("theme"), onclick: () => { this.chosen = true; this.dark = !this.dark; this.rebuild(); } }, "◐"),
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
    this.around = h("details", { class: "around", open: this.hilly, ontoggle: () => { this.hilly = this.around.open; this.charts.drawHills(); } }, h("summary", {}, this.say("landscape")), this.hills, this.hillsHint);
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
    const { live } = this.python, { widest, deepest, most } = this.state;
    const sizes = layers.map((n, i) => h("select", { "aria-label": this.say("unitsOf", { layer: i + 1 }), onchange: (event) => set(layers.with(i, Number(event.target.value))) },
      ...unitsOffered(live ? most.units : widest, n).map((k) => h("option", { value: k, selected: k === n }, String(k)))));
    return h("div", { class: "field layers", role: "group", "aria-label": this.say("layers") }, h("span", { id }, this.say("layers")), ...sizes,
      h("button", { type: "button", "aria-label": this.say("moreLayers"), title: this.say("moreLayers"), disabled: layers.length >= (live ? most.layers : deepest), onclick: () => set([...layers, 4]) }, "+"),
      h("button", { type: "button", "aria-label": this.say("fewerLayers"), title: this.say("fewerLayers"), disabled: !layers.length, onclick: () => set(layers.slice(0, -1)) }, "−"));
  }

  async set(key, value) {
    const place = document.activeElement?.id, before = this.settings;
    this.settings = { ...this.settings, [key]: value };
    if (this.python.live && this.wrongSettings() === "layers") await this.recordNetwork(this.settings.layers);
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

  // A network that the page does not carry, recorded by Python; where it keeps silent it is none.
  async recordNetwork(layers) {
    this.pause();
    this.remark(this.say("pythonRecords"));
    const answer = await this.python.ask({ what: "network", layers });
    this.remark(answer ? "" : this.say("pythonSilent"));
    for (const [task, carried] of answer ? Object.entries(this.carried) : []) carried.plans[answer.key] = answer.plans[task];
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
    this.drawing.draw();
    this.charts.drawLearned();
    this.charts.drawNumbers();
    this.charts.drawHills();
    this.marker.textContent = this.marked ? this.say("unmark", { epoch: this.marked.epoch }) : this.say("mark");
    this.marker.setAttribute("aria-pressed", String(!!this.marked));
    if (this.unit) this.units.draw();
    else this.panel.replaceChildren(h("p", { class: "hint" }, this.say("chooseUnit")), ...(this.marked ? this.units.mostMoved() : []));
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
