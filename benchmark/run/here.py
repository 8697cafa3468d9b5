"""Here: whether this checkout would compute a told result under the same key.

A key is made of what a result tells, the card and the code; no data are needed to make it once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.encoders import encoder
from benchmark.errors import UnknownName
from benchmark.run.cell import Cell, truth_key

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.run.result import About, Run


def computed_so_here(of: About, run: Run, card: Card, code: str) -> bool | None:
    """Whether code, encoders, settings and card are still those that decided a result. Data are taken to be.

    Args:
        code: hash of the baseline's source, as it is here.

    Returns:
        None where an encoder that it reads is not known or not installed here, and nothing can be told.
    """
    task = next((task for task in card.tasks if task.name == of.task and of.protocol in task.protocols), None)
    if task is None:
        return False
    try:
        encoders = {encoding: encoder(of.profile, encoding, card.languages) for encoding in of.encodings}
    except UnknownName:
        return None
    if any(one.unavailable() for one in encoders.values()):
        return None
    cell = Cell(of.dataset, of.task, of.protocol, of.baseline, of.variant, run.seed, of.profile, of.crawl)
    return run.key == cell.key(
        truth=truth_key(card, task, of.protocol, of.data_fingerprint),
        code=code,
        settings=of.settings,
        encodings={encoding: one.fingerprint() for encoding, one in encoders.items()},
        columns=list(card.visible(crawl=of.crawl)),
    )
