"""The notebook of a worksheet in the hands of nbgrader itself: released, handed in right, wrong and blank, graded."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import Worksheet
from tests.engine.helpers import ROOT

pytestmark = pytest.mark.slow

HOW_TO = "python3 -m venv build/grader && build/grader/bin/pip install -e '.[grader]'"
OWN = ROOT / "build" / "grader" / "bin" / "python"
"""nbgrader changes the JupyterLab that it is installed beside, so it has an environment of its own."""
POINTS = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        each.student.id: {grade.name: [grade.auto_score, grade.max_score] for notebook in each.notebooks
                          for grade in notebook.grades}
        for each in book.assignment_submissions("sheet-7-01")
    }))
"""


def python() -> str:
    """The Python that has nbgrader."""
    if importlib.util.find_spec("nbgrader"):
        return sys.executable
    if OWN.exists():
        return str(OWN)
    if os.environ.get("CI"):
        pytest.fail(f"nbgrader is missing: {HOW_TO}")
    pytest.skip(f"needs nbgrader, in an environment of its own: {HOW_TO}")


def run(folder: Path, *words: str) -> str:
    program = python()
    path = os.pathsep.join([str(Path(program).parent), os.environ["PATH"]])  # it calls alembic, which came with it
    done = subprocess.run(
        [program, *words], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def handed_in(course: Path, student: str, answer: Callable[[str, str], str]) -> None:
    """What a student hands in: the released notebook, each answer cell rewritten by name and source."""
    content = json.loads((course / "release" / "sheet-7-01" / "sheet-7-01.ipynb").read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if cell["metadata"]["nbgrader"]["solution"]:
            cell["source"] = answer(cell["id"], "".join(cell["source"]))
    file = course / "submitted" / student / "sheet-7-01" / "sheet-7-01.ipynb"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> tuple[Path, dict[str, Any]]:
    """A course in which three students handed in, and what they got."""
    folder = tmp_path_factory.mktemp("course")
    (source,) = Worksheet(seed=7).to_notebook(folder)
    run(folder, "-m", "nbgrader", "generate_assignment", "sheet-7-01")
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]}

    def right(name: str, released: str) -> str:
        return re.search(r"### BEGIN SOLUTION\n(.*)\n### END", cells[name], re.DOTALL)[1]

    def wrong(name: str, released: str) -> str:
        """Each number missed by a hundred, no node, and a letter that is none."""
        answers = re.sub(r"= (-?[\d.]+)$", r"= 100 + \1", right(name, released), flags=re.MULTILINE)
        return re.sub(r"wrong = .*", "wrong = set()", re.sub(r"reason = .*", 'reason = "Z"', answers))

    handed_in(folder, "right", right)
    handed_in(folder, "wrong", wrong)
    handed_in(folder, "blank", lambda name, released: released)
    handed_in(folder, "mad", lambda name, released: "p = q = 'seven'; wrong = 3; reason = [1]; raise SystemError")
    handed_in(folder, "half", lambda name, released: right(name, released) if name != "gradients" else "grad_s = 0")
    run(folder, "-m", "nbgrader", "autograde", "sheet-7-01")
    return folder, json.loads(run(folder, "-c", POINTS).splitlines()[-1])


def test_a_right_submission_gets_all_points(course):
    sheet = Worksheet(seed=7).sheets[0]
    most = {"values-check": 5, "slopes-check": len(sheet.local_slopes), "gradients-check": 7, "update-check": 3}
    assert course[1]["right"] == {name: [points, points] for name, points in (most | {"bug-check": 4}).items()}


@pytest.mark.parametrize("student", ["wrong", "blank", "mad"])
def test_a_wrong_and_a_blank_submission_get_none(course, student):
    assert len(course[1][student]) == 5
    assert {points for points, most in course[1][student].values()} == {0}


def test_what_is_right_counts(course):
    got = course[1]["half"]
    assert [name for name, (points, most) in got.items() if points != most] == ["gradients-check"]
    assert got["gradients-check"][0] == 0


def test_what_is_released_holds_no_answer(course):
    """Neither solutions nor what the tests know of right and wrong answers."""
    folder, _ = course
    released = (folder / "release" / "sheet-7-01" / "sheet-7-01.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in released and "HIDDEN" not in released and "graded(" not in released
    sheet = Worksheet(seed=7).sheets[0]
    assert not [wrong.why for blank in sheet.blanks for wrong in blank.wrong if wrong.why in released]


def test_who_is_wrong_is_told_why(course):
    """In the graded notebook, beneath the check."""
    folder, _ = course
    graded = (folder / "autograded" / "wrong" / "sheet-7-01" / "sheet-7-01.ipynb").read_text(encoding="utf-8")
    said = "".join(
        "".join(output["text"])
        for cell in json.loads(graded)["cells"]
        for output in cell.get("outputs", [])
        if "text" in output
    )
    assert said.count("is not it") >= 20 and "wrong: dL/d" in said
    blank = (folder / "autograded" / "blank" / "sheet-7-01" / "sheet-7-01.ipynb").read_text(encoding="utf-8")
    assert blank.count("no answer yet") >= 20
