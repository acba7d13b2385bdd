"""Sheets to print on A4, two pages for each student, and the key on pages of its own."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from importlib.resources import files

from engine.formulas.notation import MATHML
from engine.formulas.terms import formula
from engine.pages.document import document
from engine.readers.explain import typeset
from engine.stepper.page import static
from engine.worksheet.exercises import Blank
from engine.worksheet.graphs import Graph, written
from engine.worksheet.pictures import picture_to_fill, picture_told
from engine.worksheet.sheets import Sheet
from engine.worksheet.words import Words

__all__ = ["bug_table", "equations", "key_page", "math", "sheets_page"]

LETTERS = "ABCDE"


def sheets_page(sheets: Sequence[Sheet], words: Words) -> str:
    """The sheets of all students, as HTML that is complete in itself."""
    return whole(words, words.say("title"), [student_pages(sheet, words) for sheet in sheets])


def key_page(sheets: Sequence[Sheet], words: Words) -> str:
    """The key to all sheets, as HTML that is complete in itself."""
    title = f"{words.say('key')} · {words.say('title')}"
    head = f"<h1>{html.escape(title)}</h1>"
    return whole(words, title, [head, *(key_of(sheet, words) for sheet in sheets)])


def whole(words: Words, title: str, parts: Iterable[str]) -> str:
    style = static("handout.css") + (files("engine.worksheet") / "worksheet.css").read_text(encoding="utf-8")
    body = "\n".join(parts)
    return document(words.lang, title, style, f'<main class="sheet">\n{body}\n</main>')


def student_pages(sheet: Sheet, words: Words) -> str:
    say = words.say
    code = html.escape(say("sheet", code=sheet.code))
    head = (
        f"<header><h1>{html.escape(say('title'))}</h1><span class='code'>{code}</span></header>"
        f"<p class='who'>{say('name')} <i></i> {say('date')} <i class='short'></i></p>"
    )
    first = [
        head,
        f"<p>{html.escape(say('given'))} {leaves(sheet.graph)}</p>",
        figure(picture_to_fill(sheet.graph), words),
        f"<h2>{title(1, 'values', words)}</h2><p>{say('values.task')}</p>",
        f"<h2>{title(2, 'slopes', words)}</h2><p>{say('slopes.task')}</p>",
        lines(sheet, words),
        f"<h2>{title(3, 'gradients', words)}</h2><p>{say('gradients.task')}</p>",
        blanks(sheet.gradients),
        f"<h2>{title(4, 'update', words)}</h2><p>{say('update.task', rate=written(sheet.update.rate))}</p>",
        blanks(sheet.updates),
    ]
    second = [
        f"<header><h2>{title(5, 'bug', words)}</h2><span class='code'>{code}</span></header>",
        f"<p>{say('bug.task')}</p><p>{html.escape(say('given'))} {leaves(sheet.bug_graph)}; "
        f"{equations(sheet.bug_graph)}</p>",
        figure(picture_told(sheet.bug_graph, sheet.bug.told), words),
        f"<h3>a) {say('bug.right')}</h3>",
        bug_table(sheet, words),
        f"<h3>b) {say('bug.why')}</h3>",
        "<ol type='A' class='choices'>"
        + "".join(f"<li>{html.escape(choice.text)}</li>" for choice in sheet.bug.choices)
        + "</ol>",
    ]
    pages = "\n".join(f"<section class='page'>\n{''.join(filter(None, page))}\n</section>" for page in (first, second))
    return f"<article data-sheet='{sheet.code}'>\n{pages}\n</article>"


def title(number: int, kind: str, words: Words) -> str:
    return f"{number} · {html.escape(words.say(f'{kind}.title'))}"


def math(markup: str) -> str:
    return f"<math>{typeset(markup)}</math>"


def number(x: float) -> str:
    return f"<data value='{written(x)}'>{written(x).replace('-', '−')}</data>"


def leaves(graph: Graph) -> str:
    return ", ".join(f"{math(f'{MATHML.name(name)}<mo>=</mo>')} {number(x)}" for name, x in graph.leaves)


def equations(graph: Graph) -> str:
    """The lines of a graph in one."""
    return ", ".join(math(equation) for equation in equation_list(graph))


def equation_list(graph: Graph) -> list[str]:
    nodes = graph.build()
    return [f"{MATHML.name(name)}<mo>=</mo>{MATHML.enclose(formula(nodes[name]), 0)}" for name in graph.names]


def figure(svg: str | None, words: Words) -> str:
    return f"<figure>{svg}</figure>" if svg else f"<p class='note'>{html.escape(words.say('noPicture'))}</p>"


def lines(sheet: Sheet, words: Words) -> str:
    """A row for each operation: its line, room for its value, and for its slopes."""
    rows = []
    for blank, equation in zip(sheet.values, equation_list(sheet.graph), strict=True):
        slopes = [slope for slope in sheet.local_slopes if slope.name == blank.name]
        rows.append(f"<tr><td>{math(equation)}</td><td class='blank'></td><td>{blanks(slopes)}</td></tr>")
    head = "".join(f"<th scope='col'>{html.escape(text)}</th>" for text in (
        words.say("line"), f"1 · {words.say('value')}", f"2 · {words.say('slopes')}"))  # fmt: skip
    return f"<table class='lines'><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def blanks(asked: Iterable[Blank]) -> str:
    """Room for numbers, each with what it is."""
    return f"<div class='leaves'>{''.join(f'<span>{named(blank)} <i></i></span>' for blank in asked)}</div>"


def named(blank: Blank) -> str:
    return math(f"{blank.label_markup}<mo>{blank.sign}</mo>")


def bug_table(sheet: Sheet, words: Words, solved: bool = False) -> str:
    """What a program says of the gradients, with room to mark and to correct it, or with the key."""
    bug = sheet.bug
    rows = []
    for name in reversed([*bug.told]):
        ratio = math(MATHML.ratio("d", "L", name))
        wrong = name in bug.wrong
        cells = ("✗" if wrong else "✓", number(bug.right[name]) if wrong else "") if solved else ("", "")
        mark, correct = (f"<td class='blank'>{cell}</td>" for cell in cells)
        rows.append(f"<tr><td>{ratio}</td><td class='number'>{number(bug.told[name])}</td>{mark}{correct}</tr>")
    keys = ("gradient", "told", "mark", "correct")
    head = "".join(f"<th scope='col'>{html.escape(words.say(key))}</th>" for key in keys)
    return f"<table class='bug'><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def key_of(sheet: Sheet, words: Words) -> str:
    """The key to one sheet."""
    bug, update = sheet.bug, sheet.update
    wrong = [
        f"{math(MATHML.ratio('d', 'L', name) + '<mo>=</mo>')} <b>{number(bug.right[name])}</b>, "
        f"<s>{number(bug.told[name])}</s>"
        for name in reversed(bug.wrong)
    ]
    falls = words.say("falls", before=written(update.before), after=written(update.after)).replace("-", "−")
    parts = {
        "values": (map(solution, sheet.values), ""),
        "slopes": (map(solution, sheet.local_slopes), ""),
        "gradients": (map(solution, sheet.gradients), ""),
        "update": (map(solution, sheet.updates), html.escape(falls)),
        "bug": (wrong, f"<b>{bug.letter}</b> · {html.escape(words.bug(bug.cause))}"),
    }
    body = "".join(
        f"<div class='part'><h3>{title(place, kind, words)}</h3><div class='leaves {kind}'>"
        f"{''.join(f'<span>{each}</span>' for each in items)}</div>{f'<p>{remark}</p>' if remark else ''}</div>"
        for place, (kind, (items, remark)) in enumerate(parts.items(), 1)
    )
    head = html.escape(words.say("keyOf", code=sheet.code))
    return f"<section class='solution' data-key='{sheet.code}'><h2>{head}</h2>{body}</section>"


def solution(blank: Blank) -> str:
    """A number with how one gets there, as several formulas, for a line is broken between them only."""
    steps = blank.markup.split(" <mo>=</mo>") if blank.markup else []
    formulas = [named(blank), *(math(step) for step in steps[:1]), *(math(f"<mo>=</mo>{step}") for step in steps[1:])]
    return f"{''.join(formulas)}{math('<mo>=</mo>') if steps else ''} <b>{number(blank.answer)}</b>"
