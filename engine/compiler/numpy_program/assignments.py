"""Lines of a NumPy program that set a part of an array, or add to it: what computes a text writes its result where it
belongs, if it can, and makes no array in between."""

from __future__ import annotations

from engine.compiler.numpy_program.notation import WRITERS

__all__ = ["add_to", "enclosed", "set_to", "writer"]


def enclosed(text: str) -> str:
    """The text in brackets, unless it is a name or a call already."""
    return f"({text})" if len(words(text)) > 1 or text.startswith("-") else text


def words(text: str) -> list[str]:
    """The text, split at spaces that are not within brackets."""
    found, depth = [""], 0
    for c in text:
        depth += (c in "([") - (c in ")]")
        if c == " " and not depth:
            found.append("")
        else:
            found[-1] += c
    return found


def set_to(target: str, text: str) -> str:
    """The line that sets a view."""
    return writer(text, target) or f"{target}{'' if target.endswith(']') else '[:]'} = {text}"


def add_to(target: str, text: str) -> str:
    """The line that adds to a view, or to rows of a list."""
    whole = "" if target.endswith("]") else "[:]"
    if text.startswith("-") and len(words(text)) == 1:
        return f"{target}{whole} -= {text[1:]}"
    return f"{target}{whole} += {text}"


def writer(text: str, target: str = "") -> str:
    """The call that computes the text and writes it to a view; "" for a text that no single call computes."""
    match words(text):
        case [left, "@", right]:
            return f"np.matmul({left}, {right}, out={target})"
        case [call] if called(call) in WRITERS and not call.endswith("sum()"):  # which is a single number
            return f"{call[:-1]}, out={target})"
    return ""


def called(text: str) -> str:
    """What the call that is the whole text calls: `np.exp` of `np.exp(x)`, `.sum` of `x.sum(axis=1)`; "" where it is
    no call, such as `-x.sum(axis=1)`."""
    depth = 0
    for i in range(len(text) - 1, -1, -1) if text.endswith(")") and not text.startswith("-") else ():
        depth += (text[i] in ")]") - (text[i] in "([")
        if not depth:
            name = text[:i]
            return name if name.startswith("np.") else name[max(name.rfind("."), 0) :]
    return ""
