"""The kernel computes what the slow interpreter of plans computes, applies the rules of the table, and is compiled
once."""

import contextlib
import importlib.util
import itertools
import math
import os
import re
import sys
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import nn
from engine import RULES, Value, rule
from engine.compiler.planner import IN_PLACE, plan_of
from engine.compiler.recording import Recording
from engine.rule import Rule
from tests.engine.plan_reference import reference
from tests.engine.plans import PLANS, HandMade, agrees, numbers_for

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler import kernel
from engine.compiler.kernel import kernel as machine
from engine.compiler.kernel.functions import logarithm

GRID = [-math.inf, -3.0, -1.0, -0.5, 0.0, 1e-300, 0.3, 1.0, 2.0, 800.0, math.inf, math.nan]
ELEMENTWISE = [row for row in RULES.values() if not row.lists]


@pytest.mark.slow
@pytest.mark.parametrize("samples", [1, 2, 7, 300])
@pytest.mark.parametrize("name", PLANS)
def test_it_agrees_with_the_interpreter(name, samples):
    plan = PLANS[name]()
    agrees(kernel.Kernel(plan), plan, samples)


@pytest.mark.parametrize(
    "name",
    [
        "mlp",
        "several readers",
        "shared weights",
        "gathered",
        "uniform",
        "lists",
        "look-ups",
        "classes",
        "penalties",
        "scattered 1",
    ],
)
def test_what_a_call_left_behind_does_not_matter(name):
    """Every row is set before it is added to: after a call in which all was NaN, as after none."""
    plan = PLANS[name]()
    kept = kernel.Kernel(plan)
    for samples in (1, 8, 20):
        _, X = numbers_for(plan, samples)
        nan, losses = np.full(plan.parameters, math.nan), np.empty(samples)
        outputs = np.empty((samples, len(plan.outputs)))
        kept.run(nan, X, np.arange(samples), 1.0, np.empty(plan.parameters), losses, outputs)
        agrees(kept, plan, samples)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("terms", [1, 2, 3])
@pytest.mark.parametrize("first", ["weights", "combine", "matmul", "products"])
def test_sums_of_few_terms(first, terms, rows):
    """They begin with their start; and what is added after that is added."""
    plan = HandMade(3, 10)
    sums = plan.start([0.5 + i for i in range(rows)], [[i] for i in range(rows)], [[2.0]] * rows)
    read = [[(i + k) % 3 for k in range(terms)] for i in range(rows)]
    if first == "matmul":
        plan.matmul(sums, rows, terms, (1, terms, 1), (0, 1, 1))
    elif first == "products":
        plan.products(sums, read, read[::-1])
    elif first == "weights":
        plan.weights(sums, [[k + i for k in range(terms)] for i in range(rows)], read)
    plan.combine(sums, [[0.25 * k - 1.0 for k in range(terms)]] * rows, read)
    plan.done(sums)
    for samples in (1, 9):
        agrees(kernel.Kernel(plan), plan, samples)


def test_a_batch_is_cut_into_chunks_of_lanes(monkeypatch):
    monkeypatch.setattr(machine, "CACHE", 0)  # eight lanes at a time
    for name in ("mlp", "lists", "uniform", "scattered 1"):
        plan = PLANS[name]()
        assert kernel.Kernel(plan).lanes == 8
        for samples in (3, 8, 9, 17):
            agrees(kernel.Kernel(plan), plan, samples)


@pytest.mark.parametrize(
    "places",
    [[[3]], [[0, 1, 2, 3, 4]], [[0, 1, 3, 4, 6, 7, 8]], [[5, 4, 4, 5, 6]], [[0, 1, 2], [7, 8, 9], [1, 3, 2]]],
    ids=["one", "a run", "weights without biases", "in no order, and twice", "several sums"],
)
def test_squares_of_parameters(places):
    """Whichever of them lie beside each other; the gradient of Σp² is 2p, once for each time that p comes."""
    plan = HandMade(1, 10)
    sums = plan.start([0.0] * len(places))
    plan.squares(sums, places, places)
    plan.done(sums)
    P = np.arange(1.0, 11.0)
    for samples in (1, 9):
        gradient, losses = np.zeros(10), np.zeros(samples)
        kernel.Kernel(plan).run(P, np.zeros((9, 1)), np.arange(samples), 1.0, gradient, losses, np.zeros((samples, 0)))
        assert losses.tolist() == [sum(P[p] ** 2 for row in places for p in row)] * samples
        expected = np.zeros(10)
        for p in itertools.chain.from_iterable(places):
            expected[p] += samples * 2.0 * P[p]
        assert gradient.tolist() == expected.tolist()


