"""The museum of bugs in the stepper: both engines on one drawing, stopped where they first differ, and asked why."""

from __future__ import annotations

import pytest

from engine.museum import BUGS
from engine.museum.words import CAUSES
from tests.browser.reading import Reading
from tests.engine.test_museum import BY_HAND, MENDED
from tests.engine.test_museum_stepper import FIRST

every = pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)

WALK = """([root, other, cause]) => {
    const text = (what) => root.querySelector(what)?.textContent ?? null;
    const numbers = (what) => [...root.querySelectorAll(what)].map((each) => Number(each.value ?? each.textContent));
    const shown = () => ({
        step: Number(root.querySelector(".position").value), panel: text(".museum"),
        now: text(".museum-code .now code"), bug: text(".museum-code .bug code"),
        wrong: numbers(".museum .wrong data"), write: numbers(".museum .adding data"),
        pills: numbers("text.pill title"),
        small: Math.min(...[...root.querySelectorAll(".museum *, .museum-code code")]
            .filter((each) => each.textContent.trim()).map((each) => parseFloat(getComputedStyle(each).fontSize))),
    });
    const press = (key) => root.dispatchEvent(new KeyboardEvent("keydown", { key }));
    const answer = (key) => root.querySelector(`[data-cause="${key}"]`).click();
    press("End");
    press("ArrowRight");
    const stopped = shown();
    answer(other);
    const refused = root.querySelector(`[data-cause="${other}"]`).disabled && shown();
    answer(cause);
    const answered = shown();
    press("Home");
    const steps = [shown()];
    for (let i = Number(root.querySelector(".position").max); i; i -= 1) {
        press("ArrowRight");
        steps.push(shown());
    }
    return { stopped, refused, answered, steps };
}"""


@pytest.fixture
def opened(open_file):
    def opened(bug, **arguments) -> Reading:
        return Reading(open_file(bug.stepper(**arguments).page()))

    return opened


@every
def test_both_stop_at_the_first_difference_and_go_on_when_it_is_said_why(opened, bug):
    payload = bug.stepper().payload
    museum, nodes = payload["museum"], payload["nodes"]
    other = next(key for key in museum["choices"] if key != bug.cause)
    reading = opened(bug)
    seen = reading.root.evaluate(f"(root, [other, cause]) => ({WALK})([root, other, cause])", [other, bug.cause])
    kind, place, name, numbers = FIRST[bug.name]
    made_in, stopped, answered = MENDED[bug.name][0][0], seen["stopped"], seen["answered"]

    assert stopped["step"] == seen["refused"]["step"] == answered["step"] == museum["stop"]
    assert stopped["small"] >= 12
    assert name in stopped["panel"]
    assert bug.title not in stopped["panel"] and stopped["bug"] is None  # they would give it away
    if place:  # the line at work is the one that assigns, and its numbers are those that it had
        sender, receiver, upstream, local, before, after = numbers
        assert f"{sender} passes to {receiver}" in stopped["panel"]
        assert stopped["now"].strip().startswith("grads[x] ")
        assert stopped["write"] == [before, upstream, local, upstream * local, after]
        assert stopped["wrong"] == [{"upstream": upstream, "local": local}.get(kind, after)]
    else:
        assert made_in in stopped["now"]
    assert made_in in answered["bug"] and "the bug: " in answered["bug"]
    assert all(words in answered["panel"] for words in (bug.title, CAUSES["en"][bug.cause], bug.explanation))

    # every step shows what was recorded from the engine itself
    *steps, last = seen["steps"]
    seed, held = museum["stop"] - (place or 0), museum["start"]
    for step, shown in enumerate(steps):
        if step < seed:
            assert (shown["write"], shown["now"], shown["pills"]) == ([], None, [])
        elif step == seed:
            assert shown["now"].strip().startswith(museum["code"][museum["begins"]][0].strip())
        elif step - seed - 1 < len(museum["writes"]):
            node, index, upstream, local, contribution, before, after, line = museum["writes"][step - seed - 1]
            assert shown["write"] == [before, upstream, local, contribution, after]
            assert shown["now"].strip().startswith(museum["code"][line][0].strip())
            held = [after if i == nodes[node]["inputs"][index] else x for i, x in enumerate(held)]
        else:
            assert shown["write"] == []
        assert set(shown["pills"]) <= {x or 0 for x in held}
    assert sorted(last["pills"]) == sorted(said for true, said in BY_HAND[bug.name].values() if true != said)


