"""What the READMEs say that the code knows: `python -m tests.readme` writes the generated parts anew, the tests hold
them true."""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import Term, rules
from engine.formulas.terms import symbol, term
from engine.rules import RULES
from nn.commands.uses import replace_between

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RULES_README = ROOT / "engine" / "README.md"
USES_README = ROOT / "nn" / "README.md"
READMES = [
    README, RULES_README, USES_README, ROOT / "notebooks" / "README.md", ROOT / "tests" / "README.md",
    ROOT / ".github" / "CONTRIBUTING.md",
]  # fmt: skip
PICTURE = ROOT / "notebooks" / "pictures" / "neuron.svg"


def code(text):
    return "`" + text.replace("|", "\\|") + "`"


def intervals(rule):
    """The domain as a reader writes it: x > 0, -1 ≤ x ≤ 1, any."""
    parts = []
    for letter, (low, high) in zip(rule.parameters, rule.domain, strict=True):
        bounds = [f"{low:.3g} <"] * (low > -float("inf")), [f"< {high:.3g}"] * (high < float("inf"))
        if bounds != ([], []):
            parts.append(" ".join([*bounds[0], letter, *bounds[1]]).replace("0 < " + letter, letter + " > 0"))
    return ", ".join(parts) or "all numbers"


def symbols(rule):
    """Symbols for the inputs of a rule; lists of two."""
    return [
        [symbol(f"{name[0]}{i}") for i in (1, 2)] if i_ < rule.lists else symbol(name)
        for i_, name in enumerate(rule.parameters)
    ]


def slopes(rule):
    args = rule.each(lambda x: x, symbols(rule))
    if not rule.lists:
        return [str(term(slope(*args, symbol("z")))) for slope in rule.slopes]
    return [
        str(term(slope[0] if isinstance(slope, list | tuple) else slope))
        for slope in rule.slopes[0](*args, symbol("z"))
    ]


def table():
    """The table of rules as Markdown, one line a row."""
    lines = ["| name | z | slope of z in each input | checked on | at kinks and edges |", "|---|---|---|---|---|"]
    for rule in [row for row in RULES.values() if row.name in rules.__all__]:  # not those of a doctest or a lesson
        args = rule.each(lambda x: x, symbols(rule))
        cells = [
            code(rule.name),
            code(Term(rule=rule, args=args).text()),
            ", ".join(map(code, slopes(rule))),
            intervals(rule),
            rule.convention,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def example():
    """The README's example, and what it says it prints."""
    source, printed = re.search(
        r"```python\n(.*?)```\n+```text\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    ).groups()
    return source, printed


def run(source, folder):
    """What a program prints, run in that folder as in a clone of this project."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


def run_example(folder):
    """What the example prints, run in that folder."""
    return run(example()[0], folder)


def main():
    rules_text = replace_between(RULES_README.read_text(encoding="utf-8"), "the table of rules", table())
    RULES_README.write_text(rules_text, encoding="utf-8")
    text, printed = README.read_text(encoding="utf-8"), example()[1]
    with TemporaryDirectory() as folder:
        text = text.replace(f"```text\n{printed}```", f"```text\n{run_example(folder)}```", 1)
        README.write_text(text, encoding="utf-8")
        PICTURE.write_bytes(Path(folder, "neuron.svg").read_bytes())


if __name__ == "__main__":
    main()
