"""Facts: what is known beside the posts by the moment at which each is predicted, and nothing later.

The rows of a fact table stand in the order in which they become known, so what a post may know is a prefix of
the table. All look-ups are vectorised over posts; `tests/test_facts.py` holds them against a naive loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.split import DAY_MS

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.ledger import Ledger

Ints = NDArray[np.int64]


class Facts:
    """The rows of one fact table as n posts may know them. Post i knows the rows [0, ends[i]).

    A row is named by its place in the table. Look-ups take `by`, a column of role `user` or `post`, and `of`,
    whom to look up for each post: int64 [n, ...], codes as in `Posts.users` or, for role `post`, positions as
    in `History.previous`; -1 is nobody. Without `of` it is the post's own user, or the post itself. Without
    `by` every row that a post knows counts.
    """

    def __init__(
        self, ledger: Ledger, places: Ints | None, as_of: Ints, users: Ints, positions: Ints
    ) -> None:
        self._ledger, self._places = ledger, places
        self._as_of, self._users, self._positions = as_of, users, positions
        self.ends: Ints = np.searchsorted(ledger.known_at, as_of, side="right")
        """int64 [n]: how many rows each post knows."""

    def __len__(self) -> int:
        """Number of rows m that any of these posts knows."""
        return int(self.ends.max(initial=0))

    @property
    def columns(self) -> list[str]:
        return list(self._ledger.columns)

    def with_role(self, *roles: str) -> list[str]:
        """Names of the columns with one of these roles (see the card)."""
        return self._ledger.with_role(*roles)

    @property
    def table(self) -> pa.Table:
        """[m] the rows that the last of these posts knows; an earlier post knows those before its `ends`."""
        import pyarrow as pa

        if self._ledger.table is None:
            return pa.table({name: pa.nulls(0) for name in self.columns})
        return self._ledger.table.slice(0, len(self))

    @property
    def known_at(self) -> NDArray[np.datetime64]:
        """datetime64[ms] [m], UTC, ascending."""
        return self._ledger.known_at[: len(self)].astype("datetime64[ms]")

    def codes(self, name: str) -> Ints:
        """int64 [m]: a column of role `user`, coded as `Posts.users`; of role `post`, as positions for
        `Posts.at`, -1 where the post has not been handed over (it may be none of this task)."""
        return self._codes(name)[: len(self)]

    def latest(self, k: int = 1, by: str | None = None, of: Ints | None = None) -> Ints:
        """int64 [n, ..., k]: the k latest rows, newest first; -1 where there are fewer."""
        if by is None:
            place = self.ends[:, None] - 1 - np.arange(k)
            return np.maximum(place, -1)
        of = self._asked(by, of)
        return self._ledger.past(by, self._codes(by)).latest(of, _spread(self.ends, of), k)[0]

    def count(self, by: str | None = None, of: Ints | None = None, *, days: float | None = None) -> Ints:
        """int64 [n, ...]: how many rows; those of the last `days` before the moment of prediction alone."""
        first, end = self._span(by, of, days)
        return end - first

    def sum(
        self, column: str, by: str | None = None, of: Ints | None = None, *, days: float | None = None
    ) -> NDArray[np.float64]:
        """float64 [n, ...]: the sum of a numeric column over the rows that `count` counts; a missing value
        adds nothing."""
        self._check_numeric(column)
        first, end = self._span(by, of, days)
        running = self._ledger.running(column, by, None if by is None else self._codes(by))
        if not len(running):
            return np.zeros(end.shape)
        until = running[np.maximum(end - 1, 0)]
        # The running sum starts anew with each code: what lies before its first row is none of its.
        origin = np.zeros_like(first) if by is None else self._span(by, of, None)[0]
        before = np.where(first > origin, running[np.maximum(first - 1, 0)], 0.0)
        return np.where(end > first, until - before, 0.0)

    def take(self, column: str, rows: Ints) -> NDArray[Any]:
        """Values at rows as `latest` gives them, in their shape: float64 with NaN for a numeric column, else
        object with None; so too where a row is -1.

        Raises:
            IndexError: a row that none of these posts knows.
        """
        if rows.size and (rows.min() < -1 or rows.max() >= len(self)):
            raise IndexError(f"rows must lie in -1 .. {len(self) - 1}")
        numeric = self._declared(column) == "numeric"
        empty: Any = np.nan if numeric else None
        found = np.full(rows.shape, empty, np.float64 if numeric else object)
        there = rows >= 0
        if there.any():
            assert self._ledger.table is not None
            taken = self._ledger.table[column].take(rows[there]).to_pandas()
            found[there] = taken.to_numpy(np.float64 if numeric else object)
        return found

    def ages(self, rows: Ints) -> NDArray[np.float32]:
        """float32, in the shape [n, ...] of the rows: days from when a row was known to the moment of
        prediction; NaN where a row is -1."""
        if not len(self._ledger):
            return np.full(rows.shape, np.nan, np.float32)
        days = (_spread(self._as_of, rows) - self._ledger.known_at[np.maximum(rows, 0)]) / DAY_MS
        return np.where(rows >= 0, days, np.nan).astype(np.float32)

    def _span(self, by: str | None, of: Ints | None, days: float | None) -> tuple[Ints, Ints]:
        """First place and end of the rows asked for, in the order of `Ledger.past`, or of the rows."""
        since = np.zeros_like(self.ends)
        if days is not None:
            since = np.searchsorted(self._ledger.known_at, self._as_of - round(days * DAY_MS), side="right")
        if by is None:
            return since, self.ends
        past = self._ledger.past(by, self._codes(by))
        of = self._asked(by, of)
        return past.places(of, _spread(since, of)), past.places(of, _spread(self.ends, of))

    def _asked(self, by: str, of: Ints | None) -> Ints:
        """Whom to look up."""
        if of is None:
            return self._users if self._declared(by) == "user" else self._positions
        if of.shape[:1] != self.ends.shape:
            raise ValueError(f"`of` has shape {of.shape}; its first axis must be the {len(self.ends)} posts")
        return of

    def _codes(self, name: str) -> Ints:
        role = self._declared(name)
        if role == "user":
            return self._ledger.users.get(name, self._ledger.known_at[:0])
        if role == "post" and self._places is not None:
            return self._places
        known = ", ".join(self._ledger.with_role("user", "post")) or "none"
        raise ValueError(f"column '{name}' names neither a user nor a post; those that do: {known}")

    def _check_numeric(self, name: str) -> None:
        if self._declared(name) != "numeric":
            known = ", ".join(self._ledger.with_role("numeric")) or "none"
            raise ValueError(f"column '{name}' is not numeric; those that are: {known}")

    def _declared(self, name: str) -> str:
        if name not in self._ledger.columns:
            raise KeyError(f"no column '{name}' in these facts; there are: {', '.join(self.columns)}")
        return self._ledger.columns[name].role


def _spread(values: Ints, like: Ints) -> Ints:
    """[n] -> [n, ...]: each post's value for all that is asked of it."""
    return np.broadcast_to(values.reshape(-1, *[1] * (like.ndim - 1)), like.shape)
