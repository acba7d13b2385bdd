"""The machine of a page against a slow interpreter of plans, and each operation in it against the table of rules."""

from __future__ import annotations

import numpy as np
import pytest

from engine import RULES, PageMachine, rules
from engine.formulas.reading import Unreadable
from engine.rule import rule
from tests.engine.page_machine import PageProgram, in_node, needs_node
from tests.engine.plans import PLANS, HandMade, agrees

BUILT_IN = [row for row in RULES.values() if row.module == rules.__name__ and not row.lists]


@pytest.mark.parametrize("name", PLANS)
def test_it_agrees_with_the_interpreter(name: str) -> None:
    """For samples in parts of seven, the last of one."""
    plan = PLANS[name]()
    agrees(PageProgram(plan, lanes=7), plan, 15)


def test_each_operation_and_its_slopes_are_those_of_the_table() -> None:
    """All in one plan: the gradient in p, where the inputs are x + p, is the slope."""
    chance, places = np.random.default_rng(0), []
    plan = HandMade(sum(len(row.parameters) for row in BUILT_IN), sum(len(row.parameters) for row in BUILT_IN))
    z = plan.start([0.0] * plan.inputs, [[j] for j in range(plan.inputs)], [[1.0]] * plan.inputs)
    plan.combine(z, [[1.0]] * plan.inputs, [[j] for j in range(plan.inputs)])
    first = 0
    for row in BUILT_IN:
        n = len(row.parameters)
        places.append(plan.apply(row, *[[z[first + j]] for j in range(n)])[0])
        first += n
    plan.done(places, places)
    X = chance.uniform(0.1, 0.9, size=(5, plan.inputs))
    outputs, losses = np.empty((5, len(places))), np.empty(5)
    for sample in range(5):
        gradient = np.zeros(plan.parameters)
        PageProgram(plan).run(np.zeros(plan.parameters), X, np.array([sample]), 1.0, gradient, losses[:1], outputs[:1])
        first = 0
        for row, found in zip(BUILT_IN, outputs[0], strict=True):
            n = len(row.parameters)
            point = tuple(X[sample, first : first + n].tolist())
            value = row.compute(point)
            assert found == pytest.approx(value, rel=1e-14), row.name
            expected = [row.slope(i, point, value) for i in range(n)]
            assert gradient[first : first + n] == pytest.approx(expected, rel=1e-13), row.name
            first += n


def test_a_rule_of_ones_own_is_spelled_out() -> None:
    try:
        cube = rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
        plan = HandMade(1, 1)
        z = plan.start([0.0], [[0]], [[1.0]])
        plan.combine(z, [[1.0]], [[0]])
        plan.done(plan.apply(cube, list(z)))
        agrees(PageProgram(plan), plan, 3)
        unread = rule("unread", "{0}", lambda x: x if x > 0 else -x, lambda x, z: 1.0)
        hidden = HandMade(1, 1)
        hidden.done(hidden.apply(unread, [0]))
        with pytest.raises(Unreadable, match="unread"):
            PageProgram(hidden)
    finally:
        RULES.pop("cube", None), RULES.pop("unread", None)


def test_nothing_passes_through_a_factor_of_0() -> None:
    """As in every reader: 0 times the infinite slope of a root at 0."""
    plan = HandMade(1, 1)
    z = plan.start([0.0], [[0]], [[1.0]])
    plan.combine(z, [[1.0]], [[0]])
    root, nothing = plan.apply(rules.sqrt, list(z)), plan.start([0.0])
    product = plan.start([0.0])
    plan.products(product, [[root[0]]], [[nothing[0]]])
    plan.done([product[0], z[0]])
    gradient, losses = np.zeros(1), np.empty(1)
    PageProgram(plan).run(np.zeros(1), np.zeros((1, 1)), np.array([0]), 1.0, gradient, losses, np.empty((1, 0)))
    assert (losses[0], gradient[0]) == (0.0, 1.0)


def test_a_strict_page_lets_it_run() -> None:
    machine = PageMachine()
    for plan in PLANS.values():
        machine.take(plan())
    text = machine.source
    assert "eval" not in text
    assert "new Function" not in text


def test_what_json_has_no_number_for_arrives() -> None:
    needs_node()
    plan = HandMade(1, 0)
    plan.start([np.inf, -np.inf, np.nan, -0.0])
    page = PageProgram(plan)
    found = in_node(f"{page.source} return new Program(plan, 1).D", plan=page.described)
    assert found == ["Infinity", "-Infinity", "NaN", "0"]
