"""Results as a run would have stored them, and what is published of them; without any run.

`put` makes up the scores and what each resample gives, so that answers are known. `put_predictions` makes up
labels and predictions, and scores them as every row is: such rows can be published, and derived anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.run.checksums import write_checksummed
from benchmark.run.result import About, Result, Run
from benchmark.run.results import drawn_told
from benchmark.run.store import PREDICTIONS, REPLICATES, write_result
from benchmark.run.truth import TRUTH, truth_folder
from benchmark.scores.kinds import kind
from benchmark.scores.score import Score
from benchmark.scores.scoring import predictions_table, scored
from leaderboard.board.write import publish_rows
from leaderboard.tables.rows import by_table, read_rows
from leaderboard.tables.table import Derived

CLUSTERS, RESAMPLES = 400, 200
NOISE = np.random.default_rng(0).normal(0, 0.05, RESAMPLES)
"""What a resample does to every row alike: it cancels in a paired difference."""

POSTS, USERS = 120, 40
LABELS = np.random.default_rng(0).normal(5, 1, POSTS)
HAPPENED = (LABELS > 5.5).astype(np.float64)
"""The labels of an event."""
TABLE = Path("posts", "likes", "frozen")

ABOUT = {
    "dataset": "posts",
    "title": "Some posts",
    "synthetic": False,
    "task": "likes",
    "kind": "regression",
    "targets": ("likes",),
    "measures": ("spearman", "mae"),
    "primary": "mae",
    "reference": "recent_median",
    "protocol": "frozen",
    "protocol_version": "1",
    "summary": "Made up",
    "variant": "default",
    "settings": {},
    "profile": "none",
    "crawl": False,
    "truth_key": "a" * 64,
    "data_fingerprint": "d" * 64,
}
RUN = {
    "seed": 0,
    "key": "k" * 64,
    "created": "2026-01-01T00:00:00.000+00:00",
    "status": "ok",
    "environment": {"python": "3.11.0", "platform": "Linux-of-someone"},
}
COSTS = {"fit_seconds": 2.0, "predict_seconds": 0.5, "peak_mb": 100.0}
EVENT = {
    "kind": "event",
    "measures": ("average_precision", "auc", "brier"),
    "primary": "average_precision",
    "reference": "recent_rate",
}
"""Fields of a task that asks whether something happened."""


def put(runs: Path, baseline: str, mae: float | None = None, **changed: Any) -> Result:
    """Store a result of one row: its MAE, and a Spearman that falls as the MAE grows.

    Args:
        changed: fields of `About` or `Run` that are otherwise; `values`: a score a measure, in place of both;
            `noise`: what each resample does to the row; `again`: tells apart the results of one seed of the
            same code on the same posts.
    """
    noise, again = changed.pop("noise", NOISE), changed.pop("again", "")
    values: Mapping[str, float] = {} if mae is None else {"spearman": 1 - mae / 4, "mae": mae}
    values = changed.pop("values", values)
    of = _about(baseline, changed)
    told: dict[str, Any] = {}
    if values:
        scores = tuple(Score(target="likes", measure=m, value=v, note=None) for m, v in values.items())
        told = COSTS | {"n_train": 100, "n_test": 500, "clusters": CLUSTERS, "scores": scores}
    run = Run.model_validate(RUN | told | _of(Run, changed))
    folder = _folder(runs, of, run, again)
    if values:
        replicates = {f"likes/{name}": value + noise for name, value in values.items()}
        np.savez_compressed(folder / REPLICATES, **replicates)  # type: ignore[arg-type]
    result = Result(about=of, run=run)
    write_result(folder, result)
    return result


def put_predictions(
    runs: Path, baseline: str, error: float = 1.0, *, posts: int = POSTS, **changed: Any
) -> Result:
    """Store a result whose predictions are off by about `error`, with its labels beside it.

    Args:
        changed: fields of `About` or `Run` that are otherwise. Of an event predictions are probabilities.
    """
    of = _about(baseline, changed)
    run = Run.model_validate(RUN | _of(Run, changed))
    folder = _folder(runs, of, run)
    if run.sound:
        truth = truth_table(of.kind).slice(0, posts)
        put_truth(truth_folder(runs, of.table, of.truth_key), truth, of)
        noise = np.random.default_rng([len(baseline), run.seed]).normal(0, 1, POSTS)
        points = (LABELS + error * noise)[:posts, None].astype(np.float32)
        quantiles = {level: points + np.float32(level - 0.5) for level in (0.1, 0.5, 0.9)}
        if of.kind == "event":
            points, quantiles = (1 / (1 + np.exp(5.5 - points))).astype(np.float32), {}
        predictions = predictions_table(truth, ["likes"], points, quantiles)
        pq.write_table(predictions, folder / PREDICTIONS)
        found = scored(truth, predictions, of)
        np.savez_compressed(folder / REPLICATES, **found.replicates)  # type: ignore[arg-type]
        told = COSTS | {"n_train": 500, "n_test": posts, "base_rates": found.base_rates}
        told |= drawn_told(found.drawn)
        told |= {"scores": tuple(found.scores), "slices": tuple(found.slices)}
        run = run.model_copy(update=told)
    result = Result(about=of, run=run)
    write_result(folder, result)
    return result


def truth_table(of_kind: str = "regression") -> pa.Table:
    users = np.arange(POSTS) % USERS
    columns = {
        "post_id": [f"p{i:03}" for i in range(POSTS)],
        "user": users,
        "time": pa.array(1_600_000_000_000 + np.arange(POSTS) * 86_400_000, pa.timestamp("ms", "UTC")),
        "cluster": users,
        "seen_in_training": users < 30,
        "category": pa.nulls(POSTS, pa.string()),
        "label_likes": HAPPENED if kind(of_kind).labels else LABELS,
    }
    if kind(of_kind).labels:  # which rest on counts, of ten posts a week
        columns |= {"engagement_likes": LABELS, "account_week": np.arange(POSTS) % 12}
    return pa.table(columns)


def put_truth(folder: Path, truth: pa.Table, of: About) -> None:
    if not folder.is_dir():
        folder.mkdir()
        pq.write_table(truth, folder / TRUTH)
        write_checksummed(folder, {"truth_key": of.truth_key})


def derived(runs: Path) -> list[Derived]:
    """The tables of a run store."""
    return [Derived(rows) for rows in by_table(read_rows(runs)).values()]


def published(runs: Path, folder: Path) -> Path:
    """Publish every row of a run store into the folder of a published board; where its results lie."""
    publish_rows(runs, folder, {row.about.dataset for row in read_rows(runs)})
    return folder / "results"


def texts(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _about(baseline: str, changed: Mapping[str, Any]) -> About:
    of = {"baseline": baseline, "code_hash": baseline.encode().hex().ljust(64, "0")}
    return About.model_validate(ABOUT | of | _of(About, changed))


def _of(model: type[About] | type[Run], changed: Mapping[str, Any]) -> dict[str, Any]:
    assert set(changed) <= {*About.model_fields, *Run.model_fields}, changed
    return {name: value for name, value in changed.items() if name in model.model_fields}


def _folder(runs: Path, of: About, run: Run, again: str = "") -> Path:
    variant = of.variant.replace("/", "_") + ("+crawl" if of.crawl else "")
    folder = runs.joinpath(*of.table, of.baseline, variant, f"seed-{run.seed}")
    key = hashlib.sha256((of.code_hash + of.truth_key + of.profile + again).encode()).hexdigest()[:16]
    (folder / key).mkdir(parents=True)
    return folder / key
