"""Models of names: the figures that they stand beside, NumPy's forward passes, what two names must cost, and what is
invented."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean
from typing import Any

import numpy as np
import pytest

from engine import gradient
from nn import fit, load, save
from nn.__main__ import main
from nn.data import Examples
from nn.data.vocabulary import END
from nn.training.losses import loss_of
from nn.uses import USES, Own, Settings, run_use
from nn.uses.kit.letters import LetterModel, PairCounts, alphabet, invented, two_directions
from nn.uses.names import CharacterMLP, NameData, a_letter
from nn.uses.names_gpt import GPT, surprise
from tests.nn.helpers import COMPILED, numbers

MLP, GPT_USE = USES["names"], USES["names-gpt"]
BOTH = [MLP, GPT_USE]
ABC = [END, *"abcdefghijklmnopqrstuvwxyz"]
SMALL = [CharacterMLP(ABC, width=3, hidden=4, seed=1), GPT(ABC, width=4, heads=2, context=8, seed=1)]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_names(use: Any, train: list[str], test: list[str]) -> Any:
    data = use.data()
    return NameData.of(replace(data, train=Examples(train, train), test=Examples(test, test)))


def test_counting_pairs_gives_the_published_figure_and_so_does_the_uniform():
    """Each letter and each end counts; both figures were measured elsewhere on these rows."""
    data = MLP.data()
    measured = MLP.measured(data, "eager")
    assert round(measured.trivial, 3) == MLP.baselines.trivial == 3.296
    assert round(measured.linear, 3) == MLP.baselines.linear == 2.351
    assert sum(len(name) + 1 for name in data.test.inputs) == 7256


def test_counts_of_pairs_by_numpy():
    names = [[0, 1, 2, 0], [0, 2, 2, 0], [0, 1, 0]]
    counts = np.full((3, 3), 0.5)
    for name in names:
        np.add.at(counts, (name[:-1], name[1:]), 1.0)
    log = np.log(counts / counts.sum(axis=1, keepdims=True))
    expected = [-log[a, b] for name in names for a, b in pairwise(name)]
    surprises = [PairCounts(names, 3).surprise(name) for name in names]
    assert [x for name in surprises for x in name] == pytest.approx(expected, rel=1e-14)
    assert fmean(a_letter(surprises)) == pytest.approx(np.mean(expected), rel=1e-14)


def test_the_letters_are_those_of_the_names():
    assert alphabet(MLP.data().train.inputs) == ABC


def test_each_letter_is_told_by_the_three_before_it():
    model = CharacterMLP(ABC)
    assert model.encoded("Abe") == [0, 1, 2, 5, 0]
    assert model.windows(model.encoded("abe")) == [([0, 0, 0], 1), ([0, 0, 1], 2), ([0, 1, 2], 5), ([1, 2, 5], 0)]


def floats(rows: Any) -> Any:
    return np.array([[entry.data for entry in row] for row in rows])


def test_the_character_mlp_by_numpy():
    model = CharacterMLP(ABC, width=5, hidden=7, seed=2)
    table, layers = floats(model.letters.rows), [model.hidden, model.last]
    a = np.concatenate([table[i] for i in (3, 26, 0)])
    for layer in layers:
        z = np.array([[w.data for w in neuron.w] for neuron in layer.neurons]) @ a + [
            neuron.b.data for neuron in layer.neurons
        ]
        a = np.tanh(z) if layer is model.hidden else z
    assert [y.data for y in model.outputs([3, 26, 0])] == pytest.approx(a.tolist(), rel=1e-12)
    assert model.following([3, 26, 0]) == pytest.approx(a.tolist(), rel=1e-12)


def gpt_by_numpy(model: GPT, tokens: list[int]) -> Any:
    """Whole matrices, one row a place: (places, tokens)."""

    def normed(x):
        return x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)

    T, H, d = len(tokens), model.attention.heads, model.attention.width
    x = normed(floats(model.letters.rows)[tokens] + floats(model.places.rows)[:T])
    parts = (model.attention.query, model.attention.key, model.attention.value)
    q, k, v = ((normed(x) @ floats(part.rows).T).reshape(T, H, d // H) for part in parts)
    scores = np.einsum("thi,shi->hts", q, k) / np.sqrt(d // H) + np.triu(np.full((T, T), -np.inf), 1)
    shares = np.exp(scores)
    shares /= shares.sum(axis=2, keepdims=True)
    x = x + np.einsum("hts,shi->thi", shares, v).reshape(T, d) @ floats(model.attention.out.rows).T
    x = x + np.maximum(normed(x) @ floats(model.wide.rows).T, 0) @ floats(model.narrow.rows).T
    return x @ floats(model.last.rows).T


@pytest.mark.parametrize("tokens", [[0], [0, 13, 1, 18, 9, 1]])
def test_the_gpt_by_numpy(tokens):
    model = GPT(ABC, seed=4)
    expected = gpt_by_numpy(model, tokens)
    assert [y.data for y in model.outputs(tokens)] == pytest.approx(expected.ravel().tolist(), rel=1e-10, abs=1e-14)
    assert model.following(tokens) == pytest.approx(expected[-1].tolist(), rel=1e-10, abs=1e-14)


def test_the_gpt_has_about_4000_parameters_as_in_the_benchmark():
    assert len(GPT(ABC).parameters()) == 4192


def test_what_a_head_looks_at_is_a_share_of_what_was():
    for head in SMALL[1].looks([0, 5, 2, 9]):
        assert [len(row) for row in head] == [1, 2, 3, 4]
        assert [sum(row) for row in head] == pytest.approx([1.0] * 4, abs=1e-12)


@pytest.mark.parametrize("length", [4, 7])
def test_places_behind_the_end_change_nothing(length):
    """Neither the loss nor its gradient, which is what padding must not do."""
    model, name = SMALL[1], [0, 3, 1, 20, 0]
    plain = surprise(model.outputs(name[:-1]), (name[1:], [1.0] * 4))
    rest = length - 4
    padded = surprise(model.outputs(name[:-1] + [0] * rest), (name[1:] + [0] * rest, [1.0] * 4 + [0.0] * rest))
    assert padded.data == pytest.approx(plain.data, rel=1e-13)
    assert gradient(padded, *model.parameters()) == pytest.approx(
        gradient(plain, *model.parameters()), rel=1e-12, abs=1e-15
    )


@pytest.mark.parametrize(("use", "model"), list(zip(BOTH, SMALL, strict=True)), ids=lambda x: getattr(x, "name", ""))
@pytest.mark.parametrize("backend", ["eager", *COMPILED])
def test_the_figure_is_the_mean_over_all_letters_and_ends(use, model, backend):
    """By single steps: p of each letter after all that stand before it."""
    part = Examples(["bo", "a", "maria"], ["", "", ""])
    expected = []
    for name in part.inputs:
        tokens = model.encoded(name)
        for place in range(1, len(tokens)):
            logits = np.array(model.following(tokens[:place]))
            expected.append(math.log(np.exp(logits).sum()) - logits[tokens[place]])
    assert len(expected) == 11
    assert use.figure(model, use.data(), part, backend) == pytest.approx(np.mean(expected), rel=1e-12)
    samples, loss = use.samples(model, part), loss_of(use.loss)
    assert np.mean([float(loss(model.outputs(x), target)) for x, target in samples]) == pytest.approx(
        np.mean(expected), rel=1e-12
    )


TWO = {"names": Settings({"width": 4, "hidden": 8}, rate=0.02, epochs=60, batch=9),
       "names-gpt": Settings({"width": 8, "heads": 2, "context": 5}, rate=0.02, epochs=80, batch=2)}  # fmt: skip


@pytest.mark.parametrize("use", BOTH, ids=lambda use: use.name)
@pytest.mark.parametrize("backend", COMPILED)
def test_two_names_cost_what_a_coin_does(use, backend):
    """Anna or Bob: ln 2 at the first letter, nothing at the eight others, of two names together. Less is not
    possible."""
    names = ["anna", "bob"] * 6
    data, settings = with_names(use, names, names), TWO[use.name]
    model = use.network(data, settings, seed=0)
    fit(model, use.samples(model, data.train), loss=use.loss, backend=backend, progress=False, **settings.for_fit())
    least = 2 * math.log(2) / 9
    assert least - 1e-12 <= use.figure(model, data, data.test, backend) < least + 0.02
    assert {"Anna", "Bob"} == set(invented(model, 20))


REDUCED = {
    "names": Settings({"width": 8, "hidden": 24}, epochs=4),
    "names-gpt": Settings({"width": 8, "heads": 2, "context": 16}, epochs=4, batch=8),
}


@pytest.mark.parametrize("use", BOTH, ids=lambda use: use.name)
def test_in_a_reduced_form_it_beats_the_counts_of_pairs(use, here, capsys):
    """On a part of the names; letters told at random would be at 3.3, the counts of these rows at about 2.5."""
    data = use.data()
    rest, part = data.train.take(range(0, len(data.train), 2)), data.train.take(range(1, 400, 2))
    reduced = replace(data, train=rest, test=part)
    use = type("Reduced", (type(use),), {"data": lambda self, own=None: reduced})()
    card = run_use(use, here, settings=REDUCED[use.name], seeds=(0,), progress=False)
    assert card.mean < use.measured(reduced, "auto").linear - 0.05
    printed = capsys.readouterr().out
    [line] = [line for line in printed.splitlines() if line.startswith("ten invented names")]
    names = line.partition(": ")[2].split(", ")
    assert len(names) == 10
    for name in names:
        assert name.endswith("*") == (name.rstrip("*").lower() in rest.inputs)
    pictures = {"loss.png", "letters.png"} | ({"attention.png"} if use.name == "names-gpt" else set())
    assert {path.name for path in here.iterdir()} == pictures | {"card.json", "model.json", "history.csv"}
    assert use.figure(load(here / "model.json"), reduced, part) == card.figures[0]


def test_surprises_by_place_are_means_of_those_names_that_get_there(capsys):
    from nn.uses.names import by_place

    table = by_place([[1.0, 2.0], [3.0, 4.0, 5.0]], [[0.5, 0.5], [0.5, 0.5, 0.5]])
    assert table.splitlines()[2].split() == ["ours", "2.00", "3.00", "5.00"]


class Fixed(LetterModel):
    """Goes on with fixed shares after the mark, and ends after any letter."""

    def __init__(self, shares):
        super().__init__([END, *"abc"])
        self.shares = shares

    def following(self, tokens):
        return [math.log(share) for share in (self.shares if tokens == [0] else [0.999997, 1e-6, 1e-6, 1e-6])]


@pytest.mark.parametrize(("temperature", "power"), [(1.0, 1.0), (0.5, 2.0), (2.0, 0.5)])
def test_letters_are_drawn_by_their_shares(temperature, power):
    shares = [0.4, 0.3, 0.2, 0.1]
    n = 4000
    counts = Counter(name[0] for name in invented(Fixed(shares), n, seed=5, temperature=temperature))
    expected = np.array(shares[1:]) ** power  # no name is empty: the end of a name is not drawn first
    expected /= expected.sum()
    chi2 = sum((counts[letter] - n * p) ** 2 / (n * p) for letter, p in zip("ABC", expected, strict=True))
    assert chi2 < 13.8  # beyond it once in a thousand


def test_when_it_is_cold_the_most_probable_letter_always_comes():
    assert set(invented(Fixed([0.4, 0.2, 0.3, 0.1]), 50, temperature=0.01)) == {"B"}


@pytest.mark.parametrize("model", SMALL, ids=repr)
def test_invented_names_depend_on_the_seed_alone(model):
    assert invented(model, 5, "jo", seed=3) == invented(model, 5, "JO", seed=3)
    assert invented(model, 5, seed=3) != invented(model, 5, seed=4)
    assert all(name.startswith("Jo") for name in invented(model, 5, "jo"))
    assert all(1 <= len(name) <= model.longest for name in invented(model, 20))


@pytest.mark.parametrize("model", SMALL, ids=repr)
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"start": "Zoë"}, "'ë' is not known"),
        ({"start": "a b"}, "' ' is not known"),
        ({"start": "a" * 41}, "a start has fewer than .* letters, got 41"),
        ({"count": 0}, "count of names must be 1 or more, got 0"),
        ({"temperature": 0.0}, "temperature must be from 0.01 to 100, got 0"),
        ({"temperature": math.nan}, "temperature must be from 0.01 to 100, got nan"),
    ],
)
def test_what_cannot_be_invented(model, options, says):
    with pytest.raises(ValueError, match=says):
        invented(model, **({"count": 3} | options))


@pytest.mark.parametrize("model", [*SMALL, CharacterMLP([END, "x"], 1, 1, 1), GPT([END, "x", "y"], 6, 3, 2)], ids=repr)
def test_saved_and_loaded(model, tmp_path):
    save(model, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert (repr(again), numbers(again)) == (repr(model), numbers(model))
    assert type(model).count(**model.config()) == len(model.parameters())
    assert again.vocabulary == model.vocabulary


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: GPT(ABC, 16, 3), "multiple of the number of heads"),
        (lambda: GPT.count(ABC, 16, 4, 0), "things must be .*, got 0"),
        (lambda: CharacterMLP.count(ABC, 3, 16, "64"), "got .*'64'"),
        (lambda: CharacterMLP(list("abc")), "the tokens are '<end>' and at least one letter"),
        (lambda: GPT([END]), "at least one letter"),
        (lambda: SMALL[1].outputs([0] * 9), "this model sees 8 letters, the mark included, got 9"),
    ],
)
def test_sizes_that_make_no_sense(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_two_directions_are_numpys():
    rng = np.random.default_rng(3)
    rows, weights = rng.normal(size=(12, 5)) * [3, 2, 1, 0.5, 0.1], rng.uniform(1, 5, size=12)
    centred = rows - np.average(rows, axis=0, weights=weights)
    _, sizes, axes = np.linalg.svd(centred * np.sqrt(weights)[:, None])
    points, shares = two_directions(rows.tolist(), weights.tolist())
    assert shares == pytest.approx((sizes[:2] ** 2 / (sizes**2).sum()).tolist(), rel=1e-9)
    expected = centred @ axes[:2].T
    signs = np.sign(np.sum(expected * points, axis=0))
    assert np.array(points) * signs == pytest.approx(expected, abs=1e-6)


def test_rows_that_are_all_alike_have_no_direction():
    assert two_directions([[1.0, 2.0]] * 3, [1.0] * 3) == ([(0.0, 0.0)] * 3, (0.0, 0.0))


CITIES = ["Oslo", "Ulm", "Île-d'Yeu", "Llanfairpwllgwyngyll", "Rom", "Oslo"]


def cities(path: Any, names: Sequence[str] = CITIES) -> str:
    path.write_text("city\n" + "\n".join([*names] * 4) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("use", BOTH, ids=lambda use: use.name)
def test_a_users_own_names(use, here):
    data = use.data(Own(cities(here / "cities.csv")))
    assert set(data.train.inputs) | set(data.test.inputs) == {city.lower() for city in CITIES}
    model = use.network(data, use.settings, seed=0)
    assert set(model.vocabulary.tokens) == {END, *"".join(CITIES).lower()}
    assert model.longest >= 20
    assert (
        use.network(replace(data, train=data.train[:2], test=data.test[:1]), use.settings, seed=0).config()
        == model.config()
    )
    beside = use.measured(data, "eager")
    assert beside.trivial == pytest.approx(math.log(len(model.vocabulary))) and beside.linear < beside.trivial
    assert beside.scikit_learn is None


def test_the_commands(here, capsys):
    file = cities(here / "cities.csv", ["Oslo", "Ulm", "Rom", "Bonn", "Köln"])
    assert main(["use", "names", "--csv", file, "--text", "city", "--seeds", "0", "--quiet"]) == 0
    for name in ("names", "names-gpt"):
        folder = here / "runs" / "uses" / f"{name}-cities"
        kept = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        assert kept["data"] == file and kept["mean"] < kept["trivial"]
        capsys.readouterr()
        assert main(["ask", name, "--run", str(folder), "--count", "4", "--start", "Os", "--seed", "1"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 4 and all(line.startswith("Os") for line in lines)
        assert main(["ask", name, "--run", str(folder), "--start", "Xanten"]) == 2
        assert "'x' is not known" in capsys.readouterr().err


def test_a_column_that_there_is_not(here, capsys):
    assert main(["use", "names", "--csv", cities(here / "cities.csv"), "--text", "town", "--quiet"]) == 2
    assert "town" in capsys.readouterr().err
