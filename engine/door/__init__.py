"""What stands open before anything else is loaded: Ctrl-C ends a program in one line from its first one on."""

from engine.door.watching import leave

__all__ = ["leave"]
