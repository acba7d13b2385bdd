"""`engine.compile`: whatever runs it gives what the eager sweep gives, and says clearly what it cannot do."""

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
import pytest
from hypothesis import given

import engine
import nn
from engine import GradientError, RecordingError, Value, gradient, lookup, total
from engine.compiler.choice import Cost, choose, seconds, weigh
from engine.rules import RULES
from tests.engine.helpers import ROOT, examples
from tests.engine.programs import programs, tame
from tests.engine.test_plan import FORMULAS, P, attention, matrix, planned, recurrent

MACHINES = ("numpy", "kernel")
BACKENDS = (*MACHINES, "eager")


def mean_gradient(f, parameters, batch):
    """The gradient of the mean loss, by one graph of all samples."""
    losses = [loss if isinstance(loss, Value) else Value(loss) for loss in (first(f(sample)) for sample in batch)]
    return np.array(gradient(total(losses) * (1.0 / len(losses)), *parameters))


def first(result):
    return result[0] if isinstance(result, tuple) else result


def agree(f, parameters, batch, backend):
    compiled = engine.compile(f, parameters=parameters, backend=backend)
    result = compiled.run(batch)
    expected = mean_gradient(f, parameters, batch)
    assert np.linalg.norm(result.gradient - expected) <= 1e-12 * (1e-3 + np.linalg.norm(expected))
    assert result.losses == pytest.approx([float(first(f(sample))) for sample in batch], rel=1e-12, abs=1e-12)
    return compiled, result


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("f", FORMULAS.values(), ids=FORMULAS)
def test_formulas(f, backend):
    rng = Random(3)
    batch = [
        [1, rng.uniform(-1, 1)] if "table" in str(f) else [rng.uniform(0.1, 1), rng.uniform(-1, 1)] for _ in range(7)
    ]
    agree(f, P, batch, backend)


def in_place(name, beside):
    """Sums, a rule applied to them, and what else needs one of the sums."""
    w = [Value((-1.0) ** i * (0.9 + 0.1 * i)) for i in range(7)]
    bias = 3.0 if name == "sqrt" else 0.1

    def f(x):
        sums = [w[i] * x[0] + w[i + 1] * x[1] + bias for i in range(5)]
        made = [RULES[name](each) for each in sums]
        loss = total([i * z * z for i, z in enumerate(made, 1)])
        more = {"an operation": engine.sin(sums[2]), "a sum": w[6] * sums[2], "the same": made[1] * sums[1]}
        return loss + more.get(beside, 0.0), sums[2:3] if beside == "an output" else made

    return f, w


@pytest.mark.parametrize("beside", ["nothing", "an operation", "a sum", "the same", "an output"])
@pytest.mark.parametrize("name", ["relu", "exp", "sqrt", "tanh"])
def test_sums_that_are_used_up(name, beside):
    """The kernel writes the result of a rule over a sum that nothing else needs."""
    f, w = in_place(name, beside)
    batch = [[0.2 * i - 0.7, 0.9 - 0.1 * i] for i in range(9)]
    for some in (batch, batch[:1]):
        _, result = agree(f, w, some, "kernel")
        assert np.allclose(result.outputs, [list(map(float, f(x)[1])) for x in some], rtol=1e-12, atol=0.0)


