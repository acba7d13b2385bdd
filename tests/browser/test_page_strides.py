"""By node and by layer the page shows the whole stride: every edge of it once, in cells that are sums of edges."""

from __future__ import annotations

import json

import pytest

from engine import Value, topological_order, total
from engine.stepper.page import module, page
from engine.stepper.payload import payload
from nn import MLP
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
            edges: [...stride.edges.keys()], kinds: blocks.map(({ kind }) => kind),
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
