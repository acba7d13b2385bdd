"""The lenses: forward mode against Python's, and fewer digits against NumPy's float32 and against fractions."""

from __future__ import annotations

import bisect
import math
import random
import re
import struct
from fractions import Fraction

import numpy as np
import pytest

from engine import Value, gradient, sqrt, topological_order
from engine.graph import passed_on
from engine.readers.forward import tangents
from tests.browser.graphs import GRAPHS, layers, neuron

OPEN = """(root, tab) => {
    root.querySelector("details.lenses").open = true;
    root.querySelectorAll("details.lenses .toggle button")[tab].click();
}"""
FORWARD = """root => [...root.querySelector(".lens select").options].map(({ value }) => {
    const chooser = root.querySelector(".lens select");
    chooser.value = value;
    chooser.dispatchEvent(new Event("change"));
    const numbers = (kind) => [...root.querySelectorAll(`.lens tbody data.${kind}`)].map((data) => data.value);
    return { leaf: Number(value), tangents: numbers("tangent"),
        meets: [...root.querySelectorAll(".lens td.meets data")].map((data) => data.value),
        passes: root.querySelector(".lens .passes").textContent,
        notes: [...root.querySelectorAll("text.pill title")].map((title) => title.textContent) };
})"""
ROUNDED = """root => Object.fromEntries(["float32", "bfloat16"].map((format, tab) => {
    root.querySelectorAll(".lens .controls .toggle button")[tab].click();
    const rows = [...root.querySelectorAll(".lens tbody tr")];
    return [format, { rows: rows.map((row) => [...row.cells]
            .map((cell) => cell.querySelector("data")?.value ?? cell.textContent)),
        born: rows.findIndex((row) => row.className === "born"), sum: root.querySelector(".lens .sum").textContent,
        notes: [...root.querySelectorAll("text.pill title")].map((title) => title.textContent) }];
}))"""


@pytest.mark.parametrize("name", ["neuron", "layers", "endless", "functions", "pieces"])
def test_forward_mode_is_pythons_and_meets_reverse_mode(stepper, name):
    y = GRAPHS[name]()
    order = topological_order(y)
    reading = stepper(y)
    reading.root.evaluate(OPEN, 0)
    seen = reading.root.evaluate(FORWARD)
    leaves = [i for i, node in enumerate(order) if node.rule is None and not node.frozen]
    assert [found["leaf"] for found in seen] == leaves
    for count, found in enumerate(seen, 1):
        expected = [repr(x) for x in tangents(y, order[found["leaf"]]).values()]
        assert found["tangents"] == expected
        # the two marked cells, and the sentence beneath, say the same number
        assert [float(x) for x in found["meets"]] == pytest.approx(
            [gradient(y, order[found["leaf"]])[0]] * len(found["meets"]), rel=1e-12, nan_ok=True
        )
        assert f": {len(leaves)} in all ({count} done so far)" in found["passes"]
        assert len(found["notes"]) == len(order)


def test_of_a_long_table_the_rows_at_work_are_shown(stepper):
    """Of all the others there are two lines that say how many they are."""
    y = Value(0.1, "w1")
    for place in range(2, 402):
        y = y * Value(0.9, f"w{place}")
    nodes = topological_order(y)
    reading = stepper(y)
    for tab in (0, 1):
        reading.root.evaluate(OPEN, tab)
        assert reading.root.locator(".lens tbody tr").count() < 160
        left = re.findall(r"⋯ ([\d,]+) more", reading.root.locator(".lens tbody").inner_text())
        assert sum(int(count.replace(",", "")) for count in left) == len(nodes) - 150
    reading.root.evaluate(OPEN, 0)
    reading.root.evaluate(
        """root => { const slider = root.querySelector(".lens input[type=range]");
        slider.value = 400; slider.dispatchEvent(new Event("input")); }"""
    )
    current = reading.root.locator(".lens tbody tr.current td").first
    assert current.inner_text() == reading.root.evaluate(
        "root => [...root.querySelectorAll('.chooser option')].find((option) => option.value === '399').label"
    )
    assert reading.root.locator(".lens tbody tr").count() == 152


