// Beside the operation of a step a picture of it: of a product a rectangle whose sides grow, of a sum its shares, of all others the curve
// along one input, with the point and the tangent. The curve is that of the page's own operation, and the tangent has its local slope.

const SUMS = new Set(["add", "sub", "total", "weighted_sum"]);
const SATURATED = 0.01, SATURATING = new Set(["tanh", "sigmoid", "erf", "normal_cdf"]), SAMPLES = 240, STEEP = 8;
const ADDING = 320; // pixels that the sum takes beside a picture on the screen of a presenter

// The inputs of an operation that are no constants, as their places.
const variables = ({ inputs }) => inputs.flatMap((x, i) => (typeof x === "number" ? [i] : []));

// The operation along one of its inputs, around a point: { x, y, slope, window: [left, right, low, high], pieces: [[[x, y], ...], ...], gaps: [[left, right], ...] }; a text's key
// where there is nothing to draw.
function plotCurve(machine, node, index) {
  const { nodes, data } = machine, { operation, rule } = nodes[node], args = machine.inputsOf(nodes[node], data);
  const x = args[index], y = data[node], slope = machine.slopes[node][index] ?? operations[operation].slopes(...args, y)[index];
  if (![x, y].every(Number.isFinite) || Number.isNaN(slope)) return "plotNotFinite";
  const f = (moved) => {
    const all = args.with(index, moved), z = operations[operation].forward(...all);
    return refused(rule, all, z) || !Number.isFinite(z) ? NaN : z;
  };
  let [left, right] = [Math.min(-3, 1.4 * x), Math.max(3, 1.4 * x)], seen = null;
  for (let i = 0; i < 100; i += 1) {
    seen = plotSamples(f, left, right, y);
    const steep = (Math.abs(slope) * (right - left)) / (seen.high - seen.low), least = 4096 * ulp(x), narrow = right - left <= least;
    if (narrow && seen.turns > 12) return "plotTooLarge"; // it turns faster than there are numbers
    if (narrow || (seen.turns <= 12 && (!(steep > STEEP) || slope === Infinity || slope === -Infinity))) break;
    const closer = Math.min(Math.max(2, Math.min(steep / STEEP, 1e6) || 0), (right - left) / least); // never too close: the range of f shrinks too
    [left, right] = [x - (x - left) / closer, x + (right - x) / closer];
  }
  const { low, high, points } = seen;
  if (!Number.isFinite(high - low) || !Number.isFinite(right - left)) return "plotTooLarge";
  return { x, y, slope, window: [left, right, low, high], ...plotPieces(f, points, high - low) };
}

// Points of f, what range of its values to show (not the last way up to a pole), and how often it turns.
function plotSamples(f, left, right, y) {
  const points = [...Array(SAMPLES + 1).keys()].map((i) => left + ((right - left) * i) / SAMPLES).map((x) => [x, f(x)]);
  const values = points.map(([, z]) => z).filter((z) => !Number.isNaN(z)).sort((a, b) => a - b), rises = points.slice(1).map(([, z], i) => Math.sign(z - points[i][1]));
  const part = (share) => values[Math.round(share * (values.length - 1))] ?? y, inner = part(0.95) - part(0.05);
  const [lowest, highest] = [part(0), part(1)], wild = highest - lowest > 4 * inner && inner > 0;
  const low = Math.min(y, wild ? part(0.05) : lowest), high = Math.max(y, wild ? part(0.95) : highest), edge = (high - low) * 0.08 || Math.abs(y) / 4 || 1;
  return { points, low: low - edge, high: high + edge, turns: rises.filter((sign, i) => i && sign * rises[i - 1] < 0).length };
}

// The curve in one piece as long as it is defined and does not jump over the window; and where it is not defined.
function plotPieces(f, points, height) {
  const found = [], gaps = [], edge = (inside, outside) => {
    for (let i = 0; i < 60; i += 1) {
      const middle = (inside + outside) / 2;
      [inside, outside] = Number.isNaN(f(middle)) ? [inside, middle] : [middle, outside];
    }
    return inside;
  };
  let piece = null, gap = null;
  points.forEach(([x, z], i) => {
    const [before, last] = points[i - 1] ?? [x, z];
    if (Number.isNaN(z)) {
      gap ??= [piece ? edge(before, x) : x, x];
      if (piece && f(gap[0]) === f(gap[0])) piece.push([gap[0], f(gap[0])]);
      gap[1] = x;
      piece = null;
      return;
    }
    if (gap) {
      gap[1] = edge(x, before);
      gaps.push(gap);
      gap = null;
      piece = [[gaps.at(-1)[1], f(gaps.at(-1)[1])]];
      found.push(piece);
    } else if (!piece || (Math.abs(z - last) > height && z * last < 0)) found.push((piece = [])); // a pole
    piece.push([x, z]);
  });
  return { pieces: found, gaps: gap ? [...gaps, gap] : gaps };
}

