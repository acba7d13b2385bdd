"""What came of a training: predictions, metrics, scores with their noise."""

__all__: list[str] = []
