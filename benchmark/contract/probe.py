"""Probe: a process in which each variant of a baseline is fitted once and asked for the same in many ways.

`benchmark.contract.conformance` starts it as `python -m benchmark.contract.probe FOLDER`, with a hash seed
of its own; it reads the question from that folder and writes an answer a variant there. Like a worker it
holds no label of a test post.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.baseline import Baseline, with_settings
from benchmark.card import KEY_COLUMNS, Card
from benchmark.contract.trial import MadeUpFeatures
from benchmark.data.cards import load_card
from benchmark.data.prepared import load_prepared
from benchmark.files import write_atomically
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.loading import load_class
from benchmark.posts import Array, Posts
from benchmark.run.tasks import known_by
from benchmark.scores.kinds import Kind, kind
from benchmark.split import Clock
from benchmark.timeline import Schema, Timeline
from benchmark.worker import Assignment, instantiate, refuse_labels, where

if TYPE_CHECKING:
    import pyarrow as pa

QUESTION, POSITIONS = "question.json", "positions.npz"

CONSTRUCTOR = "the constructor stores settings and does nothing else"
PREDICTS = "fits and predicts"
SHAPE = "one sound number a post and target, on unseen users and categories and empty texts too"
REPEATS = "predict leaves the state as it is"
ORDER = "row order does not matter"
BATCH = "batch size does not matter"

ALONE = "A prediction may depend on its own post and on what was learnt, on nothing else in the batch."


@dataclass(frozen=True)
class Probed:
    baseline: Path
    variants: Mapping[str, Mapping[str, Any]]
    encodings: Mapping[str, tuple[str, ...]]
    """Variant -> the encoded content that it uses."""
    card: Path
    home: Path
    task: str
    clock: Clock
    tolerance: float

    def write(self, folder: Path) -> None:
        write_atomically(folder / QUESTION, json.dumps(dataclasses.asdict(self), default=str))

    @classmethod
    def read(cls, folder: Path) -> Probed:
        told = json.loads((folder / QUESTION).read_bytes())
        paths = {name: Path(told[name]) for name in ("baseline", "card", "home")}
        return cls(**{**told, **paths, "clock": Clock(**told["clock"])})


@dataclass(frozen=True)
class Answer:
    """What was found of one variant."""

    broken: dict[str, str | None]
    """Rule -> what breaks it; None where it holds."""
    predictions: Array | None
    """float32 [n, targets], or with quantiles as a third axis; None if they have no sound shape."""

    def write(self, folder: Path, number: int) -> None:
        if self.predictions is not None:
            np.save(folder / f"{number}.npy", self.predictions)
        write_atomically(folder / f"{number}.json", json.dumps(self.broken))

    @classmethod
    def read(cls, folder: Path, number: int) -> Answer | None:
        """None if the probe did not come that far."""
        try:
            broken = json.loads((folder / f"{number}.json").read_bytes())
        except FileNotFoundError:
            return None
        stored = folder / f"{number}.npy"
        return cls(broken, np.load(stored, allow_pickle=False) if stored.is_file() else None)


def schema(card: Card, task: str, encodings: tuple[str, ...], n: int, images: Path | None) -> Schema:
    """What a baseline is told of the trial's columns; made-up vectors stand in for the encoders'."""
    features: dict[str, Any] = {one: MadeUpFeatures(one, n) for one in encodings}
    return Schema(
        columns=card.visible(),
        targets=card.task(task).targets,
        features=features,
        images=str(images) if images else None,
        scales=card.scales(task),
        facts={name: table.columns for name, table in card.facts.items()},
    )


def main(folder: Path) -> None:
    """Answer the question in `folder`."""
    question = Probed.read(folder)
    with np.load(folder / POSITIONS, allow_pickle=False) as archive:
        given = dict(archive)
    prepared = load_prepared(load_card(question.card), question.home)
    posts = prepared.posts()
    facts = {name: known_by(prepared.facts(name), question.clock.cut_off) for name in prepared.card.facts}
    sys.addaudithook(refuse_labels)
    for number, (variant, settings) in enumerate(question.variants.items()):
        encodings = tuple(question.encodings[variant])
        assignment = Assignment(
            baseline=question.baseline,
            settings=settings,
            seed=0,
            threads=1,
            schema=schema(prepared.card, question.task, encodings, len(posts), prepared.images),
            clock=question.clock,
            log=folder / "log.txt",
            artefacts=None,
        )
        asked = kind(prepared.card.task(question.task).kind)
        _answer(assignment, posts, facts, given, asked, question.tolerance).write(folder, number)


def _answer(
    assignment: Assignment,
    posts: pa.Table,
    facts: Mapping[str, pa.Table],
    given: Mapping[str, NDArray[Any]],
    asked: Kind,
    tolerance: float,
) -> Answer:
    visible = posts.select([*KEY_COLUMNS.values(), *assignment.schema.columns])
    broken: dict[str, str | None] = {}
    predictions = None
    try:
        broken[CONSTRUCTOR] = _constructor(load_class(assignment.baseline), assignment.settings)
        baseline = instantiate(assignment)
        train, test = _fit(baseline, assignment, visible, facts, given)
        whole = np.asarray(baseline.predict(test))
        broken[SHAPE] = _shape(whole, test, train, len(baseline.quantiles), asked)
        if not broken[SHAPE]:
            predictions = whole.astype(np.float32)
            broken |= _asked_again(baseline, test, whole, tolerance)
        broken = {PREDICTS: None, **broken}
    except BaseException as error:
        broken[PREDICTS] = f"{type(error).__name__}: {error} ({where(error)})"
    return Answer(broken, predictions)


def _asked_again(
    baseline: Baseline, test: Posts, whole: NDArray[Any], tolerance: float
) -> dict[str, str | None]:
    apart = _differs(whole, np.asarray(baseline.predict(test)), test, tolerance)
    if apart:
        return {REPEATS: f"asked twice for the same posts, {apart}. `predict` must not draw or remember"}
    return {
        REPEATS: None,
        ORDER: _order(baseline, test, whole, tolerance),
        BATCH: _batch(baseline, test, whole, tolerance),
    }


def _fit(
    baseline: Baseline,
    assignment: Assignment,
    visible: pa.Table,
    facts: Mapping[str, pa.Table],
    given: Mapping[str, NDArray[Any]],
) -> tuple[Posts, Posts]:
    """Fit on the training posts; the training and the test posts, as a worker hands them over."""
    timeline = Timeline(assignment.schema, assignment.clock)
    known, test = np.sort(np.concatenate([given["train"], given["context"]])), given["test"]
    train = revealed(timeline, Reveal(visible.take(known), known, given["train"], given["labels"], facts))
    baseline.fit(train, given["labels"])
    return train, shown(timeline, Predict(visible.take(test), test))


def _constructor(cls: type[Baseline], settings: Mapping[str, Any]) -> str | None:
    baseline = with_settings(cls, settings)
    fields = {field.name for field in dataclasses.fields(baseline)}  # type: ignore[arg-type]
    if added := sorted(vars(baseline).keys() - fields):
        return f"it also sets {', '.join(added)}. Move that into `fit`"
    for name, value in settings.items():
        stored = getattr(baseline, name)
        if not isinstance(value, str) and repr(stored) != repr(value):
            return f"{name}={value!r} is stored as {stored!r}. Store it as it comes, change it in `fit`"
    return None


def _shape(whole: NDArray[Any], test: Posts, train: Posts, quantiles: int, asked: Kind) -> str | None:
    wanted = (len(test), len(test.targets), *([quantiles] if quantiles else []))
    if whole.shape != wanted:
        return f"`predict` returned shape {whole.shape}; wanted is {wanted}"
    if whole.dtype.kind not in "fiu":
        return f"`predict` returned numbers of type {whole.dtype}; wanted is float32"
    wrong = asked.wrong_predictions(whole).reshape(len(whole), -1).any(axis=1)
    if not wrong.any():
        return None
    first = int(np.flatnonzero(wrong)[0])
    text = "an empty text" if not test.text()[first] else "a text"
    user = "seen in training" if test.users[first] in train.users else "never seen in training"
    return (
        f"{wrong.sum()} of {len(test)} predictions are not {asked.wanted}; the first is for post "
        f"{test.ids[first]} with {text}, by a user {user}"
    )


def _order(baseline: Baseline, test: Posts, whole: Array, tolerance: float) -> str | None:
    order = np.random.default_rng(1).permutation(len(test))
    shuffled = np.asarray(baseline.predict(test.take(order)))
    if shuffled.shape != whole.shape:
        return f"for shuffled posts `predict` returned shape {shuffled.shape}"
    broken = _differs(whole[order], shuffled, test.take(order), tolerance)
    return f"of shuffled posts {broken}. {ALONE}" if broken else None


def _batch(baseline: Baseline, test: Posts, whole: Array, tolerance: float) -> str | None:
    """In pieces, the first of them single posts."""
    rows = np.arange(len(test))
    ends = np.cumsum([1, 1, 2, 5, 11, 23])
    for piece in np.split(rows, ends[ends < len(rows)]):
        part = np.asarray(baseline.predict(test.take(piece)))
        if part.shape != whole[piece].shape:
            return f"for {len(piece)} posts `predict` returned shape {part.shape}"
        if broken := _differs(whole[piece], part, test.take(piece), tolerance):
            return f"in a batch of {len(piece)} instead of {len(test)} {broken}. {ALONE}"
    return None


def _differs(one: Array, other: Array, posts: Posts, tolerance: float) -> str | None:
    """In words, if two predictions of the same posts are further apart than rounding explains."""
    if one.shape != other.shape:
        return f"the shape is {one.shape} and then {other.shape}"
    apart = np.abs(one - other).reshape(len(one), -1).max(axis=1, initial=0)
    apart = np.where(np.isfinite(apart), apart, np.inf)
    if not (far := np.flatnonzero(apart > tolerance)).size:
        return None
    by = f"by up to {apart.max():.3g}; the first is that of post {posts.ids[far[0]]}"
    return f"{len(far)} of {len(one)} predictions differ, {by}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
