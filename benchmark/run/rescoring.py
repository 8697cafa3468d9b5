"""Rescoring: scores derived anew from stored predictions, when measures have changed. No fit is repeated."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import SmpbenchError
from benchmark.run.result import Result
from benchmark.run.results import drawn_told, with_scores
from benchmark.run.store import Store, StoredResult, read_result, write_result
from benchmark.run.truth import read_truth, truth_folder_of
from benchmark.scores.scoring import Scored, Scorer, Scorers, differing

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.declared.task import Task

ASKED = ("measures", "primary", "reference", "margin")
"""What a result carries of how its task wants it to be scored."""
UNSCORED = "official"
"""The protocol whose labels are not known: its results are what was predicted, and stay as they are."""


@dataclass
class Rescored:
    """How it went."""

    unchanged: int = 0
    rescored: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Results that could not be scored anew: damaged, or without their truth."""


def rescore(
    runs: Path, cards: Mapping[str, Card], progress: Callable[[int, int], None] | None = None
) -> Rescored:
    """Derive every result of these data sets anew, as their cards ask for it now; write those that differ.

    Args:
        cards: by data set. Results of a task that its card no longer has, or of another kind by now, stay as
            they are.
        progress: is told how many of how many results are looked at.
    """
    store, found, scorers = Store(runs), Rescored(), Scorers()
    folders = list(store.folders())
    for done, folder in enumerate(folders):
        if progress:
            progress(done, len(folders))
        try:
            stored = read_result(folder)
            task = _task_of(stored, cards)
            if task is None or stored.about.protocol == UNSCORED:
                found.unchanged += 1
            elif rescored(store, stored, _scorer_of(stored, scorers), task):
                found.rescored.append(folder)
            else:
                found.unchanged += 1
        except SmpbenchError as error:
            found.problems.append(str(error))
    return found


def scored_otherwise(stored: StoredResult, task: Task) -> bool:
    """Whether a result is by other measures than its task asks for now."""
    return stored.about.protocol != UNSCORED and any(
        getattr(stored.about, name) != getattr(task, name) for name in ASKED
    )


def rescored(store: Store, stored: StoredResult, scorer: Scorer | None, task: Task) -> bool:
    """Score the predictions of a result as its task asks for it now; whether that changed anything.

    Args:
        scorer: None where nothing is scored; such a result is told, all the same, what its task asks for:
            the rows of a table do not disagree about that.
    """
    about = stored.about.model_copy(update={name: getattr(task, name) for name in ASKED})
    found = scorer.scored(stored.predictions(), about) if scorer else None
    if stored.about == about and (found is None or _same(stored, found)):
        return False
    with store.writing(stored.folder) as staging:
        for name in stored.files:
            (staging / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(stored.folder / name, staging / name)
        run = with_scores(stored.run, found, staging) if found else stored.run
        write_result(staging, Result(about=about, run=run))
    return True


def _same(stored: StoredResult, found: Scored) -> bool:
    run = stored.run
    was = run.scores, run.slices, run.base_rates
    if was != (tuple(found.scores), tuple(found.slices), found.base_rates):
        return False
    if any(getattr(run, name) != value for name, value in drawn_told(found.drawn).items()):
        return False
    return not differing(stored.replicates(), found.replicates)


def _scorer_of(stored: StoredResult, scorers: Scorers) -> Scorer | None:
    if not stored.run.predicted:
        return None
    folder = truth_folder_of(stored)
    return scorers.of(folder, read_truth(folder))


def _task_of(stored: StoredResult, cards: Mapping[str, Card]) -> Task | None:
    asked = stored.about.task, stored.about.kind
    card = cards.get(stored.about.dataset)
    return next((task for task in card.tasks if (task.name, task.kind) == asked), None) if card else None
