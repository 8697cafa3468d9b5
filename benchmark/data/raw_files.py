"""Raw files: where those of a data set lie, and that a card names nothing outside of there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.declared.card import Card
from benchmark.declared.fact_table import FactTable
from benchmark.errors import DataError, DataUnavailable

_MEND = "Put the files themselves there, or give the folder that they lie in with --raw"


def raw_folder(card: Card, home: Path, raw_roots: Sequence[Path]) -> Path:
    """Where the raw files of a data set are: the first of the card's `raw` that exists below one of
    `raw_roots`, below `home/raw`, or beside the card.

    Links below `raw_roots` and `home/raw` are the user's own and are followed. What lies beside a card came
    with the card: there, none may lead out of the card's folder.

    Raises:
        DataUnavailable: none exists; the text says how to obtain the files.
        DataError: it is neither a file nor a folder, or a link leads out of the card's folder.
    """
    for place, beside in _places(card, home, raw_roots):
        if not place.exists():
            continue
        found = Path(os.path.realpath(place))
        if not (found.is_file() or found.is_dir()):
            raise DataError("neither a file nor a folder", file=place, mend="Correct `raw` in the card")
        if beside:
            _check_inside(card, found, home)
        return found
    looked = ", ".join(str(place) for place in places_of_the_user(card, home, raw_roots))
    raise DataUnavailable(f"{card.name}: no raw files (looked for {looked}). {card.obtain}".strip())


def facts_folders(card: Card, raw: Path, home: Path, raw_roots: Sequence[Path]) -> dict[str, Path]:
    """Where the files of each fact table lie: in the raw folder, beside the raw file, or with another data
    set.

    Raises:
        DataUnavailable: the other data set is not there.
    """
    own = raw.parent if raw.is_file() else raw
    return {
        name: _folder_beside(card, name, facts, home, raw_roots) if facts.beside else own
        for name, facts in card.facts.items()
    }


def _folder_beside(card: Card, name: str, facts: FactTable, home: Path, raw_roots: Sequence[Path]) -> Path:
    places = [root / one for root in (*raw_roots, home / "raw") for one in facts.beside]
    for place in places:
        if place.is_dir():
            return Path(os.path.realpath(place))
    looked = ", ".join(map(str, places))
    raise DataUnavailable(
        f"{card.name}: no raw files of its facts '{name}' (looked for {looked}). {card.obtain}"
    )


def places_of_the_user(card: Card, home: Path, raw_roots: Sequence[Path]) -> list[Path]:
    """Under the first name of the card's `raw`, where a user may put the files."""
    if not (card.generator or _elsewhere(card)):
        return [card.folder / card.raw[0]]
    return [*(root / card.raw[0] for root in raw_roots), own_folder(card, home)]


def own_folder(card: Card, home: Path) -> Path:
    """Where the home keeps the raw files. A synthetic set makes its own, under its own name: another's files
    are not in its way, and not in reach of its generator."""
    return home / "raw" / (card.name if card.generator else card.raw[0])


def _places(card: Card, home: Path, raw_roots: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Where to look, and whether that is beside the card."""
    names = _elsewhere(card)
    yield from ((root / name, False) for root in raw_roots for name in names)
    if card.generator:
        yield own_folder(card, home), False
    else:
        yield from ((home / "raw" / name, False) for name in names)
    yield from ((card.folder / name, True) for name in card.raw)


def _elsewhere(card: Card) -> list[str]:
    """The names under which the data may lie elsewhere than beside the card."""
    return [name for name in card.raw if name != "." and not name.startswith("./")]


def _check_inside(card: Card, raw: Path, home: Path) -> None:
    """No file that will be read beside the card is a link out of the card's folder."""
    own = os.path.realpath(card.folder)
    beside = _links(raw.parent, home) if raw.is_file() and card.facts else ()
    for path in (str(raw), *_links(raw, home), *beside):
        if os.path.commonpath((own, os.path.realpath(path))) != own:
            raise DataError("leads out of the folder of the card", file=path, mend=_MEND)


def walk(raw: Path, home: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """As os.walk, without the home where that lies in the raw folder: what is made there is no raw file."""
    own = os.path.realpath(home)
    for folder, below, names in os.walk(raw):
        if own.startswith(here := os.path.realpath(folder)):  # a link to the home is not the home
            below[:] = [name for name in below if f"{here}/{name}" != own]
        yield folder, below, names


def _links(raw: Path, home: Path) -> Iterator[str]:
    for folder, below, names in walk(raw, home):
        for entry in (*below, *names):
            if os.path.islink(path := os.path.join(folder, entry)):  # noqa: PTH114, PTH118  (half a million)
                yield path
