"""Part: one baseline, fitted on one task's posts, that predicts for drafts. A model has one or two."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from benchmark.baseline import Baseline, with_settings
from benchmark.declared.card import Card
from benchmark.errors import ModelError
from benchmark.handover import Predict, shown
from benchmark.loading import load_class
from benchmark.posts import Array, Posts
from benchmark.split import Clock
from benchmark.timeline import Schema, Timeline
from desk.model.beside import DraftPosts
from desk.model.known import Known, with_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmark.encoded import Features


LONGEST = 10**14
"""ms: three thousand years."""


class PartTold(BaseModel):
    """What the model's page says of a part."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    task: str
    variant: str
    settings: dict[str, Any]
    encodings: tuple[str, ...]
    categories: dict[str, list[str]]
    """Levels of categorical columns in training."""
    cut_off: Annotated[int, Field(ge=-LONGEST, le=LONGEST)]
    """ms: what was known when it was fitted. Later drafts are judged as of then."""
    maturity: Annotated[int, Field(ge=0, le=LONGEST)]
    """ms after which a label is known."""


@dataclass
class Part:
    told: PartTold
    card: Card
    baseline: Baseline
    known: Known
    columns: pa.Schema
    """Of posts as the data set has them: the keys, and what may be seen at publication."""
    timeline: Timeline
    """With the known posts and nothing else."""

    @property
    def targets(self) -> tuple[str, ...]:
        return self.card.task(self.told.task).targets

    def posts(self, drafts: pa.Table, features: Mapping[str, Features]) -> Posts:
        """Drafts as posts of this part's task, with what is known of their accounts.

        Args:
            drafts: in this part's `columns`. features: by encoding; row i is that of draft i.
        """
        timeline = self._beside(drafts)
        begin = len(timeline.rows)
        placed = {name: Placed(one, begin) for name, one in features.items()}
        timeline.schema = replace(timeline.schema, features=placed)  # type: ignore[arg-type]
        positions = begin + np.arange(len(drafts))
        shown(timeline, Predict(drafts, positions))
        return DraftPosts(timeline, positions, timeline.clock, begin)

    def _beside(self, drafts: pa.Table) -> Timeline:
        """The known posts that can matter to these drafts: searching those of 150 accounts for one of them
        would take longer than everything else."""
        if any(one.within != "account" for one in self.timeline.schema.viral):
            return self.timeline.beside()
        users = self.timeline.beside().coded(drafts["user_id"])
        return self.timeline.beside(np.flatnonzero(np.isin(self.timeline.users, users)))

    def predict(self, posts: Posts) -> Array:
        """float32 [n, targets]: of quantiles the median."""
        return middle(self.baseline, self.baseline.predict(posts))

    def known_posts(self) -> Posts:
        """Those that have labels."""
        return Posts(self.timeline, self.known.labelled, self.timeline.clock)


def middle(baseline: Baseline, predicted: Array) -> Array:
    """float32 [n, targets]: what it has predicted, of quantiles the median."""
    found = np.asarray(predicted, np.float32)
    return found[:, :, list(baseline.quantiles).index(0.5)] if found.ndim == 3 else found


class Placed:
    """Encoded drafts at the places that they have in a timeline, after the known posts."""

    def __init__(self, features: Features, begin: int) -> None:
        self.features, self.begin = features, begin

    def rows(self, index: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.features.rows(np.asarray(index) - self.begin)

    def ok(self, index: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self.features.ok(np.asarray(index) - self.begin)


def loaded(told: PartTold, card: Card, columns: pa.Schema, known: Known, file: Path, folder: Path) -> Part:
    """A part as it was kept.

    Args:
        file: of the baseline. folder: what it has written.

    Raises:
        ModelError: what was kept is not whole, or of another code.
    """
    clock = Clock(told.cut_off, told.maturity, None)
    schema = desk_schema(card, told.task, {})
    # The baseline asks whether there is such content; drafts bring it.
    schema = replace(schema, features=dict.fromkeys(told.encodings))  # type: ignore[arg-type]
    whole = replace_table(known, columns)
    timeline = whole.timeline(schema, clock, {name: [*of] for name, of in told.categories.items()})
    baseline = made(load_class(file), told.settings, 0, 1)
    part = Part(told, card, baseline, whole, columns, timeline)
    posts = part.known_posts()
    try:
        baseline.load(folder, posts, whole.labels[whole.labelled])
    except ModelError:
        raise
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(f"{folder}: cannot be read by this version ({error}). Fit the model anew") from error
    return part


def replace_table(known: Known, columns: pa.Schema) -> Known:
    """With every column of the data set, empty where it was not kept."""
    return Known(with_columns(known.table, columns), known.labels, known.engagement)


def desk_schema(card: Card, task: str, features: Mapping[str, Features]) -> Schema:
    """Of a task, without facts: a draft has none beside it."""
    return replace(Schema.of(card, task, features, None), facts={})


def made(cls: type[Baseline], settings: Mapping[str, Any], seed: int, threads: int) -> Baseline:
    """A new instance, seeded."""
    baseline = with_settings(cls, {name: _plain(value) for name, value in settings.items()})
    baseline.seed, baseline.threads = seed, threads  # type: ignore[misc]
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
    return baseline


def _plain(value: object) -> object:
    """JSON has no tuples."""
    return tuple(value) if isinstance(value, list) else value
