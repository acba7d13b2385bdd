"""Where a mistake is in what a file is compiled to: in functions, which can be given their new code where they are, or
in what is run when the file is imported."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

__all__ = ["Functions", "can_be_given", "changes"]


def changes(before: CodeType, after: CodeType) -> list[tuple[CodeType, CodeType]] | None:
    """The functions that differ between two ways of writing a file, each with its new code; None where what runs at the
    import differs."""
    if plain(before) != plain(after):
        return None
    found = []
    for old, new in zip(nested(before), nested(after), strict=True):
        if old.co_flags & inspect.CO_NEWLOCALS:
            if old != new:
                found.append((old, new))
        elif (inner := changes(old, new)) is None:  # the body of a class
            return None
        else:
            found += inner
    return found


def plain(code: CodeType) -> tuple[object, ...]:
    """What the code does by itself, without the functions in it."""
    consts = [repr(const) for const in code.co_consts if not isinstance(const, CodeType)]
    return code.co_code, code.co_names, code.co_freevars, code.co_varnames, code.co_exceptiontable, consts


def nested(code: CodeType) -> Iterator[CodeType]:
    return (const for const in code.co_consts if isinstance(const, CodeType))


def can_be_given(old: CodeType, new: CodeType) -> bool:
    """Whether functions in memory can be given the new code: not where one within uses other variables of those around
    it, which are tied to it when it is made."""
    if old.co_freevars != new.co_freevars:
        return False
    inner = list(nested(old)), list(nested(new))
    return len(inner[0]) != len(inner[1]) or all(can_be_given(*pair) for pair in zip(*inner, strict=True))


class Functions:
    """The functions of some files that are in memory."""

    def __init__(self, files: list[str]) -> None:
        paths = {str(Path(file).resolve()): file for file in files}
        self.by_code: dict[tuple[str, str, int], list[FunctionType]] = {}
        for thing in gc.get_objects():
            if type(thing) is FunctionType and (file := paths.get(thing.__code__.co_filename)):
                code = thing.__code__
                self.by_code.setdefault((file, code.co_qualname, code.co_firstlineno), []).append(thing)

    def of(self, file: str, code: CodeType) -> list[FunctionType]:
        """Those made of that code."""
        found = self.by_code.get((file, code.co_qualname, code.co_firstlineno), [])
        # code that was run often has other bytes in memory, and == sees them; co_code does not
        return [function for function in found if plain(function.__code__) == plain(code)]

    def change(self, file: str, changed: list[tuple[CodeType, CodeType]]) -> None:
        """Give the functions their new code, and those that were made within them.

        Raises:
            LookupError: if there is no such function.
        """
        for old, new in changed:
            if not self.of(file, old):
                raise LookupError(f"no function {old.co_qualname} of {file} is in memory")
            self.change_all(file, old, new)

    def change_all(self, file: str, old: CodeType, new: CodeType) -> None:
        for function in self.of(file, old):
            function.__code__ = new
        inner = list(nested(old)), list(nested(new))
        if len(inner[0]) == len(inner[1]):
            for before, after in zip(*inner, strict=True):
                if before != after:
                    self.change_all(file, before, after)
