"""Whatever a user types as a name is shown as it is, on one line and in few characters, and does nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value, draw, group, names, rule, total
from engine.pictures.account import NAME_LENGTH, Account, printable
from engine.pictures.draw import mimebundle
from engine.pictures.excerpt import nearest
from engine.pictures.folding import Folding
from tests.engine.helpers import examples
from tests.engine.svg import of_kind, parts

AS_TYPED = [
    'a"b',
    "x|y{z}",
    r"\N",
    r"\\N",
    r"x_1^2\frac",
    "\\",
    r"\"",
    "<b>",
    "x<y>z",
    "&lt;b&gt;",
    "&amp;amp;",
    "&#60;",
    r"\l\n\G",
    "]]>",
    "-- >",
    "{",
    "node",
    "-4.2",
    "½ · ∂ λ 重み",
    "😀",
    "👩\u200d🔬",
    "%s {0} $x",
]
CHANGED = [
    ("<script>alert(1)</script>", "<script>alert(1)…script>"),
    ("x" * 5000, "x" * 16 + "…" + "x" * 7),
    ("two\nlines\r\n\tand a tab", "two lines and a tab"),
    ("  spaces   between ", "spaces between"),
    (" ", "␣"),
    ("nul \0 escape \x1b", r"nul \x00 escape \x1b"),
    ("\u202eright to left", r"\u202eright to left"),
    ("\ud800 \ufffe", r"\ud800 \ufffe"),
]


@pytest.mark.parametrize(
    "name, shown", [*zip(AS_TYPED, AS_TYPED, strict=True), *CHANGED], ids=range(len(AS_TYPED) + len(CHANGED))
)
def test_a_name_is_shown_as_it_was_typed(name: str, shown: str) -> None:
    x = Value(2.0, name)
    with group(name):
        y = x.exp()
    y.name = "y"
    diagram = draw(y, slopes=True)
    picture = parts(diagram)
    assert picture["v0"].texts == (shown, "data 2", "grad –")
    assert picture["v1"].texts[0] == f"y = exp({shown})"
    assert picture["v0"].tooltip.split("\n")[0] == shown
    assert picture["e1_0"].texts == (f"∂y/∂{shown} = 7.389",)
    assert picture["e1_0"].tooltip.startswith(f"∂y/∂{shown} = 7.38")
    frame = picture["g0"].texts[0]  # a frame has more room
    assert frame == shown or (len(frame) <= 40 and frame[:12] == shown[:12] and frame[-7:] == shown[-7:])
    assert diagram.text().splitlines()[1].startswith(f"└─ {shown} ")
    assert diagram.pipe("png").startswith(b"\x89PNG")
    assert mimebundle(y)["text/plain"] == repr(y)


@pytest.mark.slow
@given(st.text(), st.text())
@examples(60)
def test_any_name_leaves_the_picture_well_formed(name: str, other: str) -> None:
    with group(other or " "):
        y = Value(1.0, name) * Value(2.0, other)
    y.name = name + other
    picture = parts(draw(y, slopes=True))
    assert len(of_kind("node", picture)) == 3
    assert len(of_kind("edge", picture)) == 2
    assert len(of_kind("cluster", picture)) == 1


@given(st.text())
@examples(100)
def test_printable_text_is_one_line_of_characters_that_show(text: str) -> None:
    shown = printable(text)
    assert all(c.isprintable() or c in "\u200c\u200d" for c in shown)
    assert bool(shown) == bool(text)
    assert printable(shown) == shown


def test_a_rule_of_ones_own_is_drawn_and_its_text_does_no_harm() -> None:
    cube = rule("cube", "{0}^3", lambda x: x**3, lambda x, z: 3.0 * x * x, text=r"<b>|{0}|\N</b>")
    picture = parts(draw(cube(Value(2.0, "x"))))
    assert picture["v1"].texts[0].endswith(r" = <b>|x|\N</b>")


def test_long_formulas_are_shortened() -> None:
    y = total([Value(1.0, f"a_rather_long_name_{i}") for i in range(30)])
    y.name = "y"
    headline = Account(y).headline(y)
    assert headline.startswith("y = a_rather_long_name_0 + ")
    assert len(headline) < 50


def test_names_are_those_of_the_formulas() -> None:
    x = Value(2.0)
    y = x * 3.0 + 1.0
    account = Account(y)
    product = y.inputs[0]
    assert account.headline(product) == f"{account.name(product)} = {account.name(x)} * 3"
    assert account.headline(y) == f"{account.name(y)} = {account.name(product)} + 1"
    assert all(0 < len(account.name(node)) <= NAME_LENGTH for node in (x, product, y))


def test_the_nearest_nodes_come_first_and_what_has_no_room_is_counted() -> None:
    x = Value(2.0)
    p = x * 3.0
    q = x + p
    y = q * q
    folding = Folding(names(y))

    def part(boxes: int, edges: int) -> tuple[dict[Any, list[int]], dict[Any, int]]:
        found = nearest(folding, y, boxes, edges)
        assert all(node is box for box, links in found.shown.items() for link in links for node, _ in link.edges)
        return {
            box: [index for link in links for _, index in link.edges] for box, links in found.shown.items()
        }, found.left_out

    whole, left_out = part(100, 100)
    assert list(whole) == [y, q, x, p]
    assert list(whole.values()) == [[0, 1], [0, 1], [], [0, 1]]
    assert not left_out
    assert part(3, 100)[0] == {y: [0, 1], q: [0], x: []}
    assert part(3, 100)[1] == {q: 1}
    assert part(100, 1)[0] == {y: [0], q: []}
    assert part(100, 1)[1] == {y: 1, q: 2}
    assert part(4, 100)[1] == {p: 1}  # the constant
