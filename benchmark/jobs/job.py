"""Job: a piece of a run as a file, so that any node that sees the home can do it.

    home/jobs/<run>/<number>.json     what is to be done
    home/jobs/<run>/<number>.log      what its process printed

A job says what is wanted, and nothing comes back but the return status of its process: a result, or a shard
of encoded content, appears in the home, whole, under a name that follows from its content. So a job that is
done twice is done once, and one whose node is lost is given to another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import StoreError
from benchmark.files import opened

LARGEST = 10_000_000
"""Bytes of a job's file: it may name half a million shards."""


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    card: Path
    home: Path
    raw_roots: tuple[Path, ...]
    same: dict[str, str]
    """What of a node must be as it is where the run was planned: see `benchmark.jobs.sameness`."""
    profile: str
    """Of encoders."""


class CellJob(_Job):
    """Compute one cell."""

    what: Literal["cell"] = "cell"
    task: str
    protocol: Literal["frozen", "rolling", "official"]
    baseline: Path
    variant: str
    """As the baseline calls it: without what a row by excess adds."""
    settings: dict[str, Any]
    study: bool
    by_excess: bool
    seed: int
    crawl: bool
    key: str
    """Of the result, as the run has planned it."""
    engine: str
    """That the job goes through: costs are not those of a machine of one's own."""
    threads: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(gt=0)]
    megabytes: Annotated[float, Field(gt=0)]
    plots: bool
    retry_failed: bool


class ShardsJob(_Job):
    """Encode some shards of a data set's content."""

    what: Literal["shards"] = "shards"
    encoding: str
    content: str
    """Fingerprint of what is encoded: `Prepared.content`."""
    shards: tuple[int, ...]
    threads: Annotated[int, Field(ge=1)]


class _File(BaseModel):
    job: Annotated[CellJob | ShardsJob, Field(discriminator="what")]


def write_job(job: CellJob | ShardsJob, path: Path) -> None:
    from benchmark.files import write_atomically

    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, _File(job=job).model_dump_json(indent=1))


def read_job(path: Path) -> CellJob | ShardsJob:
    """What a file asks for.

    Raises:
        StoreError: it is no job.
    """
    try:
        with opened(path) as file:
            return _File.model_validate_json(file.read(LARGEST)).job
    except FileNotFoundError:
        raise StoreError(
            f"{path}: no such job here. Every node must see the home of the run under the same path"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise StoreError(f"{path}: is no job: {field or 'content'}: {first['msg']}") from None
