// The state of the graph after each event, and what follows when a leaf is given another number.

class Machine {
  constructor(payload) {
    this.nodes = payload.nodes;
    this.events = payload.events.map(([kind, node, index, ...numbers]) => ({ kind, node, index, edge: `${node}_${index}`, numbers: numbers.map(Number) }));
    this.result = payload.result;
    this.groups = payload.groups ?? [];
    this.uneditable = payload.uneditable;
    this.editable = this.uneditable.length === 0 && !payload.museum; // a broken engine's run is a record
    this.edits = new Map();
    this.recorded = {
      data: this.nodes.map((node) => Number(node.data)),
      slopes: this.nodes.map((node) => node.slopes.map((slope) => slope && Number(slope.local))),
      steps: this.events.map((event) => event.numbers),
    };
    this.last = this.events.length - 1;
    this.seed = this.events.findIndex((event) => event.kind === "seed");
    this.strides = { edge: this.events.map((_, i) => i), node: this.events.map(({ kind, node }, i) => (node === undefined ? i : `${kind} ${node}`)), layer: this.layers(this.groups) };
    this.made = this.nodes.map(() => 0); // the place of the innermost group around a node among all groups as they were made
    for (const { nodes: inside, made } of this.groups) for (const node of inside) this.made[node] = made;
    this.stops = Object.fromEntries(Object.entries(this.strides).map(([by, keys]) => [by, lastOfEach(keys)]));
    this.completeAt = this.completions();
    this.passes = new Map(this.events.flatMap(({ kind, node, index }, i) => (kind === "backward" ? [[`${node}_${index}`, i]] : []))); // by edge the event
    this.gets = this.completeAt.map((at, node) => node === this.result || this.events[at].kind === "backward"); // whether a gradient comes
    Object.assign(this, this.recorded);
    this.found = new Map();
  }

  // By layer, to which stride each event belongs, wherever in the sweep it comes. A layer is an outermost group; nodes in none go together
  // if they are of one depth of the graph and no layer ends between them.
  layers(groups) {
    const { nodes, events } = this, around = new Map(groups.flatMap(({ parent, nodes: inside }, group) => (parent === null ? [...inside].map((node) => [node, group]) : [])));
    const layers = events.map(({ kind, node }) => (node === undefined || !nodes[node].group.length ? null : `${kind} ${around.get(node) ?? nodes[node].group[0]}`));
    const ends = new Set(lastOfEach(layers));
    let ended = 0;
    return events.map(({ kind, node }, i) => {
      if (layers[i] && ends.has(i)) ended += 1;
      return layers[i] ?? (node === undefined ? i : `${kind} ${nodes[node].depth} after ${ended}`);
    });
  }

  // For every node the event after which nothing more is added to its gradient.
  completions() {
    const at = this.nodes.map(() => this.last);
    at[this.result] = this.seed;
    this.events.forEach(({ kind, node, index }, i) => {
      if (kind === "backward") at[this.nodes[node].inputs[index]] = i;
    });
    return at;
  }

  // Give a leaf another number. Where Python would raise an error nothing changes; gives what is wrong, or null.
  edit(node, number) {
    return this.take([...this.edits, [node, number]]);
  }

