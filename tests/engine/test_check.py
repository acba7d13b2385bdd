"""`check` and `gradcheck`: right graphs pass, wrong ones are found, and kinks and edges are called so."""

import math
import re
import sys

import pytest
from hypothesis import assume, given

import engine
from engine import (
    GradientError,
    Report,
    Tape,
    Value,
    check,
    gradcheck,
    gradient,
    logsumexp,
    maximum,
    names,
    rule,
    topological_order,
    total,
    weighted_sum,
    where,
)
from engine.readers.check import doubts_of
from engine.readers.difference import ROUNDING
from tests.engine.check_power import measure
from tests.engine.helpers import examples
from tests.engine.programs import programs, tame


def wrong_rule() -> engine.Rule:
    """The square with the slope x where it should be 2x."""
    return rule("bad_square", "{0}^2", lambda x: x * x, lambda x, z: x)


def graph() -> tuple[Value, Value, Value]:
    x, w = Value(0.7, "x"), Value(-1.2, "w")
    z = weighted_sum([x, w], [w, 2.0], 0.5)
    return x, w, logsumexp([z.tanh() * x, x / (1 + w**2), 0.3])


# check


@examples(40)
@given(programs(longest=8))
def test_right_graphs_pass(program):
    assume(tame(program, 50.0))
    _, y = program.on_values()
    report = check(y)
    assert report, str(report)
    assert {row.verdict for row in report.checked} == {"ok"}


def test_every_node_is_checked_once_and_the_graph_is_left_alone():
    *_, y = graph()
    report = check(y)
    order = topological_order(y)
    assert {row.node for row in report.checked} == set(order)
    assert len(report.checked) == len(order) == report.size
    assert {row.node: row.name for row in report.checked} == names(y)
    assert [node.grad for node in order] == [None] * len(order)
    assert report.replays >= 2 * len(order)


def test_a_wrong_rule_is_found_at_the_input_it_gives_a_wrong_slope():
    x, w = Value(3.0, "x"), Value(2.0, "w")
    bad = wrong_rule()(x * w)
    y = bad + w.sin()
    report = check(y)
    assert not report
    # what depends on the wrong slope, and nothing above it
    assert {row.name for row in report.wrong} == {"v1", "x", "w"}
    assert (report["x"].gradient, report["x"].numeric) == (12.0, pytest.approx(24.0, rel=1e-6))
    assert report[bad].verdict == report[y].verdict == "ok"
    assert report.worst in report.wrong
    assert "wrong" in str(report)


def test_wrong_gradients_are_found():
    x, _, y = graph()
    y.backward()
    gradients = {node: node.grad for node in topological_order(y)}
    assert check(y, gradients)
    report = check(y, {**gradients, x: gradients[x] + 0.01})
    assert [row.node for row in report.wrong] == [x]
    assert report.worst.node is x
    assert report.worst.error == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize(
    ("off", "worst"), [((0.01, 1.0), 1), ((1.0, 0.01), 0), ((1.0, math.nan), 1), ((math.nan, 1.0), 0)]
)
def test_the_worst_is_the_one_that_is_furthest_off(off, worst):
    *leaves, y = graph()
    claims = [slope + error for slope, error in zip(gradient(y, *leaves), off, strict=True)]
    report = check(y, dict(zip(leaves, claims, strict=True)))
    assert len(report.wrong) == 2
    assert report.worst.node is leaves[worst]


def test_only_nodes_with_a_given_gradient_are_checked():
    x, w, y = graph()
    y.backward()
    report = check(y, {x: x.grad, w: -w.grad})
    assert [row.name for row in report.checked] == ["x", "w"]
    assert [row.name for row in report.wrong] == ["w"]


@pytest.mark.parametrize(
    ("make", "between"),
    [
        (lambda x: x.relu(), 0.5),
        (lambda x: abs(x), 0.0),
        (lambda x: maximum(x, 0.0), 0.5),
        (lambda x: 3 * x.leaky_relu() + 1, 1.515),
    ],
    ids="relu abs max leaky".split(),
)
def test_at_a_kink_the_verdict_is_kink(make, between):
    x = Value(0.0, "x")
    row = check(make(x))["x"]
    assert (row.verdict, row.numeric) == ("kink", pytest.approx(between))
    assert check(make(x))
    assert check(Value(1e-300, "x").relu())["x"].verdict == "ok"
    for near in (1e-7, 0.1, -0.1, -1e-7):  # the steps are smaller
        assert check(make(Value(near, "x")))["x"].verdict == "ok"


