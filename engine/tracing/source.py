"""`with trace_source():` and `source_of(node)`: which piece of the student's code made a node.

At an operation only the code object and the offset of its instruction are kept; the package `executing` finds the
expression when it is asked for, in the text that Python's `linecache` has, of notebook cells too.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count, islice
from operator import itemgetter
from pathlib import Path
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

from engine.advice import wrong
from engine.rule import Rule
from engine.scope import Place, bracketed, looking_on
from engine.tracing.watch import watching
from engine.value import Value

__all__ = ["Source", "in_order", "source_of", "trace_source"]


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of code. Lines count from 1; columns, in characters, from 0.

    Attributes:
        file: the name that Python has for the file or the cell.
        line, column: where it begins.
        end_line, end_column: where it ends.
        text: the expression itself, or the statement if that is `x += y`; "" where the text is not at hand.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str

    @property
    def whole_line(self) -> str:
        """The line it begins on, without its indentation."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        return f"line {self.line}: {self.whole_line}" if self.text else f"line {self.line}"


@bracketed
@contextmanager
def trace_source() -> Iterator[None]:
    """Remember for every node made in this block which piece of code made it: `source_of(node)` gives it, a `Stepper`
    shows the code beside the graph, and errors name the line.

    The code is the nearest that belongs neither to the engine and the network nor to an installed package: what
    `model(x)` makes is all made there. It holds for this thread, and costs a few microseconds an operation. What is
    compiled makes no nodes, so only what runs eagerly is traced.

    Raises:
        ModuleNotFoundError: without the package executing.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> with trace_source():
    ...     y = (a * b).tanh() + 1.0
    >>> source_of(y.inputs[0]).text
    '(a * b).tanh()'
    """
    require_executing()
    with looking_on(remark=remark), watching(keep_place):
        yield


def source_of(node: Value) -> Source | None:
    """The piece of code that made a node; None if it was not made in `with trace_source():`, or was pickled since.
    TypeError for what is no Value."""
    if not isinstance(node, Value):
        raise wrong("source_of takes a Value", node)
    place = node._made
    return find(place.code, place.instruction) if isinstance(place, Place) else None


def in_order(nodes: Iterable[Value]) -> list[Value]:
    """Those of the nodes that were traced, in the order in which they were made."""
    places = [(place.number, node) for node in nodes if isinstance(place := node._made, Place)]
    return [node for _, node in sorted(places, key=itemgetter(0))]


def keep_place(node: Value, rule: Rule | None) -> None:
    frame = student_frame()
    if frame is not None:
        node._made = Place(node.group, frame.f_code, frame.f_lasti, next(numbers))


numbers = count()


def student_frame() -> FrameType | None:
    """The nearest frame of code that is in none of the libraries."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and in_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def remark(inputs: tuple[Any, ...]) -> str:
    """The end of an error: the line at work, and of inputs that were made elsewhere theirs."""
    frame = student_frame()
    if frame is None:
        return ""
    here = find(frame.f_code, frame.f_lasti)
    said = f"; in {here}"
    for x in dict.fromkeys(inputs[:4]):
        made = source_of(x) if isinstance(x, Value) else None
        if made and made.text and (made.file, made.line) != (here.file, here.line):
            called = f"node {x.name!r}" if x.name else "the node without a name"
            said += f"; {called} was made in {made}"
    return said


class Files(dict[str, bool]):
    """Whether a file is of a library, asked once for each name: at every operation it is a look-up."""

    def __missing__(self, name: str) -> bool:
        written_out = name.startswith("<") and ", row " in name  # a method written from the table
        self[name] = found = written_out or name.startswith((*libraries(), "<frozen "))
        return found


@cache
def libraries() -> tuple[str, ...]:
    """The folders of the engine, of the network and of what is installed: what is in them is nobody's lesson."""
    from sysconfig import get_path  # it is slow to load

    home = Path(__file__).parents[2]
    return tuple(f"{folder}{os.sep}" for folder in (home / "engine", home / "nn", *map(get_path, INSTALLED)))


INSTALLED = ("stdlib", "purelib", "platlib")
in_library = Files().__getitem__


def find(code: CodeType, instruction: int) -> Source:
    """The piece of code of an instruction: an expression, or `x += y`; where no syntax is found for it, what Python
    itself says about its place."""
    return find_in(code.co_filename, code, instruction)


@lru_cache(maxsize=1 << 14)
def find_in(file: str, code: CodeType, instruction: int) -> Source:
    # the file is named apart: code of another file is equal where it does the same on the same lines
    line, end_line, start, end = next(islice(code.co_positions(), instruction // 2, None))
    line = line or code.co_firstlineno
    node = syntax(code, instruction, line)
    if node is not None:
        line, end_line, start, end = node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
    end_line = end_line or line
    lines = [linecache.getline(file, number) for number in range(line, end_line + 1)]
    if start is None or end is None or not all(lines):
        return Source(file, line, 0, line, 0, "")
    first, last = characters(lines[0], start), characters(lines[-1], end)
    lines[-1] = lines[-1][:last]  # before the first is cut: they may be one
    return Source(file, line, first, end_line, last, "".join([lines[0][first:], *lines[1:]]))


def syntax(code: CodeType, instruction: int, line: int) -> Any:
    """What the instruction executes, as a node of the syntax tree; None if that cannot be told."""
    executing = require_executing()
    # all that is read of a frame, which is gone by now
    frame: Any = SimpleNamespace(f_code=code, f_lasti=instruction, f_lineno=line, f_globals={})
    node = executing.Source.executing(frame).node
    if isinstance(node, ast.For):  # as `for y in map(exp, xs):` makes its nodes
        node = node.iter
    return node if isinstance(node, ast.expr | ast.AugAssign) else None


def characters(line: str, count: int) -> int:
    """How many characters the first bytes of a line are: Python counts columns in bytes of UTF-8."""
    return len(line.encode()[:count].decode(errors="ignore"))


def require_executing() -> Any:
    """The package executing. ModuleNotFoundError, in one line, without it."""
    try:
        import executing
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "trace_source needs the package executing: pip install 'rantai[source]'", name="executing"
        ) from None
    return executing
