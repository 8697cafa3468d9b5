from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.parts import plots as _plots
from baselines.parts.columns import Columns
from baselines.trees.boosted import BoostedTrees, Watch
from baselines.trees.lightgbm_text import checked, without_parameters
from benchmark import Array

if TYPE_CHECKING:
    import pandas as pd
    from lightgbm import Booster
    from numpy.typing import NDArray


WIDE = "binary, wide"
"""The log loss, with larger trees."""


class LightGBM(BoostedTrees):
    """Gradient-boosted trees on metadata, text, image and history; a variant adds one modality at a time.

    With history, the trees model the residual around the account's recent level, and see past labels only
    relative to it: trees cannot extrapolate a drift. The objective and the number of rounds are chosen on
    the chronological holdout; the trees are then grown anew on all training posts. Events are learnt by their
    log loss.
    """

    variants = {
        "metadata": {"inputs": ("metadata",)},
        "+text": {"inputs": ("metadata", "text")},
        "+image": {"inputs": ("metadata", "text", "image")},
        "+history": {"inputs": ("metadata", "text", "image", "history")},
        "+graph": {"inputs": ("metadata", "text", "image", "history", "graph")},
        "+named": {"inputs": ("metadata", "text", "image", "history", "named")},
        "+graph+named": {"inputs": ("metadata", "text", "image", "history", "graph", "named")},
    }
    wants = {"text", "image"}
    preload = ("lightgbm", "sklearn.decomposition", *_plots.PRELOAD)
    library, ending = "lightgbm", "txt"
    keeps = True

    of_events = ("binary", WIDE)
    objectives: tuple[str, ...] = ("l2", "l1")
    leaves: int = 15
    wide_leaves: int = 63
    """Of larger trees, tried as well where events are predicted: which account is one thing, and what it says
    is another."""

    def _grown(
        self, features: pd.DataFrame, residual: Array, objective: str, rounds: int, watch: Watch | None = None
    ) -> _Boosted:
        import lightgbm

        event = objective in self.of_events
        metric = "binary_logloss" if event else "l1"
        settings = {
            "objective": "binary" if event else objective,
            "metric": metric,
            "learning_rate": self.learning_rate,
            "num_leaves": self.wide_leaves if objective == WIDE else self.leaves,
            "min_data_in_leaf": 100 if objective == WIDE else 20,
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "seed": self.seed,
            "num_threads": self.threads,
            "deterministic": True,
            "force_col_wise": True,
            "bin_construct_sample_cnt": 20_000,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(features, residual, free_raw_data=False)
        if watch is None:
            return _Boosted(lightgbm.train(settings, data, rounds), rounds, [])
        held = lightgbm.Dataset(watch.features, watch.residual, reference=data)
        seen: dict[str, dict[str, list[float]]] = {}
        calls: list[Any] = [lightgbm.early_stopping(100, verbose=False), lightgbm.record_evaluation(seen)]
        booster = lightgbm.train(settings, data, rounds, valid_sets=[held], callbacks=calls)
        return _Boosted(booster, booster.best_iteration, seen["valid_0"][metric])

    def _written(self, trees: _Boosted) -> bytes:
        return without_parameters(trees.booster.model_to_string(num_iteration=trees.rounds)).encode()

    def _read(self, content: bytes, rounds: int, columns: Columns) -> _Boosted:
        import lightgbm

        text = checked(content.decode(), len(columns.names), [*columns.levels.values()])
        return _Boosted(lightgbm.Booster(model_str=text), rounds, [])


class _Boosted:
    def __init__(self, booster: Booster, rounds: int, curve: list[float]) -> None:
        self.booster, self.rounds, self.curve = booster, rounds, curve

    def predict(self, features: pd.DataFrame) -> Array:
        return np.asarray(self.booster.predict(features, num_iteration=self.rounds))

    def importance(self) -> NDArray[np.float64]:
        """The gain in the objective that splits on the feature have brought."""
        return np.asarray(self.booster.feature_importance("gain"))

    def contributions(self, features: pd.DataFrame) -> NDArray[np.float64]:
        found = np.asarray(self.booster.predict(features, pred_contrib=True))
        return found[:, :-1]  # the last is the expected value
