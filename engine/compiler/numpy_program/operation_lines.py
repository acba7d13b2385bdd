"""The text of operations in a NumPy program: what each instruction, and the chain rule through it, is in a line of
NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.compiler.instruction_set import Apply, List, Lookup, LookupAmongValues
from engine.compiler.numpy_program.assignments import set_to
from engine.compiler.numpy_program.listing import Listing
from engine.compiler.numpy_program.notation import write
from engine.formulas.reading import forward_term, list_slope, part_of_all, simplified, slope_terms
from engine.formulas.terms import Literal, Term, symbol
from engine.rule import RULES

__all__ = ["apply", "look_up", "on_list"]

# Each function writes the forward lines of an instruction, and leaves the listing what writes those that go back


def apply(out: Listing, rows: range, fields: Apply, origin: str, i: int) -> None:
    m, n, active = len(rows), fields.inputs, fields.active
    rule, lanes = out.plan.rules[fields.rule], "[:, :1]" if fields.uniform else ""
    inputs = [out.items(fields.read + j * m, m) for j in range(n)]
    letters = [f"{'XYZ'[j]}{i}" if j < 3 else f"X{i}_{j}" for j in range(n)]
    texts = [out.gathered(read, letter) for read, letter in zip(inputs, letters, strict=True)]
    symbols = [symbol(f"{text}{lanes}") for text in texts]
    z = out.rows(rows, "")
    text = write(forward_term(rule, *symbols))
    out.forward.append(f"{z}[:] = {text}" if lanes else set_to(z, text))
    g = symbol(f"{out.grad(rows)}.sum(axis=1, keepdims=True)" if fields.uniform else out.grad(rows))
    slopes = slope_terms(rule, symbols, symbol(f"{z}{lanes}")) if active else []

    def back() -> Iterator[str]:
        if fields.in_place:
            yield set_to(out.grad(rows), write(passed(g, slopes[0])))
            return
        for j, slope in enumerate(slopes):
            if active >> j & 1 and slope != 0:
                yield out.give(inputs[j], write(passed(g, slope)), str(i), lanes)

    if active:
        out.back.append((origin, rows, back))


def on_list(out: Listing, rows: range, fields: List, origin: str, i: int) -> None:
    rule, m, n = out.plan.rules[fields.rule], len(rows), fields.items
    read = out.items(fields.read, m * n)
    X = out.gathered(read, f"X{i}", (m, n))
    z, g = out.rows(rows, ""), out.grad(rows)
    items = tuple(symbol(f"{X}[:, {k}]") for k in range(n))
    text = f"{rule.name}({X})" if rule is RULES["logsumexp"] else write(forward_term(rule, items))
    out.forward.append(set_to(z, text))
    if rule is RULES["logsumexp"]:
        part = simplified(part_of_all(rule, Literal(X), Literal(f"{z}[:, None]")))
        slope: Any = symbol(f"shares({write(part)})")
    else:
        slope = list_slope(rule, n, symbol(X), symbol(f"{z}[:, None]"))
    slopes = slope_terms(rule, (items,), symbol(z)) if slope is None else []

    def back() -> Iterator[str]:
        if isinstance(slope, Term):
            yield out.give(read, f"({write(passed(symbol(f'{g}[:, None]'), slope))}).reshape({m * n}, -1)", str(i))
        elif slope:
            yield out.give(read, f"np.repeat({write(passed(symbol(g), slope))}, {n}, axis=0)", str(i))
        for k, item in enumerate(slopes):
            if item != 0:
                yield out.give(read[k::n], write(passed(symbol(g), item)), f"{i}_{k}")

    if fields.active:
        out.back.append((origin, rows, back))


def look_up(out: Listing, rows: range, fields: Lookup | LookupAmongValues, origin: str, i: int) -> None:
    m, items, columns, among_values = len(rows), fields.items, fields.columns, isinstance(fields, LookupAmongValues)
    entries = out.items(fields.entries, items * columns)
    table = out.listed(f"items{i}", entries, (items, columns))
    pairs = out.items(fields.read, 2 * m)
    chosen = f"{out.rows(pairs[::2], f'{i}')}.astype(int)"
    column = out.listed(f"columns{i}", pairs[1::2], (m, 1))
    lane = ""
    if among_values:
        table, lane = out.view(f"cells{i}", f"{table} * V.shape[1]"), f" + {out.view('lane', 'np.arange(V.shape[1])')}"
    out.forward.append(f"places{i} = {table}[{chosen}, {column}]{lane}")
    source, target = (out.view("v", "V.reshape(-1)"), out.view("g", "G.reshape(-1)")) if among_values else ("P", "GP")
    z, g = out.rows(rows, ""), out.grad(rows)
    out.forward.append(f"{z}[:] = {source}[places{i}]")

    def back() -> Iterator[str]:
        if among_values:
            new = [row for row in dict.fromkeys(entries) if not out.met[row]]
            out.zeroed += new
            for row in new:
                out.met[row] = 1
        else:
            out.add_to_parameters(entries)
        given = f"{g}.{'flatten()' if among_values else 'reshape(-1)'}"  # a copy: `at` would make one of all of G
        yield f"np.add.at({target}, places{i}.reshape(-1), {given})"

    if isinstance(fields, Lookup) or fields.active:
        out.back.append((origin, rows, back))


def passed(upstream: Term, slope: Any) -> Any:
    """Upstream times local, the chain rule; a choice of pieces that are numbers chooses among multiples of what
    comes from upstream."""
    if chooses(slope) and all(isinstance(piece, float) or chooses(piece) for piece in slope.args[1:]):
        c, x, y = slope.args
        return Term.apply(slope.rule, (c, passed(upstream, x), passed(upstream, y)))
    return upstream * slope


def chooses(term: Any) -> bool:
    return isinstance(term, Term) and term.rule is RULES["where"]
