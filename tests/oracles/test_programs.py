"""Ten thousand random programs: against autograd to the second order, and every machine of ours against the eager
sweep (the NumPy program on 3,000 of them). `python -m tests.oracles programs --peer torch` asks PyTorch as well."""

from __future__ import annotations

import pytest

from engine import topological_order
from engine.graph import depth
from tests.oracles import agreement
from tests.oracles.deep_programs import LONGEST, NAMES, random_program
from tests.oracles.peers import PEERS

pytestmark = pytest.mark.slow
BLOCK = 1000
BLOCKS = [range(first, first + BLOCK) for first in range(0, 10_000, BLOCK)]
COMPILED = [("kernel", seeds) for seeds in BLOCKS] + [("numpy", seeds) for seeds in BLOCKS[:3]]  # its source is printed


def all_within(question, seeds):
    wrong = [seed for seed in seeds if not question(random_program(seed)) <= 1.0]
    assert not wrong, f"programs {wrong[:5]}, the first:\n{random_program(wrong[0]).source()}"


@pytest.fixture(scope="module")
def autograd():
    return PEERS["autograd"]()


def test_the_programs_are_what_is_said_of_them():
    programs = [random_program(seed) for seed in BLOCKS[0]]
    graphs = [program.on_values()[1] for program in programs]
    used = {node.rule.name for y in graphs for node in topological_order(y) if node.rule}
    assert used == set(NAMES)
    assert max(map(depth, graphs)) > LONGEST / 2
    inputs = [x for y in graphs for node in topological_order(y) for x in node.inputs]
    assert sum(isinstance(x, float) for x in inputs) > len(inputs) / 20  # constants, on either side


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_value_and_gradient_against_autograd(seeds, autograd):
    all_within(lambda program: agreement.first_order(program, autograd), seeds)


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
@pytest.mark.filterwarnings("ignore:Output seems independent of input")  # autograd, where the first slope is constant
def test_second_derivatives_against_autograd(seeds, autograd):
    all_within(lambda program: agreement.second_order(program, autograd), seeds)


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_a_tape_replayed(seeds):
    all_within(agreement.replay, seeds)


@pytest.mark.parametrize(("backend", "seeds"), COMPILED, ids=str)
def test_compiled(backend, seeds):
    all_within(lambda program: agreement.machine(program, backend), seeds)
