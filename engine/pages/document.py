"""A page of HTML that is complete in itself: its policy lets it ask for nothing, neither files nor a network."""

from __future__ import annotations

import html

from engine.pages.packing import UNPACK, pack

__all__ = ["FIT", "document", "packed"]

PAGE = """\
<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body{attributes}>
{body}
</body>
</html>
"""
SCRIPT = """
<script type="text/plain" id="state">{state}</script>
<script type="module">
{script}</script>"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

FIT = """\
const frame = window.frameElement; // in a notebook the page stands in a frame, which is to be as high as the page is
const fit = () => { frame.style.height = `${document.documentElement.offsetHeight}px`; };
if (frame) new ResizeObserver(fit).observe(document.body);
"""
"""The end of a script whose page may stand in a frame."""


PACKED = """\
<!doctype html>
<meta charset="utf-8">
<p hidden>{old}</p>
<script type="text/plain" id="page">{page}</script>
<script type="module">
{packing}
if (!CAN_UNPACK) document.querySelector("p").hidden = false;
const write = async () => {{
  const page = await unpack(document.getElementById("page").textContent);
  document.open();
  document.write(page);
  document.close();
}};
const frame = window.frameElement, outside = frame?.ownerDocument.defaultView;
let begun = null;
const begin = (seen) => {{ if (seen.at(-1).isIntersecting) begun ??= setTimeout(write, {patience}); }};
const follow = (_, sizes) => {{
  if (!begun || outside.getComputedStyle(frame).display !== "none") return;
  sizes.disconnect();
  frame.srcdoc += "";
}};
if (frame) {{
  new outside.IntersectionObserver(begin).observe(frame);
  new outside.ResizeObserver(follow).observe(frame);
}} else await write();
</script>
"""
"""Writes the page when its frame has been seen for a moment, and lets go of it where the frame is hidden later: in a
notebook that is where the widget has come to life, and then its copy is to cost nothing. A browser runs the scripts of
a hidden frame, and `loading="lazy"` does not hold for `srcdoc`."""

PATIENCE = 500
"""Milliseconds in which a widget comes to life, most times."""


def document(lang: str, title: str, style: str, body: str, kind: str = "", state: str = "", script: str = "") -> str:
    """The page.

    Args:
        lang: its language, as HTML names it.
        title: as text.
        style: CSS.
        body: HTML.
        kind: the class of the body.
        state, script: packed text that the script finds in the element `state`, and a module of JavaScript; a page
            without one may run none.
    """
    policy = POLICY + "; script-src 'unsafe-inline'" * bool(script)
    attributes = f' class="{kind}"' if kind else ""
    content = body + (SCRIPT.format(state=state, script=script) if script else "")
    return PAGE.format(
        lang=lang, policy=policy, title=html.escape(title), style=style, attributes=attributes, body=content
    )


def packed(page: str, old: str) -> str:
    """A page that writes this page, for a frame in a notebook, where every character counts.

    Args:
        page: HTML.
        old: what a browser says that is too old to unpack it.
    """
    return PACKED.format(old=html.escape(old), page=pack(page), packing=UNPACK, patience=PATIENCE)
