// The view of a drawing: its point in the middle of the window, and a scale. Panning, zooming, and bringing a part into view.

const LARGEST = 1.7, READABLE = 0.8, SMALLEST = 0.5, PROJECTED = 18; // in pixels for one unit of the drawing

class View {
  constructor(box) {
    this.box = box;
    this.dragging();
    this.sizes = new ResizeObserver(() => this.resized());
    this.sizes.observe(box);
  }

  // Look at another drawing, with one of its parts, if given, at the place where it was before.
  see(svg, partOf = () => null) {
    const before = !this.fitted && this.svg && centre(partOf());
    this.box.replaceChildren(svg);
    this.svg = svg;
    this.whole = svg.getAttribute("viewBox").split(/[ ,]+/).map(Number);
    for (const name of ["width", "height"]) svg.removeAttribute(name);
    if (!this.size) return;
    if (this.fitted) this.fit(READABLE);
    else this.look();
    const after = before && centre(partOf());
    if (after) this.move(after.map((at, i) => at - before[i]));
  }

  resized() {
    const { clientWidth, clientHeight } = this.box;
    if (!clientWidth || !clientHeight) return;
    const first = !this.size;
    this.size = [clientWidth, clientHeight];
    if (first || this.fitted) this.fit(READABLE);
    else this.look();
    this.reveal(this.wanted);
  }

  fit(least = 0) {
    if (!this.size) return;
    const [x, y, width, height] = this.whole, [w, h] = this.size;
    const whole = Math.min(w / width, h / height, this.projected || LARGEST);
    const [small, enough] = this.projected ? [this.projected, this.projected] : [SMALLEST, least];
    this.scale = whole < small && least ? Math.max(whole, enough) : whole;
    this.fitted = this.scale === whole;
    this.middle = [this.fitted ? x + width / 2 : x + w / this.scale / 2, y + height / 2];
    this.look();
  }

  // For a projector: text as large as the rest, and then the view follows the steps.
  project(on) {
    const sizes = [...this.svg.querySelectorAll("text[font-size]")].map((text) => Number(text.getAttribute("font-size")));
    this.projected = on ? PROJECTED / Math.min(14, ...sizes) : 0;
    this.fit(READABLE);
    this.reveal(this.wanted);
  }

  zoom(factor) {
    if (!this.size) return;
    this.scale = Math.min(8, Math.max(0.02, this.scale * factor));
    this.fitted = false;
    this.look();
  }

  // Move by so many pixels.
  move(by) {
    this.middle = this.middle.map((at, i) => at + by[i] / this.scale);
    this.look();
  }

  look() {
    const [w, h] = this.size.map((length) => length / this.scale), [x, y, width, height] = this.whole;
    this.middle = [Math.min(x + width, Math.max(x, this.middle[0])), Math.min(y + height, Math.max(y, this.middle[1]))];
    this.svg.setAttribute("viewBox", `${this.middle[0] - w / 2} ${this.middle[1] - h / 2} ${w} ${h}`);
  }

  reveal(node) {
    this.wanted = node;
    this.bring(this.part(node));
  }

  // Move the view only if the part is outside.
  bring(part) {
    if (!part || !this.size) return;
    const inside = part.getBoundingClientRect(), around = this.box.getBoundingClientRect(), to = centre(part), from = centre(this.box);
    const off = [
      inside.left < around.left || inside.right > around.right ? to[0] - from[0] : 0,
      inside.top < around.top || inside.bottom > around.bottom ? to[1] - from[1] : 0,
    ];
    if (off[0] || off[1]) this.move(off);
  }

  dragging() {
    let from = null;
    this.box.addEventListener("pointerdown", (event) => {
      from = event.pointerType !== "touch" && event.button === 0 ? [event.clientX, event.clientY, this.middle] : null;
      this.moved = false;
    });
    this.box.addEventListener("pointermove", (event) => {
      if (!from || !(event.buttons & 1)) return;
      const by = [event.clientX - from[0], event.clientY - from[1]];
      this.moved ||= Math.hypot(...by) > 4; // else it is a click with an unsteady hand
      if (!this.moved) return;
      this.box.setPointerCapture(event.pointerId);
      this.fitted = false;
      this.middle = from[2].map((at, i) => at - by[i] / this.scale);
      this.look();
    });
    this.box.addEventListener("pointerup", () => (from = null));
    this.pinching();
    this.box.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // a plain wheel scrolls the notebook
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 300));
    }, { passive: false });
  }

  // On a touch screen one finger scrolls the page; two zoom and move the graph.
  pinching() {
    let last = null;
    const pinch = (event) => {
      if (event.touches.length !== 2) return (last = null);
      event.preventDefault();
      const [a, b] = [...event.touches].map(({ clientX, clientY }) => [clientX, clientY]);
      const now = { spread: Math.hypot(a[0] - b[0], a[1] - b[1]), at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] }, before = last;
      last = now;
      if (!before || !this.size || !now.spread || !before.spread) return null;
      const around = centre(this.box);
      this.move(before.at.map((at, i) => at - around[i])); // what is between the fingers stays there
      this.zoom(now.spread / before.spread);
      return this.move(now.at.map((at, i) => around[i] - at));
    };
    for (const name of ["touchstart", "touchmove", "touchend", "touchcancel"]) this.box.addEventListener(name, pinch, { passive: false });
  }

  close() {
    this.sizes.disconnect();
  }
}

function centre(element) {
  if (!element) return null;
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return [(left + right) / 2, (top + bottom) / 2];
}
