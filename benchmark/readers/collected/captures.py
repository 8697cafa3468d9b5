"""Captures: posts that a collecting tool wrote to files, a JSON file each, perhaps on several days.

A folder named by a date (`2026-11-01`, or `2026-11-01T0630` for a time of that day, UTC) says when all below
it had been read. The tools' own files do not say it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.errors import DataError
from benchmark.readers.columns import is_missing
from benchmark.readers.json_rows import checked_objects, read_json
from benchmark.readers.paths import is_left_beside
from benchmark.readers.raw import FILE, Origin, ReadReport

CAPTURED = "captured"
"""Column by which captures of one post are ordered: `read_at` or, failing that, the file's own date."""

_DATED = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T_ ](\d\d)[-:.h]?(\d\d)(?:[-:.]?\d\d)?Z?)?")
_IMAGES = (".jpg", ".jpeg", ".png", ".webp")


def files_below(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """Files at any depth whose names end so, in the order of their paths.

    What Macs, office programs and file systems leave beside files is passed over.

    Raises:
        DataError: there is none.
    """
    found = [
        Path(place, name)
        for place, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(endings) and not is_left_beside(name)
    ]
    if not found:
        raise DataError(
            f"no file here or below ends in {' or '.join(endings)}",
            file=folder,
            mend="Put what the tool has written there: see docs/collecting.md",
        )
    return sorted(found)


def read_document(path: Path) -> dict[str, Any]:
    """The one object of a `.json` or `.json.xz` file.

    Raises:
        DataError: empty, cut off, no JSON or no object; names the file.
    """
    return checked_objects([read_json(path)], path)[0]


def read_at(path: Path, folder: Path) -> pd.Timestamp | None:
    """When a file below `folder` had been read: the end of the day, or the minute, that the nearest folder
    above it is named by; None where no folder is.

    The end, because what was read in the evening was not known in the morning.
    """
    for name in reversed(path.relative_to(folder).parts[:-1]):
        if not (found := _DATED.fullmatch(name)):
            continue
        day = pd.to_datetime(found[1], errors="coerce")
        if day is pd.NaT or (found[2] and (int(found[2]) > 23 or int(found[3]) > 59)):
            continue
        if found[2] is None:
            return day + pd.Timedelta(days=1)
        return day + pd.Timedelta(hours=int(found[2]), minutes=int(found[3]))
    return None


def when(paths: Iterable[Path], folder: Path) -> pd.DataFrame:
    """`read_at` (datetime64[ms], NaT = no folder says) and `CAPTURED` of each file."""
    paths = list(paths)
    stated = pd.Series([read_at(path, folder) for path in paths], dtype="datetime64[ms]")
    modified = [path.stat().st_mtime_ns // 1_000_000 for path in paths]
    written = pd.Series(np.array(modified, dtype="int64").astype("datetime64[ms]"))
    return pd.DataFrame({"read_at": stated, CAPTURED: stated.fillna(written)})


def latest(frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    """Of each post the newest capture, which holds the label; with `age_days`, the post's age then."""
    ordered = frame.sort_values([CAPTURED, FILE], kind="stable")
    older = ordered.duplicated("post_id", keep="last")
    report.drop("earlier capture of the same post", int(older.sum()))
    undated = ordered["read_at"].isna() & ordered.duplicated("post_id", keep=False)
    if count := int(ordered.loc[undated, "post_id"].nunique()):
        report.note(
            f"{count} posts were collected more than once into folders without a date: the file written last "
            "was kept. Name the folders by date (2026-11-01)"
        )
    newest = ordered[~older].drop(columns=CAPTURED)
    return aged(newest).sort_index().reset_index(drop=True)


def aged(frame: pd.DataFrame) -> pd.DataFrame:
    """With `age_days`: how old the post was when its counts were read, NaN when that is not known."""
    return frame.assign(age_days=(frame["read_at"] - frame["time"]) / pd.Timedelta(days=1))


def one_name_an_account(
    names: list[str | None], numbers: list[str | None], captured: pd.Series
) -> list[str | None]:
    """The name that each account had last; an account renamed between two captures stays one account.

    Args:
        names: of the account of each row, None where the file gives none.
        numbers: of the same account, which never change; None where the file gives none.
    """
    table = pd.DataFrame({"name": names, "number": numbers, CAPTURED: captured}, dtype=object)
    known = table.dropna(subset=["name", "number"]).sort_values(CAPTURED, kind="stable")
    newest = dict(zip(known["number"], known["name"], strict=True))
    return [newest.get(number, name or number) for name, number in zip(names, numbers, strict=True)]


def image_below(folder: Path, candidates: Iterable[Path]) -> str | None:
    """The first of these that is an image file and is there, as a path below `folder`."""
    for path in candidates:
        # os.path's answers False to a name that no file can have, where Path's raises.
        if path.suffix.lower() in _IMAGES and os.path.isfile(path):  # noqa: PTH113
            return path.relative_to(folder).as_posix()
    return None


def part(value: object, *keys: str | int) -> Any:
    """`value[key][key]...`, None as soon as there is no such part."""
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and len(value) > key:
            value = value[key]
        else:
            return None
    return value


def entries(value: object) -> list[Any]:
    """A list, empty where something else stands."""
    return value if isinstance(value, list) else []


def first(*values: Any) -> Any:
    """The first that is not None."""
    return next((value for value in values if value is not None), None)


def ids(values: Sequence[Any], column: str, origin: Origin) -> pd.Series:
    """Ids and names as these tools write them: text or whole numbers. Any word may be one, and any digits
    around an `e`: Reddit counts in letters, too, and has had accounts of nearly every name.

    Raises:
        DataError: one is missing, or a list or an object.
    """
    texts = [written(value) for value in values]
    if None in texts:
        i = texts.index(None)
        raise origin.error(i, "an id is missing", column=column, value=values[i], mend="Remove the row")
    return pd.Series([str(text).strip() for text in texts], dtype="str")


def written(value: object) -> str | None:
    """A name, a number or a date as text; None where there is none, or a list or an object."""
    return None if is_missing(value) or isinstance(value, list | dict) else str(value)
