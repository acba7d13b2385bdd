// The drawing: what is done, what is current and what is still to come; panning and zooming.

const LARGEST = 1.7, READABLE = 0.8, SMALLEST = 0.5, PROJECTED = 1.4; // in pixels for one unit of the drawing

class Picture {
  constructor(svg, machine, choose) {
    this.machine = machine;
    this.box = h("div", { class: "picture", role: "group" });
    this.box.innerHTML = svg; // written by Graphviz, which has escaped the names in it
    this.svg = this.box.querySelector("svg");
    this.whole = this.svg.getAttribute("viewBox").split(/[ ,]+/).map(Number);
    for (const name of ["width", "height"]) this.svg.removeAttribute(name);
    this.svg.querySelectorAll("title").forEach((title) => title.remove());
    for (const link of this.svg.querySelectorAll("a")) link.replaceWith(...link.childNodes);
    this.svg.querySelector("g.graph > polygon")?.remove(); // the white ground
    this.nodes = new Map([...this.svg.querySelectorAll("g.node")].flatMap((g) => this.readNode(g, choose)));
    this.edges = new Map([...this.svg.querySelectorAll("g.edge")].map((g) => [g.id.slice(1), { g, title: this.titled(g), known: "" }]));
    for (const g of this.svg.querySelectorAll("[id]")) {
      g.dataset.id = g.id; // an id is unique in a document, and there may be several steppers in it
      g.removeAttribute("id");
    }
    this.label = this.titled(this.svg.querySelector("g.graph"), "text");
    this.label.setAttribute("class", "passing");
    this.dragging();
    this.sizes = new ResizeObserver(() => this.resized());
    this.sizes.observe(this.box);
  }

  readNode(g, choose) {
    const place = /^v(\d+)$/.exec(g.id);
    if (!place) return [];
    const texts = [...g.querySelectorAll("text")], number = Number(place[1]);
    const field = (word) => texts.findLast((text) => text.textContent.trim().startsWith(word));
    g.setAttribute("role", "button");
    g.setAttribute("tabindex", "-1");
    g.addEventListener("click", () => this.moved || choose(number));
    return [[number, { g, data: field("data"), grad: field("grad"), title: this.titled(g), known: "" }]];
  }

  titled(parent, tag = "title") {
    return parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
  }

  // Write the numbers and classes of a state; only what has changed is touched.
  update(state, marks) {
    this.nodes.forEach((parts, node) => this.updateNode(node, parts, state, marks));
    this.edges.forEach((parts, edge) => {
      const classes = [
        state.done.has(edge) && "done", marks.edges.has(edge) && "current", marks.path.has(edge) && "lit",
      ].filter(Boolean).join(" ");
      this.mark(parts, classes);
      parts.g.classList.toggle("reached", state.data[edge.split("_")[0]] !== null);
    });
    this.showPassing(marks);
  }

  updateNode(node, parts, state, marks) {
    const { data, adjoints, complete } = state;
    const changed = !Object.is(parts.at?.[0], data[node]) || !Object.is(parts.at?.[1], adjoints[node]);
    const odd = [data[node], adjoints[node]].some((x) => x !== null && !Number.isFinite(x));
    const classes = [
      data[node] !== null && "computed", marks.nodes.has(node) && "current", marks.receivers.has(node) && "receives",
      marks.selected === node && "selected", marks.lit.has(node) && "lit", marks.asked && "asked",
      adjoints[node] !== null && (complete[node] ? "complete" : "partial"),
      odd && "odd",
    ].filter(Boolean).join(" ");
    this.mark(parts, classes);
    if (!changed) return;
    parts.at = [data[node], adjoints[node]];
    if (parts.data) setText(parts.data, `data ${minus(show(data[node]))}`);
    if (parts.grad) setText(parts.grad, `grad ${minus(show(adjoints[node]))}`);
    const { name, text } = this.machine.nodes[node];
    const full = `${name}${text && ` = ${text}`}\ndata ${exact(data[node])}\ngrad ${exact(adjoints[node])}`;
    setText(parts.title, full);
    parts.g.setAttribute("aria-label", full);
  }

  mark(parts, classes) {
    if (parts.known === classes) return;
    if (parts.known) parts.g.classList.remove(...parts.known.split(" "));
    if (classes) parts.g.classList.add(...classes.split(" "));
    parts.known = classes;
  }

  // The number that runs along the current edge.
  showPassing({ passing }) {
    const path = passing && this.edges.get(passing.edge)?.g.querySelector("path");
    setText(this.label, path ? `◂ ${minus(show(passing.number))}` : "");
    if (!path) return;
    const middle = path.getPointAtLength(path.getTotalLength() / 2);
    this.label.setAttribute("x", middle.x);
    this.label.setAttribute("y", middle.y - 6);
  }

  // The view: the drawing's point in the middle of the window, and a scale.

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
    const whole = Math.min(w / width, h / height, LARGEST);
    const [small, enough] = this.projected ? [PROJECTED, PROJECTED] : [SMALLEST, least];
    this.scale = whole < small && least ? Math.max(whole, enough) : whole;
    this.fitted = this.scale === whole;
    this.middle = [this.fitted ? x + width / 2 : x + w / this.scale / 2, y + height / 2];
    this.look();
  }

  // For a projector: text as large as the rest, and then the view follows the steps.
  project(on) {
    this.projected = on;
    this.fit(READABLE);
    this.reveal(this.wanted);
  }

  zoom(factor) {
    if (!this.size) return;
    this.scale = Math.min(8, Math.max(0.02, this.scale * factor));
    this.fitted = false;
    this.look();
  }

  look() {
    const [w, h] = this.size.map((length) => length / this.scale), [x, y, width, height] = this.whole;
    this.middle = [Math.min(x + width, Math.max(x, this.middle[0])), Math.min(y + height, Math.max(y, this.middle[1]))];
    this.svg.setAttribute("viewBox", `${this.middle[0] - w / 2} ${this.middle[1] - h / 2} ${w} ${h}`);
  }

  // Move the view only if the node is outside.
  reveal(node) {
    this.wanted = node;
    const g = this.nodes.get(node)?.g;
    if (!g || !this.size) return;
    const inside = g.getBoundingClientRect(), around = this.box.getBoundingClientRect();
    const off = [
      inside.left < around.left || inside.right > around.right ? (inside.left + inside.right - around.left - around.right) / 2 : 0,
      inside.top < around.top || inside.bottom > around.bottom ? (inside.top + inside.bottom - around.top - around.bottom) / 2 : 0,
    ];
    if (!off[0] && !off[1]) return;
    this.middle = this.middle.map((at, i) => at + off[i] / this.scale);
    this.look();
  }

  dragging() {
    let from = null;
    this.box.addEventListener("pointerdown", (event) => {
      from = event.button === 0 ? [event.clientX, event.clientY, this.middle] : null;
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
    this.box.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // a plain wheel scrolls the notebook
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 300));
    }, { passive: false });
  }

  close() {
    this.sizes.disconnect();
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
