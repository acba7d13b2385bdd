"""One graph, many readers: gradients, tapes, checks and explanations."""

__all__: list[str] = []
