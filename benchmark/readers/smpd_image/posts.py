"""Posts: the files of one split, put together row by row and typed; one way for all releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.errors import DataError
from benchmark.readers import columns, identifiers, moments
from benchmark.readers.raw import FILE, ROW, ReadReport
from benchmark.readers.smpd_image.accounts import accounts, by_user, no_accounts
from benchmark.readers.smpd_image.groups import Group
from benchmark.readers.smpd_image.images import are_addresses, image_lines, where_they_lie
from benchmark.readers.smpd_image.labels import label_lines, labels, pseudo_labels
from benchmark.readers.smpd_image.releases import Release, find

_NO_LONGITUDE = 1e6
"""Beyond this it is no slip of a map that counts on past 180, and float32 may not hold it."""


def split_frame(folder: Path, split: str, release: Release, report: ReadReport) -> pd.DataFrame:
    """A row a post. A file's values are freed before the next is read: some hold 300 MB of text.

    Raises:
        DataError: a file is missing, broken, or does not agree row by row with the others.
    """
    return _Split(folder, split, release, report).frame()


@dataclass
class _Split:
    folder: Path
    split: str
    release: Release
    report: ReadReport
    whole: Group | None = None
    """The one file of the 2017/2018 release: the groups to come are columns of it."""

    def frame(self) -> pd.DataFrame:
        parts = [self.category(), self.text(), self.temporalspatial(), self.user(), self.additional()]
        self.whole = None
        return pd.concat([*parts, self.image(), self.label()], axis=1)

    def category(self) -> pd.DataFrame:
        self.base = self.require("category")
        group = self.release.read_group("category", self.base, self.report)
        if not len(group):
            raise DataError("the list is empty", file=self.base, mend="Fetch the file again")
        self.whole = group if self.find("text") == self.base else None
        self.ids_given = {key: group.take(key) for key in ("Uid", "Pid")}
        uids, pids = (identifiers.ids(given, key, group.origin) for key, given in self.ids_given.items())
        self.uids, self.pids = uids.to_numpy(dtype=object), pids.to_numpy(dtype=object)
        self.report.rows[self.base.name] = len(group)
        return pd.DataFrame(
            {
                FILE: self.base.name,
                ROW: group.origin.rows,
                "post_id": pids,
                "user_id": uids,
                "category": columns.levels(group.take("Category", compulsory=True)),
                "subcategory": columns.levels(group.take("Subcategory", compulsory=True)),
                "concept": columns.levels(group.take("Concept", compulsory=True)),
            }
        )

    def text(self) -> pd.DataFrame:
        group = self.aligned("text")
        titles = group.take("Title", "Tile")
        if not any(titles) and (path := self.find("titles")):
            titles = self.checked(self.release.read_group("titles", path, self.report)).take("Title", "Tile")
        return pd.DataFrame(
            {
                "title": columns.texts(titles),
                "tags": columns.tags(group.take("Alltags", compulsory=True)),
                "media_type": columns.levels(group.take("Mediatype")),
            }
        )

    def temporalspatial(self) -> pd.DataFrame:
        group = self.aligned("temporalspatial")

        def number(key: str) -> pd.Series:
            return columns.numbers(group.take(key, compulsory=True), key, group.origin, self.report)

        latitude, longitude, accuracy = number("Latitude"), number("Longitude"), number("Geoaccuracy")
        nowhere = (latitude.eq(0) & longitude.eq(0) & accuracy.fillna(0).eq(0)) | latitude.abs().gt(90)
        times = group.take("Postdate", compulsory=True)
        return pd.DataFrame(
            {
                "time": moments.times(times, "Postdate", group.origin, "epoch_seconds"),
                "latitude": latitude.mask(nowhere),
                "longitude": longitude.mask(nowhere | longitude.abs().gt(_NO_LONGITUDE)),
                "geo_accuracy": accuracy.mask(accuracy.eq(0)),
            }
        )

    def user(self) -> pd.DataFrame:
        path = self.find_or_require("user")
        if path is None:
            self.lacks("user", "user data")
            return no_accounts(len(self.pids))
        group = self.release.read_group("user", path, self.report)
        if self.release.by_user and "Uid" in group and "Pid" not in group:
            uids = identifiers.ids(group.take("Uid"), "Uid", group.origin).to_numpy(dtype=object)
            if not np.array_equal(uids, self.uids):
                group = by_user(group, uids, self.uids, self.report)
        return accounts(self.checked(group), self.report)

    def additional(self) -> pd.DataFrame:
        if self.find_or_require("additional") is None:
            self.lacks("additional", "path aliases")
            nothing = columns.nulls(len(self.pids), "str")
            return pd.DataFrame({"path_alias": nothing, "media_status": nothing})
        group = self.aligned("additional")
        return pd.DataFrame(
            {
                "path_alias": columns.levels(group.take("Pathalias")),
                "media_status": columns.levels(group.take("Mediastatus")),
            }
        )

    def image(self) -> pd.Series:
        path = self.find("image") or self.find("image_url")
        lines: list[str] = []
        if path is None:
            self.lacks("image", "image paths")
        else:
            lines = image_lines(path, len(self.pids))
            self.check_count(path, len(lines))
        home = self.base.parent
        home = home.parent if home.name == f"{self.split}_allmetadata_json" else home
        if path is not None and not are_addresses(lines):
            lines = where_they_lie(self.folder, self.split, lines, home) or lines
            return columns.levels(lines).rename("image")
        usual = [f"{self.split}/{uid}/{pid}.jpg" for uid, pid in zip(self.uids, self.pids, strict=True)]
        found = where_they_lie(self.folder, self.split, usual, home)
        if path is not None and found is None:
            told = f"{path.name}: addresses and no files; images are read from {self.split}/<uid>/<pid>.jpg"
            self.report.note(told)
        return (columns.levels(found) if found else columns.nulls(len(usual), "str")).rename("image")

    def label(self) -> pd.DataFrame:
        if self.split == "test":
            return pd.DataFrame({"popularity": columns.nulls(len(self.pids), "float64")})
        path = self.require("label")
        if self.split == "extra":
            return pseudo_labels(self.aligned("label"), self.report)
        lines, origin = label_lines(path)
        self.check_count(path, len(lines), origin.rows)
        return pd.DataFrame({"popularity": labels(lines, origin, path)})

    def aligned(self, kind: str) -> Group:
        path = self.require(kind)
        if self.whole is not None and path == self.base:
            return self.whole
        return self.checked(self.release.read_group(kind, path, self.report))

    def checked(self, group: Group) -> Group:
        """The group, if its rows are those of the posts."""
        self.check_count(group.path, len(group), group.origin.rows)
        for key in ("Uid", "Pid"):
            if key in group:
                self.check_ids(group, key)
        return group

    def check_count(self, path: Path, count: int, rows: Sequence[int] | np.ndarray | None = None) -> None:
        """`rows`: the row of each of what was counted, where that is not simply from 1 on."""
        expected = len(self.pids)
        if count != expected:
            numbered = np.arange(1, count + 1) if rows is None else np.asarray(rows)
            surplus = count > expected
            row = int(numbered[expected]) if surplus else int(numbered[-1]) + 1 if count else 1
            raise DataError(
                f"{count} rows, but {self.base.name} has {expected}",
                file=path,
                row=row,
                mend="Rows are matched by position: fetch the file again",
            )

    def check_ids(self, group: Group, key: str) -> None:
        given = group.take(key, compulsory=True)
        if given == self.ids_given[key]:
            return
        found = identifiers.ids(given, key, group.origin).to_numpy(dtype=object)
        expected = self.uids if key == "Uid" else self.pids
        if (differs := found != expected).any():
            row = int(np.flatnonzero(differs)[0])
            raise DataError(
                f"{self.base.name} has '{expected[row]}' in this row",
                file=group.path,
                row=int(group.origin.rows[row]),
                column=key,
                value=found[row],
                mend="The files are not row-aligned: take all of them from one release",
            )

    def lacks(self, kind: str, what: str) -> None:
        name = self.release.names(self.split, kind)[0]
        self.report.note(f"no {name}: the {self.split} posts have no {what}")

    def find(self, kind: str) -> Path | None:
        return find(self.folder, self.split, self.release, kind)

    def find_or_require(self, kind: str) -> Path | None:
        return self.find(kind) if kind in self.release.optional else self.require(kind)

    def require(self, kind: str) -> Path:
        path = self.find(kind)
        if path is None:
            names = " or ".join(self.release.names(self.split, kind))
            raise DataError(
                f"{names} is missing",
                file=self.base.parent if kind != "category" else self.folder,
                mend="Unpack the owner's archive completely",
            )
        return path
