"""The same bits on every Python that is here: sums from left to right, and eager training."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from engine import Value, gradient, logsumexp, total, weighted_sum
from engine.formulas.terms import formula
from engine.primitives import add_up
from nn import MLP, train
from nn.training.losses import mean_loss
from nn.training.optimizers import clip_norm
from nn.training.regularizers import elastic

def say(*numbers):
    print(*[float(x).hex() for x in numbers])

cancelling = [1e16, 1.0, -1e16, 3.0, 1e-9]
say(total(cancelling), weighted_sum([1.0] * 5, cancelling, 0.5), add_up(cancelling), logsumexp([0.1] * 10))
say(total([Value(x) for x in cancelling]).data, weighted_sum([Value(1.0)] * 5, cancelling, 0.5).data)
say(weighted_sum([1e16, 1.0, -1e16, Value(1.0)], [1.0] * 4, 0.0).data)
print(formula(total([*cancelling, Value(1.0, "x")])))
x = Value(0.7)
say(*gradient(total([x * c for c in cancelling]), x))
data = [([i / 7 - 1, (i * i) % 5 / 5], [(i % 3) / 3]) for i in range(12)]
for optimizer in ("sgd", "adam"):
    model = MLP(2, [4, 1], activation="tanh", seed=1)
    settings = dict(optimizer=optimizer, backend="eager", epochs=25, batch_size=3, seed=2, loss="mse")
    settings |= dict(regularizer=elastic(0.001, 0.01), clip=clip_norm(0.5), validation=data[:5])
    for epoch in train(model, data, **settings):  # 100 steps
        pass
    say(*[p.data for p in model.parameters()], epoch.loss, epoch.validation)
    say(mean_loss(model, data, lambda y, t: (y[0] - t[0]) ** 2))
"""


def interpreters() -> list[str]:
    """This Python first, and one of each other version that is found, as `.ci/run` looks for them."""
    places = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [sys.executable]
    for version in VERSIONS:
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        for candidate in [f"python{version}", *map(str, sorted(places.glob(f"{version}.*/bin/python")))]:
            if version != here and works(candidate, version):
                found.append(candidate)
                break
    return found


def works(python: str, version: str) -> bool:
    try:
        said = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    return said.startswith(f"Python {version}.")


def said_by(python: str) -> str:
    done = subprocess.run([python, "-c", PROGRAM, str(ROOT)], capture_output=True, text=True, cwd=ROOT)
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.mark.slow
def test_every_python_gives_the_same_bits():
    first, *others = interpreters()
    expected = said_by(first)
    assert expected.startswith("0x1.8000000225c18p+1 ")  # from left to right 1e16 + 1 is 1e16, and 3 + 1e-9 is left
    for python in others:
        assert said_by(python) == expected, python
