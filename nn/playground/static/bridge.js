// In a notebook, between the page in its frame and Python: what the one asks, the other answers. It shows nothing itself.

export default {
  initialize({ model }) {
    const frames = () => [...document.getElementsByClassName(model.get("frame"))].map(({ contentWindow }) => contentWindow);
    const asked = ({ source, data }) => data?.toPython && frames().includes(source) && (data.toPython === "hello" ? greet() : model.send(data.toPython));
    const told = (fromPython) => frames().forEach((page) => page.postMessage({ fromPython }, "*"));
    const greet = () => told("hello");
    addEventListener("message", asked);
    model.on("msg:custom", told);
    model.on("change:frame", greet); // it has its name a moment after it is there
    greet();
    return () => {
      removeEventListener("message", asked);
      model.off("msg:custom", told);
      model.off("change:frame", greet);
    };
  },
};
