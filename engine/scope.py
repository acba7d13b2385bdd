"""What holds inside a `with` block: `no_grad()` records nothing, `group("neuron 1")` marks the
nodes made inside.

Both are context variables: they belong to the thread (and the asynchronous task) that entered the
block, and cost an operation next to nothing outside it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from itertools import count
from typing import Any, NoReturn

from engine.advice import shown, usage

__all__ = [
    "Group", "current_group", "extended_line", "group", "no_grad", "on_extended_line", "recording",
]  # fmt: skip


class Group:
    """A named set of nodes, made by one `with group(name):` block.

    Attributes:
        name: what a drawing writes on its frame; a string that is not empty, else TypeError or
            ValueError.
        parent: the group around it, or None.
        owned: the parameters that belong to it though they were made elsewhere: Values, or lists of
            these.
        serial: grows from each group to the next one made.
    """

    __slots__ = ("name", "owned", "parent", "serial")

    def __init__(
        self, name: str, parent: "Group | None" = None, owned: tuple[Any, ...] = ()
    ) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a group is a string, got {type(name).__name__} {name!r}")
        if not name:
            raise ValueError("a group needs a name, got ''")
        self.name, self.parent, self.owned, self.serial = name, parent, owned, next(_serials)

    @property
    def path(self) -> tuple[str, ...]:
        """The names from the outermost group to this one."""
        return (*(self.parent.path if self.parent else ()), self.name)

    def __repr__(self) -> str:
        return f"<group {' / '.join(self.path)}>"


_serials = count()
_recording: ContextVar[bool] = ContextVar("recording", default=True)
_group: ContextVar[Group | None] = ContextVar("group", default=None)
_extended: ContextVar[bool] = ContextVar("extended", default=False)

recording = _recording.get
current_group, enter_group = _group.get, _group.set
on_extended_line = _extended.get


class bracketed:
    """What `with` takes once it is called, `with no_grad():`, and says so without its brackets."""

    def __init__(self, make: Callable[[], AbstractContextManager[None]]) -> None:
        update_wrapper(self, make)
        self.make = make

    def __call__(self, *given: object, **named: object) -> AbstractContextManager[None]:
        if given or named:
            raise TypeError(f"write `with {self.make.__name__}():`, with nothing in its brackets")
        return self.make()

    def __enter__(self) -> NoReturn:
        raise TypeError(f"write `with {self.make.__name__}():`, with its brackets")

    def __exit__(self, *error: object) -> None: ...


@bracketed
@contextmanager
def no_grad() -> Iterator[None]:
    """Record no graph in this block: every result is a frozen Value without inputs. Of this thread
    only.

    >>> from engine import Value
    >>> with no_grad():
    ...     y = Value(2.0) * 3.0
    >>> y.inputs
    ()
    """
    token = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(token)


class group:
    """`with group("neuron 1"):` marks the nodes made in the block as one group, which a drawing
    shows as a cluster.

    Groups may be nested. Every entry makes a group of its own: the same neuron applied to two
    samples is two clusters.

    Args:
        name: of the group.
        owned: its parameters, Values or lists of these, as in `group("neuron 1", w, b)`. They are
            drawn inside too, unless other parts of the graph use them.
    """

    __slots__ = ("name", "owned")  # nothing about its entries, so that threads may share one

    @usage('group("neuron 1")')
    def __init__(self, name: str, *owned: Any) -> None:
        if not isinstance(name, str):
            raise TypeError(f'write `with group("neuron 1"):`, with a name, got {shown(name)}')
        self.name, self.owned = name, owned

    def __enter__(self) -> Group:
        entered = Group(self.name, current_group(), self.owned)
        enter_group(entered)
        return entered

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        left = current_group()
        enter_group(left.parent if left else None)


@contextmanager
def extended_line() -> Iterator[None]:
    """In this block an operation outside its domain gives ±inf or nan instead of an error, as
    slopes need it.

    Everything is recorded: a derivative asked for inside `no_grad()` is that of a graph recorded
    outside.
    """
    token, recorded = _extended.set(True), _recording.set(True)
    try:
        yield
    finally:
        _recording.reset(recorded)
        _extended.reset(token)
