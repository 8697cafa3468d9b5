"""Aims: what trees are to say, the label around the account's recent level or the chance of an event."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from baselines.parts.accounts import Accounts
from baselines.parts.level import RecentLevel
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd

    from baselines.parts.kept import Kept, Learnt

SUREST = 1e-4
"""No chance is nearer to 0 or 1."""
FREQUENT = 30
"""Training posts of an account that is a category of its own."""


class Aim(ABC):
    """n posts, t targets. Trees explain `wanted`; `answer` makes the prediction of what they say."""

    rounds: ClassVar[int] = 1
    """How many times the rounds that a setting allows."""
    error_name: ClassVar[str]

    @abstractmethod
    def fit(self, posts: Posts, y: Array) -> Self:
        """Sets `wanted` and `hints`."""

    wanted: Array
    """float32 [n, t]"""
    hints: Array
    """float32 [n, h]: for each of them the one direction of an embedding is sought that says most of it."""

    def hinted(self, targets: int) -> int:
        """h for so many targets."""
        return targets

    @abstractmethod
    def base(self, posts: Posts) -> Array:
        """float32 [n, t]: what the trees' values are added to."""

    @abstractmethod
    def add(self, posts: Posts, y: Array) -> None:
        """Labels that have become known."""

    @abstractmethod
    def past(self, posts: Posts) -> pd.DataFrame | None:
        """[n, p]: what is told of the account's past; None: nothing."""

    @abstractmethod
    def answer(self, base: Array, values: Array) -> Array:
        """float32, of the shape of both"""

    @abstractmethod
    def error(self, answer: Array, y: Array) -> float:
        """By which answers to held-out posts are judged."""

    @abstractmethod
    def middle(self, wanted: Array) -> float:
        """Of a target, where nothing is to be learnt."""

    @abstractmethod
    def keep(self, learnt: Learnt) -> None: ...

    @abstractmethod
    def restore(self, kept: Kept, known: Posts, y: Array) -> Self: ...


class Around(Aim):
    """The label less the account's recent level, or, without history, less the middle of all."""

    error_name = "MAE"

    def __init__(self, history: bool) -> None:
        self.history = history

    def fit(self, posts: Posts, y: Array) -> Self:
        self.level = RecentLevel().fit(posts, y)
        self.medians = np.median(y, axis=0)
        self.wanted = self.hints = y - (self.level.of_training if self.history else self.base(posts))
        return self

    def base(self, posts: Posts) -> Array:
        if self.history:
            return self.level.of(posts)
        return np.tile(self.medians, (len(posts), 1))

    def add(self, posts: Posts, y: Array) -> None:
        self.level.add(posts, y)

    def past(self, posts: Posts) -> pd.DataFrame | None:
        return posts.history().frame(relative=True) if self.history else None

    def answer(self, base: Array, values: Array) -> Array:
        return (base + values).astype(np.float32)

    def error(self, answer: Array, y: Array) -> float:
        return float(np.abs(answer - y).mean())

    def middle(self, wanted: Array) -> float:
        return float(np.median(wanted))

    def keep(self, learnt: Learnt) -> None:
        self.level.keep(learnt.part("level"))
        learnt.put("middle", self.medians)

    def restore(self, kept: Kept, known: Posts, y: Array) -> Self:
        self.level = RecentLevel.restored(kept.part("level"), known, y)
        self.medians = kept.array("middle", "f", len(known.targets))
        return self


class Chance(Aim):
    """The probability of an event, by log loss.

    With history the account's past events are told, and, where events are derived of engagement, its past
    engagement, relative to its own level, and by how much its threshold lies above that. Accounts of many
    posts are a category of their own: what goes viral is not the same everywhere.
    """

    rounds = 3
    error_name = "log loss"

    def __init__(self, history: bool) -> None:
        self.history = history

    def fit(self, posts: Posts, y: Array) -> Self:
        self.wanted, self.hints = y, y - y.mean(axis=0)
        self.counted = posts.counted
        if self.counted:
            self.hints = np.hstack([self.hints, _excess(posts)]).astype(np.float32)
        self.accounts = Accounts().fit(posts)
        codes, counts = np.unique(posts.users, return_counts=True)
        self.frequent = codes[counts >= FREQUENT]
        return self

    def hinted(self, targets: int) -> int:
        return 2 * targets if self.counted else targets

    def base(self, posts: Posts) -> Array:
        return np.zeros((len(posts), len(posts.targets)), np.float32)

    def add(self, posts: Posts, y: Array) -> None:
        """The history of posts knows them."""

    def past(self, posts: Posts) -> pd.DataFrame | None:
        import pandas as pd

        if not self.history:
            return None
        codes = self.accounts.of(posts.users)
        place = np.searchsorted(self.frequent, codes)
        known = np.isin(codes, self.frequent)
        names = pd.Index([str(i) for i in range(len(self.frequent))], dtype="str")
        account = pd.Categorical.from_codes(np.where(known, place, -1), categories=names)
        return past_of_events(posts).assign(account=account)

    def answer(self, base: Array, values: Array) -> Array:
        return np.clip(values, SUREST, 1 - SUREST).astype(np.float32)

    def error(self, answer: Array, y: Array) -> float:
        return log_loss(answer, y)

    def middle(self, wanted: Array) -> float:
        return float(np.mean(wanted))

    def keep(self, learnt: Learnt) -> None:
        self.accounts.keep(learnt.part("accounts"))
        learnt.put("frequent", self.frequent)
        learnt.tell("counted", self.counted)

    def restore(self, kept: Kept, known: Posts, y: Array) -> Self:
        self.accounts = Accounts.restored(kept.part("accounts"), known)
        self.frequent = kept.array("frequent", "i", None)
        self.counted = kept.told("counted", bool)
        return self


def aim_of(posts: Posts, *, history: bool) -> Aim:
    """By the kind of task that the posts are of."""
    return Chance(history) if posts.kind == "event" else Around(history)


def past_of_events(posts: Posts) -> pd.DataFrame:
    """float32 [n, p]: past events, and past engagement where events are derived of it."""
    import pandas as pd

    events = posts.history().frame()
    if not posts.counted:
        return events
    counted = posts.of_engagement().history()
    threshold = posts.threshold()
    above = {"threshold": threshold - counted.recent_median, "from_last": threshold - counted.recent[:, 0]}
    columns = {f"{name}_{j}": values[:, j] for name, values in above.items() for j in range(values.shape[1])}
    frame = counted.frame(relative=True).drop(columns=["history_recency"])
    return events.join(frame.add_prefix("engagement_")).join(pd.DataFrame(columns))


def log_loss(answer: Array, y: Array) -> float:
    """Mean over posts and targets, in nats."""
    sure = np.clip(answer.astype(np.float64), SUREST, 1 - SUREST)
    return float(-np.mean(np.where(y == 1, np.log(sure), np.log1p(-sure))))


def _excess(posts: Posts) -> Array:
    """float32 [n, t]: by how much engagement exceeded the threshold, in units of its spread; 0 where none was
    known."""
    excess = posts.engagement() - posts.threshold()
    spread = np.nanstd(excess, axis=0) if len(posts) else np.ones(excess.shape[1])
    scaled = np.nan_to_num((excess - np.nanmean(excess, axis=0)) / np.maximum(spread, 1e-6))
    return np.clip(scaled, -3, 3).astype(np.float32)
