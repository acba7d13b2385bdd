"""One graph, many readers: gradients, tapes, checks and explanations."""
