"""Pages made of small boards."""

from __future__ import annotations

from pathlib import Path

from stored import put

from leaderboard.board.merged import Merged, merged
from leaderboard.page.page import page

EVIL = "</script><img src=x onerror=alert(1)>"


def made(home: Path, rows: int = 3) -> str:
    """The page of a board of a reference, `rows` models on two protocols, and one with an evil reason."""
    reads = {"encodings": ("text",), "encoders": {"text": "minilm"}}
    for protocol in ("frozen", "rolling"):
        put(home / "runs", "recent_median", 1.5, protocol=protocol)
        for number in range(rows):
            put(home / "runs", f"model_{number}", 1 + number / 10, protocol=protocol, **reads)
        put(home / "runs", "evil", status="failed", reason=EVIL, protocol=protocol)
    return page_of(board_of(home))


def board_of(home: Path) -> Merged:
    return merged(home / "runs", home / "published" / "results")


def page_of(found: Merged) -> str:
    return page(found.board, found.slices, found.tables, found.folders)
