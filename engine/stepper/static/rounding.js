// The same graph with fewer digits: every number of both passes rounded once, as float32 and bfloat16 hold it. A rounding error at a node
// moves the result by as much as the node's gradient says: so the node can be named in which an error of the result is born.

const FORMATS = { float32: { bits: 24, digits: 9, round: Math.fround }, bfloat16: { bits: 8, digits: 4, round: toBfloat16 } };
const MANY = 10; // times less certain than what came in: digits cancel here

// To the nearest number of 8 bits with the exponents of a float32, ties to even. (By way of a float32 it would be rounded twice.)
function toBfloat16(x) {
  if (x === 0 || !Number.isFinite(x)) return x;
  const unit = 2 ** (Math.max(exponent(Math.abs(x)), -126) - 7), scaled = x / unit, near = Math.round(scaled);
  const whole = Math.abs(scaled - Math.trunc(scaled)) === 0.5 ? 2 * Math.round(scaled / 2) : near, rounded = whole * unit;
  return Math.abs(rounded) >= 2 ** 128 ? Math.sign(x) * Infinity : Object.is(rounded, 0) && x < 0 ? -0 : rounded;
}

// All numbers with every one rounded, and for each node what its own rounding, and that of its constants, took from it.
function roundedPass(machine, round) {
  const { nodes, events, result } = machine, data = [], own = [];
  const args = (node, rounded = true) => node.inputs.map((x) => (typeof x === "number" ? data[x] : rounded ? round(Number(x.constant)) : Number(x.constant)));
  const compute = (node, rounded) => operations[node.operation].forward(...args(node, rounded));
  nodes.forEach((node, i) => {
    const wanted = node.operation ? compute(node, false) : machine.data[i];
    data.push(round(node.operation ? compute(node, true) : wanted));
    own.push(data[i] === wanted || Number.isNaN(wanted) ? 0 : data[i] - wanted);
  });
  const slopes = nodes.map((node, i) => (node.operation ? operations[node.operation].slopes(...args(node), data[i]).map(round) : []));
  const adjoints = nodes.map((_, i) => (i === result ? 1 : 0));
  for (const { kind, node, index } of events) {
    if (kind !== "backward") continue;
    const x = nodes[node].inputs[index];
    adjoints[x] = round(adjoints[x] + round(passedOn(adjoints[node], slopes[node][index])));
  }
  return { data, own, adjoints };
}

// How many decimal digits of a number are right; Infinity for all.
function rightDigits(x, exact) {
  if (Object.is(x, exact) || x === exact) return Infinity;
  const error = Math.abs((x - exact) / exact);
  return Number.isFinite(error) ? Math.max(0, -Math.log10(error)) : 0;
}

class Rounding {
  constructor(stepper, notes) {
    Object.assign(this, { machine: stepper.machine, say: stepper.say, stepper, notes, format: "float32" });
    this.tabs = toggle(Object.keys(FORMATS), (format) => ((this.format = format), this.tabs.show(format), stepper.refresh()), (format) => format);
    Object.assign(this, { table: new Rows(this.machine.nodes.length, 9, (i) => ({ tr: this.row(i) }), this.say), head: h("tr", {}), words: h("div", { class: "says" }) });
    this.box = h("div", { class: "lens" }, h("div", { class: "controls" }, this.tabs.box), h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, this.head), this.table.body)), this.words);
  }

  relabel() {
    this.tabs.show(this.format);
  }

  // For every node what is lost there, and what the result loses by it.
  read() {
    const { machine } = this, { nodes, data } = machine, pass = roundedPass(machine, FORMATS[this.format].round);
    const digits = data.map((x, i) => rightDigits(pass.data[i], x)), moves = pass.own.map((error, i) => (error ? error * machine.gradient(i) : 0));
    const least = FORMATS[this.format].bits * Math.log10(2); // an error of one unit of the last place
    const cancels = nodes.map(({ inputs }, i) => {
      const came = Math.min(least, ...inputs.map((x) => digits[x] ?? Infinity));
      return inputs.length > 0 && digits[i] < came - Math.log10(MANY);
    });
    const largest = Math.max(...moves.map((x) => (Number.isFinite(x) ? Math.abs(x) : 0)));
    return { ...pass, digits, moves, cancels, born: largest > 0 ? moves.findIndex((x) => Math.abs(x) === largest) : -1 };
  }

  update() {
    const { machine, say } = this, { nodes, result } = machine;
    if (!machine.editable) return this.words.replaceChildren(h("p", { class: "hint" }, say("lensNone", { rules: machine.uneditable.join(", ") })));
    const { format } = this, found = (this.found = this.read());
    this.head.replaceChildren(...[say("name"), say("data"), format, say("lensRight"), say("lensMoves", { result: nodes[result].name }), say("grad"), format, say("lensRight"), ""].map((words) => h("th", { scope: "col" }, words)));
    this.table.clear();
    this.table.follow(format, found.born < 0 ? null : found.born);
    const names = { result: nodes[result].name, format, digits: found.digits[result] === Infinity ? say("lensAll") : found.digits[result].toFixed(1), of: (FORMATS[format].bits * Math.log10(2)).toFixed(1), sum: minus(show(preciseSum(found.moves))), off: minus(show(found.data[result] - machine.data[result])) };
    this.words.replaceChildren(h("p", {}, say("lensRounded", names)), h("p", { class: "sum" }, say("lensSum", names)));
    found.digits.forEach((x, i) => this.notes.add(i, `${i === found.born ? "◆ " : found.cancels[i] ? "▼ " : ""}${say("lensCount", { digits: x === Infinity ? say("lensAll") : x.toFixed(1) })}`, i === found.born ? "born" : "", repr(found.data[i])));
  }

  // A node: its number and its gradient, in all digits and rounded.
  row(i) {
    const { machine, found, say, format } = this, gradient = (node) => machine.gradient(node);
    const wide = (x) => h("data", { class: "number", title: repr(x) }, minus(exact(Number.isFinite(x) ? Number(x.toPrecision(10)) : x)));
    const rounded = (x) => h("data", { class: "number", value: repr(x), title: repr(x) }, minus(exact(Number.isFinite(x) ? Number(x.toPrecision(FORMATS[format].digits)) : x)));
    const digits = (x, kind) => h("data", { class: `number ${kind}`, value: repr(x) }, x === Infinity ? say("lensAll") : x.toFixed(1));
    return h("tr", { class: i === found.born ? "born" : null }, [
      machine.nodes[i].name, wide(machine.data[i]), rounded(found.data[i]), digits(found.digits[i], "digits"), h("data", { class: "number moves", value: repr(found.moves[i]), title: repr(found.moves[i]) }, minus(show(found.moves[i]))),
      ...(machine.gets[i] ? [wide(gradient(i)), rounded(found.adjoints[i]), digits(rightDigits(found.adjoints[i], gradient(i)), "digits")] : ["–", "–", "–"]),
      i === found.born ? `◆ ${say("lensBorn")}` : found.cancels[i] ? `▼ ${say("lensCancels")}` : "",
    ].map((cell) => h("td", {}, cell)));
  }
}
