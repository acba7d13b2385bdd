"""`python -m nn train` and `predict`, as a user types them."""

import csv
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

import engine.pictures.diagram
from nn import load, load_prepared
from nn.__main__ import main
from nn.data import load as load_data
from tests.engine.svg import parse
from tests.nn.helpers import COMPILED

pytestmark = pytest.mark.slow  # each command trains a network, or is a process of its own

ROOT = Path(__file__).parents[2]
FILES = {"checkpoint.json", "graph.svg", "history.csv", "loss.png", "model.json", "network.svg"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, capsys, expected=0):
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert status == expected, captured.err
    return captured


def seen_in(folder):
    """The files of a run, without those that it keeps for itself."""
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def scores(text):
    """{"network": [(train figure, error), (test figure, error)], ...} as printed."""
    pairs = {}
    for name, rest in re.findall(r"^(trivial|linear|network) +(.*)$", text, re.MULTILINE):
        pairs[name] = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ± ([\d.]+)", rest)]
    return pairs


def write(path, header, rows):
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def test_penguins_reach_the_published_figures_by_default(capsys, folder):
    found = scores(run("train", "penguins", "--quiet", capsys=capsys).out)
    # baselines: majority .433, logistic .985, MLP4 .982
    assert found["trivial"][1][0] == pytest.approx(0.433, abs=0.001)
    assert abs(found["linear"][1][0] - 0.985) <= max(found["linear"][1][1], 0.016)
    assert found["network"][1][0] >= 0.982 - max(found["network"][1][1], 0.016)
    assert seen_in(folder / "runs" / "penguins") == FILES


def test_body_mass_reaches_the_published_figures_by_default(capsys):
    found = scores(run("train", "penguins", "--target", "body_mass_g", "--quiet", capsys=capsys).out)
    assert found["trivial"][1][0] == pytest.approx(802, abs=1)  # baselines: mean 802, linear 295, MLP16 302
    assert abs(found["linear"][1][0] - 295) <= found["linear"][1][1]
    assert found["network"][1][0] <= 302 + found["network"][1][1]


def test_what_is_written_can_be_read(capsys, folder):
    run("train", "penguins", "--epochs", 3, "--hidden", 5, "--quiet", capsys=capsys)
    made = folder / "runs" / "penguins"
    model, preparation = load_prepared(made / "model.json")
    assert model.sizes == [5, 3] and preparation.classes == ["Adelie", "Chinstrap", "Gentoo"]
    assert [row["number"] for row in csv.DictReader((made / "history.csv").read_text().splitlines())] == ["1", "2", "3"]
    assert (made / "loss.png").read_bytes().startswith(b"\x89PNG")
    for name in ("network.svg", "graph.svg"):
        assert ElementTree.parse(made / name).getroot().tag.endswith("svg")


@pytest.mark.parametrize(("options", "said"), [
    ((), "done after 2 epochs\n"),
    (("--patience", 1, "--rate", 1e-300, "--epochs", 9), "stopped early after 2 epochs, since the validation loss fell "
                                                         "no further\n"),
])  # fmt: skip
def test_how_training_ended_is_said(options, said, capsys):
    assert said in run("train", "penguins", "--epochs", 2, "--hidden", "--quiet", *options, capsys=capsys).out


def test_the_picture_of_the_network_names_features_and_classes(capsys, folder):
    run("train", "penguins", "--epochs", 1, "--hidden", 3, "--quiet", capsys=capsys)
    shown = parse((folder / "runs" / "penguins" / "network.svg").read_bytes())
    data = load_data("penguins")
    assert [shown[f"input{i}"].texts for i in range(4)] == [(name,) for name in data.features]
    assert [shown[f"output{i}"].texts for i in range(3)] == [(name,) for name in data.classes]


