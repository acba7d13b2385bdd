"""Speed and memory, measured against the peers: `python -m tests.benchmarks eager`.

Each engine runs in a process of its own, because one engine's garbage slows the next one in the same process. The
engines take turns in rounds, so that a busy machine slows all of them alike, and what is reported is the median of the
ratios of the rounds. Before anything is timed, all engines must agree on the gradients.
"""