def test_one_goes_through_forward_mode_node_by_node(stepper):
    reading = stepper(neuron())
    reading.root.evaluate(OPEN, 0)
    seen = reading.root.evaluate(
        """root => { const [back, on] = root.querySelectorAll(".lens .controls button"), all = [];
        while (!back.disabled) back.click();
        while (true) {
            all.push([root.querySelectorAll(".lens tbody .tangent").length, root.querySelectorAll("text.pill").length,
                root.querySelector(".lens .meeting") !== null]);
            if (on.disabled) return all;
            on.click();
        } }"""
    )
    nodes = len(topological_order(neuron()))
    assert seen == [[i, i, i == nodes] for i in range(nodes + 1)]


def in_numbers(y: Value, kind):
    """Data and adjoints of the same graph in other numbers: whatever comes up is made one by `kind`."""
    order = topological_order(y)
    place = {node: i for i, node in enumerate(order)}
    data, slopes = [], []
    for node in order:
        if node.rule is None:
            data.append(kind(node.data))
            slopes.append(())
            continue
        args = [data[place[x]] if isinstance(x, Value) else kind(x) for x in node.inputs]
        data.append(kind(node.rule.forward(*args)))
        slopes.append(
            [None if s is None else kind(s) for s in node.rule.all_slopes(tuple(args), data[-1], node.inputs)]
        )
    adjoints = [kind(0.0) for _ in order]
    adjoints[-1] = kind(1.0)
    for i in reversed(range(len(order))):
        for x, slope in zip(order[i].inputs, slopes[i], strict=bool(slopes[i])) if slopes[i] else ():
            if slope is not None:
                adjoints[place[x]] = kind(adjoints[place[x]] + kind(passed_on(adjoints[i], slope)))
    return [float(x) for x in data], [float(x) for x in adjoints]


# All positive numbers of a bfloat16: the upper half of a float32.
BFLOATS = [struct.unpack(">f", struct.pack(">I", code << 16))[0] for code in range(0x7F80)]


def bfloat16(x: float) -> float:
    """The nearest by exact fractions; of two that are as near the one with an even code."""
    size = abs(float(x))
    if not math.isfinite(size):
        return float(x)
    if size >= 2.0**128 - 2.0**119:  # half a unit above the largest
        return math.copysign(math.inf, x)
    code = min(bisect.bisect_left(BFLOATS, size), len(BFLOATS) - 1)
    near = min((abs(Fraction(BFLOATS[c]) - Fraction(size)), c % 2, c) for c in (max(code - 1, 0), code))
    return math.copysign(BFLOATS[near[2]], x)


WAYS = (
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y * 1e-2,
    lambda x, y: x / (y * y + 0.1),
    lambda x, y: sqrt(x * x + 0.3),
)


