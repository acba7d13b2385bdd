"""The rules of a graph as JavaScript: printed from the table, as the Python source of a `Value`'s methods is. No
formula is typed here.

Forward functions that JavaScript has under another name, or lacks, are in `static/primitives.js`, one for each row of
the table that is not an operator.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from engine import rules as table
from engine.formulas.notation import JAVASCRIPT
from engine.formulas.terms import Literal
from engine.rule import Rule
from engine.value import Value

__all__ = ["operation_key", "operations"]


class Traced(Literal):
    """A symbol for reading a function that was not written for symbols: it refuses to be compared, so that no branch
    is lost."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("a symbol is neither true nor false")

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("a symbol cannot be compared")

    __hash__ = None  # type: ignore[assignment]


def operation_key(node: Value) -> str:
    """What the page calls the operation that made a node. An operation on lists is one operation for each length of
    the lists."""
    rule = node.rule
    assert rule is not None
    return f"{rule.name} {len(node.inputs)}" if rule.lists else rule.name


def operations(nodes: Iterable[Value]) -> tuple[str, list[str]]:
    """The operations of these nodes as JavaScript, and the names of those rules of a user that cannot be written so.

    The text is `const operations = {...}`, after the forward functions of a user's rules.
    """
    kinds = {operation_key(node): (node.rule, len(node.inputs)) for node in nodes if node.rule is not None}
    own: dict[str, str] = {}
    lines, unknown = [], []
    for key, (rule, count) in kinds.items():
        try:
            lines.append(f"  {json.dumps(key)}: {written(rule, count)},")
            own.update(own_rules(rule, count))
        except Exception:  # a user's own rule, which may raise anything when it is given symbols
            unknown.append(rule.name)
    return "\n".join([*own.values(), "const operations = {", *lines, "};"]) + "\n", sorted(set(unknown))


def terms(rule: Rule, count: int) -> tuple[list[str], Any, list[Any]]:
    """The parameters of a rule, its forward and its slopes in symbols, none of them simplified."""
    parameters = [f"${i}" for i in range(count)]
    args = rule.nest(tuple([Traced(name) for name in parameters]))
    output = Traced("$z")
    slopes = (
        rule.flatten(rule.slopes[0](*args, output)) if rule.lists else [slope(*args, output) for slope in rule.slopes]
    )
    return parameters, Traced(rule=rule, args=args), list(slopes)


def written(rule: Rule, count: int) -> str:
    """`{ forward: ($0, $1) => $0 * $1, slopes: ($0, $1, $z) => [$1, $0], text: "{0} * {1}" }` for a product."""
    parameters, forward, slopes = terms(rule, count)
    text = ", ".join(JAVASCRIPT.write(slope)[0] for slope in slopes)
    taken = ", ".join(parameters)
    parts = [f"forward: ({taken}) => {JAVASCRIPT.write(forward)[0]}", f"slopes: ({taken}, $z) => [{text}]"]
    return f"{{ {', '.join(parts)}, text: {json.dumps(rule.text)} }}"


def own_rules(rule: Rule, count: int) -> dict[str, str]:
    """The forward functions of all rules of a user that an operation or its slopes need, by name, as JavaScript."""
    _, forward, slopes = terms(rule, count)
    found: dict[str, str] = {}
    waiting = [forward, *slopes]
    while waiting:
        for own, args in used(waiting.pop()):
            if own.name not in found and getattr(table, own.name, None) is not own:
                parameters = [f"${i}" for i in range(len(own.flatten(args)))]
                result = own.forward(*[Traced(name) for name in parameters]) if not own.lists else unreadable(own)
                found[own.name] = (
                    f"{JAVASCRIPT.name(own.name)} = ({', '.join(parameters)}) => {JAVASCRIPT.write(result)[0]};"
                )
                waiting.append(result)
    return found


def unreadable(rule: Rule) -> NoReturn:
    raise TypeError(f"the forward function of {rule.name} takes lists")


def used(term: Any) -> Iterator[tuple[Rule, tuple[Any, ...]]]:
    """The rules in a term, with what each is applied to."""
    if isinstance(term, Literal) and term.rule is not None:
        yield term.rule, term.args
        for arg in term.rule.flatten(term.args):
            yield from used(arg)
