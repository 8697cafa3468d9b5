"""Networks of several members, whose outputs are averaged, and quantiles that are moved on the holdout."""

from __future__ import annotations

import numpy as np
import pytest
from handing import handed_over
from worlds import World

from baselines.mlp import MLP
from baselines.networks.targets import LEVELS
from baselines.parts.holdout import HOLDOUT
from benchmark import Array, Posts
from benchmark.data.prepare import prepare

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Posts, Array, Posts]:
    """Training posts with their labels, and test posts."""
    made = World.make(tmp_path_factory.mktemp("members"))
    train, test = handed_over(prepare(made.card, made.home, ()))
    return train, train._timeline.labels[train._positions], test


def test_members_differ_and_their_mean_is_what_is_predicted(world: tuple[Posts, Array, Posts]) -> None:
    import torch

    train, y, test = world
    network = MLP(members=3, epochs=3, batch=16)
    network.fit(train, y)
    found = network.predict(test)
    read = network.tensors(test, base := network.aim.base(test))
    batch = read.batch(torch.arange(len(test)))
    with torch.inference_mode():
        each = np.stack([net(batch).numpy() for net in network.net.each])
    assert len(each) == 3 and (np.ptp(each, axis=0) > 1e-4).any(axis=1).all()
    np.testing.assert_allclose(found, network.scale.label(each.mean(axis=0), base), atol=1e-4)


def test_a_single_member_starts_as_the_first_of_several(world: tuple[Posts, Array, Posts]) -> None:
    import torch

    train, y, _ = world
    one, two = MLP(), MLP(members=2)
    for network in (one, two):
        network._begin(train, y)
    for alone, first in zip(one.net.first.parameters(), two.net.first.parameters(), strict=True):
        assert torch.equal(alone, first)


def test_quantiles_hold_their_share_of_the_holdout_and_the_median_is_as_it_was(
    world: tuple[Posts, Array, Posts],
) -> None:
    train, y, test = world
    moved, plain = (MLP(loss="quantile", epochs=3, batch=16, conformal=one) for one in (True, False))
    for network in (moved, plain):
        network.fit(train, y)
    found, otherwise = moved.predict(test), plain.predict(test)
    np.testing.assert_array_equal(found[:, :, 2], otherwise[:, :, 2])
    assert (np.diff(found, axis=2) >= 0).all() and (found != otherwise).any()
    held = y[train.holdout(HOLDOUT).check_rows]
    outside = (moved.bands.misses > moved.bands._wider()).mean(axis=0)
    assert moved.bands.misses.shape == (*held.shape, len(LEVELS) // 2)
    np.testing.assert_allclose(outside, np.tile(moved.bands.wanted, (3, 1)), atol=2 / len(held) + 0.01)


def test_labels_that_lie_outside_widen_the_bands_of_the_posts_to_come(
    world: tuple[Posts, Array, Posts],
) -> None:
    train, y, test = world
    network = MLP(loss="quantile", epochs=2, batch=16)
    network.fit(train, y)
    asked, misses = network.bands.asked, network.bands.misses
    network.reveal(test.take(np.arange(10)), np.full((10, 3), 50, np.float32))
    assert (network.bands.asked < asked).all()
    assert len(network.bands.misses) == len(misses) and (network.bands.misses[-10:] > 20).all()


def test_the_holdout_decides_whether_posts_are_set_back(world: tuple[Posts, Array, Posts]) -> None:
    train, y, _ = world
    held = train.holdout(HOLDOUT)
    truth = y[held.check_rows]
    errors = {}
    for count in (0, 2):
        network = MLP(epochs=4, batch=16)
        network._train(held.fit, y[held.fit_rows], 4, (held.check, truth), count)
        errors[count] = float(np.abs(network.validation - truth).mean())
    assert errors[0] != errors[2]
    network = MLP(epochs=4, batch=16, cut_offs=2)
    network.fit(train, y)
    assert network.set_back == min(errors, key=lambda count: errors[count])
    assert np.abs(network.validation - truth).mean() == pytest.approx(min(errors.values()), rel=1e-5)
