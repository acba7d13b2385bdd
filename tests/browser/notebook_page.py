"""What a notebook holds of steppers, without JupyterLab: widgets, and beside each its copy for when it is saved."""

from __future__ import annotations

import json

from engine import Stepper, Value, topological_order
from engine.stepper.page import module, start_state, style

__all__ = ["notebook"]

NOTEBOOK = """\
<!doctype html><meta charset="utf-8"><style>{style}</style>{outputs}
<script type="module">
const state = {state}, source = {module};
const mount = async (el, i) => {{
  const shared = {{ ...structuredClone(state), copy: el.dataset.copy }}, told = {{}};
  const model = {{
    get: (key) => shared[key],
    set(key, value) {{ shared[key] = value; (told[`change:${{key}}`] ?? []).forEach((call) => call()); }},
    on: (event, call) => (told[event] ??= []).push(call), off() {{}}, save_changes() {{}}, send() {{}},
  }};
  const url = URL.createObjectURL(new Blob([`${{source}}\\n// ${{i}}`], {{ type: "text/javascript" }}));
  (await import(url)).default.render({{ model, el }});
}};
await Promise.all([...document.querySelectorAll(".widget")].map(mount));
</script>
"""


def output(html: str) -> str:
    return f'<div class="jp-OutputArea-child"><div class="jp-OutputArea-output">{html}</div></div>'


def notebook(y: Value, count: int) -> str:
    """A page with so many steppers of a graph, each a module of its own with its copy for saved notebooks, as
    JupyterLab and anywidget put them there."""
    stepper = Stepper(y)
    identity = stepper.widget.model_id
    saved = stepper._saved()
    outputs = "".join(
        output(f'<div class="widget" data-copy="saved-{each}"></div>') + output(saved.replace(identity, each))
        for each in (f"{identity}-{i}" for i in range(count))
    )
    state = json.dumps({"payload": stepper.payload, **start_state()}).replace("<", "\\u003c")
    source = json.dumps(module(topological_order(y), stepper.payload)).replace("<", "\\u003c")
    return NOTEBOOK.format(style=style(), outputs=outputs, state=state, module=source)
