"""A folder of images: each is a draft. Its caption lies beside it, as `photo.txt` beside `photo.jpg`, or in a
row of `captions.csv`, which may have any column that a table of drafts has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from benchmark.declared.column import Role
from benchmark.declared.naming import printable
from benchmark.errors import DataError, listed
from benchmark.readers.columns import is_missing
from benchmark.readers.decoding import decode
from benchmark.readers.paths import is_left_beside
from benchmark.readers.raw import ReadReport
from desk.drafts.handed import Handed, check_count, handed_in
from desk.drafts.images import file_inside
from desk.drafts.limits import LONGEST_TEXT
from desk.drafts.words import meant

CAPTIONS = "captions.csv"
_IMAGES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif"),
    *(".heic", ".heif", ".avif", ".bmp", ".tif", ".tiff", ".svg", ".jxl", ".raw", ".dng"),
)
"""What people take for an image. Those in the second line are refused when they are looked into."""


def folder_of_images(folder: Path, columns: Mapping[str, Role], report: ReadReport) -> Handed:
    """The rows of `captions.csv`, then the images that it does not name, in the order of their names.

    Raises:
        DataError: no image and no caption is there, more than are taken, or `captions.csv` cannot be read.
    """
    try:
        names = sorted((one.name for one in folder.iterdir() if not is_left_beside(one.name)), key=_natural)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=folder) from None
    images = [name for name in names if Path(name).suffix.lower() in _IMAGES]
    texts = {_same(Path(name).stem): name for name in names if Path(name).suffix.lower() == ".txt"}
    table = next((name for name in names if name.lower() == CAPTIONS), None)
    if table is None and not images:
        told = "no image and no file of captions in this folder"
        raise DataError(
            told, file=folder, mend="Give the folder in which the images lie, or a table of drafts"
        )
    handed = _captions(folder, table, report) if table else Handed({}, [], folder, folder)
    parts = meant(list(handed.columns), columns).parts
    image, text = parts.get("image", "image"), parts.get("text", "text")
    for column in (image, text):
        handed.columns.setdefault(column, [None] * len(handed))
    named = {_same(str(one)) for one in handed.columns[image] if not is_missing(one)}
    for name in images:
        if _same(name) not in named:
            for column, values in handed.columns.items():
                values.append(name if column == image else None)
            handed.rows.append(None)
    check_count(len(handed), folder)
    used = _fill(handed, image, text, texts, report)
    others = [name for name in names if name not in {*images, *used, table}]
    if others:
        report.note(f"files that are no image and no caption of one, left out: {_told(others)}")
    return handed


def _captions(folder: Path, name: str, report: ReadReport) -> Handed:
    path = file_inside(folder, name)
    if isinstance(path, str):
        raise DataError(path, file=folder / name)
    found = handed_in(path, report)
    return Handed(found.columns, found.rows, folder / name, folder)


def _fill(handed: Handed, image: str, text: str, texts: Mapping[str, str], report: ReadReport) -> set[str]:
    """Put captions that lie beside images into the column of texts; the names of all that belong to one."""
    used, twice = set(), []
    for place in range(len(handed)):
        told = handed.columns[image][place]
        caption = None if is_missing(told) else texts.get(_same(Path(str(told)).stem))
        if caption is None:
            continue
        used.add(caption)
        if not is_missing(handed.columns[text][place]):
            twice.append(caption)
            continue
        try:
            handed.columns[text][place] = _read(handed.folder, caption, report)
        except DataError as error:
            handed.problems[place] = str(error)
    if twice:
        report.note(f"captions in {handed.file.name} are taken in place of {_told(twice)}")
    return used


def _read(folder: Path, name: str, report: ReadReport) -> str | None:
    path = file_inside(folder, name)
    if isinstance(path, str):
        raise DataError(path, file=name)
    size = path.stat().st_size
    if size > 4 * LONGEST_TEXT:  # no character takes more bytes in UTF-8 or UTF-16
        raise DataError(
            f"a caption of {size:,} bytes, at most {LONGEST_TEXT:,} characters are taken", file=name
        )
    if not size or path.read_bytes().isspace():
        return None
    try:
        found = decode(path)
    except DataError as error:
        raise DataError(error.problem, file=name, mend=error.mend) from None
    if found.note:
        report.note(f"{printable(name)}: {found.note}")
    return found.text.strip()


def _told(names: list[str]) -> str:
    return listed(map(printable, names), 10)


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _natural(name: str) -> list[tuple[int, int, str]]:
    """2.jpg before 10.jpg."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
