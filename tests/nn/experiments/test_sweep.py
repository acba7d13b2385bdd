"""Sweeps: the same table whoever runs it, failures as rows, files that are gone on with."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
import tracemalloc
import types
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import pytest

from engine import cores
from nn import MLP, SGD, fit
from nn.experiments import halving, process_pool, sweep
from nn.experiments import record as record_module
from nn.experiments.sweep import AHEAD
from nn.json_files import whole_file
from tests.engine.helpers import python
from tests.nn.experiments.crash import killed_at_random
from tests.nn.experiments.runs import GRID, LINE, AtOnce, always_fatal, drawn, fatal_once, training

module = sys.modules["nn.experiments.sweep"]  # the package has a function of that name


class Backwards(Executor):
    """Gives no result before all runs are handed out, and then the last one first."""

    def __init__(self, last):
        self.waiting, self.last = [], last

    def submit(self, f, /, *args, **kwargs):
        future = Future()
        self.waiting.append((future, partial(f, *args, **kwargs)))
        if len(self.waiting) == self.last:
            for waiting, call in reversed(self.waiting):
                waiting.set_result(call())
        return future


def swept(executor, **options):
    return list(sweep(training, GRID, seeds=2, executor=executor, progress=False, **options))


def test_the_table_is_what_one_loop_gives():
    rows = iter(swept(AtOnce()))
    for rate in GRID["rate"]:
        for hidden in GRID["hidden"]:
            for seed in (0, 1):
                row = next(rows)
                assert (row.setting, row.seed) == ({"rate": rate, "hidden": hidden}, seed)
                if rate == 1e9:
                    assert row.figures == {} and row.reason.startswith("Diverged: ")
                    continue
                model = MLP(1, [hidden, 1], seed=seed)
                history = fit(model, LINE, optimizer=SGD(rate), epochs=30, progress=False, backend="eager")
                assert row.figures == {"loss": history[-1].loss, "losses": history.column("loss")}
                assert row.reason == ""
    assert next(rows, None) is None


def test_the_order_in_which_runs_end_does_not_matter(tmp_path):
    expected = swept(AtOnce())
    assert swept(Backwards(12)) == expected
    assert swept(Backwards(12), file=tmp_path / "sweep.jsonl") == expected
    with ThreadPoolExecutor(4) as threads:
        assert swept(threads) == expected


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_processes_give_the_same_table(workers):
    with process_pool(workers) as executor:
        assert swept(executor) == swept(AtOnce())


@pytest.mark.slow
def test_our_own_pool_gives_the_same_table_and_a_progress_bar(capsys):
    assert list(sweep(training, GRID, seeds=2)) == swept(AtOnce())
    shown = capsys.readouterr().err
    assert "sweep: 100%" in shown and "12/12" in shown and "4 failed" in shown


def nan(rate, seed):
    return {"good": 1.0, "curve": [1.0, math.nan]}


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (nan, "ArithmeticError: curve became nan"),
        (lambda rate, seed: math.inf, "ArithmeticError: score became inf"),
        (lambda rate, seed: "good", "TypeError: a run gives numbers, or lists of numbers, by name; score is 'good'"),
        (lambda rate, seed: 1 / (rate - rate), "ZeroDivisionError: float division by zero"),
    ],
)
def test_a_run_that_fails_is_a_row_with_its_reason(run, reason):
    [row] = sweep(run, {"rate": [0.5]}, executor=AtOnce(), progress=False)
    assert (row.setting, row.seed, row.figures, row.reason) == ({"rate": 0.5}, 0, {}, reason)


def test_a_file_is_gone_on_with(tmp_path):
    file = tmp_path / "sweep.jsonl"
    expected = list(sweep(drawn, {"rate": range(6)}, seeds=3, executor=AtOnce(), progress=False))
    for settings, seeds, new in [({"rate": [4, 2]}, 2, 4), ({"rate": range(6)}, 2, 8), ({"rate": range(6)}, 3, 6),
                                 ({"rate": range(6)}, 3, 0)]:  # fmt: skip
        executor = AtOnce()
        results = sweep(drawn, settings, seeds=seeds, executor=executor, file=file, progress=False)
        assert executor.count == new
    assert list(results) == expected
    assert len(file.read_text().splitlines()) == 1 + len(expected)


def test_a_missing_package_is_no_fault_of_a_setting(tmp_path):
    def run(rate, seed):
        import nowhere  # noqa: F401

    file = tmp_path / "sweep.jsonl"
    with pytest.raises(ImportError, match="nowhere"):
        sweep(run, {"rate": [1]}, executor=AtOnce(), file=file, progress=False)
    assert len(file.read_text().splitlines()) == 1


@pytest.mark.skipif(os.name != "posix", reason="SIGINT is sent as POSIX does")
def test_a_run_that_is_interrupted_is_no_result(tmp_path):
    """`fit` gives the history so far then, which is less than what the run was to give."""
    pressed = iter([False, True, False, False])
    file = tmp_path / "sweep.jsonl"

    def run(rate, seed):
        press = next(pressed)

        def schedule(epoch):
            if epoch == 2 and press:
                os.kill(os.getpid(), signal.SIGINT)
            return 1.0

        history = fit(MLP(1, [1]), LINE, epochs=5, schedule=schedule, backend="eager", progress=False)
        return len(history)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            sweep(run, {"rate": [1, 2, 3]}, executor=AtOnce(), file=file, progress=False)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(file.read_text().splitlines()) == 2
    results = sweep(run, {"rate": [1, 2, 3]}, executor=AtOnce(), file=file, progress=False)
    assert [row.figures["score"] for row in results] == [5, 5, 5]


@pytest.mark.parametrize("part", range(0, 100, 7))
def test_a_line_that_was_cut_off_is_run_again(part, tmp_path):
    file = tmp_path / "sweep.jsonl"
    settings = {"rate": [1, 2]}
    expected = list(sweep(drawn, settings, executor=AtOnce(), file=file, progress=False))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * part // 100])
    assert list(sweep(drawn, settings, executor=AtOnce(), file=file, progress=False)) == expected
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["figures"] for row in rows[1:]] == [row.figures for row in expected]


@pytest.mark.slow
def test_a_sweep_that_is_killed_at_random_moments_loses_nothing():
    inside, torn = killed_at_random(moments=6, seed=1)
    assert inside >= 3 and torn >= 1  # it was in the middle of its work


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed():
    code = """
