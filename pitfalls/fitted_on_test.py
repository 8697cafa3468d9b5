"""Do not do this: TF-IDF, the components made of it and their scale, fitted on training and test posts alike.
No label leaks, and the words of the future do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.features import joined_text
from pitfalls.honest.columns import Floats, with_numbers
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible, check_reads_columns

COMPONENTS = 32
MOST_WORDS = 20_000


class FittedOnTest(Mistake):
    name = "fitted_on_test"
    title = "TF-IDF, components and scaler fitted on train + test"
    layer = "data"
    runs = 2

    def check(self, of: Ground) -> None:
        check_reads_columns(of)
        if not of.posts.prepared.card.content("text"):
            raise NotPossible("posts have no text")

    def made(self, of: Ground, honest: Said) -> Made:
        train, test = of.windows.train, of.windows.test
        right = _with_words(of, fitted_on=train)
        wrong = _with_words(of, fitted_on=np.sort(np.concatenate([train, test])))
        return Made(wrong, right, against="the same columns, fitted on the training posts")


def _with_words(of: Ground, fitted_on: NDArray[np.int64]) -> Said:
    texts = joined_text(of.posts.table, of.posts.prepared.card.content("text")).to_pylist()
    values = _components([texts[i] for i in fitted_on], texts, of.seed)
    posts, schema = with_numbers(
        of.posts, of.schema(), {f"words_{j}": column for j, column in enumerate(values.T)}
    )
    return of.walk(posts=posts, schema=schema)


def _components(known: Sequence[str], texts: Sequence[str], seed: int) -> Floats:
    """float64 [n, at most COMPONENTS]: all texts, as what was fitted on the known ones has them."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import StandardScaler

    words = TfidfVectorizer(min_df=2, max_features=MOST_WORDS)
    found = Counter(word for text in known for word in set(words.build_analyzer()(text)))
    common = sum(posts >= 2 for posts in found.values())
    if common < 2:
        raise NotPossible("no two words stand in two training posts each")
    weights = words.fit(known).transform(texts)
    width = min(COMPONENTS, weights.shape[1] - 1)
    parts = TruncatedSVD(width, random_state=seed).fit(words.transform(known))
    scaler = StandardScaler().fit(parts.transform(words.transform(known)))
    return np.asarray(scaler.transform(parts.transform(weights)), np.float64)
