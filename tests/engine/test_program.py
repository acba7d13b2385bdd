"""The NumPy program of a plan against a slow interpreter of plans, and each operation in it against the table of
rules."""

import ast
import inspect
import itertools
import linecache
import math
import re

import numpy as np
import pytest

import engine
from engine import rules
from engine.compiler.numpy_program import functions as arrays
from engine.compiler.numpy_program import orders, program
from engine.compiler.numpy_program.program import Program
from engine.formulas.reading import Unreadable
from engine.rule import RULES
from tests.engine.plan_reference import reference
from tests.engine.plans import PLANS, HandMade, agrees, mlp, numbers_for

EDGES = [
    0.0,
    -0.0,
    1e-300,
    0.5,
    -0.5,
    1.0,
    -1.0,
    2.0,
    -3.0,
    30.0,
    -30.0,
    800.0,
    -800.0,
    1e300,
    math.inf,
    -math.inf,
    math.nan,
]
BUILT_IN = [rule for rule in RULES.values() if rule.slopes[0].__module__ == rules.__name__ and not rule.lists]


@pytest.mark.parametrize("name", PLANS)
def test_the_interpreter_agrees_with_finite_differences(name):
    plan = PLANS[name]()
    P, X = numbers_for(plan, 1, seed=3)
    slopes = reference(plan, P, X[0])[2]
    for i, slope in enumerate(slopes):
        up, down = (reference(plan, P + step * np.eye(plan.parameters)[i], X[0])[0] for step in (1e-6, -1e-6))
        assert (up - down) / 2e-6 == pytest.approx(slope, rel=1e-5, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("samples", [1, 2, 9, 130])
@pytest.mark.parametrize("name", PLANS)
def test_it_agrees_with_the_interpreter(name, samples):
    plan = PLANS[name]()
    agrees(Program(plan), plan, samples)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_samples_are_computed_a_part_at_a_time(name, monkeypatch):
    monkeypatch.setattr(program, "CACHED", 1)
    monkeypatch.setattr(program, "FEWEST", 3)
    plan = PLANS[name]()
    machine = Program(plan)
    for samples in (1, 3, 8, 10, 11, 14, 8):
        agrees(machine, plan, samples)


@pytest.mark.slow
@pytest.mark.parametrize("samples", [1, 9])
@pytest.mark.parametrize("name", PLANS)
def test_numbers_may_lie_sample_by_sample(name, samples, monkeypatch):
    """Whatever is read otherwise than as it lies is left as it was."""
    monkeypatch.setattr(orders, "WIDE", 1)
    plan = PLANS[name]()
    agrees(Program(plan), plan, samples)


def test_numbers_of_wide_layers_lie_sample_by_sample():
    wide, narrow = (mlp(2, width, width, 1, activation=rules.relu) for width in (orders.WIDE, orders.WIDE - 1))
    assert [len(rows) for rows in orders.by_samples(wide)] == [2 + 1, *[orders.WIDE] * 4]  # z and relu of two layers
    assert not orders.by_samples(narrow)
    agrees(Program(wide), wide, 5)


def one_rule(rule):
    """A plan of one operation, whose inputs are x + p with a parameter p for each: the gradient in p is the slope."""
    n = len(rule.parameters)
    plan = HandMade(n, n)
    z = plan.start([0.0] * n, [[j] for j in range(n)], [[1.0]] * n)
    plan.combine(z, [[1.0]] * n, [[j] for j in range(n)])
    plan.loss = plan.apply(rule, *[[row] for row in z])[0]
    return plan


def results(machine, plan, point):
    gradient, losses = np.zeros(plan.parameters), np.zeros(1)
    machine.run(
        np.zeros(plan.parameters), np.array([point], float), np.array([0]), 1.0, gradient, losses, np.zeros((1, 0))
    )
    return losses[0], gradient


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.name)
def test_each_operation_is_that_of_the_table(rule):
    """At ordinary numbers, kinks, the ends of domains, infinity and NaN; where the table says error the program is
    not finite."""
    plan = one_rule(rule)
    machine = Program(plan)
    for point in itertools.product(EDGES if len(rule.parameters) < 3 else EDGES[1::2], repeat=len(rule.parameters)):
        point = tuple(x + 0.0 for x in point)  # -0 + 0 is 0
        output, slopes = results(machine, plan, point)
        try:
            z = rule.compute(point)
        except (ValueError, ArithmeticError):
            assert not math.isfinite(output), point
            continue
        np.testing.assert_allclose(output, z, rtol=1e-13, err_msg=str(point))
        if math.isfinite(z):
            expected = [rule.slope(i, point, z) for i in range(len(point))]
            np.testing.assert_allclose(slopes, expected, rtol=1e-12, err_msg=str(point))


