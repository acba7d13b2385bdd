"""The text of the NumPy program of a plan: what each instruction, and the chain rule through it, is in a line of
NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.compiler.numpy_program.listing import enclosed
from engine.compiler.numpy_program.notation import write
from engine.compiler.numpy_program.sum_lines import APPLY, MATMUL, START, Fields, Sums
from engine.formulas.notation import shorten
from engine.formulas.reading import forward_term, list_slope, slope_terms
from engine.formulas.terms import Term, symbol
from engine.rule import RULES

__all__ = ["Writer"]

LIST, LOOKUP_P, LOOKUP_V = range(7, 10)


class Writer(Sums):
    """Goes through a plan and fills a listing: forward lines in order, and for each instruction the lines that go
    back through it."""

    def __init__(self, plan: Any) -> None:
        super().__init__(plan)
        self.write_forward()
        self.write_backward()

    def write_forward(self) -> None:
        i, number = 0, 0
        while i < len(self.code):
            number += 1
            kind, together = self.code[i][0], self.end(i) - i
            origin = ", ".join(dict.fromkeys(self.plan.origins[i : i + together]))
            self.name(self.code[i], number)
            self.out.forward.append(f"# {shorten(' '.join(origin.split()), 120)}")
            if kind < APPLY:
                self.sum(self.code[i : i + together], origin, number)
            elif kind == APPLY:
                self.apply(self.code[i], origin, number)
            elif kind == LIST:
                self.on_list(self.code[i], origin, number)
            else:
                self.look_up(self.code[i], origin, number)
            i += together

    def end(self, i: int) -> int:
        """The end of a group of instructions that is one sum: a start, and what adds to its rows right after it."""
        end = i + 1
        while end < len(self.code) and MATMUL <= self.code[end][0] < APPLY and self.code[end][1:3] == self.code[i][1:3]:
            if self.code[i][0] != START:
                break
            end += 1
        return end

    def write_backward(self) -> None:
        out, loss = self.out, self.plan.loss
        out.met[loss] = 1
        before = ""
        lines = [f"{out.rows([loss], '', 'G')}[:] = seed"]
        for origin, r, m, write_lines in reversed(self.back):
            if not any(out.met[r : r + m]):
                continue  # the loss does not depend on these rows
            out.zeroed += [row for row in range(r, r + m) if not out.met[row]]
            out.met[r : r + m] = b"\1" * m
            given = list(write_lines())
            comment = f"# back through {shorten(' '.join(origin.split()), 108)}"
            lines += [*[comment] * (comment != before), *given] if given else []
            before = comment if given else before
        out.backward = [*self.zero(), *lines]

    def zero(self) -> Iterator[str]:
        """Derivatives that are added to before they are set start at zero."""
        rows = sorted(self.out.zeroed)
        while rows:
            n = next((n for n in range(1, len(rows)) if rows[n] != rows[0] + n), len(rows))
            yield f"{self.out.rows(rows[:n], '', 'G')}[:] = 0"
            del rows[:n]

    def name(self, fields: Fields, i: int) -> None:
        """Names the rows that an instruction computes after its operation; what adds to rows leaves them their name."""
        kind, m, r, rule = fields[:4]
        names = {START: "z", LOOKUP_P: "item", LOOKUP_V: "item"}
        if kind == START or kind >= APPLY:
            name = names.get(kind) or self.plan.rules[rule].name.lower()
            self.out.block(range(r, r + m), f"{name}{'_' * name[-1].isdigit()}{i}")

    # Operations

    def apply(self, fields: Fields, origin: str, i: int) -> None:
        _, m, r, number, n, x, *_, uniform, active = fields
        rule, out, lanes = self.plan.rules[number], self.out, "[:, :1]" if uniform else ""
        inputs = [self.items(x + j * m, m) for j in range(n)]
        letters = [f"{'XYZ'[j]}{i}" if j < 3 else f"X{i}_{j}" for j in range(n)]
        texts = [out.gathered(rows, letter) for rows, letter in zip(inputs, letters, strict=True)]
        symbols = [symbol(f"{text}{lanes}") for text in texts]
        z = out.rows(range(r, r + m), "")
        self.assign(z, write(forward_term(rule, *symbols)))
        g = symbol(f"{self.grad(r, m)}.sum(axis=1, keepdims=True)" if uniform else self.grad(r, m))
        slopes = slope_terms(rule, symbols, symbol(f"{z}{lanes}")) if active else []

        def back() -> Iterator[str]:
            for j, slope in enumerate(slopes):
                if active >> j & 1 and slope != 0:
                    yield out.give(inputs[j], write(passed(g, slope)), str(i), lanes)

        if active:
            self.back.append((origin, r, m, back))

    def assign(self, z: str, text: str) -> None:
        """A function of NumPy writes where it is told to; all else is set."""
        function = text.partition("(")[0]
        if function.startswith("np.") and text.endswith(")") and enclosed(text) == text and "[:, :1]" not in text:
            self.out.forward.append(f"{text[:-1]}, out={z})")
        else:
            self.out.forward.append(f"{z}[:] = {text}")

    def on_list(self, fields: Fields, origin: str, i: int) -> None:
        _, m, r, number, n, x, *_, active = fields
        rule, rows, out = self.plan.rules[number], self.items(x, m * n), self.out
        X = out.gathered(rows, f"X{i}", (m, n))
        z, g = out.rows(range(r, r + m), ""), self.grad(r, m)
        items = tuple(symbol(f"{X}[:, {k}]") for k in range(n))
        self.assign(z, f"{rule.name}({X})" if rule is RULES["logsumexp"] else write(forward_term(rule, items)))
        slope = list_slope(rule, n, symbol(X), symbol(f"{z}[:, None]"))
        slopes = slope_terms(rule, (items,), symbol(z)) if slope is None else []

        def back() -> Iterator[str]:
            if isinstance(slope, Term):
                yield out.give(rows, f"({write(passed(symbol(f'{g}[:, None]'), slope))}).reshape({m * n}, -1)", str(i))
            elif slope:
                yield out.give(rows, f"np.repeat({write(passed(symbol(g), slope))}, {n}, axis=0)", str(i))
            for k, item in enumerate(slopes):
                if item != 0:
                    yield out.give(rows[k::n], write(passed(symbol(g), item)), f"{i}_{k}")

        if active:
            self.back.append((origin, r, m, back))

    def look_up(self, fields: Fields, origin: str, i: int) -> None:
        kind, m, r, t, items, columns, x, *_, active = fields
        out = self.out
        table = out.list(f"items{i}", self.items(t, items * columns), (items, columns))
        pairs = self.items(x, 2 * m)
        chosen = f"{out.rows(pairs[::2], f'{i}')}.astype(int)"
        column = out.list(f"columns{i}", pairs[1::2], (m, 1))
        out.forward.append(f"places{i} = {table}[{chosen}, {column}]")
        if kind == LOOKUP_V:
            lane = out.view("lane", "np.arange(V.shape[1])")
            out.forward.append(f"places{i} = places{i} * V.shape[1] + {lane}")
        source, target = (
            ("P", "GP") if kind == LOOKUP_P else (out.view("v", "V.reshape(-1)"), out.view("g", "G.reshape(-1)"))
        )
        z, g = out.rows(range(r, r + m), ""), self.grad(r, m)
        out.forward.append(f"{z}[:] = {source}[places{i}]")

        def back() -> Iterator[str]:
            if kind == LOOKUP_V:
                new = [row for row in dict.fromkeys(self.items(t, items * columns)) if not out.met[row]]
                out.zeroed += new
                for row in new:
                    out.met[row] = 1
            yield f"np.add.at({target}, places{i}.reshape(-1), {g}.reshape(-1))"

        if kind == LOOKUP_P or active:
            self.back.append((origin, r, m, back))


def passed(upstream: Term, slope: Any) -> Any:
    """Upstream times local, the chain rule; a choice of pieces that are numbers chooses among multiples of what
    comes from upstream."""
    if chooses(slope) and all(isinstance(piece, float) or chooses(piece) for piece in slope.args[1:]):
        c, x, y = slope.args
        return Term.apply(slope.rule, (c, passed(upstream, x), passed(upstream, y)))
    return upstream * slope


def chooses(term: Any) -> bool:
    return isinstance(term, Term) and term.rule is RULES["where"]
