"""Agreement: rows of a table say the same of it, and what their data set's card says where there is one.

A row speaks of its data set, its task and its posts beside itself. What it says of those would move the other
rows: one that called real data made-up would take its tables out of the aggregate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark import PROJECT
from benchmark.data.cards import find_cards, load_card
from benchmark.declared.naming import NO_PROFILE, shown
from benchmark.errors import CardError
from benchmark.run.cell import truth_key
from benchmark.split import PROTOCOL_VERSION

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.run.result import About
    from leaderboard.publishing.results import Published

OF_DATA = ("title", "synthetic", "selection")
OF_TASK = ("kind", "targets", "measures", "primary", "reference", "margin")
OF_TABLE = ("protocol_version", "data_fingerprint", "truth_key")
OF_POSTS = ("n_train", "n_test", "clusters", "base_rates")
"""Of seeds that predicted: all rows of a table are fitted and tested on the same posts."""

Found = dict[Path, list[str]]


def disagreements(published: Sequence[Published], cards: Path = PROJECT / "datasets") -> Found:
    """Folder of a row -> what it says that its card, or the other rows, do not say, where there is something.

    Where no card decides, what most rows say counts, and among as many the row of the reference.

    Args:
        cards: where folders with a card.toml lie.
    """
    found: Found = {}
    known = find_cards(cards)
    for dataset, of_data in _grouped(published, lambda one: one.told.about.dataset).items():
        try:
            card = _card(known[dataset]) if dataset in known else None
        except CardError as error:
            found |= {one.folder: [f"its card is none: {error}"] for one in of_data}
            continue
        _hold(found, of_data, OF_DATA, card)
        for task, of_task in _grouped(of_data, lambda one: one.told.about.task).items():
            asked = None if card is None else next((one for one in card.tasks if one.name == task), None)
            if card is not None and asked is None:
                for one in of_task:
                    found.setdefault(one.folder, []).append(
                        f"about.task: the card of {dataset} has no {task!r}"
                    )
                continue
            _hold(found, of_task, OF_TASK, asked)
        for of_table in _grouped(of_data, lambda one: one.told.about.table).values():
            _hold(found, of_table, OF_TABLE, None)
            _hold_posts(found, of_table)
            for folder, what in (*_other_truths(of_table, card), *_second_references(of_table)):
                found.setdefault(folder, []).append(what)
    return found


def in_card(about: About, cards: Path = PROJECT / "datasets") -> bool:
    """Whether the card of a row's data set has its task. A home keeps the results of one that a card has had;
    where there is no card nothing can be said against it."""
    place = find_cards(cards).get(about.dataset)
    return place is None or any(task.name == about.task for task in _card(place).tasks)


@cache
def _card(path: Path) -> Card:
    return load_card(path)


def _grouped(rows: Sequence[Published], key: Callable[[Published], Hashable]) -> dict[Any, list[Published]]:
    found: dict[Any, list[Published]] = {}
    for one in rows:
        found.setdefault(key(one), []).append(one)
    return found


def _hold(found: Found, rows: Sequence[Published], fields: Sequence[str], declared: Any) -> None:
    """Hold fields of rows against what a card declares, or against what most of them say."""
    for name in fields:
        said = [(one, getattr(one.told.about, name)) for one in _references_first(rows)]
        wanted = _commonest([value for _, value in said]) if declared is None else getattr(declared, name)
        whose = "the other rows say" if declared is None else "its card says"
        for one, value in said:
            if value != wanted:
                told = f"about.{name}: {shown(str(value))}; {whose} {shown(str(wanted))}"
                found.setdefault(one.folder, []).append(told)


def _hold_posts(found: Found, rows: Sequence[Published]) -> None:
    for name in OF_POSTS:
        said = [
            (one, run.seed, getattr(run, name))
            for one in _references_first(rows)
            for run in one.told.runs
            if run.predicted and getattr(run, name) != ()  # what old rows do not tell of, they do not deny
        ]
        # A row weighs one, however many seeds it has.
        wanted = _commonest(list({(one.folder, value): value for one, _, value in said}.values()))
        for one, seed, value in said:
            if value != wanted:
                told = f"runs: seed {seed}: {name}: {value}; the other rows of the table say {wanted}"
                found.setdefault(one.folder, []).append(told)


def _commonest(values: Sequence[Any]) -> Any:
    """Of several that are as common, the first."""
    return Counter(values).most_common(1)[0][0] if values else None


def _references_first(rows: Sequence[Published]) -> list[Published]:
    return sorted(rows, key=lambda one: not _is_reference(one))


def _is_reference(one: Published) -> bool:
    of = one.told.about
    plain = of.baseline == of.reference and of.variant == "default" and of.profile == NO_PROFILE
    return plain and not of.crawl and not of.study


def _other_truths(rows: Sequence[Published], card: Card | None) -> Iterator[tuple[Path, str]]:
    """Rows on other posts than those that the card's protocol gives."""
    for one in rows:
        of = one.told.about
        task = None if card is None else next((task for task in card.tasks if task.name == of.task), None)
        if card is None or task is None:
            continue
        if of.protocol not in task.protocols:
            yield one.folder, f"about.protocol: task {task.name!r} of the card has no {of.protocol!r}"
        elif of.protocol_version == PROTOCOL_VERSION:
            wanted = truth_key(card, task, of.protocol, of.data_fingerprint)
            if of.truth_key != wanted:
                told = f"about.truth_key: {of.truth_key[:16]}; its card and fingerprint give {wanted[:16]}"
                yield one.folder, told


def _second_references(rows: Sequence[Published]) -> Iterator[tuple[Path, str]]:
    """Skill is measured against one row; another of its name might take its place."""
    called = [one for one in _references_first(rows) if one.told.about.baseline == one.told.about.reference]
    ranked = [one for one in called if not one.told.about.crawl and not one.told.about.study]
    for one in ranked[1:]:
        first = ranked[0].folder.name
        yield one.folder, f"about.baseline: a second row of the reference, which is {first}"
