"""Card: what a data set's `card.toml` declares.

A data set is declared, not coded: which reader understands its raw files, which columns a baseline may see
and when each becomes known, which labels are predicted, and under which protocols. Unknown keys are errors.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from benchmark.errors import did_you_mean
from benchmark.languages import language_problem
from benchmark.naming import RESERVED_COLUMNS, baseline_problem, name_problem, printable
from benchmark.scores.kinds import KINDS
from benchmark.scores.measures import MEASURES

Role = Literal[
    "id", "user", "time", "text", "tags", "category", "image", "numeric", "categorical", "place", "vector"
]
Availability = Literal["publish", "crawl"]
Scale = Literal["identity", "log1p"]
ProtocolName = Literal["frozen", "rolling", "official"]
LONGEST_TITLE = 200


def _named(name: str) -> str:
    if problem := name_problem(name):
        raise ValueError(problem)
    return name


Name = Annotated[str, AfterValidator(_named)]
"""See `benchmark.naming`."""


def _known_language(code: str) -> str:
    if problem := language_problem(code):
        raise ValueError(problem)
    return code


Language = Annotated[str, AfterValidator(_known_language)]
"""See `benchmark.languages`."""

_MOST = 1_000_000_000
"""Posts of a data set."""
_CENTURY = 36525.0
Days = Annotated[float, Field(ge=0, le=_CENTURY, allow_inf_nan=False)]
"""A length of time. All posts lie within 105 years: nothing longer is meant."""

Modality = Literal["text", "image"]
"""What an encoder reads of a post."""
READS: dict[Modality, tuple[Role, ...]] = {"text": ("text", "tags"), "image": ("image",)}
"""Modality -> the roles of the columns that an encoder of it reads."""
FactRole = Literal["known_at", "post", "user", "numeric", "categorical", "text"]

KEY_COLUMNS = {"id": "post_id", "user": "user_id", "time": "time"}
"""The canonical name of the one column that each of these roles has."""

KNOWN_AT = "known_at"
"""Role and name of the column of a fact table that says from when on a row may be known."""


def _below(place: str, *, folders: bool = False) -> AfterValidator:
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


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Declared):
    """One column of the prepared inputs."""

    role: Role
    availability: Availability = "publish"
    """`crawl`: known only when the data were collected; withheld from baselines unless `--with-crawl`."""
    source: tuple[str, ...] = ()
    """Names that the column may carry in the raw file (reader `table` only); first found wins."""
    level: Annotated[int, Field(ge=0, le=1000)] | None = None
    """Depth in the category hierarchy, 1 = top, as is 0 (role `category` only)."""
    format: str | None = None
    """Role `time`: `epoch_seconds`, `epoch_milliseconds` or a strptime pattern; ISO 8601 when absent."""
    resembles_label: bool = False
    """Set after looking: the column ranks posts almost as the label does and is nevertheless known in
    advance. Without it `prepare` refuses such a column as a leak."""

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class FactColumn(_Declared):
    """One column of a fact table."""

    role: FactRole
    """`post`: the id of the post that the fact is about; `user`: of an account that it is about, such as
    who mentions and who is mentioned."""
    source: tuple[str, ...] = ()
    """Names that the column may carry in the raw file; first found wins."""
    format: str | None = None
    """Role `known_at`: as that of a column of role `time`."""

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class FactTable(_Declared):
    """Facts beside the posts, a row each: readings of a post over time, follows, mentions, comments."""

    raw: Annotated[str, _below("raw folder")]
    """File below the data set's raw folder, in any format that reader `table` reads."""
    columns: dict[Name, FactColumn]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        roles = [column.role for column in self.columns.values()]
        if [name for name, column in self.columns.items() if column.role == KNOWN_AT] != [KNOWN_AT]:
            raise ValueError(f"exactly one column must have role '{KNOWN_AT}', and be called '{KNOWN_AT}'")
        if roles.count("post") > 1:
            raise ValueError("a fact is about one post: only one column may have role 'post'")
        for name, column in self.columns.items():
            if column.format is not None and column.role != KNOWN_AT:
                raise ValueError(f"column '{name}': only a column of role '{KNOWN_AT}' has a format")
        return self

    def with_role(self, *roles: FactRole) -> list[str]:
        """Names of the columns with one of these roles, in the card's order."""
        return [name for name, column in self.columns.items() if column.role in roles]


class Target(_Declared):
    """A label. It is stored as the raw files give it and scored on `scale`."""

    scale: Scale = "identity"
    source: tuple[str, ...] = ()
    unit: str = ""
    """What a label is, in words, on the scoring scale: `log2(views + 1)`."""

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Protocol(_Declared):
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


class Filter(_Declared):
    """Which posts a task is about."""

    where: dict[str, str | bool | int | float] = {}
    """Column = value; all must hold."""
    settled_days: Days = 0.0
    """Leave out posts younger than this at the last post: their counts were still growing."""
    newest: Annotated[int, Field(gt=0, le=_MOST)] | None = None
    """Keep only this many, the newest, after the other conditions."""

    @field_validator("where")
    @classmethod
    def _a_number_that_a_column_can_hold(cls, where: dict[str, object]) -> dict[str, object]:
        for name, value in where.items():
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise ValueError(f"{name} = {str(value)[:20]}... is a number that no column can hold")
        return where


