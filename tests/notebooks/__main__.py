"""`python -m tests.notebooks` runs every notebook and stores what it shows, and `python -m tests.notebooks 05 06` those
that begin so: for whoever has changed one, or what it prints. An Indonesian edition follows: its code and outputs are
those of its original."""

import sys
import tempfile
from pathlib import Path

import nbformat

from tests.notebooks.editions import EDITIONS, following
from tests.notebooks.running import NOTEBOOKS, read, run

for path in NOTEBOOKS:
    if sys.argv[1:] and not path.name.startswith(tuple(sys.argv[1:])):
        continue
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(run(read(path), Path(folder)), path)
    if (edition := EDITIONS / path.name).exists():
        nbformat.write(following(read(edition), read(path)), edition)
    print(path.name, flush=True)
