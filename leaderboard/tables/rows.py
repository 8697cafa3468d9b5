"""Rows: the results of one (dataset, task, protocol, baseline, variant, profile, crawl), over their seeds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.declared.naming import printable
from benchmark.errors import StoreError
from benchmark.run.result import About, Run
from benchmark.run.store import Store, StoredResult, read_result
from benchmark.scores.drawn import Drawn
from leaderboard.tables.known import unknown
from leaderboard.tables.over_seeds import over_seeds

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Identity = tuple[str, str, str, str, str, str, bool]

NAME = ["dataset", "task", "protocol", "baseline", "variant", "profile", "crawl"]
"""What names a row."""


class Seed(Protocol):
    """What a row needs of one of its seeds, wherever it is kept."""

    @property
    def about(self) -> About: ...
    @property
    def run(self) -> Run: ...
    @property
    def labelled(self) -> bool:
        """Whether its labels are on this machine, so that replicates can be had."""
        ...

    @property
    def pages(self) -> tuple[Path, ...]:
        """The files that it is read from, which name by checksum whatever lies beside them."""
        ...

    def predictions(self) -> pa.Table: ...
    def replicates(self) -> Mapping[str, Floats]: ...


@dataclass(frozen=True)
class Row:
    """One row of the board: the same cell under one or more seeds."""

    seeds: tuple[Seed, ...]

    @property
    def about(self) -> About:
        """Where it comes from, which the seeds share."""
        return self.seeds[0].about

    @property
    def run(self) -> Run:
        """What came of its first seed."""
        return self.seeds[0].run

    @property
    def runs(self) -> list[Run]:
        return [seed.run for seed in self.seeds]

    @cached_property
    def name(self) -> Identity:
        """The values of `NAME`. Boards sort by it."""
        of = self.about
        return *of.table, of.baseline, of.variant, of.profile, of.crawl

    @property
    def status(self) -> str:
        """`ok`, `ceiling`, or what went wrong: `skipped: needs image`."""
        return next((run for run in self.runs if not run.sound), self.run).told

    @property
    def ranked(self) -> bool:
        """A ceiling is scored and not ranked: it has seen what no baseline can. Nor are a study's rows: the
        best of many combinations, found on the test posts, would be no honest rival."""
        return self.scored and self.run.status == "ok" and not self.about.study

    @cached_property
    def scored(self) -> bool:
        return all(run.sound for run in self.runs) and bool(self.run.scores)

    @property
    def reads(self) -> str:
        """What its predictions were made of: `text, metadata, history`; empty where that is not told."""
        return ", ".join(dict.fromkeys(one for run in self.runs for one in run.reads))

    @property
    def labelled(self) -> bool:
        """Whether its replicates can be had on this machine."""
        return all(seed.labelled for seed in self.seeds)

    def measures(self, target: str) -> list[str]:
        return [one.measure for one in self.run.scores if one.target == target]

    def base_rate(self, target: str) -> float | None:
        """Of an event, the share of the test posts to which it happened; None where it is not told."""
        return dict(zip(self.about.targets, self.run.base_rates, strict=False)).get(target)

    def values(self, target: str, measure: str) -> Floats:
        """float64 [seeds]; NaN where the measure is undefined."""
        found = [
            one.value
            for run in self.runs
            for one in run.scores
            if (one.target, one.measure) == (target, measure)
        ]
        return np.array([np.nan if value is None else value for value in found])

    def replicates(self, target: str, measure: str) -> Floats:
        """float64 [resamples]: the mean over seeds in each resample, in which seeds are drawn too; a table's
        rows share the resamples."""
        return over_seeds([of_seed[f"{target}/{measure}"] for of_seed in self._replicates])

    def with_seeds_of(self, other: Row) -> Row:
        """This row with the seeds that the other alone has; as it is, where that is another row, or of other
        posts, code or encoders."""
        a, b = self.seeds[0], other.seeds[0]
        if self.name != other.name or a.about.truth_key != b.about.truth_key or not _of_one_row(a, b):
            return self
        seeds = {seed.run.seed: seed for seed in (*other.seeds, *self.seeds)}
        return Row(tuple(seeds[number] for number in sorted(seeds)))

    @cached_property
    def _replicates(self) -> list[Mapping[str, Floats]]:
        return [seed.replicates() for seed in self.seeds]


@dataclass(frozen=True)
class Stored:
    """What a run store holds for a board."""

    rows: list[Row]
    left_out: tuple[str, ...]
    """Why results are no part of it, a phrase each; the others stand without them."""
    kept: tuple[StoredResult, ...]
    """Those of the rows."""
    superseded: tuple[StoredResult, ...]
    """Sound ones that no row has: of older data, code or encoders, or of a seed that ran again."""


def read_rows(runs: Path) -> list[Row]:
    """The current rows of a run store: see `read_store`."""
    return read_store(runs).rows


def read_store(runs: Path) -> Stored:
    """The current rows of a run store, and which results are damaged or not to be read here.

    Within a table, only results on the newest data and protocol count: rows on different posts cannot be
    compared. Within a row, only seeds of the newest code and encoders do: what else but the seed decides its
    predictions.
    """
    sound, left_out = [], []
    for folder in Store(runs).folders():
        try:
            sound.append(_usable(read_result(folder)))
        except StoreError as error:
            left_out.append(printable(str(error)))
            log.warning("%s; it is left out of the board", left_out[-1])
    newest_truth = _newest(sound, lambda one: one.about.table)
    results = [one for one in sound if one.about.truth_key == newest_truth[one.about.table].about.truth_key]
    newest = _newest(results, _name)
    grouped: dict[Identity, dict[int, StoredResult]] = {}
    for one in sorted(results, key=lambda one: one.run.created):
        if _of_one_row(one, newest[_name(one)]):
            grouped.setdefault(_name(one), {})[one.run.seed] = one  # a later run of a seed counts
    rows = [Row(tuple(seeds[seed] for seed in sorted(seeds))) for _, seeds in sorted(grouped.items())]
    kept = {one.folder: one for seeds in grouped.values() for one in seeds.values()}
    superseded = tuple(one for one in sound if one.folder not in kept)
    return Stored(rows, tuple(left_out), tuple(kept.values()), superseded)


def _usable(stored: StoredResult) -> StoredResult:
    """A result of which tables can be made.

    Raises:
        StoreError: it speaks of what this version has not, or its replicates are not those of its scores.
    """
    if strange := next(unknown(stored.about, [stored.run]), None):
        raise StoreError(f"{stored.folder}: {strange} is not known here. Update smpbench, or run it again")
    if not stored.run.scores:
        return stored
    found = stored.replicates()
    for one in stored.run.scores:
        name = f"{one.target}/{one.measure}"
        if name not in found or found[name].ndim != 1 or found[name].dtype != np.float64:
            raise StoreError(f"{stored.folder}: has no replicates of {name}. Run it again")
    return stored


def drawn_of_rows(rows: Sequence[Row]) -> Drawn:
    """What the resamples of a table's posts were drawn from; of no cluster where nothing is scored.

    Results from before that was told say how many clusters there were: they are taken for accounts.
    """
    runs = [run for row in rows if row.scored for run in row.runs if run.clusters]
    told = next((run for run in runs if run.effective is not None), next(iter(runs), None))
    if told is None or told.clusters is None:
        return Drawn(0, 0.0)
    return Drawn(told.clusters, told.effective or float(told.clusters), told.weeks)


def by_table(rows: Sequence[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """The rows of each (data set, task, protocol), in their order."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        found.setdefault(row.about.table, []).append(row)
    return found


def _name(one: StoredResult) -> Identity:
    return Row((one,)).name


def _of_one_row(a: Seed, b: Seed) -> bool:
    """Whether two results differ by the seed alone; by their code, where one does not tell more."""
    keys = {one.about.row_key or (one.run.key if one.run.seed == 0 else "") for one in (a, b)} - {""}
    return a.about.code_hash == b.about.code_hash and len(keys) < 2


def _newest(
    results: Iterable[StoredResult], key: Callable[[StoredResult], Hashable]
) -> dict[Hashable, StoredResult]:
    found: dict[Hashable, StoredResult] = {}
    for one in results:
        if key(one) not in found or one.run.created > found[key(one)].run.created:
            found[key(one)] = one
    return found
