"""Readers: one file (or room) a raw format, all with the same output.

A reader turns the files that a data set's owner publishes into one table with canonical column names; it
knows the format's quirks and nothing of tasks or protocols. `read` picks it by the card's `reader`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from benchmark.errors import UnknownName

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark.declared.card import Card
    from benchmark.readers.raw import Raw

READERS = {
    "gallery_dl": "benchmark.readers.collected.gallery_dl",
    "influencers_instagram": "benchmark.readers.influencers.instagram",
    "influencers_tweets": "benchmark.readers.influencers.tweets",
    "instaloader": "benchmark.readers.collected.instaloader",
    "reddit": "benchmark.readers.collected.reddit",
    "smpd_image": "benchmark.readers.smpd_image",
    "smpd_video": "benchmark.readers.smpd_video",
    "table": "benchmark.readers.table",
    "tweets": "benchmark.readers.tweets",
}
"""Name in a card -> module with a function `read(card, folder) -> Raw`. Imported only when used."""


def read(card: Card, folder: Path) -> Raw:
    """All posts of a data set, from its raw files.

    Args:
        folder: the raw folder (for reader `table`, it may be a single file).

    Raises:
        UnknownName: no such reader.
        DataError: a raw file is missing, broken or contradicts another; names file, row, column, value.
    """
    if card.reader not in READERS:
        raise UnknownName("reader", card.reader, READERS, f"Correct it in the card of '{card.name}'")
    raw: Raw = import_module(READERS[card.reader]).read(card, folder)
    return raw