class Plots {
  constructor(stepper) {
    this.stepper = stepper;
  }

  update(step) {
    const { machine, panel, root } = this.stepper, { node, index, kind } = machine.events[step], working = panel.box.querySelector(".working");
    if (node === undefined || kind === "seed" || !panel.box.clientWidth || !operations[machine.nodes[node].operation]) return;
    const table = working.querySelector("table"), room = panel.box.clientWidth - 26, unit = root.classList.contains("large") ? 1.43 : 1;
    working.classList.add("beside");
    const presenting = root.classList.contains("presenting"), adding = presenting && working.querySelector(".adding"); // there all stand side by side
    const wide = room - table.offsetWidth - (adding ? ADDING : 6), beside = wide >= 84 * unit, width = Math.min(beside ? wide : room, 230 * unit);
    const figure = this.figure(node, index, width, unit);
    if (figure) figure.style.width = `${width}px`;
    if (figure && beside) {
      (adding || table).after(figure);
      if (figure.scrollWidth <= figure.clientWidth + 1 && !(presenting && panel.box.scrollHeight > panel.box.clientHeight)) return;
      figure.style.width = `${Math.min(room, 230 * unit)}px`; // a table of shares is wider than the room beside the equations
    }
    working.classList.remove("beside");
    if (figure && !presenting) working.append(figure);
    else figure?.remove(); // no room for it
  }

  figure(node, index, width, unit) {
    const { rule } = this.stepper.machine.nodes[node], [first, ...others] = variables(this.stepper.machine.nodes[node]);
    if (others.length && rule === "mul") return this.rectangle(node, index, width, unit);
    if (others.length && SUMS.has(rule)) return this.shares(node, index);
    return this.curve(node, index ?? first, others.length > 0, width, unit);
  }

  said(kind, drawing, ...words) {
    return h("figure", { class: `plot ${kind}` }, drawing, h("figcaption", {}, words.flat()));
  }

  // `one` of several inputs, or the only one.
  curve(node, index, one, width, unit) {
    const { machine, say } = this.stepper, { nodes } = machine, { rule, math: name, text } = nodes[node], drawn = plotCurve(machine, node, index);
    if (typeof drawn === "string") return this.said("curve", null, say(drawn));
    const { x, y, slope, pieces: found, gaps, window: [left, right, low, high] } = drawn, height = 112 * unit;
    const X = (at) => ((at - left) / (right - left)) * width, Y = (at) => ((high - at) / (high - low)) * height;
    const line = (class_, x1, y1, x2, y2) => svg("line", { class: class_, x1, y1, x2, y2 });
    const parts = gaps.map(([from, to]) => svg("rect", { class: "gap", x: X(from), y: 0, width: X(to) - X(from), height }));
    if (left < 0 && right > 0) parts.push(line("axis", X(0), 0, X(0), height));
    if (low < 0 && high > 0) parts.push(line("axis", 0, Y(0), width, Y(0)));
    parts.push(...found.map((piece) => svg("polyline", { class: "f", points: piece.map(([a, b]) => `${X(a)},${Math.max(-1e4, Math.min(1e4, Y(b)))}`).join(" ") })));
    const down = Number.isFinite(slope) ? (-slope * (height / (high - low))) / (width / (right - left)) : -Math.sign(slope) * Infinity, reach = 0.36 * width;
    const [dx, dy] = Number.isFinite(down) ? [reach / Math.hypot(1, down), (reach * down) / Math.hypot(1, down)] : [0, Math.sign(down) * reach];
    parts.push(line("tangent", X(x) - dx, Y(y) - dy, X(x) + dx, Y(y) + dy), svg("circle", { class: "point", cx: X(x), cy: Y(y), r: 4 * unit }));
    const title = `${text}: ${say("plotAt", { x: minus(show(x)), y: minus(show(y)), slope: minus(show(slope)) })}`;
    const box = svg("svg", { role: "img", "aria-label": title, width, height, viewBox: `0 0 ${width} ${height}`, "data-window": drawn.window.join(" ") }, ...parts);
    const input = nodes[nodes[node].inputs[index]].math, kink = operations[nodes[node].operation].kink?.(...machine.inputsOf(nodes[node], machine.data)) === 0;
    const word = rule === "relu" && slope === 0 && x < 0 ? "deadRelu" : kink ? "plotKink" : SATURATING.has(rule) && Math.abs(slope) < SATURATED ? "saturated" : null;
    return this.said("curve", box, math(ratio(name, input), null, true), " = ", numeral(slope), word ? h("strong", {}, ` ${say(word)}`) : null,
      one ? h("span", { class: "hint" }, ` (${say("plotAlong")})`) : null, gaps.length ? h("span", { class: "hint" }, ` ▨ ${say("plotUndefined")}`) : null);
  }

