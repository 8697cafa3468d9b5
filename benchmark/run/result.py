"""Result: what is told of a cell beside its predictions. Typed, versioned, and read and written here alone.

`About` is what the seeds of a row share: where the result comes from. `Run` is what one seed came to. The run
store, published rows, external rows and the board all speak of these two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from benchmark.errors import StoreError
from benchmark.scores.score import Score, SliceScore, Stored

VERSION = 2
"""Of the form of a result. One of another version is not read: it is computed, or published, anew."""

Status = Literal["ok", "ceiling", "skipped", "failed", "timeout", "out_of_memory"]
GivenScale = Literal["log", "count"]
"""Of predictions that come from elsewhere. `log`: the scoring scale. `count`: counts, of which log(1 + count)
is scored."""


class About(Stored):
    """Where a row comes from."""

    dataset: str
    title: str
    synthetic: bool
    task: str
    kind: str
    """Of task: see `benchmark.scores.kinds`."""
    targets: tuple[str, ...]
    measures: tuple[str, ...]
    primary: str
    """The measure that ranks."""
    reference: str
    """The baseline that skill is measured against."""
    protocol: str
    protocol_version: str
    baseline: str
    summary: str
    family: str = "other"
    encodings: tuple[str, ...] = ()
    """Encoded content that it reads: text, image, ..."""
    variant: str
    settings: dict[str, Any]
    study: tuple[str, ...] = ()
    """Names of the settings that the study which the row belongs to compares."""
    profile: str
    """Of encoders; `none` where it reads no encoded content."""
    crawl: bool
    """Whether it may see columns known only at crawl time."""
    data_fingerprint: str
    truth_key: Annotated[str, Field(pattern=r"^[0-9a-z]{16,64}$")]
    code_hash: str

    @property
    def table(self) -> tuple[str, str, str]:
        """Rows are compared within one data set, task and protocol."""
        return self.dataset, self.task, self.protocol


class External(Stored):
    """Of a row of which only the predictions are known."""

    file: str | None
    """None where they were handed over by hand."""
    sha256: str
    scale: GivenScale
    left_aside: tuple[str, ...]
    """Columns of the file that are no predictions."""


class Run(Stored):
    """What came of one seed."""

    seed: Annotated[int, Field(ge=0)]
    key: str
    created: str
    """UTC, ISO 8601."""
    status: Status
    reason: str | None = None
    """Why there are no predictions, where there are none."""
    environment: dict[str, str] = {}
    """Versions of Python and of the libraries, and the platform."""
    external: External | None = None
    wall_seconds: float | None = None
    """This and the other costs: None where they are not known."""
    fit_seconds: float | None = None
    predict_seconds: float | None = None
    peak_mb: float | None = None
    sealed: bool | None = None
    """Whether the system's kernel kept the baseline from all that it was not handed; None where no baseline
    ran here, or before there was a seal."""
    unsealed: str | None = None
    """Why it did not."""
    n_train: int | None = None
    n_test: int | None = None
    """Of the posts that were predicted; None where none were."""
    clusters: int | None = None
    """Of the bootstrap; None where nothing was scored."""
    scores: tuple[Score, ...] = ()
    slices: tuple[SliceScore, ...] = ()

    @property
    def predicted(self) -> bool:
        """Whether it has predictions."""
        return self.n_test is not None

    @property
    def sound(self) -> bool:
        """Whether it has predictions, and nothing went wrong."""
        return self.status in ("ok", "ceiling")

    @property
    def told(self) -> str:
        """The status in words: `skipped: needs image`."""
        return self.status + (f": {self.reason}" if self.reason else "")


class Result(Stored):
    """What is stored of a cell."""

    version: Literal[2] = 2
    about: About
    run: Run

    @classmethod
    def read(cls, content: Mapping[str, Any], where: object) -> Result:
        """A result from the content of its file.

        Raises:
            StoreError: of another version, or not as it should be; names the file and the field.
        """
        if content.get("version") != VERSION:
            version = content.get("version")
            raise StoreError(f"{where}: is a result of version {version}; {VERSION} is read here")
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "content"
            raise StoreError(f"{where}: {field}: {first['msg']}") from None
