"""Missing: how the tools that write tweets spell nothing and no."""

from __future__ import annotations

from benchmark.readers import columns

WORDS = frozenset(
    {"", "none", "null", "nan", "n/a", "na", "<na>", "nat", "#n/a", "undefined", "(null)", "\\n"}
)
"""In small letters: of Python, JavaScript, SQL, pandas, R, spreadsheets and database dumps."""

_NO = WORDS | {"false", "f", "no", "0", "0.0", "-1", "[]", "{}", "()"}


def is_missing(value: object) -> bool:
    """Whether nothing is told: also by a word that stands for nothing."""
    return value.strip().lower() in WORDS if isinstance(value, str) else columns.is_missing(value)


def tells(value: object) -> bool:
    """Whether a marker is set: an id, an object or a yes, and neither nothing nor a no."""
    if isinstance(value, str):
        return value.strip().lower() not in _NO
    if isinstance(value, dict):
        return any(tells(inner) for inner in value.values())
    if isinstance(value, list):
        return any(tells(inner) for inner in value)
    return not columns.is_missing(value) and value not in (0, -1)
