"""What a beginner writes first: every wrong call says on one line what was given and what to write instead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

import nn
from engine import Value
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    EarlyStopping,
    Embedding,
    Init,
    Layer,
    LayerNorm,
    Matrix,
    Neuron,
    RMSProp,
    accuracy,
    binary_cross_entropy,
    clip_norm,
    confusion,
    cosine,
    cross_entropy,
    elastic,
    exponential,
    fit,
    l1,
    l2,
    layer_norm,
    linear,
    load,
    mse,
    predict,
    rmse,
    softmax,
    step_decay,
    train,
    warmup,
    xavier,
)  # fmt: skip
from nn.data import Dataset, Examples, blobs, moons, one_hot, sine, xor
from tests.nn.helpers import Frame, Tensor, bits, numbers

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
PAIRS = list(zip(X, Y, strict=True))
MODEL, TWO = MLP(2, [3, 1]), MLP(2, [2])
PARAMETERS = MODEL.parameters()
FRAME = Frame({"x": [0.0] * 4, "y": [0.0] * 4, "z": [0.0] * 4})
WORDS = Frame({"kind": ["cat", "dog", "cat", "dog"], "size": [1, 2, 3, 4], "weight": [1.5, 2.5, float("nan"), 4.0]})


def model() -> MLP:
    return MLP(2, [3, 1])


def with_targets(targets: Any) -> Any:
    return list(zip(X, targets, strict=True))


WRONG = {
    # networks
    "MLP([2, 3, 1])": (lambda: MLP([2, 3, 1]), ["missing", "'sizes'", "write MLP(2, [16, 1])"]),
    "MLP(2, 3)": (lambda: MLP(2, 3), ["such as [16, 1]", "got 3"]),
    "MLP(2, 3, 1)": (lambda: MLP(2, 3, 1), ["such as [16, 1]", "got 3"]),
    "MLP(2, [3.0])": (lambda: MLP(2, [3.0]), ["number of neurons must be a whole number from 1 up", "got 3.0"]),
    "MLP(True, [3])": (lambda: MLP(True, [3]), ["number of inputs must be a whole number", "got True"]),
    "MLP(hidden=3)": (lambda: MLP(2, hidden=3), ["'hidden'", "did you mean sizes?", "write MLP(2, [16, 1])"]),
    'activation "tahn"': (lambda: MLP(2, [1], "tahn"), ["'tahn'", "did you mean 'tanh'?"]),
    'activation "ReLU"': (lambda: MLP(2, [1], "ReLU"), ["'ReLU'", "did you mean 'relu'?"]),
    "activation engine.tanh": (lambda: MLP(2, [1], np.tanh), ["unknown activation", "write its name, as in 'tanh'"]),
    'init "glorot"': (lambda: MLP(2, [1], init="glorot"), ["unknown init 'glorot'", "xavier"]),
    "init=xavier": (lambda: MLP(2, [1], init=xavier), ["got <function xavier", "write xavier()"]),
    "seed=None": (lambda: MLP(2, [1], seed=None), ["seed must be a whole number", "got None"]),
    'dropout "0.5"': (lambda: MLP(2, [1], dropout="0.5"), ["dropout must be a number", "got str '0.5'"]),
    "dropout 50": (lambda: MLP(2, [1], dropout=50), ["dropout must be from 0 to below 1", "got 50"]),
    "Neuron([1, 2])": (lambda: Neuron([1, 2]), ["number of inputs", "got [1, 2]"]),
    "Layer(2)": (lambda: Layer(2), ["'neurons'", "write Layer(2, 16)"]),
    "Layer(2, [3])": (lambda: Layer(2, [3]), ["number of neurons", "got [3]"]),
    "Matrix(rows)": (lambda: Matrix([[1.0]]), ["'outputs'", "write Matrix(3, 2)"]),
    "Embedding(5)": (lambda: Embedding(5), ["'width'", "write Embedding(27, 8)"]),
    "LayerNorm()": (lambda: LayerNorm(), ["LayerNorm() missing", "write LayerNorm(16)"]),
    "layer_norm(3.0)": (lambda: layer_norm(3.0), ["takes a list of numbers, got float 3.0"]),
    "softmax(1.0)": (lambda: softmax(1.0), ["takes a list of numbers, got float 1.0"]),
    'init=Init("glorot")': (lambda: MLP(2, [1], init=Init("glorot")), ["unknown init 'glorot'"]),
    # calling them
    "model(1, 2)": (lambda: MODEL(1, 2), ["takes a list of 2 numbers, got int 1"]),
    "model(rows)": (lambda: MODEL(X), ["takes 2 inputs, got 4", "write predict(model, rows)"]),
    "model(array)": (lambda: MODEL(np.zeros((4, 2))), ["takes 2 inputs, got 4", "write predict(model, rows)"]),
    'model(["1", "2"])': (lambda: MODEL(["1", "2"]), ["got str '1'", "write float(text)"]),
    "model.fit": (lambda: MODEL.fit(X, Y), ["MLP has no fit", "write nn.fit(model, X, y)"]),
    "model.train": (lambda: MODEL.train(), ["MLP has no train", "nn.train(model"]),
    "model.predict": (lambda: MODEL.predict(X), ["MLP has no predict", "write nn.predict(model, rows)"]),
    "model.forward": (lambda: MODEL.forward(X[0]), ["MLP has no forward", "write model(x)"]),
    "model.backward": (lambda: MODEL.backward(), ["MLP has no backward", "write loss.backward()"]),
    "model[0]": (lambda: MODEL[0], ["MLP has no items, got [0]", "write model.parameters()[0]"]),
    "list(model)": (lambda: list(MODEL), ["MLP has no items", "model.parameters()"]),
    "save(model)": (lambda: nn.save(MODEL), ["save() missing", 'write save(model, "model.json")']),
    "load()": (lambda: load(), ['write load("model.json")']),
    "softmax(a, b)": (lambda: softmax(1.0, 2.0), ["2 were given", "write softmax([z1, z2, z3])"]),
    "layer_norm(a, b, c)": (lambda: layer_norm(1.0, 2.0, 3.0), ["write layer_norm([z1, z2, z3])"]),
    "constant()": (lambda: nn.constant(), ["write constant(0.5)"]),
    "zeros(3)": (lambda: nn.zeros(3), ["zeros() takes 0", "write zeros()"]),
    # optimizers
    "Adam(lr=.1)": (lambda: Adam(lr=0.1), ["Adam()", "'lr'", "did you mean rate?", "write Adam(0.01)"]),
    "Adam(params, .1)": (lambda: Adam(PARAMETERS, 0.1), ["takes a learning rate, got list", "optimizer.step("]),
    "Adam(model)": (lambda: Adam(MODEL), ["takes a learning rate, got MLP", "optimizer.step("]),
    'Adam("0.1")': (lambda: Adam("0.1"), ["learning rate must be a number", "got str '0.1'"]),
    "Adam(Value)": (lambda: Adam(Value(0.1)), ["learning rate must be a number", "got Value"]),
    "Adam(eps)": (lambda: Adam(0.1, eps=1e-3), ["'eps'", "did you mean epsilon?"]),
    "AdamW(weight_decay)": (lambda: AdamW(0.1, weight_decay=0.1), ["did you mean decay?", "decay=0.01"]),
    "SGD(learning_rate)": (lambda: SGD(learning_rate=0.1), ["SGD()", "did you mean rate?"]),
    "RMSProp(alpha)": (lambda: RMSProp(alpha=0.9), ["RMSProp()", "did you mean beta?"]),
    "step(model)": (lambda: SGD().step(MODEL), ["takes a list of Values, got MLP", "write model.parameters()"]),
    "step(generator)": (lambda: SGD().step(p for p in PARAMETERS), ["got generator; write a list"]),
    "loss.backward": (lambda: SGD().step(model().parameters()), ["no parameter has a gradient", "loss.backward()"]),
    "zero_grad": (lambda: SGD().zero_grad(), ["SGD has no zero_grad", "write model.zero_grad()"]),
    "clip_norm(params, 1)": (lambda: clip_norm(PARAMETERS, 1.0), ["2 were given", "write clip_norm(1.0)"]),
    "l2(weights)": (lambda: l2(PARAMETERS), ["strength of a regulariser must be a number", "got list"]),
    "l1(weights, 0.1)": (lambda: l1(PARAMETERS, 0.1), ["write l1(0.001)"]),
    "elastic(0.1)": (lambda: elastic(0.1), ["'l2_strength'", "write elastic(0.001, 0.001)"]),
    "step_decay(0.5)": (lambda: step_decay(0.5), ["every must be a whole number", "got 0.5"]),
    'exponential("a")': (lambda: exponential("a"), ["factor must be a number", "got str 'a'"]),
    'linear("a")': (lambda: linear("a"), ["epochs must be a whole number", "got 'a'"]),
    "cosine()": (lambda: cosine(), ["'epochs'", "write cosine(100)"]),
    "warmup(5, 0.1)": (lambda: warmup(5, 0.1), ["is a schedule, got 0.1", "write warmup(5, cosine(95))"]),
    # losses
    "mse(model(x), t)": (lambda: mse(MODEL(X[0]), 1.0), ["takes a list of outputs, got", "write model.outputs(x)"]),
    "mse(model, X, y)": (lambda: mse(MODEL, X, Y), ["3 were given", "write mse(model.outputs(x), target)"]),
    'mse target "cat"': (lambda: mse([1.0], "cat"), ["a target is a number", "got 'cat'"]),
    "mse target None": (lambda: mse([1.0], [None]), ["a target is a number", "got [None]"]),
    "mse rows": (lambda: mse([1.0], [[1.0]]), ["a target is a number", "got [[1.0]]"]),
    "mse for classes": (lambda: mse([1.0, 2.0], 1), ["2 outputs and 1 targets", 'loss="cross_entropy"']),
    'cross_entropy "cat"': (lambda: cross_entropy([1.0, 2.0, 3.0], "cat"), ["0 to 2", "classes.index('cat')"]),
    "cross_entropy column": (lambda: cross_entropy([1.0, 2.0], np.array([1])), ["1 probabilities", "target[0]"]),
    "cross_entropy 1 logit": (lambda: cross_entropy([1.0], 1), ["one logit", "binary_cross_entropy"]),
    'binary "1"': (lambda: binary_cross_entropy([1.0], "1"), ["a target is a number", "got '1'"]),
    # training
    "fit(m)": (
        lambda: fit(MODEL),
        ["fit() missing", "'X'", "write fit(model, X, y, optimizer=Adam(0.01), epochs=100)"],
    ),
    "fit(m, X)": (lambda: fit(MODEL, X), ["sample 0: the input is a row, a list of numbers, got float 0.0"]),
    "fit(m, (X, y))": (lambda: fit(MODEL, (X, Y)), ["sample 0 is no pair", "apart, as X, y"]),
    "fit(data, m)": (lambda: fit(PAIRS, MODEL), ["a network, such as MLP(2, [16, 1]), got [("]),
    "fit(MLP, data)": (lambda: fit(MLP, PAIRS), ["a network", "got <class"]),
    "fit(m, data, 100)": (
        lambda: fit(MODEL, PAIRS, 100),
        ["y is a list with one target for each row of X", "got int 100"],
    ),
    "fit(m, zip)": (lambda: fit(MODEL, zip(X, Y, strict=True)), ["got zip", "apart, as X, y"]),
    "fit(m, generator)": (lambda: fit(MODEL, (p for p in PAIRS)), ["got generator", "write list(pairs)"]),
    "fit(m, DataFrame)": (lambda: fit(MODEL, FRAME), ["got Frame", "apart, as frame[inputs], frame[target]"]),
    "fit(m, tensor)": (lambda: fit(MODEL, Tensor(X)), ["got Tensor", "apart, as X, y"]),
    "fit(m, dict)": (lambda: fit(MODEL, {(0.0, 1.0): 1}), ["got dict", "write list(pairs.items())"]),
    "fit(m, Dataset)": (lambda: fit(MODEL, moons(n=20)), ["got Dataset", "did you mean its .train part?"]),
    'fit(m, "my.csv")': (lambda: fit(MODEL, "my.csv"), ["got str", "load_csv(path"]),
    "fit texts": (lambda: fit(MODEL, [(["1", "2"], 1.0)]), ["sample 0: input 0 must be a number", "got str '1'"]),
    "fit a gap": (lambda: fit(MODEL, [([0.0, None], 1.0)]), ["sample 0: input 1 must be a number", "NoneType"]),
    "fit rows of rows": (lambda: fit(MODEL, [([[0.0], [1.0]], 1)]), ["input 0 must be a number", "got list [0.0]"]),
    'loss "crossentropy"': (lambda: fit(TWO, PAIRS, loss="crossentropy"), ["did you mean 'cross_entropy'?"]),
    'loss "MSE"': (lambda: fit(MODEL, PAIRS, loss="MSE"), ["did you mean 'mse'?"]),
    'optimizer "adm"': (lambda: fit(MODEL, PAIRS, optimizer="adm"), ["did you mean 'adam'?"]),
    "optimizer=Adam": (lambda: fit(MODEL, PAIRS, optimizer=Adam), ["got a class", "write Adam(0.01)"]),
    "lr=0.1": (lambda: fit(MODEL, PAIRS, lr=0.1), ["'lr'", "did you mean optimizer?", "optimizer=Adam(0.01)"]),
    "epoch=10": (lambda: fit(MODEL, PAIRS, epoch=10), ["did you mean epochs?"]),
    "epochs=2.0": (lambda: fit(MODEL, PAIRS, epochs=2.0), ["epochs must be a whole number", "got 2.0"]),
    "epochs=True": (lambda: fit(MODEL, PAIRS, epochs=True), ["epochs must be a whole number", "got True"]),
    "batch_size=all": (lambda: fit(MODEL, PAIRS, batch_size="all"), ["None for all samples", "got 'all'"]),
    "regularizer=0.1": (lambda: fit(MODEL, PAIRS, regularizer=0.1), ["is a function, got 0.1", "=l2(0.001)"]),
    "regularizer=l1": (lambda: fit(MODEL, PAIRS, regularizer=l1), ["is a function, got <function l1", "=l1(0.001)"]),
    'schedule="cosine"': (lambda: fit(MODEL, PAIRS, schedule="cosine"), ["got 'cosine'", "schedule=cosine(100)"]),
    "schedule=cosine": (lambda: fit(MODEL, PAIRS, schedule=cosine), ["schedule=cosine(100)"]),
    "clip=1.0": (lambda: fit(MODEL, PAIRS, clip=1.0), ["clip is a function, got 1.0", "clip=clip_norm(1.0)"]),
    "validation=20": (lambda: fit(MODEL, PAIRS, validation=20), ["a share such as 0.2", "got 20"]),
    "validation=True": (lambda: fit(MODEL, PAIRS, validation=True), ["a share such as 0.2", "got True"]),
    "early_stopping=True alone": (lambda: fit(MODEL, PAIRS, early_stopping=True), ["give validation=..."]),
    "early_stopping=5.0": (
        lambda: fit(MODEL, PAIRS, early_stopping=5.0, validation=0.25),
        ["a whole number from 1 up, an EarlyStopping or True", "got 5.0"],
    ),
    "early_stopping=EarlyStopping": (
        lambda: fit(MODEL, PAIRS, early_stopping=EarlyStopping, validation=0.25),
        ["an EarlyStopping or True", "got <class"],
    ),
    "train(m)": (lambda: train(MODEL), ["train() missing", "write train(model, X, y, optimizer="]),
    "train(epoch)": (lambda: train(MODEL, X, Y, epoch=3), ["train()", "'epoch'", "did you mean epochs?"]),
    "fit(m, X, short y)": (lambda: fit(MODEL, X, Y[:3]), ["X has 4 rows and y 3", "exactly one target"]),
    "fit(m, part, y)": (lambda: fit(MODEL, moons(n=10).train, Y), ["a part of a data set", "leave y out"]),
    "fit(m, data, y)": (lambda: fit(MODEL, moons(n=10), Y), ["got Dataset", "did you mean its .train part?"]),
    "fit(m, pairs, y)": (lambda: fit(MODEL, PAIRS, Y), ["input 0 must be a number", "got list [0.0, 0.0]"]),
    "fit(m, X, zip)": (lambda: fit(MODEL, X, zip(Y, strict=True)), ["y is a list", "got zip", "write list(...)"]),
    "fit(m, iter, y)": (lambda: fit(MODEL, iter(X), Y), ["X is a list of rows", "list_iterator", "write list(...)"]),
    "fit(m, column, y)": (lambda: fit(MODEL, [0.0, 1.0], [0, 1]), ["the input is a row", "got float 0.0"]),
    "fit(m1, column, y)": (lambda: fit(MLP(1, [1]), [0.0, 1.0], [0, 1]), ["got float 0.0", "write [[x] for x in X]"]),
    "fit(m, dict, y)": (lambda: fit(MODEL, {"a": [0.0]}, Y), ["X is a list of rows, got dict"]),
    'fit(m, "my.csv", "y")': (lambda: fit(MODEL, "my.csv", "y"), ["got str", "load_csv(path"]),
    'fit(m, X, "y")': (lambda: fit(MODEL, X, "y"), ["y names a column, 'y'", "X is no data frame, got list"]),
    'fit(m, frame, "z")': (lambda: fit(MODEL, FRAME, "Z"), ["no column 'Z'", "it has x, y, z"]),
    'fit(m, frame, "tall")': (lambda: fit(MODEL, WORDS, "weigth"), ["no column 'weigth'", "did you mean 'weight'?"]),
    "fit(m, words, y)": (lambda: fit(MODEL, WORDS[["kind", "size"]], Y), ["'kind'", "got str 'cat' in row 0"]),
    "fit(m, gaps, y)": (lambda: fit(MODEL, WORDS[["size", "weight"]], Y), ["'weight' of X: row 2 is nan"]),
    "predict(m, words)": (lambda: predict(MODEL, WORDS[["kind", "size"]]), ["column 'kind'", "got str 'cat'"]),
    "validation=(X, short y)": (
        lambda: fit(MODEL, X, Y, validation=(X, Y[:3])),
        ["X has 4 rows and y 3", "exactly one target"],
    ),
    "fit(m, sparse, y)": (lambda: fit(MODEL, csr_array(X), Y), ["X is sparse", "write X.toarray()"]),
    # scoring
    "predict(m, pairs)": (lambda: predict(MODEL, PAIRS), ["got pairs", "[x for x, _ in pairs]"]),
    "predict(m, data)": (lambda: predict(MODEL, moons(n=10)), ["got Dataset", "data.test.inputs"]),
    "predict(m, part)": (lambda: predict(MODEL, moons(n=10).test), ["got Examples", "examples.inputs"]),
    "predict(m, DataFrame)": (lambda: predict(MODEL, FRAME), ["takes 2 inputs, got 3"]),
    "predict(m, 1.0)": (lambda: predict(MODEL, 1.0), ["got float", "predict(model, [row])"]),
    "predict(m, row)": (lambda: predict(MODEL, [1.0, 2.0]), ["takes a list of 2 numbers, got float 1.0"]),
    "accuracy(m, X)": (lambda: accuracy(MODEL, np.array(X)), ["got ndarray", "apart, as X, y"]),
    "accuracy(m, X, short y)": (lambda: accuracy(MODEL, X, Y[:3]), ["X has 4 rows and y 3"]),
    "accuracy(m, data)": (lambda: accuracy(MODEL, moons(n=10)), ["got Dataset", ".train or .test"]),
    "accuracy, texts": (lambda: accuracy(TWO, with_targets("abab")), ["got str 'a'", "classes.index('a')"]),
    "accuracy, digits": (lambda: accuracy(TWO, with_targets("0110")), ["got str '0'"]),
    "accuracy, 1 and 2": (lambda: accuracy(TWO, with_targets([1, 2, 2, 1])), ["2 outputs are 0 to 1", "got 2"]),
    "accuracy, 1 and 2, 1": (lambda: accuracy(MODEL, with_targets([1, 2, 2, 1])), ["1 outputs are 0 to 1", "got 2"]),
    "accuracy, -1": (lambda: accuracy(TWO, with_targets([-1, 1, 1, -1])), ["2 outputs are 0 to 1", "got -1"]),
    "accuracy, reals": (lambda: accuracy(TWO, with_targets([0.5, 0.1, 1.0, 0.0])), ["a whole number", "got 0.5"]),
    "accuracy, None": (lambda: accuracy(TWO, with_targets([None] * 4)), ["a whole number", "got NoneType"]),
    "accuracy, column": (lambda: accuracy(TWO, with_targets([[0], [1], [1], [0]])), ["write target[0]"]),
    "confusion(names)": (lambda: confusion(TWO, X, Y, ["a", "b"]), ["classes must be a whole number", "['a', 'b']"]),
    "rmse, texts": (lambda: rmse(MODEL, with_targets("abab")), ["a target is a number", "got 'a'"]),
    'load("penguins")': (lambda: load("penguins"), ["no network 'penguins'", "nn.data.load('penguins')"]),
    'save("m.json", m)': (lambda: nn.save("m.json", MODEL), ["a str cannot be saved"]),
    # data
    "moons(100)": (lambda: moons(100), ["moons() takes 0 positional", "write moons(n=100)"]),
    "blobs(100, 3)": (lambda: blobs(100, 3), ["write blobs(n=100)"]),
    "moons(n_samples)": (lambda: moons(n_samples=100), ["did you mean n?", "write moons(n=100)"]),
    'moons(noise="a")': (lambda: moons(noise="a"), ["noise must be a number", "got str 'a'"]),
    "sine(n=100.0)": (lambda: sine(n=100.0), ["n must be a whole number from 2 up", "got 100.0"]),
    "xor(seed=None)": (lambda: xor(seed=None), ["a whole number or a random.Random", "got None"]),
    "Examples(zip)": (lambda: Examples(zip(X, strict=True), Y), ["got zip", "write list(...)"]),
    'one_hot("a", 3)': (lambda: one_hot("a", 3), ["from 0 to 2", "got 'a'"]),
}


@pytest.mark.parametrize(("call", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_call_says_what_was_given_and_what_to_write(call, words):
    before = numbers(MODEL), numbers(TWO)
    with pytest.raises((TypeError, ValueError, AttributeError, FileNotFoundError)) as caught:
        call()
    said = str(caught.value)
    assert [word for word in words if word not in said] == [], said
    assert "\n" not in said
    assert len(said) < 280
    assert (numbers(MODEL), numbers(TWO)) == before


def test_a_loop_that_is_not_gone_through_says_so():
    """What a notebook shows where the run is the last line of a cell."""
    run = train(model(), PAIRS, epochs=3)
    assert repr(run) == "<training: 0 of 3 epochs done; `for epoch in training:` or nn.fit takes them>"
    next(run)
    assert "1 of 3 epochs done" in repr(run)


# Whole numbers of NumPy are whole numbers


def test_numbers_of_numpy_give_the_same_run():
    def run(whole: Any, real: Any) -> Any:
        made = MLP(whole(2), [whole(3), whole(1)], seed=whole(1), dropout=real(0.25))
        history = fit(made, PAIRS, epochs=whole(3), batch_size=whole(2), seed=whole(5), validation=real(0.25),
                      early_stopping=whole(2), optimizer=SGD(real(0.125)), progress=False)  # fmt: skip
        return bits(numbers(made)), [epoch.loss for epoch in history], made.config()

    expected = run(int, float)
    for whole in (np.int64, np.int32, np.uint8, np.array):
        assert run(whole, np.float32) == expected
    assert type(MLP(np.int64(2), [np.int64(3)]).config()["inputs"]) is int


def test_data_of_numpys_numbers_is_the_same_data():
    assert same(moons(n=np.int64(20), seed=np.int64(3)), moons(n=20, seed=3))
    assert one_hot(np.int64(1), np.int64(3)) == [0.0, 1.0, 0.0]
    assert Examples(np.array(X), np.array(Y)) == Examples(X, Y)


def same(one: Dataset, other: Dataset) -> bool:
    return one.train == other.train and one.test == other.test


# Targets as NumPy has them

TARGETS = {
    "0-d": [np.array(y) for y in Y],
    "numbers": list(np.array(Y)),
    "float32": list(np.array(Y, dtype=np.float32)),
    "column": list(np.array(Y).reshape(-1, 1)),
    "tensor": [Tensor([y]) for y in Y],
}


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS)
def test_targets_of_one_number_are_converted(targets, backend):
    def run(pairs: Any) -> Any:
        made = model()
        fit(made, pairs, epochs=5, backend=backend, progress=False)
        return bits(numbers(made)), accuracy(made, pairs), rmse(made, pairs)

    assert run(with_targets(targets)) == run(PAIRS)


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize("kind", [list, tuple, np.array, Tensor], ids=lambda kind: kind.__name__)
def test_one_hot_targets_are_converted(kind, backend):
    def run(pairs: Any) -> Any:
        made = MLP(2, [3, 2])
        fit(made, pairs, epochs=5, backend=backend, loss="cross_entropy", progress=False)
        return bits(numbers(made)), accuracy(made, pairs), confusion(made, pairs, 2)

    assert run(with_targets([kind(one_hot(y, 2)) for y in Y])) == run(with_targets([one_hot(y, 2) for y in Y]))


def test_rows_and_targets_of_numpy_together():
    def run(pairs: Any) -> Any:
        made = model()
        fit(made, pairs, epochs=5, progress=False)
        return bits(numbers(made))

    assert run(list(zip(np.array(X), np.array(Y).reshape(-1, 1), strict=True))) == run(PAIRS)


# Early stopping


def test_true_waits_as_long_as_the_usual_early_stopping_and_false_is_none():
    def run(early_stopping: Any) -> Any:
        made = model()
        history = fit(made, PAIRS, epochs=60, validation=[([0.5, 0.5], 3.0 * (-1) ** i) for i in range(2)],
                      early_stopping=early_stopping, progress=False)  # fmt: skip
        return len(history), bits(numbers(made))

    assert run(True) == run(EarlyStopping()) == run(10)
    assert run(False) == run(None)
    assert run(True)[0] < run(None)[0]


def test_an_error_within_a_function_is_not_taken_for_a_wrong_call():
    def loss(outputs: Any, target: Any) -> Any:
        return mse(outputs)  # too few

    with pytest.raises(TypeError) as caught:
        fit(model(), PAIRS, loss=loss, progress=False)
    assert "write mse(model.outputs(x), target)" in str(caught.value)
    assert "fit(" not in str(caught.value)


def test_a_property_of_ones_own_network_raises_its_own_error():
    class Own(MLP):
        @property
        def width(self) -> Any:
            return self.widht  # misspelt

    with pytest.raises(AttributeError, match="no attribute 'widht'"):
        Own(2, [1]).width  # noqa: B018
