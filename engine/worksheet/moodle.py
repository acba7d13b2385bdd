"""All sheets as questions for Moodle, in its own XML: one category for each exercise, with as many versions of a
question as there are sheets, so that a quiz can draw one for each student.

Values, slopes and gradients are cloze questions, one field for each number; the update is a numerical question, the bug
a multiple choice with one answer for the reason and one with several for the nodes. Wrong answers that tempt are among
the answers, each with its feedback.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from engine.worksheet.exercises import Blank
from engine.worksheet.graphs import Graph, written
from engine.worksheet.pictures import picture_to_fill, picture_told
from engine.worksheet.sheets import Sheet
from engine.worksheet.words import Words

__all__ = ["TOLERANCE", "moodle"]

TOLERANCE = "0.001"
KINDS = ("values", "slopes", "gradients", "update", "bug")


def moodle(sheets: Sequence[Sheet], words: Words, seed: int) -> str:
    """The file, as text."""
    quiz = Element("quiz")
    for place, kind in enumerate(KINDS, 1):
        category = SubElement(quiz, "question", type="category")
        path = f"$course$/top/{words.say('title')} {seed}/{place} · {words.say(f'{kind}.title')}"
        SubElement(SubElement(category, "category"), "text").text = path
        for sheet in sheets:
            quiz.extend(questions(sheet, place, kind, words))
    ElementTree.indent(quiz, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(quiz, encoding="unicode") + "\n"


def questions(sheet: Sheet, place: int, kind: str, words: Words) -> Iterator[Element]:
    """What one exercise of a sheet asks."""
    say = words.say
    name = f"{sheet.code} · {place} {say(f'{kind}.title')}"
    if kind == "bug":
        yield reason(sheet, f"{name} (b)", words)
        yield nodes(sheet, f"{name} (a)", words)
        return
    if kind == "update":
        yield numerical(sheet, name, words)
        return
    blanks = {"values": sheet.values, "slopes": sheet.local_slopes, "gradients": sheet.gradients}[kind]
    # what was asked before is given
    known = sheet.values * (kind != "values") + sheet.local_slopes * (kind == "gradients")
    fields = [f"{blank.label} = {field(blank, words)}" for blank in blanks]
    text = [say(f"{kind}.task"), *graph_text(sheet.graph, words), given(known), *fields]
    question = Element("question", type="cloze")
    head(question, name, paragraphs(text), sheet.graph, picture_to_fill(sheet.graph), words)
    tail(question, paragraphs(map(solution, blanks)), f"rantai-{sheet.code}-{kind}", None)
    yield question


def numerical(sheet: Sheet, name: str, words: Words) -> Element:
    """The leaf to which most mistakes lead somewhere else."""
    blank = max(sheet.updates, key=lambda blank: len(blank.wrong))
    grads = [each for each in sheet.gradients if each.name == blank.name]
    task = words.say("update.task", rate=written(sheet.update.rate))
    text = [task, *graph_text(sheet.graph, words), given(sheet.values + sheet.local_slopes), f"{blank.label} ← ?"]
    question = Element("question", type="numerical")
    head(question, name, paragraphs(text), sheet.graph, picture_to_fill(sheet.graph), words)
    tail(question, paragraphs(map(solution, [*grads, blank])), f"rantai-{sheet.code}-update", "1")
    answer(question, "100", written(blank.answer), words.say("right"), TOLERANCE)
    for wrong in blank.wrong:
        answer(question, "0", written(wrong.number), wrong.why, TOLERANCE)
    return question


def reason(sheet: Sheet, name: str, words: Words) -> Element:
    """Why the program is wrong."""
    question = bug_question(sheet, name, [words.say("bug.why")], "reason", "true", words)
    for choice in sheet.bug.choices:
        answer(question, "100" if choice.cause == sheet.bug.cause else "0", choice.text, choice.why)
    return question


def nodes(sheet: Sheet, name: str, words: Words) -> Element:
    """Which gradients are wrong: each that is has its share, and each that is not takes one away."""
    bug = sheet.bug
    text = [words.say("bug.which"), words.say("moodle.multi")]
    question = bug_question(sheet, name, text, "nodes", "false", words)
    wrong = len(bug.wrong)
    for node, grad in reversed([*bug.told.items()]):
        right = node not in bug.wrong
        share = share_of(len(bug.told) - wrong if right else wrong)
        numbers = {"told": written(grad), "right": written(bug.right[node])}
        why = words.say("isRight" if right else "isWrong", name=node, **numbers)
        answer(question, f"-{share}" if right else share, f"dL/d{node} = {written(grad)}", why)
    return question


def bug_question(sheet: Sheet, name: str, asked: Sequence[str], key: str, single: str, words: Words) -> Element:
    question = Element("question", type="multichoice")
    text = paragraphs([words.say("bug.task"), *graph_text(sheet.bug_graph, words), *asked])
    head(question, name, text, sheet.bug_graph, picture_told(sheet.bug_graph, sheet.bug.told), words)
    tail(question, paragraphs([words.bug(sheet.bug.cause)]), f"rantai-{sheet.code}-bug-{key}", "1")
    for tag, content in {"single": single, "shuffleanswers": "false", "answernumbering": "ABCD"}.items():
        SubElement(question, tag).text = content
    return question


def share_of(count: int) -> str:
    """That part of 100 %, as Moodle writes it, which knows but a list of such shares."""
    return f"{100 / count:.5f}".rstrip("0").rstrip(".")


def head(question: Element, name: str, text: str, graph: Graph, svg: str | None, words: Words) -> None:
    """What every question begins with: name, text and picture."""
    SubElement(SubElement(question, "name"), "text").text = name
    asked = SubElement(question, "questiontext", format="html")
    alt = html.escape(words.say("graph"))
    image = f'<p><img src="@@PLUGINFILE@@/graph.svg" alt="{alt}"></p>' if svg else ""
    SubElement(asked, "text").text = image + text
    if svg:
        file = SubElement(asked, "file", name="graph.svg", path="/", encoding="base64")
        file.text = base64.b64encode(svg.encode()).decode()


def tail(question: Element, solved: str, identity: str, grade: str | None) -> None:
    """What every question ends with; a cloze question counts its fields itself."""
    SubElement(SubElement(question, "generalfeedback", format="html"), "text").text = solved
    if grade is not None:
        SubElement(question, "defaultgrade").text = grade
    SubElement(question, "penalty").text = "0.3333333"
    SubElement(question, "hidden").text = "0"
    SubElement(question, "idnumber").text = identity


def answer(question: Element, fraction: str, text: str, why: str, tolerance: str | None = None) -> None:
    format = "html" if tolerance is None else "moodle_auto_format"
    found = SubElement(question, "answer", fraction=fraction, format=format)
    SubElement(found, "text").text = html.escape(text, quote=False) if tolerance is None else text
    SubElement(SubElement(found, "feedback", format="html"), "text").text = html.escape(why, quote=False)
    if tolerance is not None:
        SubElement(found, "tolerance").text = tolerance


def field(blank: Blank, words: Words) -> str:
    """A number as a field of a cloze question: the right one, then the wrong ones, each with what is said of it."""
    answers = [f"={written(blank.answer)}:{TOLERANCE}#{escaped(words.say('right'))}"]
    answers += [f"%0%{written(wrong.number)}:{TOLERANCE}#{escaped(wrong.why)}" for wrong in blank.wrong]
    return f"{{1:NUMERICAL:{'~'.join(answers)}}}"


def escaped(text: str) -> str:
    """Text within a field, which two characters would end."""
    return re.sub("([~}])", r"\\\1", text)


def graph_text(graph: Graph, words: Words) -> list[str]:
    """The graph as it is written down: the numbers of the leaves, then the lines."""
    lines = str(graph).splitlines()
    count = len(graph.leaves)
    return [f"{words.say('given')} {', '.join(lines[:count])}", *lines[count:]]


def given(blanks: Iterable[Blank]) -> str:
    return ", ".join(f"{blank.label} = {written(blank.answer)}" for blank in blanks)


def solution(blank: Blank) -> str:
    steps = f"{blank.text} = " if blank.text else ""
    return f"{blank.label} {blank.sign} {steps}{written(blank.answer)}"


def paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines if line)
