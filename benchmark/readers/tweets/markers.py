"""Markers: how each layout says that a tweet is a retweet, or a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmark.readers.tweets.layouts.layout import REFERENCES, REPLIES, RETWEETS, RETWEETS_BELOW, Layout
from benchmark.readers.tweets.missing import is_missing, tells
from benchmark.readers.tweets.objects import parsed

Columns = Mapping[str, list[Any]]

_FLAG_OR_COUNT = ("retweet", "rt")
_YES_OR_NO = {"true", "false", "t", "f", "yes", "no"}
_TYPES = re.compile(r"retweeted|replied_to|quoted")
_DIGITS = re.compile(r"(\d+)(?:\.0+)?")
_FLOAT = re.compile(r"\d\.(\d+)[eE]\+?\d+")


def retweets(columns: Columns, layout: Layout, count: int) -> np.ndarray | None:
    """Which of the tweets are marked as retweets; None where nothing in the file marks them."""
    own = RETWEETS | layout.retweets | {name for name in _FLAG_OR_COUNT if _are_flags(columns.get(name, []))}
    names = [name for name in columns if name in own or name.startswith(RETWEETS_BELOW)]
    referring = _referring(columns)
    if not names and not referring:
        return None
    return _any(columns, names, count) | _references(columns, referring, "retweeted", count)


def replies(columns: Columns, layout: Layout, count: int) -> np.ndarray:
    """Which of the tweets are marked as replies."""
    names = [name for name in columns if name in REPLIES | layout.replies]
    return _any(columns, names, count) | _references(columns, _referring(columns), "replied_to", count)


def continued(conversations: list[Any], ids: list[str]) -> tuple[np.ndarray, int]:
    """Which tweets belong to the conversation of another (replies, and threads but for their first), and how
    many conversations were rounded so far that they tell nothing."""
    result = np.zeros(len(ids), dtype=bool)
    rounded = 0
    for i, (value, own) in enumerate(zip(conversations, ids, strict=True)):
        if is_missing(value):
            continue
        if whole := _DIGITS.fullmatch(text := str(value).strip()):
            result[i] = whole[1] != own
        elif (shown := _FLOAT.fullmatch(text)) and len(shown[1]) >= 14:
            result[i] = float(text) != float(own)  # as whole as a float can be
        elif shown:
            rounded += 1
        else:
            result[i] = text != own
    return result, rounded


def _are_flags(values: list[Any]) -> bool:
    """Whether a column says yes and no: `retweet` of a script may as well be how many there were."""
    told = {str(value).strip().lower() for value in values if not is_missing(value)}
    return bool(told) and told <= _YES_OR_NO


def _any(columns: Columns, names: list[str], count: int) -> np.ndarray:
    result = np.zeros(count, dtype=bool)
    for name in names:
        result |= np.fromiter(map(tells, columns[name]), dtype=bool, count=count)
    return result


def _referring(columns: Columns) -> list[str]:
    """`referenced_tweets`, `referenced_tweets_0_type`, ... but not their ids."""
    return [
        name
        for name in columns
        if name in REFERENCES or (name.startswith(REFERENCES) and name.endswith("_type"))
    ]


def _references(columns: Columns, names: list[str], kind: str, count: int) -> np.ndarray:
    result = np.zeros(count, dtype=bool)
    for name in names:
        result |= np.array([kind in _kinds(value) for value in columns[name]], dtype=bool)
    return result


def _kinds(value: Any) -> set[str]:
    """The types of what a tweet refers to, from lists, objects, and how Python and tweepy show them."""
    found = parsed(value)
    if isinstance(found, list):
        return {kind for one in found for kind in _kinds(one)}
    if isinstance(found, dict):
        if "type" in found:
            return {str(found["type"])}
        return {str(kind) for kind, held in found.items() if tells(held)}
    return set() if is_missing(found) else set(_TYPES.findall(str(found)))
