"""`rantai` installed from the wheel, in a folder with an `nn.py` and an `engine.py` of the user's own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.browser.jupyter import own_settings
from tests.commands.lab import RantaiLab
from tests.engine.helpers import ROOT

pytestmark = pytest.mark.slow

OUTSIDE = Path(sysconfig.get_path("purelib"))
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Made as anybody makes it; without hatchling here, pip fetches it."""
    folder = tmp_path_factory.mktemp("dist")
    isolation = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *isolation, "--wheel-dir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no wheel can be made: {done.stderr[-500:]}")
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def rantai(wheel, tmp_path_factory):
    """The command in an environment of its own. Of the packages of this one it sees all but rantai: what is installed
    from a clone is known by a .pth file, and such a file counts in an environment's own folder only."""
    place = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    python = place / SCRIPTS / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True)
    [packages] = place.rglob("site-packages")
    (packages / "outside.pth").write_text(f"{OUTSIDE}\n", encoding="utf-8")
    return place / SCRIPTS / "rantai"


@pytest.fixture
def folder(tmp_path):
    for name in ("nn.py", "engine.py", "jupyterlab.py", "random.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong module was run')\n")
    return tmp_path


@pytest.fixture
def environment(tmp_path_factory):
    """With settings of its own for JupyterLab, whose assets are where it is installed."""
    own = own_settings(tmp_path_factory.mktemp("settings"))
    share = Path(sys.prefix, "share", "jupyter")
    return {
        **{name: value for name, value in own.items() if not name.startswith("PYTHON")},
        "JUPYTERLAB_DIR": str(share / "lab"),
        "JUPYTER_PATH": str(share),
    }


def run(command, *arguments, cwd, env):
    return subprocess.run([command, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_the_wheel_has_the_course(wheel):
    with zipfile.ZipFile(wheel) as content:
        names = {name.removeprefix("nn/course/") for name in content.namelist() if name.startswith("nn/course/")}
        shipped = content.read("nn/course/01-the-chain-rule.ipynb")
    written = {path.relative_to(ROOT / "notebooks").as_posix() for path in (ROOT / "notebooks").rglob("*.*")}
    assert {name for name in written if ".ipynb_checkpoints" not in name} <= names
    assert shipped == (ROOT / "notebooks" / "01-the-chain-rule.ipynb").read_bytes()


def test_it_says_its_version(rantai, folder, environment):
    done = run(rantai, "--version", cwd=folder, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"rantai {version('rantai')}\n", "")


def test_it_steps_and_explains(rantai, folder, environment):
    numbers = ["w=.5", "x=2"]
    done = run(rantai, "step", "tanh(w*x)", *numbers, "--no-browser", "--out", "s.html", cwd=folder, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "written to s.html\n", "")
    assert (folder / "s.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    done = run(rantai, "explain", "tanh(w*x)", "w", *numbers, cwd=folder, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("dy/dw  = ∂y/∂v1 · ∂v1/∂w\n")
    done = run(rantai, "explain", "tanh(w*x", "w", *numbers, cwd=folder, env=environment)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 3)


def test_it_trains(rantai, folder, environment):
    done = run(rantai, "train", "penguins", "--epochs", "2", "--quiet", cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    assert (folder / "runs" / "penguins" / "model.json").exists()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal")
def test_it_opens_a_copy_of_the_course_and_ends_with_ctrl_c(rantai, folder, environment):
    pytest.importorskip("jupyterlab")
    lab = RantaiLab([rantai, "lab", "--no-browser"], folder, environment)
    try:
        assert lab.get() == 200
        assert "/lab/tree/01-" in lab.address
        status = lab.end()
    finally:
        lab.kill()
    assert status == 0 and not lab.answers()
    assert f"the course is in {folder.resolve() / 'rantai-course'}\n" in lab.said
    assert ("you are root here" in lab.said) == (os.geteuid() == 0)
    for word in ("Traceback", "y/[n]", "not recommended"):
        assert word not in lab.said
    source = ROOT / "notebooks" / "01-the-chain-rule.ipynb"
    assert (folder / "rantai-course" / source.name).read_bytes() == source.read_bytes()
