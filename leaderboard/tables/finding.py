"""Finding: what a table says of a target: the best row, who else may be, and what that is worth to people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmark import PROJECT
from benchmark.data.cards import find_cards, load_card
from benchmark.declared.card import Card
from benchmark.errors import CardError
from benchmark.run.result import About
from benchmark.scale import log_base
from benchmark.scores.measures import measure
from leaderboard.tables.rows import Row
from leaderboard.tables.skill import SKILL, sign
from leaderboard.tables.table import Table

MONTH = "month="
"""Beginning of the name of a slice of one month: `month=2023-07`."""
MOST_IN_MONTHS = 0.9
"""Share of the test posts that must lie in months which have a slice."""


@dataclass(frozen=True)
class Finding:
    """Of the rows of a table that are ranked together, by the measure that ranks."""

    about: About
    """Of the best row."""
    target: str
    best: Row
    score: float
    set: tuple[Row, ...]
    """The 95% confidence set: the best row first, then those that cannot be told from it, by their score."""
    rows: int
    """That are ranked."""
    n: int
    """Test posts."""
    accounts: int | None
    """Of the test posts; None where they are too few to be resampled by."""
    weeks: float | None
    """That the test posts span, where these are resampled."""
    months: tuple[str, str] | None
    """First and last, as `2023-07`; None where they are not known: see `months_of`."""
    reference: Row | None
    reference_score: float
    skill: float
    """Of the best row: NaN where there is no reference, or it makes no error."""
    among_best: bool
    """Whether the reference itself is in the confidence set."""
    base: float | None
    """Of the logarithm that labels are scored on; None where no card says that it is one."""
    miss: float | None
    """By which factor a typical prediction of the best row is off; None where labels are no logarithm."""


def finding(table: Table, target: str | None = None, *, crawl: bool = False) -> Finding | None:
    """What a table says of a target, its first one by default; None where no row is ranked.

    Args:
        crawl: of the rows that read columns known only when the data were collected.
    """
    of = table.rows[0].about
    target = of.targets[0] if target is None else target
    ranked = _ranked(table, target, of.primary, crawl)
    if not ranked:
        return None
    best, reference = ranked[0], table.reference
    undistinguished = [row for row in ranked[1:] if table.standing(row, target, of.primary).best]
    drawn, base = table.drawn, base_of(best.about, target)
    return Finding(
        about=best.about,
        target=target,
        best=best,
        score=table.score(best, target, of.primary),
        set=(best, *undistinguished),
        rows=len(ranked),
        n=best.run.n_test or 0,
        accounts=drawn.clusters if drawn.clusters and drawn.weeks is None else None,
        weeks=drawn.weeks,
        months=months_of(best, target),
        reference=reference,
        reference_score=np.nan if reference is None else table.score(reference, target, of.primary),
        skill=table.score(best, target, SKILL),
        among_best=reference is not None and any(row is reference for row in (best, *undistinguished)),
        base=base,
        miss=_miss(table, best, target, base),
    )


def months_of(row: Row, target: str) -> tuple[str, str] | None:
    """The first and the last month of the test posts, by the slices of a month. Months of a few posts have
    none: None where more than a tenth of the posts lie in such."""
    slices = [one for one in row.run.slices if one.target == target and one.slice.startswith(MONTH)]
    posts = {one.slice.removeprefix(MONTH): one.n for one in slices}
    if sum(posts.values()) < MOST_IN_MONTHS * (row.run.n_test or 0):
        return None
    return (min(posts), max(posts)) if posts else None


def base_of(of: About, target: str) -> float | None:
    """The base of the logarithm that a target is scored on; None where it is none, or no card is known."""
    declared = card_of(of)
    if declared is None or target not in declared.targets or declared.targets[target].viral:
        return None
    return log_base(declared.targets[target].scale, declared.targets[target].unit)


def card_of(of: About) -> Card | None:
    """The project's card of the data set; None of one that only its owner has."""
    declared = _card(of.dataset)
    return declared if declared is not None and declared.title == of.title else None


@cache
def _card(dataset: str) -> Card | None:
    path = find_cards(PROJECT / "datasets").get(dataset)
    try:
        return None if path is None else load_card(path)
    except CardError:  # whoever prepares the data is told
        return None


def _ranked(table: Table, target: str, name: str, crawl: bool) -> list[Row]:
    """Rows by their score, the best first."""
    rows = [row for row in table.rows if row.ranked and row.about.crawl == crawl]
    scored = [(table.score(row, target, name), row) for row in rows if name in row.measures(target)]
    known = [(score, row) for score, row in scored if not np.isnan(score)]
    return [row for _, row in sorted(known, key=lambda one: -sign(name) * one[0])]


def _miss(table: Table, row: Row, target: str, base: float | None) -> float | None:
    """A mean distance between logarithms is the logarithm of a factor."""
    distances = [name for name in row.measures(target) if measure(name).is_distance]
    if base is None or not distances:
        return None
    found = float(base ** table.score(row, target, distances[0]))
    return found if np.isfinite(found) else None
