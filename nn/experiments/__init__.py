"""Many trainings and one table: a run for each setting and seed, on the cores of a machine or on a cluster."""

from nn.experiments.data_parallel import data_parallel
from nn.experiments.pool import process_pool
from nn.experiments.record import Row
from nn.experiments.samples import choice, grid, log_uniform, sample, uniform
from nn.experiments.sweep import halving, sweep
from nn.experiments.table import Results, Summary
from nn.experiments.tuning import tune

__all__ = [
    "Results", "Row", "Summary", "choice", "data_parallel", "grid", "halving", "log_uniform", "process_pool",
    "sample", "sweep", "tune", "uniform",
]  # fmt: skip
