"""Layout engines: the embedded one, `dot` on the PATH, neither, and such as fail; files, and what Jupyter shows."""

from __future__ import annotations

import base64
import importlib.metadata
import os
import stat
import struct
import sys
import textwrap
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import graphviz
import pytest
from IPython.core.formatters import DisplayFormatter

from engine import Value, draw
from engine.pictures import diagram as layout
from engine.pictures.diagram import FORMATS, LayoutError, lay_out, layout_engines, lean
from engine.pictures.draw import mimebundle
from tests.engine.helpers import python
from tests.engine.svg import of_kind, parse

INHERITED = {"{http://www.w3.org/XML/1998/namespace}space", "text-anchor", "font-family", "font-size"}
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"><g id="fake" class="node"><polygon/></g></svg>'
DRAWS = f"""
import sys
source = sys.stdin.buffer.read().decode("utf-8")
assert source.startswith("digraph") and "-Tsvg" in sys.argv, sys.argv
sys.stdout.write({PICTURE!r})
"""


@pytest.fixture
def square() -> Value:
    x = Value(3.0, "x")
    y = x * x
    y.name = "y"
    return y


@pytest.fixture
def no_embedded_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where graphviz-pure is not installed."""

    def files(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", files)


@pytest.fixture
def dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_embedded_engine: None) -> Any:
    """A machine where `dot` on the PATH is a Python program of the test's own, and the only layout engine."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def write(program: str) -> None:
        script = tmp_path / "program.py"
        script.write_text(textwrap.dedent(program), encoding="utf-8")
        starter = tmp_path / ("dot.bat" if os.name == "nt" else "dot")
        first = (
            f'@"{sys.executable}" "{script}" %*'
            if os.name == "nt"
            else f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n'
        )
        starter.write_text(first, encoding="utf-8")
        starter.chmod(starter.stat().st_mode | stat.S_IXUSR)

    return write


def test_the_embedded_engine_comes_first_and_needs_no_path() -> None:
    found = python(
        "from engine import Value, draw; from engine.pictures import diagram as layout; "
        "print(len(layout.layout_engines()), (Value(1.0) * 2.0)._repr_mimebundle_().keys(),"
        "draw(Value(1.0) * 2.0).pipe('png')[1:4])",
        PATH="",
    ).stdout
    assert found == "1 dict_keys(['text/plain', 'image/svg+xml', 'text/html']) b'PNG'\n"
    assert "graphviz-pure" in Path(layout_engines()[0]).name


def test_dot_on_the_path_is_used_where_the_embedded_engine_is_missing(square: Value, dot: Any) -> None:
    dot(DRAWS)
    assert len(layout_engines()) == 1
    assert draw(square).pipe(encoding="utf-8") == PICTURE
    shown = mimebundle(square)
    assert (shown["text/plain"], shown["image/svg+xml"]) == ("Value(9.0, name='y')", PICTURE)


