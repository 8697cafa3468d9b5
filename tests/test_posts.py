"""What a baseline may see of posts, and what it may not."""

from __future__ import annotations

from copy import copy

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from handing import handed_over
from worlds import World

from benchmark.contract.trial import TARGETS, VECTOR
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.declared.task import ProtocolName
from benchmark.posts import Posts
from benchmark.split import DAY_MS


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    world = World.make(tmp_path_factory.mktemp("world"))
    return prepare(world.card, world.home, ())


def test_columns_known_only_at_crawl_time_are_withheld_unless_they_are_admitted(prepared: Prepared) -> None:
    _, test = handed_over(prepared)
    assert "followers" not in test.columns
    assert "followers" not in test.tabular()
    with pytest.raises(KeyError, match="no column 'followers' that may be seen"):
        test.column("followers")
    _, admitted = handed_over(prepared, crawl=True)
    assert "followers" in admitted.tabular()
    assert admitted.column("followers").notna().all()


def test_labels_are_no_columns(prepared: Prepared) -> None:
    _, test = handed_over(prepared, crawl=True)
    assert not set(TARGETS) & {*test.columns, *test.tabular()}
    for target in TARGETS:
        with pytest.raises(KeyError):
            test.column(target)


def test_levels_unseen_in_training_and_missing_values_are_nan(prepared: Prepared) -> None:
    train, test = handed_over(prepared)
    table, categories = test.tabular(), test.column("category")
    assert "unseen" in set(categories)
    assert table["category"][(categories == "unseen").to_numpy()].isna().all()
    assert table["category"][categories.isna().to_numpy()].isna().all()
    assert set(table["category"].cat.categories) == set(train.column("category").dropna())
    assert table["never_given"].isna().all()


def test_features_are_the_same_whatever_was_asked_for_before(prepared: Prepared) -> None:
    train, test = handed_over(prepared)
    whole = train.tabular()
    again, later = handed_over(prepared)
    some = np.arange(len(again))[::-3]
    pd.testing.assert_frame_equal(again.take(some).tabular(), whole.iloc[some].reset_index(drop=True))
    pd.testing.assert_frame_equal(again.tabular(), whole)
    pd.testing.assert_frame_equal(later.tabular(), test.tabular())


def test_codes_stand_for_the_same_values_in_training_and_test(prepared: Prepared) -> None:
    train, test = handed_over(prepared)
    values = pd.concat([train.column("category"), test.column("category")], ignore_index=True)
    codes = pd.Series(np.concatenate([train.codes("category"), test.codes("category")]))
    assert ((codes == -1) == values.isna()).all()
    known = values.notna()
    assert codes[known].groupby(values[known]).nunique().eq(1).all()
    assert codes[known].nunique() == values[known].nunique()
    with pytest.raises(KeyError, match="no column 'followers' that may be seen"):
        train.codes("followers")


def test_what_is_done_to_a_history_changes_none_that_is_asked_for_later(prepared: Prepared) -> None:
    _, test = handed_over(prepared)
    once = test.history(1)
    told = once.recent.copy()
    once.recent[:] = 0
    np.testing.assert_array_equal(test.history(1).recent, told)


def test_a_history_that_is_asked_for_again_has_the_labels_revealed_since(prepared: Prepared) -> None:
    _, test = handed_over(prepared)
    line = test._timeline
    before = test.history(1)
    known = np.flatnonzero(~np.isnan(line.labels).any(axis=1))
    line.reveal(known, line.labels[known] + 1)
    np.testing.assert_array_equal(test.history(1).recent, before.recent + 1)
    line.reveal(known, np.full_like(line.labels[known], np.nan))
    assert not test.history(1).known.any()


def test_training_and_test_features_have_the_same_columns_and_types(prepared: Prepared) -> None:
    train, test = handed_over(prepared)
    pd.testing.assert_series_equal(train.tabular().dtypes, test.tabular().dtypes)
    assert set(map(str, train.tabular().dtypes)) == {"float32", "category"}


def test_a_batch_without_any_vector_is_as_wide_as_any_other(prepared: Prepared) -> None:
    _, test = handed_over(prepared)
    vectors = test.vector("style")
    assert vectors.shape == (len(test), VECTOR)
    alone = test.take(np.flatnonzero(np.isnan(vectors).all(axis=1))[:1])
    assert alone.vector("style").shape == (1, VECTOR)


def test_content_that_no_one_asked_to_encode_is_a_keyerror_that_says_so(prepared: Prepared) -> None:
    _, test = handed_over(prepared)
    assert test.has("text")
    assert not test.has("image")
    assert test.encode("text").shape[0] == len(test.encoded("text")) == len(test)
    with pytest.raises(KeyError, match="name it in the baseline's `needs` or `wants`"):
        test.encode("image")


def test_taking_posts_keeps_each_as_it_was(prepared: Prepared) -> None:
    _, test = handed_over(prepared)
    order = np.arange(len(test))[::-3]
    taken = test.take(order)
    assert taken.ids.tolist() == test.ids[order].tolist()
    assert taken.text() == [test.text()[i] for i in order]
    pd.testing.assert_frame_equal(
        taken.history().frame(), test.history().frame().iloc[order].reset_index(drop=True)
    )


def test_training_posts_do_not_see_their_own_label_or_a_later_one(prepared: Prepared) -> None:
    train, _ = handed_over(prepared, embargo_days=0)
    first = train.take(np.array([0]))
    assert first.history().known.tolist() == [0]
    assert (train.history().staleness[train.history().known > 0] > 0).all()


