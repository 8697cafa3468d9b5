"""Listing: the data sets and the baselines that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smpbench.door.names import chosen_cards, require_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator


def datasets() -> pd.DataFrame:
    """A line a task: `dataset`, `task`, `targets`, `protocols`, `title`, `synthetic`, and in `obtain` how to
    get the raw files."""
    require_checkout()
    lines = [
        {
            "dataset": card.name,
            "task": task.name,
            "targets": ", ".join(task.targets),
            "protocols": ", ".join(task.protocols),
            "title": card.title,
            "synthetic": card.synthetic,
            "obtain": card.obtain,
        }
        for card in chosen_cards(None)
        for task in card.tasks
    ]
    return pd.DataFrame(lines)


def baselines() -> pd.DataFrame:
    """A line a row that a baseline makes: `name` as `smp.evaluate` takes it, `family`, the encoded content
    that it `needs` and `wants`, `summary`; `unavailable`, empty unless it cannot be used here, says why."""
    require_checkout()
    return pd.DataFrame(list(_lines()))


def _lines() -> Iterator[dict[str, object]]:
    from benchmark.finding.discovery import discover

    for found in discover().values():
        variants = found.described.variants if found.described else ("default",)
        for variant in variants:
            yield {
                "name": found.name if variant == "default" else f"{found.name}:{variant}",
                "family": found.family,
                "needs": ", ".join(found.described.needs) if found.described else "",
                "wants": ", ".join(found.described.wants) if found.described else "",
                "summary": found.summary,
                "unavailable": found.unavailable or "",
            }
