"""Card: what a data set's `card.toml` declares.

A data set is declared, not coded: which reader understands its raw files, which columns a baseline may see
and when each becomes known, which labels are predicted, and under which protocols. Unknown keys are errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from benchmark.declared.column import KEY_COLUMNS, READS, Column, Modality, Role
from benchmark.declared.fact_table import FactTable
from benchmark.declared.layout import (
    Declared,
    FromReadings,
    Name,
    NumberFormat,
    TableLayout,
    Value,
    below,
    one_or_more,
)
from benchmark.declared.naming import RESERVED_COLUMNS, language_problem, printable
from benchmark.declared.task import MOST_POSTS, Task, Viral
from benchmark.errors import did_you_mean
from benchmark.scores.kinds.event import EVENT

Scale = Literal["identity", "log1p", "signed-log"]
LONGEST_TITLE = 200


def _known_language(code: str) -> str:
    if problem := language_problem(code):
        raise ValueError(problem)
    return code


Language = Annotated[str, AfterValidator(_known_language)]
"""See `benchmark.declared.naming`."""


class Target(Value):
    """A label. It is stored as the raw files give it and scored on `scale`."""

    scale: Scale = "identity"
    unit: str = ""
    """What a label is, in words, on the scoring scale: `log2(views + 1)`."""
    format: NumberFormat | None = None
    """How people have written the numbers (reader `table` only)."""
    readings: FromReadings | None = None
    """The label is told by several readings of a post (reader `table` only)."""
    viral: Viral | None = None
    """In place of a source: the label is derived from other targets, for tasks of kind `event`."""

    @model_validator(mode="after")
    def _derived_or_read(self) -> Self:
        read = self.source or self.value is not None or self.readings or self.format or self.missing
        if self.viral and (read or self.scale != "identity"):
            raise ValueError("a label that is derived has neither source nor scale")
        return self

    @model_validator(mode="after")
    def _growth_is_a_logarithm_already(self) -> Self:
        if self.readings and self.readings.is_growth and self.scale != "identity":
            raise ValueError("growth is a logarithm already: leave the scale out")
        return self

    @model_validator(mode="after")
    def _counted_over_readings_or_read(self) -> Self:
        if self.counts_over and (self.source or self.value is not None or self.format or self.missing):
            raise ValueError("what readings differ in is counted, and has no source of its own")
        return self

    @property
    def counts_over(self) -> str | None:
        """The column whose values are counted over the readings of a post; None of a label that is read."""
        return self.readings.distinct if self.readings else None


class Generator(Declared):
    """A synthetic data set makes its own raw files with this script, run in a process of its own.

    Other people's scripts run only when the user says so: see `benchmark.data.synthetic`."""

    script: Annotated[str, below("folder of the card")]
    posts: Annotated[int, Field(gt=0, le=MOST_POSTS)]
    ceiling: Annotated[str, below("raw folder")]
    """CSV with `post_id` and a column per target, on the scoring scale: the noiseless score; and perhaps a
    column `<target>_noise`, the standard deviation of what nobody can know, for labels derived of it."""


