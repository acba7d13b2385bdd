// A stride by node or by layer, as a whole. Where neurons share their inputs it is the matrices of a layer: δ = (Wᵀδ) ⊙ f′(z),
// dL/dW = δxᵀ, dL/dx = Wᵀδ; every edge that is in none of them stands in a table.

// The events of the stride to which a step belongs, and how many edges of others come between them.
function strideAt(machine, step, by) {
  const keys = machine.strides[by], [from, to] = [keys.indexOf(keys[step]), keys.lastIndexOf(keys[step])], edges = new Map();
  let others = 0;
  for (let i = from; i <= to; i += 1) {
    const { kind, node, index } = machine.events[i];
    if (kind !== "backward") continue;
    if (keys[i] === keys[step]) edges.set(`${node}_${index}`, { i, node, index, to: machine.nodes[node].inputs[index] });
    else others += 1;
  }
  return { from, to, edges, others };
}

// A sum of products and at most one more, as nn makes it: one node, or × and +. Null for what is none.
function unitOf(machine, z, edges) {
  const { nodes } = machine, { rule, inputs } = nodes[z], count = (inputs.length - 1) / 2;
  const passes = (node) => nodes[node].inputs.some((_, index) => edges.has(`${node}_${index}`));
  if (rule === "weighted_sum") return { z, terms: [...Array(count).keys()].map((k) => ({ w: [z, k], x: [z, count + k] })), bias: [z, 2 * count] };
  if (rule !== "add") return null;
  const unit = { z, terms: [], bias: null }, waiting = [z];
  while (waiting.length) {
    const node = waiting.pop();
    for (const index of [1, 0]) {
      const x = nodes[node].inputs[index], inside = typeof x === "number" && nodes[x].users.length === 1 && passes(x) && edges.has(`${node}_${index}`);
      if (inside && nodes[x].rule === "add") waiting.push(x);
      else if (inside && nodes[x].rule === "mul") unit.terms.unshift({ w: [x, 0], x: [x, 1] });
      else if (typeof x !== "number") continue;
      else if (unit.bias) return null;
      else unit.bias = [node, index];
    }
  }
  return unit.terms.length ? unit : null;
}

// The units that have the same inputs, together and in the order of their making; for those of single edges too.
function layersOf(machine, edges) {
  const { nodes } = machine, senders = [...new Set([...edges.values()].map(({ node }) => node))].sort((a, b) => machine.made[a] - machine.made[b] || a - b);
  const inner = (z) => nodes[z].rule === "add" && nodes[z].users.length === 1 && nodes[nodes[z].users[0][0]].rule === "add" && edges.has(nodes[z].users[0].join("_"));
  const units = senders.filter((z) => !inner(z)).map((z) => unitOf(machine, z, edges)).filter((unit) => unit?.terms.length);
  const together = (side) => {
    const found = new Map();
    for (const unit of units) {
      const key = JSON.stringify(unit.terms.map((term) => nodes[term[side][0]].inputs[term[side][1]]));
      found.set(key, [...(found.get(key) ?? []), unit]);
    }
    return [...found.values()];
  };
  const byX = together("x"), byW = together("w");
  if (byW.length >= byX.length) return byX;
  return byW.map((layer) => layer.map(({ terms, ...unit }) => ({ ...unit, terms: terms.map(({ w, x }) => ({ w: x, x: w })) })));
}

// The activation of a unit: the edge by which all of δ came, in this stride.
function activationOf(machine, { z }, edges) {
  const [user, ...more] = machine.nodes[z].users;
  if (!user || more.length || !edges.has(user.join("_"))) return null;
  const [a, index] = user;
  return machine.nodes[a].slopes.filter(Boolean).length === 1 ? { a, index, i: edges.get(`${a}_${index}`).i } : null;
}

