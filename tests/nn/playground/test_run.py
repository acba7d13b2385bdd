"""A run of the playground's page, in Node, beside the same run by `nn.train`."""

from __future__ import annotations

import random
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from engine import Value
from nn import MLP, elastic, train
from nn.data.generators import GENERATORS
from nn.layers.init import INITS
from nn.playground.carried import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES, Carried
from tests.engine.page_machine import in_node, needs_node

LAYERS = [(), (3,), (5, 4), (3, 2, 4)]
USUAL: dict[str, Any] = {
    "layers": [5, 4], "activation": "tanh", "init": "xavier", "seed": 3, "optimizer": "SGD", "rate": 0.1,
    "schedule": "none", "batch": 0, "l1": 0.0, "l2": 0.0, "dropout": 0.0,
}  # fmt: skip


def script(name: str) -> str:
    return (files("nn.playground") / "static" / f"{name}.js").read_text(encoding="utf-8")


@cache
def carried(task: str) -> tuple[str, dict[str, Any]]:
    found = Carried({task: 1 if task == "regression" else 2}, LAYERS)
    return "\n".join([found.machine.source, script("random"), script("run")]), found.for_json()[task]


def samples(task: str) -> Any:
    return (GENERATORS["sine"] if task == "regression" else GENERATORS["moons"])(n=40, seed=1)


def in_page(task: str, call: str, **changes: Any) -> Any:
    needs_node()
    source, plans = carried(task)
    data = {
        name: [[list(x), float(np.ravel(t)[0])] for x, t in part]
        for name, part in (("train", samples(task).train), ("test", samples(task).test))
    }
    return in_node(
        f"{source}; const run = new Run(carried, settings, data); {call}",
        carried=plans,
        settings={**USUAL, **changes},
        data=data,
    )


def by_python(task: str, epochs: int, **changes: Any) -> tuple[Any, Any]:
    """The training run of the same settings, after so many epochs."""
    s = {**USUAL, **changes}
    optimizer = OPTIMIZERS[s["optimizer"]]()
    optimizer.rate = s["rate"]
    model = MLP(
        1 if task == "regression" else 2, [*s["layers"], 1], s["activation"], s["init"], s["seed"], dropout=s["dropout"]
    )
    run = train(
        model, samples(task).train, loss=LOSSES[task], optimizer=optimizer, epochs=epochs, backend="eager",
        batch_size=s["batch"] or None, seed=s["seed"], schedule=SCHEDULES.get(s["schedule"]),
        regularizer=elastic(s["l1"], s["l2"]) if s["l1"] or s["l2"] else None,
    )  # fmt: skip
    for _ in run:
        pass
    return model, run


def distance(mine: Any, theirs: Any) -> float:
    a, b = np.array(mine, dtype=float), np.array(theirs, dtype=float)
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


