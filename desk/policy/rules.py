"""What a policy consists of. Unknown keys are errors. In words: docs/policy.md."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from benchmark.declared.layout import checked_zone
from benchmark.declared.naming import printable
from benchmark.errors import SmpbenchError, did_you_mean
from desk.policy.phrases import phrase_problem

LONGEST_NAME, LONGEST_SENTENCE = 80, 500
MOST_RULES, MOST_PHRASES = 1_000, 10_000
CONDITIONS = (
    "quality",
    "words",
    "topics",
    "require",
    "viral_below",
    "hours",
    "max_length",
    "needs_image",
    "hashtags_above",
)
"""Keys of a rule of which each has exactly one."""


class PolicyError(SmpbenchError):
    """A policy cannot be read, or asks for what the model does not measure."""


def _one_line(text: str) -> str:
    if not text.strip() or text != printable(text):
        raise ValueError("is one line of plain text, and not empty")
    return text.strip()


def _checked_phrase(text: str) -> str:
    if problem := phrase_problem(text):
        raise ValueError(problem)
    return text


OneLine = Annotated[str, AfterValidator(_one_line)]
Phrases = Annotated[
    tuple[Annotated[str, AfterValidator(_checked_phrase)], ...],
    Field(min_length=1, max_length=MOST_PHRASES),
]
"""Words, or several words that stand one after the other; see `desk.policy.phrases`."""
Names = Annotated[tuple[OneLine, ...], Field(min_length=1, max_length=MOST_PHRASES)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Hours(Part):
    """At which times of the day nothing is published."""

    not_between: tuple[str, str]
    """From the first until just before the second, over midnight where the second is the earlier one."""
    zone: str = "UTC"
    """IANA name of the time zone that the two are meant in."""

    @field_validator("not_between", mode="before")
    @classmethod
    def _two_times(cls, value: object) -> object:
        if not (isinstance(value, list | tuple) and len(value) == 2):
            raise ValueError('takes two times: not_between = ["22:00", "07:00"]')
        for text in value:
            if not isinstance(text, str):
                raise ValueError(f"{text!r} is no time: write it in quotes, as '22:00'")
            try:
                dt.datetime.strptime(text, "%H:%M")
            except ValueError:
                raise ValueError(f"'{text[:20]}' is no time of the day: write it as 22:00") from None
        if _time(value[0]) == _time(value[1]):
            raise ValueError("begins and ends at the same time: that is no time or all of them")
        return tuple(value)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return checked_zone(zone)

    def local(self, moment: dt.datetime) -> dt.datetime:
        """The moment on the clocks of the zone; one without a zone is UTC."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return aware.astimezone(ZoneInfo(self.zone))

    def holds(self, moment: dt.datetime) -> bool:
        """Whether nothing is published at this moment."""
        start, end = map(_time, self.not_between)
        clock = self.local(moment).time()
        return start <= clock < end if start < end else clock >= start or clock < end


class Rule(Part):
    """One thing that a client wants or does not want of what is published."""

    name: Annotated[OneLine, Field(max_length=LONGEST_NAME)]
    action: Literal["block", "warn"]
    sentence: Annotated[OneLine, Field(max_length=LONGEST_SENTENCE)]
    """What the desk says of a draft that this marks."""

    channels: Names | None = None
    """Only drafts whose column `channel` is one of these."""
    regions: Names | None = None
    """Only drafts whose column `region` is one of these."""
    accounts: Names | None = None

    quality: OneLine | None = None
    """A score of the content by its name, `image.nudity`, with either `above` or `below`."""
    above: float | None = None
    below: float | None = None
    words: Phrases | None = None
    """To avoid: one of them in the text is enough."""
    topics: Names | None = None
    """To avoid: names of lists of words in `[topics]`."""
    require: Phrases | None = None
    """One of them must stand in the text."""
    viral_below: Annotated[float, Field(gt=0, le=1)] | None = None
    hours: Hours | None = None
    max_length: Annotated[int, Field(ge=1)] | None = None
    """Characters of the text."""
    needs_image: Literal[True] | None = None
    hashtags_above: Annotated[int, Field(ge=0)] | None = None

    @field_validator("channels", "regions", "accounts", "words", "topics", "require", mode="before")
    @classmethod
    def _lists_are_lists(cls, value: object) -> object:
        if isinstance(value, str):
            raise ValueError(f'is a list: write ["{value[:40]}"]')
        return tuple(value) if isinstance(value, list) else value

    @field_validator("above", "below", "viral_below", mode="before")
    @classmethod
    def _whole_numbers_are_numbers(cls, value: object) -> object:
        return float(value) if type(value) is int else value

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        given = [name for name in CONDITIONS if getattr(self, name) is not None]
        bounds = [name for name in ("above", "below") if getattr(self, name) is not None]
        if len(given) != 1:
            told = f"it has {' and '.join(given)}: make a rule of each" if given else "it has none"
            raise ValueError(f"a rule has exactly one of {', '.join(CONDITIONS)}; {told}")
        if (self.quality is not None) != (len(bounds) == 1):
            wanted = "either `above` or `below`" if self.quality is not None else "only beside `quality`"
            raise ValueError(f'{wanted}: quality = "image.nudity" and above = 0.5')
        return self

    @property
    def condition(self) -> str:
        """Which of `CONDITIONS` it has."""
        return next(name for name in CONDITIONS if getattr(self, name) is not None)


class Policy(Part):
    """All rules of a client. Each is held against each draft; none of them changes a score."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_RULES)]
    topics: dict[OneLine, Phrases] = {}
    """Lists of words under a name, for rules to speak of."""

    @field_validator("rules", mode="before")
    @classmethod
    def _a_list_of_tables(cls, value: object) -> Any:
        if not isinstance(value, list | tuple):
            raise ValueError("are a list: begin each with [[rules]]")
        return tuple(value)

    @field_validator("topics", mode="before")
    @classmethod
    def _lists_are_lists(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError('is a table: [topics], and below it gambling = ["casino", "bet*"]')
        return {name: tuple(one) if isinstance(one, list) else one for name, one in value.items()}

    @model_validator(mode="after")
    def _rules_fit_together(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two rules are called '{twice}': marks go by that name")
        for rule in self.rules:
            for topic in rule.topics or ():
                if topic not in self.topics:
                    known = did_you_mean(topic, self.topics) or "; there is no [topics]"
                    raise ValueError(f"rule '{rule.name}': unknown topic '{topic}'{known}")
        return self


def _time(text: str) -> dt.time:
    return dt.datetime.strptime(text, "%H:%M").time()
