"""Boosted trees: what they keep of the holdout, and what their plots rest on."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handing import handed_over
from worlds import BASELINES, World

from baselines.catboost import CatBoost
from baselines.lightgbm import LightGBM
from baselines.parts.holdout import HOLDOUT
from baselines.ridge import Ridge
from baselines.trees.boosted import BoostedTrees
from benchmark import Array, Baseline, Posts
from benchmark.contract.trial import TARGETS
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.loading import load_class

pytestmark = pytest.mark.slow

Given = tuple[Posts, Posts, Array]

BOTH: list[Any] = [(LightGBM, {"rounds": 30}), (CatBoost, {"rounds": 30})]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    world = World.make(tmp_path_factory.mktemp("trees"))
    return prepare(world.card, world.home, ())


@pytest.fixture(scope="module")
def given(prepared: Prepared) -> Given:
    """Training posts, test posts, labels of the training posts."""
    train, test = handed_over(prepared)
    return train, test, train._timeline.labels[train._positions]


@pytest.mark.parametrize(("cls", "settings"), [*BOTH, (Ridge, {})])
def test_what_is_kept_of_the_holdout_is_a_prediction_a_held_out_post_and_a_good_one(
    given: Given, cls: type[Baseline], settings: dict[str, Any]
) -> None:
    train, _, y = given
    baseline: Any = cls(**settings)
    baseline.fit(train, y)
    held = train.holdout(HOLDOUT)
    assert baseline.validation.shape == (len(held.check), len(TARGETS))
    assert baseline.validation.dtype == np.float32
    truth = y[held.check_rows]
    assert np.abs(baseline.validation - truth).mean() < np.abs(np.median(y, axis=0) - truth).mean()


@pytest.mark.parametrize(
    ("cls", "settings"),
    [
        # Nothing is left to be chosen on the held-out labels: then nothing may depend on them.
        (LightGBM, {"rounds": 1, "objectives": ("l2",)}),
        (CatBoost, {"rounds": 1, "objectives": ("RMSE",)}),
        (Ridge, {"alpha": 30.0}),
    ],
)
def test_it_is_the_prediction_of_a_model_that_has_not_learnt_the_held_out_labels(
    given: Given, cls: type[Baseline], settings: dict[str, Any]
) -> None:
    train, _, y = given
    other = y.copy()
    other[train.holdout(HOLDOUT).check_rows] += 5
    one, two = (cls(**settings) for _ in range(2))
    one.fit(train, y)
    two.fit(train, other)
    np.testing.assert_array_equal(one.validation, two.validation)  # type: ignore[attr-defined]
    assert not np.array_equal(one.predict(train), two.predict(train))


@pytest.mark.parametrize(("cls", "settings"), BOTH)
def test_contributions_add_up_to_the_prediction(
    given: Given, cls: type[BoostedTrees], settings: dict[str, Any]
) -> None:
    train, test, y = given
    baseline = cls(**settings)
    baseline.fit(train, y)
    features = baseline._features(test)
    for trees in baseline.trees:
        found = trees.contributions(features)
        assert found.shape == features.shape
        rest = trees.predict(features) - found.sum(axis=1)  # the expected value, the same for every post
        np.testing.assert_allclose(rest, rest[0], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("cls", "settings"), BOTH)
def test_a_person_can_look_at_what_was_learnt(
    given: Given, tmp_path: Path, cls: type[BoostedTrees], settings: dict[str, Any]
) -> None:
    train, _, y = given
    baseline = cls(**settings)
    baseline.fit(train, y)
    baseline.artefacts(tmp_path)
    drawn = {f"{plot}_{target}.png" for plot in ("learning", "shap") for target in TARGETS}
    tables = {"importance.csv", "importance.png", "shap.csv", "costs.json"}
    assert {path.name for path in tmp_path.iterdir()} == drawn | tables

    with (tmp_path / "importance.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["feature"] for row in rows} == {*baseline._features(train).columns}
    for target in TARGETS:
        assert sum(float(row[target]) for row in rows) == pytest.approx(1, abs=1e-4)

    costs = json.loads((tmp_path / "costs.json").read_text())
    assert costs["rows"] == len(train) and costs[f"{cls.library}_seconds"] > 0


def test_the_curve_ends_where_watching_ended_and_its_lowest_point_is_what_was_chosen(given: Given) -> None:
    train, _, y = given
    baseline = LightGBM(rounds=40)
    baseline.fit(train, y)
    for curves, trees in zip(baseline.curves, baseline.trees, strict=True):
        assert set(curves) == {"l2", "l1"}
        best = min(curves.values(), key=min)
        assert len(best) <= 40
        assert trees.rounds == 1 + int(np.argmin(best))


def test_a_level_never_seen_and_a_missing_one_are_levels_to_catboost(given: Given) -> None:
    train, test, y = given
    baseline = CatBoost(rounds=5, users=True)
    baseline.fit(train, y)
    features = baseline._features(test)
    assert not set(test.users) <= set(train.users)
    assert features["app"].isna().any()
    assert np.isfinite(baseline.predict(test)).all()


def test_without_its_library_catboost_is_listed_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "baselines.catboost")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Exception, match=r"pip install -e '\.\[catboost\]'"):
        load_class(BASELINES / "catboost.py")
