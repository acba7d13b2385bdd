// Where Python raises an error in place of a number: there the page refuses a number too.

const QUIET = new Set([
  "add", "sub", "mul", "neg", "abs", "relu", "leaky_relu", "maximum", "minimum", "where", "total", "weighted_sum", "logsumexp",
  "sigmoid", "softplus", "gelu", "normal_pdf", "normal_cdf", "erf", "tanh", "atan",
]);
const GROWING = new Set(["exp", "expm1", "sinh", "cosh", "pow"]);

class Refusal extends Error {
  constructor(kind, node, args) {
    super(kind);
    Object.assign(this, { kind, node, args });
  }
}

// What is wrong with the result of an operation, as the key of a text; null for nothing. Functions refuse a number for which they are
// not defined, or whose result is too large; arithmetic gives inf or nan, but does not divide by zero.
function refused(name, args, result) {
  if (name === "div") return args[1] === 0 ? "notDefined" : null;
  if (QUIET.has(name) || Number.isFinite(result) || args.some(Number.isNaN)) return null;
  if (Number.isNaN(result)) return "notDefined";
  if (!args.every(Number.isFinite)) return null;
  return GROWING.has(name) && !(name === "pow" && args[0] === 0) ? "tooLarge" : "notDefined";
}

// The sentence that Python's error is: which operation, with which numbers, of which nodes.
function sentence({ kind, node, args }, { nodes }, say) {
  const written = operations[nodes[node].operation].text.replace(/\{(\d+)\}/g, (_, i) => repr(args[i])).replaceAll("{{", "{").replaceAll("}}", "}");
  const inputs = nodes[node].inputs.filter((x) => typeof x === "number").map((x) => say("nodeNamed", { name: nodes[x].name }));
  const whose = say(inputs.length === 1 ? "itsInput" : "itsInputs", { inputs: inputs.join(` ${say("and")} `) });
  return `${say(kind, { operation: written })}; ${whose}`;
}

// What a function gives, or the Refusal that it raises.
function attempt(compute) {
  try {
    return compute();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
