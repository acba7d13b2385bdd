// What the values of a function say of a slope that the chain rule claims: the same steps and the same verdicts as in
// engine/readers/difference.py, which says why.

const ROUNDING = 8 * Number.EPSILON, CLEAR = 2.5e-4, SETTLED = 0.1, AIM = 1e-9, LEAST = 1e-6, MOST = 16, RESTARTS = 4, TINY = 2.2250738585072014e-308;

// The distance to the next double away from 0.
function ulp(x) {
  const size = Math.abs(x);
  return size < TINY ? 5e-324 : 2 ** Math.max(exponent(size) - 52, -1074);
}

function exponent(size) {
  const high = new DataView(new Float64Array([size]).buffer).getUint32(4, true);
  return (high >>> 20) - 1023;
}

const crosses = (above, below) => above.some((a, i) => a !== below[i] && ((a <= 0 && below[i] >= 0) || (below[i] <= 0 && a >= 0)));

// Whether f moves, or bends, more in a smaller step than a smooth function can if the larger one is small enough for it.
function sharper(finer, coarser) {
  const bend = finer.bend - 4 * finer.noise, scaled = (coarser.bend * finer.step) / coarser.step;
  return finer.steepness - finer.noise > 2 * coarser.steepness || bend > Math.max(2 * scaled, SETTLED * finer.steepness);
}

// f gives { value, kinks, way } of a number, or raises a Refusal.
class Judge {
  constructor(f, { x, y, claim, noise, doubt, tolerance = 1e-6 }) {
    Object.assign(this, { f, x, y, claim, noise, doubt, tolerance, smallest: 64 * ulp(x), obstacle: "", here: false, across: NaN, raised: false, refusal: null });
  }

  judge() {
    if (![this.x, this.y, this.noise].every(Number.isFinite)) return { numeric: NaN, verdict: "cannot tell" };
    let step = this.start(), numeric = NaN, verdict = "";
    if (this.claim === 0) {
      step = this.moving(step);
      if (!step) return { numeric: 0, verdict: "ok" };
    }
    for (let i = 0; i < RESTARTS; i += 1) {
      const limit = this.descend(step);
      if (!limit) break;
      numeric = limit.slope;
      verdict = this.opinion(limit);
      if (verdict !== "wrong") break;
      [verdict, step] = this.confirm(limit);
      if (verdict) break;
    }
    return { numeric: Number.isNaN(numeric) ? this.across : numeric, verdict: verdict || this.obstacle || "cannot tell", refusal: this.refusal };
  }

  start() {
    let step = Math.abs(this.x) / 16 || 1 / 16;
    if (this.claim && Number.isFinite(this.claim) && this.noise) {
      const [fine, coarse] = [AIM, LEAST].map((part) => this.noise / Math.max(part * Math.abs(this.claim), TINY));
      step = Math.min(Math.max(step, coarse), fine);
    }
    return this.within(step);
  }

  within(step) {
    return Math.max(Math.min(step, Math.max(1e150, Math.abs(this.x) / 16)), 16 * this.smallest);
  }

  moving(first) {
    if (!this.noise) return first;
    for (let i = 0, step = first; i < 6; i += 1, step *= 64) {
      const quotient = this.quotient(step);
      if (!quotient || quotient.kink) return i ? 0 : step;
      if (quotient.steepness) return step;
    }
    return 0;
  }

  quotient(step) {
    const above = this.x + step, below = this.x - step, sides = attempt(() => [this.f(above), this.f(below)]);
    if (sides instanceof Refusal) {
      this.refusal ??= sides;
      return null;
    }
    const [high, low] = sides, up = (high.value - this.y) / step, down = (this.y - low.value) / step, slope = (high.value - low.value) / (above - below);
    if (![up, down, slope].every(Number.isFinite)) return null;
    const noise = this.noise && Math.max(this.noise, ROUNDING * Math.max(Math.abs(high.value), Math.abs(low.value)));
    return { step, slope, noise: noise / step, steepness: Math.max(Math.abs(up), Math.abs(down)), bend: Math.abs(up - down), kink: crosses(high.kinks, low.kinks) };
  }

