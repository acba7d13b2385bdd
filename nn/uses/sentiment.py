"""Language: whether a sentence of a review praises or complains.

Input: the words that are in the sentence, each once, in whatever order. Network: a weight for each word and class;
those of the words that are there are added up, with a hidden layer or without. Loss: the cross entropy of the softmax
of the sums.

What such a model cannot know is that "not" turns the word behind it.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Any, ClassVar

from engine import logsumexp
from nn.data import Dataset, Examples, Preparation, load, load_texts
from nn.data.vocabulary import Vocabulary, words
from nn.layers.active_mlp import ActiveMLP, padded
from nn.layers.module import Module, savable
from nn.layers.norms import softmax
from nn.plots import write_pictures
from nn.scoring.metrics import class_of, classes_told
from nn.scoring.predict import predict
from nn.uses.kit.plots import plot_weights
from nn.uses.kit.settings import ACCURACY, Baselines, Own, Settings
from nn.uses.kit.showing import show_classes
from nn.uses.kit.use import Result, Use

__all__ = ["Sentiment", "WordSums"]

NEGATIONS = frozenset(
    words(
        "not no never nothing neither nor without cannot isn't wasn't aren't weren't don't doesn't didn't can't"
        " couldn't won't wouldn't shouldn't hasn't haven't hadn't ain't"
    )
)
TURNED = "not bad at all"
NO_TURNING = "words are added up here, wherever they stand: none turns the one behind it"


@savable
class WordSums(Module):
    """Tells the class of a text by which words are in it. What it reads is a list of the numbers of these words, as
    `ActiveMLP` does.

    Args:
        words: those it knows.
        classes: their labels.
        hidden: neurons in the hidden layers; `[]` makes a linear model.
        activation: of these.
        seed: of the generator that draws all weights.
    """

    def __init__(self, words: Sequence[str], classes: Sequence[str], hidden: Sequence[int] = (),
                 activation: str = "tanh", seed: int = 0) -> None:  # fmt: skip
        self.vocabulary, self.classes, self.hidden = Vocabulary(words), list(classes), list(hidden)
        # without a hidden layer there is one solution: what teaches nothing stays at 0
        init = "xavier" if hidden else "zeros"
        self.network = ActiveMLP(len(words), [*hidden, len(classes)], activation, init, seed)

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[Any]:
        return self.network.outputs(x)

    def known(self, text: str) -> list[str]:
        """The words of a text that it knows, each once."""
        return [word for word in dict.fromkeys(words(text)) if word in self.vocabulary]

    def row(self, text: str) -> list[int]:
        """The numbers of these words, and behind them places of no word."""
        return padded([self.vocabulary.number(word) for word in self.known(text)], len(self.vocabulary))

    def effects(self, text: str, label: int) -> list[tuple[str, float]]:
        """How much each known word of a text adds to the log-odds of a class: with all words, less without this one."""
        known = self.known(text)
        logits = predict(
            self, [self.row(text), *[self.row(" ".join(w for w in known if w != word)) for word in known]], "eager"
        )
        with_all, *without = [log_odds(row, label) for row in logits]
        return [(word, with_all - odds) for word, odds in zip(known, without, strict=True)]

    def strongest(self, most: int, backend: str = "auto") -> list[list[tuple[str, float]]]:
        """For each class the words that speak most for it, and how much a text of that word alone adds to its
        log-odds."""
        nothing, *alone = predict(self, [self.row(""), *map(self.row, self.vocabulary.tokens)], backend)
        found = []
        for label in range(len(self.classes)):
            start = log_odds(nothing, label)
            effects = [
                (word, log_odds(row, label) - start) for word, row in zip(self.vocabulary.tokens, alone, strict=True)
            ]
            found.append(sorted(effects, key=lambda effect: -effect[1])[:most])
        return found

    def config(self) -> dict[str, Any]:
        return {"words": list(self.vocabulary.tokens), "classes": self.classes, "hidden": self.hidden,
                "activation": self.network.activation, "seed": self.network.seed}  # fmt: skip

    @staticmethod
    def count(words: Any, classes: Any, hidden: Any = (), **others: Any) -> int:
        return ActiveMLP.count(len(words), [*hidden, len(classes)])

    def __repr__(self) -> str:
        return f"WordSums({len(self.vocabulary)} words, {self.network.sizes}, {len(self.parameters())} parameters)"


def log_odds(logits: Sequence[float], label: int) -> float:
    """log p / (1 - p) for the probability of a class: its logit, less the log-sum-exp of the others."""
    return logits[label] - float(logsumexp([z for i, z in enumerate(logits) if i != label]))


class Sentiment(Use):
    name = "sentiment"
    claim = "sentiment"
    question = "whether a sentence of a review praises or complains, by the words in it"
    metric, goal = ACCURACY, 0.81
    baselines = Baselines(0.5, 0.832, 0.822, "always the same "
                                             "class", "logistic regression on all words (on the 100 most frequent: "
                                                      ".782)",
                          "MLP on all words, 4 units, 9 settings tried")  # fmt: skip
    # Within the noise of the best that was tried (2 of 477 rows), and half of its price.
    settings = Settings({"hidden": []}, epochs=20, l2=1e-4)
    tried: ClassVar[Sequence[Settings]] = (
        Settings({"hidden": []}, epochs=10, l2=1e-4),
        Settings({"hidden": []}, epochs=40, l2=1e-4),
        Settings({"hidden": []}, epochs=20),
        Settings({"hidden": []}, epochs=20, l2=3e-4),
        Settings({"hidden": []}, epochs=20, l2=1e-3),
        Settings({"hidden": [], "min_count": 2}, epochs=20, l2=1e-4),
        Settings({"hidden": [4], "activation": "tanh"}, epochs=4, l2=1e-4),
        Settings({"hidden": [4], "activation": "tanh"}, epochs=8, l2=3e-4),
    )
    kind: ClassVar[type[Module]] = WordSums

    def data(self, own: Own | None = None) -> Dataset:
        return load_texts(own.path, own.text, own.column("target", "the classes")) if own else load("sentiment")

    def network(self, data: Dataset, settings: Settings, seed: int) -> WordSums:
        assert data.classes is not None
        options = dict(settings.network)
        vocabulary = Vocabulary.of(data.train.inputs, min_count=options.pop("min_count", 1))
        return WordSums(vocabulary.tokens, data.classes, seed=seed, **options)

    def samples(self, model: Any, part: Examples) -> Examples:
        return Examples([model.row(text) for text in part.inputs], part.targets)

    def row_scores(self, model: Any, data: Dataset, part: Examples, backend: str = "auto") -> list[float]:
        """1 for a text whose class is told right, 0 for another."""
        outputs = predict(model, self.samples(model, part).inputs, backend)
        return [float(told == true) for true, told in classes_told(outputs, part.targets)]

    def simpler(self, data: Dataset, backend: str) -> list[list[float]]:
        """None: without a hidden layer this is a linear model itself."""
        return []

    def measured(self, data: Dataset, backend: str) -> Baselines:
        [(most, _)] = Counter(data.train.targets).most_common(1)
        trivial = data.test.targets.count(most) / len(data.test)
        return Baselines(trivial, None, None, "the most frequent class", source="measured on the same rows")

    def show(self, result: Result) -> None:
        model, part = result.model, result.data.test
        strongest = model.strongest(10, result.backend)
        print("the words that speak most for a class (by how much one adds to the log-odds):")
        for label, effects in zip(model.classes, strongest, strict=True):
            print(f"  {label}: {written(effects)}")
        shares = [softmax(row) for row in predict(model, self.samples(model, part).inputs, result.backend)]
        told = [
            (share[class_of(share)], class_of(share), text, true)
            for share, (text, true) in zip(shares, part, strict=True)
        ]
        right = [one for one in told if one[1] == one[3]]
        wrong = sorted((one for one in told if one[1] != one[3]), reverse=True)
        print("three that are right, and the five of the wrong that it was surest of:")
        for share, label, text, true in right[:3] + wrong[:5]:
            print(
                f"  {'✓' if label == true else '✗'} {model.classes[label]} {share:.1%}: "
                f"{text[:110]}{'…' * (len(text) > 110)}"
            )
        if len(model.known(TURNED)) == len(words(TURNED)):
            print(f"what it does not understand: {misread(model)}")
        show_classes(replace(result, data=replace(result.data, test=self.samples(model, part))))
        write_pictures(result.folder, {"words.png": lambda path: plot_weights(strongest, model.classes, path)})

    def ask_arguments(self, parser: ArgumentParser, preparation: Preparation | None = None) -> None:
        parser.add_argument("text", nargs="+", metavar="TEXT", help='such as "not bad at all"')

    def ask(self, model: Any, preparation: Preparation | None, options: Namespace) -> Iterable[str]:
        text = " ".join(options.text)
        if not words(text):
            raise ValueError(f"there are no words in {text!r}")
        [logits] = predict(model, [model.row(text)], "eager")
        shares = softmax(logits)
        ranked = sorted(zip(shares, model.classes, strict=True), reverse=True)
        yield ", ".join(f"{label} {share:.1%}" for share, label in ranked[:3])
        told = class_of(shares)
        if effects := model.effects(text, told):
            yield f"what each word adds to the log-odds of {model.classes[told]}: {written(effects)}"
        if unknown := model.vocabulary.unknown(text):
            yield f"unknown words, which add nothing: {', '.join(unknown)}"
        if turning := [word for word in dict.fromkeys(words(text)) if word in NEGATIONS]:
            yield f"{', '.join(turning)}: {NO_TURNING}"


def written(effects: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{word} {effect:+.2f}" for word, effect in effects)


def misread(model: Any) -> str:
    """What is told of a sentence whose "not" turns a word."""
    [logits] = predict(model, [model.row(TURNED)], "eager")
    shares = softmax(logits)
    told = class_of(shares)
    return f'"{TURNED}" is told {model.classes[told]}, {shares[told]:.1%}; {NO_TURNING}'