// What is in a stride: blocks of cells { x, edges, sum }. The cells with `sum` are gradients that are passed on, and hold each edge once.
function readStride(machine, { edges }) {
  const { nodes, data, steps } = machine, left = new Map(edges), blocks = [];
  const input = ([node, index]) => nodes[node].inputs[index];
  const number = (place) => (typeof input(place) === "number" ? data[input(place)] : Number(input(place).constant));
  const named = (place) => (typeof input(place) === "number" ? nodes[input(place)].math : `<mn>${minus(show(number(place)))}</mn>`);
  const take = (places, x) => {
    const keys = places.map((place) => place.join("_")).filter((key) => edges.has(key));
    keys.forEach((key) => left.delete(key));
    return { x: keys.length ? x() : null, edges: keys, sum: keys.length > 0 };
  };
  for (const layer of layersOf(machine, edges)) {
    const upstream = (z) => steps[[...edges.values()].find(({ node }) => node === z).i][0];
    const units = layer.map((unit) => ({ ...unit, delta: upstream(unit.z), active: activationOf(machine, unit, edges) }));
    const terms = units[0].terms, heads = units.map(({ z, delta }) => ({ math: nodes[z].math, x: delta }));
    const active = units.filter(({ active }) => active);
    if (active.length) {
      blocks.push({ kind: "delta", above: layerAbove(machine, active.map(({ active: { a } }) => a)), rows: active.map(({ z, active: { a, index, i } }) => {
        const [arrived, slope] = steps[i];
        return { head: { math: nodes[z].math }, cells: [{ x: arrived, edges: [] }, { x: slope, edges: [] }, take([[a, index]], () => passedOn(arrived, slope))] };
      }) });
    }
    blocks.push({ kind: "weights", columns: [...terms.map(({ x }) => ({ math: named(x), x: number(x) })), { math: "<mi>b</mi>", x: 1 }], rows: units.map((unit, k) => ({
      head: heads[k], cells: [...unit.terms.map(({ w, x }) => take([w], () => passedOn(unit.delta, number(x)))), take(unit.bias ? [unit.bias] : [], () => unit.delta)],
    })) });
    const rows = terms.map(({ x }, j) => ({
      head: { math: named(x) },
      cells: units.map((unit) => ({ x: number(unit.terms[j].w), edges: [unit.terms[j].x.join("_")].filter((key) => edges.has(key)) })),
      total: take(units.map((unit) => unit.terms[j].x), () => preciseSum(units.map((unit) => passedOn(unit.delta, number(unit.terms[j].w))))),
    })).filter(({ total }) => total.sum);
    if (rows.length) blocks.push({ kind: "inputs", columns: heads, rows });
  }
  if (left.size) blocks.push({ kind: "edges", rest: blocks.length > 0, rows: byReceiver([...left.values()]).map(({ i, node, index, to }) => {
    const [up, local, contribution] = steps[i], edge = [`${node}_${index}`];
    return { head: { math: nodes[to].math }, from: nodes[node].math, cells: [{ x: up, edges: [] }, { x: local, edges: [] }, { x: contribution, edges: edge, sum: true }, { x: steps[i][4], edges: [] }] };
  }) });
  return blocks;
}

const byReceiver = (edges) => edges.sort((a, b) => b.to - a.to || a.i - b.i);

// The group whose neurons are all that uses these activations: then what has arrived is its Wᵀδ.
function layerAbove(machine, activations) {
  const { nodes } = machine, users = activations.flatMap((a) => nodes[a].users.map(([user]) => user));
  const [group] = users.length ? nodes[users[0]].group : [];
  const neurons = users.every((user) => ["weighted_sum", "mul"].includes(nodes[user].rule) && nodes[user].group[0] === group);
  return group !== undefined && neurons && activations.every((a) => nodes[a].group[0] !== group) ? group : null;
}

class StridePanel {
  constructor(stepper) {
    this.stepper = stepper;
    this.heading = h("h3", {});
    this.content = h("div", { class: "blocks" });
    this.said = h("p", { class: "pointing" });
    this.box = h("section", { class: "stride" }, this.heading, this.content, this.said);
    this.where = "side";
  }

  relabel() {
    this.shown = null;
  }

  update(step) {
    const { stepper } = this, { machine, by } = stepper;
    const stride = by !== "edge" && stepper.mode === "explore" && machine.events[step].kind === "backward" ? strideAt(machine, step, by) : null;
    const whole = stride && stride.edges.size > 1;
    stepper.root.classList.toggle("by-strides", by !== "edge" && stepper.mode === "explore");
    stepper.root.classList.toggle("striding", Boolean(whole));
    if (!whole) return (this.shown = null);
    const shown = [step, by, machine.steps, stepper.root.classList.contains("large")];
    if (this.shown?.every((each, i) => each === shown[i])) return;
    this.shown = shown;
    this.point(null);
    this.draw(stride, step);
  }

  draw(stride, step) {
    const { stepper } = this, { nodes } = stepper.machine, { say } = stepper, { node } = stepper.machine.events[step], { group, depth, name } = nodes[node];
    const count = stride.edges.size.toLocaleString();
    const words = stepper.by === "node" ? say("strideNode", { node: name, count }) : group.length ? say("strideLayer", { layer: group[0], count }) : say("strideDepth", { depth, count });
    const others = stride.others ? [h("span", { class: "hint" }, say("strideOthers", { count: stride.others.toLocaleString() }))] : [];
    this.heading.replaceChildren(h("span", { class: "badge" }, `${say("step")} ${stride.from}–${stride.to}`), " ", words, ...others);
    const room = this.box.clientWidth - 26 || 320;
    this.later = new Set([...stride.edges].filter(([, { i }]) => i > step).map(([key]) => key));
    this.content.replaceChildren(...readStride(stepper.machine, stride).flatMap((block) => this.block(block, room, group[0])));
    this.content.scrollTop = 0;
    this.said.replaceChildren(this.hint());
  }

