"""The answers to every exercise of the course, a file for each notebook: right ones, which must pass, and wrong ones,
which must be stopped."""

from __future__ import annotations

from importlib import import_module

from tests.notebooks.exercises import Answer


def answers(notebook: str) -> list[Answer]:
    """Those to the notebook of that file name, such as "05-gradient-descent": from `gradient_descent.py`."""
    module = notebook.partition("-")[2].replace("-", "_")
    found: list[Answer] = import_module(f"{__name__}.{module}").ANSWERS
    return found
