// How wide a text is, and how to fit it: an SVG does not break lines.

const FAMILY = 'system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';

class Ruler {
  constructor(size, weight = 400) {
    this.size = size;
    this.context = document.createElement("canvas").getContext("2d");
    this.context.font = `${weight} ${size}px ${FAMILY}`;
    this.known = new Map();
    if (weight === 400) this.bold = new Ruler(size, 700);
  }

  width(text) {
    if (!this.known.has(text)) this.known.set(text, this.context.measureText(text).width);
    return this.known.get(text);
  }

  // The text, or its two ends with … between them.
  fit(text, room) {
    if (this.width(text) <= room) return text;
    const characters = [...text];
    for (let kept = characters.length - 1; kept > 1; kept -= 1) {
      const head = Math.ceil(kept / 2), short = `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (kept - head)).join("")}`;
      if (this.width(short) <= room) return short;
    }
    return characters.length > 1 ? "…" : text;
  }

  // The text as fitted, or another that is shorter; where something is left out, the whole is its tooltip.
  label(text, room, attributes, short = this.fit(text, room)) {
    const words = svg("text", attributes, short);
    return short === text ? words : svg("g", {}, svg("title", {}, text), words);
  }

  // A number in four digits, or in as many as there is room for; `none` where there is room for none.
  number(x, room = Infinity, none = "…") {
    const whole = minus(show(x));
    if (x === null || x === undefined || !Number.isFinite(x) || this.width(whole) <= room) return whole;
    const written = (digits) => (Math.abs(x) >= 1e4 ? x.toExponential(digits - 1).replace(/^[^e]+/, trimmed) : String(Number(x.toPrecision(digits))));
    const shorter = [3, 2, 1].map((digits) => minus(written(digits).replace(/e([+-])(\d)$/, "e$10$2")));
    return shorter.find((text) => this.width(text) <= room) ?? none; // better none than a part of one
  }
}

// A box as a path, so that it is drawn and coloured as the boxes of a drawing are.
const roundedBox = ({ x, y, w, h }, r) => `M${x + r},${y}h${w - 2 * r}a${r},${r} 0 0 1 ${r},${r}v${h - 2 * r}a${r},${r} 0 0 1 ${-r},${r}h${2 * r - w}a${r},${r} 0 0 1 ${-r},${-r}v${2 * r - h}a${r},${r} 0 0 1 ${r},${-r}z`;

const curve = ([x1, y1], [x2, y2]) => `M${x1},${y1}C${(x1 + x2) / 2},${y1} ${(x1 + x2) / 2},${y2} ${x2},${y2}`;
