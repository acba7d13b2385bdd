"""Forecasts: the sea temperature and the growth of the economy, one step ahead and further."""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from nn import MLP
from nn.__main__ import main
from nn.data.column import Column
from nn.data.series import windows_dataset
from nn.data.shipped import FILES
from nn.store import load_prepared
from nn.uses import USES, run_use
from nn.uses.kit.horizon import End, horizon_errors, run_on
from nn.uses.kit.settings import grid
from nn.uses.kit.training import trained
from tests.nn.helpers import content_of

FORECASTS = [USES["gdp"], USES["climate"]]
by_name = pytest.mark.parametrize("use", FORECASTS, ids=lambda use: use.name)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folders of runs of few epochs."""
    folders = {}
    for use in FORECASTS:
        folders[use.name] = tmp_path_factory.mktemp(use.name)
        run_use(use, folders[use.name], settings=replace(use.settings, epochs=20), seeds=(0,), progress=False)
    return folders


def read(file, column):
    """The numbers and the marks of a shipped file, by Python's own reader."""
    with (FILES / file).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return np.array([float(row[column]) for row in rows]), [row["split"] for row in rows], rows


def raw(name):
    """The series of a use, and how many of its last numbers are the test part."""
    if name == "climate":
        series, marks, _ = read("elnino/elnino_sst.csv", "sst_c")
        return series, marks.count("test")
    level, marks, _ = read("us_macro/us_macro_quarterly.csv", "realgdp")
    return 100 * np.diff(np.log(level)), marks.count("test")


def rmse(errors):
    return float(np.sqrt(np.mean(np.square(errors))))


def least_squares(series, lags, rows):
    """The root mean squared errors of linear regression on the windows learned from and on the last `rows`."""
    x = np.lib.stride_tricks.sliding_window_view(series, lags)[:-1]
    x, y = np.column_stack([x, np.ones(len(x))]), series[lags:]
    weights, *_ = np.linalg.lstsq(x[:-rows], y[:-rows], rcond=None)
    return rmse(x[:-rows] @ weights - y[:-rows]), rmse(x[-rows:] @ weights - y[-rows:])


@by_name
def test_the_figures_it_stands_beside_are_those_of_the_data(use):
    series, rows = raw(use.name)
    test = series[-rows:]
    assert rmse(test - series[-rows - 1 : -1]) == pytest.approx(use.baselines.trivial, abs=5e-4)
    assert least_squares(series, use.lags, rows)[1] == pytest.approx(use.baselines.linear, abs=5e-4)
    if use.season:
        seasonal = rmse(test - series[-rows - use.season : -use.season])
        assert f"{seasonal:.3f}" in use.baselines.trivial_is


@by_name
def test_it_fits_the_training_rows_better_than_any_linear_model(use):
    """Which no network does whose hidden layer does not learn."""
    series, rows = raw(use.name)
    settings = replace(use.settings, epochs=150, l2=0.0)
    data = use.data()
    model, _ = trained(use, data, data.train, settings, 0, "auto", False)
    assert use.figure(model, data, data.train) < 0.97 * least_squares(series, use.lags, rows)[0]


def test_few_epochs_are_far_below_persistence(run):
    card = json.loads((run["climate"] / "card.json").read_text(encoding="utf-8"))
    assert card["mean"] < 0.7 * card["trivial"]
    assert (card["test_rows"], card["train_rows"]) == (147, 573)


@by_name
def test_settings_are_chosen_on_windows_that_share_no_number_with_what_is_learned_from(use):
    train = use.data().train
    parts = use.validation_parts(train)
    assert len(parts) == {"climate": 1, "gdp": 5}[use.name]
    told = [x for _, part in parts for x in part.inputs]
    assert told == train.inputs[len(train) - len(told) :]  # the last ones, in order; all of a short series
    for rest, part in parts:
        assert len(part) == pytest.approx(len(train) / 5, abs=1)
        spans = [
            {train.inputs.index(row) + k for row in side.inputs for k in range(use.lags + 1)} for side in (rest, part)
        ]
        assert not spans[0] & spans[1]


@by_name
def test_the_dates_are_those_of_the_file(use):
    number = {"climate": "month", "gdp": "quarter"}[use.name]
    file = {"climate": "elnino/elnino_sst.csv", "gdp": "us_macro/us_macro_quarterly.csv"}[use.name]
    rows = read(file, "year")[2]
    dates = [use.date(int(row["year"]), int(row[number])) for row in rows][len(rows) - len(use.shipped().series) :]
    assert [use.when(i, True) for i in range(len(dates))] == dates
    assert {"climate": "December 2010", "gdp": "2009 Q3"}[use.name] == dates[-1]


