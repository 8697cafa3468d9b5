"""Baselines fitted on a made-up data set, saved, and asked elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from worlds import BASELINES, World

from benchmark import Array, Baseline, Posts
from benchmark.contract.probe import Handed, Probed, schema
from benchmark.data.prepare import prepare
from benchmark.run.tasks import TaskPosts, known_by
from benchmark.worker import Assignment


def asked_of(folder: Path, task: str = "three", **made_up: Any) -> tuple[Assignment, Probed]:
    """What a process is handed that fits and predicts; the same for the same arguments."""
    world = World.make(folder, **made_up)
    prepared = prepare(world.card, world.home, ())
    posts = TaskPosts.of(prepared, prepared.card.task(task))
    windows = posts.windows("frozen")
    block = windows.blocks[0]
    told = schema(prepared.card, task, ("text", "image", "topics"), len(posts.rows), prepared.images)
    facts = {name: known_by(table, windows.clock.cut_off) for name, table in posts.facts.items()}
    y = posts.labels[block.reveal].astype(np.float32)
    reveal, _ = next(iter(posts.handed_over(windows, ())))
    question = Probed(
        {},
        prepared.posts(),
        facts,
        block.reveal,
        block.context,
        block.test,
        y,
        "regression",
        0,
        counted=reveal.counted,
        engagement=reveal.engagement,
    )
    return Assignment(BASELINES, {}, 0, 1, told, windows.clock, folder, None), question


def elsewhere(asked: tuple[Assignment, Probed], revealed: int = 0) -> tuple[Posts, Array, Posts]:
    """Posts whose labels are known, with them, and posts to predict, on a machine without the data."""
    handed = Handed.elsewhere(*asked, revealed)
    return *handed.known(revealed), handed.test(revealed)


def fitted(baseline: Baseline, asked: tuple[Assignment, Probed]) -> tuple[Baseline, Posts]:
    handed = Handed(*asked)
    baseline.fit(handed.train(), asked[1].labels)
    return baseline, handed.test()


def saved(baseline: Baseline, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    baseline.save(folder)
    return folder
