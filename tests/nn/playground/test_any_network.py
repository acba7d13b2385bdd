"""What the page's machine makes of any loss, optimizer and regulariser, of attention, lookups and graphs without
products: the first gradient, and a hundred steps, beside eager ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine import PageMachine, Value, shape_of
from nn import SGD, Attention, Module, train
from nn.layers.dropout import Masks, drawn
from nn.training.arrays import shares_and_width
from nn.training.batches import batches, generator
from nn.training.fused_steps import update_of
from nn.training.losses import loss_of
from tests.engine.page_machine import in_node, needs_node
from tests.nn.test_backends import NETWORKS, OPTIMIZERS, REGULARIZERS, distance

pytestmark = pytest.mark.slow


class Seeing(Module):
    """Attention over four places, then the mean of what they found."""

    def __init__(self) -> None:
        self.attention = Attention(4, 2, rng=3)

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        found = self.attention.outputs([x[i : i + 4] for i in range(0, 16, 4)])
        return [sum(column[1:], column[0]) * 0.25 for column in zip(*found, strict=True)]


SEED = 3
chance = np.random.default_rng(SEED)
# the page records one sample for all, which must have its shape
CASES = {name: case for name, case in NETWORKS.items() if len({shape_of(x, []) for x, _ in case[2]}) == 1}
CASES["attention"] = (
    Seeing,
    "mse",
    [(chance.normal(size=16).tolist(), chance.normal(size=4).tolist()) for _ in range(10)],
)


def flat(sample: Any) -> list[float]:
    return [x for item in sample for x in (flat(item) if isinstance(item, list | tuple) else [float(item)])]


def in_page(network: str, optimizer: Any, regularizer: Any, batch_size: int | None, epochs: int) -> Any:
    """The first gradient, and the parameters after all steps."""
    needs_node()
    make, loss_name, data = CASES[network]
    model, loss, machine = make(), loss_of(loss_name), PageMachine()
    parameters, (shares, _) = model.parameters(), shares_and_width(model, data)

    def training_loss(sample: Any) -> Any:
        x, target, factors = sample
        masks: Any = Masks(factors)
        outputs = model.outputs(x, masks)
        return loss(outputs, target), outputs

    samples = [(x, target, [1.0] * len(each)) for (x, target), each in zip(data, shares, strict=True)]
    move, settings, names = update_of(optimizer)
    plans = {
        "loss": machine.record(training_loss, parameters, samples[0]),
        "penalty": machine.record(lambda _: regularizer(model.weights()), parameters, ()) if regularizer else None,
        "update": machine.record(move, settings, [0.5] * (2 + len(names))),
        "parameters": [p.data for p in parameters],
        "moving": len(parameters),
    }
    steps = []
    for epoch in range(epochs):
        for step, batch in enumerate(batches(len(data), batch_size, SEED, epoch)):
            rng = generator(SEED, epoch, step)
            steps.append([batch, [drawn(shares[i], rng) for i in batch]])
    call = """
    const descent = new Descent(plans), width = plans.loss.inputs, X = Float64Array.from(samples.flat());
    let first = null;
    for (const [batch, masks] of steps) {
      batch.forEach((sample, k) => X.set(masks[k], (sample + 1) * width - masks[k].length));
      const { finite } = descent.step(X, batch, 0, batch.length, rate);
      if (!finite) throw Error("not finite");
      first ??= descent.GP.slice();
    }
    return [first, descent.P];"""
    found = in_node(
        machine.source + call, plans=plans, samples=list(map(flat, samples)), steps=steps, rate=optimizer.rate
    )
    return [[float(x) for x in each] for each in found]


def by_train(network: str, optimizer: Any, regularizer: Any, batch_size: int | None, epochs: int) -> list[float]:
    """The parameters after the same steps, taken eagerly."""
    make, loss, data = CASES[network]
    run = train(make(), data, loss=loss, optimizer=optimizer, regularizer=regularizer, batch_size=batch_size,
                seed=SEED, epochs=epochs, backend="eager")  # fmt: skip
    for _ in run:
        pass
    return [p.data for p in run.parameters]


def agree(network: str, optimizer: str, regularizer: Any, batch_size: int | None, exact: bool = True) -> None:
    epochs = math.ceil(100 / math.ceil(len(CASES[network][2]) / (batch_size or len(CASES[network][2]))))
    there = by_train(network, OPTIMIZERS[optimizer](), regularizer, batch_size, epochs)
    _, here = in_page(network, OPTIMIZERS[optimizer](), regularizer, batch_size, epochs)
    assert distance(here, there) <= (1e-12 if exact else 1e-6)


@pytest.mark.parametrize("network", CASES)
def test_the_first_gradient(network: str) -> None:
    make, loss_name, data = CASES[network]
    model, loss = make(), loss_of(loss_name)
    first, _ = in_page(network, SGD(1e-300), None, None, 1)
    shares, _ = shares_and_width(model, data)
    rng = generator(SEED, 0, 0)
    masks = [drawn(each, rng) for each in shares]
    losses: list[Any] = [loss(model.outputs(x, Masks(mask)), t) for (x, t), mask in zip(data, masks, strict=True)]
    mean: Any = sum(losses[1:], losses[0]) / len(losses)
    mean.backward()
    assert distance(first, [p.grad or 0.0 for p in model.parameters()]) <= 1e-14


@pytest.mark.parametrize("batch_size", [None, 5])
@pytest.mark.parametrize("network", CASES)
def test_every_network_and_loss(network: str, batch_size: int | None) -> None:
    agree(network, "momentum", None, batch_size)


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_and_regulariser(optimizer: str, regularizer: str) -> None:
    """RMSProp divides by what may be nearly 0, and is chaotic in its last bits against itself too."""
    agree("two layers", optimizer, REGULARIZERS[regularizer], 5, exact=optimizer != "rmsprop")


def test_a_value_that_is_no_parameter_is_refused() -> None:
    w, other = Value(1.0, "w"), Value(2.0, "other")
    with pytest.raises(ValueError, match="other"):
        PageMachine().record(lambda sample: w * sample[0] + other, [w], (1.0,))
