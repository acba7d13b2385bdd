"""`Module`: what neurons, layers and networks have in common: they are made of parameters that can be listed, zeroed
and frozen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from random import Random
from typing import Any, TypeVar

from engine import Value
from nn.checks import say_where

__all__ = ["SAVABLE", "Module", "Number", "savable"]

Number = Value | float
Place = tuple[str, Sequence[Any], Sequence[Value]]
"""The path of what holds some parameters, with a dot behind it; the key of each in it; and themselves."""


class Module:
    """A function of numbers with parameters. Parameters are found in the attributes: Values, modules, and lists of
    these."""

    def outputs(self, x: Sequence[Number], rng: Random | None = None) -> list[Any]:
        """The outputs for one input row, always as a list; `rng` draws the dropout masks, without it nothing is
        dropped."""
        raise TypeError(f"{type(self).__name__} does not say how to compute its outputs")

    def __call__(self, x: Sequence[Number], rng: Random | None = None) -> Any:
        """The outputs for one input row: a list, or the Value itself where the width is 1."""
        outputs = self.outputs(x, rng)
        return outputs[0] if len(outputs) == 1 else outputs

    def __getitem__(self, index: Any) -> Any:
        kind = type(self).__name__
        raise TypeError(f"{kind} has no items, got [{index!r}]; write model.parameters()[0], or model.layers[0]")

    def named_parameters(self) -> dict[str, Value]:
        """All parameters by the path that leads to them, such as `layers.0.neurons.2.w.1`, in a fixed order.

        A parameter that is used in several places is listed once, so that it moves once.
        """
        return {
            f"{path}{key}": parameter
            for path, keys, some in self._places()
            for key, parameter in zip(keys, some, strict=True)
        }

    def parameters(self) -> list[Value]:
        """All parameters, in a fixed order."""
        return list(chain.from_iterable(some for _, _, some in self._places()))

    def weights(self) -> list[Value]:
        """The parameters that multiply an input: all but the biases. What a regulariser shrinks."""
        return list(chain.from_iterable(some for _, keys, some in self._places() if keys != ("b",)))

    def _places(self) -> Iterator[Place]:
        return places_of(vars(self).items(), "", {id(self)})

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters, so that the next backward pass starts anew."""
        for parameter in self.parameters():
            parameter.grad = None

    def freeze(self, frozen: bool = True) -> None:
        """Exclude all parameters from training (or include them again)."""
        for parameter in self.parameters():
            parameter.frozen = frozen

    def config(self) -> dict[str, Any]:
        """The arguments that make a module of the same shape: plain JSON."""
        raise TypeError(f"a {type(self).__name__} cannot be saved: it does not say its config()")

    @staticmethod
    def count(*args: Any, **config: Any) -> int:
        """How many parameters a module of that config has, told without building it. ValueError or TypeError for sizes
        that make no sense."""
        raise ValueError("a module that is saved says its count()")


# fmt: off
say_where(Module, {
    "fit": "nn.fit(model, X, y)", "train": "for epoch in nn.train(model, X, y):",
    "predict": "nn.predict(model, rows)", "forward": "model(x)", "backward": "loss.backward()",
    "loss": "nn.mse(model.outputs(x), target)", "score": "nn.accuracy(model, X, y)",
    "accuracy": "nn.accuracy(model, X, y)", "save": 'nn.save(model, "model.json")',
    "step": "optimizer.step(model.parameters())", "compile": "nn.fit(model, data, loss=..., optimizer=...)",
})
# fmt: on


SAVABLE: dict[str, type[Module]] = {}
"""The kinds of module that `nn.store` reads and writes, by name."""

M = TypeVar("M", bound=type[Module])


def savable(kind: M) -> M:
    """Let modules of this class be saved and loaded: they say their `config()`, the class says the `count()` of
    parameters.

    Raises:
        ValueError: if another class of that name is savable already.

    >>> @savable
    ... class Constant(Module):
    ...     def __init__(self, start: float) -> None:
    ...         self.start, self.b = start, Value(start)
    ...     def config(self): return {"start": self.start}
    ...     @staticmethod
    ...     def count(start): return 1
    """
    known = SAVABLE.setdefault(kind.__name__, kind)
    if (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
        raise ValueError(f"a {kind.__name__} is savable already, that of {known.__module__}")
    SAVABLE[kind.__name__] = kind  # a class that a notebook defines anew takes the place of itself
    return kind


def places_of(items: Iterable[tuple[Any, Any]], path: str, seen: set[Any]) -> Iterator[Place]:
    """Where the parameters among these attributes, or items of a list, lie. What has been seen is known by its id, a
    Value by itself."""
    for key, content in items:
        if isinstance(content, Value):
            if take_all((content,), seen):
                yield path, (key,), (content,)
        elif id(content) in seen:
            continue
        elif isinstance(content, Module):
            seen.add(id(content))
            yield from places_of(vars(content).items(), f"{path}{key}.", seen)
        elif isinstance(content, list | tuple):
            seen.add(id(content))
            if are_values(content) and take_all(content, seen):  # the weights of a neuron
                yield f"{path}{key}.", range(len(content)), content
            else:
                yield from places_of(enumerate(content), f"{path}{key}.", seen)


def are_values(content: Sequence[Any]) -> bool:
    return all(issubclass(kind, Value) for kind in {*map(type, content)})


def take_all(values: Sequence[Value], seen: set[Any]) -> bool:
    """Whether these are different Values and none has been seen yet; then all have been, from now on."""
    different = {*values}
    new = len(different) == len(values) and seen.isdisjoint(different)
    if new:
        seen.update(different)
    return new
