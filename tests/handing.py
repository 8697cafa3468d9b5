"""Posts as a baseline is handed them."""

from __future__ import annotations

from dataclasses import replace

from benchmark.contract.probe import schema
from benchmark.data.prepared import Prepared
from benchmark.declared.task import ProtocolName
from benchmark.handover import revealed, shown
from benchmark.posts import Posts
from benchmark.run.tasks import TaskPosts
from benchmark.timeline import Timeline


def handed_over(
    prepared: Prepared, protocol: ProtocolName = "frozen", *, crawl: bool = False, embargo_days: float = 3
) -> tuple[Posts, Posts]:
    """Training posts and the first block's test posts, as a worker holds them when it predicts."""
    task = prepared.card.task("three")
    rules = task.protocols[protocol].model_copy(
        update={"embargo_days": embargo_days, "reveal_days": embargo_days}
    )
    posts = TaskPosts.of(prepared, task.model_copy(update={"protocols": {protocol: rules}}))
    windows = posts.windows(protocol)
    told = schema(prepared.card, "three", ("text",), len(posts.rows), prepared.images)
    if crawl:
        told = replace(told, columns=prepared.card.visible(crawl=True))
    timeline = Timeline(told, windows.clock)
    reveal, predict = next(posts.handed_over(windows, told.columns))
    return revealed(timeline, reveal), shown(timeline, predict)
