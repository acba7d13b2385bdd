// What is seen of a run: outputs of every unit over the plane or the line, accuracy, units that are dead or saturated, and why a weight
// moves.

class Look {
  constructor(run) {
    this.run = run;
    const samples = [...run.data.train, ...run.data.test], at = ([from, to], i, n) => from + ((to - from) * i) / (n - 1);
    this.across = around(samples.map(([x]) => x[0])); // what is shown of the inputs, [from, to]
    this.up = around(samples.map(([x, target]) => (run.width === 1 ? target : x[1]))); // and of the second input, or of the targets
    const points = run.width === 1 ? Array.from({ length: LINE }, (_, i) => [at(this.across, i, LINE)])
      : Array.from({ length: GRID * GRID }, (_, i) => [at(this.across, i % GRID, GRID), at(this.up, GRID - 1 - Math.floor(i / GRID), GRID)]);
    const sample = (point) => [...point, 0, ...new Array(run.hidden).fill(1)];
    this.count = points.length;
    this.program = new Program(run.described, points.length);
    points.forEach((point, l) => sample(point).forEach((x, k) => { this.program.V[k * points.length + l] = x; }));
  }

  // What each unit gives over the range: a row of numbers for each, in the order of `run.units()`.
  units() {
    const { program, run, count } = this;
    program.forward(run.descent.P, count);
    return run.units().map(({ a }) => program.row(a, count));
  }

  // The share of samples on the right side; for a regression null.
  static accuracy(run, X, order, samples) {
    if (run.task !== "classification" || !order.length) return null;
    const { outputs } = run.descent.results(X, order);
    return samples.filter(([, target], i) => outputs[0][i] > 0 === target > 0.5).length / samples.length;
  }

  // The hidden units that do nothing for the training samples ("dead": 0 for all; "zeros" where that is because all their weights are), or
  // hardly change ("saturated": at the flat ends of their activation for more than nine in ten).
  static health(run) {
    const { descent } = run, { loss } = descent, found = [];
    const limits = { tanh: [-0.99, 0.99], sigmoid: [0.01, 0.99] }[run.settings.activation];
    const seen = run.units().slice(0, -1).map((unit) => ({ ...unit, zero: 0, flat: 0 }));
    descent.inParts(run.X, run.all, 0, run.all.length, (_, lanes) => {
      for (const unit of seen) {
        for (const a of loss.row(unit.a, lanes)) {
          if (a === 0) unit.zero += 1;
          if (limits && (a < limits[0] || a > limits[1])) unit.flat += 1;
        }
      }
    });
    for (const { layer, place, zero, flat } of seen) {
      const below = run.shape[layer - 1], first = run.layers()[layer - 1][0] + (place - 1) * (below + 1);
      if (zero === run.all.length) found.push({ layer, place, what: descent.P.slice(first, first + below).some((w) => w) ? "dead" : "zeros" });
      else if (flat > 0.9 * run.all.length) found.push({ layer, place, what: "saturated" });
    }
    return found;
  }

  // Why weight i (from 0) of a unit moves: of each sample of the next step dL/da, da/dz and dz/dw, and the products, the largest first;
  // their mean is its gradient. Nothing is changed.
  static why(run, unit, i) {
    const { descent, X } = run, { loss, P } = descent, order = run.order(run.epoch), begin = run.step * run.size, end = Math.min(begin + run.size, run.all.length);
    const units = run.units(), below = i < run.shape[unit.layer - 1] ? units.filter(({ layer }) => layer === unit.layer - 1)[i] : null;
    const found = [], GP = new Float64Array(P.length), last = unit.layer === run.shape.length - 1;
    descent.inParts(X, order, begin, end, (first, lanes) => {
      loss.backward(P, GP, lanes, 1);
      const slopes = last ? null : slopesOf(loss, unit, lanes);
      for (let l = 0; l < lanes; l += 1) {
        const x = i === run.shape[unit.layer - 1] ? 1 : unit.layer === 1 ? loss.V[i * lanes + l]
          : loss.V[below.a * lanes + l] * loss.V[(run.width + 1 + units.indexOf(below)) * lanes + l]; // as dropout left it
        const upstream = loss.G[unit.a * lanes + l], local = last ? 1 : slopes[l], delta = loss.G[unit.z * lanes + l];
        found.push({ sample: order[first + l], upstream, local, x, product: delta * x });
      }
    });
    const gradient = found.reduce((sum, { product }) => sum + product, 0) / found.length;
    return { gradient, samples: found.sort((a, b) => Math.abs(b.product) - Math.abs(a.product)) };
  }
}

// The slope of a unit's activation in each lane: what an adjoint of 1 in a becomes in z.
function slopesOf(loss, { z, a }, lanes) {
  const step = loss.steps.find(({ loop, first, rows }) => loop && first <= a && a < first + rows), { V } = loss;
  const G = new Float64Array(loss.G.length).fill(1, a * lanes, (a + 1) * lanes);
  step.loop.backward[0](V, G, a * lanes, [z * lanes], lanes);
  return G.slice(z * lanes, (z + 1) * lanes);
}

// From the least to the largest, and a fifth more on either side.
function around(numbers) {
  const low = Math.min(...numbers), high = Math.max(...numbers), more = 0.2 * (high - low) || 1;
  return [low - more, high + more];
}

const LINE = 200;
