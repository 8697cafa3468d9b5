"""Model card: what is known of a row on every task that it has results on, for whoever is to use it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmark import PROJECT
from benchmark.data.cards import find_cards, load_card
from benchmark.declared.card import Card
from benchmark.declared.naming import EXTERNAL
from benchmark.errors import CardError, SmpbenchError, UnknownName
from benchmark.finding.discovery import baseline_files, load
from benchmark.run.result import About
from leaderboard.board.merged import Merged
from leaderboard.tables.rows import NAME, Row
from leaderboard.tables.skill import SKILL, sign
from leaderboard.tables.table import Table

WORST = 3
"""Slices of a task that are told, of those where the row does worst."""
DOCUMENTED = (ast.Module, ast.ClassDef)
POSTS_OF_A_SLICE = 20
"""Of fewer, a score says little."""


@dataclass(frozen=True)
class Scored:
    """A row by one measure on one target; NaN where something is undefined."""

    target: str
    measure: str
    primary: bool
    score: float
    low: float
    high: float
    """Ends of the 95% interval."""
    rank: float
    rivals: int
    skill: float


@dataclass(frozen=True)
class Weak:
    """A part of the test posts on which the row does worse than on all."""

    target: str
    slice: str
    n: int
    score: float
    whole: float
    """Its score on all posts."""


@dataclass(frozen=True)
class OnTask:
    """A row on one task under one protocol."""

    row: Row
    card: Card | None
    """Of the data set; None where it is none of the project's."""
    scores: tuple[Scored, ...]
    weak: tuple[Weak, ...]

    @property
    def about(self) -> About:
        return self.row.about


@dataclass(frozen=True)
class ModelCard:
    name: str
    """As the command line takes it."""
    tasks: tuple[OnTask, ...]
    told: str
    """What the file of the baseline says below the summary; empty of one that is none of the project's."""
    code_now: str | None
    """Hash of the baseline's code as it is now; None where it is not at hand."""

    @property
    def about(self) -> About:
        return self.tasks[0].about

    @property
    def external(self) -> bool:
        return self.about.variant == EXTERNAL


def model_card(
    found: Merged,
    spec: str,
    *,
    datasets: Collection[str] = (),
    profile: str | None = None,
    crawl: bool = False,
) -> ModelCard:
    """The card of a row.

    Args:
        spec: `ridge`, `lightgbm:+history`. datasets: those it is to tell of; all by default.
        profile: of encoders, where there are rows of several; the first by default.
        crawl: of the row that reads columns known only when the data were collected.

    Raises:
        UnknownName: there is no such row; the nearest are named.
    """
    rows = [row for row in found.rows if row.run.predicted and not row.about.study and _asked(row, crawl)]
    rows = [row for row in rows if not datasets or row.about.dataset in datasets]
    if not rows:
        raise SmpbenchError("the board has no such row. Run `smpbench run`, or look at `smpbench board`")
    chosen = _named(spec, rows)
    profiles = list(dict.fromkeys(row.about.profile for row in chosen if row.about.profile != "none"))
    if profile is not None and profile not in profiles:
        raise UnknownName(f"profile of rows of {spec}", profile, profiles)
    kept = profile or next(iter(profiles), "none")
    chosen = [row for row in chosen if row.about.profile in (kept, "none")]
    about = chosen[0].about
    told, code_now = _file(about)
    name = about.baseline + ("" if about.variant in ("default", EXTERNAL) else f":{about.variant}")
    return ModelCard(name, tuple(_on_task(found, row) for row in chosen), told, code_now)


def _asked(row: Row, crawl: bool) -> bool:
    return row.about.crawl == crawl and row.status in ("ok", "ceiling")


def _named(spec: str, rows: Sequence[Row]) -> list[Row]:
    name, _, variant = spec.partition(":")
    here = [row for row in rows if row.about.baseline == name]
    variants = list(dict.fromkeys(row.about.variant for row in here))
    if here and not variant:
        if "default" not in variants and len(variants) > 1:
            raise UnknownName(f"row '{name}' alone; variant", "", [f"{name}:{one}" for one in variants])
        variant = "default" if "default" in variants else variants[0]
    if chosen := [row for row in here if row.about.variant == variant]:
        return chosen
    known = [
        row.about.baseline + ("" if row.about.variant == "default" else f":{row.about.variant}")
        for row in rows
    ]
    raise UnknownName("row of the board", spec, dict.fromkeys(known))


def _file(about: About) -> tuple[str, str | None]:
    """What the project's file of a baseline says of it below the summary, and the hash of its code."""
    path = baseline_files().get(about.baseline)
    if path is None or about.variant == EXTERNAL:
        return "", None
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [ast.get_docstring(one) or "" for one in (tree, *tree.body) if isinstance(one, DOCUMENTED)]
    told = next((text for text in texts if text.partition("\n\n")[0].split() == about.summary.split()), "")
    return told.partition("\n\n")[2], load(path).code


def _on_task(found: Merged, row: Row) -> OnTask:
    table = found.table_of(row)
    scores = [
        _scored(table, row, target, name)
        for target in row.about.targets
        for name in table.measures(row, target)
        if row.scored and name != SKILL
    ]
    weak = [one for target in row.about.targets for one in _weak(found.slices, row, target)]
    return OnTask(row, _card(row.about), tuple(scores), tuple(weak))


def _scored(table: Table, row: Row, target: str, name: str) -> Scored:
    low, high = table.interval(row, target, name)
    rivals = table.rivals(row, target, name) if sign(name) else []
    errors = [-sign(name) * table.score(one, target, name) for one in rivals]
    mine = -sign(name) * table.score(row, target, name)
    ranked = bool(rivals) and not np.isnan(mine)
    return Scored(
        target=target,
        measure=name,
        primary=name == row.about.primary,
        score=table.score(row, target, name),
        low=low,
        high=high,
        rank=1 + sum(error < mine for error in errors) if ranked else np.nan,
        rivals=len(rivals),
        skill=table.score(row, target, SKILL),
    )


def _weak(slices: pd.DataFrame, row: Row, target: str) -> list[Weak]:
    """The slices on which it does worst, by the measure that ranks; none where it does as well as on all."""
    primary = row.about.primary
    if not row.scored or primary not in row.measures(target):
        return []
    whole = float(row.values(target, primary).mean())
    here = slices[(slices["target"] == target) & (slices["measure"] == primary)]
    here = here[here["n"] >= POSTS_OF_A_SLICE]
    for column, value in zip(NAME, row.name, strict=True):
        here = here[here[column] == value]
    found = [
        Weak(target, str(line["slice"]), int(line["n"]), float(line["score"]), whole)
        for line in here.to_dict("records")
        if sign(primary) * (float(line["score"]) - whole) < 0
    ]
    return sorted(found, key=lambda one: sign(primary) * one.score)[:WORST]


def _card(about: About) -> Card | None:
    path = find_cards(PROJECT / "datasets").get(about.dataset)
    try:
        return None if path is None else load_card(path)
    except CardError:  # what is wrong with it is told by the commands that read data
        return None
