"""Matrix products in the kernel, of all small shapes: in tiles, where the processor has the registers, and in plain
loops."""

import importlib.util
import os

import numpy as np
import pytest

from tests.engine.helpers import python
from tests.engine.plans import HandMade

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler import kernel


def compared(rows: int, inner: int, columns: int, samples: int, transposed: bool, layout: str) -> None:
    """Two products, one of what the other gives, beside NumPy's: z = A x, y = A' z with x in so many columns, and the
    gradient of the sum of all y², whose weights are 1 where A is read down or along. Columns of x and z are read beside
    each other, or one after another; or the rows of x are windows of one long row."""
    after = layout == "one after another"
    step, apart = (1, inner) if after else (1 if layout == "windows" else columns, 1)
    inputs = (inner - 1) * step + (columns - 1) * apart + 1
    plan, rng = HandMade(inputs, 2 * rows * inner), np.random.default_rng(rows + 10 * inner + 100 * columns)
    down, along = (1, rows) if transposed else (inner, 1)
    z = plan.start([0.0] * (rows * columns))
    plan.matmul(z, rows, inner, (0, down, along), (0, step, apart))
    y = plan.start([0.0] * (inner * columns))
    second_step = (1, rows) if after else (columns, 1)
    plan.matmul(y, inner, rows, (rows * inner, *((1, inner) if transposed else (rows, 1))), (z[0], *second_step))
    loss = plan.start([0.0])
    plan.products(loss, [list(y)], [list(y)])
    plan.loss = loss[0]
    P, X = rng.normal(size=plan.parameters), rng.normal(size=(samples, inputs))
    A, A2 = (part.reshape(inner, rows).T if transposed else part.reshape(rows, inner) for part in np.split(P, 2))
    A2 = P[rows * inner :].reshape(rows, inner).T if transposed else P[rows * inner :].reshape(inner, rows)
    gradient, losses = np.zeros(len(P)), np.zeros(samples)
    kernel.Kernel(plan).run(P, X, np.arange(samples), 1.0, gradient, losses, np.zeros((samples, 0)))
    first, second = np.zeros_like(A), np.zeros_like(A2)
    for sample, numbers in enumerate(X):
        x = np.array([[numbers[k * step + c * apart] for c in range(columns)] for k in range(inner)])
        product = (A @ x).reshape(columns, rows).T if after else A @ x  # as the second one reads it
        assert losses[sample] == pytest.approx(((A2 @ product) ** 2).sum(), rel=1e-11)
        upstream = 2 * A2 @ product
        second += upstream @ product.T
        passed = A2.T @ upstream
        first += (passed.T.reshape(rows, columns) if after else passed) @ x.T
    expected = [part.T if transposed else part for part in (first, second)]
    found = [part.reshape(right.shape) for part, right in zip(np.split(gradient, 2), expected, strict=True)]
    for mine, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, right, rtol=1e-10, atol=1e-10 * np.abs(right).max())


SHAPES = [(1, 1), (1, 9), (2, 8), (3, 7), (4, 4), (5, 17), (7, 2), (8, 8), (9, 10), (17, 9)]
BATCHES = [(1, 1), (3, 1), (11, 1), (1, 2), (1, 8), (1, 16), (1, 24), (1, 33), (2, 20), (1, 104), (3, 45)]
"""Columns and samples. Where there are at most as many lanes as rows, these are turned."""


def all_shapes() -> None:
    for rows, inner in [(1, 1), (1, 9), (2, 8), (3, 7), (4, 4), (5, 17), (7, 2), (8, 8), (9, 10), (17, 9)]:
        for columns, samples in [
            (1, 1),
            (3, 1),
            (11, 1),
            (1, 2),
            (1, 8),
            (1, 16),
            (1, 24),
            (1, 33),
            (2, 20),
            (1, 104),
            (3, 45),
        ]:
            for transposed in (False, True):
                for layout in ("beside each other", "one after another", "windows"):
                    compared(rows, inner, columns, samples, transposed, layout)


def test_products_of_all_small_shapes():
    all_shapes()


OTHER_WAY = """
from engine.compiler.kernel import cache
from tests.engine.test_kernel_products import all_shapes

text = cache.kernel_source()
other = text.replace("TILES = bool(", "TILES = not bool(")
assert other != text
cache.kernel_source = lambda: other
all_shapes()
"""


@pytest.mark.slow
def test_products_written_the_other_way(tmp_path):
    """Plain loops where this processor has tiles, and tiles where it has plain loops. Another text is compiled."""
    python(OTHER_WAY, RANTAI_CACHE=str(tmp_path), timeout=300)
