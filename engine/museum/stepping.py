"""An exhibit in the stepper: the page of its graph, with the recorded run of the broken engine beside the right one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.graph import topological_order
from engine.museum.run import Difference, Engine, Run, first_difference, listing_of, record
from engine.museum.words import CAUSES
from engine.stepper import Stepper
from engine.stepper.payload import number
from engine.value import Value

__all__ = ["stepper_of"]

CHOICES = 4


def stepper_of(
    engine: Engine, about: Mapping[str, Any], fresh: Value, y: Value, lang: str = "en", folded: Any = None
) -> Stepper:
    """The stepper of a graph as the forward pass left it, with what a broken engine makes of it as it is now.

    Args:
        engine: the broken one.
        about: what the page says of it: its `name`, and the `cause` that makes it wrong; for a graph that is asked
            about, the name of the node `asked`, and `title`, `question` and `explanation`, each by language.
        fresh: the result, as the forward pass left its graph.
        y: the result of the same graph, as it is when the engine runs.
        lang, folded: as `Stepper` takes them.
    """
    shown = Stepper(fresh, lang, folded, view="drawing")
    events = shown.payload["events"]
    nodes, steps = topological_order(y), list(y.backward_steps())
    run = record(engine, y)
    difference = first_difference(run, y, steps)
    # a step for each write that the broken engine makes after the right one is done
    events[-1:-1] = [["beyond"]] * (len(run.writes) - len(steps))
    seed = next(place for place, event in enumerate(events) if event[0] == "seed")
    shown.payload["museum"] = {
        **about,
        "choices": choices(about["name"], about["cause"]),
        "causes": CAUSES,
        "asked": next((i for i, node in enumerate(nodes) if node.name == about.get("asked")), None),
        **told(engine, run, nodes),
        "stop": None if difference is None else stop_of(difference, seed, len(events) - 1),
        "kind": difference and difference.kind,
        "differs": None if difference is None else nodes.index(difference.node),
        "changed": [
            [place, number(now.data)]
            for place, (now, then) in enumerate(zip(nodes, topological_order(fresh), strict=True))
            if now.data != then.data and now.rule is None
        ],
    }
    return shown


def stop_of(difference: Difference, seed: int, last: int) -> int:
    """The step at which both engines have done what differs."""
    if difference.kind == "start":
        return seed
    return last if difference.write is None else seed + 1 + difference.write


def told(engine: Engine, run: Run, nodes: list[Value]) -> dict[str, Any]:
    """What the page is told of an engine and of its run."""
    place = {node: i for i, node in enumerate(nodes)}
    listing = listing_of(engine)
    return {
        "code": [[line.text, line.remark] for line in listing.lines],
        "bug": listing.bug,
        "begins": listing.start,
        "start": [number(run.start.get(node)) for node in nodes],
        "writes": [
            [
                place[write.node],
                write.index,
                *map(number, (write.upstream, write.local, write.upstream * write.local, write.before, write.after)),
                listing.place(write.line),
            ]
            for write in run.writes
        ],
        "grads": [number(run.grads.get(node)) for node in nodes],
        "error": run.error,
    }


def choices(name: str, cause: str) -> list[str]:
    """The cause among others; where among them depends on the name."""
    keys = list(CAUSES["en"])
    start = keys.index(cause) - sum(map(ord, name)) % CHOICES
    return [keys[(start + i) % len(keys)] for i in range(CHOICES)]
