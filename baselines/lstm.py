from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from baselines.networks.inputs import Inputs
from baselines.networks.sequences import Steps
from baselines.networks.targets import STUDY
from baselines.networks.tensors import Tensors
from baselines.networks.training import TorchBaseline
from benchmark import Array, Posts

if TYPE_CHECKING:
    from torch import nn


class LSTM(TorchBaseline):
    """LSTM over the user's newest posts with known labels, the new post's features last.

    Hochreiter and Schmidhuber 1997. It corrects the account's recent level. `--study` compares its losses and
    target scalings, and leaves that out.
    """

    study = STUDY

    cut_offs: int = 4
    k: int = 16
    """Earlier posts, the newest whose labels are known."""
    encodings: tuple[str, ...] = ("text", "image")
    """Encoded content."""
    components: int = 64
    """PCA components of each embedding of the new post."""
    past_components: int = 8
    """The same of an earlier post."""
    width: int = 64
    hidden: int = 64
    dropout: float = 0.4

    def wanted(self) -> Set[str]:
        return set(self.encodings)

    def learn(self, posts: Posts, residual: Array) -> None:
        inputs = Inputs(self.encodings, self.components, self.aim.past)
        self.inputs = inputs.fit(posts, residual, self.seed)

    def tensors(self, posts: Posts, base: Array, *, fitted_on: bool = False) -> Tensors:
        steps = Steps(posts, self.steps(posts, self.k, base), self._past)
        own = self.inputs.tensors(posts, fitted_on=fitted_on)
        return Tensors(own | {"told": steps.told}, {"features": steps.features}, steps.index)

    def names(self) -> list[str]:
        return self.inputs.names

    def network(self, outputs: int, read: Tensors) -> nn.Module:
        from baselines.networks.layers import Entry
        from baselines.networks.lstm import LSTMNetwork

        entry = Entry(*self.inputs.shape, self.width, self.dropout)
        past = read.width("features") + read.width("told")
        return LSTMNetwork(entry, self.width, past, self.hidden, outputs, self.dropout)

    def _past(self, posts: Posts) -> Array:
        return self.inputs.of_past(posts, self.past_components)
