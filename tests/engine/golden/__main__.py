"""`python -m tests.engine.golden` draws the golden pictures again. Look at them before you commit them."""

from tests.engine.golden import FOLDER, GRAPHS

for name, make in GRAPHS.items():
    print(make().save(FOLDER / f"{name}.svg"))