@pytest.mark.parametrize(
    ("make", "at"),
    [
        (lambda x: x.sqrt(), 0.0),
        (lambda x: 1 + x.asin(), 1.0),
        (lambda x: x.exp(), 709.782712893384),
        (lambda x: (x + 1).sqrt(), -1.0),
        (lambda x: x**0.5, 0.0),
    ],
    ids=["sqrt", "asin", "exp", "sqrt moved", "pow"],
)
def test_at_an_edge_the_verdict_is_edge(make, at):
    report = check(make(Value(at, "x")))
    assert report["x"].verdict == "edge"
    assert math.isnan(report["x"].numeric)
    assert report


@pytest.mark.parametrize("make", [lambda x: x.log(), lambda x: x.sqrt(), lambda x: (1 - x).asin(), lambda x: 1 / x])
@pytest.mark.parametrize("at", [1e-3, 1e-9])
def test_beside_an_edge_steps_are_small_enough(make, at):
    x = Value(at, "x")
    y = make(x)
    (slope,) = gradient(y, x)
    assert check(y)["x"].verdict == "ok"
    assert check(y, {x: 1.01 * slope}).wrong


@pytest.mark.parametrize(
    "make",
    [
        lambda x: (x * x).sqrt(),
        lambda x: abs(x).sqrt(),
        lambda x: x * x.sqrt() - x.sqrt(),
        lambda x: where(1 - x, x, x.sqrt()),
        lambda x: maximum(x.sqrt(), 1.0),
        lambda x: 0.0 * x.sqrt(),
    ],
)
def test_where_an_infinite_slope_is_passed_on_by_convention_nothing_is_called_wrong(make):
    x = Value(0.0, "x")
    y = make(x)
    for claim in (0.0, 1.0, math.inf, math.nan):
        assert check(y, {x: claim})["x"].verdict in ("edge", "kink")


def test_a_wrong_rule_away_from_its_kink_is_not_excused():
    bent = rule(
        "bent", "{0}", lambda x: x if x > 0 else 2 * x, lambda x, z: engine.where(x, 1.0, 3.0), kink=lambda x: x
    )
    assert check(bent(Value(1.0)))
    assert check(bent(Value(-1.0))).wrong
    assert check(bent(Value(0.0))).checked[0].verdict == "kink"


SCALES = {
    "1/x": (lambda x: 1 / x, 1e-9),
    "sin far out": (lambda x: x.sin(), 1e8),
    "sin less far": (lambda x: x.sin(), 1e5),
    "a small result": (lambda x: 1e-6 * x * x, 1.0),
    "a small slope": (lambda x: x * x, 1e-5),
    "beside a top": (lambda x: x.cos(), 1e-9),
    "at the end of a range": (lambda x: x * 1e-300, 1e-5),
    "at a power": (lambda x: x**30, 1e9),
    "on a high plateau": (lambda x: 1e9 + x.sin(), 0.5),
    "steep": (lambda x: (1e6 * x).sin(), 0.3),
    "log": (lambda x: x.log(), 1e300),
    "subnormal": (lambda x: 3.0 * x, 1e-310),
}


@pytest.mark.parametrize("case", SCALES)
def test_at_every_scale_the_wrong_are_found_and_the_right_are_not_accused(case):
    make, at = SCALES[case]
    x = Value(at, "x")
    y = make(x)
    (slope,) = gradient(y, x)
    verdicts = {
        factor: check(y, {x: factor * slope})["x"].verdict for factor in (1.0, 1.01, 0.99, 1.5, 0.0, -1.0, 11.0)
    }
    assert verdicts.pop(1.0) in ("ok", "cannot tell")
    assert set(verdicts.values()) == {"wrong"}


TOPS = [
    (lambda x: (0.1 * x).sin(), 11847432.84348439),
    (lambda x: (7.7 * x).sin(), 323500.60751519125),
    (lambda x: (x * x).sin(), 404.7855427807406),
]
"""Near the top of a wave the rounding of its argument moves the slope by more than 1e-6 of it."""


