"""Expressions as they are typed on a command line, read into graphs: `tanh(w*x + b)`, or with names for what is in
between, `z = w*x + b; a = tanh(z); (a - 1)**2`.

Numbers, names, + - * / **, brackets, the functions of the table of rules and lists for those that take lists: nothing
else is read, and nothing is evaluated as Python.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, NoReturn

from engine.rule import RULES
from engine.value import Value

__all__ = ["MOST_CHARACTERS", "MOST_NESTED", "NAME", "ExpressionError", "graph_of"]

MOST_CHARACTERS = 10_000
MOST_NESTED = 100
"""Brackets, signs and exponents inside one another; each takes a few of the thousand frames that Python has."""

NAME = r"[^\W\d⁰¹²³⁴-⁹](?:[^\W⁰¹²³⁴-⁹]|[\u0300-\u036f])*"  # x₁ and x̄ are names; a superscript is no letter
TOKEN = re.compile(
    rf"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>{NAME})|(?P<sign>\*\*|[^ ])"
)
# how firmly an operator binds, and its row in the table; a minus in front binds more firmly than * and less than **
OPERATORS = {"+": (1, "add"), "-": (1, "sub"), "*": (2, "mul"), "/": (2, "div"), "**": (4, "pow")}
SIGN = 3
ELSEWHERE = {"^": "**", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-"} | dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹", "**")
OPERAND = 'a number, a name, a function or "("'
SHOWN = 72


class ExpressionError(ValueError):
    """What is typed is no expression; the message shows the place with a caret."""

    def __init__(self, message: str, text: str, place: int) -> None:
        start = max(0, place - SHOWN * 2 // 3)
        part, dots = text[start : start + SHOWN], "…" * (start > 0)
        columns = sum(map(width, dots + text[start:place]))
        super().__init__(f"{message}\n  {dots}{part}{'…' * (start + SHOWN < len(text))}\n  {' ' * columns}^")


def width(character: str) -> int:
    """The columns that a terminal gives it."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def graph_of(text: str, numbers: Mapping[str, float]) -> tuple[Value, dict[str, Value]]:
    """The graph of an expression at these numbers, and its nodes by the names that are in it.

    The result is called y, unless the expression gives it or something else that name.

    Raises:
        ExpressionError: for what is no expression.
        ValueError: for a name without a number, or a number without its name.
        ValueError, ZeroDivisionError, OverflowError: where an operation is not defined.
    """
    text = unicodedata.normalize("NFC", re.sub(r"\s", " ", text))
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"the expression has {len(text):,} characters, and at most {MOST_CHARACTERS:,} are read")
    numbers = {unicodedata.normalize("NFC", name): number for name, number in numbers.items()}
    used: dict[str, None] = {}
    reading = Parser(text, used.setdefault, lambda rule, args: None)  # once for the grammar and the names alone
    reading.result()
    require_numbers(list(used), numbers, reading.named)
    leaves = {name: Value(numbers[name], name) for name in used}
    parser = Parser(text, leaves.__getitem__, lambda rule, args: rule(*args))
    try:
        y = parser.result()
    except (ValueError, ArithmeticError) as error:
        if "where" not in text:  # what is said of its branches would be beside the point
            vars(error).pop("__notes__", None)
        raise
    if not isinstance(y, Value):
        raise ValueError("there is no name in the expression: it is a number, and no graph")
    nodes = leaves | parser.named
    if y.name is None and "y" not in nodes:
        y.name = "y"
        nodes["y"] = y
    return y, nodes


def require_numbers(used: list[str], numbers: Mapping[str, float], named: Mapping[str, Any]) -> None:
    """ValueError unless every name that the expression uses has a number, and no other."""
    if missing := [name for name in used if name not in numbers]:
        given = " ".join(f"{name}=1.5" for name in missing)
        raise ValueError(f"{' and '.join(missing)} {'has' if len(missing) == 1 else 'have'} no number: add {given}")
    for name in numbers:
        if name in named:
            raise ValueError(f"{name} is computed in the expression: it takes no number")
        if name not in used:
            raise ValueError(f"{name} is not in the expression, which has {', '.join(used) or 'no names'}")


class Token(NamedTuple):
    kind: str | None
    text: str
    place: int

    def __str__(self) -> str:
        return f'"{self.text}"' if self.kind else "the end"


