"""Result: what is told of a cell beside its predictions. Typed, versioned, and read and written here alone.

`About` is what the seeds of a row share: where the result comes from. `Run` is what one seed came to. The run
store, published rows, external rows and the board all speak of these two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from benchmark.declared.naming import CEILING, EXTERNAL, printable
from benchmark.declared.task import MARGIN, ProtocolName
from benchmark.errors import StoreError
from benchmark.run.bounds import (
    Count,
    Digest,
    Line,
    Megabytes,
    Moment,
    Named,
    Reason,
    RowNamed,
    Seconds,
    SeedNumber,
    Settings,
    Summary,
    VariantNamed,
    Version,
)
from benchmark.scores.kinds import KINDS
from benchmark.scores.score import Score, SliceScore, Stored

VERSION = 2
"""Of the form of a result. One of another version is not read: it is computed, or published, anew."""

Share = Annotated[float, Field(ge=0, le=1)]
Status = Literal["ok", "ceiling", "skipped", "failed", "timeout", "out_of_memory"]
GivenScale = Literal["log", "count"]
"""Of predictions that come from elsewhere. `log`: the scoring scale. `count`: counts, of which log(1 + count)
is scored."""


class About(Stored):
    """Where a row comes from."""

    dataset: Named
    title: Line
    synthetic: bool
    selection: Line = ""
    """How posts came to be in the data, where scores must be read with it in mind."""
    task: Named
    kind: Named
    """Of task: see `benchmark.scores.kinds`."""
    targets: Annotated[tuple[Named, ...], Field(min_length=1, max_length=1000)]
    measures: Annotated[tuple[Named, ...], Field(max_length=1000)]
    primary: Named
    """The measure that ranks."""
    reference: RowNamed
    """The baseline that skill is measured against."""
    margin: Annotated[float, Field(ge=0, lt=1)] = MARGIN
    """Below this share of the reference's error a difference does not matter."""
    protocol: ProtocolName
    protocol_version: Version
    baseline: RowNamed
    summary: Summary
    family: Line = "other"
    encodings: Annotated[tuple[Line, ...], Field(max_length=1000)] = ()
    """Encoded content that it reads: text, image, ..."""
    encoders: Annotated[dict[Line, Line], Field(max_length=1000)] = {}
    """Which encoder made each of `encodings`; empty in results from before that was told."""
    variant: VariantNamed
    settings: Settings
    study: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    """Names of the settings that the study which the row belongs to compares."""
    profile: Named
    """Of encoders; `none` where it reads no encoded content."""
    crawl: bool
    """Whether it may see columns known only at crawl time."""
    data_fingerprint: Digest
    truth_key: Annotated[str, Field(pattern=r"^[0-9a-z]{16,64}$")]
    code_hash: Digest
    row_key: Digest = ""
    """What decides the predictions of all its seeds: the key of seed 0. Empty in results from before that was
    told, and where no baseline ran here."""

    @property
    def table(self) -> tuple[str, str, str]:
        """Rows are compared within one data set, task and protocol."""
        return self.dataset, self.task, self.protocol


class External(Stored):
    """Of a row of which only the predictions are known."""

    file: Annotated[str, Field(max_length=1000)] | None
    """None where they were handed over by hand."""
    sha256: Digest
    scale: GivenScale
    left_aside: tuple[str, ...]
    """Columns of the file that are no predictions."""


