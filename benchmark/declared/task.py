"""Task: what is asked of a data set, and under which protocols, as its card declares it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from benchmark.declared.layout import Declared, Name
from benchmark.declared.naming import baseline_problem
from benchmark.errors import did_you_mean
from benchmark.scores.kinds import KINDS
from benchmark.scores.measures import MEASURES

ProtocolName = Literal["frozen", "rolling", "official"]
MARGIN = 0.005
"""Of practical equivalence, where a card says nothing: half a percent of the error of the reference."""
MOST_POSTS = 1_000_000_000
"""Of a data set."""
_CENTURY = 36525.0
Days = Annotated[float, Field(ge=0, le=_CENTURY, allow_inf_nan=False)]
"""A length of time. All posts lie within 105 years: nothing longer is meant."""


class Viral(Declared):
    """A label that no file holds: whether the post lies in the top share of what its scope published in the
    days before it and whose counts had settled when it went out; or whether it comes to a given number.

    It is the same under every protocol, whatever a protocol reveals. A post of too few predecessors has none.
    Predecessors are posts that the task's filter keeps; `newest` cuts only afterwards.
    """

    of: dict[Name, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(min_length=1)
    """Targets that add up to engagement, with what each weighs: `likes`, or `{ likes = 1, retweets = 2 }`."""
    per: Literal["day", "none"] = "none"
    """`day`: engagement for each day of `age`, the post's velocity."""
    age: Name | None = None
    """A numeric column: days from publication to when the counts were read. Where `per` is `day`."""
    within: Name = "account"
    """Whose posts it is held against: `account`, `all`, or a column of role `category` or `categorical`."""
    share: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """How much of them counts as the top. The post must exceed the k-th best of n, k = share * n rounded
    down and at least 1."""
    window_days: Annotated[Days, Field(gt=0)] = 30.0
    """Only posts of so many days before it count."""
    minimum: Annotated[int, Field(ge=1, le=MOST_POSTS)] = 20
    """With fewer predecessors there is no label."""
    matured_days: Days = 3.0
    """Predecessors are at least so old: before, their counts were still growing."""
    at_least: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """In place of a past: engagement of so much, or more, is viral, whosever the post is."""

    @field_validator("of", mode="before")
    @classmethod
    def _one_target(cls, value: object) -> object:
        return {value: 1.0} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.per == "day") != (self.age is not None):
            raise ValueError("engagement per day needs the column of days that it is divided by: `age`")
        of_a_past = {"within", "share", "window_days", "minimum", "matured_days"} & self.model_fields_set
        if self.at_least is not None and of_a_past:
            raise ValueError(
                f"a post that comes to {self.at_least:g} is viral whatever was before it: leave "
                f"{' and '.join(sorted(of_a_past))} out"
            )
        if self.matured_days >= self.window_days:
            raise ValueError(
                f"no post is {self.matured_days:g} days old and among the last {self.window_days:g} days"
            )
        return self

    @property
    def words(self) -> str:
        """What the label means: `among the top 10% of likes of the account's last 30 days`."""
        every = all(weight == 1 for weight in self.of.values())
        parts = [name if every else f"{weight:g} x {name}" for name, weight in self.of.items()]
        per = " a day" if self.per == "day" else ""
        if self.at_least is not None:
            return f"{self.at_least:g} or more of {' + '.join(parts)}{per}"
        scope = {"account": "the account's", "all": "everyone's"}.get(self.within, f"its {self.within}'s")
        top = f"top {100 * self.share:.3g}%"
        days = "last day" if self.window_days == 1 else f"last {self.window_days:g} days"
        return f"among the {top} of {' + '.join(parts)}{per} of {scope} {days}"


class Protocol(Declared):
    """When labels are known and which posts are predicted. See docs/protocol.md."""

    cut_off: dt.datetime | None = None
    """UTC. Posts published at or after it are the test posts."""
    test_fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    """In place of `cut_off`: this last share of the time between the first and the last labelled post."""
    embargo_days: Days = 0.0
    """Frozen: labels of posts younger than this at the cut-off have not settled and are left out."""
    block_days: Annotated[Days, Field(ge=1 / 1440)] = 7.0
    """Rolling: length of a block, a minute or more."""
    reveal_days: Days = 3.0
    """Rolling: a label is known this long after publication (maturity)."""

    @field_validator("cut_off", mode="before")
    @classmethod
    def _midnight_utc(cls, value: object) -> object:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
        if isinstance(value, bool | int | float):  # else taken for seconds since 1970
            raise ValueError(f"{value} is no date: write it as 2021-03-20")
        return value

    @field_validator("cut_off")
    @classmethod
    def _utc_unless_it_says_otherwise(cls, value: dt.datetime | None) -> dt.datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=dt.UTC)


