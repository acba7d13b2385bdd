"""Files that are damaged, folders that two want, and what a program that was killed leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nn import MLP, SGD, Adam, RMSProp, load, save, train
from nn.commands.folders import Taken, claimed, left_by_killed, recorded, written_in
from nn.commands.program import main
from nn.json_files import LEFT_BEHIND, read_json, write_json
from tests.nn.helpers import ROOT, content_of, numbers

DATA = [([0.25], 1.0), ([0.5], 2.0), ([1.0], 3.0)]
EVERY = int(os.environ.get("RANTAI_EVERY", "7"))
"""Of how many bytes one is flipped; 1 takes a minute."""


def state(run: Any) -> Any:
    return numbers(run.model), run.optimizer.steps, run.optimizer.states, list(run.history), run.task.position


def damaged(path: Path, read: Any) -> None:
    """Each file with one bit of another kind is refused, or is read as exactly what it was."""
    whole, expected = path.read_bytes(), read()
    refused = 0
    for place in range(0, len(whole), EVERY):
        for bit in (0, 2, 5):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :])
            try:
                found = read()
            except ValueError as error:
                assert path.name in str(error)
                refused += 1
            else:
                assert found == expected, (place, bit)
    assert refused > 0


def test_a_model_file_with_a_flipped_byte_is_refused(tmp_path):
    path = tmp_path / "model.json"
    model = MLP(1, [2, 1], seed=1)
    model.layers[0].freeze()
    save(model, path)

    def read() -> Any:
        again = load(path)
        return repr(again), [(p.data, p.frozen) for p in again.parameters()]

    damaged(path, read)


@pytest.mark.filterwarnings("ignore:.*the last bits may differ")
def test_so_is_a_checkpoint(tmp_path):
    path = tmp_path / "run.json"

    def run() -> Any:
        return train(MLP(1, [1], seed=1), DATA, optimizer=Adam(0.01), epochs=3, checkpoint=path)

    next(first := run())
    first.save()
    damaged(path, lambda: state(run()))


def test_it_says_what_is_wrong_and_how_to_read_it_all_the_same(tmp_path):
    path = tmp_path / "model.json"
    save(MLP(1, [1], seed=1), path)
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    content["parameters"]["layers.0.neurons.0.b"] = 0.5
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=r'model\.json is damaged: .* delete the field "digest"$'):
        load(path)
    path.write_text(json.dumps({**content_of(text), "parameters": content["parameters"]}), encoding="utf-8")
    assert load(path).layers[0].neurons[0].b.data == 0.5


def test_the_digest_does_not_depend_on_how_the_file_is_laid_out(tmp_path):
    path, content = tmp_path / "f.json", {"format": "f", "version": 1, "x": [1.0, -0.0, 1e-320, 10**30], "é": "\u2028"}
    write_json(path, content)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    assert read_json(path, "f", 1) == content


@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.1, momentum=0.9), Adam(), RMSProp()], ids=repr)
def test_an_optimizer_says_what_it_remembers(optimizer):
    model = MLP(1, [1], seed=1)
    list(train(model, DATA, optimizer=optimizer, epochs=3))
    assert all(set(kept) == set(optimizer.memory) for kept in optimizer.states)
    assert all(number >= optimizer.memory[key] for kept in optimizer.states for key, number in kept.items())


def test_what_a_killed_write_left_is_swept_away(tmp_path):
    path, hour = tmp_path / "model.json", LEFT_BEHIND + 60.0
    old = [tmp_path / f".{digit * 32}.model.json" for digit in "0a"]
    others = [tmp_path / f".{'b' * 32}.model.json", tmp_path / f".{'0' * 32}.other.json", tmp_path / ".model.json.swp"]
    for file in (*old, *others):
        file.write_text("")
        os.utime(file, (time.time() - hour,) * 2)
    os.utime(others[0])  # somebody may be writing it
    write_json(path, {"format": "f"})
    assert sorted(tmp_path.iterdir()) == sorted([path, *others])


PROGRAM = """
import sys, time
from nn.commands.folders import Taken, claimed, left_by_killed
from nn.commands.program import main
print("ready", flush=True)
sys.stdin.readline()
sys.exit(main(sys.argv[1:]))
"""


def started(folder: Path, *arguments: str) -> Any:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def together(folder: Path, count: int, *arguments: str) -> list[tuple[int, str]]:
    """Exit status and messages of programs that were started at once, each with a seed of its own."""
    processes = [started(folder, *arguments, "--seed", str(seed)) for seed in range(count)]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return [(process.wait(), process.communicate()[1]) for process in processes]


def table(folder: Path) -> None:
    rows = "".join(f"{x},{x * x % 7}\n" for x in range(20))
    (folder / "t.csv").write_text("x,y\n" + rows, encoding="utf-8")


TRAIN = ("train", "t.csv", "--target", "y", "--task", "regression", "--hidden", "2", "--epochs", "3", "--quiet")


@pytest.mark.slow
def test_runs_that_are_started_together_get_a_folder_each(tmp_path):
    table(tmp_path)
    assert [status for status, _ in together(tmp_path, 4, *TRAIN)] == [0] * 4
    folders = sorted((tmp_path / "runs").iterdir())
    assert [folder.name for folder in folders] == ["t", "t-2", "t-3", "t-4"]
    kept = set()
    for folder in folders:  # model and checkpoint are of the same run
        model, checkpoint = (content_of((folder / f"{name}.json").read_text()) for name in ("model", "checkpoint"))
        assert model["parameters"] == checkpoint["parameters"]
        kept.add(checkpoint["settings"]["seed"])
        assert not (folder / ".lock").exists()
    assert kept == {0, 1, 2, 3}


@pytest.mark.slow
def test_of_two_that_name_the_same_folder_one_is_told(tmp_path):
    table(tmp_path)
    found = sorted(together(tmp_path, 2, *TRAIN, "--out", "here"))
    assert [status for status, _ in found] == [0, 2]
    assert "here holds a run already" in found[1][1] or "another run is writing into here" in found[1][1]


def test_a_folder_is_claimed_by_one_until_it_ends(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table(tmp_path)
    with claimed(Path("runs/t")):
        for extra in ((), ("--overwrite",), ("--resume",)):
            with claimed(Path("here")):
                assert main([*TRAIN, "--out", "here", *extra]) == 2
                assert "another run is writing into here: wait for it" in capsys.readouterr().err
        with pytest.raises(Taken), claimed(Path("runs/t")):
            pass
        assert main([*TRAIN]) == 0
        assert Path("runs/t-2/model.json").exists()
    assert list(Path("runs/t").iterdir()) == []


KILLED = """
import os, signal, sys
import nn.commands.uses as uses
from nn.commands.program import main

