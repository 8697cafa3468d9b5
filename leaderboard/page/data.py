"""Page data: what the page shows, as plain numbers and words. Aggregates only: no post, no label of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.scores.metrics import METRICS
from leaderboard.page.before import DRAWN, Before
from leaderboard.page.pairs import page_pairs
from leaderboard.page.plots import Plots
from leaderboard.publishing.seed import PublishedSeed
from leaderboard.tables.rows import NAME, REFERENCE, Row, identity

if TYPE_CHECKING:
    from leaderboard.together.aggregate import Aggregate

SCORE = ["score", "score_low", "score_high", "rank", "delta_best", "delta_best_low", "delta_best_high"]
SCORE += ["score_std"]
BINS = 16
"""Of predictions and of labels, in the picture of one against the other."""
FEWEST = 3
"""Posts of a bin that is shown: one of a single post would tell whoever has the predictions its label."""
SLICES = ("unseen_users", "seen_users", "rare_concept", "unseen_concept", "month=")
"""Beginnings of the names of the slices that the page draws."""


def page_data(
    board: pd.DataFrame,
    slices: pd.DataFrame,
    rows: Sequence[Row],
    aggregate: Aggregate | None,
    before: Before,
) -> dict[str, Any]:
    """Everything that is embedded in the page; JSON-like, the same for the same arguments."""
    told = {identity(row): row for row in rows}
    plots = Plots()
    real_first = sorted(board.groupby(NAME, sort=False), key=lambda one: _is_synthetic(told.get(one[0])))
    shown = [_row(name, lines, told.get(name), plots, before) for name, lines in real_first]
    pairs = page_pairs(rows, {name: place for place, (name, _) in enumerate(real_first)})
    pairs += before.pairs(shown, {place for entry in pairs for place in entry["rows"]})
    return {
        "metrics": {name: {"title": one.title, "better": one.better} for name, one in METRICS.items()}
        | {"skill": {"title": "skill", "better": "higher"}},
        "reference": REFERENCE,
        "columns": SCORE,
        "rows": shown,
        "pairs": pairs,
        "slices": _slices(slices),
        "titles": {row.first["dataset"]: row.first["title"] for row in rows},
        "aggregate": _aggregate(aggregate),
    }


def page_scores(board: pd.DataFrame) -> dict[tuple[Any, ...], Any]:
    """What the page says of each row of a board, by the values of `NAME`."""
    return {(*name[:-1], bool(name[-1])): _scores(lines) for name, lines in board.groupby(NAME, sort=False)}


def _is_synthetic(row: Row | None) -> bool:
    return row is not None and bool(row.first["synthetic"])


def _row(
    name: tuple[Any, ...], lines: pd.DataFrame, row: Row | None, plots: Plots, before: Before
) -> dict[str, Any]:
    first = lines.iloc[0]
    found = dict(zip(NAME, (*name[:-1], bool(name[-1])), strict=True))
    found |= {
        "synthetic": _is_synthetic(row),
        "study": bool(first["study"]),
        "status": first["status"],
        "seeds": int(first["seeds"]),
        "cost": [_rounded(first[one]) for one in ("fit_seconds", "predict_ms_per_post", "peak_mb")],
        "n": [_rounded(first["n_train"]), _rounded(first["n_test"])],
        "code": first["code_hash"],
        "data": first["data_fingerprint"],
        "version": str(first["protocol_version"]),
        "targets": list(dict.fromkeys(lines["target"])),
        "scores": _scores(lines),
    }
    if row is not None:
        found |= _provenance(row)
        older = before.row(found)
        found |= _pictures(row, older) | {"plots": plots.of(row) or plots.again(older.get("plots", []))}
    return found


def _scores(lines: pd.DataFrame) -> dict[str, dict[str, list[float | int | None]]]:
    """Target -> metric -> the values of `SCORE`."""
    scored = lines[lines["metric"].notna()]
    return {
        target: {
            line["metric"]: [_rounded(line[column]) for column in SCORE]
            for line in of_target.to_dict("records")
        }
        for target, of_target in scored.groupby("target", sort=False)
    }


def _provenance(row: Row) -> dict[str, Any]:
    first = row.first
    environment = first.get("environment", {})
    return {
        "summary": first.get("summary", ""),
        "family": first.get("family", "other"),
        "kinds": first.get("kinds", []),
        "settings": first.get("settings", {}),
        "created": first["created"][:10],
        "environment": {name: environment[name] for name in sorted(environment) if name != "platform"},
        "external": "external" in first,
    }


def _pictures(row: Row, older: dict[str, Any]) -> dict[str, Any]:
    """Predicted against actual, and the calibration of quantiles, of the first seed; or why there is none."""
    if not row.scored:
        return {}
    stored = row.seeds[0]
    truth = _truth_folder(row)
    if truth is None and "against" in older:
        return {name: older.get(name, {}) for name in DRAWN}
    if truth is None:
        return {"pictures": "The labels of these posts were not on the machine that made this page."}
    from benchmark.run.truth import read_truth

    labels, predicted = read_truth(truth), stored.predictions()
    against, calibration = {}, {}
    for target in row.first["targets"]:
        y = labels[f"label_{target}"].to_numpy()
        against[target] = _histogram(predicted[target].to_numpy(), y)
        levels = [name for name in predicted.column_names if name.startswith(f"{target}@")]
        if levels:
            calibration[target] = [
                [float(name.partition("@")[2]), _rounded(float((y <= predicted[name].to_numpy()).mean()))]
                for name in levels
            ]
    return {"against": against, "calibration": calibration}


def _truth_folder(row: Row) -> Path | None:
    stored = row.seeds[0]
    if isinstance(stored, PublishedSeed):
        return stored.truth.folder
    folder = stored.folder.parents[3] / f"truth-{row.first['truth_key'][:16]}"
    return folder if folder.is_dir() else None


def _histogram(predicted: NDArray[np.floating], y: NDArray[np.floating]) -> dict[str, Any]:
    """Counts of posts by predicted and actual value, on one scale: [[column, row, count], ...].

    The scale spans the middle 98%: its ends are no single label either.
    """
    low, high = np.quantile(np.concatenate([predicted, y]).astype(np.float64), [0.01, 0.99]).tolist()
    high = high if high > low else low + 1
    counts, _, _ = np.histogram2d(predicted, y, bins=BINS, range=[[low, high], [low, high]])
    filled = np.argwhere(counts >= FEWEST)
    cells = [[int(i), int(j), int(counts[i, j])] for i, j in filled]
    return {"low": _rounded(low), "high": _rounded(high), "bins": BINS, "cells": cells}


def _slices(slices: pd.DataFrame) -> list[list[Any]]:
    """[row as in `NAME`..., target, slice, n, MAE] of the slices that are drawn."""
    wanted = slices["slice"].map(lambda name: str(name).startswith(SLICES))
    kept = slices[wanted & (slices["metric"] == "mae") & ~slices["study"].astype(bool)]
    return [
        [*(line[name] for name in NAME[:-1]), bool(line["crawl"]), line["target"], line["slice"],
         int(line["n"]), _rounded(line["score"])]
        for line in kept.to_dict("records")
    ]  # fmt: skip


def _aggregate(one: Aggregate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    table = one.table
    return {
        "tasks": list(one.tasks),
        "notes": list(one.notes),
        "columns": list(table.columns),
        "rows": [[value if isinstance(value, str) else _rounded(value) for value in line]
                 for line in table.itertuples(index=False, name=None)],
        "wins": [[_rounded(value) for value in line] for line in one.win_rates.to_numpy()],
        "diagram": one.diagram,
    }  # fmt: skip


def _rounded(value: Any) -> float | int | None:
    """Six digits, as in leaderboard.csv; None for what is undefined, which JSON has no number for."""
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() else float(f"{number:.6g}")
