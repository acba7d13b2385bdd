"""Plans made by hand, in the flat format of `engine.compiler.plan`, for the tests of the machines that run them."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine import rules
from engine.rule import Rule
from tests.engine.plan_reference import reference

KINDS = ["START", "MATMUL", "WEIGHTS", "PRODUCTS", "COMBINE", "PARAMETERS", "APPLY", "LIST", "LOOKUP_P", "LOOKUP_V"]


class Instruction(NamedTuple):
    kind: str
    rows: range
    fields: tuple[int, ...]


@dataclass
class HandMade:
    """A plan that is written one instruction at a time; which rows depend on parameters and on inputs it keeps in
    mind itself."""

    inputs: int
    parameters: int
    rows: int = 0
    loss: int = 0
    outputs: list[int] = field(default_factory=list)
    code: Any = field(default_factory=lambda: array("q"))
    table: Any = field(default_factory=lambda: array("q"))
    numbers: Any = field(default_factory=lambda: array("d"))
    rules: list[Rule] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    lookups: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = self.inputs
        self.active, self.varies = [False] * self.rows, [True] * self.rows

    def __len__(self) -> int:
        return len(self.code) // 12

    def __getitem__(self, i: int) -> Instruction:
        kind, m, r, *fields = self.code[12 * i : 12 * i + 12]
        return Instruction(KINDS[kind], range(r, r + m), tuple(fields))

    def write(
        self,
        kind: str,
        rows: range,
        *fields: int,
        read: Sequence[int] = (),
        parameters: bool = False,
        f10: int = 0,
        f11: int = 0,
    ):
        self.code.extend([KINDS.index(kind), len(rows), rows[0], *fields, *[0] * (7 - len(fields)), f10, f11])
        self.origins.append(f"{kind.lower()} of rows {rows[0]} to {rows[-1]}")
        for row in rows:
            self.active[row] |= parameters or any(self.active[x] for x in read)
            self.varies[row] |= any(self.varies[x] for x in read)

    def new(self, m: int) -> range:
        self.rows += m
        self.active += [False] * m
        self.varies += [False] * m
        return range(self.rows - m, self.rows)

    def keep(self, lists: Sequence[Sequence[int]]) -> int:
        self.table.extend([item for items in lists for item in items])
        return len(self.table) - sum(map(len, lists))

    def keep_numbers(self, lists: Sequence[Sequence[float]]) -> int:
        self.numbers.extend([item for items in lists for item in items])
        return len(self.numbers) - sum(map(len, lists))

    def is_active(self, lists: Sequence[Sequence[int]]) -> int:
        return int(any(self.active[x] for items in lists for x in items))

    # Each method below writes one instruction. Lists of lists have one list per row.

    def start(
        self, constants: Sequence[float], P: Sequence[Sequence[int]] = (), D: Sequence[Sequence[float]] = ()
    ) -> range:
        rows = self.new(len(constants))
        n = len(P[0]) if P else 0
        self.write(
            "START", rows, self.keep_numbers([constants]), n, self.keep(P), self.keep_numbers(D), parameters=n > 0
        )
        return rows

    def matmul(self, rows: range, t: int, k: int, P: tuple[int, int, int], V: tuple[int, int, int]) -> None:
        (a, sr, sc), (b, sk, su) = P, V
        read = [b + j * sk + u * su for j in range(k) for u in range(len(rows) // t)]
        self.write(
            "MATMUL", rows, t, k, a, sr, sc, b, sk, read=read, parameters=True, f10=su, f11=self.is_active([read])
        )

    def weights(self, rows: range, P: Sequence[Sequence[int]], V: Sequence[Sequence[int]]) -> None:
        read = [x for items in V for x in items]
        self.write(
            "WEIGHTS", rows, len(P[0]), self.keep(P), self.keep(V), read=read, parameters=True, f11=self.is_active(V)
        )

    def products(self, rows: range, X: Sequence[Sequence[int]], Y: Sequence[Sequence[int]]) -> None:
        f11 = self.is_active(X) + 2 * self.is_active(Y)
        self.write(
            "PRODUCTS",
            rows,
            len(X[0]),
            self.keep(X),
            self.keep(Y),
            read=[x for items in (*X, *Y) for x in items],
            f11=f11,
        )

    def combine(self, rows: range, D: Sequence[Sequence[float]], V: Sequence[Sequence[int]]) -> None:
        read = [x for items in V for x in items]
        self.write("COMBINE", rows, len(V[0]), self.keep(V), self.keep_numbers(D), read=read, f11=self.is_active(V))

    def squares(self, rows: range, P: Sequence[Sequence[int]], Q: Sequence[Sequence[int]]) -> None:
        self.write("PARAMETERS", rows, len(P[0]), self.keep(P), self.keep(Q), parameters=True)

    def apply(self, rule: Rule, *inputs: Sequence[int]) -> range:
        """Here there is one list per input of the rule."""
        rows, read = self.new(len(inputs[0])), [x for items in inputs for x in items]
        f11 = sum(self.is_active([items]) << j for j, items in enumerate(inputs))
        f10 = 0 if any(self.varies[x] for x in read) else 1
        self.write("APPLY", rows, self.number_of(rule), len(inputs), self.keep(inputs), read=read, f10=f10, f11=f11)
        return rows

    def apply_in_place(self, rule: Rule, rows: range) -> range:
        """The same over sums that nothing else reads."""
        f11 = self.is_active([rows])
        self.write("APPLY", rows, self.number_of(rule), 1, self.keep([rows]), 0, 1, read=rows, f11=f11)
        return rows

    def collect(self, rule: Rule, V: Sequence[Sequence[int]]) -> range:
        rows, read = self.new(len(V)), [x for items in V for x in items]
        self.write("LIST", rows, self.number_of(rule), len(V[0]), self.keep(V), read=read, f11=self.is_active(V))
        return rows

    def look_up(self, kind: str, items: Sequence[Sequence[int]], which: Sequence[tuple[int, int]]) -> range:
        """Items: of each its columns, parameters or rows. Which: for each new row an input row and a column."""
        rows, columns = self.new(len(which)), len(items[0])
        read = [index for index, _ in which] + ([x for item in items for x in item] if kind == "V" else [])
        fields = self.keep(items), len(items), columns, self.keep(which)
        f11 = self.is_active(items) if kind == "V" else 0
        self.write(f"LOOKUP_{kind}", rows, *fields, read=read, parameters=kind == "P", f11=f11)
        self.lookups += [(index, len(items)) for index in dict.fromkeys(index for index, _ in which)]
        return rows

    def number_of(self, rule: Rule) -> int:
        if rule not in self.rules:
            self.rules.append(rule)
        return self.rules.index(rule)

    def done(self, rows: Sequence[int], outputs: Sequence[int] = ()) -> HandMade:
        """The loss is the sum of these rows."""
        end = self.start([0.0])
        self.combine(end, [[1.0] * len(rows)], [list(rows)])
        self.loss, self.outputs = end[0], list(outputs)
        return self

    def __repr__(self) -> str:
        return f"<plan of {', '.join(dict.fromkeys(self[i].kind for i in range(len(self))))}>"


def mlp(*widths: int, activation: Rule = rules.tanh) -> HandMade:
    """A multilayer perceptron with squared error: inputs, then one target per output; parameters layer by layer, a
    neuron's bias last."""
    plan = HandMade(widths[0] + widths[-1], sum((n + 1) * m for n, m in pairwise(widths)))
    below, a = range(widths[0]), 0
    for n, m in pairwise(widths):
        z = plan.start([0.0] * m, [[a + i * (n + 1) + n] for i in range(m)], [[1.0]] * m)
        plan.matmul(z, m, n, (a, n + 1, 1), (below[0], 1, 1))
        below, a = (z if a + m * (n + 1) == plan.parameters else plan.apply(activation, z)), a + m * (n + 1)
    errors = plan.apply(rules.sub, list(below), list(range(widths[0], plan.inputs)))
    squares = plan.start([0.0] * len(errors))
    plan.products(squares, [[x] for x in errors], [[x] for x in errors])
    return plan.done(squares, below)


