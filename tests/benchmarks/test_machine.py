"""The benchmark of compiled graphs measures what it says: every side computes the same. Nothing is timed against a
clock here."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import count, cycle, pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from autograd import grad
from autograd import numpy as anp

from tests.benchmarks.__main__ import main
from tests.benchmarks.computer import lanes
from tests.benchmarks.machine import agreement, graphs, growth, peak, processes, scalar, trainings, worker
from tests.benchmarks.machine.comparison import PARTS, measure
from tests.benchmarks.machine.runner import Look, Runner
from tests.benchmarks.machine.sides import by_hand, microgpt
from tests.benchmarks.machine.table import BY_HAND, COMPARED, FLOORS, OURS, SIDES, TARGETS, WORKLOADS
from tests.benchmarks.machine.work import Gpt, Network, make

pytestmark = pytest.mark.slow  # each side is a process of its own

RECIPES = {name: workload.recipe | workload.quick for name, workload in WORKLOADS.items()} | {
    "wider": {"maker": "demo", "points": 6, "batch": 3, "width": 5},
    "batch": {"maker": "demo", "points": 7, "batch": 3},
    "pixels": {"maker": "pixels", "batch": 2, "hidden": 3},
}
PAIRS = [(name, side) for name in RECIPES for side in COMPARED if side != BY_HAND]


@pytest.mark.parametrize("name", RECIPES)
def test_by_hand_against_autograd(name: str) -> None:
    """Two steps: gradients by another library, of a loss that is written in another way, and the updates by their
    definitions."""
    work = make(RECIPES[name])
    runner = by_hand.prepare(work)
    parameters = np.array(work.parameters)
    loss_of = network_loss if isinstance(work, Network) else name_loss
    batches = work.batches if isinstance(work, Network) else work.sequences
    means = squares = np.zeros_like(parameters)
    for number in range(2):
        batch = batches[number % len(batches)]
        runner.run(1)
        found = runner.look()
        assert found.loss == pytest.approx(float(loss_of(parameters, work, batch)), rel=1e-12)
        gradient = grad(loss_of)(parameters, work, batch)
        assert np.abs(found.gradient - gradient).max() < 1e-12
        assert gradient.any()
        if isinstance(work, Network):
            parameters = parameters - work.rate * gradient
        else:
            beta1, beta2, epsilon = work.adam
            means, squares = beta1 * means + (1 - beta1) * gradient, beta2 * squares + (1 - beta2) * gradient**2
            unbiased = [m / (1 - beta ** (number + 1)) for m, beta in ((means, beta1), (squares, beta2))]
            parameters = parameters - work.rate * unbiased[0] / (np.sqrt(unbiased[1]) + epsilon)
        assert np.abs(found.parameters - parameters).max() < 1e-12


def network_loss(parameters, work, batch):
    x, targets = np.array(work.inputs[batch]), np.array(work.targets[batch])
    for place, shape in work.layers:
        layer = anp.reshape(parameters[place], shape)
        z = anp.dot(x, layer[:, :-1].T) + layer[:, -1]
        x = anp.maximum(z, 0.0)
    if work.loss == "hinge":
        losses = anp.maximum(0.0, 1 - targets * z[:, 0])
    else:
        losses = [-anp.log(anp.exp(row[int(t)]) / anp.sum(anp.exp(row))) for row, t in zip(z, targets, strict=True)]
    return sum(losses) / len(x) + work.penalty * anp.sum(parameters**2)


def name_loss(parameters, work, tokens):
    """Place by place, as the model is described: what follows each letter, from the letters up to it."""
    w = {name: anp.reshape(parameters[place], shape) for name, (place, shape) in work.matrices.items()}
    keys, values, losses = [], [], []
    for place, (token, following) in enumerate(pairwise(tokens)):
        x = rms_norm(w["token"][token] + w["place"][place])
        y = rms_norm(x)
        query = anp.dot(w["query"], y)
        keys.append(anp.dot(w["key"], y))
        values.append(anp.dot(w["value"], y))
        heads = []
        for start in range(0, 16, 4):
            fits = [anp.exp(anp.dot(query[start : start + 4], key[start : start + 4]) / 2) for key in keys]
            heads.append(
                sum(fit / sum(fits) * value[start : start + 4] for fit, value in zip(fits, values, strict=True))
            )
        x = x + anp.dot(w["out"], anp.concatenate(heads))
        x = x + anp.dot(w["narrow"], anp.maximum(anp.dot(w["wide"], rms_norm(x)), 0.0))
        scores = anp.exp(anp.dot(w["head"], x))
        losses.append(-anp.log(scores[following] / anp.sum(scores)))
    return sum(losses) / len(losses)


def rms_norm(x):
    return x / anp.sqrt(anp.mean(x**2) + 1e-5)


@pytest.fixture
def deep_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize(("name", "side"), PAIRS)
def test_sides_agree_with_numpy_by_hand(name: str, side: str) -> None:
    if processes.missing(side):
        pytest.skip(processes.missing(side))
    jobs = [{"job": "looks", "side": each, "recipe": RECIPES[name], "steps": 4} for each in (BY_HAND, side)]
    worker.prepared.cache_clear()  # the first step is the first
    right, found = (
        worker.answer(job) if processes.python_of(job["side"]) == sys.executable else processes.run(job) for job in jobs
    )
    for what, numbers in right.items():
        assert found[what] == pytest.approx(numbers, rel=1e-9, abs=1e-9), what


@pytest.mark.parametrize("outline", graphs.OUTLINES)
@pytest.mark.parametrize(("side", "variant"), graphs.VARIANTS.items())
def test_graphs_agree(outline: str, side: str, variant: str) -> None:
    if processes.missing(side):
        pytest.skip(processes.missing(side))
    found = processes.run(
        {"job": "graph_time", "side": side, "variant": variant, "outline": outline, "operations": 120}
    )
    tape = microgpt.Value
    numbers = [
        [tape(number) for number in graphs.numbers(*which)] for which in ((graphs.PARAMETERS, 1), (graphs.INPUTS, 2))
    ]
    loss = graphs.OUTLINES[outline](*numbers, 120, tanh, sum)
    loss.backward()
    assert found["loss"] == pytest.approx(loss.data, rel=1e-12)
    assert found["gradient"] == pytest.approx([p.grad for p in numbers[0]], abs=1e-12)


def tanh(x):
    e = (x * 2.0).exp()
    return (e - microgpt.Value(1.0)) / (e + microgpt.Value(1.0))


def test_microgpt_against_finite_differences() -> None:
    Value = microgpt.Value
    x = [0.7, -1.3, 2.1]

    def f(a, b, c):
        return ((a * b).exp() - b / c + (a * a + c).log() * c**1.5).relu() + -(b.relu())

    values = [Value(number) for number in x]
    f(*values).backward()
    for i, value in enumerate(values):
        up, down = (f(*(Value(n + step * (i == j)) for j, n in enumerate(x))).data for step in (1e-6, -1e-6))
        assert value.grad == pytest.approx((up - down) / 2e-6, rel=1e-7)


def test_the_language_model_is_of_the_stated_size() -> None:
    work = make({"maker": "names"})
    assert sum(rows * columns for rows, columns in Gpt.shapes.values()) == len(work.parameters) == 4192
    assert {26} == {tokens[0] for tokens in work.sequences} == {tokens[-1] for tokens in work.sequences}
    assert max(map(len, work.sequences)) <= Gpt.context + 1


def test_operations_of_a_step() -> None:
    """Of micrograd's demo: 304 weights forward and twice backward, but for the 32 of the inputs, a hundred times."""
    assert make({"maker": "demo"}).operations == 2 * 100 * (3 * (2 * 16 + 16 * 16 + 16) - 2 * 16)


