"""Alike: accounts that write of the same, by the mean of what an encoder makes of their texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from network.build.edges import NO_POST, Edges
from network.build.kinds import ALIKE
from network.graph import Codes, Ints

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.encoded import Features

ROWS = 2_048
"""Posts read, and accounts compared, at a time."""


@dataclass(frozen=True)
class Alikeness:
    """How accounts that write alike are found."""

    home: Path
    """Its cache holds what encoders make of posts; what is missing is encoded, which takes long."""
    profile: str = "bundled"
    nearest: int = 5
    """An account is tied to so many others that are most like it."""
    fewest: int = 5
    """Of an account with fewer posts nothing is said."""


def alike(
    prepared: Prepared,
    asked: Alikeness,
    author: Codes,
    times: Ints,
    chosen: NDArray[np.bool_],
    names: NDArray,
) -> tuple[Edges, list[str]]:
    """An edge of the weight of the cosine between an account and each of those nearest to it, if above 0;
    known from the last post of either, of those chosen, on.

    Args:
        author, times: of all posts, in the order of the prepared files.
        chosen: [p] which of them count.
    """
    vectors, sound = _vectors(prepared, asked)
    posts = np.flatnonzero(chosen & sound)
    number = np.bincount(author[posts], minlength=len(names))
    accounts = np.flatnonzero(number >= asked.fewest)
    place = np.full(len(names), -1)
    place[accounts] = np.arange(len(accounts))
    posts = posts[place[author[posts]] >= 0]
    of = place[author[posts]]
    means = np.zeros((len(accounts), vectors.dim), np.float64)
    for first in range(0, len(posts), ROWS):
        part = slice(first, first + ROWS)
        np.add.at(means, of[part], vectors.rows(posts[part]))
    last = np.zeros(len(accounts), np.int64)
    np.maximum.at(last, of, times[posts])
    # What all write alike, such as their language, would make everybody near to everybody.
    means /= number[accounts][:, None]
    means -= means.mean(axis=0) if len(means) else 0.0
    length = np.linalg.norm(means, axis=1, keepdims=True)
    one, other, cosine = _nearest(means / np.where(length > 0, length, 1.0), asked.nearest)
    found = Edges(
        names=names,
        source=accounts[one].astype(np.int32),
        target=accounts[other].astype(np.int32),
        known_at=np.maximum(last[one], last[other]),
        kind=np.zeros(len(one), np.int8),
        weight=cosine.astype(np.float32),
        post=np.full(len(one), NO_POST, np.int64),
        kinds=(ALIKE,),
    )
    return found, [
        f"{ALIKE}: {len(one):,} pairs of {len(accounts):,} accounts with at least {asked.fewest} posts, each "
        f"with the {asked.nearest} whose mean text is nearest, less what is common to all ({asked.profile})"
    ]


def _vectors(prepared: Prepared, asked: Alikeness) -> tuple[Features, NDArray[np.bool_]]:
    from benchmark.encoders import encoder
    from benchmark.encoders.cache import FeatureCache
    from benchmark.run.content import content

    chosen = encoder(asked.profile, "text", prepared.card.languages)
    posts = prepared.posts()
    items = content(prepared, posts, chosen.modality)
    found = FeatureCache(asked.home).ensure(
        chosen, prepared.card.name, prepared.content, posts["post_id"].to_pylist(), items
    )
    return found, found.ok(np.arange(found.n))


def _nearest(unit: NDArray[np.float64], nearest: int) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Pairs, the smaller place first, each once, and their cosine."""
    keys: list[NDArray] = [np.empty(0, np.int64)]
    cosines: list[NDArray] = [np.empty(0)]
    many = min(nearest, len(unit) - 1)
    for first in range(0, len(unit) if many > 0 else 0, ROWS):
        near = unit[first : first + ROWS] @ unit.T
        rows = np.arange(len(near))
        near[rows, first + rows] = -np.inf
        best = np.argpartition(-near, many - 1, axis=1)[:, :many]
        one, other = np.repeat(first + rows, many), best.ravel()
        keys.append(np.minimum(one, other) * len(unit) + np.maximum(one, other))
        cosines.append(near[np.repeat(rows, many), other])
    key, at = np.unique(np.concatenate(keys), return_index=True)
    cosine = np.concatenate(cosines)[at]
    key, cosine = key[cosine > 0], cosine[cosine > 0]
    return key // max(len(unit), 1), key % max(len(unit), 1), cosine
