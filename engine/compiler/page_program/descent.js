// Gradient descent: the mean loss of the samples of a batch, a price on the parameters, and the optimizer's update, plans all three.

class Descent {
  // loss: the plan of one sample. penalty: a plan without inputs, or null. update: the plan of one parameter, (p, g, what is remembered
  // ...), whose parameters are the learning rate and the number of the step, and whose outputs are the new p and what to remember.
  // Everything but the first `moving` of the parameters stays as it is.
  constructor({ loss, penalty, update, parameters, moving }) {
    this.P = Float64Array.from(parameters);
    this.GP = new Float64Array(this.P.length);
    this.loss = new Program(loss, Math.max(1, Math.floor(CACHED / loss.rows)));
    this.penalty = penalty && new Program(penalty, 1);
    this.update = new Program(update, moving);
    this.moving = moving;
    this.memory = update.outputs.slice(1).map(() => new Float64Array(moving));
    this.steps = 0;
    this.there = null; // the samples whose numbers are in the loss's rows; whoever changes X sets it to null
  }

  // For each sample of X (its numbers one after another) whose number is in `order`, from place `begin` to before `end`, the lanes that it
  // is computed in: call(first place, number of lanes).
  inParts(X, order, begin, end, call) {
    const { loss, P } = this, { V, inputs, lanes: most } = loss;
    for (let first = begin; first < end; first += most) {
      const lanes = Math.min(most, end - first), { there } = this;
      if (there?.X !== X || there.order !== order || there.first !== first || there.lanes !== lanes) {
        for (let l = 0; l < lanes; l += 1) {
          for (let k = 0, x = order[first + l] * inputs; k < inputs; k += 1) V[k * lanes + l] = X[x + k];
        }
        this.there = { X, order, first, lanes };
      }
      loss.forward(P, lanes);
      call(first, lanes);
    }
  }

  // The losses of these samples, and their outputs: a list for each output.
  results(X, order) {
    const { loss } = this, losses = new Float64Array(order.length), outputs = loss.outputs.map(() => new Float64Array(order.length));
    this.inParts(X, order, 0, order.length, (first, lanes) => {
      losses.set(loss.row(loss.loss, lanes), first);
      loss.outputs.forEach((row, k) => outputs[k].set(loss.row(row, lanes), first));
    });
    return { losses, outputs };
  }

  // GP becomes the gradient of the mean loss of a batch; gives that loss. `seen` is told the rows of each part, when its gradient is there.
  gradient(X, order, begin, end, seen = null) {
    const { loss, P, GP } = this;
    let total = 0;
    GP.fill(0);
    this.inParts(X, order, begin, end, (first, lanes) => {
      total += sumOf(loss.V, loss.loss * lanes, lanes);
      loss.backward(P, GP, lanes, 1 / (end - begin));
      seen?.(first, lanes);
    });
    return total / (end - begin);
  }

  // What the parameters cost; adds its gradient to GP.
  price() {
    const { penalty, P, GP } = this;
    if (!penalty) return 0;
    penalty.forward(P, 1);
    penalty.backward(P, GP, 1, 1);
    return penalty.V[penalty.loss];
  }

  // One step. Where a number is not finite nothing moves, and `finite` says so; `parameter` is the first that would not be, or -1.
  step(X, order, begin, end, rate) {
    const loss = this.gradient(X, order, begin, end), penalty = this.price(), moved = this.moved(rate);
    const finite = Number.isFinite(loss + penalty) && moved.every((row) => row.every(Number.isFinite));
    if (finite) {
      this.P.set(moved[0]);
      this.memory.forEach((row, k) => row.set(moved[k + 1]));
      this.steps += 1;
    }
    return { loss, penalty, finite, parameter: finite ? -1 : moved[0].findIndex((x) => !Number.isFinite(x)) };
  }

  // What the optimizer makes of the parameters and of what it remembers, by the gradient that there is.
  moved(rate) {
    const { update, P, GP, memory, moving } = this;
    [P, GP, ...memory].forEach((numbers, k) => update.V.set(numbers.subarray(0, moving), k * moving));
    update.forward([rate, this.steps + 1], moving);
    return update.outputs.map((row) => update.row(row, moving));
  }
}

const CACHED = 1 << 14; // numbers of V that are computed at a time: with those of G they stay in a core's cache