@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
@pytest.mark.parametrize("embargo_days", [0, 3])
def test_a_holdout_keeps_the_rules_of_the_protocol_it_rehearses(
    prepared: Prepared, protocol: ProtocolName, embargo_days: float
) -> None:
    train, _ = handed_over(prepared, protocol, embargo_days=embargo_days)
    held = train.holdout(0.3)
    cut_off = held.check.times.min()
    embargo = np.timedelta64(round(embargo_days * DAY_MS), "ms")
    assert (held.fit.times <= cut_off - embargo).all()
    assert (held.fit.times < cut_off).all()
    assert len(held.check) == pytest.approx(0.3 * len(train), abs=2)
    assert held.fit.ids.tolist() == train.ids[held.fit_rows].tolist()
    assert held.check.ids.tolist() == train.ids[held.check_rows].tolist()
    left_out = len(train) - len(held.fit) - len(held.check)
    assert left_out == 0 if not embargo_days else left_out > 0

    known = held.check.history().known
    among_fit = np.array([(held.fit.users == user).sum() for user in held.check.users])
    if protocol == "frozen":
        assert (known == among_fit).all(), "frozen: labels of the fitted part are known, and no other"
    else:
        assert (known >= among_fit).all()
        assert (known > among_fit).any(), "rolling: later blocks know labels of earlier ones"


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5])
def test_a_holdout_of_nothing_or_of_everything_is_refused(prepared: Prepared, fraction: float) -> None:
    train, _ = handed_over(prepared)
    with pytest.raises(ValueError, match="inside"):
        train.holdout(fraction)


def test_a_holdout_of_a_single_post_says_that_it_cannot_be_split(prepared: Prepared) -> None:
    train, _ = handed_over(prepared)
    with pytest.raises(ValueError, match="1 posts are too few"):
        train.take(np.array([0])).holdout()


def test_image_paths_lie_in_the_folder_of_the_raw_files(prepared: Prepared) -> None:
    _, test = handed_over(prepared)
    paths = test.image_paths()
    assert {path is None for path in paths} == {True, False}
    assert any(path and path.is_file() for path in paths)


def test_the_posts_that_history_names_can_be_looked_at(prepared: Prepared) -> None:
    _, test = handed_over(prepared)
    previous = test.history(1).previous[:, 0]
    later = np.flatnonzero(previous >= 0)
    earlier = test.at(previous[later])
    assert (earlier.users == test.users[later]).all()
    assert (earlier.times < test.times[later]).all()


def test_posts_say_which_targets_are_logarithms_of_counts(prepared: Prepared) -> None:
    train, _ = handed_over(prepared)
    assert train.scales == ("log1p",) * len(TARGETS)


@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_posts_set_back_know_what_was_known_then_and_never_more(
    prepared: Prepared, protocol: ProtocolName
) -> None:
    """Held against the history of the same posts with every later label taken away."""
    train, test = handed_over(prepared, protocol)
    for posts in (train, test):
        moments = posts.moments - np.timedelta64(2, "D")
        back = posts.staler(moments)
        assert (back.moments == moments).all() and (back.times == posts.times).all()
        for asked in (lambda some: some.history(), lambda some: some.told(5)):
            found = asked(back)
            for i in range(0, len(posts), 7):
                blinded = _without_labels_known_after(posts, moments[i]).take(np.array([i]))
                for name in ("previous", "labels"):
                    np.testing.assert_array_equal(getattr(found, name)[i], getattr(asked(blinded), name)[0])
        later = posts.staler(posts.moments + np.timedelta64(90, "D"))
        assert (later.moments == posts.moments).all(), "none is set forward"
        assert (later.staler(moments).staler(posts.moments).moments == moments).all(), "nor back again"


def test_posts_set_back_stay_so_in_parts_of_them_and_in_holdouts(prepared: Prepared) -> None:
    train, _ = handed_over(prepared)
    moments = train.times - np.timedelta64(3, "D")
    back = train.staler(moments)
    some = np.arange(5, 15)
    assert (back.take(some).moments == moments[some]).all()
    assert (back.of_engagement().moments == moments).all()
    held, fresh = back.holdout(), train.holdout()
    assert (held.check.moments == np.minimum(fresh.check.moments, moments[held.check_rows])).all()
    with pytest.raises(ValueError, match="one for each of"):
        back.staler(moments[:3])


def _without_labels_known_after(posts: Posts, moment: np.datetime64) -> Posts:
    timeline = copy(posts._timeline)
    known = posts._clock.known_at(timeline.times).astype("datetime64[ms]") <= moment
    timeline.labels = np.where(known[:, None], timeline.labels, np.float32(np.nan))
    return Posts(timeline, posts._positions, posts._clock)


def test_a_timeline_beside_another_takes_posts_that_the_other_knows_nothing_of(prepared: Prepared) -> None:
    train, _ = handed_over(prepared)
    line, columns = train._timeline, train.with_role("category")
    assert line.table is not None
    before = [line.codes(name).copy() for name in columns]
    for only in (None, np.arange(5)):
        for name in ("first", "second"):  # what one is told, the next has never heard of
            other = line.beside(only)
            kept = len(other.users)
            new = line.table.slice(0, 1)
            for column in (*columns, "user_id"):
                at = new.schema.get_field_index(column)
                new = new.set_column(at, column, pa.array([f"a {name} one"], new.schema.field(at).type))
            other.extend(new, np.array([kept]))
            assert other.users[kept] not in other.users[:kept]
            for column in columns:
                codes, values = other.codes(column), other.table[column].to_pylist()  # type: ignore[index]
                assert codes[kept] not in codes[:kept]
                assert len(set(zip(codes.tolist(), values, strict=True))) == len(set(codes.tolist()))
    assert all(np.array_equal(line.codes(name), was) for name, was in zip(columns, before, strict=True))
    assert len(line.users) == len(line.table)
