// Predict: the student says what comes next, and a miss is explained by recognising the number, where exactly one cause fits.

class Predict {
  constructor(machine, say, actions) {
    Object.assign(this, { machine, say, actions, verdict: null, named: null });
    this.question = h("div", { class: "question" });
    this.remark = h("p", { class: "verdict", role: "status" });
    this.score = h("p", { class: "score" });
    this.box = h("section", { class: "predict" }, this.question, this.remark, this.score);
  }

  // What is asked before the event that comes next: "node", "contribution" (or "after"), or nothing.
  asks(step) {
    const next = this.machine.events[step + 1];
    if (next?.kind !== "backward") return null;
    const now = this.machine.events[step];
    const sameNode = now.kind === "backward" && now.node === next.node;
    if (!sameNode && this.named !== step) return "node";
    return this.before(step + 1) ? "after" : "contribution";
  }

  // Whether the input has got something already: then there is something to be added to.
  before(step) {
    return this.actions.panel.isAgain(step);
  }

  update(step, state) {
    if (this.at !== step) this.tell(this.kept === step ? this.verdict : null);
    this.at = step;
    this.state = state;
    this.ask(step);
    const answers = this.actions.answers();
    const graded = answers.filter((answer) => answer.asked);
    const streak = graded.length - 1 - graded.findLastIndex((answer) => !answer.right);
    setText(this.score, this.say("score", { right: graded.filter((answer) => answer.right).length, asked: graded.length, streak }));
  }

  // The question is made anew for another step, other numbers or another language only: what is typed in it, and the focus, must stay.
  ask(step) {
    const asked = this.asks(step), about = [step, asked, this.machine.steps, this.actions.texts()];
    if (about.every((each, i) => each === this.about?.[i])) return;
    this.about = about;
    this.question.replaceChildren(...(asked === "node" ? this.askNode() : asked ? this.askNumber(step + 1, asked) : this.nothing(step)));
  }

  // Where the next answer goes.
  focus() {
    const field = this.box.querySelector("form input, form select, button.main");
    field?.focus();
    field?.select?.();
  }

  nothing(step) {
    const over = step >= this.machine.last - 1;
    const go = h("button", { type: "button", class: "main", onclick: () => (this.actions.go(this.machine.seed), this.focus()) }, this.say("toBackward"));
    return [h("p", {}, this.say(over ? "predictEnd" : "predictFrom")), go];
  }

  askNode() {
    const { nodes } = this.machine;
    const choice = h("select", { "aria-label": this.say("select") }, nodes.map(({ name }, i) => h("option", { value: i }, name)).reverse());
    return [
      h("p", {}, this.say("askNode")),
      this.form(choice, () => this.answerNode(Number(choice.value), true), () => this.showNode()),
    ];
  }

  askNumber(step, asked) {
    const { nodes, events, result, steps } = this.machine, { node, index } = events[step];
    const to = nodes[nodes[node].inputs[index]];
    const elements = {
      node: h("strong", {}, nodes[node].name), input: h("strong", {}, this.actions.panel.inputName(node, index)),
      ratio: math(gradientOf(nodes[result].math, to.math)), before: numeral(steps[step][3], "before"),
    };
    const field = h("input", { type: "text", inputmode: "text", class: "field", "aria-label": this.say("answer"), autocomplete: "off", oninput: () => field.removeAttribute("aria-invalid") });
    const sentence = this.actions.texts()[asked === "after" ? "askAfter" : "askContribution"];
    const formula = nodes[node].slopes[index];
    return [
      h("p", {}, phrase(sentence, elements)),
      formula.known ? h("p", {}, math(ratio(nodes[node].math, to.math), null, true), " = ", math(formula.symbols, null, true)) : null,
      this.form(field, () => this.answerNumber(step, asked, field), () => this.showNumber(step, asked)),
    ].filter(Boolean);
  }

  form(field, answer, show) {
    const submit = (event) => {
      event.preventDefault();
      answer();
    };
    return h("form", { onsubmit: submit }, field, h("button", { type: "submit", class: "main" }, this.say("answer")),
      h("button", { type: "button", onclick: show }, this.say("showMe")));
  }

