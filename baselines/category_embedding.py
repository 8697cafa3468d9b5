from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.networks.inputs import Inputs
from baselines.networks.tensors import Tensors, device
from baselines.networks.training import TorchBaseline
from baselines.parts.accounts import Accounts
from baselines.parts.hierarchy import Levels, Tree
from benchmark import Array, Posts
from benchmark.encoders.label_prompts import TOPICS
from benchmark.errors import BaselineError
from benchmark.outside.spreadsheet import guarded_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from torch import nn

    from baselines.parts.kept import Kept, Learnt


class CategoryEmbedding(TorchBaseline):
    """Hierarchical category embedding: a category is its parent plus an offset, shrunk where posts are few.

    Partial pooling (Gelman and Hill 2007, chapter 12): n posts of a category count n against kappa of its
    parent's. So a rare concept stays near its subcategory, and a new one is its subcategory. A user is the
    mean of the categories posted in so far, the new post's among them, plus an offset shrunk in the same way.
    Data without categories have the topics of the text instead, and data without text have none. `one_hot`
    gives every category of every level, and every user, a vector that nothing ties to the others. Both
    correct the account's recent level.
    """

    keeps = True
    variants = {"hierarchy": {}, "one_hot": {"pooling": False, "pace": 1.0}}
    wants = {"text", "topics"}
    without = {"category": "the nearest topic of the text stands in for it"}

    pooling: bool = True
    kappa: float = 5.0
    """With so many training posts, a category is half its parent and half itself."""
    user_kappa: float = 20.0
    """The same of a user, and the mean of the user's categories."""
    pace: float = 2.0
    """Offsets learn so many times as fast as other weights: each has a part in few steps only."""
    k: int = 16
    """Earlier posts that tell which categories a user posts in."""
    dim: int = 16
    """Size of a category's vector."""
    components: int = 64
    """PCA components of the text embedding."""
    width: int = 64
    hidden: int = 64
    dropout: float = 0.2

    def conclude(self, train: Posts, y: Array) -> None:
        super().conclude(train, y)
        self.seen = train

    def learn(self, posts: Posts, residual: Array) -> None:
        inputs = _OtherInputs(("text",), self.components, self.aim.past)
        self.inputs = inputs.fit(posts, residual, self.seed)
        self.categories = Tree(nested=self.pooling).fit(_levels(posts), len(posts))
        self.topics = bool(posts.has("topics") and not posts.with_role("category"))
        self.accounts = Accounts().fit(posts)
        self.users = Tree().fit([posts.users], len(posts))

    def tensors(self, posts: Posts, base: Array, *, fitted_on: bool = False) -> Tensors:
        own = self.inputs.tensors(posts, fitted_on=fitted_on)
        own |= {"path": self._paths(posts), "user": self._users(posts)}
        if not self.pooling:
            return Tensors(own)
        distinct, index = np.unique(posts.history(self.k).previous, return_inverse=True)
        there = distinct >= 0
        paths = np.zeros((len(distinct), self.categories.depth), np.int64)
        if there.any():
            paths[there] = self._paths(posts.at(distinct[there]))
        earlier: dict[str, NDArray[Any]] = {"paths": paths, "exists": there.astype(np.float32)}
        return Tensors(own, earlier, index.reshape(len(posts), self.k))

    def network(self, outputs: int, read: Tensors) -> nn.Module:
        from baselines.networks.category import CategoryNetwork, Offsets
        from baselines.networks.layers import Entry

        return CategoryNetwork(
            Entry(*self.inputs.shape, self.width, self.dropout),
            Offsets(self.categories.counts, self.pooling * self.kappa, self.pace, self.dim),
            Offsets(self.users.counts, self.pooling * self.user_kappa, self.pace, self.dim),
            width=self.width,
            hidden=self.hidden,
            outputs=outputs,
            dropout=self.dropout,
        )

    def artefacts(self, folder: Path) -> None:
        from baselines.parts.category_map import draw_map, learnt
        from baselines.parts.plots import bars

        super().artefacts(folder)
        predicted = self.predict(self.seen)
        middle = predicted[:, :, predicted.shape[2] // 2] if predicted.ndim == 3 else predicted
        # Of an event, what is added to the mean of all.
        base = middle.mean(axis=0) if self.event else self.aim.base(self.seen)
        corrections = (middle - base).mean(axis=1)
        table = learnt(self.categories, self._vectors(), self._paths(self.seen), corrections)
        guarded_table(table).to_csv(folder / "categories.csv", index=False)
        top = table[table["level"] == 1].sort_values("training_posts", ascending=False, kind="stable")
        if len(top) > 1:
            draw_map(folder / "category_map.png", top)
            told = "chance less that of all posts" if self.event else "correction of the recent level"
            names, told = top["name"].tolist(), f"mean predicted {told}, training posts"
            bars(folder / "category_effects.png", names, top["correction"], "Categories", told)

    def _vectors(self) -> Array:
        """float32 [nodes + 1, dim]"""
        import torch

        from baselines.networks.category import Offsets

        table = self.net.first.categories
        assert isinstance(table, Offsets)
        with torch.inference_mode():
            ways = torch.from_numpy(self.categories.ways()).to(device())
            found: Array = table(ways).cpu().numpy()
        return found

    def _paths(self, posts: Posts) -> NDArray[np.int64]:
        return self.categories.paths(_levels(posts), len(posts))

    def _users(self, posts: Posts) -> NDArray[np.int64]:
        return self.users.paths([self.accounts.of(posts.users)], len(posts))

    def keep_inputs(self, learnt: Learnt) -> None:
        if self.topics and self.pooling:
            raise BaselineError(
                "category_embedding cannot be kept where posts have no category: it reads the topics of an "
                "account's earlier posts. Keep `category_embedding:one_hot`, which does not, or another one"
            )
        self.inputs.keep(learnt.part("own"))
        self.categories.keep(learnt.part("categories"))
        self.users.keep(learnt.part("users"))
        self.accounts.keep(learnt.part("accounts"))

    def restore_inputs(self, kept: Kept, known: Posts) -> None:
        inputs = _OtherInputs(("text",), self.components, self.aim.past)
        self.inputs = inputs.restore(kept.part("own"), self.aim.hinted(len(known.targets)))
        self.categories = Tree(nested=self.pooling).restore(kept.part("categories"))
        self.users = Tree().restore(kept.part("users"))
        self.accounts = Accounts.restored(kept.part("accounts"), known)


class _OtherInputs(Inputs):
    """Everything but the categories, which have vectors of their own."""

    def _frame(self, posts: Posts) -> pd.DataFrame:
        return super()._frame(posts).drop(columns=posts.with_role("category"))


def _levels(posts: Posts) -> Levels:
    """The category columns from the top down; else the nearest topic of the text, which has none below it."""
    if columns := posts.with_role("category"):
        return [posts.column(name).to_numpy(object) for name in columns]
    if not posts.has("topics"):
        return []
    cosines = posts.encode("topics")
    topics = _topic_names(cosines.shape[1])[cosines.argmax(axis=1)]
    topics[~posts.encoded("topics")] = None
    return [topics]


def _topic_names(count: int) -> NDArray[np.object_]:
    """Those of the profiles' own encoders, or numbers for another one's."""
    own = len(TOPICS) == count
    return np.array(TOPICS if own else [f"topic {i}" for i in range(count)], object)
