"""The names in the text of a NumPy program: views of runs of rows and parameters, lists of those in no order, and
where derivatives go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from engine.compiler.numpy_program.assignments import add_to, enclosed, set_to
from engine.compiler.numpy_program.notation import write
from engine.compiler.numpy_program.orders import by_samples, run, same

__all__ = ["Listing"]

HEAD = '''\
import numpy as np

from engine.compiler.numpy_program.functions import (
    apart, erf, gelu, leaky_relu, logsumexp, normal_cdf, normal_pdf, relu, shares, sigmoid, softplus, squares, where,
)


def program(V, G, P, GP, lists):
    """V: a row for each number, a column for each sample; P: the parameters; G, GP: derivatives of the loss in both."""
'''
Items = Sequence[int]
SHORT = 8  # numbers of a list that is written out


def sliced(array: str, start: int, stop: int, step: int = 1) -> str:
    return f"{array}[{start}:{stop}{f':{step}' if step > 1 else ''}]"


class Listing:
    """Lines of a program as they are written: `views` are made once, `forward` and `backward` are run for each batch
    of samples."""

    def __init__(self, plan: Any) -> None:
        self.plan = plan
        self.names: set[str] = set()
        self.views: dict[str, str] = {}  # what is named -> its name
        self.lists: dict[str, list[Any]] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.named: dict[tuple[Any, ...], str] = {}
        self.blocks: dict[tuple[int, int], str] = {}
        self.by_samples = by_samples(plan)
        self.forward: list[str] = []
        self.backward: list[str] = []
        self.once: list[str] = []
        self.back: list[tuple[str, range, Callable[[], Iterator[str]]]] = []
        """An origin, the rows, and what writes the lines that go back: only then it is known what was met."""
        self.met = bytearray(plan.rows)  # rows whose derivative has been set or added to
        self.zeroed: list[int] = []
        self.met_parameters = np.zeros(plan.parameters, dtype=bool)  # the same for parameters
        self.zeroes_parameters = False

    def view(self, name: str, text: str) -> str:
        """The name of a view, which is made once; the same view has one name."""
        if text not in self.views:
            self.views[text] = self.unused(name)
        return self.views[text]

    def unused(self, name: str) -> str:
        """The name, with a letter if it is taken."""
        free = name
        for letter in "bcdefghijklmnopqrstuvwxyz":
            if free not in self.names:
                break
            free = f"{name}{letter}"
        else:
            free = self.unused(f"{name}_")
        self.names.add(free)
        return free

    def block(self, rows: range, name: str) -> None:
        """Names the rows that an instruction computes: tanh2, and their derivatives Gtanh2."""
        self.blocks[rows.start, rows.stop] = name = self.view(name, self.block_of("V", rows))

    def block_of(self, array: str, rows: range) -> str:
        """The text for a block of V, or of G, however its numbers lie in memory."""
        text = sliced(array, rows.start, rows.stop)
        return f"{text}.reshape(-1, {len(rows)}).T" if rows in self.by_samples else text

    def listed(self, name: str, items: Sequence[Any], shape: tuple[int, ...] = ()) -> str:
        """The name of a list of rows, parameters or numbers."""
        key, shape = tuple(items), shape or (len(items),)
        if key not in self.named:
            self.named[key] = name = self.unused(name)
            self.lists[name], self.shapes[name] = [*items], shape
        name = self.named[key]
        return name if self.shapes[name] == shape else f"{name}.reshape{shape if len(shape) > 1 else '(-1)'}"

    # Reading

    def items(self, start: int, count: int) -> list[int]:
        """This part of the plan's table."""
        return self.plan.table[start : start + count].tolist()

    def constants(self, start: int, count: int, name: str, shape: tuple[int, ...] = ()) -> str:
        """This part of the plan's numbers: the number that they all are, or the name of their list."""
        values = self.plan.numbers[start : start + count].tolist()
        alike = all(value == values[0] for value in values)
        return write(values[0]) if alike else self.listed(f"numbers{name}", values, shape)

    def grad(self, rows: range) -> str:
        """The derivatives in the rows that an instruction computes."""
        return self.rows(rows, "", "G")

    def rows(self, rows: Sequence[int], name: str, array: str = "V") -> str:
        """Those rows of V, or of G: a view, or gathered through a list."""
        if same(rows):
            rows = rows[:1]
        found = run(rows)
        if found is None:
            return f"{array}[{self.listed(f'rows{name}', rows)}]"
        start, stop, step = found
        block = next((block for block in self.by_samples if start in block), range(start, stop))
        named = self.blocks.get((block.start, block.stop))
        if named is None or (step > 1 and block not in self.by_samples):
            return sliced(array, *found)
        whole = named if array == "V" else self.view(f"G{named}", self.block_of("G", block))
        if step == 1 and len(block) == stop - start:
            return whole
        return sliced(whole, start - block.start, stop - block.start, step)

    def gathered(self, rows: Sequence[int], name: str, shape: tuple[int, ...] = ()) -> str:
        """Those rows of V; if they are gathered, or wanted in a shape, under a name that the backward pass knows
        too."""
        several = bool(shape) and same(rows)
        text = f"V[{self.listed(f'rows{name[1:]}', rows)}]" if several else self.rows(rows, name[1:])
        if not shape and (same(rows) or run(rows)):
            return text
        return self.local(name, f"{text}.reshape({shape[0]}, {shape[1]}, -1)" if shape else text)

    def local(self, name: str, text: str) -> str:
        """The name of what is computed for each batch and used again by the backward pass."""
        name = self.unused(name)
        self.forward.append(f"{name} = {text}")
        return name

    def vector(self, items: Sequence[int], name: str, array: str = "P") -> str:
        """Those parameters, or their derivatives."""
        found = run(items[:1] if same(items) else items)
        if found is None:
            return f"{array}[{self.listed(f'parameters{name}', items)}]"
        return self.view(("G" if array == "GP" else "") + f"b{name}", sliced(array, *found))

    def weights(self, items: Sequence[int], name: str, shape: tuple[int, ...]) -> str:
        """Parameters in a shape: a view, or gathered."""
        found = run(items)
        if found and found[2] == 1:
            return self.view(f"W{name}", f"P[{found[0]}:{found[1]}].reshape{shape}")
        return f"P[{self.listed(f'parameters{name}', items, shape)}]"

    def matrix(self, a: int, t: int, k: int, sr: int, sc: int, array: str = "P") -> str | None:
        """The t × k parameters a + i·sr + j·sc as a view; None where they are no matrix in memory."""
        if k == 1 and sr > 0:
            return f"{sliced(array, a, a + (t - 1) * sr + 1, sr)}.reshape({t}, 1)"
        if t == 1 and sc > 0:
            return f"{sliced(array, a, a + (k - 1) * sc + 1, sc)}.reshape(1, {k})"
        if sr == 1 and sc >= t:
            turned = self.matrix(a, k, t, sc, sr, array)
            return turned and f"{turned}.T"
        if sc != 1 or sr < k:
            return None
        start = min(a, self.plan.parameters - t * sr)  # a matrix of whole lines, of which a part is taken
        first = a - start
        if start < 0 or first + k > sr:
            return None
        part = "" if sr == k else f"[:, {first or ''}:{'' if first + k == sr else first + k}]"
        return f"{array}[{start}:{start + t * sr}].reshape({t}, {sr}){part}"

    # Giving: derivatives to rows and parameters, from the last instruction to the first

    def give(self, rows: Sequence[int], text: str, name: str, lanes: str = "") -> str:
        """The line that gives the derivatives `text` (one line for each of the rows) to these rows."""
        found, different = run(rows), len(set(rows))
        unique = different == len(rows)
        new = [row for row in dict.fromkeys(rows) if not self.met[row]]
        for row in new:
            self.met[row] = 1
        fresh = (unique or same(rows)) and len(new) == different and not lanes
        if not fresh:
            self.zeroed += new
        if unique or same(rows):
            target = self.rows(rows, name, "G")
            if found is None and lanes and target.endswith("]"):
                target, lanes = target.replace("]", lanes[2:]), ""
            text = text if unique else f"{enclosed(text)}.sum(axis=0, keepdims=True)"
            if fresh:
                return set_to(target, text) if found or not unique else f"{target} = {text}"
            return add_to(target + lanes, text)
        listed = self.listed(f"rows{name}", rows)
        text = re.sub(r"\.reshape\(\d+, -1\)$", "", text)
        if lanes:
            return f"np.add.at(G, ({listed}, 0), {enclosed(text)}[:, 0])"
        cells = self.view(
            f"cells{listed.removeprefix('rows')}",
            f"({listed}[:, None] * V.shape[1] + np.arange(V.shape[1])).reshape(-1)",
        )
        # a copy, as what is a part of G itself would have `at` make one of all of G
        return f"np.add.at({self.view('g', 'G.reshape(-1)')}, {cells}, {enclosed(text)}.flatten())"

    def give_parameters(self, items: Items, text: str, name: str) -> str:
        """The line that gives the derivatives `text` (a vector) to these parameters."""
        if same(items):
            return f"GP[{items[0]}] {self.operator(items[:1])} {enclosed(text)}.sum()"
        if len(set(items)) < len(items):
            self.add_to_parameters(items)
            return f"np.add.at(GP, {self.listed(f'parameters{name}', items)}, {text})"
        return self.give_view(items, self.vector(items, name, "GP"), text)

    def give_view(self, items: Any, target: str, text: str) -> str:
        """The same, where `target` is the text for these parameters' derivatives, each of which is there once."""
        operator = self.operator(items)
        if operator == "+=":
            return add_to(target, text)
        return f"{target} = {text}" if target.endswith("]") else set_to(target, text)

    def operator(self, items: Any) -> str:
        """How derivatives are given to these parameters: "=" where it is the first time for all of them."""
        if not self.met_parameters[items].any():
            self.met_parameters[items] = True
            return "="
        self.add_to_parameters(items)
        return "+="

    def add_to_parameters(self, items: Any) -> None:
        """Derivatives are added to those of these parameters; where it is the first time for one, they begin at
        zero."""
        self.zeroes_parameters |= not self.met_parameters[items].all()
        self.met_parameters[items] = True

    # The whole text

    def source(self) -> str:
        """The program: a function that makes the views and returns the function that computes a batch."""
        lists = [self.show_list(name) for name in self.lists]
        beside = {self.beside(text) for text in self.views}
        views = [self.show_view(name, text) for text, name in self.views.items() if text not in beside]
        body = [
            *lists,
            "# Views of the rows and of the parameters, made once",
            *views,
            *self.once,
            "",
            "def step(seed):",
        ]
        step = [*self.forward, "if seed is None:", "    return", *self.backward]
        return (
            HEAD
            + "\n".join(
                f"    {line}".rstrip() for line in [*body, *(f"    {line}" for line in step), "", "return step"]
            )
            + "\n"
        )

    def show_view(self, name: str, text: str) -> str:
        """The line that makes a view, with that of the derivatives beside it."""
        beside = self.beside(text)
        return f"{name}, {self.views[beside]} = {text}, {beside}" if beside in self.views else f"{name} = {text}"

    def beside(self, text: str) -> str:
        """The view of the derivatives of what a view shows."""
        return {"V": f"G{text[1:]}", "P": f"G{text}"}.get(text[0], "")

    def show_list(self, name: str) -> str:
        """The line that defines a list: written out if it is short."""
        items, shape = self.lists[name], self.shapes[name]
        if len(items) <= SHORT:
            return f"{name} = np.array({items}){f'.reshape{shape}' if len(shape) > 1 else ''}"
        size = " × ".join(map(str, shape))
        return f'{name} = lists["{name}"]  # {size}: {", ".join(f"{item:g}" for item in items[:SHORT])}, ...'