class Download(Declared):
    """A raw file that may be fetched: pinned, over HTTPS."""

    url: Annotated[str, Field(pattern=r"^https://")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    file: str


class Card(Declared):
    """Everything the harness knows of a data set."""

    name: Name
    title: str
    summary: str = ""
    selection: str = ""
    """How posts came to be in the data, in a line, where scores must be read with it in mind: chosen for
    having done well, found by search. The board says so over every table."""
    reader: Name
    raw: tuple[Annotated[str, below("raw data (--raw says where they are)", folders=True)], ...] = Field(
        min_length=1
    )
    """Folders (or, for `table`, files) below a root of raw data, `home/raw` or the card's own folder; the
    first found is read. What begins with `./` lies beside the card and nowhere else. A synthetic set lies in
    `home/raw` under its own name."""
    licence: str
    homepage: str = ""
    obtain: str = ""
    """One line: how to get the raw files."""
    synthetic: bool = False
    table: TableLayout | None = None
    """How the raw files lie (reader `table` only)."""
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
        return one_or_more(value)

    @field_validator("selection")
    @classmethod
    def _one_line_at_most(cls, selection: str) -> str:
        if selection != printable(selection) or len(selection) > LONGEST_TITLE:
            raise ValueError(f"a selection is one line of at most {LONGEST_TITLE} characters")
        return selection

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
        self._check_readings()
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
            self._check_slices(task)
        self._check_facts()
        self._check_derived()
        self._check_maturity()
        if self.synthetic != (self.generator is not None):
            raise ValueError("a synthetic data set has a [generator], and only a synthetic one")
        return self

    def _check_slices(self, task: Task) -> None:
        wanted = self.with_role("categorical", "category")
        for name in task.slices:
            if name in self.columns and name not in wanted:
                raise ValueError(
                    f"task '{task.name}': slices by '{name}', of role '{self.columns[name].role}'; they are "
                    f"by a column of role 'categorical' or 'category'"
                )
            if name not in wanted:
                raise ValueError(
                    f"task '{task.name}': slices by unknown column '{name}'{did_you_mean(name, wanted)}"
                )

    def _check_readings(self) -> None:
        if self.table is not None and self.reader != "table":
            raise ValueError(f"[table] is for reader 'table', and this card's is '{self.reader}'")
        repeated = self.table.repeated if self.table else "error"
        for name, target in self.targets.items():
            if target.readings and repeated != "readings":
                raise ValueError(
                    f"target '{name}' is told by readings: say repeated = \"readings\" in [table]"
                )
            over = target.counts_over
            if over and self.columns.get(over, Column(role="id")).role not in ("categorical", "category"):
                raise ValueError(
                    f"target '{name}' counts values of '{over}', which is no column of role 'categorical' or "
                    f"'category'{did_you_mean(over, self.with_role('categorical', 'category'))}"
                )

    def _check_facts(self) -> None:
        for name, facts in self.facts.items():
            for how, column in facts.of.items():
                found = self.columns.get(column)
                if found is None or found.role not in ("tags", "categorical"):
                    wanted = self.with_role("tags", "categorical")
                    raise ValueError(
                        f"facts '{name}': '{how}' is said by '{column}', which is no column of role 'tags' "
                        f"or 'categorical'{did_you_mean(column, wanted)}"
                    )
                if found.availability != "publish":
                    raise ValueError(f"facts '{name}': '{column}' is not known at publication")

    def _check_derived(self) -> None:
        for name, target in self.targets.items():
            if target.viral:
                self._check_viral(name, target.viral)
        for task in self.tasks:
            derived = [name for name in task.targets if self.targets[name].viral]
            if derived and task.kind != EVENT.name:
                raise ValueError(f"task '{task.name}': '{derived[0]}' is an event: say kind = \"event\"")
            if derived and len(derived) < len(task.targets):
                raise ValueError(f"task '{task.name}' mixes labels that are derived with some that are not")
            if derived and "official" in task.protocols:
                raise ValueError(
                    f"task '{task.name}': nothing is predicted officially of a label that is derived"
                )

    def _check_viral(self, name: str, viral: Viral) -> None:
        for one in viral.of:
            if one not in self.measured:
                raise ValueError(
                    f"target '{name}' is derived of unknown target '{one}'{did_you_mean(one, self.measured)}"
                )
        if len({self.targets[one].scale == "identity" for one in viral.of}) > 1:
            raise ValueError(f"target '{name}' adds up counts and what is none")
        if viral.age and self.columns.get(viral.age, Column(role="id")).role != "numeric":
            raise ValueError(f"target '{name}': no numeric column '{viral.age}' tells an age")
        if viral.within not in ("account", "all"):
            role = self.columns.get(viral.within, Column(role="id")).role
            if role not in ("category", "categorical"):
                raise ValueError(
                    f"target '{name}' is held against posts within '{viral.within}', which is neither "
                    "'account' nor 'all' nor a column of role 'category' or 'categorical'"
                )

    def _check_maturity(self) -> None:
        """No label is taken to be known before the readings that tell it."""
        for task in self.tasks:
            for name in self.rests_on(task):
                told = self.targets[name].readings
                rolling = task.protocols.get("rolling")
                if told and told.within_hours and rolling and 24 * rolling.reveal_days < told.within_hours:
                    raise ValueError(
                        f"task '{task.name}': labels '{name}' rest on readings of up to "
                        f"{told.within_hours:g} hours, and are taken to be known after "
                        f"{rolling.reveal_days:g} days"
                    )

    @property
    def measured(self) -> dict[str, Target]:
        """The targets that raw files tell, and not other targets."""
        return {name: target for name, target in self.targets.items() if not target.viral}

    def rests_on(self, task: Task) -> list[str]:
        """The targets in raw files that the labels of a task are, or are derived of."""
        every = [self.targets[name].viral or name for name in task.targets]
        return list(dict.fromkeys(one for of in every for one in ([of] if isinstance(of, str) else of.of)))

    def derived(self, task: str) -> tuple[Viral, ...]:
        """How the labels of each target of a task are derived; empty where they are read."""
        found = [self.targets[name].viral for name in self.task(task).targets]
        return tuple(one for one in found if one)

    def engagement_scales(self, task: str) -> tuple[Scale, ...]:
        """Of the engagement that each target of a task is derived of: that of counts, with their sign, or as
        the data give it."""
        first = [next(iter(viral.of)) for viral in self.derived(task)]
        return tuple("identity" if self.targets[one].scale == "identity" else "signed-log" for one in first)

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
        return {one.raw for one in self.facts.values() if one.raw and not one.beside} | (
            {self.generator.ceiling} if self.generator else set()
        )

    def task(self, name: str) -> Task:
        return next(task for task in self.tasks if task.name == name)

    def scales(self, task: str) -> tuple[Scale, ...]:
        """Scoring scale of each target of a task."""
        return tuple(self.targets[name].scale for name in self.task(task).targets)
