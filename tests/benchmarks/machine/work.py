"""What every engine computes, made from a seed: a network on a data set, and a language model on names. Plain
numbers and lists only.

What makes data imports `nn` when it is called: the start of a side that has no use for it is timed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import ClassVar

from tests.benchmarks.problem import L2, WIDTHS, make_problem

__all__ = ["Gpt", "Network", "Work", "demo", "digits", "make", "names", "pixels"]

RATE = 0.1


@dataclass(frozen=True)
class Network:
    """A multilayer perceptron with relu, trained by gradient descent; the loss of a step is the mean over its batch,
    and a penalty."""

    cycle: ClassVar[int] = 1
    """Steps that are timed together: all of them are equally long."""

    widths: tuple[int, ...]
    inputs: list[list[float]]
    targets: list[float]
    """-1 or 1 for "hinge", the number of the class for "cross entropy"."""
    batch: int
    loss: str
    penalty: float
    """The factor of the sum of all squared parameters."""
    parameters: list[float]
    """Where training starts: neuron by neuron, each its weights and its bias."""
    rate: float = RATE

    @cached_property
    def batches(self) -> list[slice]:
        """The samples of each step, in turn; those that do not fill a batch are not used."""
        return [slice(start, start + self.batch) for start in range(0, len(self.inputs) - self.batch + 1, self.batch)]

    @property
    def layers(self) -> list[tuple[slice, tuple[int, int]]]:
        """Where each layer is among the parameters, and its shape there: a row for each neuron, its bias in the last
        column."""
        shapes = [(n_out, n_in + 1) for n_in, n_out in pairwise(self.widths)]
        ends = list(accumulate((rows * columns for rows, columns in shapes), initial=0))
        return [(slice(start, end), shape) for (start, end), shape in zip(pairwise(ends), shapes, strict=True)]

    @property
    def operations(self) -> float:
        """Multiplications and additions that a step cannot do without: of the weights forward, and twice backward
        but for the inputs."""
        forward = [n_in * n_out for n_in, n_out in pairwise(self.widths)]
        return 2.0 * self.batch * (3 * sum(forward) - forward[0])


@dataclass(frozen=True)
class Gpt:
    """A transformer of one layer over characters, after microgpt: RMS norm, attention of four heads, no biases; a
    name a step, Adam."""

    letters: ClassVar[str] = "abcdefghijklmnopqrstuvwxyz"
    width: ClassVar[int] = 16
    heads: ClassVar[int] = 4
    context: ClassVar[int] = 16
    epsilon: ClassVar[float] = 1e-5
    """Keeps the root in the RMS norm away from 0."""
    adam: ClassVar[tuple[float, float, float]] = (0.85, 0.99, 1e-8)
    rate: ClassVar[float] = 0.003
    shapes: ClassVar[dict[str, tuple[int, int]]] = {
        "token": (27, 16),
        "place": (16, 16),
        "query": (16, 16),
        "key": (16, 16),
        "value": (16, 16),
        "out": (16, 16),
        "wide": (64, 16),
        "narrow": (16, 64),
        "head": (27, 16),
    }
    """The matrices in the order in which they are laid out in the parameters, each row by row."""

    sequences: list[list[int]]
    """Names as numbers of letters, with the sign for "begin or end", 26, before and after."""
    parameters: list[float]

    @property
    def cycle(self) -> int:
        """Steps that are timed together: each name once, as they are of different lengths."""
        return len(self.sequences)

    @property
    def matrices(self) -> dict[str, tuple[slice, tuple[int, int]]]:
        """Where each matrix is among the parameters, and its shape."""
        ends = list(accumulate((rows * columns for rows, columns in self.shapes.values()), initial=0))
        return {name: (slice(*ends[i : i + 2]), shape) for i, (name, shape) in enumerate(self.shapes.items())}


Work = Network | Gpt


def demo(points: int = 100, batch: int = 100, width: int = WIDTHS[1]) -> Network:
    """micrograd's demo, which the benchmark of the eager engine runs too; with a hidden layer of another width, of
    smaller parameters."""
    problem = make_problem(points)
    inputs, targets = zip(*problem.examples, strict=True)
    widths = (2, width, width, 1)
    parameters = problem.parameters if widths == WIDTHS else start(widths, seed=0)
    return Network(widths, list(inputs), list(targets), batch, "hinge", L2, parameters)


def digits(batch: int = 32, hidden: int = 32) -> Network:
    """Handwritten digits of 8 by 8 pixels, in mini-batches, in their order."""
    from nn.data import shipped

    train = shipped.digits().train
    widths = (64, hidden, 10)
    return Network(
        widths,
        [list(image) for image in train.inputs],
        list(train.targets),
        batch,
        "cross entropy",
        0.0,
        start(widths, seed=0),
    )


def pixels(batch: int = 128, hidden: int = 512) -> Network:
    """As many inputs and classes as MNIST, filled with random numbers: a network that is large for this project."""
    rng = random.Random(0)
    images = [[rng.random() for _ in range(784)] for _ in range(batch)]
    widths = (784, hidden, 10)
    return Network(
        widths, images, [rng.randrange(10) for _ in images], batch, "cross entropy", 0.0, start(widths, seed=1)
    )


def names(count: int = 8, letters: int = Gpt.context) -> Gpt:
    """Names of at most so many letters, drawn by chance from the shipped list, and weights of the spread that
    microgpt starts with."""
    from nn.data import shipped

    rng = random.Random(0)
    end = len(Gpt.letters)
    chosen = rng.sample([name for name in shipped.names().train.inputs if len(name) <= letters], count)
    sequences = [[end, *map(Gpt.letters.index, name), end][: Gpt.context + 1] for name in chosen]
    return Gpt(
        sequences, [rng.gauss(0.0, 0.08) for rows, columns in Gpt.shapes.values() for _ in range(rows * columns)]
    )


def start(widths: Sequence[int], seed: int) -> list[float]:
    """Weights and biases from -1 to 1, over the root of the number of inputs."""
    rng = random.Random(seed)
    return [rng.uniform(-1, 1) / n_in**0.5 for n_in, n_out in pairwise(widths) for _ in range((n_in + 1) * n_out)]


MAKERS = {maker.__name__: maker for maker in (demo, digits, pixels, names)}


def make(recipe: dict[str, int | str]) -> Work:
    """The work that a recipe names, such as {"maker": "demo", "batch": 1}: a recipe can be sent to another process."""
    return MAKERS[str(recipe["maker"])](**{key: int(number) for key, number in recipe.items() if key != "maker"})
