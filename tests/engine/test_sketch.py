"""Networks drawn as themselves: a circle for each unit, a line for each weight, thick as it is large, dashed if it
is negative."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from IPython.core.formatters import DisplayFormatter

from engine import Sketch, Value, draw
from nn import MLP
from tests.engine.helpers import python
from tests.engine.svg import SVG, heading, of_kind, parse, parts


def size_of(part: Any) -> float:
    return float(part.outline.get("stroke-width") or 1)


def is_dashed(part: Any) -> bool:
    return part.outline.get("stroke-dasharray") is not None


@pytest.mark.parametrize("inputs, sizes", [(1, [1]), (2, [3, 1]), (3, [4, 5, 2]), (24, [24])])
def test_every_weight_is_a_line_by_its_size_and_sign(inputs: int, sizes: list[int]) -> None:
    model = MLP(inputs, sizes, seed=3)
    picture = parts(draw(model))
    units = {identity for identity, part in of_kind("node", picture).items() if "unit" in part.classes}
    assert len(units) == inputs + sum(sizes)
    lines = of_kind("edge", picture)
    found = []
    for column, layer in enumerate(model.layers):
        for end, neuron in enumerate(layer.neurons):
            for start, w in enumerate(neuron.w):
                line = lines.pop(f"w{column}_{start}_{end}")
                assert line.title == f"u{column}_{start}->u{column + 1}_{end}"
                assert line.tooltip == f"{w.name} {w.data!r}, grad –"
                assert is_dashed(line) == (w.data < 0)
                found.append((abs(w.data), size_of(line), line.outline.get("stroke")))
    assert not lines
    found.sort()
    widths = [width for _, width, _ in found]
    assert widths == sorted(widths)
    assert len({color for _, _, color in found}) == len({is_dashed(part) for part in of_kind("edge", picture).values()})


def test_what_it_says() -> None:
    model = MLP(2, [3, 1])
    model.layers[0].neurons[1].b.data = -0.25
    picture = draw(model).pipe(encoding="utf-8")
    texts = {part.texts for part in of_kind("node", parse(picture)).values() if part.texts}
    assert texts == {("inputs: 2",), ("hidden 1: 3",), ("outputs: 1",)}
    largest = max(abs(w.data) for w in model.weights())
    assert "MLP(2, [3, 1], activation='tanh', 13 parameters)" in heading(picture)
    assert f"at most {largest:.4g}" in heading(picture)
    assert parse(picture)["u1_1"].tooltip == "neuron 2: tanh(w·x + b), b1_2 = -0.25"
    assert draw(model).text().splitlines()[1:4] == ["inputs: 2 units", "hidden 1: 3 units", "outputs: 1 unit"]


def test_gradients_are_in_the_tooltips() -> None:
    model = MLP(1, [1])
    model([3.0]).backward()
    w = model.layers[0].neurons[0].w[0]
    assert parts(draw(model))["w0_0_0"].tooltip == f"{w.name} {w.data!r}, grad 3"


@pytest.mark.slow
def test_of_a_wide_column_the_first_units_are_drawn_and_it_is_said() -> None:
    picture = parts(draw(MLP(64, [30, 10])))
    assert len([part for part in picture.values() if "unit" in part.classes]) == 24 + 24 + 10
    assert len(of_kind("edge", picture)) == 24 * 24 + 24 * 10
    texts = {part.texts for part in of_kind("node", picture).values() if part.texts}
    assert texts == {("inputs: 64",), ("hidden 1: 30",), ("outputs: 10",), ("and 40 more",), ("and 6 more",)}


def test_weights_of_zero_and_weights_that_are_not_finite() -> None:
    zeros = parts(draw(MLP(2, [1], init="zeros")))
    assert len({(size_of(part), part.outline.get("stroke")) for part in of_kind("edge", zeros).values()}) == 1
    model = MLP(3, [1])
    w = model.layers[0].neurons[0].w
    w[0].data, w[1].data, w[2].data = math.nan, 2.0, -math.inf
    picture = parts(draw(model))
    assert [("not-finite" in picture[f"w0_{i}_0"].classes) for i in range(3)] == [True, False, True]
    assert size_of(picture["w0_0_0"]) > size_of(picture["w0_1_0"])
    assert "at most 2" in heading(draw(model).pipe(encoding="utf-8"))


def place(picture: str, identity: str) -> tuple[float, float, str]:
    """Where the text of a part, or the middle of its circle, is in an SVG, and which end of the text is there."""
    (part,) = [g for g in ElementTree.fromstring(picture).iter(f"{SVG}g") if g.get("id") == identity]
    text, circle = part.find(f".//{SVG}text"), part.find(f".//{SVG}ellipse")
    if text is not None:
        return float(text.get("x", "")), float(text.get("y", "")), text.get("text-anchor", "start")
    assert circle is not None
    return float(circle.get("cx", "")), float(circle.get("cy", "")), "middle"


def test_names_stand_beside_the_inputs_and_the_outputs() -> None:
    inputs, outputs = ["bill length", "x", "m" * 20, "body_mass_g"], ["Adelie", "Gentoo"]
    diagram = draw(MLP(4, [5, 2]).sketch(inputs, outputs))
    picture = diagram.pipe(encoding="utf-8")
    for what, names, column, side, end in (("input", inputs, 0, -1, "end"), ("output", outputs, 2, 1, "start")):
        edges = set()
        for row, name in enumerate(names):
            assert parse(picture)[f"{what}{row}"].texts == (name,)
            (x, y, anchor), (cx, cy, _) = place(picture, f"{what}{row}"), place(picture, f"u{column}_{row}")
            assert anchor == end
            assert 8 < side * (x - cx) < 25 and abs(y - cy) < 8  # points; the radius of a circle is 8.6
            edges.add(round(x))
        assert len(edges) == 1
    assert diagram.text().splitlines()[1:4] == [
        f"inputs: 4 units ({', '.join(inputs)})", "hidden 1: 5 units", f"outputs: 2 units ({', '.join(outputs)})",
    ]  # fmt: skip


def test_of_many_names_those_of_the_units_that_are_drawn_are_written() -> None:
    diagram = draw(MLP(30, [2]).sketch([f"x{i}" for i in range(30)], ["p", "q"]))
    texts = {text for part in of_kind("node", parts(diagram)).values() for text in part.texts}
    assert {"inputs: 30", "and 6 more", "x0", "x23", "q"} <= texts
    assert "x24" not in texts
    assert "x23, …)" in diagram.text()


@pytest.mark.parametrize("names", [(["a"], []), (["a", "b", "c"], []), ([], ["p", "q"])], ids=str)
def test_there_is_a_name_for_each_unit_or_none(names: tuple[list[str], list[str]]) -> None:
    with pytest.raises(ValueError, match=r"puts takes a name for each of \d units?, got [123]: \['"):
        MLP(2, [1]).sketch(*names)


NASTY = ["<script>alert(1)</script>", 'a"b', r"\N", "x|y{z}", "x" * 5000, "two\nlines", "&amp;", "😀"]


class Plain:
    """Something that draws itself, which is no network of nn."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _sketch_(self) -> Sketch:
        weights = [(Value(1.0, self.name), 0, 0, 0)]
        return Sketch(
            self.name, [(self.name, [self.name]), ("out", ["y"])], weights, inputs=[self.name], outputs=[self.name]
        )


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_names_do_no_harm(name: str) -> None:
    picture = parts(draw(Plain(name)))
    assert {"u0_0", "u1_0", "w0_0_0", "input0", "output0"} < picture.keys()
    assert len(picture["input0"].texts) == 1 and len(picture["input0"].texts[0]) <= 24
    assert picture["w0_0_0"].tooltip.endswith(" 1, grad –")
    assert len(picture["w0_0_0"].tooltip) < 60
    assert draw(Plain(name)).pipe("png").startswith(b"\x89PNG")


