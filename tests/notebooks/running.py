"""Run a notebook as a student would who has never run it before: a new kernel, an empty folder, no settings of this
machine."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:  # nbformat takes seconds, and who picks other tests imports this file too
    from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
"""The lessons, by their numbers; the index beside them has no code."""
SECONDS = 120
"""How long one cell may take: the slowest takes a second or two."""

VIEW = "application/vnd.jupyter.widget-view+json"

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""All that a notebook says of the kernel that it wants: no version, so that running it elsewhere changes nothing."""


def read(path: Path) -> NotebookNode:
    import nbformat

    return nbformat.read(path, as_version=4)


def run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """A copy of the notebook with the outputs of a run in `folder`, and nothing else that the run would leave in it.

    Raises:
        nbclient.exceptions.CellExecutionError: for the first cell that fails.
    """
    # its first import on a machine builds a cache, and in a notebook it would say so
    import matplotlib.font_manager  # noqa: F401
    import nbformat
    from nbclient import NotebookClient

    executed = nbformat.NotebookNode(nbformat.from_dict(notebook))
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    place = folder / "empty"
    place.mkdir()
    with mock.patch.dict(os.environ, settings(folder)):
        os.environ.pop("MPLBACKEND", None)  # a notebook shows its plots, whatever this machine prefers
        client = NotebookClient(
            executed,
            timeout=SECONDS,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # a busy machine sends what one print says in pieces
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": place}},
        )
        # ZeroMQ warns of the loop that Windows prefers
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(client.async_execute())
    if left := sorted(place.iterdir()):
        raise AssertionError(f"the notebook left files behind: {left}")
    executed.metadata = nbformat.from_dict(METADATA)
    return with_steady_widgets(executed)


def with_steady_widgets(notebook: NotebookNode) -> NotebookNode:
    """The notebook with its widgets numbered: their ids are random, and without a kernel only tie a view to what
    stands in its place."""
    import nbformat

    views = [
        output.data[VIEW].model_id
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if VIEW in output.get("data", {})
    ]
    content = nbformat.writes(notebook)
    for number, identity in enumerate(dict.fromkeys(views), 1):
        content = content.replace(identity, f"{number:032x}")
    return nbformat.reads(content, as_version=4)


def settings(folder: Path) -> dict[str, str]:
    """Environment variables: the packages of this repository, and Jupyter's own files in that folder."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {
        name: str(folder / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    return {**own, "PYTHONPATH": os.pathsep.join(paths)}