  // A node is right if it has inputs, has not passed its gradient on, and all its users have.
  answerNode(node, inForm = false) {
    const { nodes, events } = this.machine, { passed } = this.state, step = this.at;
    const name = nodes[node].name, next = events[step + 1].node, missing = this.machine.missing(node, passed);
    const right = !passed.has(node) && missing.length === 0 && nodes[node].slopes.some(Boolean);
    const missed = missing.map((user) => nodes[user].name).slice(0, 4).join(", ");
    let words = this.say(node === next ? "rightNode" : "rightOther", { node: name, next: nodes[next].name });
    if (!right) words = passed.has(node) ? this.say("wrongDone", { node: name }) : missing.length ? this.say("wrongMissing", { node: name, missing: missed }) : this.say("wrongLeaf", { node: name });
    if (right) this.named = step;
    this.record({ asked: "node", given: name, right, cause: right ? null : passed.has(node) ? "done" : missing.length ? "missing" : "leaf" }, words);
    this.actions.refresh();
    if (right || inForm) this.focus();
  }

  answerNumber(step, asked, field) {
    const text = plain(field.value).toLowerCase(), given = ODD.get(text) ?? typed(text);
    if (given === null || (!ODD.has(text) && !Number.isFinite(given))) {
      field.setAttribute("aria-invalid", "true");
      this.tell({ right: false, words: this.say("notNumber") });
      return this.focus();
    }
    const [, , contribution, , after] = this.machine.steps[step];
    const right = close(given, asked === "after" ? after : contribution);
    const cause = right ? null : this.cause(step, asked, given);
    const { node, index } = this.machine.events[step], value = minus(show(given));
    const names = { node: this.machine.nodes[node].name, input: this.actions.panel.inputName(node, index) };
    const why = cause?.texts.map((key) => this.say(key, names)).join(" ");
    this.record({ asked, given: ODD.has(text) ? repr(given) : given, right, cause: cause?.name ?? null }, right ? this.say("rightNumber", { value }) : `${this.say("wrongNumber", { value })} ${why ?? ""}`);
    if (right) this.forward(step);
    else this.focus();
  }

  // The one mistake that gives this number; null where none does, or more than one. Whoever is asked for the sum can make each mistake in
  // what is added, and forget to add as well: two other numbers, with other words.
  cause(step, asked, given) {
    const [upstream, local, contribution, before, after] = this.machine.steps[step], { node, index } = this.machine.events[step];
    const { data, nodes } = this.machine, right = asked === "after" ? after : contribution;
    const moment = [upstream, local, contribution, before, data[nodes[node].inputs[index]], data[node]];
    const fitting = causes[right === contribution ? "contribution" : "after"].filter((cause) => {
      const number = cause.number(...moment);
      return close(given, number) && !close(number, right);
    });
    return fitting.length === 1 ? fitting[0] : null;
  }

  showNode() {
    const next = this.machine.events[this.at + 1].node, name = this.machine.nodes[next].name;
    this.named = this.at;
    this.record({ asked: "node", given: null, right: false, cause: "shown" }, this.say("shown", { value: name }), null);
    this.actions.refresh();
    this.focus();
  }

  showNumber(step, asked) {
    const [, , contribution, , after] = this.machine.steps[step];
    this.record({ asked, given: null, right: false, cause: "shown" }, this.say("shown", { value: minus(show(asked === "after" ? after : contribution)) }), null);
    this.forward(step);
  }

  forward(step) {
    this.kept = step; // what was said stays to be read
    this.actions.go(step);
    this.focus();
  }

  record(answer, words, mark = answer.right) {
    const { node, index } = this.machine.events[this.at + 1], { nodes } = this.machine;
    const number = answer.asked !== "node";
    this.actions.answered({ step: this.at + 1, node: number ? nodes[node].name : null, input: number ? nodes[nodes[node].inputs[index]].name : null, ...answer });
    this.tell({ right: mark, words });
  }

  tell(verdict) {
    this.verdict = verdict;
    this.remark.className = `verdict ${verdict?.right === true ? "good" : verdict?.right === false ? "bad" : ""}`;
    setText(this.remark, verdict ? `${verdict.right === true ? "✓ " : verdict.right === false ? "✗ " : ""}${verdict.words}` : "");
  }
}

const ODD = new Map([["inf", Infinity], ["∞", Infinity], ["-inf", -Infinity], ["-∞", -Infinity], ["nan", NaN]]); // JSON has no numbers for them

// Right to one part in a hundred, or as it is shown: nobody need type sixteen digits.
function close(given, right) {
  if (!Number.isFinite(right)) return Object.is(given, right);
  return Math.abs(given - right) <= 0.01 * Math.abs(right) || show(given) === show(right);
}
