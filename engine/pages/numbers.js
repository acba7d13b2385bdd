// Numbers as Python writes them, and as a page shows them.

// The same text as Python's repr: the shortest digits that read back as the same number.
function repr(x) {
  if (x !== x) return "nan";
  if (x === Infinity || x === -Infinity) return x > 0 ? "inf" : "-inf";
  if (x === 0) return Object.is(x, -0) ? "-0.0" : "0.0";
  const [digits, power] = x.toExponential().split("e");
  if (power < -4 || power >= 16) {
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (power >= 0) return Number.isInteger(x) ? `${x}.0` : String(x);
  const sign = x < 0 ? "-" : "";
  return `${sign}0.${"0".repeat(-power - 1)}${digits.replace(/[-.]/g, "")}`;
}

// What is shown has one minus sign, U+2212; code and what Python reads have "-".
const minus = (text) => text.replace(/^-/, "−").replace(/e-/, "e−");

// For people: all digits, but no trailing .0, and -0 as 0.
function exact(x) {
  return x === null ? "–" : x === 0 ? "0" : minus(repr(x).replace(/\.0$/, "")) + (Number.isFinite(x) ? "" : " ‼");
}

// Four significant digits, as Python's format(x, ".4g") gives them, ties to even.
function show(x) {
  if (x === null || x === undefined) return "–";
  if (x === 0) return "0";
  if (!Number.isFinite(x)) return `${repr(x)} ‼`;
  const [digits, power] = roundedTo4(x).split("e");
  if (power < -4 || power >= 4) {
    return `${trimmed(digits)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  return trimmed(Number(`${digits}e${power}`).toFixed(3 - power));
}

function roundedTo4(x) {
  const rounded = x.toExponential(3);
  if (Number(x.toExponential(4)) !== x) return rounded; // a tie has five digits
  const tail = x.toExponential(60).split("e")[0].split(".")[1].slice(3);
  if (!/^50*$/.test(tail)) return rounded;
  const down = x.toExponential(60).split("e");
  const kept = down[0].slice(0, down[0].indexOf(".") + 4);
  return Number(kept.at(-1)) % 2 === 0 ? `${kept}e${down[1]}` : rounded;
}

const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

// What a person typed, as a number; null for what is none. A comma may stand for the point, and one number over another.
// What a float cannot hold is infinite.
function typed(text) {
  const [above, below = "1", ...more] = plain(text).split("/");
  if (more.length || ![above, below].every((part) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part)) || Number(below) === 0) return null;
  return Number(above) / Number(below);
}

const plain = (text) => text.replace(/\s*(\/|^|$)\s*/g, "$1").replace(/−/g, "-").replace(/,/g, ".");

// Whether it may still become a number.
const begins = (text) => /^([+-]?\d*\.?\d*(e[+-]?\d*)?(\/|$)){1,2}$/i.test(plain(text));

// A sum in which the rounding errors are added up too (Neumaier, 1974).
function preciseSum(numbers) {
  let total = 0, lost = 0;
  for (const x of numbers) {
    const next = total + x;
    lost += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
    total = next;
  }
  return Number.isFinite(total) ? total + lost : total;
}