import os
from nn.experiments import process_pool
if __name__ == "__main__":
    executor = process_pool(1)
    print(executor.submit(os.getppid).result() == os.getpid(), flush=True)
    os.kill(os.getpid(), 9)
"""
    # it waits until nobody can write to the pipe any more, which the worker could as long as it lives
    done = python(code, check=False, timeout=60)
    assert done.stdout == "True\n", done.stderr


@pytest.mark.slow
def test_a_process_that_is_killed_costs_no_result(tmp_path):
    settings = {"rate": range(8), "mark": [str(tmp_path / "mark")]}
    results = sweep(fatal_once, settings, file=tmp_path / "sweep.jsonl", progress=False)
    assert [row.figures["score"] for row in results] == list(range(8))
    assert (tmp_path / "mark").exists()


@pytest.mark.slow
def test_processes_that_always_end_are_an_error():
    with pytest.raises(RuntimeError, match=r"the processes ended before a run was done: a script needs `if __name__"):
        sweep(always_fatal, {"rate": [1]}, progress=False)


def test_an_executor_that_is_shut_down_is_an_error(tmp_path):
    class ShutDown(AtOnce):
        def submit(self, f, /, *args, **kwargs):
            if self.count == 0:
                return super().submit(f, *args, **kwargs)
            future = Future()
            assert future.cancel() and not future.set_running_or_notify_cancel()
            return future

    with pytest.raises(RuntimeError, match="the executor was shut down before all runs were done"):
        sweep(other, {"rate": [1, 2, 3]}, executor=ShutDown(), file=tmp_path / "sweep.jsonl", progress=False)
    assert len((tmp_path / "sweep.jsonl").read_text().splitlines()) == 2  # what was done is kept


def test_only_one_sweep_writes_into_a_file(tmp_path):
    file = tmp_path / "sweep.jsonl"

    def run(rate, seed):
        with pytest.raises(BlockingIOError, match="another sweep is writing into"):
            sweep(run, {"rate": [1]}, executor=AtOnce(), file=file, progress=False)
        return rate

    [row] = sweep(run, {"rate": [1]}, executor=AtOnce(), file=file, progress=False)
    assert row.reason == ""


class Breaking(AtOnce):
    """A pool of processes that breaks after some runs."""

    def __init__(self, good):
        super().__init__()
        self.good, self.ended = good, []

    def submit(self, f, /, *args, **kwargs):
        if self.count == self.good:
            raise BrokenProcessPool
        return super().submit(f, *args, **kwargs)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.ended.append(cancel_futures)


@pytest.mark.parametrize(
    ("pools", "fails"),
    [
        ([6], False),
        ([1, 0, 0, 5], False),  # a run was done in between, so that it is not hopeless
        ([0, 0, 2, 0, 0, 4], False),
        ([0, 0, 0], True),
        ([1, 0, 0, 0], True),
    ],
)
def test_a_pool_that_breaks_is_begun_anew_as_long_as_something_is_done(pools, fails, monkeypatch):
    begun = [Breaking(good) for good in pools]
    left = iter(begun)
    monkeypatch.setattr(module, "process_pool", lambda: next(left))
    if fails:
        with pytest.raises(RuntimeError, match="the processes ended before a run was done: a script needs"):
            sweep(drawn, {"rate": range(6)}, progress=False)
    else:
        results = sweep(drawn, {"rate": range(6)}, progress=False)
        assert list(results) == list(sweep(drawn, {"rate": range(6)}, executor=AtOnce(), progress=False))
    assert next(left, None) is None and all(pool.ended == [True] for pool in begun)


class Bar:
    def __init__(self, *given):
        self.given, self.texts, self.done, self.closed = given, [], 0, False

    def set_postfix_str(self, text, refresh):
        assert refresh is False  # `update` does
        self.texts.append(text)

    def update(self):
        self.done += 1

    def close(self):
        self.closed = True


def test_the_bar_counts_runs_and_failures(tmp_path, monkeypatch):
    bars = []
    monkeypatch.setattr(module, "progress_bar", lambda *given: bars.append(Bar(*given)) or bars[-1])
    file = tmp_path / "sweep.jsonl"
    sweep(drawn, {"rate": [0, 1]}, executor=AtOnce(), file=file, progress=False)
    assert bars == []
    sweep(drawn, {"rate": range(5)}, executor=AtOnce(), file=file)
    [bar] = bars
    assert (bar.given, bar.texts, bar.done) == (("sweep", 5, 2, "run"), ["", "1 failed", "1 failed"], 3)
    sweep(drawn, {"rate": range(5)}, executor=AtOnce(), file=file)
    assert len(bars) == 1 and bar.closed  # nothing was left to be done
    with pytest.raises(BrokenProcessPool):
        sweep(drawn, {"rate": range(9)}, executor=Breaking(1))
    assert bars[-1].closed and bars[-1].done == 1


def test_each_result_is_in_the_file_before_the_next_run_begins(tmp_path):
    file = tmp_path / "new" / "folder" / "sweep.jsonl"

    def run(rate, seed):
        return len(file.read_text().splitlines())

    results = sweep(run, {"rate": range(4)}, executor=AtOnce(), file=file, progress=False)
    assert [row.figures["score"] for row in results] == [1, 2, 3, 4]


def test_the_disk_is_waited_for_once_a_second(tmp_path, monkeypatch):
    now, synced = [0.0], []
    monkeypatch.setattr(record_module, "monotonic", lambda: now[0])
    monkeypatch.setattr(record_module.os, "fsync", lambda number: synced.append(now[0]))

    def run(rate, seed):
        now[0] = rate
        return rate

    times = {"rate": [0.5, 1.0, 1.25, 2.0, 2.25, 2.5, 4.0]}
    sweep(run, times, executor=AtOnce(), progress=False)
    assert synced == []  # there is no file
    now[0] = 0.0
    sweep(run, times, executor=AtOnce(), file=tmp_path / "sweep.jsonl", progress=False)
    assert synced == [1.25, 2.5, 4.0]


def test_results_are_a_sequence():
    results = sweep(drawn, {"rate": [5, 6, 7, 8]}, executor=AtOnce(), progress=False)
    whole = list(results)
    assert len(results) == 4 and results[2] == whole[2] and results[-1] == whole[3]
    assert list(results[1:3]) == whole[1:3] and len(results[1:3]) == 2


def test_a_setting_is_the_same_in_whatever_order_it_is_written(tmp_path):
    def run(a, b, seed):
        return a + b

    file, executor = tmp_path / "sweep.jsonl", AtOnce()
    sweep(run, [{"a": 1, "b": 2}, {"b": 2, "a": 1}], executor=executor, file=file, progress=False)
    for setting in ({"a": 1, "b": 2}, {"b": 2, "a": 1}):
        sweep(run, [setting], executor=executor, file=file, progress=False)
    assert executor.count == 1


def test_a_file_that_a_sweep_writes_into_is_not_even_read(tmp_path):
    record = record_module.Record(tmp_path / "sweep.jsonl", "run")
    with record.adding(), pytest.raises(BlockingIOError, match="another sweep is writing into"):
        record_module.Record(tmp_path / "sweep.jsonl", "run")


@pytest.mark.slow
def test_ten_thousand_results_take_no_more_memory_when_each_is_ten_times_as_long(tmp_path):
    def peak(length):
        def run(rate, seed):
            return {"score": rate, "curve": [rate * 1.1] * length}

        tracemalloc.start()
        results = sweep(run, {"rate": range(10_000)}, executor=AtOnce(), file=tmp_path / f"{length}", progress=False)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(results) == 10_000
        return found

    # the rows of the second are 20 million bytes longer
    assert peak(110) - peak(10) < AHEAD * 100 * 32 + 1_000_000


def other(rate, seed):
    return 1.0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"rate,loss\n1,2\n", "is no rantai sweep file"),
        (b'{"format": "rantai model"}\n', "is no rantai sweep file"),
        (b'{"format": "rantai sweep", "version": 2}\n', "of the version 2, not of 1: name another file"),
        (b'{"format": "rantai sweep", "version": 1, "run": "drawn"}\n', "of the run 'drawn', not of 'other'"),
        (b'{"format": "rantai sweep", "version": 1, "run": "other"}\n[]\n', "a sweep: the line: expected an object"),
        (b'{"format": "rantai sweep", "version": 1, "run": "other"}\n{"seed": 1}\n', "line 2 is no result of a sweep"),
        (
            b'{"format": "rantai sweep", "version": 1, "run": "other"}\n'
            b'{"setting": {}, "seed": "0", "figures": {}, "reason": "", "seconds": 0}\n',
            "line 2 is no result of a sweep: seed: expected a whole number, got '0'",
        ),
    ],
)
def test_a_file_of_something_else_is_named_and_stays(content, words, tmp_path):
    file = tmp_path / "sweep.jsonl"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        sweep(other, {"rate": [1]}, executor=AtOnce(), file=file, progress=False)
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ((other, 3), TypeError, """settings are a grid, such as {"rate": [0.1, 0.01]}, or a list of dicts, got 3"""),
        ((other, [3]), TypeError, """a setting is a dict, such as {"rate": 0.1}, got 3"""),
        ((other, []), ValueError, "there is no setting to try"),
        ((other, {"seed": [1]}), ValueError, "seeds are given by seeds=..., not in a setting, got {'seed': 1}"),
        (("run", {"rate": [1]}), TypeError, "run is a function of a setting and a seed, got 'run'"),
        ((other, [{"rate": math.nan}]), TypeError, "a setting is numbers, texts and lists of them, got {'rate': nan}"),
        (
            (other, [{"rate": other}]),
            TypeError,
            "a setting is numbers, texts and lists of them, got {'rate': <func",
        ),
    ],
)
def test_what_cannot_be_swept_is_named(arguments, kind, words):
    with pytest.raises(kind) as error:
        sweep(*arguments, progress=False)
    assert str(error.value).startswith(words)


@pytest.mark.parametrize(
    ("seeds", "kind", "words"),
    [
        (0, ValueError, "seeds must be a whole number from 1 up, got 0"),
        ([], ValueError, "there is no seed to run with"),
        ([1.5], TypeError, "seed must be a whole number, got 1.5"),
    ],
)
def test_seeds_that_are_none_are_named(seeds, kind, words):
    with pytest.raises(kind) as error:
        sweep(other, {"rate": [1]}, seeds=seeds, progress=False)
    assert str(error.value) == words


def test_settings_that_come_twice_are_run_once():
    results = sweep(other, [{"rate": 1}, {"rate": 2}, {"rate": 1}], seeds=[7, 7], executor=AtOnce(), progress=False)
    assert [(row.setting, row.seed) for row in results] == [({"rate": 1}, 7), ({"rate": 2}, 7)]


def test_a_partial_is_known_by_what_it_was_given(tmp_path):
    file = tmp_path / "sweep.jsonl"
    sweep(partial(drawn, wait=0.0), {"rate": [1]}, executor=AtOnce(), file=file, progress=False)
    with pytest.raises(ValueError, match=r"of the run 'drawn\(wait=0.0\)', not of 'drawn\(wait=0.1\)'"):
        sweep(partial(drawn, wait=0.1), {"rate": [1]}, executor=AtOnce(), file=file, progress=False)


def test_of_two_long_runs_is_said_where_they_differ(tmp_path):
    file, long = tmp_path / "sweep.jsonl", "x" * 300
    sweep(partial(drawn, text=long + "one"), {"rate": [1]}, executor=AtOnce(), file=file, progress=False)
    with pytest.raises(ValueError, match=r"run \"\.\.\.x{19}one'\)\", not of \"\.\.\.x{19}other'\)\": name"):
        sweep(partial(drawn, text=long + "other"), {"rate": [1]}, executor=AtOnce(), file=file, progress=False)


def known(rate, epochs, seed):
    """A rate of 9 fails when it goes on, with the second seed."""
    if rate == 9 and epochs > 1 and seed == 1:
        raise ValueError("too large")
    return {"loss": rate + 10.0 / epochs + seed}


def test_successive_halving_gives_the_best_more():
    settings = [{"rate": rate} for rate in (5, 3, 8, 1, 7, 2, 6, 4, 0)]
    rounds = halving(known, settings, {"epochs": [1, 2, 4]}, score="loss", executor=AtOnce(), seeds=2, progress=False)
    assert [sorted({row.setting["rate"] for row in results}) for results in rounds] == [list(range(9)), [0, 1, 2], [0]]
    assert [{row.setting["epochs"] for row in results} for results in rounds] == [{1}, {2}, {4}]
    assert rounds[-1].best("loss").setting == {"rate": 0, "epochs": 4}
    upwards = halving(known, settings, {"epochs": [1, 2]}, score="loss", largest=True, keep=0.5, executor=AtOnce(),
                      progress=False)  # fmt: skip
    assert sorted(row.setting["rate"] for row in upwards[1]) == [5, 6, 7, 8]


def test_halving_counts_a_setting_once_in_whatever_order_it_is_written():
    settings = [{"rate": 1, "scale": 1}, {"scale": 1, "rate": 1}, {"rate": 2, "scale": 1}, {"rate": 3, "scale": 1}]

    def run(rate, scale, epochs, seed):
        return {"loss": rate * scale}

    rounds = halving(run, settings, {"epochs": [1, 2]}, score="loss", keep=0.5, executor=AtOnce(), progress=False)
    assert [[row.setting["rate"] for row in results] for results in rounds] == [[1, 2, 3], [1]]


@pytest.mark.parametrize(
    ("budgets", "keep", "words"),
    [
        ({}, 0.5, "budgets are those of one hyperparameter"),
        ({"epochs": [1, 2]}, 0.0, "keep must be above 0"),
        ({"epochs": [1, 2]}, 1.0, "keep must be from 0 to below 1"),
        ({"epochs": [1, 2, 4]}, 0.5, "no setting is left after epochs=2"),
    ],
)
def test_halving_that_cannot_be_is_named(budgets, keep, words):
    with pytest.raises(ValueError, match=words):
        halving(known, [{"rate": 9}], budgets, keep=keep, score="loss", seeds=2, executor=AtOnce(), progress=False)


def test_what_is_not_begun_is_cancelled_when_a_sweep_ends_early():
    class Slow(Executor):
        def __init__(self):
            self.futures = []

        def submit(self, f, /, *args, **kwargs):
            self.futures.append(Future())
            if len(self.futures) == 3:
                self.futures[0].set_exception(BrokenProcessPool())
            return self.futures[-1]

    executor = Slow()
    with pytest.raises(BrokenProcessPool):
        sweep(drawn, {"rate": range(4)}, executor=executor, progress=False)
    assert [future.cancelled() for future in executor.futures] == [False, True, True]


def test_a_row_says_how_long_it_took_and_why_it_failed_in_one_line_that_is_not_too_long(monkeypatch):
    def run(rate, seed):
        raise ValueError("of\n" * 400)

    clock = iter([10.0, 12.5])
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    [row] = sweep(run, {"rate": [1]}, executor=AtOnce(), progress=False)
    assert row.seconds == 2.5
    assert row.reason == ("ValueError: " + "of " * 400)[:500]


def test_a_row_of_which_nobody_knows_the_time_took_none():
    assert record_module.Row({}, 0, {}).seconds == 0.0


def test_whole_numbers_stay_whole():
    [row] = sweep(lambda rate, seed: {"count": 2**70 + rate}, {"rate": [1]}, executor=AtOnce(), progress=False)
    assert row.figures["count"] == 2**70 + 1


def test_a_run_of_a_notebook_goes_to_processes_by_its_code(monkeypatch):
    notebook = types.ModuleType("__main__")  # which is no file
    exec("def run(rate, seed):\n    return rate + seed", notebook.__dict__)
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    sent = module.shipped(notebook.run, None)
    assert sent.func is module.unpickled_run and b"rate" in sent.args[0]
    assert sent(rate=2, seed=3) == 5
    assert module.shipped(notebook.run, AtOnce()) is notebook.run
    assert module.shipped(drawn, None) is drawn
    nowhere = partial(drawn)
    assert module.shipped(nowhere, None) is nowhere
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(ImportError, match=r"run is written in a notebook, .*: pip install cloudpickle"):
        module.shipped(notebook.run, None)
    notebook.__file__ = "script.py"
    assert module.shipped(notebook.run, None) is notebook.run


@pytest.mark.slow
@pytest.mark.parametrize(("given", "expected"), [(None, str(max(1, cores() // 2))), ("3", "3")])
def test_the_kernels_of_workers_share_the_cores(monkeypatch, given, expected):
    monkeypatch.delenv("RANTAI_THREADS", raising=False)
    if given:
        monkeypatch.setenv("RANTAI_THREADS", given)
    with process_pool(2) as executor:
        assert executor.submit(os.getenv, "RANTAI_THREADS").result() == expected


def begin_a_file(path: str) -> None:
    """A worker in the midst of a file."""
    with whole_file(path) as beside:
        beside.write_text("half of it")
        time.sleep(3)
        beside.write_text("all of it")
    time.sleep(60)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals of POSIX")
def test_a_worker_that_ctrl_c_ends_finishes_its_file(tmp_path):
    executor = process_pool(1)
    worker = executor.submit(os.getpid).result()
    writing = executor.submit(begin_a_file, str(tmp_path / "table.csv"))
    waited = time.monotonic() + 30
    while not any(tmp_path.iterdir()) and time.monotonic() < waited:
        time.sleep(0.01)
    assert [file.suffix for file in tmp_path.iterdir()] == [".csv"]
    os.kill(worker, signal.SIGINT)
    with pytest.raises(BrokenProcessPool):
        writing.result(timeout=30)
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]
    assert (tmp_path / "table.csv").read_text() == "all of it"
    executor.shutdown()
