"""PyTorch, vectorised: a batch or a name is one tensor."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.machine.runner import Runner, look_at
from tests.benchmarks.machine.scalar import turns
from tests.benchmarks.machine.work import Gpt, Network, Work

__all__ = ["prepare"]


def prepare(work: Work, variant: str = "") -> Runner:
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    return network(work) if isinstance(work, Network) else gpt(work)


def network(work: Network) -> Runner:
    import torch
    from torch.nn import functional

    flat = torch.tensor(work.parameters)
    joined = [flat[place].reshape(shape) for place, shape in work.layers]
    layers = [(layer[:, :-1].clone().requires_grad_(), layer[:, -1].clone().requires_grad_()) for layer in joined]
    parameters = [parameter for layer in layers for parameter in layer]
    inputs, targets = torch.tensor(work.inputs), torch.tensor(work.targets)
    following = turns(work, lambda batch: (inputs[batch], targets[batch]))
    optimizer = torch.optim.SGD(parameters, lr=work.rate)
    loss: Any = None

    def step(batch: Any) -> None:
        nonlocal loss
        x, t = batch
        for w, b in layers[:-1]:
            x = torch.relu(functional.linear(x, w, b))
        scores = functional.linear(x, *layers[-1])
        loss = (
            torch.relu(1.0 - t * scores[:, 0]).mean() if work.loss == "hinge" else functional.cross_entropy(scores, t)
        )
        if work.penalty:
            loss = loss + work.penalty * sum((p * p).sum() for p in parameters)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def together(tensors: list[Any]) -> Any:
        """Neuron by neuron, each its weights and its bias."""
        return torch.cat(
            [torch.cat([w, b[:, None]], dim=1).ravel() for w, b in zip(tensors[::2], tensors[1::2], strict=True)]
        )

    return Runner(
        following,
        step,
        lambda: look_at(
            loss.item(), together([p.grad for p in parameters]), together([p.detach() for p in parameters])
        ),
    )


def gpt(work: Gpt) -> Runner:
    import torch

    flat = torch.tensor(work.parameters)
    weights = {
        name: flat[place].reshape(shape).clone().requires_grad_() for name, (place, shape) in work.matrices.items()
    }
    parameters = list(weights.values())
    following = turns(work, torch.tensor)
    optimizer = torch.optim.Adam(parameters, lr=work.rate, betas=work.adam[:2], eps=work.adam[2])
    loss: Any = None

    def step(tokens: Any) -> None:
        nonlocal loss
        loss = name_loss(weights, tokens)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def together(tensors: list[Any]) -> Any:
        return torch.cat([tensor.ravel() for tensor in tensors])

    return Runner(
        following,
        step,
        lambda: look_at(
            loss.item(), together([p.grad for p in parameters]), together([p.detach() for p in parameters])
        ),
    )


def name_loss(w: dict[str, Any], tokens: Any) -> Any:
    from torch.nn import functional
    from torch.nn.functional import linear

    read, targets = tokens[:-1], tokens[1:]

    def normed(x: Any) -> Any:
        return functional.rms_norm(x, (Gpt.width,), eps=Gpt.epsilon)

    def split(x: Any) -> Any:
        return x.view(len(read), Gpt.heads, -1).transpose(0, 1)

    x = normed(w["token"][read] + w["place"][: len(read)])
    y = normed(x)
    query, key, value = (split(linear(y, w[name])) for name in ("query", "key", "value"))
    heads = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    x = linear(heads.transpose(0, 1).reshape(len(read), -1), w["out"]) + x
    x = linear(functional.relu(linear(normed(x), w["wide"])), w["narrow"]) + x
    return functional.cross_entropy(linear(x, w["head"]), targets)
