"""Plans run by a page, where there is no Python: the same instructions, interpreted in JavaScript.

`PageMachine` (in `machine`) records functions and writes what a page needs; `plan.js` runs a plan forward and backward
over lanes of samples, and `descent.js` takes steps of gradient descent with it.
"""

from engine.compiler.page_program.machine import PageMachine

__all__ = ["PageMachine"]
