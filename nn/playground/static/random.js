// Python's random.Random: the same seed gives the same numbers, to the last bit. The generator is the Mersenne Twister (Matsumoto and
// Nishimura, 1998), which a text seeds by itself and its SHA-512.

class Random {
  constructor(seed) {
    this.next = null; // the second of a pair of normal numbers
    let number = typeof seed === "string" ? textNumber(seed) : BigInt(seed);
    const key = [];
    do {
      key.push(Number(number & 0xffffffffn));
      number >>= 32n;
    } while (number);
    this.start(key);
  }

  // init_by_array
  start(key) {
    const state = (this.state = firstState().slice());
    let i = 1, j = 0;
    const go = (multiplier, change) => {
      state[i] = change((state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), multiplier)) >>> 0);
      if ((i += 1) >= SIZE) {
        state[0] = state[SIZE - 1];
        i = 1;
      }
    };
    for (let k = Math.max(SIZE, key.length); k; k -= 1) {
      go(1664525, (mixed) => mixed + key[j] + j);
      j = (j + 1) % key.length;
    }
    for (let k = SIZE - 1; k; k -= 1) go(1566083941, (mixed) => mixed - i);
    state[0] = 0x80000000;
    this.place = SIZE;
  }

  // 32 bits.
  word() {
    const { state } = this;
    if (this.place >= SIZE) {
      for (let k = 0; k < SIZE; k += 1) {
        const both = (state[k] & 0x80000000) | (state[(k + 1) % SIZE] & 0x7fffffff);
        state[k] = state[(k + 397) % SIZE] ^ (both >>> 1) ^ (both & 1 ? 0x9908b0df : 0);
      }
      this.place = 0;
    }
    let word = state[this.place];
    this.place += 1;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  random() {
    const high = this.word() >>> 5, low = this.word() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  // A whole number from 0 to before n, of at most 32 bits.
  below(n) {
    const bits = 32 - Math.clz32(n);
    let found = n;
    while (found >= n) found = this.word() >>> (32 - bits);
    return found;
  }

  shuffle(list) {
    for (let i = list.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }

  uniform(low, high) {
    return low + (high - low) * this.random();
  }

  gauss(mean, deviation) {
    let z = this.next;
    this.next = null;
    if (z === null) {
      const angle = this.random() * 2 * Math.PI, radius = Math.sqrt(-2 * Math.log(1 - this.random()));
      z = Math.cos(angle) * radius;
      this.next = Math.sin(angle) * radius;
    }
    return mean + z * deviation;
  }
}

const SIZE = 624;

// init_genrand(19650218)
function firstState() {
  if (!firstState.kept) {
    const state = (firstState.kept = new Uint32Array(SIZE));
    state[0] = 19650218;
    for (let i = 1; i < SIZE; i += 1) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  }
  return firstState.kept;
}

function textNumber(text) {
  const bytes = [...new TextEncoder().encode(text)];
  return [...bytes, ...sha512(bytes)].reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

// SHA-512 (FIPS 180-4) of bytes, as bytes. Its constants are the first bits behind the point of the roots of the first primes.
function sha512(bytes) {
  const { K, H } = (sha512.constants ??= constants()), length = bytes.length, mask = (1n << 64n) - 1n;
  const padded = [...bytes, 128, ...new Array((239 - (length % 128)) % 128).fill(0), ...new Array(8).fill(0), ...bytesOf(BigInt(length * 8))];
  const turn = (x, n) => ((x >> n) | (x << (64n - n))) & mask;
  const state = H.slice();
  for (let block = 0; block < padded.length; block += 128) {
    const w = Array.from({ length: 16 }, (_, i) => padded.slice(block + 8 * i, block + 8 * i + 8).reduce((x, byte) => (x << 8n) | BigInt(byte), 0n));
    for (let t = 16; t < 80; t += 1) {
      const x = w[t - 15], y = w[t - 2];
      w[t] = (w[t - 16] + (turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n)) + w[t - 7] + (turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n))) & mask;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 80; t += 1) {
      const one = h + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (~e & mask & g)) + K[t] + w[t];
      const two = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(one + two) & mask, a, b, c, (d + one) & mask, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => (state[i] = (state[i] + x) & mask));
  }
  return state.flatMap(bytesOf);
}

const bytesOf = (x) => Array.from({ length: 8 }, (_, i) => Number((x >> BigInt(56 - 8 * i)) & 255n));

function constants() {
  const primes = [];
  for (let n = 2; primes.length < 80; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const behind = (n, power) => root(BigInt(n) << BigInt(64 * power), BigInt(power)) & ((1n << 64n) - 1n);
  return { K: primes.map((n) => behind(n, 3)), H: primes.slice(0, 8).map((n) => behind(n, 2)) };
}

// The whole part of the root, by Newton's method from above.
function root(n, power) {
  let x = 1n << 70n;
  for (;;) {
    const next = ((power - 1n) * x + n / x ** (power - 1n)) / power;
    if (next >= x) return x;
    x = next;
  }
}
