"""Verify: every stored score follows from the stored predictions, and those are of the right posts.

The test posts and their labels are cut anew from the prepared data by the card; every score, slice and
replicate is derived anew from the predictions; every file is held against its checksum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.data.prepared import load_prepared
from benchmark.errors import SmpbenchError
from benchmark.run.cell import truth_key
from benchmark.run.store import RESULT, Stored, checked
from benchmark.run.tasks import TaskPosts
from benchmark.run.truth import read_truth, truth_table
from benchmark.scores.scoring import scores

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.card import Card


@dataclass
class Verified:
    checked: int = 0
    problems: list[str] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    """What could not be held against the data, and why."""


def verify_store(home: Path, cards: Mapping[str, Card]) -> Verified:
    """Check every result of a home.

    Args:
        cards: by data set. Without its card, or its prepared data, a data set's test posts and labels are
            taken as they are stored, which a note says.
    """
    found = Verified()
    truths = _Truths(home, cards, found)
    for path in sorted((home / "runs").glob(f"*/*/*/*/*/seed-*/*/{RESULT}")):
        if any(part.startswith(".") for part in path.relative_to(home).parts):
            continue
        found.checked += 1
        try:
            stored = checked(path.parent)
            if "n_test" in stored.result:
                truth = truths.of(stored)
                found.problems += [f"{path.parent}: {what}" for what in _differences(stored, truth)]
        except SmpbenchError as error:
            found.problems.append(str(error))
    return found


def _differences(stored: Stored, truth: pa.Table) -> Iterator[str]:
    told, predictions = stored.result, stored.predictions()
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


class _Truths:
    """The stored truth of each task and protocol, held once against the data it was cut from."""

    def __init__(self, home: Path, cards: Mapping[str, Card], found: Verified) -> None:
        self.home, self.cards, self.found = home, cards, found
        self._known: dict[Path, pa.Table] = {}

    def of(self, stored: Stored) -> pa.Table:
        """The test posts of a result and their labels.

        Raises:
            StoreError: they are missing, or damaged.
        """
        folder = stored.folder.parents[3] / f"truth-{stored.result['truth_key'][:16]}"
        if folder not in self._known:
            truth = self._known[folder] = read_truth(folder)
            try:
                self.found.problems += [
                    f"{folder}: {what}" for what in self._differences(truth, stored.result)
                ]
            except SmpbenchError as error:
                self._note(stored.result, str(error))
        return self._known[folder]

    def _differences(self, truth: pa.Table, told: dict[str, Any]) -> Iterator[str]:
        card = self.cards.get(told["dataset"])
        if card is None:
            self._note(told, "its card is not known. Name it: smpbench verify -d path/to/card.toml")
            return
        prepared = load_prepared(card, self.home)
        task = next((task for task in card.tasks if task.name == told["task"]), None)
        protocol = told["protocol"]
        if (
            task is None
            or protocol not in task.protocols
            or truth_key(card, task, protocol, prepared.fingerprint) != told["truth_key"]
        ):
            self._note(told, f"the data or the card have changed since a result of {told['created'][:16]}")
            return
        posts = TaskPosts.of(prepared, task)
        expected = truth_table(posts, posts.windows(protocol))
        if not truth["post_id"].equals(expected["post_id"]):
            missing = len(set(expected["post_id"].to_pylist()) - set(truth["post_id"].to_pylist()))
            yield f"its posts are not the protocol's test posts ({missing} of {len(expected)} are missing)"
            return
        for name in expected.column_names:
            if name not in truth.column_names or not _same(truth[name], expected[name]):
                yield f"column {name} differs from what the prepared data give"

    def _note(self, told: dict[str, Any], why: str) -> None:
        self.found.notes.add(f"{told['dataset']}: test posts and labels taken as stored: {why}")


def _same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Equal, with NaN (a withheld label) equal to NaN."""
    if str(one.type) == str(other.type) == "double":
        return bool(np.array_equal(one.to_numpy(), other.to_numpy(), equal_nan=True))
    return bool(one.equals(other))


def _unequal(what: str, kept: list[dict[str, Any]], derived: list[dict[str, Any]]) -> Iterator[str]:
    if len(kept) != len(derived):
        yield f"{len(kept)} {what}s are stored and {len(derived)} re-derived"
        return
    for one, other in zip(kept, derived, strict=True):
        name = ", ".join(str(one[key]) for key in ("target", "slice", "metric") if key in one)
        a, b = one["value"], other["value"]
        if (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > 1e-9):
            yield f"{what} {name} is stored as {a} and re-derived as {b}"
