"""Repeated ids: what becomes of rows of one post, and what several readings of it tell."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from benchmark.proposing.draft import Draft, Entry
from benchmark.proposing.keys import Keys
from benchmark.proposing.table import Table

_AGES = (6, 12, 24, 48, 72, 168)
"""Hours."""
_FEWEST_TOLD, _SHARE_TOLD = 300, 0.1


def say_repeated(draft: Draft, table: Table, keys: Keys) -> None:
    """The words of `[table]` for rows that share an id and for the moment of reading, with reasons."""
    if keys.read_at is not None:
        draft.table["read_at"] = {"source": keys.read_at.name} | {
            key: value for key, value in keys.read_at.words.items() if key == "format"
        }
        draft.table_reasons["read_at"] = "when a row was read"
    if keys.repeated:
        several = f"{table.rows:,} rows of {_ids(table, keys).nunique():,} ids"
        hours = _age_told_by_most(table, keys)
        if hours is not None:
            _label_by_readings(draft, *hours, several)
            return
        draft.table["repeated"] = "last"
        of = "in time" if keys.read_at else "in the file"
        draft.table_reasons["repeated"] = f"{several}: the last row {of}, whose counts are the newest"
    if keys.read_at is not None:
        source = {key: keys.time.words[key] for key in ("source", "format") if key in keys.time.words}
        draft.columns.append(
            Entry(
                "age_days",
                {"role": "numeric", "since": source or {"source": "time"}, "availability": "crawl"},
                "how old the post was when its counts were read",
            )
        )


def _label_by_readings(draft: Draft, hours: int, told: int, several: str) -> None:
    draft.table["repeated"] = "readings"
    draft.table_reasons["repeated"] = f"{several}, each read at a moment of its own"
    for one in draft.labels:
        if one.words.get("scale") != "log1p":
            continue
        one.words.setdefault("source", one.name)
        one.words["readings"] = {"age_hours": hours}
        one.words["unit"] = f"log({one.name} {hours} hours after publication + 1)"
        one.name = f"{one.name}_{hours}h"
        one.reason += f"; {told:,} posts were read before and after the age of {hours} hours"


def _age_told_by_most(table: Table, keys: Keys) -> tuple[int, int] | None:
    """The age at which the counts of most posts are known from readings on either side, and of how many."""
    if keys.read is None:
        return None
    ages = (keys.read.at - keys.moments.at) / pd.Timedelta(hours=1)
    groups = ages.groupby(_ids(table, keys).to_numpy())
    first, last = groups.min(), groups.max()
    told = {hours: int(((first <= hours) & (last >= hours)).sum()) for hours in _AGES}
    best = max(told, key=lambda hours: told[hours])
    if told[best] < max(_FEWEST_TOLD, _SHARE_TOLD * len(first)):
        return None
    return best, told[best]


def _ids(table: Table, keys: Keys) -> pd.Series:
    values: list[Any] = table.columns[keys.id.source].cells
    ids = pd.Series([str(value) for value in values], dtype=object)
    if pattern := keys.id.words.get("extract"):
        found = (re.search(pattern, text) for text in ids)
        ids = pd.Series([match[1] if match else np.nan for match in found], dtype=object)
    return ids
