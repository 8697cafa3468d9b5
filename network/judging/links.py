"""Links: who names whom next, foretold from what was known, and held against what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.errors import DataError
from benchmark.scores.bootstrap import interval, replicates
from benchmark.scores.measures.curves import AUC, AveragePrecision
from benchmark.scores.measures.measure import Measure, Predicted
from benchmark.scores.measures.resamples import Resamples
from benchmark.split import DAY_MS
from network.influence.attention import attention
from network.influence.seen import Floats
from network.judging.foretelling import scores_of
from network.judging.pairs import Pairs, pairs_of, reciprocal_ranks
from network.network import Network

QUARTER_DAYS = 91
NEW = (
    "preferential",
    "preferential_within",
    "common_neighbours",
    "adamic_adar",
    "personalised_pagerank",
    "reciprocal",
)
REPEATED = ("frequency", "recency", *NEW)
COUNTS = ("preferential", "preferential_within", "common_neighbours", "adamic_adar")
"""Of which the model reads the logarithm."""
FEWEST = 10
"""Pairs that came, and that did not: of fewer nothing is said."""

Told = tuple[float, float, float]
"""A value and the ends of its 95% interval."""


@dataclass(frozen=True)
class Linked:
    """How well a score foretold which pairs came."""

    score: str
    """`logistic` is a model of all scores, trained a quarter earlier."""
    of: str
    """`new`: pairs that had no edge before; `repeated`: pairs that had."""
    candidates: int
    came: int
    authors: int
    drawn: bool
    """Whether candidates are a draw of all pairs, see `Pairs.drawn`."""
    auc: Told
    average_precision: Told
    """By chance it is came / candidates."""
    reciprocal_rank: Told
    """The mean over authors of whose pairs any came."""


def linked(network: Network, at: int | None = None, until: int | None = None) -> tuple[Linked, ...]:
    """Pairs that came in [at, until), by what was known before; intervals resample authors.

    Args:
        at: ms since 1970; by default QUARTER_DAYS before `until`.
        until: by default QUARTER_DAYS after `at`; without both, just after the last edge. Take it from before
            accounts' data end: who is no longer collected names nobody.

    Raises:
        DataError: no edge becomes known a quarter before `at`, which is what the model is trained on.
    """
    graph = attention(network.graph)
    if not len(graph):
        raise DataError("no account names another, so there are no links to foretell")
    if until is None:
        until = int(graph.known_at[-1]) + 1 if at is None else at + QUARTER_DAYS * DAY_MS
    at = until - QUARTER_DAYS * DAY_MS if at is None else at
    earlier = at - (until - at)
    if not len(graph.between(None, earlier)):
        day = np.datetime64(earlier, "ms").astype("datetime64[D]")
        raise DataError(
            f"no edge is known before {day}, and a model of links is trained on the "
            f"{(until - at) / DAY_MS:.0f} days that follow",
            mend="Take a shorter time ahead",
        )
    past, asked = pairs_of(network, earlier, at), pairs_of(network, at, until)
    of_past, of_asked = scores_of(network, earlier, past), scores_of(network, at, asked)
    found = []
    for of, names in (("new", NEW), ("repeated", REPEATED)):
        rows, learnt = (one.before == (of == "repeated") for one in (asked, past))
        pairs = asked.take(rows)
        if min(pairs.came.sum(), (~pairs.came).sum()) < FEWEST:
            continue
        by = {name: of_asked[name][rows] for name in names}
        if min(past.came[learnt].sum(), (~past.came[learnt]).sum()) >= FEWEST:
            by["logistic"] = _model(of_past, past.came, learnt, of_asked, rows)
        found += [_linked(name, of, pairs, score) for name, score in by.items()]
    return tuple(found)


def _model(
    of_past: dict[str, Floats],
    came: np.ndarray,
    learnt: np.ndarray,
    of_asked: dict[str, Floats],
    rows: np.ndarray,
) -> Floats:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(_read(of_past)[learnt], came[learnt])
    found: Floats = model.predict_proba(_read(of_asked)[rows])[:, 1]
    return found


def _read(scores: dict[str, Floats]) -> Floats:
    """[k, scores] with counts and shares as logarithms."""

    def scaled(name: str, values: Floats) -> Floats:
        if name in COUNTS:
            return np.log1p(values)
        return np.log(values + 1e-6) if name == "personalised_pagerank" else values

    return np.stack([scaled(name, values) for name, values in scores.items()], axis=1)


def _linked(score: str, of: str, pairs: Pairs, by: Floats) -> Linked:
    _, authors = np.unique(pairs.source, return_inverse=True)
    resamples = Resamples(authors)
    ranks = reciprocal_ranks(pairs, by)
    return Linked(
        score=score,
        of=of,
        candidates=len(pairs),
        came=int(pairs.came.sum()),
        authors=resamples.n_clusters,
        drawn=pairs.drawn,
        auc=_told(AUC(), pairs, by, resamples),
        average_precision=_told(AveragePrecision(), pairs, by, resamples),
        reciprocal_rank=_mean(ranks),
    )


def _told(measure: Measure, pairs: Pairs, by: Floats, resamples: Resamples) -> Told:
    came, predicted = pairs.came.astype(np.float64), Predicted.of(by)
    drawn = replicates(measure, came, predicted, resamples)
    return measure.value(came, predicted), *interval(drawn, n_clusters=resamples.n_clusters)


def _mean(values: Floats) -> Told:
    resamples = Resamples(np.arange(len(values)))
    drawn = np.concatenate([counts @ values / len(values) for _, counts in resamples.blocks()])
    return float(values.mean()), *interval(drawn, n_clusters=len(values))
