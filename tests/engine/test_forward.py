"""Forward mode: the same slopes as the sweep's, begun at the other end."""

import math

import pytest
from hypothesis import given

from engine import Value, gradient, tangents, tanh, topological_order
from tests.engine.helpers import examples
from tests.engine.programs import programs


def test_a_neuron_by_hand():
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-0.25, "b")
    z = w * x + b
    a = tanh(z)
    slope = 1 - math.tanh(0.75) ** 2
    found = tangents(a, w)
    assert list(found) == topological_order(a)
    assert [found[node] for node in (w, x, b, z)] == [1.0, 0.0, 0.0, 2.0]
    assert found[a] == pytest.approx(2 * slope, rel=1e-15)


def test_from_a_node_inside_it_is_the_slope_in_that_node():
    a = Value(3.0)
    s = a * a
    y = s * s + s
    assert tangents(y, s)[y] == 2 * 9.0 + 1
    assert tangents(y, s)[a] == 0.0
    assert tangents(a, y) == {a: 0.0}
    assert tangents(a, a) == {a: 1.0}


def test_a_factor_of_0_passes_nothing_on():
    x = Value(0.0)
    y = x.sqrt() * 0.0  # an infinite slope, times 0
    assert tangents(y, x)[y] == 0.0 == gradient(y, x)[0]


@given(programs())
@examples(60)
def test_at_every_node_it_meets_reverse_mode(program):
    leaves, y = program.on_values()
    for x in leaves:
        found = tangents(y, x)
        for node in topological_order(y):
            assert found[node] == pytest.approx(gradient(node, x)[0], rel=1e-9, abs=1e-12)


def test_what_is_no_value():
    with pytest.raises(TypeError, match="takes Values"):
        tangents(Value(1.0), 2.0)
