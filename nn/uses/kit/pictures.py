"""What the uses that look at small pictures share: which class is it."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import Any, ClassVar

from nn.checks import listing
from nn.data import Dataset, Preparation
from nn.data.pixels import text_picture
from nn.plots import write_pictures
from nn.scoring.predict import predict
from nn.uses.kit.plots import plot_pictures
from nn.uses.kit.settings import ACCURACY
from nn.uses.kit.showing import show_classes
from nn.uses.kit.use import Result, Use, told

__all__ = ["PictureUse"]

SHOWN, UNITS = 12, 32
"""How many wrong answers are shown, as many right ones, and how many hidden units."""


class PictureUse(Use):
    """Which class a small picture is of, by an MLP on its pixels.

    Attributes:
        rows, width: how many rows it has, and pixels in a row.
        bright: whether an input of 1 is white, as in a photograph, rather than ink.
    """

    metric = ACCURACY
    rows: ClassVar[int]
    width: ClassVar[int]
    bright: ClassVar[bool] = False

    def inputs_of(self, path: str) -> list[float]:
        """The inputs for a picture file. ValueError for what is none, ImportError without Pillow."""
        raise NotImplementedError

    def show(self, result: Result) -> None:
        """Who is taken for whom, some rights and wrongs, and for each unit of the first layer what it looks at."""
        pairs, data = show_classes(result), result.data
        wrong = [i for i, (true, answer) in enumerate(pairs) if true != answer]
        print(f"{len(wrong)} of {len(pairs)} test rows told wrong")
        if data.features != self.pixels:
            return  # a user's own rows need not be pictures of this shape
        right = [i for i, (true, answer) in enumerate(pairs) if true == answer]
        shown = [*wrong[:SHOWN], *right[:: max(len(right) // SHOWN, 1)][:SHOWN]]
        sheet = [self.captioned(data, i, *pairs[i]) for i in shown]
        neurons = enumerate(result.model.layers[0].neurons, 1)
        units = sorted(
            (([w.data for w in neuron.w], f"unit {i}", True) for i, neuron in neurons),
            key=lambda unit: -math.hypot(*unit[0]),
        )
        strongest = max(abs(weight) for weights, _, _ in units for weight in weights)
        grays = "gray" if self.bright else "gray_r"
        drawn = {
            "rights-and-wrongs.png": lambda path: plot_pictures(sheet, self.width, grays, (0, 1), path),
            "hidden-units.png": lambda path: plot_pictures(
                units[:UNITS], self.width, "RdBu_r", (-strongest, strongest), path
            ),
        }
        write_pictures(result.folder, drawn)
        if (result.folder / "hidden-units.png").exists():
            print("rights-and-wrongs.png shows some; hidden-units.png what hidden units look at, those with the "
                  "largest weights first: red weighs for it, blue against it")  # fmt: skip

    def captioned(self, data: Dataset, row: int, true: int, answer: int) -> tuple[list[float], str, bool]:
        """A test row as a picture, with what was told of it and what is true, and whether that is the same."""
        assert data.classes is not None and data.preparation is not None
        pixels = data.preparation.standardizer.undo(data.test.inputs[row])
        words = data.classes[true] if true == answer else f"told {data.classes[answer]}\ntrue {data.classes[true]}"
        return pixels, words, true == answer

    @property
    def pixels(self) -> list[str]:
        """The names of the inputs, as the shipped data have them."""
        return [f"pixel_{row}_{column}" for row in range(self.rows) for column in range(self.width)]

    def ask_arguments(self, parser: ArgumentParser, preparation: Preparation | None = None) -> None:
        parser.add_argument("pictures", nargs="+", metavar="PICTURE", help="a picture file (PNG, JPEG, PGM, ...)")

    def ask(self, model: Any, preparation: Preparation | None, options: Namespace) -> Iterable[str]:
        """For each picture the three most probable classes, and what the network saw."""
        names = preparation.features if preparation else []
        if not preparation or not preparation.classes or names != self.pixels:
            raise ValueError(f"this network was trained on {listing(names) or 'unknown columns'}; a picture becomes "
                             f"{self.pixels[0]} to {self.pixels[-1]}, each from 0 to 1: ask it with the command "
                             "`predict MODEL FILE`")  # fmt: skip
        for path in options.pictures:
            seen = self.inputs_of(path)
            [output] = predict(model, [preparation.standardizer.apply(seen)], "eager")
            yield f"{path}: {told(preparation, output)}"
            yield text_picture([1 - x for x in seen] if self.bright else seen, self.width)
