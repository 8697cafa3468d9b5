"""Standard: folders that a tool or an owner has written, which a reader of this project knows."""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.errors import DataError
from benchmark.proposing.draft import Draft, Entry
from benchmark.proposing.files import Inventory, shape
from benchmark.readers.collected.gallery_dl import SITES
from benchmark.readers.collected.line_stream import lines
from benchmark.readers.raw import ReadReport
from benchmark.readers.smpd_image.releases import recognised
from benchmark.readers.tweets.layouts import layout_of
from benchmark.readers.tweets.layouts.layout import NAMES, RETWEETS, RETWEETS_BELOW
from benchmark.readers.tweets.listing import ARCHIVES, exports, is_archive
from benchmark.readers.tweets.records import read_records

_SAMPLE = 5
_MEDIA = (".jpg", ".jpeg", ".png", ".webp", ".mp4", ".mov", ".gif", ".webm")


@dataclass(frozen=True)
class Known:
    """What a reader yields: name -> role; what was read with the counts; labels by name -> scale."""

    reader: str
    why: str
    columns: dict[str, str]
    crawled: tuple[str, ...]
    labels: dict[str, str]
    filter: dict[str, Any]


_KEYS = {"post_id": "id", "user_id": "user", "time": "time"}
_TWEETS = Known(
    "tweets",
    "an export of tweets",
    {
        "text": "text",
        "language": "categorical",
        "source_app": "categorical",
        "is_reply": "categorical",
        "is_retweet": "categorical",
        "n_urls": "numeric",
        "n_photos": "numeric",
        "has_video": "categorical",
        "followers": "numeric",
        "friends": "numeric",
        "verified": "categorical",
    },
    ("followers", "friends", "verified"),
    dict.fromkeys(("likes", "retweets", "replies", "quotes"), "log1p"),
    {"is_retweet": False, "is_reply": False},
)
_GALLERY_DL = Known(
    "gallery_dl",
    "files of gallery-dl",
    {
        "text": "text",
        "tags": "tags",
        "location": "categorical",
        "type": "categorical",
        "language": "categorical",
        "n_files": "numeric",
        "n_coauthors": "numeric",
        "n_tagged": "numeric",
        "width": "numeric",
        "height": "numeric",
        "image": "image",
        "age_days": "numeric",
        "followers": "numeric",
    },
    ("age_days", "followers"),
    dict.fromkeys(("likes", "retweets", "replies", "quotes"), "log1p"),
    {},
)
_INSTALOADER = Known(
    "instaloader",
    "files of instaloader",
    {
        "text": "text",
        "tags": "tags",
        "type": "categorical",
        "is_video": "categorical",
        "location": "categorical",
        "n_files": "numeric",
        "n_mentions": "numeric",
        "n_tagged": "numeric",
        "duration": "numeric",
        "image": "image",
        "views": "numeric",
        "followers": "numeric",
        "age_days": "numeric",
    },
    ("views", "followers", "age_days"),
    dict.fromkeys(("likes", "comments"), "log1p"),
    {},
)
_REDDIT = Known(
    "reddit",
    "posts as Reddit's API gives them",
    {
        "title": "text",
        "text": "text",
        "community": "category",
        "kind": "categorical",
        "is_self": "categorical",
        "domain": "categorical",
        "flair": "categorical",
        "locked": "categorical",
        "stickied": "categorical",
        "upvote_ratio": "numeric",
        "awards": "numeric",
        "withdrawn": "categorical",
    },
    ("flair", "locked", "stickied", "upvote_ratio", "awards", "withdrawn"),
    {"score": "signed-log", "comments": "log1p"},
    {"kind": "submission", "withdrawn": False},
)
_REDDITS_OWN = {"subreddit", "author", "created_utc", "score", "num_comments"}


def standard_draft(folder: Path, found: Inventory, only: str | None) -> Draft | None:
    """A draft with the reader that knows these files; None where none does."""
    if only is None and (draft := _smpd(folder)):
        return draft
    for known, is_it in (
        (_INSTALOADER, _of_instaloader),
        (_GALLERY_DL, _of_gallery_dl),
        (_REDDIT, _of_reddit),
        (_TWEETS, _of_twitter),
    ):
        paths = [only] if only else sorted([*found.tables, *found.others])
        if paths and is_it(folder, paths):
            return _draft(known, folder, found, only)
    return None