  block(block, room, layer) {
    const { say, machine } = this.stepper, L = machine.nodes[machine.result].math, d = (x) => gradientOf(L, x), of = (x, l) => `<msup>${x}<mrow><mo>(</mo>${l}<mo>)</mo></mrow></msup>`;
    const [delta, slope, plus] = ["<mi>δ</mi>", "<mi>f</mi><mo>′</mo>", "<mi>l</mi><mo>+</mo><mn>1</mn>"];
    const transposed = (x) => `<msup>${x}<mtext>⊤</mtext></msup>`;
    const [W, x, z, a] = [..."Wxza"].map((letter) => `<mi>${letter}</mi>`);
    if (block.kind === "edges") {
      const columns = [say("upstream"), `× ${say("local")}`, "+=", say("after")].map((words) => ({ words }));
      return [h("h4", {}, say(block.rest ? "strideRest" : "strideEdges")), new Grid(this, { ...block, corner: [`${say("to")} ← ${say("from")}`], columns }, room).box];
    }
    const formula = {
      delta: block.above ? `${of(delta, "<mi>l</mi>")}<mo>=</mo><mo>(</mo>${transposed(of(W, plus))}${of(delta, plus)}<mo>)</mo><mo>⊙</mo>${slope}<mo>(</mo>${of(z, "<mi>l</mi>")}<mo>)</mo>`
        : `${delta}<mo>=</mo>${d(a)}<mo>⊙</mo>${slope}<mo>(</mo>${z}<mo>)</mo>`,
      weights: `${d(W)}<mo>+=</mo>${delta}<mspace width="0.2em"/>${transposed(x)}`,
      inputs: `${d(x)}<mo>+=</mo>${transposed(W)}<mspace width="0.2em"/>${delta}`,
    }[block.kind];
    const columns = block.kind === "delta" ? [{ math: block.above ? `${transposed(W)}${delta}` : `<mstyle displaystyle="true">${d(a)}</mstyle>` }, { math: `${slope}<mo>(</mo>${z}<mo>)</mo>` }, { math: delta }] : block.columns;
    const corner = { delta: [], weights: [math(transposed(x)), " →"], inputs: [math(delta), " →"] }[block.kind];
    const hint = block.kind === "delta" && block.above ? h("span", { class: "hint" }, ` l: ${layer}, l+1: ${block.above}`) : null;
    return [h("h4", {}, math(formula, null, true), hint), new Grid(this, { ...block, corner, columns, total: math(d(x), null, true) }, room).box];
  }

  // Light the edges of a cell in the picture; with null let go.
  point(cell, reveal = false) {
    const { stepper, said } = this, { machine, root } = stepper, events = cell ? cell.edges.map((edge) => machine.passes.get(edge)) : [];
    if (events.length) {
      this.before ??= stepper.light;
      const ends = events.flatMap((i) => [machine.events[i].node, machine.nodes[machine.events[i].node].inputs[machine.events[i].index]]);
      stepper.light = { path: new Set(cell.edges), nodes: new Set(ends) };
    } else if (this.before) {
      stepper.light = this.before;
      this.before = null;
    } else return;
    root.classList.toggle("lighting", stepper.light.nodes.size > 0);
    stepper.picture?.update(machine.at(stepper.step), stepper.marks(events[0] ?? stepper.step));
    if (reveal && events.length) [...stepper.light.nodes].slice(0, 2).forEach((node) => stepper.picture?.reveal(node));
    said.replaceChildren(...(events.length ? this.words(events) : [this.hint()]));
  }

  hint() {
    return h("span", { class: "hint" }, this.stepper.say("strideHint"));
  }

  words(events) {
    const { machine } = this.stepper, { nodes, steps, result } = machine, { node, index } = machine.events[events[0]], to = nodes[nodes[node].inputs[index]];
    const L = nodes[result].math, parts = events.map((i) => steps[i][2]);
    const product = events.length === 1 ? [math(`${gradientOf(L, nodes[node].math)}<mo>·</mo>${ratio(nodes[node].math, to.math)}`, null, true), " = ", numeral(steps[events[0]][0]), " × ", bracket(numeral(steps[events[0]][1]), steps[events[0]][1])]
      : parts.slice(0, 4).flatMap((x, i) => [i ? " + " : "", bracket(numeral(x), x)]).concat(parts.length > 4 ? [" + ⋯"] : []);
    return [math(gradientOf(L, to.math), null, true), " += ", ...product, " = ", numeral(preciseSum(parts), "contribution")];
  }
}

FEATURES.push((stepper) => new StridePanel(stepper));
