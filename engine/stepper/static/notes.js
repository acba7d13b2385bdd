// What somebody writes on the drawing beside its own numbers: a note below a box, a number along an arrow. A map has no room for them.

class Notes {
  constructor(stepper) {
    Object.assign(this, { stepper, made: [] });
  }

  clear() {
    this.made.forEach((each) => each.remove());
    this.made = [];
  }

  // Below the box of a node, to the left, where no arrow leaves it.
  add(node, text, kind, title) {
    const box = this.stepper.picture?.boxes?.get(`v${node}`);
    if (!box) return;
    const shape = box.g.querySelector("path, polygon"), at = (shape.getAttribute("d") ?? shape.getAttribute("points")).match(/-?[\d.]+/g).map(Number);
    const left = Math.min(...at.filter((_, i) => i % 2 === 0)), bottom = Math.max(...at.filter((_, i) => i % 2 === 1)), width = 7.5 * text.length + 8;
    this.put("rect", { class: `pill ${kind}`, x: left, y: bottom - 2, width, height: 15, rx: 5 }, "");
    this.put("text", { class: `pill ${kind}`, x: left + width / 2, y: bottom + 9.5 }, text, title);
  }

  put(tag, attributes, text, title = "") {
    const { picture } = this.stepper, made = picture.added(picture.svg.querySelector("g.graph"), tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    if (title) picture.added(made).textContent = title;
    this.made.push(made);
  }
}
