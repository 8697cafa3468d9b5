"""Posts: what a baseline may see of some posts. Never a target."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.declared.card import Scale
    from benchmark.facts import Facts
    from benchmark.features import Named
    from benchmark.history import History, Told
    from benchmark.split import Clock
    from benchmark.timeline import Timeline

Array = NDArray[np.float32]
"""float32 [n, targets], on the scoring scale."""

READ = {
    "text": "text",
    "tags": "text",
    "image": "image",
    "category": "category",
    "numeric": "metadata",
    "categorical": "metadata",
    "place": "metadata",
    "vector": "metadata",
}
"""Role of a column -> what a baseline is said to have read that has asked for it. Beside these, encodings go
by their own names; `history` are an account's past labels, `account` is who posts and no more, `facts` are
rows beside the posts."""


class Holdout(NamedTuple):
    """A chronological split inside the training posts, under the rules of the protocol."""

    fit: Posts
    check: Posts
    fit_rows: NDArray[np.int64]
    """Positions of `fit` in the posts that were split: `y[fit_rows]` are its labels."""
    check_rows: NDArray[np.int64]


class Posts:
    """Some posts of one task, each as of the moment at which it is predicted.

    `len(posts)` is n; all arrays and tables below have n rows, in this order.
    """

    def __init__(
        self,
        timeline: Timeline,
        positions: NDArray[np.int64],
        clock: Clock,
        at_most: NDArray[np.int64] | None = None,
    ) -> None:
        """at_most: int64 [n] ms, the moments after which nothing is known, where they are earlier than the
        clock's."""
        self._timeline = timeline
        self._positions = positions
        self._clock = clock
        self._at_most = at_most
        self._history: tuple[int, Array, History] | None = None

    def __len__(self) -> int:
        return len(self._positions)

    def __repr__(self) -> str:
        return f"Posts({len(self)} posts, columns: {', '.join(self.columns)})"

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of what is predicted: the columns of y."""
        return self._timeline.schema.targets

    @property
    def scales(self) -> tuple[Scale, ...]:
        """Of each target: `log1p` where y is the logarithm of a count + 1, `signed-log` where it has the sign
        of a count that may be below zero, else `identity`."""
        return self._timeline.schema.scales

    @property
    def kind(self) -> str:
        """Of the task: `regression` or `event`."""
        return self._timeline.schema.kind

    @property
    def columns(self) -> list[str]:
        """Columns that may be seen: known at publication, or, under `--with-crawl`, when crawled."""
        return list(self._timeline.schema.columns)

    def with_role(self, *roles: str) -> list[str]:
        """Names of the columns with one of these roles (see the card), categories from the top level down."""
        return self._timeline.schema.with_role(*roles)

    @property
    def ids(self) -> NDArray[np.object_]:
        """str [n]"""
        return self._column("post_id")

    @property
    def users(self) -> NDArray[np.int64]:
        """int64 [n]: one code a user, the same in training and test."""
        self._asked("account")
        return self._timeline.users[self._positions]

    @property
    def times(self) -> NDArray[np.datetime64]:
        """datetime64[ms] [n], UTC: publication."""
        return self._timeline.times[self._positions].astype("datetime64[ms]")

    @property
    def moments(self) -> NDArray[np.datetime64]:
        """datetime64[ms] [n], UTC: as of when each is predicted, at the latest its publication."""
        return self._as_of.astype("datetime64[ms]")

    @property
    def known_at(self) -> NDArray[np.datetime64]:
        """datetime64[ms] [n], UTC: from when on the label of each may be known."""
        return self._clock.known_at(self._timeline.times[self._positions]).astype("datetime64[ms]")

    def column(self, name: str) -> pd.Series:
        """One column as pandas has it (a `vector` column: lists or None).

        Raises:
            KeyError: no such column, or it is known only at crawl time and crawl columns are withheld.
        """
        import pandas as pd

        self._look_at(name)
        return pd.Series(self._column(name), name=name)

    def codes(self, name: str) -> NDArray[np.int64]:
        """int64 [n]: of one column a code a value, in training and test the same; -1 where it is missing.
        Quicker to group by than the values are.

        Raises:
            KeyError: as `column` does.
        """
        self._look_at(name)
        return self._timeline.codes(name)[self._positions]

    def vector(self, name: str) -> NDArray[np.float32]:
        """float32 [n, d]: a `vector` column; rows of NaN where it is missing.

        Raises:
            KeyError: as `column` does.
        """
        from benchmark.features import vectors

        self._look_at(name)
        # Of all posts: a batch in which every vector is missing is as wide as any other.
        return vectors(self._timeline.taken(self._positions, [name])[name], self._timeline.width(name))

    def text(self) -> list[str]:
        """str [n]: the text columns and then the tags, joined by a blank; what `encode("text")` reads."""
        from benchmark.features import joined_text

        names = [name for name in self.with_role("text", "tags") if self._published(name)]
        self._asked("text" if names else None)
        joined = joined_text(self._timeline.taken(self._positions, names or ["post_id"]), names)
        strings: list[str] = joined.to_pylist()
        return strings

    def image_paths(self) -> list[Path | None]:
        """[n]: the image of each post; None where the data name none. A file may be missing or broken."""
        root = self._timeline.schema.images
        names = self.with_role("image")
        if root is None or not names:
            return [None] * len(self)
        self._asked("image")
        paths = self._timeline.taken(self._positions, names[:1])[names[0]].to_pylist()
        return [Path(root, path) if path else None for path in paths]

    def tabular(self) -> pd.DataFrame:
        """Ready features [n, p]: float32, and `category` for categoricals with the levels seen in training.

        Numbers and places as they are; counts of characters, words and marks of each text; the hour, the
        weekday and the day of the year. Unseen levels and missing values are NaN. No label goes in.
        """
        from benchmark.features import TABULAR, tabular

        self._asked("metadata")
        line = self._timeline
        table = line.taken(self._positions, ["time", *self.with_role(*TABULAR)])
        return tabular(table, line.schema.columns, line.categories, partial(line.counts, self._positions))

    def has(self, encoding: str) -> bool:
        """Whether `encode(encoding)` is to be had on this data set."""
        return encoding in self._timeline.schema.features

    def encode(self, encoding: str) -> NDArray[np.float32]:
        """float32 [n, d]: the frozen encoder's features (`text`, `image`, ...); zeros where nothing is.

        Raises:
            KeyError: not encoded; the baseline must name the encoding in `needs` or `wants`.
        """
        features = self._features(encoding)
        self._asked(encoding)
        return features.rows(self._timeline.rows[self._positions])

    def encoded(self, encoding: str) -> NDArray[np.bool_]:
        """bool [n]: whether the post had content that could be encoded (False: no image, or a broken one)."""
        return self._features(encoding).ok(self._timeline.rows[self._positions])

    def history(self, k: int = 20, *, newest: int = 20) -> History:
        """Each post's user's k latest earlier posts, and the labels known at the moment of prediction.

        Args:
            newest: how many of the newest known labels `recent` has, at least 20. An account's median and
                the like are of 20 whatever it is.
        """
        from benchmark.history import history

        self._asked("history")
        line, kept = self._timeline, self._history
        if kept and (k, newest) == (1, kept[0]) and np.array_equal(kept[1], line.labels, equal_nan=True):
            return kept[2].copy()
        of = line.users, line.times, line.labels, self._positions, self._as_of
        found = history(*of, clock=self._clock, k=k, newest=newest, order=line.order)
        if k == 1:  # a model asks for it twice, for the level and for its features; longer ones are large
            self._history = newest, line.labels.copy(), found
            return found.copy()
        return found

    def told(self, k: int = 20) -> Told:
        """Each post's user's k newest earlier posts whose labels are known at the moment of prediction,
        however many newer ones there are whose labels are not."""
        from benchmark.history import told

        self._asked("history")
        line = self._timeline
        of = line.users, line.times, line.labels, self._positions, self._as_of
        return told(*of, clock=self._clock, k=k, order=line.order)

    def recent(self, accounts: NDArray[np.int64]) -> Array:
        """float32 [n, targets]: of one account for each post, whoever it is, the median of its newest known
        labels, as `history().recent_median` has it of the post's own; NaN where none is known.

        Args:
            accounts: int64 [n], codes as in `users`.
        """
        from benchmark.history import recent_of

        self._asked("history")
        line = self._timeline
        return recent_of(
            line.users, line.times, line.labels, accounts, self._as_of, clock=self._clock, order=line.order
        )

    @property
    def counted(self) -> bool:
        """Whether labels are events derived of engagement, which then is known as they are."""
        return bool(self._timeline.schema.viral)

    def of_engagement(self) -> Posts:
        """The same posts as a regression has them: `history()` knows the engagement of which the events are
        derived, on a logarithmic scale where it is counted."""
        return Posts(self._timeline.of_engagement(), self._positions, self._clock, self._at_most)

    def engagement(self) -> Array:
        """float32 [n, targets]: the engagement of those of these posts whose labels are known, such as the
        training posts; NaN of all others."""
        return self._timeline.engagement[self._positions]

    def threshold(self) -> Array:
        """float32 [n, targets]: the engagement that each post must exceed to be viral, as far as the moment
        of its prediction knows it.

        By the rule of the label, with its window before that moment, over the posts whose engagement is known
        by then. Where it holds too few, the newest are taken however old they are; NaN where there are none.
        Of a rule `at_least`, next below that number, always.
        """
        return self._timeline.thresholds(self._positions, self._as_of, self._clock)

    @property
    def fact_tables(self) -> list[str]:
        """Names of the fact tables of this data set: what `facts` takes."""
        return list(self._timeline.ledgers)

    def facts(self, name: str) -> Facts:
        """The rows of a fact table that each post's moment of prediction knows, about any post or user.

        Raises:
            KeyError: the data set has no such table.
        """
        from benchmark.facts import Facts

        if name not in self._timeline.ledgers:
            raise KeyError(f"no facts '{name}'; there are: {', '.join(self.fact_tables) or 'none'}")
        self._asked("facts")
        line = self._timeline
        users = line.users[self._positions]
        return Facts(line.ledgers[name], line.places(name), self._as_of, users, self._positions)

    @property
    def naming(self) -> list[str]:
        """Names of the fact tables of whom posts name: what `named` takes."""
        return [name for name in self._timeline.schema.naming if name in self._timeline.ledgers]

    def named(self, name: str) -> Named:
        """Whom each of these posts names itself. The table `facts(name)` has the same of earlier posts.

        Raises:
            KeyError: the data set has no such table of whom posts name.
        """
        from benchmark.features import Named, named_in

        if name not in (known := self.naming):
            raise KeyError(f"no facts '{name}' of whom posts name; there are: {', '.join(known) or 'none'}")
        self._asked("facts")
        of = self._timeline.schema.naming[name]
        rows, names, how = named_in(self._timeline.taken(self._positions, [*of.values()]), of)
        order = np.argsort(rows, kind="stable")
        names = names.take(order)
        accounts = self._timeline.accounts(names)
        return Named(rows[order], accounts, names.to_numpy(zero_copy_only=False), how[order])

    def holdout(self, fraction: float = 0.2) -> Holdout:
        """Hold the newest `fraction` of these (training) posts out, as the protocol holds out the test.

        `check` sees only labels known at the new cut-off (or, rolling, at its blocks' starts). Posts whose
        labels had not matured by the new cut-off are in neither part.

        Raises:
            ValueError: `fraction` is not inside (0, 1), or one part would be empty.
        """
        from benchmark.split import held_out

        clock, fit_rows, check_rows = held_out(self._clock, self._timeline.times[self._positions], fraction)
        at_most = None if self._at_most is None else self._at_most[check_rows]
        check = Posts(self._timeline, self._positions[check_rows], clock, at_most)
        return Holdout(self.take(fit_rows), check, fit_rows, check_rows)

    def take(self, rows: NDArray[np.int64]) -> Posts:
        """These rows of these posts, in this order, each still as of its own moment."""
        at_most = None if self._at_most is None else self._at_most[rows]
        return Posts(self._timeline, self._positions[rows], self._clock, at_most)

    def staler(self, moments: NDArray[np.datetime64]) -> Posts:
        """The same posts, each as of an earlier moment: its past, engagement, thresholds and facts are those
        known by then. A moment later than its own changes nothing: no post learns more than it knew.

        A model can so meet in training the staleness that `holdout` shows the test to have.

        Args:
            moments: datetime64[ms] [n], UTC.
        """
        wanted = moments.astype("datetime64[ms]").astype(np.int64)
        if wanted.shape != self._positions.shape:
            raise ValueError(f"moments of shape {wanted.shape}; wanted is one for each of {len(self)} posts")
        return Posts(self._timeline, self._positions, self._clock, np.minimum(wanted, self._as_of))

    def at(self, positions: NDArray[np.int64]) -> Posts:
        """The posts at these positions of the timeline: those that `history().previous` names.

        Raises:
            IndexError: one of them is published after the last of these posts.
        """
        times = self._timeline.times
        if len(positions) and times[positions].max() > times[self._positions].max(initial=-(2**62)):
            raise IndexError("a post may look at those published before it, and not at later ones")
        return Posts(self._timeline, positions, self._clock)

    @cached_property
    def _as_of(self) -> NDArray[np.int64]:
        as_of = self._clock.as_of(self._timeline.times[self._positions])
        return as_of if self._at_most is None else np.minimum(as_of, self._at_most)

    def _asked(self, what: str | None) -> None:
        if what is not None:
            self._timeline.asked.add(what)

    def _look_at(self, name: str) -> None:
        """Raise a KeyError unless a column may be seen; that it was asked for is noted."""
        if name not in self._timeline.schema.columns:
            raise KeyError(f"no column '{name}' that may be seen; there are: {', '.join(self.columns)}")
        self._asked(READ.get(self._timeline.schema.columns[name].role))

    def _column(self, name: str) -> NDArray[np.object_]:
        return self._timeline.taken(self._positions, [name])[name].to_pandas().to_numpy()

    def _published(self, name: str) -> bool:
        return self._timeline.schema.columns[name].availability == "publish"

    def _features(self, encoding: str):  # type: ignore[no-untyped-def]
        try:
            return self._timeline.schema.features[encoding]
        except KeyError:
            known = ", ".join(self._timeline.schema.features) or "nothing"
            raise KeyError(
                f"'{encoding}' is not encoded (there is: {known}); name it in the baseline's `needs` or "
                "`wants`"
            ) from None