class Filter(Declared):
    """Which posts a task is about."""

    where: dict[str, str | bool | int | float] = {}
    """Column = value; all must hold."""
    settled_days: Days = 0.0
    """Leave out posts younger than this at the last post: their counts were still growing."""
    newest: Annotated[int, Field(gt=0, le=MOST_POSTS)] | None = None
    """Keep only this many, the newest, after the other conditions."""

    @field_validator("where")
    @classmethod
    def _a_number_that_a_column_can_hold(cls, where: dict[str, object]) -> dict[str, object]:
        for name, value in where.items():
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise ValueError(f"{name} = {str(value)[:20]}... is a number that no column can hold")
        return where


class Task(Declared):
    """What is asked of a data set. What the card leaves out follows from the kind of task."""

    name: Name
    kind: str
    """What labels mean and what a prediction must be: see `benchmark.scores.kinds`. Default: regression."""
    targets: tuple[str, ...] = Field(min_length=1)
    measures: tuple[str, ...] = Field(min_length=1)
    """Names in `benchmark.scores.measures`."""
    primary: str
    """The measure that ranks; one of `measures`."""
    reference: str
    """The baseline that skill is measured against."""
    margin: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False, exclude=True)] = MARGIN
    """A difference of less than this share of the reference's error does not matter: `smpbench compare`.
    Default: 0.005."""
    filter: Filter = Filter()
    slices: tuple[str, ...] = ()
    """Columns of role `categorical` or `category`: test posts are scored apart by each of their largest
    values too. Those known at the crawl alone may be among them."""
    protocols: dict[ProtocolName, Protocol]

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_kind(cls, declared: object) -> object:
        if not isinstance(declared, dict) or (name := declared.get("kind", "regression")) not in [*KINDS]:
            return declared
        asked = KINDS[name]
        measures = declared.get("measures", asked.measures)
        if not isinstance(measures, list | tuple):
            measures = ()
        # A card that leaves the usual measure out is ranked by the first that it names.
        primary = asked.primary if asked.primary in measures or not measures else measures[0]
        defaults = {"kind": asked.name, "primary": primary, "reference": asked.reference}
        return defaults | {"measures": asked.measures} | declared

    @field_validator("targets")
    @classmethod
    def _each_target_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"target '{twice[0]}' is named twice")
        return names

    @field_validator("slices")
    @classmethod
    def _each_slice_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"slices by '{twice[0]}' are asked for twice")
        return names

    @field_validator("reference")
    @classmethod
    def _reference_named(cls, name: str) -> str:
        if problem := baseline_problem(name):
            raise ValueError(problem)
        return name

    @field_validator("kind")
    @classmethod
    def _kind_known(cls, name: str) -> str:
        if name not in KINDS:
            raise ValueError(f"unknown kind of task '{name}'{did_you_mean(name, KINDS)}")
        return name

    @field_validator("measures")
    @classmethod
    def _measures_known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"measure '{twice[0]}' is named twice")
        for name in names:
            if name not in MEASURES:
                raise ValueError(f"unknown measure '{name}'{did_you_mean(name, MEASURES)}")
            if MEASURES[name].reads == "quantiles":
                raise ValueError(f"'{name}' is scored wherever quantiles are predicted: leave it out")
        return names

    @model_validator(mode="after")
    def _ranked_by_a_measure_of_its_own(self) -> Self:
        if self.primary not in self.measures:
            near = did_you_mean(self.primary, self.measures)
            raise ValueError(f"primary '{self.primary}' is none of the task's measures{near}")
        if MEASURES[self.primary].better is None:
            raise ValueError(f"primary '{self.primary}': neither end of it is better, so it ranks nothing")
        for name in self.measures:
            if MEASURES[name].reads == "probabilities" != KINDS[self.kind].predicts:
                raise ValueError(f"measure '{name}' reads probabilities, and kind '{self.kind}' has none")
            period = KINDS[self.kind].competes == "period"
            if MEASURES[name].compares and MEASURES[name].within_periods != period:
                raise ValueError(f"measure '{name}' compares what tasks of kind '{self.kind}' do not tell")
        return self

    @model_validator(mode="after")
    def _cut_off_known(self) -> Self:
        for name, protocol in self.protocols.items():
            given = (protocol.cut_off is not None) + (protocol.test_fraction is not None)
            if given != (0 if name == "official" else 1):
                wanted = "neither" if name == "official" else "exactly one"
                raise ValueError(f"protocol '{name}' takes {wanted} of cut_off and test_fraction")
        return self

    @property
    def within_weeks(self) -> bool:
        """Whether it asks how the posts of one account and week stand to each other by labels that are
        numbers. Of an event the label says too little: there the counts must, that it is derived from."""
        asked = any(MEASURES[name].within_weeks for name in self.measures)
        return asked and not KINDS[self.kind].labels
