"""Skill, and what tables need to know of any measure: its title, and which end of it is better."""

from __future__ import annotations

from benchmark.scores.measures import MEASURES

SKILL = "skill"
"""1 - error / error of the task's reference, by the task's primary measure. No measure of a row alone."""
KNOWN = (*MEASURES, SKILL)
"""Whatever a line of a board may be about."""


def title(name: str) -> str:
    return SKILL if name == SKILL else MEASURES[name].title


def arrow(name: str) -> str:
    return "↑" if name == SKILL else MEASURES[name].arrow


def sign(name: str) -> int:
    """1 where more is better, -1 where less is, 0 where neither end is."""
    if name == SKILL:
        return 1
    return {"higher": 1, "lower": -1, None: 0}[MEASURES[name].better]
