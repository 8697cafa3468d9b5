"""Gaussian process: a label as an account's process in time, what is linear in a post's features, and noise.

    label = x · weights + process of the account (see `state_space`) + noise

Weights are normal, with one standard deviation for each group of features: the kernel is linear in them. The
filter makes the rest independent, of labels and features alike, so that what is left is a ridge regression;
both together are exactly the process, its evidence included, in time linear in the posts. Noise may have
heavy tails: a label far from what was expected then counts as one with more of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baselines.parts.kept import Kept, Learnt
    from baselines.processes.state_space import Filtered
    from benchmark import Array

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

TAIL = 4.0
"""Degrees of freedom of Student's t, where noise has heavy tails."""
LOOSE = 2.0
"""Standard deviation of the logarithm of each setting around where the search starts: evidence of few posts
is weak."""
LINE = 0.3
"""What the straight lines of accounts rise over all time, in units of the noise, where the search starts. A
line goes furthest wrong: from 1, one of three holdouts of the tweets of one account had twice the error."""
SPREAD = 0.1
"""Of weights, where the search starts, in units of the noise."""
TURNS = 4
SEARCH = 25
"""Iterations of a turn at most."""
LARGEST = 7.0
"""No setting is further from its start than e^7 times."""
AT_ONCE = 20_000
"""Posts whose features are filtered together."""
CONSTANT = 10.0
"""Standard deviation of the constant, in units of the noise."""


