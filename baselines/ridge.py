from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from baselines.parts.holdout import HOLDOUT
from baselines.parts.level import RecentLevel
from benchmark import Array, Baseline, Posts

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


ALPHAS = (30.0, 300.0, 3000.0, 30000.0)
EDGE = 3.0
"""Standard deviations: of numbers, no post lies further out."""


class Ridge(Baseline):
    """Ridge regression on metadata, embeddings and history, around the account's recent level."""

    family = "linear"
    wants = {"text", "image"}
    preload = ("sklearn.linear_model", "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing")
    alpha: float = 0.0
    """Penalty; 0: the one of ALPHAS with the smallest MAE on the chronological holdout."""

    def fit(self, train: Posts, y: Array) -> None:
        held = train.holdout(HOLDOUT)

        def on_holdout(alpha: float) -> Array:
            level, model = self._fitted(held.fit, y[held.fit_rows], alpha)
            return self._predicted(held.check, level, model)

        tried = {alpha: on_holdout(alpha) for alpha in ([self.alpha] if self.alpha else ALPHAS)}
        alpha = min(tried, key=lambda alpha: float(np.abs(tried[alpha] - y[held.check_rows]).mean()))
        self.validation = tried[alpha]
        self.level, self.model = self._fitted(train, y, alpha)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.level.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        return self._predicted(posts, self.level, self.model)

    def _fitted(self, posts: Posts, y: Array, alpha: float) -> tuple[RecentLevel, Pipeline]:
        level = RecentLevel().fit(posts, y)
        return level, self._pipeline(alpha).fit(self._features(posts), y - level.of(posts))

    def _predicted(self, posts: Posts, level: RecentLevel, model: Pipeline) -> Array:
        residual = model.predict(self._features(posts)).reshape(len(posts), -1)
        return (level.of(posts) + residual).astype(np.float32)

    def _features(self, posts: Posts) -> pd.DataFrame:
        import pandas as pd

        frames = [posts.tabular(), posts.history().frame(relative=True)]
        for kind in sorted(self.wants):
            if posts.has(kind):
                frames.append(pd.DataFrame(posts.encode(kind)).add_prefix(f"{kind}_"))
        return pd.concat(frames, axis=1)

    def _pipeline(self, alpha: float) -> Pipeline:
        from sklearn.compose import make_column_selector, make_column_transformer
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import Ridge as RidgeRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, QuantileTransformer

        # Counts are heavy-tailed: ranks, mapped to a normal, keep one viral account from tilting the plane.
        # Those that only ever grow, as an account's posts, lie beyond all ranks later: they stay at the edge.
        numbers = make_pipeline(
            SimpleImputer(strategy="median", keep_empty_features=True),
            QuantileTransformer(n_quantiles=100, output_distribution="normal", random_state=self.seed),
            FunctionTransformer(np.clip, kw_args={"a_min": -EDGE, "a_max": EDGE}),
        )
        levels = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10, dtype=np.float32)
        columns = make_column_transformer(
            (levels, make_column_selector(dtype_include="category")),
            (numbers, make_column_selector(dtype_include="number")),
        )
        return make_pipeline(columns, RidgeRegression(alpha=alpha, solver="lsqr"))
