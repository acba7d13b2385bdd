"""Ctrl-C, at sampled moments and where Python cannot raise it, ends a command in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from nn.data import load
from nn.scoring import scores
from nn.uses import USES, choose, run_use
from nn.uses.kit import settings
from tests.commands.interrupting import COMMANDS, Place, moments
from tests.engine.helpers import ROOT
from tests.nn.experiments.runs import AtOnce

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGINT is sent to another process as POSIX does")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("interrupted"))


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_ends_in_one_line_with_whole_files(name, place):
    """A sample; `python -m tests.commands.interrupting` takes more."""
    command = COMMANDS[name]
    found = {
        moment: place.interrupted(command, moment) for moment in moments(name, place.seconds(command), tries=3, seed=0)
    }
    assert not any(found.values()), found


PRESSING = """
import atexit, os, signal, sys

def press():
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        pass

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            press()

if {module!r}:
    sys.meta_path.insert(0, Finder())
else:
    atexit.register(press)
"""


@pytest.mark.parametrize(
    ("program", "module", "status"),
    [
        ("engine", "engine.advice", 130),
        ("engine", "engine.commands", 130),
        ("engine", "", 0),
        ("nn", "engine.compiler", 130),
        ("nn", "nn.training.train", 130),
        ("nn", "nn.commands", 130),
        ("nn", "", 0),
    ],
)
def test_ctrl_c_while_a_program_is_loaded_or_put_away(program, module, status, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(PRESSING.format(module=module), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (tmp_path, ROOT)))}
    done = subprocess.run([sys.executable, "-m", program, "--version"], env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (status, "\ninterrupted\n" if status else "")


PROGRAM = """
import os, signal, sys
from engine.commands import Command, run

def press():
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        pass

class Dying:
    def __del__(self):
        press()

def destructor():
    Dying()

def another_error():
    try:
        press()
    except KeyboardInterrupt:
        raise {error} from None

def twice():
    try:
        press()
    except KeyboardInterrupt:
        press()

def plain():
    press()

def fill(parser, program):
    parser.set_defaults(run=lambda options: {place}())

status = run("program", "", {{"command": Command("", fill)}}, ["command"])
sys.exit(status if signal.getsignal(signal.SIGINT) is signal.default_int_handler else "the handler is still there")
"""


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("plain", ""),
        ("destructor", ""),
        ("twice", ""),
        ("another_error", "ImportError('failed to import')"),
        ("another_error", "SystemError('returned a result with an exception set')"),
    ],
)
def test_what_python_cannot_raise_ends_it_too(place, error):
    program = PROGRAM.format(place=place, error=error or "ValueError()")
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nprogram command: interrupted\n")


@pytest.fixture
def pressed(monkeypatch):
    """Ctrl-C is pressed in the third epoch of every training."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def schedule(epochs):
        return lambda epoch: os.kill(os.getpid(), signal.SIGINT) or 1.0 if epoch == 2 else 1.0

    for module in (scores, settings):
        monkeypatch.setattr(module, "cosine", schedule)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_linear_model_is_none(pressed):
    with pytest.raises(KeyboardInterrupt):
        scores.linear_model(load("penguins").standardised(), backend="eager")


def test_an_interrupted_candidate_is_no_choice(pressed, tmp_path):
    file = tmp_path / "sweep.jsonl"
    with pytest.raises(KeyboardInterrupt):
        choose(USES["penguins"], backend="eager", executor=AtOnce(), file=file, progress=False)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1  # no figure of the first


def test_an_interrupted_seed_is_marked(pressed, tmp_path, capsys):
    card = run_use(USES["penguins"], tmp_path, backend="eager", progress=False)
    assert card.interrupted and card.note == "seed 0 was interrupted after 2 of 60 epochs"
    assert "goal" not in str(card)
    assert "seed 0, interrupted: accuracy" in capsys.readouterr().out
