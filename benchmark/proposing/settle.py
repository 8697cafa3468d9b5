"""Settle: a draft and what the user has said -> a card that reads, as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.data.canonical import Tables, canonical
from benchmark.data.leaks import leaks
from benchmark.declared.card import Card
from benchmark.declared.column import KEY_COLUMNS
from benchmark.errors import DataError, SmpbenchError, UnknownName
from benchmark.proposing.draft import Draft, Entry
from benchmark.proposing.languages import languages
from benchmark.proposing.protocol import Windowed, windowed
from benchmark.proposing.roles import DOUBTFUL
from benchmark.readers import read

_LEAKS_MENDED = 20


@dataclass
class Settled:
    """All that a card says, and why."""

    draft: Draft
    name: str
    title: str
    raw: str
    """As the card names it, below its own folder or below a folder of raw data."""
    targets: list[Entry]
    columns: list[Entry]
    time: Windowed = field(default_factory=Windowed)
    languages: list[str] = field(default_factory=list)
    languages_reason: str = ""
    filter: dict[str, Any] = field(default_factory=dict)
    problem: SmpbenchError | None = None
    """Why the files cannot be read by this card yet."""

    @property
    def task(self) -> str:
        return self.targets[0].name if len(self.targets) == 1 else "engagement"

    def declared(self) -> dict[str, Any]:
        """The card as the values that its text holds."""
        said: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "reader": self.draft.reader,
            "raw": self.raw,
            "licence": "Unknown; not redistributable",
        }
        if self.languages:
            said["languages"] = self.languages
        if self.draft.table:
            said["table"] = self.draft.table
        filter = dict(self.filter) | (
            {"settled_days": self.time.settled_days} if self.time.settled_days else {}
        )
        task = {"name": self.task, "targets": [one.name for one in self.targets]}
        protocols = {"frozen": self.time.frozen, "rolling": self.time.rolling or self.time.frozen}
        return said | {
            "columns": {one.name: one.words for one in self.columns},
            "targets": {one.name: one.words for one in self.targets},
            "tasks": [task | ({"filter": filter} if filter else {}) | {"protocols": protocols}],
        }

    def card(self, folder: Path) -> Card:
        return Card.model_validate({**self.declared(), "folder": folder})


def settle(
    draft: Draft,
    *,
    name: str,
    title: str,
    raw: str,
    data: Path,
    labels: Sequence[str] = (),
    published: Sequence[str] = (),
) -> Settled:
    """The card, once its files have been read by it: the cut-off, what is empty, what tells the label.

    Args:
        raw: as the card shall name the files. data: where they are.
        labels: of the draft's; by default every count of the kind that comes first.
        published: doubtful columns that were known when a post was published.

    Raises:
        UnknownName: there is no such label, or no such doubtful column.
    """
    chosen = list(labels) or draft.default_labels
    for one in chosen:
        if one not in [label.name for label in draft.labels]:
            raise UnknownName("label", one, [label.name for label in draft.labels])
    for one in published:
        if one not in draft.doubtful:
            raise UnknownName("column", one, draft.doubtful)
    targets = [one for one in draft.labels if one.name in chosen]
    columns = [_told(one, published) for one in draft.columns]
    if draft.reader == "table":
        columns += [_as_column(one) for one in draft.labels if one.name not in chosen]
    settled = Settled(draft, name, title, raw, targets, columns)
    try:
        tables = _read(settled, data)
        settled.time = _time(settled, tables)
        texts = tables.posts.select(settled.card(data).content("text")).to_pydict()
        joined = [" ".join(filter(None, row)) for row in zip(*texts.values(), strict=True)]
        settled.languages, settled.languages_reason = languages(joined)
    except SmpbenchError as error:
        settled.problem = error
    return settled


def _told(one: Entry, published: Sequence[str]) -> Entry:
    if one.name not in published:
        return one
    words = {key: said for key, said in one.words.items() if key != "availability"}
    return Entry(one.name, words, one.reason.removesuffix(DOUBTFUL))


def _as_column(label: Entry) -> Entry:
    """A count that is not asked for: known when it was read, and not before."""
    words = {key: said for key, said in label.words.items() if key in ("source", "format", "missing")}
    name, reason = label.name, "a count, like the label"
    if "readings" in label.words:
        name, reason = re.sub(r"_\d+h$", "", name), "a count at the first reading"
    return Entry(name, {"role": "numeric"} | words | {"availability": "crawl"}, reason)


def _read(settled: Settled, data: Path) -> Tables:
    """The posts, read as `prepare` will. What is empty goes, and what tells the label is withheld.

    Raises:
        DataError: the files do not read as the card says.
    """
    card = settled.card(data)
    raw = read(card, data)
    if settled.draft.reader != "table":
        _leave_out_empty(settled, raw.frame)
        card = settled.card(data)
    tables = canonical(card, raw)
    for _ in range(_LEAKS_MENDED):
        try:
            leaks(card, tables.posts, tables.targets)
            break
        except DataError as error:
            withheld = next((one for one in settled.columns if one.name == error.column), None)
            if withheld is None or withheld.availability == "crawl":
                raise
            withheld.words["availability"] = "crawl"
            withheld.reason += f"; {error.problem}: withheld"
            card = settled.card(data)
    return tables


def _leave_out_empty(settled: Settled, frame: pd.DataFrame) -> None:
    """Of what a reader may yield, these files have no value."""

    def empty(one: Entry) -> bool:
        values = frame[one.name] if one.name in frame else pd.Series([], dtype=object)
        return one.name not in KEY_COLUMNS.values() and bool(
            (values.isna() | (values.astype(object) == "")).all()
        )

    for one in [*settled.columns, *settled.draft.labels]:
        if empty(one):
            settled.draft.dropped[one.name] = "empty in these files"
    settled.columns = [one for one in settled.columns if one.name not in settled.draft.dropped]
    settled.targets = [one for one in settled.targets if one.name not in settled.draft.dropped]
    left = [one for one in settled.draft.labels if one.name not in settled.draft.dropped]
    if not settled.targets and left:
        settled.targets = left[:1]
    given = {name: said for name, said in settled.draft.filter.items() if name in frame}
    names = {one.name for one in settled.columns}
    for name, said in given.items():
        values = frame[name]
        wanted = (values == said).fillna(False).to_numpy(dtype=bool)
        if name in names and 50 <= wanted.sum() < len(values):
            settled.filter.setdefault("where", {})[name] = said


def _time(settled: Settled, tables: Tables) -> Windowed:
    target = settled.targets[0]
    posts = tables.posts.select(["time", "user_id"]).to_pandas()
    labels = tables.targets[target.name].to_numpy()
    keep = np.ones(len(posts), bool)
    for name, said in settled.filter.get("where", {}).items():
        keep &= np.array([one == said for one in tables.posts[name].to_pylist()], dtype=bool)
    kept = posts[keep].reset_index(drop=True)
    scale = str(target.words.get("scale", "identity"))
    return windowed(kept["time"], kept["user_id"], labels[keep], scale)
