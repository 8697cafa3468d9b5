"""The supervisor: what a worker is told, and when, held against a worker that only listens."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from waiting import PATIENCE
from worlds import World

from benchmark.data.prepare import prepare
from benchmark.errors import BaselineError
from benchmark.handover import Predict, Reveal
from benchmark.processes.talk import Budget
from benchmark.processes.workers import Ended, Worker, Workers
from benchmark.run.results import Outcome
from benchmark.run.supervisor import supervise
from benchmark.run.tasks import TaskPosts
from benchmark.sealing.seal import Sealed
from benchmark.timeline import Schema
from benchmark.worker import Assignment, Finish

COLUMNS = ("text", "width")


@dataclass
class Listener(Workers):
    """The other end of the line, and the process behind it: it notes what it is sent, and answers at once."""

    levels: Sequence[Any] = ()
    shape: tuple[int, ...] | None = None
    """Of every answer; by default the one that is wanted."""
    value: float = 1.0
    said: bytes | None = None
    """In place of the predictions of a block."""
    told: list[Any] = field(default_factory=list)

    def start(self, log: int, workspace: Path, serves: str = "") -> Worker:
        ours, theirs = socket.socketpair()
        self._line = Connection(theirs.detach())
        threading.Thread(target=self._listen, daemon=True).start()
        return Nobody(0, ours)

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError), self._line:
            self._line.recv()
            self._answer({"sealed": True, "why": ""})
            self._answer({"quantiles": list(self.levels)})
            while not isinstance(message := self._line.recv(), Finish):
                if message == []:  # no facts follow
                    continue
                self.told.append(message)
                self._answer({"taken": True})
                if isinstance(message, Predict):
                    self._predict(message)
                else:
                    self._answer({"known": True})
            self.told.append(message)
            self._answer({"done": True})

    def _predict(self, message: Predict) -> None:
        shape = self.shape or (len(message.rows), 1, *([len(self.levels)] if self.levels else []))
        if self.said is not None:
            self._line.send_bytes(self.said)
            return
        self._answer({"shape": shape})
        # A quantile is predicted to be its level.
        self._line.send_bytes(np.full(shape, self.levels or self.value, np.float32).tobytes())

    def _answer(self, header: dict[str, Any]) -> None:
        self._line.send_bytes(json.dumps(header).encode())


class Nobody(Worker):
    def processes(self) -> list[psutil.Process]:
        return []

    def end(self) -> Ended:
        self.conversation.close()
        return Ended(0, 3.0)


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> TaskPosts:
    world = World.make(tmp_path_factory.mktemp("world"), posts=120)
    posts = TaskPosts.of(prepare(world.card, world.home, ()), world.card.task("one"))
    return replace(posts, facts={})  # which go through a real pipe: see test_chunks.py


def supervised(posts: TaskPosts, listener: Listener, protocol: Any = "rolling") -> Outcome:
    windows = posts.windows(protocol)
    card = posts.prepared.card
    schema = Schema(
        columns={name: card.columns[name] for name in COLUMNS},
        targets=posts.task.targets,
        features={},
        images=None,
        scales=card.scales("one"),
    )
    told = Assignment(Path("none.py"), {}, 0, 1, schema, windows.clock, Path("nowhere"), None)
    budget = Budget(PATIENCE, float("inf"))
    return supervise(listener, told, posts, windows, budget, threading.Event(), Path(os.devnull))


def test_every_post_is_handed_over_once_with_the_columns_that_may_be_seen_and_no_other(
    posts: TaskPosts,
) -> None:
    supervised(posts, listener := Listener())
    handed = [message.posts for message in listener.told if isinstance(message, Reveal | Predict)]
    assert {tuple(table.column_names) for table in handed} == {("post_id", "user_id", "time", *COLUMNS)}
    ids = [post for table in handed for post in table["post_id"].to_pylist()]
    assert sorted(ids) == sorted(posts.table["post_id"].to_pylist())
    assert len(listener.told) > 5, "several blocks"


def test_a_block_is_predicted_after_its_labels_were_revealed_and_before_its_own_are(posts: TaskPosts) -> None:
    supervised(posts, listener := Listener())
    *talk, last = listener.told
    assert isinstance(last, Finish)
    predicted: list[int] = []
    for block, reveal, predict in zip(posts.windows("rolling").blocks, talk[::2], talk[1::2], strict=True):
        assert isinstance(reveal, Reveal) and isinstance(predict, Predict)
        assert reveal.labelled.tolist() == posts.rows[block.reveal].tolist()
        np.testing.assert_array_equal(reveal.labels, posts.labels[block.reveal].astype(np.float32))
        assert predict.rows.tolist() == posts.rows[block.test].tolist()
        late = set(posts.rows[posts.windows("rolling").test].tolist())
        assert set(reveal.labelled.tolist()) & late <= set(predicted), "of predicted posts alone"
        predicted += predict.rows.tolist()


def test_of_quantiles_the_median_is_the_prediction(posts: TaskPosts) -> None:
    outcome = supervised(posts, Listener(levels=(0.1, 0.5, 0.9)), "frozen")
    assert (outcome.predictions == 0.5).all()
    assert {level: float(values.mean()) for level, values in outcome.quantiles.items()} == pytest.approx(
        {0.1: 0.1, 0.5: 0.5, 0.9: 0.9}
    )
    assert outcome.peak_mb == 3.0, "by the system's count"
    assert outcome.sealed == Sealed(True)


def test_the_time_is_taken_here_and_not_told_by_the_worker(posts: TaskPosts) -> None:
    outcome = supervised(posts, Listener())
    assert 0 < (outcome.fit_seconds or 0) < PATIENCE
    assert 0 < (outcome.predict_seconds or 0) < PATIENCE


@pytest.mark.parametrize(
    "levels",
    [(0.5,), (0.1, 0.9), (0.9, 0.5), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0), ("0.1", "0.5"), (None, 0.5, 0.9)],
    ids=str,
)
def test_levels_that_are_none_are_refused_before_anything_is_handed_over(
    posts: TaskPosts, levels: tuple[Any, ...]
) -> None:
    listener = Listener(levels=levels)
    with pytest.raises(BaselineError, match="quantiles must be levels"):
        supervised(posts, listener)
    assert listener.told == []


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_prediction_that_is_not_finite_is_refused(posts: TaskPosts, value: float) -> None:
    told = r"are not a finite number; the first is .* for post p.*, target 'likes'"
    with pytest.raises(BaselineError, match=told):
        supervised(posts, Listener(value=value))


@pytest.mark.parametrize("shape", [(1, 1), (5,), (0, 1)])
def test_predictions_of_another_shape_are_refused(posts: TaskPosts, shape: tuple[int, ...]) -> None:
    with pytest.raises(BaselineError, match=rf"predict returned shape \({shape[0]},.* wanted is \(\d+, 1\)"):
        supervised(posts, Listener(shape=shape))


def test_predictions_of_more_targets_than_there_are_or_of_quantiles_never_named_are_refused(
    posts: TaskPosts,
) -> None:
    n = len(posts.windows("frozen").test)
    for shape in ((n, 2), (n, 1, 1), (n,)):
        with pytest.raises(BaselineError, match="predict returned shape"):
            supervised(posts, Listener(shape=shape), "frozen")


@pytest.mark.parametrize(
    "said", [b"\xff\xfe", b"[1, 2]", b"3", b"", b"[" * 90_000, b'{"shape": "long"}', b'{"error": 1}', b"{}"]
)
def test_what_is_no_message_of_ours_is_the_failure_of_the_cell(posts: TaskPosts, said: bytes) -> None:
    with pytest.raises(BaselineError):
        supervised(posts, Listener(said=said), "frozen")


def test_predictions_of_another_size_than_their_shape_are_refused(posts: TaskPosts) -> None:
    listener = Listener()
    n = len(posts.windows("frozen").test)
    listener._predict = lambda message: (  # type: ignore[method-assign]
        listener._answer({"shape": [n, 1]}),
        listener._line.send_bytes(b"xx"),
    )
    with pytest.raises(BaselineError, match="predictions of 2 bytes came"):
        supervised(posts, listener, "frozen")
