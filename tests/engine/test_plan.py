"""Plans: right on whatever was recorded, and small where there is structure."""

import math
from functools import reduce
from random import Random

import pytest
from hypothesis import given

import engine
import nn
from engine import Value, gradient, lookup
from engine.compiler.planner import plan_of
from engine.compiler.recording import Recording
from engine.compiler.samples import take_apart
from engine.rules import RULES
from tests.engine.helpers import examples
from tests.engine.plan_reference import reference
from tests.engine.programs import programs, tame


def planned(f, parameters, sample):
    """The plan of f, which returns a loss or (loss, outputs), and the numbers of the sample."""
    recording, numbers = Recording(parameters), []
    result = f(take_apart(sample, lambda _: recording.input()))
    loss, outputs = result if isinstance(result, tuple) else (result, [])
    take_apart(sample, numbers.append)
    rows = [recording.operand(y) for y in (loss, *outputs)]
    return plan_of(recording, rows[0], rows[1:]), [leaf.data for leaf in recording.leaves], numbers


def agree(f, parameters, sample):
    """The plan, run by the slow interpreter, gives what the eager sweep gives."""
    plan, leaves, numbers = planned(f, parameters, sample)
    loss, outputs, slopes = reference(plan, leaves, numbers)
    result = f(sample)
    y, ys = result if isinstance(result, tuple) else (result, [])
    expected = gradient(y, *parameters) if isinstance(y, Value) else [0.0] * len(parameters)
    close = {"rel": 1e-12, "abs": 1e-12 * (1 + math.hypot(*expected))}
    assert loss == pytest.approx(float(y), **close)
    assert outputs == pytest.approx([float(each) for each in ys], **close)
    assert slopes[: len(parameters)] == pytest.approx(list(expected), **close)
    return plan


def kinds(plan):
    return [instruction.kind for instruction in plan]


w = [Value(0.5 + 0.25 * i, f"w{i}") for i in range(5)]
sums = {
    "sums of their own": (lambda x: [w[0] * x[0] + 1.0, w[1] * x[0] + 1.0, w[2] * x[1] + 1.0], True),
    "a single one": (lambda x: [w[0] * x[0] + w[1] * x[1]], True),
    "some of those of one shape": (lambda x: [w[0] * x[0], w[1] * x[0], w[2] * x[1]][1:], True),
    "one of them twice": (lambda x: [w[0] * x[0] + 1.0] * 2, False),
    "an input": (lambda x: [x[0]], False),
    "a parameter": (lambda x: [w[3]], False),
    "what is equal for all samples": (lambda x: [w[3] + w[4]], False),
    "another operation": (lambda x: [engine.sin(w[0] * x[0])], False),
}


@pytest.mark.parametrize("name", ["relu", "exp", "sqrt", "tanh"])
@pytest.mark.parametrize(("inputs", "can"), sums.values(), ids=sums)
def test_what_is_computed_in_place(name, inputs, can):
    """relu, exp and sqrt of sums that nothing else needs, unless it is said that nothing may."""

    def f(x):
        return engine.total([(i + 2.0) * z for i, z in enumerate(map(RULES[name], inputs(x)))])

    plan = agree(f, w, [0.3, 0.4])
    expected = can and name != "tanh"
    assert [each.fields.in_place for each in plan if is_of(plan, each, name)] == [expected]
    assert (f"{name}, in place" in str(plan)) == expected


@pytest.mark.parametrize("needed", ["as an output", "by a sum", "by an operation"])
def test_what_is_needed_is_not_written_over(needed):
    def f(x):
        z = w[0] * x[0] + 1.0
        more = {"by a sum": z, "by an operation": engine.sin(z)}.get(needed, 0.0)
        return 2.0 * engine.relu(z) + more, [z] if needed == "as an output" else []

    assert "in place" not in str(agree(f, w, [0.3, 0.4]))


def test_sums_that_lie_apart_are_not_written_over():
    def f(x):
        first, between, last = w[0] * x[0], w[1] * x[0] + w[2] * x[1], x[0] * x[1] + w[3]
        return engine.relu(first) + engine.tanh(between) + 2.0 * engine.relu(last)

    plan = agree(f, w, [0.3, 0.4])
    assert "relu of rows 2 to 4 by 2" in str(plan)


def test_a_plan_without_writing_over():
    recording = Recording(w)
    row = recording.operand(engine.relu(w[0] * recording.input() + 1.0))
    assert "relu, in place" in str(plan_of(recording, row))
    assert "relu of row 1" in str(plan_of(recording, row, in_place=False))


