"""What the networks share: targets, sequences, the training loop."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from handing import handed_over
from hypothesis import given
from hypothesis import strategies as st
from worlds import World

from baselines.lstm import LSTM
from baselines.mlp import MLP
from baselines.networks import passes
from baselines.networks import training as training_loop
from baselines.networks.sequences import Steps
from baselines.networks.targets import LEVELS, LOSSES, SCALINGS, LogOdds, TargetScale, loss_function
from baselines.networks.tensors import Tensors
from baselines.parts.errors import LOG_LOSS
from baselines.parts.holdout import HOLDOUT
from baselines.parts.importance import permutation_importance
from baselines.parts.level import RecentLevel
from baselines.transformer import Transformer
from benchmark import Array, Baseline, Posts
from benchmark.contract.trial import VIRAL
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.errors import BaselineError


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    world = World.make(tmp_path_factory.mktemp("networks"))
    return prepare(world.card, world.home, ())


@pytest.fixture(scope="module")
def training(prepared: Prepared) -> tuple[Posts, Array]:
    train, _ = handed_over(prepared)
    return train, train._timeline.labels[train._positions]


@pytest.fixture(scope="module", params=["event", VIRAL])
def events(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Posts, Array]:
    """Training posts with events as the data have them, and with those that are derived of engagement."""
    world = World.make(tmp_path_factory.mktemp("events"), kind=request.param)
    train, _ = handed_over(prepare(world.card, world.home, ()))
    return train, train._timeline.labels[train._positions]


@given(
    seed=st.integers(0, 2**32 - 1),
    scaling=st.sampled_from(SCALINGS),
    scale=st.sampled_from(["log1p", "identity"]),
)
def test_a_label_survives_the_way_to_the_network_and_back(seed: int, scaling: str, scale: str) -> None:
    rng = np.random.default_rng(seed)
    y, base = (rng.uniform(0, 14, (20, 2)).astype(np.float32) for _ in range(2))
    target = TargetScale(scaling, (scale, scale)).fit(y, base)  # type: ignore[arg-type]
    back = target.label(target.scaled(y, base), base)
    if scaling == "robust" and scale == "log1p":  # as exact as float32 is, on the scale of the counts
        np.testing.assert_allclose(np.expm1(back), np.expm1(y), rtol=1e-4, atol=1e-6 * np.expm1(14))
    else:
        np.testing.assert_allclose(back, y, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_an_output_of_zero_is_the_recent_level(scaling: str) -> None:
    y, base = np.float32([[1], [5], [3]]), np.float32([[2], [2], [4]])
    target = TargetScale(scaling, ("log1p",)).fit(y, base)
    np.testing.assert_allclose(target.label(np.zeros((3, 1), np.float32), base), base, rtol=1e-6)


def test_no_output_makes_a_count_negative_or_infinite() -> None:
    y, base = np.float32([[1], [5], [3]]), np.float32([[2], [2], [4]])
    target = TargetScale("robust", ("log1p",)).fit(y, base)
    wild = np.float32([[-1e9], [1e30], [0]])
    assert (target.label(wild, base) >= 0).all() and np.isfinite(target.label(wild, base)).all()


def test_of_events_an_output_of_zero_is_their_rate_and_no_output_is_certain() -> None:
    y = np.float32([[1, 0], [0, 0], [0, 0], [1, 0]])  # laplace: 3 / 6 and 1 / 6
    asked = LogOdds().fit(y, np.zeros_like(y))
    zeros = np.zeros((1, 2), np.float32)
    np.testing.assert_allclose(asked.label(zeros, zeros), [[1 / 2, 1 / 6]], rtol=1e-6)
    wild = asked.label(np.float32([[-1e9, 1e9]]), zeros)
    assert 0 < wild[0, 0] < 1e-3 and 1 - 1e-3 < wild[0, 1] < 1


@pytest.mark.slow
def test_the_loss_of_events_is_the_log_loss_of_what_is_answered() -> None:
    import torch

    rng = np.random.default_rng(0)
    y = (rng.random((50, 2)) < 0.3).astype(np.float32)
    output, base = rng.normal(size=y.shape).astype(np.float32), np.zeros_like(y)
    asked = LogOdds().fit(y, base)
    found = asked.loss("mae")(torch.from_numpy(output), torch.from_numpy(asked.scaled(y, base)))
    assert float(found) == pytest.approx(LOG_LOSS(asked.label(output, base), y), rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), [("loss", "mse"), ("scaling", "robust"), ("level", False)])
@pytest.mark.parametrize("cls", [MLP, LSTM, Transformer])
def test_of_events_a_loss_that_they_do_not_have_is_refused(
    events: tuple[Posts, Array], cls: type[Baseline], name: str, value: str | bool
) -> None:
    """A study's rows would all be the same one."""
    with pytest.raises(
        BaselineError, match=rf"^{name}={value}: in a task of events .* `{name}={value},excess`"
    ):
        cls(**{name: value}).fit(*events)