class Invented(processes.Team):
    """Workers that answer what a function says, in no process."""

    def __init__(self, answer: Callable[[dict], dict]) -> None:
        super().__init__()
        self.answer = answer

    def ask(self, job: dict) -> dict:
        return self.answer(job)


def test_a_wrong_result_stops_the_benchmark() -> None:
    right = {"loss": [1.0], "gradient": [1.0, 2.0], "parameters": [0.0, 0.0]}
    for wrong in ({"gradient": [1.0, 2.1]}, {"loss": [float("nan")]}, {"parameters": [0.0, 1e-6]}):
        team = Invented(lambda job, wrong=wrong: right | (wrong if job["side"] == "PyTorch" else {}))
        with pytest.raises(AssertionError, match=f"W1: PyTorch and NumPy by hand differ on the {next(iter(wrong))}"):
            agreement.agree("W1", [BY_HAND, "PyTorch"], RECIPES["W1"], team)
    with pytest.raises(AssertionError, match="without NumPy"):
        agreement.agree("W1", ["PyTorch"], RECIPES["W1"], Invented(lambda job: right))


def test_names_of_every_length_are_held_against_numpy() -> None:
    """A peer compiles a function for each length; there are two in the trial, and five in earnest."""
    asked: list[dict] = []
    team = Invented(lambda job: asked.append(job) or {"loss": [], "gradient": [], "parameters": []})
    for recipe in (RECIPES["W5"], WORKLOADS["W5"].recipe):
        sequences = make(recipe).sequences
        assert len({len(tokens) for tokens in sequences}) > 1
        agreement.agree("W5", [BY_HAND, "CasADi SX, compiled"], recipe, team)
        assert asked[-1]["steps"] >= len(sequences)


