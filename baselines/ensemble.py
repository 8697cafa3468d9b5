from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping, Set
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from baselines.category_embedding import CategoryEmbedding
from baselines.clip_adapter import CLIPAdapter
from baselines.gp_level import GPLevel
from baselines.lightgbm import LightGBM
from baselines.lstm import LSTM
from baselines.mlp import MLP
from baselines.parts import plots as _plots
from baselines.parts.embeddings import fitted_once
from baselines.parts.errors import MAE, Error, error_of
from baselines.parts.holdout import HOLDOUT
from baselines.parts.level import RecentLevel
from baselines.parts.rehearsing import Rehearsing
from baselines.recent_rate import RecentRate
from baselines.ridge import Ridge
from baselines.temporal_fusion_transformer import TemporalFusionTransformer
from baselines.transformer import Transformer
from benchmark import Array, Baseline, Posts
from benchmark.errors import UnknownName

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Level(Rehearsing):
    """The recent level itself: weight on it draws the ensemble back to where the account stands."""

    def rehearse(self, train: Posts, y: Array) -> Array:
        held = train.holdout(HOLDOUT)
        return RecentLevel().fit(held.fit, y[held.fit_rows]).of(held.check)

    def conclude(self, train: Posts, y: Array) -> None:
        self.level = RecentLevel().fit(train, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.level.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        return self.level.of(posts)


class _Rate(Rehearsing):
    """The same of events."""

    answers = {"event"}

    def rehearse(self, train: Posts, y: Array) -> Array:
        held = train.holdout(HOLDOUT)
        rate = RecentRate()
        rate.fit(held.fit, y[held.fit_rows])
        return rate.predict(held.check)

    def conclude(self, train: Posts, y: Array) -> None:
        self.rate = RecentRate()
        self.rate.fit(train, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.rate.reveal(posts, y)

    def predict(self, posts: Posts) -> Array:
        return self.rate.predict(posts)


LIBRARY: dict[str, type[Rehearsing]] = {
    "recent_level": _Level,
    "recent_rate": _Rate,
    "gp_level": GPLevel,
    "ridge": Ridge,
    "lightgbm": LightGBM,
    "mlp": MLP,
    "lstm": LSTM,
    "transformer": Transformer,
    "temporal_fusion_transformer": TemporalFusionTransformer,
    "clip_adapter": CLIPAdapter,
    "category_embedding": CategoryEmbedding,
}
"""What may be a member."""
if find_spec("catboost"):  # an extra
    from baselines.catboost import CatBoost

    LIBRARY["catboost"] = CatBoost

COLUMN_NEEDS = ("category", "place", "tags")
"""Needs that are met by columns of that role, and not by encoded content."""


class Ensemble(Baseline):
    """Weighted mean of other baselines, selected greedily on the chronological holdout.

    Caruana et al., "Ensemble selection from libraries of models", ICML 2004: step by step, with replacement,
    the member whose addition makes the error of the mean smallest, the MAE or the log loss of events; a
    member's weight is how often it was taken. Each target has weights of its own. Selection compares
    predictions that members made for the holdout without having learnt from it; those that were taken then
    learn from all posts. A member that the data set lacks the content for, or that does not answer this kind
    of task, is left out.
    """

    family = "ensemble"
    answers = {"regression", "event"}
    preload = tuple(dict.fromkeys(module for cls in LIBRARY.values() for module in cls.preload))

    members: tuple[str, ...] = (
        "recent_level",
        "recent_rate",
        "gp_level",
        "ridge",
        "lightgbm",
        "mlp",
        "lstm",
        "transformer",
        "temporal_fusion_transformer",
        "clip_adapter",
        "category_embedding",
    )
    steps: int = 50
    """Selections a target: weights are multiples of 1 / steps."""

    def wanted(self) -> Set[str]:
        every = [_member(name) for name in self.members]
        return {name for one in every for name in {*one.required(), *one.wanted()}} - set(COLUMN_NEEDS)

    def fit(self, train: Posts, y: Array) -> None:
        self.library: dict[str, Rehearsing] = {}
        self.left_out: dict[str, str] = {}
        rehearsed: dict[str, Array] = {}
        with fitted_once():
            for name in self.members:
                member = _member(name)
                if self._can_work(member, name, train):
                    member.seed, member.threads = self.seed, self.threads  # type: ignore[misc]
                    _seed(self.seed)
                    rehearsed[name] = member.rehearse(train, y)
                    self.library[name] = member
            if not rehearsed:
                raise ValueError(f"no member can work on these data: {self.left_out}")
            self._select(rehearsed, y[train.holdout(HOLDOUT).check_rows], train.targets, error_of(train.kind))
            self._keep_those_with_weight()
            for member in self.library.values():
                _seed(self.seed)
                member.conclude(train, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        for member in self.library.values():
            member.reveal(posts, y)

    def predict(self, posts: Posts) -> Array:
        total = np.zeros((len(posts), len(self.targets)))
        for name, member in self.library.items():
            weights = self.weights[:, self.rehearsed.index(name)]
            total += weights * _middle(member, member.predict(posts))
        return total.astype(np.float32)

    def artefacts(self, folder: Path) -> None:
        """The weights. What a member has learnt is drawn in its own row: it is the same there as here."""
        (folder / "weights.json").write_text(json.dumps(self._report(), indent=2) + "\n")
        for target, weights in zip(self.targets, self.weights, strict=True):
            title = f"{target}: weights of the members, selected on {len(self.validation)} held-out posts"
            _plots.bars(folder / f"weights_{target}.png", list(self.rehearsed), weights, title, "weight")

    def _can_work(self, member: Rehearsing, name: str, train: Posts) -> bool:
        lacking = _lacking(member, train)
        if train.kind not in member.answers:
            self.left_out[name] = f"answers {', '.join(sorted(member.answers))}"
        elif lacking:
            self.left_out[name] = f"needs {', '.join(lacking)}"
        return name not in self.left_out

    def _select(
        self, rehearsed: Mapping[str, Array], y: Array, targets: tuple[str, ...], error: Error = MAE
    ) -> None:
        found = np.stack([*rehearsed.values()], axis=2)
        self.rehearsed = tuple(rehearsed)
        self.targets, self.error = targets, error
        self.weights = np.stack(
            [selected(found[:, j], y[:, j], self.steps, error) for j in range(y.shape[1])]
        )
        self.validation = np.einsum("njm,jm->nj", found, self.weights).astype(np.float32)
        every = np.concatenate([found, self.validation[:, :, None]], axis=2)
        self.errors = error.each(every, y[:, :, None]).mean(axis=0)
        print(json.dumps(self._report()))

    def _keep_those_with_weight(self) -> None:
        """The others need not learn from all posts, nor be told what becomes known."""
        taken = [name for name, weights in zip(self.rehearsed, self.weights.T, strict=True) if weights.any()]
        self.library = {name: self.library[name] for name in taken}

    def _report(self) -> dict[str, object]:
        """Weights, and the error on the holdout of each member and of the ensemble, by target."""

        def by_target(table: NDArray[np.floating], names: list[str]) -> dict[str, dict[str, float]]:
            return {
                target: {name: round(float(value), 4) for name, value in zip(names, row, strict=True)}
                for target, row in zip(self.targets, table, strict=True)
            }

        return {
            "weights": by_target(self.weights, [*self.rehearsed]),
            f"{self.error.key}_on_holdout": by_target(self.errors, [*self.rehearsed, "ensemble"]),
            "left_out": self.left_out,
        }


def selected(found: Array, y: Array, steps: int, error: Error = MAE) -> NDArray[np.float64]:
    """float64 [members], adding up to 1: how often each is taken in `steps` greedy selections.

    Args:
        found: float32 [n, members], predictions for posts not learnt from. y: float32 [n], their labels.
    """
    counts = np.zeros(found.shape[1])
    total = np.zeros(len(y))
    for step in range(1, steps + 1):
        errors = error.each((total[:, None] + found) / step, y[:, None]).mean(axis=0)
        best = int(errors.argmin())
        counts[best] += 1
        total += found[:, best]
    return counts / steps


def _member(name: str) -> Rehearsing:
    if name not in LIBRARY:
        raise UnknownName("member of the ensemble", name, LIBRARY)
    return LIBRARY[name]()


def _lacking(member: Baseline, posts: Posts) -> list[str]:
    """Needs of the member that the data set does not meet."""
    return [
        need
        for need in sorted(member.required())
        if not (posts.with_role(need) if need in COLUMN_NEEDS else posts.has(need))
    ]


def _middle(member: Baseline, predicted: Array) -> Array:
    """[n, targets]: of quantiles, the median."""
    return predicted[:, :, member.quantiles.index(0.5)] if member.quantiles else predicted


def _seed(seed: int) -> None:
    """As the harness does before `fit`: a member is the same in the ensemble as alone."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
