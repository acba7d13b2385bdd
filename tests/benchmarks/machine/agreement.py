"""Before anything is timed: does every side compute the same?"""

from __future__ import annotations

from tests.benchmarks.machine.processes import Team
from tests.benchmarks.machine.sides.casadi import LIBRARIES
from tests.benchmarks.machine.table import BY_HAND, SIDES
from tests.benchmarks.machine.work import make
from tests.benchmarks.rounds import say

__all__ = ["STEPS", "TOLERANCE", "agree"]

TOLERANCE = 1e-9
STEPS = 3
"""At least; of names of different lengths each has a step."""


def agree(name: str, sides: list[str], recipe: dict[str, int | str], team: Team) -> list[str]:
    """The sides, all of which agree with NumPy by hand. AssertionError if one does not, or if that one is not there."""
    if BY_HAND not in sides:
        raise AssertionError(
            f"{name}: without NumPy there is nothing to hold the results against: python -m pip install numpy"
        )
    steps = max(STEPS, make(recipe).cycle)
    truth = team.ask({"job": "looks", "side": BY_HAND, "recipe": recipe, "steps": steps})
    for side in (side for side in sides if side != BY_HAND):
        if SIDES[side].compiler:
            say(
                f"{name}: {side}: what {LIBRARIES} does not hold yet is compiled: seconds for a network, minutes for a "
                "GPT"
            )
        found = team.ask({"job": "looks", "side": side, "recipe": recipe, "steps": steps})
        for what, numbers in truth.items():
            for theirs, right in zip(found[what], numbers, strict=True):
                if not abs(theirs - right) <= TOLERANCE:
                    raise AssertionError(
                        f"{name}: {side} and {BY_HAND} differ on the {what}, {theirs} and {right}; wrong results are "
                        "not timed"
                    )
    say(
        f"{name}: {len(sides)} sides agree on the loss, {len(truth['gradient'])} gradients and the parameters to "
        f"{TOLERANCE:g}"
    )
    return sides
