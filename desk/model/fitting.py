"""Fitting: a baseline on all labelled posts of a data set, for drafts that are to come."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.declared.card import Card, Target
from benchmark.declared.column import KEY_COLUMNS
from benchmark.declared.task import Task, Viral
from benchmark.errors import DataError, ModelError, SmpbenchError
from benchmark.loading import load_class
from benchmark.posts import Array, Posts
from benchmark.run.tasks import FEWEST_POSTS, TaskPosts
from benchmark.scale import OF_COUNTS
from benchmark.scores.kinds.event import EVENT
from benchmark.scores.kinds.regression import REGRESSION
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Timeline
from desk.model.beside import as_drafts, strangers
from desk.model.hours import Hours
from desk.model.intervals import Calibration, coverage
from desk.model.known import KEPT_ROLES, Known
from desk.model.part import Part, PartTold, desk_schema, made, middle
from desk.model.usual import usual

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.encoded import Features
    from benchmark.run.plan import Chosen

HOLDOUT = 0.2
"""The newest fifth of the training posts, on which intervals are calibrated."""
WINDOWS = (30.0, 90.0, 365.0)
"""Days, where the card does not say what viral means: the first in which half of the posts have predecessors
enough for a label. Who publishes twice a week has 20 of them in three months and never in one."""

Say = Callable[[str], None]


@dataclass
class Fitted:
    """A model, as it is kept and as it judges."""

    card: Card
    baseline: str
    """Its name, or the path of its file."""
    variant: str
    profile: str
    engagement: Part
    virality: Part | None
    calibration: Calibration
    coverage: float | None
    hours: Hours
    usual: dict[str, str | float | bool]
    """What a column usually says, for drafts that do not tell it."""
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> list[Part]:
        return [one for one in (self.engagement, self.virality) if one]


def fit(
    prepared: Prepared,
    chosen: Chosen,
    features: Callable[[str], Features],
    *,
    profile: str,
    task: str | None = None,
    until: int | None = None,
    threads: int = 1,
    say: Say = lambda _: None,
) -> Fitted:
    """Fit on all posts whose labels are known.

    Args:
        features: encoding -> those of the prepared posts.
        task: of kind regression; else the card's first.
        until: ms since 1970: only what was known by then. For trying out how a model does later.

    Raises:
        ModelError: the baseline cannot be kept, or needs what a draft has not.
        DataError: too few posts.
    """
    card, silent = _with_virality(prepared, asked := _asked(prepared.card, task))
    ((variant, settings),) = chosen.variants.items()
    found = chosen.found
    if chosen.by_excess:
        raise ModelError(
            f"{found.name} by excess answers a task of events alone: leave `excess` out. The chance of going "
            "viral is judged beside the engagement"
        )
    if not found.told.keeps:
        raise ModelError(f"{found.name} cannot be kept in a folder. Take another, such as lightgbm:+history")
    needs = found.needs(settings)
    told = {*settings.get("inputs", ()), *settings.get("beside", ())}
    if "facts" in told or "edges" in needs.required:
        raise ModelError(f"{found.name} [{variant}] reads facts, and a draft has none beside it")
    if "names" in needs.required:
        raise ModelError(f"{found.name} [{variant}] reads whom posts name, which no draft tells")
    encodings = tuple(
        one for one in dict.fromkeys([*needs.required, *needs.wanted]) if _carried(card, one, profile)
    )
    given = {encoding: features(encoding) for encoding in encodings}
    cls = load_class(found.path)
    for module in cls.preload:
        __import__(module)
    prepared = dataclasses.replace(prepared, card=card)

    def part(name: str) -> tuple[Part, Posts, Array]:
        return _part(prepared, name, variant, settings, given, until, lambda: made(cls, settings, 0, threads))

    say(f"fitting {found.name} [{variant}] on {asked.name}")
    engagement, train, y = part(asked.name)
    calibration, covered = _calibrated(engagement, train, y, lambda: made(cls, settings, 0, threads), say)
    virality, notes = None, []
    if EVENT.name not in found.told.answers:
        notes.append(f"{found.name} does not say what goes viral")
    elif name := _viral_task(card, asked):
        say(f"fitting {found.name} [{variant}] on {name}")
        try:
            virality, _, _ = part(name)
        except SmpbenchError as error:
            notes.append(f"no chance of going viral: {error}")
    else:
        notes.append(f"no chance of going viral: {silent}")
    return Fitted(
        card=card,
        baseline=found.name,
        variant=variant,
        profile=profile,
        engagement=engagement,
        virality=virality,
        calibration=calibration,
        coverage=covered,
        hours=Hours.of(train, y),
        usual=usual(train, engagement.columns),
        notes=tuple(notes),
    )


def _asked(card: Card, name: str | None) -> Task:
    tasks = [task for task in card.tasks if task.kind == REGRESSION.name]
    if name is not None:
        tasks = [task for task in tasks if task.name == name]
    if not tasks:
        raise ModelError(f"{card.name} has no task {f'{name!r} ' if name else ''}of kind {REGRESSION.name}")
    return tasks[0]


def _with_virality(prepared: Prepared, asked: Task) -> tuple[Card, str]:
    """The card, with a task of virality if it has none and its first target is a count: the account's top
    tenth. And why it has none; empty if it has one."""
    card, first = prepared.card, asked.targets[0]
    if _viral_task(card, asked):
        return card, ""
    if card.targets[first].scale not in OF_COUNTS:
        return card, f"{first} is not a count"
    protocols = {name: one for name, one in asked.protocols.items() if name != "official"}
    if not protocols or "goes_viral" in {*card.targets, *card.columns}:
        return card, "the card says of none which posts are viral"
    told = {"name": "goes_viral", "kind": EVENT.name, "targets": ("goes_viral",)}
    task = Task.model_validate({**told, "filter": asked.filter, "protocols": protocols})
    found, labelled = card, 0
    for days in WINDOWS:
        viral = Viral(of={first: 1.0}, window_days=days)
        targets = {**card.targets, task.name: Target(viral=viral)}
        found = card.model_copy(update={"targets": targets, "tasks": (*card.tasks, task)})
        labels = TaskPosts.of(dataclasses.replace(prepared, card=found), task).labels
        labelled = int((~np.isnan(labels)).sum())
        if labelled >= len(labels) / 2:
            break
    if labelled < FEWEST_POSTS:
        told_of = f"{viral.minimum} earlier ones of their account within {viral.window_days:g} days"
        return card, f"{labelled} posts have {told_of}, and fewer than {FEWEST_POSTS} tell nothing"
    return found, ""


def _viral_task(card: Card, asked: Task) -> str | None:
    """Of virality: that which rests on the asked task's targets, within the account if there are several."""
    found = [
        task for task in card.tasks if card.derived(task.name) and {*card.rests_on(task)} <= {*asked.targets}
    ]
    found.sort(
        key=lambda task: any(one.at_least or one.within != "account" for one in card.derived(task.name))
    )
    return found[0].name if found else None


