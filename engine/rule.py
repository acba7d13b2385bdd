"""What makes a row of the table of rules work: `Rule`, and `Operand`, the operators that every kind
of number inherits.

A rule does not know which kinds of number exist. It hands its arguments to the first `Operand`
among them, whose `apply` decides what an operation means: a `Value` records a node, a `Term` writes
a formula, an `Extended` number follows a limit. With plain numbers only, a rule computes.
"""

import math
import numbers
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from types import FunctionType
from typing import Any, Self

from engine.advice import advised, by_name, is_many, no_number, of_each, shown, usage, wrong_count

__all__ = ["RULES", "Extended", "Interval", "Operand", "Rule", "look_up", "real", "rule"]

RULES: dict[str, "Rule"] = {}
"""All rows by name, in the order of the table; `engine.rule` adds to it."""

Interval = tuple[float, float]
Forward = Callable[..., float]
Slope = Callable[..., Any]
REAL: Interval = (-math.inf, math.inf)


def real(x: Any, what: str = "a real number") -> float:
    """x, an int, bool, fraction, NumPy scalar or 0-d array, as a float. TypeError for all else."""
    if x.__class__ is float:
        return x
    if getattr(x, "shape", None) == () and hasattr(x, "item"):
        x = x.item()
    if isinstance(x, numbers.Real):
        return float(x)
    raise no_number(x, what)


@advised
class Operand:
    """The operators and methods of a kind of number, each of them one row of the table.

    A kind of number implements `apply(rule, args)`, and `constant(number)` if its slopes are asked
    for, and inherits the rest.
    """

    __slots__ = ()

    @classmethod
    def apply(cls, rule: "Rule", args: tuple[Any, ...]) -> Any:
        """The operation `rule` on arguments of which at least one is of this kind."""
        raise TypeError(f"{cls.__name__} does not say how to apply {rule!r}")

    def __add__(self, other: Any) -> Self:
        return binary("add", self, other)

    def __radd__(self, other: Any) -> Self:
        if other.__class__ in (int, float) and other == 0:
            return self  # sum() starts at 0, which is no node of the graph
        return binary("add", other, self)

    # fmt: off
    def __sub__(self, other: Any) -> Self: return binary("sub", self, other)
    def __rsub__(self, other: Any) -> Self: return binary("sub", other, self)
    def __mul__(self, other: Any) -> Self: return binary("mul", self, other)
    def __rmul__(self, other: Any) -> Self: return binary("mul", other, self)
    def __truediv__(self, other: Any) -> Self: return binary("div", self, other)
    def __rtruediv__(self, other: Any) -> Self: return binary("div", other, self)
    def __pow__(self, other: Any) -> Self: return binary("pow", self, other)
    def __rpow__(self, other: Any) -> Self: return binary("pow", other, self)
    def __neg__(self) -> Self: return self.apply(RULES["neg"], (self,))
    def __abs__(self) -> Self: return self.apply(RULES["abs"], (self,))
    def __pos__(self) -> Self: return self
    def neg(self) -> Self: return self.apply(RULES["neg"], (self,))
    def exp(self) -> Self: return self.apply(RULES["exp"], (self,))
    def log(self) -> Self: return self.apply(RULES["log"], (self,))
    def sqrt(self) -> Self: return self.apply(RULES["sqrt"], (self,))
    def sin(self) -> Self: return self.apply(RULES["sin"], (self,))
    def cos(self) -> Self: return self.apply(RULES["cos"], (self,))
    def tan(self) -> Self: return self.apply(RULES["tan"], (self,))
    def sinh(self) -> Self: return self.apply(RULES["sinh"], (self,))
    def cosh(self) -> Self: return self.apply(RULES["cosh"], (self,))
    def tanh(self) -> Self: return self.apply(RULES["tanh"], (self,))
    def asin(self) -> Self: return self.apply(RULES["asin"], (self,))
    def acos(self) -> Self: return self.apply(RULES["acos"], (self,))
    def atan(self) -> Self: return self.apply(RULES["atan"], (self,))
    def sigmoid(self) -> Self: return self.apply(RULES["sigmoid"], (self,))
    def softplus(self) -> Self: return self.apply(RULES["softplus"], (self,))
    def relu(self) -> Self: return self.apply(RULES["relu"], (self,))
    def gelu(self) -> Self: return self.apply(RULES["gelu"], (self,))
    def abs(self) -> Self: return self.apply(RULES["abs"], (self,))
    def log1p(self) -> Self: return self.apply(RULES["log1p"], (self,))
    def expm1(self) -> Self: return self.apply(RULES["expm1"], (self,))
    def erf(self) -> Self: return self.apply(RULES["erf"], (self,))
    def normal_pdf(self) -> Self: return self.apply(RULES["normal_pdf"], (self,))
    def normal_cdf(self) -> Self: return self.apply(RULES["normal_cdf"], (self,))
    def leaky_relu(self, a: Any = 0.01) -> Self: return RULES["leaky_relu"](self, a)
    def choose(self, c: Any, x: Any, y: Any) -> Any: return RULES["where"](c, x, y)  # rules.same
    # fmt: on


