"""`Classifier` and `Regressor`: a network in the form of scikit-learn's estimators, for its pipelines,
`cross_val_score` and `GridSearchCV`.

They do what one writes by hand: standardise the inputs, make an `MLP`, `fit` it, turn its outputs back into answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import wraps
from numbers import Real
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.extmath import softmax
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from nn.checks import above_0, plain, shown, usage, whole
from nn.data import Preparation
from nn.data.column import Column
from nn.data.rows import Rows
from nn.data.standardizer import Standardizer
from nn.layers.init import Init
from nn.layers.mlp import MLP, check_size
from nn.scoring.predict import predict
from nn.store import save
from nn.training.early_stopping import EarlyStopping
from nn.training.losses import Loss
from nn.training.optimizers import Clip, Optimizer, optimizer_of
from nn.training.regularizers import elastic
from nn.training.samples import check_columns, columns_of, rows_of
from nn.training.schedules import Schedule, cosine
from nn.training.train import fit

__all__ = ["Classifier", "Regressor"]


F = TypeVar("F", bound=Callable[..., Any])


def usage_of_class(init: F) -> F:
    """As `usage`, for an `__init__` that several classes have: the example is of the class that is made."""

    @wraps(init)
    def call(self: Any, *args: Any, **settings: Any) -> None:
        usage(f"{type(self).__name__}([16], epochs=60)")(init)(self, *args, **settings)

    return call  # type: ignore[return-value]


class Network:
    """What both have in common. It comes before the classes of scikit-learn, so that editors find its settings, which
    are kept as they are given and looked at in `fit`, as scikit-learn asks."""

    @usage_of_class
    def __init__(self, hidden: Sequence[int] = (16,), *, activation: str = "tanh", init: str | Init = "xavier",
                 dropout: float = 0.0, loss: str | Loss | None = None, optimizer: str | Optimizer = "adam",
                 rate: float | None = None, epochs: int = 60, batch_size: int | None = 32, l1: float = 0.0,
                 l2: float = 0.001, schedule: str | Schedule | None = "cosine", clip: Clip | None = None,
                 validation: float | None = None, early_stopping: EarlyStopping | int | bool | None = None,
                 random_state: int = 0, backend: str = "auto", progress: bool = False) -> None:  # fmt: skip
        self.hidden, self.activation, self.init, self.dropout = hidden, activation, init, dropout
        self.loss, self.optimizer, self.rate = loss, optimizer, rate
        self.epochs, self.batch_size, self.schedule, self.clip = epochs, batch_size, schedule, clip
        self.l1, self.l2, self.validation, self.early_stopping = l1, l2, validation, early_stopping
        self.random_state, self.backend, self.progress = random_state, backend, progress

    def _train(self, X: Any, targets: Sequence[Any], outputs: int, loss: str) -> None:
        """Make the network and fit it. What was learned is kept where Ctrl-C ends it."""
        seed, rows = whole("random_state", self.random_state), Rows.of_array(X)
        self.standardizer_ = Standardizer.fit(rows)
        self.model_ = MLP(X.shape[1], [*self._hidden(), outputs], self.activation, self.init, seed,
                          dropout=self.dropout)  # fmt: skip
        self.history_ = fit(
            self.model_,
            self.standardizer_.apply_all(rows),
            targets,
            loss=loss if self.loss is None else self.loss,
            optimizer=self._optimizer(),
            epochs=self.epochs,
            batch_size=self.batch_size,
            regularizer=elastic(self.l1, self.l2),
            schedule=self._schedule(),
            clip=self.clip,
            validation=self._validation(),
            early_stopping=deepcopy(self.early_stopping),
            seed=seed,
            backend=self.backend,
            progress=self.progress,
        )
        if self.history_.stopped == "interrupted":
            raise KeyboardInterrupt  # so that a search ends, too

    def _hidden(self) -> list[int]:
        hidden = plain(self.hidden)
        if not isinstance(hidden, list | tuple):
            expected = "hidden is a list with the number of neurons in each hidden layer, such as [16]"
            raise TypeError(f"{expected}, got {shown(hidden)}")
        return [check_size("hidden neurons", size) for size in hidden]

    def _optimizer(self) -> Optimizer:
        """A copy, since a run changes what an optimizer remembers, and a setting stays as it was given."""
        optimizer = deepcopy(optimizer_of(self.optimizer))
        if self.rate is not None:
            optimizer.rate = above_0("rate", self.rate)
        return optimizer

    def _schedule(self) -> Any:
        falls = isinstance(self.schedule, str) and self.schedule == "cosine"
        return (cosine(self.epochs) if self.epochs else None) if falls else self.schedule

    def _validation(self) -> float | None:
        if self.validation is not None and not isinstance(self.validation, Real):
            raise TypeError(f"validation is a share of the rows such as 0.2, got {shown(self.validation)}")
        return self.validation

    def _read(self, X: Any, *y: Any, **asked: Any) -> Any:
        """Inputs, and targets if any, as arrays that scikit-learn has looked at."""
        try:
            return validate_data(self, *map(untensored, (X, *y)), dtype=np.float64, **asked)
        except (TypeError, ValueError):
            names = columns_of(X)
            if names and names == list(getattr(self, "feature_names_in_", names)):  # it is not the names
                check_columns(X, rows_of("X", X))  # whose errors name the column
            raise

    def save(self, path: str | Path) -> None:
        """Write the network and the preparation of its inputs, as `nn.save` does: for `nn.load_prepared`, and for
        `rantai predict` on a table with these columns (x1, x2, ... where they had no names).

        Raises:
            NotFittedError: before `fit`.
            ValueError: for several numbers a row, which no preparation has, and for inputs and target of one name.
        """
        check_is_fitted(self, "model_")
        names = getattr(self, "feature_names_in_", [f"x{i + 1}" for i in range(len(self.standardizer_.means))])
        each = zip(names, self.standardizer_.means, self.standardizer_.scales, strict=True)
        columns = tuple(Column(str(name), "number", mean, scale) for name, mean, scale in each)
        save(self.model_, path, Preparation(columns, self._told()))

    def _told(self) -> Column:
        """The column of the targets."""
        raise NotImplementedError

    def _outputs(self, X: Any) -> list[list[float]]:
        """The outputs of the network for each row."""
        check_is_fitted(self, "model_")
        rows = Rows.of_array(self._read(X, reset=False))
        return predict(self.model_, self.standardizer_.apply_all(rows), self.backend)


def untensored(data: Any) -> Any:
    """A tensor as lists, wherever it is and whatever it remembers; what scikit-learn reads better itself, as it is."""
    table = hasattr(data, "__array__") and (hasattr(data, "__array_interface__") or hasattr(data, "to_numpy"))
    return data if table else plain(data)


def name_of(y: Any) -> str:
    """What a column of targets is called, if it has a name."""
    name = getattr(y, "name", None)
    return name if isinstance(name, str) and name else "y"


class Classifier(Network, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A network that tells classes, as an estimator of scikit-learn.

    Args:
        hidden: the number of neurons in each hidden layer; `[]` is a linear model.
        activation, init, dropout: as in `nn.MLP`.
        loss: of one sample, as in `nn.fit`; None is "cross_entropy" for classes and "mse" for numbers.
        optimizer, epochs, batch_size, clip, backend, progress: as in `nn.fit`.
        rate: the learning rate; None leaves that of the optimizer.
        l1, l2: the strengths of the regularisers.
        schedule: a function of the epoch that gives the factor of the learning rate, or None; "cosine" lets it fall to
            0 over the epochs.
        validation: the share of the rows that early stopping watches.
        early_stopping: as in `nn.fit`.
        random_state: the `seed` of weights, order and dropout, a whole number: the same gives the same bits.

    Attributes:
        classes_: the labels, in the order of the outputs and of the columns of `predict_proba`.
        model_, history_: the network, which takes standardised rows, and the `History` of its training.
        standardizer_: mean and scale of each input.
        n_features_in_, feature_names_in_: how many inputs there are, and their names if they came in a data frame.

    >>> from nn import Classifier
    >>> told = Classifier([4], epochs=20).fit([[0.0], [0.2], [0.8], [1.0]], ["low", "low", "high", "high"])
    >>> told.predict([[0.1], [0.9]]).tolist()
    ['low', 'high']
    >>> told
    Classifier(epochs=20, hidden=[4])
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows X and their labels y: lists, arrays, tensors, or a data frame of numbers. Ctrl-C ends it, and
        keeps what was learned.

        Raises:
            ValueError: for rows or labels that do not fit, one class only, and settings out of range.
            TypeError: for settings and cells of another kind.
            Diverged: when the loss is not finite any more.
        """
        self._target = name_of(y)
        X, y = self._read(X, y)
        check_classification_targets(y)
        labels, targets = np.unique(y, return_inverse=True)
        if len(labels) < 2:
            raise ValueError(f"y holds one class only, {labels.tolist()[0]!r}; classification needs at least two")
        self.classes_ = labels
        self._train(X, targets.tolist(), len(labels), "cross_entropy")
        return self

    def _told(self) -> Column:
        return Column(self._target, "category", categories=tuple(map(str, self.classes_.tolist())))

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, in the order of `classes_`, for each row."""
        return softmax(np.array(self._outputs(X)))

    def predict(self, X: Any) -> Any:
        """The label of the most probable class for each row."""
        outputs = self._outputs(X)
        return self.classes_[np.argmax(outputs, axis=1)]


class Regressor(Network, RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A network that tells numbers, one or several for each row, as an estimator of scikit-learn.

    Its settings and attributes are those of `Classifier`. The targets are standardised, too.

    Attributes:
        target_standardizer_: mean and scale of each target.

    >>> from nn import Regressor
    >>> line = Regressor([], l2=0.0, epochs=300).fit([[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0])
    >>> line.predict([[4.0]]).round(2).tolist()
    [9.0]
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows X and their numbers y, one or several for each. Raises as `Classifier.fit` does."""
        self._target = name_of(y)
        X, y = self._read(X, y, multi_output=True, y_numeric=True)
        if y.dtype.kind not in "fiub":
            raise ValueError(f"y must hold numbers, got {shown(y.item(0))}; for classes write Classifier")
        rows = Rows.of_array(y.reshape(len(y), -1).astype(np.float64))
        self._shape = y.shape[1:]
        self.target_standardizer_ = Standardizer.fit(rows)
        self._train(X, self.target_standardizer_.apply_all(rows), rows.width, "mse")
        return self

    def _told(self) -> Column:
        means, scales = self.target_standardizer_.means, self.target_standardizer_.scales
        if len(means) > 1:
            raise ValueError(f"a network that tells one number a row can be saved with its columns, not {len(means)}")
        return Column(self._target, "number", means[0], scales[0])

    def predict(self, X: Any) -> Any:
        """The number, or the numbers, of each row, in their unit."""
        outputs = [self.target_standardizer_.undo(row) for row in self._outputs(X)]
        return np.array(outputs).reshape(len(outputs), *self._shape)
