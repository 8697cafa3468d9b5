"""Folder: all exports of tweets that lie in one place, as one table."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.declared.card import Card
from benchmark.errors import DataError, listed
from benchmark.readers.compressed import plain_name
from benchmark.readers.raw import FILE, Raw, ReadReport
from benchmark.readers.tweets.captures import LAYOUT, newest_captures
from benchmark.readers.tweets.export import Export
from benchmark.readers.tweets.json_file import read_tweets_json
from benchmark.readers.tweets.layouts import layout_of
from benchmark.readers.tweets.listing import exports
from benchmark.readers.tweets.missing import is_missing
from benchmark.readers.tweets.records import read_records
from benchmark.readers.tweets.same_account import ASSUMED, NAME, NUMBER, one_name_each

_PART = re.compile(r"tweets?(-part\d+)?")


def read(card: Card, folder: Path) -> Raw:
    """All tweets of all files in `folder`; targets `likes`, `retweets`, `replies`, `quotes`.

    A column that a layout lacks is null, so that one card serves all of them. Retweets are other accounts'
    posts: dropped and counted. Of a tweet in several exports the newest reading is kept. `mentions` and
    `reply_to` are read if the card declares them. Layouts: docs/tweets.md.

    Raises:
        DataError: no file, a file of no known layout, or a bad value, named by file, row and column.
    """
    report = ReadReport()
    listing = exports(folder, card.beside_posts())
    read = [_read(path, _name(path, folder), card, report) for path in listing.exports]
    frames = [frame for _, frame in read if frame is not None]
    if not frames:
        dropped = sum((export.dropped for export, _ in read if export is not None), Counter[str]())
        told = "; dropped: " + listed(f"{n:,} ({reason})" for reason, n in dropped.items()) if dropped else ""
        raise DataError(f"no tweet in any file{told}", file=folder, mend="Fetch the export again")
    frame = pd.concat(frames, ignore_index=True)
    frame["user_id"] = one_name_each(frame, report)
    frame, repeated = newest_captures(frame.drop(columns=[NAME, NUMBER, ASSUMED]))
    kept = Counter(frame[FILE])
    for export, _ in read:
        if export is not None:
            export.dropped.update(
                {reason: n for (file, reason), n in repeated.items() if file == export.file}
            )
            _account(export, kept[export.file], report)
    if listing.left_aside:
        report.note(
            f"left aside, as neither tables nor JSON of tweets here: {listed(listing.left_aside, 10)}"
        )
    return Raw(frame.drop(columns=LAYOUT).reset_index(drop=True), report)


def _read(path: Path, name: str, card: Card, report: ReadReport) -> tuple[Export | None, pd.DataFrame | None]:
    records = read_records(path, name, report)
    if not len(records.rows):
        report.note(f"{name}: no tweet in it")
        return None, None
    layout = layout_of(records.columns, name, archive=records.archive)
    export = Export(name, records, layout, _author(path, archive=layout.anonymous), report)
    frame = export.frame(card)
    return export, frame if len(frame) else None


def _account(export: Export, kept: int, report: ReadReport) -> None:
    """One sentence on the file: layout, rows, posts kept, and why others were dropped."""
    rows = len(export.records.rows)
    told = "".join(f"; dropped {n:,}: {reason}" for reason, n in export.dropped.items() if n)
    report.note(f"{export.file}: {export.layout.name} layout, {rows:,} rows, {kept:,} posts kept{told}")
    for reason, n in export.dropped.items():
        report.drop(reason, n)


def _name(path: Path, folder: Path) -> str:
    return path.name if path == folder else path.relative_to(folder).as_posix()


def _author(path: Path, *, archive: bool) -> str:
    """Whose tweets a file without authors holds: as `account.js` beside an archive says, else as the file is
    called or, where its name is every archive's, its folder."""
    if archive and (account := _account_beside(path)):
        return account
    stem = Path(plain_name(path)).stem
    if not _PART.fullmatch(stem.lower()):
        return stem
    above = path.absolute().parent
    return above.parent.name if above.name == "data" and above.parent.name else above.name


def _account_beside(path: Path) -> str | None:
    beside = path.with_name("account.js")
    if not beside.is_file():
        return None
    for entry in read_tweets_json(beside, beside.name, ReadReport())[0]:
        account: Any = entry.get("account", entry)
        if isinstance(account, dict) and not is_missing(name := account.get("username")):
            return str(name)
    return None
