"""Finance: the growth of the gross domestic product of the United States next quarter, from the last four quarters.

Input: the growth of four quarters in %, oldest first, each standardised. Network: an MLP with one linear output.
Loss: the mean squared error of the standardised growth.

157 quarters are soon learned by heart, so few units, few epochs and a strong L2 are among what was tried. The last fifth of them, by
which was chosen, are the calm years 1991 to 1999, where little more than the mean need be told; the test part has the recession of 2008.
"""

from __future__ import annotations

from nn.data import Dataset, load
from nn.uses.forecast import Forecast
from nn.uses.settings import Baselines, Settings, grid, rmse_in

__all__ = ["Gdp"]


class Gdp(Forecast):
    name = "gdp"
    claim = "finance"
    question = "the growth of the US economy next quarter, from the last 4"
    metric, goal = rmse_in("% a quarter"), 0.70
    baselines = Baselines(0.752, 0.661, 0.658, "persistence: as the last quarter", "linear regression", "MLP, 8 units, mean over seeds")
    settings = Settings({"hidden": [8], "activation": "relu"}, epochs=40, l2=0.2)
    tried = grid(hidden=[4, 8, 16], epochs=[20, 40, 80], l2=[0.01, 0.1, 0.2])
    lags, starts, period, a_year, horizon = 4, (1959, 2), "quarter", 4, 12

    def shipped(self) -> Dataset:
        return load("us_macro", lags=self.lags)

    def date(self, year: int, number: int) -> str:
        return f"{year} Q{number}"
