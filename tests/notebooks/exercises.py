"""The exercises of a notebook: right answers must pass, wrong ones must be stopped."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.notebooks.running import run

if TYPE_CHECKING:
    from nbformat import NotebookNode

Answer = tuple[str, str, str, list[str]]
"""The id of an exercise, what the student replaces, a right answer and wrong ones."""

STOPPED = """\
try:
{}
except AssertionError:
    pass
else:
    raise RuntimeError("a wrong answer passed")
"""


def run_with_answers(notebook: NotebookNode, answers: Sequence[Answer]) -> NotebookNode:
    """A copy of the notebook with the outputs of a run, after whose last cell every exercise was run again with each
    of the answers.

    Raises:
        nbclient.exceptions.CellExecutionError: if a right answer is stopped, or if a wrong one passes.
    """
    from nbformat import from_dict
    from nbformat.v4 import new_code_cell

    tried = from_dict(notebook)
    sources = {cell.id: cell.source for cell in notebook.cells}
    for exercise, question, right, wrong in answers:
        assert sources[exercise].count(question) == 1
        tried.cells.append(new_code_cell(sources[exercise].replace(question, right)))
        tried.cells.extend(
            new_code_cell(STOPPED.format(indented(sources[exercise].replace(question, answer)))) for answer in wrong
        )
    with tempfile.TemporaryDirectory() as folder:
        executed = run(tried, Path(folder))
    executed.cells = executed.cells[: len(notebook.cells)]
    return executed


def indented(source: str) -> str:
    return "\n".join(f"    {line}" for line in source.splitlines())
