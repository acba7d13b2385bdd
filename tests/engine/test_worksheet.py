"""Worksheets: the same for the same seed, their keys right, no two alike; on paper, in a notebook, and for Moodle."""

from __future__ import annotations

import ast
import base64
import html
import re
from collections import Counter
from xml.etree import ElementTree

import nbformat
import pytest

import engine.pictures.diagram
import engine.worksheet
from engine import Worksheet
from engine.museum.words import CAUSES
from engine.worksheet.exercises import gradient_blanks
from engine.worksheet.graphs import Graph, Operation, written
from engine.worksheet.pictures import picture_to_fill
from engine.worksheet.words import TEXTS, Words
from nn.commands import main
from tests.engine.helpers import ROOT, python
from tests.engine.worksheets import check_worksheet, digest, fields

SEEDS = range(0, 1000, 40)
SEED_7 = "7b54b8359b7cf8a0daf5482b2446940d00ca56cc012576be84eb81ee85c5ff42"


@pytest.fixture(scope="module")
def worksheet():
    return Worksheet(seed=7, students=4)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_key_is_right_and_no_two_are_alike(seed):
    check_worksheet(Worksheet(seed, 3))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1010))
def test_a_class_of_thirty(seed):
    check_worksheet(Worksheet(seed, 30))


def test_the_same_seed_gives_the_same_bytes(tmp_path, worksheet):
    """In other processes, whatever their hashes are."""
    files = worksheet.write(tmp_path / "here")
    for seed in "01":
        folder = tmp_path / seed
        python(f"from engine import Worksheet; Worksheet(7, 4).write({str(folder)!r})", PYTHONHASHSEED=seed)
        for file in files:
            assert (folder / file.relative_to(tmp_path / "here")).read_bytes() == file.read_bytes()


def test_the_same_seed_gives_the_same_sheets_on_every_machine(worksheet):
    """What they were when this was written. Other lots need other seeds: whoever has printed a sheet has its key."""
    assert digest(worksheet) == SEED_7


def test_who_comes_later_changes_nobodys_sheet(worksheet):
    early, late = Worksheet(7, 2).sheets, worksheet.sheets
    assert [str(sheet.graph) for sheet in early] == [str(sheet.graph) for sheet in late[:2]]
    assert [sheet.bug for sheet in early] == [sheet.bug for sheet in late[:2]]


def test_another_language_says_the_same(worksheet):
    assert digest(Worksheet(7, 4, "id")) == digest(worksheet)
    other = Worksheet(7, 4, "id").sheets[0].gradients[-1].wrong
    assert all(a.why != b.why for a, b in zip(other, worksheet.sheets[0].gradients[-1].wrong, strict=True))


def test_wrong_answers_are_named_for_what_they_are():
    """L = p · s, s = p + a, p = a · b, at a = 2, b = 3: the museum's first graph, and what is told there."""
    lines = (("p", "mul", ("a", "b")), ("s", "add", ("p", "a")), ("L", "mul", ("p", "s")))
    graph = Graph((("a", 2.0), ("b", 3.0)), tuple(Operation(*line) for line in lines))
    blanks = {blank.name: blank for blank in gradient_blanks(graph, Words("en"))}
    assert {name: blank.answer for name, blank in blanks.items()} == {"s": 6, "p": 14, "a": 48, "b": 28}
    said = {wrong.number: wrong.why for wrong in blanks["p"].wrong}
    assert "by p → L alone" in said[8] and "by p → s → L alone" in said[6]
    assert CAUSES["en"]["replaced"] in said[6] or "forgot +=" in said[6]
    said = {wrong.number: wrong.why for wrong in blanks["b"].wrong}
    assert CAUSES["en"]["replaced"] in said[12]  # the museum's overwriting engine: p has 6, and b gets 12
    assert said[2] == "That is the local slope alone: you forgot the upstream gradient."
    assert said[14] == "That is the upstream gradient alone: you forgot the local slope."
    assert blanks["b"].text == "∂L/∂p · ∂p/∂b + ∂L/∂s · ∂s/∂p · ∂p/∂b = 8 · 2 + 6 · 1 · 2 = 16 + 12"


def test_all_bugs_are_met():
    causes = Counter(sheet.bug.cause for sheet in Worksheet(0, 60).sheets)
    assert causes.keys() == {"replaced", "again", "early", "slope", "left over"}
    assert min(causes.values()) > 2


