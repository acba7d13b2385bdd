"""What an exhibit shows: two pictures, a table, a verdict. (That its numbers are right is tested in test_museum.)"""

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from engine import Value, group, names
from engine.museum import BUGS
from engine.pictures.diagram import lean
from tests.engine.helpers import loaded_by
from tests.engine.svg import of_kind, parse

every = pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)


def images(shown):
    """The two pictures that are in the HTML, parsed: everything by its id."""
    page = shown._repr_mimebundle_()["text/html"]
    drawn = [picture.pipe("svg") for picture in shown.pictures]
    found = [base64.b64decode(data) for data in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)]
    assert found == list(map(lean, drawn))
    return [of_kind("node", parse(picture)) for picture in drawn]


def number(text):
    return float(text.split()[-1])


@every
def test_both_pictures_show_their_gradients_and_the_wrong_ones_stand_out(bug):
    shown = bug.show()
    right_boxes, broken_boxes = images(shown)
    for place, (node, name) in enumerate(names(shown.y).items()):
        true, said = shown[name]
        for boxes, grad in ((right_boxes, true), (broken_boxes, said)):
            headline, data, gradient, *checked = boxes[f"v{place}"].texts
            assert len(checked) == (boxes is broken_boxes)
            assert headline.partition(" =")[0] == name
            assert (number(data), number(gradient)) == (node.data, grad)
            assert gradient.startswith("grad")
        assert checked[0].startswith(f"check {true:.4g} ") and checked[0].endswith("✗ wrong" if true != said else "✓")
        assert ("check-wrong" in broken_boxes[f"v{place}"].classes) == (true != said)
        assert "check-wrong" not in right_boxes[f"v{place}"].classes


@every
def test_the_table_sets_the_engines_side_by_side(bug):
    shown = bug.show()
    text, page = str(shown), shown._repr_mimebundle_()["text/html"]
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if re.match(r"\w+ +-?\d", line)}
    table = ET.fromstring(re.search("<table>.*</table>", page).group())
    cells = [[cell.text for cell in row] for row in table.iter("tr")]
    assert {name: row for name, *row in cells[1:]} == rows
    assert list(rows) == [row.name for row in shown.report.checked]
    for name, (*numbers, verdict) in rows.items():
        true, said = shown[name]
        assert [float(x) for x in numbers] == pytest.approx([true, said, true], rel=1e-6)
        assert verdict == ("ok" if true == said else "wrong")
    assert shown.verdict in text
    assert f"wrong at {len(bug.wrong)} of {len(rows)} nodes: {', '.join(shown.wrong)}." in shown.verdict
    assert repr(shown) == text == shown._repr_mimebundle_()["text/plain"]


def test_an_exhibit_prints_its_question_and_its_code():
    bug = BUGS["overwrites"]
    assert repr(bug) == "<exhibit overwrites: = for +=>"
    assert " ".join(bug.question.split()) in " ".join(str(bug).split())
    assert bug.code in str(bug)
    assert bug.code.startswith("def overwrites(y")
    assert bug.explanation not in str(bug)


def test_a_graph_of_your_own():
    x = Value(3.0, "x")
    y = x * x
    y.name = "y"
    shown = BUGS["overwrites"].show(y)
    assert shown.y is y
    assert shown["x"] == (6.0, 3.0)
    assert shown.wrong == ["x"]
    shown = BUGS["depth_first"].show(y)
    assert shown
    assert shown.verdict == "The broken engine is right at all 2 nodes: here the bug does no harm."
    assert BUGS["drawn_early"].show(x).verdict == "The broken engine is wrong at 1 of 1 node: x."
    x.backward()
    assert (
        BUGS["drawn_early"].show(x).verdict == "The broken engine is right at the only node: here the bug does no harm."
    )


def test_names_do_no_harm_and_may_be_the_same():
    a, b = Value(2.0, "<script>alert(1)</script>"), Value(3.0, "<script>alert(1)</script>")
    y = a * a * b
    shown = BUGS["overwrites"].show(y)
    _, broken = images(shown)
    assert [identity for identity, box in broken.items() if "check-wrong" in box.classes] == ["v0"]
    assert "<script" not in shown._repr_mimebundle_()["text/html"]


def test_nodes_in_groups_are_marked_where_they_are():
    a = Value(2.0, "a")
    with group("square"):
        y = a * a
        z = y * y
    _, broken = images(BUGS["overwrites"].show(z))
    assert [identity for identity, box in broken.items() if "check-wrong" in box.classes] == ["v0", "v1"]


def test_frozen_leaves_have_no_gradient_in_the_pictures():
    y = Value(2.0, "w") * Value(3.0, "x", frozen=True)
    for boxes in images(BUGS["overwrites"].show(y)):
        assert boxes["v1"].texts[-1] == "grad –"


@pytest.mark.slow
def test_a_graph_too_large_to_draw_is_compared_all_the_same():
    x = Value(1.0, "x")
    y = x
    for _ in range(400):
        y = y + 1.0
    y = y * x
    shown = BUGS["overwrites"].show(y)
    right_boxes, broken_boxes = images(shown)
    assert right_boxes.keys() == broken_boxes.keys()
    assert shown["x"] == (402.0, 1.0)


@pytest.mark.parametrize("given", ["y", 3.0, BUGS["overwrites"]], ids=lambda given: type(given).__name__)
def test_only_a_value_is_shown(given):
    with pytest.raises(TypeError, match=f"show takes a Value, the result of a graph, got {type(given).__name__}"):
        BUGS["overwrites"].show(given)


def test_a_stale_graph_of_your_own_is_refused_and_the_exhibit_marks_its_own():
    x = Value(3.0, "x")
    y = x * x
    x.data = 4.0
    with pytest.raises(ValueError, match="stale"):
        BUGS["late_slopes"].show(y)
    assert "stale" in str(BUGS["late_slopes"].show())
    assert not any("stale" in str(bug.show()) for bug in BUGS.values() if bug.name != "late_slopes")


def test_a_node_that_is_not_there():
    with pytest.raises(KeyError, match="no node 'q'; there are a, b, p, s, L"):
        BUGS["overwrites"].show()["q"]


def test_where_no_picture_can_be_made_there_is_text(monkeypatch):
    monkeypatch.setattr("engine.pictures.diagram.layout_engines", list)
    page = BUGS["overwrites"].show()._repr_mimebundle_()["text/html"]
    assert "<img" not in page
    assert page.count("<pre>") == 2
    assert "no layout engine" in page


def test_the_museum_loads_no_other_package():
    assert (
        loaded_by("from engine.museum import BUGS; str(BUGS['overwrites'].show())", ["graphviz", "numpy", "IPython"])
        == []
    )
