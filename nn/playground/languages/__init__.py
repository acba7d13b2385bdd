"""What the playground says, one file for each language."""

from nn.playground.languages import english, indonesian

__all__ = ["TEXTS"]

TEXTS: dict[str, dict[str, str]] = {each.LANGUAGE: each.TEXTS for each in (english, indonesian)}
