"""What a benchmark ran on: processor, width of its vectors, Python, and how busy it was."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

__all__ = ["described", "facts", "lanes"]

WIDEST = {"avx512f": 8, "avx": 4}
"""Doubles in a vector register of x86; elsewhere 2, as in NEON and SSE2."""


def facts() -> dict[str, str]:
    """As words, in the order in which they are printed."""
    found = {"processor": processor(), "cores": str(os.cpu_count()), **vectors()}
    found["Python"] = f"{platform.python_implementation()} {platform.python_version()}"
    found["system"] = f"{platform.system()} {platform.machine()}"
    if hasattr(os, "getloadavg"):
        found["load"] = f"{os.getloadavg()[0]:.1f}"
    return found


def processor() -> str:
    """Its maker's name for it, where the system tells, and the compiler's, which says more on a virtual machine."""
    name = platform.processor() or platform.machine()
    if (listed := Path("/proc/cpuinfo")).exists():
        names = re.findall(r"^model name\s*: (.+)$", listed.read_text(encoding="utf-8"), re.MULTILINE)
        name = names[0] if names else name
    elif platform.system() == "Darwin":
        name = subprocess.run(
            ["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=True
        ).stdout.strip()
    return f"{name} ({model})" if (model := compilers_name()) else name


def compilers_name() -> str:
    """Such as znver5; empty without llvmlite."""
    if not find_spec("llvmlite"):
        return ""
    from llvmlite import binding

    return str(binding.get_host_cpu_name())


def vectors() -> dict[str, str]:
    """How wide they are; empty without llvmlite."""
    if not find_spec("llvmlite"):
        return {}
    from llvmlite import binding

    return {"vectors": f"{64 * lanes(binding.get_host_cpu_features())} bits"}


def lanes(features: dict[str, bool]) -> int:
    """How many doubles a vector register holds."""
    return next((width for name, width in WIDEST.items() if features.get(name)), 2)


def described(facts: dict[str, str], versions: dict[str, str]) -> str:
    """In one line: processor, cores and what follows; then the packages with their versions."""
    words = [text if name in ("processor", "Python", "system") else f"{name} {text}" for name, text in facts.items()]
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return ", ".join(words) + (f"; {packages}" if packages else "")
