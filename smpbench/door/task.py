"""Task: one question that a model is put to. It says what it is, and holds no label."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.outside.handout import Question, chosen_task
from smpbench.door.names import PROTOCOLS, chosen_card, home_folder, known_names, raw_roots

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmark.card import Card, ProtocolName
    from smpbench.door.blocks import Blocks


@dataclass(frozen=True, repr=False)
class Task:
    """A data set's task under a protocol, prepared. `print(task)` says what it is."""

    dataset: str
    name: str
    protocol: ProtocolName
    targets: tuple[str, ...]
    """What is predicted: the columns of y."""
    metrics: tuple[str, ...]
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

    def __repr__(self) -> str:
        return "\n  ".join([f"Task {self}", *self._lines])

    def __str__(self) -> str:
        return f"{self.dataset}/{self.name} {self.protocol}"

    def blocks(self, inputs: Sequence[str] = (), *, encoders: str = "bundled", crawl: bool = False) -> Blocks:
        """The blocks of the protocol, one after the other, for a model that lives in this process.

            blocks = task.blocks()
            for block in blocks:
                if block.number == 0:
                    model = fitted(block.train, block.y)
                block.predict(model(block.test))
            row = blocks.row("my_model")

        The next block is only to be had after the predictions of the current one are in, and no object that
        you are handed holds a label before the protocol reveals it. In one process nothing can be hidden
        from a determined reader, though, and nobody can check how the predictions came about: such a row is
        marked *external*. `smp.evaluate` makes a row that can be trusted.

        Args:
            inputs: kinds of encoded content that `Posts.encode` is to have: `text`, `image`, ...
            encoders: their profile: `bundled`, `hub` or a .toml file of your own.
            crawl: also the columns known only at crawl time; the row is marked.
        """
        from smpbench.door.blocks import Blocks

        return Blocks(self, inputs, encoders=encoders, crawl=crawl)


def task(
    dataset: str | Path,
    task: str | None = None,
    protocol: str = "frozen",
    *,
    home: str | Path | None = None,
    raw: str | Path | None = None,
) -> Task:
    """A question to put models to; its data set is prepared if that has not been done.

    Args:
        dataset: by name (`smp.datasets()` lists them), or the path of a card.toml.
        task: may be left out where only one has the protocol.
        protocol: `frozen`, `rolling` or `official`.
        home: for prepared data, caches and results. Default: SMPBENCH_HOME, else the checkout's `data/`.
        raw: a folder with the raw data sets, a folder each. Default: SMPBENCH_RAW.

    Raises:
        UnknownName: no such data set, task or protocol; the nearest known ones are named.
        DataUnavailable: its raw files are not on this machine; the text says how to obtain them.
        DataError, CardError: the raw files or the card are wrong; names file, row, column and value.
    """
    from benchmark.data.prepare import prepare, raw_folder

    known_names([protocol], PROTOCOLS, "protocol")
    card = chosen_card(dataset)
    asked = chosen_task(card, task, protocol)
    folder, roots = home_folder(home), raw_roots(raw or os.environ.get("SMPBENCH_RAW"))
    prepare(card, folder, roots)
    question = Question.of(card, folder, asked.name, protocol)
    raw_files = raw_folder(card, folder, roots)
    return Task(
        dataset=card.name,
        name=asked.name,
        protocol=question.protocol,
        targets=asked.targets,
        metrics=asked.metrics,
        n_train=len(question.windows.train),
        n_test=len(question.windows.test),
        fingerprint=question.posts.prepared.fingerprint,
        home=folder,
        raw=raw_files,
        card=card,
        truth_key=question.truth_key,
        _raw_roots=roots,
        _lines=tuple(_lines(question, raw_files)),
    )


def _lines(question: Question, raw: Path) -> list[str]:
    """What a person wants to know of a task before trusting a number that comes from it."""
    card, asked = question.card, question.task
    told = question.posts.prepared.report
    scales = [
        f"{name}: {card.targets[name].unit or {'log1p': 'log(1 + count)'}.get(scale, 'as given')}"
        for name, scale in zip(asked.targets, card.scales(asked.name), strict=True)
    ]
    times, windows = question.posts.times, question.windows
    train, test = (_range(times, rows) for rows in (windows.train, windows.test))
    return [
        f"data: {card.title}, {told['posts']:,} posts by {told['users']:,} users, "
        f"{told['first'][:10]} to {told['last'][:10]}",
        f"targets: {'; '.join(scales)}",
        f"metrics: {', '.join(asked.metrics)}",
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
