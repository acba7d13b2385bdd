"""What stands out in a picture: exactly the edges of a path or a step and the nodes at their ends; marks of checks,
kinks and edges."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import (
    Rule,
    Value,
    check,
    draw,
    explain,
    gradient,
    group,
    maximum,
    minimum,
    paths,
    topological_order,
    weighted_sum,
    where,
)
from tests.engine.helpers import examples
from tests.engine.svg import heading, of_kind, parse, parts
from tests.engine.test_draw import random_graph


def marked(picture: dict[str, Any], kind: str) -> set[str]:
    """The ids of nodes or edges that stand out, after a look whether all others are pale."""
    found = {identity for identity, part in of_kind(kind, picture).items() if "marked" in part.classes}
    assert all(("pale" in part.classes) != (identity in found) for identity, part in of_kind(kind, picture).items())
    return found


def edge_ids(y: Value, edges: Any) -> set[str]:
    order = topological_order(y)
    return {f"e{order.index(node)}_{index}" for node, index in edges}


def node_ids(y: Value, edges: Any) -> set[str]:
    order = topological_order(y)
    return {f"v{order.index(end)}" for node, index in edges for end in (node, node.inputs[index])}


@pytest.mark.slow
@given(st.integers(0, 10**6))
@examples(15)
def test_a_path_stands_out_and_nothing_else(seed: int) -> None:
    y = random_graph(seed, 8)
    x = next(node for node in topological_order(y) if node.rule is None)
    for path in [path for path, _ in zip(paths(y, x), range(2), strict=False)]:
        picture = parts(draw(y, highlight=path))
        assert marked(picture, "edge") == edge_ids(y, path)
        assert marked(picture, "node") == node_ids(y, path)


def square_plus() -> tuple[Value, Value]:
    x = Value(3.0, "x")
    return x * x + x.sin(), x


def test_paths_steps_and_several_of_them() -> None:
    y, x = square_plus()
    steps, explained = list(y.backward_steps()), explain(y, x)
    for step in steps:
        assert marked(parts(draw(y, highlight=step)), "edge") == edge_ids(y, [(step.node, step.index)])
    for path in explained.paths:
        edges = [(factor.node, factor.index) for factor in path.factors]
        assert marked(parts(draw(y, highlight=path)), "edge") == edge_ids(y, edges)
    everything = edge_ids(y, [(step.node, step.index) for step in steps])
    for highlight in (steps, explained, explained.paths, paths(y, x), [steps, list(paths(y, x))]):
        assert marked(parts(draw(y, highlight=highlight)), "edge") == everything
    product = next(node for node in topological_order(y) if node.rule and node.rule.name == "mul")
    assert marked(parts(draw(y, highlight=(product, 1))), "edge") == edge_ids(y, [(product, 1)])


def test_what_stands_out_has_thick_lines_and_another_colour() -> None:
    y, x = square_plus()
    picture = parts(draw(y, highlight=next(paths(y, x))))
    looks: dict[str, set[Any]] = {"marked": set(), "pale": set()}
    for part in of_kind("edge", picture).values():
        looks[part.classes[-1]].add((part.outline.get("stroke"), float(part.outline.get("stroke-width") or 1)))
    assert len(looks["marked"]) == len(looks["pale"]) == 1
    (color, width), (pale, thin) = looks["marked"].pop(), looks["pale"].pop()
    assert color != pale
    assert width >= 3 * thin


@pytest.mark.parametrize("nothing", [None, [], list(paths(*[Value(1.0)] * 2)) and []])
def test_nothing_to_highlight_leaves_the_picture_as_it_is(nothing: Any) -> None:
    y, _ = square_plus()
    assert draw(y, highlight=nothing).source == draw(y).source


def test_a_path_through_a_folded_group_marks_its_box_and_the_merged_edge() -> None:
    w, x = [Value(1.0, "w1"), Value(2.0, "w2")], Value(3.0, "x")
    with group("neuron", w):
        z = weighted_sum(w, [x, x], 0.0).tanh()
    y = z * 2.0
    picture = parts(draw(y, highlight=next(paths(y, x)), folded="neuron"))
    (box,) = [identity for identity, part in picture.items() if "folded" in part.classes]
    order = topological_order(y)
    assert marked(picture, "node") == {box, f"v{order.index(x)}", f"v{order.index(y)}"}
    assert marked(picture, "edge") == {f"mv{order.index(x)}_{box}", f"e{order.index(y)}_0"}


@pytest.mark.parametrize(
    "highlight, error, words",
    [
        ("x", TypeError, "highlight takes a Step, a path .*, got str 'x'"),
        (3, TypeError, "highlight takes .*, got int 3"),
        ([None], TypeError, "highlight takes .*, got NoneType None"),
        (Value(0.0), TypeError, "highlight takes .*, got Value"),
        ((Value(2.0, "q"), 0), ValueError, r"highlight: this graph has no input 0 of Value\(2.0, name='q'\)"),
    ],
)
def test_what_cannot_be_highlighted(highlight: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        draw(square_plus()[0], highlight=highlight)


def test_an_input_that_a_node_does_not_have() -> None:
    y, _ = square_plus()
    with pytest.raises(ValueError, match="has no input 2 of"):
        draw(y, highlight=(y, 2))


def test_edges_that_are_not_in_the_picture_are_counted() -> None:
    x = y = Value(1.0, "x")
    for _ in range(400):
        y = y.sin()
    drawn = draw(y, highlight=next(paths(y, x))).pipe(encoding="utf-8")
    assert len(marked({i: part for i, part in parse(drawn).items() if "more" not in part.classes}, "edge")) == 299
    assert "101 highlighted edges are not in this picture" in heading(drawn)
    assert "not in this picture" not in heading(draw(y, highlight=[(y, 0)]).pipe(encoding="utf-8"))


def checked_rows(picture: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """(number of the node, what its box says of the check)."""
    for identity, part in of_kind("node", picture).items():
        for text in part.texts:
            if text.startswith("check"):
                yield int(identity[1:]), text


def test_what_was_checked_before_is_marked_without_another_check() -> None:
    """Also where no check could be made any more, since data was changed afterwards."""
    x = Value(3.0, "x")
    y = x * x
    claimed = {x: 5.0, y: 1.0}
    rows = {row.node: row for row in check(y, claimed).checked}
    x.data = 4.0
    assert dict(checked_rows(parts(draw(y, gradients=claimed, check=rows)))) == {0: "check 6 ✗ wrong", 1: "check 1 ✓"}
    assert not dict(checked_rows(parts(draw(y, gradients=claimed, check=True))))


@pytest.mark.parametrize("seed", range(6))
def test_check_marks_agree_with_the_check(seed: int) -> None:
    y = random_graph(seed, 8)
    order = topological_order(y)
    claimed = dict(zip(order, gradient(y, *order), strict=True))
    claimed[order[seed]] += 1.0
    for gradients in (None, claimed):
        report = check(y, gradients)
        said = dict(checked_rows(parts(draw(y, check=True, gradients=gradients))))
        assert len(said) == len(order)
        for number, node in enumerate(order):
            row = report[node]
            assert ("✓" in said[number], "✗" in said[number]) == (row.verdict == "ok", row.verdict == "wrong")
            if row.verdict in ("ok", "wrong"):
                written = re.search(r"check (\S+)", said[number])
                assert written and float(written[1]) == pytest.approx(row.numeric, rel=1e-3, abs=1e-9)
            else:
                assert said[number] == f"check: {row.verdict}"
    assert not list(checked_rows(parts(draw(y))))


def test_a_wrong_gradient_is_seen() -> None:
    y, x = square_plus()
    picture = parts(draw(y, check=True, gradients={x: 6.0}))
    order = topological_order(y)
    assert picture[f"v{order.index(x)}"].texts == ("x", "data 3", "grad 6", "check 5.01 ✗ wrong")  # 2 · 3 + cos 3
    assert "check-wrong" in picture[f"v{order.index(x)}"].classes
    assert f"numeric gradient {6 + math.cos(3):.8f}"[:24] in picture[f"v{order.index(x)}"].tooltip
    assert picture[f"v{order.index(y)}"].texts[2:] == ("grad –",)  # it was not among those given
    assert "check 5.01 ✗ wrong" in draw(y, check=True, gradients={x: 6.0}).text()
    assert draw(y, check=True).pipe("png").startswith(b"\x89PNG")


def test_gradients_of_ones_own_are_shown_and_nothing_is_written() -> None:
    y, x = square_plus()
    y.backward()
    before = x.grad
    assert parts(draw(y, gradients={x: -1.5}))["v0"].texts == ("x", "data 3", "grad -1.5")
    assert x.grad == before


def test_a_stale_graph_is_not_checked() -> None:
    y, x = square_plus()
    x.data = 4.0
    picture = draw(y, check=True).pipe(encoding="utf-8")
    assert "stale" in heading(picture)
    assert not list(checked_rows(parse(picture)))


def zero(name: str = "x") -> Value:
    return Value(0.0, name)


ABS_LIKE = Rule("abs_like", "{0}", math.fabs, (lambda x, z: where(x, 1.0, -1.0),), kink=lambda x: x)  # in no table
RULES = engine.RULES


@pytest.mark.parametrize(
    "y, mark, convention",
    [
        (zero().relu(), "at its kink", RULES["relu"].convention),
        (abs(zero()), "at its kink", RULES["abs"].convention),
        (zero().leaky_relu(), "at its kink", RULES["leaky_relu"].convention),
        (maximum(zero(), 0.0), "at its kink", RULES["maximum"].convention),
        (minimum(Value(2.0), Value(2.0)), "at its kink", RULES["minimum"].convention),
        (where(zero(), 1.0, 2.0), "at its kink", RULES["where"].convention),
        (ABS_LIKE(zero()), "at its kink", "its slope jumps here"),
        (zero().sqrt(), "slope inf ‼", RULES["sqrt"].convention),
        (Value(1.0).acos(), "slope -inf ‼", RULES["acos"].convention),
        (zero() ** 0.5, "slope inf ‼", RULES["pow"].convention),
        (Value(-2.0) ** Value(3.0), "slope nan ‼", RULES["pow"].convention),
    ],
    ids=lambda y: y.rule.name if isinstance(y, Value) else "",
)
def test_kinks_and_edges_are_marked_with_their_convention(y: Value, mark: str, convention: str) -> None:
    picture = parts(draw(y))
    box = picture[f"v{len(topological_order(y)) - 1}"]
    assert mark in box.texts
    assert convention in box.tooltip
    assert mark in draw(y).text()
    plain = parts(draw(Value(1.0) + 2.0))["v1"].outline.get("fill")
    assert box.outline.get("fill") != plain


@pytest.mark.parametrize(
    "y", [Value(0.5).relu(), Value(0.5).sqrt(), maximum(Value(1.0), 2.0), Value(0.0).sin(), Value(2.0) ** 0.0]
)
def test_elsewhere_nothing_is_marked(y: Value) -> None:
    box = parts(draw(y))[f"v{len(topological_order(y)) - 1}"]
    assert len(box.texts) == 3
    assert box.classes[1:] == ("result",)
