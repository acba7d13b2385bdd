// The forward function of every rule that is not an operator. No derivative is written here: those are printed from Python's table.

const rules = {
  exp: Math.exp, log: Math.log, sqrt: Math.sqrt, sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh,
  tanh: Math.tanh, asin: Math.asin, acos: Math.acos, atan: Math.atan, log1p: Math.log1p, expm1: Math.expm1, abs: Math.abs,

  // 1 to any power is 1 and -1 to an infinite one, even where JavaScript says NaN.
  pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y)),

  relu: (x) => (x <= 0 ? 0 : x), // in this order a NaN stays a NaN
  leaky_relu: (x, a = 0.01) => (x > 0 ? x : a * x),
  maximum: (x, y) => (x > y || x !== x ? x : y),
  minimum: (x, y) => (x < y || x !== x ? x : y),

  where: (c, x, y) => (c > 0 ? x : c <= 0 ? y : c),

  sigmoid(x) {
    if (x >= 0) return 1 / (1 + Math.exp(-x));
    const small = Math.exp(x); // always of a negative number, so that it cannot overflow
    return small / (1 + small);
  },
  softplus: (x) => rules.relu(x) + Math.log1p(Math.exp(-Math.abs(x))),
  erf: (x) => (Math.abs(x) < 1 ? erfSeries(x) : Math.sign(x) * (1 - erfcScaled(Math.abs(x)) * bell(Math.SQRT2 * Math.abs(x)))),
  normal_pdf: (x) => bell(x) / Math.sqrt(2 * Math.PI),
  normal_cdf(x) {
    const t = -x * Math.SQRT1_2;
    if (t > 0.5) return 0.5 * erfcScaled(t) * bell(x); // the tail that 1 - erf would round away
    return 0.5 * (1 - rules.erf(t));
  },
  gelu: (x) => (x < -40 ? -0 : x * rules.normal_cdf(x)),

  total: (xs) => xs.reduce((sum, x) => sum + x, 0),
  weighted_sum: (ws, xs, b = 0) => ws.reduce((sum, w, i) => sum + w * xs[i], b),
  logsumexp(xs) {
    const top = Math.max(...xs);
    if (!Number.isFinite(top)) return top;
    const place = xs.indexOf(top); // the largest's exponential is 1: log1p keeps what the others add to it
    return top + Math.log1p(xs.reduce((sum, x, i) => (i === place ? sum : sum + Math.exp(x - top)), 0));
  },
};

// As Python's passed_on: a factor of 0 passes nothing on, not even of Infinity or NaN.
const passedOn = (upstream, local) => (upstream === 0 || local === 0 ? 0 : upstream * local);

// Each part over the sum of all.
function shares(parts) {
  const whole = rules.total(parts);
  return parts.map((part) => part / whole);
}

// exp(-x²/2). A rounded x² would spoil the last ten bits, so x is cut in two: the square of h, which has few digits, is exact.
function bell(x) {
  if (!(Math.abs(x) < 40)) return x === x ? 0 : x;
  const h = Math.floor(64 * x) / 64;
  return Math.exp(-0.5 * h * h) * Math.exp(-0.5 * (x - h) * (x + h));
}

// erf(x) = 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5···(2n+1)): no term is negative, so nothing cancels.
function erfSeries(x) {
  let term = x, sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

// erfc(x) · exp(x²) for x >= ½: the integral of exp(-t²) / (t² + x²) by the trapezoidal rule with a step of ½, whose error is that of
// the pole at ix, taken away (Chiarella and Reichel, 1968).
function erfcScaled(x) {
  if (!(x < Infinity)) return x === x ? 0 : x;
  let sum = 0.5 / (x * x);
  for (let n = 1; n < 14; n += 1) sum += Math.exp(-n * n / 4) / (n * n / 4 + x * x);
  return (x * sum) / Math.PI - (x < 6 ? (2 * Math.exp(x * x)) / Math.expm1(4 * Math.PI * x) : 0);
}
