"""`python -m tests.notebooks` runs every notebook and stores what it shows: for whoever has changed one, or what it
prints."""

import tempfile
from pathlib import Path

import nbformat

from tests.notebooks.running import NOTEBOOKS, read, run

for path in NOTEBOOKS:
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(run(read(path), Path(folder)), path)
    print(path.name)
