"""`Diagram`, a graph in the DOT language, and the layout engines, the programs that turn one into a picture.

The engine inside the package graphviz-pure comes first, since it needs no installation and draws the same on every
platform, then `dot` on the PATH. Where neither works a diagram is still a text.
"""

from __future__ import annotations

import base64
import html
import importlib.metadata
import os
import re
import shutil
import struct
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.pictures.order import in_order

try:
    import graphviz
except ModuleNotFoundError:
    raise ModuleNotFoundError("drawing needs the package graphviz: pip install graphviz", name="graphviz") from None

__all__ = ["FORMATS", "Diagram", "LayoutError", "lay_out", "layout_engines"]

FORMATS = {"svg": "image/svg+xml", "png": "image/png"}
HOW_TO = "for pictures, `pip install graphviz-pure`, or install Graphviz so that its `dot` is on the PATH"
DPI = {"png": 192}
LOOKALIKES = str.maketrans("✓✗", "√×")  # the font of the embedded engine, which is used for PNG only, lacks the former
ENGINES = {"nop": ["-Kneato", "-n1"]}  # for -Knop draws no frames
DARK = (
    ':is([data-jp-theme-light="false"], .vscode-dark, html.dark, body.dark) .rantai-picture '
    "{ filter: invert(0.92) hue-rotate(180deg) }"
)
"""A picture in a dark notebook (JupyterLab, VS Code, marimo): light and dark change places, the hues stay."""
SECONDS = 60.0
"""How long a layout engine may take: ordinary diagrams take less than one second."""


class LayoutError(RuntimeError):
    """There is no layout engine, or none that could draw this."""


def layout_engines() -> list[str]:
    """The layout engines of this machine, as paths of programs, the first choice first."""
    try:
        files = importlib.metadata.files("graphviz-pure") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    embedded = [Path(str(f.locate())) for f in files if f.stem == "graphviz-pure" and f.suffix in {"", ".exe"}]
    dot = shutil.which("dot")
    return [str(program) for program in embedded if program.is_file()] + ([dot] if dot else [])


def lay_out(source: str, format: str, engine: str = "dot") -> bytes:
    """A graph in the DOT language as a picture.

    Args:
        source: the graph.
        format: "svg", "png" or whatever else the layout engine writes.
        engine: the algorithm: "dot", "neato", ..., or "nop", for a graph that says where everything is: then only
            arrows are laid out.

    Raises:
        LayoutError: if no layout engine was found, or if each one that was found failed.
    """
    programs = layout_engines()
    if not programs:
        raise LayoutError(f"there is no layout engine on this machine: {HOW_TO}")
    failures = []
    options = [*ENGINES.get(engine, [f"-K{engine}"]), f"-T{format}", f"-Gdpi={DPI.get(format, 72)}"]
    for program in programs:
        try:
            return run([program, *options], source.encode())
        except (OSError, LayoutError) as error:
            failures.append(f"the layout engine {program} failed: {error}")
    raise LayoutError("; ".join(failures))


def run(command: list[str], source: bytes) -> bytes:
    """What the command writes when it reads the source."""
    no_window = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows only, where one would flash up
    try:
        done = subprocess.run(
            command, input=source, capture_output=True, timeout=SECONDS, check=False, creationflags=no_window
        )
    except subprocess.TimeoutExpired:
        raise LayoutError(f"it took more than {SECONDS:g} seconds") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise LayoutError(f"exit status {done.returncode}, {said or 'without a word'}")
    return done.stdout


