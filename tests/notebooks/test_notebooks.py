"""Every notebook runs, what is stored in it is what a run gives now, and it carries nothing of the machine it was
stored on."""

from __future__ import annotations

import ast
import base64
import math
import re
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.notebooks.answers import answers
from tests.notebooks.exercises import run_with_answers
from tests.notebooks.running import METADATA, NOTEBOOKS, ROOT, read

MOST_WITHOUT_ASSERT = 2
MARK = "✓\n"
MOST_BYTES = 500_000
SVG = "image/svg+xml"
SVG_NAMESPACE = "http://www.w3.org/2000/svg"
PNG = b"\x89PNG\r\n\x1a\n"
TEXTS = ("text/plain", "text/html", "text/latex", "text/markdown")
NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+(?!,?\d)(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")  # 2,059 is one
OF_A_MACHINE = re.compile(
    r"/(?:home|Users|usr|opt|mnt|var)/\w|\b[A-Z]:\\{1,2}\w|\bat 0x[0-9a-fA-F]+|/site-packages/|ipykernel_\d"
)


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.name)
def path(request):
    return request.param


@pytest.fixture(scope="module")
def stored(path):
    return read(path)


@pytest.fixture(scope="module")
def executed(path, stored):
    return run_with_answers(stored, answers(path.stem))


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(lines: Any) -> str:
    return "".join(lines) if isinstance(lines, list) else lines


def shown(cell):
    """What a cell shows: for each output its kind, and its content by MIME type."""
    return [
        (output.output_type, {output.name: output.text} if "name" in output else dict(output.get("data", {})))
        for output in cell.outputs
    ]


def same(before: str, now: str, measured: bool = False) -> bool:
    """Whether two texts say the same: numbers up to the rounding of another processor, words exactly, spaces and rulers
    anyhow.

    Args:
        before, now: the texts.
        measured: the numbers are times, or what rounding leaves, and may be others in every run.
    """
    (words, numbers), (words_now, numbers_now) = parts(before), parts(now)
    if measured:
        return words == words_now and len(numbers) == len(numbers_now)
    pairs = zip(numbers, numbers_now, strict=False)
    return (
        words == words_now
        and len(numbers) == len(numbers_now)
        and all(math.isclose(x, y, rel_tol=1e-7, abs_tol=1e-7) for x, y in pairs)
    )


def parts(text: str) -> tuple[list[str], list[float]]:
    """The words of a text, with # for each number, and the numbers; embedded pictures left out, and the drawing
    within a stepper's page."""
    text = re.sub(r"data:image/[^\"']+", "", text)
    text = re.sub(r"&quot;drawing&quot;: &quot;.*?(?<!\\)&quot;", "", text)
    numbers = [float(number.replace(",", "")) for number in NUMBER.findall(text)]
    return re.sub(r"-{2,}", " ", NUMBER.sub("#", text)).split(), numbers


@pytest.mark.parametrize(
    "before, now, answer",
    [
        ("grad -1.024", "grad -1.0240000000000002", True),
        ("grad -1.024", "grad -1.025", False),
        ("grad 1", "grad -1", False),
        ("x  0.5\n-------", "x    0.5\n---", True),
        ("difference 1.2e-11 ok", "difference 3.4e-12 ok", True),
        ("difference 1.2e-1 ok", "difference 3.4e-2 ok", False),
        ("1 ok", "1 wrong", False),
        ("1 2", "1", False),
        ("1,234.5 of 2,000,000", "1,234.5000000001 of 2,000,000", True),
        ("1,234", "1,235", False),
        ("[1,234,5]", "[1,234,6]", False),
    ],
)
def test_texts_are_compared_as_numbers_and_words(before, now, answer):
    assert same(before, now) is answer


def test_measured_numbers_may_be_others_but_words_may_not():
    assert same("took 3.1 ms", "took 2.9 ms", measured=True)
    assert same("kernel  0.027 ms  7,809 × as fast", "kernel 0.3 ms 855 × as fast", measured=True)
    assert same("kernel  0.027 ms  1,207,809 × as fast", "kernel 2e-05 ms 0.9 × as fast", measured=True)
    assert same("1,059, and 3", "855, and 4", measured=True)
    assert not same("took 3.1 ms", "took 2.9 s", measured=True)
    assert not same("took 3.1 ms", "took 2.9 ms 1", measured=True)


def test_there_are_notebooks():
    assert "01-the-chain-rule.ipynb" in [path.name for path in NOTEBOOKS]


def test_it_runs_through_takes_right_answers_and_stops_wrong_ones(executed):
    assert [cell.execution_count for cell in code_cells(executed)] == list(range(1, len(code_cells(executed)) + 1))


