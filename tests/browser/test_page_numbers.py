"""Every number on every step of the page, in the panel, in the drawing and in the tables, is Python's."""

from __future__ import annotations

import math

import pytest

from engine import Value, topological_order
from tests.browser.graphs import GRAPHS


def shown(x: float | None) -> str:
    """A number in four digits, as a page writes it."""
    if x is None:
        return "–"
    if not math.isfinite(x):
        return f"{x} ‼".replace("-", "−")
    return "0" if x == 0 else f"{x:.4g}".replace("-", "−")


def all_digits(x: float | None) -> str:
    if x is None:
        return "–"
    return ("0" if x == 0 else repr(x).removesuffix(".0")) + ("" if math.isfinite(x) else " ‼")


def called(x: float | None, complete: bool) -> str:
    return "grad" if x is None or complete else "so far"


def expected(y: Value):
    """Event by event: kind, numbers of the panel, and the numbers of all nodes after it; all from the engine's own
    sweep."""
    order = topological_order(y)
    data = {node: node.data if node.rule is None else None for node in order}
    adjoints: dict[Value, float | None] = dict.fromkeys(order)
    yield "start", None, data, adjoints
    for node in order:
        if node.rule is not None:
            data[node] = node.data
            yield "forward", [node.data], data, adjoints
    adjoints[y] = 1.0
    yield "seed", [1.0], data, adjoints
    for step in y.backward_steps():
        adjoints[step.input] = step.after
        yield "backward", [step.upstream, step.local, step.before, step.contribution, step.after], data, adjoints
    totals = []
    for node in order:
        if node.rule is None and not node.frozen:
            totals += [node.grad or 0.0, adjoints[node], (node.grad or 0.0) + adjoints[node]]
    yield "finish", totals, data, adjoints


@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_numbers_of_every_step(stepper, make):
    y = make()
    order = topological_order(y)
    reading = stepper(y)
    steps = list(y.backward_steps())
    computed = sum(node.rule is not None for node in order)
    done = set()
    last = {step.input: place for place, step in enumerate(steps, computed + 2)}
    for place, (kind, numbers, data, adjoints) in enumerate(expected(y)):
        if place:
            reading.press("ArrowRight")
        seen = reading.everything()
        assert seen["place"] == f"{place} / {computed + len(steps) + 2}"
        if numbers is not None:
            assert seen["numbers"] == [repr(x) for x in numbers], (kind, place)
        if kind == "backward":
            step = steps[place - computed - 2]
            edge = f"e{order.index(step.node)}_{step.index}"
            assert seen["current"] == [edge]
            done.add(edge)
        assert set(seen["done"]) == done
        assert seen["boxes"].keys() == {f"v{number}" for number in range(len(order))}
        for number, node in enumerate(order):
            box = seen["boxes"][f"v{number}"]
            grad, word = adjoints[node], called(adjoints[node], place >= last.get(node, 0))
            assert box["words"].endswith(f"data {shown(data[node])} | {word} {shown(grad)}")
            tooltip = f"data {all_digits(data[node])}\n{word} {all_digits(grad)}"
            assert box["tooltip"].endswith(tooltip.replace("-", "−"))
        assert [row[2:] for row in seen["tape"]] == [
            [all_digits(data[node]), all_digits(adjoints[node])] for node in order
        ]


@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_the_table_of_all_steps(stepper, make):
    y = make()
    reading = stepper(y)
    reading.press("End")
    rows = reading.rows("steps")
    backward = [row[2:] for row in rows[-1 - len(list(y.backward_steps())) : -1]]
    assert backward == [
        [all_digits(x) for x in (s.before, s.upstream, s.local, s.contribution, s.after)] for s in y.backward_steps()
    ]
    assert rows[-1][0] == str(len(rows) - 1)
