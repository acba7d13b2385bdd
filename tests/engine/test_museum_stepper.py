"""The museum in the stepper: the recorded run of each broken engine, and where it first differs, worked out by hand."""

import json
import sys

import pytest

from engine import Value, group, names
from engine.museum import BUGS
from engine.museum.run import MOST_WRITES, first_difference, listing_of, record
from engine.museum.words import CAUSES, INDONESIAN
from tests.engine.test_museum import BY_HAND, MENDED

every = pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)

# How each first differs: in which of its writes (from 1; None: before any), at which node, and what that write is: from
# which node to which, upstream · local, before and after.
FIRST = {
    # p has 8 from L, and s gives it 6 · 1: not 14 but 6
    "overwrites": ("replaced", 3, "p", ("s", "p", 6, 1, 8, 6)),
    # c has given b 1 + 1, and b has given a 2 + 2 on the first visit: here comes the second one
    "recursive": ("again", 5, "a", ("b", "a", 2, 1, 4, 6)),
    # b passes on the first 4 of its 8
    "depth_first": ("upstream", 2, "b", ("b", "a", 4, 2, 0, 8)),
    # p passes on the first 1 of its 13
    "breadth_first": ("upstream", 3, "p", ("p", "a", 1, 3, 0, 3)),
    "not_zeroed": ("start", None, "w", None),
    "second_pass": ("start", None, "s", None),
    "drawn_early": ("start", None, "y", None),
    # the slope of 5 - p in p is -1
    "plus_for_minus": ("local", 2, "e", ("e", "p", 4, 1, 0, 4)),
    # the slope of v · h in h was 5 and is -1 by now
    "late_slopes": ("local", 2, "L", ("L", "h", 1, -1, 0, -1)),
}


def run_of(bug):
    y = bug.example()
    return y, record(bug.broken, y)


def test_every_bug_is_here_in_every_language():
    assert set(FIRST) == set(BUGS) == set(INDONESIAN)
    assert {bug.cause for bug in BUGS.values()} == set(CAUSES["en"]) == set(CAUSES["id"])
    for bug in BUGS.values():
        for english, indonesian in zip((bug.title, bug.question, bug.explanation), INDONESIAN[bug.name], strict=True):
            assert english != indonesian
            assert len(indonesian) < 1.5 * len(english) + 10


@every
def test_what_is_recorded_is_what_the_engine_does(bug):
    y, run = run_of(bug)
    assert run.grads == bug.broken(y)
    assert not run.error
    held = dict(run.start)
    for write in run.writes:
        assert write.before == held.get(write.input, 0.0)
        assert write.upstream == held[write.node]
        added = 0.0 if bug.name == "overwrites" else write.before
        assert write.after == added + write.upstream * write.local
        held[write.input] = write.after
    assert held == run.grads


@every
def test_where_it_first_differs(bug):
    y, run = run_of(bug)
    kind, place, node, numbers = FIRST[bug.name]
    found = first_difference(run, y, list(y.backward_steps()))
    assert (found.kind, found.write, found.node.name) == (kind, place and place - 1, node)
    if place:
        w = run.writes[place - 1]
        assert (w.node.name, w.input.name, w.upstream, w.local, w.before, w.after) == numbers


@every
def test_on_a_graph_where_it_does_no_harm_there_is_no_difference(bug):
    y = bug.harmless()
    assert first_difference(record(bug.broken, y), y, list(y.backward_steps())) is None


@every
def test_the_marked_line_is_the_one_in_which_the_bug_is_made(bug):
    listing = listing_of(bug.broken)
    assert MENDED[bug.name][0][0] in listing.lines[listing.bug].text
    shown = "\n".join(line.text for line in listing.lines)
    assert "bug" not in shown and '"""' not in shown
    assert listing.lines[listing.bug].remark.startswith("the bug: ")
    compile(shown, bug.name, "exec")


@every
def test_the_payload(bug):
    shown = bug.stepper()
    museum = json.loads(json.dumps(shown.payload["museum"], allow_nan=False))
    nodes = [node["name"] for node in shown.payload["nodes"]]
    _, place, _, _ = FIRST[bug.name]
    seed = next(i for i, event in enumerate(shown.payload["events"]) if event[0] == "seed")
    assert museum["stop"] == seed + (place or 0)
    assert museum["grads"] == [BY_HAND[bug.name][name][1] for name in nodes]
    assert nodes[museum["asked"]] == bug.asked
    assert len(set(museum["choices"])) == 4 and bug.cause in museum["choices"]
    # as many steps as the longer of the two runs has
    events = [event[0] for event in shown.payload["events"]]
    assert events.count("backward") + events.count("beyond") == max(events.count("backward"), len(museum["writes"]))
    assert events[-1] == "finish"
    assert museum["changed"] == ([[nodes.index("v"), -1.0]] if bug.name == "late_slopes" else [])


@every
def test_nothing_is_written_on_the_nodes_and_whoever_traced_still_does(bug):
    def tracer(frame, event, arg):
        return None

    y = bug.example()
    before = [(node.name, node.data, node.grad, node.slopes) for node in names(y)]
    tracing = sys.gettrace()
    try:
        sys.settrace(tracer)
        record(bug.broken, y)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(tracing)
    assert [(node.name, node.data, node.grad, node.slopes) for node in names(y)] == before


def test_another_order_alone_is_no_difference():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = (a * b) * (a + b)
    run = record(BUGS["depth_first"].broken, y)
    steps = list(y.backward_steps())
    assert [(w.node, w.index) for w in run.writes] != [(s.node, s.index) for s in steps]
    assert first_difference(run, y, steps) is None


def test_an_engine_that_breaks_down_is_shown_as_far_as_it_came():
    y = Value(0.5, "x")
    for _ in range(3000):
        y = y.tanh()
    run = record(BUGS["recursive"].broken, y)
    assert run.error.startswith("RecursionError")
    assert 0 < len(run.writes) < 3000
    assert run.grads[y] == 1.0


def test_an_engine_that_does_not_come_to_an_end_soon_is_refused():
    y = Value(0.5, "x")
    for _ in range(40):
        y = y + y
    y.name = "y"
    with pytest.raises(ValueError, match=f"recursive passes on more than {MOST_WRITES:,} times in the graph of .*'y'"):
        BUGS["recursive"].stepper(y)


def test_a_graph_of_your_own():
    with group("cell"):
        x = Value(3.0, "x")
        y = x * x
    y.name = "y"
    shown = BUGS["overwrites"].stepper(y, lang="id", folded=[])
    museum = shown.payload["museum"]
    assert (museum["kind"], museum["asked"], shown.lang) == ("replaced", None, "id")
    assert [write[3:7] for write in museum["writes"]] == [[3.0, 3.0, 0.0, 3.0], [3.0, 3.0, 3.0, 3.0]]
    with pytest.raises(TypeError, match="stepper takes a Value, the result of a graph, got int 3"):
        BUGS["overwrites"].stepper(3)
    x.data = 4.0
    with pytest.raises(ValueError, match="y"):
        BUGS["overwrites"].stepper(y)
