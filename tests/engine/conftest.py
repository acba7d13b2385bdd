"""What all tests of the engine share."""

from collections.abc import Iterator

import pytest

from engine import RULES


@pytest.fixture(autouse=True)
def the_table_as_it_was() -> Iterator[None]:
    """A rule that a test defines is gone when the test is over."""
    before = dict(RULES)
    yield
    RULES.clear()
    RULES.update(before)
