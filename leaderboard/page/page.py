"""Page: index.html, one file that works from a disk without a network."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from benchmark.outside.ground import ground
from leaderboard.page.cards import page_cards, page_tables
from leaderboard.page.data import page_data, page_scores
from leaderboard.page.packed import packed, unpacked
from leaderboard.page.pairs import unequal_pairs
from leaderboard.tables.rows import NAME, Identity
from leaderboard.tables.table import Table

if TYPE_CHECKING:
    from leaderboard.together.aggregate import Aggregate

SITE = Path(__file__).parent / "site"
UNPACK = "unpack.js"
"""Has the others wait for the data."""
LIBRARIES = "vendor/"
"""Where scripts lie that others have written."""
SCRIPTS = (
    "vendor/d3.min.js",
    "vendor/plot.umd.min.js",
    "html.js",
    "state.js",
    "filters.js",
    "cards.js",
    "table.js",
    "pair.js",
    "copy.js",
    "bar.js",
    "paper.js",
    "labels.js",
    "zoom.js",
    "charts.js",
    "standing.js",
    "slices.js",
    "predicted.js",
    "downloads.js",
    "detail.js",
    "together.js",
    "pitfalls.js",
    "places.js",
    "page.js",
)
"""In the order in which they need each other."""
STYLES = (
    "style.css",
    "cards.css",
    "table.css",
    "bar.css",
    "charts.css",
    "detail.css",
    "narrow.css",
    "print.css",
)
"""A later one outdoes an earlier one."""


def page(
    board: pd.DataFrame,
    slices: pd.DataFrame,
    tables: Sequence[Table],
    folders: Mapping[Identity, Path] | None = None,
    aggregate: Aggregate | None = None,
    prices: pd.DataFrame | None = None,
    root: str = "",
    beside: bool = False,
) -> str:
    """The whole page.

    Args:
        board, slices: as `leaderboard.tables.scores` makes them of the tables.
        folders: of the rows that are published, whose pictures lie there.
        aggregate: of the real data sets; None leaves the section out.
        prices: of mistakes, as `leaderboard.board.prices` reads them.
        root: the way from the page to the checkout (`../..`), whose documents it then links to.
        beside: whether published results lie beside the page, which then links to their files.

    Returns:
        HTML without any reference to another file; the same text for the same arguments.
    """
    told = page_data(board, slices, tables, folders or {}, aggregate, prices) | {
        "root": root,
        "beside": beside,
    }
    data = json.dumps(told, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    parts = {
        "style": "\n".join([ground(), *map(_read, STYLES)]),
        "data": packed(data),
        "unpack": _script(UNPACK),
        "scripts": "\n".join(map(_waiting, SCRIPTS)),
        "digest": hashlib.sha256(data.encode()).hexdigest()[:12],
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("template.html"))


def contradictions(text: str, board: pd.DataFrame, tables: Sequence[Table]) -> list[str]:
    """Scores of a page that are not those of the board, and paired intervals that the tables do not have.

    Returns:
        A phrase for the first row that differs, or one for each table whose pairs do.
    """
    try:
        data = embedded(text)
        names = [tuple(row[name] for name in NAME) for row in data["rows"]]
        told = dict(zip(names, (row["scores"] for row in data["rows"]), strict=True))
        pairs, cards, of_tables = data["pairs"], data["cards"], data["tables"]
    except (ValueError, KeyError, TypeError) as error:
        return [f"its data cannot be read: {error}"]
    ours = page_scores(board)
    if told.keys() != ours.keys():
        return [f"has {len(told)} rows; the results give {len(ours)}, or others"]
    wrong = next((name for name in ours if told[name] != ours[name]), None)
    if wrong:
        return [f"its scores of {'/'.join(map(str, wrong[:-1]))} are not those of the results"]
    if cards != page_cards(tables) or of_tables != page_tables(tables):
        return ["its verdicts are not those of the results"]
    try:
        return unequal_pairs(pairs, tables, {name: place for place, name in enumerate(names)})
    except (KeyError, TypeError) as error:
        return [f"its paired intervals cannot be read: {error}"]


def embedded(text: str) -> dict[str, Any]:
    """The data of a page.

    Raises:
        ValueError: it has none that can be read.
    """
    found = re.search(r'<script type="application/gzip" id="data">(.*?)</script>', text, re.DOTALL)
    told = json.loads(unpacked(found[1] if found else ""))
    if not (isinstance(told, dict) and all(isinstance(row, dict) for row in told.get("rows", [None]))):
        raise ValueError("its data have no rows")
    return told


def _read(name: str) -> str:
    return (SITE / name).read_text(encoding="utf-8")


def _waiting(name: str) -> str:
    """A script that the page runs once its data are unpacked. Libraries lie packed: nobody reads them there,
    and it leaves room for some 170 rows more."""
    if name.startswith(LIBRARIES):
        return f'<script type="application/gzip" class="waiting">{packed(_read(name))}</script>'
    return f'<script type="text/waiting" class="waiting">\n{_script(name)}\n</script>'


def _script(name: str) -> str:
    return _read(name).replace("</script", "<\\/script")
