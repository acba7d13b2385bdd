"""A JupyterLab of its own: its own settings, an empty folder, no request to the outside."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

SECONDS = 120.0
QUIET = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


def own_settings(folder: Path) -> dict[str, str]:
    """An environment in which JupyterLab keeps all that it knows in that folder, and asks and saves nothing by
    itself."""
    settings = folder / "config" / "labconfig"
    settings.mkdir(parents=True)
    (settings / "default_setting_overrides.json").write_text(json.dumps(QUIET), encoding="utf-8")
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    return {**os.environ, **{name: str(folder / place) for name, place in names.items()}}


class Lab:
    """A running JupyterLab; `stop()` ends it and the kernels it started."""

    def __init__(self, folder: Path) -> None:
        self.notebooks, self.token = folder / "notebooks", secrets.token_hex(8)
        self.notebooks.mkdir(parents=True)
        environment = {**own_settings(folder), "PYTHONPATH": str(Path(__file__).parents[2])}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={self.port}",
        ]
        command += [
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            f"--notebook-dir={self.notebooks}",
        ]
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        self.wait()

    def wait(self) -> None:
        limit = time.monotonic() + SECONDS
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api", timeout=5).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > limit:
                    raise RuntimeError(
                        f"JupyterLab does not start: {Path(self.log.name).read_text()[-2000:]}"
                    ) from None
                time.sleep(0.3)

    def write(self, name: str, cells: list[str]) -> Path:
        import nbformat  # takes seconds, and who picks other tests imports this file too

        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        }
        path = self.notebooks / name
        nbformat.write(notebook, path)
        return path

    def open(self, tab: Any, name: str) -> None:
        """Open a notebook in a fresh workspace."""
        workspace = secrets.token_hex(4)
        tab.goto(
            f"http://127.0.0.1:{self.port}/lab/workspaces/{workspace}/tree/{name}?token={self.token}&reset",
            timeout=SECONDS * 1000,
        )
        tab.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=SECONDS * 1000)

    def end_kernels(self) -> None:
        """Shut down every kernel that runs, as when the machine was turned off."""
        with self.ask("sessions") as answer:
            sessions = json.load(answer)
        for session in sessions:
            self.ask(f"sessions/{session['id']}", "DELETE").close()

    def ask(self, what: str, method: str = "GET") -> Any:
        headers = {"Authorization": f"token {self.token}"}
        return urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{self.port}/api/{what}", headers=headers, method=method),
            timeout=30,
        )

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def save(tab: Any, file: Path) -> None:
    """Save the notebook, and wait until its outputs are in the file."""
    tab.locator(".jp-Notebook .cm-content").first.click()
    tab.keyboard.press("Control+s")
    limit = time.monotonic() + SECONDS
    while '"output_type"' not in file.read_text(encoding="utf-8"):
        assert time.monotonic() < limit, "the notebook was not saved"
        tab.wait_for_timeout(200)


def ready(tab: Any) -> None:
    """Wait for the kernel: cells that are run any earlier run without one."""
    tab.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=SECONDS * 1000)


def run_cell(tab: Any, place: int) -> str:
    """Run one cell and give what it printed."""
    cell = tab.locator(".jp-Notebook .jp-CodeCell").nth(place)
    before = cell.locator(".jp-InputArea-prompt").inner_text()
    cell.locator(".cm-content").click()
    tab.keyboard.press("Control+Enter")
    prompt = cell.locator(".jp-InputArea-prompt")
    tab.wait_for_function(
        "([prompt, before]) => prompt.textContent !== before && /\\d/.test(prompt.textContent)",
        arg=[prompt.element_handle(), before],
        timeout=SECONDS * 1000,
    )
    printed: str = cell.locator(".jp-OutputArea-output pre").last.inner_text(timeout=SECONDS * 1000)
    return printed.strip()
