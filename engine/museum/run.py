"""The run of a broken engine, recorded while it runs: nothing of it is worked out a second time.

An engine is a plain function. While it runs, Python tells which of its lines comes next, and what its names hold then:
a line that assigns to `grads[x]` is one application of the chain rule, as that engine understands it.
"""

from __future__ import annotations

import ast
import inspect
import math
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType
from typing import Any, NamedTuple

from engine.advice import shown
from engine.graph import Step
from engine.value import Value

__all__ = ["Difference", "Line", "Listing", "Run", "Write", "first_difference", "listing_of", "record"]

MOST_WRITES = 2000

Engine = Callable[[Value], dict[Value, float]]


@dataclass(frozen=True)
class Write:
    """A line of an engine that gave something to an input, with the numbers that its names held."""

    node: Value
    index: int
    """Which of the node's inputs receives."""
    upstream: float
    local: float
    before: float
    after: float
    line: int
    """The line, as it is numbered in its file."""

    @property
    def input(self) -> Value:
        found: Value = self.node.inputs[self.index]
        return found


@dataclass
class Run:
    """What an engine did.

    Attributes:
        start: its gradients before the first write.
        writes: what it passed on, in order.
        grads: its gradients in the end; where it broke down, those it had by then.
        error: what it raised; empty if it came to an end.
    """

    start: dict[Value, float] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    grads: dict[Value, float] = field(default_factory=dict)
    error: str = ""


class Difference(NamedTuple):
    """Where a broken engine first does what is wrong."""

    kind: str
    """"start", "again", "upstream", "local", "replaced", or "missing" for what shows in the end only."""
    write: int | None
    """The number of the write, from 0; None for one that is in no write."""
    node: Value
    """Whose gradient is concerned."""


class TooLong(Exception):
    """An engine that does not come to an end soon."""


def record(engine: Engine, y: Value) -> Run:
    """Run an engine on the graph of y and record it.

    Raises:
        ValueError: if it passes on more than 2,000 times.
    """
    recorder = Recorder(engine)
    run, traced_before = recorder.run, sys.gettrace()
    try:
        sys.settrace(recorder.enter)
        run.grads = dict(engine(y))
    except TooLong:
        raise ValueError(
            f"{engine.__name__} passes on more than {MOST_WRITES:,} times in the graph of {shown(y)}; "
            "step through a smaller one"
        ) from None
    except Exception as error:  # an engine that breaks down is shown as far as it came
        run.error, run.grads = f"{type(error).__name__}: {error}", dict(recorder.grads)
    finally:
        sys.settrace(traced_before)
    if not run.writes:
        run.start = dict(run.grads)
    return run


class Recorder:
    """Listens to an engine line by line."""

    def __init__(self, engine: Engine) -> None:
        self.run = Run()
        self.grads: dict[Value, float] = {}
        self.codes = codes_of(engine.__code__)
        lines, first = inspect.getsourcelines(engine)
        self.passing = {first + line for line in assigning(lines)}
        self.pending: Write | None = None
        self.given: dict[FrameType, tuple[Value, list[Value]]] = {}

    def enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self.line if frame.f_code in self.codes else None

    def line(self, frame: FrameType, event: str, arg: Any) -> Any:
        pending, self.pending = self.pending, None  # no other line runs in between
        if pending and event != "exception":
            self.run.writes.append(replace(pending, after=self.grads[pending.input]))
            if len(self.run.writes) > MOST_WRITES:
                raise TooLong
        if event == "line" and frame.f_lineno in self.passing:
            self.pending = self.about_to_pass(frame)
        return self.line

    def about_to_pass(self, frame: FrameType) -> Write:
        names = frame.f_locals
        node, x, grads = names["node"], names["x"], names["grads"]
        if not self.grads:
            self.run.start = dict(grads)
        self.grads = grads
        of, given = self.given.get(frame, (None, []))
        given = [*given, x] if of is node else [x]
        self.given[frame] = (node, given)
        # the arrow: as often as x has been given something in this turn of the node
        places = [i for i, each in enumerate(node.inputs) if each is x]
        index = places[(given.count(x) - 1) % len(places)]
        before = grads.get(x, 0.0)
        return Write(node, index, grads[node], names["slope"], before, before, frame.f_lineno)