def shared_weights() -> HandMade:
    """Matrix products with one weight matrix at several places, columns apart, a matrix transposed, and weights tied
    crosswise."""
    plan = HandMade(12, 12)
    z = plan.start([0.1 * i for i in range(8)], [[i, 11 - i] for i in range(8)], [[0.5, -2.0]] * 8)
    plan.matmul(z, 2, 3, (0, 3, 1), (0, 1, 3))  # 2 x 3 weights times the 3 x 4 inputs that lie as [4, 3]
    plan.matmul(z, 4, 2, (1, 1, 4), (3, 2, 1))  # weights [4, 2] read down the columns; inputs 3 to 6, overlapping
    h = plan.apply(rules.tanh, z)
    y = plan.start([0.0] * 4)
    plan.matmul(y, 2, 2, (0, 3, 1), (h[0], 4, 2))  # every other row
    plan.matmul(y, 4, 1, (2, 0, 1), (h[3], 1, 1))  # one parameter for four rows
    plan.matmul(y, 1, 3, (4, 1, 2), (h[1], 1, 1))
    return plan.done(plan.apply(rules.sigmoid, y), y)


def gathered() -> HandMade:
    """Sums of products over lists of rows in no order, with rows and parameters that come several times."""
    plan = HandMade(6, 5)
    z = plan.start([1.0, -1.0, 0.5])
    plan.weights(z, [[0, 1], [1, 4], [4, 4]], [[5, 0], [2, 2], [0, 5]])
    h = plan.apply(rules.sin, z)
    y = plan.start([0.0] * 4)
    plan.weights(y, [[3], [3], [2], [0]], [[h[2]], [h[0]], [h[2]], [h[1]]])
    plan.products(
        y, [[h[0], h[0]], [h[1], 3], [h[2], h[0]], [4, 1]], [[h[0], 2], [h[0], h[2]], [h[2], 1], [h[1], h[1]]]
    )
    plan.combine(
        y,
        [[0.5, 2.0, -1.0]] * 3 + [[1.5, 0.0, 3.0]],
        [[h[0], h[0], h[1]], [0, h[2], 5], [h[1], h[2], h[0]], [1, 2, h[2]]],
    )
    plan.squares(y, [[0, 1], [2, 2], [3, 0], [1, 4]], [[0, 2], [2, 4], [4, 0], [1, 1]])
    return plan.done(y, [y[3], y[0], 2, y[3]])