class Series(NamedTuple):
    """n labelled posts, in the order of account and then of time."""

    users: NDArray[np.int64]
    """[n]"""
    days: Floats
    """[n]"""
    x: Array
    """[n, p] features, the last one constant."""
    groups: NDArray[np.int64]
    """[p] of each feature its group; -1 of the constant."""

    @property
    def first(self) -> Bools:
        """[n] whether a post is its account's first."""
        return np.append(True, self.users[1:] != self.users[:-1])[: len(self.users)]

    def newest(self, users: NDArray[np.int64], days: Floats) -> NDArray[np.int64]:
        """[m]: the last post of each of these accounts up to this moment; -1 where it has none."""
        accounts, at = (np.concatenate(pair) for pair in ((self.users, users), (self.days, days)))
        # Of one moment, the posts here come before what is asked, and what is asked says nothing of others.
        order = np.lexsort([np.arange(len(accounts)) >= len(self.users), at, accounts])
        here = order < len(self.users)
        last = np.maximum.accumulate(np.where(here, order, -1))
        asked = order[~here] - len(self.users)
        found = np.full(len(users), -1)
        found[asked] = last[~here]
        own = (found >= 0) & (self.users[found] == users)
        return np.where(own, found, -1)

    def take(self, rows: NDArray[np.int64]) -> Series:
        return Series(self.users[rows], self.days[rows], self.x[rows], self.groups)

    def sample(self, most: int) -> NDArray[np.int64]:
        """Rows of about so many posts: whole accounts, and of these the newest posts where they are more."""
        accounts = np.cumsum(self.first) - 1
        rows = np.flatnonzero(accounts % -(-len(self.users) // most) == 0)
        if len(rows) > most:
            rows = np.sort(rows[np.argsort(-self.days[rows], kind="stable")[:most]])
        return rows


@dataclass
class GaussianProcess:
    """Of one target."""

    heavy: bool
    """Whether noise has heavy tails."""
    calm: float = 1.0
    """Times what the level wanders by evidence. Evidence is of the next post; the further ahead is predicted,
    the more a level that has run after the newest labels errs."""

    def search(self, series: Series, y: Floats) -> Self:
        """Find settings of large evidence: in turns those of the process, with the weights as they are, and
        the spreads of the weights, with the process as it is. That is a hundred times faster than at once."""
        self.middle, self.scale = float(np.median(y)), float(np.std(y)) or 1.0
        self.process = start = _start(max(float(np.ptp(series.days)), 1.0))
        self.spreads = np.full(int(series.groups.max(initial=-1)) + 1, SPREAD)
        self.weights = np.zeros(series.x.shape[1])
        noise = np.ones(len(y))
        for _ in range(TURNS):
            self.weights = self._regressed(series, y, noise, search=True)
            left = self._left(series, y)
            self.process = _searched(
                lambda logs: _surprise(np.exp(logs), series, left, noise),  # noqa: B023
                np.log(self.process),
                np.log(start),
            )
            noise = self._noise(series, y, self.process)
        return self

    def learn(self, series: Series, y: Floats) -> Self:
        """Weights, and where accounts stand, by these labels."""
        noise = self._noise(series, y, self.process)
        self.weights = self._regressed(series, y, noise)
        found = self._filtered(series, self._left(series, y)[:, None], noise, self.process)
        # Errors are absolute, and where noise is skewed the mean is not the median.
        self.shift = float(np.median(found.innovations[:, 0] * found.spreads))
        self.unit = float(np.sqrt(np.square(found.innovations[:, 0]).mean())) or 1.0
        """Standard deviation of the noise, of scaled labels."""
        return self.follow(series, y)

    def follow(self, series: Series, y: Floats) -> Self:
        """Where accounts stand after each of these labels, the weights being what they are."""
        noise = self._noise(series, y, self._calmed)
        found = self._filtered(series, self._left(series, y)[:, None], noise, self._calmed)
        self.states, self.covariances = found.means, found.covariances
        return self

    def predict(self, x: Array, state: NDArray[np.int64], days: Floats) -> Floats:
        """[n]

        Args:
            x: [n, p]. state: [n] which post of those followed is the account's newest known; -1: none is.
            days: [n] since that post; any number where there is none.
        """
        from baselines.processes.state_space import Process, ahead

        known = state >= 0
        means = np.where(known[:, None], self.states[np.maximum(state, 0)], 0.0)
        process = ahead(Process(*self._calmed), means, np.where(known, days, 0.0))
        return self.middle + self.scale * (x @ self.weights + process + self.shift)

    def spread(self, state: NDArray[np.int64], days: Floats) -> Floats:
        """[n]: the standard deviation of a label around what `predict` says of it, as if the weights were
        known."""
        from baselines.processes.state_space import Process, ahead_variance, beginning

        known, process = state >= 0, Process(*self._calmed)
        told = self.covariances[np.maximum(state, 0)]
        covariances = np.where(known[:, None, None], told, beginning(process))
        variance = ahead_variance(process, covariances, np.where(known, days, 0.0))
        return self.scale * self.unit * np.sqrt(variance + 1)

    def told(self) -> dict[str, float]:
        """What was found, by name."""
        from baselines.processes.state_space import Process

        weights = {f"weights_{group}": float(spread) for group, spread in enumerate(self.spreads)}
        return {**Process(*map(float, self._calmed))._asdict(), **weights}

    def keep(self, learnt: Learnt, order: NDArray[np.int64]) -> None:
        """order: of the posts followed, in which their states are kept."""
        for name in ("heavy", "calm", "middle", "scale", "shift", "unit"):
            learnt.tell(name, getattr(self, name))
        for name in ("process", "spreads", "weights"):
            learnt.put(name, getattr(self, name))
        learnt.put("states", self.states[order])
        learnt.put("covariances", self.covariances[order])

    @classmethod
    def restored(cls, kept: Kept, order: NDArray[np.int64], width: int) -> Self:
        """order: of the kept states, in which posts are followed here. width: p."""
        found = cls(kept.told("heavy", bool), kept.told("calm", float))
        found.middle, found.scale = kept.told("middle", float), kept.told("scale", float)
        found.shift, found.unit = kept.told("shift", float), kept.told("unit", float)
        found.process = kept.array("process", "f", 7)
        found.spreads = kept.array("spreads", "f", None)
        found.weights = kept.array("weights", "f", width)
        found.states = kept.array("states", "f", len(order), 4)[order]
        found.covariances = kept.array("covariances", "f", len(order), 4, 4)[order]
        return found

    @property
    def _calmed(self) -> Floats:
        """[7] of a `Process`, as labels are followed by it."""
        calmed = self.process.copy()
        calmed[1] *= self.calm
        return calmed

    def _left(self, series: Series, y: Floats) -> Floats:
        """[n]: of the scaled labels what features do not explain."""
        found: Floats = (y - self.middle) / self.scale - series.x @ self.weights
        return found

    def _filtered(self, series: Series, columns: Floats, noise: Floats, process: Floats) -> Filtered:
        from baselines.processes.state_space import Process, filtered

        return filtered(Process(*process), series.first, series.days, columns, noise)

    def _noise(self, series: Series, y: Floats, process: Floats) -> Floats:
        """[n]: 1, or more the further a label is from what was expected of it."""
        usual = np.ones(len(y))
        if not self.heavy:
            return usual
        off = self._filtered(series, self._left(series, y)[:, None], usual, process).innovations[:, 0]
        spread = np.median(np.abs(off)) / 0.6745 + 1e-9  # that of a normal
        return (TAIL + np.square(off / spread)) / (TAIL + 1)

    def _regressed(self, series: Series, y: Floats, noise: Floats, *, search: bool = False) -> Floats:
        """[p]: the weights; with the spreads of largest evidence, where they are searched for."""
        gram, moment, square = self._moments(series, (y - self.middle) / self.scale, noise)

        def ridge(spreads: Floats) -> tuple[Floats, float]:
            spread = np.where(series.groups < 0, CONSTANT, np.append(spreads, 0.0)[series.groups])
            root = np.linalg.cholesky(gram * np.outer(spread, spread) + np.eye(len(spread)))
            half = np.linalg.solve(root, moment * spread)
            explained = max(square - float(half @ half), 1e-9)
            surprise = len(y) * np.log(explained / len(y)) + 2 * float(np.log(np.diag(root)).sum())
            return np.linalg.solve(root.T, half) * spread, surprise

        if search and len(self.spreads):
            self.spreads = _searched(
                lambda logs: ridge(np.exp(logs))[1],
                np.log(self.spreads),
                np.full(len(self.spreads), np.log(SPREAD)),
            )
        return ridge(self.spreads)[0]

    def _moments(self, series: Series, label: Floats, noise: Floats) -> tuple[Floats, Floats, float]:
        """x'x, x'y and y'y of what the filter makes independent."""
        p = series.x.shape[1]
        gram, moment, square = np.zeros((p, p)), np.zeros(p), 0.0
        starts = np.append(np.flatnonzero(series.first), len(label))
        for begin, end in _stretches(starts):
            rows = slice(begin, end)
            part = Series(series.users[rows], series.days[rows], series.x[rows], series.groups)
            columns = np.column_stack([label[rows], part.x])
            white = self._filtered(part, columns, noise[rows], self.process).innovations
            own, x = white[:, 0], white[:, 1:]
            gram, moment, square = gram + x.T @ x, moment + x.T @ own, square + float(own @ own)
        return gram, moment, square


def _stretches(starts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Whole accounts, from one start to another, of AT_ONCE posts or, where one has more, so many."""
    begin = 0
    while begin < len(starts) - 1:
        end = max(int(np.searchsorted(starts, starts[begin] + AT_ONCE, side="right")) - 1, begin + 1)
        yield int(starts[begin]), int(starts[end])
        begin = end


def _surprise(process: Floats, series: Series, left: Floats, noise: Floats) -> float:
    """-2 log evidence of the process, at the best scale of all."""
    from baselines.processes.state_space import Process, filtered

    found = filtered(Process(*process), series.first, series.days, left[:, None], noise)
    square = float(np.square(found.innovations).sum())
    return len(left) * np.log(max(square, 1e-9) / len(left)) + 2 * float(np.log(found.spreads).sum())


def _searched(surprise: Callable[[Floats], float], begin: Floats, start: Floats) -> Floats:
    """The least surprising settings, by their logarithms, with their prior."""
    from scipy.optimize import minimize

    best = minimize(
        lambda logs: surprise(logs) + float(np.square((logs - start) / LOOSE).sum()),
        begin,
        method="L-BFGS-B",
        bounds=[(one - LARGEST, one + LARGEST) for one in start],
        options={"maxiter": SEARCH},
    )
    return np.exp(best.x)


def _start(span: float) -> Floats:
    """[7]: of a `Process`, where the search starts. span: days from the first to the last post."""
    slow, quick = max(span / 10, 1.0), max(span / 200, 0.1)
    return np.array([1.0, 1.0 / np.sqrt(span), LINE / span, 0.5, slow, 0.5, quick])
