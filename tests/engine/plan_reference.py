"""A slow interpreter of plans on plain lists of numbers: what both machines must agree with, for one sample at a
time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def reference(
    plan: Any, P: Sequence[float], sample: Sequence[float], seed: float = 1.0
) -> tuple[float, list[float], list[float]]:
    """Loss, outputs and gradient of one sample."""
    V = [*map(float, sample), *[0.0] * (plan.rows - plan.inputs)]
    code = [tuple(plan.code[i : i + 12]) for i in range(0, len(plan.code), 12)]
    for instruction in code:
        forward(plan, instruction, P, V)
    G, GP = [0.0] * plan.rows, [0.0] * plan.parameters
    G[plan.loss] = seed
    for instruction in reversed(code):
        backward(plan, instruction, P, V, G, GP)
    return V[plan.loss], [V[row] for row in plan.outputs], GP


def products(plan: Any, ins: tuple[int, ...], P: Sequence[float], V: list[float]) -> Any:
    """For what adds up: (row, coefficient, (kind, place) of the first factor, the same of the second or None)."""
    T, D = plan.table, plan.numbers
    kind, m, r, f3, f4, f5, f6, f7, f8, f9, f10, _ = ins
    for i in range(m):
        if kind == 0:
            yield from ((r + i, D[f6 + i * f4 + k], ("P", T[f5 + i * f4 + k]), None) for k in range(f4))
        elif kind == 1:
            (t, u) = divmod(i, m // f3)
            yield from ((r + i, 1.0, ("P", f5 + t * f6 + k * f7), ("V", f8 + k * f9 + u * f10)) for k in range(f4))
        elif kind == 4:
            yield from ((r + i, D[f5 + i * f3 + k], ("V", T[f4 + i * f3 + k]), None) for k in range(f3))
        else:
            first, second = {2: "PV", 3: "VV", 5: "PP"}[kind]
            yield from ((r + i, 1.0, (first, T[f4 + i * f3 + k]), (second, T[f5 + i * f3 + k])) for k in range(f3))


def forward(plan: Any, ins: tuple[int, ...], P: Sequence[float], V: list[float]) -> None:
    T, number = plan.table, {"P": P, "V": V}
    kind, m, r, f3 = ins[:4]
    if kind == 0:
        V[r : r + m] = plan.numbers[f3 : f3 + m].tolist()
    if kind < 6:
        for row, c, (a, i), second in products(plan, ins, P, V):
            V[row] += c * number[a][i] * (number[second[0]][second[1]] if second else 1.0)
    for i in range(m if kind >= 6 else 0):
        if kind >= 8:
            a, place = looked_up(plan, ins, V, i)
            V[r + i] = number[a][place]
        else:
            xs = [V[row] for row in read(T, ins, i)]
            V[r + i] = plan.rules[f3].forward(xs) if kind == 7 else plan.rules[f3].forward(*xs)


def backward(
    plan: Any, ins: tuple[int, ...], P: Sequence[float], V: list[float], G: list[float], GP: list[float]
) -> None:
    number, adjoint = {"P": P, "V": V}, {"P": GP, "V": G}
    kind, m, r, f3 = ins[:4]
    if kind < 6:
        for row, c, (a, i), second in products(plan, ins, P, V):
            adjoint[a][i] += G[row] * c * (number[second[0]][second[1]] if second else 1.0)
            if second:
                adjoint[second[0]][second[1]] += G[row] * c * number[a][i]
    for i in range(m if kind >= 6 else 0):
        if kind >= 8:
            a, place = looked_up(plan, ins, V, i)
            adjoint[a][place] += G[r + i]
        else:
            rows = read(plan.table, ins, i)
            xs = tuple([V[row] for row in rows])
            rule = plan.rules[f3]
            slopes = rule.all_slopes((xs,) if kind == 7 else xs, V[r + i], tuple(map(int, rows)))
            for row, slope in zip(rows, slopes, strict=True):
                passed = G[r + i] * slope
                G[row] = passed if row == r + i else G[row] + passed


def read(T: Sequence[int], ins: tuple[int, ...], i: int) -> list[int]:
    """The rows that row i of an APPLY or LIST instruction reads."""
    kind, m, _, _, n, x = ins[:6]
    return [T[x + k * m + i] for k in range(n)] if kind == 6 else [T[x + i * n + k] for k in range(n)]


def looked_up(plan: Any, ins: tuple[int, ...], V: list[float], i: int) -> tuple[str, int]:
    T = plan.table
    kind, _, _, t, _, columns, x = ins[:7]
    return "P" if kind == 8 else "V", T[t + int(V[T[x + 2 * i]]) * columns + T[x + 2 * i + 1]]
