"""Published answers: lectures, surveys, read-me files and bug reports of other packages. See
tests/known_answers.json for the sources."""

import json
from collections.abc import Callable
from functools import reduce
from operator import mul
from pathlib import Path
from typing import Any

import pytest

from engine import Tape, Value, gradient, log, relu, sin, tanh

FILE = Path(__file__).parents[1] / "known_answers.json"
CASES = {case["name"]: case for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"]}


def micrograd_readme(a: Value, b: Value) -> Value:
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2
    g += 10 / f
    return g


def reused_node(a: Value) -> Value:
    b = a + a
    return b + b


PROGRAMS: dict[str, Callable[..., Value]] = {
    "karpathy-lecture": lambda a, b, c, f: (a * b + c) * f,
    "karpathy-neuron": lambda x1, x2, w1, w2, b: tanh(x1 * w1 + x2 * w2 + b),
    "reused-node": reused_node,
    "reused-nodes-2": lambda a, b: (a * b) * (a + b),
    "micrograd-readme": micrograd_readme,
    "baydin-survey": lambda x1, x2: log(x1) + x1 * x2 - sin(x2),
    "cs231n": lambda x, y, z: (x + y) * z,
    "colah": lambda a, b: (a + b) * (b + 1),
    "speelpenning-5": lambda **x: reduce(mul, x.values()),
    "second-order": lambda x, w: x**2 + x * w,
    "third-order": lambda x: x**2,
    "tanh-orders": lambda x: tanh(x),
    "zygote": lambda x: 3 * x**2 + 2 * x + 1,
    "many-uses": lambda x: sum([x] * 5000),
}


def built(case: dict[str, Any]) -> tuple[dict[str, Value], Value]:
    inputs = {name: Value(number, name) for name, number in case["inputs"].items()}
    return inputs, PROGRAMS[case["name"]](**inputs)


def about(case: dict[str, Any], number: float) -> Any:
    return pytest.approx(number, rel=1e-12, abs=case.get("abs_tol", 1e-300))


def test_every_case_has_its_program():
    assert PROGRAMS.keys() | {"mazur-2-2-2"} == CASES.keys()


@pytest.mark.parametrize("name", PROGRAMS)
def test_value_and_gradients(name):
    case = CASES[name]
    inputs, y = built(case)
    y.backward()
    if "value" in case:
        assert y.data == about(case, case["value"])
    assert {x: inputs[x].grad for x in case["gradients"]} == {
        x: about(case, slope) for x, slope in case["gradients"].items()
    }


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "higher" in case])
def test_higher_derivatives(name):
    case = CASES[name]
    for order, expected in case["higher"].items():
        inputs, y = built(case)
        for letter in order:
            (y,) = gradient(y, inputs[letter], as_values=True)
        assert y.data == about(case, expected), order


def test_the_tape_of_the_survey():
    case = CASES["baydin-survey"]
    tape = Tape(built(case)[1])
    found = [(row.label, tape.operation(i), row.value, row.adjoint) for i, row in enumerate(tape.rows)]
    assert found == [
        (label, operation, about(case, value), about(case, adjoint))
        for label, operation, value, adjoint in case["tape"]
    ]


def test_one_step_uphill_in_the_lecture():
    inputs, before = built(CASES["karpathy-lecture"])
    before.backward()
    for x in inputs.values():
        x.data += 0.01 * x.grad
    assert PROGRAMS["karpathy-lecture"](**inputs).data == pytest.approx(-7.286496, rel=1e-12)


def mazur(weights: list[Value], case: dict[str, Any]) -> Value:
    """Two inputs, two hidden and two output neurons, with a bias for each layer."""

    def layer(xs: Any, ws: list[Value], bias: float) -> list[Value]:
        return [(ws[0] * xs[0] + ws[1] * xs[1] + bias).sigmoid(), (ws[2] * xs[0] + ws[3] * xs[1] + bias).sigmoid()]

    hidden = layer(case["inputs"]["i"], weights[:4], case["inputs"]["b1"])
    outputs = layer(hidden, weights[4:], case["inputs"]["b2"])
    return sum([0.5 * (target - output) ** 2 for target, output in zip(case["inputs"]["target"], outputs, strict=True)])


def test_the_network_of_mazur():
    case = CASES["mazur-2-2-2"]
    weights = [Value(number, f"w{i + 1}") for i, number in enumerate(case["inputs"]["w1..w8"])]
    error = mazur(weights, case)
    error.backward()
    assert error.data == about(case, case["value"])
    assert {w.name: w.grad for w in weights} == {name: about(case, slope) for name, slope in case["gradients"].items()}
    for w in weights:
        w.data -= 0.5 * w.grad
    assert mazur(weights, case).data == pytest.approx(0.29102777369359933, rel=1e-12)
