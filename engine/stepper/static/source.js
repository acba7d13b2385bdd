// The student's code beside the graph, where it was traced: the piece that made the node at work is marked, and those that made what
// receives. A click on a piece looks at the node.

FEATURES.push((stepper) => {
  const { blocks, places, order } = stepper.model.get("payload").code ?? {};
  return blocks ? new SourcePanel(stepper, blocks, places, order) : null;
});

class SourcePanel {
  constructor(stepper, blocks, places, order) {
    Object.assign(this, { stepper, blocks, places, where: "graph" });
    this.made = new Map(); // the nodes that each place made, in order
    for (const node of order) {
      const key = places[node] && String(places[node]);
      if (this.made.has(key)) this.made.get(key).push(node);
      else if (key) this.made.set(key, [node]);
    }
    this.pieces = []; // of all lines: an element, and the places that it is part of, the smallest first
    this.heading = h("h3", {});
    this.caption = h("p", { class: "hint" });
    this.code = h("div", { class: "code", tabindex: "0", role: "region" }, blocks.map((block, i) => this.block(block, i)));
    this.box = h("section", { class: "source" }, h("div", { class: "heading" }, this.heading, this.caption), this.code);
  }

  block({ file, first, lines }, i) {
    const places = [...this.made].map(([key, [node]]) => ({ key, place: this.places[node] })).filter(({ place }) => place[0] === i);
    return h("div", { class: "block" }, h("div", { class: "file" }, file), lines.map((line, k) => this.line(line, first + k, places)));
  }

  // A line in pieces: it is cut wherever a place begins or ends.
  line(text, number, places) {
    const characters = [...text], parts = [];
    for (const { key, place: [, from, start, to, end] } of places) {
      if (from > number || to < number) continue;
      const range = [from === number ? start : characters.length - text.trimStart().length, to === number ? end : characters.length];
      parts.push({ key, range, size: (to - from) * 1000 + end - start });
    }
    parts.sort((a, b) => a.size - b.size);
    const cuts = [...new Set([0, characters.length, ...parts.flatMap(({ range }) => range)])].sort((a, b) => a - b);
    const pieces = cuts.slice(1).map((end, i) => this.piece(characters.slice(cuts[i], end).join(""), parts.filter(({ range }) => range[0] <= cuts[i] && end <= range[1])));
    return h("div", { class: "line" }, h("span", { class: "line-number" }, String(number)), pieces);
  }

  piece(text, parts) {
    const keys = parts.map(({ key }) => key), element = h("span", keys.length ? { class: "piece", onclick: () => this.choose(keys[0]) } : {}, text);
    if (keys.length) this.pieces.push({ element, keys });
    return element;
  }

  // The node that the place made; of several the one after that which is looked at.
  choose(key) {
    const nodes = this.made.get(key);
    this.stepper.clicked(nodes[(nodes.indexOf(this.stepper.selected) + 1) % nodes.length]);
  }

  relabel() {
    this.heading.textContent = this.stepper.say("source");
    this.code.setAttribute("aria-label", this.stepper.say("source"));
    this.stepper.root.classList.add("traced");
  }

  update(step, state, marks) {
    const { kind, node } = this.stepper.machine.events[step], at = node === undefined ? null : this.places[node];
    const keys = (nodes) => new Set([...nodes].flatMap((each) => (this.places[each] ? [String(this.places[each])] : [])));
    const kinds = [["now", keys(marks.nodes)], ["receives", keys(kind === "finish" ? [] : marks.receivers)], ["selected", keys(marks.selected === null ? [] : [marks.selected])]];
    for (const { element, keys: own } of this.pieces) for (const [name, marked] of kinds) element.classList.toggle(name, own.some((key) => marked.has(key)));
    setText(this.caption, node === undefined ? this.stepper.say("sourceHint") : this.words(kind, node, at));
    this.caption.title = this.caption.textContent;
    this.reveal(at ? String(at) : kinds[2][1].values().next().value);
  }

  words(kind, node, at) {
    const { say, machine } = this.stepper, { name } = machine.nodes[node];
    if (!at) return say("sourceUntraced", { node: name });
    const key = { forward: "sourceMakes", seed: "sourceSeed", backward: "sourcePasses" }[kind], nodes = this.made.get(String(at));
    const times = nodes.length > 1 ? ` ${say("sourceTimes", { place: String(nodes.indexOf(node) + 1), count: String(nodes.length) })}` : "";
    return say(key, { file: this.blocks[at[0]].file, line: String(at[1]), node: name }) + times;
  }

  // Bring what is marked into the window of the code, which alone is scrolled.
  reveal(key) {
    const marked = this.pieces.filter(({ keys }) => keys.includes(key)).map(({ element }) => element), { code } = this;
    if (!marked.length) return;
    const [first, last] = [marked[0], marked.at(-1)], [top, bottom] = [first.offsetTop, last.offsetTop + last.offsetHeight];
    if (top < code.scrollTop || bottom > code.scrollTop + code.clientHeight) code.scrollTop = Math.min(top - 4, (top + bottom - code.clientHeight) / 2);
    const [left, right] = [first.offsetLeft, last.offsetLeft + last.offsetWidth];
    if (left - 40 < code.scrollLeft || right > code.scrollLeft + code.clientWidth) code.scrollLeft = Math.max(0, Math.min(left - 60, right - code.clientWidth + 20));
  }
}
