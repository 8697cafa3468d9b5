"""Scoring: what a row's predictions of the test posts are worth.

Everything a score is made of lies in two files, `truth.parquet` and `predictions.parquet`, and is always
re-derived from them in this one way: by the runner, by `smpbench rescore`, and by `smpbench verify`.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.errors import StoreError
from benchmark.scores.bootstrap import replicates
from benchmark.scores.drawn import Drawn, drawn_from, drawn_part
from benchmark.scores.kinds import kind
from benchmark.scores.measures import OF_QUANTILES, measure
from benchmark.scores.measures.measure import Among, Floats, Measure, Predicted, defined, finite
from benchmark.scores.measures.resamples import KEPT_BYTES, Counts, Part, Resamples
from benchmark.scores.score import Score, SliceScore
from benchmark.scores.slices import COUNTED, SLICED, Mask, slices
from benchmark.scores.uncertainty import Uncertainty

WEEK, PERIOD, ENGAGEMENT = "account_week", "period", "engagement_"
"""Columns of a truth that say which posts compete, one or the other, and beginning of the names of those that
say what for."""
RESAMPLES = 1000
TOLERANCE = 1e-9
"""What is derived anew may differ from what was stored in the last bits."""


class Asked(Protocol):
    """By what a row is scored: its task, or what a result says of it."""

    @property
    def kind(self) -> str: ...
    @property
    def targets(self) -> tuple[str, ...]: ...
    @property
    def measures(self) -> tuple[str, ...]: ...
    @property
    def primary(self) -> str: ...


@dataclass
class Scored:
    """All that follows from the predictions of one row."""

    drawn: Drawn
    """The clusters of the bootstrap."""
    base_rates: tuple[float, ...] = ()
    """Of an event: the share of the posts to which it happened, a target each."""
    scores: list[Score] = field(default_factory=list)
    slices: list[SliceScore] = field(default_factory=list)
    replicates: dict[str, Floats] = field(default_factory=dict)
    """`"target/measure"` -> float64 [RESAMPLES]"""


def brief(asked: Asked) -> tuple[str, ...]:
    """The measures by which slices and overviews speak: the primary one, and those of the task's kind."""
    return tuple(dict.fromkeys([*kind(asked.kind).brief, asked.primary]))


class Scorer:
    """Scores rows on the same test posts. What follows from these alone, whatever is predicted of them, is
    worked out once: their slices, the resamples, and by what waves of time those are taken apart.

    Args:
        truth: as `benchmark.run.truth.truth_table` describes it.
    """

    def __init__(self, truth: pa.Table) -> None:
        self.truth = truth

    @cached_property
    def drawn(self) -> Drawn:
        """The clusters of the bootstrap."""
        return drawn_of(self.truth)

    @cached_property
    def _resamples(self) -> Resamples:
        return Resamples(self.truth["cluster"].to_numpy(), RESAMPLES)

    @cached_property
    def _slices(self) -> list[_Slice]:
        found = slices_of(self.truth)
        return [_Slice.of(self.truth, name, found[name], self._resamples, self.drawn) for name in found]

    def scored(self, predictions: pa.Table, asked: Asked) -> Scored:
        """Score one row.

        Args:
            predictions: of the test posts, in their order.

        Raises:
            UnknownName: a measure that there is not.
            StoreError: the truth lacks what a measure reads.
            ValueError: a label or a prediction that is not finite.
        """
        found = Scored(self.drawn)
        for target in asked.targets:
            y = finite("label", self.truth[f"label_{target}"].to_numpy())
            predicted = predicted_of(predictions, target, among_of(self.truth, target))
            if kind(asked.kind).labels:
                found.base_rates += (float(y.mean()),)
            for one in measures_of(asked, predicted):
                found.scores.append(_score(one, target, y, predicted))
                found.replicates[f"{target}/{one.name}"] = replicates(one, y, predicted, self._resamples)
            for part in self._slices:
                found.slices += part.scores(map(measure, brief(asked)), target, y, predicted)
        return found


def scored(truth: pa.Table, predictions: pa.Table, asked: Asked) -> Scored:
    """Score one row, as a `Scorer` of these posts does."""
    return Scorer(truth).scored(predictions, asked)


class Scorers:
    """Scorers by the names of their test posts; those that were asked for last are kept. What one has worked
    out may be 250 MB and more. Safe to call from several threads."""

    def __init__(self, most: int = 1) -> None:
        self.most = most
        self._kept: dict[Hashable, Scorer] = {}
        self._lock = threading.Lock()

    def of(self, name: Hashable, truth: pa.Table) -> Scorer:
        """Of the truth of that name, which is the same whenever it is asked for."""
        with self._lock:
            found = self._kept.pop(name, None) or Scorer(truth)
            self._kept[name] = found
            while len(self._kept) > self.most:
                del self._kept[next(iter(self._kept))]
            return found

    def clear(self) -> None:
        """Keep none of them."""
        with self._lock:
            self._kept.clear()


