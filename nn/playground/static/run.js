// A training run that can be taken to any epoch: order and dropout masks are functions of (seed, epoch, step), so what was passed is
// computed again from the nearest place that was kept, to the last bit.

class Run {
  // carried: what Python has recorded. settings: { layers, activation, init, seed, optimizer, rate, schedule, batch (0 for all), l1, l2,
  // dropout }. data: { train, test }, lists of [inputs, target].
  constructor(carried, settings, data) {
    const plans = carried.plans[settings.layers.join(" ")], update = carried.updates[settings.optimizer];
    Object.assign(this, { carried, settings, data, width: data.train[0][0].length });
    this.shape = [this.width, ...settings.layers, 1];
    this.hidden = settings.layers.reduce((sum, n) => sum + n, 0);
    const recorded = { ...plans.loss, rules: plans.loss.rules.map((rule) => (rule === carried.hidden ? settings.activation : rule)) };
    const loss = settings.dropout ? recorded : withoutMasks(recorded, this.width + 1);
    const start = this.start(), strengths = [settings.l1, settings.l2];
    this.task = data.task;
    this.described = loss;
    this.descent = new Descent({ loss, penalty: settings.l1 || settings.l2 ? plans.penalty : null, update, parameters: [...start, ...strengths], moving: start.length });
    [this.X, this.clean, this.T] = [data.train, data.train, data.test].map((samples) => this.array(samples)); // X gets masks
    this.all = range(data.train.length);
    this.tested = range(data.test.length);
    Object.assign(this, { epoch: 0, step: 0, every: 1, trouble: null });
    this.history = [];
    this.kept = new Map();
    this.keep();
    this.note();
  }

  // The starting parameters, as nn's MLP draws them: neuron by neuron its weights, and 0 for its bias.
  start() {
    const { settings: { init, seed }, shape } = this, rng = new Random(seed), found = [];
    for (let layer = 1; layer < shape.length; layer += 1) {
      for (let j = 0; j < shape[layer]; j += 1) {
        for (let i = 0; i < shape[layer - 1]; i += 1) found.push(INITS[init](rng, shape[layer - 1], shape[layer]));
        found.push(0);
      }
    }
    return found;
  }

  // The numbers of samples one after another: inputs, target, and a factor for each hidden activation.
  array(samples) {
    return Float64Array.from(samples.flatMap(([inputs, target]) => [...inputs, target, ...new Array(this.hidden).fill(1)]));
  }

  // The numbers of the samples of each step of an epoch.
  order(epoch) {
    const { settings: { seed, batch }, all } = this;
    return batch ? new Random(`${seed} ${epoch} order`).shuffle(all.slice()) : all;
  }

  get size() {
    return this.settings.batch || this.all.length;
  }

  get steps() {
    return Math.ceil(this.all.length / this.size);
  }

  // One step; false where a number is not finite, and then nothing has moved.
  advance() {
    const { settings, size, all } = this, order = this.step ? this.now : (this.now = this.order(this.epoch));
    const begin = this.step * size, end = Math.min(begin + size, all.length);
    if (settings.dropout) this.mask(order, begin, end);
    const done = this.descent.step(this.X, order, begin, end, settings.rate * this.factor(this.epoch));
    if (!done.finite) {
      this.trouble = this.notFinite(order, begin, end, done.parameter);
      return false;
    }
    this.step += 1;
    if (this.step === this.steps) {
      this.epoch += 1;
      this.step = 0;
      if (this.epoch % this.every === 0) this.keep();
    }
    return true;
  }

  // Steps until an epoch is done, and a note of it if that is wanted; false where something is not finite.
  advanceEpoch(noted = true) {
    const { epoch } = this;
    while (this.epoch === epoch) if (!this.advance()) return false;
    if (noted) this.note();
    return true;
  }

  // The gradient of the next step, penalty included; nothing moves.
  nextGradient() {
    const { descent, size, step } = this, order = this.order(this.epoch), begin = step * size, end = Math.min(begin + size, this.all.length), before = descent.GP.slice();
    if (this.settings.dropout) this.mask(order, begin, end);
    descent.gradient(this.X, order, begin, end);
    descent.price();
    const found = descent.GP.slice();
    descent.GP.set(before);
    return found;
  }

  factor(epoch) {
    const factors = this.carried.schedules[this.settings.schedule];
    return factors ? factors[Math.min(epoch, factors.length - 1)] : 1;
  }

  // The factors of the hidden activations of each sample of a step.
  mask(order, begin, end) {
    const { settings: { seed, dropout }, epoch, step, hidden, width, X } = this, rng = new Random(`${seed} ${epoch} ${step}`);
    for (let at = begin; at < end; at += 1) {
      const first = order[at] * (width + 1 + hidden) + width + 1;
      for (let k = 0; k < hidden; k += 1) X[first + k] = rng.random() < dropout ? 0 : 1 / (1 - dropout);
    }
    this.descent.there = null;
  }

  // What is shown of this epoch: the mean losses, and the length of each layer's gradient. Epochs that were passed in haste have none.
  note() {
    this.history[this.epoch] ??= { train: this.mean(this.clean, this.all), test: this.tested.length ? this.mean(this.T, this.tested) : null, gradients: this.lengths() };
  }

