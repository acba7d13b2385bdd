"""The machine of a page in a real browser: what its tests hold in Node holds there too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.page_machine import called
from tests.nn.playground import test_any_network as networks
from tests.nn.playground import test_run as runs


@pytest.fixture
def in_the_browser(browser, monkeypatch):
    """The helpers of those tests ask the browser."""
    tab = browser.new_page()

    def ask(source: str, **given: Any) -> Any:
        return json.loads(tab.evaluate(called(source, given)))

    for module in (networks, runs):
        monkeypatch.setattr(module, "in_node", ask)
        monkeypatch.setattr(module, "needs_node", lambda: None)
    yield
    tab.close()


TASKS = ["classification", "regression"]


@pytest.mark.parametrize("place, changes", list(enumerate(runs.CHANGES)), ids=str)
def test_a_hundred_steps_are_those_of_train(in_the_browser, place, changes):
    """For the two tasks in turns; Node has both."""
    runs.test_a_hundred_steps_are_those_of_train(changes, TASKS[place % 2])


@pytest.mark.parametrize("task", TASKS)
def test_the_first_gradient_of_the_playground(in_the_browser, task):
    runs.test_the_first_gradient_is_that_of_the_eager_sweep(task)


@pytest.mark.parametrize("network", networks.CASES)
def test_the_first_gradient(in_the_browser, network):
    networks.test_the_first_gradient(network)


@pytest.mark.parametrize("optimizer", networks.OPTIMIZERS)
def test_every_optimizer(in_the_browser, optimizer):
    networks.test_every_optimizer_and_regulariser(optimizer, next(iter(networks.REGULARIZERS)))


@pytest.mark.parametrize("network", networks.CASES)
def test_every_network_and_loss(in_the_browser, network):
    networks.test_every_network_and_loss(network, 5)
