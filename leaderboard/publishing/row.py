"""row.json: what is told of a published row, checked field by field, since anyone may have written it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from benchmark.declared.naming import CEILING, EXTERNAL, project_baselines
from benchmark.errors import StoreError
from benchmark.files import is_plain
from benchmark.run.checksums import checksummed_text, read_checksummed_page
from benchmark.run.result import About, Run, first_problem, inconsistent
from benchmark.scores.score import Interval, Stored
from leaderboard.tables.known import unknown
from leaderboard.tables.rows import Row
from leaderboard.tables.skill import KNOWN

ROW = "row.json"
VERSION = 2
"""Of the form of a published row."""
MOST_BYTES = 2_000_000
"""Of a row.json; the largest that there are have 50 kB."""
PRIVATE = ("platform", "node")
"""What of an environment tells of a machine more than decides its costs."""
MEND = "Take it from git again, or publish the table anew where its labels are"
"""What to do about a published file that is not as it should be."""


class PublishedRow(Stored):
    """The content of a row.json."""

    version: Literal[2] = 2
    about: About
    runs: Annotated[tuple[Run, ...], Field(min_length=1, max_length=1000)]
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
    return checksummed_text(
        _without_paths(told.model_dump(mode="json", exclude_defaults=True) | {"version": VERSION})
    )


def read_row(path: Path) -> PublishedRow:
    """Read a row.json.

    Raises:
        StoreError: unreadable, of another version, not as it should be, or changed after it was written.
    """
    if is_plain(path) and (size := path.stat().st_size) > MOST_BYTES:
        raise StoreError(f"{path}: has {size:,} bytes; no row has more than {MOST_BYTES:,}. {MEND}")
    content = read_checksummed_page(path)
    if content.get("version") != VERSION:
        version = content.get("version")
        raise StoreError(f"{path}: version: {version}; version {VERSION} is read here. {MEND}")
    try:
        told = PublishedRow.model_validate(content)
    except ValidationError as error:
        raise StoreError(f"{path}: {first_problem(error)}. {MEND}") from None
    if strange := next(_unknown(told), None):
        raise StoreError(f"{path}: {strange} is not known here. Update smpbench, or mend the row")
    if problem := next(_contradictions(told), None):
        raise StoreError(f"{path}: {problem}. {MEND}")
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
    yield from unknown(told.about, told.runs)
    yield from (f"intervals: {one.measure!r}" for one in told.intervals if one.measure not in KNOWN)


def _contradictions(told: PublishedRow) -> Iterator[str]:
    """What fields of a row say that others of it contradict."""
    of, runs = told.about, told.runs
    yield from inconsistent(of, runs)
    if of.baseline == CEILING and not of.synthetic:
        yield "about.synthetic: only made-up data have a ceiling"
    if of.variant == EXTERNAL and of.baseline in project_baselines():
        yield f"about.variant: '{of.baseline}' is a baseline of the project, and no row from outside"
    if of.primary not in of.measures:
        yield f"about.primary: '{of.primary}' is none of the row's measures"
    numbers = [run.seed for run in runs]
    if len(set(numbers)) < len(numbers):
        yield f"runs: the seeds {numbers} are not all different"
    for run in runs:
        if not run.predicted and (run.sound or run.scores):
            yield f"runs: seed {run.seed} is {run.status} and has no predictions"
        if (run.clusters or 0) > (run.n_test or 0):
            yield f"runs: seed {run.seed} has {run.clusters} clusters of {run.n_test} predicted posts"
        if _scored(run) != _scored(runs[0]) and run.sound and runs[0].sound:
            yield f"runs: seeds {runs[0].seed} and {run.seed} are scored by different measures"
    names = [(one.target, one.measure) for one in told.intervals]
    if len(set(names)) < len(names):
        yield "intervals: one is told twice"
    for one in told.intervals:
        if one.target not in of.targets:
            yield f"intervals: target {one.target!r} is none of the row's"
        if one.low is not None and one.high is not None and one.low > one.high:
            yield f"intervals: {one.target}, {one.measure} begins at {one.low} and ends at {one.high}"


def _scored(run: Run) -> set[tuple[str, str]]:
    return {(one.target, one.measure) for one in run.scores}


_LONGEST = 120
_PLAIN = re.compile(r"[a-z0-9+=,-][a-z0-9+=,.-]*(_[a-z0-9+=,.-]+)*")
_PATH = re.compile(r"(?<![\w.:/\\])(?:/|[A-Za-z]:\\|~/)(?:[^\s/\\:'\"]+[/\\])+")
"""The folders of an absolute path, up to the name at its end."""


def _nameless(run: Run) -> Run:
    """Without what tells of the machine."""
    environment = {name: told for name, told in run.environment.items() if name not in PRIVATE}
    return run.model_copy(update={"environment": environment})


def _without_paths(value: Any) -> Any:
    """A setting, or what an exception says, may name a folder of the machine: the file's name is left."""
    if isinstance(value, str):
        return _PATH.sub("", value)
    if isinstance(value, dict):
        return {name: _without_paths(one) for name, one in value.items()}
    return [_without_paths(one) for one in value] if isinstance(value, list | tuple) else value
