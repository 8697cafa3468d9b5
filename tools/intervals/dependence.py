"""Dependence: how often intervals hold the truth where weeks of one account depend on each other.

    python -m tools.coverage --only weeks --only fresh

By simulation. The weekly differences of two rows of equal expected error are a level that fades from week to
week, and noise. How much of the one and how fast it fades is matched to pairs of published rows.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.scores.bootstrap import interval
from benchmark.scores.drawn import Drawn
from benchmark.scores.measures.resamples import Floats, Resamples
from benchmark.scores.uncertainty import Uncertainty
from leaderboard.tables.confidence_set import standings
from tools.intervals.series import VALIDATING, Series

EQUAL_ROWS = 12


@dataclass(frozen=True)
class Setting:
    series: Series
    weeks: float | None
    """How long it lasts; None: clusters are accounts."""


def _of(name: str, clusters: int, weeks: float | None, stays: float = 0.0, share: float = 1.0) -> Setting:
    return Setting(Series(name, clusters, fades=stays, share=share), weeks)


MATCHED = (
    _of("200 accounts", 200, None),
    _of("30 accounts", 30, None),
    _of("41 weeks that know nothing of each other", 41, 41),
    _of("41 weeks, musk_tweets frozen: 0.39, 0.24, 0.15", 41, 41, 0.615, 0.634),
    _of("41 weeks, musk_tweets rolling: 0.12, 0.04", 41, 41, 0.3, 0.4),
    _of("33 weeks, twitter_ratio frozen: 0.30, 0.22, 0.17", 33, 33, 0.75, 0.4),
    _of("33 weeks, twitter_ratio rolling: 0.34, 0.31, 0.28", 33, 33, 0.9, 0.38),
    _of("26 weeks: 0.39, 0.24, 0.15", 26, 26, 0.615, 0.634),
    _of("17 weeks in 126 blocks: 0.39 from week to week", 126, 17.3, 0.933, 0.634),
    _of("13 weeks: 0.39, 0.24, 0.15", 13, 13, 0.615, 0.634),
    _of("8 weeks: 0.39, 0.24, 0.15", 8, 8, 0.615, 0.634),
    _of("41 weeks of drift: 0.39, 0.38, 0.37", 41, 41, 0.97, 0.4),
)
"""As pairs of rows on the real board: correlations with the next weeks."""
FRESH = tuple(Setting(series, series.weeks) for series in VALIDATING)


@dataclass(frozen=True)
class Found:
    """Shares of the simulated test sets."""

    before: float
    """In which the interval holds 0, if each cluster is drawn as if it knew of no other."""
    now: float
    width: float
    """Mean of the intervals as they are now, over the true 95% range."""
    struck_by_pairs: float
    """In which one of `EQUAL_ROWS` equal rows is told apart from the one that scored best, by intervals."""
    struck_by_set: float
    """In which one is not in the confidence set."""


def simulate(of: Setting, *, trials: int, resamples: int = 400, seed: int = 0) -> Found:
    """Draw so many test sets; and half as many of equal rows."""
    board = _Board(of, resamples)
    held, spans = np.empty((trials, 2), bool), np.empty(trials)
    own = zlib.crc32(of.series.name.encode())  # else settings would be right and wrong together
    drawn = of.series.draw(trials, np.random.default_rng([seed, own, 0]))
    for trial, series in enumerate(drawn):
        replicates = board.replicates(series)
        ends = board.independent(replicates), board.uncertainty.interval(replicates)
        held[trial] = [low <= 0 <= high for low, high in ends]
        spans[trial] = ends[1][1] - ends[1][0]
    sets = max(trials // 2, 1)
    struck = np.array(
        [_struck(board, np.random.default_rng([seed, own, 1, number])) for number in range(sets)]
    )
    true = float(np.subtract(*np.quantile(board.scores(drawn), [0.975, 0.025])))
    before, now = (float(share) for share in held.mean(axis=0))
    by_pairs, by_set = (float(share) for share in struck.mean(axis=0))
    return Found(before, now, float(spans.mean()) / true, by_pairs, by_set)


class _Board:
    """What a board makes of weeks, or accounts, of a setting."""

    def __init__(self, of: Setting, resamples: int) -> None:
        self.of, self.sizes = of, of.series.sizes()
        clusters = len(self.sizes)
        effective = float(self.sizes.sum() ** 2 / (self.sizes @ self.sizes))
        self.uncertainty = Uncertainty(Drawn(clusters, effective, of.weeks))
        self.counts = Resamples(np.arange(clusters), resamples).counts(0, resamples) * self.sizes

    def scores(self, series: Floats) -> Floats:
        """[..., clusters] -> [...]"""
        return np.asarray(series @ self.sizes / self.sizes.sum())

    def replicates(self, series: Floats) -> Floats:
        """[..., clusters] -> [..., B]"""
        return np.asarray(series @ self.counts.T / self.counts.sum(axis=1))

    def independent(self, replicates: Floats) -> tuple[float, float]:
        return interval(replicates, n_clusters=self.uncertainty.drawn.effective)


def _struck(board: _Board, rng: np.random.Generator) -> tuple[bool, bool]:
    """Of a test set of equal rows, whose errors are half shared: is any struck, by pairs and from the set?"""
    losses = board.of.series.draw(EQUAL_ROWS, rng) + rng.normal(size=len(board.sizes))
    scores, told = board.scores(losses), board.replicates(losses)
    first = int(scores.argmin())
    gaps = [told[i] - told[first] for i in range(EQUAL_ROWS) if i != first]
    by_pairs = any(board.independent(gap)[0] > 0 for gap in gaps)
    return by_pairs, not all(one.best for one in standings(scores, told, board.uncertainty))


def lines(settings: Sequence[Setting], trials: int, resamples: int, seed: int) -> Iterator[list[str]]:
    """Heads, then a line a setting."""
    yield ["one account, or many", "before", "now", "width", "struck by pairs", "struck from the set"]
    for of in settings:
        found = simulate(of, trials=trials, resamples=resamples, seed=seed)
        shares = [f"{100 * share:.1f}%" for share in (found.before, found.now)]
        struck = [f"{100 * share:.0f}%" for share in (found.struck_by_pairs, found.struck_by_set)]
        yield [of.series.name, *shares, f"{found.width:.2f}", *struck]


LEGEND = f"""\
Weeks of one account that depend on each other, as those of published rows do (numbers: correlation with the
next weeks): share of 95% intervals that hold 0, with weeks drawn as if they were independent, and now; width
of the latter over the true one. Of {EQUAL_ROWS} equal rows: how often one is struck from the best, by its own
interval against the row that scored best (weeks as if independent), and from the 95% confidence set.
"""
LEGEND_OF_FRESH = """\
The same of settings that nothing was chosen on: other shapes of dependence, numbers of weeks and of posts a
week, and heavy tails.
"""