@pytest.mark.parametrize("row", IN_PLACE, ids=str)
def test_slopes_that_are_told_from_the_result(row):
    """Where the result stands in the place of the input, the slope is read there."""
    for x in GRID:
        with contextlib.suppress(ValueError, OverflowError, ZeroDivisionError):
            z = row.forward(x)
            assert repr(row.all_slopes((z,), z)[0]) == repr(row.all_slopes((x,), z)[0]), x


def test_no_samples():
    plan = PLANS["mlp"]()
    gradient = np.ones(plan.parameters)
    nothing = np.zeros(0)
    kernel.Kernel(plan).run(np.zeros(plan.parameters), np.zeros((3, plan.inputs)), nothing.astype(np.int64), 1.0,
                            gradient, nothing, np.zeros((0, 2)))  # fmt: skip
    assert (gradient == 0).all()


def one_rule(row: Rule) -> HandMade:
    """The rule on the inputs, to each of which a parameter is added, so that the gradient in it is the slope."""
    n = len(row.parameters)
    plan = HandMade(n, n)
    x = plan.start([0.0] * n, [[i] for i in range(n)], [[1.0]] * n)
    plan.combine(x, [[1.0]] * n, [[i] for i in range(n)])
    out = plan.apply(row, *[[i] for i in x])
    plan.loss, plan.outputs = out[0], [out[0]]
    return plan


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_each_rule_and_its_slopes_are_those_of_the_table(row):
    """Over a grid with kinks, edges of domains, infinities and NaN; where the table raises an error the kernel's
    result is not finite."""
    plan, points = one_rule(row), np.array(list(itertools.product(GRID, repeat=len(row.parameters))))
    together, outputs = np.empty(len(points)), np.empty((len(points), 1))
    P, run = np.zeros(plan.parameters), kernel.Kernel(plan).run
    run(P, points, np.arange(len(points)), 1.0, None, together, outputs)
    for i, point in enumerate(points):
        args, gradient, alone = tuple(map(float, point)), np.zeros(plan.parameters), np.empty(1)
        run(P, points, np.array([i]), 1.0, gradient, alone, np.empty((1, 1)))
        try:
            expected = row.compute(args)
        except (ValueError, ArithmeticError):
            assert not math.isfinite(together[i]), args
            assert not math.isfinite(alone[0]), args
            continue
        slopes = [row.slope(j, args, expected) for j in range(len(args))]
        for value in (together[i], outputs[i, 0], alone[0]):
            assert value == pytest.approx(expected, rel=1e-14, abs=0, nan_ok=True), args
        assert list(gradient) == pytest.approx(slopes, rel=1e-13, abs=1e-300, nan_ok=True), args


def test_exp_is_right_to_a_unit_in_the_last_place():
    """Against decimal arithmetic of 40 digits; and over its whole range, to where the result is infinite, denormal
    or 0."""
    plan, rng = one_rule(RULES["exp"]), np.random.default_rng(0)
    edges = [
        709.782712893384,
        709.7827128933841,
        1000.0,
        -708.5,
        -744.0,
        -745.1332191019411,
        -745.14,
        -1000.0,
        0.0,
        -0.0,
        1e-20,
    ]
    X = np.concatenate(
        [edges, rng.uniform(-708.0, 709.0, 500), rng.uniform(-1.0, 1.0, 500), rng.uniform(-1e-3, 1e-3, 100)]
    )
    found = np.empty(len(X))
    kernel.Kernel(plan).run(np.zeros(1), X[:, None], np.arange(len(X)), 1.0, None, found, np.empty((len(X), 1)))
    with localcontext() as context:
        context.prec = 40
        for x, y in zip(X.tolist(), found.tolist(), strict=True):
            exact = Decimal(x).exp()
            if exact > Decimal(sys.float_info.max):
                assert y == math.inf, x
            else:
                assert abs(Decimal(y) - exact) <= Decimal(math.ulp(float(exact))), x


