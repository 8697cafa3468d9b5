"""Instagram posts of the repository `influencers-data`.

`time; account; text; likes; comments; ; ; address`, in which any count may be empty.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from benchmark.declared.card import Card
from benchmark.readers import columns, identifiers
from benchmark.readers.influencers.files import once, read_files
from benchmark.readers.raw import Raw, ReadReport

_TAIL = re.compile(
    r"(.*); (\d*); (\d*); (\d*); (\d*); https?://(?:www\.)?instagram\.com/(?:p|tv|reel)/([\w-]+)/?",
    re.DOTALL,
)
_MENTION = re.compile(r"(?<![\w@/])@([A-Za-z0-9_](?:[A-Za-z0-9_.]*[A-Za-z0-9_])?)")


def read(card: Card, folder: Path) -> Raw:
    """All posts of the files of 2020, some of which go on into 2021; targets `likes`, `comments`.

    `post_id` is the post's short code. A count may be empty: such a post is unlabelled.

    Raises:
        DataError: no file, or a file of another form.
    """
    del card  # The format has no choices.
    report = ReadReport()
    frames = []
    for rows in read_files(folder, "instagram", _TAIL, report):
        _, likes, comments, _, _, codes = zip(*rows.fields, strict=True)
        frames.append(
            rows.frame(_MENTION).assign(
                post_id=identifiers.ids(codes, "short code", rows.origin),
                likes=columns.numbers(likes, "likes", rows.origin),
                comments=columns.numbers(comments, "comments", rows.origin),
            )
        )
    return Raw(once(pd.concat(frames, ignore_index=True), report), report)
