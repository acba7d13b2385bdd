"""A sheet as a notebook with the marks of nbgrader: the source of an assignment, with its solutions and hidden tests.

`nbgrader generate_assignment` makes of it what a student gets, `nbgrader autograde` gives a point for every right
answer and prints what is to be said of a wrong one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.worksheet.exercises import Blank
from engine.worksheet.graphs import Graph, written
from engine.worksheet.pictures import picture_to_fill, picture_told
from engine.worksheet.sheets import Sheet
from engine.worksheet.words import Words

__all__ = ["assignment", "notebook", "variable"]

REASON_POINTS = 2
GRADER = """\
### BEGIN HIDDEN TESTS
def graded(key):
    points = 0
    for name, (right, wrong) in key.items():
        given = globals().get(name)
        try:
            number = None if given is None else float(given)
        except (TypeError, ValueError):
            number = float("nan")
        if number is None:
            print(f"{{name}}: {none}")
        elif abs(number - right) < 0.005:
            points += 1
        else:
            why = [text for other, text in wrong.items() if abs(number - other) < 0.005]
            print(f"{{name}}: {other}", *why, sep=". ")
    return points


graded({key})
### END HIDDEN TESTS"""
BUG_GRADER = """\
### BEGIN HIDDEN TESTS
def graded(told, nodes, letter, reasons):
    points = 0
    given = globals().get("wrong")
    named = {{str(each) for each in given}} if isinstance(given, (set, frozenset, list, tuple)) else None
    if named is None:
        print("wrong: {none}")
    elif named == nodes:
        points += {points}
    else:
        print(*[f"wrong: {{told[name]}}" for name in told if (name in named) != (name in nodes)], sep="\\n")
    given = globals().get("reason")
    if given is None:
        print("reason: {none}")
    elif str(given).strip().upper() == letter:
        points += {points}
    else:
        print("reason: {other}", reasons.get(str(given).strip().upper(), ""), sep=". ")
    return points


graded({told}, {nodes}, {letter!r}, {reasons})
### END HIDDEN TESTS"""


def assignment(sheet: Sheet) -> str:
    """What the assignment of a sheet is called, and its notebook."""
    return f"sheet-{sheet.code}"


def variable(blank: Blank) -> str:
    """The name in Python of what is asked for."""
    names = {"value": blank.name, "slope": f"slope_{blank.name}_{blank.under}", "gradient": f"grad_{blank.name}"}
    return names.get(blank.kind, f"new_{blank.name}")


