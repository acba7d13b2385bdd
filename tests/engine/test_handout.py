"""The handout: what it refuses, and what stands in it. What it looks like on paper: `tests/browser/test_print.py`."""

import re

import pytest

from engine import Stepper, Value
from engine.stepper.handout import MOST_STEPS
from tests.browser.graphs import NETWORKS


def small() -> Value:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    y = w * x + w
    y.name = "y"
    return y


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"blanks": 1}, TypeError, "blanks is True or False, got int 1"),
        ({"steps": 3}, TypeError, "steps is a range or a list of whole numbers, got int 3"),
        ({"steps": "12"}, TypeError, "steps is a range or a list of whole numbers, got str '12'"),
        ({"steps": [1.0]}, TypeError, "steps is a range or a list of whole numbers, got float 1.0 in it"),
        ({"steps": [True]}, TypeError, "steps is a range or a list of whole numbers, got bool True in it"),
        ({"steps": [0, 9]}, ValueError, "steps are from 0 to 8, got 9"),
        ({"steps": range(-1, 2)}, ValueError, "steps are from 0 to 8, got -1"),
        ({"steps": []}, ValueError, "steps is empty: a handout needs at least one step"),
    ],
)
def test_wrong_arguments(tmp_path, arguments, error, words):
    with pytest.raises(error, match=f"^{re.escape(words)}$"):
        Stepper(small()).handout(tmp_path / "sheet.html", **arguments)
    assert not (tmp_path / "sheet.html").exists()


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        Stepper(small()).handout(tmp_path / "nowhere" / "sheet.html")


def test_a_long_graph_is_taken_in_parts(tmp_path):
    stepper = Stepper(NETWORKS["c"]())
    with pytest.raises(ValueError, match=r"are too many for a handout, which holds 120: choose some, as in steps="):
        stepper.handout(tmp_path / "sheet.html")
    first = next(i for i, event in enumerate(stepper.payload["events"]) if event[0] == "backward")
    part = range(first, first + MOST_STEPS)
    text = stepper.handout(tmp_path / "sheet.html", steps=part).read_text(encoding="utf-8")
    assert [*map(int, re.findall(r"data-key='(\d+)'", text))] == [*part]


def test_a_closed_stepper_and_a_stale_graph(tmp_path):
    y = small()
    stepper = Stepper(y)
    y.inputs[1].data = 7.0
    with pytest.raises(ValueError, match="data"):
        stepper.handout(tmp_path / "sheet.html")
    stepper.close()
    with pytest.raises(ValueError, match=r"^this stepper is closed: it has no graph any more$"):
        stepper.handout(tmp_path / "sheet.html")


def test_a_picture_with_blanks_gives_no_gradient_away(tmp_path):
    y = small()
    y.backward()
    stepper = Stepper(y)
    for blanks, grads in (True, {"–"}), (False, {"1", "2", "4"}):
        text = stepper.handout(tmp_path / "sheet.html", blanks=blanks).read_text(encoding="utf-8")
        assert set(re.findall(r">grad ([^<]*)<", text)) == grads


def test_what_comes_from_other_steps_is_given(tmp_path):
    """y = w x + w: steps 4 and 5 pass y's gradient on, 6 and 7 that of w x."""
    text = Stepper(small()).handout(tmp_path / "sheet.html", steps=[6]).read_text(encoding="utf-8")
    row = re.search(r"<tr data-step='6'>(.*?)</tr>", text)[1]
    assert re.findall(r"class='number' data-field='(\w+)'", row) == ["upstream", "before"]
    assert re.findall(r"class='blank' data-field='(\w+)'", row) == ["local", "contribution", "after"]
    assert "<script" not in text


def test_one_minus_sign(tmp_path):
    y = Value(-2.0, "w") * 1e-9
    text = Stepper(y).handout(tmp_path / "sheet.html", blanks=False).read_text(encoding="utf-8")
    assert {">data −2<", ">data −2e−09<", ">grad 1e−09<"} <= set(re.findall(r">(?:data|grad) [^<]*<", text))
    assert "<data value='-2e-09'>−2e−09</data>" in text
