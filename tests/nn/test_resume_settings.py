"""Going on with a checkpoint: what may change, and what may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nn import MLP, SGD, Module, Neuron, clip_norm, cosine, cross_entropy, fit, l2
from nn.data import moons
from tests.nn.helpers import numbers, same_run

pytestmark = pytest.mark.slow  # runs are trained, and gone on with

DATA = list(moons(n=20, test_fraction=0).train)
EPOCHS = 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.json"


def network(dropout: float = 0.0) -> MLP:
    return MLP(2, [3, 2], seed=1, dropout=dropout)


def loss(outputs: Any, target: Any) -> Any:
    return cross_entropy(outputs, target)


def test_the_number_of_epochs_may_change(path):
    model, longer = network(), network()
    settings = {"loss": "cross_entropy", "batch_size": 8, "progress": False, "optimizer": "adam"}
    straight = fit(model, DATA, epochs=EPOCHS, **settings)
    fit(network(), DATA, epochs=4, checkpoint=path, **settings)
    history = fit(longer, DATA, epochs=EPOCHS, checkpoint=path, **settings)
    same_run(longer, history, model, straight)


@pytest.mark.parametrize("epochs", [6, 9, 20])
def test_a_run_that_went_back_to_its_best_epoch_goes_on_from_its_last(path, epochs):
    settings = {"loss": "cross_entropy", "batch_size": 4, "optimizer": SGD(0.5, momentum=0.5), "validation": 0.3,
                "early_stopping": 8, "progress": False}  # fmt: skip
    model, longer = network(0.3), network(0.3)
    straight = fit(model, DATA, epochs=epochs, **settings)
    first = fit(network(0.3), DATA, epochs=4, checkpoint=path, **settings)
    assert first.best < 4
    history = fit(longer, DATA, epochs=epochs, checkpoint=path, **settings)
    same_run(longer, history, model, straight)


@pytest.mark.parametrize("early_stopping", [None, 2, 30])
def test_a_run_that_has_ended_is_given_back_as_it_was(path, early_stopping):
    settings = {"loss": "cross_entropy", "epochs": 40, "optimizer": SGD(3.0), "validation": 0.3,
                "early_stopping": early_stopping, "checkpoint": path, "progress": False}  # fmt: skip
    first, second = network(), network()
    histories = [fit(model, DATA, **settings) for model in (first, second)]
    same_run(second, histories[1], first, histories[0])
    assert histories[1] == histories[0]  # the time too: nothing was done again


SETTINGS: dict[str, Any] = {"loss": "cross_entropy", "epochs": 2, "validation": [([0.0, 0.0], 0)]}
OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "loss": ({"loss": loss}, "another loss: cross_entropy, not loss"),
    "optimizer": ({"optimizer": "adam"}, r"another optimizer: SGD\(rate=0.1, .*\), not Adam\("),
    "rate": ({"optimizer": SGD(0.2)}, r"another optimizer: SGD\(rate=0.1, .*\), not SGD\(rate=0.2"),
    "batch size": ({"batch_size": 4}, "another batch_size: None, not 4"),
    "regularizer": ({"regularizer": l2(0.1)}, r"another regularizer: None, not l2\(0.1\)"),
    "schedule": ({"schedule": cosine(4)}, r"another schedule: None, not cosine\(4, 0.0\)"),
    "clip": ({"clip": clip_norm(1.0)}, r"another clip: None, not clip_norm\(1.0\)"),
    "validation": ({"validation": None}, "another validation: .*, not None"),
    "a validation sample": ({"validation": [([0.0, 0.0], 1)]}, "another validation: "),
    "early stopping": ({"early_stopping": 5}, r"another early_stopping: None, not \[5, 0.0\]"),
    "seed": ({"seed": 9}, "another seed: 0, not 9"),
    "data": ({"data": DATA[:-1]}, "another data: "),
    "one number": ({"data": [([DATA[0][0][0] + 1e-15, DATA[0][0][1]], DATA[0][1]), *DATA[1:]]}, "another data: "),
    "order": ({"data": DATA[::-1]}, "another data: "),
    "sizes": ({"model": MLP(2, [4, 2], seed=1)}, r"another network: .*'sizes': \[3, 2\].*, not .*'sizes': \[4, 2\]"),
    "activation": ({"model": MLP(2, [3, 2], "relu", seed=1)}, "another network: .*'tanh'.*, not .*'relu'"),
    "weights' seed": ({"model": MLP(2, [3, 2], seed=2)}, "another network: .*'seed': 1.*, not .*'seed': 2"),
    "dropout": ({"model": network(0.5)}, "another network: .*'dropout': 0.0.*, not .*'dropout': 0.5"),
    "kind": ({"model": Neuron(2)}, "another network: .*'MLP'.*, not .*'Neuron'"),
}


@pytest.mark.parametrize("what", OTHER)
def test_another_run_is_refused_and_the_setting_named(what, path):
    changes, message = OTHER[what]
    fit(network(), DATA, checkpoint=path, progress=False, **SETTINGS)
    before = path.read_bytes()
    given = {"model": network(), "data": DATA, **SETTINGS, **changes}
    model, data = given.pop("model"), given.pop("data")
    start = numbers(model)
    with pytest.raises(ValueError, match=f"run.json: it is of a run with {message}") as caught:
        fit(model, data, checkpoint=path, progress=False, **given)
    assert str(caught.value).endswith("delete it to start anew")
    assert path.read_bytes() == before
    assert numbers(model) == start


class Mine(Module):
    """A network of one's own that says how it is made."""

    def __init__(self, width: int) -> None:
        self.neurons = [Neuron(2, rng=i) for i in range(width)]

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [neuron(x) for neuron in self.neurons]

    def config(self) -> dict[str, Any]:
        return {"widths": (len(self.neurons),)}


def test_a_network_of_ones_own_can_be_resumed_if_it_says_its_config(path):
    settings = {"loss": "cross_entropy", "batch_size": 8, "progress": False, "optimizer": "adam"}
    model, resumed = Mine(2), Mine(2)
    straight = fit(model, DATA, epochs=4, **settings)
    fit(Mine(2), DATA, epochs=2, checkpoint=path, **settings)
    same_run(resumed, fit(resumed, DATA, epochs=4, checkpoint=path, **settings), model, straight)
    with pytest.raises(ValueError, match=r"another network: .*'widths': \[2\].*, not .*'widths': \[3\]"):
        fit(Mine(3), DATA, epochs=4, checkpoint=path, **settings)


def test_what_could_not_be_written_is_refused_before_the_first_step(tmp_path):
    class Nameless(Mine):
        config = Module.config

    calls = []

    def loss(outputs: Any, target: Any) -> Any:
        calls.append(target)
        return cross_entropy(outputs, target)

    with pytest.raises(TypeError, match="Nameless cannot be saved: it does not say its config"):
        fit(Nameless(2), DATA, loss=loss, checkpoint=tmp_path / "run.json", progress=False)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere for the checkpoint run\.json"):
        fit(network(), DATA, loss=loss, checkpoint=tmp_path / "nowhere" / "run.json", progress=False)
    assert calls == []
