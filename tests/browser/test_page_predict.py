"""Predict mode: which answers are right, what is said of those that are not, and what comes back to Python."""

from __future__ import annotations

import pytest

from engine import Value, topological_order
from tests.browser.graphs import neuron

SEED = 8  # the backward pass of `neuron()` begins after seven operations


def predicting(stepper, y: Value, step: int):
    reading = stepper(y)
    reading.go(step)
    reading.root.get_by_role("button", name="Predict", exact=True).click()
    return reading


def verdict(reading) -> str:
    text: str = reading.root.locator(".verdict").inner_text()
    return text


def answer_node(reading, name: str) -> str:
    reading.root.locator(".predict form select").select_option(label=name)
    reading.button("answer").click()
    return verdict(reading)


def answer_number(reading, text: str) -> str:
    reading.root.locator(".predict form input").fill(text)
    reading.button("answer").click()
    return verdict(reading)


@pytest.mark.parametrize(
    ("step", "name", "said"),
    [
        (SEED, "z", "Not yet: z is used by a"),
        (SEED, "w", "Not yet: w is used by v1, v2"),
        (SEED, "L", "✓ Right: every user of L is done."),
        (SEED + 2, "L", "L has passed its gradient on already."),
        (SEED + 2, "v2", "✓ Right: every user of v2 is done."),
        (SEED + 2, "v6", "✓ Right, v6 could come now too"),
        (SEED + 4, "v2", "v2 has passed its gradient on already."),
        (SEED + 4, "v5", "Not yet: v5 is used by v6"),
        (SEED + 9, "b", "b is a leaf"),
    ],
)
def test_the_next_node(stepper, step, name, said):
    y = neuron()
    reading = predicting(stepper, y, step)
    assert said in answer_node(reading, name)
    assert reading.place[0] == step


def test_a_click_on_the_drawing_is_an_answer(stepper):
    y = neuron()
    reading = predicting(stepper, y, SEED)
    reading.click(topological_order(y).index(y))
    assert "Right" in verdict(reading)
    assert reading.root.locator(".predict form input").count() == 1  # and now the number is asked


def graph() -> Value:
    """r = 2 sin(p · q) + 3 (7 p): p gets two contributions, and every mistake gives a number of its own."""
    p, q = Value(3.0, "p"), Value(5.0, "q")
    z, t = p * q, p * 7.0
    r = z.sin() * 2.0 + t * 3.0
    z.name, t.name, r.name = "z", "t", "r"
    return r


def to_a_contribution_to_p(y: Value, which: int) -> tuple[int, object]:
    """The step before the one in which p gets a contribution: its first, 0, or its last, -1."""
    steps = list(y.backward_steps())
    place = [i for i, step in enumerate(steps) if step.input.name == "p"][which]
    computed = sum(node.rule is not None for node in topological_order(y))
    return computed + 1 + place, steps[place]


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda s: s.after, "✓ Right"),
        (lambda s: s.after * 1.004, "✓ Right"),
        (lambda s: s.after * 1.1, "is not it"),
        (lambda s: s.contribution, "forgot +="),
        (lambda s: s.before + s.upstream, "forgot the local slope"),
        (lambda s: s.before + s.local, "forgot the upstream gradient"),
        (lambda s: s.before - s.contribution, "the sign is not"),
        (lambda s: s.before + s.upstream * s.input.data, "the value of p instead of the slope"),
        (lambda s: s.before + s.upstream * s.node.data, "the value of z instead of the slope"),
    ],
)
def test_a_miss_is_recognised_by_its_number(stepper, mistake, said):
    y = graph()
    step, contribution = to_a_contribution_to_p(y, -1)
    reading = predicting(stepper, y, step)
    if reading.root.locator(".predict form select").count():
        answer_node(reading, "z")
    assert said in answer_number(reading, repr(mistake(contribution)))
    assert reading.place[0] == step + ("✓" in said)


AND_REPLACED = " And you replaced what was there: forgot += too."
WRONG = {
    "local": lambda s: s.upstream,
    "upstream": lambda s: s.local,
    "sign": lambda s: -s.contribution,
    "data": lambda s: s.upstream * s.input.data,
    "output": lambda s: s.upstream * s.node.data,
}
ALONE = {
    "local": "That is the upstream gradient alone: you forgot the local slope.",
    "upstream": "That is the local slope alone: you forgot the upstream gradient.",
    "sign": "The size is right, the sign is not.",
    "data": "You multiplied by the value of p instead of the slope.",
    "output": "You multiplied by the value of {node} instead of the slope.",
}
ADDED = {
    "local": "You added the upstream gradient alone: you forgot the local slope.",
    "upstream": "You added the local slope alone: you forgot the upstream gradient.",
    "sign": "You subtracted the contribution instead of adding it: the size is right, the sign is not.",
    "data": "What you added is multiplied by the value of p instead of the slope.",
    "output": "What you added is multiplied by the value of {node} instead of the slope.",
}


