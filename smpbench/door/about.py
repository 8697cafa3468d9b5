"""About: what a task is, as a person and every other file here want to know it. It holds no label."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.scale import OF_COUNTS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmark.declared.card import Card
    from benchmark.declared.task import ProtocolName
    from benchmark.outside.handout import Question


@dataclass(frozen=True, repr=False)
class About:
    """What a task is. `print(task)` tells it."""

    dataset: str
    name: str
    protocol: ProtocolName
    targets: tuple[str, ...]
    """What is predicted: the columns of y."""
    measures: tuple[str, ...]
    n_train: int
    """Posts that are fitted on."""
    n_test: int
    """Posts that are predicted."""
    fingerprint: str
    """Of the prepared data: the same on every machine that has the same raw files."""
    home: Path
    """Holds prepared data, caches and results."""
    raw: Path
    """The raw files that the posts were prepared from."""
    card: Card = field(compare=False)
    truth_key: str
    """Names the test posts and their labels: rows can be compared if they share it."""
    _raw_roots: tuple[Path, ...] = field(compare=False)
    _lines: tuple[str, ...] = field(compare=False)

    @property
    def title(self) -> str:
        return f"{self.dataset}/{self.name} {self.protocol}"

    def __repr__(self) -> str:
        return "\n  ".join([f"Task {self.title}", *self._lines])


def lines_of(question: Question, raw: Path) -> list[str]:
    """What a person wants to know of a task before trusting a number that comes from it."""
    card, asked = question.card, question.task
    told = question.posts.prepared.report
    scales = [
        f"{name}: {card.targets[name].unit or OF_COUNTS.get(scale, 'as given')}"
        for name, scale in zip(asked.targets, card.scales(asked.name), strict=True)
    ]
    times, windows = question.posts.times, question.windows
    train, test = (_range(times, rows) for rows in (windows.train, windows.test))
    return [
        f"data: {card.title}, {told['posts']:,} posts by {told['users']:,} users, "
        f"{told['first'][:10]} to {told['last'][:10]}",
        f"targets: {'; '.join(scales)}",
        f"measures: {', '.join(asked.measures)}, ranked by {asked.primary}",
        f"protocol: {_dates(question)}",
        f"fitted on: {len(windows.train):,} posts, {train}",
        f"tested on: {len(windows.test):,} posts, {test}",
        f"raw: {raw}, data {question.posts.prepared.fingerprint[:16]}",
    ]


def _dates(question: Question) -> str:
    from benchmark.split import PROTOCOL_VERSION

    declared, windows = question.task.protocols[question.protocol], question.windows
    cut_off = f"{question.protocol} (version {PROTOCOL_VERSION}), cut-off {_day(windows.clock.cut_off)}"
    match question.protocol:
        case "frozen":
            return f"{cut_off}, labels of the last {declared.embargo_days:g} days before it withheld"
        case "rolling":
            return (
                f"{cut_off}, {len(windows.blocks)} blocks of {declared.block_days:g} days, "
                f"a label known {declared.reveal_days:g} days after publication"
            )
        case _:
            return f"{cut_off}, labels of the test withheld: nothing is scored"


def _range(times: NDArray[np.int64], rows: NDArray[np.int64]) -> str:
    return f"{_day(times[rows].min())} to {_day(times[rows].max())}"


def _day(milliseconds: int) -> str:
    import numpy as np

    return str(np.datetime64(int(milliseconds), "ms").astype("datetime64[D]"))
