"""Completion: what a shell offers after Tab: names of what there is. No library is loaded for it, no file
run but that of the one baseline whose variants are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmark import PROJECT
from benchmark.errors import SmpbenchError

PROFILES = ("bundled", "hub")


def datasets(incomplete: str) -> list[str]:
    """Names of data sets; the shell itself knows the paths of cards."""
    from benchmark.data.cards import find_cards

    return _beginning(incomplete, find_cards(PROJECT / "datasets"))


def baselines(incomplete: str) -> list[str]:
    """`ridge`; behind a colon, its variants: `lightgbm:+history`."""
    from benchmark.finding.discovery import baseline_files, load

    files = baseline_files()
    name, colon, _ = incomplete.partition(":")
    if not colon:
        return _beginning(incomplete, files)
    found = load(files[name]) if name in files else None
    variants = found.described.variants if found and found.described else ()
    return _beginning(incomplete, [f"{name}:{variant}" for variant in variants if variant != "default"])


def tasks(incomplete: str) -> list[str]:
    """Of all data sets."""
    from benchmark.data.cards import find_cards, load_card

    names: set[str] = set()
    for path in find_cards(PROJECT / "datasets").values():
        try:
            names |= {task.name for task in load_card(path).tasks}
        except SmpbenchError:  # what is wrong with a card is told by the commands
            continue
    return _beginning(incomplete, sorted(names))


def measures(incomplete: str) -> list[str]:
    from benchmark.scores.measures import MEASURES

    return _beginning(incomplete, [*MEASURES, "skill"])


def one_of(*known: str) -> Callable[[str], list[str]]:
    """Of words that are known beforehand."""

    def complete(incomplete: str) -> list[str]:
        return _beginning(incomplete, known)

    return complete


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