@pytest.mark.parametrize("name", sorted({"erf", "gelu", "relu", "sigmoid", "softplus"}))
def test_functions_on_arrays_of_any_shape(name):
    x = np.array([*EDGES[:15], math.nan]).reshape(2, 4, 2)
    expected = np.reshape([RULES[name].forward(float(item)) for item in x.ravel()], x.shape)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(getattr(arrays, name)(x), expected, rtol=1e-14)


def test_relu_however_the_numbers_lie():
    x = np.array([*EDGES[:17], math.nan]).reshape(2, 3, 3)
    for laid in (x, x[0], x[0, 0], x[0, 0, 0, None], x[0].T, x.T, x[:, ::2], x[..., ::2], x[:, ::2, 1].T, x[0, ::-1]):
        for written in (laid, np.asfortranarray(laid)):
            out = np.empty_like(written)
            np.testing.assert_array_equal(arrays.relu(written, out=out), np.maximum(laid, 0.0))
            np.testing.assert_array_equal(out, arrays.relu(laid))


@pytest.mark.parametrize(
    "xs",
    [
        [0.0],
        [1.0, 2.0, 3.0],
        [1e3, 1e3],
        [-1e3, -1001.0],
        [math.inf, 1.0],
        [-math.inf, -math.inf],
        [math.inf, math.nan],
        [math.nan],
    ],
)
def test_logsumexp_on_arrays(xs):
    with np.errstate(all="ignore"):
        found = arrays.logsumexp(np.array([[[x, 0.0] for x in xs]]))
    np.testing.assert_allclose(found[0], [engine.logsumexp(xs), math.log(len(xs))], rtol=1e-14)


def test_logsumexp_of_several_rows_at_a_time():
    xs = np.random.default_rng(0).normal(scale=30.0, size=(3, 4, 5))
    expected = [[engine.logsumexp(xs[row, :, lane].tolist()) for lane in range(5)] for row in range(3)]
    np.testing.assert_allclose(arrays.logsumexp(xs), expected, rtol=1e-14)


@pytest.mark.parametrize("pieces", list(itertools.product([0, 0.0, 2.5, "array"], repeat=2)))
def test_where_takes_a_piece_and_nothing_of_the_other(pieces):
    """Not even its infinity or NaN; into an array, and without one."""
    c, x, y = (
        np.array(column).reshape(4, -1)
        for column in zip(*itertools.product(EDGES, EDGES[::4], EDGES[2::4]), strict=True)
    )
    x, y = (array if piece == "array" else piece for piece, array in zip(pieces, (x, y), strict=True))
    flat = [np.broadcast_to(part, c.shape).ravel() for part in (x, y)]
    expected = [rules.where.forward(*numbers) for numbers in zip(c.ravel(), *flat, strict=True)]
    out = np.full_like(c, 7.0)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(arrays.where(c, x, y).ravel(), expected)
        assert arrays.where(c, x, y, out=out) is out
    np.testing.assert_array_equal(out.ravel(), expected)


def test_numbers_apart():
    x, y = (np.array(column) for column in zip(*itertools.product(EDGES, repeat=2), strict=True))
    expected = [0.0 if a == b else a - b for a, b in itertools.product(EDGES, repeat=2)]
    spelled_out = engine.compile(lambda s: rules.apart(s[0], s[1]), backend="numpy")
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(arrays.apart(x, y), expected)
        np.testing.assert_array_equal(results_of(spelled_out, x, y), expected)


def results_of(compiled, *columns):
    samples = np.stack(columns, axis=1)
    compiled.run([tuple(samples[0].tolist())])
    losses = np.empty(len(samples))
    Program(compiled.plan).run(
        np.zeros(0), samples, np.arange(len(samples)), 1.0, None, losses, np.empty((len(samples), 0))
    )
    return losses


