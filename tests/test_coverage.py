"""What the simulation of the intervals' coverage promises, on fewer test sets than `make` would take."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark.scores.bootstrap import interval, replicates
from benchmark.scores.clusters import ENOUGH_CLUSTERS
from benchmark.scores.measures import measure
from benchmark.scores.measures.measure import Predicted
from benchmark.scores.measures.resamples import Resamples
from tools.coverage import (
    FEWEST_POSTS,
    SEEDS,
    Simulated,
    difference_of_equal_models,
    interval_of_mean,
    line_of,
    posts_per_user,
    simulate,
    simulate_seeds,
)
from tools.intervals.dependence import FRESH, MATCHED

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def hundred_users() -> Simulated:
    return simulate(100, 2.5, trials=200, resamples=200)


@pytest.mark.slow
def test_resampling_users_keeps_the_promise_and_resampling_posts_does_not(hundred_users: Simulated) -> None:
    """Bounds: three Monte-Carlo standard errors about the 93 to 97% that are aimed at."""
    assert 0.93 - 0.054 < hundred_users.clustered < 0.97 + 0.036
    assert hundred_users.unclustered < 0.88
    assert 0.85 < hundred_users.clustered_width < 1.15
    assert hundred_users.unclustered_width < 0.8


def test_the_same_seed_gives_the_same_numbers_and_another_others() -> None:
    first, again, other = (simulate(30, 2.5, trials=20, resamples=50, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_the_interval_is_the_one_of_two_rows_replicates_subtracted() -> None:
    """One pass over the resamples does here what a board does in two."""
    rng = np.random.default_rng(0)
    of_posts = np.repeat(np.arange(8), posts_per_user(8, 1.5))
    y, one, other = rng.normal(size=(3, len(of_posts)))
    resamples = Resamples(of_posts, 200)
    of_rows = [replicates(measure("mae"), y, Predicted.of(row), resamples) for row in (one, other)]
    counted = len(of_posts) ** 2 / (np.bincount(of_posts) ** 2).sum()
    expected = interval(of_rows[0] - of_rows[1], n_clusters=counted)
    assert interval_of_mean(np.abs(one - y) - np.abs(other - y), resamples) == pytest.approx(expected)


def test_the_two_models_are_equal_and_posts_of_a_user_share_their_difference() -> None:
    of_posts = np.repeat(np.arange(20_000), 2)
    difference = difference_of_equal_models(of_posts, np.random.default_rng(0))
    assert abs(difference.mean()) < 4 * difference.std() / math.sqrt(20_000)
    assert np.cov(difference[::2], difference[1::2])[0, 1] > 0.1 * difference.var()


def test_a_heavier_tail_gives_a_few_users_more_of_the_posts() -> None:
    light, heavy = posts_per_user(100, 2.5), posts_per_user(100, 1.5)
    assert light.min() == heavy.min() == FEWEST_POSTS
    assert heavy.max() / heavy.sum() > 1.5 * light.max() / light.sum()


def test_where_few_wrote_nearly_all_the_boards_own_time_blocks_are_simulated_too() -> None:
    few, many = simulate(30, 1.5, trials=40, resamples=50), simulate(100, 1.5, trials=40, resamples=50)
    assert few.effective_users < ENOUGH_CLUSTERS < many.effective_users
    assert (few.by_user, many.by_user) == (False, True)
    assert few.board < few.clustered
    assert many.board == many.clustered
    assert line_of(few)[-1].startswith("time blocks: ")
    assert line_of(many)[-1] == "users"


def printed(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.coverage", "--trials", "20", "--quick", *options]
    return subprocess.run(
        command, cwd=CHECKOUT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True
    )


@pytest.mark.slow
def test_the_module_prints_a_line_for_every_setting_and_how_long_the_rest_takes() -> None:
    done = printed("--resamples", "20", "--seed", "5")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert len(lines) == 4 * 2 + 6 + len(SEEDS) + len(MATCHED) + len(FRESH)
    assert "2 test sets a line, 20 resamples each, seed 5" in done.stdout
    assert len(done.stderr.splitlines()) == len(lines) - 4 * 2
    assert "about 0 s left" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_one_table_alone_can_be_had() -> None:
    done = printed("--only", "rules")
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stdout.splitlines() if line.startswith("| by the criterion")]) == 1
    assert "users" not in done.stderr
    assert "invalid choice" in printed("--only", "weather").stderr


@pytest.mark.slow
def test_the_chance_of_training_is_in_the_interval_and_without_it_two_trainings_look_different() -> None:
    """Bounds: three Monte-Carlo standard errors. Three seeds tell their spread but roughly."""
    none, _ = simulate_seeds(3, 0.0, trials=300)
    assert 0.95 - 0.038 < none < 0.95 + 0.038
    board, as_they_are = simulate_seeds(3, 1.0, trials=300)
    assert board > 0.86
    assert as_they_are < 0.9
    assert simulate_seeds(10, 3.0, trials=300)[0] > 0.87
