"""What is measured is kept for each processor, the tables are the medians over them, and the READMEs say it."""

import json
from types import SimpleNamespace

import pytest

from tests import readme as readmes
from tests.benchmarks import __main__ as command_line
from tests.benchmarks import figures, readme
from tests.benchmarks.computer import described
from tests.benchmarks.report import Figure, Report, Spread, Timing

KERNEL, PYTORCH = "ours, kernel", "PyTorch"


def report(processor, seconds, times, workload="W1", command="machine"):
    """One workload: seconds of a step of ours, and how many times as long PyTorch takes."""
    made = Report(command, 3, quick=False, versions={"torch": "2.13.0"})
    made.machine = {
        "processor": processor,
        "cores": "2",
        "vectors": "256 bits",
        "Python": "CPython 3.11.7",
        "load": "0.1",
    }
    made.timings = [Timing(workload, KERNEL, "on", seconds, seconds)]
    spread = Spread(times, times - 1, times + 1)
    made.figures = [
        Figure(workload, f"{PYTORCH} / {KERNEL}", "on", "×", spread, Spread(2 * times, 0.0, 0.0)),
        Figure("memory", "of a node", "", "bytes", spread),
    ]
    return made


def test_figures_of_several_processors_become_their_medians(tmp_path):
    measured = [("One (a)", 1e-6, 10.0), ("Two (b)", 3e-6, 40.0), ("Three (c)", 2e-6, 20.0)]
    files = [figures.keep(report(*one), tmp_path) for one in measured]
    assert [file.name for file in files] == ["one-a.json", "two-b.json", "three-c.json"]
    found = figures.Figures(figures.kept(tmp_path))
    assert found.median("machine", "W1", KERNEL, "on") == 2e-6
    assert found.median("machine", "W1", f"{PYTORCH} / {KERNEL}", "on") == 20.0
    assert found.median("machine", "W1", f"{PYTORCH} / {KERNEL}", "on", "wall") == 40.0
    assert found.median("machine", "memory", "of a node", "", "bytes") == 20.0
    assert found.median("machine", "W2", KERNEL, "on") is None
    assert all(
        name in found.measured_on("machine") for name in ("One (a)", "Two (b)", "Three (c)", "256 bits", "torch 2.13.0")
    )


def test_a_processor_that_lacks_a_workload_does_not_count_there(tmp_path):
    for one in (report("One", 1e-6, 10.0), report("Two", 3e-6, 40.0), report("Three", 9e-6, 9.0, workload="W2")):
        figures.keep(one, tmp_path)
    assert figures.Figures(figures.kept(tmp_path)).median("machine", "W1", KERNEL, "on") == 2e-6


def test_what_is_measured_again_takes_the_place_of_what_was(tmp_path):
    """Of the same workloads; the others of the command, and other commands, stay."""
    for one in (report("One", 1e-6, 10.0), report("One", 5e-6, 50.0, workload="W2"), report("One", 2e-6, 30.0),
                report("One", 7e-6, 70.0, command="eager")):  # fmt: skip
        file = figures.keep(one, tmp_path)
    assert list(tmp_path.iterdir()) == [file]
    found = figures.Figures(figures.kept(tmp_path))
    assert [found.median("machine", name, KERNEL, "on") for name in ("W1", "W2")] == [2e-6, 5e-6]
    assert found.median("eager", "W1", KERNEL, "on") == 7e-6
    assert found.workloads("machine") == ["W2", "W1", "memory"]


def test_the_line_that_describes_a_machine():
    facts = {
        "processor": "AMD EPYC (znver5)",
        "cores": "2",
        "vectors": "512 bits",
        "Python": "CPython 3.11.7",
        "load": "0.1",
    }
    line = described(facts, {"numpy": "2.4.6", "torch": "2.13.0"})
    assert line == "AMD EPYC (znver5), cores 2, vectors 512 bits, CPython 3.11.7, load 0.1; numpy 2.4.6, torch 2.13.0"


def test_this_machine_is_described():
    facts = Report("eager", 1, quick=True).machine
    assert list(facts)[:2] == ["processor", "cores"]
    assert all(facts.values())
    assert int(facts["cores"]) >= 1


