"""The drawing of a network: layers from the left, neurons 1 to n from the top, closed where open ones would be too
small to read."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from engine import Value, draw
from engine.pictures.account import Account
from engine.pictures.draw import fold
from engine.pictures.width import READABLE_WIDTH, estimated_width
from nn import MLP
from tests.engine.svg import of_kind, parts, rectangle

SIZES = {"one neuron wide": (2, [1, 1]), "small": (2, [3, 1]), "lesson": (2, [8, 8, 1]), "two results": (3, [4, 4, 2])}
SIZES["deep"] = (2, [4] * 6)


def network(inputs: int, sizes: list[int]) -> Value:
    outputs = MLP(inputs, sizes)([Value(0.5 - 0.3 * i, f"x{i + 1}") for i in range(inputs)])
    outputs = outputs if isinstance(outputs, list) else [outputs]
    y = outputs[-1] * 2.0
    for output in reversed(outputs[:-1]):  # the last neuron is computed with first
        y = y + output
    return y


@pytest.mark.parametrize("folded", [2, [], None], ids=["closed", "open", "as it comes"])
@pytest.mark.parametrize("size", SIZES)
def test_layers_from_the_left_and_neurons_from_the_top(size, folded):
    groups = {
        identity: part
        for identity, part in parts(draw(network(*SIZES[size]), folded=folded)).items()
        if identity[0] == "g"
    }
    named: dict[str, list[tuple[float, ...]]] = {}
    for identity in sorted(groups, key=lambda identity: int(identity[1:])):  # which go up with the layers
        named.setdefault(groups[identity].texts[0], []).append(rectangle(groups[identity]))
    rights = [named[f"layer {layer + 1}"][0][2] for layer in range(len(SIZES[size][1]))]
    assert rights == sorted(rights)
    for layer, width in enumerate(SIZES[size][1]):
        earlier = [sum(other >= k for other in SIZES[size][1][:layer]) for k in range(1, width + 1)]
        tops = [named[f"neuron {k + 1}"][earlier[k]][1] for k in range(width)]
        assert tops == sorted(tops)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("folded", [1, 2, []])
def test_the_width_is_known_before_there_is_a_picture(size, folded):
    account = Account(network(*SIZES[size]))
    fold(account, folded)
    drawn = draw(account.y, folded=folded).pipe("svg", encoding="utf-8")
    points = float(re.search(r'<svg width="(\d+)pt"', drawn)[1])
    assert estimated_width(account) == pytest.approx(points / 72, rel=0.1)


def test_neurons_are_closed_where_their_text_would_pass_below_twelve_pixels():
    for size in SIZES.values():
        y = network(*size)
        account = Account(y)
        wide = estimated_width(account) > READABLE_WIDTH
        assert {group.name.partition(" ")[0] for group in draw(y).folded} == ({"neuron"} if wide else set())
        assert draw(y, folded=[]).folded == ()


def test_what_is_shown_at_single_nodes_leaves_them_open():
    y = network(*SIZES["lesson"])
    y.backward()
    assert draw(y, slopes=True).folded == draw(y, highlight=next(iter(y.backward_steps()))).folded == ()


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("folded", [2, []], ids=["closed", "open"])
def test_no_box_covers_another_and_each_is_in_its_frame(folded, rankdir):
    picture = parts(draw(network(*SIZES["two results"]), folded=folded, rankdir=rankdir))
    boxes = [rectangle(part) for part in of_kind("node", picture).values()]
    frames = [rectangle(part) for part in of_kind("cluster", picture).values()]
    assert not any(meets(a, b) for a, b in combinations(boxes, 2))
    for frame in frames:  # what it holds is wholly inside
        for other in [*boxes, *frames]:
            assert not meets(frame, other) or holds(frame, other) or holds(other, frame)


def meets(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def holds(a, b) -> bool:
    return a[0] <= b[0] and a[1] <= b[1] and a[2] >= b[2] and a[3] >= b[3]
