// The result along one leaf, all others as they are, with its tangent: the slope is the gradient. The point can be drawn along the curve.

const SLICE_POINTS = 120;

class LossSlice {
  constructor(machine, say, words, edit) {
    Object.assign(this, { machine, say, words, edit, leaf: null, chart: new LoopChart("slice"), reach: null });
    this.chooser = h("select", { onchange: () => this.update(Number(this.chooser.value), this.moves) });
    this.caption = h("h4", {});
    this.facts = h("p", { class: "facts" });
    this.box = h("section", {}, this.caption, this.chart.box, this.facts);
    this.curve = loopPart("path", { class: "curve" });
    this.tangent = loopPart("line", { class: "tangent" });
    this.step = loopPart("path", { class: "step" });
    this.hand = loopPart("circle", { class: "hand", r: 18 });
    this.point = loopPart("circle", { class: "point", r: 7, role: "slider", tabindex: 0 });
    this.chart.inside.append(this.step, this.curve, this.tangent, this.hand, this.point);
    this.chart.box.removeAttribute("role"); // a picture holds no control
    for (const each of [this.hand, this.point]) each.addEventListener("pointerdown", (event) => this.grab(event));
    this.point.addEventListener("keydown", (event) => this.press(event));
  }

  relabel() {
    const { nodes } = this.machine;
    this.chooser.replaceChildren(...nodes.flatMap(({ name, kind }, i) => (kind === "leaf" || (!nodes[i].rule && kind === "result") ? [h("option", { value: i }, name)] : [])));
    this.caption.replaceChildren(...phrase(this.words("loopSlice"), { result: nodes[this.machine.result].name, leaf: this.chooser }));
    this.chooser.setAttribute("aria-label", this.say("select"));
  }

  // `moves` says to where the next update takes a leaf.
  update(leaf, moves) {
    const { machine, chart } = this, w = machine.data[leaf], loss = machine.data[machine.result], slope = machine.gradient(leaf);
    if (leaf !== this.leaf) this.reach = null;
    Object.assign(this, { leaf, moves });
    this.chooser.value = leaf;
    if (!this.held) this.scale(w);
    const [x0, x1] = this.reach, key = JSON.stringify([leaf, x0, x1, [...machine.edits].filter(([node]) => node !== leaf)]);
    if (key !== this.key) {
      this.key = key;
      const along = this.along(leaf, x0, x1);
      chart.range(x0, x1, ...loopRange([...along.map(([, y]) => y), loss]));
      this.curve.setAttribute("d", chart.path(along));
    }
    this.place(w, loss, slope, moves.get(leaf));
    this.facts.replaceChildren(...phrase(this.words("loopSlope"), { slope: numeral(slope, "result") }));
  }

  // The part of the axis that is shown: it stays while the point is well inside.
  scale(w) {
    const [x0, x1] = this.reach ?? [Infinity, -Infinity], room = 0.05 * (x1 - x0);
    if (w > x0 + room && w < x1 - room) return;
    const reach = Math.max(2, 1.5 * Math.abs(w));
    this.reach = [w - reach, w + reach].map((x) => Number(x.toPrecision(3)));
    if (!this.reach.every(Number.isFinite) || this.reach[0] >= this.reach[1]) this.reach = [-2, 2];
  }

  along(leaf, x0, x1) {
    const { machine } = this, above = machine.dependents(leaf), data = [...machine.data];
    return Array.from({ length: SLICE_POINTS + 1 }, (_, k) => {
      data[leaf] = x0 + ((x1 - x0) * k) / SLICE_POINTS;
      const found = attempt(() => above.forEach((i) => (data[i] = machine.operate(machine.nodes[i], i, data))));
      return [data[leaf], found instanceof Refusal ? NaN : data[machine.result]];
    });
  }

  place(w, loss, slope, to) {
    const { chart, tangent, point, hand, step } = this, [x0, x1] = this.reach;
    const seen = [w, loss].every(Number.isFinite), [x, y] = seen ? [chart.x(w), chart.y(loss)] : [-99, -99];
    for (const each of [point, hand]) each.setAttribute("cx", x), each.setAttribute("cy", y);
    const ends = [x0, x1].map((end) => chart.y(loss + slope * (end - w))), drawn = ends.every(Number.isFinite) && seen;
    tangent.style.display = drawn ? "" : "none";
    if (drawn) Object.entries({ x1: 0, y1: ends[0], x2: chart.wide, y2: ends[1] }).forEach(([name, number]) => tangent.setAttribute(name, number));
    const next = to === undefined ? NaN : chart.x(Math.min(x1, Math.max(x0, to))), tip = next < x ? 5 : -5, low = chart.high - 8;
    step.setAttribute("d", Number.isFinite(next) && seen && Math.abs(next - x) > 1 ? `M${x} ${low}H${next}m${tip} -4l${-tip} 4l${tip} 4` : "");
    const about = { "aria-valuemin": x0, "aria-valuemax": x1, "aria-valuenow": w, "aria-label": `${this.machine.nodes[this.leaf].name} ${this.say("data")}` };
    Object.entries(about).forEach(([name, text]) => point.setAttribute(name, text));
  }

  grab(event) {
    event.preventDefault();
    this.point.focus({ preventScroll: true });
    this.held = true;
    const target = event.currentTarget, move = (at) => this.to(this.chart.under(at));
    const drop = () => {
      this.held = false;
      target.removeEventListener("pointermove", move);
      this.update(this.leaf, this.moves);
    };
    target.setPointerCapture(event.pointerId);
    target.addEventListener("pointermove", move);
    target.addEventListener("lostpointercapture", drop, { once: true });
  }

  press(event) {
    const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.to(this.machine.data[this.leaf] + (way * (this.reach[1] - this.reach[0])) / 100);
  }

  to(x) {
    const [x0, x1] = this.reach;
    this.edit(this.leaf, Number((this.held ? Math.min(x1, Math.max(x0, x)) : x).toPrecision(4)));
  }
}
