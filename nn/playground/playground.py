"""`Playground`: a network that trains in a page, with no kernel and no network, and can be looked into."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from engine import PageMachine, Stepper, Value
from nn.checks import a_number, one_of, usage, whole
from nn.layers.init import INITS
from nn.layers.mlp import MLP
from nn.playground.carried import (
    ACTIVATIONS,
    DATA,
    DEEPEST,
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    SHARES,
    TASKS,
    WIDEST,
    Carried,
    carried_data,
    carried_networks,
    own_data,
)
from nn.playground.languages import TEXTS
from nn.training.losses import loss_of

__all__ = ["LESSONS", "Playground"]

PARTS = (
    "python", "random", "run", "paint", "look", "landscape", "code", "network_picture", "unit_panel", "charts", "page",
)  # fmt: skip

CONTROLS: dict[str, dict[str, Any]] = {
    "noise": {"low": 0, "high": 1, "step": 0.01},
    "test": {"options": [0, *SHARES]},
    "activation": {"options": list(ACTIVATIONS)},
    "init": {"options": list(INITS)},
    "seed": {"low": 0, "high": 2**32 - 1, "step": 1, "whole": True},
    "optimizer": {"options": list(OPTIMIZERS)},
    "rate": {"low": 1e-6, "high": 1000},
    "schedule": {"options": ["none", *SCHEDULES]},
    "batch": {"options": [0, 1, 8, 32, 100]},
    "l1": {"low": 0, "high": 1, "step": 0.001},
    "l2": {"low": 0, "high": 1, "step": 0.001},
    "dropout": {"low": 0, "high": 0.9, "step": 0.1},
}
"""What can be set in the page: to one of some options, or to a number from `low` to `high`."""
SECTIONS = [
    ("dataSection", ["data", "noise", "test"]),
    ("networkSection", ["layers", "activation", "init", "seed"]),
    ("trainingSection", ["optimizer", "rate", "schedule", "batch", "l1", "l2", "dropout"]),
]
SETTINGS = [key for _, keys in SECTIONS for key in keys]

LESSONS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "learning rate": ({"data": "moons", "layers": [4], "rate": 0.3}, ("rate", "optimizer", "schedule")),
    "batches": ({"data": "moons", "layers": [4], "batch": 8, "rate": 0.1}, ("batch", "rate", "seed")),
    "initialisation": (
        {"data": "circles", "layers": [4, 4], "init": "zeros", "rate": 0.5},
        ("init", "seed", "activation"),
    ),
    "overfitting": (
        {"data": "moons", "noise": 0.35, "test": 0.5, "layers": [8, 8], "optimizer": "Adam", "rate": 0.03},
        ("noise", "test", "layers", "l1", "l2", "dropout"),
    ),
    "approximation": ({"data": "sine", "layers": [2], "rate": 0.1}, ("layers", "activation", "noise")),
}
"""Of each lesson the settings that it starts with, and which of them can be changed; all others are hidden."""

BODY = """\
<main><div id="playground"><p hidden>{old}</p></div></main>"""
START = """
if (!CAN_UNPACK) document.querySelector("#playground p").hidden = false;
const { carried, ...state } = JSON.parse(await unpack(document.getElementById("state").textContent));
state.linked = window.frameElement === null;
window.playground = new Playground(document.getElementById("playground"), state, carried);
"""
FRAME = """\
<p class="no-{name}">{title}</p><style>
.no-{name}, .jp-OutputArea-child:has(.{name}) + .jp-OutputArea-child {{ display: none !important; }}
</style><iframe class="{name}" title="{title}" style="width: 100%; height: 900px; border: none"
  srcdoc="{page}"></iframe>"""
"""The page in a notebook. One that is not trusted shows its title alone; what comes after it is the bridge, of which
there is nothing to be seen."""


class Playground:
    """A network that trains in a page: its pictures, its weights, its losses, and why each weight moves.

    As the last line of a cell it shows itself; `to_html` writes the page to a file. The page trains by itself, with the
    gradients of the engine's table of rules, and gives the run that `nn.fit` gives with the same settings. Making it
    takes some seconds, once in a process: all 585 networks that the page offers are recorded.

    Args:
        data: a problem of `nn.data`: xor, moons, circles, spirals, blobs (two of them), sine, parabola or
            stairs; or your own: a function
            of one number, which is met from -2 to 2, or pairs of one input and a number, or of two inputs and 0 or 1.
        noise: its noise; None for the usual one.
        test: the share of the points that is kept for the test: 0, 0.1, ... 0.5.
        layers: the units of each hidden layer. The page offers up to three layers of up to eight, and has this network
            too.
        activation, init, seed: as `MLP` takes them; the seed is that of the order of the points, too.
        optimizer: SGD, momentum, Nesterov, Adam, AdamW or RMSProp.
        rate, schedule: the learning rate, and none, linear, cosine or warmup.
        batch: the points of a step; 0 for all.
        l1, l2, dropout: the strengths of the regularisers, and the share of hidden activations that is dropped.
        lang: the language it starts in, "en" or "id".
        hidden: settings that the page does not show.
        deepest: how many hidden layers it offers; with fewer of them the page is smaller.

    Raises:
        ValueError, TypeError: for what is none of these.

    >>> Playground(data="circles", layers=[4], rate=0.3)
    Playground(data='circles', layers=[4], rate=0.3)
    """

    @usage('Playground(data="moons", layers=[8, 8], rate=0.1)')
    def __init__(self, data: Any = "moons", *, noise: float | None = None, test: float = 0.2,
                 layers: Any = (8, 8), activation: str = "tanh", init: str = "xavier", seed: int = 0,
                 optimizer: str = "SGD", rate: float = 0.1, schedule: str = "none", batch: int = 0, l1: float = 0.0,
                 l2: float = 0.0, dropout: float = 0.0, lang: str = "en", hidden: Any = (),
                 deepest: int = DEEPEST) -> None:  # fmt: skip
        self.data = {name: carried_data(name) for name in DATA}
        if not isinstance(data, str):
            self.data["own"], data = own_data(data), "own"
        self.controls = CONTROLS | {"data": {"options": list(self.data)}}
        one_of("data", data, self.data)
        given = {"data": data, "noise": self.data[data]["noise"] if noise is None else noise, "test": test,
                 "layers": layers_of(layers), "activation": activation, "init": init, "seed": seed,
                 "optimizer": optimizer, "rate": rate, "schedule": schedule, "batch": batch, "l1": l1, "l2": l2,
                 "dropout": dropout}  # fmt: skip
        self.settings = {key: checked(key, value, self.controls.get(key, {})) for key, value in given.items()}
        self.lang = one_of("lang", lang, TEXTS)
        self.hidden = [one_of("hidden", key, SETTINGS) for key in hidden]
        self.deepest = whole("deepest", deepest, 0, most=DEEPEST)

    @classmethod
    def lesson(cls, name: str, lang: str = "en") -> Playground:
        """The playground of a lesson, which starts with its settings and hides what does not matter.

        Args:
            name: "learning rate", "batches", "initialisation", "overfitting" or "approximation".
            lang: the language it starts in.

        Raises:
            ValueError: for another lesson or language.
        """
        settings, shown = LESSONS[one_of("lesson", name, LESSONS)]
        return cls(**settings, lang=lang, hidden=[key for key in SETTINGS if key not in shown])

    def page(self) -> str:
        """The page as HTML that is complete in itself: no network, no Python, no other file."""
        machine, carried = self._carried()
        texts = TEXTS[self.lang]
        return machine.document(
            self.lang,
            texts["title"],
            (STATIC / "playground.css").read_text(encoding="utf-8"),
            BODY.format(old=html.escape(texts["tooOld"])),
            "playground-page",
            {"carried": carried, **self._state(), "stepper": self._stepper(machine, self.settings)},
            "\n".join([*map(script, PARTS), START]),
        )

    def to_html(self, file: str | Path) -> Path:
        """Write the page to a file, and give its path. OSError where it cannot be written."""
        path = Path(file)
        path.write_text(self.page(), encoding="utf-8")
        return path

    def _carried(self) -> Any:
        """What the page carries: no more networks than it can be set to."""
        fixed = "data" in self.hidden
        tasks = {self.data[name]["task"] for name in ([self.settings["data"]] if fixed else self.data)}
        return carried_networks(sorted(tasks), self.settings["layers"], "layers" in self.hidden, self.deepest)

    def _state(self) -> dict[str, Any]:
        return {
            "id": "playground",
            "lang": self.lang,
            "texts": TEXTS,
            "settings": self.settings,
            "hidden": self.hidden,
            "controls": self.controls,
            "sections": SECTIONS,
            "widest": WIDEST,
            "deepest": self.deepest,
            "most": {"units": MOST_UNITS, "layers": MOST_LAYERS},
            "data": {
                name: points
                for name, points in self.data.items()
                if name == self.settings["data"] or "data" not in self.hidden
            },
            "expected": self._expected(),
        }

    def _stepper(self, machine: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The stepper of the loss of one point, as a page that takes the numbers of its leaves from its address; and
        what these leaves are called: the parameters in their order, then the inputs and the target."""
        task, sizes, activation = self.data[settings["data"]]["task"], settings["layers"], settings["activation"]
        *x, target = self.data[settings["data"]]["points"][0]
        inputs = [Value(number, name) for number, name in zip(x, ("x", "y"), strict=False)]
        model, goal = MLP(len(x), [*sizes, 1], activation, settings["init"], settings["seed"]), Value(target, "target")
        loss: Any = loss_of(LOSSES[task])(model.outputs(inputs), goal if task == "classification" else [goal])
        loss.name = "L"
        return {
            "page": machine.pack(Stepper(loss, self.lang).page()),
            "leaves": [leaf.name for leaf in (*model.parameters(), *inputs, goal)],
            "of": {"layers": sizes, "activation": activation, "task": task},
        }

    def _answer(self, question: Any) -> dict[str, Any]:
        """What the page asks of Python: a network that it does not carry, as plans for each task; and the stepper of a
        network other than the first."""
        answer: dict[str, Any] = {"asked": question["asked"]}
        sizes = layers_of(question["layers"])
        if question["what"] == "network":
            plans = Carried(TASKS, [sizes]).plans
            key = " ".join(map(str, sizes))
            return answer | {"key": key, "plans": {task: made[key] for task, made in plans.items()}}
        data = next(name for name, data in self.data.items() if data["task"] == question["task"])
        settings = {**self.settings, "data": data, "layers": sizes, "activation": question["activation"]}
        return answer | {"stepper": self._stepper(PageMachine(), settings)}

    def _expected(self) -> dict[str, Any]:
        """The first loss and gradient, by the eager sweep: the page compares its own with them."""
        s, data = self.settings, self.data[self.settings["data"]]
        held = set(data["tests"].get(str(s["test"]), []))
        samples = [
            [x + s["noise"] * more for x, more in zip(point, moved, strict=True)]
            for i, (point, moved) in enumerate(zip(data["points"], data["moved"], strict=True))
            if i not in held
        ]
        model = MLP(len(samples[0]) - 1, [*s["layers"], 1], s["activation"], s["init"], s["seed"])
        loss = loss_of(LOSSES[data["task"]])
        mean: Any = sum([loss(model.outputs(x), target) for *x, target in samples], Value(0.0)) / len(samples)
        mean.backward()
        return {"loss": mean.data, "gradient": [p.grad or 0.0 for p in model.parameters()]}

    def _ipython_display_(self) -> None:
        """Two outputs: the page, and the bridge by which it asks Python, of which nothing is seen; without the package
        anywidget the page alone."""
        from IPython.display import publish_display_data

        publish: Any = publish_display_data
        try:
            from nn.playground.bridge import Bridge
        except ModuleNotFoundError:
            publish({"text/html": self._repr_html_(), "text/plain": repr(self)})
            return
        self._bridge = Bridge(self._answer)
        publish({"text/html": self._framed(self._bridge.frame), "text/plain": repr(self)})
        data, _ = self._bridge._repr_mimebundle_() or ({}, {})
        publish({**data, "text/plain": ""})

    def _repr_html_(self) -> str:
        return self._framed("playground-alone")

    def _framed(self, name: str) -> str:
        texts = TEXTS[self.lang]
        page = PageMachine.packed(self.page(), texts["tooOld"])
        return FRAME.format(name=name, title=html.escape(texts["title"]), page=html.escape(page))

    def __repr__(self) -> str:
        usual = {"noise": self.data[self.settings["data"]]["noise"], "layers": [8, 8], **USUAL}
        told = {key: value for key, value in self.settings.items() if value != usual.get(key)}
        return f"Playground({', '.join(f'{key}={value!r}' for key, value in told.items())})"


