"""Study: the honest run, then every mistake in turn, each priced as soon as it has come out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmark.errors import BaselineError, DataError
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible
from pitfalls.price.inflation import Priced, priced

if TYPE_CHECKING:
    from benchmark.run.progress import Progress
    from pitfalls.price.kept import Kept

HONEST = "the honest protocol"


@dataclass(frozen=True)
class Row:
    """One mistake: its price, or why there is none."""

    mistake: Mistake
    made: Made | None = None
    price: Priced | None = None
    not_possible: str = ""
    failed: str = ""
    seconds: float = 0.0
    """That it took just now; next to nothing where it was kept."""


@dataclass(frozen=True)
class Study:
    ground: Ground
    variant: str
    honest: Said
    rows: tuple[Row, ...]
    seconds: float


def study(ground: Ground, variant: str, mistakes: Sequence[Mistake], kept: Kept, progress: Progress) -> Study:
    """Run what is not kept, and price all of it.

    Raises:
        BaselineError: the honest run failed. Where a run under a mistake does, its row says so.
        KeyboardInterrupt: what has come out until then is kept.
    """
    began = time.monotonic()
    with progress.cells(1 + sum(one.runs for one in mistakes)):
        ground = replace(ground, done=progress.cell_done)
        honest = kept.honest()
        if honest is None:
            honest = replace(ground, label=HONEST).walk()
            kept.keep_honest(honest)
        else:
            progress.cell_done(HONEST)
        rows = tuple(_row(ground, one, honest, kept, progress) for one in mistakes)
    return Study(ground, variant, honest, rows, time.monotonic() - began)


def _row(ground: Ground, mistake: Mistake, honest: Said, kept: Kept, progress: Progress) -> Row:
    began = time.monotonic()
    counted = 0

    def done(label: str, seconds: float) -> None:
        nonlocal counted
        counted += 1
        ground.done(label, seconds)

    failed = ""
    found = kept.of_mistake(mistake)
    if found is None:
        try:
            mistake.check(ground)
            found = mistake.made(replace(ground, label=mistake.title, done=done), honest)
            kept.keep(mistake, found)
        except NotPossible as reason:
            found = str(reason)
            if counted:  # it took a fit to know
                kept.keep(mistake, found)
        except (BaselineError, DataError) as error:  # the other mistakes go on
            failed = str(error)
    for _ in range(mistake.runs - counted):
        progress.cell_done(mistake.title)
    seconds = time.monotonic() - began
    if failed or found is None:
        return Row(mistake, failed=failed, seconds=seconds)
    if isinstance(found, str):
        return Row(mistake, not_possible=found, seconds=seconds)
    return Row(mistake, found, priced(ground.posts, found, honest), seconds=seconds)
