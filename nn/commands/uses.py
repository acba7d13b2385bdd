"""`use`, `uses` and `ask`."""

from __future__ import annotations

import argparse
import json
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from engine import BACKENDS, cores
from nn.checks import whole
from nn.commands.folders import claimed, cleared, left_by_killed, recorded, written_in
from nn.commands.sweep import kept_in
from nn.data import Preparation
from nn.experiments.pool import process_pool
from nn.json_files import write_whole
from nn.store import load_prepared
from nn.user_files import read_whole
from nn.uses import USES, Card, Own, Use, choose, run_use
from nn.uses.kit.running import SEEDS

__all__ = ["fill_ask", "fill_use", "fill_uses", "parse_ask", "replace_between"]

MARKERS = "the uses"
LARGEST_CARD = 1_000_000  # bytes


def fill_use(use: ArgumentParser, program: str) -> None:
    use.description = (
        "Train it with five seeds, print its result card beside the trivial, the linear and scikit-learn's figures, "
        "show what there is to see, and write card.json, model.json, history.csv and pictures into runs/uses/NAME. "
        f"Then: {program} ask NAME ..."
    )
    use.epilog = "\n".join(f"  {use.name:<12} {use.claim}: {use.question}" for use in USES.values())
    use.formatter_class = argparse.RawDescriptionHelpFormatter
    use.add_argument("name", choices=list(USES), metavar="NAME", help="one of those below")
    use.add_argument(
        "--quick", action="store_true", help="a short look: one seed, few rows and epochs, into runs/uses/NAME-quick"
    )
    use.add_argument(
        "--choose",
        action="store_true",
        help="compare the settings that were tried, on a fifth of the training rows, side by side on the cores; "
        "what is done is kept in runs/uses/NAME-choose, and an interrupted choice goes on by the same command",
    )
    use.add_argument(
        "--seeds",
        type=int,
        nargs="+",
        default=list(SEEDS),
        metavar="N",
        help="of weights and order; 0 1 2 3 4 if not given",
    )
    own = use.add_argument_group("your own data")
    own.add_argument(
        "--csv", metavar="FILE", help="a CSV file instead of the shipped data; it may have a column split: train, test"
    )
    own.add_argument("--target", metavar="COLUMN", help="what is to be told")
    own.add_argument("--text", metavar="COLUMN", help="the texts to learn from, for uses that read")
    own.add_argument(
        "--features",
        nargs="+",
        action="extend",
        metavar="COLUMN",
        help="the numbers to learn from; all other columns if not given",
    )
    add_running(use)
    use.add_argument("--out", metavar="FOLDER", help="where to write, instead of runs/uses/NAME")
    use.set_defaults(run=use_command)


def fill_uses(uses: ArgumentParser, program: str) -> None:
    uses.description = "Run every use as `use` does, and write runs/uses.md, the table that the README shows."
    uses.add_argument("--readme", metavar="FILE", help="write the table between its markers there too")
    uses.add_argument("--strict", action="store_true", help="fail if a goal is missed")
    add_running(uses)
    uses.set_defaults(run=uses_command)


def add_running(arguments: argparse.ArgumentParser) -> None:
    arguments.add_argument("--backend", choices=BACKENDS, default="auto", help="what computes: see `train`")
    arguments.add_argument(
        "--overwrite", action="store_true", help="replace what another command wrote into the folder"
    )
    arguments.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help="trainings side by side, with the same bits for any number; as many as there are cores if not given",
    )
    arguments.add_argument("--quiet", action="store_true", help="no progress line")


def fill_ask(ask: ArgumentParser, program: str) -> None:
    ask.description = f"Ask a network that `{program} use NAME` has trained."


def parse_ask(ask: ArgumentParser, arguments: Sequence[str]) -> Namespace:
    """The help of a use names the columns of the model that is there to be asked."""
    names = ask.add_subparsers(title="uses", required=True, metavar="NAME")
    helped = {"-h", "--help"} & set(arguments)
    for use in USES.values():
        one = names.add_parser(use.name, help=use.question, description=f"{use.claim}: {use.question}")
        use.ask_arguments(one, preparation_of(use, arguments) if helped and use.name in arguments else None)
        add_run(one, use)
        one.set_defaults(run=lambda options, use=use: ask_command(use, options))
    return ask.parse_args(arguments)


def add_run(parser: ArgumentParser, use: Use) -> None:
    usual = f"runs/uses/{use.name}"
    parser.add_argument("--run", metavar="FOLDER", dest="folder", help=f"what `use` wrote, if it is not {usual}")


def preparation_of(use: Use, arguments: Sequence[str]) -> Preparation | None:
    """That of the model which a question is for; None where there is no such model, which the question itself says."""
    parser = ArgumentParser(add_help=False)
    add_run(parser, use)
    try:
        return load_prepared(model_file(use, parser.parse_known_args(arguments)[0]))[1]
    except (OSError, ValueError):
        return None


def model_file(use: Use, options: Namespace) -> Path:
    return Path(options.folder or Path("runs", "uses", use.name), "model.json")


