"""Read: a network -> who carries how much influence in it, in every way that its data allow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import DataError
from network.influence.intervals import best_ranks, intervals_of, resamples_of
from network.influence.score import Score
from network.influence.scores import SCORES
from network.influence.seen import Floats, Seen
from network.influence.stars import refuse_a_star
from network.influence.window import Window, window_of
from network.network import Network
from network.reading import Influence


def influence_of(
    network: Network,
    since: int | None = None,
    until: int | None = None,
    communities: NDArray[np.int64] | None = None,
    scores: Sequence[Score] = SCORES,
) -> tuple[Influence, ...]:
    """What is told of each account by all that became known in [since, until), ms since 1970.

    Left out are scores that nothing is known for: those of edges where there are none, of followers where no
    data tell them, of communities where none are given.

    Args:
        communities: [n] code of each account's community, -1 for none.

    Raises:
        DataError: nothing became known in the window, or its edges are a star.
    """
    window = window_of(network, since, until, communities)
    seen = window.whole
    if not seen.q and not len(seen.author):
        raise DataError(
            f"no edge and no post of known engagement between {_day(since)} and {_day(until)}",
            mend="Take a longer window",
        )
    refuse_a_star(seen, network.graph.names)
    valued = {score.name: _valued(score, seen) for score in scores if _allows(seen, score)}
    told = {name: one for name, one in valued.items() if not np.isnan(one[0]).all()}
    asked = [score for score in scores if score.name in told]
    values = [told[score.name][0] for score in asked]
    found = []
    intervals = intervals_of(asked, values, window)
    for score, (low, high) in zip(asked, intervals, strict=True):
        value, error = told[score.name]
        number = resamples_of(score, window, len(asked))
        tied = best_ranks(low, high) if number else None
        found.append(
            Influence(
                score.name, score.words, value, low, high, tied, _how(score, value, error, window, number)
            )
        )
    return tuple(found)


def _allows(seen: Seen, score: Score) -> bool:
    if score.reads == "edges":
        return seen.q > 0
    if score.reads == "followers":
        return bool(seen.follows.any()) or not np.isnan(seen.followers).all()
    return len(seen.author) > 0


def _valued(score: Score, seen: Seen) -> tuple[Floats, Floats | None]:
    return score.drawn(seen) if score.drawn else (score.of(seen), None)


def _how(score: Score, value: Floats, error: Floats | None, window: Window, number: int) -> str:
    """What is said beside the number: what it rests on, and how its interval came about."""
    said = [score.how] if score.how else []
    if error is not None:
        most = np.argsort(-value, kind="stable")[:10]
        off = float(np.max(error[most] / np.maximum(value[most], 1e-9), initial=0))
        said += [f"Of the first ten, standard errors of the draw are up to {off:.0%}."]
    if number:
        return " ".join([*said, f"95% intervals of {number} resamples of {window.blocks} {window.block}s."])
    return " ".join([*said, "No intervals: too costly to resample, or too few weeks and days."])


def _day(moment: int | None) -> str:
    return "ever" if moment is None else str(np.datetime64(moment, "ms").astype("datetime64[D]"))
