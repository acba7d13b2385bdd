"""Gradient descent in the stepper, Python's side: which leaves move, and the graph made anew with other numbers."""

from __future__ import annotations

import pytest

import engine
from engine import Stepper, Value, group, topological_order
from engine.stepper import payload
from nn import MLP
from tests.browser.graphs import GRAPHS


def moved(y: Value, **settings) -> list[str]:
    order = topological_order(y)
    return sorted(order[i].name or "" for i in payload(y, **settings)["parameters"])


def leaves(*names: str) -> list[Value]:
    return [Value(0.5 + i, name) for i, name in enumerate(names)]


def test_data_is_told_by_its_name():
    w1, x1, w2, x2, b, y = leaves("w1", "x1", "w2", "x_2", "b", "y")
    assert moved((w1 * x1 + w2 * x2 + b - y) ** 2) == ["b", "w1", "w2"]


def test_a_frozen_leaf_never_moves():
    w, x, b = leaves("w", "x", "b")
    b.frozen = True
    assert moved(w * x + b) == ["w"]
    assert moved(Value(2.0, "w", frozen=True) * 3.0) == []


def test_what_a_group_owns_moves_whatever_it_is_called():
    x1, x2 = leaves("x1", "x2")
    with group("neuron", [x1]):
        y = x1 * x2
    assert moved(y) == ["x1"]


@pytest.mark.parametrize("inputs", [(1.0, 2.0), (Value(1.0), Value(2.0)), (Value(1.0, "x1"), Value(2.0, "x2"))])
def test_a_networks_parameters_move_and_its_inputs_do_not(inputs):
    model = MLP(2, [3, 1], seed=0)
    assert moved(model(inputs) ** 2) == sorted(p.name for p in model.parameters())


def test_where_all_is_called_as_data_is_all_of_it_moves():
    x, y = leaves("x", "y")
    assert moved(x * y + x**2) == ["x", "y"]
    assert moved(Value(3.0) * 2.0) == [""]
    assert moved(Value(3.0, "x")) == ["x"]


def test_it_can_be_said_which():
    w, x, b = leaves("w", "x", "b")
    b.frozen = True
    y = w * x + b
    assert moved(y, update=[x]) == ["x"]
    assert moved(y, update=[]) == []
    assert Stepper(y, update=[x, w, x]).payload["parameters"] == [0, 1]
    for wrong, error, words in [
        (w, TypeError, "update takes a list of leaves"),
        ("w", TypeError, "update takes a list of leaves, as in update=.w, b., got str 'w'"),
        (["w"], TypeError, "update takes Values, got str 'w' among them"),
        ([b], ValueError, "update: 'b' is frozen"),
        ([y], ValueError, "is no leaf of this graph"),
        ([Value(1.0, "v")], ValueError, "update: 'v' is no leaf of this graph"),
    ]:
        with pytest.raises(error, match=words):
            Stepper(y, update=wrong)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_graph_made_anew_is_the_graph(name):
    """The same order, numbers and slopes; and with other numbers what the engine makes of them."""
    y = GRAPHS[name]()
    nodes = topological_order(y)
    again = Stepper(y)._answer({"asked": 7, "edits": {}})
    assert again["asked"] == 7
    shown = payload(y)["nodes"]
    assert again["data"] == [node["data"] for node in shown]
    for node, slopes, local in zip(shown, again["slopes"], [node.slopes for node in nodes], strict=True):
        assert [slope and slope["local"] for slope in node["slopes"]] == [
            None if known is None else slope for known, slope in zip(node["slopes"], slopes, strict=True)
        ], (node, local)


def test_another_number_and_what_is_not_defined():
    x = Value(2.0, "x")
    y = engine.log(x - 1.0) * 3.0
    stepper = Stepper(y)
    answer = stepper._answer({"asked": 1, "edits": {"0": 3}})
    assert answer["data"] == [3.0, 2.0, engine.log(2.0), engine.log(2.0) * 3.0]
    assert (x.data, y.data) == (2.0, 0.0)  # the graph itself is as it was
    assert "ln(0.0) is not defined" in stepper._answer({"asked": 2, "edits": {"0": 1.0}})["error"]
    assert Stepper(x * 2.0)._answer({"asked": 3, "edits": {"0": "Infinity"}})["data"] == ["Infinity", "Infinity"]


def test_what_python_reads_of_the_rounds():
    w = Value(0.5, "w")
    stepper = Stepper(w * w)
    assert (stepper.round, stepper.losses, stepper.learning_rate) == (0, [0.25], 0.1)
    stepper.rounds = [{"edits": {}, "loss": 0.25}, {"edits": {"0": 0.4}, "loss": "Infinity"}]
    stepper.round = 1
    assert stepper.losses == [0.25, float("inf")]
    for name, wrong in [("round", 2), ("round", -1), ("learning_rate", 0), ("learning_rate", "0.1"), ("rounds", {})]:
        with pytest.raises(Exception, match=f"{name} is "):
            setattr(stepper, name, wrong)
    with pytest.raises(Exception, match="learning_rate is a number above 0, got nan"):
        stepper.learning_rate = float("nan")
