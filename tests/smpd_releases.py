"""The posts of a folder in the image track's JSON layout, written as each other release would hold them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

IN_ONE_FILE = (
    "uid pid category subcategory concept pathalias ispublic mediastatus title mediatype alltags postdate "
    "latitude geoaccuracy longitude"
)
ACCOUNT = (
    "photo_firstdate photo_count ispro canbuypro timezone_offset photo_firstdatetaken timezone_id "
    "user_description location_description"
)
BY_GROUP = {
    "category": "Uid Pid Category Subcategory Concept",
    "text": "Uid Pid Title Mediatype Alltags",
    "temporalspatial_information": "Uid Pid Postdate Latitude Longitude Geoaccuracy",
    "user_data": ACCOUNT,
    "additional_information": "Uid Pid Pathalias Ispublic Mediastatus",
}


@dataclass(frozen=True)
class Part:
    """Posts of one split: by kind of file, an object a post; labels are there for train alone."""

    split: str
    groups: dict[str, list[dict[str, Any]]]
    labels: list[str]
    images: list[str]

    def posts(self) -> list[dict[str, Any]]:
        """Everything about a post in one object, the names of columns in small letters."""
        together = (
            {key: row[key] for row in rows for key in row} for rows in zip(*self.groups.values(), strict=True)
        )
        return [{key.lower(): value for key, value in row.items()} for row in together]


def parts(folder: Path) -> list[Part]:
    return [_part(folder / f"{split}_allmetadata_json", split) for split in ("train", "test")]


def write_2018(
    parts: Iterable[Part], folder: Path, *, header: bool = False, quoted: Callable[[Any], str] | None = None
) -> Path:
    """One file, time zones and addresses of images in files of their own."""
    quoted = quoted or escaped
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        posts, split = part.posts(), part.split
        _lines(
            folder / f"{split}_data.txt",
            [IN_ONE_FILE] * header + [row_of(post, IN_ONE_FILE.split(), quoted) for post in posts],
        )
        zones = ["uid", "pid", "timezone_offset", "timezone_id"]
        _lines(folder / f"{split}_timezone.txt", [row_of(post, zones, quoted) for post in posts])
        _lines(folder / f"{split}_image_url.txt", map(address, posts))
        if part.labels:
            _lines(folder / f"{split}_label.txt", part.labels)
    return folder


def write_2019(
    parts: Iterable[Part], folder: Path, *, header: bool = False, quoted: Callable[[Any], str] | None = None
) -> Path:
    """A text file a group, addresses in place of images, a header above the labels."""
    quoted = quoted or escaped
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        posts, split = part.posts(), part.split
        for group, names in BY_GROUP.items():
            rows = [row_of(post, names.lower().split(), quoted) for post in posts]
            _lines(folder / f"{split}_{group}.txt", [names] * header + rows)
        _lines(folder / f"{split}_image_url.txt", map(address, posts))
        if part.labels:
            _lines(folder / f"{split}_label.txt", ["Popularityscore", *part.labels])
    return folder


def write_own(parts: Iterable[Part], folder: Path) -> Path:
    """JSON lines; the posts without a label are too young for one."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("extra_*"):
        file.unlink()
    for part in parts:
        posts = part.posts()
        for group, rows in part.groups.items():
            _objects(folder / f"extra_{group}.jsonl", rows)
        labels = [float(label) for label in part.labels] or [math.nan] * len(posts)
        _objects(folder / "extra_pseudo_label.jsonl", map(pseudo_label, posts, labels))
        with (folder / "extra_img_filepath.txt").open("a") as paths:
            paths.writelines(f"{image}\n" for image in part.images)
    return folder


def pseudo_label(post: dict[str, Any], label: float) -> dict[str, Any]:
    """As a collector would know it: from the views, and when they were read."""
    views = None if math.isnan(label) else round(2**label - 1)
    known: dict[str, Any] = {"pseudo_label": None, "views": 3, "post_age_days": 1}
    if views is not None:
        known = {"pseudo_label": math.log(1 + views), "views": views, "post_age_days": 400}
    return {"Uid": post["uid"], "Pid": post["pid"], **known}


def row_of(post: dict[str, Any], names: Sequence[str], quoted: Callable[[Any], str]) -> str:
    return " ".join(quoted(post[name]) for name in names)


def escaped(value: Any) -> str:
    told = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{told}"'


def bare(value: Any) -> str:
    """Quotes inside are left as they are."""
    return f'"{value}"'


def address(post: dict[str, Any]) -> str:
    return f"https://www.flickr.com/photos/{post['uid']}/{post['pid']}"


def _part(metadata: Path, split: str) -> Part:
    def file(name: str) -> Any:
        return json.loads((metadata / f"{split}_{name}.json").read_text())

    groups = {name: file(name) for name in BY_GROUP if name != "user_data"}
    columns = {
        key.replace("timezone_timezone_id", "timezone_id"): column
        for key, column in file("user_data").items()
    }
    count = len(groups["category"])
    groups["user_data"] = [{key: columns[key][str(i)] for key in ACCOUNT.split()} for i in range(count)]
    labels = metadata / f"{split}_label.txt"
    images = (metadata / f"{split}_img_filepath.txt").read_text().splitlines()
    return Part(split, groups, labels.read_text().splitlines() if labels.is_file() else [], images)


def _lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _objects(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
