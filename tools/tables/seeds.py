"""What training anew does to what rows of one seed have said: pairs of rows on two pages of the board.

    git show REVISION:leaderboard/published/index.html > old.html
    python -m tools.tables.seeds old.html leaderboard/published/index.html

Of each task and protocol, by the measure that ranks: the pairs of rows of which one learns and has one seed
on the old page, and more on the new one; how many of them the 95% interval of the paired difference sets
apart on the old page, and what becomes of these on the new. Then, of each baseline, how far its seeds lie
apart on the new page. Pages hold the intervals of all pairs: no label is needed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from leaderboard.page.page import embedded
from leaderboard.tables.rows import NAME
from tools import command
from tools.tables.bests import NAIVE

Pair = tuple[str, str, str]
"""Two rows, and a target of theirs."""


class Said(NamedTuple):
    """What an interval says of a pair: -1 or 1 for the end of 0 on which it lies, 0 where it holds 0; and the
    seeds of the row that learns, the fewest of the two."""

    sign: int
    seeds: int


class Counts(NamedTuple):
    """Of the pairs of a table."""

    table: str
    pairs: int
    once: int
    """How many are apart by the old page."""
    still: int
    """How many of those are by the new one, in the same order; `turned`: in the other."""
    turned: int
    newly: int
    """How many are by the new one alone."""


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tools.tables.seeds", description=__doc__)
    options.add_argument("old", type=Path)
    options.add_argument("new", type=Path)
    given = options.parse_args()
    try:
        old, new = _page(given.old), _page(given.new)
    except ValueError as error:
        options.error(str(error))
    found = list(counts(old, new))
    print("| task | pairs | apart by one seed | still | the other way | newly |\n|---|--:|--:|--:|--:|--:|")
    for one in [*found, _summed(found)]:
        print(f"| {' | '.join(map(str, one))} |")
    print("\n| baseline | scores | sd of the error over seeds: median | ninth decile |\n|---|--:|--:|--:|")
    for baseline, shares in sorted(spreads(new).items()):
        median, decile = np.quantile(shares, [0.5, 0.9])
        print(f"| {baseline} | {len(shares)} | {median:.2%} | {decile:.2%} |")


def counts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Counts]:
    """Of each table whose rows have more seeds on the new page than the one that they have on the old."""
    before, after = said(old), said(new)
    for table in sorted(before.keys() & after.keys()):
        both = [
            (one, after[table][pair])
            for pair, one in before[table].items()
            if one.seeds == 1 and pair in after[table] and after[table][pair].seeds > 1
        ]
        if both:
            yield Counts(
                "/".join(table),
                len(both),
                sum(a.sign != 0 for a, _ in both),
                sum(a.sign == b.sign != 0 for a, b in both),
                sum(a.sign * b.sign < 0 for a, b in both),
                sum(a.sign == 0 != b.sign for a, b in both),
            )


def spreads(page: Mapping[str, Any]) -> dict[str, list[float]]:
    """baseline -> of each target of its ranked rows with more than one seed, the standard deviation over
    seeds as a share of their mean; by measures of which 0 is best."""
    value, spread = (page["columns"].index(name) for name in ("value", "spread"))
    found: dict[str, list[float]] = {}
    for row in page["rows"]:
        of = page["measures"][row["primary"]]
        if row["seeds"] > 1 and row["status"] == "ok" and not row["study"] and of["perfect"] == 0:
            for by_measure in row["scores"].values():
                numbers = by_measure[row["primary"]]
                if numbers[value]:
                    found.setdefault(row["baseline"], []).append(numbers[spread] / numbers[value])
    return found


def said(page: Mapping[str, Any]) -> dict[tuple[str, ...], dict[Pair, Said]]:
    """By table, of its ranked rows of which one learns; a study's rows are left out."""
    found: dict[tuple[str, ...], dict[Pair, Said]] = {}
    for entry in page["pairs"]:
        rows = [page["rows"][place] for place in entry["rows"]]
        if any(row["study"] for row in rows):
            continue
        table = tuple(rows[0][name] for name in NAME[:3])
        for target, by_measure in entry["ends"].items():
            ends = by_measure.get(rows[0]["primary"], {"low": [], "high": []})
            for (a, b), low, high in zip(combinations(rows, 2), ends["low"], ends["high"], strict=False):
                seeds = [row["seeds"] for row in (a, b) if row["family"] != NAIVE and row["status"] == "ok"]
                if seeds and low is not None:
                    # Ends are of one less the other; the next page may have the two in another order.
                    sign = int(low > 0) - int(high < 0)
                    first, second = sorted((_called(a), _called(b)))
                    said_of = Said(sign if first == _called(a) else -sign, min(seeds))
                    found.setdefault(table, {})[first, second, target] = said_of
    return found


def _called(row: Mapping[str, Any]) -> str:
    return " ".join(str(row[name]) for name in NAME[3:])


def _summed(found: list[Counts]) -> Counts:
    numbers = np.array([one[1:] for one in found], dtype=np.int64).reshape(
        len(found), len(Counts._fields) - 1
    )
    return Counts("all", *numbers.sum(axis=0).tolist())


def _page(path: Path) -> dict[str, Any]:
    try:
        return embedded(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is no page of the board: {error}") from None


if __name__ == "__main__":
    command.run(main)
