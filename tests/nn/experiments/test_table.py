"""The table of a sweep: known figures, read by the standard library and by pandas."""

from __future__ import annotations

import csv
import sys

import pytest

from nn.experiments import Results, Row
from tests.nn.helpers import needs

RUNS = [(rate, hidden, seed) for rate in (0.1, 0.01) for hidden in (4, 8) for seed in (0, 1)]


def figure(rate, hidden, seed):
    return hidden * 10.0 + rate + seed * 2


def result(rate, hidden, seed):
    if (rate, hidden, seed) == (0.01, 4, 1):
        return Row({"rate": rate, "hidden": hidden}, seed, {}, "Diverged: <too> large")
    curve = [1.0 + seed, 0.5 + seed, 0.25 + seed][: 3 - seed]
    return Row({"rate": rate, "hidden": hidden}, seed, {"loss": figure(rate, hidden, seed), "losses": curve})


RESULTS = Results([result(*run) for run in RUNS])


def test_names():
    assert (RESULTS.hyperparameters, RESULTS.figures, RESULTS.curves) == (["rate", "hidden"], ["loss"], ["losses"])
    assert len(RESULTS) == 8 and RESULTS[2].setting == {"rate": 0.1, "hidden": 8}
    assert list(RESULTS[6:]) == list(RESULTS)[6:]
    assert repr(RESULTS) == "<results of 8 runs, 1 failed>"


def test_the_best_setting_is_one_whose_seeds_all_ended():
    best = RESULTS.best()
    assert (best.setting, best.mean, best.numbers) == ({"rate": 0.1, "hidden": 4}, 41.1, (40.1, 42.1))
    assert best.spread == pytest.approx(2**0.5)  # of two numbers that are 2 apart
    assert str(best) == "rate=0.1, hidden=4: loss 41.1 ± 1.4 (2 seeds)"
    assert RESULTS.best("loss", largest=True).setting == {"rate": 0.1, "hidden": 8}
    assert [summary.failed for summary in RESULTS.summaries()] == [0, 0, 1, 0]


def test_one_hyperparameter_against_another():
    pivot = RESULTS.pivot("rate", "hidden")
    assert (pivot.rows, pivot.columns) == ([0.01, 0.1], [4, 8])
    assert pivot.cells == [[pytest.approx(40.01), pytest.approx(81.01)], [pytest.approx(41.1), pytest.approx(81.1)]]
    assert str(pivot).splitlines() == ["mean loss", r"rate \ hidden      4      8", "         0.01  40.01  81.01",
                                       "          0.1   41.1   81.1"]  # fmt: skip
    assert "<td>81.01</td>" in pivot._repr_html_()


def test_what_is_printed_names_the_first_failure():
    lines = str(RESULTS).splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["rate", "hidden", "seeds", "loss", "(mean", "±", "sd)"], ["0.1", "4", "2", "41.1", "±", "1.4"]
    ]  # fmt: skip
    assert lines[3].split() == ["0.01", "4", "1", "(1", "failed)", "40.01", "±", "0"]
    assert lines[5] == "first failure: Diverged: <too> large (rate=0.01, hidden=4, seed 1)"
    page = RESULTS._repr_html_()
    assert page.count("<tr>") == 5 and "Diverged: &lt;too&gt; large" in page


def test_long_tables_are_cut():
    results = Results([Row({"rate": rate}, 0, {"loss": 1.0}) for rate in range(1000)])
    assert len(str(results).splitlines()) == 62
    assert str(results).splitlines()[-1] == "... and 940 settings more"


def test_csv_has_every_bit(tmp_path):
    RESULTS.to_csv(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="") as file:
        head, *lines = csv.reader(file)
    assert head == ["rate", "hidden", "seed", "loss", "reason"]
    for (rate, hidden, seed), line in zip(RUNS, lines, strict=True):
        assert [float(line[0]), int(line[1]), int(line[2])] == [rate, hidden, seed]
        failed = (rate, hidden, seed) == (0.01, 4, 1)
        assert line[3:] == (["", "Diverged: <too> large"] if failed else [repr(figure(rate, hidden, seed)), ""])


def test_without_pandas_a_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="a data frame needs pandas: pip install pandas"):
        RESULTS.to_pandas()