def test_a_wrong_graph_stops_the_benchmark() -> None:
    right = {"loss": 1.0, "gradient": [1.0, -2.0]}
    graphs.check("chain", "CasADi SX", right, right)
    with pytest.raises(AssertionError, match="chain: CasADi SX is off by"):
        graphs.check("chain", "CasADi SX", {"loss": 1.0, "gradient": [1.0, -2.001]}, right)


def test_a_worker_that_fails_is_reported() -> None:
    with pytest.raises(RuntimeError, match="no such maker"):
        processes.run({"job": "looks", "side": BY_HAND, "recipe": {"maker": "no such maker"}, "steps": 1})


def test_steps_are_timed_in_whole_cycles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are of different lengths: a side that is timed on the short ones only would seem fast."""
    taken: list[list[int]] = []
    side = Runner(cycle(range(3)), lambda batch: None, lambda: Look(0.0, [], []), many=taken.append)
    monkeypatch.setattr(worker.importlib, "import_module", lambda name: SimpleNamespace(prepare=lambda *work: side))
    worker.prepared.cache_clear()
    worker.step_time(BY_HAND, {"maker": "names", "count": 3}, 0.001)
    worker.prepared.cache_clear()
    assert taken
    assert all(batches == [0, 1, 2] * (len(batches) // 3) for batches in taken)


def test_batches_are_drawn_before_the_clock_starts() -> None:
    drawn: list[int] = []
    seen: list[int] = []
    turns = (drawn.append(number) or number for number in count())
    take = Runner(turns, seen.append, lambda: Look(0.0, [], [])).ready(3)
    assert (drawn, seen) == ([0, 1, 2], [])
    take()
    assert (drawn, seen) == ([0, 1, 2], [0, 1, 2])


def test_a_worker_answers_one_job_after_another() -> None:
    """And remembers the side: a second look goes on from the first."""
    job = {"job": "looks", "side": BY_HAND, "recipe": RECIPES["batch"], "steps": 2}
    with processes.Team() as team:
        first, second = team.ask(job), team.ask(job)
    assert first["parameters"] != second["parameters"]
    assert first == processes.run(job)


def test_the_versions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where both environments have a package, it is that of this one, which is asked first."""
    monkeypatch.setattr(processes, "pythons", lambda: ["here", "peers"])
    monkeypatch.setattr(
        processes, "versions", {"here": {"numpy": "2"}, "peers": {"torch": "2.13", "numpy": "1"}}.__getitem__
    )
    monkeypatch.setattr(processes, "compiler", lambda: None)
    assert processes.measured_versions() == {"numpy": "2", "torch": "2.13"}


@pytest.mark.parametrize("width", [2, 4, 8])
def test_the_peak_does_the_operations_that_are_counted(width: int) -> None:
    """Each of the chains begins as f, and in each turn a becomes a·f + f; of each the first number is added up."""
    pytest.importorskip("llvmlite")
    chains, f, turns = peak.CHAINS[width], 0.5, 5
    a = f
    for _ in range(turns):
        a = a * f + f
    assert peak.loop(width, chains)(turns, f) == chains * a


@pytest.mark.parametrize(("features", "width"), [({"avx512f": True, "avx": True}, 8), ({"avx": True}, 4), ({}, 2)])
def test_the_width_of_vectors(features: dict[str, bool], width: int) -> None:
    assert lanes(features) == width


def test_the_floor_is_the_operations_at_the_speed_that_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    speeds = {"cpu": 1e9, "wall": 5e8}
    monkeypatch.setattr(peak, "operations_per_second", lambda variant: asked.append(variant) or speeds)
    operations = make({"maker": "demo"}).operations
    for side in FLOORS:
        found = worker.floor_time(side, {"maker": "demo"})
        assert found == {"cpu_seconds": operations / 1e9, "wall_seconds": operations / 5e8}
    assert asked == ["vectors", "blas"]


