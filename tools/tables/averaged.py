"""What a plain mean of models comes to: no weights, no holdout, nothing that is chosen.

    python -m tools.tables.averaged [RESULTS] [--home DIR] [--against ROW ...]

Of each task whose labels the home has: the mean of what those rows of `MEMBERS` predict that there are, as a
row of its own, and by the measure that ranks its score less that of another, with the paired 95% interval. By
default it is held against trees, and against the ensemble, which weights nearly the same members by how they
do on one holdout. That a plain mean is hard to beat is long known: Bates and Granger 1969; Timmermann,
Forecast combinations, Handbook of Economic Forecasting 2006, section 7.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from benchmark import PROJECT
from benchmark.run.result import About, Run
from benchmark.run.store import StoredResult
from benchmark.run.truth import read_truth, truth_folder_of
from benchmark.scores.scoring import Scored, Scorer, predictions_table
from leaderboard.board.merged import tables_of
from leaderboard.publishing.seed import PublishedSeed
from leaderboard.tables.rows import Floats, Row, Seed, by_table, read_rows
from leaderboard.tables.table import Derived
from tools import command
from tools.tables.bests import called

MEMBERS = (
    "recent_median",
    "recent_rate",
    "gp_level",
    "ridge",
    "lightgbm:+history",
    "mlp",
    "lstm",
    "transformer",
    "temporal_fusion_transformer",
    "clip_adapter:adapter",
    "category_embedding:hierarchy",
)
"""Of the ensemble, as rows: the median or the rate stands for the recent level."""
AGAINST = ("ensemble", "lightgbm:+history")


class Line(NamedTuple):
    table: tuple[str, str, str]
    target: str
    measure: str
    members: int
    mean: float
    other: str
    score: float
    low: float
    high: float
    """The paired 95% interval of the mean's score less the other's."""


@dataclass(frozen=True)
class Mean:
    """One seed of a row that predicts the mean of what others predict with that seed."""

    seeds: tuple[Seed, ...]
    scorer: Scorer
    labelled: bool = True

    @property
    def about(self) -> About:
        of = self.seeds[0].about
        return of.model_copy(update={"baseline": "mean", "variant": "default", "profile": "none"})

    @property
    def pages(self) -> tuple[Path, ...]:
        return tuple(page for one in self.seeds for page in one.pages)

    @cached_property
    def run(self) -> Run:
        return self.seeds[0].run.model_copy(update={"scores": tuple(self._scored.scores)})

    def predictions(self) -> pa.Table:
        tables = [one.predictions() for one in self.seeds]
        columns = [
            np.mean([table[name].to_numpy() for table in tables], axis=0) for name in self.about.targets
        ]
        return predictions_table(self.scorer.truth, self.about.targets, np.stack(columns, axis=1), {})

    def replicates(self) -> Mapping[str, Floats]:
        return self._scored.replicates

    @cached_property
    def _scored(self) -> Scored:
        return self.scorer.scored(self.predictions(), self.about)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tools.tables.averaged", description=main.__doc__)
    options.add_argument("results", type=Path, nargs="?", help="published ones; default: those of the home")
    options.add_argument("--home", type=Path, default=PROJECT / "data")
    options.add_argument("--against", action="append", help="`name` or `name:variant`")
    given = options.parse_args()
    runs = given.home.resolve() / "runs"
    rows_of: Iterable[Sequence[Row]]
    if given.results:
        tables = command.some(tables_of(given.results, [runs]), given.results)
        rows_of = [table.rows for table in tables if isinstance(table, Derived)]
    else:
        rows_of = by_table(command.some(read_rows(runs), runs)).values()
    print(
        "| task | target | measure | members | their mean | against | its score | difference | 95% interval |"
    )
    print("|---|---|---|--:|--:|---|--:|--:|---|")
    for rows in rows_of:
        for one in averaged(rows, given.against or AGAINST):
            difference = f"{one.mean - one.score:+.3f} | [{one.low:+.3f}, {one.high:+.3f}]"
            told = (
                " / ".join(one.table),
                *one[1:4],
                f"{one.mean:.3f}",
                one.other,
                f"{one.score:.3f}",
                difference,
            )
            print("|", " | ".join(map(str, told)), "|")


def averaged(rows: Sequence[Row], against: Sequence[str] = AGAINST) -> Iterator[Line]:
    """The lines of one table: a target and a row that the mean is held against."""
    ranked = {called(row): row for row in rows if row.ranked and not row.about.crawl and row.run.scores}
    members = [ranked[name] for name in MEMBERS if name in ranked]
    others = {name: ranked[name] for name in against if name in ranked}
    mean = mean_of(members) if len(members) > 1 and others else None
    if mean is None:
        return
    table = Derived([*others.values(), mean])
    for name, other in others.items():
        for target in mean.about.targets:
            at = target, mean.about.primary
            apart = table.difference(mean, other, *at)
            scores = table.score(mean, *at), table.score(other, *at)
            yield Line(mean.about.table, *at, len(members), scores[0], name, scores[1], apart.low, apart.high)


def mean_of(rows: Sequence[Row]) -> Row | None:
    """A row of the seeds that all of them have; None if there is none.

    Raises:
        StoreError: the labels of its posts are damaged.
    """
    by_seed = [{seed.run.seed: seed for seed in row.seeds} for row in rows]
    scorer = Scorer(_truth_of(rows[0].seeds[0]))
    shared = sorted(set.intersection(*(set(one) for one in by_seed)))
    seeds = tuple(Mean(tuple(one[number] for one in by_seed), scorer) for number in shared)
    return Row(seeds) if seeds else None


def _truth_of(seed: Seed) -> pa.Table:
    if isinstance(seed, PublishedSeed):
        return seed.truth.table
    assert isinstance(seed, StoredResult)
    return read_truth(truth_folder_of(seed))


if __name__ == "__main__":
    command.run(main)
