"""Blocks: a task's posts as the protocol reveals them, for a model that lives in the caller's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from benchmark.encoders import encoder
from benchmark.encoders.cache import FeatureCache
from benchmark.encoders.profiles import chosen_profile
from benchmark.errors import SmpbenchError
from benchmark.handover import revealed, shown
from benchmark.outside.external import SUMMARY
from benchmark.outside.handout import Question
from benchmark.outside.predictions import checked_array
from benchmark.posts import Array, Posts
from benchmark.run.content import content
from benchmark.run.progress import Progress
from benchmark.timeline import Schema, Timeline
from smpbench.door.score import score

if TYPE_CHECKING:
    from benchmark.encoded import Features
    from smpbench.door.about import About
    from smpbench.door.row import Row


@dataclass(frozen=True)
class Block:
    """What is known before a block is predicted, and the posts to predict. Labels are float32 [n, targets] on
    the scoring scale."""

    number: int
    """From 0."""
    start: np.datetime64
    """The moment of prediction, UTC."""
    revealed: Posts
    """Posts whose labels have become known since the last block; in the first, the training posts."""
    revealed_y: Array
    test: Posts
    """To be predicted, all as of `start`; their labels are not here."""
    _hand_in: Callable[[int, ArrayLike], None] = field(repr=False)

    @property
    def train(self) -> Posts:
        """The training posts, in the first block only.

        Raises:
            SmpbenchError: in a later one, which has `revealed`.
        """
        self._check_first("train")
        return self.revealed

    @property
    def y(self) -> Array:
        """The labels of the training posts, in the first block only.

        Raises:
            SmpbenchError: in a later one, which has `revealed_y`.
        """
        self._check_first("y")
        return self.revealed_y

    def predict(self, predictions: ArrayLike) -> None:
        """Hand in the predictions of `test`: numbers [n, targets], or [n] for one target.

        Raises:
            DataError: another shape, or a value that is not finite; names the post.
            SmpbenchError: they have been handed in before.
        """
        self._hand_in(self.number, predictions)

    def _check_first(self, what: str) -> None:
        if self.number:
            raise SmpbenchError(
                f"`{what}` is of the first block. In block {self.number}, `revealed` and `revealed_y` are "
                "the posts and labels that have become known since"
            )


class Blocks(Iterator[Block]):
    """Made by `Task.blocks`: an iterator over the blocks, which can be gone through once."""

    def __init__(self, task: About, inputs: Sequence[str], *, encoders: str, crawl: bool) -> None:
        self.task = task
        self._crawl = crawl
        self._predicted: list[Array] = []
        self._current: Block | None = None
        question = Question.of(task.card, task.home, task.name, task.protocol)
        self._count = len(question.windows.blocks)
        schema = _schema(question, inputs, chosen_profile(encoders), crawl)
        # The labels lie in the frame of this generator, and in no object that is handed out.
        self._steps = _steps(question, schema, self._accept)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Blocks:
        return self

    def __next__(self) -> Block:
        """The next block.

        Raises:
            SmpbenchError: the current one has not been predicted.
        """
        if self._current is not None and len(self._predicted) <= self._current.number:
            raise SmpbenchError(
                f"block {self._current.number} of {self._count} has not been predicted: "
                "block.predict(predictions) comes before the next block, which reveals labels"
            )
        self._current = next(self._steps)
        return self._current

    def row(self, name: str, *, summary: str = SUMMARY) -> Row:
        """Score what was predicted, and store it as the external row `name` of the leaderboard.

        Args:
            summary: one line: what the model is.

        Raises:
            SmpbenchError: a block has not been predicted; the name is none, or is the project's own.
        """
        if len(self._predicted) < self._count:
            raise SmpbenchError(
                f"{len(self._predicted)} of {self._count} blocks are predicted: a row needs all of them"
            )
        whole = np.concatenate(self._predicted)
        return score(whole, self.task, name=name, summary=summary, crawl=self._crawl)

    def _accept(self, number: int, predictions: ArrayLike) -> None:
        assert self._current is not None
        if number != len(self._predicted):
            raise SmpbenchError(f"block {number} has been predicted already")
        test = self._current.test
        self._predicted.append(checked_array(predictions, test.ids.tolist(), test.targets, test.scales))


def _steps(question: Question, schema: Schema, hand_in: Callable[[int, ArrayLike], None]) -> Iterator[Block]:
    """The blocks, each handed over when it is asked for."""
    posts, windows = question.posts, question.windows
    timeline = Timeline(schema, windows.clock)
    handed_over = posts.handed_over(windows, schema.columns)
    for number, (cut, (reveal, predict)) in enumerate(zip(windows.blocks, handed_over, strict=True)):
        known = revealed(timeline, reveal)
        yield Block(
            number=number,
            start=np.datetime64(cut.start, "ms"),
            revealed=known,
            revealed_y=reveal.labels,
            test=shown(timeline, predict),
            _hand_in=hand_in,
        )


def _schema(question: Question, inputs: Sequence[str], profile: str, crawl: bool) -> Schema:
    """What may be seen of the posts, encoded content included."""
    card = question.card
    images = question.posts.prepared.images
    return Schema(
        columns=card.visible(crawl=crawl),
        targets=question.task.targets,
        features={encoding: _features(question, encoding, profile) for encoding in inputs},
        images=str(images) if images else None,
        scales=card.scales(question.task.name),
        facts={name: table.columns for name, table in card.facts.items()},
    )


def _features(question: Question, encoding: str, profile: str) -> Features:
    prepared = question.posts.prepared
    chosen = encoder(profile, encoding, question.card.languages)
    if not question.card.content(chosen.modality):
        raise SmpbenchError(
            f"{question.card.name} has nothing that '{encoding}' of '{profile}' could be made of"
        )
    posts = prepared.posts()
    with Progress().work(f"{prepared.card.name}: encoding {encoding} ({chosen.name})") as counter:
        return FeatureCache(question.posts.prepared.folder.parents[1]).ensure(
            chosen,
            prepared.card.name,
            prepared.content,
            posts["post_id"].to_pylist(),
            content(prepared, posts, chosen.modality),
            progress=counter,
        )
