"""Do not do this: TF-IDF, the components made of it and their scale, fitted on training and test posts alike.
No label leaks, and the words of the future do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.features import joined_text
from pitfalls.honest.columns import with_numbers
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible, check_reads_columns

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

COMPONENTS = 32


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
    words = _pipeline(of.seed)
    try:
        words.fit([texts[i] for i in fitted_on])
    except ValueError as error:  # no word that two posts have
        raise NotPossible(f"posts have too few words in common: {error}") from None
    values = words.transform(texts).astype(np.float64)
    posts, schema = with_numbers(
        of.posts, of.schema(), {f"words_{j}": column for j, column in enumerate(values.T)}
    )
    return of.walk(posts=posts, schema=schema)


def _pipeline(seed: int) -> Pipeline:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    words = TfidfVectorizer(min_df=2, max_features=20_000)
    return make_pipeline(words, TruncatedSVD(COMPONENTS, random_state=seed), StandardScaler())
