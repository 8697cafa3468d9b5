"""Aims: what a model is to say, the label around the account's recent level or the chance of an event."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from baselines.parts.accounts import Accounts
from baselines.parts.errors import LOG_LOSS, MAE, SUREST, Error
from baselines.parts.level import RecentLevel
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd

    from baselines.parts.kept import Kept, Learnt
    from benchmark.history import Told

FREQUENT = 30
"""Training posts of an account that is a category of its own."""


class Aim(ABC):
    """n posts, t targets. A model explains `wanted`; `answer` makes the prediction of what it says."""

    rounds: ClassVar[int] = 1
    """How many times the rounds of trees that a setting allows."""
    error: ClassVar[Error]
    """By which answers to held-out posts are judged."""

    @abstractmethod
    def fit(self, posts: Posts, y: Array) -> Self:
        """Sets `of_training`, `wanted` and `hints`."""

    of_training: Array
    """float32 [n, t]: the base of the training posts, each as it was at its time."""
    wanted: Array
    """float32 [n, t]"""
    hints: Array
    """float32 [n, h]: for each of them the one direction of an embedding is sought that says most of it."""

    def hinted(self, targets: int) -> int:
        """h for so many targets."""
        return targets

    @abstractmethod
    def base(self, posts: Posts) -> Array:
        """float32 [n, t]: what the model's values are added to."""

    @abstractmethod
    def add(self, posts: Posts, y: Array) -> None:
        """Labels that have become known."""

    @abstractmethod
    def past(self, posts: Posts) -> pd.DataFrame | None:
        """[n, p]: what is told of the account's past; None: nothing."""

    @abstractmethod
    def found(self, posts: Posts, y: Array) -> Array:
        """float32 [n, t]: `of_training`, had the training posts been seen as of the moments of these."""

    @abstractmethod
    def steps(self, posts: Posts, k: int, base: Array) -> Told:
        """The k newest earlier posts of each post's account of which it is known how popular they were;
        `labels` say that relative to the account."""

    @abstractmethod
    def answer(self, base: Array, values: Array) -> Array:
        """float32, of the shape of both"""

    @abstractmethod
    def middle(self, wanted: Array) -> float:
        """Of a target, where nothing is to be learnt."""

    @abstractmethod
    def keep(self, learnt: Learnt) -> None: ...

    @abstractmethod
    def restore(self, kept: Kept, known: Posts, y: Array) -> Self: ...


class Around(Aim):
    """The label less the account's recent level, or, without history, less the middle of all."""

    error = MAE

    def __init__(self, history: bool) -> None:
        self.history = history

    def fit(self, posts: Posts, y: Array) -> Self:
        self.medians = np.median(y, axis=0)
        if self.history:
            self.level = RecentLevel().fit(posts, y)
        self.of_training = self.level.of_training if self.history else self.base(posts)
        self.wanted = self.hints = y - self.of_training
        return self

    def base(self, posts: Posts) -> Array:
        if self.history:
            return self.level.of(posts)
        return np.tile(self.medians, (len(posts), 1))

    def found(self, posts: Posts, y: Array) -> Array:
        return self.level.found(posts, y) if self.history else self.base(posts)

    def add(self, posts: Posts, y: Array) -> None:
        if self.history:
            self.level.add(posts, y)

    def past(self, posts: Posts) -> pd.DataFrame | None:
        return posts.history(1).frame(relative=True) if self.history else None

    def steps(self, posts: Posts, k: int, base: Array) -> Told:
        """Labels less the base."""
        told = posts.told(k)
        return replace(told, labels=told.labels - base[:, None])

    def answer(self, base: Array, values: Array) -> Array:
        return (base + values).astype(np.float32)

    def middle(self, wanted: Array) -> float:
        return float(np.median(wanted))

    def keep(self, learnt: Learnt) -> None:
        if self.history:
            self.level.keep(learnt.part("level"))
        learnt.put("middle", self.medians)

    def restore(self, kept: Kept, known: Posts, y: Array) -> Self:
        if self.history:
            self.level = RecentLevel.restored(kept.part("level"), known, y)
        self.medians = kept.array("middle", "f", len(known.targets))
        return self


class AroundMiddle(Around):
    """The label less the middle of all: the account's past is told, and not corrected by."""

    def __init__(self) -> None:
        super().__init__(history=False)

    def past(self, posts: Posts) -> pd.DataFrame | None:
        return posts.history(1).frame()


