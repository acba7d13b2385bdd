"""Random programs: against difference quotients, and every reader of a graph against every other. `tests.oracles` asks
other engines."""

import math

import pytest
from hypothesis import assume, given

import engine
from engine import RULES, Tape, Value, gradcheck, gradient, hessian, topological_order
from tests.engine.helpers import bits, examples, partial
from tests.engine.programs import OPERATIONS, Program, arity, programs, tame
from tests.oracles.deep_programs import reach

pytestmark = pytest.mark.slow  # many programs, each through every reader


def test_the_operations_cover_every_smooth_rule():
    used = set()
    for name, operation in OPERATIONS.items():
        y = operation(engine, *[Value(0.3 + i) for i in range(arity(name))])
        used |= {node.rule.name for node in topological_order(y) if node.rule}
    assert used == {row.name for row in RULES.values() if row.kink is None}


@pytest.mark.slow
@examples(150)
@given(programs())
def test_agrees_with_difference_quotients(program):
    assume(tame(program))
    leaves, y = program.on_values()
    for i, slope in enumerate(gradient(y, *leaves)):
        numeric, error = partial(program.on_floats, program.leaves, i)
        assume(error < 1e-3 * (1 + abs(numeric)))  # the quotient itself may fail where the function is steep
        assert slope == pytest.approx(numeric, rel=1e-7, abs=1e-7 + 10 * error)


@examples(60)
@given(programs(longest=6))
def test_second_derivatives_agree_with_difference_quotients(program):
    assume(tame(program, 30.0))
    leaves, y = program.on_values()
    rows = hessian(y, *leaves)
    for i, row in enumerate(rows):
        for j, second in enumerate(row):
            numeric, error = partial(lambda *at, i=i: gradient(*firsts(program, at, i))[0], program.leaves, j)
            assume(error < 1e-4 * (1 + abs(numeric)))
            assert second == pytest.approx(numeric, rel=1e-6, abs=1e-6 + 10 * error)
            assert second == pytest.approx(rows[j][i], rel=1e-9, abs=1e-9 * (1 + max(map(abs, row))))


def firsts(program: Program, at: tuple[float, ...], i: int) -> tuple[Value, Value]:
    leaves, y = Program(at, program.steps).on_values()
    return y, leaves[i]


@examples(200)
@given(programs(longest=25))
def test_all_readers_find_the_same_gradients(program):
    assume(tame(program, 1e100))
    _, y = program.on_values()
    order = topological_order(y)
    slopes = gradient(y, *order)

    y.backward()
    assert bits(*slopes) == bits(*[node.grad for node in order])

    steps = list(y.backward_steps())
    last = {step.input: step.after for step in steps} | {y: 1.0}
    assert bits(*slopes) == bits(*[last[node] for node in order])

    sizes = reach(y)
    parts: dict[Value, list[float]] = {node: [] for node in order}
    for step in steps:
        product = step.upstream * step.local if step.upstream and step.local else 0.0
        assert bits(step.contribution) == bits(product)
        assert bits(step.upstream) == bits(last[step.node])  # complete before it is passed on
        parts[step.input].append(step.contribution)
    for node in order[:-1]:
        assert math.fsum(parts[node]) == pytest.approx(last[node], rel=1e-12, abs=1e-12 * sizes[node])

    tape = Tape(y)
    found = {leaf.name: adjoint for leaf, adjoint in zip(tape.leaves, tape.adjoints, strict=False)}
    for leaf in tape.leaves:
        assert found[leaf.name] == pytest.approx(leaf.grad, rel=1e-12, abs=1e-12 * sizes[leaf])


@examples(100)
@given(programs(longest=25))
def test_gradients_as_values_are_the_gradients(program):
    assume(tame(program, 1e100))
    leaves, y = program.on_values()
    sizes = reach(y)
    for x, slope, value in zip(leaves, gradient(y, *leaves), gradient(y, *leaves, as_values=True), strict=True):
        assert value.data == pytest.approx(slope, rel=1e-11, abs=1e-11 * (1 + sizes.get(x, 0.0)))


@examples(30)
@given(programs(longest=5))
def test_gradcheck_passes_right_programs(program):
    assume(tame(program, 30.0))
    assume(abs(program.leaves[0]) < 3)
    assert gradcheck(lambda *xs: program.run(xs, engine) + 0 * xs[0], *program.leaves, tolerance=1e-4)