def is_of(plan, instruction, name):
    """Whether an instruction applies a rule."""
    return instruction.kind == "apply" and plan.rules[instruction.fields.rule].name == name


def test_the_demo_of_micrograd_is_13_instructions_with_3_matrix_products():
    model = nn.MLP(2, [16, 16, 1], activation="relu")

    def f(sample):
        x, t = sample
        return nn.training.losses.relu(1.0 - t * model(x)), [model(x)]

    plan = agree(lambda sample: f(sample)[0], model.parameters(), [[0.3, -0.4], 1.0])
    assert len(plan) == 13
    assert kinds(plan).count("matmul") == 3
    assert [instruction.origin for instruction in plan if instruction.kind == "matmul"][:2] == ["layer 1", "layer 2"]


LOSSES = {
    "mse": [0.2, -0.3],
    "mae": [0.2, -0.3],
    "huber": [0.2, -3.0],
    "cross_entropy": [0.0, 1.0],
    "binary_cross_entropy": 1.0,
    "hinge": -1.0,
}


@pytest.mark.parametrize("elementary", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "softplus", "leaky_relu", "linear"])
@pytest.mark.parametrize("loss", LOSSES)
def test_networks_and_losses(loss, activation, elementary):
    target = LOSSES[loss]
    model = nn.MLP(
        3, [5, 4, len(target) if isinstance(target, list) else 1], activation=activation, elementary=elementary
    )

    def f(sample):
        outputs = model.outputs(sample[0])
        return nn.LOSSES[loss](outputs, sample[1]), outputs

    plan = agree(f, model.parameters(), [[0.3, -0.4, 1.0], target])
    assert kinds(plan).count("matmul") == 3
    assert "weights" not in kinds(plan)


def test_a_class_is_looked_up():
    model = nn.MLP(2, [3])
    for target in range(3):
        plan = agree(
            lambda sample: nn.training.losses.cross_entropy(model.outputs(sample[0]), sample[1]),
            model.parameters(),
            [[0.3, -0.4], target],
        )
    assert "lookup among values" in kinds(plan)
    assert plan.lookups == [(2, 3)]


def attention(sample, E, Q, K, V, W):
    """One head over all positions, as of a small language model: each looks at itself and those before it."""
    xs = [lookup(E, token) for token in sample]
    xs = [[x / engine.sqrt(sum([x * x for x in xs]) / len(xs) + 1e-5) for x in xs] for xs in xs]  # RMS norm
    queries, keys, values = ([[engine.weighted_sum(row, x, 0.0) for row in M] for x in xs] for M in (Q, K, V))
    losses = []
    for t in range(len(xs) - 1):
        scores = [engine.weighted_sum(queries[t], keys[s], 0.0) * 0.5 for s in range(t + 1)]
        z = engine.logsumexp(scores)
        shares = [engine.exp(score - z) for score in scores]
        mixed = [sum([share * values[s][j] for s, share in enumerate(shares)]) for j in range(len(V))]
        losses.append(
            nn.training.losses.cross_entropy([engine.weighted_sum(row, mixed, 0.0) for row in W], sample[t + 1])
        )
    return engine.total(losses) * (1.0 / len(losses))


def matrix(rng, rows, columns):
    return [[Value(rng.gauss(0, 0.5)) for _ in range(columns)] for _ in range(rows)]


