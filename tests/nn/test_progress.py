"""What is seen of a run while it goes on."""

from __future__ import annotations

import pytest

from nn import MLP, Epoch, Training, fit, train
from tests.nn.helpers import python

LINE = [([x], 2.0 * x + 1.0) for x in (0.0, 0.5, 1.0, 2.0)]


def test_the_bar_shows_the_losses(capsys):
    history = fit(MLP(1, [1], seed=1), LINE, epochs=3, validation=[([1.0], 3.0)])
    shown = capsys.readouterr().err
    assert "training: 100%" in shown
    assert "3/3" in shown
    assert f"loss {history[-1].loss:.4g}, validation {history[-1].validation:.4g}" in shown


def test_without_tqdm_training_goes_on_and_one_line_says_what_to_install():
    code = """
import sys
sys.modules["tqdm"] = None
from nn import MLP, fit
print(len(fit(MLP(1, [1]), [([1.0], 2.0)], epochs=3)))
"""
    done = python(code)
    assert done.stdout == "3\n"
    assert done.stderr.splitlines()[1:] == ["training without a progress bar; for one: pip install tqdm"]


@pytest.mark.parametrize("backend", ["auto", "eager", "numpy"])
def test_a_line_says_what_computes_the_steps_and_why(backend, capsys):
    for progress in (True, False):
        fit(MLP(1, [1], seed=1), LINE, epochs=1, progress=progress, backend=backend)
    first, *others = capsys.readouterr().err.splitlines()
    run = train(MLP(1, [1], seed=1), LINE, epochs=1, backend=backend)
    assert first == f"backend {run.backend}: {run.reason}"
    assert run.backend == ("numpy" if backend == "numpy" else "eager")
    assert (run.reason == "as asked") == (backend != "auto")
    assert not [line for line in others if line.startswith("backend")]


def test_a_run_is_an_iterator_of_epochs():
    run = train(MLP(1, [1], seed=1), LINE, epochs=2)
    assert isinstance(run, Training)
    assert iter(run) is run
    first = next(run)
    assert isinstance(first, Epoch)
    assert (run.epoch, run.step, run.history) == (1, 0, [first])
    next(run)
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(run)