def run_use(use, folder, **settings):
    (folder / "model.json").write_text("half")
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

uses.run_use = run_use
main(sys.argv[1:])
"""


def test_a_killed_use_is_known_by_its_files(tmp_path, monkeypatch):
    """It is written anew without being asked, and a file of the user's is left as it is."""
    monkeypatch.chdir(tmp_path)
    command = ["use", "penguins", "--quick", "--quiet"]
    killed = [sys.executable, "-c", KILLED, *command]
    assert subprocess.run(killed, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode != 0
    folder = Path("runs/uses/penguins-quick")
    assert left_by_killed(folder) == {"model.json"}
    (folder / "notes.txt").write_text("mine")
    assert main(command) == 0
    assert (folder / "notes.txt").read_text() == "mine" and "notes.txt" not in recorded(folder)
    assert json.loads((folder / "model.json").read_text(encoding="utf-8"))


def test_what_a_killed_run_left_is_known_after_one_that_was_interrupted(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    begun = written_in(tmp_path)
    begun.__enter__()  # and never left: it is killed
    (tmp_path / "picture.png").write_text("of a killed run")
    with pytest.raises(KeyboardInterrupt), written_in(tmp_path):
        (tmp_path / "model.json").write_text("of an interrupted run")
        raise KeyboardInterrupt
    assert left_by_killed(tmp_path) == {"model.json", "picture.png"}
    with written_in(tmp_path) as names:
        (tmp_path / "picture.png").write_text("of a whole run")
    assert names == ["picture.png"] and not left_by_killed(tmp_path)
    assert recorded(tmp_path) == ["model.json", "picture.png"]


def test_what_was_there_before_a_killed_run_is_not_its(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    folder = Path("runs/uses/penguins-quick")
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    command = ["use", "penguins", "--quick", "--quiet"]
    killed = [sys.executable, "-c", KILLED, *command, "--overwrite"]
    for _ in range(2):
        assert subprocess.run(killed, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode != 0
        assert left_by_killed(folder) == {"model.json"}
    assert main(command) == 2 and "holds something else" in capsys.readouterr().err


@pytest.mark.slow
def test_a_killed_run_leaves_no_claim(tmp_path):
    program = "import sys, time; from pathlib import Path; from nn.commands.folders import claimed\n"
    program += "with claimed(Path('here')): print('in', flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True,
                               env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "in\n"
    with pytest.raises(Taken), claimed(tmp_path / "here"):
        pass
    process.kill()
    process.communicate()
    with claimed(tmp_path / "here"):
        pass


HUGE = "9" * 20
OUT_OF_RANGE = {
    "--l1": ["1e300", "1e400", "nan", "-1"],
    "--l2": ["1e300", "1e308", "inf"],
    "--rate": ["1e300", "1e400", "nan", "0"],
    "--epochs": [HUGE, "9" * 400, "-1", "1.5"],
    "--batch": ["-1", "x"],
    "--hidden": [HUGE, "9" * 400, "100000000", "0", "-3"],
    "--dropout": ["1", "nan", "1e300"],
    "--patience": ["0", "-1"],
    "--seed": ["1e300", "9" * 5000],
}


@pytest.mark.parametrize(
    ("option", "number"), [(option, number) for option, given in OUT_OF_RANGE.items() for number in given],
    ids=lambda x: x[:12],
)  # fmt: skip
def test_a_number_out_of_range_ends_with_a_line(option, number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table(tmp_path)
    try:
        status = main([*TRAIN, option, number])
    except SystemExit as ended:  # of the reader of the command line
        status = int(ended.code or 0)
    said = capsys.readouterr()
    line = {1: ("diverged: ", said.out), 2: ("rantai train: error: ", said.err)}[status]
    assert line[0] in line[1]
    assert "Traceback" not in said.err


@pytest.mark.parametrize("option", ["--batch", "--seed", "--patience"])
def test_a_large_number_that_means_something_is_taken(option, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path)
    assert main([*TRAIN, option, HUGE]) == 0