@pytest.mark.parametrize("lang", TEXTS)
def test_every_text_is_in_every_language_and_used(lang):
    assert TEXTS[lang].keys() == TEXTS["en"].keys()
    source = "".join(file.read_text() for file in (ROOT / "engine" / "worksheet").glob("*.py")).replace("'", '"')
    for key, text in TEXTS[lang].items():
        holes = r"(?<!\{)\{(\w+)\}"
        assert Counter(re.findall(holes, text)) == Counter(re.findall(holes, TEXTS["en"][key])), key
        assert f'"{key}"' in source or re.sub(r".*\.", "{kind}.", key) in source, key


# on paper


def test_the_sheets_hold_what_is_asked_and_no_answer(tmp_path, worksheet):
    sheets, key = (file.read_text(encoding="utf-8") for file in worksheet.to_html(tmp_path))
    for page in (sheets, key):
        assert "<script" not in page and "http" not in page.replace("http://www.w3.org", "").replace("http-equiv", "")
        assert not re.search(r' id="v\d', page)
    articles = sheets.split("<article")[1:]
    assert len(articles) == worksheet.students
    for sheet, article in zip(worksheet.sheets, articles, strict=True):
        assert article.count(f"sheet {sheet.code}") == 2  # on both pages
        first, second = article.split("<section class='page'>")[1:]
        assert first.count("<i></i>") == len(sheet.local_slopes + sheet.gradients + sheet.updates) + 1  # and the name
        assert first.count("class='blank'") == len(sheet.values)
        shown = re.findall(r"data value='([^']+)'", first)
        assert shown == [written(x) for _, x in sheet.graph.leaves]
        drawn = re.findall(r">data\s*([^<\s]*)<", first)
        assert sorted(filter(None, drawn)) == sorted(written(x).replace("-", "−") for _, x in sheet.graph.leaves)
        assert not re.search(r">grad\s*[^<\s]", first)
        assert re.findall(r"data value='([^']+)'", second)[3:] == [
            written(x) for x in reversed([*sheet.bug.told.values()])
        ]
    solved = key.split("<section")[1:]
    for sheet, section in zip(worksheet.sheets, solved, strict=True):
        numbers = re.findall(r"<b><data value='([^']+)'", section)
        assert numbers[: len(sheet.blanks)] == [written(blank.answer) for blank in sheet.blanks]
        assert f"<b>{sheet.bug.letter}</b>" in section


def test_where_nothing_can_be_drawn_the_sheet_says_so(monkeypatch, worksheet, tmp_path):
    monkeypatch.setattr(engine.pictures.diagram, "layout_engines", list)
    picture_to_fill.cache_clear()
    try:
        sheets, _ = worksheet.to_html(tmp_path)
        text = sheets.read_text(encoding="utf-8")
        assert text.count("There is no picture here") == 2 * worksheet.students and "<svg" not in text
        worksheet.to_moodle(tmp_path)
        assert all("data:image" not in cell.source for cell in cells_of(worksheet.to_notebook(tmp_path)[0]))
        assert b"graph.svg" not in (tmp_path / "moodle.xml").read_bytes()
    finally:
        picture_to_fill.cache_clear()


# in a notebook


def cells_of(file):
    content = nbformat.read(file, as_version=4)
    nbformat.validate(content)
    return content.cells


@pytest.mark.parametrize("lang", TEXTS)
def test_a_notebook_has_the_marks_of_nbgrader(tmp_path, lang):
    files = Worksheet(7, 2, lang).to_notebook(tmp_path)
    assert [file.relative_to(tmp_path).as_posix() for file in files] == [
        f"source/sheet-7-0{i}/sheet-7-0{i}.ipynb" for i in (1, 2)
    ]
    cells = cells_of(files[0])
    pictures = [cell.source for cell in cells if cell.id in ("graph", "bug-graph")]
    for source in pictures:  # not attached: JupyterLab shows no SVG that is
        svg = base64.b64decode(re.fullmatch(r"!\[.+\]\(data:image/svg\+xml;base64,(.+)\)", source)[1])
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert len(pictures) == 2
    marks = [cell.metadata.nbgrader for cell in cells]
    assert len({mark.grade_id for mark in marks}) == len(cells)
    assert {mark.schema_version for mark in marks} == {3}
    for cell, mark in zip(cells, marks, strict=True):
        assert mark.cell_type == cell.cell_type and mark.grade_id == cell.id and not mark.task
        assert mark.locked is not mark.solution
        assert mark.grade is ("points" in mark) is ("BEGIN HIDDEN TESTS" in cell.source)
        assert mark.solution is ("BEGIN SOLUTION" in cell.source)
    assert [mark.grade_id for mark in marks if mark.grade] == [
        "values-check", "slopes-check", "gradients-check", "update-check", "bug-check",
    ]  # fmt: skip


