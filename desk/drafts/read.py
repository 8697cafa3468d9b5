"""Drafts: a file or a folder -> what is judged, and what cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.declared.column import Role
from benchmark.declared.naming import printable
from benchmark.errors import DataError, did_you_mean, listed, shortened
from benchmark.readers.columns import is_missing
from benchmark.readers.identifiers import as_id
from benchmark.readers.raw import ReadReport
from desk.drafts import moments
from desk.drafts.folder import folder_of_images
from desk.drafts.handed import Handed, handed_in
from desk.drafts.images import file_inside, image_problem
from desk.drafts.limits import LONGEST_NAME
from desk.drafts.values import Unfit, Value, identifier_of, only_truths, text_of, value_of
from desk.drafts.words import USUAL, Meaning, Meant, meant
from desk.ranking import Draft, Refused

PASSED = "its time has passed"
NOTHING = "nothing to judge: neither text nor image"


@dataclass
class Drafts:
    """What was handed in."""

    drafts: list[Draft] = field(default_factory=list)
    """In the order of the input."""
    refused: list[Refused] = field(default_factory=list)
    images: dict[int, Path] = field(default_factory=dict)
    """Number of a draft -> its image on this machine, which has been opened and is whole."""
    said: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Number of a draft -> what must be known of it, for its notes."""
    notes: list[str] = field(default_factory=list)
    """About all of them: what was taken for what, and what was left out."""


def read_drafts(
    path: Path, at: dt.datetime | None, columns: Mapping[str, Role], *, now: dt.datetime | None = None
) -> Drafts:
    """Read drafts from a table, objects or a folder of images.

    Args:
        at: when all of them would be published; else each says it, else it is now.
        columns: of the model's card, in its order, with their roles. The first of role text is the text of a
            draft, as is a column `caption`; further ones are among its values.
        now: the moment to hold times against; the clock's when absent.

    Returns:
        A row that cannot be judged is refused with a sentence and the others stand. Two drafts of one id are
        told apart as `a` and `a (2)`: numbers tell them apart anyhow, and a name is for people alone.

    Raises:
        DataError: nothing can be read at all: no such file, empty, no text, no column that is a text or an
            image, or more than is taken; names file, row and column as far as they are known.
    """
    now = moments.in_utc(now or dt.datetime.now(dt.UTC)).replace(microsecond=0)
    report = ReadReport()
    handed = folder_of_images(path, columns, report) if path.is_dir() else handed_in(path, report)
    found = meant(list(handed.columns), columns)
    if not {"text", "image"} & found.parts.keys():
        told = f"no column is a text or an image; there is {listed(map(printable, handed.columns))}"
        words = f"Call it {' or '.join(USUAL['text'])}, or {' or '.join(USUAL['image'])}"
        raise DataError(told, file=path, mend=words)
    times = moments.moments([handed.value(found.parts.get("at"), i) for i in range(len(handed))], at, now)
    reader = _Reader(handed, found, times)
    read = Drafts()
    for place in range(len(handed)):
        reader.read(place, read)
    read.notes = [_for_drafts(note) for note in report.notes] + _unused(found, columns) + times.notes
    if reader.renamed:
        read.notes.append(f"ids that stand more than once are numbered: {listed(reader.renamed, 10)}")
    return read


