"""Machine code of a text that Numba compiles: made, as bytes to keep, and loaded by llvmlite alone.

To import Numba takes several times as long as to load what it once made. So what is kept is the object file that Numba
hands to LLVM, and beside it a small one of our own, `enter`: it takes the place of one block of words and calls the
kernel with them. That is all that Python has to call, and ctypes can; Python's lock is free meanwhile.

Numba's functions take where to write the result, where to write an exception, and then the arguments (see `words`).
"""

from __future__ import annotations

import ctypes
import gc
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

from engine.compiler.kernel.source import ARGUMENTS, ENTRIES

__all__ = ["Enter", "compiled", "loaded_from", "words"]

Enter = Callable[[int], int]
"""Takes the place of a block of words: the result, an exception, the arguments. 0 unless there is an exception."""
engines: list[Any] = []  # machine code lives as long as they do

(ENTRY,) = ENTRIES
DECLARED = re.compile(r'^declare [^@]*@"?([\w.$]+)"?\(', re.MULTILINE)


def words(argument: str) -> list[str]:
    """The words of an argument of this type: a number is one; an array is what holds its memory and its parent (both
    0 where no references are counted), its size, the size of an item, the place of its data, its shape, its strides."""
    return ["int64"] * (7 + 2 * argument.count(",")) if "[" in argument else [argument]


def compiled(text: str, name: str) -> bytes:
    """What is to be kept of the module with this text. Imports Numba, and takes seconds."""
    module = ModuleType(name)
    sys.modules[name] = module  # Numba looks the module of a function up by its name
    with uncollected():  # Numba makes and drops so much that looking for cycles would take a sixth of the time
        exec(compile(text, name, "exec"), module.__dict__)
    (made,) = getattr(module, ENTRY).overloads.values()
    _, _, (code, *_) = made.library.serialize_using_object_code()
    needs = [called for called in DECLARED.findall(made.library.get_llvm_str()) if not called.startswith("llvm.")]
    head = json.dumps({"processor": processor(), "needs": needs, "size": len(code)})
    return b"\n".join([head.encode(), code + entering(made.fndesc.llvm_func_name)])


@contextmanager
def uncollected() -> Iterator[None]:
    """No cycle collection in this block."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def entering(kernel: str) -> bytes:
    """The object file of `enter`, which calls the kernel's function of this name."""
    from llvmlite import binding, ir

    word, status = ir.IntType(64), ir.IntType(32)
    kinds = [
        ir.DoubleType() if kind == "float64" else word for argument in ARGUMENTS.values() for kind in words(argument)
    ]
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(status, [word, word, *kinds]), kernel)
    enter = ir.Function(module, ir.FunctionType(status, [word]), "enter")
    build = ir.IRBuilder(enter.append_basic_block())

    def place(index: int) -> Any:
        return build.add(enter.args[0], word(8 * index))

    given = [build.load(build.inttoptr(place(i), kind.as_pointer())) for i, kind in enumerate(kinds, start=2)]
    build.ret(build.call(function, [place(0), place(1), *given]))
    return bytes(target_machine().emit_object(binding.parse_assembly(str(module))))


def loaded_from(kept: bytes) -> Enter:
    """The function `enter` of what `compiled` made. ValueError where that was for another processor."""
    from llvmlite import binding

    head, _, code = kept.partition(b"\n")
    facts = json.loads(head)
    if facts["processor"] != processor():
        raise ValueError(f"this machine code is for another processor, {facts['processor']}")
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), target_machine())
    if not all(map(binding.address_of_symbol, facts["needs"])):  # of C's library; Numba finds them on every system
        from numba.core.registry import cpu_target

        cpu_target.target_context  # noqa: B018  it tells LLVM when it is made
    for part in (code[: facts["size"]], code[facts["size"] :]):
        engine.add_object_file(binding.ObjectFileRef.from_data(part))
    engine.finalize_object()
    engines.append(engine)
    return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(engine.get_function_address("enter"))


def processor() -> str:
    """The name of this one, and what it can do: Numba makes use of all of it."""
    from llvmlite import binding

    return f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}"


def target_machine() -> Any:
    from llvmlite import binding

    with suppress(RuntimeError):  # from version 0.45 on there is nothing to do
        binding.initialize()
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple().create_target_machine(jit=True)
