"""The commands: train, predict, use, ask, uses."""