@pytest.mark.slow
def test_steps_tell_of_events_or_of_the_engagement_that_they_are_derived_of(
    events: tuple[Posts, Array],
) -> None:
    posts, y = events
    network, k = Transformer(), 4
    network._begin(posts, y)
    steps, events_told = network.steps(posts, k, y * 0), posts.told(k)
    if not posts.counted:
        np.testing.assert_array_equal(steps.labels, events_told.labels)
    else:  # of posts that have no label, the engagement may be known all the same
        counted = posts.of_engagement()
        past, level = counted.told(k), counted.history().recent_median[:, None]
        np.testing.assert_array_equal(np.sign(steps.labels), np.sign(past.labels - level))
        assert (steps.exists.sum(axis=1) >= events_told.exists.sum(axis=1)).all()
        assert 0.1 < np.nanstd(steps.labels) < 3


@pytest.mark.slow
def test_validation_predictions_of_events_are_chances_of_the_epoch_with_the_least_log_loss(
    events: tuple[Posts, Array], tmp_path: Path
) -> None:
    posts, y = events
    network = MLP(epochs=6, batch=16)
    network.fit(posts, y)
    truth = y[posts.holdout(HOLDOUT).check_rows]
    errors = [epoch.check_error for epoch in network.curve]
    assert LOG_LOSS(network.validation, truth) == pytest.approx(min(errors), rel=1e-5)
    assert min(errors) < errors[0], "better than the rate"
    assert network.quantiles == ()
    network.artefacts(tmp_path)
    assert (tmp_path / "importance.csv").read_text().startswith("input,log_loss_growth\n")


@pytest.mark.slow
def test_the_quantile_loss_is_least_at_the_quantiles() -> None:
    import torch

    label = torch.arange(1000.0).view(-1, 1) / 1000
    loss = loss_function("quantile")
    at = torch.tensor(LEVELS).expand(1000, 1, len(LEVELS))
    for shift in (-0.05, 0.05):
        assert loss(at, label) < loss(at + shift, label)


@pytest.mark.slow
@pytest.mark.parametrize("make", [lambda: loss_function("l3"), lambda: TargetScale("minmax", ("log1p",))])
def test_an_unknown_loss_or_scaling_is_refused_with_those_there_are(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="there are"):
        make()


@pytest.mark.slow
def test_steps_are_the_users_newest_posts_with_known_labels_the_oldest_first(
    training: tuple[Posts, Array],
) -> None:
    """Held against a plain loop over the posts."""
    posts, _ = training
    k = 4
    stamps = lambda some: some.times.astype(np.int64)[:, None].astype(np.float32)  # noqa: E731
    past = posts.told(k)
    steps = Steps(posts, replace(past, labels=(past.labels - 2) / 2), stamps)
    for i in range(len(posts)):
        earlier = [place for place in past.previous[i] if place >= 0][::-1]
        n = len(earlier)
        assert steps.exists[i].tolist() == [False] * (k - n) + [True] * n
        seen = steps.features[steps.index[i]][:, 0]
        times = posts.at(np.array(earlier, np.int64)).times.astype(np.int64).astype(np.float32)
        assert seen.tolist() == [0] * (k - n) + times.tolist()
        labels, gaps, exists, ages = np.split(steps.told[i], [3, 4, 5], axis=1)
        np.testing.assert_allclose(
            labels[k - n :], np.clip((past.labels[i, :n][::-1] - 2) / 2, -5, 5), rtol=1e-6
        )
        assert (steps.told[i, : k - n] == 0).all() and (exists[k - n :] == 1).all()
        np.testing.assert_allclose(ages[k - n :, 0], np.log1p(past.ages[i, :n][::-1]), rtol=1e-6)
        np.testing.assert_allclose(np.expm1(gaps[k - n :]).sum(), past.ages[i, n - 1] if n else 0, rtol=1e-3)


def test_posts_whose_latest_predecessors_have_no_known_label_see_older_ones_that_have(
    prepared: Prepared,
) -> None:
    """Long after the cut-off of `frozen`, the newest posts are those of which nothing is known."""
    _, test = handed_over(prepared, "frozen")
    k = 2
    past = test.history(k)
    blind = (past.previous >= 0).all(axis=1) & np.isnan(past.labels).all(axis=(1, 2)) & (past.known >= k)
    assert blind.any()
    steps = Steps(test, test.told(k), lambda some: np.zeros((len(some), 1), np.float32))
    assert steps.exists[blind].all()


