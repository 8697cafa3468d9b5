"""Rows: the stored results of one (dataset, task, protocol, baseline, variant, crawl), over their seeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.run.store import Store, Stored
from leaderboard.tables.over_seeds import over_seeds

REFERENCE = "recent_median"
"""The naive row that skill is measured against."""

NAME = ["dataset", "task", "protocol", "baseline", "variant", "encoders", "crawl"]
"""What names a row."""


@dataclass(frozen=True)
class Row:
    """One row of the board: the same cell under one or more seeds."""

    seeds: tuple[Stored, ...]

    @property
    def first(self) -> dict[str, Any]:
        """The provenance, which the seeds share."""
        return self.seeds[0].result

    @property
    def table(self) -> tuple[str, str, str]:
        """Rows are compared within one data set, task and protocol."""
        return self.first["dataset"], self.first["task"], self.first["protocol"]

    @property
    def truth_key(self) -> str:
        """Names the test posts and their labels: rows can be compared if they share it."""
        key: str = self.first["truth_key"]
        return key

    @property
    def status(self) -> str:
        """`ok`, `ceiling`, or what went wrong: `skipped: needs image`."""
        told = [one.result for one in self.seeds]
        worst = next((one for one in told if one["status"] not in ("ok", "ceiling")), told[0])
        return worst["status"] + (f": {worst['reason']}" if worst["reason"] else "")

    @property
    def ranked(self) -> bool:
        """A ceiling is scored and not ranked: it has seen what no baseline can. Nor are a study's rows: the
        best of many combinations, found on the test posts, would be no honest rival."""
        return self.scored and self.status == "ok" and not self.study

    @property
    def study(self) -> list[str]:
        """Names of the settings that the study which this row belongs to compares; empty outside of one."""
        return self.first.get("study", [])

    @property
    def scored(self) -> bool:
        return self.status in ("ok", "ceiling") and bool(self.first["scores"])

    def metrics(self, target: str) -> list[str]:
        return [one["metric"] for one in self.first["scores"] if one["target"] == target]

    def values(self, target: str, metric: str) -> NDArray[np.float64]:
        """float64 [seeds]; NaN where the metric is undefined."""
        found = [
            one["value"]
            for stored in self.seeds
            for one in stored.result["scores"]
            if (one["target"], one["metric"]) == (target, metric)
        ]
        return np.array([np.nan if value is None else value for value in found])

    def replicates(self, target: str, metric: str) -> NDArray[np.float64]:
        """float64 [resamples]: the mean over seeds in each resample, in which seeds are drawn too; a table's
        rows share the resamples."""
        return over_seeds([of_seed[f"{target}/{metric}"] for of_seed in self._replicates])

    @cached_property
    def _replicates(self) -> list[dict[str, Any]]:
        return [stored.replicates() for stored in self.seeds]


def read_rows(runs: Path) -> list[Row]:
    """The current rows of a run store.

    Within a table, only results on the newest data and protocol count: rows on different posts cannot be
    compared. Within a row, only seeds of the newest code do.
    """
    results = list(Store(runs).results())
    current = _newest(results, _table_of)
    keys = {table: one.result["truth_key"] for table, one in current.items()}
    results = [one for one in results if one.result["truth_key"] == keys[_table_of(one)]]
    newest = _newest(results, _row_of)
    grouped: dict[tuple[Any, ...], dict[int, Stored]] = {}
    for one in sorted(results, key=lambda one: one.result["created"]):
        if one.result["code_hash"] == newest[_row_of(one)].result["code_hash"]:
            grouped.setdefault(_row_of(one), {})[one.result["seed"]] = one  # a later run of a seed counts
    return [Row(tuple(seeds[seed] for seed in sorted(seeds))) for _, seeds in sorted(grouped.items())]


def identity(row: Row) -> tuple[Any, ...]:
    """The values of `NAME`. Boards sort by it."""
    return _row_of(row.seeds[0])


def _table_of(one: Stored) -> tuple[Any, ...]:
    return one.result["dataset"], one.result["task"], one.result["protocol"]


def _row_of(one: Stored) -> tuple[Any, ...]:
    told = one.result
    return (*_table_of(one), told["baseline"], told["variant"], told["encoders"], told["crawl"])


def _newest(results: Iterable[Stored], key: Any) -> dict[tuple[Any, ...], Stored]:
    found: dict[tuple[Any, ...], Stored] = {}
    for one in results:
        if key(one) not in found or one.result["created"] > found[key(one)].result["created"]:
            found[key(one)] = one
    return found
