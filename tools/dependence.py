"""Dependence: how often intervals hold the truth where weeks of one account depend on each other.

    python -m tools.coverage

By simulation. The weekly differences of two rows of equal expected error are a level that fades from week to
week, and noise. How much of the one and how fast it fades is matched to pairs of published rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchmark.scores.bootstrap import interval
from benchmark.scores.drawn import Drawn
from benchmark.scores.measures.resamples import Floats, Resamples
from benchmark.scores.uncertainty import Uncertainty
from leaderboard.tables.confidence_set import standings

EQUAL_ROWS = 12


@dataclass(frozen=True)
class Setting:
    name: str
    clusters: int
    weeks: float | None
    """None: clusters are accounts."""
    stays: float = 0.0
    """What is left of the level in the next cluster."""
    share: float = 0.0
    """Of the level, in the variance."""


SETTINGS = (
    Setting("200 accounts", 200, None),
    Setting("30 accounts", 30, None),
    Setting("41 weeks that know nothing of each other", 41, 41),
    Setting("41 weeks, musk_tweets frozen: 0.39, 0.24, 0.15", 41, 41, 0.615, 0.634),
    Setting("41 weeks, musk_tweets rolling: 0.12, 0.04", 41, 41, 0.3, 0.4),
    Setting("33 weeks, twitter_ratio frozen: 0.30, 0.22, 0.17", 33, 33, 0.75, 0.4),
    Setting("33 weeks, twitter_ratio rolling: 0.34, 0.31, 0.28", 33, 33, 0.9, 0.38),
    Setting("26 weeks: 0.39, 0.24, 0.15", 26, 26, 0.615, 0.634),
    Setting("17 weeks in 126 blocks: 0.39 from week to week", 126, 17.3, 0.933, 0.634),
    Setting("13 weeks: 0.39, 0.24, 0.15", 13, 13, 0.615, 0.634),
    Setting("8 weeks: 0.39, 0.24, 0.15", 8, 8, 0.615, 0.634),
    Setting("41 weeks of drift: 0.39, 0.38, 0.37", 41, 41, 0.97, 0.4),
)


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
    """Draw so many test sets; of a tenth of them, sets of equal rows."""
    uncertainty = Uncertainty(Drawn(of.clusters, of.clusters, of.weeks))
    counts = Resamples(np.arange(of.clusters), resamples).counts(0, resamples) / of.clusters
    held, spans, means = np.empty((trials, 2), bool), np.empty(trials), np.empty(trials)
    for trial in range(trials):
        series = levels(of, 1, np.random.default_rng([seed, trial]))[0]
        replicates = counts @ series
        ends = interval(replicates, n_clusters=of.clusters), uncertainty.interval(replicates)
        held[trial] = [low <= 0 <= high for low, high in ends]
        spans[trial], means[trial] = ends[1][1] - ends[1][0], series.mean()
    sets = max(trials // 10, 1)
    struck = np.array([_struck(of, uncertainty, counts, seed, number) for number in range(sets)])
    true = float(np.subtract(*np.quantile(means, [0.975, 0.025])))
    before, now = (float(share) for share in held.mean(axis=0))
    by_pairs, by_set = (float(share) for share in struck.mean(axis=0))
    return Found(before, now, float(spans.mean()) / true, by_pairs, by_set)


def levels(of: Setting, rows: int, rng: np.random.Generator) -> Floats:
    """[rows, clusters] of mean 0 in expectation and of variance 1."""
    level = np.empty((rows, of.clusters))
    level[:, 0] = rng.normal(size=rows)
    for at in range(1, of.clusters):
        level[:, at] = of.stays * level[:, at - 1] + math.sqrt(1 - of.stays**2) * rng.normal(size=rows)
    noise = rng.normal(size=level.shape)
    return np.asarray(math.sqrt(of.share) * level + math.sqrt(1 - of.share) * noise)


def _struck(
    of: Setting, uncertainty: Uncertainty, counts: Floats, seed: int, number: int
) -> tuple[bool, bool]:
    """Of a test set of equal rows, whose errors are half shared: is any struck, by pairs and from the set?"""
    rng = np.random.default_rng([seed, 10**6, number])
    losses = levels(of, EQUAL_ROWS, rng) + rng.normal(size=of.clusters)
    told = losses @ counts.T
    first = int(losses.mean(axis=1).argmin())
    gaps = [told[i] - told[first] for i in range(EQUAL_ROWS) if i != first]
    by_pairs = any(interval(gap, n_clusters=of.clusters)[0] > 0 for gap in gaps)
    return by_pairs, not all(one.best for one in standings(losses.mean(axis=1), told, uncertainty))


def table(trials: int, resamples: int, seed: int) -> str:
    """A line a setting, as Markdown."""
    heads = ["one account, or many", "before", "now", "width", "struck by pairs", "struck from the set"]
    lines = [heads, [":--", *("--:" for _ in heads[1:])]]
    for of in SETTINGS:
        found = simulate(of, trials=trials, resamples=resamples, seed=seed)
        shares = [f"{100 * share:.1f}%" for share in (found.before, found.now)]
        struck = [f"{100 * share:.0f}%" for share in (found.struck_by_pairs, found.struck_by_set)]
        lines.append([of.name, *shares, f"{found.width:.2f}", *struck])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


LEGEND = f"""\
The same where clusters are weeks of one account that depend on each other (numbers: correlation with the
next weeks): share of 95% intervals that hold 0, with weeks drawn as if they were independent, and now; width
of the latter over the true one. Of {EQUAL_ROWS} equal rows: how often one is struck from the best, by its own
interval against the row that scored best (weeks as if independent), and from the 95% confidence set.
"""
