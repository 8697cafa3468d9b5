"""Told: what columns of posts say of accounts (bots, verified ones), and who has no posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from network.build.edges import Edges
from network.graph import Codes, Graph

if TYPE_CHECKING:
    from benchmark.declared.card import Card

BOT, VERIFIED = ("is_bot", "bot"), ("verified", "is_verified")
"""What a categorical column that tells it may be called; the first that is there counts."""
YES = frozenset({"true", "1", "1.0", "yes", "t", "y"})


def told_of_accounts(card: Card, posts: pa.Table, author: Codes, graph: Graph) -> list[str]:
    """In sentences: how many accounts publish nothing here, and how many are told to be bots or verified.

    Args:
        author: [p] codes of accounts of the graph.
    """
    publishes = np.bincount(author, minlength=graph.n) > 0
    notes = []
    if silent := int((~publishes).sum()):
        notes.append(f"accounts without posts here, only named or followed: {silent:,} of {graph.n:,}")
    linked = np.zeros(graph.n, bool)
    linked[graph.source] = linked[graph.target] = True
    if alone := int((publishes & ~linked).sum()):
        notes.append(f"accounts that publish and have no edge: {alone:,}")
    for columns, words in ((BOT, "bots"), (VERIFIED, "verified accounts")):
        yes = said(posts, author, columns, graph.n)
        if yes is not None:
            column = _column(posts, columns)
            late = column is not None and card.columns[column].availability == "crawl"
            when = ", as of when they were collected" if late else ""
            notes.append(
                f"{words} among those with posts: {int(yes.sum()):,} of {int(publishes.sum()):,}{when}"
            )
    return notes


def without_bots(edges: Edges, posts: pa.Table, author: Codes) -> tuple[Edges, list[str]]:
    """Without the edges of accounts that a column calls bots."""
    yes = said(posts, author, BOT, len(edges.names))
    if yes is None:
        return edges, [f"no column of the posts tells bots ({' or '.join(BOT)}): none is left out"]
    kept = ~yes[edges.source] & ~yes[edges.target]
    return edges.take(kept), [f"edges of bots, left out: {int((~kept).sum()):,}; bots: {int(yes.sum()):,}"]


def said(posts: pa.Table, author: Codes, columns: tuple[str, ...], n: int) -> NDArray[np.bool_] | None:
    """[n] accounts of which any post says so; None without such a column."""
    column = _column(posts, columns)
    if column is None:
        return None
    words = posts[column].cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False)
    yes = np.array([word.lower() in YES for word in words], bool)
    found = np.zeros(n, bool)
    found[author[yes]] = True
    return found


def _column(posts: pa.Table, columns: tuple[str, ...]) -> str | None:
    return next((name for name in columns if name in posts.column_names), None)
