"""From a function of Values to a machine that runs it, in four stages.

1. Record: the function is called once with stand-ins, which write rows (`recording`).
2. Plan: trees of + and × become sums (`sums`), rows of equal depth (`depths`) become one instruction, and matrix
   products are found among them (`products`); `planner` does it, `origins` says where an instruction came from, `plan`
   is what comes out, and `instruction_set` says what it is made of.
3. Choose what runs the plan (`choice`).
4. Run it, for many samples side by side: as a NumPy program that can be read (`numpy_program/`), by one compiled
   kernel for all plans (`kernel/`), or in a page that has no Python (`page_program/`). All three take what they compute
   from the table: no derivative is written here.

`compiled` is the door, `engine.compile`; `batch` takes samples apart and runs them, each `shape` of them by a recording
of its own; `comparisons` says when a recording is held beside what the function does now.
"""
