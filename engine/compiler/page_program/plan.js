// A recorded function, run where there is no Python: its plan over lanes of samples, forward and backward.
//
// The names are those of engine/compiler/instruction_set.py, which says what each kind of instruction computes. V has a line of numbers
// for each row of the plan, one for each sample (lane); G has their adjoints in the same places, P the parameters, GP the gradient in
// them, T and D the lists of integers and floats that the instructions use. No derivative is written here: `loops` come from the table.

class Program {
  // A plan as Python describes it, with room for so many lanes.
  constructor({ inputs, rows, loss, outputs, code, table, numbers, rules }, lanes) {
    Object.assign(this, { inputs, rows, loss, outputs, lanes, T: Int32Array.from(table), D: Float64Array.from(numbers, Number) });
    this.V = new Float64Array(rows * lanes);
    this.G = new Float64Array(rows * lanes);
    this.run = { V: this.V, G: this.G, T: this.T, D: this.D, P: null, GP: null, lanes: 0 }; // what an instruction works on
    this.steps = Array.from({ length: code.length / WIDTH }, (_, i) => instruction(code.slice(i * WIDTH, (i + 1) * WIDTH), rules));
  }

  // Computes all rows, for the inputs in V's first lines.
  forward(P, lanes) {
    const run = Object.assign(this.run, { P, lanes });
    for (const step of this.steps) step.kind.forward(run, step);
  }

  // Adds `weight` times the gradient of the loss, over all lanes, to GP. Nothing asks for the gradient in an input.
  backward(P, GP, lanes, weight) {
    const run = Object.assign(this.run, { P, GP, lanes });
    this.G.fill(0, this.inputs * lanes, this.rows * lanes).fill(weight, this.loss * lanes, (this.loss + 1) * lanes);
    for (let i = this.steps.length - 1; i >= 0; i -= 1) this.steps[i].kind.backward(run, this.steps[i]);
  }

  // A row, as it was computed last.
  row(i, lanes) {
    return this.V.subarray(i * lanes, (i + 1) * lanes);
  }
}

// An instruction with named fields.
function instruction(code, rules) {
  const { name, places } = KINDS[code[0]], fields = Object.fromEntries(Object.entries(places).map(([field, place]) => [field, code[place]]));
  const loop = "rule" in fields ? loops[`${rules[fields.rule]} ${fields.inputs ?? fields.items}`] : null;
  return { ...fields, loop, at: new Int32Array(fields.inputs ?? fields.items ?? 0), kind: kinds[name] };
}

