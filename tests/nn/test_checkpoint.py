"""Checkpoint files: whole or not there, and refused with a reason where they are broken."""

from __future__ import annotations

import copy
import json
import math
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, SGD, Diverged, fit, save, train
from nn.data import moons
from nn.training import train as loop
from tests.nn.helpers import bits, content_of, examples, numbers

pytestmark = pytest.mark.slow  # runs are trained, and their files damaged

DATA = list(moons(n=10, test_fraction=0).train)
SETTINGS: dict[str, Any] = {
    "loss": "cross_entropy",
    "optimizer": "adam",
    "batch_size": 4,
    "validation": 0.2,
    "early_stopping": 50,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.json"


def network() -> MLP:
    return MLP(2, [2, 2], seed=1)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of a checkpoint after three of five epochs."""
    path = tmp_path_factory.mktemp("good") / "run.json"
    run = train(network(), DATA, epochs=5, checkpoint=path, **SETTINGS)
    for _ in range(3):
        next(run)
    run.save()
    return path.read_text(encoding="utf-8")


def test_it_holds_the_whole_state_as_json(good):
    content = content_of(good)
    assert (content["format"], content["version"], content["stopped"]) == ("rantai-checkpoint", 1, "")
    assert (content["position"]["epoch"], content["position"]["step"]) == (3, 0)
    assert [epoch["number"] for epoch in content["history"]] == [1, 2, 3]
    assert content["optimizer"]["steps"] == 6
    assert set(content["made_by"]) == {"backend", "rantai", "python", "machine"}


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.25, [1, 5, 9, 10]), (0.5, [1, 3, 5, 7, 9, 10]), (1.0, list(range(1, 11))), (60.0, list(range(1, 11)))],
)
def test_it_is_written_at_most_once_a_second_and_at_the_end(path, monkeypatch, seconds, written):
    """By a clock that goes on by so much in each epoch."""
    found: list[int] = []
    run = train(MLP(1, [1], init="zeros"), [([1.0], 1.0)], epochs=10, checkpoint=path)
    monkeypatch.setattr(loop, "perf_counter", lambda: run.epoch * seconds)
    for epoch in run:
        if path.exists():
            found.append(epoch.number)
            path.unlink()
    assert found == written


# Writing is whole or not at all


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_the_last_one_and_nothing_else(path, monkeypatch, error):
    monkeypatch.setattr(loop, "BETWEEN_CHECKPOINTS", 0.0)
    run = train(network(), DATA, epochs=5, checkpoint=path, **SETTINGS)
    next(run)
    before = path.read_bytes()

    def fail(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail)
        with pytest.raises(type(error)):
            next(run)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    model, straight = network(), network()
    fit(model, DATA, epochs=5, checkpoint=path, progress=False, **SETTINGS)
    fit(straight, DATA, epochs=5, progress=False, **SETTINGS)
    assert bits(numbers(model)) == bits(numbers(straight))


@pytest.mark.parametrize("number", [math.inf, math.nan])
def test_a_state_that_json_has_no_number_for_is_not_written(path, number):
    run = train(network(), DATA, epochs=5, checkpoint=path, **SETTINGS)
    next(run)
    before = path.read_bytes()
    run.optimizer.states[0]["square"] = number
    with pytest.raises(ValueError, match=rf"its square of parameter \w+ became {number}, which no checkpoint"):
        run.save()
    assert path.read_bytes() == before


def test_a_run_that_diverges_leaves_the_last_good_one(path, monkeypatch):
    monkeypatch.setattr(loop, "BETWEEN_CHECKPOINTS", 0.0)

    def loss(outputs: Any, target: Any) -> Any:
        return (outputs[0] - target) ** 2

    model = MLP(1, [1], seed=1)
    run = train(model, [([1.0], 3.0), ([2.0], 5.0)], loss=loss, optimizer=SGD(1.0), epochs=2000, checkpoint=path)
    with pytest.raises(Diverged):
        list(run)
    content = content_of(path.read_text(encoding="utf-8"))
    assert content["position"]["epoch"] == len(run.history) > 0
    assert all(map(math.isfinite, content["parameters"].values()))


# Broken files


def edit(content: Any, route: tuple[Any, ...], new: Any) -> Any:
    """A copy with one field set, or removed where new is the Ellipsis."""
    content = copy.deepcopy(content)
    *parents, last = route
    place = content
    for key in parents:
        place = place[key]
    if new is ...:
        del place[last]
    else:
        place[last] = new
    return content


def refused(path: Path, content: str | bytes, message: str) -> None:
    """The file is refused with that message, and nothing has changed: neither the model nor the file."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before, model = path.read_bytes(), network()
    with pytest.raises(ValueError, match=message) as caught:
        train(model, DATA, epochs=5, checkpoint=path, **SETTINGS)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 1500
    assert bits(numbers(model)) == bits(numbers(network()))
    assert path.read_bytes() == before


FIELDS: list[tuple[tuple[Any, ...], Any, str]] = [
    *[((name,), ..., f"is no whole checkpoint: KeyError '{name}'") for name in
      ("settings", "parameters", "optimizer", "position", "early_stopping", "stopped", "history")],
    *[(("position", name), ..., "is no whole checkpoint: KeyError "
                                f"'{name}'") for name in ("epoch", "step", "sums", "gradient")],
    *[(("early_stopping", name), ..., "is no whole checkpoint: KeyError "
                                      f"'{name}'") for name in ("loss", "epoch", "data")],
    (("optimizer", "states"), ..., "is no whole checkpoint: KeyError 'states'"),
    (("format",), "rantai-model", "is no rantai-checkpoint file"),
    (("version",), 2, "has version 2 of the format rantai-checkpoint; this program reads version 1"),
    (("settings",), None, "settings: expected an object, got 'None'"),
    (("settings", "loss"), ..., "another loss: None, not cross_entropy"),
    (("settings", "network"), "x" * 5000, "another network: x{300}, not "),
    (("parameters",), [1.0], "parameters: expected an object"),
    (("parameters", "layers.0.neurons.0.b"), ..., "parameters.layers.0.neurons.0.b: missing"),
    (("parameters", "layers.0.neurons.0.b"), "0.0", "parameters.layers.0.neurons.0.b: expected a finite number, got "
                                                    "'0.0'"),
    (("parameters", "layers.0.neurons.0.b"), 10**400, "parameters.layers.0.neurons.0.b: expected a finite number, got "
                                                      "'1000"),
    (("parameters", "more"), 1.0, "parameters.more: unknown"),
    (("position",), [], "is no whole checkpoint: TypeError"),
    (("position", "epoch"), "3", "position.epoch: expected a whole number from 0 up, got '3'"),
    (("position", "epoch"), -1, "position.epoch: expected a whole number from 0 up, got '-1'"),
    (("position", "epoch"), 4, "position.epoch: it is 4, but the history has 3 epochs"),
    (("position", "step"), 1.5, "position.step: expected a whole number from 0 up, got '1.5'"),
    (("position", "step"), True, "position.step: expected a whole number"),
    (("position", "sums"), [0.0], "position.sums: expected 2 numbers, got 1"),
    (("position", "sums"), [0.0, None], "position.sums: expected a finite number, got 'None'"),
    (("position", "sums"), 0.0, "position.sums: expected a list"),
    (("position", "gradient"), "big", "position.gradient: expected a finite number, got 'big'"),
    (("optimizer",), None, "is no whole checkpoint: TypeError"),
    (("optimizer", "steps"), None, "optimizer.steps: expected a whole number"),
    (("optimizer", "states"), {}, "optimizer.states: expected a list"),
    (("optimizer", "states"), [{}], "optimizer.states: there are 1 for 12 parameters"),
    (("optimizer", "states", 3), 1.0, "is no whole checkpoint: AttributeError"),
    (("optimizer", "states"), [], "optimizer.states: there are 0 for 12 parameters after 6 steps"),
    (("optimizer", "states", 3, "mean"), ..., "optimizer.states.3.mean: missing"),
    (("optimizer", "states", 3, "velocity"), 0.5, "optimizer.states.3.velocity: unknown"),
    (("optimizer", "states", 3, "square"), -1e-9, "optimizer.states.3.square: expected a number from 0 up, got -1e-09"),
    (("optimizer", "states", 3, "mean"), "0", "optimizer.states.3.mean: expected a finite number, got '0'"),
    (("early_stopping",), [1, 2], "is no whole checkpoint: TypeError"),
    (("early_stopping", "data"), [1.0], "early_stopping.data: expected 12 numbers, got 1"),
    (("early_stopping", "loss"), None, "early_stopping.loss: expected a finite number"),
    (("early_stopping", "epoch"), 0.5, "early_stopping.epoch: expected a whole number"),
    (("stopped",), "<script>alert(1)</script>", "stopped: expected '' or 'early stopping', got '<script>"),
    (("stopped",), None, "stopped: expected '' or 'early stopping'"),
    (("history",), 3, "is no whole checkpoint: TypeError"),
    (("history", 1), 3, "is no whole checkpoint: AttributeError"),
    (("history", 1, "loss"), ..., "is no whole checkpoint: TypeError"),
    (("history", 1, "loss"), None, "is no whole checkpoint: TypeError"),
    (("history", 1, "loss"), "0.5", "loss: expected a finite number, got '0.5'"),
    (("history", 1, "more"), 0.5, "is no whole checkpoint: TypeError"),
]  # fmt: skip


@pytest.mark.parametrize(("route", "new", "message"), FIELDS, ids=lambda x: str(x)[:40])
def test_a_field_that_is_missing_or_odd_is_named(path, good, route, new, message):
    refused(path, json.dumps(edit(content_of(good), route, new)), message)


def test_other_files_are_refused(path, good, tmp_path):
    save(network(), tmp_path / "model.json")
    for content, message in [
        ("", "is no JSON that can be read"),
        (good[:-200], "is no JSON that can be read"),
        (pickle.dumps(good), "is no JSON that can be read"),
        (good.replace('"gradient": ', '"gradient": NaN, "was": ', 1), "NaN is no number"),
        ("[" * 100_000, "is no JSON that can be read"),
        ("[]", "is no rantai-checkpoint file"),
        ((tmp_path / "model.json").read_bytes(), "is no rantai-checkpoint file"),
    ]:
        refused(path, content, message)


leaf = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, [], {}, [[]], {"a": 1}])
)


