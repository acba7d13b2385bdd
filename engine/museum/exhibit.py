"""What the museum of bugs shows: a broken engine beside the right one, on a graph that exposes it, with the numeric
check."""

from __future__ import annotations

import html
import inspect
import math
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from engine.formulas.notation import show_number
from engine.graph import topological_order
from engine.museum.words import INDONESIAN
from engine.pictures.account import Account, plural
from engine.pictures.draw import draw
from engine.pictures.tree import write_tree
from engine.readers.check import Report, check
from engine.readers.gradient import gradient
from engine.readers.structure import names
from engine.readers.tables import html_table, text_table
from engine.value import Value

if TYPE_CHECKING:
    from engine.pictures.diagram import Diagram
    from engine.stepper import Stepper

__all__ = ["Comparison", "Engine", "Exhibit"]

T = TypeVar("T")
Engine = Callable[[Value], dict[Value, float]]
"""A backward pass as a function: a result in, a gradient for every node out. It writes nothing on the nodes."""

TITLES, ALIGN = ("node", "right", "broken", "numeric", "the broken one is"), "lrrrl"


def nothing(y: Value) -> None:
    """What happens to most graphs between the forward and the backward pass."""


@dataclass(frozen=True, repr=False)
class Exhibit:
    """A bug: an engine that is wrong in one way, and a graph that exposes it.

    Print it for the question and the code. `show()` runs it beside the right engine.
    """

    broken: Engine
    """The engine that has the bug."""
    title: str
    question: str
    """To be asked first: what the engine does, in words, and which number to foresee: its gradient of the node
    `asked`."""
    graph: Callable[[], Value]
    """Makes a graph that exposes the bug."""
    asked: str
    """The name of the node that the question is about."""
    cause: str
    """What is wrong with it, as a key of `CAUSES`."""
    wrong: tuple[str, ...]
    """The names of the nodes whose gradients come out wrong, inputs first."""
    explanation: str
    """To be read afterwards: why it goes wrong, and how it would have been found."""
    found_in: str
    """Who made it before you: engines, issues, lectures."""
    harmless: Callable[[], Value]
    """Makes a graph on which the engine is right all the same: a test on such a graph does not find the bug."""
    meanwhile: Callable[[Value], object] = field(default=nothing)
    """What is done to the graph after the forward pass and before the engine runs: the cause of some bugs."""

    @property
    def name(self) -> str:
        """The name of the broken engine, by which `BUGS` knows this exhibit."""
        return self.broken.__name__

    @property
    def code(self) -> str:
        """The source of the broken engine."""
        return inspect.getsource(self.broken)

    @property
    def answer(self) -> float:
        """The answer to the question: what the broken engine says the gradient of the node `asked` is."""
        y = self.example()
        return next(grad for node, grad in self.broken(y).items() if node.name == self.asked)

    def example(self) -> Value:
        """A new graph that exposes the bug, as it is when the engine runs."""
        y = self.graph()
        self.meanwhile(y)
        return y

    def show(self, y: Value | None = None) -> Comparison:
        """Run the broken engine beside the right one.

        Args:
            y: a result of your own to run both on; the graph of the exhibit unless given.

        Raises:
            TypeError: if y is not a Value.
            ValueError: if data of your graph was changed after it was made, since it cannot be checked then.
        """
        if y is None:
            y = self.example()
            return Comparison(self, y, self.graph())
        if not isinstance(y, Value):
            raise TypeError(f"show takes a Value, the result of a graph, got {type(y).__name__} {y!r}")
        return Comparison(self, y, y)

    def stepper(self, y: Value | None = None, lang: str = "en", folded: Any = None) -> Stepper:
        """The right engine and the broken one in one stepper, step by step, until they first differ: there it asks why.

        Args:
            y: a result of your own to run both on; the graph of the exhibit unless given.
            lang: the language it starts in, "en" or "id".
            folded: the groups that are closed at first, as `draw` takes them.

        Raises:
            TypeError: if y is not a Value, or for anything else in `folded`.
            ValueError: if data of your graph was changed after it was made, for another language, for a group that the
                graph does not have, or if the broken engine does not come to an end soon.
        """
        from engine.museum.stepping import stepper_of

        about: dict[str, Any] = {"name": self.name, "cause": self.cause}
        if y is None:
            # an exhibit of a lesson's own speaks one language
            english = self.title, self.question, self.explanation
            words = zip(english, INDONESIAN.get(self.name, english), strict=True)
            texts = [{"en": text, "id": translated} for text, translated in words]
            about |= {"asked": self.asked, **dict(zip(("title", "question", "explanation"), texts, strict=True))}
            return stepper_of(self.broken, about, self.graph(), self.example(), lang, folded)
        if not isinstance(y, Value):
            raise TypeError(f"stepper takes a Value, the result of a graph, got {type(y).__name__} {y!r}")
        return stepper_of(self.broken, about, y, y, lang, folded)

    def __repr__(self) -> str:
        return f"<exhibit {self.name}: {self.title}>"

    def __str__(self) -> str:
        return f"{self.title}\n\n{textwrap.fill(self.question, 100)}\n\n{self.code}"


