"""SMPD image track: Flickr posts as the SMP Challenge publishes them (https://smp-challenge.com).

A folder of row-aligned files for each of `train` and `test`; only train has labels. File names drifted over
the years and users unpack the archives in more than one way: every known spelling and depth is accepted.
Rows are put together by position, as the owner does, and checked by `Uid` and `Pid` wherever a file has them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.card import Card
from benchmark.errors import DataError
from benchmark.readers import columns
from benchmark.readers.decoding import decode
from benchmark.readers.json_rows import checked_objects, read_json
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport, numbered

SPELLINGS = {
    "category": ("category.json",),
    "text": ("text.json", "tags.json"),
    "titles": ("titles.json", "title.json"),
    "temporalspatial": ("temporalspatial_information.json", "temporalspatial.json"),
    "user": ("user_data.json", "userdata.json"),
    "additional": ("additional_information.json", "additional.json"),
    "image": ("img_filepath.txt", "img_path.txt"),
    "label": ("label.txt",),
}
"""What each file may be called, after `train_` or `test_`."""
OPTIONAL = {"titles", "image"}

_CLOCK = re.compile(r"(?P<sign>[+-]*)(?P<hours>[0-9]{1,4}):(?P<minutes>[0-9]{1,2})")
_NO_LONGITUDE = 1e6
"""Beyond this it is no slip of a map that counts on past 180, and float32 may not hold it."""
_PLAUSIBLE_TAKEN = (pd.Timestamp("1990-01-01").timestamp(), pd.Timestamp("2017-01-01").timestamp())


def read(card: Card, folder: Path) -> Raw:
    """Both splits below `folder`; `popularity` is NaN in the test split, which has no labels.

    Raises:
        DataError: a file is missing, broken, or does not agree row by row with the others.
    """
    report = ReadReport()
    splits = [split for split in ("train", "test") if _metadata_folder(folder, split)]
    if not splits:
        raise DataError(
            "no train_category.json here or in a folder train_allmetadata_json",
            file=folder,
            mend="Unpack the owner's archives there",
        )
    frames = [_Split(folder, split, report).frame() for split in splits]
    return Raw(pd.concat(frames, ignore_index=True), report, images=folder)


@dataclass
class _Split:
    folder: Path
    split: str
    report: ReadReport

    def frame(self) -> pd.DataFrame:
        """One row a post. A file's objects are freed before the next is read: some hold 300 MB of text."""
        self.uids, self.pids = np.array([]), np.array([])
        parts = [self.category(), self.text(), self.temporalspatial(), self.user(), self.additional()]
        frame = pd.concat(parts, axis=1)
        frame["image"] = self.image()
        frame["popularity"] = self.label()
        return frame

    def category(self) -> pd.DataFrame:
        path = self.require("category")
        rows = checked_objects(read_json(path), path)
        if not rows:
            raise DataError("the list is empty", file=path, mend="Fetch the file again")
        self.origin = numbered(path.name, len(rows))
        self.ids_given = {key: _values(rows, key) for key in ("Uid", "Pid")}
        uids, pids = (columns.ids(given, key, self.origin) for key, given in self.ids_given.items())
        self.uids, self.pids = uids.to_numpy(dtype=object), pids.to_numpy(dtype=object)
        self.report.rows[path.name] = len(rows)
        return pd.DataFrame(
            {
                FILE: path.name,
                ROW: self.origin.rows,
                "post_id": pids,
                "user_id": uids,
                "category": columns.levels(_values(rows, "Category", path)),
                "subcategory": columns.levels(_values(rows, "Subcategory", path)),
                "concept": columns.levels(_values(rows, "Concept", path)),
            }
        )

    def text(self) -> pd.DataFrame:
        path, rows = self.aligned_objects("text")
        titles = _values(rows, "Title", "Tile")
        if not any(titles) and self.find("titles"):
            titles = _values(self.aligned_objects("titles")[1], "Title", "Tile")
        return pd.DataFrame(
            {
                "title": columns.texts(titles),
                "tags": columns.tags(_values(rows, "Alltags", path)),
                "media_type": columns.levels(_values(rows, "Mediatype")),
            }
        )

    def temporalspatial(self) -> pd.DataFrame:
        path, rows = self.aligned_objects("temporalspatial")
        origin = numbered(path.name, len(rows))

        def number(key: str) -> pd.Series:
            return columns.numbers(_values(rows, key, path), key, origin, self.report)

        latitude, longitude, accuracy = number("Latitude"), number("Longitude"), number("Geoaccuracy")
        nowhere = (latitude.eq(0) & longitude.eq(0) & accuracy.fillna(0).eq(0)) | latitude.abs().gt(90)
        return pd.DataFrame(
            {
                "time": columns.times(_values(rows, "Postdate", path), "Postdate", origin, "epoch_seconds"),
                "latitude": latitude.mask(nowhere),
                "longitude": longitude.mask(nowhere | longitude.abs().gt(_NO_LONGITUDE)),
                "geo_accuracy": accuracy.mask(accuracy.eq(0)),
            }
        )

    def user(self) -> pd.DataFrame:
        path = self.require("user")
        table = _by_column(read_json(path), path)
        for key, given in table.items():
            self.check_count(path, len(given))
            if key in ("Uid", "Pid"):
                self.check_ids(path, key, given)
        origin = numbered(path.name, len(self.pids))
        absent: list[Any] = [None] * len(self.pids)

        def take(*names: str) -> list[Any]:
            # Popped, so that a column's strings are freed as soon as it is typed.
            found = [table.pop(name) for name in names if name in table]
            if not found:
                self.report.note(f"{path.name}: no key '{names[0]}'; the column is missing throughout")
            return found[0] if found else absent

        return pd.DataFrame(
            {
                "user_description": columns.vectors(
                    take("user_description"), "user_description", origin, self.report
                ),
                "location_description": columns.vectors(
                    take("location_description"), "location_description", origin, self.report
                ),
                "photo_first_date": columns.numbers(
                    take("photo_firstdate"), "photo_firstdate", origin, self.report
                ),
                "photo_count": columns.numbers(take("photo_count"), "photo_count", origin, self.report),
                "is_pro": columns.flags(take("ispro"), "ispro", origin, self.report),
                "can_buy_pro": columns.flags(take("canbuypro"), "canbuypro", origin, self.report),
                "timezone_offset": _hours(take("timezone_offset"), origin, self.report),
                "timezone_id": columns.levels(take("timezone_timezone_id", "timezone_id")),
                "photo_first_taken": _taken(take("photo_firstdatetaken"), self.report),
            }
        )

    def additional(self) -> pd.DataFrame:
        _, rows = self.aligned_objects("additional")
        return pd.DataFrame(
            {
                "path_alias": columns.levels(_values(rows, "Pathalias")),
                "media_status": columns.levels(_values(rows, "Mediastatus")),
            }
        )

    def image(self) -> pd.Series:
        path = self.find("image")
        if path is None:
            self.report.note(f"no {self.split}_img_filepath.txt: the {self.split} posts have no image paths")
            return columns.nulls(len(self.pids), "str")
        lines = decode(path).text.splitlines()
        self.check_count(path, len(lines))
        return columns.levels(_where_they_lie(self.folder, self.split, lines))

    def label(self) -> pd.Series:
        if self.split == "test":
            return columns.nulls(len(self.pids), "float64")
        path = self.require("label")
        lines = decode(path).text.splitlines()
        self.check_count(path, len(lines))
        labels = columns.numbers(lines, "popularity", numbered(path.name, len(lines)))
        if labels.isna().any():
            row = int(np.flatnonzero(labels.isna())[0])
            raise DataError(
                "a label is missing", file=path, row=row + 1, column="popularity", value=lines[row]
            )
        return labels

    def aligned_objects(self, kind: str) -> tuple[Path, list[dict[str, Any]]]:
        path = self.require(kind)
        rows = checked_objects(read_json(path), path)
        self.check_count(path, len(rows))
        for key in ("Uid", "Pid"):
            if rows and key in rows[0]:
                self.check_ids(path, key, _values(rows, key, path))
        return path, rows

    def check_count(self, path: Path, count: int) -> None:
        if count != len(self.pids):
            raise DataError(
                f"{count} rows, but {self.split}_category.json has {len(self.pids)}",
                file=path,
                row=min(count, len(self.pids)) + 1,
                mend="Rows are matched by position: fetch the file again",
            )

    def check_ids(self, path: Path, key: str, given: Sequence[Any]) -> None:
        if given == self.ids_given[key]:
            return
        found = columns.ids(given, key, numbered(path.name, len(given))).to_numpy(dtype=object)
        expected = self.uids if key == "Uid" else self.pids
        if (differs := found != expected).any():
            row = int(np.flatnonzero(differs)[0])
            raise DataError(
                f"{self.split}_category.json has '{expected[row]}' in this row",
                file=path,
                row=row + 1,
                column=key,
                value=found[row],
                mend="The files are not row-aligned: take all of them from one release",
            )

    def find(self, kind: str) -> Path | None:
        return _find(self.folder, self.split, kind)

    def require(self, kind: str) -> Path:
        path = self.find(kind)
        if path is None:
            names = " or ".join(f"{self.split}_{ending}" for ending in SPELLINGS[kind])
            raise DataError(
                f"{names} is missing",
                file=_metadata_folder(self.folder, self.split),
                mend="Unpack the owner's archive completely",
            )
        return path