@pytest.mark.parametrize("name", ["mlp", "deep"])
def test_a_gradient_of_one_term_is_set_and_not_added(name):
    source = Program(PLANS[name]()).source
    assert re.findall(r"out=G[Wb]\d", source)
    assert not re.findall(r"G[PWb]\S* \+=|GP\[:\]|add\.at", source)


def test_gradients_of_several_terms_are_added():
    plan = HandMade(1, 2)
    z = plan.start([0.0, 0.0], [[0], [0]], [[1.0], [1.0]])
    plan.products(z, [[0], [0]], [[0], [0]])
    y = plan.apply(rules.tanh, z)
    total = plan.start([0.0], [[0]], [[1.0]])
    plan.combine(total, [[1.0, 1.0]], [list(y)])
    plan.done(total)
    source = Program(plan).source
    assert len(re.findall(r"out=Gb\d", source)) == len(re.findall(r"GP\[0\] \+=", source)) == 1  # the last use first
    agrees(Program(plan), plan, 4)  # the second parameter, which nothing uses, has the gradient 0


SAME_ROW = {
    "three times": lambda z: engine.total([z, z, z]),
    "taken off": lambda z: -engine.total([z, z, z]),
    "taken off, and a number": lambda z: -engine.total([z, z, z, -1.27]),
    "with a factor": lambda z: engine.weighted_sum([z, z, z], [-2.0, -2.0, -2.0], 0.5),
    "a call with a sign": lambda z: -engine.exp(-z),
}


@pytest.mark.parametrize("name", SAME_ROW)
def test_a_sign_before_a_call_is_not_lost(name):
    w, f = engine.Value(0.7), SAME_ROW[name]
    compiled = engine.compile(lambda s: f(engine.tanh(w * s[0])), parameters=[w], backend="numpy")
    for x in (0.4, -1.3):
        loss = f(engine.tanh(w * x))
        assert compiled.run([(x,)]).losses[0] == pytest.approx(loss.data, rel=1e-15)
        assert compiled.run([(x,)]).gradient[0] == pytest.approx(engine.gradient(loss, w)[0], rel=1e-14)


def test_its_text_reads_like_numpy():
    machine = Program(mlp(2, 16, 16, 1))
    tree = ast.parse(machine.source)
    assert [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] == ["program", "step"]
    products = re.findall(r"np\.matmul\(.*, out=\w+\)", machine.source)
    assert len(products) == 3 + 3 + 2  # forward; to the weights; to the inputs of all layers but the first
    assert "# apply of rows" in machine.source
    assert max(map(len, machine.source.splitlines())) <= 140
    assert len(machine.source.splitlines()) < 90


def test_a_debugger_shows_its_lines():
    machine = Program(mlp(2, 3, 1))
    assert inspect.getsource(machine._program) in machine.source
    file = machine._program.__code__.co_filename
    assert linecache.getline(file, 1) == "import numpy as np\n"


def test_no_derivative_is_written_by_hand():
    """Another slope in the table is another slope in the program."""
    twice = engine.rule("twice_as_steep", "", lambda x: engine.tanh(x), lambda x, z: 2.0 * (1.0 - z * z))
    plan, right = one_rule(twice), one_rule(rules.tanh)
    assert results(Program(plan), plan, [0.3])[1] == 2 * results(Program(right), right, [0.3])[1]


OWN = {
    "cube": (lambda x: x * x * x, [lambda x, z: 3.0 * x * x]),
    "swish": (lambda x: x * engine.sigmoid(x), [lambda x, z: engine.sigmoid(x) * (1.0 + x - z)]),
    "hinge": (
        lambda x, y: engine.relu(1 - x * y),
        [lambda x, y, z: engine.where(z, -y, 0.0), lambda x, y, z: engine.where(z, -x, 0.0)],
    ),
    "bent": (lambda x: engine.where(x - 1, 2 * x - 1, x * x), [lambda x, z: engine.where(x - 1, 2.0, 2 * x)]),
    "softest": (lambda x: engine.logsumexp([x, 0.0]) + engine.total([x, x]), [lambda x, z: engine.sigmoid(x) + 2.0]),
    "flat": (lambda x: 3.0, [lambda x, z: 0.0]),
    "V": (lambda x: x**3 - abs(x), [lambda x, z: 3 * x**2 - engine.where(x, 1.0, -1.0)]),
}


