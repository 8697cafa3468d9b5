"""Ranking: what is said of drafts. Every page, table and answer is made of it, and of nothing else.

Numbers are in people's units (likes, not logarithms), moments are UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Basis = Literal["account", "category", "all"]
Modality = Literal["text", "image", "time", "account", "category", "other"]


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Expected(Said):
    """How much engagement a draft is expected to get, of one target."""

    target: str
    """likes, views, ..."""
    middle: float
    """As many again get more as get less: the median."""
    low: float
    high: float
    """Between which the count lies for `level` of such posts."""
    level: Share = 0.9
    basis: Basis
    """Whose past errors the width was taken from; `all` where the account and its category have too few."""


class Reason(Said):
    """One thing about a draft that moves the model's prediction. An association, not a promise."""

    modality: Modality
    text: str
    """In words: `asks a question`."""
    effect: float
    """By which share it moves the expected engagement: 0.08 is 8% more, -0.2 is 20% less."""


class Mark(Said):
    """What the client's own policy says of a draft. It never changes a score."""

    rule: str
    """Name of the rule in the policy."""
    action: Literal["block", "warn"]
    sentence: str


class Hour(Said):
    """An hour of the coming week, and how such posts did in it."""

    start: dt.datetime
    effect: float
    """By which share engagement then differs from the account's usual."""
    low: float
    high: float
    """95% interval of `effect`, as one of all hours of a week: the best looks good by chance."""
    posts: Annotated[int, Field(ge=0)]
    """On how many past posts that rests."""


class Draft(Said):
    """A draft as it was handed in."""

    number: Annotated[int, Field(ge=1)]
    """Its place in the input."""
    name: str
    """What people call it: its id, or its file name."""
    account: str | None = None
    text: str = ""
    image: str | None = None
    """File name of its image, for people; None where it has none."""
    at: dt.datetime
    """When it would be published."""
    values: dict[str, str | float | bool | None] = {}
    """Of the model's other columns, those that the draft tells."""


class Judged(Said):
    """A draft and what is said of it."""

    draft: Draft
    place: Annotated[int, Field(ge=1)]
    """In the order, 1 = first."""
    expected: tuple[Expected, ...]
    """First the target that decides the order."""
    viral: Share | None
    """Probability of going viral; None where the model was not fitted on such labels."""
    best: Share
    """Probability of getting the most engagement of all drafts here."""
    close_to: tuple[int, ...] = ()
    """Numbers of the drafts from which it cannot be told: too close to call."""
    reasons: tuple[Reason, ...] = ()
    """At most three, the strongest first."""
    qualities: dict[str, float] = {}
    """Scores of its content by name: what a policy looks at."""
    marks: tuple[Mark, ...] = ()
    hours: tuple[Hour, ...] = ()
    """The best of the coming week, the best first."""
    notes: tuple[str, ...] = ()
    """What a reader must know: an unknown account, a language never seen, a broken image."""

    @property
    def blocked(self) -> bool:
        return any(mark.action == "block" for mark in self.marks)


class Refused(Said):
    """A draft of which nothing can be said, and why."""

    number: int
    name: str
    reason: str


class Model(Said):
    """What the drafts were judged by."""

    dataset: str
    title: str
    baseline: str
    """With its variant: `lightgbm:+history`."""
    posts: int
    """It was fitted on so many."""
    accounts: int
    newest: dt.datetime
    """Publication of the newest of them."""
    viral: str | None
    """What viral means, in words."""
    coverage: Share | None
    """Share of later posts that lay inside the intervals, measured on posts held out."""


class Ranking(Said):
    """Drafts in the order in which they should be published."""

    model: Model
    drafts: tuple[Judged, ...]
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    """About all of them."""