def routes(content: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [route for key, part in items for route in ((*prefix, key), *routes(part, (*prefix, key)))]


@given(edits=st.lists(st.tuples(st.integers(0, 10**6), leaf | st.just(...)), min_size=1, max_size=2))
@examples(250)
@pytest.mark.filterwarnings("ignore:.*the last bits may differ")
def test_a_damaged_file_is_a_value_error_or_a_run_that_goes_on(edits, good, tmp_path):
    content = content_of(good)
    for number, new in edits:
        where = routes(content)
        content = edit(content, where[number % len(where)], new)
    path = tmp_path / "run.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    model = network()
    try:
        run = train(model, DATA, epochs=5, checkpoint=path, **SETTINGS)
    except ValueError as error:
        assert "run.json" in str(error)
        assert bits(numbers(model)) == bits(numbers(network()))
    else:
        assert len(run.history) == run.epoch == content["position"]["epoch"]
        assert all(map(math.isfinite, numbers(model)))


@pytest.mark.parametrize("name", ["rantai", "python", "machine"])
def test_one_of_another_version_or_machine_goes_on_and_says_so_in_one_line(name, path, good):
    content = content_of(good)
    now, content["made_by"][name] = content["made_by"][name], "0.0.7"
    path.write_text(json.dumps(content), encoding="utf-8")
    model, straight = network(), network()
    with pytest.warns(UserWarning) as caught:
        fit(model, DATA, epochs=5, checkpoint=path, progress=False, **SETTINGS)
    assert [str(warning.message) for warning in caught] == [
        f"{path} was made by {name} 0.0.7, this is {name} {now}: the run goes on, but the last bits may differ"
    ]
    fit(straight, DATA, epochs=5, progress=False, **SETTINGS)
    assert numbers(model) == pytest.approx(numbers(straight), rel=1e-9)


def test_the_warning_points_at_the_line_of_the_user(path, good):
    content = content_of(good)
    content["made_by"] = None
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.warns(UserWarning, match="does not say what it was made by") as caught:
        train(network(), DATA, epochs=5, checkpoint=path, **SETTINGS)
    assert Path(caught[0].filename).name == Path(__file__).name
