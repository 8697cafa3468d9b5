"""Missing results: a baseline that is to be compared and has none is run where the other one has some."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import BaselineError, UnknownName
from smpbench.door.names import PROTOCOLS, chosen_baseline, chosen_cards, run_options

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.run.options import Options
    from benchmark.run.plan import Chosen
    from benchmark.run.progress import Progress


def with_results(
    a: str,
    b: str,
    home: Path,
    raw: Path | None,
    *,
    datasets: Sequence[str] | None,
    seeds: int,
    profile: str | None,
) -> tuple[str, str]:
    """Two sides of a comparison as rows are called; a baseline without results is run first.

    It is run on the data sets at hand, and under the protocols, on which the other has rows. A side that is
    no baseline stays as it is.
    """
    from benchmark.run.progress import Progress

    progress = Progress()
    chosen = {spec: one for spec in (a, b) if (one := _baseline(spec)) is not None}
    if len(chosen) < 2:
        return a, b
    from leaderboard.board.places import Places

    names = {spec: _called(spec, one) for spec, one in chosen.items()}
    rows = Places.of(home).merged().rows
    ran = {
        spec: {
            (row.about.dataset, row.about.protocol)
            for row in rows
            if _is(names[spec], row.about.baseline, row.about.variant)
        }
        for spec in chosen
    }
    for spec, other in ((a, b), (b, a)):
        if not ran[spec] and ran[other]:
            cards = _where(names[other], {dataset for dataset, _ in ran[other]}, datasets)
            where = ", ".join(card.name for card in cards)
            progress.say(f"{names[spec]} has no results yet: running it on {where}, as far as at hand")
            under = {protocol for _, protocol in ran[other]}
            protocols = [name for name in PROTOCOLS if name in under]
            options = run_options(home, raw, protocols=protocols, seeds=seeds, profile=profile or "bundled")
            _run(names[spec], chosen[spec], cards, options, progress)
    return names[a], names[b]


def _where(other: str, has: AbstractSet[str], datasets: Sequence[str] | None) -> list[Card]:
    """The data sets, of those that are asked for, on which the other baseline has rows.

    Raises:
        BaselineError: there is none.
    """
    cards = [card for card in chosen_cards(datasets) if card.name in has]
    if not cards:
        raise BaselineError(
            f"{other} has rows on {', '.join(sorted(has))} alone: say -d NAME, or -d path/to/card.toml, of "
            "one of these"
        )
    return cards


def _run(name: str, chosen: Chosen, cards: Sequence[Card], options: Options, progress: Progress) -> None:
    """Run it, and write the board of the home, which has its rows from now on.

    Raises:
        BaselineError: nothing came of it that could be compared.
    """
    from benchmark.run.runner import run
    from leaderboard.board.places import board_folder, published_folder
    from leaderboard.board.write import write_board

    summary = run(cards, [chosen], options, progress)
    write_board(options.home / "runs", board_folder(options.home), published_folder() / "results")
    for problem in summary.problems:
        progress.say(f"problem: {problem}")
    if not {"ok", "reused", "rescored"} & summary.counts.keys():
        why = "; ".join(summary.problems) or "no task is one for it"
        raise BaselineError(f"{name} has no result that could be compared: {why}")


def _baseline(spec: str) -> Chosen | None:
    """What a side asks for, if it is a baseline that can be run."""
    if Path(spec).exists() and not spec.endswith(".py"):
        return None
    try:
        return chosen_baseline(spec)
    except (UnknownName, BaselineError):
        if ".py" in spec:  # a file: what is wrong with it must be told
            raise
        return None


def _called(spec: str, chosen: Chosen) -> str:
    """As a row is called: `name`, or `name:variant`."""
    cut = spec.find(":", spec.rfind(".py") + 1)
    if cut < 0:
        return chosen.found.name
    from benchmark.run.plan import row_variant

    return f"{chosen.found.name}:{row_variant(next(iter(chosen.variants)), chosen.by_excess)}"


def _is(called: str, baseline: str, variant: str) -> bool:
    return called in (baseline, f"{baseline}:{variant}")
