"""Page data: what the page shows, as plain numbers and words. Aggregates only: no post, no label of one.

Long lists of numbers come without names; `columns` beside them says what they are, in their order.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmark.scores.drawn import Drawn
from benchmark.scores.measures import MEASURES
from benchmark.scores.narrow import sentences
from benchmark.scores.scoring import brief
from leaderboard.page.cards import page_cards, page_tables
from leaderboard.page.pairs import page_pairs
from leaderboard.publishing.pictures import MOST, Pictures, pictures_of
from leaderboard.publishing.row import PRIVATE
from leaderboard.tables.confidence_set import LEVEL
from leaderboard.tables.paired import MARGIN
from leaderboard.tables.rows import NAME, Identity, Row
from leaderboard.tables.sealed import sealed
from leaderboard.tables.skill import SKILL, title
from leaderboard.tables.table import Table

if TYPE_CHECKING:
    from leaderboard.together.aggregate import Aggregate

SCORE = {
    "score": "value",
    "score_low": "low",
    "score_high": "high",
    "rank": "rank",
    "delta_best": "delta",
    "delta_best_low": "deltaLow",
    "delta_best_high": "deltaHigh",
    "score_std": "spread",
    "rank_low": "rankLow",
    "rank_high": "rankHigh",
    "set_p": "p",
    "score_widen": "widen",
    "delta_best_widen": "deltaWiden",
}
"""Column of the board -> its name in the page."""
COSTS = {"fit_seconds": "fit", "predict_ms_per_post": "predict", "peak_mb": "memory"}
POSTS = {"n_train": "train", "n_test": "test"}
SLICES = ("unseen_users", "seen_users", "rare_concept", "unseen_concept", "month=")
"""Beginnings of the names of the slices that the page draws."""
BUDGET = 1_500_000
"""Bytes of all plots of a page; rows that come later than that name theirs only."""


def page_data(
    board: pd.DataFrame,
    slices: pd.DataFrame,
    tables: Sequence[Table],
    folders: Mapping[Identity, Path],
    aggregate: Aggregate | None,
) -> dict[str, Any]:
    """Everything that is embedded in the page; JSON-like, the same for the same arguments."""
    rows = {row.name: row for table in tables for row in table.rows}
    drawn = {row.name: table.drawn for table in tables for row in table.rows}
    plots = _Plots()
    ordered = sorted(board.groupby(NAME, sort=False), key=lambda one: rows[_identity(one[0])].about.synthetic)
    shown = [
        _row(lines, rows[at], folders.get(at), plots, drawn[at])
        for at, lines in ((_identity(name), lines) for name, lines in ordered)
    ]
    places = {_identity(name): place for place, (name, _) in enumerate(ordered)}
    return {
        "measures": {
            name: {
                "title": one.title,
                "better": one.better,
                "perfect": one.perfect,
                "distance": one.is_distance,
            }
            for name, one in MEASURES.items()
        }
        | {SKILL: {"title": title(SKILL), "better": "higher", "perfect": 1, "distance": False}},
        "columns": list(SCORE.values()),
        "level": LEVEL,
        "rows": shown,
        "pairs": page_pairs(tables, places),
        "slices": _slices(slices, places, rows),
        "cards": page_cards(tables),
        "tables": page_tables(tables),
        "margin": MARGIN,
        "titles": {row.about.dataset: row.about.title for row in rows.values()},
        "aggregate": _aggregate(aggregate),
    }


def page_scores(board: pd.DataFrame) -> dict[Identity, Any]:
    """What the page says of each row of a board."""
    return {_identity(name): _scores(lines) for name, lines in board.groupby(NAME, sort=False)}


def _identity(name: tuple[Any, ...]) -> Identity:
    dataset, task, protocol, baseline, variant, profile, crawl = name
    return dataset, task, protocol, baseline, variant, profile, bool(crawl)


def _row(lines: pd.DataFrame, row: Row, folder: Path | None, plots: _Plots, drawn: Drawn) -> dict[str, Any]:
    first, of, run = lines.iloc[0], row.about, row.run
    pictures = pictures_of(row, folder, most_plots=MOST if plots.left > 0 else 0)
    return {
        **dict(zip(NAME, row.name, strict=True)),
        "kind": of.kind,
        "primary": of.primary,
        "brief": list(brief(of)),
        "reference": of.reference,
        "synthetic": of.synthetic,
        "study": bool(of.study),
        "status": row.status,
        "seeds": len(row.seeds),
        "cost": {name: _rounded(first[column]) for column, name in COSTS.items()},
        "posts": {name: _rounded(first[column]) for column, name in POSTS.items()},
        "code": of.code_hash,
        "data": of.data_fingerprint,
        "version": of.protocol_version,
        "targets": list(of.targets),
        "rates": [_rounded(rate) for rate in run.base_rates],
        "scores": _scores(lines),
        "summary": of.summary,
        "family": of.family,
        "encodings": list(of.encodings),
        "reads": row.reads,
        "encoders": [f"{encoding}: {name}" for encoding, name in of.encoders.items()],
        "settings": of.settings,
        "created": run.created[:10],
        "environment": {
            name: run.environment[name] for name in sorted(run.environment) if name not in PRIVATE
        },
        "sealed": sealed(row),
        "leaks": "; ".join(run.may_leak),
        "selection": of.selection,
        "narrow": _narrow(lines, of.primary, drawn),
        "external": run.external is not None,
        **_drawn(row, pictures),
        "plots": plots.of(pictures),
    }


def _narrow(lines: pd.DataFrame, primary: str, drawn: Drawn) -> dict[str, list[str]]:
    """Target -> what its intervals fall short of, and by how much, a sentence each; empty where nothing."""
    ranked = lines[lines["measure"] == primary]
    told = {
        target: sentences(drawn, drift)
        for target, drift in zip(ranked["target"], ranked["drift"], strict=True)
    }
    return {target: found for target, found in told.items() if found}


def _scores(lines: pd.DataFrame) -> dict[str, dict[str, list[float | int | None]]]:
    """Target -> measure -> the values of `SCORE`."""
    found: dict[str, dict[str, list[float | int | None]]] = {}
    columns = zip(lines["target"], lines["measure"], *(lines[name] for name in SCORE), strict=True)
    for target, measure, *values in columns:
        if isinstance(measure, str):
            found.setdefault(target, {})[measure] = [_rounded(value) for value in values]
    return found


def _drawn(row: Row, pictures: Pictures) -> dict[str, Any]:
    """What is drawn of the predictions of the first seed; or why nothing is."""
    if not row.scored:
        return {}
    if pictures.drawn is None:
        return {"undrawn": "The labels of these posts were not on the machine that made this page."}
    return pictures.drawn.model_dump(mode="json", exclude_defaults=True)


class _Plots:
    """Hands out the plots of one row after another until the budget is spent."""

    def __init__(self) -> None:
        self.left = BUDGET

    def of(self, pictures: Pictures) -> list[dict[str, str]]:
        """`name`, and `image` (a data URL), or `why` there is none, or nothing where the page is full."""
        shown = [self._one(name, image) for name, image in pictures.plots.items()]
        return shown + [{"name": name, "why": why} for name, why in pictures.left_out.items()]

    def _one(self, name: str, image: bytes) -> dict[str, str]:
        told = {"name": name.replace("_", " ")}
        if self.left <= 0:
            return told
        self.left -= len(image)
        return told | {"image": "data:image/webp;base64," + base64.b64encode(image).decode("ascii")}


def _slices(
    slices: pd.DataFrame, places: Mapping[Identity, int], rows: Mapping[Identity, Row]
) -> dict[str, Any]:
    """By each row's primary measure, those that are drawn."""
    wanted = slices["slice"].map(lambda name: str(name).startswith(SLICES)).astype(bool)
    kept = slices[wanted & ~slices["study"].astype(bool)]
    found = []
    for line in kept.to_dict("records"):
        name = _identity(tuple(line[column] for column in NAME))
        if line["measure"] == rows[name].about.primary:
            found.append(
                [places[name], line["target"], line["slice"], int(line["n"]), _rounded(line["score"])]
            )
    return {"columns": ["row", "target", "slice", "n", "value"], "lines": found}


def _aggregate(one: Aggregate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "measures": list(one.measures),
        "tasks": list(one.tasks),
        "notes": list(one.notes),
        "columns": list(one.table.columns),
        "rows": [
            {name: value if isinstance(value, str) else _rounded(value) for name, value in line.items()}
            for line in one.table.to_dict("records")
        ],
        "wins": [[_rounded(value) for value in line] for line in one.win_rates.to_numpy()],
        "diagram": one.diagram,
    }


def _rounded(value: Any) -> float | int | None:
    """Six digits, as in leaderboard.csv; None for what is undefined, which JSON has no number for."""
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() else float(f"{number:.6g}")
