"""Kinds: which kinds of edges a data set can tell, and which are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmark.errors import SmpbenchError, UnknownName, listed

if TYPE_CHECKING:
    from benchmark.declared.card import Card

CO_TAG, CO_MENTION, ALIKE = "co_tag", "co_mention", "alike"
SAME = {
    "co_language": ("language", "lang"),
    "co_place": ("place", "location", "country", "city"),
    "co_time_zone": ("time_zone", "timezone"),
}
"""Kind -> what a categorical column that tells it may be called; the first that is there counts."""
DERIVED = (CO_TAG, CO_MENTION, *SAME, ALIKE)
"""Kinds that no fact tells: they are worked out of posts and of other edges."""
NAMING = ("mention", "reply", "quote", "repost")
"""Kinds of edges by which one account names another."""


def default_kinds(card: Card, told: Sequence[str]) -> tuple[str, ...]:
    """What facts tell, and shared tags where posts have some."""
    return (*told, *([CO_TAG] if tag_columns(card) else []))


def checked_kinds(card: Card, told: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """The kinds that are asked for, each once.

    Raises:
        UnknownName: one is neither told by facts nor derived.
        SmpbenchError: the data lack what one is derived of.
    """
    for kind in asked:
        if kind not in (*told, *DERIVED):
            raise UnknownName("kind of edges", kind, (*told, *DERIVED))
        lacking = ""
        if kind == CO_TAG and not tag_columns(card):
            lacking = "a column of role 'tags' that names no accounts"
        if kind in SAME and same_column(card, kind) is None:
            lacking = f"a categorical column called {listed(SAME[kind])}"
        if kind == CO_MENTION and not set(told) & set(NAMING):
            lacking = f"edges of a kind {listed(NAMING)}"
        if kind == ALIKE and not card.content("text"):
            lacking = "a text"
        if lacking:
            raise SmpbenchError(
                f"{card.name}: no edges of kind '{kind}' can be made, for want of {lacking}. Ask for others: "
                f"{listed(default_kinds(card, told)) or 'there are none'}"
            )
    return tuple(dict.fromkeys(asked))


def tag_columns(card: Card) -> list[str]:
    """Columns of tags that are known at publication, less those that name accounts."""
    naming = {column for facts in card.facts.values() for column in facts.of.values()}
    naming |= {"mentions", "reply_to", "quoted_user"}
    return [
        name
        for name in card.with_role("tags")
        if card.columns[name].availability == "publish" and name not in naming
    ]


def same_column(card: Card, kind: str) -> str | None:
    """The column that tells what accounts of a kind in `SAME` have in common."""
    visible = card.visible()
    found = [name for name in SAME[kind] if name in visible and visible[name].role == "categorical"]
    return found[0] if found else None
