"""Results: what is recorded of a cell, beside its predictions: scores, costs, provenance."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from benchmark.declared.naming import printable
from benchmark.errors import BaselineError
from benchmark.run.bounds import LONGEST_REASON, LONGEST_SUMMARY, several_lines
from benchmark.run.result import About, External, Result, Run, Status, first_problem
from benchmark.run.store import PREDICTIONS, REPLICATES
from benchmark.scores.scoring import Scored, Scorer, brief, predictions_table
from benchmark.split import PROTOCOL_VERSION

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.data.prepared import Prepared
    from benchmark.posts import Array
    from benchmark.run.cell import Cell
    from benchmark.run.tasks import TaskPosts
    from benchmark.scores.drawn import Drawn
    from benchmark.sealing.seal import Sealed
    from benchmark.split import Windows

LIBRARIES = ("numpy", "pandas", "scikit-learn", "lightgbm", "torch")
"""Their versions are recorded: they are not part of the key, and may explain a difference."""


@dataclass(frozen=True)
class Outcome:
    """What came out of a cell that went well, or of a model that ran elsewhere."""

    predictions: Array
    """float32 [n test, t] in order of prediction; the median where there are quantiles."""
    quantiles: Mapping[float, Array]
    """Level -> float32 [n test, t]; empty for a point baseline."""
    fit_seconds: float | None = None
    """This and the other costs: None where they are not known."""
    predict_seconds: float | None = None
    peak_mb: float | None = None
    sealed: Sealed | None = None
    """Of a cell: whether the kernel kept it from what it must not see."""
    reads: tuple[str, ...] = ()
    """Of a cell: what it has asked its posts for."""


def about(
    cell: Cell,
    posts: TaskPosts,
    *,
    truth_key: str,
    code: str,
    summary: str,
    settings: Mapping[str, Any] | None = None,
    study: Sequence[str] = (),
    family: str = "other",
    encoders: Mapping[str, str] | None = None,
    row_key: str = "",
) -> About:
    """Where the results of a cell come from.

    Args:
        family: as the baseline calls it. encoders: of each encoding that the cell reads, the encoder's name.
        row_key: the key of the cell's seed 0.

    Raises:
        BaselineError: what a baseline tells of itself, its family or its settings, is nothing to be stored.
    """
    card, task = posts.prepared.card, posts.task
    told = {
        "dataset": cell.dataset,
        "title": card.title,
        "synthetic": card.synthetic,
        "selection": card.selection,
        "task": cell.task,
        "kind": task.kind,
        "targets": task.targets,
        "measures": task.measures,
        "primary": task.primary,
        "reference": task.reference,
        "margin": task.margin,
        "protocol": cell.protocol,
        "protocol_version": PROTOCOL_VERSION,
        "baseline": cell.baseline,
        "summary": several_lines(" ".join(summary.split()), LONGEST_SUMMARY),
        "family": family,
        "encodings": tuple(encoders or ()),
        "encoders": dict(encoders or {}),
        "variant": cell.variant,
        "settings": dict(settings or {}),
        "study": tuple(study),
        "profile": cell.profile,
        "crawl": cell.crawl,
        "data_fingerprint": posts.prepared.fingerprint,
        "truth_key": truth_key,
        "code_hash": code,
        "row_key": row_key,
    }
    try:
        return About.model_validate(told)
    except ValidationError as error:
        raise BaselineError(f"{printable(str(cell))}: {first_problem(error)}") from None


def run_of(
    cell: Cell,
    key: str,
    status: Status,
    reason: str | None = None,
    external: External | None = None,
    data: Prepared | None = None,
) -> Run:
    """A seed of which nothing is known yet but how it ended. `data`: that it has predictions for."""
    from benchmark.data.leaks import leak_line

    created = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    environment = _environment()
    return Run(
        seed=cell.seed,
        key=key,
        created=created,
        status=status,
        reason=None if reason is None else several_lines(reason, LONGEST_REASON),
        environment=environment,
        external=external,
        may_leak=tuple(map(leak_line, data.report.get("leaks", ()))) if data else (),
    )


@dataclass(frozen=True)
class Judged:
    """Predictions as they are stored, and what they are worth."""

    predictions: pa.Table
    found: Scored | None
    """None under `official`, where the labels are not known: predictions are kept, and nothing is scored."""

    @classmethod
    def of(cls, of: About, scorer: Scorer, predictions: Array, quantiles: Mapping[float, Array]) -> Judged:
        table = predictions_table(scorer.truth, of.targets, predictions, quantiles)
        return cls(table, None if of.protocol == "official" else scorer.scored(table, of))


def recorded(outcome: Outcome, of: About, run: Run, windows: Windows, truth: pa.Table, staging: Path) -> Run:
    """Score what came out of a cell; what to record of it: see `recorded_as`."""
    judged = Judged.of(of, Scorer(truth), outcome.predictions, outcome.quantiles)
    return recorded_as(judged, outcome, run, windows, staging)


def recorded_as(judged: Judged, outcome: Outcome, run: Run, windows: Windows, staging: Path) -> Run:
    """Write a cell's predictions, and the replicates of its scores, into `staging`; what to record of it.

    Raises:
        BaselineError: a cost that is none, such as NaN seconds.
    """
    import pyarrow.parquet as pq

    pq.write_table(judged.predictions, staging / PREDICTIONS)
    costs = {
        "n_train": len(windows.train),
        "n_test": len(windows.test),
        "fit_seconds": outcome.fit_seconds,
        "predict_seconds": outcome.predict_seconds,
        "peak_mb": outcome.peak_mb,
        "sealed": outcome.sealed.by_kernel if outcome.sealed else None,
        "unsealed": outcome.sealed.why or None if outcome.sealed else None,
        "reads": outcome.reads,
    }
    try:
        run = Run.model_validate(dict(run) | costs)
    except ValidationError as error:
        raise BaselineError(f"tells what no run can cost: {first_problem(error)}") from None
    return run if judged.found is None else with_scores(run, judged.found, staging)


def with_scores(run: Run, found: Scored, staging: Path) -> Run:
    """A seed with its scores, whose replicates are written into `staging`."""
    np.savez_compressed(staging / REPLICATES, **found.replicates)  # type: ignore[arg-type]
    told = drawn_told(found.drawn) | {"base_rates": found.base_rates}
    scores = {"scores": tuple(found.scores), "slices": tuple(found.slices)}
    return run.model_copy(update=told | scores)


def drawn_told(drawn: Drawn) -> dict[str, Any]:
    """The fields of a seed that say what its resamples were drawn from."""
    return {"clusters": drawn.clusters, "effective": drawn.effective, "weeks": drawn.weeks}


def in_words(result: Result) -> str:
    """One phrase for a progress line: the first target's scores, or why there are none."""
    of, run = result.about, result.run
    if run.status != "ok":
        return run.told
    first = [one for one in run.scores if one.target == of.targets[0] and one.measure in brief(of)]
    shown = [f"{one.measure} {one.value:.3f}" for one in first if one.value is not None]
    return ", ".join(shown) or "predicted, labels withheld"


@cache
def _environment() -> dict[str, str]:
    from importlib.metadata import version

    versions = {name: version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), "platform": platform.platform(), **versions}
