"""The name of micrograd, answered by our engine."""