@pytest.mark.slow
def test_a_batch_of_shared_tensors_is_what_the_index_names() -> None:
    import torch

    own = {"a": np.arange(3.0)}
    read = Tensors(own, {"past": np.float32([[0], [10], [20]])}, np.array([[0, 1], [1, 2], [2, 2]]))
    batch = read.batch(torch.tensor([2, 0]))
    assert batch["a"].tolist() == [2, 0]
    assert batch["past"].squeeze(2).tolist() == [[20, 20], [0, 10]]


@pytest.mark.slow
def test_a_network_without_any_training_is_the_recent_level(training: tuple[Posts, Array]) -> None:
    posts, y = training
    untrained = MLP(epochs=0)
    untrained.fit(posts, y)
    np.testing.assert_allclose(untrained.predict(posts), RecentLevel().fit(posts, y).of(posts), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("scaling", SCALINGS)
def test_every_loss_falls_on_every_scaling(training: tuple[Posts, Array], loss: str, scaling: str) -> None:
    posts, y = training
    network = MLP(loss=loss, scaling=scaling, epochs=6, patience=6, batch=16, learning_rate=5e-3)
    network.fit(posts, y)
    assert network.curve[-1].train_loss < network.curve[1].train_loss


@pytest.mark.slow
def test_validation_predictions_are_those_of_the_epoch_that_was_chosen(training: tuple[Posts, Array]) -> None:
    posts, y = training
    network = LSTM(epochs=6, batch=16)
    network.fit(posts, y)
    truth = y[posts.holdout(HOLDOUT).check_rows]
    error = np.abs(network.validation - truth).mean()
    assert error == pytest.approx(min(epoch.check_error for epoch in network.curve), rel=1e-5)


def test_an_epoch_of_large_data_is_a_part_of_them_and_all_come_before_one_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    def first(posts: int, epochs: int) -> list[list[int]]:
        stream = passes.in_epochs(posts, torch.Generator().manual_seed(0))
        return [part.tolist() for part in islice(stream, epochs)]

    assert first(10, 1) == [torch.randperm(10, generator=torch.Generator().manual_seed(0)).tolist()]
    monkeypatch.setattr(passes, "EPOCH", 4)
    parts = first(10, 6)
    assert [len(part) for part in parts] == [4, 3, 3, 4, 3, 3]
    for run in (parts[:3], parts[3:]):
        assert sorted(row for part in run for row in part) == list(range(10))


@pytest.mark.slow
def test_a_large_holdout_is_looked_at_in_part_and_its_validation_predictions_are_whole(
    training: tuple[Posts, Array], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_loop, "CHECKED", 7)
    network, (posts, y) = MLP(epochs=2), training
    network.fit(posts, y)
    held = posts.holdout(HOLDOUT)
    assert len(network.validation) == len(held.check)
    some = np.linspace(0, len(held.check) - 1, 7).astype(int)
    error = network.aim.error(network.validation[some], y[held.check_rows[some]])
    assert network.curve[network.chosen].check_error == pytest.approx(error, rel=1e-5)


@pytest.mark.slow
def test_quantiles_do_not_cross_and_their_median_is_what_is_scored(training: tuple[Posts, Array]) -> None:
    posts, y = training
    network = MLP(loss="quantile", epochs=3)
    network.fit(posts, y)
    predicted = network.predict(posts)
    assert network.quantiles == LEVELS and predicted.shape == (len(posts), 3, len(LEVELS))
    assert (np.diff(predicted, axis=2) >= 0).all()


@pytest.mark.slow
def test_plots_and_the_numbers_behind_them_are_written(training: tuple[Posts, Array], tmp_path: Path) -> None:
    posts, y = training
    network = LSTM(epochs=2)
    network.fit(posts, y)
    before = network.predict(posts)
    network.artefacts(tmp_path)
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"importance.csv", "importance.png", "learning_curve.png"}
    assert (tmp_path / "importance.csv").read_text().startswith("input,mae_growth\n")
    np.testing.assert_array_equal(network.predict(posts), before)


def test_only_the_input_that_a_prediction_uses_has_importance() -> None:
    import torch

    numbers = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    y = numbers[:, 1:2].numpy()
    found = permutation_importance(
        {"numbers": numbers, "codes": torch.zeros(200, 0)},
        ["a", "b"],
        lambda batch: batch["numbers"][:, 1:2].numpy(),
        y,
        seed=0,
    )
    assert found["a"] == 0 and found["b"] > 0.5 and found["embedding scores"] == 0
    assert "codes" not in found, "nothing there to shuffle"
