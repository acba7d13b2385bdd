"""What holds inside a `with` block: `no_grad()` records nothing, `group("neuron 1")` marks the
nodes made inside, and who looks on may see every step of a sweep and remark on an error.

Both are context variables: they belong to the thread (and the asynchronous task) that entered the
block, and cost an operation next to nothing outside it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from itertools import count
from types import CodeType
from typing import Any, NoReturn

from engine.advice import shown, usage

__all__ = [
    "Group", "Place", "current_group", "extended_line", "group", "looking_on", "no_grad",
    "on_extended_line", "recording", "remark_on", "step_check",
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


class Place:
    """Where a node was made: in a group or none, and by an instruction of somebody's code.

    Attributes:
        group: the group.
        code: the code that was running.
        instruction: the offset of the instruction in it that made the node.
        number: how many nodes had got a place before.
    """

    __slots__ = ("code", "group", "instruction", "number")

    def __init__(self, group: Group | None, code: CodeType, instruction: int, number: int) -> None:
        self.group, self.code, self.instruction, self.number = group, code, instruction, number

    def __reduce__(self) -> tuple[Any, ...]:
        return only, (self.group,)  # code cannot be pickled: the group is what travels


def only(group: Group | None) -> Group | None:
    return group


_serials = count()
_recording: ContextVar[bool] = ContextVar("recording", default=True)
_group: ContextVar[Group | None] = ContextVar("group", default=None)
_extended: ContextVar[bool] = ContextVar("extended", default=False)
_step_check: ContextVar[Callable[[Any], None] | None] = ContextVar("step check", default=None)
_remark: ContextVar[Callable[[tuple[Any, ...]], str] | None] = ContextVar("remark", default=None)

recording = _recording.get
current_group, enter_group = _group.get, _group.set
on_extended_line = _extended.get
step_check = _step_check.get


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


@contextmanager
def looking_on(
    step: Callable[[Any], None] | None = None,
    remark: Callable[[tuple[Any, ...]], str] | None = None,
) -> Iterator[None]:
    """In this block `step` is shown every `Step` of a sweep, before the next is taken, and `remark`
    is asked, for the inputs of an operation that is not defined, how its error ends."""
    checked, remarked = _step_check.set(step or step_check()), _remark.set(remark or _remark.get())
    try:
        yield
    finally:
        _remark.reset(remarked)
        _step_check.reset(checked)


def remark_on(inputs: tuple[Any, ...]) -> str:
    """What who looks on adds to an error; nothing where nobody does."""
    remark = _remark.get()
    return remark(inputs) if remark else ""