def _metadata_folder(folder: Path, split: str) -> Path | None:
    category = _find(folder, split, "category")
    return category.parent if category else None


def _find(folder: Path, split: str, kind: str) -> Path | None:
    """The file of this kind: flat, in `train_allmetadata_json`, or one folder further down."""
    names = [f"{split}_{ending}" for ending in SPELLINGS[kind]]
    for place in _places(folder, split):
        for name in names:
            if (place / name).is_file():
                return place / name
    return None


def _places(folder: Path, split: str) -> Iterator[Path]:
    yield folder / f"{split}_allmetadata_json"
    yield folder
    yield folder / "separate"
    for below in sorted(path for path in folder.glob("*") if path.is_dir()):
        yield below / f"{split}_allmetadata_json"
        yield below


def _values(rows: list[dict[str, Any]], key: str, *others: str | Path) -> list[Any]:
    """`row[key]` of every row. Other spellings may follow; a path makes the key compulsory in that file."""
    names = [key, *(other for other in others if isinstance(other, str))]
    paths = [other for other in others if isinstance(other, Path)]
    for name in names:
        values = [row.get(name) for row in rows]
        if any(value is not None for value in values):
            return values
    if paths and not any(key in row for row in rows):
        raise DataError(f"no row has the key '{key}'", file=paths[0], column=key, mend="Fetch the file again")
    return [None] * len(rows)


