"""Layout: how the raw files of a data set lie, in the words of its card, for reader `table` and for facts.

Everything a table of strangers may need to be read as it stands: which files, how a line is cut, what stands
for a missing value, how numbers and dates are written, which files lie beside it.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from benchmark.declared.naming import NAME, name_problem
from benchmark.errors import did_you_mean

CAPTURE = re.compile(r"\{([^{}/]*)\}")
"""Part of a path that becomes a column: `country={country}/*.csv`."""

EPOCHS = {"epoch_seconds": 1000.0, "epoch_milliseconds": 1.0}
"""Format of a time -> milliseconds of its unit."""
IDS_WITH_A_TIME = ("snowflake", "tiktok_id")
"""Formats of a time that is read out of an id: of Twitter (since November 2010) and Discord's kind, `id >>
22` milliseconds; of TikTok, `id >> 32` seconds."""
NumberFormat = Literal["people", "people_comma", "clock", "iso_duration"]
"""`people`: 541.2K, 1,234, 2 million, 3 videos; `people_comma`: 541,2K, 1.234; `clock`: 00:31 or 1:02:03, in
seconds; `iso_duration`: PT8M11S, in seconds."""


class Declared(BaseModel):
    """A table of a card. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def named(name: str) -> str:
    if problem := name_problem(name):
        raise ValueError(problem)
    return name


Name = Annotated[str, AfterValidator(named)]
"""See `benchmark.declared.naming`."""


def below(place: str, *, folders: bool = False) -> AfterValidator:
    """Of a path that a card names: it leads down from where it is looked for, and nowhere else. That no link
    does otherwise is seen when it is read."""

    def checked(value: str) -> str:
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts or not (path.name or folders):
            raise ValueError(f"'{value}' is no file below the {place}")
        if any(ord(letter) < 32 for letter in value):
            raise ValueError(f"{value!r} holds a control character")
        if any(len(part.encode()) > 255 for part in path.parts) or len(value.encode()) > 2000:
            raise ValueError(f"a path of {len(value)} letters is too long")
        return value

    return AfterValidator(checked)


def one_or_more(value: object) -> object:
    """A single string stands for a list of one."""
    return (value,) if isinstance(value, str) else value


Pattern = Annotated[str, below("raw folder")]
"""Of files below the raw folder: `*` is any part of a name, `**` any folders, `{name}` a part of the path
that becomes a column of that name."""


class Value(Declared):
    """Where one value of each row comes from, and how it is written."""

    source: tuple[str, ...] = ()
    """Names that it may carry in the raw file; first found wins. `owner.username` is a field of an object,
    `hashtags.text` that field of each object of a list, `edges.0.text` that of the first; `document.alias` a
    field of the JSON document around the rows; `users.followers` a column of the file joined as `users`."""
    value: str | bool | int | float | None = None
    """The same for every row, in place of a source."""
    extract: str | None = None
    """Regular expression with one group: what of the text is the value, such as the id in an address."""
    missing: tuple[str | int | float, ...] | None = None
    """What stands for a missing value here, besides that of the whole file. An empty list: nothing does, not
    even `NULL` in a column of ids, which are then taken as they stand, also if all end in 00."""

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_more_sources(cls, value: object) -> object:
        return one_or_more(value)

    @field_validator("missing", mode="before")
    @classmethod
    def _one_or_more_codes(cls, value: object) -> object:
        return (value,) if isinstance(value, str | int | float) else value

    @field_validator("extract")
    @classmethod
    def _one_group(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"'{pattern}' is no regular expression: {error}") from None
        if groups != 1:
            raise ValueError(f"'{pattern}' has {groups} groups, and one says what the value is")
        return pattern

    @model_validator(mode="after")
    def _constant_or_read(self) -> Self:
        if self.value is not None and (self.source or self.extract):
            raise ValueError("a `value` is the same for all rows: it has no source and nothing to extract")
        return self


class Moment(Value):
    """A point in time of each row."""

    format: tuple[str, ...] = ()
    """`epoch_seconds`, `epoch_milliseconds`, `iso`, `snowflake`, `tiktok_id` or patterns of strptime, tried
    in this order; ISO 8601 when absent. A time that two of them read as two moments is refused where other
    rows need each."""
    zone: str | None = None
    """IANA name of the time zone that the times are written in; UTC when absent. A time that says its own
    zone keeps it."""

    @property
    def number_format(self) -> NumberFormat | None:
        """The format of a column of numbers, which has at most one."""
        return cast(NumberFormat, self.format[0]) if self.format else None

    @field_validator("format", mode="before")
    @classmethod
    def _one_or_more_formats(cls, value: object) -> object:
        return () if value is None else one_or_more(value)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        return None if zone is None else checked_zone(zone)


def checked_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{zone}' is no time zone: write it as America/Sao_Paulo") from None
    return zone


class Layout(Declared):
    """How a file, or each of several that are stacked, is laid out."""

    rows: str = ""
    """JSON: where in a document the list of rows is, as a dotted path (`data.children`), or an object of
    rows, whose keys are then the column `key`. Fields of the document itself are `document.NAME`."""
    delimiter: Annotated[str, Field(min_length=1, max_length=16)] | None = None
    """Between the fields of a line, of one letter or more; found by looking when absent."""
    quote: Literal['"', "'", ""] = '"'
    """Around fields that hold a delimiter; empty: nothing is quoted."""
    names: tuple[str, ...] = ()
    """Of the columns of a file without a header line. A single name: each line is one value."""
    skip: Annotated[int, Field(ge=0, le=1000)] = 0
    """Lines before the header or the first row."""
    encoding: str | None = None
    """Of the text; UTF-8 or what it looks like when absent."""
    missing: tuple[str | int | float, ...] = ()
    """What stands for a missing value, besides nothing at all and `None`: `NA`, `-99`, `-`."""

    @field_validator("missing", mode="before")
    @classmethod
    def _one_or_more_codes(cls, value: object) -> object:
        return (value,) if isinstance(value, str | int | float) else value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        try:
            return name and codecs.lookup(name).name
        except LookupError:
            raise ValueError(f"'{name}' is no encoding: write it as utf-8 or cp1252") from None

    @field_validator("names")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"two columns are called '{twice[0]}'")
        return names


class Join(Layout):
    """A file beside the posts. Its columns are `NAME.column` to the card, NAME being that of the join."""

    files: Pattern
    on: str = ""
    """Column of the posts that `key` of this file is compared with. A post without a match has nothing."""
    key: str = ""
    """Column of this file; the same name as `on` when absent."""
    aligned: bool = False
    """In place of `on`: the rows of both files stand in the same order."""

    @model_validator(mode="after")
    def _joined_one_way(self) -> Self:
        if bool(self.on) == self.aligned:
            raise ValueError("say either `on`, a column that both files share, or `aligned = true`")
        if self.key and not self.on:
            raise ValueError("a `key` is compared with `on`, which is missing")
        return self


class TableLayout(Layout):
    """`[table]` of a card: where the rows of the posts are and what becomes of repeated ids."""

    files: Pattern = "*"
    """Which files below the raw folder; they are stacked in the order of their names."""
    joined: dict[Name, Join] = {}
    repeated: Literal["error", "first", "last", "readings"] = "error"
    """Rows of the same id that differ: refused, the first or the last is taken, or they are readings of one
    post over time, of which the first gives the columns and all of them the targets."""
    read_at: Moment | None = None
    """When a row was read. With it the first and the last are those in time, not those in the files."""

    @field_validator("files")
    @classmethod
    def _captures_are_names(cls, pattern: str) -> str:
        return checked_pattern(pattern)

    @model_validator(mode="after")
    def _readings_have_a_moment(self) -> Self:
        if self.repeated == "readings" and self.read_at is None:
            raise ValueError("readings need `read_at`: the column that says when a row was read")
        return self


def as_glob(pattern: str) -> str:
    """The pattern for Path.glob, which finds a little more: brackets are no class of letters, and a `{name}`
    is any part."""
    return CAPTURE.sub("*", pattern).replace("[", "[[]")


def checked_pattern(pattern: str) -> str:
    captured = CAPTURE.findall(pattern)
    for name in captured:
        if not re.fullmatch(NAME, name):
            raise ValueError(f"'{{{name}}}' in '{pattern}': {name_problem(name) or 'no name'}")
        if captured.count(name) > 1:
            raise ValueError(f"'{{{name}}}' stands twice in '{pattern}'")
    if re.search(r"[{}]", CAPTURE.sub("", pattern)):
        raise ValueError(f"a brace in '{pattern}' is never closed: write {{name}}")
    return pattern


class FromReadings(Declared):
    """A target that several readings of a post tell together (`repeated = "readings"`)."""

    age_hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """The count at this age of the post, between the readings on either side, along a line of log(count + 1);
    unlabelled where a side has none."""
    growth_hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """log((count + 1) / (first count + 1)) this long after the first reading, likewise."""
    growth_to: Literal["next", "last"] | None = None
    """log((count + 1) / (first count + 1)) at the second or at the last reading."""
    first: Literal[True] | None = None
    """The count at the first reading."""
    distinct: Name | None = None
    """In place of a source: how many different values this column has in the readings of the first
    `within_hours`, such as the countries on whose lists the post was. Of a post without such a reading 0;
    unlabelled where these hours are not all between the first and the last reading of the data set."""
    only: str | None = None
    """Of `distinct`: 1 where this value is among them, else 0."""
    slack_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Daily readings are minutes less than a day apart: where the last one is up to this much too early, the
    line is continued. With `age_hours` or `growth_hours`."""
    within_hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Readings later than this after `time` tell nothing: a label that rests on them would be known later
    than the protocols say. Not with `growth_to`; at most `reveal_days` of every task."""
    per_age: bool = False
    """With `growth_to`: divided by log(age there / age at the first reading), so that pairs of readings of
    different length compare. It is the exponent with which the count grows."""

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        given = [self.age_hours, self.growth_hours, self.growth_to, self.first, self.distinct]
        if sum(one is not None for one in given) != 1:
            raise ValueError("say one of age_hours, growth_hours, growth_to, first and distinct")
        if self.per_age and self.growth_to is None:
            raise ValueError("per_age goes with growth_to")
        if self.within_hours and self.growth_to is not None:
            raise ValueError("within_hours does not go with growth_to")
        if self.slack_hours and self.age_hours is None and self.growth_hours is None:
            raise ValueError("slack_hours goes with age_hours or growth_hours")
        if self.distinct is not None and self.within_hours is None:
            raise ValueError("what readings differ in is counted up to an age: say within_hours")
        if self.only is not None and self.distinct is None:
            raise ValueError("only goes with distinct")
        return self

    @property
    def is_growth(self) -> bool:
        """Whether the label is a logarithm already."""
        return self.growth_hours is not None or self.growth_to is not None


def unknown_format(format: str, known: tuple[str, ...]) -> str | None:
    """What is wrong with a format of times; None if nothing is."""
    if "%" in format or format in known:
        return None
    near: Any = did_you_mean(format, known)
    return (
        f"format '{format}' is neither a pattern of strptime (%Y-%m-%d) nor one of {', '.join(known)}{near}"
    )


TIME_FORMATS = (*EPOCHS, *IDS_WITH_A_TIME, "iso")
