"""Scores: tables -> the tidy leaderboard, one line a (row, target, measure), with paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmark.run.result import Run
from benchmark.scores.narrow import narrow, narrow_differences, widened
from leaderboard.tables.rows import Floats, Row
from leaderboard.tables.skill import SKILL, sign
from leaderboard.tables.table import Table

IDENTITY = [
    "dataset",
    "task",
    "target",
    "protocol",
    "baseline",
    "variant",
    "profile",
    "crawl",
    "study",
    "seeds",
]
ASKED = ["kind", "primary", "reference", "margin"]
POSTS = ["n_train", "n_test", "clusters"]
SCORE = ["measure", "score", "score_low", "score_high", "score_widen", "score_std", "skill"]
STANDING = ["rank", "rank_low", "rank_high", "set_p"]
DIFFERENCE = ["delta_best", "delta_best_low", "delta_best_high", "delta_best_widen", "drift"]
COSTS = ["fit_seconds", "predict_ms_per_post", "peak_mb"]
PROVENANCE = ["status", "data_fingerprint", "protocol_version", "code_hash"]
COLUMNS = [*IDENTITY, *POSTS, *SCORE, *STANDING, *DIFFERENCE, *COSTS, "engine", *PROVENANCE, *ASKED, "reads"]
SLICE_COLUMNS = [*IDENTITY, "slice", "n", "measure", "score", "score_low", "score_high"]

EXTERNAL = "external"
"""The variant of rows of which only the predictions are known: the model ran outside of this suite."""


def leaderboard(tables: Sequence[Table]) -> pd.DataFrame:
    """Every score of every row, with its 95% interval, its standing, and difference to the best row.

    `skill` is 1 - error / error of the reference on the same posts, by the task's primary measure. A
    difference is `score - score of the best`, its interval that of the paired replicates. Rows that may see
    crawl-time columns are ranked among themselves; a ceiling is not ranked. `set_p` is the p-value of the
    model confidence set, and `rank_low`, `rank_high` are the 95% interval of the rank
    (`leaderboard.tables.confidence_set`). `score_widen` and `delta_best_widen` say how many times as wide an
    interval should be, 1 where it is as wide as it says (`benchmark.scores.narrow`). A row without scores
    keeps one line a target, with its status.
    """
    lines = [
        line
        for table in tables
        for target in table.rows[0].about.targets
        for line in _of_target(table, target)
    ]
    return pd.DataFrame(lines, columns=COLUMNS)


def slice_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Scores of subsets of the test posts (unseen users, months, categories), means over seeds, with 95%
    intervals; NaN where a result has none.

    Replicates of slices are not kept. So the interval of a mean over seeds is put together of the mean
    interval of the posts and the normal one of the seeds, end by end, as of independent errors.
    """
    lines = [
        {
            **_identity(row, one.target),
            "slice": one.slice,
            "n": one.n,
            "measure": one.measure,
            "score": one.value,
            "score_low": one.low,
            "score_high": one.high,
        }
        for row in rows
        for run in row.runs
        for one in run.slices
    ]
    ends = ["score", "score_low", "score_high"]
    frame = pd.DataFrame(lines, columns=SLICE_COLUMNS).astype(dict.fromkeys(ends, "float64"))
    keys = [name for name in SLICE_COLUMNS if name not in ends]
    grouped = frame.groupby(keys, sort=False, dropna=False)
    found = grouped[ends].mean()
    of_seeds = 1.96 * grouped["score"].std().fillna(0) / np.sqrt(grouped.size())
    for end, sign_of in (("score_low", -1), ("score_high", 1)):
        found[end] = found["score"] + sign_of * np.hypot(found[end] - found["score"], of_seeds)
    return found.reset_index()[SLICE_COLUMNS]


def _of_target(table: Table, target: str) -> list[dict[str, Any]]:
    known = {row.name: table.measures(row, target) if row.scored else [] for row in table.rows}
    lines, drawn = [], table.drawn
    for row in table.rows:
        told = _identity(row, target) | _costs(row)
        if row.run.predicted and drawn.clusters:
            told["clusters"] = round(drawn.counted)
        if not row.scored:
            lines.append(told)
            continue
        skill = table.score(row, target, SKILL)  # a reference without error leaves none
        told["skill"] = skill if np.isfinite(skill) else np.nan
        for name in known[row.name]:
            values, (low, high) = table.values(row, target, name), table.interval(row, target, name)
            line = told | {"measure": name, "score": values.mean(), "score_low": low, "score_high": high}
            line["score_widen"] = widened(drawn, narrow(drawn)) if np.isfinite(low) else np.nan
            line["score_std"] = values.std(ddof=1) if len(values) > 1 else np.nan
            if row.ranked and sign(name):
                line |= _against_best(table, row, table.rivals(row, target, name), target, name)
            lines.append(line)
    return lines


def _against_best(table: Table, row: Row, rivals: Sequence[Row], target: str, name: str) -> dict[str, Any]:
    """Standing among the rivals (the row is one of them), and the paired difference to the first of them."""
    places = [-sign(name) * table.score(one, target, name) for one in rivals]
    mine = -sign(name) * table.score(row, target, name)
    if np.isnan(mine):
        return {}
    rank = 1 + sum(place < mine for place in places)
    best = rivals[int(np.nanargmin(places))]
    standing = table.standing(row, target, name)
    told = {"rank": rank, "rank_low": standing.rank_low, "rank_high": standing.rank_high, "set_p": standing.p}
    told["drift"] = drift = table.drift(row, target, name)
    if best is row:
        return told
    apart = table.difference(row, best, target, name)
    found = narrow_differences(table.drawn, drift)
    return told | {
        "delta_best": table.score(row, target, name) - table.score(best, target, name),
        "delta_best_low": apart.low,
        "delta_best_high": apart.high,
        "delta_best_widen": widened(table.drawn, found) if np.isfinite(apart.low) else np.nan,
    }


def _identity(row: Row, target: str) -> dict[str, Any]:
    of = row.about
    return {
        **{
            name: getattr(of, name)
            for name in ("dataset", "task", "protocol", "baseline", "variant", "profile")
        },
        "target": target,
        "crawl": of.crawl,
        "study": bool(of.study),
        "seeds": len(row.seeds),
        "reads": row.reads,
        "status": row.status,
        **{name: getattr(of, name) for name in (*PROVENANCE[1:], *ASKED)},
    }


def _costs(row: Row) -> dict[str, Any]:
    runs = [run for run in row.runs if run.predicted]
    if not row.run.predicted:
        return {}
    return {
        "n_train": row.run.n_train,
        "n_test": row.run.n_test,
        "fit_seconds": _known(runs, "fit_seconds").mean(),
        "predict_ms_per_post": (1000 * _known(runs, "predict_seconds") / max(row.run.n_test or 0, 1)).mean(),
        "peak_mb": _known(runs, "peak_mb").max(),
        "engine": ", ".join(
            sorted({run.environment["engine"] for run in runs if "engine" in run.environment})
        ),
    }


def _known(runs: Sequence[Run], cost: str) -> Floats:
    """float64 [seeds]; NaN for an external row, of which no cost is known."""
    return np.array([getattr(run, cost) for run in runs], dtype=np.float64)