def _by_column(table: object, path: Path) -> dict[str, list[Any]]:
    """`{"photo_count": {"0": 1, "1": 5}}` -> `{"photo_count": [1, 5]}`; a list of objects is taken too."""
    if isinstance(table, list):
        rows = checked_objects(table, path)
        return {key: [row.get(key) for row in rows] for key in (rows[0] if rows else {})}
    if not isinstance(table, dict):
        raise DataError(f"an object of columns was expected, not {type(table).__name__}", file=path)
    result = {}
    for key in list(table):
        column = table.pop(key)
        if not isinstance(column, dict):
            raise DataError('{"0": value, "1": value, ...} was expected', file=path, column=key, value=column)
        try:
            order = sorted(column, key=int)
        except ValueError:
            raise DataError("row numbers are not all whole numbers", file=path, column=key) from None
        result[key] = [column[row] for row in order]
    return result


def _hours(values: Sequence[Any], origin: Origin, report: ReadReport) -> pd.Series:
    """`-08:00`, `+5.5` or `-8` -> hours east of Greenwich."""

    def hours(value: Any) -> Any:
        found = _CLOCK.match("" if columns.is_missing(value) else str(value))
        if not found:
            return value
        sign = -1 if found["sign"].startswith("-") else 1
        return sign * (int(found["hours"]) + int(found["minutes"]) / 60)

    return columns.numbers(columns.each_once(values, hours), "timezone_offset", origin, report)


def _taken(values: Sequence[Any], report: ReadReport) -> pd.Series:
    """When the user's first photo was taken, epoch seconds; written as a date, as YYYYMMDDHH or as epoch.

    Cameras with an unset clock give 1904, 1970 or the far future: what lies outside 1990-2016 is missing.
    """
    given = columns.levels(values)
    # Ten digits from 1826 on (the first photograph) are YYYYMMDDHH: as epoch seconds they would lie in 2027+.
    ten_digits = given.str.fullmatch(r"(?:18[2-9]\d|19\d\d|20\d\d)\d{6}").fillna(False).astype(bool)
    seconds = pd.to_numeric(given.mask(ten_digits), errors="coerce").astype("float64")
    dates = pd.to_datetime(given.where(ten_digits), format="%Y%m%d%H", errors="coerce")
    written = given.mask(ten_digits | seconds.notna())
    dates = dates.fillna(pd.to_datetime(written, format="ISO8601", errors="coerce"))
    low, high = _PLAUSIBLE_TAKEN
    result = seconds.fillna((dates - pd.Timestamp(0)) / pd.Timedelta(seconds=1))
    result = result.where((result >= low) & (result < high))
    if absurd := int(given.notna().sum() - result.notna().sum()):
        report.note(f"column 'photo_firstdatetaken': {absurd} absurd dates set to missing")
    return result


def _where_they_lie(folder: Path, split: str, lines: list[str]) -> list[str]:
    """Image paths relative to `folder`. Archives unpack as written (`train/uid/pid.jpg`), or below
    `train_images`, `images` or `img`, with or without the leading split; the first depth that holds an image
    of the sample is taken for all, and the path as written when none does."""
    clean = [line.strip().removeprefix("./") for line in lines]
    sample = [line for line in clean[:: max(1, len(clean) // 200)] if line]
    for below in ("", f"{split}_images/", "images/", "img/"):
        for leading in (f"{split}/", ""):
            depth = below + leading
            # os.path's answers False to a name that no file can have, where Path's raises.
            if any(os.path.isfile(folder / (depth + line.removeprefix(f"{split}/"))) for line in sample):  # noqa: PTH113
                return [line and depth + line.removeprefix(f"{split}/") for line in clean]
    return clean
