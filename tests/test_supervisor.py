"""The supervisor: what a worker is told, and when, held against a worker that only listens."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import World

from benchmark.data.prepare import prepare
from benchmark.errors import BaselineError
from benchmark.handover import Predict, Reveal
from benchmark.run.supervisor import Budget, Outcome, supervise
from benchmark.run.tasks import TaskPosts
from benchmark.timeline import Schema
from benchmark.worker import Assignment, Finish

COLUMNS = ("text", "width")


@dataclass
class Listener:
    """Both ends of a pipe, and the process behind it: it notes what it is sent, and answers at once."""

    levels: Sequence[float] = ()
    shape: tuple[int, ...] | None = None
    """Of every answer; by default the one that is wanted."""
    value: float = 1.0
    told: list[Any] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    pid = 2**31 - 1  # no process has it

    # What `supervise` asks of a multiprocessing context, of a process, and of a connection

    def Pipe(self) -> tuple[Listener, Listener]:
        return self, self

    def Process(self, **how: Any) -> Listener:
        return self

    def start(self) -> None:
        self._answer({"quantiles": list(self.levels)})

    def close(self) -> None: ...

    def kill(self) -> None: ...

    def join(self) -> None: ...

    def poll(self, seconds: float) -> bool:
        return bool(self.answers)

    def recv_bytes(self) -> bytes:
        return self.answers.pop(0)

    def send(self, message: Any) -> None:
        if message == []:  # no facts follow
            return
        self.told.append(message)
        if isinstance(message, Predict):
            shape = self.shape or (len(message.rows), 1, *([len(self.levels)] if self.levels else []))
            self._answer({"shape": shape})
            # A quantile is predicted to be its level.
            values = np.full(shape, self.levels or self.value, np.float32)
            self.answers.append(values.tobytes())
        else:
            self._answer({"fit_seconds": 1.0, "predict_seconds": 2.0, "peak_mb": 3.0})

    def _answer(self, header: dict[str, Any]) -> None:
        self.answers.append(json.dumps(header).encode())


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
    told = Assignment(Path("none.py"), {}, 0, 1, schema, windows.clock, Path("log.txt"), None)
    return supervise(listener, told, posts, windows, Budget(60, float("inf")), threading.Event())


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
    assert (outcome.fit_seconds, outcome.predict_seconds, outcome.peak_mb) == (1, 2, 3)


@pytest.mark.parametrize(
    "levels", [(0.5,), (0.1, 0.9), (0.9, 0.5), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0)], ids=str
)
def test_levels_that_are_none_are_refused_before_anything_is_handed_over(
    posts: TaskPosts, levels: tuple[float, ...]
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
