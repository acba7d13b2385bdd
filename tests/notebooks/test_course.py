"""The course as a whole: every heading of the essay has its place in it, and every lesson its place in the README."""

from __future__ import annotations

import re

import pytest

from tests.notebooks.running import NOTEBOOKS, ROOT, read

README = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
HEADINGS = """
Definisi Backpropagation
Langkah-langkah Backpropagation
Inisialisasi
Forward Pass
Loss Calculation
Backward Pass
Gradient Descent
Iterasi
Rumus Backpropagation
Learning Rate
Regularisasi
Batch Gradient Descent
Mini-Batch Gradient Descent
Stochastic Gradient Descent (SGD)
Keunggulan Backpropagation
Universal Approximation Theorem
Pemahaman Representasi Fitur
Fleksibilitas dalam Tugas
Adaptasi terhadap Data yang Berubah
Pengolahan Paralel
Kelemahan Backpropagation
Sensitif terhadap Inisialisasi Bobot
Kemungkinan Overfitting
Memerlukan Jumlah Data yang Besar
Kompleksitas Komputasi
Pilihan Hyperparameter yang Kritis
Penggunaan Backpropagation
Klasifikasi
Regresi
Pengenalan Pola
Pengolahan Bahasa Alami
Klasifikasi Gambar dan Pengolahan Citra
Prediksi Waktu Seri
Kesimpulan
""".strip().splitlines()
"""Of the essay that the project grew from, in their order."""


def rows_under(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    part = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return rows[1:]


def test_every_heading_of_the_essay_has_a_lesson_in_its_order():
    rows = rows_under("The essay, and where it is shown")
    assert [row[0] for row in rows] == HEADINGS
    for heading, claim, lessons, how in rows:
        links = re.findall(r"\]\(([\w.-]+\.ipynb)\)", lessons)
        assert links and claim and how, heading
        assert all((ROOT / "notebooks" / link).is_file() for link in links), heading


def test_every_lesson_but_the_stepper_s_and_the_machine_s_takes_up_something_of_it():
    shown = {
        link for row in rows_under("The essay, and where it is shown") for link in re.findall(r"\]\((.*?)\)", row[2])
    }
    between = re.findall(r"\[(\d+)\]\(\S+\) to \[(\d+)\]", README)
    numbers = {int(link[:2]) for link in shown} | {n for a, b in between for n in range(int(a), int(b) + 1)}
    assert numbers == {int(path.name[:2]) for path in NOTEBOOKS if path.name[:2].isdigit()}


def test_numbers_are_without_holes():
    numbers = [int(path.name[:2]) for path in NOTEBOOKS if path.name[:2].isdigit()]
    assert numbers == list(range(1, 21))


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.name[:2].isdigit()], ids=lambda path: path.name)
def test_a_lesson_says_its_minutes_and_leads_on(path):
    """Its contents have minutes, its words the Indonesian terms, and it links to the lesson after it."""
    notebook = read(path)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([\w./-]+\.(?:ipynb|md))\)", prose)
    assert all((path.parent / link).is_file() for link in links)
    following = NOTEBOOKS[NOTEBOOKS.index(path) + 1 :][:1]
    assert not following or not following[0].name[:2].isdigit() or following[0].name in links
    assert re.search(r"\d+ minutes|\(\d+\)", prose)
    assert re.search(r"(?i)summary", prose)
    assert re.search(r"\| Indonesian \|", prose)