@pytest.mark.parametrize("variant", ["vectors", "blas"])
def test_a_speed_is_found(variant: str) -> None:
    pytest.importorskip("llvmlite")
    assert min(peak.operations_per_second(variant).values()) > 0


def test_the_scalar_update_is_that_of_our_optimizer() -> None:
    from nn import Adam

    work = make({"maker": "names", "count": 1})
    rng = random.Random(1)
    update, adam = scalar.updater(work), Adam(work.rate, *work.adam)
    p, q, state = work.parameters, work.parameters[0], {}
    for t in (1, 2, 3):
        gradient = [rng.gauss(0, 1) for _ in p]
        p, q = update(p, gradient), adam.move(q, gradient[0], state, work.rate, t)
    assert p[0] == pytest.approx(q, rel=1e-14)


@pytest.mark.parametrize(
    ("options", "beside", "added"),
    [
        ({}, [30.0], 1.0),
        ({"validated": True}, [30.0, 10.0], 0.8),
        ({"shuffled": True}, [30.0, 20.0], 0.6),
    ],
)
def test_what_fit_adds_to_an_epoch_is_what_steps_and_runs_do_not_take(
    options: dict[str, bool], beside: list[float], added: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10 epochs take 20 s, 60 take 100 s, and 50 steps 30 s: (100 - 20 - 30) / 50 = 1 s; 50 validations take 10 s, and
    drawing 50 orders 20 s."""
    fitted: list[tuple[int, bool, bool]] = []
    seconds = iter([20.0, 100.0, *beside])
    monkeypatch.setattr(trainings, "EPOCHS", (10, 60))
    monkeypatch.setattr(trainings, "fitted", lambda work, *given: fitted.append(given))
    monkeypatch.setattr(trainings, "validations", lambda work, times: lambda: None)
    monkeypatch.setattr(trainings, "timed", lambda action: action() or {"cpu_seconds": next(seconds)})
    monkeypatch.setattr(
        trainings.ours, "prepare", lambda work, backend: Runner(count(), lambda i: None, lambda: Look(0.0, [], []))
    )
    assert trainings.epoch({"maker": "demo"}, **options) == pytest.approx({"cpu_seconds": added})
    chosen = options.get("validated", False), options.get("shuffled", False)
    assert fitted == [(10, *chosen), (10, *chosen), (60, *chosen)]


def test_an_order_is_drawn_for_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, ...]] = []
    monkeypatch.setattr(trainings, "EPOCHS", (1, 4))
    monkeypatch.setattr(trainings, "batches", lambda *given: drawn.append(given))
    monkeypatch.setattr(trainings, "timed", lambda action: action() or {"cpu_seconds": 2.0})
    assert trainings.order({"maker": "demo", "batch": 10}) == {"cpu_seconds": 0.5}
    assert drawn == [(100, 10, 0, epoch) for epoch in range(4)]


def test_a_set_up_is_what_the_first_epoch_takes_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([5.0, 2.0])
    monkeypatch.setattr(trainings, "timed", lambda action: (action() and None) or {"wall_seconds": next(seconds)})
    assert trainings.set_up({"maker": "pixels", "batch": 4, "hidden": 3}) == {"wall_seconds": 3.0}


@pytest.mark.parametrize("part", trainings.PARTS)
def test_trainings_are_measured(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"cpu_seconds": 1.5, "wall_seconds": 3.0}
    monkeypatch.setattr(trainings, "missing", lambda side: "")
    monkeypatch.setattr(processes.Team, "ask", lambda team, job: answer)
    report = measure(2, True, [part])
    [figure] = report.figures
    assert (figure.cpu.median, figure.wall.median) == (1.5, 3.0)
    assert figure.reached == {"set-up": True, "fit-order": None}.get(part, False)
    assert "CPU 1.5 s, wall 3 s" in str(report)


def test_the_start_of_a_peer_has_nothing_of_ours_in_it() -> None:
    network = asdict(make(RECIPES["batch"]))
    program = f"""
import sys
from tests.benchmarks.machine.worker import answer
found = answer({{"job": "first_step", "side": {BY_HAND!r}, "network": {network!r}, "started": 0.0}})
assert found["cpu_seconds"] > 0
assert not {{"nn", "engine"}} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], cwd=processes.ROOT, check=True)


