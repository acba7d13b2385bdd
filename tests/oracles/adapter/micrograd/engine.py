"""micrograd's own test takes its `Value` from here."""

from engine import Value

__all__ = ["Value"]