@pytest.mark.parametrize("name", OWN)
def test_rules_of_your_own(name):
    forward, slopes = OWN[name]
    rule = engine.rule(name, "", forward, *slopes)
    plan = one_rule(rule)
    machine = Program(plan)
    for point in itertools.product([-1.5, 0.25, 2.0], repeat=len(slopes)):
        output, found = results(machine, plan, point)
        assert output == pytest.approx(forward(*point), rel=1e-14)
        assert found == pytest.approx([slope(*point, output) for slope in slopes], rel=1e-14)
    with np.errstate(all="raise"):
        agrees(machine, plan, 5)


def test_rules_of_your_own_that_use_each_other():
    engine.rule("inner", "", lambda x: x * x + 1, lambda x, z: 2 * x)
    outer = engine.rule(
        "outer", "", lambda x: RULES["inner"](engine.sin(x)), lambda x, z: 2 * engine.sin(x) * engine.cos(x)
    )
    plan = one_rule(outer)
    assert results(Program(plan), plan, [0.7])[0] == pytest.approx(math.sin(0.7) ** 2 + 1, rel=1e-15)


@pytest.mark.parametrize(
    ("name", "forward", "slope"),
    [
        ("mean_square", lambda xs: sum(x * x for x in xs) / len(xs), lambda xs, z: ([2 * x / len(xs) for x in xs],)),
        ("first_times_last", lambda xs: xs[0] * xs[-1], lambda xs, z: ([xs[-1], *[0.0] * (len(xs) - 2), xs[0]],)),
        ("norm", lambda xs: engine.sqrt(engine.total([x * x for x in xs])), lambda xs, z: ([x / z for x in xs],)),
        ("added", lambda xs: engine.total(xs), lambda xs, z: ([1.0] * len(xs),)),
    ],
)
def test_rules_of_your_own_on_lists(name, forward, slope):
    rule = engine.rule(name, "", forward, slope, lists=1)
    plan = HandMade(2, 4)
    z = plan.start([0.0] * 4, [[i] for i in range(4)], [[1.0]] * 4)
    plan.combine(z, [[1.0]] * 4, [[0], [1], [0], [1]])
    y = plan.collect(rule, [[z[0], z[1], z[2]], [z[3], z[1], z[1]], [z[2], 0, z[0]]])
    plan.done(y, y)
    agrees(Program(plan), plan, 6)


@pytest.mark.parametrize(
    ("name", "forward", "slope"),
    [
        ("branches", lambda x: x if x > 0 else 0.0, lambda x, z: 1.0),
        ("equals", lambda x: 1.0 if x == 0 else x, lambda x, z: 1.0),
        ("truth", lambda x: x if x else 1.0, lambda x, z: 1.0),
        ("number", lambda x: math.exp(x), lambda x, z: z),
        ("rounds", lambda x: round(x) * 1.0, lambda x, z: 0.0),
        ("steep", lambda x: x * 2, lambda x, z: 2.0 if x >= 0 else 3.0),
    ],
)
def test_what_cannot_be_read_says_so(name, forward, slope):
    rule = engine.rule(name, "", forward, slope)
    with pytest.raises(
        Unreadable, match=f"rule '{name}' cannot be read with symbols: its (forward function|slope) "
    ) as caught:
        Program(one_rule(rule))
    assert isinstance(caught.value, ValueError)


def test_a_plan_that_is_too_long_says_so():
    plan = HandMade(1, 0)
    rows = range(1)
    for _ in range(program.LONGEST):
        rows = plan.apply(rules.tanh, rows)
    with pytest.raises(
        Unreadable, match=f"at most {program.LONGEST} instructions, this plan has {program.LONGEST + 2}"
    ):
        Program(plan.done(rows))


def test_memory_is_bounded_however_many_rows():
    for rows in (1, 71, 2000, 10**5, 10**6, 10**8):
        lanes = program.lanes_at_a_time(rows)
        assert lanes == 1 or lanes * rows <= program.MOST


