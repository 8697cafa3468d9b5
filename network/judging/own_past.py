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
FEWEST_ACCOUNTS = 10
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
    known before the cut. `beyond` is out of sample: ranks to come are regressed on the ranks of own past and
    score together, and of own past alone, each account by the others; intervals resample accounts.

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
        if some.sum() >= FEWEST_ACCOUNTS and (score.reads != "edges" or before.q):
            found += [
                _held(score.name, against, values[some], own[some], came[some])
                for against, (own, came) in to_come.items()
            ]
    return tuple(found)


def _held(score: str, against: str, values: Floats, own: Floats, came: Floats) -> Held:
    resamples = Resamples(np.arange(len(came)))
    alone, together = _foretold(came, own), _foretold(came, own, values)
    further = _replicates(came, together, resamples) - _replicates(came, alone, resamples)
    low, high = interval(_replicates(came, values, resamples), n_clusters=resamples.n_clusters)
    beyond_low, beyond_high = interval(further, n_clusters=resamples.n_clusters)
    return Held(
        score=score,
        against=against,
        accounts=len(came),
        spearman=_spearman(came, values),
        low=low,
        high=high,
        own_past=_spearman(came, own),
        beyond=_spearman(came, together) - _spearman(came, alone),
        beyond_low=beyond_low,
        beyond_high=beyond_high,
    )


def _foretold(came: Floats, *by: Floats) -> Floats:
    """[k] ranks to come, each by a regression on ranks that has not seen the account (leave one out)."""
    from scipy.stats import rankdata

    ranks = [rankdata(one) / len(came) for one in (came, *by)]
    matrix = np.stack([np.ones(len(came)), *ranks[1:]], axis=1)
    hat = matrix @ np.linalg.pinv(matrix)
    off = ranks[0] - hat @ ranks[0]
    # Rounded, so that accounts of equal ranks stay equal.
    found: Floats = np.round(ranks[0] - off / np.maximum(1 - np.diag(hat), 1e-9), 12)
    return found


def _spearman(came: Floats, by: Floats) -> float:
    return SPEARMAN.value(came, Predicted.of(by))


def _replicates(came: Floats, by: Floats, resamples: Resamples) -> Floats:
    return replicates(SPEARMAN, came, Predicted.of(by), resamples)
