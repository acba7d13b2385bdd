"""The graph as a text tree."""

from __future__ import annotations

import pytest

from engine import Value, draw, topological_order, total
from engine.pictures.tree import text_tree
from tests.engine.golden import expression
from tests.engine.test_draw import random_graph


def test_the_tree_of_a_known_graph() -> None:
    """The lecture's L = (a b + c) f: its numbers are known."""
    assert [line.split() for line in expression().text().splitlines()] == [
        ["L", "=", "d", "*", "f", "data", "-8", "grad", "1"],
        ["├─", "d", "=", "e", "+", "c", "data", "4", "grad", "-2"],
        ["│", "├─", "e", "=", "a", "*", "b", "data", "-6", "grad", "-2"],
        ["│", "│", "├─", "a", "data", "2", "grad", "6"],
        ["│", "│", "└─", "b", "data", "-3", "grad", "-4"],
        ["│", "└─", "c", "data", "10", "grad", "-2"],
        ["└─", "f", "data", "-2", "grad", "4"],
    ]


@pytest.mark.parametrize("seed", range(10))
def test_each_node_is_written_out_once_and_each_input_has_a_line(seed: int) -> None:
    y = random_graph(seed, 12)
    lines = text_tree(y).splitlines()
    nodes = topological_order(y)
    assert sum("data" in line for line in lines) == len(nodes)
    assert len(lines) == 1 + sum(len(node.inputs) for node in nodes)
    assert len(lines) - len(nodes) == sum("(see above)" in line or "(constant)" in line for line in lines)
    assert sum("(frozen)" in line for line in lines) == sum(node.frozen for node in nodes)


def test_a_node_used_twice_is_written_out_once() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.name = "y"
    assert [line.split("  ")[0] for line in text_tree(y).splitlines()] == ["y = x * x", "├─ x", "└─ x (see above)"]


def test_a_leaf() -> None:
    assert text_tree(Value(-0.0, "x", frozen=True)) == "x (frozen)  data 0  grad –"


@pytest.mark.slow
def test_a_deep_graph_is_cut_below_the_nodes_nearest_the_result() -> None:
    y = Value(1.0, "x")
    for _ in range(100_000):
        y = y.sin()
    lines = text_tree(y).splitlines()
    assert lines[0] == "100,001 nodes, too many to show: these are the 60 nearest the result"
    assert len(lines) == 1 + 60 + 1
    assert lines[-1].endswith("└─ … 1 more input")


def test_a_wide_graph_is_cut() -> None:
    lines = text_tree(total([Value(1.0) for _ in range(10_000)])).splitlines()
    assert lines[-1] == "└─ … 9,941 more inputs"
    assert len(lines) == 1 + 60 + 1


def test_a_diagram_keeps_the_text_of_the_time_it_was_drawn() -> None:
    y = Value(2.0, "x") * 3.0
    diagram = draw(y)
    before = text_tree(y)
    y.backward()
    assert diagram.text() == before == repr(diagram)
    assert text_tree(y) != before
