"""The rows of the table turned into methods of plain lines, for speed and for whoever steps through them in a debugger.

A `Value` is complete without them: it inherits its operators from `Operand`, and `apply` calls the row's lambdas. But
to call these at every operation makes building a graph about half as slow again. So the formulas of a row are written
as Python source, by feeding its lambdas with symbols, into the templates below. No formula is typed here.
"""

import linecache
import sys
from collections.abc import Callable, Sequence
from typing import Any

from engine.formulas.notation import SOURCE
from engine.formulas.reading import part_of_all
from engine.formulas.terms import Literal
from engine.rule import Operand, Rule, binary
from engine.rules import RULES, shares
from engine.scope import recording
from engine.value import KINDS, Value, record

__all__ = ["install", "method", "method_source", "record_by"]

OPERATORS = {
    "__add__": "add", "__sub__": "sub", "__mul__": "mul", "__truediv__": "div", "__pow__": "pow", "__neg__": "neg",
    "__abs__": "abs", "__radd__": "add", "__rsub__": "sub", "__rmul__": "mul", "__rtruediv__": "div", "__rpow__": "pow",
}  # fmt: skip
ON_LISTS = ("weighted_sum", "logsumexp")
"""The operations on lists that are many in a network."""
VALUES = frozenset({Value})


def install() -> None:
    """Give `Value` the methods written from the table, and its rows too: the same bits as without them, sooner."""
    for name, operation in OPERATORS.items():
        setattr(Value, name, method(RULES[operation], name))
    for row in RULES.values():
        if row.name in ON_LISTS:
            row.written[tuple] = method(row, row.name)
        elif len(row.parameters) == 1 and not row.lists:
            row.written[Value] = method(row, row.name)
            setattr(Value, row.name, row.written[Value])


def record_by(recorder: Callable[..., Value]) -> None:
    """Let every operation record its node by this function from now on: `record`, or one that calls it."""
    ways = [*vars(Value).values(), *[way for row in RULES.values() for way in row.written.values()]]
    written = [way for way in ways if "RULE" in getattr(way, "__globals__", ())]
    for names in (vars(sys.modules[Value.__module__]), *[way.__globals__ for way in written]):
        names["record"] = recorder


ONE_INPUT = '''\
def {name}(self):
    """{text}, recorded (written from the row "{rule}" of the table of rules)."""
    x = self._data
    try:
        z = {forward}
        return record(RULE, z, self, None, {slopes[0]}, None)
    except (ValueError, ArithmeticError):  # an edge of the domain: the general way knows what holds there
        return self.apply(RULE, (self,))
'''

TWO_INPUTS = '''\
def {name}(self, other):
    """{text}, recorded (written from the row "{rule}" of the table of rules)."""
    x = self._data
    try:
        if other.__class__ is Value:
            y = other._data
            z = {forward}
            return record(RULE, z, self, other, {slopes[0]}, {slopes[1]})
        if other.__class__ is float or other.__class__ is int:
            y = float(other)
            z = {forward}
            return record(RULE, z, self, y, {slopes[0]}, None)  # a constant has no slope
    except (ValueError, ArithmeticError):  # an edge of the domain: the general way knows what holds there
        pass
    return binary("{rule}", self, other)
'''

REFLECTED = '''\
def {name}(self, other):
    """{text}, where x is no Value, recorded (written from the row "{rule}" of the table of rules)."""
    y = self._data
    try:
        if other and (other.__class__ is float or other.__class__ is int):  # the general way knows that 0 + y is y
            x = float(other)
            z = {forward}
            return record(RULE, z, x, self, None, {slopes[1]})  # a constant has no slope
    except (ValueError, ArithmeticError):  # an edge of the domain, which it knows too
        pass
    return Operand.{name}(self, other)
'''

LISTS = '''\
def {name}({parameters}):
    """{text}, recorded (written from the row "{rule}" of the table of rules); lists hold Values and floats."""
    {given} = {parameters}
    {kinds}
    constants = not ({all_values})
    if constants:
        kinds = {all_kinds}
        if Value not in kinds or not kinds <= KINDS:  # no graph, or other kinds of number
            return NotImplemented
        {numbers}
    else:
        {data}
    z = {name}({parameters})
    if not recording():
        return record(RULE, z, None, None, None, None)
    {slopes} = {formulas}
    if constants:  # which have no slope
        {slopes_in_values}
    return record(RULE, z, ({inputs},), None, ({all_slopes},), None)
'''


