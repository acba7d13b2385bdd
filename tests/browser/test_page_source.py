"""The student's code in the page: at every step the piece that made the node at work is marked, and can be seen."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Value, source_of, topological_order, trace_source
from engine.stepper import page
from nn import MLP
from tests.browser.reading import AT_END, Reading
from tests.engine.written_programs import program, run

WALK = """root => {
  const code = root.querySelector(".code"), frame = () => code.getBoundingClientRect(), found = [];
  const text = (kind) => [...root.querySelectorAll(`.piece.${kind}`)].map(each => each.textContent).join("");
  const next = root.querySelector("button.main"), heights = new Set();
  for (;;) {
    const first = root.querySelector(".piece.now")?.getBoundingClientRect(), box = frame();
    heights.add(root.querySelector(".source").getBoundingClientRect().top + window.scrollY);
    const within = first && first.top >= box.top - 1 && first.bottom <= box.bottom + 1;
    const seen = !first || (within && first.left < box.right && first.right > box.left);
    const words = root.querySelector(".source .hint").textContent;
    found.push({ now: text("now"), receives: text("receives"), words, seen });
    if (AT_END) return { found, heights: [...heights] };
    next.click();
  }
}""".replace("AT_END", AT_END)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("lang", ["en", "id"])
def test_each_step_marks_the_piece_that_made_its_node(open_file: Any, lang: str) -> None:
    with trace_source():
        y = run(program(4 if lang == "en" else 5), "lesson.py")["L"]
    nodes, steps = topological_order(y), list(y.backward_steps())
    reading = Reading(open_file(page(y, lang)))
    walked = reading.root.evaluate(WALK)
    assert len(walked["heights"]) == 1  # nothing jumps
    found = walked["found"]
    computed = [node for node in nodes if node.rule]
    at = [None, *computed, y, *[step.node for step in steps], None]
    assert len(found) == len(at)
    for node, each in zip(at, found, strict=True):
        assert squeezed(each["now"]) == (squeezed(source_of(node).text) if node else "")
        assert each["seen"], each
        assert not node or f"lesson.py, {'line' if lang == 'en' else 'baris'} {source_of(node).line} " in each["words"]
    received = found[len(computed) + 2 : -1]
    assert [squeezed(each["receives"]) for each in received] == [squeezed(source_of(s.input).text) for s in steps]


def test_a_click_on_a_piece_looks_at_what_it_made(open_file: Any) -> None:
    text = "xs = [Value(1.0 * k, f'x{k}') for k in (1, 2)]\nL = sum(x * x for x in xs) - '𝛼<b>'.count('b')\n"
    with trace_source():
        y = run(text, "<cell>", Value=Value)["L"]
    nodes = topological_order(y)
    reading = Reading(open_file(page(y)))
    squares = [str(i) for i, node in enumerate(nodes) if node.rule and node.rule.name == "mul"]
    shown = []
    for _ in range(3):
        reading.root.locator(".piece", has_text="x * x").first.click()
        shown.append(reading.root.locator(".chooser").input_value())
    assert shown == [*squares, squares[0]]
    assert reading.root.locator(".piece.selected").all_inner_texts() == ["x * x"]
    assert "'𝛼<b>'.count('b')" in "".join(reading.root.locator(".code .line").all_inner_texts())


@pytest.mark.parametrize("size", [(1024, 768), (1400, 900), (500, 900)])
@pytest.mark.parametrize("view", ["drawing", "map"])
def test_the_code_stands_beside_the_graph_without_taking_its_room(open_file: Any, view: str, size: Any) -> None:
    def made() -> Any:
        return (MLP(2, [3, 1], seed=1)([0.5, -1.0]) - 1.0) ** 2

    with trace_source():
        y = made()
    heights = []
    for each in (made(), y):
        tab = open_file(page(each, view=view))
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        reading = Reading(tab)
        picture = reading.root.locator("div.graph > :first-child").first.bounding_box()
        heights.append(picture["height"])
    assert heights[1] >= heights[0] - 2
    code = reading.root.locator(".source").bounding_box()
    assert code["y"] >= picture["y"] + picture["height"] - 1
    assert size[0] < 760 or code["y"] + code["height"] <= size[1]
    sizes = reading.root.locator(".source").evaluate(
        "root => [...root.querySelectorAll('*')].map(each => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert min(sizes) >= 12
    assert reading.root.locator(".zooms").evaluate("box => box.getBoundingClientRect().bottom") <= code["y"]


def test_a_page_of_what_was_not_traced_has_no_code(open_file: Any) -> None:
    reading = Reading(open_file(page(MLP(1, [1], seed=0)([0.5]))))
    assert reading.root.locator(".source").count() == 0
