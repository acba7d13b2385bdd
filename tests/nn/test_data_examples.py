"""Examples, one-hot rows, lag windows and standardisation."""

from __future__ import annotations

import math
import random
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import Examples, Standardizer, lag_windows, one_hot
from tests.nn.helpers import examples

TEN = Examples([[float(i)] for i in range(10)], [i * i for i in range(10)])


class TestExamples:
    def test_is_a_sequence_of_pairs(self):
        assert len(TEN) == 10
        assert TEN[3] == ([3.0], 9)
        assert TEN[-1] == ([9.0], 81)
        assert list(TEN) == list(zip(TEN.inputs, TEN.targets, strict=True))
        assert ([2.0], 4) in TEN
        assert next(reversed(TEN)) == ([9.0], 81)

    def test_a_slice_is_examples(self):
        part = TEN[2:8:3]
        assert isinstance(part, Examples)
        assert list(part) == [([2.0], 4), ([5.0], 25)]

    def test_index_out_of_range(self):
        with pytest.raises(IndexError):
            TEN[10]

    def test_lengths_must_agree(self):
        with pytest.raises(ValueError, match="2 inputs and 1 targets"):
            Examples([[1.0], [2.0]], [0])

    @pytest.mark.parametrize(
        "examples, expected",
        [
            (Examples([], []), "Examples(none)"),
            (Examples([[1.0]], [2]), "Examples(1; the first: [1.0] -> 2)"),
            (Examples([[0.5] * 64], [7]), "[0.5, 0.5, 0.5, ... 64 numbers] -> 7"),
            (Examples(["ann"], ["f"]), "'ann' -> 'f'"),
            (Examples(["long " * 100], [1]), "... -> 1)"),
        ],
    )
    def test_repr_is_short(self, examples, expected):
        assert expected in repr(examples)
        assert len(repr(examples)) < 160

    def test_shuffled_is_a_permutation_by_the_seed(self):
        once = TEN.shuffled(3)
        assert once == TEN.shuffled(3) == TEN.shuffled(random.Random(3))
        assert once != TEN
        assert sorted(once) == list(TEN)

    def test_shuffling_leaves_the_global_generator_alone(self):
        state = random.getstate()
        TEN.shuffled(0)
        TEN.split(0.3, 0)
        assert random.getstate() == state

    @given(st.integers(2, 60), st.floats(0.001, 0.999), st.integers())
    @examples(100)
    def test_split_shares_out_every_example_once(self, count, fraction, seed):
        whole = Examples(list(range(count)), list(range(count)))
        rest, part = whole.split(fraction, seed)
        assert sorted(rest.inputs + part.inputs) == whole.inputs
        assert rest.inputs == sorted(rest.inputs)
        assert len(rest) > 0
        assert len(part) > 0
        assert abs(len(part) - count * fraction) <= 1
        assert (rest, part) == whole.split(fraction, seed)

    def test_fraction_zero_takes_nothing(self):
        assert TEN.split(0.0, 0) == (TEN, Examples([], []))

    @pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5, math.nan])
    def test_fraction_outside_its_range(self, fraction):
        with pytest.raises(ValueError, match=f"fraction is {fraction}"):
            TEN.split(fraction, 0)

    @pytest.mark.parametrize("fraction", ["0.2", None, True])
    def test_fraction_that_is_no_number(self, fraction):
        with pytest.raises(TypeError, match="a number is expected"):
            TEN.split(fraction, 0)

    def test_one_example_cannot_be_split(self):
        with pytest.raises(ValueError, match="1 examples cannot be split"):
            TEN[:1].split(0.5, 0)

    @pytest.mark.parametrize("seed", [None, 1.5, "a", True])
    def test_the_seed_must_be_told(self, seed):
        with pytest.raises(TypeError, match=r"a whole number or a random\.Random"):
            TEN.shuffled(seed)