CHANGES: list[dict[str, Any]] = [
    *[{"layers": list(sizes)} for sizes in LAYERS],
    *[{"activation": name} for name in ACTIVATIONS],
    *[{"optimizer": name, "rate": 0.02} for name in OPTIMIZERS if name != "RMSProp"],
    *[{"schedule": name, "batch": 7} for name in SCHEDULES],
    *[{"init": name} for name in INITS],
    {"batch": 1}, {"batch": 32}, {"l1": 0.01}, {"l2": 0.01}, {"dropout": 0.3, "batch": 9},
    {"l1": 0.002, "l2": 0.01, "optimizer": "AdamW", "rate": 0.01},
    {"dropout": 0.5, "optimizer": "Adam", "rate": 0.01, "l2": 0.001},
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_hundred_steps_are_those_of_train(changes: dict[str, Any], task: str) -> None:
    steps = -(-32 // changes["batch"]) if changes.get("batch") else 1
    epochs = -(-100 // steps)
    call = f"for (let e = 0; e < {epochs}; e += 1) run.advanceEpoch(); return [run.descent.P, run.descent.memory];"
    (parameters, memory) = in_page(task, call, **changes)
    model, run = by_python(task, epochs, **changes)
    expected = [p.data for p in model.parameters()]
    assert distance(parameters[: len(expected)], expected) <= 1e-12
    names = list(run.optimizer.states[0]) if run.optimizer.states else []
    for name, found in zip(names, memory, strict=True):
        assert np.array(found, dtype=float) == pytest.approx(
            [state[name] for state in run.optimizer.states], rel=1e-8, abs=1e-12
        )


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_first_gradient_is_that_of_the_eager_sweep(task: str) -> None:
    call = "const loss = run.descent.gradient(run.X, run.all, 0, run.all.length); return [loss, run.descent.GP]"
    loss, gradient = in_page(task, call, optimizer="RMSProp")
    model, run = by_python(task, 0)
    mean: Any = sum([run.task.loss(model.outputs(x), t) for x, t in samples(task).train], Value(0.0)) / len(
        samples(task).train
    )
    mean.backward()
    assert float(loss) == pytest.approx(mean.data, rel=1e-14)
    assert distance(gradient[:-2], [p.grad for p in model.parameters()]) <= 1e-14


@pytest.mark.parametrize("changes", [{"batch": 5, "dropout": 0.2}, {"optimizer": "Adam"}], ids=str)
def test_going_back_and_on_gives_the_same_bits(changes: dict[str, Any]) -> None:
    """Also where only some epochs are kept."""
    call = """
    const go = (n) => { for (let e = 0; e < n; e += 1) run.advanceEpoch(); return Array.from(run.descent.P); };
    go(700); const then = go(50), kept = run.kept.size;
    run.goTo(333); const back = Array.from(run.descent.P); go(367); const again = go(50);
    run.goTo(0); const first = Array.from(run.descent.P); go(333);
    return [then, again, back, Array.from(run.descent.P), kept, first, run.start(), run.history.length];"""
    then, again, back, there, kept, first, start, seen = in_page("classification", call, **changes)
    assert (then, back) == (again, there)
    assert first[:-2] == start
    assert int(kept) < 520
    assert seen == "751"


@pytest.mark.parametrize(
    "seed", [0, 1, 7, 2**32 - 1, 2**32, 2**70, "", "0 0 order", "17 3 5", "ü ñ €", "x" * 111, "x" * 112, "y" * 300]
)
def test_random_numbers_are_those_of_python(seed: Any) -> None:
    needs_node()
    call = """const rng = new Random(typeof seed === "string" && seed.startsWith("n") ? BigInt(seed.slice(1)) : seed);
    const found = [];
    for (let i = 0; i < 700; i += 1) found.push(rng.random(), rng.below(i + 1), rng.uniform(-1, i), rng.gauss(0, 2));
    return [found, rng.shuffle(Array.from({ length: 100 }, (_, i) => i))];"""
    found, shuffled = in_node(script("random") + call, seed=f"n{seed}" if isinstance(seed, int) else seed)
    rng, expected = random.Random(seed), []
    for i in range(700):
        expected += [rng.random(), rng.randrange(i + 1), rng.uniform(-1, i), rng.gauss(0, 2)]
    order = list(range(100))
    rng.shuffle(order)
    assert list(map(float, found)) == pytest.approx(expected, rel=1e-14, abs=1e-15)
    assert [float(x) for i, x in enumerate(found) if i % 4 < 3] == [x for i, x in enumerate(expected) if i % 4 < 3]
    assert list(map(int, shuffled)) == order


def test_where_a_number_is_not_finite_nothing_moves_and_it_is_said_where() -> None:
    call = """
    let steps = 0;
    while (run.advance() && steps < 2000) steps += 1;
    const before = Array.from(run.descent.P); run.advance();
    return [before.every(Number.isFinite), Array.from(run.descent.P).every((x, i) => x === before[i]), run.trouble];"""
    finite, same, trouble = in_page("regression", call, rate=1e200, activation="sin", batch=1)
    assert finite is True
    assert same is True
    assert trouble["sample"] is not None or int(trouble["parameter"]) >= 0
