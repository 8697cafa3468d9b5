"""Medians in place of what is missing. Loads scikit-learn: imported where columns are fitted."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.impute import SimpleImputer


class Medians(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """scikit-learn's `SimpleImputer` of medians, which asks a masked array of every column, gaps or none.

    Of tens of thousands of posts with hundreds of columns of embeddings, which have none, that is a quarter
    of the time that a linear model takes.
    """

    def fit(self, X: ArrayLike, y: None = None) -> Self:
        x = np.asarray(X)
        gaps = np.isnan(x).any(axis=0)
        self.n_features_in_ = x.shape[1]
        self.statistics_ = np.zeros(x.shape[1], x.dtype)
        self.statistics_[~gaps] = np.median(x[:, ~gaps], axis=0)
        if gaps.any():
            imputer = SimpleImputer(strategy="median", keep_empty_features=True)
            self.statistics_[gaps] = imputer.fit(x[:, gaps]).statistics_
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.floating]:
        """[n, p], in the dtype of X."""
        x = np.asarray(X)
        return np.where(np.isnan(x), self.statistics_.astype(x.dtype), x)
