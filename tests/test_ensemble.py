"""The ensemble: what selection prefers, and what it asks of its members."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from handing import handed_over
from hypothesis import given as for_all
from hypothesis import strategies as st
from worlds import BASELINES, World

from baselines import ensemble
from baselines.ensemble import Ensemble, selected
from baselines.parts.embeddings import CrossFittedRidge, Reduced
from baselines.parts.errors import LOG_LOSS
from baselines.parts.holdout import HOLDOUT
from baselines.parts.rehearsing import Rehearsing
from baselines.ridge import Ridge
from benchmark import Array, Posts
from benchmark.contract.trial import TARGETS, VIRAL
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.errors import UnknownName
from benchmark.finding.code import _closure

pytestmark = pytest.mark.slow

Given = tuple[Posts, Posts, Array]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    world = World.make(tmp_path_factory.mktemp("ensemble"))
    return prepare(world.card, world.home, ())


@pytest.fixture(scope="module")
def given(prepared: Prepared) -> Given:
    """Training posts, test posts, labels of the training posts."""
    train, test = handed_over(prepared)
    return train, test, train._timeline.labels[train._positions]


class Near(Rehearsing):
    """Knows the held-out labels up to an error that it is told; predicts its offset for every other post."""

    error: float = 0.0

    def rehearse(self, train: Posts, y: Array) -> Array:
        self.drawn = float(np.random.random())  # noqa: NPY002
        self.asked = self.told = self.concluded = 0
        return y[train.holdout(HOLDOUT).check_rows] + np.float32(self.error)

    def conclude(self, train: Posts, y: Array) -> None:
        self.concluded += 1

    def reveal(self, posts: Posts, y: Array) -> None:
        self.told += 1

    def predict(self, posts: Posts) -> Array:
        self.asked += 1
        return np.full((len(posts), len(posts.targets)), self.error, np.float32)


class Above(Near):
    error: float = 1.0


class Below(Near):
    error: float = -3.0


class Far(Near):
    error: float = 50.0


class NeedsImages(Near):
    needs = {"image"}


class Spread(Near):
    """Predicts quantiles."""

    quantiles = (0.1, 0.5, 0.9)

    def predict(self, posts: Posts) -> Array:
        middle = super().predict(posts)
        return np.stack([middle - 9, middle, middle + 20], axis=2)


class Reads(Near):
    """Reduces embeddings, as most learning baselines do."""

    ratio: float = 1.0
    learnt: ClassVar[dict[str, Reduced]] = {}

    @staticmethod
    def vectors(posts: Posts) -> Array:
        return np.random.default_rng(0).normal(size=(len(posts), 6)).astype(np.float32)

    def rehearse(self, train: Posts, y: Array) -> Array:
        self.learnt[type(self).__name__] = Reduced("text", 2).fit(self.vectors(train), self.ratio * y, 0)
        return super().rehearse(train, y)


class ReadsAsWell(Reads):
    pass


class ReadsOther(Reads):
    """The same embeddings for another label."""

    ratio: float = 2.0


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    for cls in (Near, Above, Below, Far, NeedsImages, Spread):
        monkeypatch.setitem(ensemble.LIBRARY, cls.__name__, cls)


def fitted(given: Given, *members: str) -> Ensemble:
    train, _, y = given
    baseline = Ensemble(members=members, steps=40)
    baseline.fit(train, y)
    return baseline


@for_all(
    seed=st.integers(0, 2**32 - 1),
    members=st.integers(1, 5),
    steps=st.integers(1, 30),
)
def test_weights_are_shares_of_the_selections(seed: int, members: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    weights = selected(rng.normal(size=(20, members)), rng.normal(size=20), steps)
    assert weights.shape == (members,) and (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(weights * steps, np.round(weights * steps), atol=1e-9)


def test_a_member_without_an_error_is_all_that_is_selected() -> None:
    y = np.arange(30.0)
    assert selected(np.stack([y + 1, y, y - 5], axis=1), y, 20).tolist() == [0, 1, 0]


def test_members_that_err_to_opposite_sides_are_mixed_until_their_errors_cancel() -> None:
    y = np.arange(30.0)
    assert selected(np.stack([y + 1, y - 3], axis=1), y, 40).tolist() == [0.75, 0.25]


def test_of_events_the_log_loss_of_the_mean_probability_decides() -> None:
    """A member that is sure and at times wrong is worth little by itself, and by its absolute error much."""
    y = np.array([1.0] * 5 + [0.0] * 5)
    sure, even = np.where(np.arange(10) == 0, 1 - y, y), np.where(y == 1, 0.6, 0.4)
    found = np.stack([sure, even], axis=1)
    assert selected(found, y, 1).tolist() == [1, 0]
    assert selected(found, y, 1, LOG_LOSS).tolist() == [0, 1]
    best = selected(found, y, 100, LOG_LOSS)
    mixed = [LOG_LOSS(found @ [share, 1 - share], y) for share in np.linspace(0, 1, 101)]
    assert LOG_LOSS(found @ best, y) == pytest.approx(min(mixed), abs=1e-4)


@pytest.mark.parametrize("kind", ["event", VIRAL])
def test_of_events_those_members_are_asked_that_answer_them(tmp_path: Path, kind: str) -> None:
    world = World.make(tmp_path, kind=kind)
    train, test = handed_over(prepare(world.card, world.home, ()))
    y = train._timeline.labels[train._positions]
    baseline = Ensemble(members=("recent_level", "recent_rate", "ridge", "temporal_fusion_transformer"))
    baseline.fit(train, y)
    left_out = dict.fromkeys(("recent_level", "temporal_fusion_transformer"), "answers regression")
    assert list(baseline.library) == ["recent_rate", "ridge"] and baseline.left_out == left_out
    told = baseline.predict(test)
    assert ((told > 0) & (told < 1)).all()
    baseline.artefacts(tmp_path)
    errors = json.loads((tmp_path / "weights.json").read_text())["log_loss_on_holdout"]
    for of in errors.values():
        assert of["ensemble"] <= min(of["ridge"], of["recent_rate"]) + 1e-4


@pytest.mark.usefixtures("library")
def test_the_prediction_is_the_weighted_mean_of_the_members(given: Given) -> None:
    _, test, _ = given
    baseline = fitted(given, "Above", "Below", "Far")
    assert baseline.weights.tolist() == [[0.75, 0.25, 0]] * len(TARGETS)
    np.testing.assert_allclose(baseline.predict(test), 0.75 * 1 + 0.25 * -3)
    np.testing.assert_allclose(baseline.errors[:, -1], 0, atol=1e-6)


@pytest.mark.usefixtures("library")
def test_each_target_has_weights_of_its_own(given: Given) -> None:
    train, _, y = given
    baseline = fitted(given, "Above", "Near")
    check = y[train.holdout(HOLDOUT).check_rows]
    said = {"Above": check + np.float32([0, 1, 1]), "Near": check + np.float32([1, 0, 0])}
    baseline._select(said, check, TARGETS)
    assert baseline.weights.tolist() == [[1, 0], [0, 1], [0, 1]]


@pytest.mark.usefixtures("library")
def test_a_member_without_weight_learns_no_further_and_is_not_asked(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Left(Far):
        def conclude(self, train: Posts, y: Array) -> None:
            pytest.fail("it was given no weight")

    monkeypatch.setitem(ensemble.LIBRARY, "Far", Left)
    train, test, y = given
    baseline = fitted(given, "Near", "Far")
    baseline.reveal(train, y)
    baseline.predict(test)
    assert list(baseline.library) == ["Near"]
    near = baseline.library["Near"]
    assert (near.concluded, near.asked, near.told) == (1, 1, 1)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("library")
def test_of_a_member_that_predicts_quantiles_the_median_counts(given: Given) -> None:
    _, test, _ = given
    np.testing.assert_allclose(fitted(given, "Spread").predict(test), 0)


@pytest.mark.usefixtures("library")
def test_a_member_whose_content_the_data_lack_is_left_out_and_that_is_told(
    given: Given, tmp_path: Path
) -> None:
    baseline = fitted(given, "Near", "NeedsImages")
    assert list(baseline.library) == ["Near"]
    baseline.artefacts(tmp_path)
    told = json.loads((tmp_path / "weights.json").read_text())
    assert told["left_out"] == {"NeedsImages": "needs image"}
    assert told["weights"]["likes"] == {"Near": 1.0}
    with pytest.raises(ValueError, match="no member can work on these data"):
        fitted(given, "NeedsImages")


@pytest.mark.usefixtures("library")
def test_a_member_is_the_same_in_the_ensemble_as_alone(given: Given) -> None:
    train, test, y = given
    one, two = (fitted(given, *members).library["Near"] for members in (["Near"], ["Far", "Near"]))
    assert one.drawn == two.drawn  # type: ignore[attr-defined]
    alone = Ridge()
    alone.fit(train, y)
    within = fitted(given, "Far", "ridge").library["ridge"]
    np.testing.assert_array_equal(within.predict(test), alone.predict(test))


def test_an_unknown_member_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'ridge'"):
        Ensemble(members=("rigde",)).wanted()


def test_it_asks_for_all_content_that_its_members_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ensemble.LIBRARY, "NeedsImages", NeedsImages)
    assert Ensemble(members=("recent_level",)).wanted() == set()
    assert Ensemble(members=("recent_level", "NeedsImages")).wanted() == {"image"}
    assert Ensemble(members=("ridge",)).wanted() == {"text", "image"}


def test_a_result_is_tied_to_the_code_of_every_member() -> None:
    files = {path.name for path in _closure([BASELINES / "ensemble.py"])}
    assert {f"{name}.py" for name in ensemble.LIBRARY if name != "recent_level"} <= files


def test_listing_it_loads_no_library() -> None:
    code = "import sys, baselines.ensemble; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "lightgbm", "catboost", "sklearn", "pandas", "matplotlib"}
    assert not heavy & set(done.stdout.split())


def test_a_person_can_look_at_the_weights_but_finds_each_member_in_its_own_row(
    given: Given, tmp_path: Path
) -> None:
    fitted(given, "recent_level", "ridge").artefacts(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "weights.json",
        *(f"weights_{target}.png" for target in TARGETS),
    }
    errors = json.loads((tmp_path / "weights.json").read_text())["mae_on_holdout"]["likes"]
    assert errors["ensemble"] <= min(errors["ridge"], errors["recent_level"]) + 1e-4


def test_what_members_learn_of_the_same_embeddings_is_learnt_once(
    given: Given, library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits: list[Array] = []
    fit = CrossFittedRidge.fit
    monkeypatch.setattr(CrossFittedRidge, "fit", lambda own, x, y: fits.append(x) or fit(own, x, y))  # type: ignore[func-returns-value]
    for cls in (Reads, ReadsAsWell, ReadsOther):
        monkeypatch.setitem(ensemble.LIBRARY, cls.__name__, cls)
    fitted(given, "Reads", "ReadsAsWell", "ReadsOther")
    assert len(fits) == 2
    together = dict(Reads.learnt)
    for name in together:
        fitted(given, name)
    assert len(fits) == 5  # of other cells nothing is remembered
    vectors = Reads.vectors(given[0])
    for name, reduced in together.items():
        pd.testing.assert_frame_equal(reduced.frame(vectors), Reads.learnt[name].frame(vectors))
