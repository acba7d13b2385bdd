"""A function that is recorded may not ask a Value for its number: at the next run it may be another one."""

import copy
import math
import pickle
import threading

import numpy as np
import pytest

import engine
import nn
from engine import RecordingError, Value
from nn import MLP, SGD

QUESTIONS = {
    "max": lambda v: max(v, -v),
    "a comparison": lambda v: v if v > 0 else -v,
    "at least": lambda v: v if v >= 0 else -v,
    "the truth": lambda v: v if v else 1.0,
    "data": lambda v: v if v.data > 0 else -v,
    "a product with data": lambda v: v * v.data,
    "grad": lambda v: v * (v.grad or 1.0),
    "float": lambda v: v * float(v),
    "int": lambda v: v * int(v),
    "floor": lambda v: v * math.floor(v),
    "format": lambda v: v * float(f"{v:.3f}"),
    "repr": lambda v: v * len(repr(v)),
    "math": lambda v: v * math.exp(v),
    "numpy": lambda v: v * np.float64(v),
    "detach": lambda v: v * v.detach(),
    "copy": lambda v: v * copy.copy(v),
    "deepcopy": lambda v: v * copy.deepcopy(v),
    "pickle": lambda v: v * pickle.loads(pickle.dumps(v)),
    "a fresh Value": lambda v: v * Value(v.data),
    "of an operation": lambda v: v if v * 2.0 > 0 else -v,
    "data of an operation": lambda v: v * (v * 2.0).data,
    "slopes": lambda v: v * (v * 2.0).slopes[0],
}


@pytest.mark.parametrize("role", ["parameter", "other"])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_value_has_no_number_while_a_function_is_recorded(question, role):
    v, w = Value(0.5, "v"), Value(1.25, "w")
    compiled = engine.compile(lambda s: question(v) * s[0] + w, [v if role == "parameter" else w], backend="numpy")
    with pytest.raises(RecordingError, match="not known while the function is recorded"):
        compiled.run([(2.0,)])
    assert type(v) is type(w) is Value
    assert (v.data, w.data) == (0.5, 1.25)


@pytest.mark.parametrize("question", ["format", "repr", "detach", "copy", "deepcopy", "float", "int"])
def test_the_refusal_says_what_was_asked(question):
    v = Value(0.5, "v")
    with pytest.raises(RecordingError, match=rf"^{question}(\(\))? of a number .*: compute with it as it is$"):
        engine.compile(lambda s: QUESTIONS[question](v) * s[0], [v], backend="numpy").run([(2.0,)])


def test_what_does_not_ask_follows_the_number():
    w = Value(0.5)
    compiled = engine.compile(lambda s: engine.maximum(w, -w) * s[0], [w], backend="numpy")
    assert compiled.run([(2.0,)]).losses.tolist() == [1.0]
    w.data = -3.0
    assert compiled.run([(2.0,)]).losses.tolist() == [6.0]


LOOKING = {
    "in the loss": lambda size: {"loss": lambda y, t: (y[0] - t[0]) ** 2 + 0.1 * size(y[0])},
    "in the regulariser": lambda size: {"regularizer": lambda weights: 0.1 * sum(map(size, weights))},
}


@pytest.mark.parametrize("settings", LOOKING.values(), ids=LOOKING)
def test_training_with_a_look_at_the_weights_ends_where_eager_ends(settings):
    """With the default backend and work enough to be compiled."""
    size = QUESTIONS["a comparison"]
    data = [([x / 50 - 1.0], [0.2 - 0.7 * (x / 50 - 1.0)]) for x in range(100)]

    def run(**more):
        model = MLP(1, [1], seed=3)
        made = {"epochs": 400, "batch_size": 4, "optimizer": SGD(0.02), **settings(size), **more}
        history = nn.fit(model, data, progress=False, **made)
        return history.backend, [p.data for p in model.parameters()]

    backend, found = run()
    assert backend == "eager"
    assert found == run(backend="eager")[1]


class Slotted(Value):
    __slots__ = ()


class Noted(Value):
    """With attributes of its own."""

    note = "kept"


@pytest.mark.parametrize("kind", [Slotted, Noted])
def test_a_value_of_a_class_of_ones_own_is_watched_and_stays_what_it_is(kind):
    w = kind(0.5)
    assert engine.compile(lambda s: w * s[0], [w], backend="numpy").run([(2.0,)]).gradient.tolist() == [2.0]
    with pytest.raises(RecordingError, match="a comparison"):
        engine.compile(lambda s: max(w, -w) * s[0], [w], backend="numpy").run([(2.0,)])
    assert type(w) is kind


def test_no_grad_in_a_function_that_is_recorded_makes_no_constant_of_a_parameter():
    w = Value(0.5)

    def loss(sample):
        with engine.no_grad():
            weight = w * 2.0
        return weight * w * sample[0]

    with pytest.raises(RecordingError, match="no_grad"):
        engine.compile(loss, [w], backend="numpy").run([(2.0,)])


def test_a_value_that_is_recorded_in_another_thread_says_so():
    w, found = Value(0.5), {}

    def use():
        try:
            made = w * 2.0
        except RecordingError as error:
            made = str(error)
        found.setdefault("there", made)  # of the first call, which is recorded

    def loss(sample):
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
        return w * sample[0]

    assert engine.compile(loss, [w], backend="numpy").run([(2.0,)]).gradient.tolist() == [2.0]
    assert "in another thread" in found["there"]
    assert type(w) is Value
