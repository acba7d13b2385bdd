"""`trace_source()`: every node knows the piece of code that made it."""

import copy
import pickle
import sys
import textwrap
import threading

import pytest

from engine import (
    Stepper,
    Value,
    compile,
    draw,
    gradient,
    group,
    log,
    no_grad,
    source_of,
    topological_order,
    trace_source,
)
from nn import MLP
from tests.engine.helpers import python
from tests.engine.svg import parts
from tests.engine.written_programs import HEAD, judged, program, run


def pieces(text: str, name: str = "L") -> list[tuple[int, str]]:
    """Line and text of what made each operation of the graph of a program's L."""
    with trace_source():
        made = run(textwrap.dedent(text), "<lesson>", Value=Value, MLP=MLP)[name]
    return [(source_of(x).line, source_of(x).text) for x in topological_order(made) if x.rule]


def test_the_piece_of_code_evaluated_again_is_the_node():
    for seed in range(8):
        judge = judged(program(seed), f"<program {seed}>")
        assert judge.wrong == []
        assert len(judge.nodes) > 40


@pytest.mark.slow
def test_the_pieces_of_a_hundred_random_programs():
    wrong = {seed: judged(program(seed), f"<program {seed}>").wrong for seed in range(8, 80)}
    assert {seed: each for seed, each in wrong.items() if each} == {}


