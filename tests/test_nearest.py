"""The search for the most similar known posts: exact, and the same whatever else is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.neighbours import nearest
from baselines.neighbours.nearest import ASKED, Nearest
from benchmark import Array

K = 7


def vectors(n: int, seed: int = 0, width: int = 24) -> Array:
    drawn = np.random.default_rng(seed).normal(size=(n, width))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def test_what_is_found_is_what_all_cosines_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "HELD", 64)  # so that there are several blocks
    held, asked = vectors(500), vectors(200, 1)
    found = Nearest(held, np.zeros(500, np.int64)).of(asked, np.zeros(200, np.int64), K)
    similar = asked.astype(np.float64) @ held.astype(np.float64).T
    wanted = -np.sort(-similar, axis=1)[:, :K]
    np.testing.assert_allclose(found.similarity, wanted, atol=3e-6)
    np.testing.assert_allclose(np.take_along_axis(similar, found.places, axis=1), wanted, atol=3e-6)


def test_a_post_finds_only_those_that_are_known_by_its_moment() -> None:
    held, known_at = vectors(50), np.arange(50)
    found = Nearest(held, known_at).of(held[[40, 3, 20]], np.array([39, 2, -1]), K)
    assert (found.places[0] <= 39).all() and (found.places[0] >= 0).all()
    assert sorted(found.places[1].tolist()) == [-1, -1, -1, -1, 0, 1, 2]
    assert (found.places[2] == -1).all() and not found.similarity[2].any()


def test_of_posts_that_say_the_same_the_newest_are_found_first() -> None:
    held = np.repeat(vectors(2), 30, axis=0)
    found = Nearest(held, np.arange(60)).of(held[:1], np.array([100]), 4)
    assert found.places.tolist() == [[29, 28, 27, 26]]


def test_a_post_finds_the_same_alone_and_among_others() -> None:
    """To the last bit: neighbours at the edge would else change with the batch."""
    held, asked = vectors(3000, 2, 64), vectors(ASKED + 40, 3, 64)
    search, moments = Nearest(held, np.arange(3000)), np.full(len(asked), 5000)
    together = search.of(asked, moments, 50)
    for i in (0, 1, ASKED - 1, ASKED, ASKED + 39):
        alone = search.of(asked[i : i + 1], moments[:1], 50)
        np.testing.assert_array_equal(alone.places[0], together.places[i])
        np.testing.assert_array_equal(alone.similarity[0], together.similarity[i])


def test_where_nothing_is_known_nothing_is_found() -> None:
    found = Nearest(vectors(0), np.zeros(0, np.int64)).of(vectors(3), np.zeros(3, np.int64), K)
    assert (found.places == -1).all() and not found.similarity.any()
