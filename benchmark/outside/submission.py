"""Submission: the file that a challenge takes, from the stored predictions of its official test posts."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import SmpbenchError, StoreError, UnknownName
from benchmark.outside.external import VARIANT
from benchmark.outside.handout import Question
from benchmark.run.store import Store, StoredResult

if TYPE_CHECKING:
    from benchmark.declared.card import Card

OFFICIAL = "official"
_RUN = "smpbench run -p official"
NOTHING = "none"
"""What `external_data` says where nothing but the challenge's data was used."""


@dataclass(frozen=True)
class Named:
    """A row with stored predictions, as a person names it."""

    baseline: str
    variant: str = "default"
    seed: int = 0
    crawl: bool = False
    profile: str | None = None
    """Needed only where the row was run with several profiles."""

    @classmethod
    def of(cls, spec: str, **others: object) -> Named:
        """`ridge` or `lightgbm:metadata`."""
        baseline, _, variant = spec.partition(":")
        return cls(baseline, variant or "default", **others)  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.baseline}:{self.variant}{' with crawl-time columns' if self.crawl else ''}"


@dataclass(frozen=True)
class Submission:
    text: str
    posts: int
    stored: StoredResult


@dataclass(frozen=True)
class Format:
    """How a challenge wants its file."""

    suffix: str
    text: Callable[[Sequence[str], Sequence[float], str | None], str]
    """Ids, scores and, where external data were used, a statement of them -> the content of the file."""
    states_external_data: bool


def submission(card: Card, home: Path, chosen: Named, *, external_data: str | None = None) -> Submission:
    """What to hand in for a row.

    Args:
        external_data: what the model used beside the challenge's data, where the format asks for it; `none`
            for nothing. By default it follows from the row's encoders.

    Raises:
        SmpbenchError: the data set has no challenge, the row has no predictions, or there is no statement of
            external data where one is needed, or one where there is no place for it.
        UnknownName: no such row; with the nearest.
        StoreError: the predictions are not of the official test posts, each once and finite.
    """
    form = format_of(card)
    if external_data is not None and not form.states_external_data:
        raise SmpbenchError(f"the file of {card.name} has no place for a statement of external data")
    question = Question.of(card, home, None, OFFICIAL)
    stored = _row(Store(home / "runs"), question, chosen)
    ids, scores = _checked(stored, question)
    statement = _statement(stored, external_data) if form.states_external_data else None
    return Submission(form.text(ids, scores, statement), len(ids), stored)


def format_of(card: Card) -> Format:
    """The format of the challenge that a data set belongs to, by the raw format that the data come in.

    Raises:
        SmpbenchError: it belongs to none.
    """
    if card.reader not in FORMATS or not any(OFFICIAL in task.protocols for task in card.tasks):
        raise SmpbenchError(f"{card.name} has no official test posts, so there is nothing to hand in")
    return FORMATS[card.reader]


def default_name(card: Card, chosen: Named) -> str:
    """`submission_smpd_video_ridge_seed-0.csv`"""
    variant = "" if chosen.variant == "default" else f"_{chosen.variant}"
    crawl = "_crawl" if chosen.crawl else ""
    name = f"submission_{card.name}_{chosen.baseline}{variant}{crawl}_seed-{chosen.seed}"
    return "".join(c if c.isalnum() or c in "+-_.=" else "_" for c in name) + format_of(card).suffix


def _image_track(ids: Sequence[str], scores: Sequence[float], statement: str | None) -> str:
    """JSON. The posts are called by `post` and their Pid, as in the example of the organisers."""
    for pid in ids:
        if not pid.isdecimal():
            raise StoreError(f"'{pid}' is no Pid of the image track: those are whole numbers")
    result = [
        {"post_id": f"post{pid}", "popularity_score": score} for pid, score in zip(ids, scores, strict=True)
    ]
    used = {"used": "false" if statement is None else "true", "details": statement or ""}
    whole = {"version": "VERSION 1.2", "result": result, "external_data": used}
    return json.dumps(whole, allow_nan=False) + "\n"


