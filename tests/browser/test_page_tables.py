"""The tables follow the step and lead to it, and no column moves; a number that is typed is read or refused in words;
one minus sign; the paths of a node are in view as soon as it is selected."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from engine import Value, topological_order, total
from tests.browser.graphs import neuron
from tests.browser.reading import AT_END, Reading

WALK = """([root, table]) => {
    const found = [], next = root.querySelector(".bar button.main");
    for (;;) {
        found.push((ACT)(root.querySelector(`details.${table}`)));
        if (AT_END) return found;
        next.click();
    }
}""".replace("AT_END", AT_END)


def at_every_step(reading: Reading, table: str, act: str) -> list:
    """What a script finds in a table at every step, from the first to the last."""
    reading.press("Home")
    handle = reading.root.element_handle()
    return list(reading.tab.evaluate(WALK.replace("ACT", f"(table) => {act}"), [handle, table]))


def long_chain() -> Value:
    y = Value(-0.123456789, "x") * Value(-2.5, "w")
    for i in range(12):
        y = (y * 1.1).tanh()
        y.name = f"t{i}"
    return y


@pytest.mark.parametrize("table", ["tape", "steps"])
def test_columns_do_not_move_between_steps_and_the_row_at_work_is_in_view(
    stepper: Callable[..., Reading], table: str
) -> None:
    y = long_chain()
    reading = stepper(y)
    reading.rows(table)
    columns = at_every_step(
        reading, table, "[...table.querySelectorAll('th')].map((th) => [th.offsetLeft, th.offsetWidth]).join(' ')"
    )
    assert len(set(columns)) == 1
    rows = at_every_step(
        reading,
        table,
        "(() => { const tr = table.querySelector('tr.current'), box = table.querySelector('.scroll');"
        " if (!tr) return null; const a = tr.getBoundingClientRect(), b = box.getBoundingClientRect();"
        " const head = table.querySelector('th').getBoundingClientRect();"
        " return [a.top >= head.bottom - 1 && a.bottom <= b.bottom + 1, tr.cells[0].textContent,"
        " tr.getAttribute('aria-current')]; })()",
    )
    assert all(row is None or (row[0], row[2]) == (True, "true") for row in rows)
    order = topological_order(y)
    at_work = [node for node in order if node.rule is not None] + [y] + [step.node for step in y.backward_steps()]
    names = [node.name or f"v{order.index(node)}" for node in at_work]
    if table == "tape":
        named = [re.fullmatch(r"v\d+", name) is None for name in names]
        assert [row[1] for row, told in zip(rows[1:-1], named, strict=True) if told] == [
            name for name, told in zip(names, named, strict=True) if told
        ]
    else:
        assert [row[1] for row in rows] == [str(i) for i in range(len(rows))]


def test_a_click_on_a_row_goes_there(stepper: Callable[..., Reading]) -> None:
    """Forward to where a node is computed, backward to where its gradient is complete; and it is selected."""
    y = neuron()
    order, steps = topological_order(y), list(y.backward_steps())
    operations = [node for node in order if node.rule is not None]
    seed = len(operations) + 1
    reading = stepper(y)
    rows = reading.root.locator("details.tape tbody tr")
    for place, node in enumerate(order):
        reading.go(2)
        rows.nth(place).locator("td").nth(2).click()
        assert reading.place[0] == (operations.index(node) + 1 if node.rule is not None else 0)
        assert reading.root.locator(".chooser").input_value() == str(place)
        reading.go(seed)
        rows.nth(place).locator("button").press("Enter")
        complete = [i for i, step in enumerate(steps) if step.input is node]
        assert reading.place[0] == seed + (complete[-1] + 1 if complete else 0)
    reading.rows("steps")
    reading.root.locator("details.steps tbody tr").nth(11).click()
    assert reading.place[0] == 11


def sines(count: int) -> Value:
    y = Value(0.5, "x")
    for _ in range(count):
        y = y.sin()
    return y


SHOWN_ROWS = """root => [...root.querySelectorAll("details.steps tbody tr[aria-rowindex]")]
    .map(row => [Number(row.cells[0].textContent), Number(row.ariaRowIndex), row.cells[1].textContent !== ""])"""


def test_a_long_table_shows_the_step_at_work_and_leads_to_every_other(stepper: Callable[..., Reading]) -> None:
    reading = stepper(sines(250))
    last = reading.place[1]
    reading.rows("steps")
    for step in (0, 400, last, 130):
        reading.go(step)
        current = reading.root.locator("details.steps tr.current")
        current.wait_for()
        assert current.locator("td").first.inner_text() == str(step)
        assert reading.root.locator("details.tape tr.current").count() == (0 < step < last)
    seen: set[int] = set()
    for way, end in (("first", 0), ("last", last)):
        while not seen or (min if end == 0 else max)(seen) != end:
            button = getattr(reading.root.locator("details.steps tr:not([aria-rowindex]) button"), way)
            button.press("Enter")
            shown = reading.root.evaluate(SHOWN_ROWS)
            assert all(place == number + 2 and said for number, place, said in shown)
            numbers = [number for number, _, _ in shown]
            assert numbers == [*range(numbers[0], numbers[-1] + 1)]
            assert int(reading.root.evaluate("() => document.activeElement.textContent")) in set(numbers) - seen
            seen.update(numbers)
    assert seen == {*range(last + 1)}
    assert reading.place[0] == 130


def test_thousands_of_leaves_are_listed_in_parts(stepper: Callable[..., Reading]) -> None:
    reading = stepper(total([Value(float(i), f"x{i}") for i in range(450)]))
    more = reading.root.locator(".leaves button")
    for shown in (200, 400, 450):
        assert [float(number) for number in reading.numbers()] == [*range(shown)]
        if shown < 450:
            more.click()
    assert more.count() == 0


def test_a_jump_outside_the_range_is_corrected(stepper: Callable[..., Reading]) -> None:
    reading = stepper(neuron())
    box = reading.root.locator(".jump")
    for text, step in (("1000", 20), ("-7", 0), ("3.4", 3), ("", 3)):
        reading.go(text)  # type: ignore[arg-type]
        assert (reading.place[0], box.input_value()) == (step, str(step))


@pytest.mark.parametrize(
    ("text", "number", "words"),
    [
        ("1/2", 0.5, ""), ("2e-3", 0.002, ""), ("-1,5", -1.5, ""), ("−1,5", -1.5, ""), ("-3 / 4", -0.75, ""),
        ("two", None, "“two” is not a number"), ("1/0", None, "“1/0” is not a number"),
        ("1e400", None, "“1e400” is too large for a float"), ("-1e400", None, "“-1e400” is too large for a float"),
        ("1.2.3", None, "“1.2.3” is not a number"), ("", None, "“” is not a number"),
    ],
)  # fmt: skip
def test_what_is_typed_is_read_or_refused_in_words(
    stepper: Callable[..., Reading], text: str, number: float | None, words: str
) -> None:
    reading = stepper(neuron())
    reading.press("End")
    reading.select("w")
    before = reading.everything()
    field, warning = reading.root.locator(".editor .field"), reading.root.locator(".editor .warning")
    field.fill(text)
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == ("false" if number is not None else "true")
    assert field.input_value() == text  # it stays to be corrected
    data = reading.everything()["tape"][0][2]
    if number is not None:
        assert not warning.is_visible() and float(data) == number
        return
    assert warning.inner_text().startswith(words) and warning.inner_text().endswith("w stays −3.")
    assert reading.everything() == before
    reading.press("Home", "End")
    assert field.input_value() == text
    field.fill("4")
    assert not warning.is_visible() and float(reading.everything()["tape"][0][2]) == 4.0


def test_while_a_number_is_being_typed_nothing_is_said(stepper: Callable[..., Reading]) -> None:
    reading = stepper(neuron())
    reading.select("w")
    field, warning = reading.root.locator(".editor .field"), reading.root.locator(".editor .warning")
    field.fill("")
    for key in "-2.5e-1/2":
        field.press_sequentially(key)
        assert not warning.is_visible()
    assert float(reading.everything()["tape"][0][2]) == -0.125


SHOWN = """root => {
    const found = [...root.querySelectorAll("*")].flatMap((each) => [...each.childNodes, ...each.attributes]
        .filter((part) => part.nodeType === 3 || ["title", "aria-label"].includes(part.name))
        .map((part) => part.nodeValue));
    found.push(...[...root.querySelectorAll("input:not([type=range])")].map((each) => each.value));
    return found.filter((text) => /-(?=[\\d.])|e-\\d| - /.test(text));
}"""


@pytest.mark.parametrize("lang", ["en", "id"])
def test_the_minus_sign_is_one_everywhere(stepper: Callable[..., Reading], lang: str) -> None:
    x, w = Value(-3e-7, "x"), Value(-2.0, "w")
    y = (x * -1.5 - w) * (w - 2) - 1e-9
    reading = stepper(y, lang)
    reading.rows("steps")
    for place in range(reading.place[1] + 1):
        reading.go(place)
        reading.root.locator(".chooser").select_option(str(place % 2))
        assert reading.root.evaluate(SHOWN) == []


IN_VIEW = """root => {
    const lowest = Math.min(innerHeight, root.querySelector(".node-panel").getBoundingClientRect().bottom);
    return [...root.querySelectorAll(".paths :is(h4, p, li)")].map((each) => each.getBoundingClientRect())
        .map(({ top, bottom }) => top >= 0 && bottom <= lowest);
}"""


@pytest.mark.parametrize("lang", ["en", "id"])
def test_the_paths_of_a_node_are_seen_without_scrolling(stepper: Callable[..., Reading], lang: str) -> None:
    y = neuron()
    reading = stepper(y, lang)
    reading.tab.set_viewport_size({"width": 1024, "height": 768})
    reading.press("End")
    for place in range(len(topological_order(y))):
        reading.root.locator(".chooser").select_option(str(place))
        assert all(reading.root.evaluate(IN_VIEW)), place
    reading.root.locator(".chooser").select_option("0")
    reading.picture(f"paths-{lang}")
