"""gallery-dl: folders that `gallery-dl --write-metadata` writes, of Instagram and of Twitter.

A JSON file beside each picture or video (`gallery-dl/instagram/USER/1234_5678.jpg.json`), hence several of a
post that has several. The keys: `gallery_dl/extractor/instagram.py` and `twitter.py` of
https://github.com/mikf/gallery-dl; other sites write what their owners' servers answer. gallery-dl writes no
count of comments and none of views for Instagram: there are no such columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.card import Card
from benchmark.errors import DataError, listed
from benchmark.readers import columns
from benchmark.readers.collected.captures import (
    CAPTURED,
    entries,
    files_below,
    first,
    ids,
    image_below,
    latest,
    one_name_an_account,
    part,
    read_document,
    when,
    written,
)
from benchmark.readers.moments import times
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport

_TEXTS = ("text",)
_LEVELS = ("site", "location", "type", "language", "image")
_NUMBERS = ("n_files", "n_coauthors", "n_tagged", "width", "height", "followers")
_COUNTS = ("likes", "retweets", "replies", "quotes")


def read(card: Card, folder: Path) -> Raw:
    """The posts below `folder`; targets `likes` and, for Twitter, `retweets`, `replies`, `quotes`.

    Of a post collected more than once the newest capture is kept. Likes that the owner hides come as -1:
    unlabelled, and counted.

    Raises:
        DataError: no such file, one that is cut off or of another site, or a bad value; names the file.
    """
    report = ReadReport()
    return Raw(latest(captures(folder, report), report), report, images=folder)


def captures(folder: Path, report: ReadReport | None = None) -> pd.DataFrame:
    """Every capture of every post below `folder`, with `read_at` where a folder above names a date."""
    report = report or ReadReport()
    posts: dict[tuple[Path, str], _Post] = {}
    paths = [path for path in files_below(folder, (".json",)) if path.name != "info.json"]
    without_likes = 0
    for path in paths:
        told = read_document(path)
        if (site := _site(told, path)) == "instagram" and "likes" not in told:
            without_likes += 1
            continue
        post_id = str(_required(told, ("post_id", "post_shortcode", "tweet_id"), path))
        posts.setdefault((path.parent, post_id), _Post(site, post_id)).files.append((path, told))
    report.rows["*.json"] = len(paths)
    report.drop("story, highlight or avatar, which has no likes", without_likes)
    if not posts:
        raise DataError("no file here or below describes a post", file=folder, mend="See docs/collecting.md")
    return _typed([post.row(folder) for post in posts.values()], folder, report)


@dataclass
class _Post:
    """One capture of a post: the files of one folder that tell of it."""

    site: str
    post_id: str
    files: list[tuple[Path, dict[str, Any]]] = field(default_factory=list)

    def row(self, folder: Path) -> dict[str, Any]:
        self.files.sort(key=lambda file: (_order(file[1]), file[0]))
        path, told = self.files[0]
        tagged = [user for _, one in self.files for user in entries(one.get("tagged_users"))]
        return {
            "path": path,
            "site": self.site,
            "post_id": self.post_id,
            "text": first(told.get("description"), told.get("content")),
            "type": first(told.get("type"), told.get("typename")),
            "n_files": first(told.get("count"), len(self.files)),
            "n_tagged": len({str(part(user, "id")) for user in tagged}),
            "width": told.get("width"),
            "height": told.get("height"),
            "image": image_below(folder, [one.with_suffix("") for one, _ in self.files]),
            **SITES[self.site](told),
        }


def _instagram(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": written(told.get("username")),
        "number": written(told.get("owner_id")),
        "time": written(first(told.get("post_date"), told.get("date"))),
        "tags": told.get("tags"),
        "location": told.get("location_slug"),
        "n_coauthors": len(entries(told.get("coauthors"))),
        "likes": told.get("likes"),
    }


def _twitter(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": written(part(told, "author", "name")),
        "number": written(part(told, "author", "id")),
        "time": written(told.get("date")),
        "tags": told.get("hashtags"),
        "language": told.get("lang"),
        "n_tagged": len(entries(told.get("mentions"))),
        "followers": part(told, "author", "followers_count"),
        "retweet": bool(told.get("retweet_id")),
        "likes": told.get("favorite_count"),
        "retweets": told.get("retweet_count"),
        "replies": told.get("reply_count"),
        "quotes": told.get("quote_count"),
    }


SITES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "instagram": _instagram,
    "twitter": _twitter,
}
"""What gallery-dl calls `category` -> what its files say of a post, by canonical name."""


def _site(told: dict[str, Any], path: Path) -> str:
    site = first(written(told.get("category")), "instagram" if "post_shortcode" in told else None)
    if site in SITES:
        return site
    of = "no category" if site is None else f"category '{site}'"
    raise DataError(
        f"a file of {of}, and this reader knows those of {listed(SITES)}",
        file=path,
        column="category",
        mend="Move it away, or turn the files into a table and read that with a card of its own",
    )


def _required(told: dict[str, Any], keys: tuple[str, ...], path: Path) -> Any:
    found = first(*(told.get(key) for key in keys))
    if columns.is_missing(found) or isinstance(found, list | dict):
        raise DataError("the file names no post", file=path, column=keys[0], mend="Collect it again")
    return found


def _order(told: dict[str, Any]) -> int:
    number = told.get("num")
    return number if isinstance(number, int) else 0


def _typed(rows: list[dict[str, Any]], folder: Path, report: ReadReport) -> pd.DataFrame:
    moments = when([row["path"] for row in rows], folder)
    files = [row["path"].relative_to(folder).as_posix() for row in rows]
    origin = Origin(files, np.ones(len(rows), dtype=np.int64))

    def given(name: str) -> list[Any]:
        return [row.get(name) for row in rows]

    accounts = one_name_an_account(given("name"), given("number"), moments[CAPTURED])
    frame = pd.DataFrame(
        {
            FILE: files,
            ROW: origin.rows,
            "post_id": ids(given("post_id"), "post_id", origin),
            "user_id": ids(accounts, "username", origin),
            "time": times(given("time"), "date", origin),
            "tags": columns.tags([_without_marks(tags) for tags in given("tags")]),
            **{name: columns.texts(given(name)) for name in _TEXTS},
            **{name: columns.levels(given(name)) for name in _LEVELS},
            **{name: columns.numbers(given(name), name, origin, report) for name in _NUMBERS},
            **{name: columns.numbers(given(name), name, origin) for name in _COUNTS},
            **moments,
        }
    )
    return _own_posts(_shown(frame, report), given("retweet"), report)


def _without_marks(tags: object) -> object:
    return [str(tag).removeprefix("#") for tag in tags] if isinstance(tags, list) else tags


def _shown(frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    hidden = frame["likes"] < 0
    if count := int(hidden.sum()):
        report.note(f"{count} captures whose owner hides the likes: unlabelled")
    return frame.assign(likes=frame["likes"].mask(hidden))


def _own_posts(frame: pd.DataFrame, retweet: list[Any], report: ReadReport) -> pd.DataFrame:
    others = pd.Series([bool(one) for one in retweet], index=frame.index)
    report.drop("retweet of another account", int(others.sum()))
    return frame[~others].reset_index(drop=True)