def codes_of(code: CodeType) -> set[CodeType]:
    """The code of a function and of those that are defined inside it; not that of a comprehension."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType) and each.co_name[0] != "<"]
    return {code}.union(*map(codes_of, inner))


def assigning(lines: list[str]) -> set[int]:
    """The lines, from 0, that assign to `grads[x]`."""
    tree = ast.parse(textwrap.dedent("".join(lines)))
    targets = [
        target
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return {target.lineno - 1 for target in targets if ast.unparse(target) == "grads[x]"}


def first_difference(run: Run, y: Value, steps: list[Step]) -> Difference | None:
    """Where a run first does what the right steps do not; None if it is right, in whatever order.

    Another order alone is no difference: what is passed on along an arrow is compared with what the right engine passes
    on along it.
    """
    for node, grad in run.start.items() if run.writes else [(y, run.start.get(y, 0.0))]:
        if differ(grad, 1.0 if node is y else 0.0):
            return Difference("start", None, node)
    right = {(step.node, step.index): step for step in steps}
    seen: set[tuple[Value, int]] = set()
    for place, write in enumerate(run.writes):
        arrow = write.node, write.index
        step = right[arrow]
        kinds = {
            "again": arrow in seen,
            "upstream": differ(write.upstream, step.upstream),
            "local": differ(write.local, step.local),
            "replaced": differ(write.after, write.before + step.contribution),
        }
        seen.add(arrow)
        for kind, holds in kinds.items():
            if holds:
                return Difference(kind, place, write.input if kind in ("again", "replaced") else write.node)
    totals = {y: 1.0} | {step.input: step.after for step in steps}
    for node, total in totals.items():
        if differ(run.grads.get(node, 0.0), total):
            return Difference("missing", None, node)
    return None


def differ(a: float, b: float) -> bool:
    """Whether two numbers are not the same, but for rounding: in another order sums are rounded otherwise."""
    return not (math.isclose(a, b, rel_tol=1e-12) or (math.isnan(a) and math.isnan(b)))


class Line(NamedTuple):
    """A line of an engine, and what is remarked on it: what the bug is."""

    text: str
    remark: str
    number: int
    """As it is numbered in its file."""


class Listing(NamedTuple):
    """The lines of an engine, without the words that give the bug away."""

    lines: list[Line]
    bug: int | None
    """In which of them the bug is made."""
    start: int
    """With which of them the engine starts."""

    def place(self, number: int) -> int:
        """Where the line with that number in its file stands."""
        return next(place for place, line in enumerate(self.lines) if line.number == number)


def listing_of(engine: Engine) -> Listing:
    """The source of an engine, line by line, with its docstring and its remark on the bug taken out."""
    texts, first = inspect.getsourcelines(engine)
    function: Any = ast.parse(textwrap.dedent("".join(texts))).body[0]
    said = function.body[0] if ast.get_docstring(function) else None
    hidden = range(said.lineno - 1, said.end_lineno) if said else range(0)
    lines: list[Line] = []
    remark = ""
    for i, text in enumerate(textwrap.dedent("".join(texts)).splitlines()):
        code, mark, comment = text.partition("# the bug: ")
        if i in hidden or not (code.strip() or mark):
            continue
        remark = f"the bug: {comment}" if mark else remark
        if code.strip():
            lines.append(Line(code.rstrip(), remark, first + i))
            remark = ""
    bugs = [place for place, line in enumerate(lines) if line.remark]
    begun = first + function.body[1 if said else 0].lineno - 1
    return Listing(lines, bugs[0] if bugs else None, [line.number for line in lines].index(begun))
