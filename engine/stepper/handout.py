"""The handout: a graph and the steps of its backward pass as a sheet of paper, with blanks to fill in and a key.

It is HTML that needs no script, set for A4: what a browser prints of it is the sheet. Steps have the numbers that they
have in the stepper.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.advice import shown
from engine.formulas.notation import MATHML, shorten, show_number
from engine.graph import adjoints_of, sweep
from engine.pages.document import document
from engine.pictures.account import show
from engine.stepper.on_paper import picture
from engine.stepper.page import static
from engine.stepper.texts import TEXTS
from engine.value import Value, require_fresh

__all__ = ["MOST_STEPS", "handout"]

MOST_STEPS = 120
"""Applications of the chain rule on one handout: seven pages with the key."""
LONGEST_NAME, LONGEST_SLOPE, LONGEST_FORMULA = 14, 24, 56  # in characters: a formula cannot be broken, text can
FIELDS = ("upstream", "local", "contribution", "before", "after")


def handout(y: Value, payload: Mapping[str, Any], lang: str, blanks: bool = True,
            steps: Iterable[int] | None = None) -> str:  # fmt: skip
    """The sheet as HTML that is complete in itself.

    Args:
        y: the result.
        payload: of the graph of y.
        lang: "en" or "id".
        blanks: leave the numbers of the backward pass open, and give them in a key on pages of their own at the end.
        steps: the steps to be on it, by their numbers in the stepper; None for all.

    Raises:
        TypeError: if blanks is not True or False, or steps is not made of whole numbers.
        ValueError: if data was changed since the graph was made; for a step that the graph does not have; or for more
            than `MOST_STEPS` applications of the chain rule.
    """
    if not isinstance(blanks, bool):
        raise TypeError(f"blanks is True or False, got {shown(blanks)}")
    require_fresh(y)
    return Sheet(y, payload, lang, blanks, chosen(payload, steps)).page()


def chosen(payload: Mapping[str, Any], steps: Iterable[int] | None) -> list[int]:
    """The numbers of the steps that are on the sheet, in order, each once."""
    events = payload["events"]
    last = len(events) - 1
    if steps is None:
        numbers = list(range(last + 1))
    else:
        if isinstance(steps, str | bytes) or not isinstance(steps, Iterable):
            raise TypeError(f"steps is a range or a list of whole numbers, got {shown(steps)}")
        numbers = list(steps)
        for number in numbers:
            if not isinstance(number, int) or isinstance(number, bool):
                raise TypeError(f"steps is a range or a list of whole numbers, got {shown(number)} in it")
            if not 0 <= number <= last:
                raise ValueError(f"steps are from 0 to {last}, got {number}")
        numbers = sorted(set(numbers))
        if not numbers:
            raise ValueError("steps is empty: a handout needs at least one step")
    backward = [number for number in numbers if events[number][0] == "backward"]
    if len(backward) > MOST_STEPS:
        first = next(number for number, event in enumerate(events) if event[0] == "backward")
        raise ValueError(
            f"{len(backward)} steps of the backward pass are too many for a handout, which holds {MOST_STEPS}: choose "
            f"some, as in steps=range({first}, {first + MOST_STEPS})"
        )
    return numbers


@dataclass
class Row:
    """One application of the chain rule, as it stands on the sheet."""

    number: int
    node: int
    input: int
    rule: str
    """The chain rule in symbols, as HTML."""
    slope: str
    """What the local slope is, in symbols, as HTML; empty where it is too long or not known."""
    numbers: dict[str, float]
    given: set[str]
    """Those of `numbers` that nothing on the sheet leads to."""


class Sheet:
    """Writes one handout."""

    def __init__(self, y: Value, payload: Mapping[str, Any], lang: str, blanks: bool, steps: list[int]) -> None:
        self.y, self.payload, self.lang, self.blanks, self.steps = y, payload, lang, blanks, steps
        self.nodes, self.result = payload["nodes"], payload["result"]
        self.all = len(steps) == len(payload["events"])
        self.rows = self.read_rows()

    def say(self, key: str, **names: Any) -> str:
        return html.escape(TEXTS[self.lang][key].format(**names))

    def page(self) -> str:
        title = f"{self.nodes[self.result]['name']} · {TEXTS[self.lang]['title']}"
        body = [self.head(title), self.graph(), self.forward(), self.backward(), self.leaves(), self.key()]
        sheet = "\n".join(filter(None, body))
        return document(self.lang, title, static("handout.css"), f'<main class="sheet">\n{sheet}\n</main>')

    def head(self, title: str) -> str:
        lines = f"<p class='who'>{self.say('sheetName')} <i></i> {self.say('sheetDate')} <i class='short'></i></p>"
        return f"<h1>{html.escape(title)}</h1>{lines if self.blanks else ''}"

    def graph(self) -> str:
        """The picture, its gradients open where there are blanks; or a line that says why there is none."""
        adjoints: dict[Any, float] = dict.fromkeys(adjoints_of(self.y), 0.0)
        if not self.blanks:
            adjoints[self.y] = 1.0
            for _ in sweep(adjoints):
                pass
        found = picture(self.y, {} if self.blanks else adjoints)
        if found is None:
            return f"<p class='note'>{self.say('sheetNoPicture')}</p>"
        return f"<figure>{self.translated(found)}</figure>"

    def translated(self, svg: str) -> str:
        """The few words that a drawing writes itself, in the language of the sheet, and its numbers with its signs."""
        counts = {"nodes": "manyNodes", "edges": "edges"}
        svg = re.sub(r">(?:data|grad) [^<]*<", lambda m: m[0].replace("&#45;", "−"), svg)
        svg = re.sub(r">([\d,]+) (nodes|edges)<", lambda m: f">{self.say(counts[m[2]], count=m[1])}<", svg)
        return re.sub(r">1 node<", f">{self.say('oneNode')}<", svg)

    def forward(self) -> str:
        """The numbers of the forward pass, which are given: those of the leaves, then what is computed."""
        events = self.payload["events"]
        at = {events[number][1]: number for number in self.steps if events[number][0] == "forward"}
        touched = {place for row in self.rows for place in (row.node, row.input)}
        places = [i for i in range(len(self.nodes)) if self.all or i in touched or i in at]
        leaves = [self.equation(i) for i in places if not self.nodes[i]["rule"]]
        rows = [
            f"<tr{step_of(at.get(i))}><td class='step'>{at.get(i, '')}</td><td>{self.name(i)}</td>"
            f"<td>{self.formula(i)}</td><td class='number'>{datum(self.data(i))}</td></tr>"
            for i in places
            if self.nodes[i]["rule"]
        ]
        start = f"<div class='leaves'{step_of(0 if 0 in self.steps else None)}>{''.join(leaves)}</div>"
        titles = [self.say(key) for key in ("step", "node", "formula", "value")]
        return f"<h2>{self.say('sheetForward')}</h2>{start if leaves else ''}{table('forward', titles, rows)}"

    def equation(self, place: int) -> str:
        return f"<span>{self.name(place)} = {datum(self.data(place))}</span>"

    def data(self, place: int) -> float:
        return float(self.nodes[place]["data"])

    def name(self, place: int) -> str:
        """A name by itself: as a formula has it where it is short, else whole, in several lines if it must."""
        name = self.nodes[place]["name"]
        return math(MATHML.name(name)) if len(name) <= LONGEST_NAME else html.escape(name)

    def formula(self, place: int) -> str:
        node = self.nodes[place]
        return math(node["symbols"]) if len(node["text"]) <= LONGEST_FORMULA else html.escape(node["text"])

    def ratio(self, d: str, over: int, under: int) -> str:
        return MATHML.ratio(d, self.short(over), self.short(under))

    def on_one_line(self, d: str, over: int, under: int) -> str:
        """A ratio for where there must be many in little room."""
        above, below = MATHML.name(self.short(over)), MATHML.name(self.short(under))
        sign = f"<mi mathvariant='normal'>{d}</mi>"
        return math(f"{sign}{above}<mo>/</mo>") + math(f"{sign}{below}")

    def short(self, place: int) -> str:
        return shorten(self.nodes[place]["name"], LONGEST_NAME)

    def read_rows(self) -> list[Row]:
        """A row for each application of the chain rule that is on the sheet."""
        events, rows = self.payload["events"], []
        sent = {number: self.receiver(number) for number, event in enumerate(events) if event[0] == "backward"}
        missing: Counter[int] = Counter()  # of what each node has got before, how much is not on the sheet
        for number, x in sent.items():  # a node passes on when it has got all, so what it lacks is known by then
            if number not in self.steps:
                missing[x] += 1
                continue
            _, node, index, *numbers = events[number]
            given = {field for field, place in (("upstream", node), ("before", x)) if missing[place]}
            read = dict(zip(FIELDS, map(float, numbers), strict=True))
            rows.append(Row(number, node, x, self.rule(node, index), self.slope(node, index), read, given))
        return rows

    def receiver(self, number: int) -> int:
        """The node to which a step of the backward pass gives."""
        _, node, index, *_ = self.payload["events"][number]
        place: int = self.nodes[node]["inputs"][index]
        return place

    def rule(self, node: int, index: int) -> str:
        """The chain rule at one input."""
        inputs = self.nodes[node]["inputs"]
        x = inputs[index]
        arriving, passed = self.ratio("d", self.result, x), self.ratio("d", self.result, node)
        # three formulas and not one, for a line is broken between them only
        written = math(f"{arriving}<mo>+=</mo>") + math(f"{passed}<mo>·</mo>") + math(self.ratio("∂", node, x))
        if inputs.count(x) > 1:
            written += f" <small>{self.say('place2', index=index + 1)}</small>"
        return written

    def slope(self, node: int, index: int) -> str:
        slope = self.nodes[node]["slopes"][index]
        x = self.nodes[node]["inputs"][index]
        known = slope["known"] and len(slope["text"]) <= LONGEST_SLOPE
        left = self.on_one_line("∂", node, x)
        return left + math(f"<mo>=</mo>{slope['symbols']}") if known else left

    def backward(self) -> str:
        """A row for each application of the chain rule, with blanks or with its numbers."""
        events = self.payload["events"]
        rows = [
            f"<tr data-step='{number}'><td class='step'>{number}</td>"
            f"<td>{math(self.ratio('d', self.result, self.result))} = 1</td>"
            f"<td colspan='5'>{self.say('seedTitle', node=self.nodes[self.result]['name'])}</td></tr>"
            for number in self.steps
            if events[number][0] == "seed"
        ]
        for row in self.rows:
            cells = "".join(self.cell(row, field) for field in FIELDS)
            rows.append(
                f"<tr data-step='{row.number}'><td class='step'>{row.number}</td><td>{row.rule}</td>{cells}</tr>"
            )
        if not rows:
            return ""
        hint = f"<p>{self.say('sheetRule')}</p>" if self.rows else ""
        if any(row.given for row in self.rows) and self.blanks:
            hint += f"<p>{self.say('sheetGiven')}</p>"
        return f"<h2>{self.say('sheetBackward')}</h2>{hint}{table('backward', self.titles('sheetChain'), rows)}"

    def titles(self, *between: str) -> list[str]:
        signs = {"local": "× ", "contribution": "= ", "after": "= "}
        return [self.say("step"), *map(self.say, between), *[signs.get(key, "") + self.say(key) for key in FIELDS]]

    def cell(self, row: Row, field: str) -> str:
        if self.blanks and field not in row.given:
            return f"<td class='blank' data-field='{field}'></td>"
        return f"<td class='number' data-field='{field}'>{datum(row.numbers[field])}</td>"

    def leaves(self) -> str:
        """The gradient of every leaf: what the last step writes."""
        last = len(self.payload["events"]) - 1
        if last not in self.steps:
            return ""
        return f"<section data-step='{last}'><h2>{self.say('sheetLeaves')}</h2>{self.gradients(self.blanks)}</section>"

    def gradients(self, blanks: bool) -> str:
        totals = {self.result: 1.0}
        for number, event in enumerate(self.payload["events"]):
            if event[0] == "backward":
                totals[self.receiver(number)] = float(event[7])
        spans = [
            f"<span data-leaf='{i}'>{self.on_one_line('d', self.result, i)} = "
            f"{'<i></i>' if blanks else datum(totals.get(i, 0.0))}</span>"
            for i, node in enumerate(self.nodes)
            if not node["rule"] and node["kind"] != "frozen"
        ]
        return f"<div class='leaves'>{''.join(spans)}</div>"

    def key(self) -> str:
        """The numbers of all blanks, from a new page on."""
        if not self.blanks:
            return ""
        rows = [
            f"<tr data-key='{row.number}'><td class='step'>{row.number}</td><td>{row.slope}</td>"
            + "".join(f"<td class='number' data-field='{f}'>{datum(row.numbers[f])}</td>" for f in FIELDS)
            + "</tr>"
            for row in self.rows
        ]
        last = len(self.payload["events"]) - 1
        ends = f"<h3>{self.say('sheetLeaves')}</h3>{self.gradients(False)}" if last in self.steps else ""
        steps = table("backward", self.titles("slope"), rows)
        return f"<section class='key'><h2>{self.say('sheetKey')}</h2>{steps}{ends}</section>"


def table(kind: str, titles: list[str], rows: list[str]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th scope='col'>{title}</th>" for title in titles)
    body = "\n".join(rows)
    return f"<table class='{kind}'><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def math(markup: str) -> str:
    return f"<math displaystyle='true'>{markup}</math>"


def datum(x: float) -> str:
    """A number in four digits, with all of them in its value."""
    return f"<data value='{show_number(x)}'>{minus(show(x))}</data>"


def minus(text: str) -> str:
    """A number with the sign that the page writes."""
    return text.replace("-", "−")


def step_of(number: int | None) -> str:
    return "" if number is None else f" data-step='{number}'"
