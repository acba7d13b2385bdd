"""The benchmarks of the pages: the stepper opens what it says it opens; nothing is held against a clock here."""

import os

import pytest

from engine import topological_order
from tests.benchmarks.page import network
from tests.browser.chromium import what_is_missing
from tests.engine.helpers import python


@pytest.mark.parametrize("nodes", [7, 30, 300])
def test_the_graph_is_as_large_as_said(nodes):
    assert nodes - 5 < len(topological_order(network(nodes))) <= nodes


@pytest.mark.browser
@pytest.mark.skipif(bool(what_is_missing()) and os.environ.get("CI") != "true", reason=what_is_missing())
@pytest.mark.parametrize(
    ("what", "measured"), [("page", ["27 nodes", "previous step"]), ("playground", ["epochs", "pictures"])]
)
def test_it_runs(what, measured):
    """In a process of its own: the tests in the browser have a Playwright too, and there is one for a thread."""
    printed = python(f"from tests.benchmarks.__main__ import main; main(['{what}', '--quick', '--rounds', '1'])").stdout
    assert all(words in printed for words in measured)
