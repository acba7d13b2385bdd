"""The shape of the source: the order of packages, what each may import, how long a file is, what is documented."""

import ast
import functools
import inspect
import random
import re
import sys
import types
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import engine
import engine.commands
import nn
from tests.engine.helpers import ROOT, loaded_by, python

# Packages and files at the door in one order: each imports only from those before it. Whatever runs a package is above
# all of them.
ORDER = {
    "engine": "advice primitives scope rule graph rules value formulas tracing readers pictures pages compiler stepper "
    "museum worksheet door commands __main__",
    "nn": "checks user_files json_files plots data layers store training scoring experiments estimators playground "
    "uses commands __main__",
}
CORE = ["advice", "primitives", "scope", "rule", "graph", "rules", "value"]

# What each package imports beyond the standard library, always inside a function or in a file that is imported where it
# is used.
WIDGET = {"anywidget", "traitlets", "IPython"}
OUTSIDE = {
    "engine.compiler": {"llvmlite", "numba", "numpy"},
    "engine.pictures": {"graphviz"},
    "engine.stepper": WIDGET,
    "engine.tracing": {"executing"},
    "nn.commands": {"distributed", "jupyterlab"},
    "nn.data": {"PIL"},
    "nn.estimators": {"numpy", "sklearn"},
    "nn.experiments": {"cloudpickle", "matplotlib", "optuna", "pandas"},
    "nn.playground": WIDGET,
    "nn.plots": {"matplotlib"},
    "nn.training": {"numpy", "tqdm"},
}

SOURCES = {package: sorted((ROOT / package).rglob("*.py")) for package in ("engine", "nn")}
FILES = [pytest.param(path, id=str(path.relative_to(ROOT))) for paths in SOURCES.values() for path in paths]


