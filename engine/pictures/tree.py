"""A graph as plain text: for a terminal, a screen reader, and a machine that cannot draw."""

from __future__ import annotations

from typing import Any

from engine.pictures.account import Account, plural, show
from engine.pictures.excerpt import Excerpt, nearest
from engine.pictures.folding import Folding
from engine.value import Value

__all__ = ["text_tree", "write_tree"]

MOST_NODES = 60
MOST_EDGES = 120
NOTHING = ("", "", "", "")  # in the columns for data, grad, the check and warnings


def text_tree(y: Value) -> str:
    """The graph of y as an indented tree: every node above its inputs. A node that is used again is written out once.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> e = a * b
    >>> e.name = "e"
    >>> print(text_tree(e + a))
    v2 = e + a        data -4  grad –
    ├─ e = a * b      data -6  grad –
    │  ├─ a           data 2   grad –
    │  └─ b           data -3  grad –
    └─ a (see above)
    """
    return write_tree(Account(y))


def write_tree(account: Account) -> str:
    """The tree in the words of that account."""
    part = nearest(Folding({}), account.y, MOST_NODES, MOST_EDGES)  # whatever is folded in a picture
    rows: list[tuple[str, ...]] = []
    written: set[Any] = set()
    # what is to be written, after which lines, above which lines
    stack: list[tuple[Any, str, str]] = [(account.y, "", "")]
    while stack:
        item, before, below = stack.pop()
        if not isinstance(item, Value):
            rows.append((before + item, *NOTHING))
        elif item in written:
            rows.append((f"{before}{account.name(item)} (see above)", *NOTHING))
        else:
            written.add(item)
            frozen = " (frozen)" if item.frozen else ""
            numbers = f"data {show(item.data)}", f"grad {show(account.grad(item))}", account.verdict(item)
            rows.append((before + account.headline(item) + frozen, *numbers, ", ".join(account.warnings(item))))
            branches = list(below_node(item, part))
            lines = [("├─ ", "│  ")] * (len(branches) - 1) + [("└─ ", "   ")] * bool(branches)
            stack.extend(
                (x, below + at, below + under) for x, (at, under) in zip(branches[::-1], lines[::-1], strict=True)
            )
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    padded = [[cell.ljust(max(map(len, column))) for cell in column] for column in columns]
    tree = ["  ".join(row).rstrip() for row in zip(*padded, strict=True)]
    return "\n".join([*account.remarks(part), *tree])


def below_node(node: Value, part: Excerpt) -> list[Any]:
    """What stands below a node: inputs, or the text for a constant and for what is left out."""
    inputs = [link.tail for link in part.shown[node]]
    branches: list[Any] = [f"{show(x)} (constant)" if isinstance(x, float) else x for x in inputs]
    more = part.left_out.get(node, 0)
    return [*branches, f"… {plural(more, 'more input')}"] if more else branches
