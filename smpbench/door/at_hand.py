"""At hand: which data sets could be run on this machine at once, and how the others are got."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmark.errors import DataUnavailable, SmpbenchError

if TYPE_CHECKING:
    from benchmark.declared.card import Card


def raw_files(card: Card, home: Path, raw_roots: Sequence[Path]) -> Path | None:
    """Where the raw files lie; None if they are not on this machine.

    Raises:
        DataError: what lies there is no data.
    """
    from benchmark.data.raw_files import raw_folder

    try:
        return raw_folder(card, home, raw_roots)
    except DataUnavailable:
        return None


class KnownPosts(NamedTuple):
    posts: int
    content: str | None = None
    """Of what was prepared of it: the fingerprint of what encoders read."""


def posts_known(card: Card, home: Path) -> KnownPosts | None:
    """How many posts a data set has, as far as that is known without reading it."""
    try:
        told = json.loads((home / "prepared" / card.name / "prepared.json").read_text(encoding="utf-8"))
        return KnownPosts(int(told["report"]["posts"]), str(told["content"]))
    except (OSError, ValueError, KeyError, TypeError):
        return KnownPosts(card.generator.posts) if card.generator else None


def in_words(card: Card, home: Path, raw_roots: Sequence[Path]) -> tuple[bool, str]:
    """Whether a data set is at hand, and a phrase on where, or on how to get it."""
    if card.generator is not None:
        return True, "made here when it is first used"
    try:
        found = raw_files(card, home, raw_roots)
    except SmpbenchError as error:
        return False, str(error)
    if found is not None:
        return True, f"raw files in {found}"
    if card.downloads:
        return False, f"`smpbench data -d {card.name}` downloads it"
    return False, card.obtain