def module_name(path: Path) -> str:
    """The module of a file, without its package: `value`, `data.table`; the package itself is ''."""
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
    return ".".join(part for part in parts if part != "__init__")


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """The full names of all that a file imports, in functions and for type checkers too: `math`,
    `engine.value.Value`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}, line {node.lineno}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_packages_stand_in_one_order_and_no_files_in_a_circle():
    modules = {f"{package}.{module_name(path)}".rstrip("."): path for package in SOURCES for path in SOURCES[package]}
    places = {
        f"{package}.{room}": place for package, rooms in ORDER.items() for place, room in enumerate(rooms.split())
    }
    graph = {}
    for module, path in modules.items():
        graph[module] = {
            name if name in modules else name.rpartition(".")[0] for name in imports(path)
        } & modules.keys()
        here = place_of(module, places)
        used = {name: place_of(name, places) for name in graph[module] if name[:2] == module[:2]}
        assert not [name for name, place in used.items() if place > here], f"what {module} imports is above it"
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def place_of(module: str, places: dict[str, int]) -> int:
    """Where the room of a module stands in the order; the face of a package is above all."""
    return places[".".join(module.split(".")[:2])] if "." in module else len(places)


@pytest.mark.parametrize("path", FILES)
def test_the_standard_library_and_little_else(path):
    package, module = path.relative_to(ROOT).parts[0], module_name(path)
    outside = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {"engine", "nn"}
    assert outside <= OUTSIDE.get(f"{package}.{module.split('.')[0]}", set())


def test_the_engine_does_not_know_the_network():
    for path in SOURCES["engine"]:
        assert not [name for name in imports(path) if name.split(".")[0] == "nn"]


@pytest.mark.parametrize("path", SOURCES["nn"], ids=module_name)
def test_the_network_uses_public_names_of_the_engine(path):
    used = {name.removeprefix("engine.") for name in imports(path) if name.split(".")[0] == "engine"}
    if "engine" in used:  # `import engine`: which of its names are read
        used.remove("engine")
        reads = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)]
        used |= {node.attr for node in reads if isinstance(node.value, ast.Name) and node.value.id == "engine"}
    commands = {"commands", *(f"commands.{name}" for name in engine.commands.__all__)}
    # these are not in the list, because they are loaded when they are asked for
    assert used <= {*engine.__all__, "compile", "PageMachine", "Stepper", "Worksheet"} | commands


# What an object of the engine is that nn gets hold of: whatever has a name in `engine`, and what that gives.
OPEN = {
    *engine.__all__,
    "Compiled",
    "Batch",
    "Comparisons",
    "Result",
    "Shape",
    "Choice",
    "Descender",
    "PageMachine",
    "Descent",
    "Diagram",
}
# Names that other things in nn have too: a bar to close, a file to write to, arguments of a command, a height, what a
# future brings.
NAMESAKES = {"close", "defaults", "height", "lists", "missing", "pictures", "result", "start", "write"}


def members(tree: ast.ClassDef) -> dict[str, bool]:
    """The members that a class defines, and whether it says what each of them is."""
    listed = (ast.get_docstring(tree) or "").partition("Attributes:")[2]
    said = {name for names in re.findall(r"^ +([\w, ]+):", listed, re.MULTILINE) for name in names.split(", ")}
    found = dict.fromkeys(said, True)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = found.get(node.name, False) or bool(ast.get_docstring(node))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.setdefault(node.attr, False)
    for field, text in pairwise(tree.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            found[field.target.id] = found.get(field.target.id, False) or isinstance(text, ast.Expr)
    return found


def test_the_network_reads_documented_members_of_the_engine():
    trees = {package: list(map(tree_of, SOURCES[package])) for package in SOURCES}
    nodes = {package: [node for tree in trees[package] for node in ast.walk(tree)] for package in SOURCES}
    classes = {package: [node for node in nodes[package] if isinstance(node, ast.ClassDef)] for package in SOURCES}
    opened = {name for tree in classes["engine"] if tree.name in OPEN for name, said in members(tree).items() if said}
    hidden = {name for tree in classes["engine"] for name in members(tree)} - opened
    others = {name for thing in (type, str, list, dict, set, np.ndarray, Path, random.Random) for name in dir(thing)}
    own = others | NAMESAKES | {name for tree in classes["nn"] for name in members(tree)}
    imported = [node for node in nodes["nn"] if isinstance(node, ast.Import)]
    modules = {alias.asname or alias.name for node in imported for alias in node.names}
    reads = [node for node in nodes["nn"] if isinstance(node, ast.Attribute) and ast.unparse(node.value) not in modules]
    assert {node.attr for node in reads} & hidden - own == set()
    assert {node.attr for node in reads if node.attr.startswith("_")} - own == set()


OPTIONAL = ["graphviz", "numpy", "numba", "IPython", "anywidget", "matplotlib", "tqdm", "scipy", "sklearn", "autograd"]
OPTIONAL += ["executing"]


@pytest.mark.parametrize(
    "statement",
    [
        "from nn import MLP, fit, predict; m = MLP(1, [1]); fit(m, [([1.0], 2.0)], epochs=3, progress=False); "
        "predict(m, [[1.0]] * 200)",
        "import engine",
        "from engine import *",
        "import nn",
        "from nn import *",
        "import nn.commands.uses; from engine import cores; cores()",
        "import engine; y = (engine.Value(2.0) * 3).tanh(); y.backward(); engine.Tape(y); engine.check(y); "
        "engine.hessian(y, y); repr(y)",
    ],
)
def test_importing_loads_no_other_package(statement):
    assert loaded_by(statement, OPTIONAL) == []


def test_the_engine_loads_without_the_network():
    assert loaded_by("import engine", ["nn", "engine.value"]) == ["engine.value"]


def test_a_public_name_stays_itself_when_a_module_of_that_name_is_loaded():
    code = "import pkgutil, engine\nbefore = {name: getattr(engine, name) for name in engine.__all__}\n"
    code += "for module in pkgutil.iter_modules(engine.__path__):\n"
    code += "    __import__(f'engine.{module.name}')\n"
    code += "print([name for name in engine.__all__ if getattr(engine, name) is not before[name]])"
    assert python(code).stdout == "[]\n"


@pytest.mark.parametrize("path", FILES)
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 360  # about 300 is a sign to look, not a law


@pytest.mark.parametrize("name", CORE)
def test_the_core_page_can_be_read_on_a_projector(name):
    lines = (ROOT / "engine" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > 100] == []


def test_the_readme_is_for_one_minute_and_each_folder_speaks_for_itself():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 180
    for folder in ("engine", "nn", "notebooks", "tests"):
        assert (ROOT / folder / "README.md").exists()


@pytest.mark.parametrize("path", FILES)
def test_a_file_says_what_it_is_for(path):
    tree = tree_of(path)
    assert ast.get_docstring(tree)


@pytest.mark.parametrize("package", [engine, nn], ids=lambda package: package.__name__)
def test_public_names(package):
    assert len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        assert not isinstance(getattr(package, name), types.ModuleType), name


PUBLIC = [(package, name) for package in (engine, nn) for name in package.__all__]


@pytest.mark.parametrize(("package", "name"), PUBLIC, ids=[f"{package.__name__}.{name}" for package, name in PUBLIC])
def test_every_public_function_and_class_is_documented(package, name):
    thing = getattr(package, name)
    if isinstance(thing, engine.Rule):
        assert thing.text or thing.latex  # a rule is documented by its row
    elif callable(thing):
        assert len(inspect.getdoc(thing) or "") > 15
        assert not (inspect.getdoc(thing) or "").startswith(f"{name}(")  # made by a dataclass or a named tuple


@pytest.mark.parametrize("path", FILES)
def test_modules_say_what_they_offer(path):
    """`__all__` of a module that is not run as a program lists names that are there."""
    tree = tree_of(path)
    listed = [
        node for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    # a program; a package that is a shelf, with a docstring alone
    if path.name == "__main__.py" or len(tree.body) == 1:
        return
    assert len(listed) == 1
    names = ast.literal_eval(listed[0].value)
    module = __import__(
        ".".join((path.relative_to(ROOT).parts[0], module_name(path))).rstrip("."), fromlist=["__all__"]
    )
    assert [name for name in names if not hasattr(module, name)] == []


DOORS = {"rules"}  # a module that a lesson imports from: the table has its rows


@pytest.mark.parametrize(
    "path", [path for path in SOURCES["engine"] + SOURCES["nn"] if path.name != "__init__.py"], ids=module_name
)
def test_a_module_offers_its_own_names_only(path):
    """What another module defines is imported from there; only a package, and a module that is one's door, passes
    names on."""
    tree = tree_of(path)
    brought = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    listed = [
        node for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    offered = {name for node in listed for name in ast.literal_eval(node.value)}
    assert not brought & offered or module_name(path) in DOORS


def test_every_reader_asks_a_rule_for_all_slopes():
    """`.slopes` is read of a node (or is a picture's own, of `self`); that of a rule only where symbols stand for whole
    lists."""
    reads = {
        path.name
        for path in SOURCES["engine"] + SOURCES["nn"]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "slopes" and ast.unparse(node.value) not in ("node", "self")
    }
    assert reads == {"specialise.py"}
