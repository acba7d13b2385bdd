"""Pictures of training, as matplotlib's own objects."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

import pytest

from nn import Epoch, History
from nn.plots import plot_history
from tests.nn.helpers import python

pytestmark = pytest.mark.slow  # matplotlib draws

LOSSES = History(Epoch(i, 1.0 / i, 0.0, 2.0 / i, 0.1, 1.0, 0.01) for i in range(1, 8))


def curves(figure):
    (axes,) = figure.axes
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.get_lines()}


def test_a_loss_curve_has_a_point_for_each_epoch():
    figure = LOSSES.plot()
    assert curves(figure) == {
        "training": (list(range(1, 8)), LOSSES.column("loss")),
        "validation": (list(range(1, 8)), LOSSES.column("validation")),
    }
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("epoch", "mean loss", "log")
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"training", "validation"}
    styles = [(line.get_color(), line.get_linestyle()) for line in axes.get_lines()]
    # told apart without colour too
    assert len({color for color, _ in styles}) == len({style for _, style in styles}) == 2


def test_without_validation_there_is_one_curve():
    assert set(curves(History(Epoch(i, 1.0, 0.0, None, 0.1, 1.0, 0.01) for i in (1, 2)).plot())) == {"training"}


@pytest.mark.parametrize("losses", [[1.0, 0.0], [1.0, -2.0], [0.0], []])
def test_a_loss_that_is_not_above_0_needs_a_linear_scale(losses, tmp_path):
    history = History(Epoch(i + 1, loss, 0.0, None, 0.1, 1.0, 0.01) for i, loss in enumerate(losses))
    figure = history.plot(tmp_path / "loss.png")
    assert figure.axes[0].get_yscale() == "linear"
    assert curves(figure)["training"][1] == losses


def test_a_validation_loss_of_0_needs_a_linear_scale_too():
    history = History([Epoch(1, 1.0, 0.0, 0.5, 0.1, 1.0, 0.01), Epoch(2, 0.5, 0.0, 0.0, 0.1, 1.0, 0.01)])
    assert history.plot().axes[0].get_yscale() == "linear"


def test_one_epoch_can_be_seen():
    (line,) = History([Epoch(1, 1.0, 0.0, None, 0.1, 1.0, 0.01)]).plot().axes[0].get_lines()
    assert line.get_marker() not in ("None", "", None)


@pytest.mark.parametrize("name", ["picture.png", "picture.svg", "picture.pdf"])
def test_files_of_each_kind(name, tmp_path):
    LOSSES.plot(str(tmp_path / name))
    content = (tmp_path / name).read_bytes()
    if name.endswith("svg"):
        assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
    else:
        assert content.startswith({"png": b"\x89PNG\r\n", "pdf": b"%PDF"}[name[-3:]])


def test_an_unknown_kind_of_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Format 'jpgg' is not supported"):
        plot_history(LOSSES, tmp_path / "loss.jpgg")


def test_no_window_system_and_no_global_state_is_touched(tmp_path):
    code = f"""
import sys
from nn import Epoch, History
History([Epoch(1, 1.0, 0.0, None, 0.1, 1.0, 0.01)]).plot({str(tmp_path / "loss.png")!r})
print("matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules)
"""
    done = python(code, MPLBACKEND="tkagg")
    assert (done.stdout, done.stderr) == ("True False\n", "")


def test_without_matplotlib_one_line_says_what_to_install():
    code = """
import sys
sys.modules["matplotlib"] = sys.modules["matplotlib.figure"] = None
from nn import History
try:
    History().plot()
except ImportError as error:
    print(error)
"""
    done = python(code)
    assert (done.stdout, done.stderr) == ("plots need matplotlib: pip install matplotlib\n", "")


def test_networks_are_imported_without_matplotlib_and_tqdm():
    done = python("import sys, nn; print({'matplotlib', 'tqdm', 'numpy', 'graphviz'} & set(sys.modules))")
    assert (done.stdout, done.stderr) == ("set()\n", ""), sys.version
