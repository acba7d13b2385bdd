"""Classification: the species of a penguin from four measurements.

Input: bill length and depth, flipper length, body mass, each standardised. Network: an MLP with one output per species.
Loss: the cross entropy of the softmax of the outputs.
"""

from __future__ import annotations

from nn.data import Dataset, load
from nn.uses.kit.settings import ACCURACY, Baselines, Settings
from nn.uses.kit.showing import show_classes
from nn.uses.kit.use import Result, Use

__all__ = ["Penguins"]


class Penguins(Use):
    name = "penguins"
    claim = "classification"
    question = "the species of a penguin from four measurements"
    metric, goal = ACCURACY, 0.97
    baselines = Baselines(
        0.433, 0.985, 0.985, "always the most frequent species", "logistic regression", "MLP, 4 units, 5 settings tried"
    )
    settings = Settings({"hidden": [4], "activation": "tanh"}, epochs=60, l2=1e-3)
    tried = (
        Settings({"hidden": [8], "activation": "tanh"}, epochs=60, l2=1e-3),
        Settings({"hidden": [16], "activation": "tanh"}, epochs=60, l2=1e-3),
        Settings({"hidden": [8], "activation": "tanh"}, epochs=60),
        Settings({"hidden": [4], "activation": "relu"}, epochs=60, l2=1e-3),
    )

    def shipped(self) -> Dataset:
        return load("penguins")

    def show(self, result: Result) -> None:
        show_classes(result)