  // c = a · b as an area: what a little more of a adds is b · da, of b a · db.
  rectangle(node, index, width, unit) {
    const { machine, say } = this.stepper, { nodes, data } = machine, { math: name, inputs } = nodes[node], [a, b] = machine.inputsOf(nodes[node], data);
    if (![a, b].every(Number.isFinite)) return this.said("rectangle", null, say("plotNotFinite"));
    const height = 112 * unit, grow = 0.15, [w, h_] = [width - 4, height - 4].map((side) => side / (1 + grow));
    const longer = Math.max(Math.abs(a), Math.abs(b)) || 1, sides = [a, b].map((side) => (side ? Math.max(Math.abs(side) / longer, 0.25) : 0)), scale = Math.min(w, h_);
    const [p, q] = [Math.min(w, sides[0] * scale), Math.min(h_, sides[1] * scale)], [da, db] = [p || scale / 2, q || scale / 2].map((side) => side * grow), top = height - 2 - q;
    const part = (class_, x, y, wide, high) => svg("rect", { class: class_, x, y, width: wide, height: high });
    const [na, nb] = inputs.map((x) => nodes[x].math), mark = (i) => (index === undefined || index === i ? "grows" : "grows other");
    const box = svg("svg", { role: "img", "aria-label": say("plotArea"), width, height, viewBox: `0 0 ${width} ${height}`, "data-scale": [a ? p / Math.abs(a) : NaN, b ? q / Math.abs(b) : NaN].join(" ") },
      part(`area ${a * b < 0 ? "minus" : ""}`, 2, top, p, q), part(`${mark(0)} da`, 2 + p, top, da, q), part(`${mark(1)} db`, 2, top - db, p, db));
    const d = (x) => `<mi mathvariant="normal">d</mi>${x}`;
    return this.said("rectangle", box, math(`${name}<mo>=</mo>${na}<mo>·</mo>${nb}`), index === 1 ? null : h("br"), index === 1 ? null : ["→ ", math(`${nb}<mo>·</mo>${d(na)}`)],
      index === 0 ? null : h("br"), index === 0 ? null : ["↑ ", math(`${na}<mo>·</mo>${d(nb)}`)], a * b < 0 ? h("span", { class: "hint" }, ` ${say("plotSign")}`) : null);
  }

  // What each term gives to a sum, as a bar from 0.
  shares(node, index) {
    const { machine, say } = this.stepper, { nodes, data } = machine, { rule, inputs } = nodes[node], args = machine.inputsOf(nodes[node], data), count = (inputs.length - 1) / 2;
    const called = (i) => (typeof inputs[i] === "number" ? nodes[inputs[i]].math : `<mn>${minus(show(args[i]))}</mn>`);
    const terms = rule === "weighted_sum" ? [...Array(count).keys()].map((i) => [`${called(i)}<mo>·</mo>${called(count + i)}`, args[i] * args[count + i], [i, count + i]]).concat([[called(2 * count), args[2 * count], [2 * count]]])
      : args.map((x, i) => [rule === "sub" && i ? `<mo>-</mo>${called(i)}` : called(i), rule === "sub" && i ? -x : x, [i]]);
    const at = Math.max(0, terms.findIndex(([, , own]) => own.includes(index))), first = Math.max(0, Math.min(at - 2, terms.length - 6)), shown = terms.slice(first, first + 6);
    const largest = Math.max(...terms.map(([, x]) => (Math.abs(x) < Infinity ? Math.abs(x) : 0)));
    const bar = (x) => h("span", { class: `bar ${x < 0 ? "minus" : ""}`, style: `width: ${largest && Number.isFinite(x) ? (100 * Math.abs(x)) / largest : 0}%` });
    const rows = shown.map(([name, x, own]) => h("tr", { class: own.includes(index) ? "at" : null }, h("td", {}, math(name)), h("td", {}, numeral(x)), h("td", { class: "room" }, bar(x))));
    return this.said("shares", h("table", {}, h("tbody", {}, rows)), terms.length > shown.length ? `⋯ ${say("strideMore", { count: terms.length - shown.length })} ` : null, h("span", { class: "hint" }, say("plotShares")));
  }
}

FEATURES.push((stepper) => new Plots(stepper));