def _part(
    prepared: Prepared,
    task: str,
    variant: str,
    settings: Mapping[str, object],
    features: Mapping[str, Features],
    until: int | None,
    new: Callable[[], object],
) -> tuple[Part, Posts, Array]:
    """Fit one task: the part, the training posts and their labels."""
    card = prepared.card
    posts = TaskPosts.of(prepared, card.task(task))
    maturity = _maturity(card.task(task))
    rows = np.arange(len(posts.times))
    if until is not None:
        rows = rows[Clock(until, maturity, None).known_at(posts.times) <= until]
    told = ~np.isnan(posts.labels[rows]).any(axis=1)
    if posts.engagement is not None:
        told |= ~np.isnan(posts.engagement[rows]).any(axis=1)
    rows = rows[told]
    labelled = ~np.isnan(posts.labels[rows]).any(axis=1)
    if labelled.sum() < FEWEST_POSTS:
        raise DataError(
            f"task '{task}': {labelled.sum()} labelled posts, and fewer than {FEWEST_POSTS} tell nothing"
        )
    newest = int(posts.times[rows][labelled].max())
    clock = Clock(
        max(int(Clock(0, maturity, None).known_at(np.array([newest]))[0]), until or 0), maturity, None
    )
    table = posts.visible(card.visible()).take(rows)
    known = Known(
        table.select([*KEY_COLUMNS.values(), *_kept(card)]),
        posts.labels[rows].astype(np.float32),
        None if posts.engagement is None else posts.engagement[rows].astype(np.float32),
    )
    placed = {name: _Rows(one, posts.rows[rows]) for name, one in features.items()}
    schema = dataclasses.replace(desk_schema(card, task, placed), images=None)  # type: ignore[arg-type]
    timeline = Timeline(schema, clock)
    train = known.told_to(timeline, table)
    y = known.labels[known.labelled]
    baseline = new()
    baseline.fit(train, y)  # type: ignore[attr-defined]
    described = PartTold(
        task=task,
        variant=variant,
        settings=dict(settings),
        encodings=tuple(features),
        categories=timeline.categories,
        cut_off=clock.cut_off,
        maturity=maturity,
    )
    part = Part(described, card, baseline, known, table.schema, timeline)  # type: ignore[arg-type]
    return part, train, y


class _Rows:
    """Features of some of the prepared posts, by their places among these."""

    def __init__(self, features: Features, rows: NDArray[np.int64]) -> None:
        self.features, self.own = features, rows

    def rows(self, index: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.features.rows(self.own[index])

    def ok(self, index: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self.features.ok(self.own[index])


def _calibrated(
    part: Part, train: Posts, y: Array, new: Callable[[], object], say: Say
) -> tuple[Calibration, float | None]:
    """What the model errs on posts later than those it learnt from, and how often later ones of these lie in
    intervals that the earlier ones give.

    The held-out posts are predicted as drafts will be: as of the moment of fitting, and without each other.
    """
    held = train.holdout(HOLDOUT)
    say("calibrating")
    other = new()
    other.fit(held.fit, y[held.fit_rows])  # type: ignore[attr-defined]
    drafts = as_drafts(held.check)
    predicted = middle(other, other.predict(drafts))  # type: ignore[attr-defined, arg-type]
    errors = y[held.check_rows] - np.asarray(predicted, np.float32)
    # The model has learnt from these posts since, though not as those of strangers: its errors on them are a
    # little small. That is next to nothing beside what an unknown account's level adds.
    strange = y[held.check_rows] - part.predict(strangers(held.check))
    calibration = Calibration.of(drafts, errors, strange)
    return calibration, coverage(calibration, drafts, errors)


def _kept(card: Card) -> list[str]:
    visible = card.visible()
    return [name for name in visible if card.columns[name].role in KEPT_ROLES]


def _maturity(task: Task) -> int:
    """ms: as the rolling protocol has it, else the embargo."""
    rolling, frozen = task.protocols.get("rolling"), task.protocols.get("frozen")
    days = rolling.reveal_days if rolling else frozen.embargo_days if frozen else 0.0
    return round(days * DAY_MS)


def _carried(card: Card, need: str, profile: str) -> bool:
    from benchmark.run.plan import COLUMN_NEEDS, carries

    return need not in COLUMN_NEEDS and carries(card, need, profile)
