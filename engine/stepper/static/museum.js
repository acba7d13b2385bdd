// The museum of bugs: the recorded run of a broken engine beside the right one, on one drawing. Both go on together, and stop where they
// first differ, until it is said why. The pane under the drawing has the broken engine's lines, the section at the side what it does.

class Museum {
  constructor(stepper, shown) {
    const say = stepper.say, { machine } = stepper;
    Object.assign(this, { stepper, machine, say, shown, answered: shown.stop === null, guess: null, refused: new Set(), focus: false });
    this.numbers = (list) => list.map((x) => (x === null ? null : Number(x)));
    this.lines = shown.code.map(([text]) => h("div", { class: "line", style: `--indent: ${text.search(/\S/) + 2}ch` }, h("span", { class: "at", "aria-hidden": "true" }), h("code", {}, text)));
    this.pane = h("section", { class: "museum-code", tabindex: "0" }, this.lines);
    this.box = h("section", { class: "museum" });
    this.notes = new Notes(stepper);
  }

  in(words) {
    return words?.[this.stepper.lang] ?? words?.en;
  }

  // How far one may go.
  limit() {
    return this.answered || this.stepper.mode === "predict" ? Infinity : this.shown.stop;
  }

  relabel() {
    this.stepper.root.classList.add("in-museum");
    this.stepper.root.style.setProperty("--code", `${Math.min(17, 1.25 * this.lines.length + 3)}em`);
    this.pane.setAttribute("aria-label", this.say("museumEngine"));
    this.box.setAttribute("aria-label", this.say("museum"));
  }

  // The broken engine's gradients after a step, and the write that it makes in it.
  at(step) {
    const { shown, machine } = this, done = step - machine.seed;
    if (done < 0) return { grads: machine.nodes.map(() => null), write: null };
    if (step === machine.last) return { grads: this.numbers(shown.grads), write: null };
    const grads = this.numbers(shown.start), writes = shown.writes.slice(0, done);
    for (const [node, index, , , , , after] of writes) grads[machine.nodes[node].inputs[index]] = Number(after);
    return { grads, write: done > 0 ? shown.writes[done - 1] ?? null : null };
  }

  // The nodes of which the two say different things: nothing yet and 0 are the same until the end.
  differing(step, adjoints, grads) {
    const said = (x) => (step < this.machine.last ? x || 0 : x ?? 0), rounded = (a, b) => Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
    return adjoints.flatMap((right, node) => (this.machine.nodes[node].kind === "frozen" || Object.is(said(right), said(grads[node])) || rounded(said(right), said(grads[node])) ? [] : [node]));
  }

  update(step, { adjoints }) {
    const predicting = this.stepper.mode === "predict", { grads, write } = this.at(step), differing = predicting ? [] : this.differing(step, adjoints, grads);
    if (!predicting && step === this.limit() && this.stepper.timer) return this.stepper.play(false);
    this.markLines(step, write);
    this.drawMarks(step, grads, differing, predicting ? null : write);
    if (this.box.contains(document.activeElement) && document.activeElement.matches("input") && this.shownAt === step) return;
    if (this.shownAt !== step || this.focus) this.box.scrollTop = 0;
    this.shownAt = step;
    this.box.replaceChildren(...this.contents(step, grads, write, differing).flat().filter(Boolean));
    if (this.focus) (this.box.querySelector("[data-cause]:not([disabled])") ?? this.stepper.root).focus({ preventScroll: true });
    this.focus = false;
  }

  get revealed() {
    return this.answered && this.shown.stop !== null;
  }

  markLines(step, write) {
    const { bug, begins, code } = this.shown, now = write ? write[7] : step === this.machine.seed ? begins : -1;
    this.lines.forEach((line, i) => {
      line.classList.toggle("now", i === now);
      line.classList.toggle("bug", this.revealed && i === bug);
      setText(line.firstChild, i === now ? "▸" : this.revealed && i === bug ? "✗" : "");
      if (i === now) line.setAttribute("aria-current", "step");
      else line.removeAttribute("aria-current");
      setText(line.lastChild, this.revealed && i === bug ? `${code[i][0]}  # ${code[i][1]}` : code[i][0]);
    });
    const to = this.lines[now >= 0 ? now : bug ?? 0];
    if (now >= 0) this.pane.scrollTop = Math.max(0, to.offsetTop - this.pane.clientHeight + 2 * to.offsetHeight);
  }