def test_forward_a_product_of_narrow_layers_is_small_enough_for_one_thread():
    lanes = program.lanes_of_one_thread(mlp(19, 16, 1), 10**6)
    assert lanes * 19 * 16 <= program.ONE_THREAD < (lanes + 1) * 19 * 16
    assert program.lanes_of_one_thread(mlp(19, 16, 1), 300) == 300
    assert program.lanes_of_one_thread(mlp(50, 40, 1), 700) == 700  # so wide that it would be too few samples


def test_forward_the_losses_and_outputs_are_those_beside_a_gradient():
    plan = mlp(19, 16, 1)
    P, X = numbers_for(plan, 3000)
    gradient, results = np.zeros(plan.parameters), []
    for filled in (gradient, None):
        losses, outputs = np.zeros(len(X)), np.zeros((len(X), len(plan.outputs)))
        Program(plan).run(P, X, np.arange(len(X)), 1.0, filled, losses, outputs)
        results.append((losses, outputs))
    for beside, forward in zip(*results, strict=True):
        np.testing.assert_allclose(forward, beside, rtol=1e-12)
    assert program.lanes_of_one_thread(plan, most := program.lanes_at_a_time(plan.rows)) < most < len(X)


def test_the_same_program_with_other_arrays():
    plan = mlp(2, 3, 1)
    machine = Program(plan)
    P, X = numbers_for(plan, 4)
    index, losses, outputs = np.arange(4), np.zeros(4), np.zeros((4, 1))
    machine.run(P, X, index, 1.0, None, losses, outputs)  # before there is any gradient
    first, second = np.zeros(plan.parameters), np.zeros(plan.parameters)
    machine.run(P, X, index, 1.0, first, losses, outputs)
    machine.run(P.copy(), X, index, 1.0, second, losses, outputs)
    np.testing.assert_array_equal(first, second)
    P += 0.5  # in place: the views show it
    changed = [reference(plan, P, x) for x in X]
    machine.run(P, X, index, 1.0, None, losses, outputs)
    np.testing.assert_allclose(losses, [loss for loss, _, _ in changed], rtol=1e-12)
    machine.run(P, X, index, 2.0, second, losses, outputs)
    np.testing.assert_allclose(second, np.sum([2 * np.array(of[2]) for of in changed], axis=0), rtol=1e-12)


def test_what_is_not_finite_is_left_as_it_comes():
    plan = mlp(2, 3, 1)
    P, X = numbers_for(plan, 3)
    X[1, 2] = math.inf
    X[2, 0] = math.nan
    gradient, losses = np.zeros(plan.parameters), np.zeros(3)
    Program(plan).run(P, X, np.arange(3), 1.0, gradient, losses, np.zeros((3, 1)))
    assert list(np.isfinite(losses)) == [True, False, False]
    assert not np.isfinite(gradient).any()


def test_a_plan_without_inputs_or_outputs():
    plan = HandMade(0, 2)
    squares = plan.start([0.0])
    plan.squares(squares, [[0, 1]], [[0, 1]])
    plan.done(squares)
    agrees(Program(plan), plan, 1)


@pytest.mark.parametrize(
    ("parameters", "squared", "gathered"),
    [
        (9, range(9), False),
        (9, [0, 1, 3, 4, 6, 7], False),  # weights, each line of them before its bias
        (9, [1, 2, 4, 5, 7, 8], False),  # behind it
        (17, [0, 1, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14], False),  # of two layers
        (5, [1, 2, 4], False),
        (5, [4, 3, 2, 1], False),
        (8, [1, 2, 3, 5, 6, 7], False),
        (40, range(0, 40, 2), False),
        (200, [i * i for i in range(14)], False),
        (2500, [i * i for i in range(50)], True),
        (4, [2, 2, 1, 1], True),
    ],
    ids=str,
)
def test_squares_of_parameters_are_taken_where_they_are(parameters, squared, gathered):
    plan = HandMade(0, parameters)
    z = plan.start([0.5])
    plan.squares(z, [list(squared)], [list(squared)])
    plan.done(z)
    program = Program(plan)
    agrees(program, plan, 1)
    assert ("P[parameters" in program.source) == gathered


def test_it_shows_what_it_is():
    assert repr(Program(mlp(2, 3, 1))).startswith("<NumPy program of ")
