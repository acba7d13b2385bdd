"""The rows of the table turned into methods of plain lines, for speed and for whoever steps through them in a debugger.

A `Value` is complete without them: it inherits its operators from `Operand`, and `apply` calls the row's lambdas. But
to call these at every operation makes building a graph about half as slow again. So the formulas of a row are written
as Python source, by feeding its lambdas with symbols, into the templates below. No formula is typed here.
"""

import linecache
import sys
from collections.abc import Callable
from typing import Any

from engine.formulas.notation import SOURCE
from engine.formulas.reading import part_of_all
from engine.formulas.terms import Literal
from engine.rule import Operand, Rule, binary
from engine.rules import RULES, shares
from engine.value import WRITTEN_OUT, Value, record

__all__ = ["install", "method", "method_source", "record_by"]

OPERATORS = {
    "__add__": "add", "__sub__": "sub", "__mul__": "mul", "__truediv__": "div", "__pow__": "pow", "__neg__": "neg",
    "__abs__": "abs", "__radd__": "add", "__rsub__": "sub", "__rmul__": "mul", "__rtruediv__": "div", "__rpow__": "pow",
}  # fmt: skip
ON_LISTS = ("weighted_sum", "logsumexp")
"""The operations on lists that are many in a network."""


def install() -> None:
    """Give `Value` the methods written from the table: the same bits as without them, sooner."""
    functions = {row.name: row.name for row in RULES.values() if len(row.parameters) == 1 and not row.lists}
    for name, row in (OPERATORS | functions).items():
        setattr(Value, name, method(RULES[row], name))
    for name in ON_LISTS:
        WRITTEN_OUT[name] = method(RULES[name], name)


def record_by(recorder: Callable[..., Value]) -> None:
    """Let every operation record its node by this function from now on: `record`, or one that calls it."""
    written = [
        way for way in (*vars(Value).values(), *WRITTEN_OUT.values()) if "RULE" in getattr(way, "__globals__", ())
    ]
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
def {name}(inputs, {parameters}):
    """{text}, recorded (written from the row "{rule}" of the table of rules); inputs are all of them in one tuple."""
    {numbers}
    z = {name}({parameters})
    slopes = ({slopes},)
    if float in map(type, inputs):
        # a constant has no slope
        slopes = tuple([None if x.__class__ is float else slope for x, slope in zip(inputs, slopes)])
    return record(RULE, z, inputs, None, slopes, None)
'''


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
    lists = rule.parameters[: rule.lists]

    def each(letter: str) -> str:
        number = "x if x.__class__ is float else x._data"
        return (
            f"{letter} = [{number} for x in {letter}]"
            if letter in lists
            else f"{letter} = {number.replace('x', letter)}"
        )

    def spread(letter: str) -> str:
        return f"*{letter}" if letter in lists else letter

    part = part_of_all(rule, Literal(name="x"), Literal(name="z")) if rule is RULES["logsumexp"] else None
    # not `all_slopes`: a symbol stands for a whole list here, and is written as `*xs`
    slopes = () if part else rule.slopes[0](*[Literal(name=letter) for letter in (*rule.parameters, "z")])
    return LISTS.format(
        name=name,
        rule=rule.name,
        text=rule.text.format(*rule.parameters),
        parameters=", ".join(rule.parameters),
        numbers="\n    ".join(map(each, rule.parameters)),
        slopes=f"*shares([{SOURCE.write(part)[0]} for x in {lists[0]}])"
        if part
        else ", ".join(spread(SOURCE.write(slope)[0]) for slope in slopes),
    )


def method(rule: Rule, name: str) -> Callable[..., Any]:
    """That method, compiled; debuggers and `inspect.getsource` show its text."""
    source, file = method_source(rule, name), f"<{name}, row {rule.name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    forwards = {row.name: row.forward for row in RULES.values()}
    namespace = {
        "Operand": Operand,
        "Value": Value,
        "record": record,
        "binary": binary,
        "shares": shares,
        **forwards,
        "RULE": rule,
    }
    defined: dict[str, Callable[..., Any]] = {}  # apart from the globals, where `tanh` is the forward function
    exec(compile(source, file, "exec"), namespace, defined)
    defined[name].__qualname__ = f"Value.{name}"
    return defined[name]
