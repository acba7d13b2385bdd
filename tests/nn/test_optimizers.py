"""Optimisers against their papers' formulas, written out as sums over all past gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value
from nn import OPTIMIZERS, SGD, Adam, AdamW, Optimizer, RMSProp, clip_norm, clip_value
from nn.training.optimizers import optimizer_of
from tests.nn.helpers import examples

STEPS = 50
GRADIENTS = np.random.default_rng(7).normal(size=(STEPS, 4)) * [1.0, 10.0, 0.01, 1.0] + [0.0, 3.0, 0.0, -1.0]
START = np.array([0.5, -1.0, 2.0, 0.0])


def decayed(beta: float, gradients: np.ndarray, t: int) -> np.ndarray:
    """Σ β^(t - k) g_k over the first t gradients."""
    return sum((beta ** (t - k) * gradients[k - 1] for k in range(1, t + 1)), np.zeros(4))


def sgd(t: int) -> np.ndarray:
    return 0.05 * GRADIENTS[t - 1]


def momentum(t: int) -> np.ndarray:
    return 0.05 * decayed(0.8, GRADIENTS, t)


def nesterov(t: int) -> np.ndarray:
    return 0.05 * (GRADIENTS[t - 1] + 0.8 * decayed(0.8, GRADIENTS, t))


def adam(t: int) -> np.ndarray:
    mean = (1 - 0.9) / (1 - 0.9**t) * decayed(0.9, GRADIENTS, t)
    square = (1 - 0.99) / (1 - 0.99**t) * decayed(0.99, GRADIENTS**2, t)
    return 0.05 * mean / (np.sqrt(square) + 1e-6)


def rmsprop(t: int) -> np.ndarray:
    return 0.05 * GRADIENTS[t - 1] / (np.sqrt((1 - 0.95) * decayed(0.95, GRADIENTS**2, t)) + 1e-6)


CASES = [
    (lambda: SGD(0.05), sgd),
    (lambda: SGD(0.05, momentum=0.8), momentum),
    (lambda: SGD(0.05, momentum=0.8, nesterov=True), nesterov),
    (lambda: Adam(0.05, 0.9, 0.99, 1e-6), adam),
    (lambda: AdamW(0.05, 0.9, 0.99, 1e-6, decay=0.0), adam),
    (lambda: RMSProp(0.05, 0.95, 1e-6), rmsprop),
]


def descend(optimizer: Optimizer, start: np.ndarray, gradients: np.ndarray) -> list[list[float]]:
    """The parameters after each step."""
    parameters, path = [Value(x) for x in start], []
    for row in gradients:
        for p, g in zip(parameters, row, strict=True):
            p.grad = float(g)
        optimizer.step(parameters)
        path.append([p.data for p in parameters])
    return path


@pytest.mark.parametrize(("make", "move"), CASES)
def test_fifty_steps_are_the_published_ones(make, move):
    expected = START - np.cumsum([move(t) for t in range(1, STEPS + 1)], axis=0)
    np.testing.assert_allclose(descend(make(), START, GRADIENTS), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("make", [make for make, _ in CASES])
def test_the_memory_is_what_is_remembered_and_no_number_is_below_its_least(make):
    """By it a checkpoint tells what this optimizer cannot have written."""
    optimizer = make()
    descend(optimizer, START, GRADIENTS)
    for state in optimizer.states:
        assert list(state) == list(optimizer.memory)
        assert all(number >= optimizer.memory[name] for name, number in state.items())


def test_adamw_decays_weights_beside_the_gradient():
    expected, p = [], START
    for t in range(1, STEPS + 1):
        p = (1 - 0.05 * 0.3) * p - adam(t)
        expected.append(p)
    np.testing.assert_allclose(
        descend(AdamW(0.05, 0.9, 0.99, 1e-6, decay=0.3), START, GRADIENTS), expected, rtol=1e-11, atol=1e-13
    )


def test_nesterov_looks_one_step_ahead():
    """The method as Nesterov wrote it takes the gradient at θ - rate · momentum · v: those points are where ours
    walks."""
    curvature, rate, mu = np.array([1.0, 0.1, 3.0, 10.0]), 0.05, 0.9
    theta, v, ahead = START.copy(), np.zeros(4), []
    for _ in range(STEPS):
        v = mu * v + curvature * (theta - rate * mu * v)
        theta = theta - rate * v
        ahead.append(theta - rate * mu * v)
    optimizer, parameters = SGD(rate, mu, nesterov=True), [Value(x) for x in START]
    for expected in ahead:
        for p, c in zip(parameters, curvature, strict=True):
            p.grad = c * p.data
        optimizer.step(parameters)
        np.testing.assert_allclose([p.data for p in parameters], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_numbers_and_arrays_share_one_update(name):
    optimizer = OPTIMIZERS[name]() if name != "sgd" else SGD(0.1, 0.9, nesterov=True)
    array, state = START.copy(), {}
    alone, states = list(START), [{} for _ in START]
    for t, row in enumerate(GRADIENTS, 1):
        array = optimizer.move(array, row, state, 0.03, t)
        alone = [optimizer.move(p, float(g), own, 0.03, t) for p, g, own in zip(alone, row, states, strict=True)]
        assert all(isinstance(p, float) for p in alone)
    np.testing.assert_allclose(array, alone, rtol=1e-13)
    for key, remembered in state.items():
        np.testing.assert_allclose(remembered, [own[key] for own in states], rtol=1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_update_can_be_recorded(name):
    """It is made of operations alone, so any kind of number will do: here Values for all that it takes, the step's
    number too."""
    optimizer = OPTIMIZERS[name]() if name != "sgd" else SGD(0.1, 0.9, nesterov=True)
    p, state, q, graphs = 0.5, {}, Value(0.5), {}
    for t, (g, *_) in enumerate(GRADIENTS[:3], 1):
        p = optimizer.move(p, float(g), state, 0.03, t)
        q = optimizer.move(q, Value(g), graphs, Value(0.03), Value(t))
        assert q.data == pytest.approx(p, rel=1e-14)
        assert {key: x.data for key, x in graphs.items()} == pytest.approx(state, rel=1e-14)


@pytest.mark.parametrize("gradient", [1e-3, -2.0, 500.0])
def test_adams_first_step_is_as_long_as_the_rate(gradient):
    for optimizer in (Adam(0.02), AdamW(0.02, decay=0.0)):
        p = Value(1.0)
        p.grad = gradient
        optimizer.step([p])
        assert 1.0 - p.data == pytest.approx(math.copysign(0.02, gradient), rel=1e-4)


@given(scale=st.floats(1e-3, 1e3))
@examples(20)
def test_adams_path_does_not_depend_on_the_scale_of_the_gradient(scale):
    plain = descend(Adam(0.05, epsilon=1e-300), START, GRADIENTS)
    np.testing.assert_allclose(
        descend(Adam(0.05, epsilon=1e-300), START, GRADIENTS * scale), plain, rtol=1e-9, atol=1e-12
    )


def test_without_a_gradient_adamw_only_decays():
    path = descend(AdamW(0.1, decay=0.5), START, np.zeros((10, 4)))
    np.testing.assert_allclose(path[-1], START * 0.95**10, rtol=1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_frozen_and_unreached_parameters_stay(name):
    moving, frozen, unreached = Value(1.0), Value(2.0, frozen=True), Value(3.0)
    optimizer = OPTIMIZERS[name]()
    for _ in range(3):
        moving.grad = frozen.grad = 0.5
        optimizer.step([frozen, moving, unreached])
    assert (frozen.data, unreached.data) == (2.0, 3.0)
    alone, other = Value(1.0), OPTIMIZERS[name]()
    for _ in range(3):
        alone.grad = 0.5
        other.step([alone])
    assert moving.data == alone.data < 1.0


def test_that_no_gradient_is_there_is_an_error_if_one_of_them_could_move():
    frozen = Value(1.0, frozen=True)
    with pytest.raises(ValueError, match=r"no parameter has a gradient: call loss\.backward\(\)"):
        SGD().step([frozen, Value(2.0)])
    SGD().step([frozen, frozen])


def test_a_gradient_of_0_is_no_missing_gradient():
    p = Value(1.0)
    optimizer = SGD(0.1, momentum=0.5)
    for grad in (1.0, 0.0):
        p.grad = grad
        optimizer.step([p])
    assert p.data == pytest.approx(1.0 - 0.1 - 0.1 * 0.5)


def test_a_schedule_scales_the_rate_of_a_step():
    p = Value(1.0)
    p.grad = 2.0
    SGD(0.1).step([p], factor=0.25)
    assert p.data == 1.0 - 0.1 * 0.25 * 2.0


def test_the_number_of_parameters_must_stay():
    optimizer, p = SGD(0.1, momentum=0.5), Value(1.0)
    p.grad = 1.0
    optimizer.step([p, Value(2.0)])
    with pytest.raises(ValueError, match="has moved 2 parameters so far, and now gets 3"):
        optimizer.step([Value(1.0), Value(2.0), Value(3.0)])


def test_a_parameter_never_becomes_infinite():
    p, q = Value(1.0, "p"), Value(2.0, "q")
    p.grad, q.grad = 1.0, -1e200
    with pytest.raises(OverflowError, match="parameter q would become inf"):
        SGD(1e200).step([p, q])
    assert (p.data, q.data) == (1.0, 2.0)


# Clipping

gradients = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6)


@given(gradients=gradients, limit=st.floats(1e-3, 1e3))
@examples(80)
def test_clip_norm_keeps_the_direction_and_bounds_the_length(gradients, limit):
    g, clipped = np.array(gradients), np.array(clip_norm(limit)(gradients))
    length = np.linalg.norm(g)
    if length <= limit:
        assert list(clipped) == gradients
    else:
        assert np.linalg.norm(clipped) == pytest.approx(limit, rel=1e-9)
        np.testing.assert_allclose(clipped * length, g * limit, rtol=1e-9, atol=1e-12)


@given(gradients=gradients, limit=st.floats(1e-3, 1e3))
@examples(80)
def test_clip_value_bounds_each_by_itself(gradients, limit):
    assert clip_value(limit)(gradients) == list(np.clip(gradients, -limit, limit))


@pytest.mark.parametrize("clip", [clip_norm(1.0), clip_value(1.0)])
def test_clipping_hides_no_nan(clip):
    assert math.isnan(clip([math.nan])[0])


@pytest.mark.parametrize("make", [clip_norm, clip_value])
def test_a_clip_has_the_name_of_the_call_that_makes_it(make):
    """By it a checkpoint knows whether a run goes on with another."""
    assert make(0.25).__name__ == f"{make.__name__}(0.25)"


def test_gradients_are_clipped_before_the_step():
    p, q, frozen = Value(0.0), Value(0.0), Value(0.0, frozen=True)
    p.grad, q.grad, frozen.grad = 3.0, -4.0, 100.0  # a frozen parameter does not count for the length
    SGD(1.0).step([p, frozen, q], clip=clip_norm(1.0))
    assert (p.data, q.data, frozen.data) == (pytest.approx(-0.6), pytest.approx(0.8), 0.0)
    p.grad, q.grad = 3.0, -4.0
    SGD(1.0).step([p, q], clip=clip_value(0.5))
    assert (p.data, q.data) == (pytest.approx(-1.1), pytest.approx(1.3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0.0), "learning rate must be a number above 0, got 0.0"),
        (lambda: SGD(-0.1), "learning rate .* got -0.1"),
        (lambda: Adam(math.nan), "learning rate .* got nan"),
        (lambda: RMSProp(math.inf), "learning rate .* got inf"),
        (lambda: SGD(0.1, momentum=1.0), "momentum must be from 0 to below 1, got 1.0"),
        (lambda: SGD(0.1, momentum=-0.5), "momentum .* got -0.5"),
        (lambda: SGD(0.1, nesterov=True), "Nesterov's method needs a momentum above 0"),
        (lambda: Adam(beta1=1.0), "beta1 .* got 1.0"),
        (lambda: Adam(beta2=-0.1), "beta2 .* got -0.1"),
        (lambda: RMSProp(beta=1.5), "beta .* got 1.5"),
        (lambda: Adam(epsilon=0.0), "epsilon must be above 0, got 0.0"),
        (lambda: RMSProp(epsilon=-1e-8), "epsilon must be above 0, got -1e-08"),
        (lambda: AdamW(decay=-0.1), "decay must be 0 or more, got -0.1"),
        (lambda: AdamW(decay=math.nan), "decay must be 0 or more, got nan"),
        (lambda: clip_norm(0.0), "limit .* above 0, got 0.0"),
        (lambda: clip_norm(-1.0), "limit .* above 0, got -1.0"),
        (lambda: clip_value(-1.0), "limit .* above 0, got -1.0"),
        (lambda: clip_value(math.nan), "limit .* above 0, got nan"),
        (lambda: optimizer_of("adamax"), "unknown optimizer 'adamax'; known are sgd, adam, adamw, rmsprop"),
    ],
)
def test_settings_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_optimizer_of_ones_own_says_how_it_moves():
    with pytest.raises(TypeError, match="Optimizer does not say how a parameter moves"):
        Optimizer(0.1).move(1.0, 1.0, {}, 0.1, 1)

    class Sign(Optimizer):
        def move(self, p, g, state, rate, t):
            return p - rate * (g > 0) + rate * (g < 0)

    path = descend(Sign(0.1), START, GRADIENTS)
    np.testing.assert_allclose(path[-1], START - 0.1 * np.sign(GRADIENTS).sum(axis=0), atol=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "text"),
    [
        (SGD(0.1), "SGD(rate=0.1, momentum=0.0, nesterov=False)"),
        (Adam(), "Adam(rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-08)"),
        (AdamW(), "AdamW(rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-08, decay=0.01)"),
        (RMSProp(), "RMSProp(rate=0.01, beta=0.99, epsilon=1e-08)"),
    ],
)
def test_they_say_what_they_are_as_python_that_makes_them(optimizer, text):
    assert repr(optimizer) == text
    assert repr(eval(text)) == text


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_name_gives_a_new_one_every_time(name):
    assert type(optimizer_of(name)) is OPTIMIZERS[name]
    assert optimizer_of(name) is not optimizer_of(name)
    mine = OPTIMIZERS[name]()
    assert optimizer_of(mine) is mine
