"""What a baseline has learnt is kept in plain files, and loaded where the data are not."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept_models import asked_of, elsewhere, fitted, saved
from worlds import BASELINES

from baselines.catboost import CatBoost
from baselines.category_embedding import CategoryEmbedding
from baselines.clip_adapter import CLIPAdapter
from baselines.gp_level import GPLevel
from baselines.lightgbm import LightGBM
from baselines.lstm import LSTM
from baselines.mlp import MLP
from baselines.recent_median import RecentMedian
from baselines.ridge import Ridge
from benchmark import Baseline
from benchmark.contract.probe import PLAIN, Handed, Probed
from benchmark.contract.trial import VIRAL
from benchmark.described import described
from benchmark.errors import BaselineError
from benchmark.loading import load_class
from benchmark.worker import Assignment

NAIVE = ("recent_median", "user_median", "global_median", "category_median", "last_value", "recent_rate")
QUICK = {"epochs": 2, "patience": 1}
LEARNT: list[Any] = [
    pytest.param(cls, settings, id=f"{cls.__name__} {settings}", marks=pytest.mark.slow)
    for cls, settings in [
        (Ridge, {}),
        (Ridge, {"alpha": 30.0}),
        (LightGBM, {"rounds": 30}),
        (LightGBM, {"rounds": 30, "inputs": ("metadata", "text")}),
        (LightGBM, {"rounds": 10, "objectives": ("l2",)}),
        (CatBoost, {"rounds": 30}),
        (CatBoost, {"rounds": 30, "users": True}),
        (MLP, QUICK),
        (MLP, {**QUICK, "loss": "quantile", "scaling": "robust"}),
        (MLP, {**QUICK, "members": 2}),
        (CLIPAdapter, QUICK),
        (CLIPAdapter, {**QUICK, "head": "linear"}),
        (CategoryEmbedding, QUICK),
        (CategoryEmbedding, {**QUICK, "pooling": False}),
        (GPLevel, {}),
        (GPLevel, {"noise": "heavy"}),
    ]
]
OF_EVENTS: list[Any] = [
    pytest.param(cls, settings, id=f"{cls.__name__} {settings}")
    for cls, settings in [
        (Ridge, {}),
        (LightGBM, {"rounds": 30}),
        (CatBoost, {"rounds": 30}),
        (MLP, QUICK),
        (CLIPAdapter, QUICK),
        (CategoryEmbedding, QUICK),
    ]
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assignment, Probed]:
    return asked_of(tmp_path_factory.mktemp("kept"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAIVE)
def test_a_naive_baseline_remembers_what_is_known(
    asked: tuple[Assignment, Probed], tmp_path: Path, name: str
) -> None:
    cls = load_class(BASELINES / f"{name}.py")
    baseline, test = fitted(cls(), asked)
    loaded = cls()
    known, y, there = elsewhere(asked)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


@pytest.fixture(scope="module")
def asked_for_one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assignment, Probed]:
    return asked_of(tmp_path_factory.mktemp("one"), "one")


@pytest.mark.parametrize(("cls", "settings"), LEARNT)
def test_of_a_single_target_it_is_kept_as_well(
    asked_for_one: tuple[Assignment, Probed], tmp_path: Path, cls: type[Baseline], settings: dict[str, Any]
) -> None:
    """Libraries have arrays of other shapes then."""
    baseline, test = fitted(cls(**settings), asked_for_one)
    known, y, there = elsewhere(asked_for_one)
    loaded = cls(**settings)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


@pytest.mark.parametrize(("cls", "settings"), LEARNT)
def test_kept_and_loaded_it_predicts_the_same_to_the_last_bit(
    asked: tuple[Assignment, Probed], tmp_path: Path, cls: type[Baseline], settings: dict[str, Any]
) -> None:
    baseline, test = fitted(cls(**settings), asked)
    known, y, there = elsewhere(asked)
    assert not np.array_equal(known.users, Handed(*asked).train().users)
    loaded = cls(**settings)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))
    assert plain_files(tmp_path)


@pytest.fixture(scope="module", params=["event", VIRAL])
def asked_of_events(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Assignment, Probed]:
    """Events as the data have them, and those that are derived of engagement."""
    return asked_of(tmp_path_factory.mktemp("events"), kind=request.param)


@pytest.mark.slow
@pytest.mark.parametrize(("cls", "settings"), OF_EVENTS)
def test_what_was_learnt_of_events_is_kept(
    asked_of_events: tuple[Assignment, Probed],
    tmp_path: Path,
    cls: type[Baseline],
    settings: dict[str, Any],
) -> None:
    baseline, test = fitted(cls(**settings), asked_of_events)
    known, y, there = elsewhere(asked_of_events)
    loaded = cls(**settings)
    loaded.load(saved(baseline, tmp_path), known, y)
    predicted = baseline.predict(test)
    np.testing.assert_array_equal(loaded.predict(there), predicted)
    assert ((predicted > 0) & (predicted < 1)).all() and np.ptp(predicted) > 0
    derived = asked_of_events[1].engagement is not None
    assert Handed(*asked_of_events).train().counted == derived
    assert plain_files(tmp_path)


def plain_files(folder: Path) -> bool:
    """Whether there is no file in which a pickle could be."""
    assert {path.suffix for path in folder.iterdir()} <= PLAIN - {".npz", ".npy"}
    contents = [path.read_bytes() for path in folder.iterdir() if path.suffix != ".safetensors"]
    # What protocols 2 to 5 begin with, and what every one of them takes to name a class.
    return not any(
        re.search(rb"^\x80[\x02-\x05]|c(builtins|numpy|sklearn)\n", content) for content in contents
    )


@pytest.mark.slow
@pytest.mark.parametrize("cls", [Ridge, LightGBM, CatBoost])
def test_labels_that_became_known_before_it_was_kept_are_known_to_the_loaded_one(
    asked: tuple[Assignment, Probed], tmp_path: Path, cls: type[Baseline]
) -> None:
    here, half = Handed(*asked), len(asked[1].test) // 2
    baseline, loaded = cls(), cls()
    baseline.fit(here.train(), asked[1].labels)
    here.test(0, half)
    baseline.reveal(*here.learnt(asked[1].test[:half]))
    known, y, there = elsewhere(asked, half)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(here.test(half)))


@pytest.mark.slow
@pytest.mark.parametrize("aligned", [False, True])
def test_how_well_image_and_text_go_together_is_kept(
    asked: tuple[Assignment, Probed], tmp_path: Path, aligned: bool
) -> None:
    """Images that say what the texts say: heads learn it, or the encoders are in one space already."""
    features = dict(asked[0].schema.features)
    features["image"] = features["text"]
    if aligned:
        features["clip_text"] = features["text"]
    given = replace(asked[0], schema=replace(asked[0].schema, features=features)), asked[1]
    baseline, test = fitted(CLIPAdapter(**QUICK), given)
    assert isinstance(baseline, CLIPAdapter)
    assert baseline.aligned == aligned and (baseline.heads is None) == aligned
    assert baseline.similarity.names == ["image-text similarity"]
    loaded = CLIPAdapter(**QUICK)
    known, y, there = elsewhere(given)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


@pytest.mark.slow
def test_another_process_loads_it_and_predicts_the_same(
    asked: tuple[Assignment, Probed], tmp_path: Path
) -> None:
    baseline, test = fitted(LightGBM(rounds=20), asked)
    saved(baseline, tmp_path / "model")
    code = f"""
