"""What the options of commands are, and what they name: data sets, baselines, protocols, folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark import PROJECT
from benchmark.errors import BaselineError, CardError, UnknownName

if TYPE_CHECKING:
    from benchmark.card import Card
    from benchmark.run.plan import Chosen
    from benchmark.run.progress import Progress

PROTOCOLS = ("frozen", "rolling", "official")
DEFAULT_HOME = PROJECT / "data"

Home = Annotated[
    Path,
    typer.Option(
        "--home", envvar="SMPBENCH_HOME", help="Prepared data, caches and results.", show_default="data/"
    ),
]
Raw = Annotated[
    Path | None,
    typer.Option("--raw", envvar="SMPBENCH_RAW", help="Folder with the raw data sets, a folder each."),
]
DataSets = Annotated[
    list[str] | None,
    typer.Option("--dataset", "-d", help="A data set, or the path of a card.toml. Repeatable; default: all."),
]
OneDataSet = Annotated[str, typer.Option("--dataset", "-d", help="A data set, or the path of a card.toml.")]
OneProtocol = Annotated[str, typer.Option("--protocol", "-p", help="frozen, rolling or official.")]
OneTask = Annotated[
    str | None, typer.Option("--task", "-t", help="A task; needed where the data set has several.")
]


def chosen_cards(specs: Sequence[str] | None) -> list[Card]:
    """Data sets by name or by the path of a card; all of the project's when none is named."""
    from benchmark.data.cards import find_cards, load_card

    known = find_cards(PROJECT / "datasets")
    cards = []
    for spec in specs or known:
        if spec in known:
            cards.append(load_card(known[spec]))
        elif spec.endswith(".toml"):
            cards.append(load_card(Path(spec)))
        else:
            raise UnknownName("data set", spec, known)
    names = [card.name for card in cards]
    if len(set(names)) < len(names):
        raise CardError(f"two data sets of the same name: {', '.join(sorted(names))}")
    return cards


def chosen_baselines(specs: Sequence[str] | None, progress: Progress) -> list[Chosen]:
    """Baselines by name or file, with a variant or settings; all that are available when none is named."""
    from benchmark.run.discovery import discover, find
    from benchmark.run.plan import choose

    known = discover()
    if specs is None:
        for found in known.values():
            if found.cls is None:
                progress.say(f"baseline '{found.name}' is unavailable: {found.unavailable}")
        return [choose("", found) for found in known.values() if found.cls is not None]
    chosen = []
    for spec in specs:
        # A path may hold a colon only in front of `.py`; settings come after it.
        cut = spec.find(":", spec.rfind(".py") + 1)
        name, setting = (spec, "") if cut < 0 else (spec[:cut], spec[cut + 1 :])
        found = find(name, known)
        if found.name in known and known[found.name].path != found.path:
            raise BaselineError(
                f"{found.path}: the project has a baseline '{found.name}' already, and rows go by name. "
                "Rename the file"
            )
        chosen.append(choose(setting, found))
    return chosen


def known_names(names: Sequence[str] | None, known: Sequence[str], kind: str) -> list[str]:
    """The names, or all that are known when none is given."""
    for name in names or ():
        if name not in known:
            raise UnknownName(kind, name, known)
    return list(names or known)


def raw_roots(raw: Path | None) -> tuple[Path, ...]:
    """Where raw data sets are looked for beside the home."""
    if raw is None:
        return ()
    if not raw.is_dir():
        raise CardError(f"SMPBENCH_RAW: no folder at {raw}")
    return (raw.resolve(),)
