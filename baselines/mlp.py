from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from baselines.beside.told import needed
from baselines.networks.inputs import Inputs
from baselines.networks.targets import STUDY
from baselines.networks.tensors import Tensors
from baselines.networks.training import TorchBaseline
from benchmark import Array, Posts

if TYPE_CHECKING:
    from torch import nn

    from baselines.parts.kept import Kept, Learnt


class MLP(TorchBaseline):
    """Multi-layer perceptron on embeddings, metadata and history, all targets at once.

    It corrects the account's recent level. `--study` compares its losses and target scalings,
    and leaves that out.
    """

    keeps = True
    study = STUDY

    encodings: tuple[str, ...] = ("text", "image")
    """Encoded content. With sentiment, emotion and topics, as in the study, the holdout was no better."""
    components: int = 64
    """PCA components of each embedding."""
    width: int = 64
    dropout: float = 0.3
    beside: tuple[str, ...] = ()  # type: ignore[misc]
    """What else it is told: see `baselines.beside.told`."""

    def required(self) -> Set[str]:
        return needed(self.beside)

    def wanted(self) -> Set[str]:
        return set(self.encodings)

    def learn(self, posts: Posts, residual: Array) -> None:
        self.inputs = Inputs(self.encodings, self.components, self.past).fit(posts, residual, self.seed)

    def tensors(self, posts: Posts, base: Array, *, fitted_on: bool = False) -> Tensors:
        return Tensors(self.inputs.tensors(posts, fitted_on=fitted_on))

    def names(self) -> list[str]:
        return self.inputs.names

    def network(self, outputs: int, read: Tensors) -> nn.Module:
        from torch.nn import Sequential

        from baselines.networks.layers import Entry, head

        entry = Entry(*self.inputs.shape, self.width, self.dropout)
        return Sequential(entry, head(self.width, self.width, outputs, self.dropout))

    def keep_inputs(self, learnt: Learnt) -> None:
        self.inputs.keep(learnt)

    def restore_inputs(self, kept: Kept, known: Posts) -> None:
        inputs = Inputs(self.encodings, self.components, self.past)
        self.inputs = inputs.restore(kept, self.aim.hinted(len(known.targets)))