  contents(step, grads, write, differing) {
    const { shown, machine, say } = this, stopped = shown.stop !== null && step >= shown.stop;
    const heading = h("h3", {}, h("span", { class: "badge" }, say("museum")), " ", this.revealed || !shown.title ? (shown.title ? this.in(shown.title) : shown.name) : "");
    const work = this.working(step, grads, write);
    if (step < machine.seed) return [heading, shown.question ? [h("p", {}, this.in(shown.question)), this.guessing(), this.held()] : [h("p", {}, say("museumOwn"))]];
    if (step === machine.last && this.answered) return [heading, this.outcome(grads, differing)];
    if (!stopped) return [heading, work, h("p", {}, say(differing.length ? "museumOrder" : "museumSame")), step === machine.seed && this.held()];
    if (!this.answered) return [heading, work, this.difference(step, grads), this.held(), this.asking()];
    return [heading, work, step === shown.stop && this.difference(step, grads), h("p", { class: "good" }, "✓ ", shown.causes[this.stepper.lang][shown.cause]),
      step === shown.stop && shown.explanation && h("p", {}, this.in(shown.explanation))];
  }

  // What was done to the graph between the passes.
  held() {
    const { nodes } = this.machine;
    return this.shown.changed.map(([node, data]) => h("p", { class: "warning" }, this.say("museumChanged", { node: nodes[node].name, data: minus(show(Number(data))) })));
  }

  // What the broken engine does in this step, as the panel above says it of the right one.
  working(step, grads, write) {
    const { machine, say } = this, { nodes } = machine;
    if (step <= machine.seed || step === machine.last) return null;
    const words = write ? say("museumPasses", { node: nodes[write[0]].name, input: this.stepper.panel.inputName(write[0], write[1]) }) : say("museumDone");
    if (!write) return h("p", {}, words);
    const [upstream, local, contribution, before, after] = write.slice(2, 7).map(Number), wrong = this.wrongIn(step);
    const set = (x, key, kind = "") => labelled(h("span", { class: wrong === key ? "wrong" : "" }, bracket(numeral(x, kind), x)), say(key));
    return [h("p", {}, words), h("p", { class: "adding" }, set(before, "before", "before"), " ; ", set(upstream, "upstream"), " × ", set(local, "local"), " = ", set(contribution, "contribution", "contribution"), " → ", set(after, "after", "result"))];
  }

  // Which of the numbers of a step shows the difference.
  wrongIn(step) {
    return step === this.shown.stop ? { upstream: "upstream", local: "local", replaced: "after", again: "after" }[this.shown.kind] : null;
  }

  // What is different, in words, at the step where it first is.
  difference(step, grads) {
    const { shown, machine, say } = this, { nodes } = machine, { stop, kind, differs } = shown;
    if (step !== stop) return h("p", { class: "bad" }, say("museumSince", { step: stop }));
    const write = this.at(stop).write, number = (x) => minus(show(x)), state = machine.at(machine.last);
    const names = { node: nodes[differs].name, said: number(grads[differs] ?? 0), right: number(state.adjoints[differs]) };
    if (kind === "start") names.right = number(differs === machine.result ? 1 : 0);
    if (write) {
      const [node, index, upstream, local, contribution, before, after] = write, x = nodes[node].inputs[index];
      Object.assign(names, { from: nodes[node].name, to: nodes[x].name, before: number(Number(before)), contribution: number(Number(contribution)), after: number(Number(after)) });
      if (kind === "upstream") names.said = number(Number(upstream));
      if (kind === "local") Object.assign(names, { said: number(Number(local)), right: number(machine.slopes[node][index]) });
    }
    const key = { start: "museumStart", again: "museumAgain", upstream: "museumUpstream", local: "museumLocal", replaced: "museumReplaced", missing: "museumMissing" }[kind];
    return h("p", { class: "bad", role: "status" }, `✗ ${say(key, names)}`);
  }

  asking() {
    const { shown, say } = this;
    const choose = (key) => {
      if (key === shown.cause) this.answer(true);
      else this.refused.add(key);
      this.focus = true;
      this.stepper.refresh();
    };
    return h("div", { class: "choices", role: "group", "aria-label": say("museumWhy") }, h("p", {}, h("strong", {}, say("museumWhy")), " ", button(say("showMe"), "", () => (this.answer(false), (this.focus = true), this.stepper.refresh()), { class: "show" })),
      shown.choices.map((key) => h("button", { type: "button", "data-cause": key, disabled: this.refused.has(key), onclick: () => choose(key) }, `${this.refused.has(key) ? "✗ " : ""}${shown.causes[this.stepper.lang][key]}`)),
      this.refused.size ? h("p", { role: "status" }, say("museumNot")) : null);
  }

