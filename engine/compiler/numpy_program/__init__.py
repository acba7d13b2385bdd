"""A plan as a readable NumPy program."""

__all__: list[str] = []
