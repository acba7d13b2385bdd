"""What the stepper sends to its page: the graph's own numbers, in the order of its own sweep, as plain JSON."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from unittest import mock

import pytest

from engine import Value, rule, topological_order
from engine.pictures.diagram import LayoutError
from engine.stepper import page, payload
from tests.browser.graphs import GRAPHS, HOSTILE, hostile, neuron


def number(x):
    return None if x is None else float(str(x).replace("Infinity", "inf"))


def same(a: float, b: float) -> bool:
    return repr(a) == repr(b)


@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_it_is_plain_json_and_loses_no_bit(make):
    y = make()
    sent = json.loads(json.dumps(payload(y), allow_nan=False))
    order = topological_order(y)
    assert [number(node["data"]) for node in sent["nodes"] if same(number(node["data"]), number(node["data"]))]
    assert all(same(number(node["data"]), value.data) for node, value in zip(sent["nodes"], order, strict=True))
    assert order[sent["result"]] is y


@pytest.mark.slow
@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_events_are_the_forward_pass_and_then_the_steps_of_the_sweep(make):
    y = make()
    order = topological_order(y)
    events = payload(y)["events"]
    computed = [i for i, node in enumerate(order) if node.rule is not None]
    assert events[: len(computed) + 2] == [["start"], *[["forward", i] for i in computed], ["seed", order.index(y)]]
    assert events[-1] == ["finish"]
    for (kind, node, index, *numbers), step in zip(events[len(computed) + 2 : -1], y.backward_steps(), strict=True):
        assert (kind, order[node], index) == ("backward", step.node, step.index)
        expected = [step.upstream, step.local, step.contribution, step.before, step.after]
        assert all(same(number(x), value) for x, value in zip(numbers, expected, strict=True))


def test_users_are_the_places_where_a_node_is_used():
    sent = payload(neuron())
    for place, node in enumerate(sent["nodes"]):
        for user, index in node["users"]:
            assert sent["nodes"][user]["inputs"][index] == place
    used = [x for node in sent["nodes"] for x in node["inputs"] if isinstance(x, int)]
    assert sum(len(node["users"]) for node in sent["nodes"]) == len(used)


def test_frozen_leaves_and_constants_get_no_slope():
    x, k = Value(2.0, "x"), Value(3.0, "k", frozen=True)
    node = payload(x * k + 1.0)["nodes"]
    product = next(each for each in node if each["rule"] == "mul")
    assert [slope and slope["local"] for slope in product["slopes"]] == [3.0, None]
    assert product["slopes"][0]["text"] == "k"
    assert payload(x * k + 1.0)["nodes"][-1]["inputs"][1] == {"constant": 1.0}


@pytest.mark.slow
@pytest.mark.parametrize("make", [*GRAPHS.values(), hostile], ids=[*GRAPHS, "hostile"])
def test_markup_is_well_formed_whatever_the_names(make):
    """Every formula and the drawing are read by an XML parser; no name became an element."""
    sent = payload(make(), view="drawing")
    ET.fromstring(sent["drawings"][0]["drawing"])
    allowed = {"math", "mi", "mn", "mo", "mtext", "mrow", "mfrac", "msup", "msub", "msqrt", "mtable", "mtr", "mtd"}
    for node in sent["nodes"]:
        for term in [node, *filter(None, node["slopes"])]:
            for key in ("math", "symbols", "numbers"):
                tree = ET.fromstring(f"<math>{term.get(key, '')}</math>")
                assert {element.tag for element in tree.iter()} <= allowed


def test_a_name_is_short_and_on_one_line():
    sent = payload(hostile())
    assert {node["name"] for node in sent["nodes"]} >= set(HOSTILE) - {"x" * 5000}
    assert all(len(node["name"]) <= 40 for node in sent["nodes"])


def test_a_page_escapes_its_state():
    html = page(hostile())
    assert html.count("<script") == html.count("</script>") == 2
    assert "<img" not in html


def test_what_is_no_value_is_refused():
    with pytest.raises(TypeError, match=r"a stepper takes a Value, got float 2\.0"):
        payload(2.0)  # type: ignore[arg-type]


def test_a_stale_graph_is_refused():
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(ValueError, match="stale"):
        page(y)


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="lang is one of 'en', 'id', got 'fr'"):
        page(Value(2.0), lang="fr")


@pytest.mark.parametrize(
    ("error", "said"),
    [(LayoutError("no engine here"), "no engine here"), (ModuleNotFoundError("pip install x"), "pip install x")],
)
def test_without_a_layout_engine_there_is_all_but_the_drawing(error, said):
    with mock.patch("engine.pictures.diagram.lay_out", side_effect=error):
        sent = payload(neuron(), view="drawing")
    assert sent["drawings"] == []
    assert sent["remark"] == said
    assert len(sent["events"]) == 21


def test_a_rule_that_cannot_be_read_is_named():
    bump = rule("bump", "b({0})", lambda x: x if x > 0 else 0.0, lambda x, z: 1.0)
    # a comparison that a symbol would answer
    sly = rule("sly", "s({0})", lambda x: 1.0 if x == 0.5 else x, lambda x, z: 1.0)
    sent = payload(sly(bump(Value(0.5, "x")).tanh()))
    assert sent["uneditable"] == ["bump", "sly"]
    assert payload(neuron())["uneditable"] == []


def test_nothing_is_written_on_the_graph():
    y = neuron()
    before = [(node.data, node.grad, node.name) for node in topological_order(y)]
    page(y)
    assert [(node.data, node.grad, node.name) for node in topological_order(y)] == before


def test_a_large_graph_takes_no_recursion():
    x = Value(1.0, "x")
    y = x
    for _ in range(3 * sys.getrecursionlimit()):
        y = y + 1.0
    sent = payload(y)
    assert len(sent["nodes"]) == 3 * sys.getrecursionlimit() + 1
