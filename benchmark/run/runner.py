"""Runner: prepares data sets and works through the cells of a run.

Data sets come one after the other; a data set that cannot be prepared is reported, and the others go on. At
first each is prepared and its naive references run, which takes seconds and is a first table; then come the
others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from benchmark.data.prepare import prepare
from benchmark.data.raw_files import raw_folder
from benchmark.data.report import date_lines, report_lines
from benchmark.declared.naming import check_one_file_a_name
from benchmark.encoders import encoder
from benchmark.errors import DataUnavailable, SmpbenchError
from benchmark.processes.workers import Workers, workers
from benchmark.run.cells import Cells
from benchmark.run.options import Options, Summary
from benchmark.run.plan import Chosen, Planned, planned_cells
from benchmark.run.progress import Progress, duration

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.declared.card import Card


def run(
    cards: Sequence[Card],
    baselines: Sequence[Chosen],
    options: Options,
    progress: Progress,
    *,
    summary: Summary | None = None,
    first: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """Prepare the data sets, then run every planned cell that has no result yet.

    Args:
        summary: is filled as the run goes, for whoever wants to know how far it came when it is interrupted.
        first: called once, when the references of a first data set stand and more is to come.

    Raises:
        SmpbenchError: an encoder that a cell is to be given cannot be used here, or two files have one name;
            nothing has started.
        KeyboardInterrupt: after every worker has been ended; what is finished is kept.
        OSError: the store cannot be written (a full disk); what is finished is kept.
    """
    check_one_file_a_name((chosen.found.name, chosen.found.path) for chosen in baselines)
    summary = Summary() if summary is None else summary
    planned = {card.name: planned_cells(card, baselines, options) for card in cards}
    for card in cards:
        running = [one for one in planned[card.name] if not one.skipped]
        _check_encoders({encoding for one in running for encoding in one.encodings}, card, options)
    here = _at_hand(cards, options, progress, summary)
    with progress.cells(sum(len(planned[card.name]) for card in here)):
        sets = _begun(here, planned, options, progress, summary, first)
        _say_how_long([one for one in sets if one.waiting], options, progress)
        preload = {module for one in sets for cell in one.waiting for module in cell.found.told.preload}
        context: Workers | None = None
        if options.engine is None and any(one.waiting for one in sets):
            with progress.waiting("loading the libraries of the baselines"):
                context = workers(sorted(preload), options.threads)
        while sets:  # what is kept of one, its features above all, goes with it
            one = sets.pop(0)
            one.tried(partial(one.run, context))
    return summary


def _at_hand(cards: Sequence[Card], options: Options, progress: Progress, summary: Summary) -> list[Card]:
    """The data sets whose raw files are on this machine; those with pictures, which take longest to read,
    come last."""
    absent = {}
    for card in cards:
        try:
            if card.generator is None:
                raw_folder(card, options.home, options.raw_roots)
        except DataUnavailable as error:
            absent[card.name] = str(error)
        except SmpbenchError:
            pass  # is told when it is read
    if options.named:
        for name, reason in absent.items():
            progress.say(f"{name}: not at hand. {reason}")
            summary.problems.append(f"{name}: not at hand. {reason}")
    elif absent:
        progress.say(f"not at hand: {', '.join(absent)}. `smpbench list` says how to get each")
    here = [card for card in cards if card.name not in absent]
    return sorted(here, key=lambda card: bool(card.content("image")))


def _begun(
    cards: Sequence[Card],
    planned: Mapping[str, Sequence[Planned]],
    options: Options,
    progress: Progress,
    summary: Summary,
    first: Callable[[Summary], None],
) -> list[Cells]:
    """Prepare each and run its references; `first` after those of the first table."""
    sets: list[Cells] = []
    progress.tells_left = options.expected is None  # else that is known when all are read
    for card in cards:
        for earlier in sets[-1:]:
            earlier.set_aside()
        data = _prepare(card, options, progress, summary)
        if data is None:
            progress.fewer(len(planned[card.name]))
            continue
        one = Cells(data, planned[card.name], options, progress, summary)
        with progress.waiting(f"{card.name}: looking which cells are finished"):
            begun = one.tried(one.begin)
        if not begun:
            continue
        for _ in one.quick():
            first(summary)
            first = _nothing
        sets.append(one)
    if len(sets) > 1:  # a single one goes on with the posts that it has read
        sets[-1].set_aside()
    progress.tells_left = True
    return sets


def _nothing(_: Summary) -> None:
    """Once is enough."""


def _say_how_long(sets: Sequence[Cells], options: Options, progress: Progress) -> None:
    """How many cells are left, and roughly how long they will take."""
    cells = sum(len(one.waiting) for one in sets)
    if not cells or options.expected is None:
        return
    seconds = sum(one.weighed(options.expected) for one in sets)
    where = "1 data set" if len(sets) == 1 else f"{len(sets)} data sets"
    progress.say(
        f"to go: {cells:,} cell{'s' if cells > 1 else ''} on {where}, about {duration(seconds)} here"
    )


def _check_encoders(encodings: set[str], card: Card, options: Options) -> None:
    for encoding in sorted(encodings):
        chosen = encoder(options.profile, encoding, card.languages)
        if reason := chosen.unavailable():
            raise SmpbenchError(
                f"encoding '{encoding}' of profile '{options.profile}' ({chosen.name}): {reason}"
            )


def _prepare(card: Card, options: Options, progress: Progress, summary: Summary) -> Prepared | None:
    """None if it cannot be."""
    made = "making" if card.generator else "reading"
    try:
        with progress.waiting(f"{card.name}: {made} its data"):
            prepared = prepare(card, options.home, options.raw_roots, allow_generator=options.allow_generator)
    except DataUnavailable as error:  # of facts that lie elsewhere
        if options.named:
            summary.problems.append(f"{card.name}: not at hand. {error}")
        progress.say(f"{card.name}: not at hand. {error}")
        return None
    except SmpbenchError as error:
        summary.problems.append(f"{card.name}: {error}")
        progress.say(f"{card.name}: {error}")
        return None
    for line in [*report_lines(prepared)[:1], *date_lines(prepared)]:
        progress.say(line)
    return prepared
