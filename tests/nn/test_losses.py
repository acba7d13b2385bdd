"""The losses of one sample against their formulas, scikit-learn, and at the extremes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import hinge_loss, log_loss, mean_absolute_error, mean_squared_error

from engine import Value, compile, gradcheck, gradient
from nn import LOSSES, binary_cross_entropy, cross_entropy, hinge, huber, mae, mse, softmax
from nn.training.losses import loss_of
from tests.nn.helpers import examples

moderate = st.floats(-20, 20)
vectors = st.lists(moderate, min_size=1, max_size=5)


@given(data=st.data(), ys=vectors)
@examples(60)
def test_mse_and_mae_are_scikit_learns(data, ys):
    ts = data.draw(st.lists(moderate, min_size=len(ys), max_size=len(ys)))
    assert float(mse(ys, ts)) == pytest.approx(mean_squared_error(ts, ys), rel=1e-12, abs=1e-300)
    assert float(mae(ys, ts)) == pytest.approx(mean_absolute_error(ts, ys), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    ("error", "delta", "expected"),
    [
        (0.0, 1.0, 0.0),
        (0.5, 1.0, 0.125),
        (-0.5, 1.0, 0.125),
        (1.0, 1.0, 0.5),  # where the pieces meet
        (-1.0, 1.0, 0.5),
        (3.0, 1.0, 2.5),
        (-3.0, 1.0, 2.5),
        (3.0, 2.0, 4.0),  # 2 · (3 - 1)
        (1.0, 2.0, 0.5),
        (0.3, 0.1, 0.1 * (0.3 - 0.05)),
        (1e200, 1.0, 1e200),  # whose square no float holds
        (-1e300, 0.5, 0.5e300),
    ],
)
def test_the_pieces_of_huber(error, delta, expected):
    assert float(huber([error], 0.0, delta)) == pytest.approx(expected, rel=1e-14)
    y = Value(error)
    assert gradient(huber([y], 0.0, delta), y)[0] == pytest.approx(max(-delta, min(delta, error)), rel=1e-14)


def test_huber_takes_the_mean_over_outputs():
    assert float(huber([3.0, 0.5, 1.0], [0.0, 0.0, 1.0])) == pytest.approx((2.5 + 0.125 + 0.0) / 3, rel=1e-14)


@pytest.mark.parametrize("delta", [0.0, -1.0, math.nan])
def test_huber_has_a_positive_delta(delta):
    with pytest.raises(ValueError, match=r"delta .* above 0, got"):
        huber([1.0], 0.0, delta)


@given(score=moderate, target=st.sampled_from([-1, 1]))
@examples(40)
def test_hinge_is_scikit_learns(score, target):
    assert float(hinge([score], target)) == pytest.approx(
        hinge_loss([target, -target], [score, -2 * target]) * 2, abs=1e-12
    )


@pytest.mark.parametrize(
    ("score", "target", "expected", "slope"),
    [
        (2.0, 1, 0.0, 0.0),
        (1.0, 1, 0.0, 0.0),
        (0.25, 1, 0.75, -1.0),
        (-1.0, 1.0, 2.0, -1.0),
        (2.0, -1, 3.0, 1.0),
        (-5.0, [-1.0], 0.0, 0.0),
    ],
)
def test_hinge_asks_for_a_margin_of_1(score, target, expected, slope):
    y = Value(score)
    loss = hinge([y], target)
    assert (loss.data, *gradient(loss, y)) == (expected, slope)


@given(logits=st.lists(moderate, min_size=2, max_size=5), data=st.data())
@examples(60)
def test_cross_entropy_is_scikit_learns_log_loss_of_the_softmax(logits, data):
    target = data.draw(st.integers(0, len(logits) - 1))
    p = np.exp(logits) / np.exp(logits).sum()
    assume(p[target] > 1e-12)  # where scikit-learn clips
    theirs = log_loss([target], [p / p.sum()], labels=range(len(logits)))
    assert float(cross_entropy(logits, target)) == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    one_hot = [float(i == target) for i in range(len(logits))]
    assert float(cross_entropy(logits, one_hot)) == pytest.approx(
        float(cross_entropy(logits, target)), rel=1e-12, abs=1e-12
    )
    assert float(cross_entropy(logits, float(target))) == float(cross_entropy(logits, target))


@given(z=st.floats(-30, 30), target=st.integers(0, 1))
@examples(60)
def test_binary_cross_entropy_is_scikit_learns_log_loss_of_the_sigmoid(z, target):
    theirs = log_loss([target], [[1 / (1 + math.exp(z)), 1 / (1 + math.exp(-z))]], labels=[0, 1])
    assert float(binary_cross_entropy([z], target)) == pytest.approx(theirs, rel=1e-6, abs=1e-12)
    assert float(binary_cross_entropy([z], [target])) == float(binary_cross_entropy([z], target))


@pytest.mark.parametrize(
    ("logits", "target", "expected", "slopes"),
    [
        ([1000.0, 0.0], 0, 0.0, (0.0, 0.0)),
        ([1000.0, 0.0], 1, 1000.0, (1.0, -1.0)),
        ([-800.0, 0.0], 0, 800.0, (-1.0, 1.0)),
        ([-800.0, 0.0], 1, 0.0, (0.0, 0.0)),
        ([0.0, 0.0, 0.0, 0.0], 2, math.log(4), (0.25, 0.25, -0.75, 0.25)),
        ([1000.0, 0.0], [0.5, 0.5], 500.0, (0.5, -0.5)),
        ([-1000.0, -1000.0], [0.25, 0.75], math.log(2), (0.25, -0.25)),
        ([0.0, 0.0], [0.5, 0.25], 0.75 * math.log(2), (-0.125, 0.125)),  # weights of classes
        ([1.0, 2.0], [0.0, 0.0], 0.0, (0.0, 0.0)),
        ([0.0], [0.0], 0.0, (0.0,)),
    ],
)
def test_cross_entropy_at_the_extremes(logits, target, expected, slopes):
    zs = [Value(z) for z in logits]
    loss = cross_entropy(zs, target)
    assert loss.data == pytest.approx(expected, rel=1e-12)
    assert gradient(loss, *zs) == pytest.approx(slopes, abs=1e-12)


E_40 = 4.248354255291589e-18
"""exp(-40), and log1p of it too."""

CONFIDENT_OR_FAR = [
    ([40.0, 0.0], 0, E_40, (-E_40, E_40)),
    ([40.0, 0.0], [1.0, 0.0], E_40, (-E_40, E_40)),
    ([40.0, 0.0], 1, 40.0, (1.0, -1.0)),
    ([1e16, 1e16, 1e16], 0, math.log(3), (-2 / 3, 1 / 3, 1 / 3)),
    ([-1e16, -1e16], [0.25, 0.75], math.log(2), (0.25, -0.25)),
    ([-1e16, -1e16], [0.5, 0.25], 0.75 * math.log(2), (-0.125, 0.125)),  # weights of classes
    ([1e10, 1e10 + 1, 3.0], 1, math.log1p(math.exp(-1)), (1 / (1 + math.e), -1 / (1 + math.e), 0.0)),
    ([1e10, 1e10 + 1, 3.0], [0.0, 1.0, 0.0], math.log1p(math.exp(-1)), (1 / (1 + math.e), -1 / (1 + math.e), 0.0)),
    ([math.inf, 0.0], 0, 0.0, (0.0, 0.0)),
    ([0.0, -math.inf], 0, 0.0, (0.0, 0.0)),
    ([7.0], 0, 0.0, (0.0,)),
]


@pytest.mark.parametrize(("logits", "target", "expected", "slopes"), CONFIDENT_OR_FAR)
def test_cross_entropy_keeps_its_digits(logits, target, expected, slopes):
    """Where the answer is right and confident, and far from zero, compiled too."""
    zs = [Value(z) for z in logits]
    loss = cross_entropy(zs, target)
    assert loss.data == pytest.approx(expected, rel=1e-14, abs=0)
    terms = 1e-15 if isinstance(target, list) else 0  # of a list of probabilities the slopes are p - t, each up to 1
    assert gradient(loss, *zs) == pytest.approx(slopes, rel=1e-14, abs=terms)
    if math.isfinite(sum(logits)):
        moves = [Value(0.0) for _ in logits]

        def shifted(sample):
            xs, t = sample
            return cross_entropy([x + move for x, move in zip(xs, moves, strict=True)], t)

        for backend in ("numpy", "kernel"):
            result = compile(shifted, moves, backend=backend).run([(tuple(logits), target)])
            assert result.losses[0] == pytest.approx(expected, rel=1e-14, abs=0)
            assert list(result.gradient) == pytest.approx(
                slopes, rel=1e-14, abs=1e-15 if isinstance(target, list) else 0
            )


@pytest.mark.parametrize(
    ("z", "target", "expected", "slope"),
    [(40.0, 1, E_40, -E_40), (-40.0, 0, E_40, E_40), (-800.0, 1, 800.0, -1.0), (745.0, 1, 5e-324, -5e-324)],
)
def test_binary_cross_entropy_keeps_its_digits(z, target, expected, slope):
    logit, move = Value(z), Value(0.0)
    loss = binary_cross_entropy([logit], target)
    assert (loss.data, *gradient(loss, logit)) == pytest.approx((expected, slope), rel=1e-14, abs=0)
    for backend in ("numpy", "kernel"):
        compiled = compile(lambda sample: binary_cross_entropy([sample[0] + move], sample[1]), [move], backend=backend)
        result = compiled.run([(z, float(target))])
        assert (result.losses[0], result.gradient[0]) == pytest.approx((expected, slope), rel=1e-14, abs=0)


INF, LN_2 = math.inf, math.log(2)
INFINITE = [  # logits, softmax; cross entropy for class 0, for it as a list, for half of each of the first two
    ([INF, 0.0], [1.0, 0.0], (0.0, 0.0, INF)),
    ([0.0, INF], [0.0, 1.0], (INF, INF, INF)),
    ([-INF, 0.0], [0.0, 1.0], (INF, INF, INF)),
    ([0.0, -INF], [1.0, 0.0], (0.0, 0.0, INF)),
    ([INF, -INF], [1.0, 0.0], (0.0, 0.0, INF)),
    ([INF, INF], [0.5, 0.5], (LN_2, LN_2, LN_2)),
    ([-INF, -INF], [0.5, 0.5], (LN_2, LN_2, LN_2)),
    ([INF, INF, -INF], [0.5, 0.5, 0.0], (LN_2, LN_2, LN_2)),
    ([math.nan, 0.0], [math.nan, math.nan], (math.nan, math.nan, math.nan)),
]


@pytest.mark.parametrize(("logits", "shares", "losses"), INFINITE)
def test_infinite_logits(logits, shares, losses):
    """On numbers, on Values, and compiled: what a machine finds to be no number is computed again eagerly."""
    zs, more = [Value(z) for z in logits], [0.0] * (len(logits) - 2)
    moves = [Value(0.0) for _ in logits]
    assert softmax(logits) == pytest.approx(shares, rel=1e-15, nan_ok=True)
    assert [p.data for p in softmax(zs)] == pytest.approx(shares, rel=1e-15, nan_ok=True)
    for target, expected in zip((0, [1.0, 0.0, *more], [0.5, 0.5, *more]), losses, strict=True):
        loss = cross_entropy(zs, target)
        assert [loss.data, float(cross_entropy(logits, target))] == pytest.approx([expected] * 2, nan_ok=True)
        compiled = compile(
            lambda sample: cross_entropy([x + move for x, move in zip(sample[0], moves, strict=True)], sample[1]),
            moves,
            backend="numpy",
        )
        result = compiled.run([(tuple(logits), target)])
        assert result.losses[0] == pytest.approx(expected, nan_ok=True)
        slopes = gradient(loss, *zs)
        assert list(result.gradient) == pytest.approx(slopes, nan_ok=True)
        if math.isfinite(expected):
            assert all(map(math.isfinite, slopes))


@pytest.mark.parametrize(
    ("z", "target", "expected", "slope"),
    [(INF, 1, 0.0, 0.0), (-INF, 0, 0.0, 0.0), (INF, 0, INF, 1.0), (-INF, 1, INF, -1.0), (INF, 1.0, 0.0, 0.0)],
)
def test_an_infinite_logit_of_one_class(z, target, expected, slope):
    logit, move = Value(z), Value(0.0)
    loss = binary_cross_entropy([logit], target)
    assert (loss.data, *gradient(loss, logit)) == (expected, slope)
    assert float(binary_cross_entropy([z], target)) == expected
    compiled = compile(lambda sample: binary_cross_entropy([sample[0] + move], sample[1]), [move], backend="numpy")
    result = compiled.run([(z, target)])
    assert (result.losses[0], result.gradient[0]) == (expected, slope)


def test_outputs_that_are_no_numbers_to_a_machine_are_computed_again():
    compiled = compile(lambda sample: (sample[0] * 0.0, softmax(sample[1:])), backend="numpy")
    samples = [(1.0, INF, 0.0), (1.0, INF, INF), (1.0, -INF, -INF), (1.0, 3.0, 3.0)]
    assert compiled.run(samples).outputs.tolist() == [[1.0, 0.0], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]


def test_what_an_error_near_0_is_worth_to_huber():
    """As in the squared error: no digits are lost to what the line adds."""
    y = Value(1e-17)
    loss = huber([y], 0.0)
    assert (loss.data, *gradient(loss, y)) == pytest.approx((5e-35, 1e-17), rel=1e-15, abs=0)


@pytest.mark.parametrize("far", [0.0, 1e10, -1e10, 1e16])
def test_softmax_adds_up_to_1_far_from_zero(far):
    logits = [far, far - 2.0, far + 4.0, -math.inf]
    expected = [math.exp(z - far) for z in logits]  # all of these are floats
    found = softmax(logits)
    assert sum(found) == pytest.approx(1.0, rel=1e-15)
    assert found == pytest.approx([e / sum(expected) for e in expected], rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("z", "target", "expected", "slope"),
    [
        (1000.0, 1, 0.0, 0.0),
        (1000.0, 0, 1000.0, 1.0),
        (-1000.0, 0, 0.0, 0.0),
        (-1000.0, 1, 1000.0, -1.0),
        (1e300, 0, 1e300, 1.0),
        (0.0, 1, math.log(2), -0.5),
        (0.0, 0.25, math.log(2), 0.25),
        (3.0, 0.5, math.log1p(math.exp(3.0)) - 1.5, 1 / (1 + math.exp(-3.0)) - 0.5),
    ],
)
def test_binary_cross_entropy_at_the_extremes(z, target, expected, slope):
    logit = Value(z)
    loss = binary_cross_entropy([logit], target)
    assert loss.data == pytest.approx(expected, rel=1e-12)
    assert gradient(loss, logit)[0] == pytest.approx(slope, abs=1e-12)


@given(logits=st.lists(st.floats(-5, 5), min_size=2, max_size=4), data=st.data())
@examples(40)
def test_soft_targets_weigh_the_log_probabilities(logits, data):
    shares = data.draw(st.lists(st.floats(0.01, 1.0), min_size=len(logits), max_size=len(logits)))
    whole = data.draw(st.sampled_from([1.0, sum(shares)]))  # of weights of classes, or of probabilities
    target = [share / whole for share in shares]
    log_p = np.array(logits) - np.log(np.exp(logits).sum())
    assert float(cross_entropy(logits, target)) == pytest.approx(-float(np.dot(target, log_p)), rel=1e-9)


POINTS: dict[str, tuple[Any, list[float]]] = {  # away from kinks
    "mse": ([0.5, -1.0, 2.0], [1.0, 0.3, -0.4]),
    "mae": ([0.5, -1.0, 2.0], [1.0, 0.3, -0.4]),
    "huber": ([0.5, -1.0, 2.0], [0.9, 0.3, -0.4]),
    "hinge": (1, [0.3]),
    "binary_cross_entropy": (1, [0.7]),
    "cross_entropy": (2, [0.5, -1.0, 2.0, 0.1]),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_agree_with_central_differences(name):
    target, point = POINTS[name]
    assert gradcheck(lambda *ys: LOSSES[name](ys, target), *point)


@pytest.mark.parametrize(("loss", "target"), [(binary_cross_entropy, 0.3), (cross_entropy, [0.2, 0.5, 0.3])])
def test_gradients_for_soft_targets_agree_with_central_differences(loss, target):
    assert gradcheck(lambda *ys: loss(ys, target), *([0.4, -0.2, 1.3] if isinstance(target, list) else [0.4]))


def test_the_gradient_of_the_cross_entropy_is_softmax_minus_target():
    zs = [Value(z) for z in (0.3, -1.2, 2.0)]
    slopes = gradient(cross_entropy(zs, 1), *zs)
    assert slopes == pytest.approx([float(p) - (i == 1) for i, p in enumerate(softmax(zs))], abs=1e-14)


@given(logits=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
@examples(60)
def test_softmax_is_a_distribution_in_the_order_of_the_logits(logits):
    p = softmax(logits)
    assert math.fsum(p) == pytest.approx(1.0, abs=1e-9)
    assert min(p) >= 0.0
    assert p.index(max(p)) == logits.index(max(logits)) or max(logits) - logits[p.index(max(p))] < 1e-9
    shifted = [z - max(logits) for z in logits]
    assert p == pytest.approx(list(np.exp(shifted) / np.exp(shifted).sum()), rel=1e-9, abs=1e-300)


def test_softmax_of_values_can_be_differentiated():
    assert gradcheck(lambda *zs: softmax(zs)[0], 0.3, -1.2, 2.0)
    assert [float(p) for p in softmax([Value(1000.0), Value(0.0)])] == [1.0, 0.0]


@pytest.mark.parametrize(("loss", "rule"), [(mse, "pow"), (mae, "abs"), (huber, "mul")])
def test_the_error_of_a_single_output_is_its_own_mean(loss, rule):
    """No step of the graph multiplies it by 1."""
    assert loss([Value(0.5)], 1.0).rule.name == rule


def test_a_single_output_is_a_list_too():
    with pytest.raises(TypeError, match=r"takes a list of outputs, got Value\(0.5\); write model.outputs"):
        mse(Value(0.5), 1.0)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_has_its_name(name):
    assert loss_of(name) is LOSSES[name]
    assert LOSSES[name].__name__ == name
    assert loss_of(LOSSES[name]) is LOSSES[name]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        # advice is given where it helps, and not elsewhere
        (lambda: mse([1.0, 2.0], 3.0), ValueError, "2 outputs and 1 targets do not fit: got target 3.0$"),
        (lambda: mse([], 1), ValueError, "0 outputs and 1 targets do not fit: got target 1$"),
        (lambda: mae([1.0], [1.0, 2.0]), ValueError, r"1 outputs and 2 targets do not fit: got target \[1.0, 2.0\]"),
        (lambda: huber([1.0, 2.0], [1.0]), ValueError, "2 outputs and 1 targets do not fit"),
        (lambda: mse([Value(1.0)], None), ValueError, "a target is a number, .* got None"),
        (lambda: hinge([1.0], 0), ValueError, "target of -1 or 1, got 1 outputs and target 0"),
        (lambda: hinge([1.0, 2.0], [1, -1]), ValueError, "one output .* got 2 outputs"),
        (lambda: hinge([1.0, 2.0], 1), ValueError, "2 outputs and 1 targets"),
        (lambda: binary_cross_entropy([1.0], 2), ValueError, "target from 0 to 1, got 1 and target 2"),
        (lambda: binary_cross_entropy([1.0], -1), ValueError, "target from 0 to 1, got 1 and target -1"),
        (lambda: binary_cross_entropy([1.0], math.nan), ValueError, "target from 0 to 1, got 1 and target nan"),
        (lambda: binary_cross_entropy([1.0, 2.0], [0, 1]), ValueError, "one logit .* got 2"),
        (lambda: cross_entropy([1.0, 2.0], 2), ValueError, "2 logits takes a class from 0 to 1, got 2$"),
        (lambda: cross_entropy([1.0, 2.0], -1), ValueError, "class from 0 to 1, got -1"),
        (lambda: cross_entropy([1.0, 2.0], 0.5), ValueError, "class from 0 to 1, got 0.5"),
        (lambda: cross_entropy([1.0, 2.0], math.nan), ValueError, "class from 0 to 1, got nan"),
        (lambda: cross_entropy([1.0, 2.0], math.inf), ValueError, "class from 0 to 1, got inf"),
        (lambda: cross_entropy([1.0, 2.0], None), ValueError, "class from 0 to 1, got None"),
        (
            lambda: cross_entropy([1.0, 2.0], "ab"),
            ValueError,
            r"class from 0 to 1, got 'ab'; write classes.index\('ab'\)",
        ),
        (lambda: cross_entropy([1.0, 2.0], [1.0]), ValueError, "2 logits and 1 probabilities; write target.0. for"),
        (lambda: cross_entropy([1.0, 2.0], [0.5, 0.2, 0.3]), ValueError, "2 logits and 3 probabilities$"),
        (lambda: cross_entropy([1.0, 2.0], [1.0, None]), ValueError, r"a target is a number, .* got \[1.0, None\]"),
        (
            lambda: loss_of("rmse"),
            ValueError,
            "unknown loss 'rmse'; known are mse, mae, huber, hinge, binary_cross_entropy, cross_entropy",
        ),
        (lambda: loss_of(None), ValueError, "unknown loss None"),
    ],
)
def test_targets_that_do_not_fit_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


# The check that a loss carries


@pytest.mark.parametrize(
    ("name", "width", "target", "message"),
    [
        ("mse", 2, 3.0, "2 outputs and 1 targets do not fit: got target 3.0"),
        ("mae", 1, [1.0, 2.0], "1 outputs and 2 targets do not fit"),
        ("huber", 1, "yes", "a target is a number, or a list with one for each output, got 'yes'"),
        ("hinge", 1, 0, "target of -1 or 1, got 1 outputs and target 0"),
        ("binary_cross_entropy", 1, [1.5], r"target from 0 to 1, got 1 and target \[1.5\]"),
        ("cross_entropy", 2, 2, "2 logits takes a class from 0 to 1, got 2"),
        ("cross_entropy", 2, [1.0], "2 logits and 1 probabilities"),
    ],
)
def test_a_loss_carries_its_check(name, width, target, message):
    for refuse in (lambda: LOSSES[name].check(width, target), lambda: LOSSES[name]([Value(0.5)] * width, target)):
        with pytest.raises(ValueError, match=message):
            refuse()


@pytest.mark.parametrize("name", LOSSES)
def test_a_target_that_fits_passes_the_check(name):
    target, point = POINTS[name]
    assert LOSSES[name].check(len(point), target) is None
