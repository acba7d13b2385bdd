"""What networks are made of: neurons and layers, and the parts of language models."""
