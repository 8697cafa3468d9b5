"""A data set as it is: posts and accounts, texts, and by task labels and what each protocol makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.data.prepared import Prepared
from benchmark.declared.task import ProtocolName, Task
from benchmark.encoders import encoder
from benchmark.encoders.interface import Encoder
from benchmark.errors import DataError
from benchmark.features import joined_text
from benchmark.portrait.labels import Labels, labels_of
from benchmark.portrait.texts import Languages, Near, known_texts, languages, near, repeated
from benchmark.portrait.vectors import Vectors
from benchmark.run.tasks import TaskPosts
from benchmark.split import Windows

QUANTILES = {"min": 0.0, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "max": 1.0}


@dataclass(frozen=True)
class Texts:
    columns: tuple[str, ...]
    empty: int
    """Posts whose text is empty, of all columns together."""
    repeated: int
    """Posts whose text is that of another post as well."""
    languages: Languages | None
    lacking: str | None
    """Which of the models that read texts are not on this machine, and why."""


@dataclass(frozen=True)
class Cut:
    """A task under one protocol."""

    protocol: ProtocolName
    cut_off: int
    """ms since 1970"""
    train: int
    test: int
    blocks: int
    unseen_users: float
    """Share of the test posts whose account has no training post."""
    same_text: float
    """Share of the test posts whose text stands, to the letter, in a training post."""
    near_text: Near | None
    """None where nothing is scored, as under `official`, or no model is there to tell."""
    medians: Mapping[str, tuple[float, float]] | None
    """Target -> median label of the training and of the test posts, on the scoring scale; None: not known."""


@dataclass(frozen=True)
class TaskPortrait:
    name: str
    kind: str
    posts: int
    labelled: int
    """In all targets."""
    labels: tuple[Labels, ...]
    """Of the targets that have any."""
    cuts: tuple[Cut, ...]
    not_cut: Mapping[str, str]
    """Protocol -> why the posts cannot be cut by it."""


@dataclass(frozen=True)
class Portrait:
    dataset: str
    title: str
    synthetic: bool
    fingerprint: str
    posts: int
    users: int
    first: str
    last: str
    """ISO 8601"""
    posts_per_user: Mapping[str, float]
    missing: Mapping[str, float]
    """Column -> share of posts without a value, where it is above 0."""
    images_missing: int
    """Posts that name an image which is not there."""
    dates: tuple[str, ...]
    may_leak: tuple[str, ...]
    texts: Texts | None
    """None where posts have no texts."""
    tasks: tuple[TaskPortrait, ...]
    no_task: Mapping[str, str]
    """Task -> why it has no posts."""


def portrait(prepared: Prepared, home: Path, profile: str = "bundled") -> Portrait:
    """Look at everything. Labels are read.

    Args:
        home: whose feature cache is used where it holds the texts of this data set.
        profile: of the encoders of texts.

    Raises:
        UnknownName: no such profile.
    """
    from benchmark.data.leaks import leak_line

    posts, told = prepared.posts(), prepared.report
    columns = tuple(prepared.card.content("text"))
    texts: list[str] = joined_text(posts, list(columns)).to_pylist()
    reading = _Reading.of(prepared, home, profile, texts) if columns else None
    vectors = reading.vectors if reading else None
    tasks, no_task = [], {}
    for task in prepared.card.tasks:
        try:
            tasks.append(_task(prepared, task, texts, vectors))
        except DataError as error:
            no_task[task.name] = str(error)
    _, counts = np.unique(posts["user_id"].to_numpy(), return_counts=True)
    return Portrait(
        dataset=prepared.card.name,
        title=prepared.card.title,
        synthetic=prepared.card.synthetic,
        fingerprint=prepared.fingerprint,
        posts=told["posts"],
        users=told["users"],
        first=told["first"],
        last=told["last"],
        posts_per_user={name: float(np.quantile(counts, level)) for name, level in QUANTILES.items()},
        missing={name: share for name, share in told["missing"].items() if share > 0},
        images_missing=told["images"]["missing"],
        dates=tuple(told.get("dates", ())),
        may_leak=tuple(map(leak_line, told.get("leaks", ()))),
        texts=_texts(columns, texts, reading) if reading else None,
        tasks=tuple(tasks),
        no_task=no_task,
    )


@dataclass(frozen=True)
class _Reading:
    """What reads texts with a model, as far as it is on this machine."""

    identifier: Encoder | None
    vectors: Vectors | None
    lacking: str | None
    """What is not, and why."""

    @classmethod
    def of(cls, prepared: Prepared, home: Path, profile: str, texts: list[str]) -> _Reading:
        found: dict[str, Encoder] = {}
        lacking = []
        for encoding in ("language", "text"):
            chosen = encoder(profile, encoding)
            if reason := chosen.unavailable():
                lacking.append(f"{encoding} ({chosen.name}): {reason}")
            else:
                found[encoding] = chosen
        vectors = Vectors(found["text"], prepared, home, texts) if "text" in found else None
        return cls(found.get("language"), vectors, "; ".join(lacking) or None)


def _texts(columns: tuple[str, ...], texts: list[str], reading: _Reading) -> Texts:
    spoken = languages(texts, reading.identifier) if reading.identifier else None
    return Texts(columns, sum(not text for text in texts), repeated(texts), spoken, reading.lacking)


def _task(prepared: Prepared, task: Task, texts: list[str], vectors: Vectors | None) -> TaskPortrait:
    posts = TaskPosts.of(prepared, task)
    scales = prepared.card.scales(task.name)
    labels = []
    for j, name in enumerate(task.targets):
        if (known := ~np.isnan(posts.labels[:, j])).any():
            labels.append(labels_of(name, scales[j], posts.times[known], posts.labels[known, j]))
    cuts: list[Cut] = []
    not_cut: dict[str, str] = {}
    for protocol in task.protocols:
        try:
            windows = posts.windows(protocol)
        except DataError as error:
            not_cut[protocol] = str(error)
            continue
        cuts.append(_cut(posts, protocol, windows, texts, vectors))
    labelled = int((~np.isnan(posts.labels).any(axis=1)).sum())
    return TaskPortrait(task.name, task.kind, len(posts.rows), labelled, tuple(labels), tuple(cuts), not_cut)


def _cut(
    posts: TaskPosts,
    protocol: ProtocolName,
    windows: Windows,
    texts: list[str],
    vectors: Vectors | None,
) -> Cut:
    train, test = posts.rows[windows.train], posts.rows[windows.test]
    users = posts.users
    medians = None
    if protocol != "official":
        pairs = [np.median(posts.labels[rows], axis=0) for rows in (windows.train, windows.test)]
        medians = {
            name: (float(one), float(other))
            for name, one, other in zip(posts.task.targets, *pairs, strict=True)
        }
    return Cut(
        protocol=protocol,
        cut_off=windows.clock.cut_off,
        train=len(train),
        test=len(test),
        blocks=len(windows.blocks),
        unseen_users=float((~np.isin(users[windows.test], users[windows.train])).mean()),
        same_text=known_texts(texts, train, test) / len(test),
        near_text=near(vectors.of, texts, train, test) if vectors and medians else None,
        medians=medians,
    )