  // The same with all the numbers that leaves are to have, in place of those they have now.
  take(numbers) {
    const edits = new Map(numbers);
    for (const [node, number] of edits) if (number === this.recorded.data[node]) edits.delete(node);
    try {
      Object.assign(this, edits.size ? this.forwardAndBackward(edits) : this.recorded, { edits });
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
    this.found.clear();
    return null;
  }

  // The numbers of the edits that there are, as Python has computed them.
  adopt(data, slopes) {
    Object.assign(this, { data, slopes, steps: this.backward(slopes) });
    this.found.clear();
  }

  reset() {
    Object.assign(this, this.recorded, { edits: new Map() });
    this.found.clear();
  }

  // All numbers of a forward and a backward pass with other numbers in some leaves; each rolled, if it is said how.
  forwardAndBackward(edits, roll = null) {
    const data = this.forward(edits, roll);
    const slopes = this.nodes.map((node, i) => {
      if (!node.operation) return [];
      const all = operations[node.operation].slopes(...this.inputsOf(node, data), data[i]);
      return node.slopes.map((slope, index) => slope && (roll ? roll(Number.isFinite(all[index]) ? all[index] : this.slopes[i][index]) : all[index]));
    });
    return { data, slopes, steps: this.backward(slopes) };
  }

  // The numbers of every event of the backward pass.
  backward(slopes) {
    const adjoints = this.nodes.map(() => 0);
    adjoints[this.result] = 1;
    return this.events.map(({ kind, node, index }) => {
      if (kind !== "backward") return [];
      const x = this.nodes[node].inputs[index], upstream = adjoints[node], local = slopes[node][index], before = adjoints[x];
      const contribution = passedOn(upstream, local);
      adjoints[x] = before + contribution;
      return [upstream, local, contribution, before, adjoints[x]];
    });
  }

  forward(edits, roll = null) {
    const data = [];
    this.nodes.forEach((node, i) => {
      if (!node.operation) data.push(edits.get(i) ?? this.recorded.data[i]);
      else if (!roll) data.push(this.operate(node, i, data));
      else {
        const number = attempt(() => this.operate(node, i, data));
        data.push(number instanceof Refusal ? this.data[i] : roll(number)); // it was rolled over an edge
      }
    });
    return data;
  }

  operate(node, i, data) {
    const args = this.inputsOf(node, data), number = operations[node.operation].forward(...args), wrong = refused(node.rule, args, number);
    if (wrong) throw new Refusal(wrong, i, args);
    return number;
  }

  inputsOf(node, data) {
    return node.inputs.map((x) => (typeof x === "number" ? data[x] : Number(x.constant)));
  }

  // What is known after an event: data of the nodes computed, adjoints reached, edges done.
  at(step) {
    const data = this.nodes.map((node, i) => (node.rule ? null : this.data[i]));
    const adjoints = this.nodes.map(() => null), done = new Set(), passed = new Set();
    for (let i = 0; i <= step; i += 1) {
      const { kind, node, index, edge } = this.events[i];
      if (kind === "forward") data[node] = this.data[node];
      if (kind === "seed") adjoints[node] = 1;
      if (kind === "backward") {
        adjoints[this.nodes[node].inputs[index]] = this.steps[i][4];
        done.add(edge);
        if (this.events[i + 1].kind !== "backward" || this.events[i + 1].node !== node) passed.add(node);
      }
    }
    return { data, adjoints, done, passed, complete: this.nodes.map((_, i) => step >= this.completeAt[i]) };
  }

  // What an edge passes on; null where it passes nothing.
  contribution(edge) {
    return this.passes.has(edge) ? this.steps[this.passes.get(edge)][2] : null;
  }

  // The gradient of the result in a node, as it stands when the backward pass is over.
  gradient(node) {
    const at = this.completeAt[node];
    return this.events[at].kind === "backward" ? this.steps[at][4] : node === this.result ? 1 : 0;
  }

  // What is found but once for the numbers as they are.
  kept(key, find) {
    if (!this.found.has(key)) this.found.set(key, find());
    return this.found.get(key);
  }

  // What difference quotients, which know no derivative, say of the gradient in a leaf.
  nudge(leaf) {
    return this.kept(`nudge ${leaf}`, () => this.nudged(leaf));
  }

  nudged(leaf) {
    const { result, nodes } = this, above = this.dependents(leaf), adjoints = nodes.map((_, i) => this.gradient(i));
    const f = (moved) => {
      const data = this.forward(new Map([...this.edits, [leaf, moved]]));
      const kinks = above.flatMap((i) => operations[nodes[i].operation].kink?.(...this.inputsOf(nodes[i], data)) ?? []);
      return { value: data[result], kinks, way: above.map((i) => data[i] * adjoints[i]) };
    };
    const noise = above.reduce((all, i) => all + (this.size(i) && ROUNDING * this.size(i) * Math.abs(adjoints[i])), 0);
    const here = attempt(() => f(this.data[leaf]).value), y = here instanceof Refusal ? this.data[result] : here; // Python's may be off by a place
    const found = new Judge(f, { x: this.data[leaf], y, claim: adjoints[leaf], noise, doubt: this.doubt(leaf) }).judge();
    const infinite = above.some((i) => this.slopes[i].some((slope) => Math.abs(slope) === Infinity));
    return infinite && ["wrong", "cannot tell"].includes(found.verdict) ? { ...found, verdict: "edge" } : found;
  }

  // The nodes that change with a node, in order, without itself.
  dependents(node) {
    const found = new Set([node]);
    this.nodes.forEach(({ inputs }, i) => inputs.some((x) => found.has(x)) && found.add(i));
    return [...found].slice(1).sort((a, b) => a - b);
  }

  // How large the numbers are that an operation rounds: what a sum adds up may be larger than the sum.
  size(i) {
    const node = this.nodes[i], args = this.inputsOf(node, this.data), number = this.data[i], { lists, slopes } = operations[node.operation];
    return Math.abs(number) + (lists ? preciseSum(slopes(...args, number).map((slope, j) => Math.abs(slope * args[j]))) : 0);
  }

  // How far rounding may have moved the gradient in a leaf: passes in which the last places of every number are rolled.
  doubt(leaf) {
    let seed = 1;
    const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const roll = (x) => x && x * (1 + ROUNDING * (0.5 + chance() / 2) * (chance() < 0.5 ? -1 : 1));
    const at = this.completeAt[leaf], slope = this.gradient(leaf);
    if (this.events[at].kind !== "backward" || !Number.isFinite(slope)) return 0;
    const off = [1, 2, 3].map(() => Math.abs(this.forwardAndBackward(this.edits, roll).steps[at][4] - slope));
    return Math.max(...off.map((x) => (Number.isNaN(x) ? Infinity : x)));
  }

  // How many paths lead from the result to a node, and the largest.
  paths(node) {
    return this.kept(`paths ${node}`, () => ({ count: countPaths(this, node), listed: largestPaths(this, node, MOST_PATHS) }));
  }

  // The product of the slopes along a path, taken from the result down.
  product(path) {
    return path.reduce((product, [node, index]) => passedOn(product, this.slopes[node][index]), 1);
  }

  // The nodes that use a node and have not passed their gradient on.
  missing(node, passed) {
    return [...new Set(this.nodes[node].users.map(([user]) => user))].filter((user) => !passed.has(user));
  }

  next(step, by) {
    return this.stops[by].find((stop) => stop > step) ?? this.last;
  }

  previous(step, by) {
    return this.stops[by].findLast((stop) => stop < step) ?? 0;
  }
}

// A long name is shown without its middle, and is whole in tooltips.
const wholeName = ({ whole, name }) => whole ?? name;

const MOST_PATHS = 12;
// Where each of the keys stands last, in order.
const lastOfEach = (keys) => [...new Map(keys.map((key, i) => [key, i])).values()].sort((a, b) => a - b);