class Run(Stored):
    """What came of one seed."""

    seed: SeedNumber
    key: Digest
    created: Moment
    status: Status
    reason: Reason | None = None
    """Why there are no predictions, where there are none."""
    environment: Annotated[dict[Line, Line], Field(max_length=100)] = {}
    """Versions of Python and of the libraries, and the platform."""
    external: External | None = None
    wall_seconds: Seconds | None = None
    """This and the other costs: None where they are not known."""
    fit_seconds: Seconds | None = None
    predict_seconds: Seconds | None = None
    peak_mb: Megabytes | None = None
    sealed: bool | None = None
    """Whether the system's kernel kept the baseline from all that it was not handed; None where no baseline
    ran here, or before there was a seal."""
    unsealed: Reason | None = None
    """Why it did not."""
    reads: Annotated[tuple[Line, ...], Field(max_length=1000)] = ()
    """What its predictions were made of, as it has asked for it: see `benchmark.posts.READ`. Empty where no
    baseline ran here, or before that was told."""
    may_leak: Annotated[tuple[Line, ...], Field(max_length=1000)] = ()
    """What of the data may tell a label, as the screen of `prepare` has warned."""
    n_train: Count | None = None
    n_test: Count | None = None
    """Of the posts that were predicted; None where none were."""
    clusters: Count | None = None
    """Of the bootstrap; None where nothing was scored."""
    effective: Annotated[float, Field(ge=0, le=1e12)] | None = None
    """How many clusters of one size tell as much; None where nothing was scored, or before that was told."""
    weeks: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """How long clusters last together, where they are stretches of time."""
    base_rates: Annotated[tuple[Share, ...], Field(max_length=1000)] = ()
    """Of an event: the share of the scored posts to which it happened, in the order of the targets; empty in
    results from before that was told."""
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
            result = cls.model_validate(content)
        except ValidationError as error:
            raise StoreError(f"{where}: {first_problem(error)}") from None
        if problem := next(inconsistent(result.about, [result.run]), None):
            raise StoreError(f"{where}: {problem}")
        return result


def first_problem(error: ValidationError) -> str:
    """The field that is wrong, and why."""
    first = error.errors()[0]
    field = printable(".".join(map(str, first["loc"]))) or "content"
    return f"{field}: {first['msg'].removeprefix('Value error, ')}"


def inconsistent(of: About, runs: Sequence[Run]) -> Iterator[str]:
    """What fields of a row say that others of it contradict: a phrase each, with the field in front."""
    for name in ("targets", "measures"):
        if len(set(getattr(of, name))) < len(getattr(of, name)):
            yield f"about.{name}: one is named twice"
    if of.encoders and set(of.encoders) != set(of.encodings):
        yield f"about.encoders: tells of {', '.join(of.encoders)}, and read is {', '.join(of.encodings)}"
    if missing := [name for name in of.study if name not in of.settings]:
        yield f"about.study: {missing[0]!r} is none of its settings"
    for run in runs:
        yield from (f"seed {run.seed}: {problem}" for problem in _inconsistent(of, run))


def _inconsistent(of: About, run: Run) -> Iterator[str]:
    if (run.status == "ceiling") != (of.baseline == CEILING):
        yield f"status: {run.status!r} of the row '{of.baseline}'; 'ceiling' is the status of that row alone"
    if (run.external is not None) != (of.variant == EXTERNAL):
        yield f"external: is told of the variant '{EXTERNAL}', and of no other; this is '{of.variant}'"
    if run.scores and not (run.clusters and run.n_test):
        yield f"clusters: {run.clusters} of {run.n_test} predicted posts"
    if run.base_rates and len(run.base_rates) != len(of.targets):
        yield f"base_rates: {len(run.base_rates)} are told of {len(of.targets)} targets"
    if run.base_rates and of.kind in KINDS and not KINDS[of.kind].labels:
        yield f"base_rates: labels of kind {of.kind!r} are no events"
    for part, scores in (("scores", run.scores), ("slices", run.slices)):
        if strange := next((one.target for one in scores if one.target not in of.targets), None):
            yield f"{part}: target {strange!r} is none of the row's"
    if len({(one.target, one.measure) for one in run.scores}) < len(run.scores):
        yield "scores: one is told twice"
    if len({(one.target, one.measure, one.slice) for one in run.slices}) < len(run.slices):
        yield "slices: one is told twice"
    if wrong := next((one for one in run.slices if not 0 <= one.n <= (run.n_test or 0)), None):
        yield f"slices: {printable(wrong.slice)!r} holds {wrong.n} of {run.n_test} predicted posts"
    ends = [(one, one.low, one.high) for one in run.slices]
    if half := next((one for one, low, high in ends if (low is None) != (high is None)), None):
        yield f"slices: {printable(half.slice)!r} has an interval of one end"
    if turned := next(
        (one for one, low, high in ends if low is not None and high is not None and low > high), None
    ):
        yield f"slices: {printable(turned.slice)!r} begins at {turned.low} and ends at {turned.high}"