// What each kind does to its rows, forward and backward. Row i of an instruction begins in V at z = (first + i) * lanes.
const kinds = {
  start: {
    forward({ V, P, T, D, lanes }, { rows, first, constants, terms, parameters, factors }) {
      for (let i = 0, z = first * lanes; i < rows; i += 1, z += lanes) {
        let sum = D[constants + i];
        for (let j = i * terms; j < (i + 1) * terms; j += 1) sum += D[factors + j] * P[T[parameters + j]];
        V.fill(sum, z, z + lanes);
      }
    },
    backward({ G, GP, T, D, lanes }, { rows, first, terms, parameters, factors }) {
      for (let i = 0, z = first * lanes; i < rows && terms; i += 1, z += lanes) {
        const g = sumOf(G, z, lanes);
        for (let j = i * terms; j < (i + 1) * terms; j += 1) GP[T[parameters + j]] += D[factors + j] * g;
      }
    },
  },

  matmul: {
    forward({ V, P, lanes }, step) {
      eachColumn(step, lanes, (z, x, width, zRow, xRow) => {
        addProduct(V, z, zRow, P, step.weights, step.down, step.along, V, x, xRow, step.height, step.terms, width);
      });
    },
    backward({ V, G, P, GP, lanes }, step) {
      eachColumn(step, lanes, (z, x, width, zRow, xRow) => {
        addDots(GP, step.weights, step.down, step.along, G, z, zRow, V, x, xRow, step.height, step.terms, width);
        if (step.active) addProduct(G, x, xRow, P, step.weights, step.along, step.down, G, z, zRow, step.terms, step.height, width);
      });
    },
  },

  weights: {
    forward({ V, P, T, lanes }, { rows, first, terms, parameters, read }) {
      for (let j = 0; j < rows * terms; j += 1) addScaled(V, row(first, j, terms) * lanes, P[T[parameters + j]], V, T[read + j] * lanes, lanes);
    },
    backward({ V, G, P, GP, T, lanes }, { rows, first, terms, parameters, read, active }) {
      for (let j = 0; j < rows * terms; j += 1) {
        const z = row(first, j, terms) * lanes, x = T[read + j] * lanes;
        GP[T[parameters + j]] += dot(G, z, V, x, lanes);
        if (active) addScaled(G, x, P[T[parameters + j]], G, z, lanes);
      }
    },
  },

  products: {
    forward({ V, T, lanes }, { rows, first, terms, left, right }) {
      for (let j = 0; j < rows * terms; j += 1) addTimes(V, row(first, j, terms) * lanes, V, T[left + j] * lanes, V, T[right + j] * lanes, lanes);
    },
    backward({ V, G, T, lanes }, { rows, first, terms, left, right, active }) {
      for (let j = 0; j < rows * terms; j += 1) {
        const z = row(first, j, terms) * lanes, x = T[left + j] * lanes, y = T[right + j] * lanes;
        if (active & 1) addPassed(G, x, G, z, V, y, lanes);
        if (active & 2) addPassed(G, y, G, z, V, x, lanes);
      }
    },
  },

  combine: {
    forward({ V, T, D, lanes }, { rows, first, terms, read, factors }) {
      for (let j = 0; j < rows * terms; j += 1) addScaled(V, row(first, j, terms) * lanes, D[factors + j], V, T[read + j] * lanes, lanes);
    },
    backward({ G, T, D, lanes }, { rows, first, terms, read, factors, active }) {
      for (let j = 0; j < rows * terms && active; j += 1) addScaled(G, T[read + j] * lanes, D[factors + j], G, row(first, j, terms) * lanes, lanes);
    },
  },

  parameters: {
    forward({ V, P, T, lanes }, { rows, first, terms, left, right }) {
      for (let j = 0; j < rows * terms; j += 1) {
        const product = P[T[left + j]] * P[T[right + j]], z = row(first, j, terms) * lanes;
        for (let l = z; l < z + lanes; l += 1) V[l] += product;
      }
    },
    backward({ G, P, GP, T, lanes }, { rows, first, terms, left, right }) {
      for (let j = 0; j < rows * terms; j += 1) {
        const g = sumOf(G, row(first, j, terms) * lanes, lanes), p = T[left + j], q = T[right + j];
        GP[p] += g * P[q];
        GP[q] += g * P[p];
      }
    },
  },

  // One that does not depend on the sample is computed in one lane, and its adjoint is the sum over all.
  apply: {
    forward({ V, T, lanes }, { rows, first, read, inputs, uniform, loop, at }) {
      for (let i = 0, z = first * lanes; i < rows; i += 1, z += lanes) {
        for (let k = 0; k < inputs; k += 1) at[k] = T[read + k * rows + i] * lanes;
        loop.forward(V, z, at, uniform ? 1 : lanes);
        if (uniform) V.fill(V[z], z, z + lanes);
      }
    },
    backward({ V, G, T, lanes }, { rows, first, read, inputs, uniform, active, loop, at }) {
      for (let i = 0, z = first * lanes; i < rows && active; i += 1, z += lanes) {
        for (let k = 0; k < inputs; k += 1) at[k] = T[read + k * rows + i] * lanes;
        if (uniform) G[z] = sumOf(G, z, lanes);
        for (let k = 0; k < inputs; k += 1) if ((active >> k) & 1) loop.backward[k](V, G, z, at, uniform ? 1 : lanes);
      }
    },
  },

  list: {
    forward({ V, T, lanes }, { rows, first, read, items, loop, at }) {
      for (let i = 0, z = first * lanes; i < rows; i += 1, z += lanes) {
        for (let k = 0; k < items; k += 1) at[k] = T[read + i * items + k] * lanes;
        loop.forward(V, z, at, lanes);
      }
    },
    backward({ V, G, T, lanes }, { rows, first, read, items, active, loop, at }) {
      for (let i = 0, z = first * lanes; i < rows && active; i += 1, z += lanes) {
        for (let k = 0; k < items; k += 1) at[k] = T[read + i * items + k] * lanes;
        loop.backward(V, G, z, at, lanes);
      }
    },
  },

  lookup: {
    forward({ V, P, T, lanes }, step) {
      eachPicked(step, T, V, lanes, (z, entry) => { V[z] = P[entry]; });
    },
    backward({ V, G, GP, T, lanes }, step) {
      eachPicked(step, T, V, lanes, (z, entry) => { GP[entry] += G[z]; });
    },
  },

  "lookup among values": {
    forward({ V, T, lanes }, step) {
      eachPicked(step, T, V, lanes, (z, entry, lane) => { V[z] = V[entry * lanes + lane]; });
    },
    backward({ V, G, T, lanes }, step) {
      if (step.active) eachPicked(step, T, V, lanes, (z, entry, lane) => { G[entry * lanes + lane] += G[z]; });
    },
  },
};

