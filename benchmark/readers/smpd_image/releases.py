"""Releases: which there are, what their files may be called, how they are read, and which one is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import DataError
from benchmark.readers.raw import ReadReport
from benchmark.readers.smpd_image.groups import Group, read_json_group, read_lines_group
from benchmark.readers.smpd_image.quoted import read_quoted
from benchmark.readers.smpd_image.time_zones import read_time_zones

_IN_ONE_FILE = (
    "uid pid category subcategory concept pathalias ispublic mediastatus title mediatype alltags postdate "
    "latitude geoaccuracy longitude"
)
_BY_GROUP = {
    "category": "Uid Pid Category Subcategory Concept",
    "text": "Uid Pid Title Mediatype Alltags",
    "titles": "Uid Pid Title",
    "temporalspatial": "Uid Pid Postdate Latitude Longitude Geoaccuracy",
    "user": (
        "photo_firstdate photo_count ispro canbuypro timezone_offset photo_firstdatetaken timezone_id "
        "user_description location_description"
    ),
    "additional": "Uid Pid Pathalias Ispublic Mediastatus",
}


@dataclass(frozen=True, eq=False)
class Release:
    """One form in which the data are handed on."""

    title: str
    splits: tuple[str, ...]
    files: dict[str, tuple[str, ...]]
    """Kind of file -> what it may be called, the usual name first. `{split}` stands for the split, `*` for
    anything. The file of kind `category` is what the release is known by."""
    read_group: Callable[[str, Path, ReadReport], Group]
    """Kind, path, report -> the values of the file."""
    optional: frozenset[str]
    """Kinds of file that may be missing."""
    by_user: bool = False
    """Whether the user data may have a row a user instead of a row a post."""

    def names(self, split: str, kind: str) -> list[str]:
        return [name.format(split=split) for name in self.files.get(kind, ())]


def _by_group(ending: str) -> dict[str, tuple[str, ...]]:
    """The names of a release with a file a group, as they have drifted over the years."""
    spellings = {
        "category": ("category",),
        "text": ("text", "tags"),
        "titles": ("titles", "title"),
        "temporalspatial": ("temporalspatial_information", "temporalspatial"),
        "user": ("user_data", "userdata"),
        "additional": ("additional_information", "additional"),
    }
    return {kind: tuple(f"{{split}}_{name}{ending}" for name in names) for kind, names in spellings.items()}


def _read_by_group(kind: str, path: Path, report: ReadReport) -> Group:
    return read_quoted(path, _BY_GROUP[kind].split(), report)


def _read_in_one_file(kind: str, path: Path, report: ReadReport) -> Group:
    return (
        read_time_zones(path, report) if kind == "user" else read_quoted(path, _IN_ONE_FILE.split(), report)
    )


_IMAGES = {
    "image": tuple(f"{{split}}_{name}.txt" for name in ("img_filepath", "img_path", "image_path", "img")),
    "image_url": ("{split}_image_url.txt", "*{split}*url*.txt"),
}
_LABELS = {"label": ("{split}_label.txt",)}
_DATA = ("{split}_data.txt", "t2_{split}_data.txt")

RELEASES = (
    Release(
        "JSON, since 2021",
        ("train", "test"),
        _by_group(".json") | _IMAGES | _LABELS,
        read_json_group,
        frozenset({"titles", "image", "image_url"}),
    ),
    Release(
        "quoted text, a file a group, 2019/2020",
        ("train", "test"),
        _by_group(".txt") | _IMAGES | _LABELS,
        _read_by_group,
        frozenset({"titles", "image", "image_url"}),
    ),
    Release(
        "quoted text in one file, 2017/2018",
        ("train", "test"),
        dict.fromkeys(("category", "text", "temporalspatial", "additional"), _DATA)
        | {"user": ("{split}_timezone.txt", "*{split}*time*zone*.txt")}
        | _IMAGES
        | {"label": ("{split}_label.txt", "t2_{split}_label.txt")},
        _read_in_one_file,
        frozenset({"user", "image", "image_url"}),
    ),
    Release(
        "a collection of one's own",
        ("extra",),
        _by_group(".jsonl") | _IMAGES | {"label": ("{split}_pseudo_label.jsonl",)},
        read_lines_group,
        frozenset({"titles", "user", "additional", "image", "image_url"}),
        by_user=True,
    ),
)


def recognised(folder: Path) -> tuple[Release, list[str]]:
    """The one release that lies in a folder, and which of its splits.

    Raises:
        DataError: there is none, there are two, or a split lies there twice.
    """
    found: dict[tuple[Release, str], list[Path]] = {}
    for release in RELEASES:
        for split in release.splits:
            if there := list(_named(folder, split, release.names(split, "category"))):
                found[release, split] = there
    if not found:
        json, *others = (release.names(release.splits[0], "category")[0] for release in RELEASES)
        raise DataError(
            f"no {json} here or in a folder train_allmetadata_json, nor {', '.join(others)}",
            file=folder,
            mend="Unpack the owner's archives there",
        )
    if len({release for release, _ in found}) > 1:
        each: dict[str, Path] = {}
        for (release, _), paths in found.items():
            each.setdefault(release.title, paths[0])
        told = " and ".join(f"{title} ({path.relative_to(folder)})" for title, path in each.items())
        raise DataError(
            f"more than one release lies here: {told}", file=folder, mend="Keep each in a folder of its own"
        )
    for paths in found.values():
        if len(paths) > 1:
            told = " and ".join(str(path.relative_to(folder)) for path in paths)
            raise DataError(
                f"one split in two places: {told}", file=folder, mend="Keep one, or join their rows"
            )
    return next(iter(found))[0], [split for _, split in found]


def find(folder: Path, split: str, release: Release, kind: str) -> Path | None:
    """The file of this kind: flat, in `train_allmetadata_json`, or one folder further down.

    Raises:
        DataError: several files might be meant.
    """
    return next(_named(folder, split, release.names(split, kind)), None)


def _named(folder: Path, split: str, names: list[str]) -> Iterator[Path]:
    """Of each place that files are unpacked to, the first file of one of these names."""
    for place in _places(folder, split):
        for name in names:
            meant = place.glob(name) if "*" in name else [place / name]
            # A name with a dot in front is a Mac's shadow of the file.
            there = [path for path in meant if path.is_file() and not path.name.startswith(".")]
            if len(there) > 1:
                told = " and ".join(sorted(path.name for path in there))
                raise DataError(
                    f"{told} may both be meant", file=place, mend=f"Call the right one {names[0]}"
                )
            if there:
                yield there[0]
                break


def _places(folder: Path, split: str) -> Iterator[Path]:
    yield folder / f"{split}_allmetadata_json"
    yield folder
    yield folder / "separate"
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        # A folder with an @ holds one user's images; there may be thousands.
        below = sorted(entry.name for entry in entries if "@" not in entry.name and entry.is_dir())
    for name in below:
        yield folder / name / f"{split}_allmetadata_json"
        if name not in (f"{split}_allmetadata_json", "separate"):
            yield folder / name
