"""Images: which of ten kinds of clothing it is (Fashion-MNIST).

Input: 7 by 7 pixels, each from 0 (background) to 1, standardised. Network: an MLP with one output per kind.
Loss: the cross entropy of the softmax of the outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nn.data import Dataset, load
from nn.data.pictures import clothes_inputs
from nn.uses.kit.pictures import PictureUse
from nn.uses.kit.settings import Baselines, Settings

__all__ = ["Images"]


class Images(PictureUse):
    name = "images"
    claim = "images"
    question = "which of ten kinds of clothing it is, on 7×7 pixels"
    goal = 0.81
    baselines = Baselines(
        trivial=0.1, linear=0.810, scikit_learn=0.813, trivial_is="always the same kind",
        linear_is="logistic regression on standardised rows", scikit_learn_is="MLP, 128 units, 14 settings tried",
    )  # fmt: skip
    settings = Settings({"hidden": [128], "activation": "relu", "dropout": 0.3}, epochs=40)
    tried: ClassVar[Sequence[Settings]] = (
        *(Settings({"hidden": [units], "activation": "relu"}, epochs=40) for units in (16, 32, 64, 128)),
        *(Settings({"hidden": [units], "activation": "relu"}, epochs=40, l2=1e-3) for units in (16, 32, 64, 128)),
        *(Settings({"hidden": [units], "activation": "relu", "dropout": 0.3}, epochs=40) for units in (32, 64)),
        *(Settings({"hidden": [units], "activation": "tanh"}, epochs=40, l2=1e-3) for units in (64, 128)),
        Settings({"hidden": [128], "activation": "relu", "dropout": 0.3}, epochs=40, l2=1e-3),
    )
    rows, width = 7, 7

    def shipped(self) -> Dataset:
        return load("fashion")

    def inputs_of(self, path: str) -> list[float]:
        return clothes_inputs(path)
