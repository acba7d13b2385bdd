"""The text of the kernel: our loops, and the rules of the table written out. No derivative is typed here.

The forward functions are those of `math` and of `engine.primitives`, copied; slopes are read with symbols, as
everywhere.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import BuiltinFunctionType, FunctionType
from typing import Any

from engine import primitives, rules
from engine.compiler.kernel import constants
from engine.compiler.planner import IN_PLACE
from engine.formulas.notation import SOURCE, Notation
from engine.formulas.reading import part_of_all
from engine.formulas.terms import Literal
from engine.rule import Rule

__all__ = ["NUMBERS", "kernel_source"]

TABLE = [row for row in vars(rules).values() if isinstance(row, Rule)]
NUMBERS = {row: number for number, row in enumerate(row for row in TABLE if not row.lists)}
"""The built-in operations that the kernel applies to single numbers, and what it calls them."""

WORDS = "vectors", "sharing"
# in the order of the text, after constants
FILES = "functions", "tiles", "products", "lists", "instructions", "feeding", "steps"

TOGETHER = 8
"""Rules whose slopes are one function: of all of them Numba keeps tables so large that the system may take as long to
make room for these, again and again, as all else takes."""

FORWARD = {
    "exp": "exponential({0})",
    "leaky_relu": "({0} if {0} > 0.0 else {1} * {0})",
    "maximum": "({0} if {0} > {1} or {0} != {0} else {1})",
    "minimum": "({0} if {0} < {1} or {0} != {0} else {1})",
}
"""Forward functions of the table that have branches and no name of their own, and those that the kernel has of its
own."""

ALONE = "no_cpython_wrapper=True, no_cfunc_wrapper=True"
NO_COUNTING = "_nrt=False"
"""No reference counting, which nothing here needs: the caller holds all arrays, and nothing is allocated. At each array
argument and slice it costs an atomic addition and a subtraction. The option is a private one of Numba's, which took it
in versions 0.59 to 0.68: with it, what would allocate does not compile."""

ANY_ORDER = 'error_model="numpy", fastmath={"contract", "reassoc", "nsz", "arcp"}'
"""Of sums; but inf and nan are what they are."""
IN_ORDER = 'error_model="numpy", fastmath={"contract"}'
"""Of formulas: x / y / y may be what x / (y * y) is not."""
FORMULAS = (
    "apart",
    "exponential",
    "logarithm",
    "logistic",
    "value",
    "apply",
    "slope_at",
    *[f"slope_{start}" for start in range(0, len(NUMBERS), TOGETHER)],
    "apply_back",
    *primitives.__all__,
)
OPTIONS = dict.fromkeys(FORMULAS, IN_ORDER)
OPTIONS |= dict.fromkeys(("normal_pdf", "normal_cdf"), 'error_model="numpy"')  # where a rounding is made up for
QUICK = {"mul", "div", "exp", "sqrt", "tanh", "sigmoid", "relu"}  # these are worth loops of their own
IN_LOOPS = {"sigmoid": "logistic(x)"}
WHOLE, REAL, MATRIX = "uint64[::1]", "float64[::1]", "float64[:, ::1]"
ARGUMENTS = {
    "J": WHOLE,
    "W": REAL,
    "P": REAL,
    "GP": REAL,
    "X": REAL,
    "places": "int64[:, ::1]",
    "order": "int64[::1]",
    "batch": "int64",
    "seed": "float64",
    "settings": MATRIX,
    "memory": MATRIX,
    "draft": MATRIX,
    "losses": REAL,
    "outputs": MATRIX,
    "report": MATRIX,
    "parts": MATRIX,
    "shared": WHOLE,
}
ENTRIES = {"descend": f"int64({', '.join(ARGUMENTS.values())})"}
"""What is called from outside, and with what."""

INPUTS = "first", "second", "third"


def template(rule: Rule) -> str:
    """How Numba's Python spells an operation on floats."""
    if rule.name in FORWARD:
        return FORWARD[rule.name]
    written = SOURCE.template(rule)
    function, bracket, arguments = written.partition("(")
    if not function or not bracket:  # an operator, or a choice
        return written
    name = rule.forward.__name__
    return (f"math.{name}" if isinstance(rule.forward, BuiltinFunctionType) else name) + bracket + arguments


NUMBA = Notation(str, repr, "({})", template, dots="", needs=SOURCE.needs)


def write(term: Any) -> str:
    return NUMBA.write(term)[0]


@cache
def kernel_source() -> str:
    """The whole module, as Python source; the same as long as the process lives, even where its files are edited
    meanwhile."""
    x, z = Literal(name="x"), Literal(name="z")
    # the one operation on lists that plans keep: its loops (`lists.py`) pass on shares of such parts
    assert write(part_of_all(rules.logsumexp, x, z)) == write(rules.exp(rules.apart(x, z)))
    parts = ["from __future__ import annotations\n\nimport math\n\nimport numpy as np\nfrom numba import njit"]
    functions = [
        function for function in vars(primitives).values() if isinstance(function, FunctionType) and function in used()
    ]
    parts += [jitted(inspect.getsource(function)) for function in functions]
    parts += [jitted("\n".join(lines)) for lines in (value(), loops())]
    parts += map(jitted, slopes())
    parts += [jitted("\n".join(slope_loops()))]
    parts += ["\n".join(f"{name} = np.uint64({getattr(constants, name)})" for name in constants.__all__)]
    parts += [taught(file) for file in WORDS]
    for file in FILES:
        text = Path(__file__).with_name(f"{file}.py").read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            statement = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if isinstance(node, ast.FunctionDef):
                parts.append(jitted(statement))
            elif isinstance(node, ast.Assign | ast.AnnAssign) and not statement.startswith("__all__"):
                parts.append(statement)
    return "\n\n".join(parts) + "\n"


