// For a projector: graph, formula and step on one screen, in large letters; a clicker's keys; and a black screen.

FEATURES.push((stepper) => {
  const cover = h("div", { class: "blank", hidden: true, onclick: () => (cover.hidden = true) });
  const start = h("button", { type: "button", onclick: () => present(!on()) }, "▣");
  const on = () => stepper.root.classList.contains("presenting");
  const show = (presenting) => {
    stepper.root.append(cover);
    cover.hidden = true;
    for (const name of ["presenting", "large"]) stepper.root.classList.toggle(name, presenting);
    start.setAttribute("aria-pressed", String(presenting));
    stepper.picture?.project(presenting);
    stepper.refresh();
    stepper.reveal();
  };
  // A page of its own fills the window; in a notebook or a frame only a full screen has room, and where that is refused letters grow.
  const present = (presenting) => {
    const { root } = stepper, whole = stepper.alone && window.top === window;
    if (whole || (!presenting && !document.fullscreenElement)) show(presenting);
    else if (!presenting) document.exitFullscreen();
    else if (root.requestFullscreen) root.requestFullscreen().catch(() => stepper.enlarge());
    else stepper.enlarge();
  };
  const changed = () => stepper.root.matches(":fullscreen") !== on() && !(stepper.alone && window.top === window) && show(!on());
  document.addEventListener("fullscreenchange", changed);
  const blank = () => on() && ((cover.hidden = !cover.hidden), true);
  const turn = (to) => () => {
    if (!on()) return false; // these keys scroll a page
    if (cover.hidden) stepper.go(to());
    else cover.hidden = true;
    return true;
  };
  const { machine } = stepper;
  return {
    where: "bar", box: start,
    relabel: () => ["title", "aria-label"].forEach((name) => start.setAttribute(name, stepper.say("present"))),
    keys: {
      P: () => present(!on()), b: blank, B: blank, ".": blank,
      PageDown: turn(() => machine.next(stepper.step, stepper.by)), PageUp: turn(() => machine.previous(stepper.step, stepper.by)),
    },
    leave: () => on() && (cover.hidden ? present(false) : (cover.hidden = true), true),
    close: () => document.removeEventListener("fullscreenchange", changed),
  };
});
