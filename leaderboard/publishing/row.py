"""row.json: what is told of a published row, checked field by field, since anyone may have written it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from benchmark.errors import StoreError
from benchmark.run.result import About, Run
from benchmark.run.sealed import read_sealed, sealed_text
from benchmark.scores.kinds import KINDS
from benchmark.scores.measures import MEASURES
from benchmark.scores.score import Interval, Stored
from leaderboard.tables.rows import Row
from leaderboard.tables.skill import KNOWN

ROW = "row.json"
VERSION = 2
"""Of the form of a published row."""
MEND = "Take it from git again, or publish the table anew where its labels are"
"""What to do about a published file that is not as it should be."""


class PublishedRow(Stored):
    """The content of a row.json."""

    version: Literal[2] = 2
    about: About
    runs: Annotated[tuple[Run, ...], Field(min_length=1)]
    intervals: tuple[Interval, ...]
    """Of its scores and of its skill."""
    files: dict[str, str]
    """Name -> sha256, of what lies beside it."""

    @property
    def name(self) -> str:
        """Of its folder."""
        return row_name(self.about)


def row_text(row: Row, intervals: Sequence[Interval], files: dict[str, str]) -> str:
    """The text of a row.json: sorted keys, no path of the machine, the same for the same row.

    Args:
        files: name -> sha256.
    """
    runs = [_nameless(run) for run in row.runs]
    told = PublishedRow(about=row.about, runs=tuple(runs), intervals=tuple(intervals), files=files)
    return sealed_text(
        _without_paths(told.model_dump(mode="json", exclude_defaults=True) | {"version": VERSION})
    )


def read_row(path: Path) -> PublishedRow:
    """Read a row.json.

    Raises:
        StoreError: unreadable, of another version, not as it should be, or changed after it was written.
    """
    content = read_sealed(path)
    if content.get("version") != VERSION:
        version = content.get("version")
        raise StoreError(f"{path}: version: {version}; version {VERSION} is read here. {MEND}")
    try:
        told = PublishedRow.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise StoreError(f"{path}: {where}: {first['msg']}. {MEND}") from None
    if unknown := next(_unknown(told), None):
        raise StoreError(f"{path}: {unknown} is not known here. Update smpbench, or mend the row")
    return told


def row_name(of: About) -> str:
    """The name of a row's folder: baseline, variant, profile and crawl, with a hash unless all are plain.

    Plain are small letters (some file systems take A for a), digits and a few marks, with no dot in front
    (it would hide the folder). No two rows of a table share a name.
    """
    parts = [of.baseline, of.variant, of.profile, *(["crawl"] if of.crawl else [])]
    name = "__".join(re.sub(r"[^A-Za-z0-9+=,.-]+", "_", part) for part in parts).lstrip("._")
    if len(name) <= _LONGEST and all(_PLAIN.fullmatch(part) for part in parts):
        return name
    return f"{name[:_LONGEST]}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]}"


def _unknown(told: PublishedRow) -> Iterator[str]:
    """What a row speaks of that this version has not: whoever reads its tables would stumble over it."""
    of = told.about
    if of.kind not in KINDS:
        yield f"about.kind: {of.kind!r}"
    yield from (f"about.measures: {name!r}" for name in of.measures if name not in MEASURES)
    if of.primary not in MEASURES or MEASURES[of.primary].better is None:
        yield f"about.primary: a measure that ranks and is called {of.primary!r}"
    scores = [one.measure for run in told.runs for one in (*run.scores, *run.slices)]
    yield from (f"runs: the measure {name!r}" for name in scores if name not in MEASURES)
    yield from (f"intervals: {one.measure!r}" for one in told.intervals if one.measure not in KNOWN)


_LONGEST = 120
_PLAIN = re.compile(r"[a-z0-9+=,-][a-z0-9+=,.-]*(_[a-z0-9+=,.-]+)*")
_PATH = re.compile(r"(?<![\w.:/\\])(?:/|[A-Za-z]:\\|~/)(?:[^\s/\\:'\"]+[/\\])+")
"""The folders of an absolute path, up to the name at its end."""


def _nameless(run: Run) -> Run:
    """Without what tells of the machine."""
    environment = {name: version for name, version in run.environment.items() if name != "platform"}
    return run.model_copy(update={"environment": environment})


def _without_paths(value: Any) -> Any:
    """A setting, or what an exception says, may name a folder of the machine: the file's name is left."""
    if isinstance(value, str):
        return _PATH.sub("", value)
    if isinstance(value, dict):
        return {name: _without_paths(one) for name, one in value.items()}
    return [_without_paths(one) for one in value] if isinstance(value, list | tuple) else value
