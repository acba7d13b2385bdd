// A small chart with the ends of its axes written, and the loss over the rounds in one.

const LOOP_CHART = { width: 300, height: 190, left: 66, right: 10, top: 8, bottom: 22 };
const MOST_DOTS = 60;

function loopPart(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, x] of Object.entries(attributes)) element.setAttribute(name, x);
  element.append(...children);
  return element;
}

class LoopChart {
  constructor(name) {
    const { width, height, left, right, top, bottom } = LOOP_CHART;
    Object.assign(this, { wide: width - left - right, high: height - top - bottom });
    this.inside = loopPart("svg", { x: left, y: top, width: this.wide, height: this.high }); // what is beyond the frame is cut off
    const label = (x, y, anchor) => loopPart("text", { x, y, "text-anchor": anchor });
    this.labels = [label(left, height - 5, "start"), label(width - right, height - 5, "end"), label(left - 5, height - bottom, "end"), label(left - 5, top + 10, "end")];
    this.box = loopPart("svg", { class: `loop-chart ${name}`, viewBox: `0 0 ${width} ${height}`, width, height, role: "img" },
      loopPart("rect", { class: "frame", x: left, y: top, width: this.wide, height: this.high }), this.inside, ...this.labels);
  }

  // What the ends of the axes stand for; they are kept on the element, for whoever reads the picture.
  range(x0, x1, y0, y1) {
    Object.assign(this, { x0, x1, y0, y1 });
    [x0, x1, y0, y1].forEach((number, i) => setText(this.labels[i], minus(show(number))));
    Object.assign(this.box.dataset, { x0, x1, y0, y1 });
  }

  x(number) {
    return (this.wide * (number - this.x0)) / (this.x1 - this.x0);
  }

  y(number) {
    return this.high - (this.high * (number - this.y0)) / (this.y1 - this.y0);
  }

  // A line through places of which some may be missing: there it breaks.
  path(points) {
    let pen = "M";
    return points.map(([x, y]) => {
      if (!Number.isFinite(y)) return (pen = "M"), "";
      const part = `${pen}${this.x(x).toFixed(2)} ${this.y(y).toFixed(2)}`;
      pen = "L";
      return part;
    }).join("");
  }

  // Where on the axis of x the pointer is.
  under(event) {
    const { left, width } = this.box.getBoundingClientRect();
    return this.x0 + (((event.clientX - left) * LOOP_CHART.width) / width - LOOP_CHART.left) * ((this.x1 - this.x0) / this.wide);
  }
}

// A range that holds the numbers with some room, and is never empty.
function loopRange(numbers) {
  const known = numbers.filter(Number.isFinite), low = Math.min(...known), high = Math.max(...known);
  if (!known.length) return [0, 1];
  const room = high > low ? 0.06 * (high - low) : Math.abs(low) || 1;
  return Number.isFinite(high - low + 2 * room) ? [low - room, high + room] : [low, high];
}

class LossCurve {
  constructor(say, go) {
    Object.assign(this, { say, chart: new LoopChart("losses") });
    this.caption = h("h4", {});
    this.box = h("section", {}, this.caption, this.chart.box);
    this.chart.box.addEventListener("click", (event) => go(Math.min(this.last, Math.max(0, Math.round(this.chart.under(event))))));
  }

  update(losses, at, name) {
    const { chart } = this, [low, high] = loopRange(losses), key = [this.say("loopCurve", { result: name }), at, ...losses].join();
    if (key === this.key) return;
    this.key = key;
    this.last = losses.length - 1;
    const most = [10, 20, 50, 100, 200, 500].find((count) => count >= this.last) ?? this.last; // it is not drawn to another scale at every round
    chart.range(0, most, low >= 0 || losses.some((loss) => loss < 0) ? low : 0, high);
    const points = losses.map((loss, i) => [i, loss]), dots = points.length > MOST_DOTS ? [] : points.filter(([, loss]) => Number.isFinite(loss));
    const dot = ([i, loss]) => loopPart("circle", { cx: chart.x(i), cy: chart.y(loss), r: 3, class: i > at ? "later" : "" });
    chart.inside.replaceChildren(loopPart("path", { class: "curve", d: chart.path(points.slice(0, at + 1)) }), loopPart("path", { class: "later", d: chart.path(points.slice(at)) }), ...dots.map(dot));
    if (Number.isFinite(losses[at])) chart.inside.append(loopPart("circle", { class: "point", cx: chart.x(at), cy: chart.y(losses[at]), r: 6 }));
    setText(this.caption, this.say("loopCurve", { result: name }));
    chart.box.setAttribute("aria-label", `${this.caption.textContent}: ${losses.slice(-8).map((loss) => minus(show(loss))).join(", ")}`);
  }
}
