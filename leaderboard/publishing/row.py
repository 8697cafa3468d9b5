"""row.json: what is told of a published row, checked field by field, since anyone may have written it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import StoreError
from benchmark.scores.bootstrap import interval
from leaderboard.tables.rows import Row

ROW = "row.json"
VERSION = 1
"""Of the form of a published row."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Score(_Strict):
    target: str
    metric: str
    value: float | None
    note: str | None


class SliceScore(Score):
    slice: str
    n: int


class Interval(_Strict):
    """The 95% interval of a score, the mean over seeds; None where the metric is undefined."""

    target: str
    metric: str
    low: float | None
    high: float | None


class Seed(_Strict):
    """What is published of one seed: all of its stored result but what the seeds share."""

    seed: Annotated[int, Field(ge=0)]
    key: str
    created: str
    status: str
    reason: str | None
    wall_seconds: float | None = None
    environment: dict[str, str] = {}
    """Versions of Python and of the libraries; nothing of the machine."""
    external: dict[str, Any] | None = None
    n_train: int | None = None
    n_test: int | None = None
    """Of the posts that were predicted; absent where none were."""
    clusters: int | None = None
    fit_seconds: float | None = None
    predict_seconds: float | None = None
    peak_mb: float | None = None
    scores: list[Score] = []
    slices: list[SliceScore] = []


class PublishedRow(_Strict):
    """The content of a row.json."""

    version: Literal[1]
    dataset: str
    title: str
    synthetic: bool
    task: str
    targets: list[str]
    metrics: list[str]
    protocol: str
    protocol_version: str
    baseline: str
    summary: str
    family: str = "other"
    kinds: list[str] = []
    """Of encoded content that it reads."""
    variant: str
    settings: dict[str, Any]
    study: list[str]
    encoders: str
    crawl: bool
    data_fingerprint: str
    truth_key: Annotated[str, Field(pattern=r"^[0-9a-z]{16,64}$")]
    code_hash: str
    seeds: Annotated[list[Seed], Field(min_length=1)]
    intervals: list[Interval]
    files: dict[str, str]
    """Name -> sha256; empty where no seed has predictions."""
    sha256: str
    """Of all the rest."""

    @property
    def table(self) -> tuple[str, str, str]:
        return self.dataset, self.task, self.protocol

    def result(self, seed: Seed) -> dict[str, Any]:
        """What the run store had of a seed, and the row's intervals."""
        shared = self.model_dump(exclude={"version", "seeds", "files", "sha256"}, exclude_unset=True)
        return shared | seed.model_dump(exclude_unset=True)


def row_text(row: Row, files: dict[str, str]) -> str:
    """The text of a row.json: sorted keys, no path of the machine, the same for the same row.

    Args:
        files: name -> sha256.
    """
    shared = PublishedRow.model_fields.keys() & row.first.keys() - {"version", "sha256", "files"}
    told = {name: row.first[name] for name in shared}
    told |= {
        "version": VERSION,
        "files": files,
        "intervals": row.first["intervals"] if "intervals" in row.first else intervals(row),
        "seeds": [_of_seed(stored.result) for stored in row.seeds],
    }
    told = _without_paths(told)
    told["sha256"] = _checksum(told)
    return json.dumps(told, indent=1, sort_keys=True, allow_nan=False) + "\n"


def intervals(row: Row) -> list[dict[str, Any]]:
    """The 95% interval of every score of a row, from its replicates."""
    found = []
    for one in row.first["scores"] if row.scored else ():
        ends = interval(row.replicates(one["target"], one["metric"]), n_clusters=row.first["clusters"])
        low, high = (None if end != end else end for end in ends)
        found.append({"target": one["target"], "metric": one["metric"], "low": low, "high": high})
    return found


def read_row(path: Path) -> PublishedRow:
    """Read a row.json.

    Raises:
        StoreError: unreadable, of another version, not as it should be, or changed after it was written.
    """
    try:
        told = json.loads(path.read_bytes())
        row = PublishedRow.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "content"
        mend = f". Version {VERSION} is read here: publish it anew" if where == "version" else ""
        raise StoreError(f"{path}: {where}: {first['msg']}{mend}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path}: cannot be read as a row: {error}") from None
    if row.sha256 != _checksum(told):
        raise StoreError(f"{path}: its checksum does not hold: it was changed after it was written")
    return row


def row_name(told: dict[str, Any]) -> str:
    """The name of a row's folder: baseline, variant, encoders and crawl, with a hash unless all are plain.

    Plain are small letters (some file systems take A for a), digits and a few marks, with no dot in front
    (it would hide the folder). No two rows of a table share a name.
    """
    parts = [told["baseline"], told["variant"], told["encoders"], *(["crawl"] if told["crawl"] else [])]
    name = "__".join(re.sub(r"[^A-Za-z0-9+=,.-]+", "_", part) for part in parts).lstrip("._")
    if len(name) <= _LONGEST and all(_PLAIN.fullmatch(part) for part in parts):
        return name
    return f"{name[:_LONGEST]}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]}"


_LONGEST = 120
_PLAIN = re.compile(r"[a-z0-9+=,-][a-z0-9+=,.-]*(_[a-z0-9+=,.-]+)*")
_PATH = re.compile(r"(?<![\w.:/\\])(?:/|[A-Za-z]:\\|~/)(?:[^\s/\\:'\"]+[/\\])+")
"""The folders of an absolute path, up to the name at its end."""


def _of_seed(result: dict[str, Any]) -> dict[str, Any]:
    told = {name: result[name] for name in Seed.model_fields if name in result}
    environment = result.get("environment", {})
    return told | {"environment": {name: environment[name] for name in environment if name != "platform"}}


def _without_paths(value: Any) -> Any:
    """A setting, or what an exception says, may name a folder of the machine: the file's name is left."""
    if isinstance(value, str):
        return _PATH.sub("", value)
    if isinstance(value, dict):
        return {name: _without_paths(one) for name, one in value.items()}
    return [_without_paths(one) for one in value] if isinstance(value, list | tuple) else value


def _checksum(told: dict[str, Any]) -> str:
    bare = {name: value for name, value in told.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()
