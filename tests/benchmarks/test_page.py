"""The benchmark of the page opens what it says it opens; nothing is held against a clock here."""

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
def test_it_runs():
    """In a process of its own: the tests in the browser have a Playwright too, and there is one for a thread."""
    printed = python("from tests.benchmarks.__main__ import main; main(['page', '--quick', '--rounds', '1'])").stdout
    assert "27 nodes" in printed
    assert "previous step" in printed
