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
  erf: (x) => (Math.abs(x) < 2 ? erfSeries(x) : Math.sign(x) * (1 - erfcFraction(Math.abs(x)))),
  gelu(x) {
    const t = -x * Math.SQRT1_2;
    return 0.5 * x * (t < 2 ? 1 - rules.erf(t) : erfcFraction(t)); // the tail that 1 - erf would round away
  },

  total: (xs) => xs.reduce((sum, x) => sum + x, 0),
  weighted_sum: (ws, xs, b = 0) => ws.reduce((sum, w, i) => sum + w * xs[i], b),
  logsumexp(xs) {
    const top = Math.max(...xs);
    if (!Number.isFinite(top)) return top;
    return top + Math.log(xs.reduce((sum, x) => sum + Math.exp(x - top), 0));
  },
};

// erf(x) = 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5···(2n+1)): no term is negative, so nothing cancels.
function erfSeries(x) {
  let term = x, sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

// erfc(x) for x >= 2 by its continued fraction, 1/(x + ½/(x + 1/(x + 3⁄2/(x + ...)))), from the inside out.
function erfcFraction(x) {
  if (x !== x) return x;
  let tail = x;
  for (let n = 100; n > 0; n -= 1) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}