@needs("pandas")
def test_a_data_frame():
    import pandas

    frame = RESULTS.to_pandas()
    assert list(frame.columns) == ["rate", "hidden", "seed", "loss", "losses", "reason"]
    means = frame.groupby(["rate", "hidden"])["loss"].mean()
    for summary in RESULTS.summaries():
        assert means[tuple(summary.setting.values())] == pytest.approx(summary.mean)
    assert frame["loss"].isna().sum() == 1 and isinstance(frame, pandas.DataFrame)


FAILED = Results([Row({"rate": 1}, 0, {}, "ValueError: too large")])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: RESULTS.best("los"), "unknown figure 'los'; known are loss; did you mean 'loss'?"),
        (lambda: RESULTS.pivot("rate", "hiden"),
         "unknown hyperparameter 'hiden'; known are rate, hidden; did you mean 'hidden'?"),
        (lambda: FAILED.best(), "no run gave a number: 1 of 1 failed"),
        (lambda: Results(list(RESULTS)[4:6]).best(),
         "there is no best setting: every one has a seed that failed; the first: Diverged: <too> large"),
        (lambda: FAILED.plot_curves(),
         'no run gave a curve: a list of numbers, such as {"loss": history.column("loss")}'),
        (lambda: RESULTS.plot_curves("loses"), "unknown curve 'loses'; known are losses; did you mean 'losses'?"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_table_is_named(call, words):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == words


def test_a_table_of_failures_only_can_be_read():
    assert [line.split(maxsplit=1) for line in str(FAILED).splitlines()] == [
        ["runs", "reason"], ["1", "ValueError: too large"]
    ]  # fmt: skip


@pytest.mark.slow
class TestPictures:
    def test_a_point_for_each_seed(self, tmp_path):
        axes = RESULTS.plot_distribution(path=tmp_path / "a.png").axes[0]
        points = [list(line.get_xdata()) for line in axes.get_lines() if line.get_marker() == "o"]
        assert points == [list(summary.numbers) for summary in RESULTS.summaries()]
        means = [line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "|"]
        assert means == [summary.mean for summary in RESULTS.summaries()]
        assert next(text.get_text() for text in axes.get_yticklabels()) == "rate=0.1, hidden=4"
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")

    def test_a_square_for_each_pair(self):
        axes = RESULTS.plot_heat_map("rate", "hidden").axes[0]
        assert axes.get_images()[0].get_array().tolist() == RESULTS.pivot("rate", "hidden").cells
        assert [text.get_text() for text in axes.get_yticklabels()] == ["0.01", "0.1"]

    def test_a_line_for_each_setting(self):
        axes = RESULTS.plot_parallel().axes[0]
        lines = [list(line.get_ydata()) for line in axes.get_lines() if len(line.get_ydata()) == 3]
        lowest, highest = 40.01, 81.1
        assert len(lines) == 4
        for line, summary in zip(lines, RESULTS.summaries(), strict=True):
            rate, hidden = summary.setting.values()
            assert line == pytest.approx(
                [1.0 * (rate == 0.1), 1.0 * (hidden == 8), (summary.mean - lowest) / (highest - lowest)]
            )

    def test_what_is_beyond_the_limits_has_the_colour_of_the_nearer_one(self):
        cells = RESULTS.pivot("rate", "hidden").cells
        figure = RESULTS.plot_heat_map("rate", "hidden", limits=(50.0, 60.0))
        image = figure.axes[0].get_images()[0]
        assert image.get_clim() == (50.0, 60.0)
        shown = sorted(float(text.get_text()) for text in figure.axes[0].texts)
        assert shown == pytest.approx(sorted(x for line in cells for x in line), rel=0.05)
        ends = [line.get_ydata()[-1] for line in RESULTS.plot_parallel(limits=(50.0, 60.0)).axes[0].get_lines()
                if len(line.get_ydata()) == 3]  # fmt: skip
        assert ends == [0.0 if one.mean <= 50 else 1.0 for one in RESULTS.summaries()]

    def test_curves_have_bands_over_the_seeds(self):
        axes = RESULTS.plot_curves(most=3).axes[0]
        first, _, third = [list(line.get_ydata()) for line in axes.get_lines()]
        assert first == [1.5, 1.0, 0.25]  # the second seed ended after two epochs
        assert third == [1.0, 0.5, 0.25]  # and that of another setting failed
        band = axes.collections[0].get_paths()[0].vertices
        assert max(y for x, y in band if x == 1) == pytest.approx(1.5 + 0.5**0.5)
        assert min(y for x, y in band if x == 1) == pytest.approx(1.5 - 0.5**0.5)
