"""A plan as a readable NumPy program."""
