// What was learned, in pictures: the answer over the plane or the line, the losses, the gradients, and the loss around the path.

class Charts {
  constructor(page) {
    this.page = page;
  }

  drawHills() {
    if (!this.page.hilly) return;
    const found = this.page.playing ? null : landscape(this.page.run);
    if (found) paintLandscape(this.page.hills, found, this.page.palette, this.page.colours, this.page.hills.clientWidth || 260);
    this.page.hillsHint.textContent = this.page.say(this.page.playing ? "landscapePaused" : found ? "landscapeHint" : "landscapeStill", { share: found ? (100 * found.along).toFixed(0) : "" });
  }

  drawLearned() {
    const { run, look, seen } = this.page, output = seen.at(-1), size = this.page.picture.clientWidth || 260, { across, up } = look, { train, test } = run.data;
    if (run.width === 2) paintGrid(this.page.picture, output, this.page.palette, run.task === "classification" ? 3 : Math.max(1, ...output.map(Math.abs)));
    else paintCurve(this.page.picture, output, ...up, this.page.colours.blue, size, 3);
    const place = ([from, to], x) => (100 * (x - from)) / (to - from);
    const mark = (kind) => ([x, target]) => {
      const left = place(across, x[0]), top = 100 - place(up, run.width === 1 ? target : x[1]);
      if (run.width === 1) return svg("circle", { cx: left, cy: top, r: 1.1, class: `${kind} met` });
      return target > 0.5 ? svg("circle", { cx: left, cy: top, r: 1.4, class: `${kind} first` }) : svg("rect", { x: left - 1.2, y: top - 1.2, width: 2.4, height: 2.4, class: `${kind} second` });
    };
    if (this.pointed !== run.data || !this.page.points.firstChild) this.page.points.replaceChildren(...train.map(mark("train")), ...test.map(mark("test")));
    this.page.points.setAttribute("viewBox", "0 0 100 100");
    this.pointed = run.data;
    this.page.picture.setAttribute("aria-label", this.page.say("learned"));
    this.page.legend.textContent = this.page.say(run.width === 1 ? "legendCurve" : "legendPlane");
  }

  drawNumbers() {
    const style = getComputedStyle(this.page.root);
    const { run } = this.page, { train, test } = run.history[run.epoch] ?? { train: run.mean(run.clean, run.all), test: run.tested.length ? run.mean(run.T, run.tested) : null };
    const right = (X, order, samples) => Look.accuracy(run, X, order, samples), percent = (x) => `${(100 * x).toFixed(1)} %`;
    const accuracies = [right(run.clean, run.all, run.data.train), right(run.T, run.tested, run.data.test)].filter((x) => x !== null).map(percent);
    this.page.numbers.textContent = this.page.say("figures", { train: show(train), test: show(test) }) + (accuracies.length ? ` · ${this.page.say("accuracy")} ${accuracies.join(" / ")}` : "");
    const width = this.page.losses.clientWidth || 260, words = { epoch: this.page.say("epoch"), size: 0.86 * parseFloat(style.fontSize) };
    paintLosses(this.page.losses, run.history, run.epoch, this.page.colours, width, 150, words);
    this.page.losses.setAttribute("aria-label", `${this.page.say("losses")}: ${this.page.numbers.textContent}`);
    paintHealth(this.page.health, run.history, this.page.health.clientWidth || 260, 22 * (run.shape.length - 1), this.page.palette);
    this.page.health.style.height = `${22 * (run.shape.length - 1)}px`;
    const ill = this.page.playing ? [] : Look.health(run), names = (what) => this.namesOf(ill.filter((each) => each.what === what));
    this.page.health.setAttribute("aria-label", this.page.say("health"));
    if (!this.page.playing && ill.length && !this.page.run.trouble) {
      this.page.remark(["zeros", "dead", "saturated"].filter((what) => names(what)).map((what) => this.page.say(what, { units: names(what) })).join(" "), true);
    }
  }

  // Units by their names, a layer by its own where it is all there.
  namesOf(units) {
    return [...new Set(units.map(({ layer }) => layer))].flatMap((layer) => {
      const here = units.filter((unit) => unit.layer === layer);
      return here.length > 1 && here.length === this.page.run.shape[layer] ? [this.page.say("unitsNamed", { layer })] : here.map((unit) => this.page.unitName(unit));
    }).join(", ");
  }
}
