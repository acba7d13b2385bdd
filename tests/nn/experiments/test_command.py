"""`python -m nn sweep`, as a user types it."""

from __future__ import annotations

import csv

import pytest

from nn import MLP, Adam, accuracy, cosine, elastic, train
from nn.__main__ import main
from nn.data import load

SHORT = ["--epochs", "3", "--quiet", "--backend", "eager"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(file):
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.slow
def test_the_table_is_what_trainings_by_hand_give(folder, capsys):
    assert main(["sweep", "penguins", "--lr", "0.1,0.01", "--hidden", "4,5x3,0", "--seeds", "2", *SHORT]) == 0
    shown = capsys.readouterr().out
    assert "the best: lr=0.1" in shown and "written to runs/sweep-penguins: " in shown
    data = load("penguins").standardised()
    found = rows(folder / "runs/sweep-penguins/table.csv")
    assert len(found) == 12
    for row in found:
        sizes = {"4": [4], "5x3": [5, 3], "0": []}[row["hidden"]]
        model = MLP(4, [*sizes, 3], "tanh", "xavier", int(row["seed"]))
        training = train(model, data.train, loss="cross_entropy", optimizer=Adam(float(row["lr"])), epochs=3,
                         batch_size=32, regularizer=elastic(0.0, 0.001), schedule=cosine(3), validation=0.2,
                         seed=int(row["seed"]), backend="eager")  # fmt: skip
        *_, last = training
        assert float(row["validation"]) == last.validation
        assert float(row["accuracy"]) == accuracy(model, training.validation)
    names = {path.name for path in (folder / "runs/sweep-penguins").iterdir() if not path.name.startswith(".")}
    assert names == {"sweep.jsonl", "table.csv", "distribution.png", "curves.png", "parallel.png", "heat-map.png"}


@pytest.mark.slow
def test_a_regression_and_ranges_and_going_on(folder, capsys):
    given = ["sweep", "penguins", "--target", "body_mass_g", "--lr", "0.003:0.3:log", "--l2", "0:0.1", *SHORT]
    assert main([*given, "--samples", "2", "--seeds", "1"]) == 0
    first = rows(folder / "runs/sweep-penguins-body_mass_g/table.csv")
    assert main([*given, "--samples", "3", "--seeds", "1"]) == 0
    assert rows(folder / "runs/sweep-penguins-body_mass_g/table.csv")[:2] == first
    assert len((folder / "runs/sweep-penguins-body_mass_g/sweep.jsonl").read_text().splitlines()) == 4
    assert all(0.003 <= float(row["lr"]) <= 0.3 and 0 <= float(row["l2"]) <= 0.1 for row in first)
    assert "accuracy" not in first[0]
    capsys.readouterr()
    assert main([*given[:-1], "numpy", "--samples", "2"]) == 2  # another backend has other bits
    assert "name another file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lr", "fast"], "--lr takes numbers with commas between them, got 'fast'"),
        (["--lr", "0.1:0.2:lin"], "--lr takes LOW:HIGH or LOW:HIGH:log, got '0.1:0.2:lin'"),
        (["--lr", "0.3:0.1:log"], "--lr 0.3:0.1:log: high must be above low and finite, got 0.3 to 0.1"),
        (["--batch", "1.5"], "--batch takes whole numbers with commas between them, got '1.5'"),
        (["--hidden", "4:8"], "--hidden takes a list, 4,8,16, got '4:8'"),
        (["--hidden", "8xx8"], "--hidden takes numbers of neurons, 8, or 16x8 for two layers, got '8xx8'"),
        (["--seeds", "0"], "seeds must be a whole number from 1 up, got 0"),
        (["--hidden", "100000x100000"], "has more than 5,000,000 weights and biases"),
    ],
)
def test_what_cannot_be_swept_is_named(arguments, words, capsys):
    assert main(["sweep", "penguins", *SHORT, *arguments]) == 2
    assert words in capsys.readouterr().err
