from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from baselines.parts import plots as _plots
from baselines.parts.accounts import Accounts
from baselines.parts.columns import Columns
from baselines.trees.boosted import BoostedTrees, Watch
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd
    from catboost import CatBoost as Model
    from catboost import Pool
    from numpy.typing import NDArray

    from baselines.parts.kept import Kept, Learnt

if find_spec("catboost") is None:  # asked for and not imported: listing the baselines must be quick
    raise ImportError("catboost is not installed; it is an extra: pip install -e '.[catboost]'")


class CatBoost(BoostedTrees):
    """CatBoost on metadata, text, image and history: boosted symmetric trees with native categories.

    A category enters as statistics of the labels of the posts before it in a random order (Prokhorenkova et
    al., "CatBoost: unbiased boosting with categorical features", NeurIPS 2018, section 3). All else is as
    with LightGBM: the trees model the residual around the account's recent level, and the objective and the
    number of rounds are chosen on the chronological holdout.
    """

    wants = {"text", "image"}
    preload = ("catboost", "sklearn.decomposition", *_plots.PRELOAD)
    library, ending = "catboost", "cbm"
    keeps = True

    of_events = ("Logloss",)
    objectives: tuple[str, ...] = ("RMSE", "MAE")
    rounds: int = 500
    learning_rate: float = 0.05
    depth: int = 4
    users: bool = False
    """Whether the account is a category as well."""

    def _learn_inputs(self, posts: Posts, y: Array) -> pd.DataFrame:
        self.accounts = Accounts().fit(posts) if self.users else None
        return super()._learn_inputs(posts, y)

    def _columns(self, posts: Posts) -> pd.DataFrame:
        columns = super()._columns(posts)
        return columns.assign(user=self.accounts.of(posts.users)) if self.accounts else columns

    def _grown(
        self, features: pd.DataFrame, residual: Array, objective: str, rounds: int, watch: Watch | None = None
    ) -> _Boosted:
        from catboost import CatBoost as Model

        event = objective in self.of_events
        metric = objective if event else "MAE"
        settings = {
            "loss_function": objective,
            "eval_metric": metric,
            "iterations": rounds,
            "learning_rate": self.learning_rate,
            "depth": self.depth,
            "rsm": 0.3,
            "border_count": 64,
            "random_seed": self.seed,
            "thread_count": self.threads,
            "allow_writing_files": False,
            "verbose": False,
        }
        model = Model(settings)
        if watch is None:
            model.fit(_pool(features, residual))
            return _Boosted(model, rounds, [], event)
        held = _pool(watch.features, watch.residual)
        model.fit(_pool(features, residual), eval_set=held, early_stopping_rounds=50, use_best_model=True)
        return _Boosted(model, model.tree_count_, model.get_evals_result()["validation"][metric], event)

    def keep(self, learnt: Learnt) -> None:
        super().keep(learnt)
        if self.accounts:
            self.accounts.keep(learnt.part("accounts"))

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        self.accounts = Accounts.restored(kept.part("accounts"), known) if self.users else None
        super().restore(kept, known, y)

    def _written(self, trees: _Boosted) -> bytes:
        """CatBoost's binary form: its JSON rounds numbers."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "trees.cbm")
            trees.model.save_model(str(path), format="cbm")
            return path.read_bytes()

    def _read(self, content: bytes, rounds: int, columns: Columns) -> _Boosted:
        from catboost import CatBoost as Model

        model = Model().load_model(blob=content)
        if model.feature_names_ != columns.names:
            raise ValueError("its trees are of other features")
        return _Boosted(model, rounds, [], self.event)


class _Boosted:
    def __init__(self, model: Model, rounds: int, curve: list[float], event: bool) -> None:
        self.model, self.rounds, self.curve, self.event = model, rounds, curve, event

    def predict(self, features: pd.DataFrame) -> Array:
        wanted = "Probability" if self.event else "RawFormulaVal"
        found = np.asarray(self.model.predict(_pool(features), prediction_type=wanted, thread_count=1))
        return found[:, 1] if self.event else found

    def importance(self) -> NDArray[np.float64]:
        """How much the prediction changes on average when the feature's value does."""
        return np.asarray(self.model.get_feature_importance())

    def contributions(self, features: pd.DataFrame) -> NDArray[np.float64]:
        found = self.model.get_feature_importance(_pool(features), type="ShapValues", thread_count=1)
        return np.asarray(found)[:, :-1]  # the last is the expected value


def _pool(features: pd.DataFrame, residual: Array | None = None) -> Pool:
    """Categories as their codes: a missing or unseen level is a level, -1."""
    from catboost import Pool

    codes = {
        name: values.cat.codes.astype(np.int32)
        for name, values in features.items()
        if values.dtype == "category"
    }
    whole = [name for name, values in features.items() if values.dtype.kind == "i"]
    return Pool(features.assign(**codes), residual, cat_features=[*codes, *whole])