def test_the_logarithm_is_right_to_a_unit_in_the_last_place():
    """What logsumexp adds to its largest item: log(1 + x), of x as small as one likes."""
    rng = np.random.default_rng(0)
    edges = [0.0, 5e-324, 2.0**-53, 2.0**-52, 0.5, 1.0, 2.0, 3.0, 1e300]
    sizes = [10.0 ** rng.uniform(-320.0, 3.0, 500), 2.0 ** np.arange(-60, 60)]
    X = np.concatenate([edges, *sizes, rng.uniform(0.0, 2.0, 500), math.sqrt(2) - 1 + rng.uniform(-1e-15, 1e-15, 20)])
    with mp.workprec(200):
        for x in X.tolist():
            exact = mp.log1p(mpf(x))
            assert abs(logarithm(x) - exact) <= math.ulp(float(exact)), x


def test_lists_of_many_numbers():
    """Also of the largest several times, and of numbers that are lost beside it."""
    rng = np.random.default_rng(0)
    for n in (2, 5, 40):
        kinds = [rng.normal(size=n), rng.normal(0.0, 300.0, n), np.zeros(n), rng.choice([-40.0, 0.0], n),
                 -50.0 * np.arange(n)]  # fmt: skip
        plan = HandMade(n, 0)
        plan.collect(RULES["logsumexp"], [list(range(n))])
        plan.loss = n
        for samples in (1, 8, 35):
            X = np.stack([rng.permutation(kinds[i % len(kinds)]) for i in range(samples)])
            found = np.empty(samples)
            kernel.Kernel(plan).run(np.zeros(0), X, np.arange(samples), 1.0, None, found, np.empty((samples, 0)))
            for x, y in zip(X.tolist(), found.tolist(), strict=True):
                with mp.workprec(500):
                    exact = mp.log(sum(map(mp.exp, x)))
                    assert abs(y - exact) <= 2 * math.ulp(max(float(abs(exact)), abs(max(x)))), x


def test_slopes_in_many_lanes_are_those_in_one():
    """Their loops are others than those for one lane."""
    for row in ELEMENTWISE:
        plan, n = one_rule(row), len(row.parameters)
        points = np.random.default_rng(0).uniform(0.1, 0.9, (37, n))
        run, arrays = kernel.Kernel(plan).run, (np.empty(37), np.empty((37, 1)))
        gradient = np.zeros(n)
        run(np.zeros(n), points, np.arange(37), 2.0, gradient, *arrays)
        slopes = [
            [row.slope(j, tuple(point), row.compute(tuple(point))) for j in range(n)] for point in points.tolist()
        ]
        assert list(gradient) == pytest.approx(2 * np.sum(slopes, axis=0), rel=1e-13)


def test_infinite_numbers_stay_what_they_are_in_products():
    """Eager, relu(-inf) is 0: a sum of products that is -inf must not come out as NaN because of other lanes or of
    zeros beside it."""
    plan = HandMade(3, 6)
    z = plan.start([0.0, 0.0])
    plan.matmul(z, 2, 3, (0, 3, 1), (0, 1, 1))
    plan.done(plan.apply(RULES["relu"], z))
    X = np.array(
        [[1.0, 2.0, 3.0], [-math.inf, 1.0, 2.0], [1.0, 1.0, -math.inf], [math.nan, 1.0, 1.0], [1e308, 1e308, 0.0]]
    )
    losses = np.empty(5)
    kernel.Kernel(plan).run(np.full(6, 2.0), X, np.arange(5), 1.0, None, losses, np.empty((5, 0)))
    assert list(losses) == pytest.approx([24.0, 0.0, 0.0, math.nan, math.inf], nan_ok=True)


def test_a_rule_of_ones_own_is_refused_by_name():
    cube = rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    with pytest.raises(ValueError, match=r"built-in rules only.*cube.*NumPy program"):
        kernel.Kernel(one_rule(cube))


def test_an_operation_on_lists_other_than_logsumexp_is_refused_by_name():
    plan = HandMade(2, 0)
    rows = plan.collect(RULES["total"], [[0, 1]])
    with pytest.raises(ValueError, match=r"logsumexp.*total"):
        kernel.Kernel(plan.done(rows))


# Steps of gradient descent.


