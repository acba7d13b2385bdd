"""The text of sums in a NumPy program: matrix products, weighted sums, products, and the chain rule through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.compiler.numpy_program.listing import Listing, run
from engine.compiler.numpy_program.notation import write
from engine.formulas.terms import symbol

__all__ = ["APPLY", "MATMUL", "START", "Fields", "Sums"]

START, MATMUL, WEIGHTS, PRODUCTS, COMBINE, PARAMETERS, APPLY = range(7)
Fields = tuple[int, ...]


class Sums:
    """Fills a listing with the lines of a plan: those of its sums here, those of its operations in
    `engine.compiler.numpy_program.operation_lines`."""

    def __init__(self, plan: Any) -> None:
        self.plan = plan
        self.out = Listing(plan.rows, plan.parameters)
        self.code = [tuple(plan.code[i : i + 12]) for i in range(0, len(plan.code), 12)]
        self.added = bytearray(plan.rows)  # rows that a sum adds to
        for kind, m, r, *_ in self.code:
            if MATMUL <= kind < APPLY:
                self.added[r : r + m] = b"\1" * m
        self.back: list[tuple[str, int, int, Callable[[], Iterator[str]]]] = []
        """An origin, first row and number of rows, and what writes the lines that go back: only then it is known
        what was met."""
        if plan.inputs:
            self.out.block(range(plan.inputs), "x")

    def grad(self, r: int, m: int) -> str:
        return self.out.rows(range(r, r + m), "", "G")

    def items(self, start: int, count: int) -> list[int]:
        return self.plan.table[start : start + count].tolist()

    def numbers(self, start: int, count: int, name: str, shape: Fields = ()) -> str:
        """Constants: the number that they all are, or the name of their list."""
        values = self.plan.numbers[start : start + count].tolist()
        alike = all(value == values[0] for value in values)
        return write(values[0]) if alike else self.out.list(f"numbers{name}", values, shape)

    def weights(self, items: Sequence[int], name: str, shape: Fields) -> str:
        """Parameters in a shape: a view, or gathered."""
        found = run(items)
        if found and found[2] == 1:
            return self.out.view(f"W{name}", f"P[{found[0]}:{found[1]}].reshape{shape}")
        return f"P[{self.out.list(f'parameters{name}', items, shape)}]"

    # Sums: a start, and what is added to it. Each part below gives the text of what it adds, or none.

    def sum(self, group: Sequence[Fields], origin: str, i: int) -> None:
        m, r = group[0][1:3]
        parts = {START: self.start, MATMUL: self.matmul, WEIGHTS: self.weighted, PRODUCTS: self.products,
                 COMBINE: self.combine, PARAMETERS: self.squares}  # fmt: skip
        texts = [parts[fields[0]](fields, origin, str(i)) for fields in group]
        ordered = [text for text in (*texts[1:], texts[0]) if text] or ["0"]
        target = self.out.rows(range(r, r + m), "")
        if len(group) == 1 and group[0][0] == START and group[0][4] == 0 and not any(self.added[r : r + m]):
            self.out.forward.pop()  # constants: set once, not for each batch
            self.out.once.append(f"{target}[:] = {texts[0] or 0}")
            return
        operator = "=" if group[0][0] == START else "+="
        for text in [" + ".join(ordered)] if len(" + ".join(ordered)) < 100 else ordered:
            self.out.forward.append(f"{target}{'' if target.endswith(']') else '[:]'} {operator} {text}")
            operator = "+="

    def start(self, fields: Fields, origin: str, k: str) -> str:
        _, m, r, c, n, p, w, *_ = fields
        constant = self.numbers(c, m, k)
        constant = f"{constant}[:, None]" if constant.startswith("numbers") else constant
        if n == 0:
            return "" if constant == "0" else constant
        items, scale = self.items(p, m * n), self.numbers(w, m * n, k, (m, n)[: 1 + (n > 1)])
        scale = "" if scale == "1" else f"{scale} * "
        text = self.out.vector(items, k) if n == 1 else self.weights(items, k, (m, n))
        text = f"({scale}{text})" if scale else text
        g = f"{self.grad(r, m)}.sum(axis=1)"

        def back() -> Iterator[str]:
            given = (
                f"{scale}{g}" if n == 1 else f"({scale}{g}[:, None]).reshape(-1)" if scale else f"np.repeat({g}, {n})"
            )
            yield self.out.give_parameters(items, given, k)

        self.back.append((origin, r, m, back))
        text = f"{text}[:, None]" if n == 1 else f"{text}.sum(axis=1)[:, None]"
        return text if constant == "0" else f"{text} + {constant}"

    def matmul(self, fields: Fields, origin: str, k: str) -> str:
        _, m, r, t, n, a, sr, sc, b, sk, su, active = fields
        u, out = m // t, self.out
        found = out.matrix(a, t, n, sr, sc)
        items = [] if found else [a + i * sr + j * sc for i in range(t) for j in range(n)]
        W = out.view(f"W{k}", found) if found else f"P[{out.list(f'parameters{k}', items, (t, n))}]"
        rows = [b + j * sk + v * su for j in range(n) for v in range(u)]
        X = out.gathered(rows, f"X{k}") if u == 1 and len(set(rows)) == n else self.wide(rows, n, k)
        g = self.grad(r, m) if u == 1 else f"{self.grad(r, m)}.reshape({t}, -1)"

        def back() -> Iterator[str]:
            given = f"{g} @ {X}.T"
            if found:
                yield f"{out.view(f'GW{k}', 'G' + found)}[:] += {given}"
            else:
                yield out.give_parameters(items, f"({given}).reshape(-1)", k)
            if active:
                given = f"{W}.T @ {g}"
                yield out.give(rows, given if u == 1 else f"({given}).reshape({n * u}, -1)", k)

        self.back.append((origin, r, m, back))
        return f"{W} @ {X}" if u == 1 else f"({W} @ {X}).reshape({m}, -1)"

    def wide(self, rows: Sequence[int], n: int, k: str) -> str:
        """Rows side by side: a matrix of n lines."""
        found = run(rows)
        if found and found[2] == 1:
            return self.out.view(f"X{k}", f"{self.out.rows(rows, k)}.reshape({n}, -1)")
        return self.out.local(f"X{k}", f"V[{self.out.list(f'rows{k}', rows)}].reshape({n}, -1)")

    def weighted(self, fields: Fields, origin: str, k: str) -> str:
        _, m, r, n, p, x, *_, active = fields
        items, rows, g = self.items(p, m * n), self.items(x, m * n), self.grad(r, m)
        W = self.weights(items, k, (m, n))
        X = self.out.gathered(rows, f"X{k}", (m, n))

        def back() -> Iterator[str]:
            yield self.out.give_parameters(items, f'np.einsum("il,ikl->ik", {g}, {X}).reshape(-1)', k)
            if active:
                yield self.out.give(rows, f'np.einsum("ik,il->ikl", {W}, {g}).reshape({m * n}, -1)', k)

        self.back.append((origin, r, m, back))
        return f'np.einsum("ik,ikl->il", {W}, {X})'

    def products(self, fields: Fields, origin: str, k: str) -> str:
        _, m, r, n, x, y, *_, active = fields
        rows, others, g = self.items(x, m * n), self.items(y, m * n), self.grad(r, m)
        shape = (m, n) if n > 1 else ()
        X = self.out.gathered(rows, f"X{k}", shape)
        Y = X if rows == others else self.out.gathered(others, f"Y{k}", shape)
        upstream = symbol(g if n == 1 else f"{g}[:, None]")

        def back() -> Iterator[str]:
            twice = rows == others
            for bit, to, factor in ((1, rows, Y), (2, others, X)):
                if active & bit and not (twice and bit == 2):
                    text = write((2.0 if twice else 1.0) * (upstream * symbol(factor)))
                    yield self.out.give(to, text if n == 1 else f"({text}).reshape({m * n}, -1)", k)

        self.back.append((origin, r, m, back))
        return write(symbol(X) * symbol(Y)) if n == 1 else f'np.einsum("ikl,ikl->il", {X}, {Y})'

    def combine(self, fields: Fields, origin: str, k: str) -> str:
        _, m, r, n, x, w, *_, active = fields
        rows, g = self.items(x, m * n), self.grad(r, m)
        D = self.numbers(w, m * n, k, (m, n))
        alike = not D.startswith("numbers")
        shared = not alike and n > 1 and rows == rows[:n] * m  # a matrix of constants times rows
        if alike or n == 1:
            factor = self.plan.numbers[w] if alike else symbol(D)
            single = n == 1 or (m == 1 and len(set(rows)) > 1)  # no list of lists
            X = self.out.rows(rows, k) if single else self.out.gathered(rows, f"X{k}", (m, n))
            summed = X if n == 1 else f"{X}.sum(axis={0 if single else 1})"
            text = write(factor * symbol(summed))
        elif shared:
            X = self.out.gathered(rows[:n], f"X{k}") if len(set(rows[:n])) == n else self.wide(rows[:n], n, k)
            text = f"{D} @ {X}"
        else:
            text = f'np.einsum("ik,ikl->il", {D}, {self.out.gathered(rows, f"X{k}", (m, n))})'

        def back() -> Iterator[str]:
            if shared:
                yield self.out.give(rows[:n], f"{D}.T @ {g}", k)
            elif alike or n == 1:
                given = write(factor * symbol(g))
                yield self.out.give(
                    rows, given if n == 1 or (m == 1 and len(set(rows)) == n) else f"np.repeat({given}, {n}, axis=0)", k
                )
            else:
                yield self.out.give(rows, f'np.einsum("ik,il->ikl", {D}, {g}).reshape({m * n}, -1)', k)

        if active:
            self.back.append((origin, r, m, back))
        return text

    def squares(self, fields: Fields, origin: str, k: str) -> str:
        _, m, r, n, p, q, *_ = fields
        first, second = self.items(p, m * n), self.items(q, m * n)
        A, B = self.weights(first, k, (m, n)), self.weights(second, k, (m, n))
        g = f"{self.grad(r, m)}.sum(axis=1)[:, None]"

        def back() -> Iterator[str]:
            yield self.out.give_parameters(first, f"({g} * {B}).reshape(-1)", k)
            yield self.out.give_parameters(second, f"({g} * {A}).reshape(-1)", k)

        self.back.append((origin, r, m, back))
        return f"({A} * {B}).sum(axis=1)[:, None]"
