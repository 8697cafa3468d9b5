"""Score: the value of a measure for one target, as it is stored and read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Stored(BaseModel):
    """What is written to a file that anyone may have changed: checked field by field when it is read."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Score(Stored):
    target: str
    measure: str
    value: float | None
    """None where the measure is undefined; then the note says why."""
    note: Annotated[str, Field(max_length=500)] | None


class SliceScore(Score):
    """A score of the `n` posts of one slice."""

    slice: Annotated[str, Field(max_length=2000)]
    n: int
    low: float | None = None
    """Ends of the 95% interval of this seed's score; None where the slice holds fewer than two clusters, the
    measure is undefined, or the result is from before there were any."""
    high: float | None = None


class Interval(Stored):
    """The 95% interval of a score, the mean over seeds; None where the measure is undefined."""

    target: str
    measure: str
    low: float | None
    high: float | None