@pytest.mark.parametrize(
    ("make", "at"),
    [
        (lambda x: (1e15 * x).sin(), 0.3),
        (lambda x: x + 1e-9 * (1e18 * x).sin(), 1.0),
        (lambda x: x + 1e-15 * (1e12 * x).sin(), 1.0),
        (lambda x: x + 1e-16 * (1e13 * x).sin(), 0.7),
        (lambda x: x.tanh(), 18.0),
        (lambda x: 1e20 + x, 1e-3),
        (lambda x: (x - 1e12) * 1e6 + x * 1e-9, 1e12 + 1 / 8),
        (lambda x: x.sin(), math.pi / 2),
        (lambda x: (x * 30 * x).tanh(), 1.0),
        (lambda x: total([1e9, x.sin(), -1e9]), 0.7),
        (lambda x: weighted_sum([1e9, x, -1e9], [1.0, x, 1.0], 0.3), 0.7),
        *TOPS,
    ],
)
def test_what_rounding_hides_is_not_called_wrong(make, at):
    x = Value(at, "x")
    report = check(make(x))
    assert report["x"].verdict in ("ok", "cannot tell")


@pytest.mark.parametrize(("make", "at"), TOPS)
def test_gradcheck_does_not_call_a_rounded_slope_wrong(make, at):
    assert gradcheck(lambda x, y: make(x) + y, at, 1.0, order=1, tolerance=1e-6)


def huge() -> Value:
    """Nearly the largest float; a few last places more in the first of its factors, and it is beyond."""
    return (Value(1.0) * (1 + 1e-8) - 1.0) * sys.float_info.max * (1e8 * (1 - 2e-8))


@pytest.mark.parametrize(
    ("make", "at", "least", "most"),
    [
        (lambda x: x.sin(), 1e12, 0.0, 1e-14),  # the number of a leaf is not rounded, that of a product is
        (lambda x: (0.3 * x).sin(), 1e12, 1e-6, 1e-3),
        (lambda x: (0.3 * x) * (0.3 * x), 1e12, 1e-5, 1e-2),
        (lambda x: (lambda h: h * x - h * x)(huge()), 0.5, math.inf, math.inf),  # inf - inf where it is rolled up
        # beyond the edge is no number to roll to
        (lambda x: (x * 1.0).acos(), 1 - 2.0**-53, 1e6, 1e8),
    ],
)  # fmt: skip
def test_how_far_rounding_may_have_moved_a_slope(make, at, least, most):
    """By what each operation may be off, times how much the slope changes with it."""
    x = Value(at, "x")
    tape = Tape(make(x))
    assert least <= doubts_of(tape)[tape.leaves.index(x)] <= most


def test_what_cannot_be_told_is_counted_and_is_no_error():
    x = Value(math.pi / 2, "x")
    y = x.sin() * Value(2.0)
    report = check(y)
    assert report
    assert not report.wrong
    assert (report["x"].verdict, report[y].verdict) == ("cannot tell", "ok")
    assert str(report).endswith("replays of the graph; it cannot tell of 1")
    assert report.worst.verdict == "ok"


@pytest.mark.parametrize("number", [math.inf, math.nan, -math.inf])
def test_of_numbers_that_are_not_finite_it_cannot_tell(number):
    x = Value(number, "x")
    assert {row.verdict for row in check(x * 2.0).checked} == {"cannot tell"}


def test_the_numeric_gradient_knows_how_far_off_it_is():
    for at in (1e-9, 0.3, 2.0, 1e5):
        x = Value(at, "x")
        row = check(x.sin() / x)["x"]
        true = (math.cos(at) * at - math.sin(at)) / at**2 if at > 1e-3 else -at / 3
        assert abs(row.numeric - true) <= row.uncertainty + 1e-12 * abs(true)


@pytest.mark.parametrize(
    "make", [lambda x: x.relu() + 5, lambda x: maximum(x, 5.0), lambda x: 0.0 * x + 5, lambda x: where(1.0, 2.0, x)]
)
def test_a_piece_that_is_not_taken_has_the_gradient_0(make):
    x = Value(-1.0, "x")
    y = make(x)
    assert check(y)["x"].verdict == "ok"
    assert check(y, {x: 0.01}).wrong


def test_a_corner_that_a_rule_does_not_mention_is_not_called_wrong():
    bent = rule("corner", "{0}", lambda x: max(x, 0.0), lambda x, z: engine.where(x, 1.0, 0.0))
    y = bent(Value(0.0, "x")) + 1
    assert check(y)["x"].verdict == "cannot tell"


def test_planted_errors_in_random_graphs():
    """A sample of what `python -m tests.engine.check_power` does with 10,000 nodes."""
    verdicts, mistakes = measure(500, seed=1)
    assert not mistakes
    none, *planted = verdicts.values()
    assert none["ok"] > 0.85 * none.total()
    assert sum(counts["wrong"] for counts in planted) > 0.9 * sum(counts.total() for counts in planted)


