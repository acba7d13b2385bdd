"""What `Playground` takes and refuses, and that its page is complete in itself."""

from __future__ import annotations

import re
from typing import Any

import pytest

from nn import Playground
from nn.commands import play
from nn.data.generators import GENERATORS
from nn.playground.carried import DATA, SHARES, architectures, carried_data
from nn.playground.playground import LESSONS

WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"data": "moon"}, ValueError, "data 'moon'"),
    ({"data": 3}, TypeError, "a function of one number, or pairs"),
    ({"data": [([0.0], 1.0)] * 3}, ValueError, "at least 4 points"),
    ({"data": [([0.0, 1.0, 2.0], 1)] * 9}, ValueError, "one or two inputs"),
    ({"data": [([0.0, 1.0], 2)] * 9}, ValueError, "0 and 1"),
    ({"data": [([0.0], float("nan"))] * 9}, ValueError, "not finite"),
    ({"data": lambda x: "text"}, TypeError, "what the function gives"),
    ({"noise": 2}, ValueError, "noise is a number from 0 to 1, got 2"),
    ({"test": 0.25}, ValueError, "test is one of 0, 0.1"),
    ({"layers": 8}, TypeError, "such as \\[8, 8\\], got 8"),
    ({"layers": [0]}, ValueError, "got 0"),
    ({"layers": [33]}, ValueError, "33"),
    ({"layers": [2] * 7}, ValueError, "got 7"),
    ({"activation": "swish"}, ValueError, "activation is one of 'tanh'"),
    ({"init": "ones"}, ValueError, "init is one of"),
    ({"seed": -1}, ValueError, "seed"),
    ({"seed": 0.5}, TypeError, "seed"),
    ({"optimizer": "sgd"}, ValueError, "optimizer is one of 'SGD'"),
    ({"rate": 0}, ValueError, "rate is a number from 1e-06"),
    ({"rate": "fast"}, TypeError, "rate"),
    ({"schedule": "step"}, ValueError, "schedule is one of"),
    ({"batch": 7}, ValueError, "batch is one of 0, 1"),
    ({"l1": -1}, ValueError, "l1 is a number"),
    ({"dropout": 1.0}, ValueError, "dropout is a number from 0 to 0.9"),
    ({"lang": "de"}, ValueError, "lang 'de'"),
    ({"hidden": ["speed"]}, ValueError, "hidden 'speed'"),
]


@pytest.mark.parametrize(("settings", "error", "words"), WRONG, ids=[words for *_, words in WRONG])
def test_what_cannot_be_is_refused_by_name(settings: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Playground(**settings)


def test_an_unknown_lesson_names_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="learning rate"):
        Playground.lesson("learning rates")


def test_the_command_knows_the_same_problems_and_lessons() -> None:
    assert play.PROBLEMS == DATA
    assert tuple(LESSONS) == play.LESSONS
    assert set(DATA) == set(GENERATORS)


def test_its_repr_makes_it_again() -> None:
    settings = {"data": "xor", "layers": [3], "rate": 0.5, "seed": 4}
    assert repr(Playground(**settings)) == "Playground(data='xor', layers=[3], seed=4, rate=0.5)"
    assert repr(eval(repr(Playground(**settings)))) == repr(Playground(**settings))


@pytest.mark.parametrize("name", DATA)
def test_the_points_are_those_of_the_generator(name: str) -> None:
    """At any noise and share of the test."""
    data, more = carried_data(name), {"classes": 2} if name == "blobs" else {}
    for share in SHARES:
        made = GENERATORS[name](noise=0.3, test_fraction=share, **more)
        rows = [
            [x + 0.3 * m for x, m in zip(*both, strict=True)]
            for both in zip(data["points"], data["moved"], strict=True)
        ]
        held = data["tests"][str(share)]
        for i, (x, _) in zip(held, made.test, strict=True):
            assert rows[i][:-1] == pytest.approx(x, rel=1e-12, abs=1e-12)
        kept = [row for i, row in enumerate(rows) if i not in set(held)]
        for row, (x, _) in zip(kept, made.train, strict=True):
            assert row[:-1] == pytest.approx(x, rel=1e-12, abs=1e-12)


def test_all_small_networks_are_offered() -> None:
    assert len(architectures()) == 1 + 8 + 64 + 512
    assert {(), (1,), (8, 8), (8, 8, 8)} <= set(architectures())
    assert architectures(1) == [(), *[(n,) for n in range(1, 9)]]


def test_a_page_of_fewer_layers_is_smaller_and_has_the_network_that_was_asked_for() -> None:
    whole, small = Playground("sine", layers=[3, 4]), Playground("sine", layers=[3, 4], deepest=1)
    assert len(small.page()) < 0.7 * len(whole.page())
    assert set(small._carried()[1]["regression"]["plans"]) == {"", *"12345678", "3 4"}
    with pytest.raises(ValueError, match="deepest"):
        Playground(deepest=4)


def test_a_page_is_complete_in_itself_and_the_same_each_time() -> None:
    page = Playground.lesson("batches").page()
    assert page == Playground.lesson("batches").page()
    assert "default-src 'none'" in page
    assert set(re.findall(r"https?://[\w./]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert not [word for word in ("src=", "@import", "fetch(", "XMLHttpRequest", "new Function") if word in page]
