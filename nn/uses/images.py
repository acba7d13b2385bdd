"""Images: which of ten kinds of clothing it is (Fashion-MNIST).

Input: 7 by 7 pixels, each from 0 (background) to 1, standardised. Network: an MLP with one output per kind.
Loss: the cross entropy of the softmax of the outputs.
"""

from __future__ import annotations

from nn.data import Dataset, load
from nn.pictures import clothes_inputs
from nn.uses.pictures import PictureUse
from nn.uses.settings import Baselines, Settings

__all__ = ["Images"]


class Images(PictureUse):
    name = "images"
    claim = "images"
    question = "which of ten kinds of clothing it is, on 7×7 pixels"
    goal = 0.81
    baselines = Baselines(0.1, 0.782, 0.817, "always the same kind", "logistic regression", "MLP, 16 units, mean over seeds")
    settings = Settings({"hidden": [64], "activation": "relu"}, epochs=40, l2=1e-3)
    rows, width = 7, 7

    def shipped(self) -> Dataset:
        return load("fashion")

    def read(self, path: str) -> list[float]:
        return clothes_inputs(path)