@pytest.mark.usefixtures("no_embedded_engine")
def test_with_no_engine_a_diagram_is_a_text_and_says_how_to_get_pictures(
    square: Value, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    diagram = draw(square)
    with pytest.raises(
        LayoutError, match="no layout engine on this machine: for pictures, `pip install graphviz-pure`"
    ):
        diagram.pipe()
    (shown,) = diagram._repr_mimebundle_().values()
    *tree, hint = shown.splitlines()
    assert "\n".join(tree) == diagram.text()
    assert "pip install graphviz-pure" in hint
    assert mimebundle(square) == {"text/plain": f"Value(9.0, name='y')\n{shown}"}
    with pytest.raises(LayoutError, match="no layout engine"):
        diagram.save(tmp_path / "graph.svg")
    assert not (tmp_path / "graph.svg").exists()
    assert diagram.save(tmp_path / "graph.dot").read_text(encoding="utf-8") == diagram.source


FAILURES = {
    "import sys; sys.stdin.read(); sys.exit('out of memory')": "exit status 1, out of memory",
    "import sys; sys.exit(3)": "exit status 3, without a word",
    "import sys; sys.stdin.read()": "exit status 0, without a word",
    "import os; os.abort()": "exit status",
    "import time; time.sleep(60)": "more than 0.5 seconds",
}


@pytest.mark.slow
@pytest.mark.parametrize("program, words", FAILURES.items())
def test_an_engine_that_fails_is_an_error_and_in_jupyter_a_text(
    square: Value, dot: Any, monkeypatch: Any, program: str, words: str
) -> None:
    if "sleep" in program:
        monkeypatch.setattr(layout, "SECONDS", 0.5)
    dot(program)
    with pytest.raises(LayoutError, match=f"dot.* failed: .*{words}"):
        draw(square).pipe()
    shown = mimebundle(square)
    assert shown.keys() == {"text/plain"}
    assert draw(square).text() in shown["text/plain"]
    assert words in shown["text/plain"]


def test_an_engine_that_cannot_be_started(square: Value, tmp_path: Path, monkeypatch: Any) -> None:
    broken = tmp_path / "dot.exe"
    broken.write_bytes(b"\x00not a program")
    broken.chmod(0o755)
    monkeypatch.setattr(layout, "layout_engines", lambda: [str(broken), str(tmp_path / "gone")])
    with pytest.raises(LayoutError, match=r"dot\.exe failed: .*; .*gone failed: "):
        draw(square).pipe()
    assert mimebundle(square).keys() == {"text/plain"}


def test_the_second_engine_draws_where_the_first_fails(square: Value, tmp_path: Path, monkeypatch: Any) -> None:
    real = layout_engines()[0]
    monkeypatch.setattr(layout, "layout_engines", lambda: [str(tmp_path / "gone"), real])
    assert len(of_kind("node", parse(draw(square).pipe()))) == 2


def test_an_error_of_the_engine_in_its_own_words() -> None:
    with pytest.raises(LayoutError, match="syntax error in line 1"):
        lay_out("digraph { a -> }", "svg")
    with pytest.raises(LayoutError, match='Format: "bitmap" not recognized'):
        lay_out("digraph { a }", "bitmap")


def test_without_the_package_graphviz() -> None:
    found = python(
        """
import sys
sys.modules["graphviz"] = None  # an import of it fails
from engine import Value, draw
y = Value(2.0) * 3.0
print(y._repr_mimebundle_()["text/plain"])
try:
    draw(y)
except ModuleNotFoundError as error:
    print(error)
"""
    ).stdout.splitlines()
    words = "drawing needs the package graphviz: pip install graphviz"
    assert found == ["Value(6.0)", f"(no picture: {words})", words]


def test_graphviz_is_loaded_when_something_is_drawn_and_the_function_keeps_its_name() -> None:
    assert (
        python(
            "import sys, engine; y = engine.Value(2.0) * 3.0; print('graphviz' in sys.modules);"
            "import engine.pictures.draw; engine.draw(y); engine.draw(y); print('graphviz' in sys.modules)"
        ).stdout
        == "False\nTrue\n"
    )


@pytest.mark.parametrize("name, start", [("graph.svg", b"<?xml"), ("graph.PNG", b"\x89PNG"), ("graph.dot", b"digraph")])
def test_save_writes_what_the_suffix_says(square: Value, tmp_path: Path, name: str, start: bytes) -> None:
    diagram = draw(square)
    assert diagram.save(tmp_path / name) == tmp_path / name
    assert (tmp_path / name).read_bytes().startswith(start)
    assert diagram.save(name, tmp_path).read_bytes() == (tmp_path / name).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["graph.pdf", "graph", "graph.svg.gz", "svg", ".svg"])
