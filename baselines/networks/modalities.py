"""What a network that reads images and texts owes to each of them, for a person to look at."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from baselines.parts import plots as _plots
from baselines.parts.errors import Error
from benchmark import Array

if TYPE_CHECKING:
    from torch import Tensor, nn

    from baselines.networks.alignment import Look
    from baselines.networks.clip import CLIPAdapterNetwork

Batch = Mapping[str, "Tensor"]
METADATA = "metadata and history"
TENTHS = 10


def draw_shares(
    folder: Path,
    batch: Batch,
    columns: Mapping[str, range],
    predict: Callable[[Batch], Array],
    y: Array,
    error: Error,
) -> None:
    """`modalities.csv`, `modalities.png`: what happens when a modality is taken away: 0 in every post.

    Args:
        columns: modality (METADATA, or an encoding as the batch names it) -> its columns of `numbers`.
            Features go with their encoding, codes with the metadata.
        predict: batch -> float32 [n, targets]. y: float32 [n, targets].
    """
    import torch

    whole = predict(batch)
    rows = []
    for modality, own in columns.items():
        changed = {"numbers": batch["numbers"].clone()}
        changed["numbers"][:, list(own)] = 0
        if (flag := f"{modality}_there") in batch:
            changed[flag] = torch.zeros_like(batch[flag])
        if modality == METADATA:
            changed["codes"] = torch.zeros_like(batch["codes"])
        without = predict({**batch, **changed})
        moved = float(np.abs(without - whole).mean())
        rows.append((modality, moved, error(without, y) - error(whole, y)))
    _write(folder / "modalities.csv", ("modality", "moves_prediction_by", f"{error.key}_growth"), rows)
    names, moved_by, _ = zip(*rows, strict=True)
    title = "What each modality does to the predictions"
    _plots.bars(folder / "modalities.png", names, moved_by, title, "mean change when it is taken away")


def write_adapters(path: Path, net: nn.Module, ratio: float, batch: Batch) -> None:
    """JSON: of each adapter its ratio, and which share of the adapted features' length is its own work."""
    import torch

    told, network = {}, cast("CLIPAdapterNetwork", net)
    with torch.inference_mode():
        for encoding, adapter in network.adapters.items():
            frozen = network.probe.frozen(encoding, batch)
            kept, adapted = (1 - ratio) * frozen, adapter(frozen)
            length = float(adapted.norm(dim=1).mean())
            share = float((adapted - kept).norm(dim=1).mean()) / max(length, 1e-9)
            told[encoding] = {"ratio": ratio, "share_adapted": round(share, 4)}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def draw_alignment(folder: Path, curve: Sequence[Look], steps: int) -> None:
    """`alignment.csv`, `alignment.png`: how well the heads tell held-out pairs while they train.

    steps: how many were chosen; 0 where the heads are not used.
    """
    _write(folder / "alignment.csv", ("step", "held_out_loss"), curve)
    losses = {"held-out pairs": [look.loss for look in curve], "a guess": [1.0] * len(curve)}
    title = f"CLIP-style heads: {steps} steps chosen" if steps else "CLIP-style heads: no help, not used"
    ylabel = "contrastive loss, share of a guess's"
    at = [look.step for look in curve]
    _plots.lines(folder / "alignment.png", at, losses, title, xlabel="step", ylabel=ylabel)


def draw_similarity(
    folder: Path, similarity: Array, residual: Array, targets: Sequence[str], told: str
) -> None:
    """`similarity.csv`, `similarity.png`: mean residual, by tenth of image-text similarity.

    similarity: float32 [n], of posts that have both. residual: float32 [n, targets]. told: what its mean is.
    """
    tenths = np.array_split(residual[np.argsort(similarity, kind="stable")], min(TENTHS, len(residual)))
    means = np.array([part.mean(axis=0) for part in tenths])
    errors = np.array([part.std(axis=0) / np.sqrt(len(part)) for part in tenths])
    at = np.arange(1, len(tenths) + 1)
    header = ("tenth", *(f"{target}{what}" for target in targets for what in ("", "_standard_error")))
    values = np.stack([means, errors], axis=2).reshape(len(tenths), -1)
    _write(folder / "similarity.csv", header, np.column_stack([at, values]).tolist())
    series = dict(zip(targets, means.T, strict=True))
    bands = {name: (means[:, j] - errors[:, j], means[:, j] + errors[:, j]) for j, name in enumerate(targets)}
    _plots.lines(
        folder / "similarity.png",
        at,
        series,
        "Image-text similarity and popularity",
        xlabel="tenth of the posts, by similarity",
        ylabel=told,
        bands=bands,
    )


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(
            [f"{value:.6g}" if isinstance(value, float) else value for value in row] for row in rows
        )