def inputs_only() -> HandMade:
    """Rows that depend on inputs alone: nothing is passed to them."""
    plan = HandMade(4, 2)
    features = plan.apply(rules.mul, [0, 1, 2], [3, 2, 2])
    square = plan.start([0.0, 1.0])
    plan.products(square, [[features[0]], [features[2]]], [[features[1]], [features[1]]])
    plan.combine(square, [[2.0], [0.5]], [[0], [3]])
    z = plan.start([0.0, 0.0])
    plan.weights(z, [[0, 1], [1, 0]], [[square[0], 0], [square[1], 1]])
    shared = plan.apply(rules.maximum, [*z, z[0]], [0, z[0], z[0]])
    chosen = plan.apply(rules.where, [2, z[0], 3], list(shared), [z[1], 0, 1])
    return plan.done([*chosen, features[0]], chosen)


def uniform() -> HandMade:
    """Rows that no input reaches: equal for all samples, beside rows that one reaches."""
    plan = HandMade(2, 4)
    p = plan.start([0.0, 0.0, 0.3], [[0], [1], [2]], [[1.0], [2.0], [1.0]])
    exponent = plan.start([2.0])
    scale = plan.apply(rules.exp, [p[0], p[1], p[0], p[2]])
    norm = plan.apply(rules.pow, [scale[0], scale[1]], [exponent[0], p[2]])
    both = plan.apply(rules.mul, [0, 1, 0], [norm[0], norm[1], norm[0]])
    most = plan.collect(rules.logsumexp, [[norm[0], norm[1], scale[3]]])
    lone = plan.start([0.0], [[3]], [[1.0]])
    scaled = plan.apply(rules.mul, list(norm), [lone[0], lone[0]])  # one row for all of an operation's
    return plan.done([*both, *scaled, most[0], scale[2]], [norm[1], both[0]])


