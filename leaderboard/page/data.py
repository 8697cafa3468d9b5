"""Page data: what the page shows, as plain numbers and words. Aggregates only: no post, no label of one.

Long lists of numbers come without names; `columns` beside them says what they are, in their order.
"""

from __future__ import annotations

import base64
import json
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
from leaderboard.page.packed import packed
from leaderboard.page.pairs import PARTS, page_pairs
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
OF_SLICE = ("n", "score", "score_low", "score_high")
"""Columns of a slice, in the order in which the page has them."""
SLICE_DIGITS = 5
BUDGET = 1_500_000
"""Bytes of all plots of a page, at most; where they are spent, plots are named only."""
WHOLE = 3_900_000
"""Bytes of a page: what is left of them beside its numbers is for plots."""
AROUND = 650_000
"""Bytes of a page beside its data: the scripts, the styles and the libraries."""
BASE64 = 4 / 3

Line = Mapping[str, Any]
"""Of a board: a score of a row, by the board's columns."""


def page_data(
    board: pd.DataFrame,
    slices: pd.DataFrame,
    tables: Sequence[Table],
    folders: Mapping[Identity, Path],
    aggregate: Aggregate | None,
    prices: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Everything that is embedded in the page; JSON-like, the same for the same arguments."""
    rows = {row.name: row for table in tables for row in table.rows}
    drawn = {row.name: table.drawn for table in tables for row in table.rows}
    lines = _lines(board)
    names = sorted(lines, key=lambda name: rows[name].about.synthetic)
    pictures = _pictures([rows[name] for name in names], [folders.get(name) for name in names])
    shown = [_row(lines[name], rows[name], of, drawn[name]) for name, of in zip(names, pictures, strict=True)]
    places = {name: place for place, name in enumerate(names)}
    told = {
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
        "parts": PARTS,
        "slices": _slices(slices, places, rows),
        "cards": page_cards(tables),
        "tables": page_tables(tables),
        "margin": MARGIN,
        "titles": {row.about.dataset: row.about.title for row in rows.values()},
        "aggregate": _aggregate(aggregate),
        "prices": _prices(prices),
        "folders": {
            places[name]: "/".join(folder.parts[-5:])
            for name, folder in sorted(folders.items())
            if name in places
        },
    }
    plots = _Plots(min(BUDGET, int((WHOLE - AROUND - _packed_bytes(told)) / BASE64)))
    for row, found in zip(shown, plots.of(pictures), strict=True):
        row["plots"] = found
    return told


def page_scores(board: pd.DataFrame) -> dict[Identity, Any]:
    """What the page says of each row of a board."""
    return {name: _scores(lines) for name, lines in _lines(board).items()}


def _lines(board: pd.DataFrame) -> dict[Identity, list[Line]]:
    """Of each row of a board, in its order."""
    found: dict[Identity, list[Line]] = {}
    for line in board.to_dict("records"):
        found.setdefault(_identity(tuple(line[name] for name in NAME)), []).append(line)
    return found


def _identity(name: tuple[Any, ...]) -> Identity:
    dataset, task, protocol, baseline, variant, profile, crawl = name
    return dataset, task, protocol, baseline, variant, profile, bool(crawl)


def _pictures(rows: Sequence[Row], folders: Sequence[Path | None]) -> list[Pictures]:
    """Plots that were drawn here are brought into a small form until the budget is spent, which takes a
    while."""
    found, left = [], BUDGET
    for row, folder in zip(rows, folders, strict=True):
        found.append(pictures_of(row, folder, most_plots=MOST if left > 0 else 0))
        left -= sum(map(len, found[-1].plots.values())) if folder is None else 0
    return found


def _row(lines: Sequence[Line], row: Row, pictures: Pictures, drawn: Drawn) -> dict[str, Any]:
    first, of, run = lines[0], row.about, row.run
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
    }


def _narrow(lines: Sequence[Line], primary: str, drawn: Drawn) -> dict[str, list[str]]:
    """Target -> what its intervals fall short of, and by how much, a sentence each; empty where nothing."""
    ranked = [line for line in lines if line["measure"] == primary]
    told = {line["target"]: sentences(drawn, line["drift"]) for line in ranked}
    return {target: found for target, found in told.items() if found}


def _scores(lines: Sequence[Line]) -> dict[str, dict[str, list[float | int | None]]]:
    """Target -> measure -> the values of `SCORE`."""
    found: dict[str, dict[str, list[float | int | None]]] = {}
    for line in lines:
        if isinstance(line["measure"], str):
            told = [_rounded(line[name]) for name in SCORE]
            found.setdefault(line["target"], {})[line["measure"]] = told
    return found


def _drawn(row: Row, pictures: Pictures) -> dict[str, Any]:
    """What is drawn of the predictions of the first seed; or why nothing is."""
    if not row.scored:
        return {}
    if pictures.drawn is None:
        return {"undrawn": "The labels of these posts were not on the machine that made this page."}
    return pictures.drawn.model_dump(mode="json", exclude_defaults=True)


class _Plots:
    """Hands out plots until the budget is spent: the first one of every row, then the second ones, ..."""

    def __init__(self, budget: int) -> None:
        self.left = budget

    def of(self, pictures: Sequence[Pictures]) -> list[list[dict[str, str]]]:
        """Of each row: `name`, and `image` (a data URL), or `why` there is none, or nothing where the page is
        full."""
        shown: list[list[dict[str, str]]] = [[] for _ in pictures]
        for turn in range(max((len(of.plots) for of in pictures), default=0)):
            for row, of in zip(shown, pictures, strict=True):
                row += [self._one(*one) for one in list(of.plots.items())[turn : turn + 1]]
        for row, of in zip(shown, pictures, strict=True):
            row += [{"name": name, "why": why} for name, why in of.left_out.items()]
        return shown

    def _one(self, name: str, image: bytes) -> dict[str, str]:
        told = {"name": name.replace("_", " ")}
        if self.left <= 0:
            return told | {"file": f"plots/{name}.webp"}
        self.left -= len(image)
        return told | {"image": "data:image/webp;base64," + base64.b64encode(image).decode("ascii")}


def _packed_bytes(told: Any) -> int:
    return len(packed(json.dumps(told, separators=(",", ":"), ensure_ascii=False)))


def _slices(
    slices: pd.DataFrame, places: Mapping[Identity, int], rows: Mapping[Identity, Row]
) -> dict[str, Any]:
    """By each row's primary measure; the name of a slice is told once, and by its place then."""
    names: dict[str, int] = {}
    found = []
    for line in slices[~slices["study"].astype(bool)].to_dict("records"):
        name = _identity(tuple(line[column] for column in NAME))
        if line["measure"] == rows[name].about.primary:
            slice_ = names.setdefault(str(line["slice"]), len(names))
            numbers = [_rounded(line[column], SLICE_DIGITS) for column in OF_SLICE]
            found.append([places[name], line["target"], slice_, *numbers])
    columns = ["row", "target", "slice", "n", "value", "low", "high"]
    return {"columns": columns, "names": list(names), "lines": found}


def _prices(prices: pd.DataFrame | None) -> list[dict[str, Any]]:
    """What mistakes are worth: a line a mistake, target and measure."""
    if prices is None:
        return []
    return [
        {name: _told(value) for name, value in line.items()}
        for line in prices.astype(object).to_dict("records")
    ]


def _told(value: Any) -> str | bool | float | int | None:
    return value if value is None or isinstance(value, str | bool) else _rounded(value)


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


def _rounded(value: Any, digits: int = 6) -> float | int | None:
    """Six digits, as in leaderboard.csv; None for what is undefined, which JSON has no number for."""
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() else float(f"{number:.{digits}g}")
