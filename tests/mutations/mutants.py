"""All small mistakes that can be made in a file, one at a time: a comparison turned round, a sign, a constant, a
condition, a line left out.

Not made are mistakes in what nothing that works ever reaches: the conditions of `assert` and the `strict` of a `zip`,
which are checks of the code by itself, and what only the type checker reads; nor in annotations and in texts, of errors
too.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Mutant", "mutants_of", "trees_of"]

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
UNTOUCHED = ("annotation", "returns", "decorator_list", "bases")
NOT_CODE = ("__all__", "__slots__")


@dataclass(frozen=True)
class Mutant:
    """One mistake in one place."""

    file: str
    lines: range
    """Those of the statement that it is in; of one with a body, those of its head."""
    place: str
    """The function or class that it is in, or what is assigned there."""
    before: str
    after: str
    """The piece of source around it, before and after."""
    nth: int
    """Which of those in its place that are written the same it is, from 1."""
    number: int
    """Which of the mistakes in its file it is."""

    @property
    def line(self) -> int:
        return self.lines.start

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What tells it apart, whatever lines are above it."""
        return self.file, self.place, self.before, self.after, self.nth

    def __str__(self) -> str:
        again = f"  (number {self.nth})" if self.nth > 1 else ""
        return f"{self.file}:{self.line} in {self.place}: {self.before}  ->  {self.after}{again}"


@dataclass
class Slot:
    """A place in the tree that holds a node, and what may stand there in its stead."""

    parent: ast.AST
    field: str
    index: int | None
    place: str
    lines: range

    @property
    def node(self) -> Any:
        held = getattr(self.parent, self.field)
        return held if self.index is None else held[self.index]

    def put(self, node: Any) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node

    @property
    def shown(self) -> str:
        """The smallest expression or statement that shows the node, on one line."""
        node = self.parent if isinstance(self.parent, ast.expr | ast.AugAssign) else self.node
        return " ".join(ast.unparse(node).split())


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """The mutants of a file, in the order of its lines."""
    found, seen = [], Counter[tuple[str, str, str]]()
    for number, (slot, before) in enumerate(mistakes(parsed(root, file), shown=True)):
        written = slot.place, before, slot.shown
        seen[written] += 1
        found.append(Mutant(file, slot.lines, *written, seen[written], number))
    return sorted(found, key=lambda mutant: mutant.line)


def trees_of(root: Path, mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, ast.Module]]:
    """Each of these mutants of one file with its tree: the same tree for all, which has the mistake until the next one
    is asked for."""
    wanted = {mutant.number: mutant for mutant in mutants}
    tree = parsed(root, mutants[0].file)
    for number, _ in enumerate(mistakes(tree)):
        if number in wanted:
            yield wanted[number], tree


def parsed(root: Path, file: str) -> ast.Module:
    return ast.parse((root / file).read_text(encoding="utf-8"))


def mistakes(tree: ast.Module, shown: bool = False) -> Iterator[tuple[Slot, str]]:
    """Makes one mistake after the other in a tree, and takes each back before the next: where it is, and, where it is
    to be shown, what was written there before."""
    for slot in list(slots_of(tree, "the file", range(0))):
        original, before = slot.node, slot.shown if shown else ""
        for replacement in list(replacements(slot)):
            ast.copy_location(replacement, original if hasattr(original, "lineno") else slot.parent)
            slot.put(ast.fix_missing_locations(replacement))
            yield slot, before
            slot.put(original)


def slots_of(parent: ast.AST, place: str, lines: range) -> Iterator[Slot]:
    """All slots below a node that hold code: no annotations, texts of errors, docstrings or lists of names."""
    for field, held in ast.iter_fields(parent):
        for index, node in enumerate(held) if isinstance(held, list) else [(None, held)]:
            if not isinstance(node, ast.AST) or field in UNTOUCHED or not is_code(node):
                continue
            inside, around = place_of(node, place), lines_of(node) or lines
            yield Slot(parent, field, index, inside, around)
            if not isinstance(node, ast.Raise):
                yield from slots_of(node, inside, around)


def lines_of(node: ast.AST) -> range | None:
    """The lines of a statement, without its body."""
    if not isinstance(node, ast.stmt | ast.excepthandler):
        return None
    body = getattr(node, "body", None)
    last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
    return range(node.lineno, last + 1)


def is_code(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in NOT_CODE:
        return False
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return False  # read by the type checker only
    if isinstance(node, ast.FunctionDef) and any(ast.unparse(how) == "overload" for how in node.decorator_list):
        return False  # this too
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return False
    return not isinstance(node, ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom)


def place_of(node: ast.AST, outer: str) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name if outer == "the file" else f"{outer}.{node.name}"
    if isinstance(node, ast.Assign) and outer == "the file":
        return ast.unparse(node.targets[0])
    return outer


def replacements(slot: Slot) -> Iterator[Any]:
    """The mistakes that can be made in one place."""
    node = slot.node
    if isinstance(node, ast.cmpop):
        yield from (kind() for kind in COMPARISONS.get(type(node), ()))
    elif isinstance(node, ast.operator) and type(node) in ARITHMETIC:
        yield ARITHMETIC[type(node)]()
    elif isinstance(node, ast.boolop):
        yield ast.Or() if isinstance(node, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from constants(node.value)
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield ast.Name(NAMES[node.id], ast.Load())
    elif isinstance(node, ast.Continue | ast.Break | ast.Raise) or is_effect(node):
        yield ast.Pass()
    elif isinstance(node, ast.Return) and node.value is not None and not is_none(node.value):
        yield ast.Return(ast.Constant(None))
    if slot.field in ("test", "ifs") and not isinstance(node, ast.Constant):
        yield ast.Constant(True)
        yield ast.Constant(False)


def constants(value: Any) -> Iterator[ast.Constant]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1 if value + 1 != value else 2 * value)


def is_effect(node: ast.AST) -> bool:
    """A statement that is there for what it does: a call, or an assignment to a part of something."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    return isinstance(node, ast.AugAssign)


def is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
