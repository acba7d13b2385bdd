"""What all engines compute: the numbers of micrograd's demo, the same for everyone."""

import random
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["L2", "WIDTHS", "Problem", "make_problem"]

WIDTHS = (2, 16, 16, 1)
L2 = 1e-4


@dataclass(frozen=True)
class Problem:
    examples: list[tuple[list[float], float]]
    """Points in the plane with the label 1.0 or -1.0."""
    parameters: list[float]
    """Where training starts: neuron by neuron, each its weights and its bias."""


def make_problem(points: int = 100, seed: int = 0) -> Problem:
    """Two moons, and parameters from -1 to 1."""
    from nn.data.generators import moons  # here, as in `tests.benchmarks.machine.work`

    train = moons(n=points, noise=0.1, seed=seed, test_fraction=0.0).train
    examples = [(list(point), 2.0 * label - 1.0) for point, label in zip(train.inputs, train.targets, strict=True)]
    rng = random.Random(seed)
    return Problem(
        examples, [rng.uniform(-1, 1) for n_in, n_out in pairwise(WIDTHS) for _ in range((n_in + 1) * n_out)]
    )
