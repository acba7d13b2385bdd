"""Compiled graphs against the peers: `comparison` measures, each side in a `worker` of its own. Nothing is imported
here, as a side's start is timed with what its worker imports."""
