"""Verify: every stored score follows from the stored predictions and the labels, or it is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.errors import SmpbenchError, StoreError
from benchmark.results import read_truth
from benchmark.scoring import scores
from benchmark.store import RESULT, Stored, checked

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Verified:
    checked: int = 0
    problems: list[str] = field(default_factory=list)


def verify_store(home: Path) -> Verified:
    """Check every result of a home: checksums, coverage, chronology, labels, scores, replicates."""
    found = Verified()
    truths: dict[Path, pa.Table | StoreError] = {}
    for path in sorted((home / "runs").glob(f"*/*/*/*/*/seed-*/*/{RESULT}")):
        if any(part.startswith(".") for part in path.relative_to(home).parts):
            continue
        found.checked += 1
        try:
            stored = checked(path.parent)
            if "n_test" in stored.result:
                found.problems += [f"{path.parent}: {what}" for what in _differences(stored, home, truths)]
        except SmpbenchError as error:
            found.problems.append(str(error))
    return found


def _differences(stored: Stored, home: Path, truths: dict[Path, Any]) -> Iterator[str]:
    told = stored.result
    folder = stored.folder.parents[3] / f"truth-{told['truth_key'][:16]}"
    if folder not in truths:
        truths[folder] = read_truth(folder)
        yield from _truth_differences(truths[folder], told, home)
    truth, predictions = truths[folder], stored.predictions()
    if not predictions["post_id"].equals(truth["post_id"]):
        yield "predictions are not of the test posts, each once and in their order"
        return
    if told["protocol"] == "official":
        return
    derived, sliced, replicates = scores(truth, predictions, told["targets"], told["metrics"])
    yield from _unequal("score", told["scores"], derived)
    yield from _unequal("slice score", told["slices"], sliced)
    kept = stored.replicates()
    for name in sorted(kept.keys() | replicates.keys()):
        if not np.allclose(kept.get(name, np.nan), replicates.get(name, np.nan), atol=1e-9, equal_nan=True):
            yield f"replicates of {name} differ from those re-derived"


def _truth_differences(truth: pa.Table, told: dict[str, Any], home: Path) -> Iterator[str]:
    """The truth against the prepared data, where those are still the ones it was made from."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    folder = home / "prepared" / told["dataset"]
    if not (folder / "prepared.json").is_file() or told["data_fingerprint"] not in (
        folder / "prepared.json"
    ).read_text(encoding="utf-8"):
        return
    targets = pq.read_table(folder / "targets.parquet")
    rows = pc.index_in(truth["post_id"], value_set=targets["post_id"].combine_chunks())
    if rows.null_count:
        yield f"{rows.null_count} test posts are not in the prepared data"
        return
    for target in told["targets"]:
        labels = targets[target].take(rows).to_numpy()
        kept = truth[f"label_{target}"].to_numpy()
        same = (labels, np.log1p(np.maximum(labels, 0)))  # either scale
        if not any(np.allclose(kept, one, atol=1e-9, equal_nan=True) for one in same):
            yield f"labels of {target} differ from the prepared data's"


def _unequal(what: str, kept: list[dict[str, Any]], derived: list[dict[str, Any]]) -> Iterator[str]:
    if len(kept) != len(derived):
        yield f"{len(kept)} {what}s are stored and {len(derived)} re-derived"
        return
    for one, other in zip(kept, derived, strict=True):
        name = ", ".join(str(one[key]) for key in ("target", "slice", "metric") if key in one)
        a, b = one["value"], other["value"]
        if (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > 1e-9):
            yield f"{what} {name} is stored as {a} and re-derived as {b}"