@pytest.mark.parametrize(("scale", "at"), [(1e-12, 0.3), (1e12, 0.3), (1.0, 1e6), (1.0, 1e-6)])
def test_scales(scale, at):
    assert check(scale * Value(at).tanh())
    assert not check(scale * wrong_rule()(Value(at)))


@pytest.mark.parametrize(("rate", "at"), [(1e6, 0.3), (1e4, 2.0), (1.0, 3e5), (300.0, 1.0)])
def test_a_steep_function_is_not_called_wrong(rate, at):
    """Steps that are small for the input may be large for the function: the quotients then differ among themselves."""
    assert check((Value(at) * rate).sin())


def test_large_graphs_are_sampled_the_same_way_for_the_same_seed():
    y = sum([Value(0.01 * i) * Value(1.0) for i in range(200)])
    samples = [[row.node for row in check(y, most=20, seed=seed).checked] for seed in (0, 0, 1)]
    assert samples[0] == samples[1] != samples[2]
    assert [len(set(sample)) for sample in samples] == [20] * 3
    for most in (1, 20):
        report = check(y, most=most)
        assert report.size == len(topological_order(y))
        assert len(report.checked) == most
        assert f"{most} of {report.size} nodes" in str(report)
    assert [row.node for row in report.checked] == samples[0]


def test_what_the_check_took_is_counted(monkeypatch):
    called = []
    for work in ("forward", "sweep"):
        method = getattr(Tape, work)
        monkeypatch.setattr(Tape, work, lambda *args, method=method: called.append(method) or method(*args))
    *_, y = graph()
    assert check(y).replays == len(called) - 1  # the first sweep is that of the tape


def test_a_node_that_was_not_checked():
    *_, y = graph()
    with pytest.raises(KeyError, match="not checked"):
        check(y)["nobody"]


def test_the_report_is_a_table():
    *_, y = graph()
    report = check(y)
    assert isinstance(report, Report)
    lines = str(report).splitlines()
    assert lines[0].split() == ["node", "gradient", "numeric", "difference", "verdict"]
    assert len(lines) == 2 + len(report.checked) + 1
    assert repr(report) == str(report)
    assert lines[-1].endswith("replays of the graph")
    shown = report._repr_html_()
    cells = [text for text in re.sub(r"<[^>]*>", "\n", shown).splitlines() if text]
    assert cells == [*lines[0].split(), *" ".join(lines[2:-1]).split(), lines[-1]]
    assert shown.count("<td") == 5 * len(report.checked)


def test_a_stale_graph_is_refused():
    x, _, y = graph()
    x.data = 5.0
    with pytest.raises(ValueError, match="stale"):
        check(y)


def test_only_a_value_can_be_checked():
    with pytest.raises(TypeError, match="Value"):
        check(3.0)


# gradcheck


def smooth(x: Value, y: Value) -> Value:
    return (x * y).sin() + x**3 / (1 + y * y)


@pytest.mark.parametrize("order", [1, 2])
def test_a_right_function_passes(order):
    assert gradcheck(smooth, 0.7, -1.3, order=order) is True
    assert gradcheck(smooth, Value(0.7), 2, order=order) is True


@pytest.mark.parametrize("order", [1, 2])
def test_a_wrong_slope_raises_and_names_the_entry(order):
    wrong_rule()
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x, y: x + engine.RULES["bad_square"](y), 1.0, 3.0, order=order)
    assert "∂f/∂x1" in str(caught.value)
    assert "3.0" in str(caught.value)
    assert "5.99999" in str(caught.value) or "6.0" in str(caught.value)


def test_a_wrong_second_derivative_is_found_by_the_second_order_only():
    """sin whose slope, right as a number, is written as a constant of x: its own derivative is then 0."""
    frozen = rule(
        "frozen_sin", r"\sin {0}", math.sin, lambda x, z: math.cos(float(x.value if hasattr(x, "value") else x))
    )
    assert gradcheck(lambda x: frozen(x), 0.7, order=1)
    with pytest.raises(GradientError, match="∂²f/∂x0∂x0"):
        gradcheck(lambda x: frozen(x), 0.7, order=2)


