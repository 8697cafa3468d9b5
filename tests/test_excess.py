"""Rows by excess: a baseline that predicts engagement answers whether a post goes viral."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from worlds import BASELINES, World, write_baseline

from benchmark.contract.trial import VIRAL
from benchmark.errors import BaselineError
from benchmark.excess import Excess, line
from benchmark.finding.discovery import load
from benchmark.run.plan import choose

BOTH = "answers = {'event', 'regression'}"
SEES = """
def fit(self, train, y):
    print('kind', train.kind, 'largest', float(np.nanmax(y)))
    self.rate, self.kind = y.mean(axis=0), train.kind

def predict(self, posts):
    assert posts.kind == self.kind
    return np.tile(self.rate, (len(posts), 1)).astype(np.float32)
"""


def viral_world(folder: Path, protocol: str = "frozen", posts: int = 200) -> World:
    return World.make(folder, posts=posts, kind=VIRAL).with_only("one", protocol)


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_a_regression_has_a_row_by_excess_in_a_task_of_virality(tmp_path: Path, protocol: str) -> None:
    world = viral_world(tmp_path, protocol)
    assert world.run(BASELINES / "recent_median.py").counts == {"ok": 1}
    (stored,) = world.results().values()
    assert stored.about.variant == "excess"
    points = stored.predictions()["likes_viral"].to_numpy()
    assert ((points > 0) & (points < 1)).all()
    assert len(np.unique(points)) > 3


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_a_process_by_excess_looks_at_no_later_post_and_tells_events_apart(
    tmp_path: Path, protocol: str
) -> None:
    """Engagement is known of first posts too, which have no event: more is known than was learnt from."""
    world = viral_world(tmp_path, protocol, posts=400)
    assert world.run(BASELINES / "gp_level.py", specs=["excess"]).counts == {"ok": 1}
    (stored,) = world.results().values()
    assert "overflow" not in (stored.folder / "log.txt").read_text()
    assert len(np.unique(stored.predictions()["likes_viral"].to_numpy())) > 3


@pytest.mark.parametrize("where", ["validation", "test"])
def test_a_prediction_of_engagement_that_is_no_number_is_refused(where: str) -> None:
    posts = SimpleNamespace(
        of_engagement=lambda: posts,
        engagement=lambda: np.zeros((2, 1)),
        holdout=lambda share: SimpleNamespace(check_rows=np.arange(2)),
        take=lambda rows: posts,
        threshold=lambda: np.zeros((2, 1)),
    )
    bad, good = np.array([[np.nan], [1.0]]), np.array([[0.0], [1.0]])
    baseline = SimpleNamespace(
        quantiles=(),
        validation=bad if where == "validation" else good,
        fit=lambda posts, y: None,
        predict=lambda posts: bad,
    )
    one = Excess(baseline, baseline)  # type: ignore[arg-type]
    with pytest.raises(BaselineError, match="1 of 2 predictions of engagement are not a finite number"):
        one.fit(posts, np.array([[0.0], [1.0]]))  # type: ignore[arg-type]
        one.predict(posts)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
def test_what_answers_both_kinds_has_both_rows_and_sees_in_each_what_it_predicts(tmp_path: Path) -> None:
    world = viral_world(tmp_path)
    mine = write_baseline(tmp_path / "mine", "mine", SEES, BOTH)
    assert world.run(mine).counts == {"ok": 2}
    told = {
        stored.about.variant: (stored.folder / "log.txt").read_text() for stored in world.results().values()
    }
    assert "kind event largest 1.0" in told["default"]
    assert "kind regression" in told["excess"]
    assert "largest 1.0" not in told["excess"]


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
def test_rows_by_excess_alone_can_be_asked_for_and_are_skipped_where_there_is_no_engagement(
    tmp_path: Path,
) -> None:
    mine = write_baseline(tmp_path / "mine", "mine", SEES, BOTH)
    assert viral_world(tmp_path / "viral").run(mine, specs=["excess"]).counts == {"ok": 1}
    plain = World.make(tmp_path / "plain", posts=160, kind="event").with_only("one", "frozen")
    assert plain.run(mine, specs=["excess"]).counts == {"skipped": 1}
    (stored,) = plain.results().values()
    assert stored.run.told == (
        "skipped: labels of this task are not derived of engagement, which an excess is of"
    )
    naive = viral_world(tmp_path / "naive")
    assert naive.run(BASELINES / "recent_rate.py", specs=["excess"]).counts == {"skipped": 1}


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
def test_a_baseline_that_keeps_what_it_says_of_the_holdout_is_fitted_once(tmp_path: Path) -> None:
    body = """
    def fit(self, train, y):
        print('fitted on', len(train))
        self.middle = np.median(y, axis=0)
        KEEPS
    """
    keeps = "self.validation = np.tile(self.middle, (len(train.holdout(0.2).check), 1))"
    for name, line_, times in (("once", keeps, 1), ("twice", "", 2)):
        world = viral_world(tmp_path / name)
        world.run(write_baseline(tmp_path / "mine", name, body.replace("KEEPS", line_)))
        (stored,) = world.results().values()
        assert (stored.folder / "log.txt").read_text().count("fitted on") == times


@pytest.mark.parametrize(
    ("spec", "variants"),
    [("excess", ["default"]), ("alpha=1,excess", ["alpha=1"]), ("alpha=1", ["alpha=1"])],
)
def test_a_spec_may_ask_for_excess(spec: str, variants: list[str]) -> None:
    chosen = choose(spec, load(BASELINES / "ridge.py"))
    assert list(chosen.variants) == variants
    assert chosen.by_excess == spec.endswith("excess")


def test_a_declared_variant_may_be_asked_for_by_excess() -> None:
    chosen = choose("metadata+excess", load(BASELINES / "lightgbm.py"))
    assert (list(chosen.variants), chosen.by_excess) == (["metadata"], True)


def test_the_line_finds_the_log_odds_of_the_excess() -> None:
    rng = np.random.default_rng(0)
    excess = rng.normal(0, 2, 20_000)
    happened = rng.random(len(excess)) < 1 / (1 + np.exp(-(1.5 * excess - 2)))
    found = line(excess, happened.astype(float))
    assert (found.slope, found.offset) == (pytest.approx(1.5, abs=0.1), pytest.approx(-2, abs=0.1))
    said = found.probability(np.array([np.nan, -100.0, 0.0, 100.0]))
    assert said[1] < said[2] < said[3] < 1
    assert said[0] == found.probability(np.array([excess.mean()]))[0]


@pytest.mark.parametrize(
    ("excess", "happened"),
    [
        ([1.0, 2.0, 3.0, 4.0], [0, 0, 0, 0]),
        ([1.0, 2.0, 3.0, 4.0], [1, 1, 0, 0]),
        ([1.0, 1.0, 1.0, 1.0], [1, 0, 1, 0]),
        ([np.nan] * 4, [1, 0, 1, 0]),
    ],
)
def test_where_the_excess_tells_nothing_all_posts_have_the_rate(
    excess: list[float], happened: list[int]
) -> None:
    found = line(np.array(excess), np.array(happened, float))
    said = found.probability(np.array([0.0, 5.0, np.nan]))
    assert said == pytest.approx((sum(happened) + 1) / 6)