// The row that term j is added to.
const row = (first, j, terms) => first + Math.floor(j / terms);

// For the columns of a matrix product: where in V each begins, in the rows computed and in those read, how many lanes it has, and the way
// from one row to the next. Columns that lie beside one another are one with as many more lanes.
function eachColumn({ rows, first, height, values, step, apart }, lanes, call) {
  const count = rows / height, together = apart === 1 ? count : 1;
  for (let c = 0; c < count; c += together) call((first + c) * lanes, (values + c * apart) * lanes, together * lanes, count * lanes, step * lanes);
}

// For each row and lane of a lookup: its place in V, and which entry of the table it is.
function eachPicked({ rows, first, entries, columns: width, read }, T, V, lanes, call) {
  for (let i = 0; i < rows; i += 1) {
    const index = T[read + 2 * i] * lanes, column = T[read + 2 * i + 1];
    for (let lane = 0; lane < lanes; lane += 1) call((first + i) * lanes + lane, T[entries + V[index + lane] * width + column], lane);
  }
}

// ---- Lines of lanes ----

// C[i] += sum over k of A[i, k] * B[k]. Two rows by four terms at a time, so that a number that was read is used often.
function addProduct(C, c, cRow, A, a, down, along, B, b, bRow, rows, terms, lanes) {
  for (let i = 0; i < rows; i += 2) {
    const pair = i + 1 < rows, p = c + i * cRow, q = p + cRow;
    let w = a + i * down, x = b, k = 0;
    for (; k + 4 <= terms; k += 4, w += 4 * along, x += 4 * bRow) {
      const x1 = x + bRow, x2 = x1 + bRow, x3 = x2 + bRow, v = pair ? w + down : w;
      const w0 = A[w], w1 = A[w + along], w2 = A[w + 2 * along], w3 = A[w + 3 * along];
      const v0 = A[v], v1 = A[v + along], v2 = A[v + 2 * along], v3 = A[v + 3 * along];
      for (let l = 0; l < lanes; l += 1) {
        const y0 = B[x + l], y1 = B[x1 + l], y2 = B[x2 + l], y3 = B[x3 + l];
        C[p + l] += w0 * y0 + w1 * y1 + w2 * y2 + w3 * y3;
        if (pair) C[q + l] += v0 * y0 + v1 * y1 + v2 * y2 + v3 * y3;
      }
    }
    for (; k < terms; k += 1, w += along, x += bRow) {
      addScaled(C, p, A[w], B, x, lanes);
      if (pair) addScaled(C, q, A[w + down], B, x, lanes);
    }
  }
}

// A[i, k] += sum over lanes of C[i] * B[k]
function addDots(A, a, down, along, C, c, cRow, B, b, bRow, rows, terms, lanes) {
  for (let i = 0, g = c; i < rows; i += 1, g += cRow) {
    let w = a + i * down, x = b, k = 0;
    for (; k + 4 <= terms; k += 4, w += 4 * along, x += 4 * bRow) {
      const x1 = x + bRow, x2 = x1 + bRow, x3 = x2 + bRow;
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (let l = 0; l < lanes; l += 1) {
        const y = C[g + l];
        s0 += y * B[x + l], s1 += y * B[x1 + l], s2 += y * B[x2 + l], s3 += y * B[x3 + l];
      }
      A[w] += s0, A[w + along] += s1, A[w + 2 * along] += s2, A[w + 3 * along] += s3;
    }
    for (; k < terms; k += 1, w += along, x += bRow) A[w] += dot(C, g, B, x, lanes);
  }
}

function addScaled(A, a, factor, B, b, lanes) {
  for (let l = 0; l < lanes; l += 1) A[a + l] += factor * B[b + l];
}

function addTimes(A, a, B, b, C, c, lanes) {
  for (let l = 0; l < lanes; l += 1) A[a + l] += B[b + l] * C[c + l];
}

// As addTimes, by the chain rule: a factor of 0 passes nothing on, not even of Infinity.
function addPassed(A, a, B, b, C, c, lanes) {
  for (let l = 0; l < lanes; l += 1) A[a + l] += passedOn(B[b + l], C[c + l]);
}

function dot(A, a, B, b, lanes) {
  let sum = 0;
  for (let l = 0; l < lanes; l += 1) sum += A[a + l] * B[b + l];
  return sum;
}

function sumOf(A, a, lanes) {
  let sum = 0;
  for (let l = 0; l < lanes; l += 1) sum += A[a + l];
  return sum;
}
