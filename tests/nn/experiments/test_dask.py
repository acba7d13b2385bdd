"""A sweep on a Dask cluster of worker processes, one of which is killed in mid-sweep."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nn.__main__ import main
from nn.experiments import sweep
from tests.nn.experiments.runs import drawn
from tests.nn.helpers import needs

pytestmark = [needs("distributed"), pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Dask's own

SETTINGS = {"rate": range(40), "wait": [0.05]}


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None) as found:
        yield found


def test_a_worker_that_is_killed_loses_nothing(cluster, tmp_path):
    from distributed import Client

    file = tmp_path / "sweep.jsonl"
    killed = []

    def kill(pid):
        while not file.exists() or file.read_bytes().count(b"\n") < 10:
            time.sleep(0.005)
        os.kill(pid, signal.SIGKILL)
        killed.append(file.read_bytes().count(b"\n"))

    with Client(cluster) as client:
        pids = sorted(client.run(os.getpid).values())
        assert len(pids) == 3 and os.getpid() not in pids
        killer = threading.Thread(target=kill, args=(pids[0],))
        killer.start()
        results = sweep(drawn, SETTINGS, seeds=2, executor=client.get_executor(), file=file, progress=False)
        killer.join()
    assert 10 <= killed[0] < 75  # in mid-sweep
    with ThreadPoolExecutor(1) as one:
        assert list(results) == list(sweep(drawn, SETTINGS, seeds=2, executor=one, progress=False))


def test_the_command_takes_the_address_of_a_cluster(cluster, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = "sweep penguins --lr 0.1,0.01 --seeds 2 --epochs 3 --quiet --backend eager".split()
    assert main([*given, "--dask", cluster.scheduler_address, "--out", "far"]) == 0
    assert main([*given, "--workers", "1", "--out", "near"]) == 0
    assert (tmp_path / "far" / "table.csv").read_text() == (tmp_path / "near" / "table.csv").read_text()