def update_of(optimizer: nn.training.optimizers.Optimizer, remembered: list[str]) -> Any:
    """The optimizer's move as a plan over (p, g, what it remembers), with the rate and the number of the step as
    parameters."""
    rate, t = Value(0.0), Value(0.0)
    recording = Recording([rate, t])
    p, g, *memory = [recording.input() for _ in range(2 + len(remembered))]
    state = dict(zip(remembered, memory, strict=True))
    moved = optimizer.move(p, g, state, rate, t)
    rows = [recording.operand(y) for y in (moved, *(state[name] for name in remembered))]
    return plan_of(recording, rows[0], rows)


def square_penalty(parameters: int, factor: float) -> HandMade:
    plan = HandMade(0, parameters)
    squares = plan.start([0.0])
    plan.squares(squares, [list(range(parameters))], [list(range(parameters))])
    end = plan.start([0.0])
    plan.combine(end, [[factor]], [[squares[0]]])
    plan.loss = end[0]
    return plan


def slow_descent(plan, P, X, batches, optimizer, memory, rates, penalty, moving):
    """The same steps, one number at a time."""
    P = list(P)
    states, found = [dict(zip(memory, column, strict=True)) for column in zip(*memory.values(), strict=True)], []
    states = states or [{} for _ in range(moving)]
    for t, (batch, rate) in enumerate(zip(batches, rates, strict=True), 1):
        results = [reference(plan, P, X[i], 1 / len(batch)) for i in batch]
        penalties = reference(penalty, P, []) if penalty else (0.0, [], [0.0] * len(P))
        gradient = [
            math.fsum(slopes) for slopes in zip(*(slopes for _, _, slopes in results), penalties[2], strict=True)
        ]
        found.append(
            (math.fsum(loss for loss, _, _ in results) / len(batch), penalties[0], math.hypot(*gradient[:moving]))
        )
        P[:moving] = [optimizer.move(P[i], gradient[i], states[i], rate, t) for i in range(moving)]
    return P, states, found, gradient


def in_order(X):
    """The places of samples of one shape."""
    return np.stack([np.zeros(len(X), np.int64), np.arange(len(X))], axis=1)


OPTIMIZERS = [
    (nn.SGD(0.1), []),
    (nn.SGD(0.1, momentum=0.9), ["velocity"]),
    (nn.SGD(0.1, momentum=0.9, nesterov=True), ["velocity"]),
    (nn.Adam(), ["mean", "square"]),
    (nn.AdamW(), ["mean", "square"]),
]


