"""What must hold of every worksheet: `python -m tests.engine.worksheets` looks at 1,000 seeds with 30 students each.
(Another number of seeds, and of students, may follow.)

Keys are found again by plain Python on the lines of the graph: values by running them, slopes and gradients by
difference quotients.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from typing import Any

from engine import Worksheet
from engine.worksheet.exercises import Blank
from engine.worksheet.graphs import Graph, is_short, written
from engine.worksheet.sheets import Sheet

H = 2.0**-16
"""With numbers that are multiples of 1/4 or so, and results of low degree, quotients are right to 1e-6."""


def relu(x: float) -> float:
    return max(x, 0.0)


def ran(graph: Graph, **changed: float) -> dict[str, float]:
    """The numbers of all names of a graph, by running its lines, with some of them set to others."""
    names: dict[str, Any] = {"relu": relu}
    for line in str(graph).splitlines():
        exec(line, names)
        names |= {name: x for name, x in changed.items() if line.startswith(f"{name} =")}
    return {name: float(x) for name, x in names.items() if name not in ("relu", "__builtins__")}


def quotient(graph: Graph, name: str, result: str = "L") -> float:
    """How fast the result changes with a name."""
    x = ran(graph)[name]
    above, below = (ran(graph, **{name: x + h})[result] for h in (H, -H))
    return (above - below) / (2 * H)


def slope(graph: Graph, name: str, under: str) -> float:
    """How fast one line changes with one of its inputs, all others as they are."""
    (line,) = [line for line in str(graph).splitlines() if line.startswith(f"{name} =")]
    numbers = ran(graph)
    above, below = (
        eval(line.partition(" = ")[2], {"relu": relu}, numbers | {under: numbers[under] + h}) for h in (H, -H)
    )
    return (above - below) / (2 * H)


def found_again(sheet: Sheet, blank: Blank) -> float:
    """The answer to what is asked, without the engine."""
    graph = sheet.graph
    if blank.kind == "value":
        return ran(graph)[blank.name]
    if blank.kind == "slope":
        return slope(graph, blank.name, blank.under)
    gradient = quotient(graph, blank.name)
    return gradient if blank.kind == "gradient" else ran(graph)[blank.name] - sheet.update.rate * gradient


def check_sheet(sheet: Sheet) -> None:
    """The key is right, numbers are short, wrong answers are wrong and each has its reason, and the bug is one."""
    for blank in sheet.blanks:
        assert abs(found_again(sheet, blank) - blank.answer) < 1e-6, (sheet.code, blank)
        assert is_short(blank.answer) and len(written(blank.answer)) <= 5
        numbers = [blank.answer, *(wrong.number for wrong in blank.wrong)]
        assert all(abs(a - b) > 0.0099 for i, a in enumerate(numbers) for b in numbers[:i]), (sheet.code, blank)
        assert all(wrong.why.endswith(".") for wrong in blank.wrong)
    assert len(sheet.gradients) == 7 and all(blank.wrong for blank in sheet.gradients)
    moved = {blank.name: blank.answer for blank in sheet.updates}
    after = ran(sheet.graph, **moved)["L"]
    assert after < sheet.update.before == ran(sheet.graph)["L"]
    assert abs(after - sheet.update.after) <= 0.005 * abs(after) + 1e-9  # it is said in three digits
    bug = sheet.bug
    gradients = {name: quotient(sheet.bug_graph, name) for name in bug.told}
    assert all(abs(gradients[name] - grad) < 1e-6 for name, grad in bug.right.items()), sheet.code
    assert bug.wrong == [name for name, grad in bug.told.items() if abs(gradients[name] - grad) > 0.01]
    assert bug.wrong and all(map(is_short, bug.told.values()))
    assert len({choice.text for choice in bug.choices}) == len(bug.choices) == 5
    assert bug.choices["ABCDE".index(bug.letter)].cause == bug.cause


def check_worksheet(worksheet: Worksheet) -> None:
    """All sheets, and no two of them alike."""
    for sheet in worksheet.sheets:
        check_sheet(sheet)
    for place in range(3):  # the graph, the graph of the bug, the numbers of the key
        assert len({sheet.likeness[place] for sheet in worksheet.sheets}) == worksheet.students
    assert len({str(sheet.graph) for sheet in worksheet.sheets}) == worksheet.students


def digest(worksheet: Worksheet) -> str:
    """Of the graphs and the numbers: what is the same on every machine, whatever the words and pictures are."""
    said = [
        [str(sheet.graph), str(sheet.bug_graph), sheet.bug.engine, sheet.bug.letter, sheet.update.rate]
        + [[blank.label, blank.answer, [wrong.number for wrong in blank.wrong]] for blank in sheet.blanks]
        for sheet in worksheet.sheets
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


CLOZE = re.compile(r"\{(\d*):(\w+):((?:\\.|[^}])*)\}")
NUMBER = r"-?\d+(?:\.\d+)?"
ALTERNATIVE = re.compile(rf"(?:=|%(-?\d+)%)({NUMBER}):({NUMBER})#(.+)")


def fields(text: str) -> list[list[tuple[float, float, str]]]:
    """The fields of a cloze question: for each its answers, as the share, the number and what is said."""
    found = []
    for grade, kind, answers in CLOZE.findall(text):
        assert (grade, kind) == ("1", "NUMERICAL")
        parts = [ALTERNATIVE.fullmatch(part) for part in re.split(r"(?<!\\)~", answers)]
        assert all(parts), answers
        found.append([(float(part[1] or 100), float(part[2]), part[4]) for part in parts if part])
    return found


def main(seeds: int = 1000, students: int = 30) -> None:
    for seed in range(seeds):
        check_worksheet(Worksheet(seed, students))
        if seed % 50 == 49:
            print(
                f"{seed + 1:,} seeds, {(seed + 1) * students:,} sheets: every key found again, no two alike", flush=True
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