def test_no_cell_warns_or_fails(executed):
    said = [(cell.id, output) for cell in code_cells(executed) for output in cell.outputs]
    assert not [
        (cell, output) for cell, output in said if output.output_type == "error" or output.get("name") == "stderr"
    ]


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def test_every_code_cell_asserts_something_or_has_its_claims_folded_away_beneath(stored):
    cells = code_cells(stored)
    claims = tagged(stored, "claims")
    silent = [
        cell
        for cell, following in zip(cells, [*cells[1:], None], strict=True)
        if not asserts(cell) and (following is None or following not in claims)
    ]
    assert not [cell.id for cell in silent if "no-assert" not in cell.metadata.get("tags", [])]
    assert len(silent) <= MOST_WITHOUT_ASSERT
    for cell in claims:
        assert asserts(cell) and cell.metadata["jupyter"]["source_hidden"], cell.id
        assert [output.text for output in cell.outputs] == [MARK], cell.id


def asserts(cell):
    from IPython.core.inputtransformer2 import TransformerManager

    source = TransformerManager().transform_cell(cell.source)
    return any(
        isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant) for node in ast.walk(ast.parse(source))
    )


def test_every_exercise_is_tried_and_has_a_hidden_solution(path, stored):
    asked = [cell.id for cell in tagged(stored, "exercise")]
    assert asked == list(dict.fromkeys(answer[0] for answer in answers(path.stem)))
    hidden = tagged(stored, "solution")
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in hidden)
    solutions = [cell.source.partition("\n")[0] for cell in hidden if cell.id.startswith("solution-")]
    exercises = [name for name in asked if name.startswith("exercise-")]
    assert solutions == [f"# Solution of exercise {i}" for i in range(1, len(exercises) + 1)]
    assert len(exercises) >= 2


def test_plots_are_of_one_style(stored):
    sources = [cell.source for cell in code_cells(stored)]
    drawing = [source for source in sources if "import matplotlib.pyplot as plt" in source]
    assert all('plt.style.use("nn.plots")' in source for source in drawing)


def test_the_stored_outputs_are_what_a_run_gives(stored, executed):
    """If this fails after a change that was meant, `python -m tests.notebooks` stores them anew."""
    for before, now in zip(code_cells(stored), code_cells(executed), strict=True):
        assert before.execution_count == now.execution_count
        measured = "measured" in before.metadata.get("tags", [])
        for (kind, old), (kind_now, new) in zip(shown(before), shown(now), strict=True):
            assert (kind, set(old)) == (kind_now, set(new)), before.id
            for mime in (*TEXTS, "stdout"):
                assert same(text(old.get(mime, "")), text(new.get(mime, "")), measured), (
                    f"{before.id}: {old[mime]}\nis now\n{new[mime]}"
                )


def test_pictures_are_pictures(stored, executed):
    contents = [
        content for notebook in (stored, executed) for cell in code_cells(notebook) for _, content in shown(cell)
    ]
    drawings = [content[SVG] for content in contents if SVG in content]
    plots = [content["image/png"] for content in contents if "image/png" in content]
    assert drawings or plots
    assert all(written(drawing) for drawing in drawings)
    assert all(base64.b64decode(plot).startswith(PNG) for plot in plots)


def written(drawing: Any) -> list[str]:
    """The texts in an SVG, sorted. ParseError where it is no XML."""
    root = ElementTree.fromstring(text(drawing))
    assert root.tag == f"{{{SVG_NAMESPACE}}}svg"
    return sorted(element.text or "" for element in root.iter(f"{{{SVG_NAMESPACE}}}text"))


def test_pictures_say_what_pictures_drawn_now_say(stored, executed):
    """Whatever the layout engine and its fonts make of places and sizes, the words and numbers in the SVG are the
    same."""
    for before, now in zip(code_cells(stored), code_cells(executed), strict=True):
        for (_, old), (_, new) in zip(shown(before), shown(now), strict=True):
            if SVG in old:
                assert same("\n".join(written(old[SVG])), "\n".join(written(new[SVG]))), before.id


def test_nothing_of_the_machine_is_stored(path, stored):
    assert dict(stored.metadata) == METADATA
    assert {key for cell in stored.cells for key in cell.metadata} <= {"tags", "jupyter"}
    content = re.sub(r'"image/png": "[^"]*"', "", path.read_text(encoding="utf-8"))
    assert not OF_A_MACHINE.findall(content)
    places = [Path(place) for place in (ROOT, Path.home(), tempfile.gettempdir(), sys.prefix)]
    assert not [place for place in places if len(place.parts) > 1 and str(place) in content]
    assert path.stat().st_size < MOST_BYTES


def test_it_is_a_valid_notebook_whose_cells_have_speaking_ids(stored):
    import nbformat

    nbformat.validate(stored)
    ids = [cell.id for cell in stored.cells]
    assert len(set(ids)) == len(ids)
    assert not [name for name in ids if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]+)?", name)]


@pytest.mark.parametrize(
    "text", ["/home/ada/x.py", r"C:\\Users\\ada", "<Foo at 0x7f3c1d0>", "/Users/ada", "ipykernel_123/1.py"]
)
def test_what_gives_a_machine_away_is_recognised(text):
    assert OF_A_MACHINE.search(text)