def _video_track(ids: Sequence[str], scores: Sequence[float], statement: str | None) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["pid", "popularity_score"])
    writer.writerows(zip(ids, scores, strict=True))
    return text.getvalue()


FORMATS = {
    "smpd_image": Format(".json", _image_track, states_external_data=True),
    "smpd_video": Format(".csv", _video_track, states_external_data=False),
}
"""By the reader of the raw data: who publishes data in a format takes submissions in one."""


def _row(store: Store, question: Question, chosen: Named) -> StoredResult:
    """The newest stored predictions of a row."""
    card, task = question.card.name, question.task.name
    table = (card, task, OFFICIAL)
    found = [one for one in store.results(table) if one.about.truth_key == question.truth_key]
    found = _called(found, "baseline", chosen.baseline, "baseline with predictions of the official test")
    found = _called(found, "variant", chosen.variant, f"variant of {chosen.baseline}")
    found = [one for one in found if one.about.crawl == chosen.crawl]
    if not found:
        crawl = " --with-crawl" if chosen.crawl else ""
        raise SmpbenchError(f"no predictions of {chosen}. `{_RUN}{crawl}` makes them")
    found = _called(found, "seed", chosen.seed, f"seed of {chosen}")
    if chosen.profile is not None:
        found = _called(found, "profile", chosen.profile, f"encoder profile of {chosen}")
    if len(profiles := sorted({one.about.profile for one in found})) > 1:
        raise SmpbenchError(
            f"{chosen} has several encoder profiles: {', '.join(profiles)}. Name one with --profile"
        )
    newest = max(found, key=lambda one: one.run.created)
    if newest.run.status != "ok":
        raise SmpbenchError(f"{chosen} has no predictions: {newest.run.told}")
    return newest


def _called(found: list[StoredResult], key: str, wanted: object, kind: str) -> list[StoredResult]:
    """The results that have this value; if none has, an error with the nearest that there are."""

    def value(one: StoredResult) -> object:
        return one.run.seed if key == "seed" else getattr(one.about, key)

    if not any(value(one) == wanted for one in found):
        known = {str(value(one)) for one in found}
        raise UnknownName(kind, str(wanted), known, None if known else f"`{_RUN}` makes them")
    return [one for one in found if value(one) == wanted]


def _checked(stored: StoredResult, question: Question) -> tuple[list[str], list[float]]:
    """Ids and scores, in the order of prediction, held against the official test posts."""
    predictions = stored.predictions()
    (target,) = question.task.targets
    ids: list[str] = predictions["post_id"].to_pylist()
    expected = set(question.test_ids)
    if repeated := [post for post, count in Counter(ids).items() if count > 1]:
        raise StoreError(f"{stored.folder}: post '{repeated[0]}' is predicted more than once")
    if strange := [post for post in ids if post not in expected]:
        raise StoreError(f"{stored.folder}: post '{strange[0]}' is no official test post")
    if missing := sorted(expected - set(ids)):
        raise StoreError(
            f"{stored.folder}: {len(missing):,} of {len(expected):,} official test posts have no prediction; "
            f"the first is '{missing[0]}'"
        )
    # Through its own digits: 2.1345 in single precision is 2.134500026702881 in double.
    scores = [float(str(value)) for value in predictions[target].to_numpy()]
    for post, score in zip(ids, scores, strict=True):
        if not math.isfinite(score):
            raise StoreError(f"{stored.folder}: the prediction of post '{post}' is {score}")
    return ids, scores


def _statement(stored: StoredResult, external_data: str | None) -> str | None:
    told = stored.about
    if external_data is not None:
        return None if external_data.strip().lower() == NOTHING else external_data
    if told.variant == VARIANT:
        raise SmpbenchError(
            "the file states which external data a model used, and that is not known of an external one. "
            f"Say it with --external-data TEXT, or --external-data {NOTHING}"
        )
    if told.profile == "none":
        return None
    return f"Frozen pretrained encoders (profile '{told.profile}' of smpbench)"
