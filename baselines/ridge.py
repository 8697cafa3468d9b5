from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from baselines._level import RecentLevel
from benchmark import Array, Baseline, Posts

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


class Ridge(Baseline):
    """Ridge regression on metadata, embeddings and history, around the account's recent level."""

    wants = {"text", "image"}
    preload = ("sklearn.linear_model", "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing")
    alpha: float = 100.0

    def fit(self, train: Posts, y: Array) -> None:
        self.level = RecentLevel().fit(train, y)
        self.model = self._pipeline(features := self._features(train))
        self.model.fit(features, y - self.level.of(train))

    def reveal(self, posts: Posts, y: Array) -> None:
        self.level.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        residual = self.model.predict(self._features(posts)).reshape(len(posts), -1)
        return (self.level.of(posts) + residual).astype(np.float32)

    def _features(self, posts: Posts) -> pd.DataFrame:
        import pandas as pd

        frames = [posts.tabular(), posts.history().frame()]
        for kind in sorted(self.wants):
            if posts.has(kind):
                frames.append(pd.DataFrame(posts.encode(kind)).add_prefix(f"{kind}_"))
        return pd.concat(frames, axis=1)

    def _pipeline(self, features: pd.DataFrame) -> Pipeline:
        from sklearn.compose import make_column_selector, make_column_transformer
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import Ridge as RidgeRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

        # Counts are heavy-tailed: ranks, mapped to a normal, keep one viral account from tilting the plane.
        numbers = make_pipeline(
            SimpleImputer(strategy="median", keep_empty_features=True),
            QuantileTransformer(n_quantiles=100, output_distribution="normal", random_state=self.seed),
        )
        levels = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10, dtype=np.float32)
        columns = make_column_transformer(
            (levels, make_column_selector(dtype_include="category")),
            (numbers, make_column_selector(dtype_include="number")),
        )
        return make_pipeline(columns, RidgeRegression(alpha=self.alpha, solver="lsqr"))