def notebook(sheet: Sheet, words: Words) -> str:
    """The notebook, as JSON."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    content = {"cells": list(cells(sheet, words)), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def cells(sheet: Sheet, words: Words) -> Iterator[dict[str, Any]]:
    say = words.say
    head = f"# {say('title')} · {say('sheet', code=sheet.code)}\n\n{say('notebook.start')}\n\n{say('notebook.names')}"
    yield text("start", f"{head}\n\n{lines(sheet.graph)}")
    yield from picture("graph", picture_to_fill(sheet.graph), words)
    yield code("given", "\n".join(str(sheet.graph).splitlines()[: len(sheet.graph.leaves)]), locked=True)
    tasks = {
        "values": (sheet.values, say("values.task")),
        "slopes": (sheet.local_slopes, say("slopes.task")),
        "gradients": (sheet.gradients, say("gradients.task")),
        "update": (sheet.updates, say("update.task", rate=written(sheet.update.rate))),
    }
    for place, (kind, (blanks, task)) in enumerate(tasks.items(), 1):
        yield text(f"{kind}-task", f"## {place} · {say(f'{kind}.title')}\n\n{task}")
        yield code(kind, to_answer({variable(blank): written(blank.answer) for blank in blanks}), solution=True)
        key = keys(blanks)
        none, other = say("notebook.none"), say("notebook.other", given="{given!r}")
        yield checked(f"{kind}-check", GRADER.format(none=none, other=other, key=key), len(blanks), words)
    yield from bug_cells(sheet, words)


def bug_cells(sheet: Sheet, words: Words) -> Iterator[dict[str, Any]]:
    say, bug = words.say, sheet.bug
    choices = [("ABCDE"[i], choice) for i, choice in enumerate(bug.choices)]
    listed = "\n".join(f"- **{letter}** · {choice.text}" for letter, choice in choices)
    yield text("bug-task", f"## 5 · {say('bug.title')}\n\n{say('bug.task')}\n\n{lines(sheet.bug_graph)}")
    yield from picture("bug-graph", picture_told(sheet.bug_graph, bug.told), words)
    asked = f"{say('bug.which')} {say('bug.why')} {say('notebook.wrong')}"
    yield text("bug-question", f"{told_table(sheet, words)}\n\n{asked}\n\n{listed}")
    nodes = "{" + ", ".join(json.dumps(name) for name in sorted(bug.wrong)) + "}"
    yield code("bug", to_answer({"wrong": nodes, "reason": json.dumps(bug.letter)}), solution=True)
    told = {}
    for name, grad in bug.told.items():
        numbers = {"told": written(grad), "right": written(bug.right[name])}
        told[name] = say("isWrong" if name in bug.wrong else "isRight", name=name, **numbers)
    reasons = {letter: choice.why for letter, choice in choices if choice.cause != bug.cause}
    source = BUG_GRADER.format(
        none=say("notebook.none"),
        other=say("notebook.other", given='" + str(given) + "'),
        points=REASON_POINTS,
        told=literal(told),
        nodes=nodes,
        letter=bug.letter,
        reasons=literal(reasons),
    )
    yield checked("bug-check", source, 2 * REASON_POINTS, words)


def keys(blanks: Sequence[Blank]) -> str:
    """The answers and the wrong ones, by the names of the variables, as a dictionary of Python."""
    rows = []
    for blank in blanks:
        wrong = ", ".join(f"{written(each.number)}: {json.dumps(each.why, ensure_ascii=False)}" for each in blank.wrong)
        rows.append(f"    {variable(blank)!r}: ({written(blank.answer)}, {{{wrong}}}),")
    return "\n".join(["{", *rows, "}"])


def literal(texts: Mapping[str, str]) -> str:
    """A dictionary of Python, for which that of JSON will do."""
    return json.dumps(texts, ensure_ascii=False)


def lines(graph: Graph) -> str:
    return f"```python\n{graph}\n```"


def told_table(sheet: Sheet, words: Words) -> str:
    """What the program says, as a table of Markdown."""
    rows = [f"| dL/d{name} | {written(grad)} |" for name, grad in reversed([*sheet.bug.told.items()])]
    return "\n".join([f"| {words.say('gradient')} | {words.say('told')} |", "|---|---|", *rows])


def to_answer(answers: Mapping[str, str]) -> str:
    """A cell with a None for each answer, and the answers as nbgrader takes them out."""
    open_lines = [f"{name} = None" for name in answers]
    lines = [f"{name} = {answer}" for name, answer in answers.items()]
    return "\n".join([*open_lines, "### BEGIN SOLUTION", *lines, "### END SOLUTION"])


def checked(name: str, source: str, points: int, words: Words) -> dict[str, Any]:
    return code(name, f"# {words.say('notebook.check', points=points)}\n{source}", locked=True, points=points)


def code(name: str, source: str, solution: bool = False, locked: bool = False, points: int = 0) -> dict[str, Any]:
    cell = marked("code", name, source, solution, locked, points)
    return cell | {"execution_count": None, "outputs": []}


def text(name: str, source: str) -> dict[str, Any]:
    return marked("markdown", name, source, False, True)


def picture(name: str, svg: str | None, words: Words) -> Iterator[dict[str, Any]]:
    """A picture in a cell of its own, within the text, since JupyterLab shows no SVG that is attached."""
    if svg is not None:
        image = base64.b64encode(svg.encode()).decode()
        yield text(name, f"![{words.say('graph')}](data:image/svg+xml;base64,{image})")


def marked(kind: str, name: str, source: str, solution: bool, locked: bool, points: int = 0) -> dict[str, Any]:
    """A cell with the marks of nbgrader."""
    marks: dict[str, Any] = {"schema_version": 3, "grade_id": name, "cell_type": kind, "task": False}
    marks |= {"grade": points > 0, "solution": solution, "locked": locked, **({"points": points} if points else {})}
    return {"cell_type": kind, "id": name, "metadata": {"nbgrader": marks}, "source": source.splitlines(keepends=True)}
