"""`python -m tests.oracles`: what nobody here wrote, asked about our engine.

python -m tests.oracles programs                   10,000 random programs: autograd, and our own machines
python -m tests.oracles programs --peer torch      the same against PyTorch, where it is installed
python -m tests.oracles peers                      autograd's and micrograd's own tests, run with our engine
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from tests.oracles import agreement, peers_tests
from tests.oracles.deep_programs import Program, random_program
from tests.oracles.peers import PEERS


def questions(peer: str | None) -> dict[str, Callable[[Program], float]]:
    """What is asked of every program, by a name to print: how far it is from agreement, 1 being the limit."""
    if peer:
        there = PEERS[peer]()
        return {
            f"value and gradient against {peer}": lambda program: agreement.first_order(program, there),
            f"second derivatives against {peer}": lambda program: agreement.second_order(program, there),
        }
    return {
        "a tape's replay": agreement.replay,
        "the NumPy program": lambda program: agreement.machine(program, "numpy"),
        "the kernel": lambda program: agreement.machine(program, "kernel"),
    }


def ask(what: str, question: Callable[[Program], float], seeds: Sequence[int]) -> bool:
    """Ask about every program and print a line: how many, the worst, and the source of the first that is wrong."""
    from tqdm import tqdm

    found = {}
    for seed in tqdm(seeds, desc=what, leave=False, disable=None):
        found[seed] = question(random_program(seed))
    wrong = [seed for seed in seeds if not found[seed] <= 1.0]
    worst = max(found, key=lambda seed: found[seed])
    print(f"{what}: {len(seeds)} programs, {len(wrong)} wrong; the worst, {worst}, at {found[worst]:.1%} of the limit")
    if wrong:
        print(f"program {wrong[0]}:\n{random_program(wrong[0]).source()}", file=sys.stderr)
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles", description="Other engines, asked about ours.")
    commands = parser.add_subparsers(dest="command", required=True)
    programs = commands.add_parser("programs", help="random programs")
    programs.add_argument(
        "--peer", choices=[*PEERS, "none"], default="autograd", help="another engine, or our own only"
    )
    programs.add_argument("--count", type=int, default=10_000)
    programs.add_argument("--first", type=int, default=0, help="the number of the first program")
    commands.add_parser("peers", help="the tests of other engines")
    given = parser.parse_args()
    if given.command == "peers":
        return peers_tests.run()
    if given.peer != "none" and not PEERS[given.peer].installed():
        parser.error(f"{given.peer} is not installed: python -m pip install {PEERS[given.peer].requirement}")
    seeds = range(given.first, given.first + given.count)
    asked = questions(given.peer) if given.peer != "none" else {}
    if given.peer != "torch":
        asked |= questions(None)
    agreed = [ask(what, question, seeds) for what, question in asked.items()]  # all of them, whatever the first says
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    sys.exit(main())
