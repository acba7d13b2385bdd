"""Weather and climate: the sea temperature off Peru next month (El Niño), from the last twelve months.

Input: twelve monthly means, oldest first, each standardised. Network: an MLP with one linear output.
Loss: the mean squared error of the standardised temperature.
"""

from __future__ import annotations

from calendar import month_name

from nn.data import Dataset, load
from nn.uses.kit.forecast import Forecast
from nn.uses.kit.settings import Baselines, Settings, grid, rmse_in

__all__ = ["Climate"]


class Climate(Forecast):
    name = "climate"
    claim = "weather and climate"
    question = "the sea temperature off Peru next month, from the last 12"
    metric, goal = rmse_in("°C"), 0.60
    baselines = Baselines(
        trivial=1.164, linear=0.531, scikit_learn=0.526, trivial_is="persistence: as the last month (as a year before: "
                                                                    "1.438)",
        linear_is="linear regression", scikit_learn_is="MLP, 8 units, 54 settings tried",
    )  # fmt: skip
    settings = Settings({"hidden": [8], "activation": "relu"}, epochs=160, l2=3e-3)
    tried = grid(hidden=[8, 16, 32], epochs=[40, 80, 160], l2=[1e-3, 3e-3, 1e-2])
    lags, starts, period, a_year, horizon, season = 12, (1950, 1), "month", 12, 24, 12

    def shipped(self) -> Dataset:
        return load("elnino", lags=self.lags)

    def date(self, year: int, number: int) -> str:
        return f"{month_name[number]} {year}"
