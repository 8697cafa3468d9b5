"""Quoted: tables of the published board that pages of the project show, each between two comments.

They are renewed with the board and held against it by `smpbench verify`, so no number in them is typed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from leaderboard.board.brief import brief
from leaderboard.board.mistakes_side_by_side import side_by_side
from leaderboard.board.overview import overview

PAGES = ("README.md", "docs/reading.md", "docs/pitfalls.md")
TABLES: dict[str, Callable[[pd.DataFrame, pd.DataFrame, set[str]], str]] = {
    "results": lambda board, _, synthetic: brief(board, synthetic),
    "real-data table": lambda board, _, synthetic: overview(board, synthetic, crawl=False),
    "mistakes": lambda _, prices, __: side_by_side(prices),
}
"""What the comments say, `<!-- results -->` and `<!-- /results -->` -> what stands between them."""


def quoted_by(published: Path, project: Path) -> list[Path]:
    """The pages that show this published board: there are some of the checkout's own alone."""
    if published != project / "leaderboard" / "published":
        return []
    return [path for page in PAGES if (path := project / page).is_file()]


def renewed(page: Path, board: pd.DataFrame, prices: pd.DataFrame, synthetic: set[str]) -> str:
    """A page with its tables made anew; one that has no place for a table, or a board without any, stays."""
    text = page.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if found and closed and (made := table(board, prices, synthetic)):
            text = f"{before}{start}\n{made}{end}{after}"
    return text