class Task(_Declared):
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
    filter: Filter = Filter()
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
        return self

    @model_validator(mode="after")
    def _cut_off_known(self) -> Self:
        for name, protocol in self.protocols.items():
            given = (protocol.cut_off is not None) + (protocol.test_fraction is not None)
            if given != (0 if name == "official" else 1):
                wanted = "neither" if name == "official" else "exactly one"
                raise ValueError(f"protocol '{name}' takes {wanted} of cut_off and test_fraction")
        return self


class Generator(_Declared):
    """A synthetic data set makes its own raw files with this script, run in a process of its own.

    Other people's scripts run only when the user says so: see `benchmark.data.synthetic`."""

    script: Annotated[str, _below("folder of the card")]
    posts: Annotated[int, Field(gt=0, le=_MOST)]
    ceiling: Annotated[str, _below("raw folder")]
    """CSV with `post_id` and a column per target, on the scoring scale: the noiseless score."""


class Download(_Declared):
    """A raw file that may be fetched: pinned, over HTTPS."""

    url: Annotated[str, Field(pattern=r"^https://")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    file: str


class Card(_Declared):
    """Everything the harness knows of a data set."""

    name: Name
    title: str
    summary: str = ""
    reader: Name
    raw: tuple[Annotated[str, _below("raw data (--raw says where they are)", folders=True)], ...] = Field(
        min_length=1
    )
    """Folders (or, for `table`, files) below a root of raw data, `home/raw` or the card's own folder; the
    first found is read. A synthetic set lies in `home/raw` under its own name."""
    licence: str
    homepage: str = ""
    obtain: str = ""
    """One line: how to get the raw files."""
    synthetic: bool = False
    languages: tuple[Language, ...] = ()
    """That the posts are written in: they decide which encoders read them. English when absent."""
    columns: dict[Name, Column]
    targets: dict[Name, Target] = Field(min_length=1)
    tasks: tuple[Task, ...] = Field(min_length=1)
    facts: dict[Name, FactTable] = {}
    generator: Generator | None = None
    downloads: tuple[Download, ...] = ()
    folder: Path = Field(default=Path(), exclude=True)
    """Where the card lies; set when it is loaded, never written in the card."""

    @field_validator("raw", "languages", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("title")
    @classmethod
    def _one_line(cls, title: str) -> str:
        if not title.strip() or title != printable(title) or len(title) > LONGEST_TITLE:
            raise ValueError(f"a title is one line of at most {LONGEST_TITLE} characters")
        return title

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        roles: list[str] = [column.role for column in self.columns.values()]
        for role, name in KEY_COLUMNS.items():
            if roles.count(role) != 1 or self.columns.get(name, Column(role="numeric")).role != role:
                raise ValueError(f"exactly one column must have role '{role}', and be called '{name}'")
        if clash := self.columns.keys() & self.targets.keys():
            raise ValueError(f"{sorted(clash)} declared both as a column and as a target")
        for name in [*self.columns, *self.targets]:
            if name in RESERVED_COLUMNS:
                raise ValueError(f"'{name}' is no column or target of posts: {RESERVED_COLUMNS[name]}")
        names = [task.name for task in self.tasks]
        if len(set(names)) < len(names):
            raise ValueError("two tasks have the same name")
        for task in self.tasks:
            for target in task.targets:
                if target not in self.targets:
                    raise ValueError(
                        f"task '{task.name}': unknown target '{target}'{did_you_mean(target, self.targets)}"
                    )
            for column in task.filter.where:
                if column not in self.columns:
                    raise ValueError(
                        f"task '{task.name}' filters on unknown column '{column}'"
                        f"{did_you_mean(column, self.columns)}"
                    )
        if self.synthetic != (self.generator is not None):
            raise ValueError("a synthetic data set has a [generator], and only a synthetic one")
        return self

    def with_role(self, *roles: Role) -> list[str]:
        """Names of the columns with one of these roles, in the card's order (categories by level)."""
        names = [name for name, column in self.columns.items() if column.role in roles]
        return sorted(names, key=lambda name: self.columns[name].level or 0)

    def visible(self, *, crawl: bool = False) -> dict[str, Column]:
        """The columns that a baseline is shown beside the keys, in the card's order: those known at
        publication, and under `crawl` those known when crawled too."""
        return {
            name: column
            for name, column in self.columns.items()
            if name not in KEY_COLUMNS.values() and (crawl or column.availability == "publish")
        }

    def content(self, modality: Modality) -> list[str]:
        """Names of the columns that an encoder of a modality reads: those known at publication."""
        names = self.with_role(*READS[modality])
        return [name for name in names if self.columns[name].availability == "publish"]

    def beside_posts(self) -> set[str]:
        """Files below the raw folder that hold no posts: facts, and the ceiling of a synthetic set."""
        return {one.raw for one in self.facts.values()} | (
            {self.generator.ceiling} if self.generator else set()
        )

    def task(self, name: str) -> Task:
        return next(task for task in self.tasks if task.name == name)

    def scales(self, task: str) -> tuple[Scale, ...]:
        """Scoring scale of each target of a task."""
        return tuple(self.targets[name].scale for name in self.task(task).targets)