  descend(first) {
    let best = null, taken = [], row = [], step = first;
    for (let i = 0; i < MOST && step >= this.smallest; i += 1) {
      const quotient = this.quotient(step);
      if (!quotient || quotient.kink) {
        if (step <= this.smallest || this.blocked(quotient)) break;
        [step, taken, row] = [Math.max(step / 16, this.smallest), [], []];
        continue;
      }
      if (!taken.length && quotient.steepness > 0 && quotient.steepness < 1e3 * quotient.noise && !this.raised) {
        this.raised = true;
        step = this.within(this.noise / Math.max(AIM * quotient.steepness, TINY));
        continue;
      }
      if (taken.length && sharper(quotient, taken.at(-1))) [best, taken, row] = [null, [], []]; // what came before was too coarse
      const coarser = row;
      row = [quotient.slope];
      coarser.forEach((number, column) => {
        const change = row[column] - number;
        row.push(row[column] + change / ((taken.at(-1 - column).step / step) ** 2 - 1));
        const limit = { slope: row.at(-1), error: Math.abs(change) + 2 * quotient.noise, last: quotient, quotients: taken.length + 1 };
        if (!best || limit.error < best.error) best = limit;
      });
      if (best && (this.opinion(best) || quotient.noise > Math.max(quotient.steepness, SETTLED * Math.abs(this.claim)))) break;
      taken.push(quotient);
      step /= coarser.length && Math.abs(row[0] - coarser[0]) <= SETTLED * quotient.steepness ? 2 : 5;
    }
    return best;
  }

  blocked(quotient) {
    if (!this.obstacle) {
      this.obstacle = quotient ? "kink" : "edge";
      const nearest = this.quotient(this.smallest);
      this.here = !nearest || nearest.kink;
      if (quotient && this.here) this.across = quotient.slope;
    }
    return this.here;
  }

  opinion({ slope, error, last, quotients }) {
    const scale = Number.isFinite(this.claim) ? Math.max(Math.abs(slope), Math.abs(this.claim)) : Math.abs(slope);
    const gap = Math.abs(this.claim - slope), off = error + this.doubt;
    if ((last.steepness > 0 && error > SETTLED * last.steepness) || quotients < 2 + (last.bend > last.steepness)) return "";
    if (gap <= this.tolerance * scale) return "ok";
    if (!Number.isFinite(this.claim)) return last.steepness || !this.noise ? "wrong" : "";
    if (gap > this.tolerance * scale + off) return "wrong";
    return off <= (this.claim ? CLEAR * scale : CLEAR ** 2 * last.steepness) ? "ok" : "";
  }

  confirm({ slope, last }) {
    if (!Number.isFinite(this.claim)) return ["wrong", 0];
    const gap = Math.abs(this.claim - slope);
    const step = Math.max(Math.min((16 * this.noise) / gap, last.step), this.smallest), quotient = this.quotient(step);
    if (!quotient || quotient.kink) return [quotient ? "kink" : "edge", 0];
    const finer = [quotient, ...[4, 16].map((part) => this.quotient(Math.max(step / part, this.smallest)))];
    const agree = finer.every((one) => one && Math.abs(one.slope - slope) <= gap / 2);
    const atRest = [quotient, last].some((one) => one.steepness <= one.noise);
    return agree && this.proportional(step, gap, atRest) ? ["wrong", 0] : ["", last.step / 4];
  }

  proportional(step, gap, atRest) {
    if (atRest && step > (Math.abs(this.x) || 1)) return false;
    const base = this.f(this.x).way, moves = attempt(() => [1, 4, 16, 64].map((part) => this.movements(base, step / part)));
    if (moves instanceof Refusal) return false;
    return base.every((number, i) => {
      const [a, b, c, d] = moves.map((move) => move[i]), counts = Math.max(a, b) > Math.max(256 * ulp(number), 1e-6 * gap * step);
      return !(counts && (b > a / 3 || c > a / 10 || d > a / 40 || (atRest && b < a / 8)));
    });
  }

  movements(base, step) {
    const above = this.f(this.x + step).way, below = this.f(this.x - step).way;
    return base.map((x, i) => Math.max(Math.abs(above[i] - x), Math.abs(below[i] - x)));
  }
}
