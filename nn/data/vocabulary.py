"""Texts as numbers: cut into words or letters, each of which has a number in a `Vocabulary`.

>>> from nn.data.vocabulary import UNKNOWN, Vocabulary
>>> vocabulary = Vocabulary.of(["a good case", "a bad case"], marks=[UNKNOWN])
>>> vocabulary.tokens
('<unknown>', 'a', 'bad', 'case', 'good')
>>> vocabulary.encode("A good film!")
[1, 4, 0]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nn.checks import did_you_mean, listing, shown

__all__ = ["END", "PAD", "START", "UNKNOWN", "Vocabulary", "letters", "words"]

UNKNOWN, START, END, PAD = "<unknown>", "<start>", "<end>", "<pad>"
"""Marks: tokens that no text holds. For what a vocabulary does not know, before the first token, behind the last, in
an empty place."""

MARK = re.compile(r"<\w+>")
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text in lower case: letters and digits, with apostrophes inside. All else separates them.

    >>> words("Don't buy it -- it's a 5-star FLOP!")
    ["don't", 'buy', 'it', "it's", 'a', '5', 'star', 'flop']
    """
    return WORD.findall(text.lower().replace("’", "'"))


def letters(text: str) -> list[str]:
    """The characters of a text as they are, blanks too.

    >>> letters("a b")
    ['a', ' ', 'b']
    """
    return list(text)


TOKENISERS: dict[str, Callable[[str], list[str]]] = {"words": words, "letters": letters}


class Vocabulary:
    """The words or letters that a model knows, each with a number: its place among `tokens`.

    A token in angle brackets is a mark, such as `UNKNOWN` or `END`. No text holds one. With `UNKNOWN` among the tokens,
    what is not known is encoded as that; without, it is an error.

    Args:
        tokens: in the order of their numbers.
        by: what a text is cut into, "words" or "letters".

    Raises:
        TypeError: for tokens that are no sequence of texts.
        ValueError: for none, one that is there twice, or one that a text cannot be cut into.
    """

    def __init__(self, tokens: Sequence[str], by: str = "words") -> None:
        cut = tokeniser(by)
        if (
            isinstance(tokens, str)
            or not isinstance(tokens, Sequence)
            or not all(isinstance(token, str) for token in tokens)
        ):
            raise TypeError(f"tokens is a list of texts, got {shown(tokens)}")
        if not tokens:
            raise ValueError("tokens is empty; a vocabulary knows at least one")
        self.tokens, self.by, self._cut = tuple(tokens), by, cut
        self._number = {token: number for number, token in enumerate(tokens)}
        for number, token in enumerate(tokens):
            if self._number[token] != number:
                raise ValueError(f"the token {token!r} is there twice")
            if not is_mark(token) and cut(token) != [token]:
                raise ValueError(
                    f"token {number}, {shown(token)}, is no text of one of the {by}; it would never be met"
                )

    @classmethod
    def of(cls, texts: Iterable[str], by: str = "words", *, min_count: int = 1, most: int | None = None,
           marks: Sequence[str] = ()) -> Vocabulary:  # fmt: skip
        """The tokens of these texts, in alphabetical order behind the marks.

        Args:
            texts: what a model learns from; the training part only.
            by: "words" or "letters".
            min_count: leave out a token that is met less often in all of the texts.
            most: how many to keep, the most frequent ones (the first in the alphabet among equals); all if None.
            marks: in angle brackets, such as `UNKNOWN`.

        Raises:
            TypeError: for a single text, or something that is none.
            ValueError: for marks that are none, a count below 1, or texts in which there is nothing to keep.
        """
        cut = tokeniser(by)
        for name, count in ("min_count", min_count), ("most", most):
            if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
                raise ValueError(f"{name} is a whole number from 1 up, got {count!r}")
        for mark in marks:
            if not is_mark(mark):
                raise ValueError(f"a mark is a word in angle brackets, such as {UNKNOWN!r}, got {mark!r}")
        if isinstance(texts, str):
            raise TypeError(f"texts is a list of texts, got the single text {shown(texts)}")
        counts = Counter(token for text in texts for token in cut(as_text(text)))
        kept = sorted(
            (token for token, count in counts.items() if count >= min_count), key=lambda token: (-counts[token], token)
        )[:most]
        if not kept:
            raise ValueError(
                f"none of the {by} is met {min_count} times in the texts"
                if counts
                else f"there are no {by} in the texts"
            )
        return cls([*marks, *sorted(kept)], by)

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._number

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} {self.by}: {listing(self.tokens, limit=6)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and (self.tokens, self.by) == (other.tokens, other.by)

    def __hash__(self) -> int:
        return hash((self.tokens, self.by))

    def number(self, token: str) -> int:
        """The number of a token; that of `UNKNOWN` for one that is not known. ValueError where that is not in the
        vocabulary either."""
        number = self._number.get(token, self._number.get(UNKNOWN))
        if number is None:
            known = [token for token in self.tokens if not is_mark(token)]
            raise ValueError(
                f"{token!r} is not known{did_you_mean(token, known)} (known {self.by}: {listing(known, limit=40)})"
            )
        return number

    def encode(self, text: str) -> list[int]:
        """The numbers of the words or letters of a text, in its order. ValueError as in `number`, TypeError for what
        is no text."""
        return [self.number(token) for token in self._cut(as_text(text))]

    def decode(self, numbers: Iterable[int], marks: bool = True) -> str:
        """The text of these numbers: words with a blank between them, letters without.

        Args:
            numbers: as `encode` gives them.
            marks: write the marks too; otherwise they are left out.

        Raises:
            IndexError: for a number that no token has.
        """
        tokens = [self.token(number) for number in numbers]
        return (" " if self.by == "words" else "").join(token for token in tokens if marks or not is_mark(token))

    def token(self, number: int) -> str:
        """The token of that number. IndexError where there is none."""
        if not 0 <= number < len(self):
            raise IndexError(f"no token has the number {number}; there are {len(self)}, from 0 up")
        return self.tokens[number]

    def unknown(self, text: str) -> list[str]:
        """The words or letters of a text that are not known, each once, in its order."""
        return list(dict.fromkeys(token for token in self._cut(as_text(text)) if token not in self._number))

    def config(self) -> dict[str, Any]:
        """The arguments that make the same vocabulary: plain JSON."""
        return {"tokens": list(self.tokens), "by": self.by}


def tokeniser(by: str) -> Callable[[str], list[str]]:
    if by not in TOKENISERS:
        raise ValueError(f"by is {by!r}; {' or '.join(map(repr, TOKENISERS))} is expected")
    return TOKENISERS[by]


def is_mark(token: str) -> bool:
    return MARK.fullmatch(token) is not None


def as_text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a text is expected, got {shown(text)}")
    return text
