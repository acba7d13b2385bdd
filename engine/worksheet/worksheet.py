"""`Worksheet(seed=7, students=30)`: the sheets of a class, and how they are written down."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.advice import shown
from engine.worksheet.files import write_all
from engine.worksheet.lots import Lots
from engine.worksheet.moodle import moodle
from engine.worksheet.notebooks import assignment, notebook
from engine.worksheet.paper import key_page, sheets_page
from engine.worksheet.sheets import Sheet, draw_sheet
from engine.worksheet.words import Words

__all__ = ["FORMATS", "MOST_STUDENTS", "Worksheet"]

MOST_STUDENTS = 1000
FORMATS = ("html", "notebook", "moodle")


class Worksheet:
    """Exercises on the chain rule for a class: for each student other graphs with other numbers, and the key.

    The same seed gives the same sheets, on every machine. Whoever comes later to a class changes nobody's sheet: the
    first thirty of forty are those of thirty.

    Attributes:
        seed, students, lang: as given.
        sheets: what each student is asked, with the key.

    >>> worksheet = Worksheet(seed=7, students=2)
    >>> [sheet.code for sheet in worksheet.sheets]
    ['7-01', '7-02']
    """

    def __init__(self, seed: int, students: int = 1, lang: str = "en") -> None:
        """Draw the sheets.

        Args:
            seed: any whole number; another one gives other sheets.
            students: how many sheets, from 1 to 1,000.
            lang: the language, "en" or "id".

        Raises:
            TypeError: if seed or students is no whole number.
            ValueError: for too few or too many students, or another language.
        """
        for name, given in {"seed": seed, "students": students}.items():
            if not isinstance(given, int) or isinstance(given, bool):
                raise TypeError(f"{name} is a whole number, got {shown(given)}")
        if not 1 <= students <= MOST_STUDENTS:
            raise ValueError(f"students is a number from 1 to {MOST_STUDENTS:,}, got {students}")
        self.seed, self.students, self.lang = seed, students, lang
        self._words = Words(lang)
        self.sheets = list(self._draw())

    def _draw(self) -> Iterator[Sheet]:
        """The sheets; what is too like an earlier one is drawn again."""
        taken: set[object] = set()
        for number in range(1, self.students + 1):
            lots = Lots("rantai worksheet", self.seed, number)
            while True:
                sheet = draw_sheet(number, f"{self.seed}-{number:02d}", lots, self._words)
                if taken.isdisjoint(sheet.likeness):
                    break
            taken.update(sheet.likeness)
            yield sheet

    def to_html(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write `sheets.html`, to be printed on A4, and `key.html`; returns their paths. They need no network and no
        script. Raises as `write` does."""
        return self.write(folder, ["html"])

    def to_notebook(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write a notebook for each student with the marks of nbgrader, as the source of an assignment of its own:
        `source/sheet-7-01/sheet-7-01.ipynb`; returns their paths.

        The folder is the root of a course: `nbgrader generate_assignment sheet-7-01` there makes what the student gets,
        without solutions and hidden tests. The notebooks need no other package. Raises as `write` does.
        """
        return self.write(folder, ["notebook"])

    def to_moodle(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write `moodle.xml`, to be imported into the question bank of a course as "Moodle XML format"; returns its
        path.

        There is a category for each exercise, with a version of the question for each sheet: a quiz draws one of each
        at random. Raises as `write` does.
        """
        return self.write(folder, ["moodle"])

    def write(self, folder: str | os.PathLike[str], formats: Iterable[str] = FORMATS) -> list[Path]:
        """Write several formats at once; returns the paths.

        Args:
            folder: where to; it is made if it is missing.
            formats: of "html", "notebook" and "moodle".

        Raises:
            ValueError: for another format.
            FileExistsError: if one of the files is there with other content; none is written then.
        """
        files: dict[str, str] = {}
        for format in formats:
            if format not in FORMATS:
                raise ValueError(f"a format is one of {', '.join(map(repr, FORMATS))}, got {shown(format)}")
            files |= dict(self._files(format))
        return write_all({Path(folder, name): text for name, text in files.items()})

    def _files(self, format: str) -> Iterator[tuple[str, str]]:
        """The files of a format, by their places in the folder."""
        if format == "html":
            yield "sheets.html", sheets_page(self.sheets, self._words)
            yield "key.html", key_page(self.sheets, self._words)
        elif format == "moodle":
            yield "moodle.xml", moodle(self.sheets, self._words, self.seed)
        else:
            for sheet in self.sheets:
                name = assignment(sheet)
                yield f"source/{name}/{name}.ipynb", notebook(sheet, self._words)

    def __repr__(self) -> str:
        return f"<Worksheet of seed {self.seed} for {self.students}>"