class Diagram(graphviz.Digraph):  # type: ignore[misc]  # graphviz has no types
    """A `graphviz.Digraph` that finds its layout engine by itself, and that is still a text where there is none.

    It shows itself in Jupyter as a picture, elsewhere as a text tree. `save("graph.svg")` writes a file.
    """

    tree: str = ""
    alt: str = "a graph"
    """The picture in a few words, for those who do not see it."""
    folded: tuple[Any, ...] = ()
    """The groups that are drawn as one box each."""
    boxes: Mapping[str, list[int]] = MappingProxyType({})
    """The boxes by their ids in the picture, each with the nodes in it, as places in topological order. Of a
    network, none."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Frames and boxes that are to stand in that order where they share a column."""

    def text(self) -> str:
        """The graph as a tree of plain text, as it was when the diagram was made."""
        return self.tree

    __repr__ = text

    def copy(self) -> Diagram:
        """A copy that can be changed independently."""
        twin: Diagram = super().copy()
        twin.tree, twin.alt, twin.folded = self.tree, self.alt, self.folded
        twin.boxes, twin.rows = self.boxes, self.rows
        return twin

    def pipe(self, format: str | None = None, *, engine: str | None = None, encoding: str | None = None) -> Any:
        """The picture as bytes, or as a string if `encoding` is given.

        Args:
            format: "svg", "png", ...; by default the format that the diagram was made with.
            engine: the layout algorithm, "dot" unless given.
            encoding: of the string.

        Raises:
            LayoutError: if there is no layout engine, or if it fails.
        """
        format = format or self.format
        source = self.source.translate(LOOKALIKES) if format == "png" else self.source
        engine = engine or self.engine
        if self.rows and engine == "dot":
            places = in_order(lay_out(source, "json0"), self.rows, self.graph_attr.get("rankdir", "TB"))
            if places is not None:
                source, engine = f"{source.rstrip().removesuffix('}')}{places}\n}}\n", "nop"
        picture = lay_out(source, format, engine)
        return picture.decode(encoding) if encoding else picture

    def save(self, filename: str | os.PathLike[str], directory: str | os.PathLike[str] | None = None) -> Path:
        """Write a .svg, .png or .dot file, as the suffix of the filename says, and return its path.

        Raises:
            ValueError: for any other suffix.
            LayoutError: for a picture, if there is no layout engine, or if it fails. No file is written then.
        """
        path = Path(directory or "", filename)
        suffix = path.suffix.lower().removeprefix(".")
        if suffix not in {*FORMATS, "dot"}:
            raise ValueError(f"a diagram can be saved as .svg, .png or .dot, got {str(path)!r}")
        path.write_bytes(self.source.encode() if suffix == "dot" else self.pipe(suffix))
        return path

    def render(self, filename: str | os.PathLike[str] = "graph", directory: str | os.PathLike[str] | None = None,
               view: bool = False, *, format: str | None = None) -> str:  # fmt: skip
        """Write a file as `save` does, and return its path as a string.

        Args:
            filename: a filename without a suffix gets the one of the format.
            directory: where the file goes, the current directory unless given.
            view: open the file with the program that this machine opens such files with.
            format: "svg", "png" or "dot"; by default the format that the diagram was made with.
        """
        name = Path(filename)
        if format or not name.suffix:
            name = name.with_suffix(f".{format or self.format}")
        path = str(self.save(name, directory))
        if view:
            graphviz.view(path)
        return path

    def view(self, filename: str | os.PathLike[str] = "graph", directory: str | os.PathLike[str] | None = None) -> str:
        """Write a file as `save` does, open it, and return its path as a string."""
        return self.render(filename, directory, view=True)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        mime = FORMATS.get(self.format, FORMATS["svg"])
        bundle: dict[str, Any] = {"text/plain": self.text()}
        wanted = {
            kind for kind in (mime, "text/html") if (include is None or kind in include) and kind not in (exclude or ())
        }
        if wanted:
            try:
                picture = self.pipe("png" if mime == FORMATS["png"] else "svg")
            except LayoutError as error:
                bundle["text/plain"] += f"\n({error})"
            else:
                shown = {
                    mime: picture.decode() if mime == FORMATS["svg"] else picture,
                    "text/html": embedded(picture, mime, self.alt),
                }
                bundle |= {kind: shown[kind] for kind in shown if kind in wanted}
        return bundle


def embedded(picture: bytes, mime: str, alt: str) -> str:
    """A picture as HTML: never wider than its cell, dark where the notebook is, and shown by a notebook that is not
    trusted, as an SVG is not."""
    if mime == FORMATS["svg"]:
        picture = lean(picture)
    screen = f' width="{struct.unpack(">I", picture[16:20])[0] * 96 // DPI["png"]}"' if mime == FORMATS["png"] else ""
    source = f"data:{mime};base64,{base64.b64encode(picture).decode()}"
    look = 'class="rantai-picture" style="max-width:100%;height:auto"'
    return f'<style>{DARK}</style><img alt="{html.escape(alt)}"{screen} {look} src="{source}">'


SILENT = re.compile(rb'<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<title>.*?</title>|</?a\b[^>]*>| class="[^"]*"', re.DOTALL)
"""What nobody sees or hears in a picture that is an `<img>`: nothing in it answers a pointer."""
ALIKE = b"xml:space", b"text-anchor", b"font-family", b"font-size"
"""Attributes that most texts of a picture have alike."""


def lean(svg: bytes) -> bytes:
    """The same picture in little more than half the bytes, for an `<img>`: comments, titles, links and ids are left
    out, and what most texts have alike is said once."""
    svg = re.sub(rb">\s+<", b"><", SILENT.sub(b"", svg)).strip()
    if b"url(#" not in svg:
        svg = re.sub(rb' id="[^"]*"', b"", svg)
    for name in ALIKE:
        said = re.findall(rb' %b="[^"]*"' % name, svg)
        if said and len(said) == svg.count(b"<text"):
            ((most, _),) = Counter(said).most_common(1)
            svg = svg.replace(most, b"").replace(b"<svg", b"<svg" + most, 1)
    return svg
