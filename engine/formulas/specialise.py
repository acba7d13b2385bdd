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
from engine.value import KINDS, Value, record

__all__ = ["install", "method", "method_source", "record_by"]

OPERATORS = {
    "__add__": "add", "__sub__": "sub", "__mul__": "mul", "__truediv__": "div", "__pow__": "pow", "__neg__": "neg",
    "__abs__": "abs", "__radd__": "add", "__rsub__": "sub", "__rmul__": "mul", "__rtruediv__": "div", "__rpow__": "pow",
}  # fmt: skip
ON_LISTS = ("weighted_sum", "logsumexp")
"""The operations on lists that are many in a network."""


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
    inputs = ({inputs},)
    kinds = {{*map(type, inputs)}}
    if Value not in kinds or not kinds <= KINDS:  # no graph, or other kinds of number
        return NotImplemented
    constants = float in kinds
    if constants:
        {numbers}
    else:
        {data}
    z = {name}({parameters})
    slopes = ({slopes},)
    if constants:  # which have no slope
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

    def each(number: str) -> str:
        """Lines that make numbers of all arguments; `number` says how, of x."""
        lines = [f"[{number} for x in {letter}]" if letter in lists else number.replace("x", letter)
                 for letter in rule.parameters]  # fmt: skip
        return "\n        ".join(map("{} = {}".format, rule.parameters, lines))

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
        inputs=", ".join(map(spread, rule.parameters)),
        numbers=each("x if x.__class__ is float else x._data"),
        data=each("x._data"),
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
        "KINDS": KINDS,
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
