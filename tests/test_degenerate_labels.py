"""Labels of which there is nothing to learn: every baseline says what they all are, a board ranks nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from raw_layouts import write_csv
from table_sets import rows, table_card
from worlds import BASELINES, World

from benchmark import Array, Posts
from benchmark.contract.probe import schema
from benchmark.data.prepare import prepare
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.loading import load_class
from benchmark.run.tasks import TaskPosts
from benchmark.timeline import Timeline
from leaderboard.board.merged import merged, read_csv
from leaderboard.board.write import write_board

pytestmark = pytest.mark.slow

QUICK = ("catboost", "lightgbm", "ridge", "global_median", "last_value", "recent_median", "user_median")
QUICK += ("bag_of_words", "hyfea", "retrieval")
NETWORKS = (
    "category_embedding",
    "clip_adapter",
    "lstm",
    "mlp",
    "transformer",
    "temporal_fusion_transformer",
)
EVERY: list[Any] = [*QUICK, "category_median"]
EVERY += [pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS]
WITH_ENSEMBLE = [*EVERY, pytest.param("ensemble", marks=pytest.mark.slow)]
SHORT = {"rounds": 20, "epochs": 2}
CONSTANTS = np.array([0, 2.5, np.log1p(7)], np.float32)


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> TaskPosts:
    world = World.make(tmp_path_factory.mktemp("degenerate"), posts=90, users=8)
    prepared = prepare(world.card, world.home, ())
    return TaskPosts.of(prepared, prepared.card.task("three"))


def predicted(name: str, posts: TaskPosts, train: np.ndarray[Any, Any], y: Array, **more: Any) -> Array:
    """What a baseline, fitted on these rows and labels, says of the test posts: [n, 3, quantiles or 1]."""
    card, windows = posts.prepared.card, posts.windows("frozen")
    told = schema(card, "three", ("text", "image"), len(posts.rows), posts.prepared.images)
    timeline, visible = Timeline(told, windows.clock), posts.visible(told.columns)
    given: Posts = revealed(timeline, Reveal(visible.take(train), train, train, y))
    asked = shown(timeline, Predict(visible.take(windows.test), windows.test))
    cls = load_class(BASELINES / f"{name}.py")
    settings = {key: value for key, value in SHORT.items() if hasattr(cls, key)}
    baseline = cls(**settings)
    baseline.fit(given, y)
    found = np.asarray(baseline.predict(asked))
    if "artefacts" in more:
        baseline.artefacts(more["artefacts"])
    return found.reshape(len(found), y.shape[1], -1)


@pytest.mark.parametrize("name", WITH_ENSEMBLE)
def test_labels_that_are_all_equal_are_predicted(name: str, posts: TaskPosts) -> None:
    train = posts.windows("frozen").train
    found = predicted(name, posts, train, np.tile(CONSTANTS, (len(train), 1)))
    assert np.abs(found - CONSTANTS[:, None]).max() < 1e-6


@pytest.mark.parametrize("name", EVERY)
def test_one_target_that_is_constant_is_predicted_and_hinders_no_other(name: str, posts: TaskPosts) -> None:
    train = posts.windows("frozen").train
    y = posts.labels[train].astype(np.float32)
    y[:, 1] = 1.5
    found = predicted(name, posts, train, y)
    assert np.abs(found[:, 1] - 1.5).max() < 1e-6
    assert np.isfinite(found).all() and np.ptp(y[:, 0]) > 0


@pytest.mark.parametrize("name", EVERY)
def test_equal_labels_of_a_single_account_are_predicted(name: str, posts: TaskPosts) -> None:
    train = posts.windows("frozen").train
    users = posts.users[train]
    alone = train[users == np.bincount(users).argmax()]
    found = predicted(name, posts, alone, np.tile(CONSTANTS, (len(alone), 1)))
    assert np.abs(found - CONSTANTS[:, None]).max() < 1e-6


@pytest.mark.parametrize("name", EVERY)
def test_of_three_posts_the_holdout_leaves_one_and_predictions_are_finite(
    name: str, posts: TaskPosts
) -> None:
    train = posts.windows("frozen").train[:3]
    found = predicted(name, posts, train, posts.labels[train].astype(np.float32))
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", ["catboost", "lightgbm", "ridge"])
def test_of_two_posts_a_learned_baseline_says_that_none_can_be_held_out(name: str, posts: TaskPosts) -> None:
    train = posts.windows("frozen").train[:2]
    with pytest.raises(ValueError, match="2 posts are too few to hold 20% out: of the 1 older ones, 0 had a"):
        predicted(name, posts, train, posts.labels[train].astype(np.float32))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["catboost", "lightgbm"])
def test_trees_that_had_nothing_to_learn_are_drawn_all_the_same(
    name: str, posts: TaskPosts, tmp_path: Path
) -> None:
    train = posts.windows("frozen").train
    predicted(name, posts, train, np.tile(CONSTANTS, (len(train), 1)), artefacts=tmp_path)
    assert {"importance.csv", "shap.csv", "learning_likes.png"} <= {one.name for one in tmp_path.iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "primary", "names"),
    [
        ("regression", "mape", ("recent_median", "global_median", "catboost")),
        ("event", "average_precision", ("recent_rate",)),
    ],
)
def test_a_board_of_labels_that_are_all_zero_ranks_by_no_measure_that_is_undefined(
    tmp_path: Path, kind: str, primary: str, names: tuple[str, ...]
) -> None:
    write_csv(tmp_path / "raw" / "mine.csv", [{**row, "likes": 0} for row in rows()])
    task = {"name": "t", "kind": kind, "targets": ["likes"], "primary": primary}
    task["measures"] = [primary, "mae"] if kind == "regression" else [primary]
    task["protocols"] = {"frozen": {"cut_off": "2021-03-15T00:00:00"}}
    world = World(table_card(tmp_path, tasks=[task], targets={"likes": {}}), tmp_path / "home")
    summary = world.run(*(BASELINES / f"{name}.py" for name in names))
    assert summary.problems == []
    board = tmp_path / "board"
    write_board(world.home / "runs", board, tmp_path / "published")
    lines = read_csv((board / "leaderboard.csv").read_text())
    undefined = lines[lines["measure"] == primary]
    assert len(undefined) == len(names)
    assert undefined[["score", "rank", "skill"]].isna().all(axis=None)
    assert (lines.loc[lines["measure"] == "mae", "score"] == 0).all()
    shown = (board / "LEADERBOARD.md").read_text()
    assert "nan" not in shown.lower() and "inf" not in shown.split("## ", 1)[1].lower()
    assert not merged(world.home / "runs", tmp_path / "published").left_out