class Comparison:
    """Two engines on one graph. Print it for a table and text trees; it shows itself with pictures in Jupyter.

    Attributes:
        exhibit: whose broken engine it is.
        y: the result.
        right: the gradient of every node by the chain rule.
        broken: what the broken engine says.
        report: `check` of the broken gradients: compares each with a central difference.
    """

    def __init__(self, exhibit: Exhibit, y: Value, fresh: Value) -> None:
        """`fresh` is the graph of y as the forward pass left it: to measure slopes, one needs the numbers they are
        slopes at."""
        self.exhibit, self.y = exhibit, y
        self.names = names(y)
        self.right: dict[Value, float] = dict(zip(self.names, gradient(y, *self.names), strict=True))
        self.broken = exhibit.broken(y)
        self.report: Report = check(fresh, gradients=beside(fresh, y, self.broken))
        self._of = beside(y, fresh, {row.node: row for row in self.report.checked})

    def __bool__(self) -> bool:
        """Whether the broken engine is right here, so that nobody would notice."""
        return bool(self.report)

    def __getitem__(self, name: str) -> tuple[float, float]:
        """What the right and the broken engine say of the node with that name. KeyError if there is none."""
        for node, called in self.names.items():
            if called == name:
                return self.right[node], self.broken.get(node, math.nan)
        raise KeyError(f"there is no node {name!r}; there are {', '.join(self.names.values())}")

    @property
    def wrong(self) -> list[str]:
        """The names of the nodes whose broken gradients the check found wrong, inputs first."""
        return [row.name for row in self.report.wrong]

    @property
    def verdict(self) -> str:
        """The outcome in one sentence."""
        size = len(self.report.checked)
        if self:
            nodes = "the only node" if size == 1 else f"all {size} nodes"
            return f"The broken engine is right at {nodes}: here the bug does no harm."
        return f"The broken engine is wrong at {len(self.wrong)} of {plural(size, 'node')}: {', '.join(self.wrong)}."

    @cached_property
    def pictures(self) -> tuple[Diagram, Diagram]:
        """The graph with the right gradients, and with the broken ones and what the check says of them."""
        right, broken = map(received, (self.right, self.broken))
        return draw(self.y, rankdir="TB", gradients=right), draw(
            self.y, rankdir="TB", gradients=broken, check=received(self._of)
        )

    @property
    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                row.name,
                show_number(self.right[node], 10),
                show_number(row.gradient, 10),
                show_number(row.numeric, 7),
                row.verdict,
            )
            for node, row in self._of.items()
        ]

    def __str__(self) -> str:
        accounts = [Account(self.y, received(grads)) for grads in (self.right, self.broken)]
        accounts[1].checked = received(self._of)
        trees = list(map(write_tree, accounts))
        parts = [self.exhibit.title, text_table(TITLES, self._cells, ALIGN), self.verdict]
        return "\n\n".join([*parts, f"the right gradients\n{trees[0]}", f"the broken ones\n{trees[1]}"])

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        captions = "the right engine", f"the broken engine, {self.exhibit.name}"
        figures = "".join(figure(picture, caption) for picture, caption in zip(self.pictures, captions, strict=True))
        table = f"<div>{html_table(TITLES, self._cells, ALIGN)}<p>{html.escape(self.verdict)}</p></div>"
        row = f'<div style="display:flex;flex-wrap:wrap;gap:1em 3em;align-items:flex-start">{figures}{table}</div>'
        return {"text/plain": str(self), "text/html": row}


def beside(twin: Value, y: Value, said: Mapping[Value, T]) -> dict[Value, T]:
    """What is said of the nodes of y, said of the nodes at the same places in a twin of its graph."""
    places = zip(topological_order(twin), topological_order(y), strict=True)
    return {other: said[node] for other, node in places if node in said}


def received(said: Mapping[Value, T]) -> dict[Value, T]:
    """What is said of the gradients of nodes that get one: what is frozen does not, whatever an engine says."""
    return {node: what for node, what in said.items() if not node.frozen}


def figure(picture: Diagram, caption: str) -> str:
    """A picture with its caption; a text tree where no picture can be made."""
    shown = picture._repr_mimebundle_()
    body = shown.get("text/html") or f"<pre>{html.escape(shown['text/plain'])}</pre>"
    return (
        f'<figure style="margin:0;max-width:47%"><figcaption><b>{html.escape(caption)}</b></figcaption>{body}</figure>'
    )
