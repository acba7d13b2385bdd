"""`lab`: the course in JupyterLab."""

from __future__ import annotations

import os
import signal
import socket
from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from engine.commands import has_browser
from nn.commands.course import FOLDER, course, first_of

__all__ = ["fill_lab"]

SETTINGS = Path(__file__).with_name("lab_settings")
"""Defaults for this server alone: nobody is asked whether to fetch the news of JupyterLab."""


def fill_lab(parser: ArgumentParser, program: str) -> None:
    parser.description = (
        "Open the course in JupyterLab, at its first notebook. In a clone of the project it is the folder notebooks/. "
        f"Elsewhere the notebooks are copied to {FOLDER}/ first; one that you have changed there is never written "
        "over. Ctrl-C ends it."
    )
    parser.add_argument("--folder", metavar="FOLDER", type=Path, help="copy the notebooks there and work in that copy")
    parser.add_argument("--port", metavar="N", type=int, help="8888 or the next free one unless given")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    parser.set_defaults(run=run_lab)


def run_lab(options: Namespace) -> None:
    """Serve until Ctrl-C."""
    port = port_of(options.port)
    if not find_spec("jupyterlab"):
        raise ModuleNotFoundError("the course needs the package jupyterlab: pip install 'rantai[lab]'")
    folder, kept = course(options.folder)
    print(f"the course is in {folder.resolve()}")
    if kept:
        print(f"left as they are, since you have changed them: {', '.join(kept)}")
    settings = [
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{quote(first_of(folder))}",
        "--Application.log_level=WARN",
        "--LabApp.log_level=WARN",
        f"--LabApp.app_settings_dir={SETTINGS}",
        *port,
    ]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        print("you are root here, so JupyterLab is started with --allow-root")
        settings.append("--allow-root")
    if options.no_browser or not has_browser():
        settings.append("--no-browser")
    print("JupyterLab starts, and says its address; Ctrl-C ends it", flush=True)
    from jupyterlab.labapp import LabApp  # takes seconds

    server = LabApp.initialize_server(argv=settings)
    if not server.identity_provider.token_generated:  # the user's own token or password: JupyterLab says no address
        print(server.display_url, flush=True)

    def end(*_: Any) -> None:
        """Without the question that JupyterLab asks, and once, however often Ctrl-C is pressed or passed on."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        server.stop(from_signal=True)

    signal.signal(signal.SIGINT, end)
    server.start()


def port_of(port: int | None) -> list[str]:
    """The settings for a port that was asked for. ValueError if it is none, or taken."""
    if port is None:
        return []  # JupyterLab takes 8888, or the next that is free
    if not 1 <= port <= 65535:
        raise ValueError(f"a port is a number from 1 to 65535, got {port}")
    with socket.socket() as trial:
        if os.name == "posix":  # as servers do: a port that was just left is free
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            raise ValueError(
                f"port {port} cannot be used: {error.strerror}; without --port a free one is taken"
            ) from None
    return [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