def in_place() -> HandMade:
    """Operations that write over sums: all rows of one, some of them, and a single one."""
    plan = HandMade(3, 16)
    z = plan.start([0.1] * 4, [[12 + i] for i in range(4)], [[1.0]] * 4)
    plan.matmul(z, 4, 3, (0, 3, 1), (0, 1, 1))
    a = plan.apply_in_place(rules.relu, z)
    y = plan.start([0.2] * 5)
    plan.weights(y, [[i, i + 1] for i in range(5)], [[a[i % 4], i % 3] for i in range(5)])
    e, tanh = plan.apply_in_place(rules.exp, y[1:3]), plan.apply(rules.tanh, y[3:5])
    roots = plan.start([2.0])
    plan.products(roots, [[e[0], tanh[0]]], [[e[1], tanh[1]]])
    root = plan.apply_in_place(rules.sqrt, roots)
    return plan.done([*y[:1], *e, *tanh, *root], [*e, root[0], a[2]])


def several_readers() -> HandMade:
    """Rows that one product reads, and that a sum or another product reads before it or after it; and a loss that is
    read once more."""
    plan = HandMade(2, 40)
    z = plan.start([0.1] * 20, [[i] for i in range(20)], [[1.0]] * 20)
    plan.matmul(z, 20, 2, (0, 2, 1), (0, 1, 1))
    h = plan.apply(rules.tanh, z)
    before = plan.start([0.0] * 2)
    plan.combine(before, [[0.5, 2.0]] * 2, [[h[4], h[5]], [h[6], h[7]]])
    y = plan.start([0.2] * 3)
    for first in (0, 4, 8):
        plan.matmul(y, 3, 4, (first, 4, 1), (h[first], 1, 1))
    second = plan.start([0.0] * 2)
    for first in (8, 12):
        plan.matmul(second, 2, 4, (first, 1, 5), (h[first], 1, 1))
    plan.matmul(second, 2, 2, (7, 2, 1), (h[16], 2, 1))
    after = plan.start([0.0])
    plan.products(after, [[h[12], h[17]]], [[h[13], h[19]]])
    plan.done([*before, *y, *second, *after])
    last = plan.start([0.0] * 2)
    plan.matmul(last, 2, 1, (0, 1, 1), (plan.loss, 1, 1))
    plan.outputs = [*last, y[1]]
    return plan


def lists() -> HandMade:
    """Softmax cross-entropy of three classes, for two positions: logsumexp over lists in and out of order."""
    plan = HandMade(4, 24)
    z = plan.start([0.0] * 6, [[18 + i] for i in range(6)], [[1.0]] * 6)
    plan.matmul(z, 3, 2, (0, 2, 1), (0, 1, 2))
    a, b, c, d, e, f = z
    tops = plan.collect(rules.logsumexp, [[a, c, e], [b, d, f], [f, a, f]])
    return plan.done([*tops, a, b], tops)


def look_ups() -> HandMade:
    """An embedding of five words by two tokens, a target class, and rows chosen by an index."""
    plan = HandMade(4, 22)
    words = plan.look_up("P", [[2 * i, 2 * i + 1] for i in range(5)], [(0, 0), (0, 1), (1, 0), (1, 1), (0, 1)])
    mixed = plan.look_up("P", [[20, 3], [20, 21], [0, 21]], [(2, 1), (2, 0)])
    z = plan.start([0.0] * 3)
    plan.matmul(z, 3, 4, (10, 1, 2), (words[0], 1, 1))
    z2 = plan.apply(rules.tanh, [*z, *mixed])
    logit = plan.look_up("V", [[z2[0], 3], [z2[1], z2[2]], [z2[4], z2[4]]], [(2, 0), (2, 1), (2, 0)])
    fixed = plan.look_up("V", [[3], [0], [3]], [(2, 0)])
    top = plan.collect(rules.logsumexp, [list(z2)])
    return plan.done([top[0], *logit, fixed[0], words[4]], [logit[1]])


