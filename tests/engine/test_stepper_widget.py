"""The widget without a notebook: its state, what it refuses, the file it writes, and that it lets go of the graph."""

from __future__ import annotations

import gc

import pytest

import engine
from engine import Value, topological_order
from engine.stepper import page
from tests.browser.graphs import neuron
from tests.browser.reading import state_of
from tests.engine.helpers import python

pytest.importorskip("anywidget", reason="the widget needs the package anywidget")
TraitError = pytest.importorskip("traitlets").TraitError


@pytest.fixture
def stepper():
    stepper = engine.Stepper(neuron())
    yield stepper
    stepper.close()


def test_where_it_stands(stepper):
    assert (stepper.step, stepper.last, stepper.selected, stepper.answers, stepper.lang) == (0, 20, None, [], "en")
    assert repr(stepper) == "<Stepper of 'L', step 0 of 20>"
    stepper.step = 7
    assert repr(stepper) == "<Stepper of 'L', step 7 of 20>"


def test_selecting_a_node():
    y = neuron()
    stepper = engine.Stepper(y)
    for node in topological_order(y):
        stepper.select(node)
        assert stepper.selected_node is node
    stepper.select(None)
    assert stepper.selected_node is None
    with pytest.raises(ValueError, match=r"this graph has no node Value\(1\.0\)"):
        stepper.select(Value(1.0))
    stepper.close()


@pytest.mark.parametrize(
    ("trait", "wrong"), [("step", -1), ("step", 21), ("selected", 11), ("selected", -1), ("lang", "fr"), ("step", "3")]
)
def test_what_is_refused(stepper, trait, wrong):
    with pytest.raises(TraitError, match=trait):
        setattr(stepper, trait, wrong)


def test_arguments_that_are_refused():
    with pytest.raises(TypeError, match="a stepper takes a Value"):
        engine.Stepper("y")
    with pytest.raises(ValueError, match="lang is one of"):
        engine.Stepper(Value(1.0), lang="xx")


def test_to_html_is_the_page_as_it_stands(stepper, tmp_path):
    stepper.step, stepper.lang = 9, "id"
    path = stepper.to_html(tmp_path / "page.html")
    text = path.read_text(encoding="utf-8")
    state = state_of(text)
    assert (state["step"], state["lang"], state["selected"]) == (9, "id", None)
    stepper.step, stepper.lang = 0, "en"
    assert stepper.page() == page(neuron(), view="map")


@pytest.mark.slow
def test_closing_frees_the_graph():
    stepper = engine.Stepper(neuron())
    before = {id(node) for node in topological_order(stepper._nodes[-1])}
    stepper.close()
    gc.collect()
    assert not before & {id(thing) for thing in gc.get_objects() if issubclass(type(thing), Value)}
    assert repr(stepper) == "<Stepper, closed>"
    assert stepper.payload == {}


def test_without_anywidget_it_writes_its_page_and_says_what_a_notebook_needs(tmp_path):
    file = tmp_path / "page.html"
    done = python(
        "import sys; sys.modules['anywidget'] = sys.modules['traitlets'] = None\n"
        "from engine import Stepper, Value\nstepper = Stepper(Value(2.0, 'x') * 3, lang='id')\n"
        f"stepper.step = 2\nstepper.to_html({str(file)!r})\n"
        "try:\n    stepper.step = 99\nexcept ValueError as error:\n    print(error)\n"
        "stepper.widget",
        check=False,
    )
    assert done.stdout == "step is from 0 to 4, got 99\n"
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .endswith("the stepper in a notebook needs the package anywidget: pip install anywidget")
    )
    state = state_of(file.read_text(encoding="utf-8"))
    assert (state["step"], state["lang"]) == (2, "id")


def test_shown_without_anywidget_it_says_so_in_a_line():
    shown = python(
        "import sys; sys.modules['anywidget'] = None\nfrom engine import Stepper, Value\n"
        "from IPython.core.displaypub import CapturingDisplayPublisher\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(display_pub_class=CapturingDisplayPublisher)\n"
        "shell.display_formatter.format(Stepper(Value(2.0, 'x') * 3))\n"
        "print(shell.display_pub.outputs[-1]['data']['text/plain'])",
        IPYTHONDIR="/nonexistent",
    ).stdout
    assert shown.splitlines()[-2:] == [
        "<Stepper of 'v1', step 0 of 4>",
        "the stepper in a notebook needs the package anywidget: pip install anywidget",
    ]


def test_once_it_is_shown_the_state_is_the_widgets(stepper):
    stepper.step = 3
    widget = stepper.widget
    assert (widget.step, widget.lang, stepper.widget is widget) == (3, "en", True)
    widget.step = 5  # as the page does
    stepper.lang = "id"
    assert (stepper.step, widget.lang) == (5, "id")
    with pytest.raises(TraitError, match="step"):
        stepper.step = 21


def test_no_other_name_is_made_up():
    with pytest.raises(AttributeError, match="has no attribute 'Steper'"):
        engine.Steper  # noqa: B018
    with pytest.raises(AttributeError, match="has no attribute 'Steper'"):
        engine.stepper.Steper  # noqa: B018