def use_command(options: Namespace) -> None:
    use = USES[options.name]
    for each in family(use):
        out = options.out and str(Path(options.out, each.name) if each is not use else options.out)
        if options.choose:
            compare(each, options, own_of(options), out)
            continue
        seeds = options.seeds[:1] if options.quick else options.seeds
        run(each, options, own_of(options), seeds, options.quick, out)


def family(use: Use) -> list[Use]:
    return [use, *(USES[name] for name in use.followed_by)]


def own_of(options: Namespace) -> Own | None:
    if options.csv:
        return Own(options.csv, options.target, options.text, tuple(options.features) if options.features else None)
    for option in ("target", "text", "features"):
        if getattr(options, option):
            raise ValueError(f"--{option} names a column of your own data: give it with --csv FILE")
    return None


def compare(use: Use, options: Namespace, own: Own | None, out: str | None) -> None:
    """Print what the settings that were tried reach. The trainings that are done are in the folder, from which the same
    command goes on where it was interrupted."""
    workers = nullcontext() if options.jobs is None else process_pool(jobs_of(options))
    with kept_in(folder_of(use, own, "-choose", out), options.overwrite) as (file, _), workers as executor:
        said = choose(use, own=own, backend=options.backend, executor=executor, file=file, progress=not options.quiet)
        print(said)


def jobs_of(options: Namespace) -> int:
    return cores() if options.jobs is None else whole("--jobs", options.jobs, 1)


def folder_of(use: Use, own: Own | None, kind: str, out: str | None) -> Path:
    return Path(out or Path("runs", "uses", use.name + (f"-{Path(own.path).stem}" if own else "") + kind))


def run(
    use: Use,
    options: Namespace,
    own: Own | None = None,
    seeds: Any = SEEDS,
    quick: bool = False,
    out: str | None = None,
) -> Card:
    """Run a use and write it down. KeyboardInterrupt, when that is done, where the run was interrupted."""
    folder = folder_for(use, folder_of(use, own, "-quick" if quick else "", out), options.overwrite)
    with claimed(folder), written_in(folder) as names:
        cleared(folder)
        card = run_use(
            use, folder, own=own, seeds=seeds, quick=quick, backend=options.backend,
            jobs=jobs_of(options), progress=not options.quiet,
        )  # fmt: skip
    print(f"written to {folder}: {', '.join(names)}")
    if card.interrupted:
        raise KeyboardInterrupt(f"the card in {folder} says what was done")
    at = "" if folder == Path("runs", "uses", use.name) else f" --run {folder}"
    print(f"now ask it: {options.program} ask {use.name} --help{at and f'   (with{at})'}\n")
    return card


def folder_for(use: Use, folder: Path, overwrite: bool) -> Path:
    """The folder, made. One that holds what this use wrote, or a use that was interrupted or killed before its card,
    is written anew; ValueError for one that holds anything else."""
    held = {file.name for file in folder.iterdir() if not file.name.startswith(".")} if folder.is_dir() else set()
    unfinished = held <= {*recorded(folder), *left_by_killed(folder)} - {"card.json", "checkpoint.json"}
    if not (overwrite or unfinished or used_by(folder) == use.name):
        raise ValueError(f"{folder} holds something else: --overwrite writes into it, --out names another folder")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def used_by(folder: Path) -> Any:
    """The use whose card is in a folder."""
    try:
        return json.loads(read_whole(folder / "card.json", "a card", LARGEST_CARD))["use"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def uses_command(options: Namespace) -> None:
    cards, absent = [], []
    for use in USES.values():
        try:
            cards.append(run(use, options))
        except ImportError as error:
            absent.append(f"{use.name}: {error}")
    text = table(cards)
    write_whole(Path("runs", "uses.md"), text + "\n")
    print(text)
    if absent:
        raise ImportError(f"the table lacks what could not be run: {'; '.join(absent)}")
    if options.readme:
        readme = Path(options.readme)
        write_whole(readme, replace_between(readme.read_text(encoding="utf-8"), MARKERS, text))
    missed = [card.use.name for card in cards if not card.reached]
    if missed and options.strict:
        raise ValueError(f"missed: {', '.join(missed)}")


def table(cards: list[Card]) -> str:
    """All results as Markdown, a line each; bold where ours are clearly better than simpler models."""
    columns = [
        "use",
        "what it is",
        "judged by",
        "ours (5 seeds)",
        "trivial",
        "linear",
        "scikit-learn",
        "goal",
        "ours less the better simpler model",
        "a seed",
    ]
    return "\n".join([f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *(card.row() for card in cards)])


def replace_between(text: str, name: str, content: str) -> str:
    """The text with what stands between its markers of that name replaced. ValueError if it has none."""
    pattern = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"there are no markers <!-- {name}: ... --> and <!-- end of {name} --> to write between")
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text)


def ask_command(use: Use, options: Namespace) -> None:
    file = model_file(use, options)
    options.folder = file.parent
    if not file.exists():
        trains = f"`{options.program} use {use.name}` trains it"
        raise ValueError(f"there is no {file}: {trains}, --run names another folder")
    model, preparation = load_prepared(file)
    if not isinstance(model, use.kind):
        raise ValueError(f"{file} holds {model!r}; {use.name} asks a {use.kind.__name__}")
    for line in use.ask(model, preparation, options):
        print(line)
