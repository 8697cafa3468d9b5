"""Temporal Fusion Transformer: what it reads of a past, what it makes of none, what it shows of itself."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from baselines.temporal_fusion_transformer import TemporalFusionTransformer
from benchmark.contract.probe import schema
from benchmark.contract.trial import write_trial
from benchmark.data.prepare import prepare
from benchmark.declared.card import Card
from benchmark.handover import revealed, shown
from benchmark.posts import Array, Posts
from benchmark.run.tasks import TaskPosts
from benchmark.timeline import Timeline

pytestmark = pytest.mark.slow  # pytorch_forecasting alone takes 15 s to load


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Posts, Array, Posts]:
    """Training posts and labels, and test posts, of the made-up trial under `frozen`."""
    folder = tmp_path_factory.mktemp("trial")
    card = write_trial(folder)
    return _world(card, folder / "data")


@pytest.fixture(scope="module")
def fitted(world: tuple[Posts, Array, Posts]) -> TemporalFusionTransformer:
    train, y, _ = world
    baseline = TemporalFusionTransformer(epochs=2)
    baseline.fit(train, y)
    return baseline


def test_untrained_it_is_the_recent_level(world: tuple[Posts, Array, Posts]) -> None:
    train, y, test = world
    baseline = TemporalFusionTransformer(epochs=0)
    baseline.fit(train, y)
    np.testing.assert_allclose(baseline.predict(test)[:, :, 2], baseline.aim.base(test), atol=1e-5)


def test_it_predicts_quantiles_of_every_target_that_do_not_cross(
    world: tuple[Posts, Array, Posts], fitted: TemporalFusionTransformer
) -> None:
    test = world[2]
    predicted = fitted.predict(test)
    assert predicted.shape == (len(test), 3, len(fitted.quantiles))
    assert np.isfinite(predicted).all()
    assert (np.diff(predicted, axis=2) >= 0).all()


def test_a_first_post_is_predicted_and_alone_as_in_any_batch(
    world: tuple[Posts, Array, Posts], fitted: TemporalFusionTransformer
) -> None:
    test = world[2]
    first = np.flatnonzero(test.history().count == 0)
    assert len(first) > 1
    together = fitted.predict(test)[first]
    assert np.isfinite(together).all()
    np.testing.assert_allclose(fitted.predict(test.take(first)), together, atol=1e-4)
    np.testing.assert_allclose(fitted.predict(test.take(first[-1:])), together[-1:], atol=1e-4)


def test_the_past_is_given_from_the_left_and_its_newest_post_last(
    world: tuple[Posts, Array, Posts], fitted: TemporalFusionTransformer
) -> None:
    test = world[2]
    past = test.told(fitted.k)
    read = fitted.tensors(test, fitted.aim.base(test))
    count = past.exists.sum(axis=1)
    assert set(count) >= {0, fitted.k} and len(set(count)) > 2  # none, all, some
    np.testing.assert_array_equal(read.own["lengths"].cpu(), np.maximum(count, 1))
    told = read.own["told"].cpu().numpy()
    for i, n in enumerate(count):
        np.testing.assert_allclose(told[i, :n, -1], np.log1p(past.ages[i, :n][::-1]), rtol=1e-5)
        assert (told[i, :n, -2] == 1).all()
        assert (told[i, n:] == 0).all()


def test_what_lies_beyond_the_length_of_a_past_changes_nothing(
    world: tuple[Posts, Array, Posts], fitted: TemporalFusionTransformer
) -> None:
    import torch

    test = world[2]
    read = fitted.tensors(test, fitted.aim.base(test))
    batch = read.batch(torch.arange(len(test), device=read.own["lengths"].device))
    beyond = torch.arange(fitted.k, device=batch["told"].device) >= batch["lengths"][:, None]
    assert beyond.any()
    noise = {name: batch[name].masked_fill(beyond[:, :, None], 3.0) for name in ("told", "features")}
    with torch.inference_mode():
        torch.testing.assert_close(fitted.net(batch | noise), fitted.net(batch))


def test_a_revealed_label_of_the_past_moves_the_prediction(
    world: tuple[Posts, Array, Posts], fitted: TemporalFusionTransformer
) -> None:
    import torch

    test = world[2]
    read = fitted.tensors(test, fitted.aim.base(test))
    batch = read.batch(torch.arange(len(test), device=read.own["lengths"].device))
    told = batch["told"].clone()
    told[:, 0, 0] += 2
    with torch.inference_mode():
        apart = (fitted.net(batch | {"told": told}) - fitted.net(batch)).abs()
    assert (apart.amax(dim=1) > 1e-6).all()


def test_selection_at_once_is_the_library_s_own_selection() -> None:
    import torch
    from pytorch_forecasting.models.temporal_fusion_transformer.sub_modules import VariableSelectionNetwork

    from baselines.networks.tft import SelectionAtOnce, at_once

    torch.manual_seed(0)
    prescalers = torch.nn.ModuleDict({name: torch.nn.Linear(1, 4) for name in "abc"})
    library = VariableSelectionNetwork(
        {"kind": 3, "a": 4, "b": 4, "c": 4},
        hidden_size=8,
        input_embedding_flags={"kind": True},
        context_size=8,
        prescalers=prescalers,
    )
    for parameter in library.parameters():  # away from the zeros and ones that some start from
        torch.nn.init.normal_(parameter, std=0.5)
    ours = at_once(library)
    assert isinstance(ours, SelectionAtOnce)
    x = {"kind": torch.randn(5, 2, 3)} | {name: torch.randn(5, 2, 1) for name in "abc"}
    context = torch.randn(5, 2, 8)
    for mine, its in zip(ours.eval()(x, context), library.eval()(x, context), strict=True):
        torch.testing.assert_close(mine, its)


def test_it_shows_what_it_selected_and_which_posts_it_attended_to(
    world: tuple[Posts, Array, Posts], fitted: TemporalFusionTransformer, tmp_path: Path
) -> None:
    before = fitted.predict(world[2])
    fitted.artefacts(tmp_path)
    np.testing.assert_array_equal(fitted.predict(world[2]), before)
    selected = _rows(tmp_path / "selected.csv")
    for part in ("account", "earlier posts", "new post"):
        weights = [float(row["weight"]) for row in selected if row["part"] == part]
        assert len(weights) == len(fitted.variables[part])
        assert sum(weights) == pytest.approx(1, abs=1e-3)
    attention = _rows(tmp_path / "attention.csv")
    assert [row["posts_back"] for row in attention] == [str(lag) for lag in range(fitted.k + 1)]
    assert all(0 <= float(row["mean"]) <= 1 for row in attention)
    reached = [int(row["posts"]) for row in attention]
    assert reached == sorted(reached, reverse=True)  # the further back, the fewer have such a post
    for name in ("learning_curve", "attention", "attention_map", "selected_new_post"):
        assert (tmp_path / f"{name}.png").stat().st_size > 1000


def test_the_sample_that_is_shown_stays_small_over_many_blocks(
    world: tuple[Posts, Array, Posts], fitted: TemporalFusionTransformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of the class at hand: a baseline's file may have been loaded more than once in this process.
    monkeypatch.setitem(TemporalFusionTransformer._remember.__globals__, "SAMPLE", 20)
    monkeypatch.setattr(fitted, "sample", {})
    for rows in np.array_split(np.arange(len(world[2])), 4):
        fitted.predict(world[2].take(rows))
        assert len(fitted.sample["lengths"]) == 20


def _world(card: Card, home: Path) -> tuple[Posts, Array, Posts]:
    prepared = prepare(card, home, ())
    posts = TaskPosts.of(prepared, card.task("three"))
    windows = posts.windows("frozen")
    told = schema(card, "three", ("text", "image"), len(posts.rows), prepared.images)
    timeline = Timeline(told, windows.clock)
    reveal, predict = next(posts.handed_over(windows, told.columns))
    train = revealed(timeline, reveal)
    return train, reveal.labels, shown(timeline, predict)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