def arithmetic(seed: int) -> Value:
    """Many operations of +, -, *, / and sqrt on numbers of all sizes."""
    draw = random.Random(seed)
    made = [Value(draw.choice([-1, 1]) * 10 ** draw.uniform(-3, 3), f"x{i}") for i in range(6)]
    for _ in range(50):
        x, y = draw.sample(made[-12:], 2)
        made.append(draw.choice(WAYS)(x, y))
    return made[-1] + made[-2] * made[-3]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_is_rounded_as_that_format_rounds_it(stepper, seed):
    y = arithmetic(seed)
    order = topological_order(y)
    reading = stepper(y)
    reading.root.evaluate(OPEN, 1)
    seen = reading.root.evaluate(ROUNDED)
    exact = [node.data for node in order]
    slopes = gradient(y, *order)
    for format, kind in {"float32": np.float32, "bfloat16": bfloat16}.items():
        data, adjoints = in_numbers(y, kind)
        rows = seen[format]["rows"]
        assert [float(row[2]) for row in rows] == data
        assert [float(row[6]) for row in rows] == adjoints
        for row, x, rounded in zip(rows, exact, data, strict=True):
            error = abs(rounded - x) / abs(x)
            assert float(row[3]) == (math.inf if error == 0 else pytest.approx(max(0, -math.log10(error)), abs=1e-9))
        moves = [abs(float(row[4])) for row in rows]
        assert seen[format]["born"] == moves.index(max(moves))
    # what each node's own rounding moves the result by, times its gradient, adds up to what the result is off
    rows = seen["float32"]["rows"]
    off = float(rows[-1][2]) - exact[-1]
    assert sum(float(row[4]) for row in rows) == pytest.approx(
        off, rel=1e-3, abs=1e-5 * max(abs(float(r[4])) for r in rows)
    )
    for node, slope, row in zip(order, slopes, rows, strict=True):
        if node.rule is None:
            assert float(row[4]) == pytest.approx((float(np.float32(node.data)) - node.data) * slope, rel=1e-12)


def test_where_digits_are_lost_is_named(stepper):
    """0.1 + 1000 keeps few digits of 0.1 in a float32; that is seen when 1000 is taken away again."""
    a, b = Value(0.1, "a"), Value(1000.0, "b")
    s = a + b
    d = s - b
    s.name, d.name = "s", "d"
    reading = stepper(d)
    reading.root.evaluate(OPEN, 1)
    found = reading.root.evaluate(ROUNDED)["float32"]
    assert [row[0] for row in found["rows"]] == ["a", "b", "s", "d"]
    assert found["born"] == 2
    assert "▼" in found["rows"][3][8] and "◆" in found["rows"][2][8]
    assert float(found["rows"][3][2]) == float(np.float32(np.float32(0.1) + np.float32(1000)) - np.float32(1000))
    assert found["notes"] == [row[2] for row in found["rows"]]


def test_odd_numbers_stay_odd(stepper):
    """What is too large for the format is infinite in it, and no number stays none."""
    x = Value(1e30, "x")
    y = x * x * 1e-20 - 3e38
    reading = stepper(y)
    reading.root.evaluate(OPEN, 1)
    found = reading.root.evaluate(ROUNDED)
    for rows in (found["float32"]["rows"], found["bfloat16"]["rows"]):
        assert [row[2] for row in rows][1:] == ["inf", "inf", "inf"]
        assert [float(row[3]) for row in rows][1:] == [0, 0, 0]


def test_closed_it_writes_nothing_on_the_drawing_and_predicting_hides_it(stepper):
    reading = stepper(layers())
    assert not reading.root.locator("text.pill").count()
    reading.root.evaluate(OPEN, 0)
    assert reading.root.locator("text.pill").count()
    reading.button("Predict").click()
    assert not reading.root.locator("text.pill").count()
    assert not reading.root.locator("details.lenses").is_visible()


@pytest.mark.parametrize("width", [390, 1024])
def test_it_can_be_read(stepper, width):
    reading = stepper(layers(), "id")
    reading.tab.set_viewport_size({"width": width, "height": 768})
    for tab in (0, 1):
        reading.root.evaluate(OPEN, tab)
        small, wide = reading.root.evaluate(
            """root => [Math.min(...[...root.querySelectorAll(".lenses *")]
                .filter((each) => each.textContent.trim() && each.checkVisibility() && !each.closest("msub"))
                .map((each) => parseFloat(getComputedStyle(each).fontSize))), document.documentElement.scrollWidth]"""
        )
        assert small >= 12
        assert wide <= width


def test_an_edit_is_followed(stepper):
    x = Value(3.0, "x")
    y = x * x
    reading = stepper(y)
    reading.root.evaluate(OPEN, 0)
    reading.select("x")
    field = reading.root.locator(".editor .field")
    field.fill("5")
    field.press("Enter")
    assert reading.root.locator(".lens .meets .tangent").get_attribute("value") == "10.0"
