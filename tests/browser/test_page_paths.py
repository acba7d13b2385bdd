"""Paths in the page are found by the page itself, of any node and with whatever numbers the leaves have: held
against the engine's."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from engine import Value, count_paths, gradient, topological_order
from engine.readers.explain import largest_paths
from tests.browser.graphs import GRAPHS, neuron
from tests.browser.reading import Reading
from tests.browser.test_page_editing import again

ROWS = """root => [...root.querySelectorAll(".paths ol > li")].map(li => ({
    names: li.querySelector("button")?.textContent.split(" → ") ?? null,
    product: Number([...li.querySelectorAll("data")].at(-1).value) }))"""


def listed(reading: Reading, place: int) -> list[tuple[list[str] | None, float]]:
    """Names along each path, and products; the row of what is not listed has no names."""
    reading.root.locator(".chooser").select_option(str(place))
    return [(row["names"], row["product"]) for row in reading.root.evaluate(ROWS)]


def largest(y: Value, x: Value) -> list[float]:
    """The products of the largest paths, by the engine."""
    return [math.prod(node.slopes[index] for node, index in path) for path in largest_paths(y, x, 12)]


def reached(y: Value) -> dict[int, Value]:
    """Every node that gets a gradient, by its place."""
    got = {step.input for step in y.backward_steps()} | {y}
    return {place: node for place, node in enumerate(topological_order(y)) if node in got}


def agree(found: list[tuple[list[str] | None, float]], y: Value, x: Value) -> None:
    products = [product for names, product in found if names]
    # largest first
    assert sorted(map(abs, products), reverse=True) == pytest.approx([abs(each) for each in map(abs, products)])
    assert sorted(products) == pytest.approx(sorted(largest(y, x)), rel=1e-12)
    assert math.fsum(product for _, product in found) == pytest.approx(gradient(y, x)[0], rel=1e-9, abs=1e-15)
    assert (len(products) < count_paths(y, x)) == any(names is None for names, _ in found)


@pytest.mark.parametrize(
    "make", [GRAPHS[name] for name in ("neuron", "layers", "functions", "doubling", "ran_before", "leaf")]
)
def test_paths_of_every_node(stepper: Callable[..., Reading], make: Callable[[], Value]) -> None:
    y = make()
    reading = stepper(y)
    reading.press("End")
    for place, node in reached(y).items():
        agree(listed(reading, place), y, node)
        heading = reading.root.locator(".paths h4").inner_text()
        assert heading.endswith(f": {count_paths(y, node):,}")


def test_names_along_the_paths_of_an_interior_node(stepper: Callable[..., Reading]) -> None:
    y = neuron()
    reading = stepper(y)
    reading.press("End")
    assert [names for names, _ in listed(reading, [node.name for node in topological_order(y)].index("z"))] == [
        ["z", "a", "v5", "v6", "L"]
    ]
    assert reading.root.locator(".nudge").count() == 0  # a number that was computed cannot be nudged
    reading.root.locator(".paths li button").click()
    assert reading.root.locator("g.edge.lit").count() == 4


def test_a_gradient_that_is_still_growing_has_no_paths_yet(stepper: Callable[..., Reading]) -> None:
    reading = stepper(neuron())
    reading.select("a = tanh(z)")
    assert "the gradient is complete at step" in reading.root.locator(".node-panel").inner_text()
    assert reading.root.locator(".paths").count() == 0


def test_after_an_edit_the_largest_paths_are_other_ones(stepper: Callable[..., Reading]) -> None:
    """A sum of thirty products: of whichever is edited to be large, the path comes first."""

    def make() -> Value:
        x = Value(1.0, "x")
        parts = [Value(1.0 + i / 100, f"w{i}") * x for i in range(30)]
        return sum(parts[1:], parts[0])

    reading = stepper(make())
    reading.press("End")
    before = listed(reading, [node.name for node in topological_order(make())].index("x"))
    reading.select("w3")
    reading.root.locator(".editor .field").fill("50")
    y = again(make, "w3", 50.0)
    order = topological_order(y)
    x = next(node for node in order if node.name == "x")
    after = listed(reading, order.index(x))
    agree(after, y, x)
    assert after[0][1] == 50.0 and after[0] not in before
    assert len(after) == 13


@pytest.mark.parametrize("text", ["2.5", "-1", "0.001"])
def test_after_an_edit_the_paths_are_those_of_the_new_graph(stepper: Callable[..., Reading], text: str) -> None:
    make = GRAPHS["layers"]
    reading = stepper(make())
    reading.press("End")
    reading.select("x1")
    reading.root.locator(".paths li button").first.click()
    reading.root.locator(".editor .field").fill(text)
    assert reading.root.locator("g.edge.lit").count() == 0
    y = again(make, "x1", float(text))
    for place, node in reached(y).items():
        agree(listed(reading, place), y, node)


def test_a_long_chain(stepper: Callable[..., Reading]) -> None:
    y = x = Value(0.5, "x")
    for _ in range(2000):
        y = y * 1.001
    reading = stepper(y)
    reading.press("End")
    ((names, product),) = listed(reading, 0)
    assert names is not None and names[:2] == ["x", "v1"] and "⋯" in names and names[-1] == "v2000"
    assert product == pytest.approx(gradient(y, x)[0], rel=1e-12)
