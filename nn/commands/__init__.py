"""The commands: train, predict, use, ask, uses."""

__all__: list[str] = []
