"""The networks of `clip_adapter`. Loads torch: imported where a network is built."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.networks.layers import Entry

LARGEST_SCALE = 100.0
"""Of the contrastive loss. Radford et al. 2021, section 2.5."""


class Scaling(nn.Module):
    """float16 [b, d] as a frozen encoder gives them -> float32 [b, d], centred and scaled as one."""

    mean: Tensor

    def __init__(self, mean: Tensor, spread: float) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.spread = spread

    def forward(self, features: Tensor) -> Tensor:
        return (features.float() - self.mean) / self.spread


class Heads(nn.Module):
    """Images [b, d] and texts [b, e] -> their projections of length 1, both [b, width], and a scale."""

    def __init__(self, image: Scaling, text: Scaling, width: int) -> None:
        super().__init__()
        self.image = nn.Sequential(image, nn.Linear(len(image.mean), width, bias=False))
        self.text = nn.Sequential(text, nn.Linear(len(text.mean), width, bias=False))
        self.log_scale = nn.Parameter(torch.tensor(0.0))

    def forward(self, images: Tensor, texts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        scale = self.log_scale.exp().clamp(max=LARGEST_SCALE)
        return functional.normalize(self.image(images)), functional.normalize(self.text(texts)), scale


class Adapter(nn.Module):
    """Frozen features, mixed with what a bottleneck makes of them (Gao et al. 2021, equations 4 to 7).

    It starts as the frozen features themselves. Without biases, a row of zeros stays one.
    """

    def __init__(self, width: int, reduction: int, ratio: float) -> None:
        super().__init__()
        self.ratio = ratio
        self.down = nn.Linear(width, max(1, width // reduction), bias=False)
        self.up = nn.Linear(max(1, width // reduction), width, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, features: Tensor) -> Tensor:
        adapted = self.up(functional.relu(self.down(features)))
        return self.ratio * adapted + (1 - self.ratio) * features


class LinearProbe(nn.Module):
    """Frozen features with the post's numbers and codes, linearly. Its output is 0 at first.

    Reads what `Entry` reads and, for each encoding, the features `<encoding>` [b, d] and `<encoding>_there`
    [b, 1], 0 where the post has none: such features are zeros after the scaling.
    """

    def __init__(self, scalings: Mapping[str, Scaling], entry: Entry) -> None:
        """entry: as wide as the outputs."""
        super().__init__()
        self.scalings, self.entry = nn.ModuleDict(scalings), entry
        nn.init.zeros_(entry.linear.weight)
        nn.init.zeros_(entry.linear.bias)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        frozen = [self.frozen(encoding, batch) for encoding in self.scalings]
        output: Tensor = self.entry(_with(batch, frozen))
        return output

    def frozen(self, encoding: str, batch: Mapping[str, Tensor]) -> Tensor:
        """[b, d]: the scaled features; zeros where there is no content."""
        scaled: Tensor = self.scalings[encoding](batch[encoding]) * batch[f"{encoding}_there"]
        return scaled


class CLIPAdapterNetwork(nn.Module):
    """A linear probe, and what a head makes of the adapted features with the post's numbers and codes.

    Adapters learn fast and remember posts; beside the probe they need to learn only what is not linear.
    """

    def __init__(
        self, probe: LinearProbe, adapters: Mapping[str, Adapter], entry: Entry, head: nn.Module
    ) -> None:
        super().__init__()
        self.probe, self.adapters = probe, nn.ModuleDict(adapters)
        self.entry, self.head = entry, head

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        adapted = [adapter(self.probe.frozen(encoding, batch)) for encoding, adapter in self.adapters.items()]
        output: Tensor = self.probe(batch) + self.head(self.entry(_with(batch, adapted)))
        return output


def _with(batch: Mapping[str, Tensor], features: list[Tensor]) -> dict[str, Tensor]:
    """What `Entry` reads, with these features as the embeddings."""
    nothing = batch["numbers"][:, :0]
    return {**batch, "embeddings": torch.cat([nothing, *features], dim=1)}