@pytest.mark.parametrize("which", [0, -1])
def test_every_cause_is_named_as_what_was_typed(stepper, which):
    """Whoever is asked what is added, and whoever is asked for the sum, is told of other numbers in other words; and
    the focus stays in the question."""
    y = graph()
    step, s = to_a_contribution_to_p(y, which)
    reading = predicting(stepper, y, step)
    if reading.root.locator(".predict form select").count():
        answer_node(reading, s.node.name)
    expected = [(mistake(s), ALONE[cause]) for cause, mistake in WRONG.items()]
    if which:
        assert s.before
        expected = [(number, text + AND_REPLACED) for number, text in expected]
        expected += [(s.before + mistake(s), ADDED[cause]) for cause, mistake in WRONG.items()]
        expected.append((s.contribution, "You replaced what was there instead of adding to it: forgot +=."))
        expected.append((s.before, "That is what was there: nothing has been added to it."))
    for number, text in expected:
        said = answer_number(reading, repr(number))
        assert said.partition(" is not it. ")[2] == text.format(node=s.node.name)
        assert reading.tab.evaluate("document.activeElement.closest('.predict form input') !== null")


def test_a_number_that_fits_two_mistakes_is_not_explained(stepper):
    """Upstream and local slope are both 3: whoever says 3 forgot one of them, and nobody knows which."""
    y = (Value(4.0, "p") * 3.0) * 3.0
    reading = predicting(stepper, y, 4)
    answer_node(reading, "v1")
    assert answer_number(reading, "3") == "✗ 3 is not it."
    assert "the sign is not" in answer_number(reading, "-9")
    assert "the value of p" in answer_number(reading, "12")
    assert "✓ Right" in answer_number(reading, "9")


def test_no_number(stepper):
    reading = predicting(stepper, neuron(), SEED)
    answer_node(reading, "L")
    assert "Type a number" in answer_number(reading, "a half")
    assert reading.root.locator(".score").inner_text() == "1 of 1 right, 1 in a row"


def test_score_and_show_me(stepper):
    reading = predicting(stepper, neuron(), SEED)
    answer_node(reading, "L")
    assert "Right" in answer_number(reading, "1")
    assert "Right" in answer_number(reading, "1,0")
    assert reading.root.locator(".score").inner_text() == "3 of 3 right, 3 in a row"
    reading.button("show me").click()
    assert "It is v2" in verdict(reading)
    assert reading.root.locator(".score").inner_text() == "3 of 4 right, 0 in a row"
    reading.button("show me").click()
    assert "It is −3" in verdict(reading)
    assert reading.place[0] == SEED + 3
    reading.picture("predict")


def test_with_the_keyboard_alone(stepper):
    reading = stepper(neuron())
    tab = reading.tab
    for _ in range(30):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.textContent") == "Predict":
            break
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")  # to the backward pass
    assert reading.place[0] == SEED
    tab.keyboard.press("Tab") if tab.evaluate("document.activeElement.localName") not in {"select"} else None
    tab.keyboard.type("L")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert "Right" in verdict(reading)
    tab.keyboard.type("1")
    tab.keyboard.press("Enter")
    assert reading.place[0] == SEED + 1


def test_before_and_after_the_backward_pass_nothing_is_asked(stepper):
    reading = predicting(stepper, neuron(), 0)
    assert "as soon as the backward pass begins" in reading.root.locator(".predict").inner_text()
    reading.press("End")
    assert "That was the last contribution" in reading.root.locator(".predict").inner_text()
    reading.button("Go to the backward pass").click()
    assert reading.place[0] == SEED
    assert reading.tab.evaluate("document.activeElement.matches('.predict form select')")


def test_the_focus_stays_in_the_question_after_every_answer(stepper):
    """Of a right and a wrong one, of what is no number, of one that is shown; what was typed stays to be corrected."""
    reading = predicting(stepper, neuron(), SEED)
    tab, field = reading.tab, reading.root.locator(".predict form input")
    answers = [
        lambda: answer_node(reading, "w"),
        lambda: answer_node(reading, "L"),
        lambda: answer_number(reading, "7"),
        lambda: answer_number(reading, "seven"),
        lambda: answer_number(reading, "1"),
        lambda: reading.button("show me").click(),
        lambda: reading.button("show me").click(),
        lambda: reading.button("show me").click(),
    ]
    for i, act in enumerate(answers):
        act()
        assert tab.evaluate("document.activeElement.matches('.predict form :is(input, select)')"), i
        if i in {2, 3}:
            assert field.input_value() == ("7", "seven")[i - 2]
            assert field.get_attribute("aria-invalid") == (None, "true")[i - 2]
