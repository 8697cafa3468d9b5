"""The report: what viral posts of a data set have in common against the others, quality by quality."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import SmpbenchError
from benchmark.qualities.association import Association, Sides
from benchmark.qualities.content import Content
from benchmark.qualities.groups import ACCOUNT, Grouped, grouped
from benchmark.qualities.qualities import QUALITIES
from benchmark.run.tasks import TaskPosts
from benchmark.scores.clusters import clusters
from benchmark.scores.measures.resamples import Resamples

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.data.prepared import Prepared
    from benchmark.declared.task import Task

ASSOCIATION = "an association among these posts, not what would happen if a post were changed"
MOST_POSTS = 20_000
"""That are looked at, unless asked for more: encoding takes time."""
FALSE = 0.05
"""Share of what is found that may be chance, by Benjamini and Hochberg 1995."""
LATE = 0.15
"""By how much the chance that a viral post is later than another of its group may differ from a half."""


@dataclass(frozen=True)
class Told:
    """A quality of which something is told."""

    name: str
    found: Association
    q: float
    """Smallest share of false discoveries at which it would be one."""

    @property
    def is_found(self) -> bool:
        return self.q <= FALSE


@dataclass(frozen=True)
class Report:
    dataset: str
    title: str
    task: str
    profile: str
    viral: str
    """Which posts are, in words."""
    called: str
    """What posts are held against the others of: `account`, `category`."""
    only: str | None
    groups: int
    accounts: int
    posts: int
    viral_posts: int
    drawn_of: int
    """Posts that there are to look at; more than `posts` where whole accounts were drawn."""
    first: str
    last: str
    """Time of publication, ISO 8601."""
    clusters: int
    by_time: bool
    """Whether clusters are stretches of time, and not accounts."""
    qualities: tuple[Told, ...]
    """In the order of `QUALITIES`."""
    not_told: Mapping[str, str]
    """Quality -> why nothing is."""
    notes: tuple[str, ...]


def report(
    prepared: Prepared,
    task: Task,
    home: Path,
    *,
    by: str = ACCOUNT,
    only: str | None = None,
    profile: str = "bundled",
    most: int = MOST_POSTS,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Labels are read, all of them: a tool for people, and nothing that a baseline may see.

    Args:
        home: whose feature cache is used, and filled with all posts of a data set of no more than `most`.
        by, only: see `benchmark.qualities.groups`.
        most: of more posts, whole accounts are drawn, the same ones each time, up to so many.
        say: told what is being done.

    Raises:
        SmpbenchError: the posts have neither text nor images, or cannot be compared by this column.
        UnknownName: no such column, group or profile.
    """
    content = Content.of(prepared)
    if not content.items:
        raise SmpbenchError(
            f"{prepared.card.name}: its posts have neither text nor images that are known at publication, "
            "and so no qualities"
        )
    posts = TaskPosts.of(prepared, task)
    of = grouped(posts, by, only)
    kept = _drawn(posts.users[of.rows], most)
    rows, viral, groups = of.rows[kept], of.viral[kept], of.groups[kept]
    values = content.qualities(posts.rows[rows], home, profile, most, say)
    users, times = posts.users[rows], posts.times[rows]
    sides = Sides(viral, groups, Resamples(clusters(users, times)))
    told, not_told = _associations(sides, values)
    return Report(
        dataset=prepared.card.name,
        title=prepared.card.title,
        task=task.name,
        profile=profile,
        viral=of.definition,
        called=of.called,
        only=only,
        groups=len(np.unique(groups)),
        accounts=len(np.unique(users)),
        posts=len(rows),
        viral_posts=int(viral.sum()),
        drawn_of=len(of.rows),
        first=str(np.datetime64(int(times.min()), "ms")),
        last=str(np.datetime64(int(times.max()), "ms")),
        clusters=sides.resamples.n_clusters,
        by_time=sides.resamples.n_clusters != len(np.unique(users)),
        qualities=told,
        not_told=not_told,
        notes=tuple(_notes(of, viral, groups, times, values, prepared)),
    )


def _drawn(users: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Positions of at most so many posts: of whole accounts, in an order of chance; of one, if it has more
    itself, posts of chance."""
    if len(users) <= most:
        return np.arange(len(users))
    rng = np.random.default_rng(0)
    names, sizes = np.unique(users, return_counts=True)
    order = rng.permutation(len(names))
    fits = np.cumsum(sizes[order]) <= most
    if not fits.any():
        return np.sort(rng.choice(len(users), most, replace=False))
    return np.flatnonzero(np.isin(users, names[order[fits]]))


def _associations(sides: Sides, values: pd.DataFrame) -> tuple[tuple[Told, ...], dict[str, str]]:
    from scipy.stats import false_discovery_control

    found: dict[str, Association] = {}
    not_told: dict[str, str] = {}
    for name in QUALITIES:
        one = np.asarray(values[name], np.float64)
        if np.isnan(one).all():
            continue  # no such content: not worth a line
        told = sides.association(one)
        if isinstance(told, str):
            not_told[name] = told
        else:
            found[name] = told
    # All that are told are one family, found or not: else the share of false ones would be no share.
    qs = false_discovery_control([one.p for one in found.values()]) if found else []
    told_of = (Told(name, one, float(q)) for (name, one), q in zip(found.items(), qs, strict=True))
    return tuple(told_of), not_told


def _notes(
    of: Grouped,
    viral: NDArray[np.bool_],
    groups: NDArray[np.int64],
    times: NDArray[np.int64],
    values: pd.DataFrame,
    prepared: Prepared,
) -> list[str]:
    notes = []
    late = _chance_later(viral, groups, times)
    if abs(late - 0.5) > LATE:
        notes.append(
            f"a viral post is later than another of its {of.called} in {late:.0%} of all pairs: what changed "
            "with time counts as well. Under a task of events that are told by the recent past it would not"
        )
    if prepared.card.content("text"):
        given = int(values["text.length"].notna().sum())
        scored = int(values["text.you"].notna().sum())
        if scored < given:
            notes.append(
                f"sentiment, profanity and other qualities of English are told of {scored:,} of {given:,} "
                "texts: the others are in other languages, or too short to tell"
            )
    return notes


def _chance_later(viral: NDArray[np.bool_], groups: NDArray[np.int64], times: NDArray[np.int64]) -> float:
    """Of all pairs of a viral post and another of its group, the share in which the viral one is later."""
    from scipy.stats import rankdata

    later = pairs = 0.0
    for rows in np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1]):
        ranks, ones = rankdata(times[rows]), int(viral[rows].sum())
        later += float(ranks[viral[rows]].sum()) - ones * (ones + 1) / 2
        pairs += ones * (len(rows) - ones)
    return later / pairs if pairs else 0.5
