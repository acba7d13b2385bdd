"""A page of HTML that is complete in itself: its policy lets it ask for nothing, neither files nor a network."""

from __future__ import annotations

import html

__all__ = ["FIT", "document"]

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