class _Reader:
    """Reads one row after the other; knows the names and images that it has seen."""

    def __init__(self, handed: Handed, found: Meant, times: moments.Moments) -> None:
        self.handed, self.found, self.times = handed, found, times
        self.truths = {own: only_truths(handed.columns[column]) for own, column in found.values.items()}
        self.names: dict[str, int] = {}
        """What a draft is called -> how many are, or would be."""
        self.renamed: list[str] = []
        self.problems: dict[Path, str] = {}

    def read(self, place: int, read: Drafts) -> None:
        """Add the draft of a row, or that it is refused."""
        number = place + 1
        name = self._name(place)
        try:
            if place in self.handed.problems:
                raise DataError(self.handed.problems[place])
            draft, image = self._draft(place, name)
        except DataError as error:
            read.refused.append(Refused(number=number, name=name, reason=str(error)))
            return
        read.drafts.append(draft)
        if image is not None:
            read.images[number] = image
        if place in self.times.passed:
            read.said[number] = (f"{PASSED}: {moments.shown(draft.at)}",)

    def _draft(self, place: int, name: str) -> tuple[Draft, Path | None]:
        text = self._fit("text", place, text_of) or ""
        image = self._image(place)
        if not text and image is None:
            raise self.handed.error(place, NOTHING)
        at = self.times.at[place]
        if at is None:
            raise self.handed.error(place, moments.PROBLEM, self.found.parts.get("at"), moments.MEND)
        draft = Draft(
            number=place + 1,
            name=name,
            account=self._fit("account", place, identifier_of),
            text=text,
            image=None if image is None else self._file_name(place),
            at=at,
            values=self._values(place),
        )
        return draft, image

    def _told(self, part: Meaning, place: int) -> Any:
        return self.handed.value(self.found.parts.get(part), place)

    def _fit(self, part: Meaning, place: int, read: Any) -> Any:
        try:
            return read(self._told(part, place))
        except Unfit as error:
            raise self.handed.error(place, str(error), self.found.parts.get(part)) from None

    def _values(self, place: int) -> dict[str, Value]:
        """Of the model's other columns those that the draft tells, and what a policy may ask for."""
        values: dict[str, Value] = {}
        for own, column in self.found.values.items():
            try:
                raw, role = self.handed.value(column, place), self.found.roles[own]
                value = value_of(raw, role, truths=self.truths[own])
            except Unfit as error:
                raise self.handed.error(place, str(error), column) from None
            if value is not None:
                values[own] = value
        for part in ("channel", "region"):
            if value := self._fit(part, place, text_of):
                values.setdefault(part, value.strip())
        return values

    def _image(self, place: int) -> Path | None:
        told, column = self._told("image", place), self.found.parts.get("image")
        if is_missing(told):
            return None
        if not isinstance(told, str):
            raise self.handed.error(place, "no path of an image: a draft has one", column)
        path = file_inside(self.handed.folder, told)
        if isinstance(path, str):
            raise self.handed.error(place, path, column)
        if path not in self.problems:
            self.problems[path] = image_problem(path)
        if problem := self.problems[path]:
            raise self.handed.error(place, problem, column)
        return path

    def _name(self, place: int) -> str:
        """What people call a draft: its id, else its image, else its number; each once."""
        told = self._told("id", place)
        if is_missing(told) or isinstance(told, dict | list):
            told = self._file_name(place)
        name = shortened(" ".join(printable(as_id(told)).split()), LONGEST_NAME) or f"draft {place + 1}"
        once = name
        while once in self.names:
            self.names[name] += 1
            once = f"{name} ({self.names[name]})"
        if once != name and name not in self.renamed:
            self.renamed.append(name)
        self.names[once] = 1
        return once

    def _file_name(self, place: int) -> str:
        """Of the image, for people; empty where it has none."""
        told = self._told("image", place)
        return printable(told.replace("\\", "/").rpartition("/")[2]) if isinstance(told, str) else ""


def _unused(found: Meant, columns: Mapping[str, Role]) -> list[str]:
    """What is said of columns that are not read."""
    unknown = [name for name, why in found.unused.items() if not why]
    notes = [f"column '{printable(name)}' left out: {why}" for name, why in found.unused.items() if why]
    if unknown:
        near = did_you_mean(unknown[0], columns) if len(unknown) == 1 else ""
        near = near if "did you mean" in near else ""
        told = listed(map(printable, unknown))
        notes.append(f"columns that neither drafts nor the model have, left out: {told}{near}")
    return notes


def _for_drafts(note: str) -> str:
    return note.replace("name the `encoding` in the card", "save the file as UTF-8")