def test_attention_with_softmax_and_rms_norm():
    rng = Random(0)
    E, Q, K, V, W = (matrix(rng, 6, 4), *(matrix(rng, 4, 4) for _ in range(3)), matrix(rng, 6, 4))
    parameters = [p for M in (E, Q, K, V, W) for row in M for p in row]
    plan = agree(lambda sample: attention(sample, E, Q, K, V, W), parameters, [0, 3, 5, 3, 1])
    assert next((i.fields[0], i.fields[1], len(i.rows) // i.fields[0]) for i in plan if i.kind == "matmul") == (
        12,
        4,
        4,
    )  # Q, K, V at once, at 4 positions
    assert len(plan) < 60


def recurrent(sample, U, W, b, v):
    h = [0.0, 0.0, 0.0]
    for x in sample:
        h = [engine.tanh(engine.weighted_sum([*row, u], [*h, x], bias)) for row, u, bias in zip(W, U, b, strict=True)]
    return (engine.weighted_sum(v, h, 0.0) - 0.3) ** 2


def test_a_recurrent_network_has_two_matrix_products_in_a_step():
    rng = Random(1)
    W = matrix(rng, 3, 3)
    U, b, v = matrix(rng, 3, 3)
    for parameters in ([*U, *b, *v, *[w for row in W for w in row]], [*[w for row in W for w in row], *U, *b, *v]):
        plan = agree(lambda sample: recurrent(sample, U, W, b, v), parameters, [0.1, -0.4, 0.8, 0.2])
        assert "weights" not in kinds(plan)
        assert [i.fields[:2] for i in plan if i.kind == "matmul" and len(i.rows) == 3].count((3, 3)) == 3
        assert [i.fields[:2] for i in plan if i.kind == "matmul" and len(i.rows) == 3].count((3, 1)) == 4
        assert "+ 3 × 1 weights · x4" in str(plan)


def layers(sample, *sizes):
    """tanh(A·h + B·x), with A and B from one list of parameters in either order, for several such layers side by
    side."""
    x, h = sample[:2], [engine.sin(each) for each in sample[2:]]
    ys = []
    for A, B in sizes:
        ys += [
            engine.tanh(engine.weighted_sum([*a, *b], [*h[: len(a)], *x[: len(b)]], 0.0))
            for a, b in zip(A, B, strict=True)
        ]
    return engine.total(ys)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("m", [1, 2, 4])
def test_weights_of_two_matrices_in_one_sum(m, n, turned):
    rng = Random(m + 10 * n)
    A, B, C, D = (matrix(rng, m, columns) for columns in (n, 2, n, 2))
    order = [B, A, D, C] if turned else [A, B, C, D]
    parameters = [p for M in order for row in M for p in row]
    sample = [0.3, -0.4, 0.8, 0.2, -0.7][: 2 + n]
    agree(lambda s: layers(s, (A, B)), parameters, sample)
    agree(lambda s: layers(s, (A, B), (C, D)), parameters, sample)
    agree(lambda s: layers(s, (A, A)) if n == 2 else layers(s, (A, B), (A, D)), parameters, sample)
    if m > 1:
        assert "weights" not in kinds(agree(lambda s: layers(s, (A, B)), parameters, sample))


P = [Value(0.7, "a"), Value(-1.2, "b"), Value(0.4, "c")]
FORMULAS = {
    "least squares": lambda s: (P[0] * s[0] + P[1] - s[1]) ** 2,
    "a pendulum": lambda s: (P[0] * engine.sin(P[1] * s[0] + P[2]) * engine.exp(-s[1] * 0.3) - 0.1) ** 2,
    "x*x is two uses": lambda s: (P[0] * P[0] * s[0]) * (P[0] * s[1]),
    "one parameter for two inputs": lambda s: (P[0] * s[0] + P[0] * s[1]).tanh(),
    "weights that are computed": lambda s: engine.weighted_sum([engine.exp(P[0]), P[1] * P[2]], s, P[2]),
    "subtractions and signs": lambda s: -(P[0] - s[0] - (P[1] - (s[1] - P[2]))) * 2.0 - 1.0,
    "products with a factor": lambda s: (
        -(P[0] * s[0]) - 3.0 * (s[0] * s[1]) + 2.0 * (P[1] * P[2]) - (P[0] * s[1]) / 4.0
    ),
    "a sum used twice": lambda s: (lambda z: z * z + z)(P[0] * s[0] + s[1]),
    "one row twice, the same for all samples": lambda s: (lambda q: engine.acos(q) + engine.acos(q) * s[0])(
        P[2] * P[2]
    ),
    "powers": lambda s: (P[0] ** 2 + 1.0) ** 0.5 * (s[0] * s[0] + 1.0) ** -0.5 + 2.0 ** s[1] + P[0] ** 3,
    "an input as the loss": lambda s: (s[0], [P[0], 2.5, s[1]]),
    "a parameter as the loss": lambda s: P[1],
    "no parameter": lambda s: engine.tanh(s[0]) * s[1],
    "parameters alone": lambda s: engine.total([abs(p) for p in P]) + engine.weighted_sum(P, P, 0.0),
    "pieces": lambda s: (
        engine.where(s[0], P[0], P[1]) + engine.maximum(P[2] * s[1], 0.1) + engine.leaky_relu(P[1] * s[0])
    ),
    "not all of the parameters": lambda s: P[2] * s[0],
    "one parameter taken off twice": lambda s: (1.5 - engine.total([s[0], P[0], P[0]])) ** 2,
    "products of parameters, in two rows": lambda s: (
        engine.tanh(P[0] * P[1] + s[0]) + engine.tanh(P[2] * P[1] + s[1]) * 2.0
    ),
    "parameters taken off, in two rows": lambda s: (
        (1.5 - engine.total([s[0], P[0], P[1]])) * (0.5 - engine.total([s[1], P[2], P[1]]))
    ),
    "a table of mixed things": lambda s: lookup([P[0], P[1] * s[1], 0.5], 1) + P[0],
}


@pytest.mark.parametrize("f", FORMULAS.values(), ids=FORMULAS)
def test_formulas(f):
    agree(f, P, [0.6, -0.9])


@pytest.mark.parametrize("index", [0, 1, 2])
def test_looking_up_among_parameters_and_numbers(index):
    agree(lambda s: lookup([P[0], P[1] * s[1], 0.5], s[0]) * P[2], P, [index, 0.4])
    agree(lambda s: lookup([[P[0], P[1]], [P[1], P[2]], [P[2], P[2]]], s[0])[1] * s[1], P, [index, 0.4])


@given(program=programs())
@examples(60)
def test_random_programs(program):
    if not tame(program):
        return
    half = len(program.leaves) // 2  # the rest are inputs
    parameters = [Value(x) for x in program.leaves[half:]]
    agree(lambda s: program.run([*s, *parameters], engine), parameters, list(program.leaves[:half]))


def test_two_layers_side_by_side_are_two_matrix_products():
    first, second = nn.Layer(3, 4, place=(1,)), nn.Layer(3, 4, place=(2,))
    parameters = [*first.parameters(), *second.parameters()]
    plan = agree(
        lambda s: engine.total([*first.outputs(s[:3]), *second.outputs(s[3:])]),
        parameters,
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    )
    assert [i.fields[:2] for i in plan if i.kind == "matmul"] == [(4, 3), (4, 3)]


def test_weights_that_lie_in_no_matrix_are_gathered():
    rng = Random(2)
    weights = [Value(rng.random()) for _ in range(12)]
    rows = [[weights[i] for i in rng.sample(range(12), 3)] for _ in range(4)]
    plan = agree(
        lambda s: engine.total([engine.tanh(engine.weighted_sum(row, s, 0.0)) for row in rows]),
        weights,
        [0.3, 0.5, -0.2],
    )
    assert "weights" in kinds(plan)


def test_a_rule_of_your_own_is_an_instruction():
    cube = engine.rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    try:
        plan = agree(lambda s: cube(P[0] * s[0]) + cube(P[1]), P, [0.6])
    finally:
        del RULES["cube"]
    assert kinds(plan).count("apply") == 2


def test_rows_that_no_sample_changes_are_marked():
    plan, *_ = planned(lambda s: engine.exp(P[0]) * s[0] + engine.exp(s[0]), P, [0.6])
    assert sorted(i.fields.uniform for i in plan if i.kind == "apply") == [0, 1]


def test_only_what_depends_on_parameters_is_active():
    plan, *_ = planned(
        lambda s: engine.tanh(s[0]) * s[1] + P[0] * s[0] + engine.tanh(P[1] * s[0]) * s[1], P, [0.6, 0.1]
    )
    assert [i.fields.active for i in plan if i.kind == "apply"] == [0, 1]


def test_a_plan_prints_every_instruction_and_where_it_came_from():
    model = nn.MLP(2, [3, 1])
    plan, *_ = planned(lambda s: model(s), model.parameters(), [0.1, 0.2])
    lines = str(plan).splitlines()
    assert len(lines) == 3 + len(plan)
    assert "3 × 2 weights · inputs" in lines[4] and "layer 1" in lines[4]


@pytest.mark.slow
@pytest.mark.parametrize(
    "f",
    [
        lambda s, n: reduce(lambda h, _: engine.tanh(h * P[0] + P[1]), range(n // 3), s[0]),
        lambda s, n: engine.total([engine.tanh(P[0] * s[0]) for _ in range(n // 2)]),
    ],
    ids=["chain", "wide"],
)
def test_a_hundred_thousand_rows_are_planned(f):
    plan, leaves, numbers = planned(lambda s: f(s, 100_000), P, [0.3])
    assert plan.rows > 60_000
    y = f([0.3], 100_000)
    assert reference(plan, leaves, numbers)[2] == pytest.approx(list(gradient(y, *P)), rel=1e-9)
