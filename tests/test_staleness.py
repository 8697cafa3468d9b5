"""Training posts as stale as the test's: drawn from what a holdout shows, by dates alone."""

from __future__ import annotations

import numpy as np
import pytest
from handing import handed_over
from worlds import World

from baselines.parts.holdout import HOLDOUT
from baselines.parts.staleness import stale
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    world = World.make(tmp_path_factory.mktemp("staleness"))
    return prepare(world.card, world.home, ())


@pytest.mark.slow
def test_frozen_training_posts_are_set_back_as_far_as_a_holdout_has_them(prepared: Prepared) -> None:
    train, _ = handed_over(prepared, "frozen")
    check = train.holdout(HOLDOUT).check
    ages = {*(check.times - check.moments).tolist()}
    versions = stale(train, 3, seed=0)
    assert len(versions) == 3
    longest = (train.times - train.times.min()) // 2
    for version in versions:
        age = version.times - version.moments
        assert (age <= longest).all()
        assert {*age[age < longest].tolist()} <= ages
        assert (version.moments <= train.moments).all()
    assert (versions[0].moments != versions[1].moments).any(), "each of moments of its own"


def test_the_same_seed_draws_the_same_moments(prepared: Prepared) -> None:
    train, _ = handed_over(prepared, "frozen")
    one, same, other = (stale(train, 1, seed=seed)[0].moments for seed in (0, 0, 1))
    assert (one == same).all() and (one != other).any()


def test_rolling_training_posts_are_as_stale_as_the_test_already(prepared: Prepared) -> None:
    train, _ = handed_over(prepared, "rolling")
    assert stale(train, 3, seed=0) == [train]


def test_no_cut_off_and_too_few_posts_leave_training_posts_as_they_are(prepared: Prepared) -> None:
    train, _ = handed_over(prepared, "frozen")
    assert stale(train, 0, seed=0) == [train]
    few = train.take(np.arange(1))
    assert stale(few, 2, seed=0) == [few]
