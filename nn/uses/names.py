"""Language: names, letter by letter, by a network that sees the three letters before.

Input: the numbers of three letters, a mark before the first. Network: an embedding, a hidden layer, one output for each
letter and for the end (Bengio et al., 2003). Loss: the cross entropy of the letter that comes next.
"""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean
from typing import Any, ClassVar

from nn.data import Dataset, Examples, Preparation, load, load_texts
from nn.layers.embedding import Embedding
from nn.layers.init import normal
from nn.layers.mlp import Layer
from nn.layers.module import Module, savable
from nn.plots import write_pictures
from nn.scoring.predict import predict
from nn.training.losses import cross_entropy
from nn.uses.kit.letters import EDGE, LetterModel, PairCounts, alphabet, invented, two_directions
from nn.uses.kit.plots import plot_points
from nn.uses.kit.settings import NLL, Baselines, Own, Settings
from nn.uses.kit.use import Result, Use

__all__ = ["CharacterMLP", "NameData", "Names", "a_letter"]


@savable
class CharacterMLP(LetterModel):
    """The letters before as rows of an embedding, side by side; a hidden layer; a logit for each token.

    Args:
        tokens: the mark for begin and end, and the letters.
        context: how many letters it sees.
        width: how many numbers stand for a letter.
        hidden: neurons in the hidden layer.
        activation: of these.
        seed: of the generator that draws all weights.
    """

    def __init__(self, tokens: Sequence[str], context: int = 3, width: int = 16, hidden: int = 64,
                 activation: str = "tanh", seed: int = 0) -> None:  # fmt: skip
        super().__init__(tokens)
        rng = Random(seed)
        self.inputs, self.seed = context, seed
        self.letters = Embedding(len(tokens), width, normal(), rng)
        self.hidden = Layer(context * width, hidden, activation, rng=rng, place=(1,))
        self.last = Layer(hidden, len(tokens), "linear", rng=rng, place=(2,))

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[Any]:
        return self.last.outputs(self.hidden.outputs(self.letters.outputs(x)))

    def windows(self, tokens: Sequence[int]) -> list[tuple[list[int], int]]:
        """Each token of a name behind its first mark, with those before it."""
        padded = [EDGE] * (self.inputs - 1) + list(tokens)
        return [(padded[i : i + self.inputs], padded[i + self.inputs]) for i in range(len(tokens) - 1)]

    def following(self, tokens: Sequence[int]) -> list[float]:
        before = ([EDGE] * self.inputs + list(tokens))[-self.inputs :]
        return [float(logit) for logit in self.outputs(before)]

    def config(self) -> dict[str, Any]:
        return {"tokens": list(self.vocabulary.tokens), "context": self.inputs, "width": len(self.letters.rows[0]),
                "hidden": len(self.hidden.neurons), "activation": self.hidden.neurons[0].activation,
                "seed": self.seed}  # fmt: skip

    @staticmethod
    def count(tokens: Any, context: Any, width: Any, hidden: Any, **others: Any) -> int:
        before = Embedding.count(len(tokens), width)
        return before + Layer.count(Embedding.count(context, width), hidden) + Layer.count(hidden, len(tokens))

    def __repr__(self) -> str:
        return (
            f"CharacterMLP({len(self.vocabulary)} tokens, context={self.inputs}, {len(self.parameters())} parameters)"
        )


@dataclass(frozen=True, repr=False)
class NameData(Dataset):
    """Names without capitals, since a letter is one letter wherever it stands.

    - `tokens`: the mark for begin and end, and the letters of all parts: which there are is known before anything is
      learned.
    - `longest`: how many letters a name has at most.
    """

    tokens: tuple[str, ...] = ()
    longest: int = 0

    @classmethod
    def of(cls, data: Dataset) -> NameData:
        train, test = ([name.strip().lower() for name in part.inputs] for part in (data.train, data.test))
        names = [*train, *test]
        return cls(data.name, data.task, Examples(train, train), Examples(test, test), data.features, None,
                   "next letter", source=data.source, tokens=tuple(alphabet(names)),
                   longest=max(map(len, names)))  # fmt: skip


