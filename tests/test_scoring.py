"""Scoring: everything that follows from truth and predictions, in one way for whoever asks."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from wrong_measures import OffByOne

from benchmark.declared.task import Task
from benchmark.errors import StoreError, UnknownName
from benchmark.scores import scoring, uncertainty
from benchmark.scores.bootstrap import interval, replicates
from benchmark.scores.measures import MEASURES, measure
from benchmark.scores.measures.measure import Among, Floats, Predicted
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.scoring import (
    RESAMPLES,
    Scorer,
    Scorers,
    brief,
    predicted_of,
    predictions_table,
    scored,
    slices_of,
)
from benchmark.scores.uncertainty import cosine_waves


@dataclass(frozen=True)
class Asked:
    kind: str = "regression"
    targets: tuple[str, ...] = ("likes",)
    measures: tuple[str, ...] = ("spearman", "mae")
    primary: str = "mae"


EVENTS = Asked(kind="event", measures=("average_precision", "brier"), primary="average_precision")


def truth(labels: Floats, **columns: object) -> pa.Table:
    """120 posts of 30 users in three months; a third of them by users never seen."""
    i = np.arange(len(labels))
    told = {
        "post_id": [f"p{k}" for k in i],
        "user": i % 30,
        "time": pd.Timestamp("2016-01-01") + pd.to_timedelta(i // 40 * 31, unit="D"),
        "cluster": i % 30,
        "seen_in_training": i % 3 > 0,
        "category": pa.nulls(len(i), pa.string()),
    }
    return pa.table({**told, "label_likes": labels, **columns})


@pytest.fixture
def labels() -> Floats:
    return np.random.default_rng(0).normal(size=120)


@pytest.fixture
def points() -> Floats:
    return np.random.default_rng(1).normal(size=120)


def table(of: pa.Table, points: Floats, quantiles: dict[float, Floats] | None = None) -> pa.Table:
    by_level = {level: values[:, None].astype(np.float32) for level, values in (quantiles or {}).items()}
    return predictions_table(of, ["likes"], points[:, None].astype(np.float32), by_level)


def test_each_measure_is_scored_and_resampled_once(labels: Floats, points: Floats) -> None:
    of = truth(labels)
    found = scored(of, table(of, points), Asked())
    predicted = Predicted.of(points.astype(np.float32))
    assert [(one.target, one.measure) for one in found.scores] == [("likes", "spearman"), ("likes", "mae")]
    assert list(found.replicates) == ["likes/spearman", "likes/mae"]
    assert found.drawn.clusters == 30
    for one in found.scores:
        assert one.value == measure(one.measure).value(labels, predicted)
        resamples = Resamples(np.arange(120) % 30, RESAMPLES)
        expected = replicates(measure(one.measure), labels, predicted, resamples)
        assert found.replicates[f"likes/{one.measure}"].tobytes() == expected.tobytes()


def test_measures_of_quantiles_come_by_themselves(labels: Floats, points: Floats) -> None:
    of = truth(labels)
    quantiles = {0.1: points - 1, 0.5: points, 0.9: points + 1}
    found = scored(of, table(of, points, quantiles), Asked())
    assert [one.measure for one in found.scores] == ["spearman", "mae", "pinball", "coverage"]
    assert {one.measure for one in found.slices} == {"spearman", "mae"}


def test_a_slice_is_scored_on_its_posts_alone(labels: Floats, points: Floats) -> None:
    of = truth(labels)
    masks = slices_of(of)
    assert list(masks) == ["unseen_users", "seen_users", "month=2016-01", "month=2016-02", "month=2016-03"]
    found = scored(of, table(of, points), Asked()).slices
    assert [(one.slice, one.measure) for one in found] == [(s, m) for s in masks for m in ("spearman", "mae")]
    for one in found:
        mask = masks[one.slice]
        assert one.n == mask.sum()
        expected = measure(one.measure).value(labels[mask], Predicted.of(points.astype(np.float32)[mask]))
        assert one.value == expected


def test_a_slice_is_resampled_as_the_whole_is_whether_its_counts_are_kept_or_not(
    labels: Floats, points: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, whole = truth(labels), Resamples(np.arange(len(labels)) % 30, RESAMPLES)
    kept = scored(of, table(of, points), Asked()).slices
    monkeypatch.setattr(scoring, "KEPT_BYTES", 0)
    assert scored(of, table(of, points), Asked()).slices == kept
    masks, predicted = slices_of(of), Predicted.of(points.astype(np.float32))
    for one in kept:
        mask = masks[one.slice]
        drawn = replicates(measure(one.measure), labels[mask], predicted.part(mask), whole.part(mask))
        sizes = np.bincount(whole.clusters[mask])
        assert (one.low, one.high) == interval(drawn, n_clusters=sizes.sum() ** 2 / (sizes @ sizes))


def of_one_account(labels: Floats) -> pa.Table:
    """40 weeks of three posts, which are drawn by the week and taken apart by waves of time."""
    weeks = np.arange(len(labels)) // 3
    time = pd.Timestamp("2016-01-04") + pd.to_timedelta(weeks * 7, unit="D")
    of = truth(labels, engagement_likes=labels)
    for name, column in {"user": np.zeros(len(labels), int), "cluster": weeks, "time": time}.items():
        of = of.set_column(of.column_names.index(name), name, pa.array(column))
    return of


def test_a_scorer_says_of_each_row_what_is_said_of_it_alone_and_works_out_its_posts_once(
    labels: Floats, points: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, asked, waves = of_one_account(labels), Asked(), list[int]()

    def counted(number: int, most: int) -> Floats:
        waves.append(number)
        return cosine_waves(number, most)

    monkeypatch.setattr(uncertainty, "cosine_waves", counted)
    rows = [table(of, points), table(of, np.where(points > 1, 5.0, -points)), table(of, points)]
    alone = [scored(of, one, asked) for one in rows[:2]]
    of_one_row = len(waves) // 2
    assert of_one_row > 1 and alone[0].scores != alone[1].scores
    scorer = Scorer(of)
    together = [scorer.scored(one, asked) for one in rows]
    assert len(waves) == 3 * of_one_row, "the slices of one scorer, and of one row alone, twice"
    for found, expected in zip(together, [*alone, alone[0]], strict=True):
        assert (found.scores, found.slices, found.drawn) == (expected.scores, expected.slices, expected.drawn)
        assert found.replicates.keys() == expected.replicates.keys()
        for name, values in found.replicates.items():
            assert values.tobytes() == expected.replicates[name].tobytes()


def test_of_scorers_the_last_asked_for_are_kept_by_name(labels: Floats) -> None:
    one, other, third = (truth(labels + shift) for shift in range(3))
    scorers = Scorers(most=2)
    first = scorers.of("one", one)
    assert first.truth is one and scorers.of("other", other).truth is other
    assert scorers.of("one", one) is first
    assert scorers.of("third", third).truth is third
    assert scorers.of("one", one) is first, "the other has gone, which was asked for before it"
    assert scorers.of("other", third).truth is third
    scorers.clear()
    assert scorers.of("one", one) is not first


def test_slices_speak_by_the_measures_of_the_kind_and_the_one_that_ranks(labels: Floats) -> None:
    assert brief(Asked()) == ("spearman", "mae")
    assert brief(Asked(measures=("rmse",), primary="rmse")) == ("spearman", "mae", "rmse")
    assert brief(EVENTS) == ("average_precision", "auc")


def in_weeks(labels: Floats, **columns: object) -> pa.Table:
    """The 120 posts in 12 account-weeks of ten."""
    return truth(labels, account_week=np.arange(len(labels)) % 12, **columns)


def test_events_are_scored_within_weeks_by_the_engagement_that_their_labels_rest_on(points: Floats) -> None:
    counts = np.random.default_rng(2).normal(size=120)
    asked = dataclasses.replace(EVENTS, measures=("average_precision", "week_spearman"))
    of = in_weeks((counts > 1).astype(np.float64), engagement_likes=counts)
    chances = (1 / (1 + np.exp(-points))).astype(np.float32)
    found = scored(of, table(of, chances), asked)
    among = Among(np.arange(120) % 12, counts)
    expected = measure("week_spearman").value(counts, Predicted.of(chances, None, among))
    assert [(one.measure, one.value) for one in found.scores][1] == ("week_spearman", expected)
    assert found.scores[1].note == "12 account-weeks of 5 posts or more, 120 of 120 posts"
    assert found.base_rates == ((counts > 1).mean(),)
    assert np.isfinite(found.replicates["likes/week_spearman"]).all()


@pytest.mark.parametrize("how", ["told of no count", "of unknown counts", "stored before it was told"])
def test_events_whose_labels_rest_on_no_count_are_scored_by_all_other_measures(
    labels: Floats, points: Floats, how: str
) -> None:
    happened, unknown = (labels > 0).astype(np.float64), np.full(120, math.nan)
    of = truth(happened)
    if how == "of unknown counts":
        of = in_weeks(happened, engagement_likes=unknown)
    asked = dataclasses.replace(EVENTS, measures=("average_precision", "week_best", "brier"))
    chances = table(of, 1 / (1 + np.exp(-points)))
    assert [one.measure for one in scored(of, chances, asked).scores] == ["average_precision", "brier"]
    with pytest.raises(StoreError, match="do not say which posts compete, which 'week_best'"):
        scored(of, chances, dataclasses.replace(asked, primary="week_best"))


def test_of_a_number_the_label_itself_is_the_engagement(labels: Floats, points: Floats) -> None:
    asked = Asked(measures=("mae", "week_ndcg"), primary="week_ndcg")
    of = in_weeks(labels)
    found = scored(of, table(of, points), asked)
    one = found.scores[1]
    predicted = Predicted.of(points.astype(np.float32), None, Among(np.arange(120) % 12, labels))
    assert (one.measure, one.value) == ("week_ndcg", measure("week_ndcg").value(labels, predicted))
    assert found.base_rates == ()
    of_slices = {one.slice: one for one in found.slices if one.measure == "week_ndcg"}
    month = slices_of(of)["month=2016-01"]
    expected = measure("week_ndcg").value(labels[month], predicted.part(month))
    assert math.isnan(expected) and of_slices["month=2016-01"].value is None, (
        "four posts of each week are left"
    )
    seen = slices_of(of)["seen_users"]
    assert of_slices["seen_users"].value == measure("week_ndcg").value(labels[seen], predicted.part(seen))
    with pytest.raises(StoreError, match="from before the task asked for it"):
        scored(truth(labels), table(of, points), asked)


def test_slices_that_a_truth_holds_are_scored(labels: Floats, points: Floats) -> None:
    of = truth(labels, slice_country=["BR", "PT", "BR"] * 40)
    found = scored(of, table(of, points), Asked())
    assert {one.slice: one.n for one in found.slices if "country" in one.slice} == {
        "country=BR": 80,
        "country=PT": 40,
    }


def test_a_note_travels_with_the_slice_that_it_is_about(labels: Floats, points: Floats) -> None:
    of = truth(labels)
    constant = np.where(slices_of(of)["month=2016-01"], 1.0, points)
    notes = {
        one.slice: one.note
        for one in scored(of, table(of, constant), Asked()).slices
        if one.measure == "spearman" and one.slice.startswith("month")
    }
    told = "predictions are constant: no rank correlation, counted as 0"
    assert notes == {"month=2016-01": told, "month=2016-02": None, "month=2016-03": None}


def test_a_slice_without_an_event_has_no_value_and_says_so(labels: Floats, points: Floats) -> None:
    happened = (labels > 0).astype(np.float64)
    of = truth(happened)
    happened[slices_of(of)["month=2016-02"]] = 0
    of = truth(happened)
    found = scored(of, table(of, 1 / (1 + np.exp(-points))), EVENTS)
    (one,) = (
        one for one in found.slices if (one.slice, one.measure) == ("month=2016-02", "average_precision")
    )
    assert one.value is None
    assert one.note == "no post is an event; Average precision is undefined"
    assert [one.measure for one in found.scores] == ["average_precision", "brier"]
    assert not any(one.value is None for one in found.scores)


def test_predictions_are_read_back_as_they_were_written(labels: Floats, points: Floats) -> None:
    of = truth(labels)
    quantiles = {0.05: points - 1, 0.5: points, 0.95: points + 1}
    read = predicted_of(table(of, points, quantiles), "likes")
    assert (read.points == points.astype(np.float32)).all()
    assert list(read.quantiles) == [0.05, 0.5, 0.95]
    assert (read.quantiles[0.95] == (points + 1).astype(np.float32)).all()


def test_what_is_not_finite_or_not_known_is_refused(labels: Floats, points: Floats) -> None:
    of = truth(labels)
    with pytest.raises(ValueError, match="1 of 120 predictions not finite; the first: nan at 3"):
        scored(of, table(of, np.where(np.arange(120) == 3, math.nan, points)), Asked())
    with pytest.raises(ValueError, match="1 of 120 labels not finite"):
        withheld = truth(np.where(np.arange(120) == 3, math.nan, labels))
        scored(withheld, table(of, points), Asked())
    with pytest.raises(UnknownName, match="unknown measure 'mea'; did you mean 'mae'"):
        scored(of, table(of, points), Asked(measures=("mea",)))


def test_a_measure_is_one_class_and_one_entry(
    labels: Floats, points: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card may ask for it, and it is scored, sliced and resampled, with no other change."""
    monkeypatch.setitem(MEASURES, "share_off_by_one", OffByOne())
    task = Task.model_validate(
        {
            "name": "t",
            "targets": ["likes"],
            "measures": ["share_off_by_one"],
            "protocols": {"frozen": {"test_fraction": 0.2}},
        }
    )
    assert task.primary == "share_off_by_one"
    of = truth(labels)
    found = scored(of, table(of, points), task)
    (one,) = found.scores
    expected = (np.abs(labels - points.astype(np.float32)) > 1).mean()
    assert one.value == pytest.approx(expected)
    assert found.replicates["likes/share_off_by_one"].mean() == pytest.approx(expected, abs=0.02)
    assert {one.measure for one in found.slices} == {"spearman", "mae", "share_off_by_one"}
