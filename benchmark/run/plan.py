"""Plan: which cells a run consists of, and why some of them cannot run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from benchmark.baseline import read_settings, settings_name
from benchmark.declared.naming import check_variant_name
from benchmark.encoders import encoder, offers
from benchmark.errors import BaselineError, UnknownName
from benchmark.finding.discovery import Found
from benchmark.run.cell import Cell
from benchmark.scores.kinds import kind
from benchmark.scores.kinds.regression import REGRESSION

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.declared.task import ProtocolName, Task
    from benchmark.run.options import Options

COLUMN_NEEDS = ("category", "place", "tags", "edges", "names")
"""What a baseline may need beside encoded content: columns of a role; `edges`, a fact table of who names or
follows whom; `names`, one of whom posts name, as they say themselves."""
EXCESS = re.compile(r"(?:(?P<of>.+)[+,])?excess")
FAMILIES = {family: turn for turn, family in enumerate(("naive", "ensemble", "network"))}
"""Whose turn it is in a run; all other families come after these."""


@dataclass(frozen=True)
class Chosen:
    """A baseline as it was asked for: all its declared variants, one of them, or settings of one's own."""

    found: Found
    variants: Mapping[str, Mapping[str, Any]]
    study: bool = False
    """Whether the variants are the combinations of its study."""
    by_excess: bool = False
    """Whether only its rows by excess are asked for: see `benchmark.excess`."""


@dataclass(frozen=True)
class Planned:
    """A cell with its settings, and the encoded content it is to be given."""

    cell: Cell
    found: Found
    settings: Mapping[str, Any]
    encodings: tuple[str, ...]
    study: bool = False
    skipped: str | None = None
    """Why this cell cannot run on this data set: `needs image`."""
    by_excess: bool = False
    """Whether a regression answers a task of events: see `benchmark.excess`."""
    variant: str = "default"
    """As the baseline calls it; the cell's tells of an excess beside."""


def choose(spec: str, found: Found) -> Chosen:
    """What `-b ridge`, `-b lightgbm:metadata`, `-b ridge:alpha=1,max_iter=5` ask for.

    With `excess` at the end (`ridge:excess`, `lightgbm:metadata+excess`, `ridge:alpha=1,excess`) it is their
    rows by excess alone.

    Raises:
        BaselineError: the baseline is unavailable, or a setting's value cannot be read.
        UnknownName: no such variant or setting.
    """
    told = found.told
    if (asked := EXCESS.fullmatch(spec)) and spec not in told.variants:
        return replace(choose(asked["of"] or "", found), by_excess=True)
    if not spec:
        return Chosen(found, told.variants)
    if "=" not in spec:
        if spec not in told.variants:
            raise UnknownName(f"variant of {found.name}", spec, told.variants)
        return Chosen(found, {spec: told.variants[spec]})
    parts = [part.partition("=") for part in spec.split(",")]
    if bare := [name for name, equals, _ in parts if not equals]:
        raise BaselineError(f"{found.name}:{spec}: '{bare[0]}' has no value. Write {bare[0]}=...")
    names = [name for name, _, _ in parts]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BaselineError(f"{found.name}:{spec}: '{twice[0]}' is given twice")
    try:
        settings = read_settings(told.name, told.defaults, {name: value for name, _, value in parts})
    except ValueError as error:
        raise BaselineError(f"{found.name}:{spec}: {error}") from None
    for name, of in told.variants.items():
        if {**told.defaults, **of} == {**told.defaults, **settings}:  # one cell: it has no second name
            return Chosen(found, {name: of})
    name = settings_name(settings)
    check_variant_name(name, f"{found.name}:{spec}")
    return Chosen(found, {name: settings})


def studied(chosen: Chosen) -> Chosen | None:
    """Every combination of the values that a baseline's study compares; None where it declares none."""
    axes = chosen.found.told.study
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    named = {settings_name(one): one for one in combinations if one}
    return Chosen(chosen.found, named, study=True) if named else None


def plan(
    card: Card,
    tasks: Iterable[Task],
    protocols: Iterable[ProtocolName],
    baselines: Sequence[Chosen],
    *,
    seeds: Sequence[int],
    profile: str,
    crawl: bool,
) -> list[Planned]:
    """Every cell of one data set, in the order in which they run: references first, then dear before cheap.

    Of several jobs none is then left alone at the end with what takes longest.
    """
    wanted = list(protocols)
    for chosen in baselines:
        chosen.found.ask(list(chosen.variants.values()))
    in_turn = sorted(baselines, key=lambda chosen: FAMILIES.get(chosen.found.family, len(FAMILIES)))
    return [
        _planned(card, task, protocol, chosen, variant, by_excess, seed, profile, crawl)
        for task in tasks
        for protocol in task.protocols
        if protocol in wanted
        for chosen in in_turn
        for variant in chosen.variants
        for by_excess in _ways(card, task, chosen)
        for seed in seeds
    ]


