"""What boosted trees share, whichever library grows them: their matrix, the holdout that stops them, plots.

With history, the trees model the residual around the account's recent level, and see past labels only
relative to it: trees cannot extrapolate a drift. Of an event they say the probability. The objective and the
number of rounds are chosen on the chronological holdout; the trees are then grown anew on all training posts.
"""

from __future__ import annotations

import csv
import json
import time
from abc import abstractmethod
from collections.abc import Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

import numpy as np

from baselines.beside.told import Beside, needed
from baselines.parts import plots as _plots
from baselines.parts.aims import Chance, aim_of
from baselines.parts.columns import Columns
from baselines.parts.embeddings import Reduced
from baselines.parts.holdout import HOLDOUT
from baselines.parts.keeping import Keeping
from baselines.parts.rehearsing import Rehearsing
from baselines.parts.vectors import Vectors
from benchmark import Array, Posts
from benchmark.outside.spreadsheet import guarded

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from baselines.parts.kept import Kept, Learnt

KINDS = ("text", "image")
EXPLAINED = 500
"""So many training posts, spread evenly over time, have their predictions explained."""


class Trees(Protocol):
    """The trees of one target."""

    rounds: int
    """How many are used: the number with the smallest error on the holdout, where they were watched on
    one."""
    curve: list[float]
    """Error on the holdout after 1, 2, ... rounds; empty where they were grown without one."""

    def predict(self, features: pd.DataFrame) -> Array:
        """[n]: the residual, or the probability of an event."""

    def importance(self) -> NDArray[np.float64]:
        """[p]: of each feature, on any scale."""

    def contributions(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """[n, p]: SHAP values (Lundberg et al., Nature Machine Intelligence 2, 2020: TreeSHAP)."""


class Watch(NamedTuple):
    """Posts on which trees are watched while they grow."""

    features: pd.DataFrame
    residual: Array
    """[n]"""


class BoostedTrees(Rehearsing, Keeping):
    """A subclass says how its library grows the trees of one target."""

    family = "trees"
    answers = {"regression", "event"}
    library: ClassVar[str]
    ending: ClassVar[str]
    """Of a file that the library writes."""
    expected: ClassVar[Columns | None] = None
    """Set on an instance that was loaded: the features that its trees were grown on."""

    inputs: tuple[str, ...] = ("metadata", "text", "image", "history")
    """And `facts`, `graph`, `shuffled`, `named`, where a data set has them: see `baselines.beside.told`."""
    objectives: tuple[str, ...] = ()
    """Of a regression, tried on the holdout; each library has its own names for them."""
    of_events: ClassVar[tuple[str, ...]]
    """The same of a task of events."""
    rounds: int = 500
    """At most."""
    learning_rate: float = 0.03
    components: int = 64
    """PCA components of each embedding; all of them would cost 15 times the time."""

    @abstractmethod
    def _grown(
        self, features: pd.DataFrame, residual: Array, objective: str, rounds: int, watch: Watch | None = None
    ) -> Trees:
        """Trees of one target, of `rounds` rounds; watched, as many as give the smallest error.

        residual: float32 [n].
        """

    def required(self) -> Set[str]:
        # A variant named for a modality is about that modality; with history, whatever there is is used.
        named = set() if "history" in self.inputs else set(self.inputs[-1:]) & set(KINDS)
        return named | needed(self.inputs)

    def wanted(self) -> Set[str]:
        return {encoding for encoding in KINDS if encoding in self.inputs}

    def rehearse(self, train: Posts, y: Array) -> Array:
        self.calls: list[float] = []
        held = train.holdout(HOLDOUT)
        matrix = self._learn_inputs(held.fit, y[held.fit_rows])
        self.chosen, validation = self._choose(matrix, held.check, y[held.check_rows])
        return validation

    def conclude(self, train: Posts, y: Array) -> None:
        matrix = self._learn_inputs(train, y)
        self.trees = [
            self._grow(matrix, self.aim.wanted[:, j], objective, rounds)
            for j, (objective, rounds) in enumerate(self.chosen)
        ]
        self.shape, self.targets, self.scales = matrix.shape, train.targets, train.scales
        self.explained = matrix.iloc[np.unique(np.linspace(0, len(matrix) - 1, EXPLAINED).astype(int))]

    @property
    def event(self) -> bool:
        """Whether it has learnt, or loaded, the chance of an event."""
        return isinstance(self.aim, Chance)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.aim.add(posts, y)
        self.beside.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        features = self._features(posts)
        values = np.stack([self._said(trees, features) for trees in self.trees], axis=1)
        return self.aim.answer(self.aim.base(posts), values)

    def explain(self, posts: Posts) -> pd.DataFrame:
        """SHAP values of the trees."""
        import pandas as pd

        features = self._features(posts)
        return pd.DataFrame(self.trees[0].contributions(features), columns=features.columns)

    def artefacts(self, folder: Path) -> None:
        self._draw_learning(folder)
        self._draw_importance(folder)
        self._draw_contributions(folder)
        costs = {f"{self.library}_seconds": sum(self.calls), "calls": len(self.calls)}
        costs |= {"rows": self.shape[0], "columns": self.shape[1]}
        (folder / "costs.json").write_text(json.dumps(costs) + "\n")

    def _learn_inputs(self, posts: Posts, y: Array) -> pd.DataFrame:
        """Fit what turns posts into features, and what the trees are to explain; the training matrix."""
        self.aim = aim_of(posts, history="history" in self.inputs).fit(posts, y)
        self.beside = Beside(self.inputs).fit(posts, y)
        self.vectors = Vectors().fit(posts)
        frames, self.reduced = [self._columns(posts)], []
        for encoding in KINDS:
            if encoding in self.inputs and posts.has(encoding):
                embeddings = posts.encode(encoding)
                reduced = Reduced(encoding, self.components).fit(embeddings, self.aim.hints, self.seed)
                frames.append(reduced.training_frame(embeddings))
                self.reduced.append(reduced)
        return _joined(frames)

    def _choose(self, matrix: pd.DataFrame, check: Posts, y: Array) -> tuple[list[tuple[str, int]], Array]:
        """Per target, the objective and the number of rounds with the smallest error on the holdout; and what
        these predict of it."""
        features, base = self._features(check), self.aim.base(check)
        self.curves: list[Mapping[str, list[float]]] = []
        values = np.zeros_like(base)
        chosen = []
        objectives = self.of_events if check.kind == "event" else self.objectives
        for j in range(y.shape[1]):
            watch = Watch(features, y[:, j] - base[:, j])
            tried = {
                objective: self._grow(
                    matrix, self.aim.wanted[:, j], objective, self.aim.rounds * self.rounds, watch
                )
                for objective in objectives
            }
            best = min(tried, key=lambda objective: (min(tried[objective].curve), objective))
            values[:, j] = self._said(tried[best], features)
            self.curves.append({objective: trees.curve for objective, trees in tried.items()})
            chosen.append((best, tried[best].rounds))
        return chosen, self.aim.answer(base, values)

    def _grow(
        self, matrix: pd.DataFrame, wanted: Array, objective: str, rounds: int, watch: Watch | None = None
    ) -> Trees:
        began = time.perf_counter()
        if _nothing_to_learn(matrix, wanted):
            middle = self.aim.middle(wanted)
            answer = self.aim.answer(np.zeros(1, np.float32), np.full(1, middle, np.float32))
            curve = [] if watch is None else [self.aim.error(answer, watch.residual)]
            trees: Trees = _Stump(middle, matrix.shape[1], curve)
        else:
            trees = self._grown(matrix, wanted.copy(), objective, rounds, watch)
        self.calls.append(time.perf_counter() - began)
        return trees

    def _said(self, trees: Trees, features: pd.DataFrame) -> Array:
        began = time.perf_counter()
        values = trees.predict(features)
        self.calls.append(time.perf_counter() - began)
        return values

    def _features(self, posts: Posts) -> pd.DataFrame:
        reduced = [one.frame(posts.encode(one.encoding)) for one in self.reduced]
        features = _joined([self._columns(posts), *reduced])
        return self.expected.checked(features) if self.expected else features

    def _columns(self, posts: Posts) -> pd.DataFrame:
        columns = self.vectors.joined(self.beside.joined(posts.tabular(), posts), posts)
        past = self.aim.past(posts)
        return columns if past is None else columns.join(past)

    def _draw_learning(self, folder: Path) -> None:
        for name, curves, trees in zip(self.targets, self.curves, self.trees, strict=True):
            path, title = (
                folder / f"learning_{name}.png",
                f"{name}: {self.aim.error.name} on the holdout by objective",
            )
            _plots.learning_curve(path, curves, trees.rounds, "round", title=title)

    def _draw_importance(self, folder: Path) -> None:
        """`importance.csv`: of each feature, its share in the importance of all, per target."""
        found = np.stack([trees.importance() for trees in self.trees], axis=1)
        shares = found / np.maximum(found.sum(axis=0), 1e-12)
        _write_table(folder / "importance.csv", self.explained.columns, shares, self.targets)
        title = "Importance of features" + (", mean over targets" if len(self.targets) > 1 else "")
        path, names = folder / "importance.png", list(self.explained.columns)
        _plots.bars(path, names, shares.mean(axis=1), title, "share of the importance of all")

    def _draw_contributions(self, folder: Path) -> None:
        """`shap.csv`: mean |SHAP| of each feature, per target, on the scoring scale."""
        values = [trees.contributions(self.explained) for trees in self.trees]
        size = np.stack([np.abs(one).mean(axis=0) for one in values], axis=1)
        _write_table(folder / "shap.csv", self.explained.columns, size, self.targets)
        features, names = _ordered(self.explained), list(self.explained.columns)
        for name, scale, one in zip(self.targets, self.scales, values, strict=True):
            unit = f"log-odds of {name}" if self.event else f"log(1 + {name})" if scale == "log1p" else name
            around = ", around the recent level" if "history" in self.inputs and not self.event else ""
            title = f"What moves the prediction of {name}: SHAP values, {len(features)} training posts"
            path = folder / f"shap_{name}.png"
            _plots.shap_summary(path, one, features, names, title=title, xlabel=f"{unit}{around}")

    def keep(self, learnt: Learnt) -> None:
        self.aim.keep(learnt)
        self.beside.keep(learnt.part("beside"))
        self.vectors.keep(learnt.part("vectors"))
        Columns.of(self.explained).keep(learnt.part("columns"))
        learnt.tell("reduced", [one.encoding for one in self.reduced])
        for one in self.reduced:
            one.keep(learnt.part(one.encoding))
        for j, trees in enumerate(self.trees):
            learnt.tell(f"rounds_{j}", trees.rounds)
            if isinstance(trees, _Stump):
                learnt.tell(f"number_{j}", trees.value)
            else:
                learnt.attach(f"trees_{j}.{self.ending}", self._written(trees))

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        self.calls = []
        self.aim = aim_of(known, history="history" in self.inputs).restore(kept, known, y)
        self.beside = Beside(self.inputs).restore(kept.part("beside"), known)
        self.vectors = Vectors.restored(kept.part("vectors"))
        self.reduced = [
            Reduced(encoding, self.components).restore(
                kept.part(encoding), self.aim.hinted(len(known.targets))
            )
            for encoding in kept.all_told("reduced", str)
        ]
        self.expected = columns = Columns.restored(kept.part("columns"))  # type: ignore[misc]
        self.trees = []
        for j in range(len(known.targets)):
            if kept.has(f"number_{j}"):
                self.trees.append(_Stump(kept.told(f"number_{j}", float), len(columns.names), []))
            else:
                content = kept.attached(f"trees_{j}.{self.ending}")
                self.trees.append(self._read(content, kept.told(f"rounds_{j}", int), columns))

    @abstractmethod
    def _written(self, trees: Any) -> bytes:
        """Trees that the library has grown, in a form of its own that holds no code."""

    @abstractmethod
    def _read(self, content: bytes, rounds: int, columns: Columns) -> Trees:
        """The same, read. Raises whatever the library says of anything else."""


class _Stump:
    """One number for all posts: where labels or features do not differ, libraries refuse to grow trees."""

    rounds = 1

    def __init__(self, value: float, features: int, curve: list[float]) -> None:
        self.value, self.features, self.curve = value, features, curve

    def predict(self, features: pd.DataFrame) -> Array:
        return np.full(len(features), self.value, np.float32)

    def importance(self) -> NDArray[np.float64]:
        return np.zeros(self.features)

    def contributions(self, features: pd.DataFrame) -> NDArray[np.float64]:
        return np.zeros((len(features), self.features))


def _nothing_to_learn(matrix: pd.DataFrame, wanted: Array) -> bool:
    """Whether all labels are equal, or all posts to whoever sees their features alone."""
    if wanted.min() == wanted.max():
        return True
    few = matrix.iloc[:50]  # in a large matrix, these settle it
    return len(few.drop_duplicates()) == 1 and len(matrix.drop_duplicates()) == 1


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, axis=1)


def _ordered(features: pd.DataFrame) -> NDArray[np.float32]:
    """float32 [n, p]; NaN for categories, which have no order."""
    out = np.full(features.shape, np.nan, np.float32)
    for j, name in enumerate(features):
        if features[name].dtype != "category":
            out[:, j] = features[name]
    return out


def _write_table(path: Path, names: pd.Index, values: NDArray[np.float64], targets: tuple[str, ...]) -> None:
    """A row a feature, a column a target; the largest first."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["feature", *targets])
        for j in np.argsort(-values.mean(axis=1), kind="stable"):
            table.writerow([guarded(str(names[j])), *(f"{value:.6g}" for value in values[j])])
