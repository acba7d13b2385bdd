"""Handwriting: which digit is drawn.

Input: 8 by 8 pixels, each from 0 (paper) to 1 (ink), as they are: pixels at the edge are nearly always paper, and would
be blown up by standardising. Network: an MLP with one output per digit. Loss: the cross entropy of the softmax of the
outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nn.data import Dataset, load
from nn.data.pictures import digit_inputs
from nn.uses.kit.pictures import PictureUse
from nn.uses.kit.settings import Baselines, Own, Settings

__all__ = ["Digits"]


class Digits(PictureUse):
    name = "digits"
    claim = "handwriting"
    question = "which digit is drawn on 8×8 pixels"
    goal = 0.96
    baselines = Baselines(
        0.1, 0.967, 0.975, "always the most frequent digit", "logistic regression", "MLP, 32 units, 12 settings tried"
    )
    settings = Settings({"hidden": [32], "activation": "relu", "dropout": 0.1}, epochs=40, l2=3e-4)
    tried: ClassVar[Sequence[Settings]] = (
        *(Settings({"hidden": [32], "activation": "relu", "dropout": 0.1}, epochs=40, l2=l2) for l2 in (1e-4, 1e-3)),
        *(
            Settings({"hidden": [32], "activation": "relu", "dropout": 0.1}, epochs=80, l2=l2)
            for l2 in (1e-4, 3e-4, 1e-3)
        ),
        *(Settings({"hidden": [32], "activation": "relu"}, epochs=80, l2=l2) for l2 in (1e-4, 3e-4, 1e-3)),
        *(Settings({"hidden": [32], "activation": "tanh"}, epochs=80, l2=l2) for l2 in (1e-4, 3e-4, 1e-3)),
    )
    rows, width = 8, 8

    def data(self, own: Own | None = None) -> Dataset:
        return super().data(own) if own else self.shipped()

    def shipped(self) -> Dataset:
        return load("digits")

    def inputs_of(self, path: str) -> list[float]:
        return digit_inputs(path)
