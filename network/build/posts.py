"""Posts: what a network's accounts have published, and the engagement that each post got."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.run.tasks import TaskPosts
from benchmark.split import DAY_MS
from network.published import Published

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.declared.card import Card
    from benchmark.declared.task import Task


def published_by(prepared: Prepared, posts: pa.Table, author: NDArray[np.int32]) -> Published:
    """All posts. Their engagement is what an account's own past makes viral, if the card says so; else the
    first count that a task of regression asks for."""
    card = prepared.card
    task = judged_task(card)
    weights = _weights(card, task)
    targets = prepared.targets()
    counts = [weight * targets[name].to_numpy(zero_copy_only=False) for name, weight in weights.items()]
    times = posts["time"].cast("int64").to_numpy()
    judged = np.zeros(len(times), bool)
    judged[TaskPosts.of(prepared, task).rows] = True
    measure = " + ".join(name if weight == 1 else f"{weight:g} {name}" for name, weight in weights.items())
    return Published(
        author=author,
        times=times,
        engagement=np.sum(counts, axis=0),
        known_at=times + maturity(task),
        measure=measure,
        judged=judged,
        table=posts.select(["post_id", *card.visible()]),
    )


def judged_task(card: Card) -> Task:
    """The first of regression, else the first of all."""
    return next((task for task in card.tasks if task.kind == "regression"), card.tasks[0])


def maturity(task: Task) -> int:
    """ms after which a count is known: as the rolling protocol has it, else the embargo."""
    rolling, frozen = task.protocols.get("rolling"), task.protocols.get("frozen")
    days = rolling.reveal_days if rolling else frozen.embargo_days if frozen else 0.0
    return round(days * DAY_MS)


def _weights(card: Card, task: Task) -> dict[str, float]:
    of_past = [
        target.viral for target in card.targets.values() if target.viral and target.viral.within == "account"
    ]
    return dict(of_past[0].of) if of_past else {task.targets[0]: 1.0}
