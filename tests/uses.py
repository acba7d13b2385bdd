"""Whether the table of uses in nn/README.md is true: after `python -m nn uses`, `python -m tests.uses` compares it with
the cards in runs/."""

import json
import math
import re
import sys
from pathlib import Path

from nn.uses import USES
from tests.readme import USES_README

ROW = re.compile(r"^\| `([\w-]+)` \|.*$", re.MULTILINE)


def rows(text):
    """The rows of the table by the name of the use: its cells."""
    table = re.search(r"<!-- the uses: .*?-->(.*?)<!-- end of the uses -->", text, re.DOTALL)[1]
    return {match[1]: [cell.strip() for cell in match[0].strip("|").split("|")] for match in ROW.finditer(table)}


def differences(said, cards):
    """What the table says otherwise than the cards, a line each; another machine may draw other last bits, so runs
    are like other seeds."""
    found = [f"{name}: no {'card' if name in said else 'row'}" for name in sorted(said.keys() ^ cards.keys())]
    for name, card in cards.items():
        if name not in said:
            continue
        mean, spread = (float(number) for number in re.findall(r"[\d.]+", said[name][3])[:2])
        digits = USES[name].metric.digits
        tolerance = 10.0**-digits + 4 * math.sqrt(2 / 5) * max(spread, card["spread"])
        if abs(mean - card["mean"]) > tolerance:
            found.append(
                f"{name}: the table says {mean}, the card {card['mean']:.{digits}f}, which differ by more than "
                f"{tolerance:.{digits}f}"
            )
        reached = USES[name].metric.reaches(card["mean"], card["goal"])
        if reached == ("missed" in said[name][7]):
            found.append(f"{name}: the goal was {'reached' if reached else 'missed'}, the table says the other")
    return found


def main():
    cards = {name: json.loads(Path("runs", name, "card.json").read_text(encoding="utf-8")) for name in USES}
    found = differences(rows(USES_README.read_text(encoding="utf-8")), cards)
    print("\n".join(found) or f"the table of {len(cards)} uses in nn/README.md agrees with runs/")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