def test_a_table_says_what_was_measured(tmp_path):
    figures.keep(report("One", 11.94e-6, 40.3), tmp_path)
    found = figures.Figures(figures.kept(tmp_path))
    rows = readme.machine(found).splitlines()
    assert "One, cores 2" in rows[0]
    assert "| **our kernel** | **11.9 µs** | **-** | **-** | **-** |" in rows
    assert "| PyTorch | 40.3 | - | - | - |" in rows
    assert "| JAX jit (by the wall clock) | - | - | - | - |" in rows
    assert "| 11.9 µs | PyTorch 40.3, JAX jit -, NumPy by hand - |" in readme.front(found)
    assert readme.front(found).endswith("`.venv/bin/python -m tests.benchmarks all` on One.")


def test_every_table_can_be_made_of_nothing():
    nothing = figures.Figures([])
    for table in readme.TABLES.values():
        lines = [line for line in table.content(nothing).splitlines() if line.startswith("|")]
        assert lines
        assert not any(character.isdigit() for line in lines for character in line.split("|")[-2])


@pytest.mark.parametrize("file", dict.fromkeys(table.file for table in readme.TABLES.values()))
def test_the_tables_of_the_readmes_are_those_of_the_figures(file):
    """`python -m tests.benchmarks all --readme` measures and writes them."""
    text = (readmes.ROOT / file).read_text(encoding="utf-8")
    assert readme.written(text, file, figures.Figures(figures.kept())) == text


def test_a_readme_without_the_markers_is_refused():
    with pytest.raises(ValueError, match="no markers <!-- how fast"):
        readme.written("# A README", "README.md", figures.Figures([]))


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """The commands that were asked to measure, which invent their figures; what is kept and written is in a folder."""
    asked = []

    def measure(name, rounds, quick, parts=None):
        asked.append((name, rounds, parts))
        return report("One", 1e-6, 10.0, command=name)

    for name, module in command_line.COMMANDS.items():
        invented = SimpleNamespace(__doc__=module.__doc__, measure=lambda *given, name=name: measure(name, *given))
        if hasattr(module, "PARTS"):
            invented.PARTS = module.PARTS
        monkeypatch.setitem(command_line.COMMANDS, name, invented)
    monkeypatch.setattr(command_line, "keep", lambda made: figures.keep(made, tmp_path))
    monkeypatch.setattr(command_line, "write_tables", lambda: [f"{len(asked)} measured"])
    return asked


def test_all_measures_each_command_and_keeps_it_before_the_next(measured, tmp_path, capsys):
    assert command_line.main(["all", "--readme"]) == 0
    assert [name for name, _, _ in measured] == list(command_line.COMMANDS)
    assert {rounds for _, rounds, _ in measured} == {1, 2, 3}
    assert {name for name, _, parts in measured if parts} == {"machine"}
    [file] = tmp_path.iterdir()
    assert set(json.loads(file.read_text(encoding="utf-8"))) == set(command_line.COMMANDS)
    said = capsys.readouterr().err
    for number, name in enumerate(command_line.COMMANDS, 1):
        assert f"== {name}: {number} of {len(measured)} done" in said
        assert f"written: {number} measured" in said


def test_one_command_keeps_what_it_measured_only_if_asked(measured, tmp_path):
    assert command_line.main(["eager", "--rounds", "2"]) == 0
    assert list(tmp_path.iterdir()) == []
    assert command_line.main(["machine", "--workload", "W2", "--readme"]) == 0
    assert measured == [("eager", 2, None), ("machine", command_line.ROUNDS, ["W2"])]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["eager", "--quick", "--readme"], "--quick is a trial"),
        (["all", "--json", "f.json"], "--json takes the figures of one"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, complaint, measured, capsys):
    with pytest.raises(SystemExit):
        command_line.main(arguments)
    assert complaint in capsys.readouterr().err
    assert measured == []


def test_what_all_measures_is_there():
    assert set(command_line.IN_ALL) <= set(command_line.COMMANDS)
    for name, (_, parts) in command_line.IN_ALL.items():
        assert set(parts or ()) <= set(getattr(command_line.COMMANDS[name], "PARTS", ()))
