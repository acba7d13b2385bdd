"""Random programs through the page's arithmetic: its forward pass and its sweep, for other numbers than it was made
with, against the eager engine's."""

from __future__ import annotations

import json

import pytest

from engine import Value, gradient, topological_order
from engine.pages.javascript import forward_functions, operation_key, operations
from engine.stepper.page import static
from engine.stepper.payload import number
from tests.oracles.agreement import LIMIT, shifted
from tests.oracles.deep_programs import Program, random_program, reach

BLOCK = 500
MACHINE = ("domain.js", "paths.js", "machine.js")


def graph(y: Value) -> dict:
    """What the page's arithmetic reads of a graph: the payload of a stepper without its words and drawings."""
    place = {node: i for i, node in enumerate(topological_order(y))}
    return {
        "result": place[y],
        "uneditable": [],
        "events": [
            ["start"],
            *[["forward", i] for node, i in place.items() if node.rule],
            ["seed", place[y]],
            *[["backward", place[step.node], step.index, 0, 0, 0, 0, 0] for step in y.backward_steps()],
            ["finish"],
        ],
        "nodes": [
            {
                "data": number(node.data),
                "rule": node.rule.name if node.rule else None,
                "operation": operation_key(node) if node.rule else None,
                "inputs": [place[x] if isinstance(x, Value) else {"constant": number(x)} for x in node.inputs],
                "slopes": [None if slope is None else {"local": number(slope)} for slope in node.slopes],
                "group": [],
                "users": [],
                "depth": 0,
            }
            for node in place
        ],
    }


RUN = """([graph, edits]) => {
    const machine = new Machine(graph);
    Object.assign(machine, machine.forwardAndBackward(new Map(edits)));
    return [machine.data[graph.result], edits.map(([node]) => machine.gradient(node))];
}"""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 2000, BLOCK))
def test_programs(browser, first):
    programs = [random_program(seed) for seed in range(first, first + BLOCK)]
    made = [program.on_values() for program in programs]
    source, unknown = operations([node for _, y in made for node in topological_order(y)])
    assert unknown == []
    sent = [[graph(y), edits(program, y, leaves)] for program, (leaves, y) in zip(programs, made, strict=True)]
    context = browser.new_context()
    text = "\n".join([forward_functions(), *map(static, MACHINE), source])
    found = context.new_page().evaluate(f"all => {{ {text}; return JSON.parse(all).map({RUN}) }}", json.dumps(sent))
    context.close()
    for seed, program, (value, slopes) in zip(range(first, first + BLOCK), programs, found, strict=True):
        leaves, y = shifted(program).on_values()
        sizes = reach(y)
        assert value == pytest.approx(y.data, rel=LIMIT, abs=LIMIT), seed
        for slope, expected, leaf in zip(slopes, gradient(y, *leaves), leaves, strict=True):
            assert slope == pytest.approx(expected, rel=0, abs=LIMIT * (1 + sizes[leaf])), seed


def edits(program: Program, y: Value, leaves: list[Value]) -> list[list[float]]:
    """Other numbers for the leaves, by their places in the graph."""
    order = topological_order(y)
    return [[order.index(leaf), x] for leaf, x in zip(leaves, shifted(program).leaves, strict=True)]
