"""Probe: a process in which each variant of a baseline is fitted once and asked for the same in many ways.

`benchmark.contract.conformance` starts it as a run starts a worker, with a hash seed of its own. Like a
worker it holds no label of a test post.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.baseline import Baseline, with_settings
from benchmark.contract.elsewhere import Withheld, emptied, other_codes
from benchmark.contract.trial import MadeUpFeatures
from benchmark.declared.card import Card
from benchmark.files import is_plain
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.loading import load_class
from benchmark.posts import Array, Posts
from benchmark.scores.kinds import Kind, kind
from benchmark.timeline import Schema, Timeline
from benchmark.worker import Assignment, begun, in_words, instantiate, where

if TYPE_CHECKING:
    import pyarrow as pa

SERVES = f"{__name__}:serve"

CONSTRUCTOR = "the constructor stores settings and does nothing else"
PREDICTS = "fits and predicts"
SHAPE = "one sound number a post and target, on unseen users and categories and empty texts too"
REPEATS = "predict leaves the state as it is"
ORDER = "row order does not matter"
BATCH = "batch size does not matter"
FUTURE = "posts to come do not matter"
KEPT = "kept and loaded, it predicts the same"

PLAIN = frozenset({".json", ".safetensors", ".npz", ".npy", ".txt", ".csv", ".cbm"})
"""How files end that hold no code, and that no reader of theirs runs code of."""
SAME = 1e-5
"""So near a loaded baseline's predictions are to those of the one that was kept."""

ALONE = "A prediction may depend on its own post and on what was learnt, on nothing else in the batch."


@dataclass(frozen=True)
class Probed:
    """What the probe is asked."""

    variants: Mapping[str, Assignment]
    posts: pa.Table
    """What may be seen of all posts, in time order."""
    facts: Mapping[str, pa.Table]
    """Known at the cut-off."""
    train: NDArray[np.int64]
    """Rows of `posts`, as the next two."""
    context: NDArray[np.int64]
    test: NDArray[np.int64]
    labels: Array
    """[n train, targets]"""
    kind: str
    tolerance: float
    counted: NDArray[np.int64] | None = None
    """Rows whose engagement is known at the cut-off, where labels are derived of it."""
    engagement: Array | None = None
    """[n counted, targets]"""


@dataclass(frozen=True)
class Answer:
    """What was found of one variant."""

    broken: Mapping[str, str | None]
    """Rule -> what breaks it; None where it holds."""
    predictions: Array | None
    """float32 [n, targets], or with quantiles as a third axis; None if they have no sound shape."""


def serve(connection: Connection) -> None:
    """Answer one question: a message a variant, and its predictions where there are any."""
    question: Probed = connection.recv()
    begun(connection, next(iter(question.variants.values())))
    for assignment in question.variants.values():
        answer = _answer(assignment, question)
        shape = None if answer.predictions is None else list(answer.predictions.shape)
        connection.send_bytes(json.dumps({"broken": answer.broken, "shape": shape}).encode())
        if answer.predictions is not None:
            connection.send_bytes(answer.predictions.tobytes())


def schema(card: Card, task: str, encodings: tuple[str, ...], n: int, images: Path | None) -> Schema:
    """What a baseline is told of the trial's columns; made-up vectors stand in for the encoders'."""
    features: dict[str, Any] = {one: MadeUpFeatures(one, n) for one in encodings}
    return Schema.of(card, task, features, images)


def _answer(assignment: Assignment, question: Probed) -> Answer:
    broken: dict[str, str | None] = {}
    predictions = None
    try:
        broken[CONSTRUCTOR] = _constructor(load_class(assignment.baseline), assignment.settings)
        baseline = instantiate(assignment)
        handed = Handed(assignment, question)
        train, test = handed.train(), handed.test()
        baseline.fit(train, question.labels)
        unasked = _copied(baseline)
        whole = np.asarray(baseline.predict(test))
        asked = kind(question.kind)
        broken[SHAPE] = _shape(whole, test, train, len(baseline.quantiles), asked)
        if not broken[SHAPE]:
            predictions = whole.astype(np.float32)
            broken |= _asked_again(baseline, test, whole, question.tolerance)
            if not any(broken.values()):
                broken[FUTURE] = _future(baseline, assignment, question, whole)
                if baseline.keeps:
                    broken[KEPT] = _kept(baseline, assignment, question, 0)
                broken[REPEATS] = _remembered(baseline, unasked, assignment, question)
                if baseline.keeps and unasked is not None:  # since then, labels have become known to it
                    half = len(question.test) // 2
                    broken[KEPT] = broken[KEPT] or _kept(baseline, assignment, question, half)
                if baseline.keeps:
                    broken[KEPT] = broken[KEPT] or _kept_of_one(assignment, question)
        broken = {PREDICTS: None, **broken}
    except BaseException as error:
        broken[PREDICTS] = f"{in_words(error)[:1000]} ({where(error)})"
    return Answer(broken, predictions)


