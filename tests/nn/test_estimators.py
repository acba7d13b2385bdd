"""`Classifier` and `Regressor`: by scikit-learn's own checks, in its searches and pipelines, and beside the same
training by hand."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import check_dataframe_column_names_consistency, parametrize_with_checks

import nn
from nn import MLP, Adam, Classifier, EarlyStopping, Regressor, cosine, elastic, fit, l2, predict, softmax
from nn.commands import main
from nn.data import load, moons, sine
from tests.nn.helpers import Frame, OtherTensor, Series, Tensor, bits, numbers, python, same_run

TRAIN, TEST = load("penguins").train, load("penguins").test
X, Y = np.array(TRAIN.inputs), np.array(load("penguins").classes)[TRAIN.targets]
SHORT: dict[str, Any] = {"hidden": [4], "epochs": 3}
MOONS = moons(n=60, seed=1).train
ON_MOONS = Classifier(**SHORT).fit(MOONS.inputs, MOONS.targets)


@pytest.mark.slow
@parametrize_with_checks([Classifier(), Regressor()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


# Beside the same by hand


def standardised(columns: Any) -> Any:
    return (columns - np.mean(columns, axis=0)) / np.std(columns, axis=0)


def by_hand(outputs: int, targets: Any, loss: str, **settings: Any) -> Any:
    model = MLP(4, [6, outputs], "relu", "he", 5)
    history = fit(model, standardised(X), targets, loss=loss, optimizer=Adam(0.02), epochs=8, batch_size=16,
                  regularizer=elastic(0.001, 0.01), schedule=cosine(8), seed=5, progress=False, **settings)  # fmt: skip
    return model, history


SETTINGS: dict[str, Any] = {"hidden": [6], "activation": "relu", "init": "he", "rate": 0.02, "epochs": 8,
                            "batch_size": 16, "l1": 0.001, "l2": 0.01, "random_state": 5}  # fmt: skip


def test_a_classifier_is_the_training_by_hand():
    classes, targets = np.unique(Y, return_inverse=True)
    model, history = by_hand(3, targets, "cross_entropy")
    found = Classifier(**SETTINGS).fit(X, Y)
    assert found.classes_.tolist() == classes.tolist() == ["Adelie", "Chinstrap", "Gentoo"]
    np.testing.assert_allclose(numbers(found.model_), numbers(model), rtol=1e-9, atol=1e-9)
    assert [e.loss for e in found.history_] == pytest.approx([e.loss for e in history], rel=1e-9)
    outputs = np.array(predict(model, standardised(X)))
    np.testing.assert_allclose(found.predict_proba(X), [list(map(float, softmax(row))) for row in outputs], rtol=1e-8)
    assert found.predict(X).tolist() == classes[outputs.argmax(axis=1)].tolist()
    assert found.score(X, Y) == accuracy_score(Y, found.predict(X)) > 0.9


def test_a_regressor_is_the_training_by_hand_in_the_unit_of_the_targets():
    y = 3000.0 + 1000.0 * X[:, 0] - X[:, 1] ** 2
    model, _ = by_hand(1, standardised(y), "mse")
    found = Regressor(**SETTINGS).fit(X, y)
    np.testing.assert_allclose(numbers(found.model_), numbers(model), rtol=1e-9, atol=1e-9)
    expected = np.array(predict(model, standardised(X)))[:, 0] * np.std(y) + np.mean(y)
    np.testing.assert_allclose(found.predict(X), expected, rtol=1e-9)
    assert found.score(X, y) == r2_score(y, found.predict(X))


def test_settings_reach_the_training():
    y = np.linspace(0.0, 1.0, len(X))
    with_all = {"loss": "mae", "optimizer": Adam(0.02), "clip": nn.clip_norm(0.5), "validation": 0.25,
                "early_stopping": EarlyStopping(2), "schedule": nn.exponential(0.9), "backend": "eager"}  # fmt: skip
    found = Regressor([3], epochs=6, batch_size=None, dropout=0.5, random_state=2, **with_all).fit(X, y)
    assert with_all["optimizer"].steps == 0  # settings stay as they were given
    assert with_all["early_stopping"].best_data == []
    model = MLP(4, [3, 1], seed=2, dropout=0.5)
    history = fit(model, [found.standardizer_.apply(row) for row in X.tolist()],
                  [found.target_standardizer_.apply([t]) for t in y], epochs=6, regularizer=l2(0.001), seed=2,
                  progress=False, **{**with_all, "early_stopping": 2})  # fmt: skip
    same_run(found.model_, found.history_, model, history)


def test_without_hidden_layers_it_is_linear_regression():
    y = X @ [1.0, -2.0, 3.0, 0.5] + 7.0
    found = Regressor([], l2=0.0, rate=0.1, epochs=300).fit(X, y).predict(X)
    np.testing.assert_allclose(found, LinearRegression().fit(X, y).predict(X), rtol=1e-3)


def test_several_numbers_a_row():
    y = np.stack([X[:, 0], 1000.0 * X[:, 1]], axis=1)
    found = Regressor([8], epochs=60, rate=0.03).fit(X, y)
    assert found.predict(X[:5]).shape == (5, 2)
    assert found.score(X, y) > 0.9
    assert Regressor(**SHORT).fit(X, y[:, :1]).predict(X[:5]).shape == (5, 1)
    assert Regressor(**SHORT).fit(X, y[:, 0]).predict(X[:5]).shape == (5,)


@pytest.mark.parametrize("labels", [[0, 1], [1, 2], [-1, 1], [False, True], ["no", "yes"], [2.0, 5.0]])
def test_labels_come_back_as_they_were(labels):
    y = np.array(labels)[np.array(MOONS.targets)]
    found = Classifier(**SHORT).fit(MOONS.inputs, y)
    assert found.classes_.tolist() == labels
    assert found.predict(MOONS.inputs).dtype == y.dtype
    probabilities = found.predict_proba(MOONS.inputs)
    assert probabilities.shape == (len(y), 2)
    np.testing.assert_allclose(probabilities, ON_MOONS.predict_proba(MOONS.inputs), rtol=1e-12)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-12)


# The same seed gives the same bits


def test_the_same_state_gives_the_same_bits_and_another_another():
    one, again, other = (Classifier(**SHORT, random_state=state).fit(X, Y) for state in (1, 1, 2))
    assert bits(numbers(one.model_)) == bits(numbers(again.model_)) != bits(numbers(other.model_))
    assert bits(numbers(one.fit(X, Y).model_)) == bits(numbers(again.model_))
    assert bits(numbers(clone(one).fit(X, Y).model_)) == bits(numbers(again.model_))
    kept = pickle.loads(pickle.dumps(one))
    assert kept.predict_proba(X).tolist() == one.predict_proba(X).tolist()


# Kinds of data


@pytest.mark.parametrize("kind", [list, np.array, np.asfortranarray, Tensor, OtherTensor])
def test_arrays_and_tensors_are_lists(kind):
    found = Classifier(**SHORT).fit(kind(MOONS.inputs), kind(MOONS.targets))
    assert bits(numbers(found.model_)) == bits(numbers(ON_MOONS.model_))
    assert found.predict(kind(MOONS.inputs)).tolist() == ON_MOONS.predict(MOONS.inputs).tolist()
    assert found.n_features_in_ == 2


def test_a_frame_is_read_by_its_columns():
    first, second = zip(*MOONS.inputs, strict=True)
    frame = Frame({"x": first, "y": second, "t": MOONS.targets})
    found = Classifier(**SHORT).fit(frame[["x", "y"]], frame["t"])
    assert bits(numbers(found.model_)) == bits(numbers(ON_MOONS.model_))


def test_names_of_columns_are_kept_and_compared():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    found = Classifier(**SHORT).fit(frame, pandas.Series(Y))
    assert found.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert found.predict(frame).tolist() == Classifier(**SHORT).fit(X, Y).predict(X).tolist()
    with pytest.raises(ValueError, match="same order"):
        found.predict(frame[["b", "a", "c", "d"]])
    with pytest.raises(ValueError, match="seen at fit time, yet now missing"):
        found.predict(frame.rename(columns={"a": "z"}))
    with pytest.raises(TypeError, match="column 'kind' of X must hold numbers, got str 'Adelie' in row 0"):
        Classifier(**SHORT).fit(frame.assign(kind=Y), Y)
    for kind in (Classifier, Regressor):
        check_dataframe_column_names_consistency(kind.__name__, kind(**SHORT))
    frame.loc[3, "b"] = np.nan
    with pytest.raises(ValueError, match="column 'b' of X: row 3 is nan"):
        Classifier(**SHORT).fit(frame, Y)


# Kept as a file


def table(path: Any, names: list[str]) -> str:
    lines = [names, *([repr(x) for x in row] for row in X[:20].tolist())]
    path.write_text("\n".join(map(",".join, lines)), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("labels", [Y, np.unique(Y, return_inverse=True)[1]])
def test_a_saved_classifier_answers_on_the_command_line(labels, tmp_path, capsys):
    found = Classifier(**SHORT).fit(X, labels)
    found.save(tmp_path / "model.json")
    main(["predict", str(tmp_path / "model.json"), table(tmp_path / "new.csv", ["x1", "x2", "x3", "x4"])])
    header, *rows = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert header == ["y", "probability"]
    assert [row[0] for row in rows] == found.predict(X[:20]).astype(str).tolist()
    assert [float(row[1]) for row in rows] == pytest.approx(found.predict_proba(X[:20]).max(axis=1), abs=6e-5)


def test_a_saved_regressor_answers_in_the_unit_of_its_targets(tmp_path, capsys):
    y = Series((1000.0 * X[:, 0]).tolist(), "price")
    found = Regressor(**SHORT).fit(X, y)
    found.save(tmp_path / "model.json")
    main(["predict", str(tmp_path / "model.json"), table(tmp_path / "new.csv", ["x1", "x2", "x3", "x4"])])
    header, *rows = capsys.readouterr().out.splitlines()
    assert header == "price"
    assert list(map(float, rows)) == pytest.approx(found.predict(X[:20]), rel=1e-12)


def test_what_cannot_be_saved_says_so(tmp_path):
    with pytest.raises(ValueError, match="one number a row can be saved with its columns, not 2"):
        Regressor(**SHORT).fit(X, X[:, :2]).save(tmp_path / "model.json")
    with pytest.raises(NotFittedError):
        Classifier().save(tmp_path / "model.json")
    with pytest.raises(ValueError, match="the target 'x1' is among them"):
        Regressor(**SHORT).fit(X, Series(X[:, 0].tolist(), "x1")).save(tmp_path / "model.json")
    assert not list(tmp_path.iterdir())


# In scikit-learn's searches


@pytest.mark.slow
def test_a_cross_validation_of_the_penguins():
    assert min(cross_val_score(Classifier(), X, Y, cv=5)) > 0.93
    probabilities = cross_val_score(Classifier(), X, Y, cv=3, scoring="neg_log_loss")
    assert min(probabilities) > -0.2


@pytest.mark.slow
def test_a_search_finds_the_network_that_can_bend():
    data = sine(n=120, seed=2).train
    search = GridSearchCV(Regressor(epochs=150, rate=0.03), {"hidden": [[], [16]], "l2": [0.0, 10.0]},
                          cv=KFold(3, shuffle=True, random_state=0))  # fmt: skip
    search.fit(data.inputs, np.ravel(data.targets))
    assert search.best_params_ == {"hidden": [16], "l2": 0.0}
    assert search.best_score_ > 0.9


def test_a_pipeline_and_an_ensemble():
    pipeline = make_pipeline(MinMaxScaler(), Classifier(**SHORT)).set_params(classifier__epochs=40)
    assert pipeline.fit(X, Y).score(TEST.inputs, pipeline.classes_[TEST.targets]) > 0.9
    members = BaggingClassifier(Classifier(**SHORT), n_estimators=3, random_state=0, bootstrap=False).fit(X, Y)
    assert len({tuple(numbers(member.model_)) for member in members.estimators_}) == 3  # each from a start of its own


# What is said


WRONG: dict[str, tuple[Any, list[str]]] = {
    "epoch": (lambda: Classifier(epoch=3), ["Classifier() got", "'epoch', did you mean epochs?", "Classifier([16]"]),
    "a search": (lambda: Regressor().set_params(epoch=3), ["'epoch'", "'epochs'"]),
    "one name": (lambda: Classifier().fit(X, ["a"] * len(X)), ["y holds one class only, 'a';"]),
    "one class": (lambda: Classifier().fit(X, [1] * len(X)), ["y holds one class only, 1;", "at least two"]),
    "hidden=16": (lambda: Classifier(16).fit(X, Y), ["hidden is a list", "such as [16]", "got 16"]),
    "hidden=[0]": (lambda: Classifier([0]).fit(X, Y), ["number of hidden neurons", "from 1 up, got 0"]),
    "random_state": (lambda: Classifier(random_state=None).fit(X, Y), ["random_state must be a whole number", "None"]),
    "rate": (lambda: Classifier(rate=-1.0).fit(X, Y), ["rate must be above 0", "got -1.0"]),
    "optimizer": (lambda: Classifier(optimizer="adm").fit(X, Y), ["unknown optimizer 'adm'", "did you mean 'adam'?"]),
    "activation": (lambda: Classifier(activation="reul").fit(X, Y), ["'reul'", "did you mean 'relu'?"]),
    "schedule": (lambda: Classifier(schedule="cos").fit(X, Y), ["schedule is a function", "got 'cos'"]),
    "validation": (lambda: Classifier(validation=(X, Y)).fit(X, Y), ["validation is a share", "such as 0.2"]),
    "loss": (lambda: Classifier(loss="mse").fit(X, Y), ["3 outputs and 1 targets", 'write loss="cross_entropy"']),
    "lengths": (lambda: Classifier().fit(X, Y[:9]), ["inconsistent numbers of samples", "9"]),
    "width": (lambda: ON_MOONS.predict(X), ["4 features", "expecting 2 features"]),
    "not fitted": (lambda: Classifier().predict(X), ["not fitted"]),
    "nan": (lambda: Regressor().fit([[np.nan], [1.0]], [1.0, 2.0]), ["NaN"]),
    "too large": (lambda: Regressor().fit([[1.7e308], [1.6e308]], [1.0, 2.0]), ["column 0", "too large"]),
    "text": (lambda: Regressor().fit([["a"], ["b"]], [1.0, 2.0]), ["could not convert string to float", "'a'"]),
    "numbers as classes": (lambda: Classifier().fit(X, X[:, 0] + 0.1), ["Unknown label type: continuous"]),
    "text as numbers": (lambda: Regressor().fit(X, Y), ["y must hold numbers, got 'Adelie'", "write Classifier"]),
}  # fmt: skip


@pytest.mark.parametrize(("call", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(call, words):
    with pytest.raises((TypeError, ValueError, NotFittedError)) as caught:
        call()
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)


NAMES = {
    "hidden_layer_sizes": "hidden", "sizes": "hidden", "max_iter": "epochs", "solver": "optimizer", "alpha": "l2",
    "learning_rate_init": "rate", "learning_rate": "rate", "lr": "rate", "seed": "random_state", "verbose": "progress",
    "validation_fraction": "validation", "n_iter_no_change": "early_stopping", "weight_decay": "l2",
    "regularizer": "l2", "batchsize": "batch_size",
}  # fmt: skip


@pytest.mark.parametrize("kind", [Classifier, Regressor])
@pytest.mark.parametrize(("theirs", "ours"), NAMES.items())
def test_a_name_of_elsewhere_is_answered_with_ours(kind, theirs, ours):
    expected = rf"{kind.__name__}\(\) .*'{theirs}', did you mean {ours}\?; write {kind.__name__}\(\[16\], epochs=60\)"
    with pytest.raises(TypeError, match=expected):
        kind(**{theirs: 1})


def test_the_signature_says_all_settings():
    parameters = inspect.signature(Classifier).parameters
    assert list(parameters) == list(inspect.signature(Regressor).parameters)
    assert sorted(parameters) == sorted(Classifier().get_params())
    assert all(p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.annotation for p in parameters.values())


def test_a_class_made_of_one_is_an_estimator_too():
    class Deep(Classifier):
        pass

    assert clone(Deep([3], epochs=2)).fit(X, Y).get_params()["hidden"] == [3]
    with pytest.raises(TypeError, match=r"Deep\(\) got .* did you mean epochs\?; write Deep\("):
        Deep(epoch=3)


def test_it_is_shown_with_what_was_set():
    assert repr(Classifier([8], epochs=5)) == "Classifier(epochs=5, hidden=[8])"
    assert repr(Regressor()) == "Regressor()"


def test_an_interruption_ends_a_search_and_keeps_what_was_learned():
    def schedule(epoch: int) -> float:
        if epoch == 3:
            raise KeyboardInterrupt
        return 1.0

    estimator = Classifier([4], schedule=schedule, backend="eager")
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, Y)
    assert len(estimator.history_) == 3
    assert len(estimator.predict(X)) == len(X)
    with pytest.raises(KeyboardInterrupt):
        cross_val_score(estimator, X, Y, cv=3)


def test_without_scikit_learn_one_line_says_what_to_install():
    code = "import sys; sys.modules['sklearn'] = None\nimport nn\nprint('Classifier' in dir(nn))\n"
    code += "try: nn.Classifier\nexcept ModuleNotFoundError as error: print(error, error.__cause__)"
    expected = "nn.Classifier needs the package sklearn: pip install 'rantai[sklearn]' None\n"
    assert python(code).stdout == "True\n" + expected
