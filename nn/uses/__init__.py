"""The uses that the essay names, each on real data: `rantai use NAME`.

One short file each: what is the input, what is the network, what is the loss.
"""

from nn.uses.body_mass import BodyMass
from nn.uses.climate import Climate
from nn.uses.digits import Digits
from nn.uses.faces import Faces
from nn.uses.gdp import Gdp
from nn.uses.images import Images
from nn.uses.kit.card import Card
from nn.uses.kit.choosing import choose
from nn.uses.kit.running import run_use
from nn.uses.kit.settings import Baselines, Metric, Own, Settings
from nn.uses.kit.use import Result, Use
from nn.uses.names import Names
from nn.uses.names_gpt import NamesGPT
from nn.uses.penguins import Penguins
from nn.uses.sentiment import Sentiment
from nn.uses.translate import Translate

__all__ = ["USES", "Baselines", "Card", "Metric", "Own", "Result", "Settings", "Use", "choose", "run_use"]

USES: dict[str, Use] = {
    use.name: use
    for use in (
        Penguins(), BodyMass(), Digits(), Faces(), Sentiment(), Translate(), Images(), Gdp(), Climate(), Names(),
        NamesGPT(),
    )
}  # fmt: skip
"""Every use by its name, in the order of the essay."""