def classes(*groups: tuple[int, int]) -> HandMade:
    """The cross entropy of classes as nn records it, of each group as many classes and as many lists of logits: the
    right one of each list is looked up, by an input of its own."""
    plan = HandMade(2 + sum(lists for _, lists in groups), 2 * sum(n * lists for n, lists in groups))
    tops, weights, right = list[int](), 0, 2
    for n, lists in groups:
        z = [plan.start([0.25 * k for k in range(n)]) for _ in range(lists)]
        for rows in z:
            plan.matmul(rows, n, 2, (weights, 2, 1), (0, 1, 1))
            weights += 2 * n
        (zero,) = plan.start([0.0])
        gaps = list[list[int]]()
        for rows in z:
            orders = [[rows[k], *rows[:k], *rows[k + 1 :]] for k in range(n)]
            first, *others = plan.look_up("V", orders, [(right, k) for k in range(n)])
            gaps += [[first, other] for other in others]
            right += 1
        apart = plan.start([0.0] * len(gaps))
        plan.combine(apart, [[-1.0, 1.0]] * len(gaps), gaps)
        starts = range(apart.start, apart.stop, n - 1)
        tops += plan.collect(rules.logsumexp, [[zero, *range(start, start + n - 1)] for start in starts])
    return plan.done(tops, z[0])


def penalties() -> HandMade:
    """Multiples of sums of products of parameters, added to what is there."""
    plan = HandMade(1, 8)
    sums = plan.start([0.0] * 3)
    plan.squares(sums, [[0, 1, 2], [4, 3, 6], [5, 5, 5]], [[0, 1, 2], [4, 3, 6], [5, 5, 5]])
    mixed = plan.start([0.0] * 2)
    plan.squares(mixed, [[0, 1], [2, 7]], [[3, 3], [2, 6]])
    prices = plan.start([0.5, 0.0, 0.25], [[7], [1], [0]], [[1.5]] * 3)
    plan.combine(prices, [[0.5], [-2.0], [0.1]], [[row] for row in sums])
    more = plan.start([0.0] * 2)
    plan.combine(more, [[3.0], [0.25]], [[row] for row in mixed])
    plan.combine(more, [[1.0], [0.5]], [[0], [0]])
    scaled = plan.apply(rules.mul, [0, 0, 0], list(prices))
    return plan.done([*scaled, *more], [prices[1]])