def test_the_worst_entry_is_named():
    slightly = rule("slightly", "{0}", lambda x: x, lambda x, z: 1.001)
    nowhere = rule("nowhere", "{0}", lambda x: x, lambda x, z: math.nan)
    for f in (
        lambda x, y: slightly(x) + wrong_rule()(y),
        lambda x, y: 1e3 * slightly(x) + 1e-3 * wrong_rule()(y),  # relative to the slope
        lambda x, y: wrong_rule()(x) + nowhere(y),
    ):
        with pytest.raises(GradientError, match="∂f/∂x1 "):
            gradcheck(f, 1.0, 3.0)


@pytest.mark.parametrize(
    ("make", "at"), [(lambda x: 1e-6 * x * x, 1.0), (lambda x: 1 / x, 1e-9), (lambda x: x.sin(), 1e8), (smooth, 1e-3)]
)
def test_gradcheck_at_every_scale(make, at):
    more = (2.0,) if make is smooth else ()
    assert gradcheck(make, at, *more)
    nothing = rule("nothing", "{0}", lambda x: x, lambda x, z: 0.0)
    with pytest.raises(GradientError, match=r"∂f/∂x0 .* the chain rule says -?0\.0, the central difference"):
        gradcheck(lambda x, *others: make(nothing(x), *others), at, *more, order=1)


@pytest.mark.parametrize(
    ("make", "at", "verdict"),
    [
        (lambda x: x.relu(), 0.0, "∂f/∂x0 kink"),
        (lambda x: x.sqrt(), 0.0, "∂f/∂x0 edge"),
        (lambda x: x.sin(), math.pi / 2, "∂f/∂x0 cannot tell"),
    ],
)
def test_gradcheck_says_so_if_it_can_tell_nothing(make, at, verdict):
    with pytest.raises(
        ValueError, match=rf"gradcheck can tell nothing at \({at},\), check at another point: {verdict}"
    ):
        gradcheck(make, at, order=1)


def test_the_slopes_of_one_operation_may_be_off_by_what_one_operation_may():
    doubts = doubts_of(Tape(total([Value(float(i)) for i in range(10)])))
    assert all(ROUNDING / 2 <= doubt <= ROUNDING for doubt in doubts[:-1])


def test_gradcheck_passes_where_it_can_tell_of_some():
    assert gradcheck(lambda x, y: x.relu() + y, 0.0, 1.0, order=1) is True


def test_gradcheck_knows_that_a_larger_result_rounds_more():
    """y² is hidden in the rounding of 1e23 until it is larger than that; then it has a rounding of its own."""
    assert gradcheck(lambda x, y: (x - 333774834523.1103) ** 2 + x**3 + y * y, 36.96214147105099, 1.0, order=1)


def test_gradcheck_follows_another_branch_at_another_number():
    """What a function reads besides its Values is no part of the graph; a difference sees it."""
    with pytest.raises(GradientError, match=r"∂f/∂x0 at \(3.0,\): the chain rule says 3.0, the central difference 6.0"):
        gradcheck(lambda x: x * x.data, 3.0, order=1)


def test_a_gradient_of_nan_does_not_pass():
    bad = rule("nowhere", "{0}", lambda x: x, lambda x, z: math.nan)
    with pytest.raises(GradientError, match="nan"):
        gradcheck(lambda x: bad(x), 1.0)


def test_a_gradient_error_is_an_assertion():
    assert issubclass(GradientError, AssertionError)


@pytest.mark.parametrize("order", [0, 3, "2", None])
def test_orders_that_there_are_not(order):
    with pytest.raises(ValueError, match="order 1 or 2, got"):
        gradcheck(smooth, 1.0, 2.0, order=order)


def test_a_function_that_gives_no_value():
    with pytest.raises(TypeError, match=r"takes a function that returns a Value, got one that returned float 3\.0"):
        gradcheck(lambda x: 3.0, 1.0)


def test_a_function_of_nothing():
    with pytest.raises(ValueError, match=r"^gradcheck\(f, x, \.\.\.\) takes the numbers to check f at, got none$"):
        gradcheck(lambda: Value(1.0))


@pytest.mark.parametrize("given", ["3", None, 1j, [1.0]])
def test_what_is_no_number_to_check_at(given):
    with pytest.raises(TypeError, match=f"expected a real number, got {type(given).__name__}"):
        gradcheck(lambda x: x, given)


def test_where_no_node_was_checked_none_is_the_worst():
    y = Value(2.0) * 3
    report = check(y, {})
    assert report
    with pytest.raises(ValueError, match="no node was checked, so none is the worst: 0 of 2 nodes checked"):
        _ = report.worst
    with pytest.raises(ValueError, match="check takes at least one node, got most=0"):
        check(y, most=0)