def _draft(known: Known, folder: Path, found: Inventory, only: str | None) -> Draft:
    tops = {path.partition("/")[0] for path in (*found.tables, *found.others, *found.images)}
    in_one = len(tops) == 1 and (folder / next(iter(tops))).is_dir()
    raw = f"./{only}" if only else f"./{tops.pop()}" if in_one else "."
    draft = Draft(folder, raw, known.reader)
    draft.notes.append(f"{known.why}: reader {known.reader} knows its columns")
    if raw == "." and known.reader in ("gallery_dl", "instaloader"):
        draft.notes.append("every JSON file below the folder is read: keep --home elsewhere")
    for name, role in {**_KEYS, **known.columns}.items():
        words: dict[str, Any] = {"role": role} | ({"level": 1} if role == "category" else {})
        if name in known.crawled:
            words["availability"] = "crawl"
        draft.columns.append(Entry(name, words, "read with the counts" if name in known.crawled else ""))
    for name, scale in known.labels.items():
        unit = f"log({name} + 1)" if scale == "log1p" else f"sign({name}) * log(|{name}| + 1)"
        draft.labels.append(Entry(name, {"scale": scale, "unit": unit}, "counts", kind=name))
    draft.filter = known.filter
    return draft


def _smpd(folder: Path) -> Draft | None:
    """The columns and the label of the project's own card of SMPD."""
    try:
        recognised(folder)
    except DataError:
        return None
    card = load_card(PROJECT / "datasets" / "smpd_image" / "card.toml")
    draft = Draft(folder, ".", "smpd_image")
    draft.notes.append(
        "the image track of SMPD: the project has a card of it, `smpbench run -d smpd_image` with these "
        "files in raw/smpd_image of the home; its rows can be compared with published ones"
    )
    for name, column in card.columns.items():
        words = column.model_dump(exclude_defaults=True) | {"role": column.role}
        draft.columns.append(Entry(name, words, ""))
    for name, target in card.targets.items():
        draft.labels.append(Entry(name, target.model_dump(exclude_defaults=True), "as published", kind=name))
    return draft


def _of_instaloader(folder: Path, paths: Sequence[str]) -> bool:
    some = [path for path in paths if path.endswith((".json", ".json.xz"))][:200:40]
    return bool(some) and all(
        isinstance(one := _document(folder / path), dict) and "node" in one and "instaloader" in one
        for path in some
    )


def _of_gallery_dl(folder: Path, paths: Sequence[str]) -> bool:
    some = [path for path in paths if path.endswith(tuple(f"{ending}.json" for ending in _MEDIA))][:_SAMPLE]
    return bool(some) and all(
        isinstance(one := _document(folder / path), dict) and one.get("category") in SITES for path in some
    )


def _of_reddit(folder: Path, paths: Sequence[str]) -> bool:
    tables = [path for path in paths if path.endswith((".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".zst"))]
    return bool(tables) and all(
        names >= _REDDITS_OWN and names & {"id", "post_id", "name"}
        for names in (_names(folder / path) for path in tables[:_SAMPLE])
    )


def _of_twitter(folder: Path, paths: Sequence[str]) -> bool:
    """Every export that the reader would read is in a layout that it knows, and counts retweets."""
    if any(Path(path).suffix in ARCHIVES and is_archive(folder / path) for path in paths):
        return True
    try:
        listing = exports(folder / paths[0] if len(paths) == 1 else folder, set())
        return all(_is_export(path) for path in listing.exports[:_SAMPLE])
    except DataError:
        return False


def _is_export(path: Path) -> bool:
    records = read_records(path, path.name, ReadReport())
    if not len(records.rows):
        return False
    layout_of(records.columns, path.name, archive=records.archive)
    names = set(map(str, records.columns))
    counts = {*NAMES["retweets"], "tweet", "public_metrics_like_count"}
    marked = names & (RETWEETS | counts) or any(name.startswith(RETWEETS_BELOW) for name in names)
    return bool(marked)


def _names(path: Path) -> frozenset[str]:
    try:
        if path.suffix == ".zst":  # a dump may be larger than the memory
            return frozenset(json.loads(next(lines(path))[1]))
        return shape(path).names
    except (DataError, ValueError, StopIteration):
        return frozenset()


def _document(path: Path) -> Any:
    try:
        raw = lzma.open(path).read() if path.suffix == ".xz" else path.read_bytes()  # noqa: SIM115
        return json.loads(raw)
    except (OSError, ValueError, lzma.LZMAError):
        return None