@pytest.mark.parametrize(("absent", "said"), [
    ("graphviz", "drawing needs the package graphviz: pip install graphviz"),
    ("dot", "there is no layout engine on this machine"),
    ("matplotlib.figure", "plots need matplotlib: pip install matplotlib"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_said_and_all_else_is_written(absent, said, capsys, folder, monkeypatch):
    if absent == "dot":
        monkeypatch.setattr(engine.pictures.diagram, "layout_engines", list)  # there are none
    else:
        monkeypatch.setitem(sys.modules, absent, None)
    if absent == "graphviz":
        monkeypatch.delitem(sys.modules, "engine.pictures.diagram", raising=False)
    errors = run("train", "penguins", "--epochs", 1, "--hidden", "--quiet", capsys=capsys).err
    missing = {"loss.png"} if "matplotlib" in absent else {"network.svg", "graph.svg"}
    assert errors.count(said) == len(missing)
    assert all(f"no {name}: {said}" in errors for name in missing)
    assert seen_in(folder / "runs" / "penguins") == FILES - missing


def test_predict_answers_what_the_model_answers(capsys, folder):
    run("train", "penguins", "--epochs", 10, "--quiet", capsys=capsys)
    data = load_data("penguins")
    write("new.csv", data.features, data.test.inputs)
    captured = run("predict", "runs/penguins/model.json", "new.csv", capsys=capsys)
    rows = list(csv.DictReader(captured.out.splitlines()))
    model, preparation = load_prepared("runs/penguins/model.json")
    expected = [preparation.decode_output([y.data for y in model(x)]) for x in data.standardised().test.inputs]
    assert [row["species"] for row in rows] == expected
    assert all(1 / 3 <= float(row["probability"]) <= 1 for row in rows)
    assert captured.err == ""  # no target column, no score


def test_predict_scores_a_table_with_the_target_and_writes_a_file(capsys, folder):
    run("train", "penguins", "--target", "body_mass_g", "--epochs", 5, "--quiet", capsys=capsys)
    table = ROOT / "nn" / "data" / "files" / "penguins" / "penguins.csv"
    captured = run("predict", "runs/penguins-body_mass_g/model.json", table, "--out", "answers.csv", capsys=capsys)
    answers = [float(row["body_mass_g"]) for row in csv.DictReader(Path("answers.csv").read_text().splitlines())]
    truth = [float(row["body_mass_g"]) for row in csv.DictReader(table.read_text().splitlines())]
    rmse = (sum((a - t) ** 2 for a, t in zip(answers, truth, strict=True)) / len(truth)) ** 0.5
    assert f"{rmse:.0f} ±" in captured.err


def test_a_table_of_ones_own(capsys, folder):
    """y = 3·u - 2 with a category that shifts it: learned by a linear network to its rounding."""
    rows = [(u / 10, "red" if u % 2 else "blue", 3 * u / 10 - 2 + (u % 2)) for u in range(60)]
    write("my.csv", ["u", "colour", "y"], rows)
    captured = run(
        "train",
        "my.csv",
        "--target",
        "y",
        "--hidden",
        "--l2",
        0,
        "--rate",
        0.05,
        "--epochs",
        200,
        "--quiet",
        capsys=capsys,
    )
    found = scores(captured.out)
    assert found["network"][1][0] < 0.05 < found["trivial"][1][0]
    assert load("runs/my/model.json").sizes == [1]


def test_the_same_seed_gives_the_same_bits(capsys, folder):
    for out in "one", "two":
        run("train", "penguins", "--epochs", 2, "--dropout", 0.2, "--seed", 7, "--out", out, "--quiet", capsys=capsys)
    one, two = (json.loads(Path(out, "model.json").read_text())["parameters"] for out in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("backend", COMPILED)
def test_the_backend_can_be_chosen(backend, capsys, folder):
    """Up to the last bits they learn the same, and answer the same."""
    answers, weights = {}, {}
    write("new.csv", load_data("penguins").features, load_data("penguins").test.inputs)
    for name in ("eager", backend):
        told = run(
            "train", "penguins", "--epochs", 3, "--dropout", 0.2, "--backend", name, "--out", name, capsys=capsys
        ).err
        assert f"backend {name}: as asked\n" in told
        weights[name] = json.loads(Path(name, "model.json").read_text())["parameters"]
        assert json.loads(Path(name, "checkpoint.json").read_text())["made_by"]["backend"] == name
        answers[name] = run("predict", f"{name}/model.json", "new.csv", "--backend", name, capsys=capsys).out
    assert answers[backend] == answers["eager"]
    assert weights[backend] == pytest.approx(weights["eager"], rel=1e-9)
    error = run("predict", "eager/model.json", "new.csv", "--backend", "auto", capsys=capsys).err
    assert error == ""


def test_a_second_run_leaves_the_first_alone(capsys, folder):
    arguments = ("train", "penguins", "--epochs", 1, "--quiet")
    run(*arguments, capsys=capsys)
    run(*arguments, "--seed", 1, capsys=capsys)
    assert {path.name for path in (folder / "runs").iterdir()} == {"penguins", "penguins-2"}
    error = run(*arguments, "--out", "runs/penguins", capsys=capsys, expected=2).err
    assert "--resume" in error and "--overwrite" in error
    run(*arguments, "--out", "runs/penguins", "--overwrite", capsys=capsys)


def test_resuming_gives_what_the_whole_run_gives(capsys, folder):
    run("train", "penguins", "--epochs", 4, "--quiet", "--out", "whole", capsys=capsys)
    started = subprocess.Popen(
        [sys.executable, "-m", "nn", "train", "penguins", "--epochs", "4", "--quiet", "--out", "parts"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not Path("parts/checkpoint.json").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    started.send_signal(signal.SIGINT)
    output, errors = started.communicate(timeout=60)
    assert started.returncode == (130 if "interrupted after" in output else 0), errors
    assert Path("parts/model.json").exists()
    if "interrupted after" in output:  # else the machine was faster than the signal
        assert "what was learned is kept, and --resume goes on to 4" in output
    run("train", "penguins", "--epochs", 4, "--quiet", "--out", "parts", "--resume", capsys=capsys)
    whole, parts = (json.loads(Path(out, "model.json").read_text())["parameters"] for out in ("whole", "parts"))
    assert whole == parts


WRONG = [
    (["train", "pinguins"], ["--target", "penguins"]),
    (["train", "nowhere.csv", "--target", "y"], ["nowhere.csv"]),
    (["train", "penguins", "--target", "colour"], ["colour", "species"]),
    (["train", "names"], ["texts"]),
    (["train", "penguins", "--hidden", "0"], ["0", "from 1 up"]),
    (["train", "penguins", "--activation", "step"], ["step", "tanh"]),
    (["train", "penguins", "--init", "best"], ["best", "xavier"]),
    (["train", "penguins", "--rate", "-1"], ["-1", "learning rate"]),
    (["train", "penguins", "--l2", "-1"], ["-1", "regulariser"]),
    (["train", "penguins", "--dropout", "1"], ["dropout", "1"]),
    (["train", "penguins", "--batch", "-3"], ["batch_size", "-3"]),
    (["predict", "nowhere.json", "nowhere.csv"], ["nowhere.json"]),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda x: " ".join(x))
def test_what_is_wrong_is_said_in_a_line(arguments, words, capsys):
    error = run(*arguments, capsys=capsys, expected=2).err
    assert error.startswith(f"python -m nn {arguments[0]}: error: ")
    for word in words:
        assert word in error


def test_a_rate_far_too_large_is_said_to_diverge(capsys):
    write("steep.csv", ["x", "y"], [(i, 1000 * i) for i in range(40)])
    options = ("--target", "y", "--optimizer", "sgd", "--rate", 1e200, "--quiet")
    said = run("train", "steep.csv", *options, capsys=capsys, expected=1).out
    assert "diverged: " in said and "the learning rate 1e+200 may be too large" in said


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["predict", "--help"]])
def test_help_explains_every_option(arguments, capsys):
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 0
    text = capsys.readouterr().out
    for option in re.findall(r"^  (--\w+)(?: \S+)*$\n(?!    )", text, re.MULTILINE):
        pytest.fail(f"{option} has no explanation")
    assert len(text) > 200


def test_a_run_that_diverges_keeps_what_was_learned(capsys, folder):
    options = ("--target", "body_mass_g", "--optimizer", "sgd", "--rate", 1e5, "--quiet", "--out", "wild")
    said = run("train", "penguins", *options, capsys=capsys, expected=1)
    (line,) = [line for line in said.out.splitlines() if "diverged" in line]
    assert "the learning rate 100000.0 may be too large" in line and "last good step is kept" in line
    model = load("wild/model.json")
    assert all(math.isfinite(p.data) for p in model.parameters())
    assert FILES - seen_in(folder / "wild") <= {"graph.svg"}  # of a loss that no float holds there is no graph


@pytest.mark.parametrize("encoding", ["ascii", "cp866"])
def test_the_model_is_there_whatever_the_terminal_can_show(encoding, folder):
    """± has no place in these encodings: it is spelled out."""
    arguments = ["train", "penguins", "--epochs", "2", "--hidden", "--quiet", "--out", encoding]
    done = subprocess.run(
        [sys.executable, "-m", "nn", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    assert rb"\xb1" in done.stdout
    assert seen_in(folder / encoding) == FILES


def test_a_pipe_that_is_closed_ends_it_quietly_with_the_model_written(folder):
    program = f"{sys.executable} -m nn train penguins --epochs 2 --hidden --quiet --out here; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({program}) | true"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert b"Traceback" not in done.stderr
    assert done.stderr.split()[-1] == b"0"
    assert (folder / "here" / "model.json").exists()


def test_overwriting_leaves_nothing_of_the_run_before(capsys, folder, monkeypatch):
    arguments = ("train", "penguins", "--epochs", 1, "--hidden", "--quiet", "--out", "here")
    run(*arguments, capsys=capsys)
    (folder / "here" / "notes.txt").write_text("mine")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    said = run(*arguments, "--overwrite", capsys=capsys).out
    assert seen_in(folder / "here") == FILES - {"loss.png"} | {"notes.txt"}
    assert "notes.txt" not in said and "loss.png" not in said


def test_resuming_takes_the_newest_run_of_that_name(capsys, folder):
    arguments = ("train", "penguins", "--hidden", "--quiet")
    run(*arguments, "--epochs", 2, capsys=capsys)
    run(*arguments, "--epochs", 3, capsys=capsys)
    said = run(*arguments, "--epochs", 3, "--resume", capsys=capsys).out
    assert f"written to {Path('runs', 'penguins-2')}" in said
    assert "no run of digits" in run("train", "digits", "--resume", capsys=capsys, expected=2).err


@pytest.mark.parametrize(
    "option", [("--features", "bill_length_mm"), ("--na", "?"), ("--missing", "drop"), ("--sep", ";")]
)
def test_an_option_that_does_not_apply_is_refused(option, capsys):
    error = run("train", "penguins", *option, capsys=capsys, expected=2).err
    assert f"{option[0]} is for a CSV file; penguins is a data set whose columns are decided" in error


@pytest.fixture
def model(folder, capsys):
    rows = [(f"p{i}", i, f"{i % 7},5 kg", "ab"[i % 3 == 0]) for i in range(60)]
    write("known.csv", ["who", "x", "weight", "kind"], rows)
    run(
        "train",
        "known.csv",
        "--target",
        "kind",
        "--exclude",
        "who",
        "--epochs",
        3,
        "--quiet",
        "--out",
        "m",
        capsys=capsys,
    )
    return "m/model.json"


def test_predict_names_rows_by_a_column_and_gives_all_probabilities(model, capsys):
    write("new.csv", ["who", "x", "weight"], [("q1", 3, "2,5 kg"), ("q2", 4, "1,5 kg")])
    said = run("predict", model, "new.csv", "--id", "who", "--probabilities", capsys=capsys)
    header, *rows = csv.reader(said.out.splitlines())
    assert header == ["who", "kind", "probability of a", "probability of b"]
    assert [row[0] for row in rows] == ["q1", "q2"]
    assert all(float(row[2]) + float(row[3]) == pytest.approx(1, abs=2e-4) for row in rows)
    assert said.err == ""


def test_predict_leaves_empty_what_cannot_be_read_and_says_what_is_far(model, capsys):
    write("new.csv", ["x", "weight", "kind"], [(3, "2,5 kg", ""), ("q", "2,5 kg", "a"), (4e6, "1,5 kg", "b")])
    said = run("predict", model, "new.csv", capsys=capsys)
    rows = said.out.splitlines()[1:]
    assert [bool(row.strip(",")) for row in rows] == [True, False, True]
    first, second, third = said.err.splitlines()
    assert first == "no answer: new.csv, line 3, column 'x': found 'q', expected a number"
    assert (
        second.startswith("new.csv, line 4, column 'x': 4000000.0 is ")
        and "standard deviations from the mean" in second
    )
    assert third.startswith("accuracy on the 1 rows that have one")


@pytest.mark.parametrize(("decimal", "cells"), [(".", ("2,500", "$1,750")), (",", ("2.500", "$1.750"))])
def test_predict_reads_a_column_in_the_custom_in_which_it_was_learned(folder, capsys, decimal, cells):
    """A single cell does not tell what 2,500 is; the table that was learned from was told."""
    write("known.csv", ["price", "y"], [(cells[0].replace("2", str(1 + i % 9)), i % 9) for i in range(40)])
    words = ["--epochs", 3, "--quiet", "--out", "m"]
    run("train", "known.csv", "--target", "y", "--decimal", decimal, *words, capsys=capsys)
    answers = []
    for row in (cells, (2500, 1750)):
        write("new.csv", ["price"], [[cell] for cell in row])
        answers.append(run("predict", "m/model.json", "new.csv", capsys=capsys).out)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y"])
def test_predict_reads_a_date_in_the_order_in_which_it_was_learned(folder, capsys, form):
    """A single 3/4/2025 does not tell its month; the table that was learned from did."""
    days = [date(2024, 1, 1) + timedelta(8 * i) for i in range(60)]
    write("known.csv", ["day", "y"], [(day.strftime(form), day.month) for day in days])
    run("train", "known.csv", "--target", "y", "--epochs", 3, "--quiet", "--out", "m", capsys=capsys)
    answers = []
    for written in (date(2025, 4, 3).strftime(form), "2025-04-03"):
        write("new.csv", ["day"], [[written]])
        answers.append(run("predict", "m/model.json", "new.csv", capsys=capsys).out)
    assert answers[0] == answers[1]
    saved = json.loads(Path("m/model.json").read_text(encoding="utf-8"))
    del saved["digest"]
    for column in saved["preparation"]["columns"]:
        del column["dayfirst"]  # as in a file of before
    Path("m/model.json").write_text(json.dumps(saved), encoding="utf-8")
    write("new.csv", ["day"], [[date(2025, 4, 3).strftime(form)]])
    assert "which may be" in run("predict", "m/model.json", "new.csv", capsys=capsys, expected=2).err
    run("predict", "m/model.json", "known.csv", capsys=capsys)


def test_an_option_of_columns_may_come_twice(folder, capsys):
    write("known.csv", ["a", "b", "x", "y"], [(i * i, i % 4, i, 2 * i) for i in range(30)])
    words = ["--exclude", "a", "--exclude", "b", "--epochs", 1, "--quiet", "--out", "m"]
    assert "; x -> y;" in run("train", "known.csv", "--target", "y", *words, capsys=capsys).out


def test_predict_refuses_another_unit(model, capsys):
    write("new.csv", ["x", "weight"], [(3, "2,5 lb"), (4, "1,5 lb")])
    error = run("predict", model, "new.csv", capsys=capsys, expected=2).err
    assert "new.csv, column 'weight': in lb, and was learned in kg" in error


def test_hints_are_in_the_words_of_the_command_line(capsys):
    write("gaps.csv", ["x", "y"], [(1, 2), ("", 3), (4, 5), (6, 7)])
    assert (
        "(--missing drop leaves such rows out)"
        in run("train", "gaps.csv", "--target", "y", capsys=capsys, expected=2).err
    )
