"""Camps: communities held against a known answer, and against what chance and texts alone would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.bootstrap import interval
from network.communities.agreement import agreement
from network.communities.leiden import Labels
from network.graph import Graph, Weighing

BEST_OF = 8
"""Shuffled answers of which the best is taken: a search for communities looks at several, too."""


@dataclass(frozen=True)
class Agreed:
    """Adjusted mutual information of communities and camps."""

    ami: float
    low: float
    high: float
    """95% interval over accounts, drawn with replacement."""
    accounts: int
    communities: int
    """That these accounts are in."""


def agreed(labels: Labels, camps: Labels, draws: int = 1000, seed: int = 0) -> Agreed:
    """Of the accounts whose camp is told (not -1) and that are in a community.

    Raises:
        ValueError: none is.
    """
    both = np.flatnonzero((labels >= 0) & (camps >= 0))
    if not len(both):
        raise ValueError("no account has both a community and a camp")
    random = np.random.default_rng(seed)
    drawn = [random.choice(both, len(both)) for _ in range(draws)]
    low, high = interval([agreement(labels[one], camps[one]) for one in drawn], n_clusters=max(2, len(both)))
    return Agreed(agreement(labels, camps), low, high, len(both), len(np.unique(labels[both])))


def by_chance(labels: Labels, camps: Labels, trials: int = 50, seed: int = 0) -> float:
    """The 95% quantile of the best of `BEST_OF` agreements with camps shuffled among the accounts."""
    both = (labels >= 0) & (camps >= 0)
    random = np.random.default_rng(seed)
    best = [
        max(agreement(labels[both], random.permutation(camps[both])) for _ in range(BEST_OF))
        for _ in range(trials)
    ]
    return float(np.quantile(best, 0.95))


def named_alike(graph: Graph, accounts: NDArray[np.bool_], weighing: Weighing = "log") -> NDArray[np.float64]:
    """[a, a] for the a accounts: the cosine of whom two name, outside of themselves, the rarely named
    counting more; 0 of oneself. Dense: for some thousands of accounts."""
    matrix = graph.matrix(weighing)[accounts][:, ~accounts]
    by = np.asarray((matrix > 0).sum(axis=0)).ravel()
    # What one account names alone binds nobody.
    matrix = matrix[:, by > 1].multiply(np.log(accounts.sum() / by[by > 1])).tocsr()
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    alike = (matrix @ matrix.T).toarray() / np.maximum(np.outer(length, length), 1e-12)
    np.fill_diagonal(alike, 0)
    return np.asarray(alike, np.float64)


def by_texts(texts: Sequence[str], number: int, seed: int = 0) -> Labels:
    """What texts alone would give: k-means of rare words, one text an account.

    Args:
        number: clusters.
    """
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    words = TfidfVectorizer(token_pattern=r"(?<![@\w])[^\W\d_]{3,}", min_df=3, max_df=0.9, sublinear_tf=True)
    vectors = words.fit_transform(texts)
    few = TruncatedSVD(min(50, *(size - 1 for size in vectors.shape)), random_state=seed).fit_transform(
        vectors
    )
    found = KMeans(number, n_init=10, random_state=seed).fit_predict(normalize(few))
    return np.asarray(found, np.int64)
