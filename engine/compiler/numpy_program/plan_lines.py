"""The text of the NumPy program of a plan: forward lines instruction by instruction, and back in reverse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.compiler.instruction_set import (
    Addition,
    Apply,
    Fields,
    List,
    Lookup,
    LookupAmongValues,
    Start,
    instructions,
)
from engine.compiler.numpy_program.listing import Listing
from engine.compiler.numpy_program.operation_lines import apply, look_up, on_list
from engine.compiler.numpy_program.sum_lines import add_up
from engine.formulas.notation import shorten

__all__ = ["listing_of"]


def listing_of(plan: Any) -> Listing:
    """A plan as the lines of a program: forward lines in order, and for each instruction those that go back."""
    out = Listing(plan)
    if plan.inputs:
        out.block(range(plan.inputs), "x")
    list_forward(out)
    list_backward(out)
    return out


def list_forward(out: Listing) -> None:
    code, origins = list(instructions(out.plan.code)), out.plan.origins
    added = bytearray(out.plan.rows)  # rows that a sum adds to
    for rows, fields in code:
        if isinstance(fields, Addition):
            added[rows.start : rows.stop] = b"\1" * len(rows)
    i, number = 0, 0
    while i < len(code):
        number += 1
        (rows, fields), end = code[i], end_of_sum(code, i)
        origin = ", ".join(dict.fromkeys(origins[i:end]))
        name_rows(out, rows, fields, number)
        out.forward.append(f"# {shorten(' '.join(origin.split()), 120)}")
        match fields:
            case Apply():
                apply(out, rows, fields, origin, number)
            case List():
                on_list(out, rows, fields, origin, number)
            case Lookup() | LookupAmongValues():
                look_up(out, rows, fields, origin, number)
            case _:
                group = [each for _, each in code[i:end] if isinstance(each, Start | Addition)]
                add_up(out, rows, group, origin, number, not any(added[rows.start : rows.stop]))
        i = end


def end_of_sum(code: Sequence[tuple[range, Fields]], i: int) -> int:
    """The end of a group of instructions that is one sum: a start, and what adds to its rows right after it."""
    rows, fields = code[i]
    end = i + 1
    while isinstance(fields, Start) and end < len(code) and code[end][0] == rows and isinstance(code[end][1], Addition):
        end += 1
    return end


def name_rows(out: Listing, rows: range, fields: Fields, i: int) -> None:
    """Names the rows that an instruction computes after its operation; what adds to rows leaves them their name."""
    match fields:
        case Start():
            name = "z"
        case Apply(rule=rule) | List(rule=rule):
            name = out.plan.rules[rule].name.lower()
        case Lookup() | LookupAmongValues():
            name = "item"
        case _:
            return
    out.block(rows, f"{name}{'_' * name[-1].isdigit()}{i}")


def list_backward(out: Listing) -> None:
    loss = out.plan.loss
    out.met[loss] = 1
    before = ""
    lines = [f"{out.rows([loss], '', 'G')}[:] = seed"]
    for origin, rows, write_lines in reversed(out.back):
        if not any(out.met[rows.start : rows.stop]):
            continue  # the loss does not depend on these rows
        out.zeroed += [row for row in rows if not out.met[row]]
        out.met[rows.start : rows.stop] = b"\1" * len(rows)
        given = list(write_lines())
        comment = f"# back through {shorten(' '.join(origin.split()), 108)}"
        lines += [*[comment] * (comment != before), *given] if given else []
        before = comment if given else before
    if out.zeroes_parameters or not out.met_parameters.all():
        lines.insert(0, "GP[:] = 0")
    out.backward = [*zero(out), *lines]


def zero(out: Listing) -> Iterator[str]:
    """Derivatives that are added to before they are set start at zero."""
    rows, ends = sorted(out.zeroed), {end for block in out.by_samples for end in (block.start, block.stop)}
    while rows:
        n = next((n for n in range(1, len(rows)) if rows[n] != rows[0] + n or rows[n] in ends), len(rows))
        yield f"{out.rows(rows[:n], '', 'G')}[:] = 0"
        del rows[:n]