def graded(cells, answers):
    """The points that the checks of a notebook give, and what they print, for the sources of the answer cells."""
    names: dict = {}
    points = {}
    for cell in cells:
        if cell.cell_type == "code":
            *before, last = (
                ast.parse(answers(cell)).body if cell.metadata.nbgrader.solution else ast.parse(cell.source).body
            )
            exec(compile(ast.Module([*before], []), "cell", "exec"), names)
            if cell.metadata.nbgrader.grade:
                points[cell.id] = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            else:
                exec(compile(ast.Module([last], []), "cell", "exec"), names)
    return points


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_a_notebook_gives_its_own_solution_all_points_and_a_blank_one_none(tmp_path, seed, capsys):
    (file,) = Worksheet(seed).to_notebook(tmp_path)
    cells = cells_of(file)
    most = {cell.id: cell.metadata.nbgrader.points for cell in cells if cell.metadata.nbgrader.grade}
    assert graded(cells, lambda cell: cell.source) == most
    assert capsys.readouterr().out == ""
    blank = graded(cells, lambda cell: cell.source.partition("### BEGIN")[0])
    assert set(blank.values()) == {0}
    assert capsys.readouterr().out.count("no answer yet") == sum(most.values()) - 2


def test_a_notebook_says_why_an_answer_is_wrong(tmp_path, capsys, worksheet):
    sheet = worksheet.sheets[0]
    cells = cells_of(worksheet.to_notebook(tmp_path)[0])
    blank = sheet.gradients[-1]
    for wrong in blank.wrong:
        points = graded(cells, lambda cell, wrong=wrong: f"{cell.source}\ngrad_{blank.name} = {wrong.number}")
        assert points["gradients-check"] == len(sheet.gradients) - 1
        assert capsys.readouterr().out == f"grad_{blank.name}: {wrong.number} is not it. {wrong.why}\n"
    for letter, choice in zip("ABCDE", sheet.bug.choices, strict=True):
        points = graded(cells, lambda cell, letter=letter: f"{cell.source}\nreason = {letter.lower()!r}")
        assert points["bug-check"] == (4 if letter == sheet.bug.letter else 2)
        assert (choice.why in capsys.readouterr().out) is (letter != sheet.bug.letter)


# for Moodle

SHARES = {
    100,
    90,
    83.33333,
    80,
    75,
    70,
    66.66667,
    60,
    50,
    40,
    33.33333,
    30,
    25,
    20,
    16.66667,
    14.28571,
    12.5,
    11.11111,
    10,
    5,
    0,
}
"""The shares of a mark that Moodle knows; an import with another one is refused."""


@pytest.mark.parametrize("lang", TEXTS)
def test_the_questions_are_as_moodle_reads_them(tmp_path, lang):
    worksheet = Worksheet(7, 3, lang)
    (file,) = worksheet.to_moodle(tmp_path)
    assert file.read_text(encoding="utf-8").startswith("<?xml")
    quiz = ElementTree.parse(file).getroot()
    kinds = [question.get("type") for question in quiz]
    n = worksheet.students
    cloze = ["category", *["cloze"] * n]
    assert kinds == [*cloze * 3, "category", *["numerical"] * n, "category", *["multichoice"] * 2 * n]
    asked = [question for question in quiz if question.get("type") != "category"]
    assert len({question.findtext("idnumber") for question in asked}) == len(asked)
    for question in asked:
        assert question.findtext("name/text") and question.findtext("generalfeedback/text")
        text = question.find("questiontext")
        assert text.get("format") == "html" and 'src="@@PLUGINFILE@@/graph.svg"' in text.findtext("text")
        svg = base64.b64decode(text.find("file").text)
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
        shares = [float(answer.get("fraction")) for answer in question.findall("answer")]
        assert {abs(share) for share in shares} <= SHARES
        assert all(answer.findtext("feedback/text") for answer in question.findall("answer"))
        if question.get("type") == "multichoice":
            single = question.findtext("single") == "true"
            assert (shares.count(100) == 1) if single else abs(sum(s for s in shares if s > 0) - 100) < 0.001
    places = [question.findtext("category/text") for question in quiz if question.get("type") == "category"]
    assert all(re.fullmatch(r"\$course\$/top/[^/]+ 7/\d · [^/]+", place) for place in places)


