"""Table: drafts as posts of the model's data set."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmark.declared.card import Card
from benchmark.declared.column import KEY_COLUMNS
from desk.ranking import Draft

Value = str | float | bool | None
UNKNOWN = "\x00draft"
"""Begins the account of a draft that says none: no account is called so."""
HASHTAG, MENTION = re.compile(r"#(\w+)"), re.compile(r"@(\w+)")


def as_posts(
    drafts: Sequence[Draft],
    images: Mapping[int, Path],
    card: Card,
    columns: pa.Schema,
    usual: Mapping[str, Value],
    accounts: Sequence[str],
) -> pa.Table:
    """[n] in `columns`. What a draft does not tell is as usual, or empty where nothing is.

    Args:
        accounts: [n] of each draft, as the data name them.
    """
    found: dict[str, list[Any]] = {
        KEY_COLUMNS["id"]: [f"\x00{draft.number}" for draft in drafts],
        KEY_COLUMNS["user"]: [*accounts],
        KEY_COLUMNS["time"]: [draft.at.astimezone(dt.UTC).replace(tzinfo=None) for draft in drafts],
    }
    first_text = next(iter(card.with_role("text")), None)
    for name in columns.names:
        if name not in found:
            role = card.columns[name].role
            found[name] = [_value(name, role, name == first_text, draft, images, usual) for draft in drafts]
    arrays = [_array(found[field.name], field.type) for field in columns]
    return pa.table(arrays, schema=columns)


def text_of(draft: Draft, card: Card) -> str:
    """What an encoder reads of a draft: its text, other columns of text, and its tags."""
    parts = []
    first = True
    for name in card.content("text"):
        role = card.columns[name].role
        if role == "text":
            parts.append(draft.text if first else _said(draft.values.get(name)))
            first = False
        else:
            parts.append(_tags(name, draft))
    return " ".join(part for part in parts if part).strip()


def assumed(drafts: Sequence[Draft], card: Card, usual: Mapping[str, Value]) -> str | None:
    """What was taken for drafts that do not tell it, in words."""
    silent = {
        name: value
        for name, value in usual.items()
        if name in card.columns and any(draft.values.get(name) is None for draft in drafts)
    }
    if not silent:
        return None
    told = ", ".join(f"{name} = {_said(value)}" for name, value in silent.items())
    return f"Taken to be as in most past posts where a draft does not say it: {told}"


def _value(
    name: str,
    role: str,
    first_text: bool,
    draft: Draft,
    images: Mapping[int, Path],
    usual: Mapping[str, Value],
) -> object:
    if first_text:
        return draft.text or None
    if role == "tags":
        return _tags(name, draft) or None
    if role == "image":
        return "draft" if draft.number in images else None
    told = draft.values.get(name)
    return usual.get(name) if told is None else told


def _tags(name: str, draft: Draft) -> str:
    """As the draft says them, else as they stand in its text."""
    told = draft.values.get(name)
    if told is not None:
        return _said(told)
    pattern = MENTION if "mention" in name else HASHTAG if "tag" in name else None
    return " ".join(pattern.findall(draft.text)) if pattern else ""


def _said(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _array(values: list[Value], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(values, kind)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = [value if value is None or isinstance(value, str) else _said(value) for value in values]
        return pa.array(texts, kind)
    if pa.types.is_boolean(kind):
        return pa.array([_truth(value) for value in values], kind)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return pa.array([_number(value) for value in values], pa.float64()).cast(kind)
    return pa.nulls(len(values), kind)


def _truth(value: object) -> bool | None:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return value if isinstance(value, bool) else words.get(_said(value).strip().lower())  # type: ignore[arg-type]


def _number(value: object) -> float | None:
    try:
        return None if value is None else float(value)  # type: ignore[arg-type]
    except ValueError:
        return None
