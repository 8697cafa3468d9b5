"""Overview: the real data, a table a data set, with a row a baseline and a column a (task, protocol)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from benchmark.scores.kinds import kind
from benchmark.scores.measures import measure
from leaderboard.tables.confidence_set import LEVEL
from leaderboard.tables.marked import code, marked
from leaderboard.tables.rows import Row

LEGEND = (
    "On the first target of each task, by the measures in the head of its column. **Bold**: the 95%\n"
    "confidence set of the column, by the first measure: the best row is among these, and they cannot be\n"
    "told apart from it.\n"
)
OF_CRAWL = (
    "Rows *with crawl-time columns* know what nobody knows at publication, and are compared among\n"
    "themselves.\n"
)

Column = tuple[str, str]
"""Task, protocol."""


def overview(board: pd.DataFrame, synthetic: set[str], *, crawl: bool = True) -> str:
    """The legend and a table a data set; empty when no real data set has scores.

    Args:
        crawl: with the rows that may see crawl-time columns.
    """
    scored = board[(board["status"] == "ok") & board["measure"].notna()]
    scored = scored if crawl else scored[~scored["crawl"].astype(bool)]
    scored = scored[~scored["study"].astype(bool)]
    scored = scored[~scored["dataset"].isin(synthetic)]
    if scored.empty:
        return ""
    first = scored.groupby(["dataset", "task"], sort=False)["target"].transform("first")
    scored = scored[scored["target"] == first]
    legend = LEGEND + (OF_CRAWL if scored["crawl"].any() else "")
    tables = [_of_data_set(str(name), lines) for name, lines in scored.groupby("dataset", sort=False)]
    return "\n".join([legend, *tables])


def _of_data_set(name: str, scored: pd.DataFrame) -> str:
    asked = {
        (line.task, line.protocol): pair(line.kind, line.primary)
        for line in scored.drop_duplicates(["task", "protocol"]).itertuples()
    }
    by_row: dict[tuple[Any, ...], dict[Column, dict[str, Mapping[str, Any]]]] = {}
    for line in scored.to_dict("records"):
        row = by_row.setdefault((line["crawl"], line["baseline"], line["variant"]), {})
        here = row.setdefault((line["task"], line["protocol"]), {})
        here.setdefault(line["measure"], line)  # of several profiles, the first
    heads = [marked(" ".join(column)) + f"<br>{_told(of)}" for column, of in asked.items()]
    lines = [[code(name), *heads], [":--", *(":-:" for _ in heads)]]
    for (crawl, baseline, variant), row in sorted(by_row.items()):
        called = code(baseline) + ("" if variant == "default" else f" {marked(variant)}")
        cells = [_cell(row.get(column, {}), of) for column, of in asked.items()]
        lines.append([called + (" *with crawl-time columns*" if crawl else ""), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def pair(of_kind: str, primary: str) -> tuple[str, str | None]:
    """The measure that ranks, and a second one by which a task of this kind is looked at."""
    return primary, next((name for name in kind(of_kind).brief if name != primary), None)


def synthetic_sets(rows: Sequence[Row]) -> set[str]:
    """Names of the data sets that are made up."""
    return {row.about.dataset for row in rows if row.about.synthetic}


def _told(names: tuple[str, str | None]) -> str:
    return " / ".join(f"{measure(name).title} {measure(name).arrow}" for name in names if name)


def _cell(here: Mapping[str, Mapping[str, Any]], of: tuple[str, str | None]) -> str:
    """Of the lines of one row in one column, by their measure."""
    if of[0] not in here:
        return ""
    primary = here[of[0]]
    scores = [here[name]["score"] if name in here else float("nan") for name in of if name]
    text = " / ".join("–" if math.isnan(score) else f"{score:.3f}" for score in scores)
    if math.isnan(primary["score"]):
        return text
    return f"**{text}**" if primary["set_p"] >= LEVEL else text
