"""The README is true: its example prints what it says, its table is the table of rules, its links lead somewhere,
its commands exist."""

import re
import shlex
from xml.etree import ElementTree

import pytest

from nn.uses import USES
from tests import readme, uses

TEXT = readme.README.read_text(encoding="utf-8")
ROOT = readme.README.parent
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def test_the_example_prints_what_it_says(tmp_path):
    printed, said = readme.run_example(tmp_path), readme.example()[1]
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", said).split()
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (printed, said)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-7, abs=1e-7)  # the last bits may differ on another machine
    drawn, shown = (ElementTree.parse(path).getroot() for path in (tmp_path / "neuron.svg", readme.PICTURE))
    assert [element.text for element in drawn.iter()] == [element.text for element in shown.iter()]


def test_all_its_python_runs(tmp_path):
    """The blocks one after another, as a reader would try them."""
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) >= 3
    assert readme.run("\n".join(blocks), tmp_path)
    assert (tmp_path / "neuron.html").exists()


def test_the_table_of_rules_is_that_of_the_code():
    assert readme.replace_between(TEXT, "the table of rules", readme.table()) == TEXT


def test_there_are_two_set_up_lines_and_each_makes_its_environment():
    lines = re.findall(r"^python3 -m venv .*$", TEXT, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        assert shlex.split(line)[:4] == ["python3", "-m", "venv", ".venv"]
        assert "pip install" in line
    assert "jupyter lab" in lines[0]
    assert "pytest" in lines[1]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_links_lead_to_files(target):
    assert target.startswith("https://") or (ROOT / target).exists()


def test_the_map_names_files_that_exist_and_all_of_the_engine():
    named = set(re.findall(r"`((?:engine|nn|tests|notebooks)/[\w./-]*)`", TEXT))
    assert all((ROOT / name).exists() for name in named)
    sources = {f"engine/{path.name}" for path in (ROOT / "engine").glob("[!_]*.py")} | {
        f"nn/{path.name}" for path in (ROOT / "nn").glob("[!_]*.py")
    }
    assert not sources - named


def test_the_table_of_uses_names_all_of_them_and_what_others_reach():
    rows = uses.rows(TEXT)
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
