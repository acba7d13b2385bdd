"""The READMEs are true: the example prints what it says, their Python runs, their tables are those of the code, their
links lead somewhere, their commands exist."""

import re
import shlex
import tomllib
from importlib import import_module
from xml.etree import ElementTree

import pytest

from nn.uses import USES
from tests import readme, uses
from tests.notebooks.running import NOTEBOOKS

TEXT = readme.README.read_text(encoding="utf-8")
TEXTS = {path.relative_to(readme.ROOT).as_posix(): path.read_text(encoding="utf-8") for path in readme.READMES}
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
LINKS = sorted({(name, target) for name, text in TEXTS.items() for target in re.findall(r"\]\(([^)]+)\)", text)})


def test_the_example_prints_what_it_says(tmp_path):
    printed, said = readme.run_example(tmp_path), readme.example()[1]
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", said).split()
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (printed, said)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-7, abs=1e-7)  # the last bits may differ on another machine
    drawn, shown = (ElementTree.parse(path).getroot() for path in (tmp_path / "neuron.svg", readme.PICTURE))
    assert [element.text for element in drawn.iter()] == [element.text for element in shown.iter()]


@pytest.mark.slow
def test_all_their_python_runs(tmp_path):
    """The blocks of each one after another, as a reader would try them."""
    blocks = {name: re.findall(r"```python\n(.*?)```", text, re.DOTALL) for name, text in TEXTS.items()}
    assert sum(map(len, blocks.values())) >= 3
    for name in (name for name in blocks if blocks[name]):
        readme.run("\n".join(blocks[name]), tmp_path)
    assert (tmp_path / "neuron.html").exists()


def test_the_table_of_rules_is_that_of_the_code():
    text = TEXTS["engine/README.md"]
    assert readme.replace_between(text, "the table of rules", readme.table()) == text


def test_there_are_two_set_up_lines_and_each_makes_its_environment():
    lines = re.findall(r"^python3 -m venv .*$", TEXT, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        assert shlex.split(line)[:4] == ["python3", "-m", "venv", ".venv"]
        assert "pip install" in line
    assert lines[0].endswith(".venv/bin/rantai lab")
    assert "pytest" in lines[1]


@pytest.mark.parametrize(("name", "target"), LINKS)
def test_links_lead_to_files_and_headings(name, target):
    if target.startswith("https://"):
        return
    place, _, heading = target.partition("#")
    path = (readme.ROOT / name).parent / place if place else readme.ROOT / name
    assert path.exists()
    if heading:
        titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert heading in [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]


@pytest.mark.parametrize("name", TEXTS)
def test_places_that_are_named_are_there(name):
    named = re.findall(r"`((?:engine|nn|tests|notebooks|\.ci|\.github)/[\w./-]*)`", TEXTS[name])
    assert [place for place in named if not (readme.ROOT / place).exists()] == []


@pytest.mark.parametrize("package", ["engine", "nn"])
def test_the_maps_name_every_package_and_file_at_the_door(package):
    map_ = re.findall(r"^\| (`.*?) \|", TEXTS[f"{package}/README.md"], re.MULTILINE)
    named = {place.rstrip("/") for row in map_ for place in re.findall(rf"`({package}/[\w./]*)`", row)}
    rooms = [
        path for path in (readme.ROOT / package).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    ]
    assert {f"{package}/{path.name}" for path in rooms if not path.name.startswith("__")} <= named


def test_the_readme_of_the_course_has_a_row_for_each_notebook():
    rows = re.findall(r"^\| \[.*?\]\((.*?)\) \|", TEXTS["notebooks/README.md"], re.MULTILINE)
    assert rows == [path.name for path in NOTEBOOKS]


def test_the_commands_of_rantai_exist(capsys):
    scripts = tomllib.loads((readme.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    module, _, function = scripts["rantai"].partition(":")
    with pytest.raises(SystemExit):
        getattr(import_module(module), function)(["--help"])
    known = capsys.readouterr().out
    said = {command for text in TEXTS.values() for command in re.findall(r"\brantai ([a-z]+)", "\n".join(code(text)))}
    assert said and not [command for command in said if not re.search(rf"\b{command}\b", known)]


def code(text):
    """What stands in code: blocks and spans."""
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)


def test_the_table_of_uses_names_all_of_them_and_what_others_reach():
    rows = uses.rows(TEXTS["nn/README.md"])
    assert list(rows) == list(USES)
    for name, cells in rows.items():
        use = USES[name]
        facts = (use.baselines.trivial, use.baselines.linear, use.baselines.scikit_learn)
        assert cells[4:7] == [use.metric.text(figure) for figure in facts]
        assert use.metric.text(use.goal) in cells[7]


def test_a_table_of_uses_that_is_no_longer_true_is_noticed():
    rows = {"penguins": ["", "", "", "**0.985 ± 0.001**", "", "", "", "≥ 0.970", ""]}
    card = {"mean": 0.985, "spread": 0.001, "goal": 0.97}
    assert uses.differences(rows, {"penguins": card}) == []
    assert len(uses.differences(rows, {"penguins": {**card, "mean": 0.975}})) == 1
    assert len(uses.differences(rows, {"penguins": {**card, "mean": 0.9}})) == 2
    assert uses.differences(rows, {}) == ["penguins: no card"]
