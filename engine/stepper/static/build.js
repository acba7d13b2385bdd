// Markup comes from Python only, which has escaped the names in it.

// A formula; in `numbers`, if given, are the numbers for the places that Python left for them, by node.
function math(markup, numbers = null, display = false) {
  const box = document.createElement("template");
  box.innerHTML = `<math${display ? ' displaystyle="true"' : ""}><mrow>${markup}</mrow></math>`;
  for (const place of box.content.querySelectorAll("mn[data-node]")) {
    const x = numbers ? numbers[place.dataset.node] : null;
    place.textContent = x < 0 && needsBrackets(place) ? `(${minus(show(x))})` : minus(show(x));
    if (x !== null) place.setAttribute("title", minus(repr(x)));
  }
  for (const sign of box.content.querySelectorAll("mo, mn")) sign.textContent = sign.textContent.replace(/^-/, "−");
  const whole = new Set([...box.content.querySelectorAll("mtext[title]")].map((name) => name.getAttribute("title")));
  return whole.size ? h("span", { title: [...whole].join(" · ") }, box.content.firstChild) : box.content.firstChild; // MathML has no tooltips
}

// A negative number after an operator, or as the base of a power.
function needsBrackets(place) {
  const before = place.previousElementSibling;
  if (before) return before.localName === "mo" && !/[(,|>]/.test(before.textContent);
  const row = place.parentElement, above = row.parentElement;
  if (row.localName === "mrow" && row.previousElementSibling?.localName === "mo" && row.childElementCount === 1) return true;
  return above?.localName === "msup" && above.firstElementChild === row;
}

// A number in four digits, the rest in a tooltip; what is not finite stands out.
function numeral(x, kind = "") {
  const missing = x === null || x === undefined;
  const odd = !missing && !Number.isFinite(x) ? " odd" : "";
  return h("data", { class: `number ${kind}${odd}`, value: missing ? null : repr(x), title: missing ? null : minus(repr(x)) }, minus(show(x)));
}

// The slope of an operation in one of its inputs is ∂c/∂b; the gradient of the result in a node, over all paths, is dL/db, and never else.
const quotient = (sign, above, below) => `<mfrac><mrow>${sign}${above}</mrow><mrow>${sign}${below}</mrow></mfrac>`;
const ratio = (above, below) => quotient("<mo>∂</mo>", above, below);
const gradientOf = (above, below) => `<mrow class="gradient">${quotient('<mi mathvariant="normal">d</mi>', above, below)}</mrow>`;
const GRADIENT = "∇"; // where there is room for one letter

// The words of a language, with names put in.
function speaker(texts, language) {
  return (key, names = {}) => texts[language()][key].replace(/\{(\w+)\}/g, (_, name) => names[name] ?? "");
}

// The same with elements put in: an array of text and elements.
function phrase(sentence, elements) {
  return sentence.split(/(\{\w+\})/).map((part) => elements[part.slice(1, -1)] ?? part).filter((part) => part !== "");
}

const button = (label, title, onclick, attributes = {}) => h("button", { type: "button", "aria-label": title, title, onclick, ...attributes }, label);

// A list to choose from: pairs of a value and a function that says it.
function choice(options, start, act) {
  const box = h("select", { onchange: () => act(box.value) }, options.map(([value]) => h("option", { value, selected: value === start })));
  return { box, relabel: () => options.forEach(([, words], i) => (box.options[i].textContent = words())) };
}

// Buttons of which one is pressed.
function toggle(values, act, words) {
  const buttons = values.map((value) => h("button", { type: "button", onclick: () => act(value) }));
  const show = (chosen) => buttons.forEach((each, i) => {
    each.textContent = words(values[i]);
    each.setAttribute("aria-pressed", String(values[i] === chosen));
  });
  return { box: h("div", { class: "toggle", role: "group" }, buttons), show };
}