@pytest.mark.parametrize("backend", MACHINES)
@given(program=programs())
@examples(15)
def test_random_programs(backend, program):
    if not tame(program):
        return
    parameters = [Value(x) for x in program.leaves[len(program.leaves) // 2 :]]
    inputs = list(program.leaves[: len(program.leaves) // 2])
    agree(lambda s: program.run([*s, *parameters], engine), parameters, [inputs, [x + 0.01 for x in inputs]], backend)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("backend", MACHINES)
def test_any_size_of_batch(backend, size):
    rng, model = Random(4), nn.MLP(3, [8, 4])
    batch = [([rng.uniform(-1, 1) for _ in range(3)], rng.randrange(4)) for _ in range(size)]

    def f(sample):
        outputs = model.outputs(sample[0])
        return nn.training.losses.cross_entropy(outputs, sample[1]), outputs

    _, result = agree(f, model.parameters(), batch, backend)
    assert result.outputs.shape == (size, 4)
    assert result.outputs[-1].tolist() == pytest.approx([y.data for y in model.outputs(batch[-1][0])], rel=1e-13)


@pytest.mark.parametrize("backend", MACHINES)
def test_sequences_of_different_lengths_have_a_recording_each(backend):
    rng = Random(5)
    W, (U, b, v) = matrix(rng, 3, 3), matrix(rng, 3, 3)
    parameters = [*U, *b, *v, *[w for row in W for w in row]]
    batch = [[rng.uniform(-1, 1) for _ in range(length)] for length in (3, 1, 3, 5, 1)]
    compiled, _ = agree(lambda s: recurrent(s, U, W, b, v), parameters, batch, backend)
    assert len(compiled.shapes) == 3
    compiled.run(batch[:2])
    assert len(compiled.shapes) == 3


@pytest.mark.parametrize("backend", MACHINES)
def test_attention(backend):
    rng = Random(6)
    E, Q, K, V, W = (matrix(rng, 6, 4), *(matrix(rng, 4, 4) for _ in range(3)), matrix(rng, 6, 4))
    parameters = [p for M in (E, Q, K, V, W) for row in M for p in row]
    agree(
        lambda s: attention(s, E, Q, K, V, W),
        parameters,
        [[0, 3, 5, 3, 1], [1, 1, 2], [5, 4, 3, 2, 1], [0, 5]],
        backend,
    )


@pytest.mark.parametrize("backend", MACHINES)
def test_a_few_active_words_of_many(backend):
    words = [Value(0.01 * i) for i in range(500)]
    batch = [([3, 499, 3], 1.0), ([7], 0.0), ([0, 1, 2], 1.0)]
    f = lambda s: nn.training.losses.binary_cross_entropy([total([lookup(words, i) for i in s[0]])], s[1])  # noqa: E731
    compiled, result = agree(f, words, batch, backend)
    assert np.flatnonzero(result.gradient).tolist() == [0, 1, 2, 3, 7, 499]
    assert compiled.plan.rows < 20, "a lookup costs no row for each item that is not picked"


def test_parameters_are_looked_through_once_for_many_functions():
    ws = [Value(1.0), Value(2.0)]
    parameters = engine.parameters_of(ws)
    assert engine.parameters_of(parameters) is parameters
    for form in (parameters, ws, iter(ws)):
        line = engine.compile(lambda s: ws[0] * s + ws[1], form, backend="numpy")
        assert line.run([3.0]).gradient.tolist() == [3.0, 1.0]


def test_what_eager_work_costs_is_told_by_all_edges_of_the_graph():
    x, y = Value(1.0), Value(2.0)
    shared = x * y + 1.0
    lists = engine.total([shared, x, x, engine.exp(shared)]), engine.weighted_sum([x, y], [shared, 2.0], 1.0)
    for result in (x, shared, shared * shared, *lists):
        edges = sum(len(node.inputs) for node in engine.topological_order(result))
        seconds = engine.eager_seconds(result, 3)
        assert seconds == pytest.approx(3 * engine.eager_seconds(x * y, 1) * edges / 2)
        assert engine.eager_seconds(result, 3, 2 * seconds) == seconds
        assert seconds / 10 <= engine.eager_seconds(result, 3, seconds / 10) <= seconds


@pytest.mark.parametrize("backend", BACKENDS)
def test_parameters_are_read_at_every_run_and_so_are_other_leaves(backend):
    w, other = Value(2.0), Value(1.0)
    compiled = engine.compile(lambda s: w * s[0] * other, [w], backend=backend)
    assert compiled.run([[3.0]]).losses[0] == 6.0
    w.data, other.data = 5.0, 2.0
    result = compiled.run([[3.0]])
    assert (result.losses[0], result.gradient.tolist()) == (30.0, [6.0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_error_of_the_forward_pass_names_the_node(backend):
    w = Value(1.0, "w")

    def f(sample):
        z = w * sample[0]
        if isinstance(z, Value):
            z.name = "z"
        return engine.log(z)

    compiled = engine.compile(f, [w], backend=backend)
    compiled.run([[1.0], [2.0]])
    with pytest.raises(ValueError, match=r"ln\(-3.0\) is not defined; its input is node 'z'"):
        compiled.run([[1.0], [-3.0]])


@pytest.mark.parametrize("backend", MACHINES)
def test_infinite_slopes_are_those_of_the_eager_sweep(backend):
    w = Value(0.0)
    result = engine.compile(lambda s: engine.sqrt(w) * s[0], [w], backend=backend).run([[2.0]])
    assert result.gradient.tolist() == [math.inf]


@pytest.mark.parametrize("index", [-1, 3, 1.5, math.nan])
@pytest.mark.parametrize("backend", MACHINES)
def test_an_index_out_of_range(backend, index):
    compiled = engine.compile(lambda s: lookup(P, s[0]) * 2.0, P, backend=backend)
    compiled.run([[1]])
    with pytest.raises(IndexError, match=r"3 items to look up, and .* is none of 0 to 2"):
        compiled.run([[0], [index]])


def test_a_function_of_chance_is_refused():
    rng = Random(0)
    with pytest.raises(RecordingError, match=r"'rng' each time .* random numbers must be inputs"):
        engine.compile(lambda s: P[0] * (s[0] + rng.random()), P, backend="numpy").run([[1.0]])


def test_so_is_one_whose_chance_nobody_sees():
    draws = iter([0.1, 0.2, 0.3, 0.4])
    with pytest.raises(GradientError, match="random numbers must be inputs"):
        engine.compile(lambda s: P[0] * (s[0] + next(draws)), P, backend="numpy").run([[1.0]])


def test_control_flow_is_refused_and_runs_eagerly():
    f = lambda s: P[0] * s[0] if s[0] > 0 else P[1] * s[0]  # noqa: E731
    with pytest.raises(RecordingError, match="where"):
        engine.compile(f, P, backend="numpy").run([[1.0]])
    agree(f, P, [[1.0], [-1.0]], "eager")


def test_a_rule_of_your_own_runs_in_the_program_and_one_that_cannot_be_read_runs_eagerly():
    cube = engine.rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    dark = engine.rule("dark", "d({0})", lambda x: math.exp(x), lambda x, z: z)
    try:
        compiled, _ = agree(lambda s: cube(P[0] * s[0]), P, [[0.3], [0.5]], "auto")
        assert (compiled.choice.backend, "'cube'" in compiled.choice.reason) == ("numpy", True)
        compiled, _ = agree(lambda s: dark(P[0] * s[0]), P, [[0.3], [0.5]], "auto")
        assert (compiled.choice.backend, "'dark'" in compiled.choice.reason) == ("eager", True)
        with pytest.raises(ValueError, match="cube"):
            engine.compile(lambda s: cube(P[0] * s[0]), P, backend="kernel").run([[0.3]])
    finally:
        del RULES["cube"], RULES["dark"]


WRONG = {
    "an unknown backend": (
        lambda: engine.compile(lambda s: s[0], backend="gpu"),
        ValueError,
        "unknown backend 'gpu'; known are auto, kernel, numpy, eager",
    ),
    "no samples": (lambda: engine.compile(lambda s: s[0]).run([]), ValueError, "no samples"),
    "a sample of Values": (
        lambda: engine.compile(lambda s: s[0]).run([[Value(1.0)]]),
        TypeError,
        "a sample made of numbers",
    ),
    "three results": (
        lambda: engine.compile(lambda s: (1.0, 2.0, 3.0), backend="numpy").run([[1.0]]),
        TypeError,
        "a loss, or",
    ),
    "nothing recorded yet": (lambda: engine.compile(lambda s: s[0]).plan, ValueError, "give it a batch first"),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG)
def test_wrong_uses_say_what_is_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()


def mlp(*sizes):
    model = nn.MLP(sizes[0], list(sizes[1:]), activation="relu")
    return planned(
        lambda s: nn.training.losses.mse(model.outputs(s[0]), s[1]),
        model.parameters(),
        [[0.1] * sizes[0], [0.1] * sizes[-1]],
    )[0]


@pytest.mark.slow
def test_small_networks_go_to_the_kernel_and_wide_ones_to_blas(monkeypatch):
    monkeypatch.setattr("engine.compiler.kernel.ready", lambda: True)
    small, wide = mlp(2, 16, 16, 1), mlp(784, 512, 10)
    assert weigh(small, None, 100)[0] == "kernel"
    assert weigh(wide, None, 128) == ("numpy", "its layers are wide")


def test_the_kernel_is_compiled_only_for_a_run_that_it_makes_shorter(monkeypatch):
    monkeypatch.setattr("engine.compiler.kernel.ready", lambda: False)
    small = mlp(2, 16, 16, 1)
    backend, reason = weigh(small, 100, 100)
    assert (backend, "prepare" in reason) == ("numpy", True)
    assert weigh(small, None, 100)[0] == "numpy"
    assert weigh(small, 10**9, 100)[0] == "kernel"


def test_a_longer_plan_and_a_larger_batch_take_longer():
    small, large = mlp(2, 8, 1), mlp(2, 64, 1)
    ones, eights = Cost(1, 1, 1, 1), Cost(1, 1, 1, 1, together=8)
    assert seconds(small, 1, ones, 8) == seconds(small, 1, eights, 8)
    assert seconds(small, 2, eights, 8) == seconds(small, 8, eights, 8) == seconds(small, 8, ones, 8)
    assert seconds(small, 1, ones, 4) < seconds(small, 2, ones, 4) < seconds(large, 2, ones, 4)
    assert seconds(small, 4, ones, 4) - seconds(small, 3, ones, 4) < seconds(small, 5, ones, 4) - seconds(
        small, 4, ones, 4
    )


def test_a_choice_says_why():
    plan = mlp(2, 3, 1)
    assert [choose(plan, backend)[:2] for backend in MACHINES] == [(backend, "as asked") for backend in MACHINES]


def alone(code, *blocked):
    block = f"import sys; sys.modules.update(dict.fromkeys({blocked!r}))\n"
    return subprocess.run([sys.executable, "-c", block + code], cwd=ROOT, capture_output=True, text=True, check=False)


def test_without_numpy_there_is_one_clear_line():
    run = alone("import engine; engine.compile(lambda s: s)", "numpy")
    assert (
        run.stderr.splitlines()[-1]
        == "ModuleNotFoundError: engine.compile needs the package numpy: pip install 'rantai[fast]'"
    )


@pytest.mark.slow
def test_prepare_says_what_it_did(tmp_path):
    ready = subprocess.run(
        [sys.executable, "-m", "engine", "prepare"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ready.stdout.startswith("the kernel")
    missing = alone("import sys; from engine.__main__ import main; sys.exit(main(['prepare']))", "numba")
    assert (missing.returncode, "pip install 'rantai[fast]'" in missing.stderr) == (1, True)


@pytest.mark.slow
@pytest.mark.parametrize("backend", MACHINES)
def test_a_loss_that_is_nearly_0_is_compared_without_alarm(backend):
    """What is left of a loss that has converged is rounding, which is not the same in another order of operations."""
    scale, rate, pace = Value(1.0), Value(0.1), Value(2.0)
    swing = [(0.1 * i, 0.8 * math.exp(-0.02 * i) * math.cos(0.21 * i)) for i in range(40)]

    def misfit(sample):
        t, angle = sample
        return (scale * engine.exp(-rate * t) * engine.cos(pace * t) - angle) ** 2

    compiled = engine.compile(misfit, parameters=[scale, rate, pace], backend=backend)
    for _ in range(3000):  # a warning would be an error
        compiled.assign(compiled.vector() - 0.1 * compiled.run(swing).gradient)
    assert compiled.vector() == pytest.approx([0.8, 0.2, 2.1], abs=1e-6)


@pytest.mark.parametrize("backend", MACHINES)
def test_threads_take_turns(backend):
    """Two functions of the same Values, one of them shared, in threads that are switched as often as can be."""
    w, b = Value(2.0, "w"), Value(0.5, "b")
    samples, found = [(1.0, 2.0), (0.5, 1.0)], []

    def loss(sample):
        return ((w * sample[0] + b).tanh() - sample[1]) ** 2

    right = engine.compile(loss, [w, b], backend="eager").run(samples).gradient

    def work(shared):
        for function in (engine.compile(loss, [w, b], backend=backend), shared) * 3:
            found.append(function.run(samples).gradient)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(10):
            shared = engine.compile(loss, [w, b], backend=backend)
            with ThreadPoolExecutor(4) as pool:
                for done in [pool.submit(work, shared) for _ in range(4)]:
                    done.result()
    finally:
        sys.setswitchinterval(before)
    assert len(found) == 240
    assert np.array(found) == pytest.approx(np.array([right] * 240), rel=1e-12)
    assert (type(w), type(b)) == (Value, Value)


@pytest.mark.parametrize("backend", MACHINES)
@pytest.mark.parametrize("index", [[3, 0, 2, 1], [2]])
def test_losses_that_are_made_ready_are_those_of_a_run(index, backend):
    """Of samples of several lengths, by a function of a Value that is no parameter too."""
    w, beside = Value(0.5), Value(2.0)
    batch = engine.compile(lambda xs: total([beside * w * x for x in xs]), [w], backend=backend).prepare(
        [[1.0], [2.0, 3.0], [0.25], [-1.0, 0.5, 4.0]]
    )
    losses = batch.ready(np.array(index))
    for vector, number in ((0.5, 2.0), (-1.5, 2.0), (-1.5, 0.75)):
        beside.data = number
        expected = batch.run(np.array([vector]), np.array(index))
        assert losses(np.array([vector])).tolist() == expected.tolist()
        by_hand = [number * vector * [1.0, 5.0, 0.25, 3.5][i] for i in index]
        assert expected.tolist() == pytest.approx(by_hand, rel=1e-15)
