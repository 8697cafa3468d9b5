"""What many lines come to on each data set: in how many scores B is better or worse, and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leaderboard.tables.skill import SKILL, sign

Line = Mapping[str, Any]


@dataclass(frozen=True)
class OfDataSet:
    dataset: str
    scores: int
    better: tuple[float, ...]
    """By how much, of the scores in which B is the better: see `amount`."""
    worse: tuple[float, ...]


def by_dataset(lines: Sequence[Line]) -> Iterator[OfDataSet]:
    """Of lines by one measure, a data set after the other, as they come."""
    for dataset in dict.fromkeys(line["dataset"] for line in lines):
        ours = [line for line in lines if line["dataset"] == dataset]
        better, worse = (
            tuple(amount(line) for line in ours if line["verdict"] == verdict)
            for verdict in ("better", "worse")
        )
        yield OfDataSet(dataset, len(ours), better, worse)


def amount(line: Line) -> float:
    """How far B is from A: of an error as a share of A's, and of other measures the difference itself."""
    apart, a = abs(float(line["difference"])), float(line["a"])
    if not is_share(line["measure"]):
        return apart
    return apart / a if a else math.inf


def is_share(measure: str) -> bool:
    """Errors of different tasks are on different scales; ranks, chances and skill are on one."""
    return measure != SKILL and sign(measure) < 0


def span(amounts: Sequence[float], share: bool) -> str:
    """`2 to 3%`, `8%`, `0.021 to 0.035`; empty where there are none."""
    if not amounts:
        return ""
    low, high = (f"{100 * one:.0f}" if share else f"{one:.3f}" for one in (min(amounts), max(amounts)))
    return (low if low == high else f"{low} to {high}") + ("%" if share else "")