@pytest.mark.parametrize(("optimizer", "remembered"), OPTIMIZERS, ids=map(repr, [each for each, _ in OPTIMIZERS]))
@pytest.mark.parametrize(("batch", "penalised", "fixed"), [(1, False, 0), (3, True, 0), (4, False, 5), (11, True, 2)])
def test_steps_are_those_of_a_loop(optimizer, remembered, batch, penalised, fixed):
    plan = PLANS["mlp"]()
    P, X = numbers_for(plan, 20)
    order = np.random.default_rng(2).integers(20, size=11)
    batches = [order[i : i + batch].tolist() for i in range(0, 11, batch)]
    rates = [0.05 / (1 + step) for step in range(len(batches))]
    penalty, moving = square_penalty(plan.parameters, 0.1) if penalised else None, plan.parameters - fixed
    start = {name: [0.01 * i for i in range(moving)] for name in remembered}
    expected, states, found, last = slow_descent(plan, P, X, batches, optimizer, start, rates, penalty, moving)

    memory = np.array([*start.values()]).reshape(len(remembered), moving)
    gradient, settings = np.full(len(P), np.nan), np.array([[rate, t] for t, rate in enumerate(rates, 1)])
    update = kernel.Kernel(update_of(optimizer, remembered))
    penalties = kernel.Kernel(penalty) if penalty else None
    done = kernel.Descender([kernel.Kernel(plan)], [X], in_order(X), update, penalties, moving).run(
        P, gradient, order, batch, settings, memory
    )
    assert done.steps == len(batches)
    np.testing.assert_allclose(P, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(
        memory, np.reshape([[state[name] for state in states] for name in remembered], memory.shape), 1e-9, 1e-12
    )
    np.testing.assert_allclose(np.transpose([done.losses, done.penalties, done.lengths]), found, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(gradient, last, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_samples_of_several_shapes(batch):
    """Two functions of the same parameters, with samples of their own, whichever way they are mixed in a batch."""
    plans = [square_of([1.0, -2.0], [0, 1]), square_of([0.5, 1.5, 2.5], [2, 0, 1])]
    rng = np.random.default_rng(3)
    P, arrays = rng.uniform(-1, 1, 3), [rng.uniform(-1, 1, (5, plan.inputs)) for plan in plans]
    places = np.array([[shape, row] for row in range(5) for shape in (0, 1)])
    order = rng.permutation(10)
    batches, rates = [order[i : i + batch].tolist() for i in range(0, 10, batch)], [0.1] * -(-10 // batch)
    expected, losses = P.copy(), []
    for each in batches:
        results = [reference(plans[s], expected, arrays[s][row], 1 / len(each)) for s, row in places[each]]
        losses.append(math.fsum(loss for loss, _, _ in results) / len(each))
        expected -= 0.1 * np.sum([slopes for _, _, slopes in results], axis=0)
    update = kernel.Kernel(update_of(nn.SGD(0.1), []))
    descender = update.descender([kernel.Kernel(plan) for plan in plans], arrays, places, None, 3)
    done = descender.run(
        P, np.zeros(3), order, batch, np.reshape([[rate, 1.0] for rate in rates], (-1, 2)), np.zeros((0, 3))
    )
    np.testing.assert_allclose(done.losses, losses, rtol=1e-12)
    np.testing.assert_allclose(P, expected, rtol=1e-12)


def square_of(constants: list[float], parameters: list[int]) -> HandMade:
    """c + (b + Σ weights · inputs)², with one input for each of the parameters."""
    plan = HandMade(len(parameters), 3)
    z = plan.start([constants[0]])
    plan.weights(z, [parameters], [list(range(len(parameters)))])
    y = plan.start([constants[1]])
    plan.products(y, [z], [z])
    plan.done(y)
    return plan


def descent(P, X, order, rates):
    plan = PLANS["mlp"]()
    update, settings = kernel.Kernel(update_of(nn.SGD(0.1), [])), np.reshape([[rate, 1.0] for rate in rates], (-1, 2))
    gradient = np.zeros(plan.parameters)
    descender = kernel.Descender([kernel.Kernel(plan)], [X], in_order(X), update, None, plan.parameters)
    return descender.run(P, gradient, np.array(order), 2, settings, np.zeros((0, plan.parameters))), gradient


@pytest.mark.parametrize("trouble", ["the loss", "a loss too large for a float", "a parameter"])
def test_it_stops_before_a_step_that_is_not_finite(trouble):
    """The parameters are those that the step found, for whoever takes it in another way."""
    P, X = numbers_for(PLANS["mlp"](), 8)
    rates = [0.1] * 4
    if trouble == "the loss":
        X[5, 4] = math.nan
    elif trouble == "a loss too large for a float":
        X[5, 4] = 1e200  # a target, whose error is squared
    else:
        rates[2] = 1e308
        P *= 1e2
    before = P.copy()
    descent(before, X, range(4), rates[:2])
    done, gradient = descent(P, X, range(8), rates)
    assert done.steps == len(done.losses) == 2
    assert (before == P).all()
    assert np.isfinite(done.lengths).all()
    assert np.isfinite(gradient).all() == (trouble != "the loss")


@pytest.mark.parametrize("shape", [(0, 4), (2, 4), (1, 3)])
def test_a_memory_of_another_shape_is_refused(shape):
    update = kernel.Kernel(update_of(nn.SGD(0.1, momentum=0.9), ["velocity"]))
    X = np.ones((2, 3))
    descender = update.descender([kernel.Kernel(square_of([0.0, 0.0], [0, 1, 2]))], [X], in_order(X), None, 4)
    with pytest.raises(ValueError, match=re.escape(f"an array of shape (1, 4), got one of {shape}")):
        descender.run(np.zeros(4), np.zeros(4), np.arange(2), 2, np.ones((1, 2)), np.zeros(shape))


def test_no_steps():
    P, X = numbers_for(PLANS["mlp"](), 2)
    assert descent(P, X, np.zeros(0, np.int64), [])[0].steps == 0
