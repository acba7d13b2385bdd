"""Advice: errors that say what was given and what to write instead.

What a beginner writes first is often not what an engine of single numbers takes: an array, a list,
a function, an operator that no row of the table differentiates. Nothing here computes.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from numbers import Real
from sys import exc_info
from typing import Any, TypeVar

__all__ = [
    "advised", "by_name", "is_many", "no_number", "of_each", "shown", "usage", "wrong",
    "wrong_count",
]  # fmt: skip


def shown(x: Any) -> str:
    """What was given, on one line: its type and its text."""
    text = repr(x)
    if "\n" in text:  # of a table, for one
        text = " ".join(text.split())
    return f"{type(x).__name__} {text if len(text) < 60 else text[:57] + '...'}"


def no_number(x: Any, what: str) -> TypeError:
    """For what is no real number."""
    advice = ""
    if isinstance(x, str):
        advice = "; write float(text)" if is_number(x) else ""
    elif getattr(x, "size", 0) == 1 and hasattr(x, "item"):
        advice = "; write array.item()"
    elif is_many(x):
        advice = f"; take them one by one, as in [f(x) {each_of(x)}]"
    elif hasattr(type(x), "backward"):
        advice = "; write x.data for its number"
    elif callable(x):
        advice = "; call it first"
    elif hasattr(type(x), "__float__"):
        advice = "; write float(x)"
    return TypeError(f"expected {what}, got {shown(x)}{advice}")


def of_each(text: str, other: Any, first: bool) -> TypeError:
    """For an operator, whose template is `text`, between a Value and many numbers.

    Args:
        other: an array or a list.
        first: whether it stands on the left.
    """
    shape = getattr(other, "shape", None)
    many = f"the {type(other).__name__}" if shape is None else f"the array of shape {tuple(shape)}"
    one = text.format("x", "w") if first else text.format("w", "x")
    return TypeError(
        f"apply the operation to each element of {many}: write [{one} {each_of(other)}]"
    )


def wrong(takes: str, given: Any) -> TypeError:
    """For what is no Value, where a graph is read: `wrong("Tape takes a Value", 3.0)`."""
    advice = ""
    if isinstance(given, Real):
        advice = "; a plain number has no graph: make it of Values"
    elif is_many(given):
        advice = "; give them one by one, or with a star, as in *xs"
    elif callable(given) and not isinstance(given, type):
        advice = "; call it first: y = f(x) with x = Value(2.0)"
    return TypeError(f"{takes}, got {shown(given)}{advice}")


def wrong_count(name: str, parameters: Sequence[str], lists: int, given: int) -> TypeError:
    """For a rule that is given too few or too many arguments."""
    got = f"{given} argument{'s' * (given != 1)}"
    advice = f"; write {name}([a, b])" if lists == len(parameters) == 1 else ""
    return TypeError(f"{name} takes ({', '.join(parameters)}), got {got}{advice}")


def by_name(name: str, parameters: Sequence[str], named: Iterable[str]) -> TypeError:
    """For a rule that is given arguments by name."""
    takes = f"{name}({', '.join(parameters)})"
    return TypeError(f"{name} got {next(iter(named))}=...; by their places write {takes}")


F = TypeVar("F", bound=Callable[..., Any])


def not_said(function: Callable[..., Any], settings: Iterable[str]) -> str:
    return ""


def usage(
    example: str, meant: Callable[[Callable[..., Any], Iterable[str]], str] = not_said
) -> Callable[[F], F]:
    """Let a function that is called with the wrong arguments say how it is called.

    Args:
        example: of a call.
        meant: given the function and the settings, what to add on one that the function has not.

    >>> @usage("half(3.0)")
    ... def half(x): return x / 2
    >>> half()
    Traceback (most recent call last):
    TypeError: half() missing 1 required positional argument: 'x'; write half(3.0)
    """

    def told(function: F) -> F:
        @wraps(function)
        def call(*args: Any, **settings: Any) -> Any:
            try:
                return function(*args, **settings)
            except TypeError as error:
                trace = exc_info()[2]
                if trace is None or trace.tb_next is not None:
                    raise  # it came from within
                said = example.partition("(")[0] + "()" + str(error).partition("()")[2]
                raise TypeError(f"{said}{meant(function, settings)}; write {example}") from None

        vars(call)["usage"] = example
        return call  # type: ignore[return-value]

    return told


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_many(x: Any) -> bool:
    """Whether it holds numbers, as arrays, lists and their like do."""
    return x.__class__ in (list, tuple) or getattr(x, "shape", ()) != ()


def each_of(many: Any) -> str:
    """How its numbers are gone through."""
    if many.__class__ not in (list, tuple):
        return "for x in np.ravel(array)"
    return "for row in xs for x in row" if any(map(is_many, many)) else "for x in xs"


K = TypeVar("K", bound=type[Any])


def advised(kind: K) -> K:
    """Give a kind of number the operators that Python has and the table has not: they say so."""
    for names, advice in NO_RULE:
        for name in names.split():
            sign, method = name.split(":")
            setattr(kind, f"__{method}__", refusing(sign, advice))
    kind.__array_ufunc__ = array_function
    return kind


NUMBER = "for the number alone write "
CHOOSE = "choose by where(c, a, b), maximum or minimum"
NO_RULE = (
    ("%:mod %:rmod", NUMBER + "x.data % y"),
    ("//:floordiv //:rfloordiv", NUMBER + "x.data // y"),
    ("divmod():divmod divmod():rdivmod", NUMBER + "divmod(x.data, y)"),
    ("round():round", NUMBER + "round(x.data, 2)"),
    ("@:matmul @:rmatmul", "write w * x, and for lists of them weighted_sum(ws, xs)"),
    ("&:and &:rand |:or |:ror ^:xor ^:rxor ~:invert", CHOOSE),
)
"""Operators and their methods, and what to write instead."""


def refusing(sign: str, advice: str) -> Callable[..., Any]:
    def refuse(self: Any, other: Any = 0.0, *_: Any) -> Any:
        if not (isinstance(other, Real | type(self)) or is_many(other)):
            return NotImplemented  # a stranger may know what to do
        raise TypeError(f"no rule differentiates {sign} of a {type(self).__name__}; {advice}")

    return refuse


OPERATORS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "add": ("{0} + {1}", operator.add), "subtract": ("{0} - {1}", operator.sub),
    "multiply": ("{0} * {1}", operator.mul), "divide": ("{0} / {1}", operator.truediv),
    "power": ("{0} ** {1}", operator.pow), "remainder": ("{0} % {1}", operator.mod),
    "floor_divide": ("{0} // {1}", operator.floordiv), "matmul": ("{0} * {1}", operator.matmul),
    "less": ("{0} < {1}", operator.lt), "less_equal": ("{0} <= {1}", operator.le),
    "greater": ("{0} > {1}", operator.gt), "greater_equal": ("{0} >= {1}", operator.ge),
    "equal": ("{0} is {1}", operator.is_), "not_equal": ("{0} is not {1}", operator.is_not),
}  # fmt: skip
"""What NumPy calls an operator: how it is written, and what it is."""
OTHERWISE = {"absolute": "abs", "fabs": "abs", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}
"""What the engine calls a function of NumPy's by another name."""
BEYOND_METHODS = ("maximum", "minimum", "where")


def array_function(self: Any, function: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """What NumPy asks instead of computing with a kind of number: `np.float64(2) * x`, `np.exp(x)`,
    `array * x`."""
    name = function.__name__
    if name in OPERATORS and method == "__call__" and len(inputs) == 2:
        text, operate = OPERATORS[name]
        for place, x in enumerate(inputs):
            if is_many(x) and name not in ("equal", "not_equal"):
                raise of_each(text, x, first=place == 0)
        return operate(*[x.item() if getattr(x, "shape", None) == () else x for x in inputs])
    ours = OTHERWISE.get(name, name)
    known = hasattr(self, ours) or ours in BEYOND_METHODS
    advice = f"; write engine.{ours}({', '.join('xyz'[: len(inputs)])})" if known else ""
    raise TypeError(f"np.{name} does not take a {type(self).__name__}{advice}")
