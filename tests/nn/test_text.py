"""Vocabularies: cutting texts, counting, and the way to numbers and back."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from nn.data import load
from nn.data.vocabulary import END, PAD, START, UNKNOWN, Vocabulary, letters, words
from tests.nn.helpers import examples

TEXTS = ["the cat sat on the mat", "The dog sat.", "a CAT and a dog"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not bad at all!", ["not", "bad", "at", "all"]),
        ("don’t", ["don't"]),
        ("'quoted' words'", ["quoted", "words"]),
        ("forty-two", ["forty", "two"]),
        ("snake_case", ["snake", "case"]),
        ("Größe émue 東京", ["größe", "émue", "東京"]),
        ("10/10, 3.5", ["10", "10", "3", "5"]),
        ("", []),
        (" ?! ", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_letters():
    assert letters("Ada b") == ["A", "d", "a", " ", "b"]


def test_words_of_real_sentences_are_those_of_scikit_learn():
    """With its pattern extended to words of one letter, and to apostrophes."""
    sentences = load("sentiment").train.inputs[:500]
    cut = CountVectorizer(token_pattern=r"[a-z0-9à-ÿ]+(?:'[a-z0-9à-ÿ]+)*").build_analyzer()
    assert [words(s) for s in sentences] == [cut(s) for s in sentences]


def test_counts_are_those_of_scikit_learn():
    sentences = load("sentiment").train.inputs
    theirs = CountVectorizer(analyzer=words).fit(sentences).get_feature_names_out()
    assert Vocabulary.of(sentences).tokens == tuple(theirs)
    counts = Counter(word for sentence in sentences for word in words(sentence))
    often = Vocabulary.of(sentences, min_count=5)
    assert set(often.tokens) == {word for word, count in counts.items() if count >= 5}
    some = Vocabulary.of(sentences, most=100)
    assert len(some) == 100
    assert min(counts[word] for word in some.tokens) >= max(counts[word] for word in counts if word not in some)


def test_numbers_are_places_behind_the_marks():
    vocabulary = Vocabulary.of(TEXTS, marks=[PAD, UNKNOWN])
    assert vocabulary.tokens == (PAD, UNKNOWN, "a", "and", "cat", "dog", "mat", "on", "sat", "the")
    assert vocabulary.encode("The cat, the zebra") == [9, 4, 9, 1]
    assert vocabulary.decode([9, 4, 1]) == "the cat <unknown>"
    assert vocabulary.decode([0, 9, 4, 1], marks=False) == "the cat"
    assert vocabulary.unknown("Zebra, the dog, zebra and ox") == ["zebra", "ox"]
    assert "cat" in vocabulary and "Cat" not in vocabulary and len(vocabulary) == 10


def test_min_count_and_most():
    assert Vocabulary.of(TEXTS, min_count=2).tokens == ("a", "cat", "dog", "sat", "the")
    assert Vocabulary.of(TEXTS, most=1).tokens == ("the",)
    assert Vocabulary.of(["b a c"], most=2).tokens == ("a", "b")


@examples(200)
@given(st.text())
def test_a_text_of_letters_comes_back(text):
    vocabulary = Vocabulary.of([text, "x"], "letters", marks=[START, END])
    assert vocabulary.decode(vocabulary.encode(text)) == text


@examples(200)
@given(st.text())
def test_words_come_back(text):
    """A word is cut into itself, so that what is decoded can be encoded again."""
    vocabulary = Vocabulary.of([text, "x"])
    numbers = vocabulary.encode(text)
    assert vocabulary.encode(vocabulary.decode(numbers)) == numbers


def test_config_makes_the_same_vocabulary():
    vocabulary = Vocabulary.of(["anna", "otto"], "letters", marks=[END])
    again = Vocabulary(**vocabulary.config())
    assert again == vocabulary and hash(again) == hash(vocabulary) and again != Vocabulary.of(["anna"], "letters")
    assert repr(again) == "Vocabulary(5 letters: <end>, a, n, o, t)"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Vocabulary([]), ValueError, "tokens is empty"),
        (lambda: Vocabulary("abc", "letters"), TypeError, "tokens is a list of texts, got 'abc'"),
        (lambda: Vocabulary(["a", 3]), TypeError, "tokens is a list of texts, got ['a', 3]"),
        (lambda: Vocabulary(["a", "b", "a"]), ValueError, "the token 'a' is there twice"),
        (lambda: Vocabulary(["a", "two words"]), ValueError, "token 1, 'two words', is no text of one of the words"),
        (lambda: Vocabulary(["Upper"]), ValueError, "token 0, 'Upper', is no text of one of the words"),
        (lambda: Vocabulary(["ab"], "letters"), ValueError, "token 0, 'ab', is no text of one of the letters"),
        (lambda: Vocabulary(["a"], "syllables"), ValueError, "by is 'syllables'; 'words' or 'letters' is expected"),
        (lambda: Vocabulary.of("a text"), TypeError, "texts is a list of texts, got the single text 'a text'"),
        (lambda: Vocabulary.of([None]), TypeError, "a text is expected, got None"),
        (lambda: Vocabulary.of(["..."]), ValueError, "there are no words in the texts"),
        (lambda: Vocabulary.of(["a b"], min_count=2), ValueError, "none of the words is met 2 times in the texts"),
        (lambda: Vocabulary.of(["a"], min_count=0), ValueError, "min_count is a whole number from 1 up, got 0"),
        (lambda: Vocabulary.of(["a"], most=True), ValueError, "most is a whole number from 1 up, got True"),
        (
            lambda: Vocabulary.of(["a"], marks=["end"]),
            ValueError,
            "a mark is a word in angle brackets, such as '<unknown>', got 'end'",
        ),
        (
            lambda: Vocabulary(["forty", "two"]).encode("fourty two"),
            ValueError,
            "'fourty' is not known; did you mean 'forty'?",
        ),
        (lambda: Vocabulary(["b", END]).encode("a"), ValueError, "'a' is not known (known words: b)"),
        (lambda: Vocabulary(["a"]).encode(7), TypeError, "a text is expected, got 7"),
        (lambda: Vocabulary(["a"]).decode([1]), IndexError, "no token has the number 1; there are 1, from 0 up"),
        (lambda: Vocabulary(["a"]).token(-1), IndexError, "no token has the number -1"),
    ],
)
def test_errors(make, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make()
