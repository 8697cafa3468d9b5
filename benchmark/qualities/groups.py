"""Groups: which posts are viral, and against which others they are held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.declared.column import KEY_COLUMNS
from benchmark.errors import SmpbenchError, UnknownName, quoted

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.run.tasks import TaskPosts

Rows = NDArray[np.int64]

ACCOUNT, CATEGORY = "account", "category"
"""What stands for the column of accounts, and for the top category."""
GROUPING_ROLES = ("user", "category", "categorical")
TOP = 0.1
FEWEST_POSTS = 20
"""Of a group: its top tenth is then two posts."""


@dataclass(frozen=True)
class Grouped:
    """The labelled posts of a task that have a group, by time."""

    rows: Rows
    """[n] positions among the posts of the task."""
    viral: NDArray[np.bool_]
    groups: Rows
    """[n] code of a group, into `names`."""
    names: list[str]
    called: str
    """What a group is: `account`, `category`."""
    definition: str
    """Which posts are viral, in words."""


def grouped(posts: TaskPosts, by: str = ACCOUNT, only: str | None = None) -> Grouped:
    """Posts by a column, and which of them are viral.

    Of a task of kind `event` those are viral whose first label says so. Else those are that rank among the
    top tenth of their group by the first target; of ties at the edge none is, so that they are never more.

    Args:
        by: `account`, `category` (the top one) or a column of categories known at publication.
        only: this one of the groups.

    Raises:
        UnknownName: no such column, no such group.
        SmpbenchError: the column cannot group posts; no group has enough of them, viral ones and others.
    """
    column = _column(posts.prepared.card, by)
    called = ACCOUNT if column == KEY_COLUMNS["user"] else column
    values = posts.table[column].cast("string").to_numpy(zero_copy_only=False)
    labels = posts.labels[:, 0]
    rows = np.flatnonzero(~np.isnan(labels) & np.array([value is not None for value in values], bool))
    if only is not None:
        if only not in values[rows]:
            raise UnknownName(called, only, map(str, np.unique(values[rows].astype(str))))
        rows = rows[values[rows] == only]
    names, groups = np.unique(values[rows].astype(str), return_inverse=True)
    target, event = posts.task.targets[0], posts.task.kind == "event"
    if event:
        viral, definition = labels[rows] == 1, f"those of which '{target}' is 1"
    else:
        viral = _top_tenth(labels[rows], groups)
        definition = f"the top tenth of each {called}'s own posts by '{target}'"
    keep = _with_both(viral, groups, fewest=1 if event else FEWEST_POSTS)
    if not keep.any():
        raise _too_few(posts, called, int(np.bincount(groups).max()) if len(groups) else 0, event)
    codes = np.unique(groups[keep], return_inverse=True)
    return Grouped(
        rows[keep], viral[keep], codes[1].astype(np.int64), list(names[codes[0]]), called, definition
    )


def _column(card: Card, by: str) -> str:
    known = {name: one for name, one in card.columns.items() if one.role in GROUPING_ROLES}
    if by == ACCOUNT and by not in card.columns:
        return KEY_COLUMNS["user"]
    categories = card.with_role("category")
    if by == CATEGORY and by not in card.columns and categories:
        return categories[0]
    if by not in known:
        if by in card.columns:
            problem = f"'{quoted(by)}' holds no categories (its role is '{card.columns[by].role}')"
            raise SmpbenchError(f"{card.name}: posts cannot be grouped by {problem}")
        raise UnknownName(f"column of {card.name} to group posts by", by, [ACCOUNT, *known])
    if known[by].availability == "crawl":
        raise SmpbenchError(
            f"{card.name}: '{quoted(by)}' is known only as it was when the posts were collected, which may "
            "be an effect of how they did. Group by a column that is known at publication"
        )
    return by


def _too_few(posts: TaskPosts, called: str, most: int, event: bool) -> SmpbenchError:
    where = f"{posts.prepared.card.name}, task '{posts.task.name}'"
    problem = (
        f"no {called} has {'both viral posts and others' if event else f'{FEWEST_POSTS} labelled posts'}"
    )
    if most >= FEWEST_POSTS and not event:
        problem = f"the labels of no {called} with {FEWEST_POSTS} posts differ enough to have a top tenth"
    return SmpbenchError(
        f"{where}: {problem} to be compared; the most labelled posts that one has are {most:,}. Compare "
        "within a column whose values are rarer, as --by category"
    )


def _top_tenth(labels: NDArray[np.float64], groups: Rows) -> NDArray[np.bool_]:
    """bool [n]: whether the post and all that do as well are at most a tenth of the group."""
    order = np.lexsort((-labels, groups))
    sizes = np.bincount(groups)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ranks = np.arange(1, len(labels) + 1) - first[groups[order]]
    # Of equal labels all have the rank of the last.
    last = np.ones(len(labels), bool)
    last[:-1] = (np.diff(labels[order]) != 0) | (np.diff(groups[order]) != 0)
    ends = np.flatnonzero(last)
    worst = ranks[ends[np.searchsorted(ends, np.arange(len(labels)))]]
    viral = np.zeros(len(labels), bool)
    viral[order] = worst <= TOP * sizes[groups[order]]
    return viral


def _with_both(viral: NDArray[np.bool_], groups: Rows, *, fewest: int) -> NDArray[np.bool_]:
    """bool [n]: posts of groups with viral posts and others, and at least so many."""
    if not len(groups):
        return np.zeros(0, bool)
    sizes, ones = np.bincount(groups), np.bincount(groups, viral)
    enough: NDArray[np.bool_] = ((sizes >= fewest) & (ones > 0) & (ones < sizes))[groups]
    return enough
