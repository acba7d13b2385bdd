"""The commands of the engine, `step`, `draw`, `explain`, `worksheet` and `prepare`, and what makes a program of
commands."""

from engine.commands.browser import has_browser, show
from engine.commands.graphs import fill_draw, fill_explain, fill_step, parse
from engine.commands.interrupts import INTERRUPTED
from engine.commands.kernel import fill_prepare
from engine.commands.program import Command, run, speak_to_nobody
from engine.commands.worksheets import fill_worksheet
from engine.door import leave

__all__ = ["COMMANDS", "INTERRUPTED", "Command", "has_browser", "leave", "run", "show", "speak_to_nobody"]

COMMANDS = {
    "step": Command("the stepper of an expression, as a page in the browser", fill_step, parse),
    "draw": Command("the graph of an expression, as a picture", fill_draw, parse),
    "explain": Command("the derivative of an expression, as a textbook writes it", fill_explain, parse),
    "worksheet": Command("exercises for a class, for each student others, with their key", fill_worksheet),
    "prepare": Command("compile the kernel now, so that no run has to", fill_prepare),
}
"""By name, for `run`."""
