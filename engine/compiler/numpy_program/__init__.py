"""A plan as a readable NumPy program, written as text and run.

`program` is the whole, and runs it. `plan_lines` goes through a plan, `sum_lines` and `operation_lines` say what each
kind of instruction is in NumPy, `listing` keeps the lines and their names, `assignments` says how a line sets or adds,
`notation` spells formulas, and `functions` are those that NumPy lacks.
"""
