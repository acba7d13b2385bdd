"""`rantai lab` as a process that is started in a folder, and ended as Ctrl-C in a terminal ends it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread

SECONDS = 120.0


class RantaiLab:
    """A running `rantai lab`, with a free port.

    Attributes:
        address: with its token, as it was printed.
        said: all that was printed so far.
    """

    def __init__(self, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> None:
        self.said = ""
        self.process = subprocess.Popen(
            [*map(str, command)], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.reader = Thread(target=self.read, daemon=True)
        self.reader.start()
        limit = time.monotonic() + SECONDS
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/\S+", self.said)):
            if self.process.poll() is not None or time.monotonic() > limit:
                self.kill()
                raise RuntimeError(f"JupyterLab does not start: {self.said}")
            time.sleep(0.1)
        self.address, self.port = found[0], int(found[1])

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def get(self) -> int:
        """The status of its answer at the address."""
        with urllib.request.urlopen(self.address, timeout=30) as answer:
            return int(answer.status)

    def end(self) -> int:
        """Ctrl-C, which the terminal sends to all that run in it; the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        status = self.process.wait(30)
        self.close()
        return status

    def answers(self) -> bool:
        with socket.socket() as trial:
            return trial.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.close()

    def close(self) -> None:
        self.reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
