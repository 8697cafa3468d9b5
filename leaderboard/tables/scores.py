"""Tables: rows -> the tidy leaderboard, one line a (row, target, metric), with paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.scores.bootstrap import interval
from benchmark.scores.metrics import METRICS
from leaderboard.tables.rows import REFERENCE, Row

IDENTITY = [
    "dataset",
    "task",
    "target",
    "protocol",
    "baseline",
    "variant",
    "encoders",
    "crawl",
    "study",
    "seeds",
]
SCORE = ["metric", "score", "score_low", "score_high", "score_std", "skill", "rank"]
DIFFERENCE = ["delta_best", "delta_best_low", "delta_best_high"]
COSTS = ["fit_seconds", "predict_ms_per_post", "peak_mb"]
PROVENANCE = ["status", "data_fingerprint", "protocol_version", "code_hash"]
COLUMNS = [*IDENTITY, "n_train", "n_test", *SCORE, *DIFFERENCE, *COSTS, *PROVENANCE]
SLICE_COLUMNS = [*IDENTITY, "slice", "n", "metric", "score"]

EXTERNAL = "external"
"""The variant of rows of which only the predictions are known: the model ran outside of this suite."""

HIGHER_IS_BETTER = {name: metric.better == "higher" for name, metric in METRICS.items() if metric.better}
HIGHER_IS_BETTER["skill"] = True


def leaderboard(rows: Sequence[Row]) -> pd.DataFrame:
    """Every score of every row, with its 95% interval, rank, and difference to the best row.

    `skill` is 1 - MAE / MAE of the reference on the same posts. A difference is `score - score of the best`,
    its interval that of the paired replicates. Rows that may see crawl-time columns are ranked among
    themselves; a ceiling is not ranked. A row without scores keeps one line a target, with its status.
    """
    lines: list[dict[str, Any]] = []
    for table in dict.fromkeys(row.table for row in rows):
        together = [row for row in rows if row.table == table]
        for target in together[0].first["targets"]:
            lines += _of_target(together, target)
    return pd.DataFrame(lines, columns=COLUMNS)


def slice_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Scores of subsets of the test posts (unseen users, months, categories), means over seeds."""
    lines = [
        {**_identity(row, one["target"]), **one, "score": one["value"]}
        for row in rows
        for stored in row.seeds
        for one in stored.result.get("slices", [])
    ]
    frame = pd.DataFrame(lines, columns=SLICE_COLUMNS)
    keys = [name for name in SLICE_COLUMNS if name != "score"]
    return frame.groupby(keys, sort=False, as_index=False, dropna=False)["score"].mean()


def _of_target(rows: Sequence[Row], target: str) -> list[dict[str, Any]]:
    scored = {id(row): _scores(row, target, _reference(rows)) for row in rows if row.scored}
    lines = []
    for row in rows:
        if not row.scored:
            lines.append(_identity(row, target) | _costs(row))
            continue
        rivals = [one for one in rows if one.ranked and one.first["crawl"] == row.first["crawl"]]
        for metric, (values, replicates) in scored[id(row)].items():
            low, high = interval(replicates, n_clusters=row.first["clusters"])
            line = _identity(row, target) | _costs(row)
            line |= {"metric": metric, "score": values.mean(), "score_low": low, "score_high": high}
            line["score_std"] = values.std(ddof=1) if len(values) > 1 else np.nan
            line["skill"] = scored[id(row)]["skill"][0].mean() if "skill" in scored[id(row)] else np.nan
            if row.ranked and metric in HIGHER_IS_BETTER:
                line |= _against_best(row, [(one, scored[id(one)]) for one in rivals], metric)
            lines.append(line)
    return lines


Scores = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Metric -> values by seed, replicates."""


def _scores(row: Row, target: str, reference: Row | None) -> Scores:
    found = {
        metric: (row.values(target, metric), row.replicates(target, metric)) for metric in row.metrics(target)
    }
    if reference is not None and "mae" in found:
        values, replicates = found["mae"]
        base = reference.values(target, "mae").mean()
        if base > 0:
            found["skill"] = 1 - values / base, 1 - replicates / reference.replicates(target, "mae")
    return found


def _against_best(row: Row, rivals: Sequence[tuple[Row, Scores]], metric: str) -> dict[str, Any]:
    """Rank among the rivals (the row is one of them), and the paired difference to the first of them."""
    sign = -1 if HIGHER_IS_BETTER[metric] else 1
    standing = [
        (sign * scores[metric][0].mean(), one, scores[metric]) for one, scores in rivals if metric in scores
    ]
    mine, own = next((place, scores) for place, one, scores in standing if one is row)
    if np.isnan(mine):
        return {}
    rank = 1 + sum(place < mine for place, _, _ in standing)
    _, best, best_scores = min(standing, key=lambda one: one[0])
    if best is row:
        return {"rank": rank}
    low, high = interval(own[1] - best_scores[1], n_clusters=row.first["clusters"])
    return {
        "rank": rank,
        "delta_best": own[0].mean() - best_scores[0].mean(),
        "delta_best_low": low,
        "delta_best_high": high,
    }


def _reference(rows: Sequence[Row]) -> Row | None:
    """The reference reads no column, so its publish-time row serves the crawl-time rows too."""
    return next((row for row in rows if row.first["baseline"] == REFERENCE and row.ranked), None)


def _identity(row: Row, target: str) -> dict[str, Any]:
    told = row.first
    return {
        **{name: told[name] for name in ("dataset", "task", "protocol", "baseline", "variant", "encoders")},
        "target": target,
        "crawl": told["crawl"],
        "study": bool(row.study),
        "seeds": len(row.seeds),
        "status": row.status,
        "data_fingerprint": told["data_fingerprint"],
        "protocol_version": told["protocol_version"],
        "code_hash": told["code_hash"],
    }


def _costs(row: Row) -> dict[str, Any]:
    if "n_test" not in row.first:
        return {}
    told = [stored.result for stored in row.seeds if "n_test" in stored.result]
    return {
        "n_train": row.first["n_train"],
        "n_test": row.first["n_test"],
        "fit_seconds": _known(told, "fit_seconds").mean(),
        "predict_ms_per_post": (1000 * _known(told, "predict_seconds") / row.first["n_test"]).mean(),
        "peak_mb": _known(told, "peak_mb").max(),
    }


def _known(told: Sequence[dict[str, Any]], cost: str) -> NDArray[np.float64]:
    """float64 [seeds]; NaN for an external row, of which no cost is known."""
    return np.array([np.nan if one[cost] is None else one[cost] for one in told], np.float64)
