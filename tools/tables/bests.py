"""The best rows of two boards held against each other, and every learned row against the reference.

    python -m tools.tables.bests OLD NEW [--home DIR]

OLD and NEW are folders of published results (`git archive REVISION leaderboard/published/results | tar -x -C
DIR` takes those of a revision out). Of each task, protocol and target that both have on the same posts, by
the measure that ranks: the best publish-time row of each, and new less old with its paired 95% interval,
from the resamples that both share; that takes the labels, which lie in the home. The best of many rows looks
better than it is, on both sides alike: the difference says how far a board has come, not which row is best.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmark import PROJECT
from benchmark.scores.measures import measure
from leaderboard.board.merged import tables_of
from leaderboard.tables.paired import paired_interval
from leaderboard.tables.rows import Row
from leaderboard.tables.skill import SKILL
from leaderboard.tables.table import Derived, Table
from tools import command

NAIVE = "naive"
"""The family of what learns nothing."""


class Best(NamedTuple):
    """Of one target of a table."""

    table: tuple[str, str, str]
    target: str
    measure: str
    old: str
    old_score: float
    new: str
    new_score: float
    seeds: int
    """Of the new row."""
    low: float
    high: float
    """The paired 95% interval of new less old; NaN where a side has no labels here."""


class Against(NamedTuple):
    """How the learned rows of a target stand to the reference."""

    table: tuple[str, str, str]
    target: str
    better: tuple[str, ...]
    worse: tuple[str, ...]
    untold: tuple[str, ...]
    """Whose interval of skill holds 0."""


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tools.tables.bests", description=main.__doc__)
    options.add_argument("old", type=Path)
    options.add_argument("new", type=Path)
    options.add_argument("--home", type=Path, default=PROJECT / "data")
    given = options.parse_args()
    runs = [given.home.resolve() / "runs"]
    before, after = (command.some(tables_of(folder, runs), folder) for folder in (given.old, given.new))
    print("| task | target | measure | old best | | new best | | seeds | new - old | 95% interval |")
    print("|---|---|---|---|--:|---|--:|--:|--:|---|")
    for one in bests(before, after):
        interval = "labels are not here" if np.isnan(one.low) else f"[{one.low:+.3f}, {one.high:+.3f}]"
        scores = f"{one.old} | {one.old_score:.3f} | {one.new} | {one.new_score:.3f} | {one.seeds}"
        print(
            f"| {' / '.join(one.table)} | {one.target} | {one.measure} | {scores} "
            f"| {one.new_score - one.old_score:+.3f} | {interval} |"
        )
    print("\n| task | target | better than the reference | worse | cannot be told |\n|---|---|---|---|---|")
    for found in against(after):
        names = (", ".join(rows) for rows in (found.better, found.worse, found.untold))
        print(f"| {' / '.join(found.table)} | {found.target} | {' | '.join(names)} |")


def bests(before: Sequence[Table], after: Sequence[Table]) -> Iterator[Best]:
    """A line a target of the tables that both have on the same posts."""
    old = {table.rows[0].about.table: table for table in before}
    for now in after:
        about = now.rows[0].about
        was = old.get(about.table)
        if was is None or was.rows[0].about.truth_key != about.truth_key:
            continue
        for target in about.targets:
            first, last = best(was, target), best(now, target)
            if first is None or last is None:
                continue
            low = high = np.nan
            if isinstance(was, Derived) and isinstance(now, Derived):
                ours, theirs = (
                    table.replicates(row, target, about.primary) for table, row in ((now, last), (was, first))
                )
                low, high, _ = paired_interval(ours, theirs, now.uncertainty)
            yield Best(
                about.table,
                target,
                about.primary,
                called(first),
                was.score(first, target, about.primary),
                called(last),
                now.score(last, target, about.primary),
                len(last.seeds),
                low,
                high,
            )


def best(table: Table, target: str) -> Row | None:
    """The row with the best score among those that know what is known when a post is published."""
    name = table.rows[0].about.primary
    rows = [row for row in table.rows if row.ranked and not row.about.crawl and name in row.measures(target)]
    direction = -1 if measure(name).better == "lower" else 1
    return max(rows, key=lambda row: direction * table.score(row, target, name), default=None)


def against(tables: Sequence[Table]) -> Iterator[Against]:
    """A line a target: the learned rows by the interval of their skill."""
    for table in tables:
        about = table.rows[0].about
        for target in about.targets:
            sides: dict[str, list[str]] = {"better": [], "worse": [], "untold": []}
            for row in table.rows:
                learned = row.ranked and not row.about.crawl and row.about.family != NAIVE
                if not learned or SKILL not in table.measures(row, target):
                    continue
                low, high = table.interval(row, target, SKILL)
                sides["better" if low > 0 else "worse" if high < 0 else "untold"].append(called(row))
            yield Against(about.table, target, *(tuple(rows) for rows in sides.values()))


def called(row: Row) -> str:
    """As on the command line."""
    return row.about.baseline + ("" if row.about.variant == "default" else f":{row.about.variant}")


if __name__ == "__main__":
    command.run(main)
