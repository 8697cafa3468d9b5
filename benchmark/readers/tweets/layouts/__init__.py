"""Layouts: all of them, and which one a table is in."""

from __future__ import annotations

from collections.abc import Iterable

from benchmark.errors import DataError
from benchmark.readers.tweets.layouts.api_v1 import API_V1
from benchmark.readers.tweets.layouts.api_v2 import API_V2
from benchmark.readers.tweets.layouts.archive import ARCHIVE
from benchmark.readers.tweets.layouts.layout import Layout
from benchmark.readers.tweets.layouts.others import GET_OLD_TWEETS, MINET, TRUMP_ARCHIVE
from benchmark.readers.tweets.layouts.snscrape import SNSCRAPE
from benchmark.readers.tweets.layouts.twint import TWINT
from benchmark.readers.tweets.layouts.twitter_ratio import TWITTER_RATIO

LAYOUTS = (TWINT, SNSCRAPE, TWITTER_RATIO, GET_OLD_TWEETS, TRUMP_ARCHIVE, MINET, API_V1, API_V2)
"""The first that recognises a table has it: the more particular stand before the more general. An archive is
recognised by its form, before its columns are."""


def layout_of(names: Iterable[str], file: str, *, archive: bool = False) -> Layout:
    """The layout of a table with these columns.

    Raises:
        DataError: none has them.
    """
    names = set(names)
    for layout in (ARCHIVE,) if archive else LAYOUTS:
        if layout.recognises(names):
            return layout
    known = ", ".join(layout.name for layout in (*LAYOUTS, ARCHIVE))
    raise DataError(
        f"columns {sorted(names)[:40]} are of no known export of tweets ({known})",
        file=file,
        mend='Move the file away, or describe it with a card of its own and reader = "table"',
    )