@pytest.mark.slow
def test_cells_of_a_notebook_have_lines_too(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    from tests.notebooks.running import METADATA
    from tests.notebooks.running import run as run_notebook

    start = "from engine import trace_source\nfrom engine.tracing.watch import watching\n"
    start += "from tests.engine.written_programs import Judge\njudge = Judge()"
    body = "with trace_source(), watching(judge):\n"
    cells = [start, *[body + textwrap.indent(program(seed), "    ") for seed in range(80, 100)]]
    cells += ["%time\n" + body + "    magic = Value(2.0) * 3.0", "print(len(judge.nodes) > 800, judge.wrong)"]
    cells += ["from engine import Stepper\nprint([x['file'] for x in Stepper(magic).payload['code']['blocks']])"]
    notebook = nbformat.v4.new_notebook(metadata=METADATA, cells=list(map(nbformat.v4.new_code_cell, cells)))
    done = run_notebook(notebook, tmp_path)
    assert [cell.outputs[0].text for cell in done.cells[-2:]] == ["True []\n", "['In[22]']\n"]


def test_a_place_in_every_kind_of_code():
    text = """
    x = Value(0.5, "x")
    s = sum(x * k for k in (2, 3))
    s -= (x +
          1.0).tanh()
    for t in map(Value.exp, [s]):
        pass
    "é"; L = -t * 2.0
    """
    assert pieces(text) == [
        (3, "x * k"),
        (3, "x * k"),
        (3, "sum(x * k for k in (2, 3))"),
        (4, "x +\n      1.0"),
        (4, "(x +\n      1.0).tanh()"),
        (4, "s -= (x +\n      1.0).tanh()"),
        (6, "map(Value.exp, [s])"),
        (8, "-t"),
        (8, "-t * 2.0"),
    ]


def test_columns_are_characters():
    with trace_source():
        names = run('é = Value(2.0); y = "∂é"; L = é * 3.0\n', "<columns>", Value=Value)
    source = source_of(names["L"])
    assert (source.line, source.column, source.end_line, source.end_column) == (1, 30, 1, 37)
    assert (source.text, source.file) == ("é * 3.0", "<columns>")
    assert source_of(names["é"]).text == "Value(2.0)"


def test_what_a_network_makes_is_made_where_it_is_called():
    text = """
    model = MLP(2, [3, 1], seed=0)
    L = model([1.0, 2.0]) ** 2
    """
    assert set(pieces(text)) == {(3, "model([1.0, 2.0])"), (3, "model([1.0, 2.0]) ** 2")}


def test_equal_code_in_two_files_is_told_apart():
    for file in ("<first>", "<second>"):
        with trace_source():
            node = run("L = Value(1.0) + 1.0  # " + file, file, Value=Value)["L"]
        assert source_of(node).file == file
        assert str(source_of(node)) == f"line 1: L = Value(1.0) + 1.0  # {file}"


def test_where_the_text_is_not_at_hand_the_line_is():
    names = {"Value": Value, "p": Value(-1.0, "p")}
    with trace_source():
        exec("\n\nL = Value(1.0) + 1.0", names)
        with pytest.raises(ValueError) as error:
            exec("import engine\nengine.log(p)", names)
    assert str(source_of(names["L"])) == "line 3"
    assert str(error.value) == "ln(-1.0) is not defined; its input is node 'p'; in line 2"


def test_only_in_the_block_and_of_its_thread():
    x, found = Value(2.0), []
    with trace_source():
        with trace_source():
            inside = x * 2
        thread = threading.Thread(target=lambda: found.append(source_of(x * 4)))
        thread.start()
        thread.join()
        still = x * 3
        with no_grad():
            frozen = x * 5
    assert [source_of(node) and source_of(node).text for node in (inside, still, frozen)] == ["x * 2", "x * 3", "x * 5"]
    assert found == [None]
    assert source_of(x * 2) is source_of(x) is source_of(Value(1.0)) is None


def test_nothing_is_left_behind():
    def ways():
        return [Value.__init__, Value.__mul__.__globals__["record"], vars(sys.modules[Value.__module__])["record"]]

    plain = ways()
    with pytest.raises(ZeroDivisionError), trace_source():
        assert not set(plain) & set(ways())
        1 / 0  # noqa: B018
    assert ways() == plain


class Weight(Value):
    """With a slot and a start of its own."""

    __slots__ = ("unit",)

    def __init__(self, data: float, unit: str) -> None:
        super().__init__(data, f"w [{unit}]")
        self.unit = unit


def test_groups_copies_pickles_and_subclasses():
    with trace_source(), group("layer") as layer:
        w = Weight(2.0, "kg")
        y = w * 3.0
    assert (y.group, w.group, w.unit) == (layer, None, "kg")
    assert source_of(w).text == 'super().__init__(data, f"w [{unit}]")'
    for twin in (copy.copy(y), copy.deepcopy(y)):
        assert (source_of(twin).text, twin.group) == ("w * 3.0", layer)
    back = pickle.loads(pickle.dumps(y))
    assert (source_of(back), back.group.path, back.data) == (None, ("layer",), 6.0)


def test_a_derivative_is_made_where_it_is_asked_for():
    with trace_source():
        x = Value(2.0, "x")
        (slope,) = gradient(x**3, x, as_values=True)
    assert source_of(slope).text == "gradient(x**3, x, as_values=True)"


def test_an_error_names_the_line():
    text = 'p = Value(1.0, "p")\nq = p - 2.0\ny = log(q)\n'
    with pytest.raises(ValueError) as error, trace_source():
        run(text, "<log>", Value=Value, log=log)
    assert str(error.value) == (
        "ln(-1.0) is not defined; its input is a node without a name; in line 3: y = log(q); "
        "the node without a name was made in line 2: q = p - 2.0"
    )
    with pytest.raises(ValueError) as error:
        run(text, "<log>", Value=Value, log=log)
    assert str(error.value) == "ln(-1.0) is not defined; its input is a node without a name"


def test_what_is_compiled_runs_in_the_block():
    w = Value(2.0, "w")
    with trace_source():
        line = compile(lambda sample: (w * sample[0] - sample[1]) ** 2, [w], backend="numpy")
        result = line.run([(1.0, 1.0), (2.0, 3.0)])
    assert result.gradient.tolist() == [3.0]


def test_a_program_need_not_be_run_again_to_be_traced_in_a_stepper():
    with trace_source():
        names = run(HEAD + "L = twice(a) * b\n", "<stepper>")
    assert Stepper(names["L"]).last > 0


def test_a_drawing_says_the_line_in_a_tooltip():
    with trace_source():
        y = run('x = Value(2.0, "x")\nL = x * 3.0  # "<&"\n', "<drawn>", Value=Value)["L"]
    assert parts(draw(y))["v1"].tooltip.split("\n")[-1] == 'line 2: L = x * 3.0 # "<&"'


def test_without_the_package_there_is_one_clear_line():
    code = "import sys; sys.modules['executing'] = None\nfrom engine import trace_source\nwith trace_source(): pass"
    done = python(code, check=False)
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: trace_source needs the package executing: pip install 'rantai[source]'"
    )


def test_wrong_calls():
    with pytest.raises(TypeError, match=r"source_of takes a Value, got float 2\.0"):
        source_of(2.0)
    with pytest.raises(TypeError, match=r"write `with trace_source\(\):`"), trace_source:
        pass
