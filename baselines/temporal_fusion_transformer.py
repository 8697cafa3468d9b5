from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from baselines.networks.inputs import Inputs
from baselines.networks.sequences import Steps
from baselines.networks.tensors import Tensors
from baselines.networks.training import TorchBaseline
from baselines.parts import plots as _plots
from benchmark import Array, Posts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

SAMPLE = 2000
"""Predicted posts over which selection weights and attention are averaged."""


class TemporalFusionTransformer(TorchBaseline):
    """Temporal Fusion Transformer (Lim et al. 2021) over the user's newest known labels, with quantiles.

    Static: the account as of now. Encoder: its newest posts with known labels. Decoder: the
    post to be predicted. It corrects the account's recent level. Which inputs it selects, and which earlier
    posts it attends to, is written beside the learning curve.
    """

    answers = {"regression"}
    """Which quantiles it predicts is said before it knows the kind of task: events are answered by excess."""
    wants = {"text", "image"}
    preload = (*TorchBaseline.preload, "pytorch_forecasting")

    cut_offs: int = 4
    k: int = 8
    """Earlier posts, the newest whose labels are known."""
    components: int = 8
    """PCA components of all embeddings together: each is a variable with a network of its own."""
    past_numbers: int = 6
    """Numbers that tell of an earlier post, beside its labels: those most correlated with the label."""
    hidden: int = 16
    heads: int = 4
    dropout: float = 0.3
    epochs: int = 20
    patience: int = 4
    batch: int = 128
    learning_rate: float = 1e-2
    """High: at first each variable has but its small share of the weight."""
    loss: str = "quantile"

    def learn(self, posts: Posts, residual: Array) -> None:
        encodings = [encoding for encoding in ("text", "image") if posts.has(encoding)]
        self.per_encoding = self.components // max(1, len(encodings))
        inputs = Inputs(tuple(encodings), self.per_encoding, self.aim.past)
        self.inputs = inputs.fit(posts, residual, self.seed)
        self.sample: dict[str, Tensor] = {}
        numbers = self.inputs.tensors(posts, fitted_on=True)["numbers"]
        names = self._names(posts)
        first: dict[bytes, int] = {}
        for i, column in enumerate(numbers.T):  # one variable for all that is missing at once
            first.setdefault(column.tobytes(), i)
        self.static = [i for i in first.values() if names[i].startswith("history_")]
        self.new = [i for i in first.values() if not names[i].startswith("history_")]
        own = [i for i in self.new if names[i] in self.inputs.numbers.names]
        self.earlier = _most_correlated(numbers, own, residual, self.past_numbers)
        embedded = [
            f"{one.encoding}_{i}" for one in self.inputs.reduced for i in range(one.pca.n_components_)
        ]
        told = [*(f"label_{target}" for target in posts.targets), "days_to_next", "exists", "days_before"]
        self.variables = {
            "account": [names[i] for i in self.static],
            "earlier posts": [*told, *(names[i] for i in self.earlier), *embedded],
            "new post": [*self.inputs.levels, *(names[i] for i in self.new), *embedded],
        }
        """Names, in the order of the network's selection weights."""

    def tensors(self, posts: Posts, base: Array, *, fitted_on: bool = False) -> Tensors:
        steps = Steps(posts, self.steps(posts, self.k, base), self._past)
        lengths = steps.exists.sum(axis=1)
        # The library wants the steps that there are on the left.
        place = (np.arange(self.k) + (self.k - lengths)[:, None]) % self.k
        read = self.inputs.tensors(posts, fitted_on=fitted_on)
        own = {
            "static": read["numbers"][:, self.static],
            "new": np.hstack([read["numbers"][:, self.new], read["embeddings"]]),
            "codes": read["codes"],
            "told": np.take_along_axis(steps.told, place[:, :, None], axis=1),
            # A first post has one empty step as its past. At length 0 the library would give it the state of
            # another post of its batch.
            "lengths": np.maximum(lengths, 1),
        }
        return Tensors(own, {"features": steps.features}, np.take_along_axis(steps.index, place, axis=1))

    def network(self, outputs: int, read: Tensors) -> nn.Module:
        from baselines.networks.tft import TFTNetwork

        return TFTNetwork(
            read.width("static"),
            read.width("told") + read.width("features"),
            read.width("new"),
            self.inputs.shape[1],
            outputs,
            steps=self.k,
            hidden=self.hidden,
            heads=self.heads,
            dropout=self.dropout,
        )

    def predict(self, posts: Posts) -> Array:
        base = self.aim.base(posts)
        read = self.tensors(posts, base)
        self._remember(read, len(posts))
        return self._answered(read, base)

    def artefacts(self, folder: Path) -> None:
        """Beside the learning curve, of a sample of the predicted posts: the mean weight of each variable
        (`selected.csv`), and the attention to the post 1, 2, ... back, by head (`attention.csv`)."""
        super().artefacts(folder)
        if self.sample:
            looked = self._looked_at()
            self._draw_selected(folder, looked)
            self._draw_attention(folder, looked)

    def _past(self, posts: Posts) -> Array:
        read = self.inputs.of_past(posts, self.per_encoding)
        return read[:, [*self.earlier, *range(self.inputs.numbers.width, read.shape[1])]]

    def _names(self, posts: Posts) -> list[str]:
        """Of the numbers that `Inputs` gives."""
        numbers = self.inputs.numbers
        missing = [f"{name}_missing" for name in numbers.gaps]
        scores = [
            f"{encoding}_score_{target}" for encoding in self.inputs.encodings for target in posts.targets
        ]
        return [*numbers.names, *missing, *scores]

    def _remember(self, read: Tensors, n: int) -> None:
        """Keep some of the posts, with those of the calls before; the prediction does not depend on it."""
        import torch

        batch = read.batch(torch.from_numpy(_spread(n, SAMPLE)))
        kept = {name: torch.cat([self.sample.get(name, some[:0]), some]) for name, some in batch.items()}
        rows = torch.from_numpy(_spread(len(kept["lengths"]), SAMPLE))
        self.sample = {name: some[rows] for name, some in kept.items()}

    def _looked_at(self) -> LookedAt:
        import torch

        from baselines.networks.tft import TFTNetwork

        net = self.net.first
        assert isinstance(net, TFTNetwork)
        net.eval()
        with torch.inference_mode():
            weights = net.attended(self.sample)
        static, earlier, new, attention = (one.float().cpu().numpy() for one in weights)
        exists = self.sample["told"][:, :, -2].cpu().numpy() > 0
        count = exists.sum(axis=1)
        back = np.arange(1, self.k + 1)
        place = np.maximum(count[:, None] - back, 0)
        by_lag = np.take_along_axis(attention[:, :, :-1], place[:, None], axis=2)
        reached = count[:, None] >= back
        posts = reached.sum(axis=0)
        return LookedAt(
            selected={
                "account": static.mean(axis=0),
                "earlier posts": earlier[exists].sum(axis=0) / max(1, exists.sum()),
                "new post": new.mean(axis=0),
            },
            itself=attention[:, :, -1].mean(axis=0),
            earlier=np.where(reached[:, None], by_lag, 0).sum(axis=0) / np.where(posts, posts, np.nan),
            posts=posts,
        )

    def _draw_selected(self, folder: Path, looked: LookedAt) -> None:
        with (folder / "selected.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["part", "variable", "weight"])
            for part, weights in looked.selected.items():
                names = self.variables[part]
                for i in np.argsort(-weights, kind="stable"):
                    table.writerow([part, names[i], f"{weights[i]:.6g}"])
                if names:
                    path, title = f"selected_{part.replace(' ', '_')}.png", f"What is selected of the {part}"
                    _plots.bars(folder / path, names, weights, title, "mean selection weight")

    def _draw_attention(self, folder: Path, looked: LookedAt) -> None:
        heads = [f"head {i + 1}" for i in range(self.heads)]
        lags = [str(lag + 1) for lag in range(self.k)]
        with (folder / "attention.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["posts_back", "posts", "mean", *heads])
            posts = [len(self.sample["lengths"]), *looked.posts]
            for lag, n, weights in zip(["0", *lags], posts, looked.matrix.T, strict=True):
                table.writerow([lag, n, *(f"{weight:.6g}" for weight in (weights.mean(), *weights))])
        _plots.heatmap(
            folder / "attention_map.png",
            looked.matrix,
            ["0", *lags],
            heads,
            "Attention by head",
            xlabel="posts back (0: the post itself)",
            unit="mean attention",
        )
        _plots.lines(
            folder / "attention.png",
            np.arange(1, self.k + 1),
            {"mean of the heads": looked.earlier.mean(axis=0)},
            "Attention to earlier posts",
            xlabel="posts back",
            ylabel="mean attention",
        )


class LookedAt(NamedTuple):
    """Means over a sample of posts."""

    selected: dict[str, NDArray[np.floating]]
    """Part -> weight of each of its variables; they sum to 1."""
    itself: NDArray[np.floating]
    """[heads] attention to the post itself."""
    earlier: NDArray[np.floating]
    """[heads, k] attention to the post 1, 2, ... back, over the posts that have one; NaN where none has."""
    posts: NDArray[np.int64]
    """[k] how many these are."""

    @property
    def matrix(self) -> NDArray[np.floating]:
        """[heads, 1 + k]"""
        return np.hstack([self.itself[:, None], self.earlier])


def _spread(n: int, most: int) -> NDArray[np.int64]:
    """At most so many of n rows, evenly spaced."""
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).astype(np.int64)


def _most_correlated(numbers: Array, columns: list[int], residual: Array, count: int) -> list[int]:
    """The `count` columns with the largest absolute correlation with any target, in their old order."""
    if not columns:
        return []
    x = numbers[:, columns] - numbers[:, columns].mean(axis=0)
    y = residual - residual.mean(axis=0)
    norms = np.linalg.norm(x, axis=0)[:, None] * np.linalg.norm(y, axis=0)
    strength = np.abs(x.T @ y / np.maximum(norms, 1e-12)).max(axis=1)
    return sorted(columns[i] for i in np.argsort(-strength, kind="stable")[:count])