def scattered(seed: int) -> HandMade:
    """Instructions of all kinds, drawn by lot, over rows and parameters drawn by lot."""
    lot = random.Random(seed)
    plan = HandMade(5, 9)
    plan.start(
        [lot.gauss(0, 1) for _ in range(3)],
        [[lot.randrange(9)] for _ in range(3)],
        [[lot.gauss(0, 1)] for _ in range(3)],
    )
    for _ in range(lot.randint(4, 12)):
        m, n = lot.randint(1, 4), lot.randint(1, 3)

        def some(among: int, m: int = m, n: int = n) -> list[list[int]]:
            return [[lot.randrange(among) for _ in range(n)] for _ in range(m)]

        before, real = plan.rows, [[lot.gauss(0, 1) for _ in range(n)] for _ in range(m)]
        kind = lot.choice(KINDS[1:])
        if kind == "APPLY":
            rule = lot.choice(
                [rules.tanh, rules.sin, rules.mul, rules.sub, rules.relu, rules.maximum, rules.where, rules.sigmoid]
            )
            plan.apply(rule, *[[lot.randrange(before) for _ in range(m)] for _ in rule.parameters])
        elif kind == "LIST":
            plan.collect(rules.logsumexp, some(before))
        elif kind.startswith("LOOKUP"):
            among = 9 if kind.endswith("P") else before
            plan.look_up(
                kind[-1],
                [[lot.randrange(among) for _ in range(2)] for _ in range(3)],
                [(3, lot.randrange(2)) for _ in range(m)],
            )
        else:
            rows = plan.start([lot.gauss(0, 1) for _ in range(m)], some(9) if n > 1 else (), real if n > 1 else ())
            if kind == "MATMUL":
                t, k, (a, b) = (
                    lot.choice([t for t in range(1, m + 1) if m % t == 0]),
                    lot.randint(1, 2),
                    (lot.randrange(3), lot.randrange(3)),
                )
                sk = lot.choice([1, 2])
                plan.matmul(
                    rows, t, k, (a, lot.choice([0, 1, 2]), lot.choice([1, 0])), (b, sk, 1 if b + sk + m < before else 0)
                )
            elif kind == "WEIGHTS":
                plan.weights(rows, some(9), some(before))
            elif kind == "PRODUCTS":
                plan.products(rows, some(before), some(before))
            elif kind == "COMBINE":
                plan.combine(rows, real, some(before))
            else:
                plan.squares(rows, some(9), some(9))
    plan.apply(rules.tanh, list(range(plan.rows)))  # so that no number grows large
    half = plan.rows // 2
    return plan.done(range(half, plan.rows), [lot.randrange(plan.rows) for _ in range(3)])


PLANS: dict[str, Callable[[], HandMade]] = {
    "in place": in_place,
    "mlp": lambda: mlp(3, 4, 2),
    "deep": lambda: mlp(2, 5, 3, 1, activation=rules.relu),
    "shared weights": shared_weights,
    "gathered": gathered,
    "inputs only": inputs_only,
    "uniform": uniform,
    "several readers": several_readers,
    "lists": lists,
    "look-ups": look_ups,
    "penalties": penalties,
    "classes": lambda: classes((3, 1)),
    "classes of two lists": lambda: classes((4, 2)),
    "two kinds of classes": lambda: classes((3, 2), (2, 1), (4, 1)),
    **{f"scattered {seed}": lambda seed=seed: scattered(seed) for seed in range(40)},
}


def numbers_for(plan: Any, samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Parameters, and samples whose indices are within what they index."""
    lot = np.random.default_rng(seed)
    P, X = lot.normal(size=plan.parameters), lot.normal(size=(samples, plan.inputs))
    for row, items in plan.lookups:
        X[:, row] = lot.integers(items, size=samples)
    return P, X


def agrees(machine: Any, plan: Any, samples: int, tolerance: float = 1e-12) -> None:
    """The machine against the interpreter on a few samples in some order, one of them twice; its gradient takes the
    place of what is there."""
    P, X = numbers_for(plan, samples + 2)
    index = np.random.default_rng(1).integers(samples + 2, size=samples)
    gradient, losses = np.ones(plan.parameters), np.full(samples, np.nan)
    outputs = np.full((samples, len(plan.outputs)), np.nan)
    expected = [reference(plan, P, X[i], 0.5) for i in index]
    machine.run(P, X, index, 0.5, gradient, losses, outputs)
    scale = 1 + sum(np.abs(of[2]).max(initial=0.0) for of in expected)
    np.testing.assert_allclose(losses, [loss for loss, _, _ in expected], rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(
        outputs, np.reshape([values for _, values, _ in expected], outputs.shape), rtol=tolerance, atol=tolerance
    )
    np.testing.assert_allclose(
        gradient, np.sum([of[2] for of in expected], axis=0), rtol=tolerance, atol=tolerance * scale
    )
    again, outputs_again = np.full(samples, np.nan), np.full_like(outputs, np.nan)
    machine.run(P, X, index, 0.5, None, again, outputs_again)  # forward only
    np.testing.assert_array_equal(again, losses)
    np.testing.assert_array_equal(outputs_again, outputs)
