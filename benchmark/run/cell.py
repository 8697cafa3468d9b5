"""Cell: one (task, protocol, baseline, variant, seed), and the key that names its result by content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.scores.kinds.regression import REGRESSION
from benchmark.split import PROTOCOL_VERSION

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.declared.task import ProtocolName, Task


@dataclass(frozen=True)
class Cell:
    dataset: str
    task: str
    protocol: ProtocolName
    baseline: str
    variant: str
    seed: int
    profile: str
    """Of encoders; `none` when the cell reads no encoded content."""
    crawl: bool
    """Whether columns known only at crawl time are admitted."""

    def __str__(self) -> str:
        name = self.baseline if self.variant == "default" else f"{self.baseline} [{self.variant}]"
        crawl = " +crawl" if self.crawl else ""
        return f"{self.dataset}/{self.task} {self.protocol} {name}{crawl} seed {self.seed}"

    @property
    def folder(self) -> Path:
        """Below the run store; the key comes under it."""
        variant = f"{self.variant}{'+crawl' if self.crawl else ''}"
        return Path(
            self.dataset,
            self.task,
            self.protocol,
            self.baseline,
            "".join(c if c.isalnum() or c in "+-_.=" else "_" for c in variant),
            f"seed-{self.seed}",
        )

    def key(
        self,
        *,
        truth: str,
        code: str,
        settings: Mapping[str, Any],
        encodings: Mapping[str, str],
        columns: list[str],
    ) -> str:
        """sha256 over everything that decides the predictions.

        Args:
            truth: `truth_key` of the task and protocol. code: hash of the baseline's source.
            encodings: encoded content -> fingerprint of its encoder.
            columns: those that the baseline may see.
        """
        parts = [
            truth,
            code,
            self.baseline,
            self.variant,
            sorted(settings.items()),
            self.seed,
            self.profile,
            sorted(encodings.items()),
            self.crawl,
            columns,
        ]
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def truth_key(card: Card, task: Task, protocol: ProtocolName, fingerprint: str) -> str:
    """sha256 over what decides which posts are predicted when, what their labels are, and their slices.

    What labels mean is a part of it: predictions of a count are no predictions of an event.
    """
    parts = [
        fingerprint,
        PROTOCOL_VERSION,
        protocol,
        task.protocols[protocol].model_dump(mode="json"),
        task.filter.model_dump(mode="json"),
        [(name, card.targets[name].scale) for name in task.targets],
        card.with_role("category"),
        # Not of the first kind that there was: its results keep their keys.
        *([] if task.kind == REGRESSION.name else [task.kind]),
        *([one.model_dump(mode="json") for one in card.derived(task.name)]),
        # What a truth holds beside is told where it is asked for: the others keep their keys.
        *([{"slices": task.slices}] if task.slices else []),
        *([{"account_week": True}] if task.within_weeks else []),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