class Chance(Aim):
    """The probability of an event, by log loss.

    With history the account's past events are told, and, where events are derived of engagement, its past
    engagement, relative to its own level, and by how much its threshold lies above that. Accounts of many
    posts are a category of their own: what goes viral is not the same everywhere.
    """

    rounds = 3
    error = LOG_LOSS

    def __init__(self, history: bool) -> None:
        self.history = history

    def fit(self, posts: Posts, y: Array) -> Self:
        self.of_training = self.base(posts)
        self.wanted, self.hints = y, y - y.mean(axis=0)
        self.counted = posts.counted
        self.spread = np.ones(y.shape[1], np.float32)
        if self.counted:
            excess = posts.engagement() - posts.threshold()
            self.spread = _spread(excess)
            self.hints = np.hstack([self.hints, _standardised(excess, self.spread)]).astype(np.float32)
        self.accounts = Accounts().fit(posts)
        codes, counts = np.unique(posts.users, return_counts=True)
        self.frequent = codes[counts >= FREQUENT]
        return self

    def hinted(self, targets: int) -> int:
        return 2 * targets if self.counted else targets

    def base(self, posts: Posts) -> Array:
        return np.zeros((len(posts), len(posts.targets)), np.float32)

    def found(self, posts: Posts, y: Array) -> Array:
        return self.base(posts)

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

    def steps(self, posts: Posts, k: int, base: Array) -> Told:
        """The events; where they are derived of engagement, that, relative to the account's own level, in
        units of the spread of all."""
        if not self.counted:
            return posts.told(k)
        counted = posts.of_engagement()
        told, level = counted.told(k), counted.history(1).recent_median
        return replace(told, labels=((told.labels - level[:, None]) / self.spread).astype(np.float32))

    def answer(self, base: Array, values: Array) -> Array:
        return np.clip(values, SUREST, 1 - SUREST).astype(np.float32)

    def middle(self, wanted: Array) -> float:
        return float(np.mean(wanted))

    def keep(self, learnt: Learnt) -> None:
        self.accounts.keep(learnt.part("accounts"))
        learnt.put("frequent", self.frequent)
        learnt.tell("counted", self.counted)
        learnt.put("spread", self.spread)

    def restore(self, kept: Kept, known: Posts, y: Array) -> Self:
        self.accounts = Accounts.restored(kept.part("accounts"), known)
        self.frequent = kept.array("frequent", "i", None)
        self.counted = kept.told("counted", bool)
        self.spread = kept.array("spread", "f", len(known.targets))
        return self


def aim_of(posts: Posts, *, history: bool, level: bool = True) -> Aim:
    """By the kind of task that the posts are of.

    Args:
        level: whether a label with history is one around the account's recent level; no event is.
    """
    if posts.kind == "event":
        return Chance(history)
    return Around(history) if level or not history else AroundMiddle()


def past_of_events(posts: Posts) -> pd.DataFrame:
    """float32 [n, p]: past events, and past engagement where events are derived of it."""
    import pandas as pd

    events = posts.history(1).frame()
    if not posts.counted:
        return events
    counted = posts.of_engagement().history(1)
    threshold = posts.threshold()
    above = {"threshold": threshold - counted.recent_median, "from_last": threshold - counted.recent[:, 0]}
    columns = {f"{name}_{j}": values[:, j] for name, values in above.items() for j in range(values.shape[1])}
    frame = counted.frame(relative=True).drop(columns=["history_recency"])
    return events.join(frame.add_prefix("engagement_")).join(pd.DataFrame(columns))


def _spread(excess: Array) -> Array:
    """float32 [t]: of that by which engagement exceeds the threshold [n, t], NaN where none was known."""
    spread = np.nanstd(excess, axis=0) if len(excess) else np.ones(excess.shape[1])
    return np.nan_to_num(np.maximum(spread, 1e-6), nan=1.0).astype(np.float32)


def _standardised(excess: Array, spread: Array) -> Array:
    """float32 [n, t]; 0 where no threshold was known."""
    scaled = np.nan_to_num((excess - np.nanmean(excess, axis=0)) / spread)
    return np.clip(scaled, -3, 3).astype(np.float32)
