"""`python -m tests.notebooks` runs every notebook and stores what it shows, and `python -m tests.notebooks 05 06` those
that begin so: for whoever has changed one, or what it prints."""

import sys
import tempfile
from pathlib import Path

import nbformat

from tests.notebooks.running import NOTEBOOKS, read, run

for path in NOTEBOOKS:
    if sys.argv[1:] and not path.name.startswith(tuple(sys.argv[1:])):
        continue
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(run(read(path), Path(folder)), path)
    print(path.name, flush=True)
