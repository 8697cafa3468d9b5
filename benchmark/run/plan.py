"""Plan: which cells a run consists of, and why some of them cannot run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from benchmark.baseline import Baseline, with_settings
from benchmark.encoders import encoder, offers
from benchmark.errors import BaselineError, UnknownName
from benchmark.run.cell import Cell
from benchmark.run.discovery import Found

if TYPE_CHECKING:
    from benchmark.card import Card, ProtocolName, Task

COLUMN_NEEDS = ("category", "place", "tags")
"""What a baseline may need of the columns themselves, beside encoded content."""
FAMILIES = {family: turn for turn, family in enumerate(("naive", "ensemble", "network"))}
"""Whose turn it is in a run; all other families come after these."""


@dataclass(frozen=True)
class Chosen:
    """A baseline as it was asked for: all its declared variants, one of them, or settings of one's own."""

    found: Found
    variants: Mapping[str, Mapping[str, Any]]
    study: bool = False
    """Whether the variants are the combinations of its study."""


@dataclass(frozen=True)
class Planned:
    """A cell with its settings, and the encoded content it is to be given."""

    cell: Cell
    found: Found
    settings: Mapping[str, Any]
    kinds: tuple[str, ...]
    study: bool = False
    skipped: str | None = None
    """Why this cell cannot run on this data set: `needs image`."""


def choose(spec: str, found: Found) -> Chosen:
    """What `-b ridge`, `-b lightgbm:metadata`, `-b ridge:alpha=1,max_iter=5` ask for.

    Raises:
        BaselineError: the baseline is unavailable, or a setting's value cannot be read.
        UnknownName: no such variant or setting.
    """
    if found.cls is None:
        raise BaselineError(f"baseline '{found.name}' is unavailable: {found.unavailable}")
    if not spec:
        return Chosen(found, found.cls.variants)
    if "=" not in spec:
        if spec not in found.cls.variants:
            raise UnknownName(f"variant of {found.name}", spec, found.cls.variants)
        return Chosen(found, {spec: found.cls.variants[spec]})
    parts = [part.partition("=") for part in spec.split(",")]
    settings = {name: value for name, _, value in parts}
    if bare := [name for name, equals, _ in parts if not equals]:
        raise BaselineError(f"{found.name}:{spec}: '{bare[0]}' has no value. Write {bare[0]}=...")
    try:
        with_settings(found.cls, settings)  # complains now rather than in the cell
    except ValueError as error:
        raise BaselineError(f"{found.name}:{spec}: {error}") from None
    return Chosen(found, {spec: settings})


def studied(chosen: Chosen) -> Chosen | None:
    """Every combination of the values that a baseline's study compares; None where it declares none."""
    assert chosen.found.cls is not None
    axes = chosen.found.cls.study
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    named = {",".join(f"{name}={value}" for name, value in one.items()): one for one in combinations if one}
    return Chosen(chosen.found, named, study=True) if named else None


def plan(
    card: Card,
    tasks: Iterable[Task],
    protocols: Iterable[ProtocolName],
    baselines: Sequence[Chosen],
    *,
    seeds: int,
    profile: str,
    crawl: bool,
) -> list[Planned]:
    """Every cell of one data set, in the order in which they run: references first, then dear before cheap.

    Of several jobs none is then left alone at the end with what takes longest.
    """
    wanted = list(protocols)
    in_turn = sorted(baselines, key=lambda chosen: FAMILIES.get(chosen.found.family, len(FAMILIES)))
    return [
        _planned(card, task, protocol, chosen, variant, settings, seed, profile, crawl)
        for task in tasks
        for protocol in task.protocols
        if protocol in wanted
        for chosen in in_turn
        for variant, settings in chosen.variants.items()
        for seed in range(seeds)
    ]


def _planned(
    card: Card,
    task: Task,
    protocol: ProtocolName,
    chosen: Chosen,
    variant: str,
    settings: Mapping[str, Any],
    seed: int,
    profile: str,
    crawl: bool,
) -> Planned:
    found = chosen.found
    assert found.cls is not None
    baseline: Baseline = with_settings(found.cls, settings)
    required, wanted = sorted(baseline.required()), sorted(baseline.wanted())
    skipped: str | None = None
    kinds: tuple[str, ...] = ()
    try:
        missing = [kind for kind in required if not carries(card, kind, profile)]
        skipped = f"needs {', '.join(missing)}" if missing else None
        kinds = tuple(
            kind
            for kind in dict.fromkeys([*required, *wanted])
            if kind not in COLUMN_NEEDS and carries(card, kind, profile)
        )
    except UnknownName as error:  # of this baseline alone: the others go on
        skipped = str(error)
    cell = Cell(
        dataset=card.name,
        task=task.name,
        protocol=protocol,
        baseline=found.name,
        variant=variant,
        seed=seed,
        encoders=profile if kinds else "none",
        crawl=crawl,
    )
    return Planned(cell, found, settings, kinds, chosen.study, skipped)


def carries(card: Card, need: str, profile: str) -> bool:
    """Whether a data set has what a baseline needs: columns of a role, or content that can be encoded."""
    if need in COLUMN_NEEDS:
        return bool(card.with_role(need))  # type: ignore[arg-type]
    return offers(profile, need) and bool(card.content(encoder(profile, need).modality))
