"""What a stand-in for a number is not asked while a function is recorded: how large it is, and what is found out by
that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["AS_IT_IS", "CHOOSE", "PICK", "RecordingError", "refuse", "refuse_questions"]


class RecordingError(TypeError):
    """The function asked for a number that is not known while it is recorded, or does what a recording cannot
    follow."""


def refuse(what: str, instead: str) -> Callable[..., NoReturn]:
    """A method that raises RecordingError."""

    def raising(self: Any, *_: Any) -> NoReturn:
        raise RecordingError(f"{what} of a number that is not known while the function is recorded: {instead}")

    return raising


CHOOSE = "choose by where(c, a, b), relu, maximum or minimum, which carry both branches"
PICK = "pick from a list by engine.lookup(items, index)"
AS_IT_IS = "compute with it as it is"
QUESTIONS = {name: refuse("a comparison", CHOOSE) for name in ("__lt__", "__le__", "__gt__", "__ge__")}
QUESTIONS |= {"__bool__": refuse("the truth", CHOOSE), "__index__": refuse("the index", PICK)}
for _name in ("float", "int", "round", "trunc", "floor", "ceil"):
    QUESTIONS[f"__{_name}__"] = refuse(f"{_name}()", AS_IT_IS)
for _name in ("mod", "rmod", "floordiv", "rfloordiv", "divmod", "rdivmod"):
    QUESTIONS[f"__{_name}__"] = refuse("the remainder", AS_IT_IS)


def refuse_questions(kind: type) -> None:
    """Let a class of stand-ins refuse all of them."""
    for name, refusal in QUESTIONS.items():
        setattr(kind, name, refusal)
    for name in ("data", "grad", "slopes", "_data"):
        refusal = refuse(f".{name.lstrip('_')}", "compute with the number itself")
        setattr(kind, name, property(refusal, refusal))
