"""Language: translation, word by word: number words from English to Indonesian.

Input: the words of the English phrase, each in a slot of its own, the Indonesian word before, and the position.
Network: an MLP with one output for each Indonesian word and for the end. Loss: the cross entropy of the word that comes
next.

The same word means another at another position (two hundred twenty two: dua ratus dua puluh dua), so that the network
has to combine words with positions. A sum over words and positions cannot, which is why a linear model fails.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Any, ClassVar

from nn.data import Dataset, Examples, Preparation, load, load_texts
from nn.data.vocabulary import END, Vocabulary, words
from nn.layers.active_mlp import ActiveMLP, padded
from nn.layers.mlp import check_size
from nn.layers.module import Module, savable
from nn.layers.norms import softmax
from nn.scoring.metrics import class_of
from nn.scoring.predict import predict
from nn.training.train import fit
from nn.uses.kit.settings import EXACT_MATCH, Baselines, Own, Settings
from nn.uses.kit.use import Result, Use

__all__ = ["Translate", "Translator"]


@savable
class Translator(Module):
    """Says which word of a translation comes next. What it reads is a list of the places that are 1 among zeros, as in
    `ActiveMLP`.

    Args:
        source, target: the words of either language; `target` begins with the mark `END`, which also stands before the
            first word.
        slots: how many words of a phrase it reads.
        longest: how many words a translation has at most, the end among them.
        hidden: neurons in the hidden layers; `[]` makes a linear model.
        activation: of these.
        seed: of the generator that draws all weights.

    Raises:
        ValueError: for sizes below 1, words that are none, and a target that does not begin with `END`.
    """

    def __init__(self, source: Sequence[str], target: Sequence[str], slots: int, longest: int,
                 hidden: Sequence[int] = (), activation: str = "tanh", seed: int = 0) -> None:  # fmt: skip
        self.source, self.target = Vocabulary(source), Vocabulary(target)
        if target[0] != END:
            raise ValueError(f"target begins with the mark {END!r}, got {target[0]!r}")
        self.count(source, target, slots, longest, hidden)
        self.slots, self.longest, self.hidden = slots, longest, list(hidden)
        self.network = ActiveMLP(places(source, target, slots, longest), [*hidden, len(target)], activation, seed=seed)

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[Any]:
        return self.network.outputs(x)

    def row(self, phrase: str, before: Sequence[int]) -> list[int]:
        """The places for the word behind those `before`, given by their numbers. What it does not know of a phrase
        is left out."""
        known = [(slot, word) for slot, word in enumerate(words(phrase)[: self.slots]) if word in self.source]
        read = [slot * len(self.source) + self.source.number(word) for slot, word in known]
        at = self.slots * len(self.source)
        previous = before[-1] if before else self.target.number(END)
        return [*padded(read, self.network.places, self.slots), at + previous, at + len(self.target) + len(before)]

    def check(self, phrase: str) -> None:
        """ValueError for a phrase that it cannot read: no words, an unknown one, digits that were not learned, too
        many."""
        for word in self.source.unknown(phrase):
            if word.isdigit():
                raise ValueError(f"{word!r} is not known: numbers are read in words, such as 'forty two'")
        numbers = self.source.encode(phrase)
        if not 1 <= len(numbers) <= self.slots:
            raise ValueError(f"{phrase!r} has {len(numbers) or 'no'} words; this network reads 1 to {self.slots}")

    def translate(self, phrases: Sequence[str], backend: str = "auto") -> list[list[tuple[str, float]]]:
        """For each phrase the words of its translation with their probabilities: always the most probable word next,
        up to the end."""
        said: list[list[int]] = [[] for _ in phrases]
        shares: list[list[float]] = [[] for _ in phrases]
        going = list(range(len(phrases)))
        for _ in range(self.longest):
            logits = predict(self, [self.row(phrases[i], said[i]) for i in going], backend)
            for i, row in zip(going, logits, strict=True):
                said[i].append(class_of(row))
                shares[i].append(softmax(row)[said[i][-1]])
            going = [i for i in going if said[i][-1] != self.target.number(END)]
        return [
            [
                (self.target.token(number), share)
                for number, share in zip(*one, strict=True)
                if self.target.token(number) != END
            ]
            for one in zip(said, shares, strict=True)
        ]

    def config(self) -> dict[str, Any]:
        return {"source": list(self.source.tokens), "target": list(self.target.tokens), "slots": self.slots,
                "longest": self.longest, "hidden": self.hidden, "activation": self.network.activation,
                "seed": self.network.seed}  # fmt: skip

    @staticmethod
    def count(source: Any, target: Any, slots: Any, longest: Any, hidden: Any = (), *others: Any, **more: Any) -> int:
        for what, size in ("slots", slots), ("positions", longest):
            check_size(what, size)
        return ActiveMLP.count(places(source, target, slots, longest), [*hidden, len(target)])

    def __repr__(self) -> str:
        return (f"Translator({self.slots} slots of {len(self.source)} words, the word before, {self.longest} "
                f"positions; {self.network.sizes}, {len(self.parameters())} parameters)")  # fmt: skip


def places(source: Sequence[str], target: Sequence[str], slots: int, longest: int) -> int:
    """How many inputs there are: one for each word in each slot, for each word before, for each position."""
    return slots * len(source) + len(target) + longest


class Translate(Use):
    name = "translate"
    claim = "translation"
    question = (
        "number words from English to Indonesian: the next word, by the English words, the word before and the position"
    )
    metric, goal = EXACT_MATCH, 0.95
    baselines = Baselines(0.0, 0.145, 0.990, "always the same phrase", "logistic regression for the next word",
                          "MLP for the next word, 32 units, 9 settings tried")  # fmt: skip
    settings = Settings({"hidden": [32], "activation": "tanh"}, epochs=40, l2=1e-4)
    tried: ClassVar[Sequence[Settings]] = (
        Settings({"hidden": [32], "activation": "relu"}, epochs=40),
        Settings({"hidden": [32], "activation": "tanh"}, epochs=20),
        Settings({"hidden": [32], "activation": "tanh"}, epochs=80),
        Settings({"hidden": [32], "activation": "tanh"}, epochs=40, rate=0.02),
        Settings({"hidden": [32], "activation": "tanh"}, epochs=40, rate=0.005),
        Settings({"hidden": [32], "activation": "tanh"}, epochs=40),
        Settings({"hidden": [16], "activation": "tanh"}, epochs=40),
        Settings({"hidden": []}, epochs=40),
    )
    kind: ClassVar[type[Module]] = Translator

    def data(self, own: Own | None = None) -> Dataset:
        if own is None:
            return load("number_words")
        return load_texts(own.path, own.text, own.column("target", "the translations"), labels=False)

    def network(self, data: Dataset, settings: Settings, seed: int) -> Translator:
        source, target = Vocabulary.of(data.train.inputs), Vocabulary.of(data.train.targets, marks=[END])
        slots, longest = (max(len(words(text)) for text in texts) for texts in (data.train.inputs, data.train.targets))
        return Translator(source.tokens, target.tokens, slots, longest + 1, seed=seed, **settings.network)

    def samples(self, model: Any, part: Examples) -> Sequence[tuple[Any, Any]]:
        """Each word of each translation, and its end, with what stands before it."""
        rows = [(phrase, [*model.target.encode(translation), model.target.number(END)]) for phrase, translation in part]
        return [
            (model.row(phrase, numbers[:i]), number) for phrase, numbers in rows for i, number in enumerate(numbers)
        ]

    def row_scores(self, model: Any, data: Dataset, part: Examples, backend: str = "auto") -> list[float]:
        """1 for a phrase whose translation is right in every word, 0 for another."""
        return [float(one == true) for one, true in told(model, part, backend)]

    def simpler(self, data: Dataset, backend: str) -> list[list[float]]:
        linear = self.network(data, Settings({"hidden": []}), seed=0)
        fit(
            linear,
            self.samples(linear, data.train),
            progress=False,
            loss=self.loss,
            backend=backend,
            **self.settings.for_fit(),
        ).completed()
        [(most, _)] = Counter(" ".join(words(target)) for target in data.train.targets).most_common(1)
        trivial = [float(" ".join(words(target)) == most) for target in data.test.targets]
        return [trivial, self.row_scores(linear, data, data.test, backend)]

    def measured(self, data: Dataset, backend: str) -> Baselines:
        return replace(super().measured(data, backend), trivial_is="always the same phrase")

    def show(self, result: Result) -> None:
        part = result.data.test
        said = told(result.model, part, result.backend)
        step = max(1, len(said) // 10)
        print("ten translations of phrases that were not learned from:")
        for (phrase, _), (one, true) in [*zip(part, said, strict=True)][::step][:10]:
            print(f"  {mark(one, true)} {phrase} -> {one}{'' if one == true else f'   (right: {true})'}")
        wrong = [(phrase, one, true) for (phrase, _), (one, true) in zip(part, said, strict=True) if one != true]
        print(f"wrong: {len(wrong)} of {len(said)}")
        for phrase, one, true in wrong[:10]:
            print(f"  {mark(one, true)} {phrase} -> {one}   (right: {true})")
        print(by_length(part, said))

    def ask_arguments(self, parser: ArgumentParser, preparation: Preparation | None = None) -> None:
        parser.add_argument(
            "phrase", nargs="+", metavar="WORD", help='such as "seven hundred forty two"; in words, not in digits'
        )

    def ask(self, model: Any, preparation: Preparation | None, options: Namespace) -> Iterable[str]:
        """Hyphens are blanks, and an "and" that was not learned is passed over: seven hundred and forty-two."""
        phrase = " ".join(word for word in words(" ".join(options.phrase)) if word != "and" or word in model.source)
        model.check(phrase)
        [found] = model.translate([phrase], "eager")
        yield " ".join(word for word, _ in found)
        yield f"how sure of each word: {', '.join(f'{word} {share:.1%}' for word, share in found)}"


def told(model: Any, part: Examples, backend: str) -> list[tuple[str, str]]:
    """For each example what was said and what is right."""
    said = model.translate(part.inputs, backend)
    return [
        (" ".join(word for word, _ in one), " ".join(words(true))) for one, true in zip(said, part.targets, strict=True)
    ]


def mark(one: str, true: str) -> str:
    return "✓" if one == true else "✗"


def by_length(part: Examples, said: Sequence[tuple[str, str]]) -> str:
    """Where the errors are: how many phrases of each length are wrong, and at which word they go wrong first."""
    lengths = Counter(len(words(phrase)) for phrase in part.inputs)
    wrong = Counter(len(words(phrase)) for phrase, (one, true) in zip(part.inputs, said, strict=True) if one != true)
    lines = [f"  {n} word{'s' * (n > 1)}: {wrong[n]} of {lengths[n]} wrong" for n in sorted(lengths)]
    first = Counter(first_wrong(one.split(), true.split()) for one, true in said if one != true)
    places = ", ".join(f"word {place} {count} times" for place, count in sorted(first.items()))
    return "\n".join(
        ["by the length of the English phrase:", *lines, *([f"they go wrong first at {places}"] if first else [])]
    )


def first_wrong(one: Sequence[str], true: Sequence[str]) -> int:
    """The first word, from 1, in which the two differ."""
    return next(
        (i + 1 for i, (a, b) in enumerate(zip(one, true, strict=False)) if a != b), min(len(one), len(true)) + 1
    )
