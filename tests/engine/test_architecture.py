"""The shape of the source: floors, what each package may import, how long a file is, what is documented."""

import ast
import inspect
import sys
import types
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import engine
import nn
from tests.engine.helpers import ROOT, loaded_by, python

# Imports only go down a floor. A new module gets its floor here.
FLOORS = [
    {"arrays", "graph", "listing", "look", "primitives", "products", "rule", "scope", "tables"},
    {"notation", "plan", "rules"},
    {"terms"},
    {"reading", "specialise"},
    {"program_sums", "value"},
    {"broken", "folding", "gradient", "highlight", "program_text", "record", "tape"},
    {"check", "explain", "kernel", "layout", "origins", "program", "sums"},
    {"excerpt", "grouping", "machines"},
    {"shapes", "sketch", "tree"},
    {"compiled", "draw"},
    {"exhibit", "stepper"},
    {"__main__", "museum"},
]
FLOOR = {module: number for number, modules in enumerate(FLOORS, 1) for module in modules}
CORE = set().union(*FLOORS) - {"arrays", "compiled", "kernel", "layout", "machines", "program", "shapes", "stepper"}

# Packages beyond the standard library, and the only modules that import them.
WIDGET = {"stepper.widget"}
OTHERS = {
    "engine": {
        "numpy": {
            "arrays",
            "compiled",
            "kernel.functions",
            "kernel.instructions",
            "kernel.machine",
            "kernel.products",
            "kernel.steps",
            "program",
            "shapes",
        },
        "graphviz": {"layout"},
        "anywidget": WIDGET,
        "traitlets": WIDGET,
        "IPython": WIDGET,
    },
    "nn": {"numpy": {"feed", "fused", "machine"}, "matplotlib": {"plots"}, "PIL": {"pictures"}, "tqdm": {"train"}},
}

SOURCES = {package: sorted((ROOT / package).rglob("*.py")) for package in ("engine", "nn")}
FILES = [pytest.param(path, id=str(path.relative_to(ROOT))) for paths in SOURCES.values() for path in paths]


def module_name(path: Path) -> str:
    """The module of a file, without its package: `value`, `data.table`; the package itself is ''."""
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path, lazy: bool = True) -> Iterator[str]:
    """The full names of all that a file imports when it runs: `math`, `engine.value.Value`; with those inside functions or without."""
    for node in run(ast.parse(path.read_text(encoding="utf-8")), lazy):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}, line {node.lineno}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def run(tree: ast.AST, lazy: bool) -> Iterator[ast.AST]:
    """All nodes of the syntax tree that are not for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not lazy:
            continue
        yield node
        yield from run(node, lazy)


def within(path: Path) -> set[str]:
    """The modules of engine that a module of engine imports."""
    names = [name.split(".")[1] for name in imports(path) if name.startswith("engine.")]
    return set(names)


def test_every_module_of_the_engine_has_a_floor():
    modules = {module_name(path).split(".")[0] for path in SOURCES["engine"]} - {""}
    assert modules <= FLOOR.keys(), "a new module gets its floor above"
    assert sum(map(len, FLOORS)) == len(FLOOR)


@pytest.mark.parametrize("path", [path for path in SOURCES["engine"] if module_name(path)], ids=module_name)
def test_imports_only_go_down(path):
    module = module_name(path).split(".")[0]
    above = {name for name in within(path) - {module} if FLOOR.get(name, 0) >= FLOOR.get(module, 99)}
    assert not above, f"{module} is on floor {FLOOR[module]}, its imports on {[FLOOR[name] for name in above]}"


@pytest.mark.parametrize("package", SOURCES)
def test_no_circles(package):
    """Between the files of a package, those in folders too."""
    modules = {f"{package}.{module_name(path)}".rstrip("."): path for path in SOURCES[package]}
    graph = {}
    for module, path in modules.items():
        names = {part for name in imports(path, lazy=False) for part in (name, name.rpartition(".")[0])}
        graph[module] = names & modules.keys() - {package}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("path", FILES)
def test_the_standard_library_and_little_else(path):
    package = path.relative_to(ROOT).parts[0]
    outside = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {"engine", "nn"}
    allowed = {name for name, modules in OTHERS[package].items() if module_name(path) in modules}
    assert outside <= allowed


def test_the_core_imports_the_standard_library_only():
    for path in SOURCES["engine"]:
        if module_name(path) in CORE:
            assert {name.split(".")[0] for name in imports(path)} <= set(sys.stdlib_module_names) | {"engine"}
            assert "engine.layout" not in {name.rpartition(".")[0] for name in imports(path, lazy=False)}


def test_the_engine_does_not_know_the_network():
    for path in SOURCES["engine"]:
        assert not [name for name in imports(path) if name.split(".")[0] == "nn"]


@pytest.mark.parametrize("path", SOURCES["nn"], ids=module_name)
def test_the_network_uses_public_names_of_the_engine(path):
    used = {name.removeprefix("engine.") for name in imports(path) if name.split(".")[0] == "engine"}
    if "engine" in used:  # `import engine`: which of its names are read
        used.remove("engine")
        reads = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
        used |= {node.attr for node in reads if isinstance(node.value, ast.Name) and node.value.id == "engine"}
    assert used <= {*engine.__all__, "compile"}  # which is not in the list, because it loads NumPy


OPTIONAL = ["graphviz", "numpy", "numba", "IPython", "anywidget", "matplotlib", "tqdm", "scipy", "sklearn", "autograd"]


@pytest.mark.parametrize(
    "statement",
    [
        "from nn import MLP, fit, predict; m = MLP(1, [1]); fit(m, [([1.0], 2.0)], epochs=3, progress=False); predict(m, [[1.0]] * 200)",
        "import engine",
        "from engine import *",
        "import nn",
        "from nn import *",
        "import engine; y = (engine.Value(2.0) * 3).tanh(); y.backward(); engine.Tape(y); engine.check(y); engine.hessian(y, y); repr(y)",
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
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", FILES)
def test_a_file_says_what_it_is_for(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
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
    tree = ast.parse(path.read_text(encoding="utf-8"))
    listed = [node for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"]
    if path.name == "__main__.py":
        return
    assert len(listed) == 1
    names = ast.literal_eval(listed[0].value)
    module = __import__(".".join((path.relative_to(ROOT).parts[0], module_name(path))).rstrip("."), fromlist=["__all__"])
    assert [name for name in names if not hasattr(module, name)] == []


DOORS = {"museum", "rules"}  # modules that a lesson imports from: a museum has its exhibits, the table its rows


@pytest.mark.parametrize("path", [path for path in SOURCES["engine"] + SOURCES["nn"] if path.name != "__init__.py"], ids=module_name)
def test_a_module_offers_its_own_names_only(path):
    """What another module defines is imported from there; only a package, and a module that is one's door, passes names on."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    brought = {alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    listed = [node for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"]
    offered = {name for node in listed for name in ast.literal_eval(node.value)}
    assert not brought & offered or module_name(path) in DOORS
