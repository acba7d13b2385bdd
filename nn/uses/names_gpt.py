"""Language: the same names by a GPT of one layer, which sees all letters before and chooses by itself which of them
matter.

Input: the numbers of a name's letters, behind a mark; all names are filled up to one length, so that they run side by
side. Network: embeddings of letter and place, attention, two matrices with relu between, each on normalised numbers and
added to what it read (Radford et al., 2018; the norms and the lack of biases as in later ones). Loss: the cross entropy
of the next letter at every place.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

from engine import group, no_grad, relu, total
from nn.checks import check_seed
from nn.data import Dataset, Examples
from nn.layers.attention import Attention
from nn.layers.embedding import Embedding
from nn.layers.init import normal
from nn.layers.matrix import Matrix
from nn.layers.module import Module, savable
from nn.layers.norms import rms_norm
from nn.plots import write_pictures
from nn.scoring.predict import predict
from nn.training.losses import cross_entropy
from nn.uses.kit.letters import EDGE, LetterModel
from nn.uses.kit.plots import plot_attention
from nn.uses.kit.settings import Settings
from nn.uses.kit.use import Result
from nn.uses.names import NameData, Names

__all__ = ["GPT", "NamesGPT", "surprise"]


@savable
class GPT(LetterModel):
    """A transformer of one layer over the letters of a name.

    Args:
        tokens: the mark for begin and end, and the letters.
        width: how many numbers stand for a letter at its place, a multiple of heads.
        heads: of the attention.
        context: how many letters it can see, the mark included.
        seed: of the generator that draws all weights.
    """

    def __init__(
        self, tokens: Sequence[str], width: int = 16, heads: int = 4, context: int = 16, seed: int = 0
    ) -> None:
        super().__init__(tokens)
        self.seed, self.longest = check_seed(seed), context - 1
        rng, start = Random(seed), normal(0.08)
        self.letters = Embedding(len(tokens), width, start, rng, "e")
        self.places = Embedding(context, width, start, rng, "p")
        self.attention = Attention(width, heads, start, rng)
        self.wide, self.narrow = Matrix(width, 4 * width, start, rng, "w"), Matrix(4 * width, width, start, rng, "n")
        self.last = Matrix(width, len(tokens), start, rng, "l")

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[Any]:
        """The logits of what follows the first token, then of what follows the second, ..., in one list."""
        read = self._read(x)
        with group("attention"):
            seen = self.attention.outputs([rms_norm(place) for place in read])
        with group("feed forward"):
            thought = [self._feed_forward(added(*both)) for both in zip(read, seen, strict=True)]
        return [logit for place in thought for logit in self.last.outputs(place)]

    def _read(self, x: Sequence[Any]) -> list[list[Any]]:
        if len(x) > len(self.places.rows):
            raise ValueError(f"this model sees {len(self.places.rows)} letters, the mark included, got {len(x)}")
        with group("embedding"):
            return [rms_norm(added(self.letters.row(token), self.places.row(place))) for place, token in enumerate(x)]

    def _feed_forward(self, x: Sequence[Any]) -> list[Any]:
        return added(x, self.narrow.outputs([relu(z) for z in self.wide.outputs(rms_norm(x))]))

    def following(self, tokens: Sequence[int]) -> list[float]:
        return [float(logit) for logit in self.outputs(tokens)[-len(self.vocabulary) :]]

    def looks(self, tokens: Sequence[int]) -> list[list[list[float]]]:
        """For each head and place how much it takes of each place up to it."""
        with no_grad():
            shares = self.attention.shares([rms_norm(place) for place in self._read(tokens)])
        return [[[float(share) for share in row] for row in head] for head in shares]

    def config(self) -> dict[str, Any]:
        return {"tokens": list(self.vocabulary.tokens), "width": self.attention.width, "heads": self.attention.heads,
                "context": len(self.places.rows), "seed": self.seed}  # fmt: skip

    @staticmethod
    def count(tokens: Any, width: Any, heads: Any, context: Any, **others: Any) -> int:
        tables = 2 * Embedding.count(len(tokens), width) + Embedding.count(context, width)
        return tables + Attention.count(width, heads) + 2 * Matrix.count(width, 4 * width)

    def __repr__(self) -> str:
        return f"GPT({len(self.vocabulary)} tokens, {self.attention!r}, {len(self.parameters())} parameters)"


def added(x: Sequence[Any], y: Sequence[Any]) -> list[Any]:
    return [a + b for a, b in zip(x, y, strict=True)]


def surprise(outputs: Sequence[Any], target: tuple[Sequence[Any], Sequence[Any]]) -> Any:
    """The cross entropy at each place of a name, times the weight of the place, summed.

    Args:
        outputs: the logits of all places in one list.
        target: the token that follows each place, and the weight of each, 0 for places behind the end.
    """
    following, weights = target
    width = len(outputs) // len(following)
    logits = [outputs[start : start + width] for start in range(0, len(outputs), width)]
    return total([w * cross_entropy(row, token) for row, token, w in zip(logits, following, weights, strict=True)])


class NamesGPT(Names):
    name = "names-gpt"
    question = "which letter of a name comes next, by all before it: a GPT of one layer"
    goal = 2.20
    loss = staticmethod(surprise)
    quick: ClassVar[Settings | None] = Settings({"width": 4, "heads": 2, "context": 16}, epochs=10, batch=8, rate=0.005)
    settings = Settings({"width": 16, "heads": 4, "context": 16}, epochs=20, batch=8, rate=0.005)
    tried: ClassVar[Sequence[Settings]] = (
        Settings({"width": 16, "heads": 4, "context": 16}, epochs=20, batch=8, rate=0.0025),
        Settings({"width": 16, "heads": 4, "context": 16}, epochs=10, batch=8, rate=0.005),
        Settings({"width": 16, "heads": 4, "context": 16}, epochs=20, batch=8),
        Settings({"width": 16, "heads": 4, "context": 16}, epochs=20, batch=8, rate=0.02),
        Settings({"width": 16, "heads": 4, "context": 16}, epochs=20, batch=16),
        Settings({"width": 16, "heads": 4, "context": 16}, epochs=20, batch=32),
        Settings({"width": 16, "heads": 4, "context": 16}, epochs=10, batch=8),
        Settings({"width": 16, "heads": 4, "context": 16}, epochs=20, batch=8, l2=1e-4),
        Settings({"width": 16, "heads": 1, "context": 16}, epochs=20, batch=8),
    )
    kind: ClassVar[type[Module]] = GPT
    followed_by = ()

    def network(self, data: Dataset, settings: Settings, seed: int) -> LetterModel:
        assert isinstance(data, NameData)
        options = dict(settings.network)
        options["context"] = max(options["context"], data.longest + 1)
        return GPT(data.tokens, seed=seed, **options)

    def samples(self, model: Any, part: Examples) -> Sequence[tuple[Any, Any]]:
        """Names filled up to the length of the longest, whose added places weigh nothing: one length runs faster than
        ten.

        The weights are such that the mean over the names is that over their letters.
        """
        names = [model.encoded(name) for name in part.inputs]
        length, letters = max(map(len, names)) - 1, sum(map(len, names)) / len(names) - 1
        samples = []
        for name in names:
            rest = length + 1 - len(name)
            weights = [1.0 / letters] * (len(name) - 1) + [0.0] * rest
            samples.append((name[:-1] + [EDGE] * rest, (name[1:] + [EDGE] * rest, weights)))
        return samples

    def surprises(self, model: Any, part: Examples, backend: str) -> list[list[float]]:
        samples, width = self.samples(model, part), len(model.vocabulary)
        found = []
        for row, (_, (following, weights)) in zip(
            predict(model, [x for x, _ in samples], backend), samples, strict=True
        ):
            places = range(sum(w > 0 for w in weights))
            found.append([float(cross_entropy(row[t * width : (t + 1) * width], following[t])) for t in places])
        return found

    def show(self, result: Result) -> None:
        super().show(result)
        name = max(result.data.test.inputs[:20], key=len)
        tokens = result.model.encoded(name)[:-1]
        heads, letters = result.model.looks(tokens), ["·", *name]
        write_pictures(result.folder, {"attention.png": lambda path: plot_attention(heads, letters, path)})