def test_the_answers_in_moodle_are_those_of_the_key(tmp_path, worksheet):
    quiz = ElementTree.parse(worksheet.to_moodle(tmp_path)[0]).getroot()
    found = {question.findtext("idnumber"): question for question in quiz}
    for sheet in worksheet.sheets:
        for kind, blanks in {
            "values": sheet.values,
            "slopes": sheet.local_slopes,
            "gradients": sheet.gradients,
        }.items():
            text = found[f"rantai-{sheet.code}-{kind}"].findtext("questiontext/text")
            for blank, answers in zip(blanks, fields(text), strict=True):
                assert answers[0][:2] == (100, blank.answer)
                assert [(number, said) for _, number, said in answers[1:]] == [tuple(wrong) for wrong in blank.wrong]
                assert {share for share, _, _ in answers[1:]} <= {0}
        update = found[f"rantai-{sheet.code}-update"]
        keys = {blank.answer for blank in sheet.updates}
        (right,) = [answer for answer in update.findall("answer") if answer.get("fraction") == "100"]
        assert float(right.findtext("text")) in keys and float(right.findtext("tolerance")) < 0.005
        reasons = found[f"rantai-{sheet.code}-bug-reason"].findall("answer")
        assert [answer.get("fraction") == "100" for answer in reasons].index(True) == "ABCDE".index(sheet.bug.letter)
        nodes = found[f"rantai-{sheet.code}-bug-nodes"].findall("answer")
        wrong = {html.unescape(a.findtext("text")) for a in nodes if float(a.get("fraction")) > 0}
        assert wrong == {f"dL/d{name} = {written(sheet.bug.told[name])}" for name in sheet.bug.wrong}


# files and the command


def test_nothing_is_written_over(tmp_path, worksheet):
    """The same is written again; what is something else stays, and then nothing is written at all."""
    first = worksheet.write(tmp_path)
    assert worksheet.write(tmp_path) == first
    first[-1].write_text("mine")
    first[0].unlink()
    with pytest.raises(FileExistsError, match=r"moodle\.xml is there already and is something else"):
        worksheet.write(tmp_path)
    assert not first[0].exists() and first[-1].read_text() == "mine"
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((7, 0), ValueError, "students is a number from 1 to 1,000, got 0"),
        ((7, 1001), ValueError, "from 1 to 1,000"),
        ((7.0, 1), TypeError, "seed is a whole number"),
        ((7, True), TypeError, "students is a whole number"),
        ((7, 1, "fr"), ValueError, "lang is one of 'en', 'id', got 'fr'"),
    ],
)
def test_what_is_wrong_is_said(arguments, error, words):
    with pytest.raises(error, match=re.escape(words)):
        Worksheet(*arguments)


def test_another_format_is_refused(worksheet, tmp_path):
    with pytest.raises(ValueError, match="a format is one of 'html', 'notebook', 'moodle', got str 'pdf'"):
        worksheet.write(tmp_path, ["pdf"])


def test_the_command_writes_what_python_does(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main("worksheet --seed 7 --students 3 --lang id --out here".split()) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition("written to ")[2].replace("\\", "/") for line in said] == [
        "here/sheets.html", "here/key.html", "here/source/sheet-7-01/sheet-7-01.ipynb and 2 more like it",
        "here/moodle.xml",
    ]  # fmt: skip
    for file in Worksheet(7, 3, "id").write("there"):
        assert (tmp_path / "here" / file.relative_to("there")).read_bytes() == file.read_bytes()
    assert main("worksheet --seed 8 --format moodle".split()) == 0
    assert [str(file) for file in (tmp_path / "runs").rglob("*.*")] == [str(tmp_path / "runs/worksheet-8/moodle.xml")]
    assert main("worksheet --seed 7 --students 0".split()) == 2
    assert "rantai worksheet: error: students is a number" in capsys.readouterr().err
    assert main("worksheet --seed 9 --out here".split()) == 2
    assert "is there already" in capsys.readouterr().err
