// In a notebook Python stands behind the page while a kernel runs, and makes what the page does not carry.

const PYTHON_PATIENCE = 20000; // milliseconds; the steppers of large networks take seconds

class Python {
  constructor(came) {
    Object.assign(this, { live: false, waiting: new Map(), asked: 0 });
    if (window.parent === window) return;
    addEventListener("message", ({ source, data }) => {
      if (source !== window.parent || !data?.fromPython) return;
      if (data.fromPython === "hello") {
        this.live = true;
        came();
      } else this.waiting.get(data.fromPython.asked)?.(data.fromPython);
    });
    window.parent.postMessage({ toPython: "hello" }, "*");
  }

  // What Python answers; null where it keeps silent.
  ask(question) {
    const asked = (this.asked += 1);
    return new Promise((done) => {
      const late = setTimeout(() => done(null), PYTHON_PATIENCE);
      this.waiting.set(asked, (answer) => (clearTimeout(late), done(answer)));
      window.parent.postMessage({ toPython: { asked, ...question } }, "*");
    }).finally(() => this.waiting.delete(asked));
  }
}
