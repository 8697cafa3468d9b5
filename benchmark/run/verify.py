"""Verify: every stored score follows from the stored predictions, and those are of the right posts.

The test posts and their labels are cut anew from the prepared data by the card; every score, slice and
replicate is derived anew from the predictions; every file is held against its checksum.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.data.prepared import load_prepared
from benchmark.errors import SmpbenchError
from benchmark.run.cell import truth_key
from benchmark.run.in_order import in_order
from benchmark.run.result import About, Run
from benchmark.run.store import Store, StoredResult, read_result
from benchmark.run.tasks import TaskPosts
from benchmark.run.truth import read_truth, truth_folder_of, truth_table
from benchmark.scores.drawn import Drawn
from benchmark.scores.kinds import kind
from benchmark.scores.score import Interval, Score, SliceScore
from benchmark.scores.scoring import TOLERANCE, Scorer, Scorers, differing

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.declared.card import Card
    from benchmark.declared.task import ProtocolName


@dataclass
class Verified:
    checked: int = 0
    problems: list[str] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    """What could not be held against the data, and why."""


def verify_store(
    home: Path,
    cards: Mapping[str, Card],
    progress: Callable[[int, int], None] | None = None,
    *,
    at_once: int = 1,
) -> Verified:
    """Check every result of a home.

    Args:
        cards: by data set. Without its card, or its prepared data, a data set's test posts and labels are
            taken as they are stored, which a note says.
        progress: is told how many of how many results are checked.
        at_once: how many results are checked at a time. What is found is the same, in the same order.
    """
    found = Verified()
    truths = _Truths(home, cards)
    folders = list(Store(home / "runs").folders())
    with in_order(truths.held_against, folders, at_once) as checked:
        while found.checked < len(folders):
            if progress:
                progress(found.checked, len(folders))
            one = next(checked)
            found.checked += 1
            if one.truth is not None:
                found.problems += [f"{one.truth}: {what}" for what in truths.problems.pop(one.truth, ())]
            found.problems += one.problems
    found.notes |= truths.notes
    return found


def unequal(
    what: str, told: Sequence[Score | Interval], derived: Sequence[Score | Interval], tolerance: float
) -> Iterator[str]:
    """Where numbers that are told are not those that are derived anew: a phrase each."""
    theirs, ours = ({_named(one): one for one in side} for side in (told, derived))
    if theirs.keys() != ours.keys() or len(theirs) != len(told):
        yield f"{len(told)} {what}s are told and {len(derived)} derived anew, or others"
        return
    for name, mine in ours.items():
        for part, value in mine.model_dump(include={"value", "low", "high", "n"}).items():
            told_value = getattr(theirs[name], part)
            if not np.isclose(_number(told_value), _number(value), rtol=0, atol=tolerance, equal_nan=True):
                yield f"{what} {', '.join(name)} is told as {told_value} and derived anew as {value}"
                break


def unequal_slices(told: Sequence[SliceScore], derived: Sequence[SliceScore]) -> Iterator[str]:
    """The same of slices; results from before they had intervals are held against their values alone."""
    if all(one.low is None and one.high is None for one in told):
        derived = [one.model_copy(update={"low": None, "high": None}) for one in derived]
    yield from unequal("slice score", told, derived, TOLERANCE)


def other_rates(told: Sequence[float], derived: Sequence[float]) -> Iterator[str]:
    """Where the shares of events that are told are not those of the labels; old results tell none."""
    if told and not (len(told) == len(derived) and np.allclose(told, derived, rtol=0, atol=TOLERANCE)):
        yield f"base rates are told as {list(told)} and derived anew as {list(derived)}"


def other_draws(run: Run, drawn: Drawn) -> Iterator[str]:
    """Where the clusters that a seed tells of are not those of the test posts; old results tell their number
    alone."""
    if run.clusters != drawn.clusters:
        yield f"has {run.clusters} clusters; the test posts have {drawn.clusters}"
    if run.effective is None:
        return
    for name in ("effective", "weeks"):
        told, derived = getattr(run, name), getattr(drawn, name)
        if (told is None) != (derived is None) or not np.isclose(told or 0, derived or 0, rtol=TOLERANCE):
            yield f"{name}: is told as {told}; the test posts give {derived}"


def _named(one: Score | Interval) -> tuple[str, ...]:
    return one.target, *([one.slice] if isinstance(one, SliceScore) else []), one.measure


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _differences(stored: StoredResult, scorer: Scorer) -> Iterator[str]:
    of, run, predictions = stored.about, stored.run, stored.predictions()
    if not predictions["post_id"].equals(scorer.truth["post_id"]):
        yield "predictions are not of the test posts, each once and in their order"
        return
    if wrong := [name for name in _numbers(predictions) if _wrong(of, predictions[name])]:
        yield f"{', '.join(wrong)}: a prediction that is not {kind(of.kind).wanted}"
        return
    if of.protocol == "official":
        return
    derived = scorer.scored(predictions, of)
    yield from unequal("score", run.scores, derived.scores, TOLERANCE)
    yield from other_rates(run.base_rates, derived.base_rates)
    yield from other_draws(run, derived.drawn)
    yield from unequal_slices(run.slices, derived.slices)
    for name in differing(stored.replicates(), derived.replicates):
        yield f"replicates of {name} differ from those re-derived"


def _numbers(predictions: pa.Table) -> list[str]:
    return [name for name in predictions.column_names if name != "post_id"]


def _wrong(of: About, values: pa.ChunkedArray) -> bool:
    return bool(kind(of.kind).wrong_predictions(values.to_numpy()).any())


@dataclass(frozen=True)
class _Checked:
    """What is wrong with one result, and the folder of the truth that it was held against."""

    problems: list[str]
    truth: Path | None = None


class _Truths:
    """The stored truth of each task and protocol, held once against the data it was cut from. Results may be
    held against it from several threads."""

    def __init__(self, home: Path, cards: Mapping[str, Card]) -> None:
        self.home, self.cards = home, cards
        self.problems: dict[Path, list[str]] = {}
        """Folder of a truth -> what is wrong with it."""
        self.notes: set[str] = set()
        self._known: dict[Path, pa.Table] = {}
        self._scorers = Scorers(most=2)  # where one table ends and the next begins, threads ask for both
        self._lock = threading.Lock()

    def held_against(self, folder: Path) -> _Checked:
        """Check the result in a folder."""
        truth = None
        try:
            stored = read_result(folder)
            if not stored.run.predicted:
                return _Checked([])
            truth = truth_folder_of(stored)
            scorer = self._scorer(truth, stored)
            return _Checked([f"{folder}: {what}" for what in _differences(stored, scorer)], truth)
        except SmpbenchError as error:
            return _Checked([str(error)], truth)

    def _scorer(self, folder: Path, stored: StoredResult) -> Scorer:
        """Of the test posts of a result and their labels.

        Raises:
            StoreError: they are missing, or damaged.
        """
        with self._lock:
            if folder not in self._known:
                truth = self._known[folder] = read_truth(folder)
                try:
                    self.problems[folder] = list(self._differences(truth, stored))
                except SmpbenchError as error:
                    self._note(stored.about, str(error))
        return self._scorers.of(folder, self._known[folder])

    def _differences(self, truth: pa.Table, stored: StoredResult) -> Iterator[str]:
        told = stored.about
        card = self.cards.get(told.dataset)
        if card is None:
            self._note(told, "its card is not known. Name it: smpbench verify -d path/to/card.toml")
            return
        prepared = load_prepared(card, self.home)
        task = next((task for task in card.tasks if task.name == told.task), None)
        protocol: ProtocolName = told.protocol
        if (
            task is None
            or protocol not in task.protocols
            or truth_key(card, task, protocol, prepared.fingerprint) != told.truth_key
        ):
            self._note(told, f"the data or the card have changed since a result of {stored.run.created[:16]}")
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

    def _note(self, told: About, why: str) -> None:
        self.notes.add(f"{told.dataset}: test posts and labels taken as stored: {why}")


def _same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Equal, with NaN (a withheld label) equal to NaN."""
    if str(one.type) == str(other.type) == "double":
        return bool(np.array_equal(one.to_numpy(), other.to_numpy(), equal_nan=True))
    return bool(one.equals(other))
