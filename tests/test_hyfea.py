"""HyFea: what its hand-made features say of a post, and that they say no more than was known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from handing import handed_over
from worlds import World

from benchmark import Array, Posts
from benchmark.data.prepare import prepare

pytest.importorskip("catboost")

from baselines.hyfea import HyFea

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Posts, Posts, Array]:
    world = World.make(tmp_path_factory.mktemp("hyfea"))
    train, test = handed_over(prepare(world.card, world.home, ()))
    return train, test, train._timeline.labels[train._positions]


@pytest.fixture(scope="module")
def model(given: tuple[Posts, Posts, Array]) -> HyFea:
    train, _, y = given
    found = HyFea(rounds=10)
    found.seed = 0  # type: ignore[misc]
    found.fit(train, y)
    return found


def test_its_features_are_those_of_the_paper(model: HyFea, given: tuple[Posts, Posts, Array]) -> None:
    names = set(model._features(given[1]))
    assert {"user", "user_frequency", "app_frequency", "topic_frequency", "since_first_post"} <= names
    assert {"words_0", "image_width", "image_height", "image_ratio", "hour", "weekday", "style_0"} <= names
    assert not any(name.startswith("history") for name in names), "labels of the past are no feature of it"


def test_a_frequency_counts_the_other_training_posts(model: HyFea, given: tuple[Posts, Posts, Array]) -> None:
    train, test, y = given
    counts = pd.Series(train.users).value_counts()
    matrix = model._learn_inputs(train, y)
    np.testing.assert_array_equal(matrix["user_frequency"], counts.loc[train.users] - 1)
    found = model._features(test)["user_frequency"]
    np.testing.assert_array_equal(found, counts.reindex(test.users).fillna(0))


def test_sizes_of_images_are_read_and_a_broken_one_has_none(
    model: HyFea, given: tuple[Posts, Posts, Array]
) -> None:
    _, test, _ = given
    found = model._features(test)
    names = [Path(str(path)).name for path in test.image_paths()]
    sound = np.array([name in {f"{i}.jpg" for i in range(6)} for name in names])
    assert sound.any() and not sound.all()
    assert (found["image_width"][sound] == 32).all() and (found["image_ratio"][sound] == 1).all()
    assert found["image_width"][~sound].isna().all()


def test_labels_that_become_known_leave_its_features_as_they_are(
    given: tuple[Posts, Posts, Array],
) -> None:
    train, test, y = given
    model = HyFea(rounds=10)
    model.fit(train, y)
    before = model._features(test)
    model.reveal(test.take(np.arange(10)), np.zeros((10, y.shape[1]), np.float32))
    pd.testing.assert_frame_equal(model._features(test), before)
