"""Narrow: how often intervals of few accounts, few weeks and drifting weeks hold the truth, by simulation.

    python -m tools.coverage --only narrow

What comes out stands in `benchmark.scores.narrow`, from which the board says it of its rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from benchmark.scores.bootstrap import interval
from benchmark.scores.drawn import Drawn
from benchmark.scores.measures.resamples import Floats, Resamples
from benchmark.scores.narrow import DRIFTS, OF_ACCOUNTS, OF_DRIFT, OF_WEEKS, TELLING_WEEKS, Narrow
from benchmark.scores.uncertainty import Uncertainty, cosine_waves, drift_of
from tools.intervals.series import Series

FADING = ((0.0, 0.0), (0.3, 0.4), (0.615, 0.634), (0.75, 0.4))
"""What is left of a week in the next, and its share in the variance: as matched to published rows."""
LASTING = ((0.9, 0.38), (0.97, 0.4))
"""The same, for longer than a test lasts."""
ROWS = 6
"""Of a table in which drift is looked for. Those of a board are more, and alike: the differences of 17 or 18
rows of musk_tweets come to 1.6 to 5.2 that know nothing of each other, these to 2 to 3."""
WEEKS = (3, 4, 6, 8, 10, 13, 17, 20, 26, 33, 40, 52, 80)
ACCOUNTS = (3, 5, 8, 12, 16, 20, 30)
LINES = len(ACCOUNTS) + len(WEEKS) + 3 * sum(one >= TELLING_WEEKS for one in WEEKS)


def of_accounts(number: int, trials: int, seed: int) -> Narrow:
    """Of so many accounts of as many posts each."""
    counts = Resamples(np.arange(number), 1000).counts(0, 1000) / number
    rng = np.random.default_rng([seed, number])
    missed = np.empty(trials)
    for trial in range(trials):
        of_accounts = rng.normal(size=number)
        low, high = interval(counts @ of_accounts, n_clusters=number)
        missed[trial] = abs(low + high) / (high - low)
    return _narrow(missed)


def of_weeks(weeks: int, trials: int, seed: int) -> dict[tuple[float, float], Narrow]:
    """Of so many weeks, by setting."""
    rng = np.random.default_rng([seed, weeks])
    return {
        (fades, share): _narrow(_missed(Series("", weeks, fades=fades, share=share).draw(trials, rng)))
        for fades, share in (*FADING, *LASTING)
    }


def of_drift(weeks: int, trials: int, seed: int) -> list[tuple[Narrow, float, float]]:
    """By how far a table's differences drift: up to the first of `DRIFTS`, the second, beyond.

    Returns:
        Each with the share of the tables of `FADING` and of `LASTING` settings that it comes to.
    """
    rng = np.random.default_rng([seed, weeks, ROWS])
    drifts, missed, lasting = [], [], []
    for fades, share in (*FADING, *LASTING):
        drawn = Series("", weeks, fades=fades, share=share).draw(trials * ROWS, rng)
        rows = drawn.reshape(trials, ROWS, weeks)
        best = rows.mean(axis=2).argmin(axis=1)
        others = np.array([np.delete(np.arange(ROWS), one) for one in best])
        at = np.arange(trials)
        gaps = rows[at[:, None], others] - rows[at, best][:, None]
        power = (gaps @ _all_waves(weeks).T) ** 2
        drifts.append(np.array([drift_of(one, _degrees(weeks)) for one in power]))
        missed.append(_missed(rows[:, 1:] - rows[:, :1]))
        lasting.append(np.full(trials, (fades, share) in LASTING))
    drift, by_table, lasts = np.concatenate(drifts), np.concatenate(missed), np.concatenate(lasting)
    part = np.digitize(drift, DRIFTS)
    return [
        (
            _narrow(by_table[part == number]),
            float((part[~lasts] == number).mean()),
            float((part[lasts] == number).mean()),
        )
        for number in range(len(DRIFTS) + 1)
    ]


def _missed(series: Floats) -> Floats:
    """By how many of its half-widths an interval lies from 0: [..., weeks] -> [...]."""
    from scipy.special import stdtrit

    weeks = series.shape[-1]
    degrees = _degrees(weeks)
    power = (series @ cosine_waves(weeks, degrees).T) ** 2
    half = stdtrit(degrees, 0.975) * np.sqrt(power.mean(axis=-1) / weeks)
    return np.asarray(np.abs(series.mean(axis=-1)) / half)


def _degrees(weeks: int) -> int:
    return int(Uncertainty(Drawn(weeks, weeks, weeks)).degrees)


def _all_waves(weeks: int) -> Floats:
    return cosine_waves(weeks, weeks - 1)


def _narrow(missed: Floats) -> Narrow:
    if missed.size < 20:
        return Narrow(math.nan, math.nan)
    return Narrow(float((missed <= 1).mean()), float(np.quantile(missed, 0.95)))


def lines(trials: int, seed: int) -> Iterator[list[str]]:
    """Heads, then a line a number of accounts, of weeks, and of weeks of a table that drifts or not."""
    names = [f"{share:g} x {fades:g}^lag" for fades, share in (*FADING, *LASTING)]
    yield ["accounts or weeks", *names, "least of what fades", "the board says"]
    for number in ACCOUNTS:
        found = of_accounts(number, trials, seed)
        yield [f"{number} accounts", *[""] * len(names), _told(found), _said(OF_ACCOUNTS.get(number))]
    for weeks in WEEKS:
        of = of_weeks(weeks, 10 * trials, seed)
        least = min((of[one] for one in FADING), key=lambda one: one.holds)
        shares = [f"{100 * one.holds:.1f}%" for one in of.values()]
        yield [f"{weeks} weeks", *shares, _told(least), _said(OF_WEEKS.get(weeks))]
        if weeks >= TELLING_WEEKS:
            yield from _lines_of_drift(weeks, trials, seed)


def _lines_of_drift(weeks: int, trials: int, seed: int) -> Iterator[list[str]]:
    bounds = [f"below {DRIFTS[0]:g}", *(f"from {one:g}" for one in DRIFTS)]
    for bound, (found, fading, lasting) in zip(bounds, of_drift(weeks, trials, seed), strict=True):
        how_many = [f"{100 * fading:.0f}% of tables"] * len(FADING)
        how_many += [f"{100 * lasting:.0f}% of tables"] * len(LASTING)
        said = dict(zip(bounds[1:], OF_DRIFT[weeks], strict=True)).get(bound)
        yield [f"{weeks} weeks, drift {bound}", *how_many, _told(found), _said(said)]


def _told(one: Narrow) -> str:
    return f"{100 * one.holds:.1f}% x{one.factor:.2f}"


def _said(one: Narrow | None) -> str:
    return "" if one is None else f"{100 * one.holds:.0f}% x{one.factor:g}"


LEGEND = f"""\
Share of 95% intervals that hold the truth; and how many times as wide would hold it in 95 of 100. Of weeks
by how they depend on each other (correlation with later weeks): four settings that fade, and two that last
for longer than the test. Drift: of a difference, over all six, by how much more the two slowest waves of a
table of {ROWS} rows carry than the next ones.
"""
