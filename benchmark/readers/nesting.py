"""Nesting: lists and objects within each other, deeper than any post has them and than Python can write."""

from __future__ import annotations

DEEPEST = 100
"""Levels. Exports of tweets have fewer than ten."""


def too_deep(value: object) -> bool:
    """Whether lists and objects lie deeper than `DEEPEST` in one another. Nothing here is recursive."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, list | dict)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, list | dict)
        ]
        if not level:
            return False
    return True
