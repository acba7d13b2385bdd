"""What the tests read from a stepper on a page, and how they work it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from engine.pages.packing import unpack

AT_END = 'root.querySelector("output.place").textContent.split(" / ").every((x, _, all) => x === all[1])'
"""Whether the page is at its last event; the button goes on from there, with an update."""

EVERYTHING = """root => ({
    place: root.querySelector("output.place").textContent,
    numbers: [...root.querySelectorAll(".step-panel data")].filter(data => !data.closest(".plot"))
        .map(data => data.value),
    boxes: Object.fromEntries([...root.querySelectorAll("g.node[data-id^=v]")].map(g => [g.dataset.id, {
        words: [...g.querySelectorAll("text")].map(text => text.textContent.replaceAll("\\u00a0", " ")).join(" | "),
        tooltip: g.querySelector("title").textContent, classes: g.getAttribute("class") }])),
    done: [...root.querySelectorAll("g.edge.done")].map(g => g.dataset.id),
    current: [...root.querySelectorAll("g.edge.current")].map(g => g.dataset.id),
    tape: [...root.querySelectorAll("details.tape tbody tr")].map(row =>
        [...row.cells].map(cell => cell.textContent.replaceAll("−", "-"))),
})"""
CONTRASTS = """(root, lines) => {
    const at = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const light = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const frames = [...root.querySelectorAll(".graph .cluster path")].map((path) => getComputedStyle(path).fill);
    const grounds = new Set([getComputedStyle(root.querySelector(".graph")).backgroundColor, ...frames]);
    return [...root.querySelectorAll(lines)].filter((path) => path.getClientRects().length).flatMap((path) => {
        const { stroke, opacity } = getComputedStyle(path);
        return [...grounds].map((ground) => {
            const [a, b] = [stroke, ground].map(at).map(light);
            return Number(opacity) < 1 ? 0 : (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        });
    });
}"""
HEARING = """details => {
    details.heard = new Promise((done) => details.addEventListener("toggle", () => done(), { once: true }));
}"""
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


def state_of(page: str) -> dict[str, Any]:
    """What a page holds: its payload, and the state in which it starts."""
    found = re.search(r'id="state">([^<]*)</script>', page)
    assert found, "this is no page of a stepper"
    state: dict[str, Any] = json.loads(unpack(found[1]))
    return state


class Reading:
    """A stepper inside a page or a part of one."""

    def __init__(self, tab: Any, root: Any = None) -> None:
        self.tab = tab
        self.root = root or tab.locator(".stepper")
        self.root.wait_for()

    def press(self, *keys: str) -> None:
        self.root.evaluate("root => root.focus()")
        for key in keys:
            self.tab.keyboard.press(key)

    def button(self, name: str) -> Any:
        return self.root.get_by_role("button", name=name, exact=True)

    def go(self, step: int) -> None:
        box = self.root.locator(".jump")
        box.fill(str(step))
        box.press("Enter")

    @property
    def place(self) -> tuple[int, int]:
        """The step, and the number of the last one."""
        step, _, last = self.root.locator("output.place").inner_text().partition(" / ")
        return int(step), int(last)

    @property
    def title(self) -> str:
        text: str = self.root.locator(".step-panel h3").inner_text()
        return text.partition("\n")[2] or text

    def numbers(self, kind: str = "") -> list[str]:
        """The numbers in the panel of the step, all their digits, in the order in which they are read."""
        found: list[str] = self.root.locator(f".step-panel data{kind}").evaluate_all(
            "all => all.filter(data => !data.closest('.plot')).map(data => data.value)"
        )
        return found

    def everything(self) -> dict[str, Any]:
        """All that is shown at this step, read at once: a page is asked once for each step, not once for each
        number. The minus sign of the tables is Python's here."""
        found: dict[str, Any] = self.root.evaluate(EVERYTHING)
        return found

    def box(self, place: int) -> dict[str, str]:
        """A node in the drawing: its words, its tooltip and its classes."""
        found: dict[str, str] = self.everything()["boxes"][f"v{place}"]
        return found

    def edge(self, node: int, index: int) -> list[str]:
        """The classes of an edge."""
        classes: str = self.root.locator(f'g[data-id="e{node}_{index}"]').get_attribute("class")
        return classes.split()

    def contrasts(self, lines: str) -> list[float]:
        """The contrast of each line that is seen against each ground on which it may stand, as WCAG defines it."""
        found: list[float] = self.root.evaluate(CONTRASTS, lines)
        return found

    def rows(self, table: str) -> list[list[str]]:
        """The table of all nodes, `tape`, or that of all events, `steps`."""
        details = self.unfold(f"details.{table}")
        found: list[list[str]] = details.locator("tbody").evaluate(
            "body => [...body.rows].map(row => [...row.cells].map(cell => cell.textContent.replaceAll('−', '-')))"
        )
        return found

    def unfold(self, part: str) -> Any:
        """Opens a part that is folded away. A page fills it when it hears of that, which is after the click."""
        details = self.root.locator(part)
        if details.get_attribute("open") is None:
            details.evaluate(HEARING)
            details.locator("summary").first.click()
            details.evaluate("details => details.heard")
        return details

    def select(self, name: str) -> None:
        self.root.locator(".chooser").select_option(label=name)

    def click(self, place: int) -> None:
        self.root.locator(f'g[data-id="v{place}"] text').first.click()

    def picture(self, name: str) -> None:
        """A screenshot, to be looked at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.tab.screenshot(path=SCREENSHOTS / f"{name}.png")