def test_a_guess_is_judged_when_both_are_done_and_answers_come_back(opened):
    bug = BUGS["overwrites"]
    reading = opened(bug, lang="id")
    field = reading.root.locator(".museum input")
    field.fill("delapan")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("18")
    field.press("Enter")
    assert "Dicatat: 18" in reading.root.locator(".museum").inner_text()
    reading.press("End")
    assert "p punya 8 dan diberi 6. Kini ia memegang 6." in reading.root.locator(".museum").inner_text()
    reading.root.get_by_role("button", name=CAUSES["id"]["replaced"]).click()
    reading.press("End")
    assert "Tebakan Anda tepat: mesin yang rusak memberi a 18." in reading.root.locator(".museum").inner_text()


def test_the_focus_stays_in_the_question_and_then_the_arrows_go_on(opened):
    bug = BUGS["late_slopes"]
    reading = opened(bug)
    reading.press("End")
    assert "somebody set v to −1" in reading.root.locator(".museum").inner_text()
    other = next(key for key in bug.stepper().payload["museum"]["choices"] if key != bug.cause)
    reading.root.locator(f'[data-cause="{other}"]').focus()
    reading.tab.keyboard.press("Enter")
    assert reading.tab.evaluate("document.activeElement.dataset.cause") not in (None, other)
    reading.root.locator(f'[data-cause="{bug.cause}"]').focus()
    reading.tab.keyboard.press("Enter")
    reading.tab.keyboard.press("ArrowRight")
    assert reading.place[0] == bug.stepper().payload["museum"]["stop"] + 1


def test_in_predict_mode_the_broken_engine_is_silent(opened):
    reading = opened(BUGS["overwrites"])
    reading.button("Predict").click()
    reading.press("End")
    assert reading.place[0] == reading.place[1]
    assert not reading.root.locator(".museum").is_visible()
    assert not reading.root.locator("text.pill").count()


def test_playing_stops_there_too(opened):
    reading = opened(BUGS["drawn_early"])
    reading.root.locator("select").first.select_option("4")
    reading.button("play").click()
    reading.tab.wait_for_function('() => document.querySelector(".museum .choices")')
    assert reading.place == (2, 5)
    reading.button("play").wait_for()  # it is no longer playing


def test_where_the_bug_does_no_harm_nothing_stops(opened):
    bug = BUGS["overwrites"]
    reading = opened(bug, y=bug.harmless())
    reading.press("End")
    assert reading.place[0] == reading.place[1]
    assert "here the bug does no harm" in reading.root.locator(".museum").inner_text()


@pytest.mark.parametrize("size", [(1024, 768), (1400, 900), (390, 800)], ids=str)
def test_nothing_stands_outside_of_its_pane(opened, size):
    reading = opened(BUGS["not_zeroed"])
    reading.tab.set_viewport_size({"width": size[0], "height": size[1]})
    reading.press("End")
    over = reading.root.evaluate(
        """root => [...root.querySelectorAll(".museum, .museum-code, .museum *, .museum-code *")]
            .filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== "inline")
            .map(each => each.className)"""
    )
    assert over == []
    last = reading.root.locator(".museum .choices button").last.bounding_box()
    pane = reading.root.locator(".museum").bounding_box()
    assert last["y"] + last["height"] <= pane["y"] + pane["height"]
    if size[0] > 1000:  # all there is to choose from is seen without scrolling
        assert last["y"] + last["height"] <= size[1]
