"""Regression: the body mass of a penguin, a number.

Input: bill length and depth, flipper length, standardised; the species as two numbers and the sex as one, each 0 or 1.
Network: an MLP with one linear output. Loss: the mean squared error of the standardised mass.
"""

from __future__ import annotations

from nn.data import Dataset, load
from nn.uses.kit.settings import Baselines, Settings, rmse_in
from nn.uses.kit.showing import show_numbers
from nn.uses.kit.use import Result, Use

__all__ = ["BodyMass"]


class BodyMass(Use):
    name = "body-mass"
    claim = "regression"
    question = "the body mass of a penguin from six features"
    metric, goal = rmse_in("g", digits=0), 320
    baselines = Baselines(802, 295, 295, "always the mean", "linear regression", "MLP, 8 units, 6 settings tried")
    loss = "mse"
    settings = Settings({"hidden": [8], "activation": "tanh"}, epochs=60, l2=1e-3)
    tried = (
        Settings({"hidden": [4], "activation": "tanh"}, epochs=60, l2=1e-3),
        Settings({"hidden": [16], "activation": "tanh"}, epochs=60, l2=1e-3),
        Settings({"hidden": [16], "activation": "tanh"}, epochs=60, l2=1e-2),
        Settings({"hidden": [16], "activation": "tanh"}, epochs=60),
        Settings({"hidden": [16], "activation": "relu"}, epochs=60, l2=1e-3),
    )

    def shipped(self) -> Dataset:
        return load("penguins", target="body_mass_g")

    def show(self, result: Result) -> None:
        show_numbers(result)