def test_a_step_further_takes_what_was_told():
    """A network of one weight: x, then a x, then a² x, by hand."""
    model = MLP(1, [1], seed=0)
    weight, bias = model.parameters()
    weight.data, bias.data = 0.5, 0.0
    data = windows_dataset("own", [1.0, 2.0, 4.0, 8.0, 16.0], 1, 1, Column("level", "number"), "")
    assert run_on(model, data.preparation, [[16.0], [-2.0]], 3, "eager") == [[8.0, 4.0, 2.0], [-1.0, -0.5, -0.25]]


@by_name
def test_far_steps_are_those_that_one_step_after_the_other_gives(use, run):
    """On every backend, against NumPy by hand: standardise, the hidden layer, one output, undo, shift the window."""
    model, preparation = load_prepared(run[use.name] / "model.json")
    series, _ = raw(use.name)
    window, told = list(series[-use.lags :]), []
    means, scales = np.array(preparation.standardizer.means), np.array(preparation.standardizer.scales)
    hidden, output = ([[w.data for w in neuron.w] for neuron in layer.neurons] for layer in model.layers)
    biases = [[neuron.b.data for neuron in layer.neurons] for layer in model.layers]
    bend = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}[model.activation]
    for _ in range(10):
        inside = bend(np.array(hidden) @ ((np.array(window) - means) / scales) + biases[0])
        y = (np.array(output) @ inside + biases[1])[0] * preparation.target.scale + preparation.target.mean
        window, told = [*window[1:], y], [*told, y]
    for backend in ("eager", "numpy", "kernel"):
        assert run_on(model, preparation, [series[-use.lags :]], 10, backend)[0] == pytest.approx(told, abs=1e-9)


@by_name
def test_errors_of_each_horizon_by_numpy(use):
    series, rows = raw(use.name)
    first = len(series) - rows
    repeated = [[series[i - 1]] * 6 for i in range(first, len(series))]
    expected = [rmse(series[first + h :] - series[first - 1 : len(series) - h - 1]) for h in range(6)]
    assert horizon_errors(list(series), first, repeated) == pytest.approx(expected)


@by_name
def test_the_error_one_step_ahead_is_the_figure_of_the_card(use, run):
    card = json.loads((run[use.name] / "card.json").read_text(encoding="utf-8"))
    end = End.load(run[use.name] / "series.json", use.lags)
    assert end.errors[0] == pytest.approx(card["mean"])
    assert len(end.errors) == use.horizon and end.dated
    assert end.last == pytest.approx(raw(use.name)[0][-use.lags :])


@pytest.mark.parametrize(
    ("name", "option", "steps", "dates"),
    [
        ("climate", "--months", 3, ["January 2011", "February 2011", "March 2011"]),
        ("climate", "--steps", 1, ["January 2011"]),
        ("gdp", "--quarters", 4, ["2009 Q4", "2010 Q1", "2010 Q2", "2010 Q3"]),
    ],
)
def test_asking_goes_on_from_the_end(run, capsys, name, option, steps, dates):
    assert main(["ask", name, "--run", str(run[name]), option, str(steps)]) == 0
    head, *lines, horizon, measured = capsys.readouterr().out.splitlines()
    assert head == f"{USES[name].shipped().target} in {USES[name].shipped().unit}"
    assert [line.split("  ")[0] for line in lines] == dates
    assert all(re.search(r"\d ± \d", line) for line in lines)
    assert "errors grow with the horizon" in horizon
    assert f"measured up to {USES[name].horizon} {USES[name].period}s ahead" in measured


def told(capsys, *arguments):
    assert main(["ask", *arguments]) == 0
    return [float(line.split("±")[0].split()[-1]) for line in capsys.readouterr().out.splitlines()[1:-2]]


@by_name
def test_the_same_values_given_give_the_same_answer(use, run, capsys):
    series, _ = raw(use.name)
    common = [use.name, "--run", str(run[use.name]), "--steps", "5"]
    assert told(capsys, *common) == told(capsys, *common, "--from", *[repr(float(x)) for x in series[-use.lags :]])