import sys; sys.path[:0] = {[str(Path(__file__).parent), str(BASELINES.parent)]}
from pathlib import Path
import numpy as np
from test_kept import LightGBM, asked_of, elsewhere
known, y, there = elsewhere(asked_of(Path({str(tmp_path / "world")!r})))
loaded = LightGBM(rounds=20)
loaded.load(Path({str(tmp_path / "model")!r}), known, y)
np.save({str(tmp_path / "found.npy")!r}, loaded.predict(there))
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    found = np.load(tmp_path / "found.npy", allow_pickle=False)
    np.testing.assert_array_equal(found, baseline.predict(test))


@pytest.mark.slow
def test_without_a_rare_level_or_any_variance_it_is_kept_all_the_same(tmp_path: Path) -> None:
    """Few posts: every level is rare, and trees are a number."""
    asked = asked_of(tmp_path / "world", posts=40, users=3)
    for cls in (Ridge, LightGBM):
        baseline, test = fitted(cls(), asked)
        known, y, there = elsewhere(asked)
        loaded = cls()
        loaded.load(saved(baseline, tmp_path / cls.__name__), known, y)
        np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


def test_a_baseline_says_whether_it_can_be_kept(tmp_path: Path) -> None:
    assert described(Ridge).keeps and described(RecentMedian).keeps
    assert not described(LSTM).keeps
    with pytest.raises(BaselineError, match="LSTM cannot be kept"):
        LSTM().save(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_topics_of_earlier_posts_are_not_there_where_a_model_is_loaded(
    asked: tuple[Assignment, Probed], tmp_path: Path
) -> None:
    told = asked[0].schema
    columns = {name: one for name, one in told.columns.items() if one.role != "category"}
    without = replace(asked[0], schema=replace(told, columns=columns)), asked[1]
    baseline, test = fitted(CategoryEmbedding(**QUICK), without)
    with pytest.raises(BaselineError, match="topics of an account's earlier posts"):
        baseline.save(tmp_path)
    one_hot = {**QUICK, "pooling": False}
    baseline, test = fitted(CategoryEmbedding(**one_hot), without)
    known, y, there = elsewhere(without)
    loaded = CategoryEmbedding(**one_hot)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))
