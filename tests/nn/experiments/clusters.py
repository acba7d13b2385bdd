"""A sweep by MPI and by Ray, in the environment that has them; prints its rows: `python clusters.py mpi`, `... ray`."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import Executor

from nn.experiments import sweep
from tests.nn.experiments.runs import drawn

SETTINGS = {"rate": range(6)}


def by_mpi() -> Executor:
    """All processes but the first that mpiexec has started."""
    from mpi4py.futures import MPIPoolExecutor

    return MPIPoolExecutor()


def by_ray() -> Executor:
    """Two processes of a Ray that is started here, by the lines of nn/README.md."""
    os.environ["RAY_AUTH_MODE"] = "disabled"  # it would write a token into the home directory
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    names: dict[str, type[Executor]] = {}
    exec(sys.stdin.read(), names)
    return names["OnRay"]()


def main(which: str) -> None:
    with {"mpi": by_mpi, "ray": by_ray}[which]() as executor:
        results = sweep(drawn, SETTINGS, seeds=2, executor=executor, progress=False)
        print(json.dumps([[row.setting, row.seed, row.figures, row.reason] for row in results]))


if __name__ == "__main__":
    main(*sys.argv[1:])
