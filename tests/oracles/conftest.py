"""The adapter bears the names of other packages: it is imported by their tests, in a process of its own, and nowhere
else."""

collect_ignore = ["adapter"]
