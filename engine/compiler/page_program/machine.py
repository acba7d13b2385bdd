"""What a page needs to run plans: each as numbers and names for JSON, and one text of JavaScript for all of them.

The instructions are sent as they are, with `instruction_set` saying where their fields lie; the loops of the rules are
printed from the table. No derivative is written here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

from engine.compiler.instruction_set import KINDS, WIDTH, Apply, List, instructions, name, places
from engine.compiler.plan import Plan
from engine.compiler.planner import plan_of
from engine.compiler.shape import recorded
from engine.pages.document import FIT, document, packed
from engine.pages.javascript import forward_functions, loops, part
from engine.pages.packing import UNPACK, pack
from engine.rule import Rule
from engine.value import Value

__all__ = ["PageMachine", "described"]

PARTS = ("plan", "descent")


class PageMachine:
    """The machine of a page: functions of Values, recorded for it, and the rules that they apply.

    The page has `new Program(plan, lanes)`, which runs a plan, and `new Descent({ loss, penalty, update, parameters,
    moving })`, which takes steps of gradient descent with three of them.
    """

    def __init__(self) -> None:
        self._applied: dict[tuple[str, int], tuple[Rule, int]] = {}

    def record(self, f: Callable[[Any], Any], parameters: Sequence[Value], sample: Any) -> dict[str, Any]:
        """The plan of a function as numbers, strings, lists and dicts: what `new Program` takes.

        Args:
            f: takes a sample, numbers in lists and tuples, and returns a loss, or (loss, list of outputs).
            parameters: all Values that it uses.
            sample: one of the shape that all will have.

        Raises:
            RecordingError: where it asks for a number that is not known while it is recorded.
            ValueError: where it uses a Value that is no parameter.
        """
        recording, rows = recorded(f, parameters, (), sample)
        others = recording.leaves[len(parameters) :]
        if others:
            raise ValueError(f"all Values that a page computes with are parameters, and {others[0]!r} is not given")
        return self.take(plan_of(recording, rows[0], rows[1:], in_place=False))

    def take(self, plan: Plan) -> dict[str, Any]:
        """The same for a plan that there is."""
        for _, fields in instructions(plan.code):
            if isinstance(fields, Apply | List):
                self.offer(plan.rules[fields.rule], fields.items if isinstance(fields, List) else fields.inputs)
        return described(plan)

    def offer(self, rule: Rule, inputs: int = 1) -> None:
        """Have a rule ready, of so many inputs: the page may put it in the place of another that a plan applies."""
        self._applied[rule.name, inputs] = rule, inputs

    @property
    def source(self) -> str:
        """The text of JavaScript that runs all of it. It makes no function of a text, so that the strictest policy of a
        page lets it run.

        Raises:
            Unreadable: (a ValueError) for a rule of your own whose functions cannot be read with symbols.
        """
        kinds = json.dumps([{"name": name(kind), "places": places(kind)} for kind in KINDS])
        format_of_code = f"const WIDTH = {WIDTH}, KINDS = {kinds};\n"
        parts = [part(each, files("engine.compiler.page_program")) for each in PARTS]
        return "\n".join([forward_functions(), loops(self._applied.values()), format_of_code, *parts])

    def document(self, lang: str, title: str, style: str, body: str, kind: str, state: Any, script: str) -> str:
        """A page of HTML that is complete in itself, as high as it is where it stands in a frame.

        Args:
            lang, title, style, body: its language as HTML names it, its title as text, CSS, and HTML.
            kind: the class of its body.
            state: what JSON can say; the script has it as `JSON.parse(await unpack(text))`, from the element `state`.
            script: JavaScript behind `source`, with `repr` and `show` for numbers, `h` and `svg` for elements.
        """
        sources = [self.source, part("numbers"), part("elements"), part("theme"), UNPACK, script, FIT]
        return document(lang, title, style, body, kind, self.pack(state), "\n".join(sources))

    @staticmethod
    def packed(page: str, old: str) -> str:
        """A page that writes this page, for a frame in a notebook, where every character counts.

        Args:
            page: HTML.
            old: what a browser says that is too old to unpack it.
        """
        return packed(page, old)

    @staticmethod
    def pack(data: Any) -> str:
        """Whatever JSON can say, in few characters: the page has `JSON.parse(await unpack(text))`."""
        return pack(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def described(plan: Plan) -> dict[str, Any]:
    """A plan for JSON. What that has no number for, such as infinity, is a string that JavaScript's `Number` reads."""
    return {
        "inputs": plan.inputs,
        "parameters": plan.parameters,
        "rows": plan.rows,
        "loss": plan.loss,
        "outputs": list(plan.outputs),
        "code": plan.code.tolist(),
        "table": plan.table.tolist(),
        "numbers": list(map(number, plan.numbers)),
        "rules": [rule.name for rule in plan.rules],
    }


def number(x: float) -> float | str:
    return x if math.isfinite(x) else str(x).replace("inf", "Infinity").replace("nan", "NaN")
