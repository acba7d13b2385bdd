"""Networks as estimators of scikit-learn: `Classifier` and `Regressor`."""

from nn.estimators.estimators import Classifier, Regressor

__all__ = ["Classifier", "Regressor"]
