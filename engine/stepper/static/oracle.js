// In a notebook Python computes what follows from other numbers, once more: tanh, exp and the like are the browser's here, and may end in
// another digit. The page shows its own numbers at once, and Python's as soon as they come.

const PATIENCE = 4000; // milliseconds; a kernel that runs a cell answers later
const EXACT = new Set(["add", "sub", "mul", "div", "neg", "sqrt", "abs", "relu", "leaky_relu", "maximum", "minimum", "where", "total", "weighted_sum"]);

class Oracle {
  constructor(machine, model, came) {
    Object.assign(this, { machine, model, came, known: machine.edits, silent: false, waiting: null, flight: null });
    this.live = typeof model.send === "function";
    this.hear = (message) => this.answered(message);
    if (!this.live) return;
    model.on("msg:custom", this.hear);
    if (machine.edits.size) {
      this.known = null;
      this.ask();
    }
  }

  // Fulfilled when the numbers are Python's, or Python keeps silent, or there is none.
  settled() {
    return this.live && !this.silent ? this.ask() : Promise.resolve();
  }

  ask() {
    const { edits } = this.machine;
    if (!this.live || this.flight || edits === this.known) return this.flight ?? Promise.resolve();
    if (!edits.size) this.known = edits; // the numbers that Python sent at first
    else this.flight = this.question(edits).then(() => ((this.flight = null), this.silent ? null : this.ask()));
    return this.flight ?? Promise.resolve();
  }

  question(edits) {
    const asked = Math.random(); // one model may have several pages
    return new Promise((done) => {
      const late = setTimeout(() => ((this.silent = true), done(), this.came()), PATIENCE);
      this.waiting = { asked, edits, done: () => (clearTimeout(late), done()) };
      this.model.send({ asked, edits: Object.fromEntries([...edits].map(([node, x]) => [node, carried(x)])) });
    });
  }

  answered({ asked, data, slopes }) {
    if (this.waiting?.asked !== asked) return;
    const { edits, done } = this.waiting;
    Object.assign(this, { silent: false, waiting: null, known: edits });
    if (data && this.machine.edits === edits) {
      const { nodes } = this.machine;
      this.machine.adopt(data.map(Number), slopes.map((all, i) => nodes[i].slopes.map((slope, index) => slope && Number(all[index]))));
      this.came();
    }
    done();
    this.ask(); // it came late: the numbers are others by now
  }

  // Which numbers these are, in words; empty where the page's are Python's to the last digit.
  about(say) {
    if (this.live) return say(this.silent ? "loopSilent" : "loopPython");
    const own = [...new Set(this.machine.nodes.map(({ rule }) => rule))].filter((rule) => rule && !EXACT.has(rule));
    return own.length ? say("loopAlone", { rules: own.join(", ") }) : "";
  }

  close() {
    if (this.live) this.model.off("msg:custom", this.hear);
    this.live = false;
  }
}

// A number as JSON can carry it, in a form that Python's float and JavaScript's Number read.
const carried = (x) => (Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? "-0.0" : String(x));