def planned_cells(card: Card, baselines: Sequence[Chosen], options: Options) -> list[Planned]:
    """The cells of a data set that a run of these baselines consists of."""
    crawled = options.crawl and any(column.availability == "crawl" for column in card.columns.values())
    modes = [False, True] if crawled else [False]
    tasks = [task for task in card.tasks if options.tasks is None or task.name in options.tasks]

    def has_row(chosen: Chosen, crawl: bool) -> bool:
        if chosen.found.told.reads_columns:
            return crawl or not (crawled and options.crawl_alone)
        return not crawl

    return [
        one
        for crawl in modes
        for one in plan(
            card,
            tasks,
            options.protocols,
            [chosen for chosen in baselines if has_row(chosen, crawl)],
            seeds=options.numbers,
            profile=options.profile,
            crawl=crawl,
        )
    ]


def _ways(card: Card, task: Task, chosen: Chosen) -> list[bool]:
    """Whether each row of a baseline in a task is one by excess. Of events that are derived of engagement a
    regression has such a row; what answers both kinds has two."""
    answers = chosen.found.told.answers
    if not card.derived(task.name) or REGRESSION.name not in answers:
        return [chosen.by_excess]
    return [True] if chosen.by_excess or task.kind not in answers else [False, True]


def row_variant(variant: str, by_excess: bool) -> str:
    """As a row is called: `excess`, `metadata+excess`, `alpha=1,excess` where it is one by excess."""
    if not by_excess:
        return variant
    return "excess" if variant == "default" else f"{variant}{',' if '=' in variant else '+'}excess"


def _planned(
    card: Card,
    task: Task,
    protocol: ProtocolName,
    chosen: Chosen,
    variant: str,
    by_excess: bool,
    seed: int,
    profile: str,
    crawl: bool,
) -> Planned:
    found, settings = chosen.found, chosen.variants[variant]
    needs = found.needs(settings)
    skipped: str | None = None
    encodings: tuple[str, ...] = ()
    try:
        missing = [need for need in needs.required if not carries(card, need, profile)]
        skipped = f"needs {', '.join(missing)}" if missing else None
        encodings = tuple(
            one
            for one in dict.fromkeys([*needs.required, *needs.wanted])
            if one not in COLUMN_NEEDS and carries(card, one, profile)
        )
    except UnknownName as error:  # of this baseline alone: the others go on
        skipped = str(error)
    if by_excess and not card.derived(task.name):
        skipped = "labels of this task are not derived of engagement, which an excess is of"
    elif by_excess and REGRESSION.name not in found.told.answers:
        skipped = f"answers {', '.join(found.told.answers)}, and an excess is that of a regression"
    elif not by_excess and kind(task.kind).asked not in found.told.answers:
        skipped = f"answers {', '.join(found.told.answers)}, and this task is of kind {task.kind}"
    cell = Cell(
        dataset=card.name,
        task=task.name,
        protocol=protocol,
        baseline=found.name,
        variant=row_variant(variant, by_excess),
        seed=seed,
        profile=profile if encodings else "none",
        crawl=crawl,
    )
    return Planned(cell, found, settings, encodings, chosen.study, skipped, by_excess, variant)


def summary_of(one: Planned, card: Card, profile: str) -> str:
    """What the row is, on this data set: without images `clip_adapter` is a text adapter."""
    without = one.found.told.without if one.found.described else {}
    told = [f"Without {need}: {what}." for need, what in without.items() if not carries(card, need, profile)]
    return " ".join([one.found.summary, *told])


def carries(card: Card, need: str, profile: str) -> bool:
    """Whether a data set has what a baseline needs: columns of a role, or content that can be encoded."""
    if need == "edges":
        return any(len(table.with_role("user")) == 2 for table in card.facts.values())
    if need == "names":
        return any(table.of for table in card.facts.values())
    if need in COLUMN_NEEDS:
        return bool(card.with_role(need))  # type: ignore[arg-type]
    if not offers(profile, need, card.languages):
        return False
    return bool(card.content(encoder(profile, need, card.languages).modality))