def binary(name: str, x: Any, y: Any) -> Any:
    """The operator `name` on x and y, of which one is an `Operand`; NotImplemented if the other is
    no number."""
    ours, other = (x, y) if isinstance(x, Operand) else (y, x)
    if not isinstance(other, Operand):
        if is_many(other):
            raise of_each(RULES[name].text, other, first=other is x)
        try:
            real(other)
        except TypeError:
            return NotImplemented
    return ours.apply(RULES[name], (x, y))


class Rule:
    """One row of the table: an elementary operation with its name, its formula and its slopes.

    Call it with numbers and it computes a number; with Values it records a node; with Terms it
    writes a formula. An operation on lists (the first `lists` arguments, equally long; single
    numbers follow) is one node with many inputs.
    """

    __slots__ = (
        "convention", "defaults", "domain", "elementary", "forward", "kink", "latex", "limit",
        "lists", "module", "name", "parameters", "slopes", "text", "written",
    )  # fmt: skip

    def __init__(self, name: str, latex: str, forward: Forward, slopes: tuple[Slope, ...], *,
                 domain: Iterable[Interval] | None = None, convention: str = "",
                 kink: Forward | None = None, limit: Forward | None = None, lists: int = 0,
                 elementary: Callable[..., Any] | None = None, text: str = "") -> None:  # fmt: skip
        code, self.module = slopes[0].__code__, slopes[0].__module__  # where the row is written
        self.name, self.latex, self.forward, self.slopes = name, latex, forward, slopes
        self.parameters = code.co_varnames[: code.co_argcount - 1]  # the last one is the output z
        self.defaults: tuple[float, ...] = getattr(forward, "__defaults__", None) or ()
        self.domain = tuple(domain or [REAL] * len(self.parameters))
        self.convention, self.kink, self.limit = convention, kink, limit
        self.lists, self.elementary = lists, elementary
        self.text = text or f"{name}({', '.join(f'{{{i}}}' for i in range(len(self.parameters)))})"
        self.written: dict[type, Any] = {}  # shorter ways, by the first argument's class

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The operation on numbers (gives a float), on Values (a Value) or on Terms (a Term).

        Raises:
            TypeError: for what is no number, or too few or too many arguments.
            ValueError, ArithmeticError: where it is not defined; the message names the numbers.
        """
        if named:
            raise by_name(self.name, self.parameters, named)
        args = self.complete(args)
        written = self.written.get(args[0].__class__)
        made = written(*args) if written else NotImplemented
        if made is not NotImplemented:
            return made
        for arg in chain(*args[: self.lists], args[self.lists :]):
            if isinstance(arg, Operand):
                return arg.apply(self, args)
        return self.compute(self.each(real, args))

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.text.format(*self.parameters)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # a rule travels by its name: the table is the same on the other side
        return look_up, (self.name,)

    def complete(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments with defaults filled in. TypeError and ValueError for what does not fit."""
        missing = len(self.parameters) - len(args)
        if missing:
            if not 0 < missing <= len(self.defaults):
                raise wrong_count(self.name, self.parameters, self.lists, len(args))
            args += self.defaults[-missing:]
        if not self.lists:
            return args
        try:
            lists = tuple([tuple(arg) for arg in args[: self.lists]])
        except TypeError:
            for name, arg in zip(self.parameters, args[: self.lists], strict=False):
                if not hasattr(arg, "__iter__"):
                    got = f"{name}, got {type(arg).__name__} {arg!r}"
                    raise TypeError(f"{self.name} takes a list of numbers as {got}") from None
            raise  # it came from within an iterator
        for each in lists:
            if len(each) != len(lists[0]):
                sizes = list(map(len, lists))
                raise ValueError(f"{self.name} takes lists of equal length, got lengths {sizes}")
        return lists + args[self.lists :]

    def flatten(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments as one flat tuple: of an operation on lists, all of their items."""
        return (*chain.from_iterable(args[: self.lists]), *args[self.lists :])

    def nest(self, flat: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inverse of `flatten`."""
        if not self.lists:
            return flat
        length = (len(flat) - (len(self.parameters) - self.lists)) // self.lists
        lists = [flat[i * length : (i + 1) * length] for i in range(self.lists)]
        return (*lists, *flat[self.lists * length :])

    def each(self, convert: Callable[[Any], Any], args: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments converted one by one, those in lists too."""
        if not self.lists:
            return tuple(map(convert, args))
        lists = [tuple(map(convert, arg)) for arg in args[: self.lists]]
        return (*lists, *map(convert, args[self.lists :]))

    def compute(self, args: tuple[Any, ...], where: str = "") -> float:
        """Forward on plain numbers; an error names operation, numbers, and `where` they are."""
        try:
            output = self.forward(*args)
        except (ValueError, ArithmeticError) as error:
            what = "too large for a float" if isinstance(error, OverflowError) else "not defined"
            said = f"{self.text.format(*args)} is {what}"
            if self.lists and not args[0]:
                said = f"{self.name} takes at least one number, got an empty list"
            raise type(error)(f"{said}{where}") from None
        if output.__class__ is float:
            return output
        return real(output, f"a real number from rule {self.name!r}")

    def all_slopes(
        self, args: tuple[Any, ...], output: Any, inputs: Sequence[Any] = ()
    ) -> tuple[Any, ...]:
        """The slope in each input, flat, in the kind of number that the arguments are. At plain
        numbers an infinite slope is ±inf and one that does not exist is nan, never an error.

        Args:
            args: the arguments, nested as the rule takes them.
            output: what the operation makes of them.
            inputs: what they stand for, flat: a float is a constant, which gets None for a slope.

        Raises:
            TypeError: if a slope is no real number, or if the slopes of an operation on lists are
                not nested as its arguments are.
        """
        if not self.lists:
            each = enumerate(inputs or self.slopes)  # without inputs nothing is a constant
            found = [None if x.__class__ is float else self.slope(i, args, output) for i, x in each]
            return tuple(found)
        nested = self.slope(0, args, output)
        slopes = self.flatten(nested) if isinstance(nested, tuple) else ()
        if len(slopes) != len(inputs or self.flatten(args)):
            raise TypeError(
                f"the slopes of rule {self.name!r} must be nested as its arguments are, {args}, "
                f"got {nested}"
            )
        if float not in map(type, inputs):
            return slopes
        pairs = zip(inputs, slopes, strict=True)
        return tuple([None if x.__class__ is float else slope for x, slope in pairs])

    def slope(self, index: int, args: Sequence[Any], output: Any) -> Any:
        """What one function of the row's slopes gives: on lists all slopes, nested as they are."""
        try:
            slope = self.slopes[index](*args, output)
        except (ValueError, ArithmeticError):
            # a plain number met an edge: again, as a kind of number that knows what holds there
            kind: Any = getattr(output, "constant", Extended)
            taken = self.each(lambda x: x if isinstance(x, Operand) else kind(x), args)
            slope = self.slopes[index](*taken, Extended(output) if kind is Extended else output)
            if kind is Extended:
                return self.each(float, slope) if self.lists else float(slope)
        if slope.__class__ is float or self.lists or isinstance(slope, Operand):
            return slope
        return real(slope, f"a real number as slope of rule {self.name!r}")


@usage('rule("cube", "{0}^3", lambda x: x**3, lambda x, z: 3*x*x)')
def rule(name: str, latex: str, forward: Forward, *slopes: Slope, **columns: Any) -> Rule:
    r"""Add a row to the table: an operation of your own, which then differentiates, draws, checks
    and prints itself.

    Args:
        name: a Python identifier, not the name of a built-in row; a row of yours is replaced.
        latex: a template such as `r"\tanh({0})"`, with {0}, {1}, ... for the inputs.
        forward: numbers in, a number out; outside its domain a ValueError or ArithmeticError.
        slopes: one function per input, of all inputs and then the output z, written with operators
            and rules (of an operation on lists: one, a tuple parallel to its arguments).
        domain: (low, high) of each input, where slopes are checked; all real numbers unless given.
        convention: a sentence on what holds at kinks and at the edge of the domain.
        kink: a function of the inputs that changes its sign, or is 0, just where the slope jumps.
        limit: what `forward` is on the extended real line where it raises (used in slopes only).
        lists: how many of the first arguments are lists.
        elementary: an operation on lists spelled out in simpler operations, for formulas.
        text: a template for plain text, such as "{0} + {1}".

    Raises:
        ValueError: if the name is taken or no identifier, or slopes or intervals are not one per
            input.

    >>> cube = rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    >>> cube(2.0)
    8.0
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"a rule's name must be a Python identifier, got {name!r}")
    if not isinstance(latex, str) or not callable(forward):
        template = "a LaTeX template, as in '{0}^3', and then a forward function"
        raise TypeError(f"rule {name!r} takes {template}, got {shown(latex)} and {shown(forward)}")
    for slope in slopes or [None]:
        takes = slope.__code__.co_argcount if isinstance(slope, FunctionType) else 0
        if takes < 2 or takes != slopes[0].__code__.co_argcount:
            raise ValueError(
                f"rule {name!r}: each slope is a Python function of all inputs and then the "
                f"output, as in lambda x, z: 3 * x * x, got {slope!r}"
            )
    if name in RULES and RULES[name].module != slopes[0].__module__:
        raise ValueError(f"there is a rule {name!r} already: {RULES[name]!r}")
    row = Rule(name, latex, forward, slopes, **columns)
    for what, given in ("slopes", slopes), ("intervals of the domain", row.domain):
        expected = 1 if row.lists and given is slopes else len(row.parameters)
        if len(given) != expected:
            raise ValueError(
                f"rule {name!r} with inputs ({', '.join(row.parameters)}) takes {expected} {what}, "
                f"got {len(given)}"
            )
    RULES[name] = row
    return row


def look_up(name: str) -> Rule:
    """The row of that name. KeyError where there is none: a pickled graph may need one of yours."""
    if name not in RULES:
        raise KeyError(
            f"there is no rule {name!r} here: define it with engine.rule(...) before you load this "
            "graph"
        )
    return RULES[name]


class Extended(Operand):
    """A number on the extended real line: an operation outside its domain turns into ±inf or nan,
    not into an error."""

    __slots__ = ("number",)

    def __init__(self, number: float) -> None:
        self.number = number

    def __float__(self) -> float:
        return float(self.number)

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Self:
        return cls(cls.forward(rule, rule.each(float, args)))

    @staticmethod
    def forward(rule: Rule, args: tuple[Any, ...]) -> float:
        """Forward with limits: 1 / 0 is inf and log(0) is -inf."""
        try:
            return rule.forward(*args)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return rule.limit(*args) if rule.limit else math.nan
