from __future__ import annotations

import json
import time
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from baselines._embeddings import Reduced
from baselines._level import RecentLevel
from benchmark import Array, Baseline, Posts

if TYPE_CHECKING:
    import pandas as pd
    from lightgbm import Booster

KINDS = ("text", "image")


class LightGBM(Baseline):
    """Gradient-boosted trees on metadata, text, image and history; a variant adds one modality at a time.

    With history, the trees model the residual around the account's recent level, and see past labels only
    relative to it: trees cannot extrapolate a drift. The objective and the number of rounds are chosen on
    the chronological holdout; the trees are then grown anew on all training posts.
    """

    variants = {
        "metadata": {"inputs": ("metadata",)},
        "+text": {"inputs": ("metadata", "text")},
        "+image": {"inputs": ("metadata", "text", "image")},
        "+history": {"inputs": ("metadata", "text", "image", "history")},
    }
    wants = {"text", "image"}
    preload = ("lightgbm", "sklearn.decomposition")

    inputs: tuple[str, ...] = ("metadata", "text", "image", "history")
    objectives: tuple[str, ...] = ("l2", "l1")
    """Tried on the holdout."""
    rounds: int = 500
    """At most."""
    leaves: int = 15
    learning_rate: float = 0.03
    components: int = 64
    """PCA components of each embedding; all of them would cost 15 times the time."""
    holdout: float = 0.2

    def required(self) -> Set[str]:
        # A variant named for a modality is about that modality; with history, whatever there is is used.
        return set() if "history" in self.inputs else set(self.inputs[-1:]) & {"text", "image"}

    def wanted(self) -> Set[str]:
        return {kind for kind in KINDS if kind in self.inputs}

    def fit(self, train: Posts, y: Array) -> None:
        self.calls: list[float] = []
        held = train.holdout(self.holdout)
        self._learn_inputs(held.fit, y[held.fit_rows])
        chosen = self._choose(held.check, y[held.check_rows])
        self._learn_inputs(train, y)
        self.trees = [self._grow(j, objective, rounds) for j, (objective, rounds) in enumerate(chosen)]
        self.shape = self.matrix.shape
        del self.matrix, self.residual

    def reveal(self, posts: Posts, y: Array) -> None:
        self.level.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        features = self._features(posts)
        began = time.perf_counter()
        residual = np.stack([trees.predict(features) for trees in self.trees], axis=1)
        self.calls.append(time.perf_counter() - began)
        return (self._base(posts) + residual).astype(np.float32)

    def artefacts(self, folder: Path) -> None:
        importance = self.trees[0].feature_importance("gain")
        by_gain = sorted(zip(importance, self.trees[0].feature_name(), strict=True), reverse=True)
        lines = ["feature,gain", *(f"{name},{gain:.6g}" for gain, name in by_gain)]
        (folder / "importance.csv").write_text("\n".join(lines) + "\n")
        costs = {"lightgbm_seconds": sum(self.calls), "calls": len(self.calls)}
        costs |= {"rows": self.shape[0], "columns": self.shape[1]}
        (folder / "costs.json").write_text(json.dumps(costs) + "\n")

    def _learn_inputs(self, posts: Posts, y: Array) -> None:
        """Fit what turns posts into features, and build the training matrix."""
        self.level = RecentLevel().fit(posts, y)
        self.middle = np.median(y, axis=0)
        self.residual = y - self._base(posts)
        frames, self.reduced = [self._columns(posts)], []
        for kind in KINDS:
            if kind in self.inputs and posts.has(kind):
                embeddings = posts.encode(kind)
                reduced = Reduced(kind, self.components).fit(embeddings, self.residual, self.seed)
                frames.append(reduced.training_frame(embeddings))
                self.reduced.append(reduced)
        self.matrix = _joined(frames)

    def _choose(self, check: Posts, y: Array) -> list[tuple[str, int]]:
        """Per target, the objective and the number of rounds with the smallest MAE on the holdout."""
        features, base = self._features(check), self._base(check)
        chosen = []
        for j in range(y.shape[1]):
            tried = []
            for objective in self.objectives:
                trees = self._grow(j, objective, self.rounds, (features, y[:, j] - base[:, j]))
                tried.append((trees.best_score["valid_0"]["l1"], objective, trees.best_iteration))
            _, objective, rounds = min(tried)
            chosen.append((objective, rounds))
        return chosen

    def _grow(
        self, j: int, objective: str, rounds: int, check: tuple[pd.DataFrame, Array] | None = None
    ) -> Booster:
        import lightgbm

        settings = {
            "objective": objective,
            "metric": "l1",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
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
        began = time.perf_counter()
        data = lightgbm.Dataset(self.matrix, self.residual[:, j].copy(), free_raw_data=False)
        if check is None:
            trees = lightgbm.train(settings, data, rounds)
        else:
            held = lightgbm.Dataset(check[0], check[1].copy(), reference=data)
            stop = lightgbm.early_stopping(100, verbose=False)
            trees = lightgbm.train(settings, data, rounds, valid_sets=[held], callbacks=[stop])
        self.calls.append(time.perf_counter() - began)
        return trees

    def _base(self, posts: Posts) -> Array:
        if "history" in self.inputs:
            return self.level.of(posts)
        return np.tile(self.middle, (len(posts), 1))

    def _features(self, posts: Posts) -> pd.DataFrame:
        reduced = [one.frame(posts.encode(one.kind)) for one in self.reduced]
        return _joined([self._columns(posts), *reduced])

    def _columns(self, posts: Posts) -> pd.DataFrame:
        columns = posts.tabular()
        return columns.join(posts.history().frame(relative=True)) if "history" in self.inputs else columns


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, axis=1)