  answer(right) {
    this.answered = true;
    const { shown, machine } = this;
    this.stepper.share("answers", [...(this.stepper.model.get("answers") ?? []), { step: shown.stop, node: machine.nodes[shown.differs].name, input: null, asked: "cause", given: right ? shown.cause : null, right: right && this.refused.size === 0, cause: right ? null : "shown" }]);
  }

  // A guess of the number that the question asks for; it is judged when both engines are done.
  guessing() {
    const { shown, machine, say } = this;
    const field = h("input", { type: "text", inputmode: "decimal", class: "field", autocomplete: "off", "aria-label": say("museumGuess"), value: this.guess === null ? null : minus(show(this.guess)) });
    const said = h("p", { role: "status" }, this.guess === null ? "" : say("museumNoted", { value: minus(show(this.guess)) }));
    const submit = (event) => {
      event.preventDefault();
      const number = typed(field.value);
      field.setAttribute("aria-invalid", String(number === null));
      if (number !== null) this.guess = number;
      setText(said, number === null ? say("notNumber") : say("museumNoted", { value: minus(show(number)) }));
    };
    return h("form", { onsubmit: submit }, math(ratio(machine.nodes[machine.result].math, machine.nodes[shown.asked].math), null, true), " = ", field, h("button", { type: "submit", class: "main" }, say("museumGuess")), said);
  }

  outcome(grads, differing) {
    const { shown, machine, say, guess } = this, { nodes } = machine;
    const rows = differing.map((node) => [math(ratio(nodes[machine.result].math, nodes[node].math), null, true), numeral(machine.gradient(node)), h("span", { class: "bad" }, "✗ ", numeral(grads[node]))]);
    const verdict = guess === null || shown.asked === null ? null : close(guess, grads[shown.asked]) ? "museumGuessed" : "museumMissed";
    return [
      shown.error && h("p", { class: "warning" }, say("museumError", { error: shown.error })),
      differing.length ? table([["", say("museumRight"), say("museumWrong")], ...rows]) : h("p", { class: "good" }, `✓ ${say("museumHarmless")}`),
      verdict && h("p", { class: verdict === "museumGuessed" ? "good" : "bad" }, say(verdict, { value: minus(show(guess)), node: nodes[shown.asked].name })),
      shown.stop !== null && h("p", {}, h("strong", {}, shown.causes[this.stepper.lang][shown.cause])), shown.stop !== null && shown.explanation && h("p", {}, this.in(shown.explanation)),
    ].filter(Boolean);
  }

  // On the drawing: below a box what the broken engine holds there, if it is something else; along its arrow what it passes on.
  drawMarks(step, grads, differing, write) {
    const { picture } = this.stepper;
    this.notes.clear();
    this.link?.classList.remove("broken");
    if (!picture?.svg) return;
    for (const node of differing) this.notes.add(node, `≠ ${minus(show(grads[node]))}`, "differs", repr(grads[node] ?? 0));
    const now = this.machine.events[step], link = write && picture.links.get(`${write[0]}_${write[1]}`), right = this.machine.steps[step];
    const same = write && now.kind === "backward" && now.node === write[0] && now.index === write[1];
    if (!link || (same && Object.is(right[2], Number(write[4])))) return;
    this.link = link.g;
    this.link.classList.add("broken");
    picture.turn(link, true);
    const path = link.g.querySelector("path"), middle = path.getPointAtLength(path.getTotalLength() / 2);
    this.notes.put("text", { class: "passing broken-number", x: middle.x, y: middle.y + (same ? 17 : -6) }, `◂ ${minus(show(Number(write[4])))}`);
  }
}

FEATURES.push((stepper) => {
  const shown = stepper.model.get("payload").museum;
  stepper.museum = shown ? new Museum(stepper, shown) : null;
  return shown ? { where: "graph", box: stepper.museum.pane } : null;
});
FEATURES.push(({ museum }) => museum && {
  where: "side", box: museum.box, limit: () => museum.limit(), relabel: () => museum.relabel(), update: (step, state) => museum.update(step, state),
});
