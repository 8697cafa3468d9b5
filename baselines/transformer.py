from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING

from baselines.networks.inputs import Inputs
from baselines.networks.sequences import Steps
from baselines.networks.targets import STUDY
from baselines.networks.tensors import Tensors
from baselines.networks.training import TorchBaseline
from benchmark import Array, Posts

if TYPE_CHECKING:
    from torch import Tensor, nn


class Transformer(TorchBaseline):
    """Transformer encoder over the user's newest posts with known labels and the new one.

    Each post is compressed linearly, told its place, and attends to the others; the output layer reads the
    new post. Vaswani et al. 2017, arXiv 1706.03762. It corrects the account's recent level. `--study`
    compares its losses and target scalings, and leaves that out.
    """

    study = STUDY

    cut_offs: int = 4
    k: int = 16
    """Earlier posts, the newest whose labels are known."""
    encodings: tuple[str, ...] = ("text", "image")
    """Encoded content. With sentiment, emotion and topics, as in the study, the holdout was no better."""
    components: int = 64
    """PCA components of each embedding of the new post."""
    past_components: int = 8
    """The same of an earlier post."""
    width: int = 64
    heads: int = 4
    layers: int = 1
    dropout: float = 0.4

    def wanted(self) -> Set[str]:
        return set(self.encodings)

    def learn(self, posts: Posts, residual: Array) -> None:
        self.inputs = Inputs(self.encodings, self.components, self.aim.past).fit(posts, residual, self.seed)

    def tensors(self, posts: Posts, base: Array, *, fitted_on: bool = False) -> Tensors:
        steps = Steps(posts, self.steps(posts, self.k, base), self._past)
        own = self.inputs.tensors(posts, fitted_on=fitted_on)
        return Tensors(
            own | {"told": steps.told, "exists": steps.exists}, {"features": steps.features}, steps.index
        )

    def names(self) -> list[str]:
        return self.inputs.names

    def network(self, outputs: int, read: Tensors) -> nn.Module:
        from baselines.networks.layers import Entry
        from baselines.networks.transformer import TransformerNetwork

        entry = Entry(*self.inputs.shape, self.width, self.dropout)
        past = read.width("features") + read.width("told")
        return TransformerNetwork(
            entry, self.width, past, self.k, self.heads, self.layers, outputs, self.dropout
        )

    def artefacts(self, folder: Path) -> None:
        super().artefacts(folder)
        self._draw_attention(folder)

    def _draw_attention(self, folder: Path) -> None:
        """Where the new post looks: mean attention of the last layer, by head and lag, on the holdout."""
        import torch

        from baselines.parts.plots import heatmap

        with torch.inference_mode():
            attention: Tensor = self.rehearsal.net.first.attention(self.rehearsal.batch)  # type: ignore[operator]
            weights = attention.mean(dim=0).cpu().numpy()
        lags = [f"-{lag}" for lag in range(self.k, 0, -1)] + ["new"]
        heatmap(
            folder / "attention.png",
            weights,
            lags,
            [f"head {i + 1}" for i in range(self.heads)],
            "Attention of the new post to the user's earlier posts",
        )

    def _past(self, posts: Posts) -> Array:
        return self.inputs.of_past(posts, self.past_components)