def test_save_refuses_any_other_suffix(square: Value, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"a diagram can be saved as \.svg, \.png or \.dot, got '"):
        draw(square).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_save_into_a_folder_that_is_not_there(square: Value, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        draw(square).save(tmp_path / "nowhere" / "graph.svg")


def test_render_and_view(square: Value, tmp_path: Path, monkeypatch: Any) -> None:
    opened: list[str] = []
    monkeypatch.setattr(graphviz, "view", opened.append)
    diagram = draw(square)
    assert diagram.render("a", tmp_path) == str(tmp_path / "a.svg")
    assert diagram.render(tmp_path / "b.png") == str(tmp_path / "b.png")
    assert diagram.render("c", tmp_path, format="dot") == str(tmp_path / "c.dot")
    assert not opened
    assert diagram.view("d", tmp_path) == str(tmp_path / "d.svg")
    assert opened == [str(tmp_path / "d.svg")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "b.png", "c.dot", "d.svg"]


def test_a_png_has_twice_the_pixels_of_a_screen(square: Value) -> None:
    """An SVG is measured in points, of which there are 72 to an inch, and a screen has 96 pixels to an inch."""
    width = struct.unpack(">I", draw(square).pipe("png")[16:20])[0]
    points = float(draw(square).pipe(encoding="utf-8").partition('width="')[2].partition("pt")[0])
    assert abs(width - points / 72 * 96 * 2) < 4


@pytest.mark.parametrize("format", FORMATS)
def test_jupyter_shows_the_format_that_was_asked_for(square: Value, format: str) -> None:
    shown, _ = DisplayFormatter().format(draw(square, format=format))
    assert shown.keys() == {"text/plain", "text/html", FORMATS[format]}
    assert shown["text/plain"].startswith("y = x * x")


def test_jupyter_shows_a_value(square: Value) -> None:
    shown, _ = DisplayFormatter().format(square)
    assert shown.keys() == {"text/plain", "text/html", "image/svg+xml"}
    assert shown["text/plain"] == repr(square)
    assert "image/svg+xml" not in DisplayFormatter().format(square.inputs[0])[0]
    assert "image/svg+xml" not in DisplayFormatter().format([square])[0]


class Image(HTMLParser):
    """The attributes of the one element of a text in HTML, an image, which has a style before it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        (style, _), (self.tag, self.attributes) = self.found
        assert style == "style"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("format, mime", FORMATS.items())
def test_jupyter_gets_an_image_that_is_the_same_picture_and_never_wider_than_the_cell(
    square: Value, format: str, mime: str
) -> None:
    """An SVG is cut where it is wide, and not shown at all in a notebook that is not trusted; an image in HTML is."""
    diagram = draw(square, format=format)
    image = Image(diagram._repr_mimebundle_()["text/html"])
    assert image.tag == "img"
    assert image.attributes["style"] == "max-width:100%;height:auto"
    assert image.attributes["alt"] == "the graph of y: 2 nodes"
    kind, _, content = (image.attributes["src"] or "").partition(";base64,")
    assert kind == f"data:{mime}"
    picture = diagram.pipe(format)
    assert base64.b64decode(content, validate=True) == (lean(picture) if format == "svg" else picture)


def test_an_image_is_drawn_as_its_file_is_in_fewer_bytes(square: Value) -> None:
    """Every shape and text with the same attributes, those that are inherited counted in."""
    y = (square * 2.0).tanh() + square
    y.name = 'id="x" > <title>  &'
    picture = draw(y, slopes=True).pipe("svg")
    few = lean(picture)
    assert drawn(few) == drawn(picture)
    assert len(few) < 0.65 * len(picture)
    assert b"<title" not in few and b"<!--" not in few


def test_what_only_some_texts_have_stays_with_them() -> None:
    picture = b'<svg><text font-size="9">a</text><text>b</text><text font-size="9" id="c">c</text></svg>'
    assert lean(picture) == b'<svg><text font-size="9">a</text><text>b</text><text font-size="9">c</text></svg>'


def test_ids_that_a_picture_refers_to_stay() -> None:
    picture = b'<svg><g id="l"/><path fill="url(#l)"/></svg>'
    assert lean(picture) == picture


def drawn(svg: bytes) -> list[tuple[str, dict[str, str], str]]:
    """The shapes and texts of a picture in order, with what is inherited by them."""
    found = []

    def walk(element: ET.Element, inherited: dict[str, str]) -> None:
        own = {name: said for name, said in element.attrib.items() if name not in {"id", "class"}}
        tag = element.tag.rpartition("}")[2]
        if tag in {"svg", "g", "a"}:
            passed = {name: own[name] for name in INHERITED & set(own)}
            for child in element:
                walk(child, inherited | passed)
        elif tag != "title":
            ours = inherited if tag == "text" else {}
            found.append((tag, ours | own, element.text or ""))

    walk(ET.fromstring(svg), {})
    return found


def test_what_a_user_typed_does_no_harm_in_html() -> None:
    y = Value(2.0) * 3.0
    y.name = '"><script>'
    image = Image(y._repr_mimebundle_()["text/html"])
    assert image.attributes["alt"] == 'the graph of "><script>: 2 nodes'


def test_an_image_has_the_size_of_the_drawing(square: Value) -> None:
    """In pixels of a screen, 96 to an inch, whether the picture is made of points, 72 to an inch, or of twice as
    many pixels."""
    width = Image(draw(square, format="png")._repr_mimebundle_()["text/html"]).attributes["width"]
    points = float(draw(square).pipe(encoding="utf-8").partition('width="')[2].partition("pt")[0])
    assert abs(int(width or 0) - points / 72 * 96) < 2


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html"])
def test_a_bundle_has_what_was_asked_for(square: Value, kind: str) -> None:
    assert draw(square)._repr_mimebundle_(include={kind}).keys() == {"text/plain", kind}
    assert kind not in draw(square)._repr_mimebundle_(exclude={kind})


def test_a_bundle_without_a_picture_draws_none(square: Value, monkeypatch: Any) -> None:
    diagram = draw(square)
    monkeypatch.setattr(layout, "layout_engines", lambda: pytest.fail("no picture was asked for"))
    assert diagram._repr_mimebundle_(include={"text/plain"}).keys() == {"text/plain"}
    assert diagram._repr_mimebundle_(exclude={"image/svg+xml", "text/html"}).keys() == {"text/plain"}


def test_a_copy_can_be_added_to(square: Value) -> None:
    diagram = draw(square)
    twin = diagram.copy()
    twin.node("note", "square it", id="note")
    assert len(of_kind("node", parse(twin.pipe()))) == 3
    assert len(of_kind("node", parse(diagram.pipe()))) == 2
    assert (twin.text(), twin.alt) == (diagram.text(), diagram.alt)