def drawn_of(truth: pa.Table) -> Drawn:
    """What the resamples of a table's posts are drawn from."""
    times = truth["time"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    return drawn_from(truth["cluster"].to_numpy(), truth["user"].to_numpy(), times)


def measures_of(asked: Asked, predicted: Predicted) -> list[Measure]:
    """Those that the task asks for, and, where quantiles are predicted, those that read them.

    Of an event those within weeks are left out where nothing says what posts came to: the kind asks for them
    of every label, and not every one rests on a count. Of a number the label says it.

    Raises:
        UnknownName: a measure that there is not.
        StoreError: the truth does not say which posts compete, and must.
    """
    every = [measure(name) for name in dict.fromkeys([*asked.measures, *OF_QUANTILES])]
    applied = [one for one in every if one.reads_from(predicted)]
    for one in every:
        optional = kind(asked.kind).labels and one.name != asked.primary
        if one.compares and one not in applied and not optional:
            raise StoreError(
                f"the stored labels do not say which posts compete, which '{one.name}' reads: they are from "
                "before the task asked for it. Run its baselines anew: smpbench run"
            )
    return applied


def differing(told: Mapping[str, Floats], derived: Mapping[str, Floats]) -> list[str]:
    """Names of the replicates that are not the same on both sides, or are on one side alone."""

    def same(name: str) -> bool:
        if name not in told or name not in derived or told[name].shape != derived[name].shape:
            return False
        return np.allclose(told[name], derived[name], rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)

    return sorted(name for name in told.keys() | derived.keys() if not same(name))


def predictions_table(
    truth: pa.Table,
    targets: Sequence[str],
    predictions: NDArray[np.float32],
    quantiles: Mapping[float, NDArray[np.float32]],
) -> pa.Table:
    """post_id, then a float32 column a target, then `<target>@<level>` a quantile."""
    columns = {"post_id": truth["post_id"]}
    columns |= {name: pa.array(predictions[:, j]) for j, name in enumerate(targets)}
    for level, values in quantiles.items():
        columns |= {f"{name}@{level:g}": pa.array(values[:, j]) for j, name in enumerate(targets)}
    return pa.table(columns)


def predicted_of(predictions: pa.Table, target: str, among: Among | None = None) -> Predicted:
    """What a predictions table says of one target.

    Args:
        among: which of the posts compete, as `among_of` their truth.

    Raises:
        ValueError: a prediction that is not finite.
    """
    levels = quantile_levels(predictions, target)
    by_level = {level: predictions[f"{target}@{level:g}"].to_numpy() for level in levels}
    return Predicted.of(predictions[target].to_numpy(), by_level, among)


def among_of(truth: pa.Table, target: str) -> Among | None:
    """Which posts compete, and what for: the engagement that the label rests on, else the label itself.

    None where a truth does not say, as those from before it was told, or knows no post's engagement.
    """
    groups = next((name for name in (WEEK, PERIOD) if name in truth.column_names), None)
    if groups is None:
        return None
    told = f"{ENGAGEMENT}{target}"
    engagement = truth[told if told in truth.column_names else f"label_{target}"].to_numpy()
    return None if np.isnan(engagement).all() else Among(truth[groups].to_numpy(), engagement)


def quantile_levels(predictions: pa.Table, target: str) -> list[float]:
    """The quantile levels that a predictions table holds for a target, ascending."""
    prefix = f"{target}@"
    return sorted(
        float(name.removeprefix(prefix)) for name in predictions.column_names if name.startswith(prefix)
    )


def slices_of(truth: pa.Table) -> dict[str, Mask]:
    """The slices of the test posts: see `benchmark.scores.slices.slices`."""
    counted = [name for name in truth.column_names if name.startswith(COUNTED)]
    asked = [name for name in truth.column_names if name.startswith(SLICED)]
    told = ["time", "seen_in_training", "category", *counted, *asked]
    frame: pd.DataFrame = truth.select(told).to_pandas()
    with_category = frame["category"].notna().any()
    return slices(
        frame,
        category="category" if with_category else None,
        deepest=counted[0].removeprefix(COUNTED) if counted else None,
        asked=[name.removeprefix(SLICED) for name in asked],
    )


@dataclass(frozen=True)
class _Slice:
    """Some of the test posts, and the resamples as far as they concern them."""

    name: str
    mask: Mask
    resamples: Part
    uncertainty: Uncertainty

    @classmethod
    def of(cls, truth: pa.Table, name: str, mask: Mask, resamples: Resamples, whole: Drawn) -> _Slice:
        times = truth["time"].to_numpy().astype("datetime64[ms]").astype(np.int64)
        drawn, part = drawn_part(whole, resamples.clusters[mask], times[mask]), resamples.part(mask)
        return cls(name, mask, part, Uncertainty(drawn, part))

    def scores(
        self, measures: Iterable[Measure], target: str, y: Floats, predicted: Predicted
    ) -> Iterator[SliceScore]:
        """Of labels and predictions of all test posts."""
        labels, part = y[self.mask], predicted.part(self.mask)
        resamples = _cut(self.resamples)
        for one in measures:
            if one.reads_from(part):
                told = _score(one, target, labels, part)
                known = told.value is not None and resamples.n_clusters > 1
                ends = self._interval(replicates(one, labels, part, resamples)) if known else (None, None)
                yield SliceScore(
                    **told.model_dump(), slice=self.name, n=len(labels), low=ends[0], high=ends[1]
                )

    def _interval(self, drawn: Floats) -> tuple[float | None, float | None]:
        low, high = self.uncertainty.interval(drawn)
        return defined(low), defined(high)


@dataclass(frozen=True, kw_only=True)
class _Cut(Part):
    """Resamples of a slice whose counts are cut out of the whole once, and not by each measure: of all slices
    together they are several times those of the whole, so they go when the slice is done."""

    counted: list[tuple[slice, Counts]]

    def blocks(self) -> Iterator[tuple[slice, Counts]]:
        yield from self.counted


def _cut(of: Part) -> Part:
    """The same as it is where it would be too large."""
    if 2 * of.number * of.n_clusters > KEPT_BYTES:
        return of
    counted = list(of.blocks())
    return _Cut(of.clusters, of.number, of.seed, whole=of.whole, present=of.present, counted=counted)


def _score(one: Measure, target: str, y: Floats, predicted: Predicted) -> Score:
    value, note = defined(one.value(y, predicted)), one.note(y, predicted)
    return Score(target=target, measure=one.name, value=value, note=note)
