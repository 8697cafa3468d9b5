"""Beginning: what a run says at once: what there is to do, and about how long it will take here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmark.errors import DataUnavailable, SmpbenchError, listed
from smpbench.door.at_hand import KnownPosts, posts_known, raw_files

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.run.options import Options
    from benchmark.run.plan import Chosen, Planned
    from benchmark.run.progress import Progress


def say_what_is_at_hand(cards: Sequence[Card], options: Options, progress: Progress) -> None:
    """Which data sets a run will be about, before anything is read."""
    here = [card for card in cards if _at_hand(card, options)]
    if not here:
        return
    of = "" if len(here) == len(cards) else f" of {len(cards)}"
    sets = "data set is" if len(here) == 1 and not of else "data sets are"
    progress.say(f"{len(here)}{of} {sets} at hand: {listed(card.name for card in here)}")


def begun(cards: Sequence[Card], chosen: Sequence[Chosen], options: Options, progress: Progress) -> Options:
    """Say how many cells there are and about how long they will take; the options with what is expected of
    each, by which the time left goes."""
    from benchmark.run.plan import planned_cells
    from leaderboard.board.expected import machine_factor
    from leaderboard.board.places import board_folder, published_folder
    from leaderboard.board.times import expected, posts_of

    ours, theirs = board_folder(options.home), published_folder()
    options = replace(options, expected=expected(ours, theirs, machine_factor()))
    known = posts_of([ours, theirs])
    cells, seconds, strange = 0, 0.0, []
    for card in cards:
        if not _at_hand(card, options):
            continue
        waiting = [one for one in planned_cells(card, chosen, options) if not _ran(one, options)]
        cells += len(waiting)
        running = [one for one in waiting if not one.skipped]
        posts = posts_known(card, options.home)
        if posts is None and card.name in known:
            posts = KnownPosts(known[card.name])
        if posts is None:
            strange += [card.name] if running else []
        else:
            seconds += _seconds(card, running, posts, options)
    if cells:
        progress.say(_plan(cells, seconds, strange))
    return options


def _plan(cells: int, seconds: float, strange: Sequence[str]) -> str:
    from benchmark.run.progress import duration

    told = f"{cells:,} cells to compute" if cells > 1 else "1 cell to compute"
    about = f"about {duration(max(seconds, 5))} here" if seconds else ""
    if strange:
        later = (
            f"{listed(strange, 5)} is told when read" if seconds else "how long is told when data are read"
        )
        about = f"{about}; {later}" if about else later
    return f"{told}: {about or 'nothing to fit'}. Ctrl-C at any time: the same command goes on from there"


def _seconds(card: Card, running: Sequence[Planned], known: KnownPosts, options: Options) -> float:
    assert options.expected is not None
    encodings = {name for one in running for name in one.encodings}
    models = sum(options.expected.seconds(one.cell, known.posts) for one in running)
    return models / options.at_once + sum(
        options.expected.encoding(name, _to_encode(name, card, known, options)) for name in encodings
    )


def _to_encode(encoding: str, card: Card, known: KnownPosts, options: Options) -> int:
    """Of the posts, those whose content the cache lacks."""
    from benchmark.encoders import encoder
    from benchmark.encoders.cache import FeatureCache

    if known.content is None:
        return known.posts
    with suppress(SmpbenchError):  # one that there is not is told where it is asked for
        chosen = encoder(options.profile, encoding, card.languages)
        return FeatureCache(options.home).left(chosen, card.name, known.content, known.posts)
    return known.posts


def _ran(one: Planned, options: Options) -> bool:
    """Whether there is a result of it, though perhaps of older code or data: what is sure costs a look."""
    from benchmark.run.store import Store

    return Store(options.home / "runs").folder(one.cell, "any").parent.is_dir()


def _at_hand(card: Card, options: Options) -> bool:
    try:
        return card.generator is not None or raw_files(card, options.home, options.raw_roots) is not None
    except DataUnavailable:
        return False
    except SmpbenchError:  # what is wrong with them is told where they are read
        return True
