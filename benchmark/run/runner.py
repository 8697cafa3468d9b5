"""Runner: prepares data sets and works through the cells of a run.

Data sets come one after the other; a data set that cannot be prepared is reported, and the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmark.data.prepare import prepare
from benchmark.data.report import date_lines, report_lines
from benchmark.encoders import encoder
from benchmark.errors import DataUnavailable, SmpbenchError
from benchmark.naming import check_one_file_a_name
from benchmark.processes.workers import workers
from benchmark.run.cells import Cells
from benchmark.run.options import Options, Summary
from benchmark.run.plan import Chosen, Planned, plan
from benchmark.run.progress import Progress

if TYPE_CHECKING:
    from benchmark.card import Card
    from benchmark.data.prepared import Prepared


def run(cards: Sequence[Card], baselines: Sequence[Chosen], options: Options, progress: Progress) -> Summary:
    """Prepare the data sets, then run every planned cell that has no result yet.

    Raises:
        SmpbenchError: an encoder that a cell is to be given cannot be used here, or two files have one name;
            nothing has started.
        KeyboardInterrupt: after every worker has been ended; what is finished is kept.
        OSError: the store cannot be written (a full disk); what is finished is kept.
    """
    check_one_file_a_name((chosen.found.name, chosen.found.path) for chosen in baselines)
    summary = Summary()
    planned = {card.name: _plan(card, baselines, options) for card in cards}
    for card in cards:
        running = [one for one in planned[card.name] if not one.skipped]
        _check_encoders({encoding for one in running for encoding in one.encodings}, card, options)
    prepared = {card.name: found for card in cards if (found := _prepare(card, options, progress, summary))}
    cells = [cell for name in prepared for cell in planned[name]]
    preload = {module for one in cells for module in one.found.told.preload}
    context = workers(sorted(preload), options.threads)
    with progress.cells(len(cells)):
        for name, data in prepared.items():
            try:
                Cells(data, planned[name], options, progress, summary, context).run()
            except SmpbenchError as error:  # of its card or its content: the other data sets go on
                summary.problems.append(f"{name}: {error}")
                progress.say(f"{name}: {error}")
    return summary


def _plan(card: Card, baselines: Sequence[Chosen], options: Options) -> list[Planned]:
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
            seeds=options.seeds,
            profile=options.profile,
            crawl=crawl,
        )
    ]


def _check_encoders(encodings: set[str], card: Card, options: Options) -> None:
    for encoding in sorted(encodings):
        chosen = encoder(options.profile, encoding, card.languages)
        if reason := chosen.unavailable():
            raise SmpbenchError(
                f"encoding '{encoding}' of profile '{options.profile}' ({chosen.name}): {reason}"
            )


def _prepare(card: Card, options: Options, progress: Progress, summary: Summary) -> Prepared | None:
    try:
        prepared = prepare(card, options.home, options.raw_roots, allow_generator=options.allow_generator)
    except DataUnavailable as error:
        progress.say(f"{card.name}: not at hand. {error}")
        if options.named:
            summary.problems.append(f"{card.name}: not at hand")
        return None
    except SmpbenchError as error:
        summary.problems.append(f"{card.name}: {error}")
        progress.say(f"{card.name}: {error}")
        return None
    for line in [*report_lines(prepared)[:1], *date_lines(prepared)]:
        progress.say(line)
    return prepared
