"""The copy of the course: new files come, untouched ones follow the version, and nobody's work is written over."""

from __future__ import annotations

import pytest

from nn.commands import course as rooms
from nn.commands.course import course, first_of
from tests.engine.helpers import ROOT


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """An installed package, as if from a wheel, with a course of two notebooks and a picture."""
    source = tmp_path / "package" / "course"
    (source / "pictures").mkdir(parents=True)
    (source / "01-one.ipynb").write_text("one")
    (source / "02-two.ipynb").write_text("two")
    (source / "pictures" / "p.svg").write_text("picture")
    (source / ".ipynb_checkpoints").mkdir()
    (source / ".ipynb_checkpoints" / "01-one-checkpoint.ipynb").write_text("left behind")
    monkeypatch.setattr(rooms, "SHIPPED", source)
    monkeypatch.chdir(tmp_path)
    return source


def contents(folder):
    return {
        file.relative_to(folder).as_posix(): file.read_text()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".shipped.json"
    }


def test_in_a_clone_it_is_where_it_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert course() == (ROOT / "notebooks", [])
    assert list(tmp_path.iterdir()) == []
    assert first_of(ROOT / "notebooks").startswith("01-")


def test_a_copy_of_a_clone(tmp_path):
    folder, kept = course(tmp_path / "copy")
    assert kept == []
    assert (folder / first_of(folder)).read_bytes() == (ROOT / "notebooks" / first_of(folder)).read_bytes()


def test_without_a_clone_it_is_copied(shipped, tmp_path):
    folder, kept = course()
    assert (folder.resolve(), kept) == (tmp_path / "rantai-course", [])
    assert contents(folder) == {"01-one.ipynb": "one", "02-two.ipynb": "two", "pictures/p.svg": "picture"}
    assert course() == (folder, [])


def test_work_is_never_written_over(shipped):
    folder, _ = course()
    (folder / "01-one.ipynb").write_text("one, and my work")
    (folder / "mine.ipynb").write_text("mine")
    before = contents(folder)
    assert course() == (folder, ["01-one.ipynb"])
    assert contents(folder) == before
    # nor when a new version comes; what was not touched follows it
    (shipped / "01-one.ipynb").write_text("one, second version")
    (shipped / "02-two.ipynb").write_text("two, second version")
    (shipped / "03-three.ipynb").write_text("three")
    for _ in range(2):
        assert course() == (folder, ["01-one.ipynb"])
        assert contents(folder) == {
            **before, "02-two.ipynb": "two, second version", "03-three.ipynb": "three"
        }  # fmt: skip
    # a file that was taken away comes anew, and then follows again
    (folder / "01-one.ipynb").unlink()
    assert course() == (folder, [])
    (shipped / "01-one.ipynb").write_text("one, third version")
    assert course() == (folder, [])
    assert contents(folder)["01-one.ipynb"] == "one, third version"


def test_what_was_there_before_is_somebodys(shipped, tmp_path):
    (tmp_path / "rantai-course").mkdir()
    (tmp_path / "rantai-course" / "02-two.ipynb").write_text("from before")
    folder, kept = course()
    assert kept == ["02-two.ipynb"]
    assert contents(folder)["02-two.ipynb"] == "from before"


def test_a_broken_record_is_named(shipped):
    folder, _ = course()
    (folder / ".shipped.json").write_text("{")
    with pytest.raises(ValueError, match=r"\.shipped\.json is no JSON that can be read"):
        course()


def test_an_installation_without_notebooks_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(rooms, "SHIPPED", tmp_path / "a")
    monkeypatch.setattr(rooms, "CLONED", tmp_path / "b")
    with pytest.raises(ValueError, match="there are no notebooks in this installation"):
        course()
    with pytest.raises(ValueError, match="there is no notebook with a number"):
        first_of(tmp_path)


def test_the_first_is_the_one_with_the_least_number(tmp_path):
    for name in ("10-x.ipynb", "2-y.ipynb", "03-z.ipynb", "a.ipynb", "01.txt"):
        (tmp_path / name).touch()
    assert first_of(tmp_path) == "2-y.ipynb"
