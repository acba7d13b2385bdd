"""What came of a training: predictions, metrics, scores with their noise."""
