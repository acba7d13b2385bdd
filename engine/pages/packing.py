"""Text in few characters, for pages; `packing.js` reads it."""

import base64
import zlib

from engine.pages.javascript import part

__all__ = ["UNPACK", "pack", "unpack"]

UNPACK = part("packing")
"""JavaScript: `await unpack(text)`, and whether the browser can, `CAN_UNPACK`."""


def pack(text: str) -> str:
    """A text compressed as in RFC 1950, in base 64."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(packed: str) -> str:
    """The text that was packed."""
    return zlib.decompress(base64.b64decode(packed)).decode()
