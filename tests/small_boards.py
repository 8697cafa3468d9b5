"""Boards of a few lines, made up by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from leaderboard.tables.scores import COLUMNS
from leaderboard.together.aggregate import Aggregate

REFERENCE = "recent_median"
Scores = dict[str, list[float | None]]


def line(baseline: str, dataset: str, score: float | None = None, **told: Any) -> dict[str, Any]:
    """One line of a board; without a score, that of a row which could not run."""
    missing, measure = score is None, told.pop("measure", "mae")
    return {
        **dict.fromkeys(COLUMNS),
        "dataset": dataset,
        "task": "likes",
        "target": "likes",
        "protocol": "frozen",
        "baseline": baseline,
        "variant": "default",
        "profile": "none",
        "crawl": False,
        "study": False,
        "kind": "regression",
        "primary": "mae",
        "reference": REFERENCE,
        "measure": None if missing else measure,
        "score": np.nan if missing else score,
        "status": "skipped: needs image" if missing else "ok",
        **told,
    }


def board(scores: Scores, *more: dict[str, Any]) -> pd.DataFrame:
    """Baseline -> its MAE on data sets `d0`, `d1`, ..."""
    lines = [
        line(name, f"d{number}", score) for name, row in scores.items() for number, score in enumerate(row)
    ]
    return pd.DataFrame([*lines, *more], columns=COLUMNS)


def column(one: Aggregate, name: str) -> dict[str, Any]:
    return one.table.set_index("row")[name].to_dict()


def told(one: Aggregate, words: str) -> str:
    (note,) = [note for note in one.notes if words in note]
    return note
