// The panel of the step: the chain rule in symbols, with numbers, and what it adds to what was there.

const MOST_LEAVES = 200; // at a time: thousands of formulas are slow to make

class StepPanel {
  constructor(machine, say) {
    Object.assign(this, { machine, say });
    this.box = h("section", { class: "step-panel", tabindex: "0" }); // it may scroll
  }

  // What happens at an event, in words.
  title(step) {
    const { kind, node, index } = this.machine.events[step], { nodes } = this.machine;
    if (kind === "start" || kind === "finish") return this.say(`${kind}Title`);
    if (kind === "beyond") return this.say("museumBeyond");
    if (kind !== "backward") return this.say(`${kind}Title`, { node: nodes[node].name });
    const again = this.machine.steps[step][3] !== 0 || this.isAgain(step);
    return this.say(again ? "backwardAgain" : "backwardTitle", { node: nodes[node].name, input: this.inputName(node, index) });
  }

  // Whether the input has got something before.
  isAgain(step) {
    const { events, nodes } = this.machine, input = ({ node, index }) => nodes[node].inputs[index];
    this.first ??= new Map(events.map((event, i) => [event, i]).filter(([{ kind }]) => kind === "backward").reverse().map(([event, i]) => [input(event), i]));
    return this.first.get(input(events[step])) < step;
  }

  // The name of an input, with its place where a node takes it twice.
  inputName(node, index) {
    const { nodes } = this.machine, { inputs } = nodes[node];
    const twice = inputs.filter((x) => x === inputs[index]).length > 1;
    return nodes[inputs[index]].name + (twice ? ` ${this.say("place2", { index: index + 1 })}` : "");
  }

  update(step, state) {
    const event = this.machine.events[step];
    const rows = { forward: this.forward, seed: this.seed, backward: this.backward, beyond: () => [] }[event.kind]?.call(this, event, step) ?? this.leaves(event, state);
    this.box.replaceChildren(
      h("h3", { "aria-level": 2 }, h("span", { class: "badge" }, `${this.say("step")} ${step}`), " ", this.title(step)),
      h("div", { class: "working" }, rows),
    );
  }

  forward({ node }) {
    const { nodes, data } = this.machine, { math: name, symbols, numbers } = nodes[node];
    return [
      table([
        [math(name), "=", math(symbols, null, true)],
        ["", "=", math(numbers, data, true)],
        ["", "=", numeral(data[node], "result")],
      ]),
      this.warning(node),
    ];
  }

  seed({ node }) {
    const { math: name } = this.machine.nodes[node];
    return [table([[math(gradientOf(name, name), null, true), "=", numeral(1, "result")]]), h("p", {}, this.say("seedMore", { node: this.machine.nodes[node].name }))];
  }

  backward({ node, index }, step) {
    const { nodes, data, steps, result } = this.machine, [upstream, local, contribution, before, after] = steps[step];
    const above = nodes[result].math, slope = nodes[node].slopes[index];
    const [from, to] = [nodes[node], nodes[nodes[node].inputs[index]]];
    const arriving = math(gradientOf(above, to.math), null, true), passed = gradientOf(above, from.math);
    const formula = slope.known ? math(`${passed}<mo>·</mo>${bracketed(slope.symbols)}`, null, true) : null;
    const numbers = slope.known && slope.text !== String(local) ? math(`${passed}<mo>·</mo>${bracketed(slope.numbers)}`, data, true) : null;
    return [
      table([
        [arriving, "+=", math(`${passed}<mo>·</mo>${ratio(from.math, to.math)}`, null, true)],
        ["", formula ? "=" : "", formula ?? this.say("numbersOnly")],
        ["", numbers ? "=" : "", numbers ?? ""],
        ["", "=", [labelled(numeral(upstream), this.say("upstream")), " × ", labelled(bracket(numeral(local), local), this.say("local"))]],
      ]),
      h("p", { class: "adding" },
        labelled(numeral(before, "before"), this.say("before")), " + ",
        labelled(bracket(numeral(contribution, "contribution"), contribution), this.say("contribution")), " = ",
        labelled(numeral(after, "result after"), this.say(step < this.machine.completeAt[from.inputs[index]] ? "soFar" : "after"))),
    ];
  }

  // Before the first event the numbers of the leaves, after the last one what was added to their grads.
  leaves({ kind }) {
    const { nodes, data } = this.machine, start = kind === "start";
    const leaves = nodes.flatMap(({ rule, kind: type }, i) => (rule || (type === "frozen" && !start) ? [] : [i]));
    const row = (i) => {
      const { math: name, grad } = nodes[i], total = this.machine.gradient(i), before = Number(grad ?? 0);
      if (start) return [math(name), "=", numeral(data[i])];
      return [math(`${name}<mo>.</mo><mtext>grad</mtext>`), "=", [numeral(before), " + ", bracket(numeral(total, "contribution"), total), " = ", numeral(before + total, "result")]];
    };
    return [h("p", {}, this.say(start ? "startMore" : "finishMore")), h("div", { class: "leaves", tabindex: "0" }, this.part(leaves, row))];
  }

  // A table of so many of them, and a button that puts the next ones in its place.
  part(leaves, row) {
    const rest = leaves.slice(MOST_LEAVES);
    const more = h("button", { type: "button", class: "link", onclick: () => more.replaceWith(...this.part(rest, row)) }, `⋯ ${this.say("strideMore", { count: rest.length.toLocaleString() })}`);
    return [table(leaves.slice(0, MOST_LEAVES).map(row)), ...(rest.length ? [more] : [])];
  }

  warning(node) {
    const odd = !Number.isFinite(this.machine.data[node]);
    return odd ? h("p", { class: "warning" }, this.say("notFinite", { node: this.machine.nodes[node].name })) : null;
  }
}

const table = (rows) => h("table", { class: "equations" }, h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))));
const labelled = (element, text) => h("span", { class: "labelled" }, element, h("small", {}, text));
const bracket = (element, x) => (x < 0 ? h("span", {}, "(", element, ")") : element);

// A sum or a signed number stands in brackets after a dot.
function bracketed(markup) {
  const loose = /^<mo>-/.test(markup) || topLevelSum(markup);
  return loose ? `<mrow><mo>(</mo>${markup}<mo>)</mo></mrow>` : `<mrow>${markup}</mrow>`;
}

function topLevelSum(markup) {
  const box = document.createElement("template");
  box.innerHTML = `<math>${markup}</math>`;
  let depth = 0;
  for (const { localName, textContent } of box.content.firstChild.children) {
    if (localName !== "mo") continue;
    if (textContent === "(") depth += 1;
    else if (textContent === ")") depth -= 1;
    else if (depth === 0 && "+-".includes(textContent)) return true;
  }
  return false;
}
