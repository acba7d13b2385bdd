"""A tiny neural-network layer on top of `engine`: neurons made of Values, and the gradient-descent loop that trains
them.

>>> from nn import MLP, fit
>>> from nn.data import xor
>>> model = MLP(2, [8, 1])
"""

from typing import Any

from nn.layers.attention import Attention
from nn.layers.embedding import Embedding
from nn.layers.init import Init, constant, he, normal, uniform, xavier, zeros
from nn.layers.matrix import Matrix
from nn.layers.mlp import MLP, Layer, Neuron
from nn.layers.module import Module, savable
from nn.layers.norms import LayerNorm, RMSNorm, layer_norm, rms_norm, softmax
from nn.scoring.metrics import accuracy, confusion, rmse
from nn.scoring.predict import predict
from nn.store import load, load_prepared, save
from nn.training.early_stopping import EarlyStopping
from nn.training.history import Epoch, History
from nn.training.losses import LOSSES, binary_cross_entropy, cross_entropy, hinge, huber, mae, mse
from nn.training.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Optimizer, RMSProp, clip_norm, clip_value
from nn.training.regularizers import elastic, l1, l2
from nn.training.schedules import cosine, exponential, linear, step_decay, warmup
from nn.training.task import Diverged
from nn.training.train import Training, fit, train

__all__ = [
    "LOSSES", "MLP", "OPTIMIZERS", "SGD", "Adam", "AdamW", "Attention", "Diverged", "EarlyStopping", "Embedding",
    "Epoch", "History", "Init", "Layer", "LayerNorm", "Matrix", "Module", "Neuron", "Optimizer", "RMSNorm", "RMSProp",
    "Training", "accuracy", "binary_cross_entropy", "clip_norm", "clip_value", "confusion", "constant", "cosine",
    "cross_entropy", "elastic", "exponential", "fit", "he", "hinge", "huber", "l1", "l2", "layer_norm", "linear",
    "load", "load_prepared", "mae", "mse", "normal", "predict", "rms_norm", "rmse", "savable", "save", "softmax",
    "step_decay", "train", "uniform", "warmup", "xavier", "zeros",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """What is loaded when it is asked for: the playground, whose networks are recorded with NumPy there."""
    if name == "Playground":
        try:
            from nn.playground import Playground
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"nn.Playground needs the package {error.name}: pip install 'rantai[fast]'", name=error.name
            ) from None
        return Playground
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
