"""What a run leaves behind: figures, a table, a CSV file, a picture."""

from __future__ import annotations

import copy
import csv
import math
import pickle
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, Epoch, History, fit, l2, linear
from tests.nn.helpers import bits, examples

finite = st.floats(allow_nan=False, allow_infinity=False)
epochs = st.lists(
    st.builds(Epoch, number=st.integers(1, 10**6), loss=finite, penalty=finite, validation=st.none() | finite,
              rate=finite, gradient=finite, seconds=finite),
    max_size=5,
)  # fmt: skip
DATA = [([0.0], 1.0), ([1.0], 3.0), ([2.0], 5.0)]


def made(*losses: float, validation: list[float | None] | None = None) -> History:
    told = validation or [None] * len(losses)
    return History(
        Epoch(i + 1, loss, 0.0, v, 0.1, 1.0, 0.01) for i, (loss, v) in enumerate(zip(losses, told, strict=True))
    )


def test_the_figures_of_a_run_are_what_they_say():
    model = MLP(1, [1], init="constant")  # 1 · x + 0
    settings = {
        "optimizer": "sgd",
        "batch_size": None,
        "regularizer": l2(0.25),
        "schedule": linear(4),
        "validation": [([4.0], 4.5)],
    }
    history = fit(model, DATA, epochs=2, progress=False, **settings)
    first, second = history
    assert (first.number, second.number) == (1, 2)
    assert first.loss == pytest.approx((1 + 4 + 9) / 3)  # before the step: (x - t)² = 1, 4, 9
    assert first.penalty == 0.25  # of w = 1
    assert (first.rate, second.rate) == (0.1, pytest.approx(0.075))
    dw = 2 * (0 * -1 + 1 * -2 + 2 * -3) / 3 + 0.5
    db = 2 * (-1 - 2 - 3) / 3
    assert first.gradient == pytest.approx(math.hypot(dw, db))
    w, b = 1 - 0.1 * dw, -0.1 * db
    assert first.validation == pytest.approx((4 * w + b - 4.5) ** 2)  # after the step
    assert second.loss == pytest.approx(sum((w * x + b - t) ** 2 for (x,), t in DATA) / 3)
    assert all(epoch.seconds > 0 for epoch in history)


def test_the_loss_of_an_epoch_weighs_samples_alike_though_the_last_batch_is_smaller():
    model = MLP(1, [1], init="constant")
    model.freeze()  # so every loss is that of the start
    (epoch,) = fit(model, DATA, epochs=1, batch_size=2, progress=False, regularizer=l2(0.25))
    assert epoch.loss == pytest.approx((1 + 4 + 9) / 3)
    assert epoch.penalty == pytest.approx(0.25)


@given(epochs=epochs)
@examples(80)
def test_a_csv_file_is_read_back_to_the_last_bit(epochs, tmp_path):
    History(epochs).save(tmp_path / "history.csv")
    again = History.load(str(tmp_path / "history.csv"))
    assert again == History(epochs)
    for name in ("loss", "penalty", "rate", "gradient", "seconds"):
        assert bits(again.column(name)) == bits(History(epochs).column(name))


def test_any_program_can_read_the_csv_file(tmp_path):
    made(0.1, 0.2, validation=[None, 3.5]).save(tmp_path / "history.csv")
    with (tmp_path / "history.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["loss"] for row in rows] == ["0.1", "0.2"]
    assert [row["validation"] for row in rows] == ["", "3.5"]
    assert [row["number"] for row in rows] == ["1", "2"]


HEADER = "number,loss,penalty,validation,rate,gradient,seconds\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no history: .*its columns are None"),
        (b"a,b\n1,2\n", r"is no history: .*its columns are \['a', 'b'\]"),
        (b"\x80\x04\x95 pickled", "is no history"),
        (b"\x00" * 50, "is no history"),
        (b"x" * 200_000, "is no history"),
        ((HEADER + "1,0.5,0,,0.1,1\n").encode(), "line 2"),
        ((HEADER + "1,0.5,0,,0.1,1,0.01,7\n").encode(), "line 2"),
        ((HEADER + "1,0.5,0,,0.1,1,0.01\n2,half,0,,0.1,1,0.01\n").encode(), "line 3.*half"),
        ((HEADER + ",0.5,0,,0.1,1,0.01\n").encode(), "line 2"),
        ((HEADER + "1,,0,,0.1,1,0.01\n").encode(), "line 2"),
        ((HEADER + "1.5,0.5,0,,0.1,1,0.01\n").encode(), "line 2.*1.5"),
        ((HEADER + "inf,0.5,0,,0.1,1,0.01\n").encode(), "line 2.*inf"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path, content, message):
    (tmp_path / "history.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        History.load(tmp_path / "history.csv")
    assert "history.csv" in str(caught.value)


def test_the_best_epoch_goes_by_validation_where_there_is_one():
    assert made(3.0, 1.0, 2.0).best == 2
    assert made(3.0, 1.0, 2.0, validation=[0.5, 0.7, 0.4]).best == 3
    assert made(1.0, 1.0).best == 1
    with pytest.raises(ValueError, match="an empty history has no best epoch"):
        _ = History().best


def test_columns():
    assert made(3.0, 1.0).column("loss") == [3.0, 1.0]
    assert made(3.0, 1.0).column("number") == [1, 2]
    with pytest.raises(AttributeError, match="accuracy"):
        made(3.0).column("accuracy")


def test_as_a_table_it_has_a_line_for_each_of_at_most_20_epochs_evenly_spread():
    short = made(0.5, 0.25, validation=[0.75, None])
    head, *lines = str(short).splitlines()
    assert head.split() == ["epoch", "loss", "penalty", "validation", "rate", "gradient", "seconds"]
    assert [line.split() for line in lines] == [
        ["1", "0.5", "0", "0.75", "0.1", "1", "0.010"],
        ["2", "0.25", "0", "–", "0.1", "1", "0.010"],
    ]
    for count in (20, 21, 39, 500):
        lines = str(made(*[1.0 / i for i in range(1, count + 1)])).splitlines()[1:]
        numbers = [int(line.split()[0]) for line in lines]
        gaps = {b - a for a, b in pairwise(numbers)}
        assert (len(numbers), numbers[0], numbers[-1]) == (20, 1, count)
        assert max(gaps) - min(gaps) <= 1
        assert {len(line) for line in lines} == {len(head)}


ENDINGS = {
    "": "done after 1 epoch",
    "early stopping": "stopped early after 1 epoch, since the validation loss fell no further",
    "interrupted": "interrupted after 1 epoch",
}


@pytest.mark.parametrize("stopped", ENDINGS)
def test_what_ended_it_is_said(stopped):
    history = made(0.5)
    history.stopped = stopped
    assert history.ending == ENDINGS[stopped]
    for text in str(history), history._repr_html_():
        assert (history.ending in text) == bool(stopped)  # what was read from a file does not know whether it is all
    assert "2 epochs" in History([*history, *history], stopped).ending


def test_a_history_in_a_line():
    assert repr(made(0.5)) == "<history of 1 epochs, loss 0.5 to 0.5>"
    assert repr(History()) == "<history of 0 epochs>"


def test_what_ended_it_survives_copying_and_pickling():
    history = made(0.5, 0.2)
    history.stopped = "interrupted"
    for twin in (copy.deepcopy(history), pickle.loads(pickle.dumps(history))):
        assert (twin, twin.stopped) == (history, "interrupted")


def test_an_epoch_is_a_fact():
    epoch = made(0.5)[0]
    with pytest.raises(AttributeError):
        epoch.loss = 0.0
    assert replace(epoch, loss=0.0) != epoch
