"""What it costs to learn once: every row under `frozen` and under `rolling`, on the same posts.

    python -m tools.tables.ageing [RESULTS] [--home DIR] [-b BASELINE ...]

Under `frozen` a model is fitted once and told nothing more; under `rolling` it is told labels as they mature.
Of each task that has both on the same posts, and each row and target: the error under either by the measure
that ranks, and rolling less frozen with its paired 95% interval, from the resamples that both share.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmark import PROJECT
from leaderboard.board.merged import tables_of
from leaderboard.tables.paired import paired_interval
from leaderboard.tables.rows import Row, by_table, read_rows
from leaderboard.tables.table import Derived, Table
from tools import command
from tools.tables.bests import called


class Aged(NamedTuple):
    dataset: str
    task: str
    target: str
    measure: str
    row: str
    frozen: float
    rolling: float
    low: float
    high: float
    """The paired 95% interval of rolling less frozen."""


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tools.tables.ageing", description=main.__doc__)
    options.add_argument("results", type=Path, nargs="?", help="published ones; default: those of the home")
    options.add_argument("--home", type=Path, default=PROJECT / "data")
    options.add_argument("-b", "--baseline", action="append", help="`name` or `name:variant`; default: all")
    given = options.parse_args()
    runs = given.home.resolve() / "runs"
    tables: Sequence[Table]
    if given.results:
        tables = command.some(tables_of(given.results, [runs]), given.results)
    else:
        tables = [Derived(rows) for rows in by_table(command.some(read_rows(runs), runs)).values()]
    print("| task | target | row | measure | frozen | rolling | rolling - frozen | 95% interval |")
    print("|---|---|---|---|--:|--:|--:|---|")
    for one in aged(tables):
        if not given.baseline or one.row in given.baseline:
            print(
                f"| {one.dataset} / {one.task} | {one.target} | {one.row} | {one.measure} | {one.frozen:.3f} "
                f"| {one.rolling:.3f} | {one.rolling - one.frozen:+.3f} | [{one.low:+.3f}, {one.high:+.3f}] |"
            )


def aged(tables: Sequence[Table]) -> Iterator[Aged]:
    """A line a row and target of the tasks whose labels are at hand and whose posts are the same."""
    by_name = {table.rows[0].about.table: table for table in tables}
    for (dataset, task, protocol), frozen in by_name.items():
        rolling = by_name.get((dataset, task, "rolling"))
        if protocol != "frozen" or not (isinstance(frozen, Derived) and isinstance(rolling, Derived)):
            continue
        fresh = {_what(row): row for row in rolling.rows if row.ranked}
        for row in frozen.rows:
            other = fresh.get(_what(row))
            if row.ranked and other is not None and _same_resamples(row, other):
                yield from _lines(frozen, row, rolling, other)


def _lines(frozen: Derived, row: Row, rolling: Derived, other: Row) -> Iterator[Aged]:
    about = row.about
    for target in about.targets:
        at = target, about.primary
        if about.primary in row.measures(target) and about.primary in other.measures(target):
            sides = rolling.replicates(other, *at), frozen.replicates(row, *at)
            low, high, _ = paired_interval(*sides, rolling.uncertainty)
            scores = frozen.score(row, *at), rolling.score(other, *at)
            yield Aged(about.dataset, about.task, *at, called(row), *scores, low, high)


def _what(row: Row) -> tuple[object, ...]:
    """Its name, whatever the protocol."""
    about = row.about
    return about.baseline, about.variant, about.profile, about.crawl, about.study


def _same_resamples(row: Row, other: Row) -> bool:
    """Whether two rows are of the same posts in the same order, drawn anew alike, and of the same seeds."""
    posts = [one.seeds[0].predictions()["post_id"] for one in (row, other)]
    told = [(one.run.clusters, one.run.effective, one.run.weeks) for one in (row, other)]
    numbers = [[run.seed for run in one.runs] for one in (row, other)]
    return posts[0].equals(posts[1]) and told[0] == told[1] and numbers[0] == numbers[1]


if __name__ == "__main__":
    command.run(main)
