"""Inputs and targets apart, as lists, arrays, tensors and data frames: the same bits as pairs; and a signature that
says all settings."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import nn
from nn import MLP, Adam, accuracy, confusion, fit, predict, rmse, train
from nn.data import moons
from nn.training.task import Task
from tests.nn.helpers import COMPILED, ROOT, Frame, OtherTensor, Tensor, bits, figures, numbers, python, same_run

DATA = moons(n=40, seed=1).train
PAIRS = list(DATA)
X, Y = [x for x, _ in PAIRS], [t for _, t in PAIRS]
SETTINGS: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "adam", "epochs": 4, "batch_size": 8, "seed": 3}


def frame(rows: Any) -> Frame:
    return Frame({f"x{i}": column for i, column in enumerate(zip(*rows, strict=True))})


KINDS = {
    "lists": (X, Y),
    "tuples": (tuple(map(tuple, X)), tuple(Y)),
    "arrays": (np.array(X), np.array(Y)),
    "rows in a list": (list(np.array(X)), list(np.array(Y))),
    "column-major": (np.asfortranarray(X), np.array(Y, dtype=np.int8)),
    "tensors": (Tensor(X), Tensor(Y)),
    "tensors with numpy() alone": (OtherTensor(X), OtherTensor(Y)),
    "frame and column": (frame(X), Frame({"y": Y})["y"]),
    "a column by name": (Frame({**frame(X).cells, "kind": Y}), "kind"),
    "another place, by name": (Frame({"kind": Y, **frame(X).cells}), "kind"),
}


def trained(*data: Any, **settings: Any) -> Any:
    model = MLP(2, [4, 2], seed=2)
    return model, fit(model, *data, progress=False, **{**SETTINGS, **settings})


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
@pytest.mark.parametrize("kind", KINDS)
def test_inputs_and_targets_give_the_bits_of_pairs(kind, backend):
    same_run(*trained(*KINDS[kind], backend=backend), *trained(PAIRS, backend=backend))


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_is_asked_and_scored_about_the_same_kinds(kind):
    model, _ = trained(PAIRS)
    inputs, targets = KINDS[kind]
    assert accuracy(model, inputs, targets) == accuracy(model, PAIRS) > 0.7
    assert confusion(model, inputs, targets) == confusion(model, PAIRS, 2) == confusion(model, PAIRS, classes=2)
    if not isinstance(targets, str):
        assert [bits(row) for row in predict(model, inputs)] == [bits(row) for row in predict(model, X)]


def test_errors_are_measured_with_and_without_a_scale():
    model, y = MLP(2, [1], seed=4), [0.5 * t for t in Y]
    pairs = list(zip(X, y, strict=True))
    error = np.sqrt(np.mean((np.array(predict(model, X))[:, 0] - y) ** 2))
    for found in (rmse(model, X, y), rmse(model, pairs), rmse(model, np.array(X), np.array(y), 1.0)):
        assert found == pytest.approx(error, rel=1e-12)
    for found in (rmse(model, X, y, 4.0), rmse(model, pairs, 4.0), rmse(model, pairs, scale=4.0)):
        assert found == pytest.approx(4 * error, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_validation_samples_may_be_apart_too(kind):
    expected = trained(PAIRS, validation=PAIRS[:10], early_stopping=2)
    inputs, targets = KINDS[kind]
    some = X[:10], Y[:10]
    same_run(*trained(inputs, targets, validation=some, early_stopping=2), *expected)
    expected = trained(PAIRS, validation=PAIRS)
    same_run(*trained(PAIRS, validation=(inputs, targets)), *expected)
    assert all(epoch.validation is not None for epoch in expected[1])


def test_a_tuple_of_two_pairs_is_two_pairs():
    two = (([0.0, 1.0], 0), ([1.0, 0.0], 1))
    same_run(*trained(PAIRS, validation=two), *trained(PAIRS, validation=list(two)))


def test_several_targets_a_row():
    targets = np.array([[x[0] + x[1], x[0] - x[1]] for x in X])
    one, other = MLP(2, [2], seed=1), MLP(2, [2], seed=1)
    history = fit(one, np.array(X), targets, epochs=3, progress=False)
    same_run(one, history, other, fit(other, list(zip(X, targets.tolist(), strict=True)), epochs=3, progress=False))
    third = MLP(2, [2], seed=1)
    fit(third, frame(X), frame(targets.tolist()), epochs=3, progress=False)
    assert bits(numbers(third)) == bits(numbers(one))


def test_the_data_are_left_as_they_are():
    inputs, targets = np.array(X), np.array(Y)
    inputs.flags.writeable = targets.flags.writeable = False
    one = trained(inputs, targets)
    assert figures(one[1]) == figures(trained(PAIRS)[1])


# What an editor completes


def settings_of(function: Any) -> list[inspect.Parameter]:
    return [p for p in inspect.signature(function).parameters.values() if p.kind == p.KEYWORD_ONLY]


def test_fit_and_train_say_the_settings_of_a_task_and_of_a_run():
    """They stand in three places, so that every editor shows them: with the same names, order, defaults and types."""
    of_task = settings_of(Task.__init__)
    assert settings_of(train)[: len(of_task)] == of_task
    assert [p.name for p in settings_of(train)[len(of_task) :]] == ["checkpoint", "backend"]
    assert settings_of(fit)[:-1] == settings_of(train)
    assert settings_of(fit)[-1].name == "progress"


@pytest.mark.parametrize("function", [fit, train])
def test_every_setting_reaches_the_task(function):
    given = {"loss": nn.mae, "optimizer": Adam(0.5), "epochs": 1, "batch_size": 2, "regularizer": nn.l2(0.1),
                 "schedule": nn.cosine(3), "clip": nn.clip_norm(2.0), "validation": PAIRS[:3],
                 "early_stopping": nn.EarlyStopping(4), "seed": 7}  # fmt: skip
    assert list(given) == [p.name for p in settings_of(Task.__init__)]
    seen: dict[str, Any] = {}
    before = Task.__init__

    def spy(self: Task, *data: Any, **settings: Any) -> None:
        seen.update(settings)
        before(self, *data, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Task, "__init__", spy)
        function(MLP(2, [1]), PAIRS, **given, **({"progress": False} if function is fit else {}))
    assert seen == given


WRONG_NAMES = {
    "epoch": "epochs", "n_epochs": "epochs", "lr": "optimizer", "batch": "batch_size", "batchsize": "batch_size",
    "scheduler": "schedule", "regulariser": "regularizer", "patience": "early_stopping", "random_state": "seed",
    "validation_data": "validation", "optimiser": "optimizer", "verbose": "progress", "criterion": "loss",
    "checkpoints": "checkpoint",
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "meant"), WRONG_NAMES.items())
def test_a_wrong_name_is_answered_with_the_right_one(wrong, meant):
    with pytest.raises(TypeError, match=rf"fit\(\) .*'{wrong}', did you mean {meant}\?; write fit\(model, X, y"):
        fit(MLP(2, [2]), X, Y, **{wrong: 1})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("from nn import fit\nfit(model, X, y, ep", "epochs="),
        ("from nn import train\ntrain(model, X, y, early", "early_stopping="),
        ("import nn\nnn.Regre", "Regressor"),
        ("import nn\nnn.Classifier(hid", "hidden="),
    ],
)
def test_an_editor_completes_them(written, expected):
    """Without running anything: by jedi, which IPython brings."""
    jedi = pytest.importorskip("jedi")
    lines = written.splitlines()
    found = jedi.Script(written, project=jedi.Project(ROOT)).complete(len(lines), len(lines[-1]))
    assert expected in [completion.name for completion in found]


def test_nothing_is_imported_for_data_in_lists():
    code = "import sys, nn; nn.fit(nn.MLP(1, [1]), [[1.0]], [2.0], epochs=1, progress=False)\n"
    code += "print([name for name in ('numpy', 'sklearn', 'pandas') if name in sys.modules])"
    assert python(code).stdout == "[]\n"
