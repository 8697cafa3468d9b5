"""Result: what is stored of a cell, beside its predictions: scores, costs, provenance."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np

from benchmark.run.store import PREDICTIONS, REPLICATES, seal
from benchmark.run.supervisor import Outcome
from benchmark.run.truth import stored_truth
from benchmark.scores.scoring import predictions_table, scores
from benchmark.split import PROTOCOL_VERSION

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.card import Modality
    from benchmark.data.prepared import Prepared
    from benchmark.run.cell import Cell
    from benchmark.run.store import Store
    from benchmark.run.tasks import TaskPosts
    from benchmark.split import Windows

RESULT_VERSION = 1
LIBRARIES = ("numpy", "pandas", "scikit-learn", "lightgbm", "torch")
"""Their versions are recorded: they are not part of the key, and may explain a difference."""


def provenance(
    cell: Cell,
    posts: TaskPosts,
    *,
    key: str,
    truth: str,
    code: str,
    summary: str,
    settings: Mapping[str, Any],
    study: Sequence[str] = (),
    family: str = "other",
    kinds: Sequence[str] = (),
) -> dict[str, Any]:
    """Where a result comes from: everything but what came out.

    Args:
        family: as the baseline calls it. kinds: of encoded content that the cell reads.
    """
    prepared = posts.prepared
    return {
        "version": RESULT_VERSION,
        "key": key,
        "truth_key": truth,
        "dataset": cell.dataset,
        "title": prepared.card.title,
        "synthetic": prepared.card.synthetic,
        "task": cell.task,
        "targets": list(posts.task.targets),
        "metrics": list(posts.task.metrics),
        "protocol": cell.protocol,
        "protocol_version": PROTOCOL_VERSION,
        "baseline": cell.baseline,
        "summary": summary,
        "family": family,
        "kinds": list(kinds),
        "variant": cell.variant,
        "settings": dict(settings),
        "study": list(study),
        "encoders": cell.encoders,
        "crawl": cell.crawl,
        "seed": cell.seed,
        "data_fingerprint": prepared.fingerprint,
        "code_hash": code,
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        "environment": _environment(),
    }


def scored(
    outcome: Outcome, cell: Cell, posts: TaskPosts, windows: Windows, truth: pa.Table, staging: Path
) -> dict[str, Any]:
    """Write a cell's predictions, and the replicates of its scores, into `staging`; return what to record.

    Under `official` the labels are not known: the predictions are kept, and nothing is scored.
    """
    import pyarrow.parquet as pq

    targets = posts.task.targets
    predictions = predictions_table(truth, targets, outcome.predictions, outcome.quantiles)
    pq.write_table(predictions, staging / PREDICTIONS)
    costs = {
        "n_train": len(windows.train),
        "n_test": len(windows.test),
        "fit_seconds": outcome.fit_seconds,
        "predict_seconds": outcome.predict_seconds,
        "peak_mb": outcome.peak_mb,
    }
    if cell.protocol == "official":
        return {**costs, "scores": [], "slices": []}
    found, sliced, resampled = scores(truth, predictions, targets, posts.task.metrics)
    np.savez_compressed(staging / REPLICATES, **resampled)  # type: ignore[arg-type]
    n_clusters = int(truth["cluster"].to_numpy().max()) + 1
    return {**costs, "clusters": n_clusters, "scores": found, "slices": sliced}


def write_ceiling(store: Store, cell: Cell, posts: TaskPosts, windows: Windows, truth_key: str) -> None:
    """The row of a synthetic data set that nobody can beat: its noiseless score as the prediction."""
    assert posts.ceiling is not None
    folder = store.folder(cell, truth_key)
    truth = stored_truth(store, cell, truth_key, posts, windows)
    with store.claim(folder) as ours:
        if ours and store.read(folder) is None:
            about = provenance(
                cell,
                posts,
                key=truth_key,
                truth=truth_key,
                code="",
                summary="The noiseless score",
                settings={},
            )
            noiseless = posts.ceiling[windows.test].astype(np.float32)
            costless = Outcome(noiseless, {}, fit_seconds=0.0, predict_seconds=0.0, peak_mb=0.0)
            with store.writing(folder) as staging:
                found = scored(costless, cell, posts, windows, truth, staging)
                seal(staging, about | {"status": "ceiling", "reason": None, "wall_seconds": 0.0} | found)


def content(prepared: Prepared, posts: pa.Table, modality: Modality) -> Sequence[Any]:
    """What an encoder of a modality reads of each post: its joined text, or the path of its image."""
    from benchmark.features import joined_text

    names = prepared.card.content(modality)
    if modality == "text":
        texts: list[str] = joined_text(posts, names).to_pylist()
        return texts
    if modality == "image":
        root = prepared.images
        paths = posts[names[0]].to_pylist()
        return [root / path if path and root else None for path in paths]
    assert_never(modality)


def in_words(result: dict[str, Any]) -> str:
    """One phrase for a progress line: the first target's scores, or why there are none."""
    if result["status"] != "ok":
        return f"{result['status']}: {result['reason']}"
    first = [one for one in result["scores"] if one["target"] == result["targets"][0]]
    shown = [
        f"{one['metric']} {one['value']:.3f}" for one in first if one["metric"] in ("spearman", "mae", "mape")
    ]
    return ", ".join(shown) or "predicted, labels withheld"


@cache
def _environment() -> dict[str, str]:
    from importlib.metadata import version

    versions = {name: version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), "platform": platform.platform(), **versions}