def numbers_of(xs: Sequence[Any], kinds: set[type]) -> Sequence[float]:
    """Of Values and floats, which often are of one kind."""
    if float not in kinds:
        return [x._data for x in xs]
    return [x if x.__class__ is float else x._data for x in xs] if Value in kinds else xs


def slopes_in(xs: Sequence[Any], kinds: set[type], slopes: Sequence[float]) -> Sequence[float | None]:
    """The slopes in some inputs, None in a constant."""
    if float not in kinds:
        return slopes
    if Value not in kinds:
        return [None] * len(xs)
    return [None if x.__class__ is float else slope for x, slope in zip(xs, slopes, strict=True)]


def method_source(rule: Rule, name: str) -> str:
    """The text of a method `name` that applies `rule` to `self` (and `other`); for an operation on lists, to its
    arguments."""
    if rule.lists:
        return list_source(rule, name)
    symbols = tuple([Literal(name=letter) for letter in rule.parameters])
    slopes = [SOURCE.write(slope)[0] for slope in rule.all_slopes(symbols, Literal(name="z"))]
    template = ONE_INPUT if len(slopes) == 1 else REFLECTED if name.startswith("__r") else TWO_INPUTS
    forward = SOURCE.write(Literal(rule=rule, args=symbols))[0]
    return template.format(
        name=name, rule=rule.name, text=rule.text.format(*rule.parameters), forward=forward, slopes=slopes
    )


def list_source(rule: Rule, name: str) -> str:
    """The text for a row whose slopes are whole lists or single formulas; its lists hold Values and floats."""
    letters, lists = rule.parameters, rule.parameters[: rule.lists]
    if rule is RULES["logsumexp"]:
        part = part_of_all(rule, Literal(name="x"), Literal(name="z"))
        formulas = [f"shares([{SOURCE.write(part)[0]} for x in {lists[0]}])"]
    else:  # not by `all_slopes`: a symbol stands for a whole list here
        slopes = rule.slopes[0](*[Literal(name=letter) for letter in (*letters, "z")])
        formulas = [SOURCE.write(slope)[0] for slope in slopes]

    def each(of_list: str, of_number: str) -> list[str]:
        """What is written of each argument, called x, which is a list or a number."""
        return [(of_list if letter in lists else of_number).format(x=letter) for letter in letters]

    def lines(of_list: str, of_number: str) -> str:
        return "\n        ".join(each(of_list, of_number))

    return LISTS.format(
        name=name,
        rule=rule.name,
        text=rule.text.format(*letters),
        parameters=", ".join(letters),
        kinds="\n    ".join(f"kinds_of_{x} = {{*map(type, {x})}}" for x in lists),
        all_values=" == ".join([*map("kinds_of_{}".format, lists), "VALUES"])
        + "".join(f" and {x}.__class__ is Value" for x in letters[rule.lists :]),
        all_kinds="{" + ", ".join(each("*kinds_of_{x}", "type({x})")) + "}",
        inputs=", ".join(each("*given_{x}", "given_{x}")),
        data=lines("{x} = [x._data for x in {x}]", "{x} = {x}._data"),
        given=", ".join(each("given_{x}", "given_{x}")),
        numbers=lines("{x} = numbers_of({x}, kinds_of_{x})", "{x} = {x} if {x}.__class__ is float else {x}._data"),
        slopes=", ".join(each("in_{x}", "in_{x}")),
        formulas=", ".join(formulas),
        slopes_in_values=lines(
            "in_{x} = slopes_in(given_{x}, kinds_of_{x}, in_{x})",
            "in_{x} = None if given_{x}.__class__ is float else in_{x}",
        ),
        all_slopes=", ".join(each("*in_{x}", "in_{x}")),
    )


def method(rule: Rule, name: str) -> Callable[..., Any]:
    """That method, compiled; debuggers and `inspect.getsource` show its text."""
    source, file = method_source(rule, name), f"<{name}, row {rule.name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    forwards = {row.name: row.forward for row in RULES.values()}
    namespace = {
        "Operand": Operand,
        "Value": Value,
        "KINDS": KINDS,
        "VALUES": VALUES,
        "record": record,
        "recording": recording,
        "binary": binary,
        "shares": shares,
        "numbers_of": numbers_of,
        "slopes_in": slopes_in,
        **forwards,
        "RULE": rule,
    }
    defined: dict[str, Callable[..., Any]] = {}  # apart from the globals, where `tanh` is the forward function
    exec(compile(source, file, "exec"), namespace, defined)
    defined[name].__qualname__ = f"Value.{name}"
    return defined[name]
