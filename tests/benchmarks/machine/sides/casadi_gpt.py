"""The language model in CasADi: a graph of SX scalars for names of each length, with a lookup and Adam on arrays
around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tests.benchmarks.machine import scalar
from tests.benchmarks.machine.runner import Runner, look_at
from tests.benchmarks.machine.sides import casadi as networks
from tests.benchmarks.machine.work import Gpt

__all__ = ["prepare"]

OPTIMISE = "-O2"
"""The library is as fast as by -O3, and compiled in half the time, in most of a minute for a name of nine letters."""


def prepare(work: Gpt, variant: str = "") -> Runner:
    import numpy as np

    functions = {}
    for places in sorted({len(tokens) - 1 for tokens in work.sequences}):
        function = step_function(work, places)
        functions[places] = networks.library(function, OPTIMISE) if variant == "compiled" else function
    parameters, loss = np.array(work.parameters), np.zeros(1)
    gradient, steps = np.zeros(len(work.parameters)), np.zeros(1)
    state = [parameters, np.zeros_like(parameters), np.zeros_like(parameters)]
    moved = [np.zeros_like(parameters) for _ in state]

    def ready(tokens: list[int]) -> Callable[[], None]:
        letters = np.eye(work.shapes["token"][0])[tokens]
        return networks.call(
            functions[len(tokens) - 1],
            [*state, steps, letters[:-1].copy(), letters[1:].copy()],
            [loss, gradient, *moved],
        )

    def step(call: Callable[[], None]) -> None:
        steps[0] += 1
        call()
        for old, new in zip(state, moved, strict=True):
            old[:] = new

    return Runner(scalar.turns(work, ready), step, lambda: look_at(loss[0], gradient, parameters))


def step_function(work: Gpt, places: int) -> Any:
    """Parameters, their means and squares, the number of the step, and the letters to loss, gradient and what the first
    three become.

    A letter is a column of zeros with a one, for what is read and for what follows; so an embedding is a product of
    matrices.
    """
    import casadi

    parameters, mean, square = (casadi.MX.sym(name, len(work.parameters)) for name in ("p", "m", "s"))
    (table, (letters, width)), steps = work.matrices["token"], casadi.MX.sym("steps")
    read, target = casadi.MX.sym("read", letters, places), casadi.MX.sym("target", letters, places)
    # row by row is column by column, transposed
    embeddings = casadi.mtimes(casadi.reshape(parameters[table], width, letters), read)
    loss, slope, embedded = name_function(work, places)(parameters[table.stop :], embeddings, target)
    gradient = casadi.vertcat(casadi.vec(casadi.mtimes(embedded, read.T)), slope)
    beta1, beta2, epsilon = work.adam
    mean_now = beta1 * mean + (1 - beta1) * gradient
    square_now = beta2 * square + (1 - beta2) * gradient**2
    root = casadi.sqrt(square_now / (1 - beta2**steps))
    moved = parameters - work.rate / (1 - beta1**steps) * mean_now / (root + epsilon)
    taken = [parameters, mean, square, steps, read, target]
    return casadi.Function("whole_step", taken, [loss, gradient, moved, mean_now, square_now])


def name_function(work: Gpt, places: int) -> Any:
    """Parameters but for those of the embedding, an embedding for each place, and what follows there, to the loss
    and its slopes."""
    import casadi

    (table, (letters, width)) = work.matrices["token"]
    parameters = casadi.SX.sym("p", len(work.parameters) - table.stop)
    embeddings, targets = casadi.SX.sym("x", width, places), casadi.SX.sym("t", letters, places)
    columns = [[casadi.vertsplit(column) for column in casadi.horzsplit(symbol)] for symbol in (embeddings, targets)]
    tokens = [Letter(*pair) for pair in zip([*columns[0], []], [[], *columns[1]], strict=True)]
    unused = [casadi.SX(0)] * table.stop
    loss = scalar.gpt_loss(work, [*unused, *casadi.vertsplit(parameters)], tokens, Operations)
    slopes = [casadi.gradient(loss, parameters), casadi.gradient(loss, embeddings)]
    return casadi.Function("name", [parameters, embeddings, targets], [loss, *slopes])


class Letter(NamedTuple):
    """One of a name."""

    embedding: list[Any]
    """Where it is read."""
    target: list[Any]
    """A one among zeros, where it is what follows."""


class Operations(networks.Operations):
    @staticmethod
    def pick(numbers: Sequence[Any], index: Letter) -> Any:
        """The embedding of a letter, where a row of a table is asked for, or else its score."""
        return index.embedding if isinstance(numbers[0], list) else scalar.Plain.dot(numbers, index.target)