class Handed:
    """Posts as a worker is handed them, with as many of the test posts as it is told."""

    def __init__(self, assignment: Assignment, question: Probed) -> None:
        self.question, self.timeline = question, Timeline(assignment.schema, assignment.clock)

    @classmethod
    def elsewhere(cls, assignment: Assignment, question: Probed, revealed: int) -> Handed:
        """As they are where a kept baseline is loaded; so many test posts are among the known ones."""
        counted = question.train if question.counted is None else question.counted
        known = np.concatenate([question.train, question.context, counted, question.test[:revealed]])
        schema = assignment.schema
        posts = emptied(question.posts, schema.columns, known)
        withheld: dict[str, Any] = {name: Withheld(one, known) for name, one in schema.features.items()}
        handed = cls(assignment, dataclasses.replace(question, posts=posts))
        codes = other_codes(posts["user_id"])
        schema = dataclasses.replace(schema, features=withheld)
        handed.timeline = Timeline(schema, assignment.clock, _codes=codes)
        return handed

    def known(self, revealed: int) -> tuple[Posts, Array]:
        """The training posts and, handed over after them, so many test posts of which labels become known."""
        train, labels = self.train(), self.question.labels
        if not revealed:
            return train, labels
        self.test(0, revealed)
        later, theirs = self.learnt(self.question.test[:revealed])
        positions = np.concatenate([train._positions, later._positions])
        return Posts(self.timeline, positions, self.timeline.clock), np.concatenate([labels, theirs])

    def train(self) -> Posts:
        of = self.question
        counted = of.train if of.counted is None else of.counted
        known = np.unique(np.concatenate([of.train, of.context, counted]))
        told = Reveal(of.posts.take(known), known, of.train, of.labels, of.facts, of.counted, of.engagement)
        return revealed(self.timeline, told)

    def test(self, begin: int = 0, end: int | None = None) -> Posts:
        rows = self.question.test[begin:end]
        return shown(self.timeline, Predict(self.question.posts.take(rows), rows))

    def learnt(self, rows: NDArray[np.int64]) -> tuple[Posts, Array]:
        """Test posts of which made-up labels become known."""
        of = self.question
        labels = np.repeat(np.median(of.labels, axis=0)[None], len(rows), axis=0).astype(np.float32)
        reveal = Reveal(of.posts.slice(0, 0), rows[:0], rows, labels)
        if of.engagement is not None:
            counts = np.repeat(np.median(of.engagement, axis=0)[None], len(rows), axis=0)
            reveal = replace(reveal, counted=rows, engagement=counts.astype(np.float32))
        return revealed(self.timeline, reveal), labels


def _future(baseline: Baseline, assignment: Assignment, question: Probed, whole: Array) -> str | None:
    """Ask where the later half of the test posts is not there yet."""
    handed, half = Handed(assignment, question), len(question.test) // 2
    handed.train()
    early = handed.test(0, half)
    apart = _differs(whole[:half], np.asarray(baseline.predict(early)), early, question.tolerance)
    return f"without the posts that come after them, {apart}. {_LATER}" if apart else None


def _remembered(
    asked: Baseline, unasked: Baseline | None, assignment: Assignment, question: Probed
) -> str | None:
    """Let labels become known to a baseline that was asked before, and to its copy that was not; ask both."""
    if unasked is None:
        return None
    half = len(question.test) // 2
    answers = []
    for baseline in (asked, unasked):
        handed = Handed(assignment, question)
        handed.train()
        handed.test(0, half)
        baseline.reveal(*handed.learnt(question.test[:half]))
        rest = handed.test(half)
        answers.append(np.asarray(baseline.predict(rest)))
    apart = _differs(answers[1], answers[0], rest, question.tolerance)
    return (
        f"after it was asked and labels became known, {apart}. `predict` must not remember" if apart else None
    )


def _kept(baseline: Baseline, assignment: Assignment, question: Probed, revealed: int) -> str | None:
    """Save it, and ask another one that has loaded what was saved, where the data are not.

    revealed: so many test posts' labels have become known to it after it was fitted.
    """
    here, there = Handed(assignment, question), Handed.elsewhere(assignment, question, revealed)
    here.known(revealed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            baseline.save(folder)
            if problem := _written(folder):
                return problem
            loaded = instantiate(assignment)
            loaded.load(folder, *there.known(revealed))
            found = np.asarray(loaded.predict(there.test(revealed)))
        except Exception as error:
            return f"{in_words(error)[:1000]} ({where(error)})"
    rest = here.test(revealed)
    apart = _differs(np.asarray(baseline.predict(rest)), found, rest, SAME)
    return f"kept and loaded, {apart}. `save` writes all that `predict` needs" if apart else None


def _kept_of_one(assignment: Assignment, question: Probed) -> str | None:
    """The same of one fitted on the first target alone: arrays of libraries have other shapes then."""
    schema = assignment.schema
    schema = dataclasses.replace(
        schema,
        targets=schema.targets[:1],
        scales=schema.scales[:1],
        viral=schema.viral[:1],
        engagement_scales=schema.engagement_scales[:1],
    )
    assignment = dataclasses.replace(assignment, schema=schema)
    engagement = None if question.engagement is None else question.engagement[:, :1]
    question = dataclasses.replace(question, labels=question.labels[:, :1], engagement=engagement)
    baseline = instantiate(assignment)
    baseline.fit(Handed(assignment, question).train(), question.labels)
    apart = _kept(baseline, assignment, question, 0)
    return f"with one target: {apart}" if apart else None


def _written(folder: Path) -> str | None:
    """What of the files that were saved is none that anybody may load."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        if not is_plain(path) or path.suffix not in PLAIN:
            return (
                f"`save` wrote {path.name}: plain files may end in {', '.join(sorted(PLAIN))}, and no other"
            )
        if path.suffix in (".npz", ".npy") and (problem := _objects(path)):
            return f"`save` wrote {path.name}, {problem}"
    return None


def _objects(path: Path) -> str | None:
    """Whether numpy's file has arrays of objects, which are pickles."""
    try:
        found = np.load(path, allow_pickle=False)
        for name in found.files if isinstance(found, np.lib.npyio.NpzFile) else ():
            found[name]
    except (ValueError, OSError) as error:
        return f"which cannot be read without pickle: {error}"
    return None


def _copied(baseline: Baseline) -> Baseline | None:
    """None if it cannot be copied: then this rule is not judged further."""
    try:
        return copy.deepcopy(baseline)
    except Exception:
        return None


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


_LATER = "The baseline looks at posts that are published after the one it predicts"