@pytest.mark.parametrize("place", [(0, 1, 0), (0, 0, 2), (1, 0, 0), (-1, 0, 0)])
def test_a_weight_between_units_that_are_not_there(place: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"a weight leads from unit .*, but the columns have \[1, 2\] units"):
        Sketch("net", [("in", ["x"]), ("out", ["y", "z"])], [(Value(1.0), *place)])


@pytest.mark.parametrize(
    "options", [{"slopes": True}, {"check": True}, {"folded": 1}, {"highlight": []}, {"gradients": {}}]
)
def test_what_belongs_to_nodes_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="MLP is drawn as a network, without nodes; call it to get a graph"):
        draw(MLP(1, [1]), **options)


def test_a_class_is_no_network() -> None:
    with pytest.raises(TypeError, match="draw takes a Value or a network, got type"):
        draw(MLP)


def test_a_network_shows_itself_in_jupyter() -> None:
    model = MLP(2, [3, 1])
    shown, _ = DisplayFormatter().format(model)
    assert shown.keys() == {"text/plain", "text/html", "image/svg+xml"}
    assert shown["text/plain"] == repr(model)
    assert re.search(r'alt="MLP\(2, \[3, 1\].* as 3 columns of units"', shown["text/html"])
    assert model._repr_mimebundle_(include={"text/plain"}) == {"text/plain": repr(model)}


def test_without_graphviz_a_network_is_text() -> None:
    code = "import sys; sys.modules['graphviz'] = None\nfrom nn import MLP\nprint(MLP(2, [1])._repr_mimebundle_())"
    assert python(code).stdout == "{'text/plain': \"MLP(2, [1], activation='tanh', 3 parameters)\"}\n"


def test_files(tmp_path: Any) -> None:
    for name in ("net.svg", "net.png", "net.dot"):
        assert draw(MLP(2, [1])).save(tmp_path / name).stat().st_size > 100
