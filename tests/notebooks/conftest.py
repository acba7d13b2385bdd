"""What all tests of notebooks share: they take long, and find the kernel compiled."""

from importlib.util import find_spec
from pathlib import Path

import pytest

import engine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def prepared() -> None:
    """Else the first notebook that takes the kernel would say that it is compiled, which no stored one does."""
    if find_spec("numba"):
        engine.prepare(lambda line: None)
