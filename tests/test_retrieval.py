"""Retrieval: what the most similar earlier posts came to says what a new one will."""

from __future__ import annotations

import numpy as np
import pytest
from daily_posts import handed

from baselines.retrieval import Retrieval


@pytest.fixture
def model() -> Retrieval:
    found = Retrieval()
    found.seed = 0  # type: ignore[misc]
    return found


def test_what_a_post_is_about_is_found_in_posts_about_the_same(model: Retrieval) -> None:
    train, test, y, _ = handed(300, 60)
    model.fit(train, y[:300])
    error = np.abs(model.predict(test) - y[300:]).mean()
    assert error < 0.3 * np.abs(np.median(y[:300]) - y[300:]).mean()
    assert model.validation.shape == (60, 1)


def test_where_content_says_nothing_the_level_is_the_answer(model: Retrieval) -> None:
    train, test, y, _ = handed(300, 60)
    model.fit(train, np.random.default_rng(3).permutation(y[:300]))
    assert model.chosen.trust <= 0.25
    assert np.abs(model.predict(test) - model.aim.base(test)).max() < 0.5


def test_a_post_without_content_is_predicted_at_its_level(model: Retrieval) -> None:
    train, test, y, text = handed(300, 60)
    text.given[310] = False
    model.fit(train, y[:300])
    off = np.abs(model.predict(test) - model.aim.base(test))[:, 0]
    assert off[10] == 0 and np.median(off) > 0.1


def test_labels_that_become_known_are_found_from_then_on(model: Retrieval) -> None:
    train, test, y, _ = handed(200, 60)
    model.fit(train, y[:200])
    before = len(model.residuals)
    model.reveal(test.take(np.arange(20)), y[200:220])
    assert len(model.residuals) == before + 20
    assert (np.diff(model.known_at) >= 0).all()


def test_no_more_posts_are_searched_than_a_setting_says(model: Retrieval) -> None:
    train, _, y, _ = handed(200, 60)
    model.most = 50
    model.fit(train, y[:200])
    assert len(model.vectors) == len(model.residuals) == 50
    assert model.known_at[0] > train.known_at[149].astype(np.int64)
