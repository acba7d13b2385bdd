"""A tiny neural-network layer on top of `engine`: neurons made of Values, and the gradient-descent loop that trains
them.

>>> from nn import MLP, fit
>>> from nn.data import xor
>>> model = MLP(2, [8, 1])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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


# what is loaded when it is asked for, where it is, and the extra that brings what it needs
LAZY = {
    "Playground": ("nn.playground", "fast"),  # its networks are recorded with NumPy
    "Classifier": ("nn.estimators", "sklearn"),
    "Regressor": ("nn.estimators", "sklearn"),
}

if TYPE_CHECKING:  # so that an editor knows them
    from nn.estimators import Classifier as Classifier
    from nn.estimators import Regressor as Regressor
    from nn.playground import Playground as Playground


def __getattr__(name: str) -> Any:
    """What is loaded when it is asked for."""
    if name not in LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, extra = LAZY[name]
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        message = f"nn.{name} needs the package {missing}: pip install 'rantai[{extra}]'"
        raise ModuleNotFoundError(message, name=missing) from None


def __dir__() -> list[str]:
    return sorted({*globals(), *LAZY})
