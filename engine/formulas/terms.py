r"""Symbols through the same rules: the formula of a node and of each of its slopes, as LaTeX, Python source or plain
text.

A `Term` is one more kind of number. Feed the slope of `tanh` in the table, `1 - z * z`, with the symbol z and it writes
`1 - z^2`. Formulas are simplified just enough to be read: no 1 · x, no + 0, no double minus, brackets only where they
are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, count
from typing import Any

from engine.advice import shown, usage, wrong
from engine.formulas.notation import LATEX, MATHML, PYTHON, TEXT
from engine.graph import adjoints_of
from engine.rule import Operand, Rule, real

__all__ = ["SIMPLER", "Literal", "Term", "formula", "slope_formulas", "symbol", "term"]


class Term(Operand):
    """A symbol, an operation on terms and numbers, or a number. Immutable; operators and rules make new terms,
    simplified."""

    __slots__ = ("args", "name", "node", "rule")
    simplified = True

    def __init__(self, name: str = "", rule: Rule | None = None, args: tuple[Any, ...] = (), node: Any = None) -> None:
        # node: what a symbol stands for, as names may be shared
        self.name, self.rule, self.args, self.node = name, rule, args, node

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Any:
        args = rule.each(lambda arg: plain(arg) if isinstance(arg, Term) else real(arg), args)
        simplify = SIMPLER.get(rule.name) if cls.simplified else None
        simpler = simplify(*args) if simplify else None
        return cls(rule=rule, args=args) if simpler is None else simpler

    @classmethod
    def constant(cls, number: float) -> Term:
        return cls(args=(number,))

    def choose(self, c: Any, x: Any, y: Any) -> Any:
        """What textbooks write."""
        return x

    @property
    def number(self) -> float | None:
        """The number that this term is; None for a symbol or an operation."""
        return self.args[0] if self.rule is None and self.args else None

    def __repr__(self) -> str:
        return f"<term {self.text()}>"

    def __str__(self) -> str:
        return self.text()

    def __eq__(self, other: object) -> bool:
        if self.number is not None and not isinstance(other, Term):
            return self.number == other
        return isinstance(other, Term) and self._key == other._key

    @property
    def _key(self) -> tuple[Any, ...]:
        return self.name, self.rule and self.rule.name, self.args, self.node

    def __hash__(self) -> int:
        return hash(self._key if self.number is None else self.number)

    def latex(self) -> str:
        """The term as LaTeX, names escaped."""
        text = LATEX.write(self)[0]  # pieces within the last piece become further lines of the same \\begin{cases}
        return text.replace(r"\\ \begin{cases} ", r"\\ ").replace(
            r"\end{cases} & \text{else} \end{cases}", r"\end{cases}"
        )

    def mathml(self) -> str:
        """The term as the inside of a MathML `math` element, names escaped."""
        return MATHML.write(self)[0]

    def python(self) -> str:
        """The term as Python source, to be evaluated with the rules and the names of its symbols in scope."""
        return PYTHON.write(self)[0]

    def text(self) -> str:
        """The term as plain text, in the notation of a textbook: `ln(x) + 2 * y`."""
        return TEXT.write(self)[0]


class Literal(Term):
    """A term that stays as it is written, so that its source computes to the last bit what the rule does."""

    __slots__ = ()
    simplified = False

    def choose(self, c: Any, x: Any, y: Any) -> Any:
        """Both, as a choice."""
        return Operand.choose(self, c, x, y) if isinstance(c, Term) else x if c > 0 else y


@usage('symbol("x")')
def symbol(name: str) -> Term:
    """A symbol of that name. TypeError for what is no string."""
    if not isinstance(name, str):
        raise TypeError(f'a symbol takes a name, as in symbol("x"), got {shown(name)}')
    return Term(name=name)


def term(x: Any) -> Term:
    """A term as it is, a number as a term."""
    return x if isinstance(x, Term) else Term(args=(real(x),))


def plain(x: Term) -> Term | float:
    """A term as it is, a term that is a number as that number."""
    return x if x.number is None else x.number


@usage("formula(y)")
def formula(node: Any, names: Mapping[Any, str] | None = None) -> Term:
    """The operation that made a node, on the names of its inputs: for a = tanh(z), the term tanh(z). A leaf is its own
    symbol.

    Args:
        node: a Value, or whatever has `rule`, `inputs` and `name`.
        names: names for nodes that have none (see `engine.names`); without it they are called by the parameters of
            their rule, or by other letters where something below them has that name.
    """
    if not hasattr(node, "rule"):
        raise wrong("formula takes a Value", node)
    if node.rule is None:
        return symbol((names or {}).get(node) or node.name or "x")
    # as it was written: an `a * 1` in the graph is shown as such
    return Term(rule=node.rule, args=arguments(node, names_within(node, names)))


@usage("slope_formulas(y)")
def slope_formulas(node: Any, names: Mapping[Any, str] | None = None) -> tuple[Term | None, ...]:
    """One formula per input of a node: for a = tanh(z), the term 1 - a^2. None where the input is a constant."""
    if not hasattr(node, "rule"):
        raise wrong("slope_formulas takes a Value", node)
    if node.rule is None:
        return ()
    called = names_within(node, names)
    output = Term(called[node], node=node)
    slopes = node.rule.all_slopes(arguments(node, called), output, node.inputs)
    return tuple([None if slope is None else term(slope) for slope in slopes])


def arguments(node: Any, called: Mapping[Any, str]) -> tuple[Any, ...]:
    """The inputs of a node as its rule takes them: symbols for Values, numbers for constants."""
    return node.rule.nest(tuple([x if isinstance(x, float) else Term(called[x], node=x) for x in node.inputs]))


def names_within(node: Any, names: Mapping[Any, str] | None) -> dict[Any, str]:
    """What an operation's inputs and it itself are called: their names, or else letters that nothing below is called:
    those of the rule where they are free."""
    pairs = [(x, letter) for x, letter in zip(node.inputs, letters_of(node), strict=True) if not isinstance(x, float)]
    pairs.append((node, "z"))
    called = {x: (names or {}).get(x) or x.name for x, _ in pairs}
    if not all(called.values()):
        taken = {*called.values(), *(x.name for x in adjoints_of(node))}
        for x, letter in pairs:
            if not called[x]:
                called[x] = next(free for free in chain([letter], SPARE, numbered()) if free not in taken)
                taken.add(called[x])
    return called


def letters_of(node: Any) -> list[str]:
    """The letters that its rule has for its inputs: x and y, of a list x1, x2, ..."""
    rule = node.rule
    length = len(node.inputs) // rule.lists if rule.lists else 0
    lists = [f"{letter[0]}{i + 1}" for letter in rule.parameters[: rule.lists] for i in range(length)]
    return [*lists, *rule.parameters[rule.lists :]]


SPARE = "uvstpq"


def numbered() -> Iterator[str]:
    return (f"u{i}" for i in count(1))


# Simplification: for each operation, what it comes to with these inputs, or None where it stays as it is.


def _add(x: Any, y: Any) -> Any:
    if x == 0:
        return y
    if y == 0:
        return x
    return x - y.args[0] if is_a(y, "neg") else None


def _sub(x: Any, y: Any) -> Any:
    if y == 0:
        return x
    if x == 0:
        return -y
    if x == y:
        return 0.0
    return x + y.args[0] if is_a(y, "neg") else None


def _mul(x: Any, y: Any) -> Any:
    for one, other in (x, y), (y, x):
        if one == 0:
            return 0.0
        if one == 1:
            return other
        if one == -1:
            return -other
        if is_number(one) and one < 0:
            return -(-one * other)
        if is_a(one, "div") and one.args[0] == 1:
            return other / one.args[1]
    if is_a(x, "neg"):
        return -(x.args[0] * y)
    if is_a(y, "neg"):
        return -(x * y.args[0])
    if is_number(y):
        return None if is_symbol(x) else y * x  # the number first; but w · 2 stays as it was written
    if is_number(x) and is_a(y, "mul") and is_number(y.args[0]):
        return (x * y.args[0]) * y.args[1]
    if is_a(x, "mul") and is_number(x.args[0]):
        return x.args[0] * (x.args[1] * y)
    return x**2 if x == y else None


def _div(x: Any, y: Any) -> Any:
    if x == 0:
        return 0.0
    if y == 1:
        return x
    if is_number(x) and x < 0:
        return -(-x / y)
    return -(x.args[0] / y) if is_a(x, "neg") else None


def _neg(x: Any) -> Any:
    if is_a(x, "neg"):
        return x.args[0]
    return x.args[1] - x.args[0] if is_a(x, "sub") else None


def _pow(x: Any, y: Any) -> Any:
    if y == 0:
        return 1.0
    return x if y == 1 else None


def _where(c: Any, x: Any, y: Any) -> Any:
    if is_number(c):
        return x if c > 0 else y if c <= 0 else c
    return x if x == y else None


SIMPLER: dict[str, Callable[..., Any]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "neg": _neg,
    "pow": _pow,
    "where": _where,
}


def is_number(x: Any) -> bool:
    return isinstance(x, float)


def is_symbol(x: Any) -> bool:
    return isinstance(x, Term) and x.rule is None


def is_a(x: Any, name: str) -> bool:
    return isinstance(x, Term) and x.rule is not None and x.rule.name == name