class Names(Use):
    name = "names"
    claim = "language"
    question = "which letter of a name comes next, by the three before it"
    metric, goal = NLL, 2.15
    baselines = Baselines(3.296, 2.351, 1.999, "all letters alike", "bigram: counts of pairs of "
                                                        "letters", "MLP, 100 units, 3 letters, 10 settings tried",
                          source="counted; scikit-learn 1.9.1, on the same rows")  # fmt: skip
    settings = Settings({"width": 16, "hidden": 100, "activation": "tanh"}, epochs=10)
    tried: ClassVar[Sequence[Settings]] = (
        Settings({"width": 16, "hidden": 100, "activation": "tanh"}, epochs=20),
        Settings({"width": 16, "hidden": 100, "activation": "tanh"}, epochs=10, rate=0.005),
        Settings({"width": 16, "hidden": 100, "activation": "tanh"}, epochs=10, batch=128),
        Settings({"width": 16, "hidden": 100, "activation": "tanh"}, epochs=10, l2=1e-4),
        Settings({"width": 16, "hidden": 100, "activation": "relu"}, epochs=10),
        Settings({"width": 16, "hidden": 64, "activation": "tanh"}, epochs=10),
        Settings({"width": 16, "hidden": 32, "activation": "tanh"}, epochs=10),
        Settings({"width": 10, "hidden": 100, "activation": "tanh"}, epochs=10),
        Settings({"width": 24, "hidden": 100, "activation": "tanh"}, epochs=10),
    )
    quick: ClassVar[Settings | None] = Settings({"width": 4, "hidden": 12, "activation": "tanh"}, epochs=10)
    kind: ClassVar[type[Module]] = CharacterMLP
    followed_by: ClassVar[Sequence[str]] = ("names-gpt",)

    def data(self, own: Own | None = None) -> Dataset:
        return NameData.of(load_texts(own.path, own.text) if own else load("names"))

    def network(self, data: Dataset, settings: Settings, seed: int) -> LetterModel:
        assert isinstance(data, NameData)
        return CharacterMLP(data.tokens, seed=seed, **settings.network)

    def samples(self, model: Any, part: Examples) -> Sequence[tuple[Any, Any]]:
        return [window for name in part.inputs for window in model.windows(model.encoded(name))]

    def row_scores(self, model: Any, data: Dataset, part: Examples, backend: str = "auto") -> list[float]:
        """The surprise at each name in letters of average length: their mean is that at a letter, the end of a name
        included."""
        return a_letter(self.surprises(model, part, backend))

    def surprises(self, model: Any, part: Examples, backend: str) -> list[list[float]]:
        """-log p of each letter of each name, and of its end."""
        names = [model.windows(model.encoded(name)) for name in part.inputs]
        logits = iter(predict(model, [x for name in names for x, _ in name], backend))
        return [[float(cross_entropy(next(logits), target)) for _, target in name] for name in names]

    def measured(self, data: Dataset, backend: str) -> Baselines:
        trivial, bigram = map(self.metric.of, self.simpler(data, backend))
        return Baselines(trivial, bigram, None, "all letters alike", self.baselines.linear_is,
                         source="counted on the same rows")  # fmt: skip

    def simpler(self, data: Dataset, backend: str) -> list[list[float]]:
        """All letters alike, and the counts of pairs."""
        assert isinstance(data, NameData)
        model = LetterModel(data.tokens)
        train, test = ([model.encoded(name) for name in part.inputs] for part in (data.train, data.test))
        pairs, alike = PairCounts(train, len(model.vocabulary)), math.log(len(model.vocabulary))
        return [
            a_letter([[alike] * (len(name) - 1) for name in test]),
            a_letter([pairs.surprise(name) for name in test]),
        ]

    def show(self, result: Result) -> None:
        model, data = result.model, result.data
        known = set(data.train.inputs)
        names = [name + ("*" if name.lower() in known else "") for name in invented(model, 10)]
        print(f"ten invented names (* is a name of the training list): {', '.join(names)}")
        encoded = [[model.encoded(name) for name in part.inputs] for part in (data.train, data.test)]
        pairs = PairCounts(encoded[0], len(model.vocabulary))
        print(by_place(self.surprises(model, data.test, result.backend), [pairs.surprise(name) for name in encoded[1]]))
        often = Counter(token for name in encoded[0] for token in name[1:])
        rows = [[entry.data for entry in row] for row in model.letters.rows]
        points, shares = two_directions(rows, [often[token] for token in range(len(rows))])
        labels = ["·", *model.vocabulary.tokens[1:]]
        write_pictures(result.folder, {"letters.png": lambda path: plot_points(points, labels, shares, path)})

    def ask_arguments(self, parser: ArgumentParser, preparation: Preparation | None = None) -> None:
        parser.add_argument("--count", type=int, default=10, metavar="N", help="how many names (10)")
        parser.add_argument("--start", default="", metavar="LETTERS", help="what they start with")
        parser.add_argument(
            "--seed", type=int, default=0, metavar="N", help="of the draw; another seed invents others (0)"
        )
        parser.add_argument(
            "--temperature", type=float, default=1.0, metavar="T", help="below 1 more usual, above 1 wilder (1)"
        )

    def ask(self, model: Any, preparation: Preparation | None, options: Namespace) -> Iterable[str]:
        yield from invented(model, options.count, options.start, options.seed, options.temperature)


def a_letter(surprises: Sequence[Sequence[float]]) -> list[float]:
    """The surprise at each name, over how many letters a name has on average."""
    letters = fmean(map(len, surprises))
    return [sum(name) / letters for name in surprises]


def by_place(ours: Sequence[Sequence[float]], pairs: Sequence[Sequence[float]], most: int = 8) -> str:
    """The mean surprise at the first letter of a name, at the second, ...; where the name ends counts as a letter."""
    places = range(min(most, max(map(len, ours))))
    rows = [[fmean(name[place] for name in names if len(name) > place) for place in places] for names in (ours, pairs)]
    lines = ["surprise at the letters of the test names, by their place (nats):"]
    lines.append(f"{'':>8}" + "".join(f"{place + 1:>7}" for place in places))
    lines += [
        f"{called:>8}" + "".join(f"{x:>7.2f}" for x in row)
        for called, row in zip(("ours", "bigram"), rows, strict=True)
    ]
    return "\n".join(lines)
