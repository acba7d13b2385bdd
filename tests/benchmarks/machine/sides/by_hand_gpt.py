"""The language model in NumPy, all places of a name at once, its derivatives written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.machine.runner import Runner, look_at
from tests.benchmarks.machine.scalar import turns
from tests.benchmarks.machine.work import Gpt

__all__ = ["adam", "prepare"]

Array = Any
SIZE = Gpt.width // Gpt.heads


def prepare(work: Gpt) -> Runner:
    parameters = np.array(work.parameters)
    gradient = np.zeros_like(parameters)
    weights, slopes = (
        {name: flat[place].reshape(shape) for name, (place, shape) in work.matrices.items()}
        for flat in (parameters, gradient)
    )
    update = adam(work, parameters)
    loss = 0.0

    def step(tokens: Array) -> None:
        nonlocal loss
        gradient.fill(0.0)
        loss = differentiate(weights, slopes, tokens)
        update(gradient)

    return Runner(turns(work, np.array), step, lambda: look_at(loss, gradient, parameters))


def adam(work: Gpt, parameters: Array) -> Any:
    """Updates the array of parameters in place, given the gradient."""
    beta1, beta2, epsilon = work.adam
    mean, square = np.zeros_like(parameters), np.zeros_like(parameters)
    steps = 0

    def update(gradient: Array) -> None:
        nonlocal steps
        steps += 1
        mean.__imul__(beta1).__iadd__((1 - beta1) * gradient)
        square.__imul__(beta2).__iadd__((1 - beta2) * gradient * gradient)
        root = np.sqrt(square / (1 - beta2**steps))
        root += epsilon
        parameters.__isub__(mean * (work.rate / (1 - beta1**steps)) / root)

    return update


def differentiate(w: dict[str, Array], d: dict[str, Array], tokens: Array) -> float:
    """The loss of a name; its slopes are written into `d`. A row of each array is a place in the name."""
    read, targets = tokens[:-1], tokens[1:]
    n = len(read)
    embedding = w["token"][read] + w["place"][:n]
    x0, scale0 = norm(embedding)
    y0, scale1 = norm(x0)
    query, key, value = (split(y0 @ w[name].T) for name in ("query", "key", "value"))
    fits = query @ key.transpose(0, 2, 1) * SIZE**-0.5
    fits[:, ~np.tri(n, dtype=bool)] = -np.inf
    attention = softmax(fits)
    heads = join(attention @ value)
    x1 = heads @ w["out"].T + x0
    y1, scale2 = norm(x1)
    wide = np.maximum(y1 @ w["wide"].T, 0.0)
    x2 = wide @ w["narrow"].T + x1
    shares = softmax(x2 @ w["head"].T)
    rows = np.arange(n)
    loss = -float(np.log(shares[rows, targets]).sum()) / n

    shares[rows, targets] -= 1.0
    dx = back(d["head"], w["head"], x2, shares / n)
    dwide = back(d["narrow"], w["narrow"], wide, dx)
    dx = dx + norm_back(back(d["wide"], w["wide"], y1, dwide * (wide > 0.0)), y1, scale2)
    dheads = split(back(d["out"], w["out"], heads, dx))
    dattention = dheads @ value.transpose(0, 2, 1)
    dfits = attention * (dattention - (attention * dattention).sum(axis=-1, keepdims=True)) * SIZE**-0.5
    slopes = {
        "query": dfits @ key,
        "key": dfits.transpose(0, 2, 1) @ query,
        "value": attention.transpose(0, 2, 1) @ dheads,
    }
    dy = sum(back(d[name], w[name], y0, join(slope)) for name, slope in slopes.items())
    dembedding = norm_back(dx + norm_back(dy, y0, scale1), x0, scale0)
    np.add.at(d["token"], read, dembedding)
    d["place"][:n] += dembedding
    return loss


def back(slope: Array, matrix: Array, x: Array, upstream: Array) -> Array:
    """Backward through x · matrixᵀ: adds to the slope of the matrix, and gives that of x."""
    slope += upstream.T @ x
    return upstream @ matrix


def norm(x: Array) -> tuple[Array, Array]:
    scale = ((x * x).mean(axis=1, keepdims=True) + Gpt.epsilon) ** -0.5
    return x * scale, scale


def norm_back(upstream: Array, normed: Array, scale: Array) -> Array:
    return scale * (upstream - normed * (upstream * normed).mean(axis=1, keepdims=True))


def softmax(x: Array) -> Array:
    shares = np.exp(x - x.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def split(x: Array) -> Array:
    """From (place, width) to (head, place, part)."""
    return x.reshape(len(x), Gpt.heads, SIZE).transpose(1, 0, 2)


def join(x: Array) -> Array:
    return x.transpose(1, 0, 2).reshape(x.shape[1], Gpt.width)
