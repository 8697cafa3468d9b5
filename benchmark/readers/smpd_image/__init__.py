"""SMPD image track: Flickr posts as the SMP Challenge publishes them (https://smp-challenge.com).

Four releases are in use, told apart by their files: JSON (since 2021), quoted text with a file a group
(2019/2020), quoted text in one file (2017/2018, then called SMHP), and collections of one's own. In each,
rows of all files are put together by position, as the owner does, and checked by `Uid` and `Pid` wherever a
file has them. What a release lacks is null and noted in the report.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmark.declared.card import Card
from benchmark.readers.raw import Raw, ReadReport
from benchmark.readers.smpd_image.posts import split_frame
from benchmark.readers.smpd_image.releases import RELEASES, recognised


def read(card: Card, folder: Path) -> Raw:
    """All splits below `folder`; `popularity` is NaN where a post has no label, as in the test split.

    Raises:
        DataError: no release or two of them; a file is missing, broken, or does not agree row by row with the
            others.
    """
    report = ReadReport()
    release, splits = recognised(folder)
    if release is not RELEASES[0]:
        report.note(f"read as {release.title}")
    frames = [split_frame(folder, split, release, report) for split in splits]
    return Raw(pd.concat(frames, ignore_index=True), report, images=folder)
