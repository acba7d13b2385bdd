"""What is asked on a sheet, the key, and the wrong answers that tempt, each with what is said of it.

Solutions are read from `explain` and from the formulas of the rules. Wrong answers are made by running what makes them:
the mistakes of predict mode, the broken engines of the museum, another operation in place of the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from engine.formulas.notation import MATHML, TEXT, Notation
from engine.formulas.terms import formula, slope_formulas
from engine.museum import BUGS
from engine.museum.broken import (
    breadth_first,
    depth_first,
    not_zeroed,
    overwrites,
    plus_for_minus,
    recursive,
)
from engine.readers.explain import explain
from engine.stepper.causes import ALONE, Cause, Moment, mistakes
from engine.value import Value
from engine.worksheet.graphs import OPERATIONS, Graph, Operation, gradients, is_short, written
from engine.worksheet.lots import Lots
from engine.worksheet.words import Words

__all__ = [
    "ENGINES", "Blank", "Bug", "Choice", "Update", "Wrong", "broken", "bug_of", "causes_shown", "gradient_blanks",
    "rate_of", "slope_blanks", "update_blanks", "value_blanks",
]  # fmt: skip

MOST_WRONG = 8
FARTHEST = 2.0
"""What an update may move a leaf by."""
RATES = (0.5, 0.25, 0.1, 0.05, 0.02, 0.01)
ENGINES = (overwrites, recursive, depth_first, breadth_first, plus_for_minus, not_zeroed)
"""Those that need nothing done to the graph but to be run, but for the last, which runs a second time."""


class Wrong(NamedTuple):
    """A wrong answer that tempts."""

    number: float
    why: str
    """What is said to whoever gives it."""


@dataclass(frozen=True)
class Blank:
    """A number that is asked for.

    Attributes:
        kind: "value", "slope", "gradient" or "update".
        name: the node, or for a slope the node whose line it is.
        under: for a slope the input.
        answer: the number.
        wrong: the wrong answers that tempt, no two the same.
        text, markup: how one gets there, as text and as MathML, without the number itself; empty where there is
            nothing to be said.
    """

    kind: str
    name: str
    under: str
    answer: float
    wrong: tuple[Wrong, ...]
    text: str
    markup: str

    @property
    def sign(self) -> str:
        """What stands between what is asked for and the number."""
        return "←" if self.kind == "update" else "="

    @property
    def label(self) -> str:
        """What is asked for, as text."""
        return self.write_label(TEXT)

    @property
    def label_markup(self) -> str:
        return self.write_label(MATHML)

    def write_label(self, by: Notation) -> str:
        if self.kind == "slope":
            return by.ratio("∂", self.name, self.under)
        return by.ratio("d", "L", self.name) if self.kind == "gradient" else by.name(self.name)


def tempting(answer: float, found: Iterable[tuple[float, str]], words: Words) -> tuple[Wrong, ...]:
    """The wrong answers among what mistakes lead to, each once, with all that leads to it."""
    reasons: dict[str, list[str]] = {}
    for number, why in found:
        if abs(number - answer) > 0.011 and is_short(number):
            reasons.setdefault(written(number), []).append(why)
    return tuple([Wrong(float(number), words.either(whys)) for number, whys in reasons.items()][:MOST_WRONG])


def value_blanks(graph: Graph, words: Words) -> tuple[Blank, ...]:
    """The value of every operation."""
    nodes = graph.build()
    blanks = []
    for operation in graph.operations:
        node = nodes[operation.name]
        asked = f"{operation}".partition(" = ")[2]
        found = [
            (number, words.say("isOther", value=written(number), other=other, asked=asked))
            for number, other in other_values(operation, nodes)
        ]
        text, markup = (by.enclose(formula(node), 0) for by in (TEXT, MATHML))
        blanks.append(Blank("value", operation.name, "", node.data, tempting(node.data, found, words), text, markup))
    return tuple(blanks)


def other_values(operation: Operation, nodes: Mapping[str, Value]) -> Iterator[tuple[float, str]]:
    """What another operation on the same inputs gives."""
    names = operation.inputs
    if len(names) == 2:
        for kind in ("add", "mul", "sub"):
            for inputs in (names, names[::-1]):
                if (kind, inputs) != (operation.kind, names) and (kind == "sub" or inputs == names):
                    result, template = OPERATIONS[kind]
                    yield result(*[nodes[x].data for x in inputs]), template.format(*inputs)
        return
    x = nodes[names[0]].data
    if operation.kind == "square":
        yield 2 * x, f"2 * {names[0]}"
        yield -x * x, f"-({names[0]} ** 2)"
    else:
        yield x, names[0]
        yield -x, f"-{names[0]}"
        yield 0.0, "0"


def slope_blanks(graph: Graph, words: Words) -> tuple[Blank, ...]:
    """The slope of every operation in each of its inputs."""
    nodes = graph.build()
    blanks = []
    for operation in graph.operations:
        node = nodes[operation.name]
        terms = slope_formulas(node)
        for x, term, slope in zip(node.inputs, terms, node.slopes, strict=True):
            if term is None or slope is None:
                continue
            names = {"input": x.name, "node": node.name}
            found = [
                (x.data, words.say("isInput", **names)),
                (node.data, words.say("isOutput", **names)),
                *((number, words.predicted(cause, **names)) for cause, number in sign_only(slope)),
            ]
            text, markup = ("" if term.number is not None else by.enclose(term, 0) for by in (TEXT, MATHML))
            blanks.append(Blank("slope", operation.name, x.name, slope, tempting(slope, found, words), text, markup))
    return tuple(blanks)


def sign_only(slope: float) -> list[tuple[Cause, float]]:
    """Of the mistakes of predict mode the one that can be made of a slope alone."""
    moment = Moment(1.0, slope, slope, 0.0, 0.0, 0.0)
    return [(cause, cause.number(moment)) for cause in ALONE if cause.name == "sign"]


def broken(graph: Graph, engine: Callable[[Value], dict[Value, float]]) -> dict[str, float]:
    """What a broken engine says are the gradients, by name."""
    nodes = graph.build()
    y = nodes["L"]
    if engine is not_zeroed:
        y.backward()
    said = engine(y)
    return {name: said.get(node, 0.0) + 0.0 for name, node in nodes.items()}


def right(graph: Graph) -> dict[str, float]:
    """The gradients, by name."""
    nodes = graph.build()
    found = gradients(nodes["L"])
    return {name: found[node] + 0.0 for name, node in nodes.items()}


def gradient_blanks(graph: Graph, words: Words) -> tuple[Blank, ...]:
    """The gradient of every node but the result, in the order of the backward pass."""
    nodes = graph.build()
    y = nodes["L"]
    last = {step.input: step for step in y.backward_steps()}  # the step by which its gradient is complete
    said = [(broken(graph, engine), BUGS[engine.__name__].cause) for engine in ENGINES]
    answers = right(graph)
    blanks = []
    for name in [*reversed(graph.names[:-1]), *(name for name, _ in graph.leaves)]:
        step, answer = last[nodes[name]], answers[name]
        names = {"input": name, "node": step.node.name}
        made = [(cause, number, words.predicted(cause, **names)) for cause, number in mistakes(step)]
        found = [
            (path.product, words.say("isPath", path=" → ".join(path.nodes))) for path in explain(y, nodes[name]).paths
        ]
        found += [(number, why) for cause, number, why in made if len(cause.texts) == 1]
        found += [(grads[name], words.say("isBug", cause=words.bug(cause))) for grads, cause in said]
        found += [(number, why) for cause, number, why in made if len(cause.texts) > 1]  # two mistakes at once
        wrong = tempting(answer, found, words)
        blanks.append(Blank("gradient", name, "", answer, wrong, *sum_over_paths(y, nodes[name])))
    return tuple(blanks)


def sum_over_paths(y: Value, x: Value) -> tuple[str, str]:
    """A gradient as `explain` takes it apart: the chains of slopes, and their numbers, as text and as MathML."""
    paths = explain(y, x).paths

    def write(by: Notation) -> str:
        chains = [by.times.join([by.ratio("∂", each.over, each.under) for each in path.factors]) for path in paths]
        numbers = [by.times.join([by.enclose(each.value, 3) for each in path.factors]) for path in paths]
        several = any(len(path.factors) > 1 for path in paths)
        parts = [by.plus.join(chains), *[by.plus.join(numbers)] * (several or len(paths) > 1)]
        if len(paths) > 1 and several:
            parts.append(by.plus.join([by.enclose(path.product, 3) for path in paths]))
        return f" {by.equals}".join(parts)

    return write(TEXT), write(MATHML)


class Update(NamedTuple):
    """One step of gradient descent."""

    rate: float
    before: float
    after: float
    """The result before and after it."""


def rate_of(graph: Graph) -> Update | None:
    """The largest learning rate with which steps are small, the result falls, and the numbers stay short; None if there
    is none."""
    grads = right(graph)
    before = graph.build()["L"].data
    for rate in RATES:
        numbers = {name: moved(x, rate * grads[name]) for name, x in graph.leaves}
        after = graph.build(numbers)["L"].data
        small = all(abs(rate * grads[name]) <= FARTHEST for name in numbers)
        if small and all(map(is_short, numbers.values())) and after < before:
            return Update(rate, before, float(f"{after:.3g}"))
    return None


def moved(x: float, step: float) -> float:
    """Where a step leads: decimals, without what floats make of them in the last place."""
    return float(f"{x - step:.10g}")


def update_blanks(graph: Graph, update: Update, words: Words) -> tuple[Blank, ...]:
    """What every leaf is after one update."""
    grads = right(graph)
    said = [(broken(graph, engine), BUGS[engine.__name__].cause) for engine in ENGINES]
    blanks = []
    for name, old in graph.leaves:
        grad = grads[name]
        step = moved(update.rate * grad, 0.0)
        answer = moved(old, step)
        found = [
            (moved(old, -step), words.say("isPlus")),
            (moved(old, grad), words.say("isWhole")),
            (step, words.say("isStep", name=name, old=written(old))),
            (-step, words.say("isStep", name=name, old=written(old))),
        ]
        for other, cause in said:
            why = words.say("isBugged", gradient=written(other[name]), cause=words.bug(cause))
            found.append((moved(old, update.rate * other[name]), why))

        def write(by: Notation, name: str = name, old: float = old, grad: float = grad) -> str:
            minus = " - " if by is TEXT else "<mo>−</mo>"
            eta = by.name("eta") if by is MATHML else "η"
            symbols = f"{by.name(name)}{minus}{eta}{by.times}{by.ratio('d', 'L', name)}"
            return (
                f"{symbols} {by.equals}{by.number(old)}{minus}{by.number(update.rate)}{by.times}{by.enclose(grad, 3)}"
            )

        wrong = tempting(answer, found, words)
        blanks.append(Blank("update", name, "", answer, wrong, write(TEXT), write(MATHML)))
    return tuple(blanks)


class Choice(NamedTuple):
    """A reason to choose."""

    cause: str
    text: str
    why: str
    """What is said to whoever chooses it."""


@dataclass(frozen=True)
class Bug:
    """A program that is wrong, by what it says of a graph.

    Attributes:
        engine: the name of the broken engine, as the museum knows it.
        cause: what is wrong with it, a key of the museum's causes.
        told: what it says are the gradients, by name.
        right: the gradients.
        choices: the reasons to choose among, in the order of the sheet, which has letters for them.
    """

    engine: str
    cause: str
    told: Mapping[str, float]
    right: Mapping[str, float]
    choices: tuple[Choice, ...]

    @property
    def wrong(self) -> list[str]:
        """The names of the nodes whose gradients are wrong."""
        return [name for name, grad in self.told.items() if grad != self.right[name]]

    @property
    def letter(self) -> str:
        """That of the right choice."""
        return "ABCDE"[[choice.cause for choice in self.choices].index(self.cause)]


def causes_shown(graph: Graph) -> dict[str, Callable[[Value], dict[Value, float]]]:
    """The reasons that can be found out on this graph, each with an engine that shows it: what that engine says is
    wrong, short, and said by none that is wrong for another reason."""
    said = [(BUGS[engine.__name__].cause, engine, broken(graph, engine)) for engine in ENGINES]
    answers = right(graph)
    shown: dict[str, Callable[[Value], dict[Value, float]]] = {}
    for cause, engine, told in said:
        others = [grads for other, _, grads in said if other != cause]
        if told != answers and told not in others and all(map(is_short, told.values())):
            shown.setdefault(cause, engine)
    return shown


def bug_of(graph: Graph, cause: str, lots: Lots, words: Words) -> Bug:
    """The program that is wrong for that reason, on a graph that shows it."""
    engine = causes_shown(graph)[cause]
    told, answers = broken(graph, engine), right(graph)
    instead = {BUGS[each.__name__].cause: broken(graph, each) for each in reversed(ENGINES)}
    choices = []
    for other in lots.shuffled(sorted(instead)):
        why = words.say("right")
        if other != cause:
            differing = [name for name in told if instead[other][name] != told[name]]
            name = differing[-1]  # the nearest to the result
            numbers = {"value": written(instead[other][name]), "told": written(told[name])}
            harmless = instead[other] == answers
            why = words.say("noBug") if harmless else words.say("otherBug", name=name, **numbers)
        choices.append(Choice(other, words.bug(other), why))
    return Bug(engine.__name__, cause, told, answers, tuple(choices))
