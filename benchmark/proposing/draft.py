"""Draft: what was found out of the data of a stranger, before it is a card."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Entry:
    """One column or label as the card would declare it, and why."""

    name: str
    words: dict[str, Any]
    """Without what is said by the name alone: no `source` where it is the name."""
    reason: str
    doubtful: bool = False
    """Whether it was known at publication cannot be told by looking."""
    kind: str = ""
    """Of a label: which count it is."""

    @property
    def source(self) -> str:
        said = self.words.get("source", self.name)
        return said if isinstance(said, str) else str(said[0])

    @property
    def availability(self) -> str:
        return str(self.words.get("availability", "publish"))


@dataclass
class Draft:
    """A card in the making."""

    folder: Path
    """Of the data."""
    raw: str
    """Below the folder, as the card names it: `./posts.csv`."""
    reader: str = "table"
    table: dict[str, Any] = field(default_factory=dict)
    """Words of `[table]`."""
    table_reasons: dict[str, str] = field(default_factory=dict)
    columns: list[Entry] = field(default_factory=list)
    labels: list[Entry] = field(default_factory=list)
    """Columns that may be the label, the likeliest first."""
    dropped: dict[str, str] = field(default_factory=dict)
    """Column -> why the card leaves it out."""
    notes: list[str] = field(default_factory=list)
    filter: dict[str, Any] = field(default_factory=dict)
    """Of the task, with a reader that flags what is none of the posts."""

    @property
    def default_labels(self) -> list[str]:
        """Every count of the kind that comes first."""
        return [one.name for one in self.labels if one.kind == self.labels[0].kind]

    @property
    def doubtful(self) -> list[str]:
        return [one.name for one in self.columns if one.doubtful]


def entry(name: str, source: str, role: str, reason: str, **words: Any) -> Entry:
    """A column of the card; words that say nothing are left out."""
    said: dict[str, Any] = {"role": role}
    if source and source != name:
        said["source"] = source
    said |= {key: value for key, value in words.items() if value not in (None, (), "", [])}
    return Entry(name, said, reason)
