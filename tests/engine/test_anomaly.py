"""`detect_anomaly()`: the first node that becomes nan or inf, in either pass."""

import math

import pytest

from engine import (
    AnomalyError,
    Value,
    compile,
    detect_anomaly,
    exp,
    gradient,
    hessian,
    log,
    logsumexp,
    no_grad,
    sqrt,
    trace_source,
    weighted_sum,
    where,
)
from tests.engine.written_programs import run

INF = math.inf
a, z, big, x, y = Value(2.0, "a"), Value(0.0, "z"), Value(1e200, "big"), Value(INF, "x"), Value(math.nan)

FORWARD = {
    "a product": (lambda: big * big, "1e+200 * 1e+200 is inf; its inputs are node 'big' and node 'big'"),
    "the first of two": (lambda: (big * -1e200) * 0.0, "1e+200 * -1e+200 is -inf; its input is node 'big'"),
    "a list": (
        lambda: weighted_sum([big, a], [1e200, 1.0]),
        "weighted_sum((1e+200, 2.0), (1e+200, 1.0), 0.0) is inf; its inputs are node 'big' and node 'a'",
    ),
    "what was not finite before": (lambda: x * 2.0, "inf * 2.0 is inf; its input is node 'x'"),
    "a leaf": (lambda: Value(math.nan, "w"), "the leaf, node 'w', is nan"),
    "within a larger graph": (lambda: (a + y).tanh(), "2.0 + nan is nan; its inputs are node 'a' and a node without a"),
}


@pytest.mark.parametrize("name", FORWARD)
def test_forward_it_stops_at_the_operation(name):
    make, words = FORWARD[name]
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        make()
    assert str(error.value).startswith("forward: ")
    assert words in str(error.value)


def test_forward_without_a_graph():
    with pytest.raises(AnomalyError, match="the result of mul is inf"), detect_anomaly(), no_grad():
        big * big


BACKWARD = {
    "a slope that is infinite": (
        lambda: sqrt(z * 2.0) + a,
        "a node without a name becomes inf, where sqrt(0.0) passes on 1.0 · inf",
    ),
    "a leaf": (lambda: sqrt(z) * 3.0, "node 'z' becomes inf, where sqrt(0.0) passes on 3.0 · inf"),
    "one that overflows": (
        lambda: z * 1e200 * 1e200,
        "node 'z' becomes inf, where 0.0 * 1e+200 passes on 1e+200 · 1e+200",
    ),
    "a sum of two": (lambda: sqrt(z) - sqrt(z), "node 'z' becomes -inf, where sqrt(0.0) passes on -1.0 · inf"),
}
SWEEPS = {
    "backward": lambda y: y.backward(),
    "backward_steps": lambda y: list(y.backward_steps()),
    "gradient": lambda y: gradient(y, z),
    "gradient as Values": lambda y: gradient(y, z, as_values=True),
    "hessian": lambda y: hessian(y, z, a),
}


@pytest.mark.parametrize("sweep", SWEEPS)
@pytest.mark.parametrize("name", BACKWARD)
def test_backward_it_stops_in_the_sweep_of_whoever_asks(name, sweep):
    make, words = BACKWARD[name]
    result = make()
    z.zero_grad()
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        SWEEPS[sweep](result)
    assert str(error.value).startswith(f"backward: the gradient of {words}")
    assert z.grad is None  # an error leaves every grad as it was


def test_what_is_finite_is_as_ever():
    def work():
        w = Value(0.5, "w")
        loss = logsumexp([w * 2.0, exp(w), log(w)]) + where(1.0 - z, w, sqrt(z))
        loss.backward()
        return loss.data, w.grad, gradient(loss, w), hessian(loss, w)

    plain = work()
    with detect_anomaly():
        assert work() == plain


def test_what_is_frozen_gets_no_gradient():
    with detect_anomaly():
        (sqrt(Value(0.0, frozen=True)) * a).backward()


def test_the_line_is_named_where_it_is_traced():
    forward = 'b = Value(1e200, "b")\ny = b * b\n'
    with pytest.raises(AnomalyError) as error, trace_source(), detect_anomaly():
        run(forward, "<forward>", Value=Value)
    assert str(error.value) == (
        "forward: 1e+200 * 1e+200 is inf; its inputs are node 'b' and node 'b'; in line 2: y = b * b; "
        "node 'b' was made in line 1: b = Value(1e200, \"b\")"
    )
    backward = 'p = Value(1.0, "p")\nr = (p - 1.0).sqrt()\nL = r * 2.0\nL.backward()\n'
    with pytest.raises(AnomalyError) as error, trace_source(), detect_anomaly():
        run(backward, "<backward>", Value=Value)
    assert str(error.value) == (
        "backward: the gradient of the node of p - 1.0 becomes inf, where sqrt(0.0) passes on 2.0 · inf; "
        "it was made in line 2: r = (p - 1.0).sqrt()"
    )


def test_a_compiled_function_runs_again_eagerly():
    w = Value(1.0, "w")
    line = compile(lambda sample: (w * sample[0]) * sample[1], [w], backend="numpy")
    line.run([(1.0, 1.0)])
    with pytest.raises(AnomalyError, match=r"forward: 1e\+200 \* 1e\+200 is inf"), detect_anomaly():
        line.run([(1.0, 1.0), (1e200, 1e200)])


def test_it_ends_with_the_block():
    with detect_anomaly():
        pass
    assert (big * big).data == INF
    result = sqrt(z)
    result.backward()
    assert z.grad == INF
    z.zero_grad()
