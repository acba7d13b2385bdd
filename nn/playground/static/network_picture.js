// The network: columns of units, each with a picture of what it sees, and a line for every weight.

class NetworkPicture {
  constructor(page) {
    this.page = page;
  }

  draw() {
    const { run } = this.page, key = run.shape.join(" ") + this.page.lang + this.page.dark + this.page.large;
    if (this.drawn !== key || !this.page.network.firstChild) this.buildNetwork(key);
    const { P: now } = run.descent, P = this.page.marked ? now.map((p, i) => p - (this.page.marked.P[i] ?? p)) : now, most = Math.max(this.page.marked ? 1e-9 : 1, ...run.layers().map(([first, end]) => Math.max(...P.slice(first, end).map(Math.abs))));
    this.lines.forEach(({ line, index }) => {
      line.setAttribute("stroke", this.page.palette.css(P[index] < 0 ? -0.85 : 0.85));
      line.setAttribute("stroke-width", String(0.6 + (6 * Math.abs(P[index])) / most));
      line.setAttribute("stroke-dasharray", P[index] < 0 ? "5 3" : "none");
      line.classList.toggle("chosen", index === this.page.weight?.index);
    });
    const units = run.units();
    this.canvases.forEach((canvas, k) => this.paintUnit(canvas, this.page.seen[k], units[k], 34));
  }

  paintUnit(canvas, numbers, unit, size) {
    const output = unit.layer === this.page.run.shape.length - 1;
    if (this.page.run.width === 2) return paintGrid(canvas, numbers, this.page.palette, output ? 3 : Math.max(1, ...numbers.map(Math.abs)));
    const [low, high] = output ? this.page.look.up : [Math.min(-1, ...numbers), Math.max(1, ...numbers)];
    return paintCurve(canvas, numbers, low, high, this.page.colours.blue, size);
  }

  // Columns of units, and a line for every weight between them.
  buildNetwork(key) {
    const { run } = this.page, { shape } = run, columns = shape.length, width = 560, height = Math.max(150, 50 * Math.max(...shape) + 30);
    const x = (layer) => 40 + ((width - 80) * layer) / (columns - 1), y = (layer, j) => 30 + ((height - 30) * (j + 0.5)) / shape[layer];
    this.drawn = key;
    this.lines = [];
    const links = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    let index = 0;
    for (let layer = 1; layer < columns; layer += 1) {
      for (let j = 0; j < shape[layer]; j += 1, index += 1) {
        for (let i = 0; i < shape[layer - 1]; i += 1, index += 1) {
          const line = svg("line", { x1: x(layer - 1), y1: y(layer - 1, i), x2: x(layer), y2: y(layer, j) }), weight = { index, layer, place: j + 1, input: i };
          const hit = svg("line", { class: "hit", x1: x(layer - 1), y1: y(layer - 1, i), x2: x(layer), y2: y(layer, j) });
          hit.addEventListener("click", () => this.page.choose({ layer, place: weight.place }, i));
          this.lines.push({ line, index });
          links.append(line, hit);
        }
      }
    }
    this.canvases = [];
    const place = (element, layer, j) => {
      element.style.left = `${(100 * x(layer)) / width}%`;
      element.style.top = `${(100 * y(layer, j)) / height}%`;
      return element;
    };
    const names = Array.from({ length: shape[0] }, (_, i) => place(h("span", { class: "input" }, this.page.inputName(i)), 0, i));
    const units = run.units().map((unit) => {
      const canvas = h("canvas", {});
      this.canvases.push(canvas);
      return place(h("button", { type: "button", class: "unit", "aria-label": this.page.unitName(unit), title: this.page.unitName(unit), onclick: () => this.page.choose(unit, null) }, canvas), unit.layer, unit.place - 1);
    });
    const heads = shape.map((n, layer) => place(h("span", { class: "head" }, layer === 0 ? this.page.say("inputs") : layer === columns - 1 ? this.page.say("output") : this.page.say("hidden", { layer })), layer, -0.5 * 1));
    heads.forEach((head) => { head.style.top = "0.9em"; });
    this.page.network.style.height = `${height}px`;
    this.page.network.replaceChildren(links, ...names, ...units, ...heads);
  }
}
