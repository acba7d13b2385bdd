// What a screen reader says of a step: one sentence, once, with the digits that are shown.

class Speech {
  constructor(machine, say, slider) {
    Object.assign(this, { machine, say, slider });
    this.box = h("p", { class: "unseen", "aria-live": "polite" });
  }

  // The slider says its own value while it is used, so that nothing is said twice.
  tell(step, title) {
    const sentence = this.sentence(step, title);
    this.slider.setAttribute("aria-valuetext", sentence);
    if (this.said === sentence) return;
    this.said = sentence;
    if (!this.slider.matches(":focus")) setText(this.box, sentence);
  }

  sentence(step, title) {
    const { machine } = this, { kind, node } = machine.events[step], said = (x) => minus(show(x)).replace(" ‼", "");
    const names = { step, steps: machine.last, title };
    if (kind === "forward" || kind === "seed") return this.say("spokenValue", { ...names, value: said(kind === "seed" ? 1 : machine.data[node]) });
    if (kind !== "backward") return this.say("spoken", names);
    const [upstream, local, contribution, before, after] = machine.steps[step].map(said);
    return this.say("spokenPass", { ...names, upstream, local, contribution, before, after });
  }
}
