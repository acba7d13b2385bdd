// Goes to each step, [step, name of the sender or null, name of the receiver or null], and looks at the map and the lens; then at pairs of
// cells of which the first stands above the second. Gives what is wrong. A page is asked once for all of its steps.

async ([steps, walk]) => {
    const root = document.querySelector(".stepper"), network = root.querySelector(".network"), wrong = [];
    const box = (element) => element.getBoundingClientRect();
    const within = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
    const jump = root.querySelector(".jump");
    const fits = (words, name) => {
        const said = words.replace(/^(◂|\\+=) /, "").split("  ")[0], cut = said.split("…");
        return said === name || (cut.length > 1 && name.startsWith(cut[0]) && name.endsWith(cut.at(-1)));
    };
    const named = (kind, name) =>
        [...network.querySelectorAll(`.node.${kind}, .tag.${kind}`)].some((g) => within(box(g.querySelector("path")), box(network))
            && [...g.querySelectorAll("text")].some((text) => fits(text.textContent, name)));
    for (const [step, sender, receiver] of steps) {
        jump.value = step;
        jump.dispatchEvent(new Event("change"));
        const say = (what) => wrong.length < 20 && wrong.push(`step ${step}: ${what}`);
        const cells = [...network.querySelectorAll(".map .node")];
        for (const [kind, name] of [["current", sender], ["receives", receiver]]) {
            if (name === null) continue;
            if (!named(kind, name)) say(`${kind} ${name} is not named`);
            if (!cells.some((g) => g.classList.contains(kind) && within(box(g.firstChild), box(network)))) say(`${kind} is not in view`);
        }
        if (!within(box(network), { left: 0, top: 0, right: innerWidth, bottom: innerHeight })) say("not all of the map is in the window");
        const texts = [...network.querySelectorAll("text")].filter((text) => text.textContent.trim()).map((text) => ({ text, ...box(text).toJSON() }));
        for (const { text } of texts) if (parseFloat(getComputedStyle(text).fontSize) < 12) say(`${text.textContent} is small`);
        for (const { text, left, right } of texts) {
            const g = text.closest(".node, .tag"), around = g ? box(g.matches(".tag") ? g.querySelector("path") : g.firstChild) : box(network);
            if (left < around.left - 1.5 || right > around.right + 1.5) say(`${text.textContent} hangs out of its box`);
        }
        for (const lens of network.querySelectorAll(".lens")) {
            const ground = lens.querySelector(".ground");
            for (const g of lens.querySelectorAll(".node")) if (!within(box(g.firstChild), box(ground))) say(`${g.textContent} hangs out of its lens`);
        }
        const ink = ({ top, bottom }) => [top + 0.25 * (bottom - top), bottom - 0.25 * (bottom - top)];
        texts.sort((a, b) => a.left - b.left);
        texts.forEach((a, i) => {
            for (let j = i + 1; j < texts.length && texts[j].left < a.right - 1; j += 1) {
                const b = texts[j], [top, bottom] = ink(a), [over, under] = ink(b);
                if (top < under && over < bottom) say(`${a.text.textContent} is on ${b.text.textContent}`);
            }
        });
    }
    const drawn = [];
    for (const g of network.querySelectorAll(".map .node")) drawn[Number(g.dataset.id.slice(1))] = box(g.firstChild);
    for (const [above, below] of walk) if (!(drawn[above].top < drawn[below].top)) wrong.push(`cell ${above} is not above ${below}`);
    return wrong;
}
