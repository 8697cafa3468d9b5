"""External: a model that ran anywhere comes onto the board by its predictions of the test posts alone.

Its row is scored in the same way and stored in the same format as any other, with the variant `external`.
How the predictions came about cannot be checked, and the mark says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.declared.naming import EXTERNAL, check_own_name, printable, shown
from benchmark.errors import SmpbenchError
from benchmark.files import sha256_of
from benchmark.outside.predictions import Predictions, read_predictions
from benchmark.run.bounds import LARGEST_SEED, LONGEST_SUMMARY
from benchmark.run.cell import Cell
from benchmark.run.result import External, GivenScale, Result
from benchmark.run.results import Outcome, about, recorded, run_of
from benchmark.run.store import write_result
from benchmark.run.truth import stored_truth

if TYPE_CHECKING:
    from benchmark.outside.handout import Question
    from benchmark.run.store import Store

VARIANT = EXTERNAL
"""The variant of every external row: it marks the row in the store and on the board."""
SUMMARY = "Predictions made outside of this suite"


def score_external(
    files: Mapping[int, Path],
    question: Question,
    store: Store,
    *,
    name: str,
    scale: GivenScale = "log",
    crawl: bool = False,
    summary: str = SUMMARY,
) -> list[tuple[Cell, Result]]:
    """Score files of predictions and store a result a file. Nothing is stored unless all files are sound.

    Args:
        files: seed -> CSV, Parquet or JSON lines with `post_id`, a column a target and, if there are any,
            `<target>@<level>` a quantile. All seeds of a row come at once: they replace the row as a whole.
        scale: `log`: predictions are on the scoring scale. `count`: they are counts, log(1 + count) is taken.
        crawl: the model has seen columns that were known only at crawl time.

    Returns:
        The cell and its result, by seed.

    Raises:
        SmpbenchError: the name is none, or is taken; the summary is too long, or cannot be printed; the row
            is being stored by another process.
        DataError: a file is wrong; names file, row, column and value.
    """
    check_name(name)
    _check_seeds(files)
    told = _one_line(summary)
    given = {seed: read_predictions(path, question, scale) for seed, path in sorted(files.items())}
    row = _Row(name, crawl, scale, told, _sha256(question, given))
    stored = [_stored(row, seed, files[seed], one, question, store) for seed, one in given.items()]
    return [(cell, result) for cell, result, _ in stored]


def score_predictions(
    given: Mapping[int, Predictions],
    question: Question,
    store: Store,
    *,
    name: str,
    crawl: bool = False,
    summary: str = SUMMARY,
) -> dict[int, Path]:
    """As `score_external`, of predictions that are in no file: see `benchmark.outside.predictions`.

    Returns:
        The folder of the result, by seed.
    """
    check_name(name)
    _check_seeds(given)
    row = _Row(name, crawl, "log", _one_line(summary), _sha256(question, given))
    return {seed: _stored(row, seed, None, one, question, store)[2] for seed, one in sorted(given.items())}


check_name = check_own_name
"""What an external row, or a model of no file, may be called."""


def _check_seeds(seeds: Iterable[int]) -> None:
    for seed in seeds:
        if not 0 <= seed <= LARGEST_SEED:
            raise SmpbenchError(f"{shown(str(seed))} is no seed: a whole number from 0 to {LARGEST_SEED}")


def _one_line(summary: str) -> str:
    told = " ".join(summary.split()) or SUMMARY
    if len(told) > LONGEST_SUMMARY or not told.isprintable():
        raise SmpbenchError(
            f"{shown(told)} is no summary: it is one line of at most {LONGEST_SUMMARY} characters that can "
            "be printed"
        )
    return told


@dataclass(frozen=True)
class _Row:
    """What the seeds of a row share."""

    name: str
    crawl: bool
    scale: GivenScale
    summary: str
    code: str


def _sha256(question: Question, given: Mapping[int, Predictions]) -> str:
    """Over all predictions of a row: what stands where the hash of a baseline's code stands otherwise.

    Over all seeds together, because the seeds of a row are those that share this hash.
    """
    digest = hashlib.sha256("\n".join(question.test_ids).encode())
    for seed, predictions in given.items():
        digest.update(f"\nseed {seed}\n".encode() + predictions.points.tobytes())
        for level, values in predictions.quantiles.items():
            digest.update(f"\n{level:g}\n".encode() + values.tobytes())
    return digest.hexdigest()


def _stored(
    row: _Row, seed: int, file: Path | None, predictions: Predictions, question: Question, store: Store
) -> tuple[Cell, Result, Path]:
    """The cell, its result and the folder that it lies in; `file`: which the predictions were in, if any."""
    posts, windows, truth_key = question.posts, question.windows, question.truth_key
    cell = Cell(
        dataset=question.card.name,
        task=question.task.name,
        protocol=question.protocol,
        baseline=row.name,
        variant=VARIANT,
        seed=seed,
        profile="none",
        crawl=row.crawl,
    )
    key = cell.key(truth=truth_key, code=row.code, settings={}, encodings={}, columns=[])
    of = about(cell, posts, truth_key=truth_key, code=row.code, summary=row.summary, family="external")
    origin = External(
        file=printable(file.name) if file else None,
        sha256=sha256_of(file) if file else row.code,
        scale=row.scale,
        left_aside=predictions.left_aside,
    )
    folder = store.folder(cell, key)
    truth = stored_truth(store, cell, truth_key, posts, windows)
    with store.claim(folder) as ours:
        if not ours:
            raise SmpbenchError(f"{cell}: another process is storing it. Try again")
        with store.writing(folder) as staging:
            outcome = Outcome(predictions.points, predictions.quantiles)
            begun = run_of(cell, key, "ok", external=origin, data=posts.prepared)
            run = recorded(outcome, of, begun, windows, truth, staging)
            result = Result(about=of, run=run)
            write_result(staging, result)
    return cell, result, folder