class Parser:
    """Reads one text by precedence climbing. What a name stands for, and what becomes of an operation, is said by
    whoever makes it."""

    def __init__(self, text: str, look_up: Callable[[str], Any], apply: Callable[[Any, list[Any]], Any]) -> None:
        self.text, self.look_up, self.apply = text, look_up, apply
        self.named: dict[str, Any] = {}
        """What the expression itself gives a name."""
        self.nested = 0
        self.tokens = [Token(found.lastgroup, found.group(), found.start()) for found in TOKEN.finditer(text)]
        self.tokens.append(Token(None, "", len(text)))
        self.next = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self, *texts: str) -> Token | None:
        """The token, if it is one of these, and on to the next."""
        token = self.token
        if token.text not in texts or token.kind != "sign":
            return None
        self.next += 1
        return token

    def expect(self, text: str, expected: str) -> Token:
        return self.take(text) or self.fail(expected)

    def fail(self, expected: str) -> NoReturn:
        written = ELSEWHERE.get(self.token.text)
        hint = f" (here it is written {written})" if written else ""
        self.refuse(f"expected {expected}, found {self.token}{hint}", self.token)

    def refuse(self, message: str, token: Token) -> NoReturn:
        raise ExpressionError(message, self.text, token.place)

    def result(self) -> Any:
        """The last of the expressions between semicolons."""
        while True:
            value = self.statement()
            if self.token.kind is None or (self.expect(";", "an operator or the end") and self.token.kind is None):
                return value

    def statement(self) -> Any:
        name, sign = self.tokens[self.next], self.tokens[min(self.next + 1, len(self.tokens) - 1)]
        if name.kind != "name" or sign.text != "=":
            return self.expression()
        self.next += 2
        if name.text in RULES:
            self.refuse(f"{name.text} is a function of the table, and no name for a number", name)
        if name.text in self.named:
            self.refuse(f"{name.text} has a value already", name)
        value = self.expression()
        if isinstance(value, float):
            value = Value(value, name.text)
        elif isinstance(value, Value) and value.name is None:
            value.name = name.text
        self.named[name.text] = value
        return value

    def expression(self, firmness: int = 1) -> Any:
        """An operand, and what binds to it at least so firmly."""
        value = self.operand()
        while self.token.kind == "sign" and OPERATORS.get(self.token.text, (0,))[0] >= firmness:
            binds, name = OPERATORS[self.token.text]
            self.next += 1
            # 2 ** 3 ** x is 2 ** (3 ** x), all else is done from left to right
            other = self.inner(SIGN) if name == "pow" else self.expression(binds + 1)
            value = self.apply(RULES[name], [value, other])
        return value

    def inner(self, firmness: int = 1) -> Any:
        """An expression inside another: in brackets, behind a sign, an exponent."""
        self.nested += 1
        if self.nested > MOST_NESTED:
            self.refuse(f"more than {MOST_NESTED} brackets, signs or exponents are inside one another", self.token)
        value = self.expression(firmness)
        self.nested -= 1
        return value

    def operand(self) -> Any:
        token = self.token
        if self.take("-"):
            return self.apply(RULES["neg"], [self.inner(SIGN)])
        if self.take("+"):
            return self.inner(SIGN)
        if self.take("("):
            value = self.inner()
            self.expect(")", 'an operator or ")"')
            return value
        if token.kind not in ("number", "name"):
            self.fail(OPERAND)
        self.next += 1
        if token.kind == "number":
            number = float(token.text)
            return number if math.isfinite(number) else self.refuse("the number is too large for a float", token)
        if self.take("("):
            return self.call(token)
        if token.text in RULES:
            self.refuse(f"{token.text} is a function: write {token.text}(…)", token)
        return self.named[token.text] if token.text in self.named else self.look_up(token.text)

    def call(self, name: Token) -> Any:
        """A function of the table, after its opening bracket."""
        rule = RULES.get(name.text)
        if rule is None:
            self.refuse(f"there is no function {name}; {advice(name.text)}", name)
        args: list[Any] = []
        while self.token.text != ")":
            args.append(self.items() if len(args) < rule.lists else self.inner())
            if not self.take(","):
                break
        end = self.expect(")", 'an operator, "," or ")"' if args else f'{OPERAND} or ")"')
        most, least = len(rule.parameters), len(rule.parameters) - len(rule.defaults)
        if not least <= len(args) <= most:
            self.refuse(f"{rule.name} takes ({', '.join(rule.parameters)}), found {len(args)} of them", end)
        return self.apply(rule, args)

    def items(self) -> list[Any]:
        """A list, for the functions that take one."""
        self.expect("[", 'a list, as in "[x1, x2]"')
        items: list[Any] = []
        while self.token.text != "]":
            items.append(self.inner())
            if not self.take(","):
                break
        self.expect("]", 'an operator, "," or "]"' if items else f'{OPERAND} or "]"')
        return items


def advice(name: str) -> str:
    """Which function may have been meant."""
    written = [rule.name for rule in RULES.values() if rule.text.startswith(f"{name}(")]
    near = written or get_close_matches(name, RULES, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(RULES)}"
