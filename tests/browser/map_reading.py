"""What the tests read from the map and the lens, for many steps within one call: a page is asked once."""

__all__ = ["WALK"]

WALK = """async ([steps, walk]) => {
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
        const ink = ({ top, bottom }) => [top + 0.25 * (bottom - top), bottom - 0.25 * (bottom - top)];
        texts.sort((a, b) => a.left - b.left);
        texts.forEach((a, i) => {
            for (let j = i + 1; j < texts.length && texts[j].left < a.right - 1; j += 1) {
                const b = texts[j], [top, bottom] = ink(a), [over, under] = ink(b);
                if (top < under && over < bottom) say(`${a.text.textContent} is on ${b.text.textContent}`);
            }
        });
    }
    const drawn = [...network.querySelectorAll(".map .node")].map((g) => box(g.firstChild));
    for (const [above, below] of walk) if (!(drawn[above].top < drawn[below].top)) wrong.push(`cell ${above} is not above ${below}`);
    return wrong;
}"""
"""Goes to each step, [step, name of the sender or null, name of the receiver or null]; cells in pairs that stand one
above the other. Gives what is wrong."""
