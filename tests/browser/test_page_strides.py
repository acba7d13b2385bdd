"""By node and by layer the page shows the whole stride: every edge of it once, in cells that are sums of edges."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import Value, topological_order, total
from engine.stepper.page import module, page
from engine.stepper.payload import payload
from nn import MLP, cross_entropy
from tests.browser import graphs
from tests.browser.graphs import GRAPHS
from tests.browser.reading import Reading

# Every stride by node or by layer: the edges of its events, and of its cells that are sums, with what the cell says.
READ = """([text, by]) => {
    const state = JSON.parse(text); SOURCE;
    const machine = new Machine(state);
    return machine.stops[by].map((stop) => {
        const stride = strideAt(machine, stop, by), blocks = readStride(machine, stride);
        const cells = blocks.flatMap(({ rows }) => rows.flatMap(({ cells, total }) => [...cells, ...(total ? [total] : [])]));
        return {
            edges: [...stride.edges.keys()], kinds: blocks.map(({ kind }) => kind), others: stride.others,
            heads: blocks.filter(({ kind }) => kind === "weights").flatMap(({ rows }) => rows.map(({ head }) => head.math)),
            sizes: blocks.filter(({ kind }) => kind === "weights").map(({ rows, columns }) => [rows.length, columns.length]),
            sums: cells.filter(({ sum }) => sum).map(({ x, edges }) => [String(x), edges]),
        };
    });
}"""  # noqa: E501


@pytest.fixture(scope="module")
def tab(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def strides(tab, y: Value, by: str) -> list[dict]:
    shown = payload(y, view="map")
    source = module(topological_order(y), {}).replace("export default stepper;", "")
    found: list[dict] = tab.evaluate(READ.replace("SOURCE", source), [json.dumps(shown), by])
    return [stride for stride in found if stride["edges"]]


def points(count: int) -> list[Value]:
    return [Value(0.3 * i - 0.7, f"x{i + 1}") for i in range(count)]


def network(sizes: list[int], elementary: bool = False, **others: object) -> Value:
    outputs = MLP(2, sizes, elementary=elementary, **others).outputs(points(2))
    y = total([(out - 1.0) ** 2 for out in outputs])
    y.name = "L"
    return y


MADE = {
    "layers": lambda: network([8, 8, 1]),
    "elementary": lambda: network([3, 2], elementary=True),
    "relu": lambda: network([5, 4, 3], activation="relu"),
    "classes": lambda: classes(2),
    "two points": lambda: two_points(),
    **{name: GRAPHS[name] for name in ("neuron", "layers", "pieces", "functions", "endless")},
    **getattr(graphs, "NETWORKS", {}),
}


@pytest.mark.parametrize("by", ["node", "layer"])
@pytest.mark.parametrize("name", MADE)
def test_every_edge_is_in_one_cell_and_cells_are_the_sums_of_their_edges(tab, name, by):
    y = MADE[name]()
    order = {node: i for i, node in enumerate(topological_order(y))}
    passed = {f"{order[step.node]}_{step.index}": step.contribution for step in y.backward_steps()}
    seen = []
    for stride in strides(tab, y, by):
        shown = [edge for _, edges in stride["sums"] for edge in edges]
        assert sorted(shown) == sorted(stride["edges"])
        seen += shown
        for said, edges in stride["sums"]:
            expected = sum(passed[edge] for edge in edges)
            assert float(said.replace("Infinity", "inf")) == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)
    assert sorted(seen) == sorted(passed)


def classes(count: int) -> Value:
    y = cross_entropy(MLP(count, [3, 4]).outputs(points(count)), 1)
    y.name = "L"
    return y


def two_points() -> Value:
    model = MLP(1, [3, 1])
    return (model([Value(0.5, "x1")]) - 1.0) ** 2 + (model([Value(-0.5, "x2")]) + 1.0) ** 2


# Networks whose sweep goes to and fro between layers, with the rows and columns of W and b, from the last layer.
INTERLEAVED = {
    "64-32-10": (graphs.digits, [[10, 33], [32, 65]]),
    "classes": (lambda: classes(2), [[4, 4], [3, 3]]),
    "elementary": (lambda: network([4, 3], elementary=True), [[3, 5], [4, 3]]),
    "three elementary layers": (lambda: network([4, 3, 2], elementary=True), [[2, 4], [3, 5], [4, 3]]),
    "two points": (two_points, [[1, 4], [3, 2]] * 2),
}


@pytest.mark.parametrize("name", INTERLEAVED)
def test_a_layer_is_one_stride_wherever_the_sweep_goes(tab, name):
    """All that its nodes pass on, as one matrix; each layer of each sample."""
    make, sizes = INTERLEAVED[name]
    y = make()
    order = {node: i for i, node in enumerate(topological_order(y))}
    layers: dict[Any, list[str]] = {}
    for step in y.backward_steps():
        group = step.node.group
        while group and group.parent:
            group = group.parent
        if group:
            layers.setdefault(group, []).append(f"{order[step.node]}_{step.index}")
    found = [stride for stride in strides(tab, y, "layer") if stride["sizes"]]
    assert [stride["sizes"] for stride in found] == [[size] for size in sizes]
    assert sorted(sorted(stride["edges"]) for stride in found) == sorted(map(sorted, layers.values()))


def test_the_rows_of_a_layer_are_its_neurons_in_the_order_of_their_making(tab):
    """The loss subtracts the score of the right class, the fourth, from the others, so it comes first in the sweep."""
    y = graphs.digits()
    written = {node["name"]: node["math"] for node in payload(y, view="map")["nodes"]}
    heads = [stride["heads"] for stride in strides(tab, y, "layer") if stride["heads"]]
    assert heads == [[written[f"z{layer}_{unit}"] for unit in range(1, most + 1)] for layer, most in ((2, 10), (1, 32))]


def test_it_says_that_others_have_passed_in_between(open_file):
    y = classes(2)
    senders = [step.node.group.path[0] if step.node.group else "" for step in y.backward_steps()]
    own, first = senders.count("layer 2"), senders.index("layer 2")
    others = senders[first : len(senders) - senders[::-1].index("layer 2")].count("")
    assert others > 0
    reading = Reading(open_file(page(y, view="map")))
    reading.press("l", "End", "ArrowLeft", "ArrowLeft")
    title = reading.root.locator(".stride h3").inner_text()
    assert f"layer 2 passes its gradients on: {own} edges" in title
    words = reading.root.locator(".stride h3 .hint").inner_text()
    assert words == f"Edges of other layers in between: {others}. The stride of each layer shows its own."
    reading.press("ArrowRight")
    assert reading.root.locator(".stride h3 .hint").count() == 0  # layer 1 goes on without a stop


@pytest.mark.parametrize("elementary", [False, True])
def test_layers_are_matrices(tab, elementary):
    kinds = [stride["kinds"] for stride in strides(tab, network([3, 1], elementary), "layer")]
    assert ["delta", "weights", "inputs", *["edges"] * elementary] in kinds


def test_a_cell_lights_its_edges_by_pointer_and_by_keys(open_file):
    y = network([3, 1])
    reading = Reading(open_file(page(y, view="drawing")))
    reading.press("l", "End", "ArrowLeft")
    assert reading.root.locator(".step-panel").is_hidden()
    delta = reading.root.locator(".matrix.delta td.sum")
    assert delta.count() == 3
    lit = reading.root.locator("g.edge.lit")
    for i in range(3):
        delta.nth(i).hover()
        edges = delta.nth(i).get_attribute("data-edges").split()
        assert lit.evaluate_all("all => all.map(g => g.dataset.id)") == [f"e{edge}" for edge in edges]
        assert "=" in reading.root.locator(".pointing").inner_text()
    reading.root.locator(".stride h3").hover()
    assert lit.count() == 0
    place = reading.place
    cell = reading.root.locator(".matrix.inputs td[tabindex='0']")
    cell.focus()
    reading.tab.keyboard.press("ArrowRight")
    reading.tab.keyboard.press("ArrowRight")
    reading.tab.keyboard.press("ArrowRight")
    assert lit.count() == 3  # the sum of three edges
    assert reading.place == place  # the arrows went about in the matrix
    reading.press("e")
    assert reading.root.locator(".step-panel").is_visible()
    assert lit.count() == 0


def test_a_large_matrix_is_cut_and_moved(open_file):
    y = network([20, 20, 1])
    reading = Reading(open_file(page(y, view="map")))
    reading.press("l", "End", "ArrowLeft", "ArrowLeft")
    matrix = reading.root.locator(".matrix.weights")
    columns = matrix.locator("thead th:not(.cut)").count() - 1
    assert matrix.locator("thead .cut").last.inner_text().split() == ["⋯", str(21 - columns), "more"]
    matrix.locator("tbody .cut button").last.click()
    matrix.locator("tbody .cut button").last.click()
    assert matrix.locator("tbody .cut button").last.is_hidden()  # the last rows
    cell = matrix.locator("td[tabindex='0']")
    cell.focus()
    for _ in range(30):
        reading.tab.keyboard.press("ArrowRight")
    assert matrix.locator("thead th:not(.cut)").last.inner_text().split()[0] in ("b", "𝑏")  # as it is set in italics
    box = reading.root.locator(".stride .blocks")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_predicting_hides_it(open_file):
    reading = Reading(open_file(page(network([3, 1]), view="drawing")))
    reading.press("l", "End", "ArrowLeft")
    reading.root.get_by_role("button", name="Predict").click()
    assert reading.root.locator(".stride").is_hidden()
