"""What waits while a step is under way."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from nn.training.pauses import paused_collector, whole_steps


@pytest.fixture(autouse=True)
def python_handles_interrupts() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_press_is_noted_and_a_second_interrupts():
    with whole_steps() as pressed:
        assert not pressed()
        press()
        assert pressed()
        with pytest.raises(KeyboardInterrupt):
            press()
    assert pressed()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        press()


def test_each_block_counts_its_own_presses():
    with whole_steps() as first:
        press()
    with whole_steps() as second:
        pass
    assert (first(), second()) == (True, False)


def test_the_handler_is_back_after_an_error():
    with pytest.raises(ValueError, match="inside"), whole_steps():
        raise ValueError("inside")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("kept", [signal.SIG_IGN, signal.SIG_DFL])
def test_a_handler_that_is_no_function_is_left_alone(kept):
    signal.signal(signal.SIGINT, kept)
    with whole_steps() as pressed:
        assert signal.getsignal(signal.SIGINT) is kept
    assert not pressed()
    assert signal.getsignal(signal.SIGINT) is kept


def test_another_thread_changes_nothing():
    seen = []

    def inside() -> None:
        with whole_steps() as pressed:
            seen.append((pressed(), signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert seen == [(False, signal.default_int_handler)]


def test_the_collector_pauses_and_is_as_it_was():
    assert gc.isenabled()
    with paused_collector():
        assert not gc.isenabled()
        with paused_collector():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with paused_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(ValueError, match="inside"), paused_collector():
        raise ValueError("inside")
    assert gc.isenabled()
