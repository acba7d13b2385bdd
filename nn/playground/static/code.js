// The run as Python, and the settings as a link.

function asCode({ settings: s, data, epochs }) {
  const optimizers = {
    SGD: `SGD(${s.rate})`, momentum: `SGD(${s.rate}, momentum=0.9)`, Nesterov: `SGD(${s.rate}, momentum=0.9, nesterov=True)`,
    Adam: `Adam(${s.rate})`, AdamW: `AdamW(${s.rate})`, RMSProp: `RMSProp(${s.rate})`,
  };
  const schedules = { linear: "linear(1000)", cosine: "cosine(1000)", warmup: "warmup(50)" }, number = (x) => (Number.isInteger(x) ? `${x}.0` : repr(x));
  const price = s.l1 && s.l2 ? `elastic(${s.l1}, ${s.l2})` : s.l1 ? `l1(${s.l1})` : s.l2 ? `l2(${s.l2})` : null;
  const used = [optimizers[s.optimizer].split("(")[0], price?.split("(")[0], schedules[s.schedule]?.split("(")[0]].filter(Boolean);
  const own = !(s.data in carriedNames), names = ["MLP", "fit", ...used].sort((a, b) => (a < b ? -1 : 1)).join(", ");
  const samples = own
    ? [`train = ${pythonPairs(data.train)}`, `test = ${pythonPairs(data.test)}`]
    : [`data = ${s.data}(${s.data === "blobs" ? "classes=2, " : ""}noise=${s.noise}, test_fraction=${s.test})`, "train, test = data.train, data.test"];
  return [
    `from nn import ${names}`,
    ...(own ? [] : [`from nn.data import ${s.data}`]),
    "",
    ...samples,
    `model = MLP(${data.train[0][0].length}, [${[...s.layers, 1].join(", ")}], "${s.activation}", "${s.init}", seed=${s.seed}${s.dropout ? `, dropout=${number(s.dropout)}` : ""})`,
    "history = fit(",
    `    model, train, loss="${data.task === "classification" ? "binary_cross_entropy" : "mse"}", optimizer=${optimizers[s.optimizer]}, epochs=${epochs},`,
    `    batch_size=${s.batch || "None"}, seed=${s.seed}, validation=${data.test.length ? "test" : "None"}${price ? `, regularizer=${price}` : ""}${schedules[s.schedule] ? `, schedule=${schedules[s.schedule]}` : ""},`,
    ")",
    "",
  ].join("\n");
}

const carriedNames = { xor: 1, moons: 1, circles: 1, spirals: 1, blobs: 1, sine: 1, parabola: 1, stairs: 1 };

const pythonPairs = (samples) => `[${samples.map(([x, t]) => `([${x.map(repr).join(", ")}], ${repr(t)})`).join(", ")}]`;

// A sample's graph at these very numbers, to be stepped through.
function asStepper({ settings: s, data, parameters, sample }) {
  const [x, target] = data.train[sample], classes = data.task === "classification";
  return [
    "from engine import Stepper",
    "from nn import LOSSES, MLP",
    "",
    `model = MLP(${x.length}, [${[...s.layers, 1].join(", ")}], "${s.activation}")`,
    `numbers = [${Array.from(parameters, repr).join(", ")}]`,
    "for p, number in zip(model.parameters(), numbers):",
    "    p.data = number",
    `Stepper(LOSSES["${classes ? "binary_cross_entropy" : "mse"}"](model.outputs([${x.map(repr).join(", ")}]), ${repr(target)}))`,
    "",
  ].join("\n");
}

const KINDS_OF = { data: String, activation: String, init: String, optimizer: String, schedule: String, lang: String };

// Settings that differ from the usual ones, as the end of an address.
function asLink(settings, usual) {
  const changed = Object.entries(settings).filter(([key, value]) => String(value) !== String(usual[key]));
  return changed.map(([key, value]) => `${key}=${encodeURIComponent(key === "layers" ? value.join("-") : value)}`).join("&");
}

// The settings that an address names; what is not known is left out.
function fromLink(text, usual) {
  const found = {};
  for (const [key, value] of new URLSearchParams(text.replace(/^#/, ""))) {
    if (!(key in usual)) continue;
    if (key === "layers") found.layers = value ? value.split("-").map(Number) : [];
    else found[key] = KINDS_OF[key] ? value : Number(value);
  }
  return found;
}
