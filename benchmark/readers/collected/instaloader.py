"""instaloader: folders that the tool of this name writes (https://instaloader.github.io).

Beside the pictures of a post (`PROFILE/2022-07-23_01-40-59_UTC.jpg`, `_1.jpg`, `_2.jpg`, ...) lies a file
`.json.xz` or `.json`: `{"node": {...}, "instaloader": {"version": ..., "node_type": "Post"}}`. What `node`
holds is Instagram's answer, whose form has changed over the years: `instaloader/structures.py` of
https://github.com/instaloader/instaloader reads all of them, and this file reads what that does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.card import Card
from benchmark.errors import DataError
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

_LEVELS = ("type", "location", "image")
_NUMBERS = ("n_files", "n_tagged", "width", "height", "duration", "views", "followers")
_COUNTS = ("likes", "comments")
_HASHTAG = re.compile(r"#(\w+)")
_MENTION = re.compile(r"(?:^|[^\w\n])@\w")
_NO_POSTS = re.compile(r"iterator_.*\.json\.xz|.*_comments\.json|.*_old_\d+\.json(?:\.xz)?")
_NAMES_SHOWN = 3
"""Where likes are hidden, Instagram counts the likers whom it names instead."""


def read(card: Card, folder: Path) -> Raw:
    """The posts below `folder`; targets `likes` and `comments`.

    Of a post collected more than once the newest capture is kept. Likes that the owner hides come as -1, or
    as the few whom Instagram names: unlabelled, and counted. Profiles give the number of followers; what
    instaloader notes for itself is passed over.

    Raises:
        DataError: no such file, one that is cut off or not of instaloader, or a bad value; names the file.
    """
    report = ReadReport()
    return Raw(latest(captures(folder, report), report), report, images=folder)


def captures(folder: Path, report: ReadReport | None = None) -> pd.DataFrame:
    """Every capture of every post below `folder`, with `read_at` where a folder above names a date."""
    report = report or ReadReport()
    rows: list[dict[str, Any]] = []
    profiles: dict[tuple[Path, str], dict[str, Any]] = {}
    paths = [
        path for path in files_below(folder, (".json", ".json.xz")) if not _NO_POSTS.fullmatch(path.name)
    ]
    for path in paths:
        kind, node = _node(path)
        if kind == "Post":
            rows.append(_row(node, path, folder))
        elif kind == "Profile":
            profiles[path.parent, str(node.get("id"))] = node
        else:
            report.drop(f"{kind}, which is no post", 1)
    report.rows["*.json"] = len(paths)
    if not rows:
        raise DataError("no file here or below describes a post", file=folder, mend="See docs/collecting.md")
    for row in rows:
        profile = profiles.get((row["path"].parent, str(row["number"])))
        row["name"] = first(row["name"], written(part(profile, "username")))
        row["followers"] = first(row["followers"], part(profile, "edge_followed_by", "count"))
    return _typed(rows, folder, report)


def _node(path: Path) -> tuple[str, dict[str, Any]]:
    """What a file is about, and what it says of it. Up to version 3 a post was not wrapped."""
    told = read_document(path)
    node, kind = part(told, "node"), part(told, "instaloader", "node_type")
    if isinstance(node, dict) and isinstance(kind, str):
        return kind, node
    if "shortcode" in told or "code" in told:
        return "Post", told
    raise DataError(
        "not a file that instaloader wrote: it has neither 'node' and 'instaloader' nor 'shortcode'",
        file=path,
        mend="Move it away",
    )


def _row(node: dict[str, Any], path: Path, folder: Path) -> dict[str, Any]:
    phone = _phone(node)
    caption = node.get("caption")
    text = first(
        part(node, "edge_media_to_caption", "edges", 0, "node", "text"),
        part(caption, "text") if isinstance(caption, dict) else caption,
        part(phone, "caption", "text"),
    )
    children = part(node, "edge_sidecar_to_children", "edges"), part(phone, "carousel_media"), [node]
    tagged = part(node, "edge_media_to_tagged_user", "edges"), part(phone, "usertags", "in")
    base = path.with_name(re.sub(r"\.json(\.xz)?$", "", path.name, flags=re.IGNORECASE))
    name = written(first(part(node, "owner", "username"), part(phone, "user", "username")))
    return {
        "path": path,
        "post_id": first(node.get("shortcode"), node.get("code")),
        "name": name and name.lower(),
        "number": written(first(part(node, "owner", "id"), part(phone, "user", "pk"))),
        "time": written(first(node.get("date"), node.get("taken_at_timestamp"), phone.get("taken_at"))),
        "text": text,
        "type": node.get("__typename"),
        "is_video": node.get("is_video"),
        "location": first(part(node, "location", "slug"), part(node, "location", "name")),
        "n_files": len(_longest(children)),
        "n_tagged": len(_longest(tagged)),
        "width": first(part(node, "dimensions", "width"), phone.get("original_width")),
        "height": first(part(node, "dimensions", "height"), phone.get("original_height")),
        "duration": first(node.get("video_duration"), phone.get("video_duration")),
        "views": first(node.get("video_view_count"), phone.get("view_count")),
        "followers": part(node, "owner", "edge_followed_by", "count"),
        "likes": _likes(node, phone),
        "comments": first(
            part(node, "edge_media_to_comment", "count"),
            part(node, "edge_media_to_parent_comment", "count"),
            node.get("comments"),
            phone.get("comment_count"),
        ),
        "image": image_below(
            folder, [Path(f"{base}{n}{end}") for end in (".jpg", ".png", ".webp") for n in ("", "_1")]
        ),
    }


def _phone(node: dict[str, Any]) -> dict[str, Any]:
    """What the application was told, where instaloader asked as one."""
    told = node.get("iphone_struct")
    return told if isinstance(told, dict) else {}


def _longest(lists: tuple[object, ...]) -> list[Any]:
    return max((entries(one) for one in lists), key=len)


def _likes(node: dict[str, Any], phone: dict[str, Any]) -> Any:
    """-1 where the owner hides them."""
    likes = first(
        part(node, "edge_media_preview_like", "count"),
        part(node, "edge_liked_by", "count"),
        part(node, "likes", "count"),
        phone.get("like_count"),
    )
    disabled = node.get("like_and_view_counts_disabled") or phone.get("like_and_view_counts_disabled")
    return -1 if disabled and isinstance(likes, int) and likes <= _NAMES_SHOWN else likes


def _typed(rows: list[dict[str, Any]], folder: Path, report: ReadReport) -> pd.DataFrame:
    moments = when([row["path"] for row in rows], folder)
    files = [row["path"].relative_to(folder).as_posix() for row in rows]
    origin = Origin(files, np.ones(len(rows), dtype=np.int64))

    def given(name: str) -> list[Any]:
        return [row[name] for row in rows]

    accounts = one_name_an_account(given("name"), given("number"), moments[CAPTURED])
    text = columns.texts(given("text"))
    frame = pd.DataFrame(
        {
            FILE: files,
            ROW: origin.rows,
            "post_id": ids(given("post_id"), "shortcode", origin),
            "user_id": ids(accounts, "owner", origin),
            "time": times(given("time"), "taken_at_timestamp", origin, "epoch_seconds"),
            "text": text,
            "tags": columns.tags([_HASHTAG.findall(one) for one in text]),
            "n_mentions": [float(len(_MENTION.findall(one))) for one in text],
            "is_video": columns.flags(given("is_video"), "is_video", origin, report),
            **{name: columns.levels(given(name)) for name in _LEVELS},
            **{name: columns.numbers(given(name), name, origin, report) for name in _NUMBERS},
            **{name: columns.numbers(given(name), name, origin) for name in _COUNTS},
            **moments,
        }
    )
    if hidden := int((frame["likes"] < 0).sum()):
        report.note(f"{hidden} captures whose owner hides the likes: unlabelled")
    return frame.assign(**{name: frame[name].mask(frame[name] < 0) for name in (*_COUNTS, "views")})
