"""The student's code in the payload: the lines that made the graph, and each node's piece of them."""

import json

from engine import Value, source_of, topological_order, trace_source
from engine.stepper import payload
from tests.engine.written_programs import program, run

FAR = "p = Value(1.0)\nq = p * 2.0\n" + "# nothing\n" * 20 + 'L = (q +\n  1.0).tanh()  # 𝛼 "</script>"\nK = 1\n'


def piece(code, node):
    """The text of a node's place, cut out of the blocks."""
    block, line, column, end, end_column = code["places"][node]
    first = code["blocks"][block]["first"]
    lines = code["blocks"][block]["lines"][line - first : end - first + 1]
    lines[-1] = lines[-1][:end_column]
    return "\n".join([lines[0][column:], *lines[1:]])


def test_the_place_of_each_node_is_its_piece_of_code():
    for seed in range(3):
        with trace_source():
            y = run(program(seed), f"<program {seed}>")["L"]
        sent = json.loads(json.dumps(payload(y)))["code"]
        nodes = topological_order(y)
        assert [piece(sent, i) for i in range(len(nodes))] == [source_of(node).text for node in nodes]
        assert sorted(sent["order"]) == list(range(len(nodes)))


def test_lines_far_apart_are_two_blocks():
    with trace_source():
        y = run(FAR, "folder/lesson.py", Value=Value)["L"]
    blocks = payload(y)["code"]["blocks"]
    assert [(each["file"], each["first"], len(each["lines"])) for each in blocks] == [
        ("lesson.py", 1, 3),
        ("lesson.py", 22, 4),
    ]
    assert blocks[1]["lines"][2].endswith('# 𝛼 "</script>"')


def test_nodes_come_in_the_order_in_which_they_were_made():
    with trace_source():
        names = run("v = [Value(1.0) * k for k in (1, 2, 3)]\nL = v[2] + v[0] * v[1]\n", "<order>", Value=Value)
    y = names["L"]
    nodes, code = topological_order(y), payload(y)["code"]
    made = [nodes[i].data for i in code["order"] if nodes[i] in names["v"]]
    assert made == [1.0, 2.0, 3.0]


def test_what_was_not_traced_has_no_place():
    a = Value(2.0, "a")
    assert payload(a * 3.0)["code"] == {}
    b = a * 3.0
    with trace_source():
        y = run("L = b.tanh()\n", "<part>", b=b)["L"]
    assert payload(y)["code"]["places"] == [None, None, [0, 1, 4, 1, 12]]
    with trace_source():
        names = {"a": a}
        exec("L = a * 2.0", names)  # no text is at hand
    assert payload(names["L"])["code"] == {}
