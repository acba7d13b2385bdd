"""A rule read with symbols: its forward function and its slopes as formulas that a machine's text is written from.

Reading feeds a function with symbols and keeps what it writes. A rule of the table is known by its name. A rule of your
own is spelled out in rules of the table; where its function asks a symbol for its number (`if x > 0`, `math.exp(x)`) it
is unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any, NoReturn

from engine import rules
from engine.formulas.terms import Literal, Term, symbol
from engine.rule import Rule

__all__ = [
    "Traced", "Unreadable", "built_in", "forward_term", "list_slope", "part_of_all", "read", "renaming",
    "simplified", "slope_terms",
]  # fmt: skip


class Unreadable(ValueError):
    """The function of a rule cannot be read with symbols, so no program can be written for it."""


class Traced(Literal):
    """A symbol that refuses to be compared: whatever a comparison says of a symbol, it would not hold for its
    numbers."""

    __slots__ = ()

    def refuse(self, *_: Any) -> NoReturn:
        raise TypeError("asks how large a number is; write it with where, relu, maximum, minimum or abs")

    def withhold(self) -> NoReturn:
        raise TypeError(
            "asks for the number itself, as math.exp does; write it with engine.exp and its like, which take symbols "
            "too"
        )

    __float__ = __int__ = __index__ = withhold
    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = refuse


def built_in(rule: Rule) -> bool:
    """Is this a row of the table, which every machine has a forward function for?"""
    return rule.module == rules.__name__


def forward_term(rule: Rule, *args: Any) -> Term | float:
    """The forward function on terms (on one tuple of terms for a rule on lists), simplified.

    Raises:
        Unreadable: if the rule is not one of the table and its function cannot be read.
    """
    if built_in(rule) and not rule.lists:
        return Term(rule=rule, args=args)
    return simplified(trace(rule, "forward function", rule.forward, args))


def slope_terms(rule: Rule, args: Sequence[Any], output: Term) -> list[Term | float]:
    """The slope in each input, on terms; for a rule on lists, in each item of its lists. Raises Unreadable."""
    slopes = trace(rule, "slope", lambda *symbols: rule.all_slopes(symbols[:-1], symbols[-1]), (*args, output))
    return [simplified(slope) for slope in slopes]


def list_slope(rule: Rule, n: int, x: Term, z: Term) -> Term | float | None:
    """The one formula for the slope in any item x of a list of n, where there is one; None where items differ or
    know each other."""
    items = [symbol(f"{x.name}[{i}]") for i in range(n)]
    slopes = slope_terms(rule, (items,), z)
    renamed = [renaming({item.name: x})(slope) for item, slope in zip(items, slopes, strict=True)]
    others = {item.name for item in items}
    return None if any(slope != renamed[0] or others & set(names(slope)) for slope in renamed) else renamed[0]


def part_of_all(rule: Rule, x: Term, z: Term) -> Any:
    """The formula f(x, z) for any item x of a list, where the slopes are the shares f(x) / Σ f; None where they are
    not."""
    slopes = rule.all_slopes(((x, Traced("_other")),), z)
    if not all(isinstance(slope, Term) and slope.rule is rules.div for slope in slopes):
        return None
    parts, wholes = zip(*[slope.args for slope in slopes], strict=True)
    shared = all(isinstance(w, Term) and w.rule is rules.total and all(map(is_, w.args[0], parts)) for w in wholes)
    return parts[0] if shared else None


def read(rule: Rule, what: str, function: Callable[..., Any], *symbols: Any) -> Any:
    """What the function of a rule makes of `Traced` symbols, or lists of them: a formula, a number, or several.

    Raises:
        Unreadable: if the function, which may raise anything when it is given symbols, cannot be read; naming the rule
            and `what` of it that is.
    """
    try:
        written = function(*symbols)
        return tuple(map(checked, written)) if isinstance(written, tuple) else checked(written)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"rule {rule.name!r} cannot be read with symbols: its {what} {error}") from error


def checked(written: Any) -> Term | float:
    return written if isinstance(written, Term) else float(written)


def trace(rule: Rule, what: str, function: Callable[..., Any], args: Sequence[Any]) -> Any:
    """What the function makes of these terms, numbers, or lists of them; rules of your own are spelled out."""
    named: dict[str, Any] = {}

    def traced(x: Any) -> Any:
        if isinstance(x, list | tuple):
            return tuple([traced(item) for item in x])
        named[name := f"_{len(named)}"] = x
        return Traced(name=name)

    return spell(read(rule, what, function, *map(traced, args)), named.__getitem__)


def spell(x: Any, rename: Callable[[str], Any]) -> Any:
    """A formula, or several, with its symbols renamed; operations that are no rows of the table are spelled out."""
    if isinstance(x, tuple):
        return tuple([spell(item, rename) for item in x])
    if not isinstance(x, Term):
        return x
    if x.rule is None:
        return x.args[0] if x.args else rename(x.name)
    args = [spell(arg, rename) for arg in x.args]
    if x.rule.elementary is not None:
        return x.rule.elementary(*args)
    return (
        Literal(rule=x.rule, args=tuple(args))
        if built_in(x.rule)
        else trace(x.rule, "forward function", x.rule.forward, args)
    )


def simplified(x: Any) -> Any:
    """A term made again, with the simplifications that make it readable."""
    return renaming({})(x)


def renaming(new: dict[str, Any]) -> Callable[[Any], Any]:
    """What makes a term again, simplified, with other terms in the place of some symbols."""

    def renamed(x: Any) -> Any:
        if not isinstance(x, Term):
            return float(x)
        if x.rule is None:
            return x.args[0] if x.args else new.get(x.name, Term(name=x.name))
        return Term.apply(x.rule, x.rule.each(renamed, x.args))

    return renamed


def names(x: Any) -> list[str]:
    """The names of all symbols in a term, or in lists of them."""
    if isinstance(x, tuple | list):
        return [name for item in x for name in names(item)]
    if not isinstance(x, Term):
        return []
    return [x.name] if x.rule is None else names(x.args)