def test_beyond_what_was_measured_no_error_is_claimed(run, capsys):
    assert main(["ask", "gdp", "--run", str(run["gdp"]), "--quarters", "13"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:-2]
    assert ["±" in line for line in lines] == [True] * 12 + [False]


def sine(path, rows=120, split=False):
    """A season of twelve around 20, without noise: what comes after the end is known."""
    level = [20 + 3 * math.sin(2 * math.pi * i / 12) for i in range(rows)]
    marks = [",train" if i < rows - 30 else ",test" for i in range(rows)] if split else [""] * rows
    lines = [f"{i},{x:.6f}{mark}" for i, (x, mark) in enumerate(zip(level, marks, strict=True))]
    path.write_text("\n".join(["t,level" + ",split" * split, *lines]) + "\n", encoding="utf-8")
    return str(path)


def test_a_users_own_series_goes_the_same_way(here, capsys):
    file = sine(here / "tides.csv", split=True)
    assert main(["use", "climate", "--csv", file, "--target", "level", "--seeds", "0", "--quiet"]) == 0
    printed = capsys.readouterr().out
    card = json.loads((here / "runs" / "uses" / "climate-tides" / "card.json").read_text(encoding="utf-8"))
    persistence = rmse(
        [3 * math.sin(2 * math.pi * i / 12) - 3 * math.sin(2 * math.pi * (i - 1) / 12) for i in range(90, 120)]
    )
    assert card["trivial"] == pytest.approx(persistence, abs=1e-5)
    assert card["mean"] < 0.2 * persistence and card["test_rows"] == 30 and card["goal"] is None
    assert "°C" not in printed and card["metric"] == "root mean squared error"
    assert "row 120" in printed and "row 121" in printed
    beyond = [20 + 3 * math.sin(2 * math.pi * i / 12) for i in range(120, 132)]
    assert told(capsys, "climate", "--run", "runs/uses/climate-tides") == pytest.approx(beyond, abs=1.0)
    assert (here / "runs" / "uses" / "climate-tides" / "forecast.png").stat().st_size > 10_000


def test_the_shipped_series_as_ones_own_has_its_dates(here, capsys):
    file = str(FILES / "elnino" / "elnino_sst.csv")
    assert main(["use", "climate", "--csv", file, "--target", "sst_c", "--quick", "--quiet", "--out", "own"]) == 0
    capsys.readouterr()
    assert main(["ask", "climate", "--run", "own", "--months", "1"]) == 0
    assert "January 2011" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["use", "climate", "--csv", "tides.csv"], "--target names the series to forecast"),
        (["use", "climate", "--csv", "tides.csv", "--target", "levels"], "no column 'levels'; did you mean 'level'"),
        (["use", "climate", "--csv", "tides.csv", "--target", "level", "--features", "t"], "it takes no --features"),
        (
            ["use", "gdp", "--csv", "gap.csv", "--target", "level"],
            "gap.csv, line 4, column 'level': found 'NaN', expected a number",
        ),
        (
            ["use", "gdp", "--csv", "short.csv", "--target", "level"],
            "short.csv: 5 rows, 1 of them to test by; with windows of 4",
        ),
        (["ask", "climate", "--run", "RUN", "--months", "0"], "--months is 0; from 1 to 1,000 are told"),
        (["ask", "climate", "--run", "RUN", "--months", "1001"], "--months is 1001"),
        (
            ["ask", "climate", "--run", "RUN", "--from", "1", "2"],
            "finite numbers, oldest first; got 2: 1 2",
        ),
        (
            ["ask", "climate", "--run", "RUN", "--from", *["1"] * 11, "nan"],
            "--from: expected the last 12 values, finite numbers",
        ),
        (
            ["ask", "gdp", "--run", "RUN"],
            "holds no network that tells a number from the last 4 of a series, as gdp does",
        ),
        (["ask", "climate", "--run", "nowhere"], "`python -m nn use climate` trains it"),
    ],
)
def test_wrong_inputs_are_named(here, run, capsys, arguments, message):
    sine(here / "tides.csv")
    (here / "gap.csv").write_text("level\n1\n2\nNaN\n4\n5\n", encoding="utf-8")
    (here / "short.csv").write_text("level\n1\n2\n3\n4\n5\n", encoding="utf-8")
    assert main([str(run["climate"]) if word == "RUN" else word for word in arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (None, "which says where the series ends"),
        ({"last": [1.0]}, "last: expected 12 numbers, as the network takes, got 1"),
        ({"last": "all"}, "last: expected a list"),
        ({"errors": [0.5, None]}, r"errors\[1\]: expected a finite number"),
        ({"rows": 3}, "rows: expected at least 12, got 3"),
        ({"dated": 1}, "dated: expected true or false"),
        ({"version": 2}, "version 2"),
        ({"format": "other"}, "is no rantai-series file"),
    ],
)
def test_a_broken_file_of_the_end_is_named(tmp_path, change, message):
    path = tmp_path / "series.json"
    End(20, True, [1.0] * 12, [0.5]).save(path)
    assert End.load(path, 12) == End(20, True, [1.0] * 12, [0.5])
    content = content_of(path.read_text(encoding="utf-8"))
    path.unlink() if change is None else path.write_text(json.dumps(content | change), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        End.load(path, 12)


def test_a_grid_holds_every_combination_once():
    tried = grid(hidden=[4, 8], epochs=[10, 20, 40], l2=[0.0, 0.1])
    assert len({str(settings) for settings in tried}) == len(tried) == 2 * 2 * 3 * 2
    for use in FORECASTS:
        assert use.tried.count(use.settings) == 1
