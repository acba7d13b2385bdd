"""The text of sums in a NumPy program: matrix products, weighted sums, products, and the chain rule through them.

Each function for one kind of instruction gives the text of what it adds, or none, and leaves the listing what
writes the lines that go back through it. `k` is the number that its names end in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.compiler.instruction_set import (
    Addition,
    Combine,
    Matmul,
    Parameters,
    Products,
    Start,
    Weights,
)
from engine.compiler.numpy_program.assignments import add_to, set_to, writer
from engine.compiler.numpy_program.listing import Listing
from engine.compiler.numpy_program.notation import write
from engine.compiler.numpy_program.orders import WIDE, run
from engine.formulas.terms import symbol, term

__all__ = ["add_up"]


def add_up(
    out: Listing, rows: range, group: Sequence[Start | Addition], origin: str, number: int, constant: bool
) -> None:
    """The lines of a sum: of its start, and of what is added to its rows right after it.

    Args:
        out: what is written to.
        rows, group: the instructions, which have the same rows.
        origin, number: where they came from, and the number that names in these lines end in.
        constant: whether nothing is added to these rows later on.
    """
    texts = [text_of(out, rows, fields, origin, str(number)) for fields in group]
    ordered = [text for text in (*texts[1:], texts[0]) if text] or ["0"]
    first, target = group[0], out.rows(rows, "")
    if isinstance(first, Start) and len(group) == 1 and first.terms == 0 and constant:
        out.forward.pop()  # constants: set once, not for each batch
        out.once.append(f"{target}[:] = {texts[0] or 0}")
        return
    together = " + ".join(ordered)
    lines = ordered if len(together) >= 100 or writer(ordered[0]) else [together]
    if isinstance(first, Start):
        out.forward.append(set_to(target, lines.pop(0)))
    out.forward += [add_to(target, text) for text in lines]


def text_of(out: Listing, rows: range, fields: Start | Addition, origin: str, k: str) -> str:
    """What an instruction adds."""
    match fields:
        case Start():
            return start(out, rows, fields, origin, k)
        case Matmul():
            return matmul(out, rows, fields, origin, k)
        case Weights():
            return weighted(out, rows, fields, origin, k)
        case Products():
            return products(out, rows, fields, origin, k)
        case Combine():
            return combine(out, rows, fields, origin, k)
        case Parameters():
            return parameters(out, rows, fields, origin, k)


def start(out: Listing, rows: range, fields: Start, origin: str, k: str) -> str:
    m, n = len(rows), fields.terms
    constant = out.constants(fields.constants, m, k)
    constant = f"{constant}[:, None]" if constant.startswith("numbers") else constant
    if n == 0:
        return "" if constant == "0" else constant
    items = out.items(fields.parameters, m * n)
    scale = out.constants(fields.factors, m * n, k, (m, n)[: 1 + (n > 1)])
    scales = scale.startswith("numbers")  # one for each term
    scale = "" if scale == "1" else f"{scale} * "
    text = out.vector(items, k) if n == 1 else out.weights(items, k, (m, n))
    text = f"({scale}{text})" if scale else text
    turned = rows in out.by_samples  # then biases, which do not lie side by side, would be gathered for each sample
    g = f"np.add.reduce({out.grad(rows)}, axis=1)" if turned else f"{out.grad(rows)}.sum(axis=1)"

    def back() -> Iterator[str]:
        given = f"({scale}{g}[:, None]).reshape(-1)" if scales else f"np.repeat({scale}{g}, {n})"
        yield out.give_parameters(items, f"{scale}{g}" if n == 1 else given, k)

    out.back.append((origin, rows, back))
    text = f"{text}{'.copy()' * (turned and not scale)}[:, None]" if n == 1 else f"{text}.sum(axis=1)[:, None]"
    return text if constant == "0" else f"{text} + {constant}"


def matmul(out: Listing, rows: range, fields: Matmul, origin: str, k: str) -> str:
    m, t, n = len(rows), fields.height, fields.terms
    u, first, down, along = m // t, fields.weights, fields.down, fields.along
    found = out.matrix(first, t, n, down, along)
    items = [] if found else [first + i * down + j * along for i in range(t) for j in range(n)]
    W = out.view(f"W{k}", found) if found else f"P[{out.listed(f'parameters{k}', items, (t, n))}]"
    read = [fields.values + j * fields.step + v * fields.apart for j in range(n) for v in range(u)]
    X = out.gathered(read, f"X{k}") if u == 1 and len(set(read)) == n else wide(out, read, n, k)
    g = out.grad(rows) if u == 1 else f"{out.grad(rows)}.reshape({t}, -1)"

    def back() -> Iterator[str]:
        given = f"{g} @ {X}.T"
        if found:
            yield out.give_view(places_of(first, t, n, down, along), out.view(f"GW{k}", "G" + found), given)
        else:
            yield out.give_parameters(items, f"({given}).reshape(-1)", k)
        if fields.active:
            # of one line of many weights: BLAS would get ready for a large product
            given = f"np.multiply({W}.T, {g})" if t == 1 and n >= WIDE else f"{W}.T @ {g}"
            yield out.give(read, given if u == 1 else f"({given}).reshape({n * u}, -1)", k)

    out.back.append((origin, rows, back))
    return f"{W} @ {X}" if u == 1 else f"({W} @ {X}).reshape({m}, -1)"


def wide(out: Listing, rows: Sequence[int], n: int, k: str) -> str:
    """Rows side by side: a matrix of n lines."""
    found = run(rows)
    if found and found[2] == 1:
        return out.view(f"X{k}", f"{out.rows(rows, k)}.reshape({n}, -1)")
    return out.local(f"X{k}", f"V[{out.listed(f'rows{k}', rows)}].reshape({n}, -1)")


def weighted(out: Listing, rows: range, fields: Weights, origin: str, k: str) -> str:
    m, n, g = len(rows), fields.terms, out.grad(rows)
    items, read = out.items(fields.parameters, m * n), out.items(fields.read, m * n)
    W = out.weights(items, k, (m, n))
    X = out.gathered(read, f"X{k}", (m, n))

    def back() -> Iterator[str]:
        yield out.give_parameters(items, f'np.einsum("il,ikl->ik", {g}, {X}).reshape(-1)', k)
        if fields.active:
            yield out.give(read, f'np.einsum("ik,il->ikl", {W}, {g}).reshape({m * n}, -1)', k)

    out.back.append((origin, rows, back))
    return f'np.einsum("ik,ikl->il", {W}, {X})'


def products(out: Listing, rows: range, fields: Products, origin: str, k: str) -> str:
    m, n, g = len(rows), fields.terms, out.grad(rows)
    left, right = out.items(fields.left, m * n), out.items(fields.right, m * n)
    shape = (m, n) if n > 1 else ()
    X = out.gathered(left, f"X{k}", shape)
    Y = X if left == right else out.gathered(right, f"Y{k}", shape)
    upstream = symbol(g if n == 1 else f"{g}[:, None]")

    def back() -> Iterator[str]:
        twice = left == right
        for bit, to, factor in ((1, left, Y), (2, right, X)):
            if fields.active & bit and not (twice and bit == 2):
                text = write((2.0 if twice else 1.0) * (upstream * symbol(factor)))
                yield out.give(to, text if n == 1 else f"({text}).reshape({m * n}, -1)", k)

    out.back.append((origin, rows, back))
    return write(symbol(X) * symbol(Y)) if n == 1 else f'np.einsum("ikl,ikl->il", {X}, {Y})'


def combine(out: Listing, rows: range, fields: Combine, origin: str, k: str) -> str:
    m, n, g = len(rows), fields.terms, out.grad(rows)
    read = out.items(fields.read, m * n)
    factors = out.plan.numbers[fields.factors : fields.factors + m * n].tolist()
    if 1 < n <= FEW and factors == factors[:n] * m and len(set(read[:n])) > 1:
        return few(out, rows, fields, factors[:n], [read[j::n] for j in range(n)], origin, k)
    D = out.constants(fields.factors, m * n, k, (m, n))
    alike = not D.startswith("numbers")
    shared = not alike and n > 1 and read == read[:n] * m  # a matrix of constants times rows
    if alike or n == 1:
        factor = out.plan.numbers[fields.factors] if alike else symbol(D)
        single = n == 1 or (m == 1 and len(set(read)) > 1)  # no list of lists
        X = out.rows(read, k) if single else out.gathered(read, f"X{k}", (m, n))
        summed = X if n == 1 else f"{X}.sum(axis={'0, keepdims=True' if single else 1})"
        text = write(factor * symbol(summed))
    elif shared:
        X = out.gathered(read[:n], f"X{k}") if len(set(read[:n])) == n else wide(out, read[:n], n, k)
        text = f"{D} @ {X}"
    else:
        text = f'np.einsum("ik,ikl->il", {D}, {out.gathered(read, f"X{k}", (m, n))})'

    def back() -> Iterator[str]:
        if shared:
            yield out.give(read[:n], f"{D}.T @ {g}", k)
        elif alike or n == 1:
            given = write(factor * symbol(g))
            yield out.give(
                read, given if n == 1 or (m == 1 and len(set(read)) == n) else f"np.repeat({given}, {n}, axis=0)", k
            )
        else:
            yield out.give(read, f'np.einsum("ik,il->ikl", {D}, {g}).reshape({m * n}, -1)', k)

    if fields.active:
        out.back.append((origin, rows, back))
    return text


FEW = 4  # terms of a sum that are written out


def few(out: Listing, rows: range, fields: Combine, factors: Sequence[float], columns: Sequence[Sequence[int]],
        origin: str, k: str) -> str:  # fmt: skip
    """A few terms, each with the same factor in all rows, as in V[1:3] - V[0:1]."""
    terms = sorted(zip(factors, columns, strict=True), key=lambda each: each[0] < 0.0)  # what is subtracted last
    g, text = symbol(out.grad(rows)), term(0.0)
    for j, (factor, read) in enumerate(terms):
        text += factor * symbol(out.rows(read, f"{k}_{j}"))

    def back() -> Iterator[str]:
        for j, (factor, read) in enumerate(terms):
            yield out.give(read, write(factor * g), f"{k}_{j}")

    if fields.active:
        out.back.append((origin, rows, back))
    return write(text)


def parameters(out: Listing, rows: range, fields: Parameters, origin: str, k: str) -> str:
    m, n = len(rows), fields.terms
    left, right = out.items(fields.left, m * n), out.items(fields.right, m * n)
    if m == 1 and left == right:
        blocks = matrices(left)
        parts = {out.matrix(*block): block for block in blocks}
        if parts and None not in parts and len(parts) == len(blocks):
            return squares(out, rows, parts, origin, k)
    A, B = out.weights(left, k, (m, n)), out.weights(right, k, (m, n))
    g = f"{out.grad(rows)}.sum(axis=1)[:, None]"

    def back() -> Iterator[str]:
        yield out.give_parameters(left, f"({g} * {B}).reshape(-1)", k)
        yield out.give_parameters(right, f"({g} * {A}).reshape(-1)", k)

    out.back.append((origin, rows, back))
    return f'np.einsum("ik,ik->i", {A}, {B})[:, None]'


def squares(out: Listing, rows: range, parts: Mapping[Any, Block], origin: str, k: str) -> str:
    """The sum of the squares of parameters that are a few matrices in memory, as weights are beside their biases.

    Args:
        parts: the text of each of them, and which parameters it has.
    """
    views = {text: out.view(f"W{k}", text) for text in parts}

    def back() -> Iterator[str]:
        for text, W in views.items():
            given = f"np.multiply(2 * {out.grad(rows)}.sum(), {W})"
            yield out.give_view(places_of(*parts[text]), out.view(f"GW{k}", f"G{text}"), given)

    out.back.append((origin, rows, back))
    return " + ".join(f"squares({W})" for W in views.values())


class Block(NamedTuple):
    """A matrix among the parameters: the first of them, how many lines and columns it has, and how far the next one
    is in either direction."""

    first: int
    lines: int
    columns: int
    down: int
    along: int


def places_of(first: int, lines: int, columns: int, down: int, along: int) -> Any:
    """Which parameters a matrix has, as an array of its shape."""
    return first + np.add.outer(np.arange(lines) * down, np.arange(columns) * along)


MATRICES = 16  # of which squares are added up one by one


def matrices(items: Sequence[int]) -> list[Block]:
    """The matrices that these parameters are, line by line, in their order; none where it would take too many."""
    places = np.array(items)
    ends = np.append(np.flatnonzero(np.diff(places) != 1) + 1, len(places))
    firsts, widths = places[np.append(0, ends[:-1])], np.diff(ends, prepend=0)
    found: list[Block] = []
    for first, width in zip(firsts.tolist(), widths.tolist(), strict=True):
        last = found[-1] if found else Block(first, 0, 0, 0, 1)
        down = first - last.first if last.lines == 1 else last.down
        if last.columns == width and down >= width and first == last.first + last.lines * down:
            found[-1] = Block(last.first, last.lines + 1, width, down, 1)
        else:
            found.append(Block(first, 1, width, width, 1))
        if len(found) > MATRICES:
            return []
    return found
