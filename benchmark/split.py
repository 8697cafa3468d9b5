"""Protocol -> Blocks: which labels are known when, and which posts are predicted then.

Every protocol is a list of blocks, worked through in order. Before a block is predicted the labels in
`reveal` become known; then the posts in `test` are predicted, all as of the block's `start`.

- frozen: one block. Labels of posts at least `embargo_days` old at the cut-off; later posts are predicted.
- rolling: blocks of `block_days` from the cut-off on; a label is known `reveal_days` after publication.
- official: one block. All labelled posts are known, all unlabelled posts are predicted, nothing is scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from benchmark.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmark.declared.task import Protocol, ProtocolName

    Rows = NDArray[np.int64]

PROTOCOL_VERSION = "1"
"""Raised whenever a rule changes that can move a score: rows of different versions are not comparable."""

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Clock:
    """As of which moment a post is predicted, and what is known by then. Times are ms since 1970.

    Whatever becomes known has a moment `known_at`; it is known as of any moment from then on. A fact table
    gives it row by row, for labels `known_at` here does.

    Test posts are predicted as of their block's start. So that a model meets the same staleness of labels in
    training as in the test, training posts are given the block start that *they* would have had: the grid
    of blocks goes on backwards before the cut-off. Frozen has a single block, and there a training post
    stands at its own publication.
    """

    cut_off: int
    maturity: int
    block: int | None
    """Length of a block; None: a single one (frozen, official)."""

    def as_of(self, times: Rows) -> Rows:
        """int64 [n]: the moment each post is predicted at; never after its publication."""
        import numpy as np

        if self.block is None:
            return np.minimum(times, self.cut_off)
        return self.cut_off + (times - self.cut_off) // self.block * self.block

    def known_at(self, times: Rows) -> Rows:
        """int64, as `times`: the moment from which the label of a post published then is known.

        Once it has matured, and at the earliest a millisecond after publication: with no maturity at all a
        post would else know its own label.
        """
        import numpy as np

        return np.maximum(times + self.maturity, times + 1)

    def moved(self, cut_off: int) -> Clock:
        """The same rules with another cut-off, for a holdout inside the training posts."""
        return Clock(cut_off, self.maturity, self.block)


@dataclass(frozen=True)
class Block:
    """Rows are positions in the prepared posts, ascending, which is also in time order."""

    start: int
    """ms since 1970: the moment of prediction. Nothing revealed matured later, nothing tested is earlier."""
    context: Rows
    """Published before the block, label not known: their inputs are seen, they are not predicted."""
    reveal: Rows
    """Labels that become known before this block; in the first block, the training posts."""
    test: Rows


@dataclass(frozen=True)
class Windows:
    clock: Clock
    blocks: tuple[Block, ...]

    @property
    def train(self) -> Rows:
        return self.blocks[0].reveal

    @property
    def test(self) -> Rows:
        """All predicted rows, in the order of prediction."""
        import numpy as np

        return np.concatenate([block.test for block in self.blocks])


def windows(name: ProtocolName, protocol: Protocol, times: Rows, labelled: NDArray[np.bool_]) -> Windows:
    """Cut the posts of one task.

    Args:
        times: int64 [n], ms since 1970, ascending.
        labelled: bool [n].

    Raises:
        DataError: nothing is left to fit on or to predict.
    """
    import numpy as np

    if np.any(np.diff(times) < 0):
        raise DataError("posts are not in time order")
    if name == "official":
        found = _official(times, labelled)
    else:
        cut_off = first_test_moment(protocol, times[labelled])
        if name == "frozen":
            found = _frozen(times, labelled, Clock(cut_off, round(protocol.embargo_days * DAY_MS), None))
        else:
            reveal, block = round(protocol.reveal_days * DAY_MS), round(protocol.block_days * DAY_MS)
            found = _rolling(times, labelled, Clock(cut_off, reveal, block))
    if not found.blocks or not len(found.train) or not len(found.test):
        raise DataError(
            f"protocol '{name}' leaves no posts to {'predict' if found.blocks else 'fit on or to predict'}",
            mend="Check the cut-off in the card against the date range that `smpbench prepare` reports.",
        )
    return found


class Held(NamedTuple):
    """Training posts, split as a protocol splits posts."""

    clock: Clock
    fit_rows: Rows
    check_rows: Rows


def held_out(clock: Clock, times: Rows, fraction: float) -> Held:
    """The newest `fraction` of training posts are checked on, those whose labels are known by then fitted on.

    Args:
        times: int64 [n], ms since 1970, in any order.

    Raises:
        ValueError: `fraction` is not inside (0, 1), or one part would be empty.
    """
    import numpy as np

    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie inside (0, 1), not {fraction}")
    cut_off = int(np.quantile(times, 1 - fraction, method="higher")) if len(times) else 0
    moved = clock.moved(cut_off)
    fit_rows = np.flatnonzero(moved.known_at(times) <= cut_off)
    check_rows = np.flatnonzero(times >= cut_off)
    if not len(fit_rows) or not len(check_rows):
        raise ValueError(
            f"{len(times)} posts are too few to hold {fraction:.0%} out: of the "
            f"{len(times) - len(check_rows)} older ones, {len(fit_rows)} had a label by then"
        )
    return Held(moved, fit_rows, check_rows)


def first_test_moment(protocol: Protocol, times: Rows) -> int:
    """ms since 1970: posts published from then on are test posts of `frozen` and `rolling`.

    Args:
        times: of the labelled posts, ascending.
    """
    if protocol.cut_off is not None:
        return round(protocol.cut_off.timestamp() * 1000)
    assert protocol.test_fraction is not None  # the card's check
    if not len(times):
        raise DataError("no labelled posts")
    first, last = int(times[0]), int(times[-1])
    return round(last - protocol.test_fraction * (last - first))


def _frozen(times: Rows, labelled: NDArray[np.bool_], clock: Clock) -> Windows:
    import numpy as np

    early = times < clock.cut_off
    settled = clock.known_at(times) <= clock.cut_off
    context, reveal, test = labelled & early & ~settled, labelled & settled, labelled & ~early
    block = Block(clock.cut_off, np.flatnonzero(context), np.flatnonzero(reveal), np.flatnonzero(test))
    return Windows(clock, (block,) if len(block.test) else ())


def _rolling(times: Rows, labelled: NDArray[np.bool_], clock: Clock) -> Windows:
    import numpy as np

    assert clock.block is not None
    rows = np.flatnonzero(labelled)
    test = rows[times[rows] >= clock.cut_off]
    starts = np.unique(clock.as_of(times[test]))
    known_at = clock.known_at(times[rows])
    blocks: list[Block] = []
    known, seen = 0, 0  # how many of `rows` have been revealed, or shown, before this block
    for start in starts:
        matured = int(np.searchsorted(known_at, start, side="right"))
        before = int(np.searchsorted(times[rows], start, side="left"))
        until = int(np.searchsorted(times[rows], start + clock.block, side="left"))
        context = rows[max(seen, matured) : before]
        blocks.append(Block(int(start), context, rows[known:matured], rows[before:until]))
        known, seen = matured, until
    return Windows(clock, tuple(blocks))


def _official(times: Rows, labelled: NDArray[np.bool_]) -> Windows:
    import numpy as np

    train, test = np.flatnonzero(labelled), np.flatnonzero(~labelled)
    start = int(times[train].max()) + 1 if len(train) else 0
    block = Block(start, train[:0], train, test)
    return Windows(Clock(start, 0, None), (block,) if len(test) else ())