class TestOneHot:
    @given(st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
    @examples(100)
    def test_is_a_row_of_the_identity_matrix(self, index_and_count):
        index, count = index_and_count
        assert one_hot(index, count) == np.eye(count)[index].tolist()

    def test_classes_by_name(self):
        assert one_hot(1, ["a", "b", "c"]) == [0.0, 1.0, 0.0]

    @pytest.mark.parametrize("index", [-1, 3])
    def test_unknown_class(self, index):
        with pytest.raises(ValueError, match=f"class {index} does not exist.*0 to 2"):
            one_hot(index, 3)

    @pytest.mark.parametrize("index", ["a", 1.0, None, True, [0.0, 1.0]])
    def test_a_class_is_an_int(self, index):
        with pytest.raises(TypeError, match="a whole number from 0 to 2"):
            one_hot(index, 3)


class TestLagWindows:
    @given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.data())
    @examples(100)
    def test_windows_lie_side_by_side_in_the_series(self, series, data):
        lags = data.draw(st.integers(1, len(series) - 1))
        windows = lag_windows(series, lags)
        view = np.lib.stride_tricks.sliding_window_view(series, lags + 1)
        assert [x + y for x, y in windows] == view.tolist()

    @pytest.mark.parametrize(
        "series, lags, error, message",
        [
            ([1.0, 2.0], 0, ValueError, "lags is 0; at least 1"),
            ([1.0, 2.0], 2, ValueError, "series of 2 numbers has no window of 2"),
            ([], 1, ValueError, "series of 0 numbers"),
            ([1.0, math.nan, 2.0], 1, ValueError, "number 1 of the series is nan"),
            ([1.0, 2.0, -math.inf], 1, ValueError, "number 2 of the series is -inf"),
            ([1.0, 2.0], 1.0, TypeError, "lags is 1.0; an int"),
            ([1.0, 2.0], True, TypeError, "lags is True"),
        ],
    )
    def test_errors(self, series, lags, error, message):
        with pytest.raises(error, match=message):
            lag_windows(series, lags)


def tables_of_numbers(largest: float) -> st.SearchStrategy[list[list[float]]]:
    number = st.floats(-largest, largest)
    return st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(number, min_size=width, max_size=width), min_size=1)
    )


class TestStandardizer:
    @given(tables_of_numbers(1e100))
    @examples(100)
    def test_undo_is_the_inverse_of_apply(self, rows):
        fitted = Standardizer.fit(rows)
        for row in rows:
            back = fitted.undo(fitted.apply(row))
            for x, y, mean, scale in zip(row, back, fitted.means, fitted.scales, strict=True):
                # Taking a large mean away and adding it again costs its last bits.
                assert y == pytest.approx(x, rel=1e-12, abs=1e-14 * (abs(mean) + scale))

    @given(tables_of_numbers(1e3))
    @examples(100)
    def test_means_and_deviations_are_those_of_the_statistics_module(self, rows):
        fitted = Standardizer.fit(rows)
        for column, mean, scale in zip(zip(*rows, strict=True), fitted.means, fitted.scales, strict=True):
            assert mean == pytest.approx(statistics.fmean(column), rel=1e-12, abs=1e-12)
            if len(set(column)) > 1:
                assert scale == pytest.approx(statistics.pstdev(column), rel=1e-9, abs=1e-300)

    def test_agrees_with_scikit_learn(self):
        from sklearn.preprocessing import StandardScaler

        rows = np.random.default_rng(0).normal(5.0, 3.0, (50, 4)).tolist()
        fitted = Standardizer.fit(rows)
        expected = StandardScaler().fit_transform(rows)
        assert np.allclose([fitted.apply(row) for row in rows], expected, rtol=1e-12, atol=1e-12)

    def test_a_constant_column_becomes_zero(self):
        fitted = Standardizer.fit([[0.1, 1.0], [0.1, 2.0], [0.1, 6.0]])
        assert fitted.scales[0] == 1.0
        assert fitted.apply([0.1, 3.0]) == [0.0, 0.0]

    def test_numbers_whose_squares_overflow(self):
        fitted = Standardizer.fit([[1e200], [-1e200]])
        assert fitted.apply([1e200]) == [pytest.approx(1.0)]

    def test_a_deviation_too_small_for_a_float(self):
        tiny = 5e-324
        assert Standardizer.fit([[0.0], *[[0.0]] * 9, [tiny]]).scales == [1.0]

    @pytest.mark.parametrize(
        "rows, message",
        [
            ([], "no rows"),
            ([[1.0, 2.0], [1.0]], "row 1 has 1 numbers; 2 are expected"),
            ([[1.0], [math.nan]], "row 1, column 0: nan"),
            ([[1.0, math.inf]], "row 0, column 1: inf"),
            ([[0.0, 1.5e308], [0.0, 1.6e308]], "column 1: its numbers are too large"),
            ([[1.5e308], [-1.5e308]], "column 0: its numbers are too large"),
        ],
    )
    def test_fit_errors(self, rows, message):
        with pytest.raises(ValueError, match=message):
            Standardizer.fit(rows)

    @pytest.mark.parametrize("method", ["apply", "undo"])
    def test_wrong_width(self, method):
        fitted = Standardizer.fit([[1.0, 2.0], [3.0, 4.0]])
        with pytest.raises(ValueError, match="the row has 3 numbers; 2 are expected"):
            getattr(fitted, method)([1.0, 2.0, 3.0])
