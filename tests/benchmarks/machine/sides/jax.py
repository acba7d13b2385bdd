"""JAX, vectorised: a whole step, update and all, is one function that is compiled, in double precision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmarks.machine.runner import Runner, look_at
from tests.benchmarks.machine.scalar import turns
from tests.benchmarks.machine.work import Gpt, Network, Work

__all__ = ["prepare"]


def prepare(work: Work, variant: str = "") -> Runner:
    import jax

    jax.config.update("jax_enable_x64", True)
    return network(work) if isinstance(work, Network) else gpt(work)


def network(work: Network) -> Runner:
    from jax import numpy as jnp

    inputs, targets = jnp.array(work.inputs), jnp.array(work.targets)
    flat = jnp.array(work.parameters)
    weights = [(layer[:, :-1], layer[:, -1]) for layer in (flat[place].reshape(shape) for place, shape in work.layers)]

    def update(weights: Any, slopes: Any, state: None) -> tuple[Any, None]:
        return [
            (w - work.rate * dw, b - work.rate * db) for (w, b), (dw, db) in zip(weights, slopes, strict=True)
        ], None

    def together(tree: Any) -> Any:
        """Neuron by neuron, each its weights and its bias."""
        return jnp.concatenate([jnp.column_stack(layer).ravel() for layer in tree])

    return descent(
        lambda weights, batch: network_loss(work, weights, *batch),
        update,
        None,
        weights,
        turns(work, lambda batch: (inputs[batch], targets[batch])),
        together,
    )


def network_loss(work: Network, weights: Any, x: Any, targets: Any) -> Any:
    import jax
    from jax import numpy as jnp

    *hidden, (w_last, b_last) = weights
    for w, b in hidden:
        x = jax.nn.relu(x @ w.T + b)
    scores = x @ w_last.T + b_last
    if work.loss == "hinge":
        loss = jax.nn.relu(1.0 - targets * scores[:, 0]).mean()
    else:
        loss = (jax.nn.logsumexp(scores, axis=1) - jnp.take_along_axis(scores, targets[:, None], axis=1)[:, 0]).mean()
    return loss + work.penalty * sum((p * p).sum() for layer in weights for p in layer) if work.penalty else loss


def gpt(work: Gpt) -> Runner:
    import jax
    from jax import numpy as jnp

    flat = jnp.array(work.parameters)
    weights = {name: flat[place].reshape(shape) for name, (place, shape) in work.matrices.items()}
    zeros = jax.tree.map(jnp.zeros_like, weights)
    beta1, beta2, epsilon = work.adam

    def update(weights: Any, slopes: Any, state: Any) -> tuple[Any, Any]:
        means, squares, t = state
        t = t + 1
        means = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, means, slopes)
        squares = jax.tree.map(lambda s, g: beta2 * s + (1 - beta2) * g * g, squares, slopes)

        def move(p: Any, m: Any, s: Any) -> Any:
            return p - work.rate * (m / (1 - beta1**t)) / (jnp.sqrt(s / (1 - beta2**t)) + epsilon)

        return jax.tree.map(move, weights, means, squares), (means, squares, t)

    def together(tree: Any) -> Any:
        return jnp.concatenate([tree[name].ravel() for name in work.shapes])

    return descent(name_loss, update, (zeros, zeros, jnp.zeros(())), weights, turns(work, jnp.array), together)


def name_loss(w: dict[str, Any], tokens: Any) -> Any:
    """Compiled once for each length of a name."""
    import jax
    from jax import numpy as jnp

    read, targets = tokens[:-1], tokens[1:]
    n = len(read)

    def normed(x: Any) -> Any:
        return x * ((x * x).mean(axis=1, keepdims=True) + Gpt.epsilon) ** -0.5

    def split(x: Any) -> Any:
        return x.reshape(n, Gpt.heads, -1).transpose(1, 0, 2)

    x = normed(w["token"][read] + w["place"][:n])
    y = normed(x)
    query, key, value = (split(y @ w[name].T) for name in ("query", "key", "value"))
    fits = query @ key.transpose(0, 2, 1) * query.shape[2] ** -0.5
    heads = jax.nn.softmax(jnp.where(jnp.tri(n, dtype=bool), fits, -jnp.inf)) @ value
    x = heads.transpose(1, 0, 2).reshape(n, -1) @ w["out"].T + x
    x = jax.nn.relu(normed(x) @ w["wide"].T) @ w["narrow"].T + x
    scores = x @ w["head"].T
    return (jax.nn.logsumexp(scores, axis=1) - jnp.take_along_axis(scores, targets[:, None], axis=1)[:, 0]).mean()


def descent(
    loss_of: Callable[[Any, Any], Any],
    update: Callable[[Any, Any, Any], tuple[Any, Any]],
    state: Any,
    weights: Any,
    following: Iterator[Any],
    together: Callable[[Any], Any],
) -> Runner:
    import jax

    @jax.jit
    def compiled(weights: Any, state: Any, batch: Any) -> tuple[Any, Any, Any, Any]:
        loss, slopes = jax.value_and_grad(loss_of)(weights, batch)
        return loss, slopes, *update(weights, slopes, state)

    loss: Any = None
    slopes: Any = None

    def step(batch: Any) -> None:
        nonlocal loss, slopes, weights, state
        loss, slopes, weights, state = compiled(weights, state, batch)

    return Runner(
        following,
        step,
        lambda: look_at(loss, together(slopes), together(weights)),
        lambda: jax.block_until_ready(weights),
    )