  mean(X, order) {
    const { losses } = this.descent.results(X, order);
    return losses.reduce((sum, x) => sum + x, 0) / losses.length;
  }

  lengths() {
    const { GP } = this.descent;
    return this.layers().map(([first, end]) => Math.hypot(...GP.subarray(first, end)));
  }

  // Where the parameters of each layer begin and end.
  layers() {
    let end = 0;
    return this.shape.slice(1).map((n, layer) => [end, (end += n * (this.shape[layer] + 1))]);
  }

  // Keeps the state of this epoch. When there are many, every second one goes.
  keep() {
    const { P, GP, memory, steps } = this.descent;
    this.kept.set(this.epoch, { P: P.slice(), GP: GP.slice(), memory: memory.map((row) => row.slice()), steps });
    if (this.kept.size <= MOST_KEPT) return;
    this.every *= 2;
    for (const epoch of this.kept.keys()) if (epoch % this.every) this.kept.delete(epoch);
  }

  // Goes to an epoch that was passed.
  goTo(epoch) {
    const from = Math.max(...[...this.kept.keys()].filter((kept) => kept <= epoch)), { P, GP, memory, steps } = this.kept.get(from);
    const { descent } = this;
    descent.P.set(P);
    descent.GP.set(GP);
    descent.memory.forEach((row, k) => row.set(memory[k]));
    Object.assign(descent, { steps });
    Object.assign(this, { epoch: from, step: 0, trouble: null });
    while (this.epoch < epoch) this.advanceEpoch(false);
  }

  // What is not finite: the first unit for a sample, or else the parameter that would become so.
  notFinite(order, begin, end, parameter) {
    const { loss } = this.descent, units = this.units();
    for (let at = begin; at < end; at += 1) {
      this.descent.results(this.X, order.slice(at, at + 1));
      const unit = units.find(({ z, a }) => ![z, a].every((row) => Number.isFinite(loss.V[row])));
      if (unit || !Number.isFinite(loss.V[loss.loss])) return { sample: order[at], unit: unit ?? null, parameter: null };
    }
    return { sample: null, unit: null, parameter };
  }

  // The units in order: layer and place from 1, and the rows of the plan that hold z = w·x + b and a = f(z).
  units() {
    const { loss } = this.descent, found = [];
    const layers = loss.steps.filter(({ loop }) => loop && loop === loops[`${this.settings.activation} 1`]).slice(0, this.settings.layers.length);
    layers.forEach(({ rows, first, read }, layer) => {
      for (let j = 0; j < rows; j += 1) found.push({ layer: layer + 1, place: j + 1, z: loss.T[read + j], a: first + j });
    });
    return [...found, { layer: this.shape.length - 1, place: 1, z: loss.outputs[0], a: loss.outputs[0] }];
  }
}

// A plan whose rows are not multiplied by the factors of dropout, inputs from number `first` on: who reads a product reads its activation.
function withoutMasks(plan, first) {
  const T = plan.table.slice(), code = [], stands = new Map(), gone = new Set();
  const all = Array.from({ length: plan.code.length / WIDTH }, (_, i) => plan.code.slice(i * WIDTH, (i + 1) * WIDTH));
  const named = all.map((each) => ({ kind: KINDS[each[0]].name, ...Object.fromEntries(Object.entries(KINDS[each[0]].places).slice(1).map(([field, place]) => [field, each[place]])) }));
  named.forEach((each, i) => {
    if (each.kind !== "products" || each.terms !== 1) return;
    const pairs = Array.from({ length: each.rows }, (_, k) => [T[each.left + k], T[each.right + k]].sort((a, b) => b - a));
    if (!pairs.every(([, factor]) => factor >= first && factor < plan.inputs)) return;
    pairs.forEach(([activation], k) => stands.set(each.first + k, activation));
    gone.add(i).add(named.findIndex(({ kind, first: start }) => kind === "start" && start === each.first));
  });
  named.forEach((each, i) => {
    if (gone.has(i)) return;
    const read = { weights: ["read"], products: ["left", "right"], combine: ["read"], apply: ["read"], list: ["read"] }[each.kind] ?? [];
    for (const field of read) {
      for (let k = 0; k < each.rows * (each.terms ?? each.inputs ?? each.items); k += 1) T[each[field] + k] = stands.get(T[each[field] + k]) ?? T[each[field] + k];
    }
    if (each.kind === "matmul") all[i][KINDS[all[i][0]].places.values] = stands.get(each.values) ?? each.values;
    code.push(...all[i]);
  });
  return { ...plan, code, table: T };
}

const MOST_KEPT = 512;
const range = (n) => Int32Array.from({ length: n }, (_, i) => i);

// As nn.layers.init draws them, with their usual scales.
const INITS = {
  zeros: () => 0,
  constant: () => 1,
  uniform: (rng) => rng.uniform(-1, 1),
  normal: (rng) => rng.gauss(0, 1),
  xavier(rng, fanIn, fanOut) {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    return rng.uniform(-limit, limit);
  },
  he: (rng, fanIn) => rng.gauss(0, Math.sqrt(2 / fanIn)),
};
