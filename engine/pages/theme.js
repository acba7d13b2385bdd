// Whether it is dark around: as JupyterLab, marimo or the system says. Of a page in a frame that is what is around the frame.

// Calls now and whenever it changes; gives what ends that. A page that stands alone follows the system where nothing else is said.
function followTheme(alone, call) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const { body, documentElement } = window.frameElement?.ownerDocument ?? document;
  const follow = () => {
    const said = body.dataset.jpThemeLight, named = documentElement.classList.contains("dark") || body.classList.contains("dark");
    const dark = said ? said === "false" : named || (alone && system.matches);
    if (alone) document.documentElement.dataset.theme = dark ? "dark" : "light";
    call(dark);
  };
  const watch = new MutationObserver(follow);
  for (const element of [body, documentElement]) watch.observe(element, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  system.addEventListener("change", follow);
  follow();
  return () => {
    watch.disconnect();
    system.removeEventListener("change", follow);
  };
}