def taught(file: str) -> str:
    """What Numba is taught by a file, from its imports on."""
    text = Path(__file__).with_name(f"{file}.py").read_text(encoding="utf-8")
    return text.partition("from __future__ import annotations")[2].strip()


def jitted(function: str) -> str:
    """A function that Numba compiles: one that is called from outside at once, others when these need them; none with
    what Python would call it by."""
    name = function.partition("(")[0].removeprefix("def ")
    signature = f'"{ENTRIES[name]}", ' if name in ENTRIES else ""
    return f"@njit({signature}{ALONE}, {NO_COUNTING}, {OPTIONS.get(name, ANY_ORDER)})\n{function}"


def used() -> set[Any]:
    """The forward functions of all operations on single numbers."""
    return {rule.forward for rule in NUMBERS}


def formula(rule: Rule, slope: int | None = None) -> str:
    """The forward function of a rule as an expression of its parameters, or a slope as one of these and of its
    output z."""
    args = tuple([Literal(name=letter) for letter in rule.parameters])
    return write(Literal(rule=rule, args=args) if slope is None else rule.all_slopes(args, Literal(name="z"))[slope])


def named(rule: Rule, text: str, places: dict[str, str]) -> Iterator[str]:
    """Lines that give the parameters of a rule, and z, the names that a formula calls them by: those that occur in
    it."""
    names = set(re.findall(r"\w+", text))
    for letter, place in [*zip(rule.parameters, places, strict=False), ("z", "out")]:
        if letter in names:
            yield f"{letter} = {places[place]}"


ROWS = {place: f"V[{place} + lane]" for place in (*INPUTS, "out")}
SAME = dict.fromkeys(ROWS, ROWS["out"])
ITEMS = {place: place for place in (*INPUTS, "out")}


def cases(rule: Rule, place: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The cases of a loop, and where the numbers are in each: a loop that may be applied in place is another one then,
    as it is no vector loop where what is read and what is written may be the same."""
    if rule in IN_PLACE:
        yield f"if {place} == out", SAME
    yield "else" if rule in IN_PLACE else "if True", ROWS


def loops() -> Iterator[str]:
    """The function that applies a rule in all lanes: by a loop of its own, or by the one that asks for the rule in
    each lane."""
    yield "def apply(rule, V, out, first, second, third, lanes):"
    for rule in NUMBERS:
        if rule.name in QUICK:
            text = IN_LOOPS.get(rule.name) or formula(rule)
            yield f"    if rule == {NUMBERS[rule]}:  # {rule.name}"
            for case, rows in cases(rule, "first"):
                yield f"        {case}:"
                yield "            for lane in range(lanes):"
                yield from (f"                {line}" for line in [*named(rule, text, rows), f"V[out + lane] = {text}"])
            yield "        return"
    yield "    for lane in range(lanes):"
    yield f"        V[out + lane] = value(rule, {', '.join(list(ROWS.values())[:3])})"


def value() -> Iterator[str]:
    """The function that applies a rule to numbers."""
    yield "def value(rule, first, second, third):"
    for rule in NUMBERS:
        text = formula(rule)
        yield f"    if rule == {NUMBERS[rule]}:  # {rule.name}"
        yield from (f"        {line}" for line in [*named(rule, text, ITEMS), f"return {text}"])
    yield "    return math.nan"


def slope_loops() -> Iterator[str]:
    """The function that passes gradients back through a rule into an input; slope 3 r + j is that of rule r in input
    j."""
    yield "def apply_back(slope, V, G, into, out, first, second, third, lanes):"
    for rule in NUMBERS:
        for j in range(len(rule.parameters) if rule.name in QUICK else 0):
            text = formula(rule, j)
            yield f"    if slope == {3 * NUMBERS[rule] + j}:  # {rule.name}"
            for case, rows in cases(rule, "into"):
                given = "G[out + lane] *=" if rows is SAME else "G[into + lane] += G[out + lane] *"
                yield f"        {case}:"
                yield "            for lane in range(lanes):"
                yield from (f"                {line}" for line in [*named(rule, text, rows), f"{given} ({text})"])
            yield "        return"
    yield "    for lane in range(lanes):"
    yield f"        G[into + lane] += G[out + lane] * slope_at(slope, {', '.join(ROWS.values())})"


def slopes() -> Iterator[str]:
    """The functions that give a slope at numbers, each those of some rules, and the one that asks them."""
    asked = ["def slope_at(slope, first, second, third, out):"]
    for start in range(0, len(NUMBERS), TOGETHER):
        function = f"slope_{start}(slope, first, second, third, out)"
        yield "\n".join([f"def {function}:", *slopes_of(list(NUMBERS)[start : start + TOGETHER])])
        asked += [f"    if slope < {3 * (start + TOGETHER)}:", f"        return {function}"]
    yield "\n".join([*asked, "    return math.nan"])


def slopes_of(some: list[Rule]) -> Iterator[str]:
    """What gives a slope of one of these rules."""
    for rule in some:
        for j in range(len(rule.parameters)):
            text = formula(rule, j)
            yield f"    if slope == {3 * NUMBERS[rule] + j}:  # {rule.name}"
            yield from (f"        {line}" for line in [*named(rule, text, ITEMS), f"return {text}"])
    yield "    return math.nan"
