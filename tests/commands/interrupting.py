"""Ctrl-C at sampled moments of commands: `python -m tests.commands.interrupting --tries 100`, for each so many."""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.engine.helpers import ROOT

DOOR = "import rantai, sys; rantai.watch(); print('open', flush=True); sys.exit(rantai.main())"
"""Before that line Python itself is starting, which is not ours to interrupt in one line."""

ROWS = ["bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g", *(f"{40 + i % 9},{15 + i % 4},200,4000"
                                                                        for i in range(50))]  # fmt: skip
COMMANDS = {
    "train, eager": "train penguins --epochs 3 --hidden 4 --backend eager --out a --overwrite",
    "train, numpy": "train penguins --epochs 40 --backend numpy --out a --overwrite",
    "train, kernel": "train penguins --epochs 400 --backend kernel --out b --overwrite --quiet",
    "use": "use penguins --quick",
    "use, pictures": "use digits --quick",
    "choose": "use penguins --choose --overwrite",
    "sweep": "sweep penguins --lr 0.1,0.01 --hidden 4,8 --seeds 4 --epochs 20 --out swept --overwrite",
    "sweep, gone on with": "sweep penguins --lr 0.1,0.01 --hidden 4,8 --seeds 4 --epochs 20 --quiet --out going",
    "uses": "uses --backend kernel",
    "predict": "predict model/model.json rows.csv --out answers.csv",
    "ask": "ask penguins --run asked 40 18 200 4000",
    "prepare": "prepare",
}
READY = ["train penguins --epochs 1 --hidden --quiet --out model", "use penguins --quick --quiet --out asked"]
"""What makes the files that some of them read."""
LONGEST = 12.0
"""Seconds within which moments are sampled."""


class Place:
    """A folder in which commands run, with the files that they read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "rows.csv").write_text("\n".join(ROWS) + "\n", encoding="utf-8")
        for command in READY:
            done = self.start(command).communicate(timeout=120)
            assert (folder / command.split()[-1] / "model.json").exists(), done

    def start(self, command: str) -> subprocess.Popen[str]:
        """The command, as soon as its program has begun."""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "nn" / "commands" / "door")))}
        if command == "prepare":  # each time anew
            environment["XDG_CACHE_HOME"] = tempfile.mkdtemp(dir=self.folder)
        process = subprocess.Popen(
            [sys.executable, "-c", DOOR, *command.split()], cwd=self.folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", start_new_session=True,
            preexec_fn=unignored,
        )  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == "open\n"
        return process

    def seconds(self, command: str) -> float:
        """How long it takes where nobody interrupts it, at most `LONGEST`."""
        started, process = time.perf_counter(), self.start(command)
        try:
            process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return time.perf_counter() - started

    def interrupted(self, command: str, moment: float) -> list[str]:
        """What is wrong about how the command ends after Ctrl-C at that moment, in seconds from its beginning."""
        process = self.start(command)
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGINT)  # its own processes get it too, as from a terminal
        try:
            out, err = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            return [f"it goes on: {process.communicate()[1][-2000:]}"]
        found = [f"{text} in: {err}" for text in ("Traceback", "Exception ignored") if text in err]
        if process.returncode not in (0, 130):
            found.append(f"status {process.returncode}: {err}")
        lines = re.findall("^.*interrupted.*$", out + err, re.MULTILINE)
        if process.returncode == 130 and not any(line.startswith(("rantai", "interrupted")) for line in lines):
            found.append(f"no line about it: {out + err}")
        return found + [f"{path} is not whole" for path in self.folder.rglob("*.*") if not whole(path)]


def unignored() -> None:
    """What a shell starts in the background ignores Ctrl-C, and all that it starts would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def whole(path: Path) -> bool:
    """Whether all of a file is there, as far as its kind tells; a file that is being written never is."""
    if re.fullmatch(r"\.[0-9a-f]{32}\..*", path.name):
        return False
    match path.suffix:
        case ".json":
            return isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
        case ".jsonl":
            *lines, rest = path.read_text(encoding="utf-8").split("\n")
            return rest == "" and all(isinstance(json.loads(line), dict) for line in lines)
        case ".png":
            return path.read_bytes()[-8:-4] == b"IEND"
        case ".svg":
            return path.read_text(encoding="utf-8").rstrip().endswith("</svg>")
        case ".csv":
            return path.read_bytes().endswith(b"\n")
    return True


def moments(name: str, longest: float, tries: int, seed: int) -> list[float]:
    """One in each of as many equal parts of the time that a command takes."""
    rng = random.Random(f"{name} {seed}")
    return [(k + rng.random()) * longest / tries for k in range(tries)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=25, help="moments for each command")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--only", nargs="+", choices=list(COMMANDS), default=list(COMMANDS), help="these commands")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        for name in options.only:
            longest, bad = place.seconds(COMMANDS[name]), 0
            for moment in moments(name, longest, options.tries, options.seed):
                if found := place.interrupted(COMMANDS[name], moment):
                    bad += 1
                    print(f"{name}, after {moment:.3f} s:", *found, sep="\n  ")
            print(f"{name}: {bad} of {options.tries} tries wrong, within {longest:.1f} s", flush=True)
            wrong += bad
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
