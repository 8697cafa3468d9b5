"""Own past: scores of influence held against what came after, beside what the account's own past foretold.

A score that knows nothing of the future but what an account's own past tells of it says nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import DataError
from benchmark.scores.bootstrap import interval, replicates
from benchmark.scores.measures.measure import Predicted
from benchmark.scores.measures.ranks import Spearman
from benchmark.scores.measures.resamples import Resamples
from benchmark.split import DAY_MS
from network.influence import named, posted
from network.influence.score import Score
from network.influence.scores import SCORES
from network.influence.seen import Floats
from network.influence.stars import refuse_a_star
from network.influence.window import window_of
from network.network import Network
from network.reading import Held

FEWEST_POSTS = 20
"""Of an account in either half: the median of fewer is chance."""
FEWEST_ACCOUNTS = 20
HALVINGS = 20
"""Ways of halving the accounts, each half weighted by the other."""
SPEARMAN = Spearman()


def middle(network: Network) -> int:
    """The day (00:00 UTC, ms since 1970) halfway between the first and the last judged post.

    Raises:
        DataError: there is none.
    """
    times = network.published.times[network.published.judged]
    if not len(times):
        raise DataError("no post is judged, so there is no future to hold anything against")
    return (int(times.min()) + int(times.max())) // 2 // DAY_MS * DAY_MS


def held(
    network: Network,
    cut: int | None = None,
    *,
    communities: NDArray[np.int64] | None = None,
    fewest: int = FEWEST_POSTS,
    scores: Sequence[Score] = SCORES,
) -> tuple[Held, ...]:
    """Each score of what is known before the cut, against medians of engagement and mentions after it.

    Of accounts with `fewest` judged posts or more in either half, the engagement of the earlier ones being
    known before the cut. `beyond` is out of sample, see `_Beyond`; all intervals resample accounts. A score
    that is the same for all of the accounts is left out.

    Args:
        cut: ms since 1970; by default the middle.
        communities: [n] codes, from edges before the cut alone: these too must not know what comes.

    Raises:
        DataError: fewer than FEWEST_ACCOUNTS accounts post enough, or the edges before the cut are a star.
    """
    cut = middle(network) if cut is None else cut
    before = window_of(network, until=cut, communities=communities).whole
    after = window_of(network, since=cut).whole
    refuse_a_star(before, network.graph.names)
    enough = np.minimum(posted.posts(before), posted.posts(after)) >= fewest
    if enough.sum() < FEWEST_ACCOUNTS:
        day = np.datetime64(cut, "ms").astype("datetime64[D]")
        raise DataError(
            f"{enough.sum()} accounts have {fewest} posts or more before and after {day}: too few to hold a "
            "score against what came",
            mend="Cut elsewhere, or ask for fewer posts",
        )
    to_come = {"engagement": (posted.own_past(before), posted.own_past(after))}
    if named.mentions(after)[enough].any():
        to_come["mentions"] = named.mentions(before), named.mentions(after)
    found = []
    for score in scores:
        values = score.of(before)
        some = enough & np.isfinite(values)
        if some.sum() >= FEWEST_ACCOUNTS and values[some].min() < values[some].max():
            found += [
                _held(score.name, against, values[some], own[some], came[some])
                for against, (own, came) in to_come.items()
            ]
    return tuple(found)


def _held(score: str, against: str, values: Floats, own: Floats, came: Floats) -> Held:
    resamples = Resamples(np.arange(len(came)))
    low, high = interval(_replicates(came, values, resamples), n_clusters=resamples.n_clusters)
    beyond = _Beyond(came, own, values)
    further = np.concatenate([beyond.of(counts.astype(np.float64)) for _, counts in resamples.blocks()])
    beyond_low, beyond_high = interval(further, n_clusters=resamples.n_clusters)
    return Held(
        score=score,
        against=against,
        accounts=len(came),
        spearman=_spearman(came, values),
        low=low,
        high=high,
        own_past=_spearman(came, own),
        beyond=float(beyond.of(np.ones((1, len(came))))[0]),
        beyond_low=beyond_low,
        beyond_high=beyond_high,
    )


class _Beyond:
    """How much better ranks to come go with own past and score together than with own past alone.

    The accounts are halved at random. In one half ranks to come are regressed on the ranks of both; in the
    other, the correlation with ranks to come of the two so weighted is held against that of own past's ranks.
    Not foretold account by account (leave one out): the constant of a regression that lacks an account is the
    lower the higher its rank, and anything that tells accounts of equal past apart then seems to help. Nor is
    the sum ranked anew, which breaks ties of own past by however small a weight.
    """

    def __init__(self, came: Floats, own: Floats, values: Floats) -> None:
        from scipy.stats import rankdata

        k, rng = len(came), np.random.default_rng(0)
        self.came, *ranks = ((rankdata(one) - (k + 1) / 2) / k for one in (came, own, values))
        self.own, both = ranks[0], np.stack(ranks, axis=1)
        halves, sums = [], []
        for _ in range(HALVINGS):
            first = rng.permutation(k) < k // 2
            for half in (first, ~first):
                centred = both[~half] - both[~half].mean(axis=0)
                halves.append(half)
                sums.append(both @ (np.linalg.pinv(centred) @ self.came[~half]))
        self.halves, self.sums = np.array(halves, np.float64), np.array(sums)

    def of(self, counts: Floats) -> Floats:
        """[b]: of accounts drawn so often each, [b, k], the mean over halves."""
        together, alone = (self._correlation(counts, by) for by in (self.sums, self.own[None, :]))
        found: Floats = np.nanmean(together - alone, axis=1)
        return found

    def _correlation(self, counts: Floats, by: Floats) -> Floats:
        """[b, halves]; NaN where a half is constant."""

        def mean(values: Floats) -> Floats:
            found: Floats = counts @ (self.halves * values).T / np.maximum(counts @ self.halves.T, 1)
            return found

        x, y = mean(by), mean(self.came[None, :])
        spread = (mean(by**2) - x**2) * (mean(self.came[None, :] ** 2) - y**2)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = (mean(by * self.came) - x * y) / np.sqrt(np.where(spread > 1e-18, spread, np.nan))
        return found


def _spearman(came: Floats, by: Floats) -> float:
    return SPEARMAN.value(came, Predicted.of(by))


def _replicates(came: Floats, by: Floats, resamples: Resamples) -> Floats:
    return replicates(SPEARMAN, came, Predicted.of(by), resamples)
