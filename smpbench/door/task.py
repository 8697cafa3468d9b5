"""Task: one question that models are put to, with its data set prepared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.outside.handout import Question, chosen_task
from smpbench.door.about import About, lines_of
from smpbench.door.blocks import Blocks
from smpbench.door.names import PROTOCOLS, chosen_card, home_folder, known_names, raw_roots


class Task(About):
    """A data set's task under a protocol, made by `smp.task`. `print(task)` says what it is."""

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
            inputs: encoded content that `Posts.encode` is to have: `text`, `image`, ...
            encoders: their profile: `bundled`, `hub` or a .toml file of your own.
            crawl: also the columns known only at crawl time; the row is marked.
        """
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
        task: may be left out where only one has the protocol, or only one that asks for a count.
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
    folder, roots = home_folder(home), raw_roots(raw)
    prepare(card, folder, roots)
    question = Question.of(card, folder, asked.name, protocol)
    raw_files = raw_folder(card, folder, roots)
    return Task(
        dataset=card.name,
        name=asked.name,
        protocol=question.protocol,
        targets=asked.targets,
        measures=asked.measures,
        n_train=len(question.windows.train),
        n_test=len(question.windows.test),
        fingerprint=question.posts.prepared.fingerprint,
        home=folder,
        raw=raw_files,
        card=card,
        truth_key=question.truth_key,
        _raw_roots=roots,
        _lines=tuple(lines_of(question, raw_files)),
    )
