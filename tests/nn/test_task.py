"""The facts of a run: what they are where nothing else is said."""

from __future__ import annotations

from nn import MLP, SGD, train
from nn.training.losses import loss_of
from nn.training.task import Position, Task

DATA = [([0.0], [1.0]), ([1.0], [0.5])]


def test_what_is_not_said_is_as_the_docstring_of_train_has_it():
    task = Task(MLP(1, [1]), DATA)
    assert (task.epochs, task.batch_size, task.seed) == (100, None, 0)
    assert task.loss is loss_of("mse")
    assert type(task.optimizer) is SGD
    for name in ("regularizer", "schedule", "clip", "validation", "early_stopping"):
        assert not getattr(task, name)


def test_a_run_has_the_same():
    assert train(MLP(1, [1]), DATA).epochs == 100


def test_a_run_begins_before_its_first_step():
    assert Position() == Position(epoch=0, step=0, sums=[0.0, 0.0], gradient=0.0)
    assert Task(MLP(1, [1]), DATA).position == Position()