USUAL = {"data": "moons", "test": 0.2, "activation": "tanh", "init": "xavier", "seed": 0, "optimizer": "SGD",
         "rate": 0.1, "schedule": "none", "batch": 0, "l1": 0.0, "l2": 0.0, "dropout": 0.0}  # fmt: skip
MOST_UNITS, MOST_LAYERS = 32, 6
"""Of the hidden layers of a network that a page can show."""
STATIC = files("nn.playground") / "static"


def script(name: str) -> str:
    return (STATIC / f"{name}.js").read_text(encoding="utf-8")


def layers_of(layers: Any) -> list[int]:
    """The hidden layers as a list. TypeError and ValueError for others than a page offers."""
    if isinstance(layers, str) or not hasattr(layers, "__iter__"):
        raise TypeError(f"layers is a list with the units of each hidden layer, such as [8, 8], got {layers!r}")
    sizes = [whole("the number of units", size, 1, most=MOST_UNITS) for size in layers]
    if len(sizes) > MOST_LAYERS:
        raise ValueError(f"a page has room for up to {MOST_LAYERS} hidden layers, got {len(sizes)}")
    return sizes


def checked(key: str, value: Any, control: Mapping[str, Any]) -> Any:
    """A setting that a page can have. ValueError and TypeError for others."""
    if "options" in control:
        if value not in control["options"]:
            expected = ", ".join(map(repr, control["options"]))
            raise ValueError(f"{key} is one of {expected}, got {value!r}")
        return value
    if "low" in control:
        if control.get("whole"):
            return whole(key, value, control["low"], most=control["high"])
        if not control["low"] <= a_number(key, value) <= control["high"] or math.isnan(value):
            raise ValueError(f"{key} is a number from {control['low']} to {control['high']}, got {value!r}")
    return value
