"""Rules as JavaScript: printed from the table, as the Python source of a `Value`'s methods is. No formula is typed
here.

Forward functions that JavaScript has under another name, or lacks, are in `primitives.js`, one for each row of the
table that is not an operator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Any

from engine.formulas.notation import BINDING, PIECES, Notation, call
from engine.formulas.reading import Traced, Unreadable, built_in, part_of_all, read
from engine.formulas.terms import Literal, Term
from engine.rule import RULES, Rule
from engine.value import Value

__all__ = ["arrow", "forward_functions", "loops", "operation_key", "operations", "part"]


def forward_functions() -> str:
    """The forward functions of the table in JavaScript: `rules.tanh` and its like."""
    return part("primitives")


HERE = files("engine.pages")


def part(name: str, folder: Any = HERE) -> str:
    """JavaScript of a folder as it is sent, without its comments: a page is to be small."""
    source = (folder / f"{name}.js").read_text(encoding="utf-8")
    return re.sub(r"^ *//.*\n", "", source, flags=re.MULTILINE)


def javascript_name(name: str) -> str:
    """A parameter as it is (it starts with $, as no Python name does), and any other name as that of a rule:
    `rules.tanh`."""
    return name if name.startswith("$") else f"rules.{name}"


CHOICE = "({0} > 0 ? {1} : {0} <= 0 ? {2} : {0})"  # the last where it is nan; a call would compute both pieces


def javascript_template(rule: Rule) -> str:
    if rule.name == "where":
        return CHOICE
    return rule.text if rule.name in BINDING and rule.name != "pow" else javascript_name(call(rule))


JAVASCRIPT = Notation(
    javascript_name,
    lambda x: repr(x).replace("inf", "Infinity").replace("nan", "NaN"),
    "({})",
    javascript_template,
    dots="",
    needs=PIECES,
)
"""JavaScript on its numbers, where `rules` holds the forward functions."""


def arrow(function: Callable[..., Any], names: Sequence[str]) -> str:
    """A function of numbers, written in operations of the table, as a function of JavaScript."""
    parameters = [f"${name}" for name in names]
    return f"({', '.join(parameters)}) => {JAVASCRIPT.write(function(*map(Traced, parameters)))[0]}"


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
        except Unreadable:
            unknown.append(rule.name)
    return "\n".join([*own.values(), "const operations = {", *lines, "};"]) + "\n", sorted(set(unknown))


def loops(applied: Iterable[tuple[Rule, int]]) -> str:
    """The rules, each of so many inputs, as loops over lanes of samples: the text is `const loops = {...}`, by the name
    of the rule and the number of inputs, after the forward functions of a user's rules. Raises Unreadable.

    `forward(V, z, at, lanes)` computes the row of V that begins at z from those that begin at the places `at`, and
    `backward[k](V, G, z, at, lanes)` passes the adjoint of that row on to input k; for a rule on lists `backward(...)`
    passes it on to all.
    """
    own: dict[str, str] = {}
    lines = []
    for rule, count in applied:
        text = loop_of_list(rule, count) if rule.lists else loop(rule, count)
        lines.append(f"  {json.dumps(f'{rule.name} {count}')}: {{ {text} }},")
        own.update(own_rules(rule, count))
    return "\n".join([*own.values(), "const loops = {", *lines, "};"]) + "\n"


def loop(rule: Rule, count: int) -> str:
    parameters, forward, slopes = terms(rule, count)
    taken = f"const [{', '.join(f'at{i}' for i in range(count))}] = at; "
    each = "for (let l = 0; l < lanes; l += 1) {{ {} }}"
    inputs = ", ".join(f"{x} = V[at{i} + l]" for i, x in enumerate(parameters))
    steps = each.format(f"const {inputs}; V[z + l] = {JAVASCRIPT.write(forward)[0]};")
    back = []
    for i, slope in enumerate(slopes):
        others = f"(at{i} === z ? 0 : G[at{i} + l])"  # nothing, where the row is computed in place
        passed = f"G[at{i} + l] = {others} + passedOn(G[z + l], {JAVASCRIPT.write(slope)[0]});"
        back.append(f"(V, G, z, at, lanes) => {{ {taken}{each.format(f'const {inputs}, $z = V[z + l]; {passed}')} }}")
    return f"forward(V, z, at, lanes) {{ {taken}{steps} }}, backward: [{', '.join(back)}]"


def loop_of_list(rule: Rule, count: int) -> str:
    _, forward, slopes = written_parts(rule, count)
    each = "for (let l = 0; l < lanes; l += 1) {{ const xs = Array.from(at, (x) => V[x + l]); {} }}"
    pass_on = "f(...xs, V[z + l]).forEach((slope, k) => {{ G[at[k] + l] += passedOn(G[z + l], slope); }});"
    steps = f"const f = {forward}; {each.format('V[z + l] = f(...xs);')}"
    back = f"const f = {slopes}; {each.format(pass_on.format())}"
    return f"forward(V, z, at, lanes) {{ {steps} }}, backward(V, G, z, at, lanes) {{ {back} }}"


def terms(rule: Rule, count: int) -> tuple[list[str], Term, list[Any]]:
    """The parameters of a rule, its forward and its slopes in symbols, none of them simplified. Raises Unreadable."""
    parameters = [f"${i}" for i in range(count)]
    args = rule.nest(tuple([Traced(name) for name in parameters]))
    return parameters, Traced(rule=rule, args=args), list(read(rule, "slope", rule.all_slopes, args, Traced("$z")))


def written(rule: Rule, count: int) -> str:
    """`{ forward: ($0, $1) => $0 * $1, slopes: ($0, $1, $z) => [$1, $0], text: "{0} * {1}" }` for a product."""
    parameters, forward, slopes = written_parts(rule, count)
    parts = [f"forward: {forward}", f"slopes: {slopes}"]
    if (kink := kink_term(rule, parameters)) is not None:
        parts.append(f"kink: ({', '.join(parameters)}) => {JAVASCRIPT.write(kink)[0]}")
    parts += ["lists: true"] * bool(rule.lists)
    return f"{{ {', '.join(parts)}, text: {json.dumps(rule.text)} }}"


def written_parts(rule: Rule, count: int) -> tuple[list[str], str, str]:
    """The parameters, the forward function, and the function that gives all slopes."""
    parameters, forward, slopes = terms(rule, count)
    shared = rule is RULES["logsumexp"]  # written out, the sum would stand in each of the slopes
    if shared:
        slopes = [part_of_all(rule, Literal(name), Literal("$z")) for name in parameters]
    text = f"[{', '.join(JAVASCRIPT.write(slope)[0] for slope in slopes)}]"
    taken = ", ".join(parameters)
    given = f"shares({text})" if shared else text
    return parameters, f"({taken}) => {JAVASCRIPT.write(forward)[0]}", f"({taken}, $z) => {given}"


def kink_term(rule: Rule, parameters: list[str]) -> Any:
    """How far the operation is from its kink, in operations of the table; None if it has none, or none that can be
    read."""
    if rule.kink is None:
        return None
    try:
        kink = read(rule, "kink", rule.kink, *map(Traced, parameters))
    except Unreadable:
        return None
    return kink if all(built_in(own) for own, _ in used(kink)) else None


def own_rules(rule: Rule, count: int) -> dict[str, str]:
    """The forward functions of all rules of a user that an operation or its slopes need, by name, as JavaScript."""
    _, forward, slopes = terms(rule, count)
    found: dict[str, str] = {}
    waiting = [forward, *slopes]
    while waiting:
        for own, args in used(waiting.pop()):
            if own.name not in found and not built_in(own):
                if own.lists:
                    raise Unreadable(f"the forward function of rule {own.name!r} takes lists")
                parameters = [f"${i}" for i in range(len(args))]
                result = read(own, "forward function", own.forward, *map(Traced, parameters))
                found[own.name] = (
                    f"{JAVASCRIPT.name(own.name)} = ({', '.join(parameters)}) => {JAVASCRIPT.write(result)[0]};"
                )
                waiting.append(result)
    return found


def used(term: Any) -> Iterator[tuple[Rule, tuple[Any, ...]]]:
    """The rules in a term, with what each is applied to."""
    if isinstance(term, Term) and term.rule is not None:
        yield term.rule, term.args
        for arg in term.rule.flatten(term.args):
            yield from used(arg)