def test_every_part_and_target_is_of_something_that_is_measured() -> None:
    assert set(PARTS) == {*WORKLOADS, *growth.SERIES, *trainings.PARTS, "graph", "start"}
    for workload, side in TARGETS:
        assert workload in WORKLOADS
        assert side in COMPARED
    assert set(OURS) <= set(SIDES)
    assert all(isinstance(side.needs, tuple) for side in SIDES.values())


def test_a_trial_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("processes", "growth", "graphs", "trainings"):
        monkeypatch.setattr(f"tests.benchmarks.machine.{module}.missing", lambda side: "")
    monkeypatch.setattr(
        "tests.benchmarks.machine.comparison.missing",
        lambda side: "XAD: missing; to get it: do" if side == "XAD" else "",
    )
    asked: list[dict] = []
    speeds = {side: float(1 + number) for number, side in enumerate(SIDES)}

    def invented(job):
        asked.append(job)
        if job["job"] == "looks":
            return {"loss": [1.0], "gradient": [1.0], "parameters": [1.0]}
        times = {"cpu_seconds": speeds[job["side"]], "wall_seconds": 2 * speeds[job["side"]]}
        return times | {"first_cpu": 1.0, "first_wall": 1.0, "loss": 1.0, "gradient": [1.0]}

    monkeypatch.setattr(processes.Team, "ask", lambda team, job: invented(job))
    file = tmp_path / "figures.json"
    assert main(["machine", "--quick", "--rounds", "3", "--json", str(file)]) == 0
    content = json.loads(file.read_text(encoding="utf-8"))
    for timing in content["timings"]:
        assert set(timing) == {"workload", "engine", "collector", "cpu_seconds", "wall_seconds"}
    ratios = {(r["workload"], r["what"]): r for r in content["ratios"]}
    ratio = ratios["W1", "PyTorch / ours, kernel"]
    assert ratio["cpu"]["median"] == ratio["wall"]["median"] == speeds["PyTorch"] / speeds["ours, kernel"]
    assert (ratio["target"], ratio["reached"]) == (">= 30", False)
    assert ratios["W5", "JAX jit / ours, eager"]["target"] is None
    assert {s["what"]: s["reached"] for s in content["sizes"]}[
        "ours, kernel, from starting Python to the first step"
    ] is False
    table = capsys.readouterr().out
    assert "XAD: missing; to get it: do" in table
    assert "W1: PyTorch / ours, kernel 0.5 ×, target >= 30" in table
    in_a_round = [job["side"] for job in asked if job["job"] == "step_time" and job["recipe"] == RECIPES["W2"]]
    assert in_a_round == in_a_round[: len(in_a_round) // 3] * 3


def test_one_workload_can_be_chosen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    chosen: list[list[str] | None] = []
    monkeypatch.setattr(
        "tests.benchmarks.machine.comparison.measure",
        lambda rounds, quick, parts: chosen.append(parts) or growth.MachineReport("machine", 1, quick),
    )
    assert main(["machine", "--workload", "W2", "--workload", "start"]) == 0
    assert chosen == [["W2", "start"]]
    with pytest.raises(SystemExit):
        main(["machine", "--workload", "W3"])
    assert "invalid choice" in capsys.readouterr().err


def test_a_missing_peer_is_named_with_the_command_that_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "versions", lambda python: {"numpy": "2.4.6"})
    assert processes.missing(BY_HAND) == ""
    assert "pip install -r tests/benchmarks/machine/peers.txt" in processes.missing("PyTorch")
    assert "[fast]" in processes.missing("ours, kernel")
    monkeypatch.setattr(processes, "compiler", lambda: None)
    assert "no C compiler" in processes.missing("CasADi SX, compiled")
    with pytest.raises(RuntimeError, match="XAD: missing"):
        processes.run({"job": "looks", "side": "XAD"})


def test_the_peers_environment_has_all_that_the_sides_need() -> None:
    named = {
        line.partition("==")[0]
        for line in (processes.ROOT / processes.REQUIREMENTS).read_text(encoding="utf-8").splitlines()
        if line[0] != "#"
    }
    needed = {module for side in SIDES.values() if side.module not in ("ours", "peak") for module in side.needs}
    assert named == needed


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (1250.0, "1,250 s"),
        (12.54, "12.5 s"),
        (0.9, "900 ms"),
        (0.00307, "3.07 ms"),
        (3.074e-06, "3.07 µs"),
        (2e-7, "0.2 µs"),
    ],
)
def test_spans(seconds: float, shown: str) -> None:
    from tests.benchmarks.machine.results import span

    assert span(seconds) == shown
