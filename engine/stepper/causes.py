"""The mistakes that predict mode knows: the number that each of them gives, and what is then said.

They are functions of numbers as a rule is, so that the page has them printed and Python runs them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from engine.graph import Step
from engine.pages.javascript import arrow

__all__ = ["ALONE", "CAUSES", "Cause", "Moment", "mistakes", "printed"]


class Moment(NamedTuple):
    """What one knows when a node passes its gradient on to an input."""

    upstream: Any
    local: Any
    contribution: Any
    before: Any
    input: Any
    """The value of the input."""
    output: Any
    """The value of the node."""


class Cause(NamedTuple):
    """A mistake."""

    name: str
    texts: tuple[str, ...]
    """What is said of it, as keys of the stepper's texts."""
    number: Callable[[Moment], Any]


ALONE = (
    Cause("local", ("causeLocal",), lambda m: m.upstream),
    Cause("upstream", ("causeUpstream",), lambda m: m.local),
    Cause("sign", ("causeSign",), lambda m: -m.contribution),
    Cause("data", ("causeData",), lambda m: m.upstream * m.input),
    Cause("output", ("causeOutput",), lambda m: m.upstream * m.output),
)
"""Those that can be made where nothing has arrived before."""


def added(cause: Cause) -> Iterator[Cause]:
    """The same mistake by somebody who is asked for the sum: it is made in what is added, or += is forgotten too."""
    yield Cause(cause.name, (f"{cause.texts[0]}Added",), lambda m: m.before + cause.number(m))
    yield Cause(f"{cause.name}, replaced", (*cause.texts, "causeReplacedToo"), cause.number)


CAUSES = {
    "contribution": ALONE,
    "after": (
        *(each for cause in ALONE for each in added(cause)),
        Cause("replaced", ("causeReplaced",), lambda m: m.contribution),
        Cause("before", ("causeBefore",), lambda m: m.before),
    ),
}
"""By what is asked: what the first arrow brings to an input, or what the input holds after another one."""


def mistakes(step: Step) -> list[tuple[Cause, float]]:
    """The mistakes that can be made at a step of the backward pass, each with the number that it gives."""
    asked = "after" if step.after != step.contribution else "contribution"
    moment = Moment(step.upstream, step.local, step.contribution, step.before, step.input.data, step.node.data)
    return [(cause, cause.number(moment)) for cause in CAUSES[asked]]


def printed() -> str:
    """All of them for the page: the text is `const causes = {...}`."""
    kinds = []
    for asked, causes in CAUSES.items():
        rows = [
            f"    {{ name: {json.dumps(cause.name)}, texts: {json.dumps(cause.texts)}, "
            f"number: {arrow(lambda *numbers, cause=cause: cause.number(Moment(*numbers)), Moment._fields)} }},"
            for cause in causes
        ]
        kinds.append("\n".join([f"  {asked}: [", *rows, "  ],"]))
    return "\n".join(["const causes = {", *kinds, "};\n"])
