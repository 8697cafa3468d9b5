"""Objects inside a tweet, given as such or, in a table, as text: `{'like_count': 5}`, `["a"]`."""

from __future__ import annotations

import ast
import json
import re
from functools import lru_cache
from typing import Any

from benchmark.readers.nesting import too_deep

_PLAIN = re.compile(r"[^a-z0-9]+")

WHOLE = frozenset(
    {"retweeted_status", "quoted_status", "retweetedtweet", "quotedtweet", "retweeted_tweet", "quoted_tweet"}
)
"""Other tweets inside a tweet: that one is there tells, its columns would be taken for the tweet's."""


@lru_cache(maxsize=1 << 16)
def plain(name: str) -> str:
    """` Friends Count` -> `friends_count`, `public_metrics.like_count` -> `public_metrics_like_count`."""
    return _PLAIN.sub("_", name.strip().lower()).strip("_")


def flattened(tweet: dict[str, Any], above: str = "") -> dict[str, Any]:
    """One level of columns under plain names: `{"user": {"id": 1}}` -> `{"user_id": 1}`.

    Where two have one name, the outer and the one that says something stays."""
    flat: dict[str, Any] = {}
    for key, value in tweet.items():
        name = above + plain(str(key))
        if isinstance(value, dict) and name not in WHOLE:
            for inner, held in flattened(value, f"{name}_").items():
                if flat.get(inner) is None:
                    flat[inner] = held
        elif value is not None or name not in flat:
            flat[name] = value
    return flat


def parsed(value: object) -> Any:
    """A dict or a list of a text that spells one in JSON or Python; anything else as it is."""
    if not (isinstance(value, str) and value.lstrip()[:1] in ("{", "[")):
        return value
    for parse in (json.loads, ast.literal_eval):
        try:
            found = parse(value.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):  # the last two: too deeply nested
            continue
        return found if isinstance(found, dict | list) and not too_deep(found) else value
    return value
