// A matrix of numbers in colour. One that is larger than its panel is cut: "⋯ 57 more" moves on, and so do the arrow keys.

const MOST_LINES = 8;

class Grid {
  // owner.point(cell) lights the edges of a cell. columns: { math | words, x }; rows: { head, from?, cells, total? }; corner: what the columns are.
  constructor(owner, { rows, columns, corner, total, kind }, room) {
    Object.assign(this, { owner, rows, columns, corner, total, at: [0, 0], focused: [0, 0] });
    const cells = rows.flatMap((row) => row.cells), longest = Math.max(...cells.slice(0, 2000).map(({ x }) => brief(x).length), 4);
    const size = owner.stepper.root.classList.contains("large") ? 1.43 : 1, width = (longest * 6.9 + 12) * size, free = room - (total ? 125 : 65) * size;
    const whole = kind === "delta" || kind === "edges" || columns.length * width <= free;
    this.most = [MOST_LINES, whole ? columns.length : Math.max(2, Math.floor((free - 50 * size) / width))];
    this.largest = cells.reduce((most, { x }) => (Math.abs(x) < Infinity ? Math.max(most, Math.abs(x)) : most), 0);
    this.box = h("table", { class: `matrix ${kind}` });
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.box.addEventListener("focusin", ({ target }) => target.cell && owner.point(target.cell, true));
    this.box.addEventListener("pointerover", ({ target }) => owner.point(target.closest("td")?.cell ?? null));
    for (const event of ["pointerleave", "focusout"]) this.box.addEventListener(event, () => owner.point(null));
    this.draw();
  }

  draw() {
    const { rows, columns, at } = this, [[top, bottom], [left, right]] = [rows.length, columns.length].map((count, i) => [at[i], Math.min(count, at[i] + this.most[i])]);
    const [back, on] = this.more(1, left, right), corner = h("th", {}, this.corner, left ? [h("br"), back] : null);
    const heads = [corner, ...columns.slice(left, right).map((column) => this.head(column, "col")), on && h("th", { class: "cut" }, on), rows[0].total ? this.head(this.total, "col") : null].filter(Boolean);
    const [above, below] = this.more(0, top, bottom, heads.length);
    const body = rows.slice(top, bottom).map((row, i) => h("tr", {}, this.head(row.head, "row", row.from),
      row.cells.slice(left, right).map((cell, j) => this.cell(cell, [top + i, left + j])), on && h("td", {}, i ? "" : "⋯"), row.total ? this.cell(row.total, [top + i, columns.length]) : null));
    this.box.replaceChildren(h("thead", {}, h("tr", {}, heads)), h("tbody", {}, above, body, below));
  }

  head(content, scope, from) {
    const inside = content instanceof Node ? [content] : [content.words ?? math(content.math), content.x === undefined ? null : h("br"), content.x === undefined ? null : this.number(content.x)];
    return h("th", { scope }, inside, from ? [" ← ", math(from)] : null);
  }

  number(x) {
    return h("data", { class: "number", value: repr(x), title: repr(x) }, brief(x));
  }

  cell(cell, place) {
    const { x, edges } = cell, none = x === null || x === undefined;
    const heat = none || !this.largest || !Number.isFinite(x) ? 0 : Math.min(40, Math.round((40 * Math.abs(x)) / this.largest));
    const later = edges.some((edge) => this.owner.later.has(edge));
    const td = h("td", {
      class: `${cell.sum ? "sum" : ""} ${x < 0 ? "minus" : "plus"} ${later ? "later" : ""} ${Number.isFinite(x) || none ? "" : "odd"}`, style: `--heat: ${heat}%`,
      tabindex: String(place) === String(this.focused) ? "0" : "-1", "data-edges": edges.join(" "),
    }, none ? "–" : this.number(x));
    return Object.assign(td, { cell, place });
  }

  // The two ends of what is cut, as buttons; null where nothing is.
  more(axis, from, to, width) {
    const count = [this.rows.length, this.columns.length][axis], { say } = this.owner.stepper;
    return [[from, -1], [count - to, 1]].map(([missing, way]) => {
      if (from === 0 && to === count) return null;
      const act = () => this.move(axis, way * Math.max(1, this.most[axis] - 1));
      const words = `⋯ ${say("strideMore", { count: missing.toLocaleString() })}`;
      const press = h("button", { type: "button", class: "link", onclick: act, style: missing ? null : "visibility: hidden" }, words);
      return axis ? press : h("tr", {}, h("td", { colspan: width, class: "cut" }, press));
    });
  }

  move(axis, by) {
    const count = [this.rows.length, this.columns.length][axis];
    this.at[axis] = Math.max(0, Math.min(count - this.most[axis], this.at[axis] + by));
    this.focused = [...this.at];
    this.draw();
    this.box.querySelector('[tabindex="0"]')?.focus({ preventScroll: true });
  }

  pressed(event) {
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key], from = event.target.place;
    if (!way || !from) return;
    event.preventDefault();
    event.stopPropagation();
    const last = [this.rows.length - 1, this.columns.length - (this.rows[0].total ? 0 : 1)];
    this.focused = from.map((at, axis) => Math.max(0, Math.min(last[axis], at + way[axis])));
    this.at = this.at.map((at, axis) => {
      const count = [this.rows.length, this.columns.length][axis], to = Math.min(this.focused[axis], count - 1);
      return Math.max(Math.min(at, to), to - this.most[axis] + 1, 0);
    });
    this.draw();
    this.box.querySelector('[tabindex="0"]')?.focus();
  }
}

// Three digits where four would be too wide, for a cell.
function brief(x) {
  if (x === null || x === undefined || !Number.isFinite(x)) return show(x);
  const text = show(x), short = text.length > 6 ? show(Number(x.toPrecision(3))) : text;
  return minus(short.replace(/e([+-])0?(\d)/, (_, sign, digits) => `e${sign === "-" ? "-" : ""}${digits}`));
}
