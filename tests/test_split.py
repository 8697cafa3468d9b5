"""Protocols: which labels are known when, and which posts are predicted then."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cutting import EPOCH, cut, cut_off_ms, cuts
from hypothesis import given
from hypothesis import strategies as st
from raw_layouts import REAL, ROOT

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.declared.task import Protocol
from benchmark.errors import DataError
from benchmark.run.tasks import TaskPosts
from benchmark.split import DAY_MS, Clock, windows

REAL_ROOT = Path(os.environ.get("SMPBENCH_RAW", REAL))


@given(cuts(), st.sampled_from(["frozen", "rolling"]))
def test_nothing_is_known_before_it_may_be_and_nothing_is_predicted_after_the_fact(
    posts: dict[str, Any], name: str
) -> None:
    protocol, times = posts["protocol"], posts["times"]
    maturity = (protocol.embargo_days if name == "frozen" else protocol.reveal_days) * DAY_MS
    for block in cut(name, posts).blocks:
        assert (times[block.reveal] + maturity <= block.start).all()
        assert (times[block.reveal] < block.start).all()
        assert (times[block.context] < block.start).all()
        assert (times[block.test] >= block.start).all()


@given(cuts(), st.sampled_from(["frozen", "rolling"]))
def test_the_labelled_posts_from_the_cut_off_on_are_predicted_each_once_in_time_order(
    posts: dict[str, Any], name: str
) -> None:
    late = posts["labelled"] & (posts["times"] >= cut_off_ms(posts["protocol"]))
    assert cut(name, posts).test.tolist() == np.flatnonzero(late).tolist()


@given(cuts(), st.sampled_from(["frozen", "rolling"]))
def test_no_label_is_revealed_twice_and_none_that_does_not_exist(posts: dict[str, Any], name: str) -> None:
    found = cut(name, posts)
    revealed = np.concatenate([block.reveal for block in found.blocks])
    shown = np.concatenate([found.blocks[0].reveal, *(block.context for block in found.blocks)])
    assert len(set(revealed.tolist())) == len(revealed)
    assert len(set(shown.tolist())) == len(shown)
    assert posts["labelled"][revealed].all()
    early = posts["labelled"] & (posts["times"] < found.blocks[0].start)
    assert sorted(shown.tolist()) == np.flatnonzero(early).tolist()


@given(cuts())
def test_rolling_blocks_start_on_a_grid_from_the_cut_off_and_end_before_the_next(
    posts: dict[str, Any],
) -> None:
    length = round(posts["protocol"].block_days * DAY_MS)
    for block in cut("rolling", posts).blocks:
        assert (block.start - cut_off_ms(posts["protocol"])) % length == 0
        assert (posts["times"][block.test] < block.start + length).all()


@given(cuts())
def test_whatever_has_matured_by_a_rolling_block_is_known_in_it(posts: dict[str, Any]) -> None:
    known: set[int] = set()
    for block in cut("rolling", posts).blocks:
        known |= set(block.reveal.tolist())
        matured = posts["times"] + posts["protocol"].reveal_days * DAY_MS <= block.start
        matured &= posts["times"] < block.start
        assert known == set(np.flatnonzero(posts["labelled"] & matured).tolist())


@given(cuts())
def test_the_official_protocol_fits_on_every_label_and_predicts_every_post_without(
    posts: dict[str, Any],
) -> None:
    block = cut("official", posts).blocks[0]
    assert block.reveal.tolist() == np.flatnonzero(posts["labelled"]).tolist()
    assert block.test.tolist() == np.flatnonzero(~posts["labelled"]).tolist()
    assert (posts["times"][block.reveal] < block.start).all()


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20),
    st.sampled_from([None, DAY_MS, 7 * DAY_MS]),
)
def test_a_post_is_predicted_as_of_a_moment_not_after_its_publication(
    times: list[int], block: int | None
) -> None:
    clock = Clock(cut_off=0, maturity=0, block=block)
    as_of = clock.as_of(published := np.array(times, np.int64))
    assert (as_of <= published).all()
    if block is not None:
        assert (published - as_of < block).all()


def test_training_posts_meet_labels_as_stale_as_the_test_posts_will() -> None:
    """A training post stands in a block of the same grid, carried on backwards."""
    clock = Clock(cut_off=70 * DAY_MS, maturity=3 * DAY_MS, block=7 * DAY_MS)
    days = np.array([62.0, 63.0, 69.9, 70.0, 76.9, 77.0]) * DAY_MS
    assert (clock.as_of(days.astype(np.int64)) // DAY_MS).tolist() == [56, 63, 63, 70, 70, 77]


def test_under_an_embargo_a_post_of_exactly_that_age_is_trained_on_and_a_younger_one_is_context() -> None:
    protocol = Protocol(cut_off=EPOCH + dt.timedelta(days=10), embargo_days=3)
    times = np.array([0, 7 * DAY_MS, 7 * DAY_MS + 1, 10 * DAY_MS - 1, 10 * DAY_MS], np.int64)
    (block,) = windows("frozen", protocol, times, np.ones(5, bool)).blocks
    assert (block.reveal.tolist(), block.context.tolist(), block.test.tolist()) == ([0, 1], [2, 3], [4])


def test_without_an_embargo_a_post_of_the_cut_off_is_predicted_and_one_just_before_is_trained_on() -> None:
    protocol = Protocol(cut_off=EPOCH + dt.timedelta(days=10))
    times = np.array([10 * DAY_MS - 1, 10 * DAY_MS], np.int64)
    for name in ("frozen", "rolling"):
        block = windows(name, protocol.model_copy(update={"reveal_days": 0}), times, np.ones(2, bool)).blocks[
            0
        ]  # type: ignore[arg-type]
        assert (block.reveal.tolist(), block.context.tolist(), block.test.tolist()) == ([0], [], [1])


def test_a_rolling_label_is_revealed_before_the_block_that_starts_when_it_has_matured_and_no_earlier() -> (
    None
):
    """Blocks start on days 10 and 17, labels mature in three days."""
    protocol = Protocol(cut_off=EPOCH + dt.timedelta(days=10), block_days=7, reveal_days=3)
    days = [7, 7, 10, 14, 14, 17, 17]
    early = [0, 1, 0, 0, 1, -1, 0]  # ms after those days
    times = np.array(days, np.int64) * DAY_MS + np.array(early)
    first, second = windows("rolling", protocol, times, np.ones(7, bool)).blocks
    assert (first.reveal.tolist(), first.context.tolist(), first.test.tolist()) == ([0], [1], [2, 3, 4, 5])
    assert (second.reveal.tolist(), second.context.tolist(), second.test.tolist()) == ([1, 2, 3], [], [6])


def test_a_test_fraction_is_of_the_time_of_the_labelled_posts() -> None:
    """The unlabelled posts of a challenge come after them, and would leave none to be predicted."""
    times = np.arange(21) * DAY_MS
    found = windows("frozen", Protocol(test_fraction=0.2), times, np.arange(21) <= 10)
    assert found.test.tolist() == [8, 9, 10]


def test_a_test_fraction_is_a_share_of_the_time_and_not_of_the_posts() -> None:
    times = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8.5, 10]) * DAY_MS
    found = windows("frozen", Protocol(test_fraction=0.2), times.astype(np.int64), np.ones(10, bool))
    assert found.test.tolist() == [8, 9]


@pytest.mark.parametrize(("name", "day"), [("frozen", 0), ("frozen", 99), ("rolling", 0), ("rolling", 99)])
def test_a_cut_off_outside_the_data_is_an_error_that_says_where_to_look(name: str, day: int) -> None:
    protocol = Protocol(cut_off=EPOCH + dt.timedelta(days=day))
    with pytest.raises(DataError, match=r"Check the cut-off in the card"):
        windows(name, protocol, np.arange(10) * DAY_MS, np.ones(10, bool))  # type: ignore[arg-type]


def test_an_official_protocol_without_unlabelled_posts_is_an_error() -> None:
    with pytest.raises(DataError, match="'official' leaves no posts"):
        windows("official", Protocol(), np.arange(10) * DAY_MS, np.ones(10, bool))


def test_posts_out_of_time_order_are_refused() -> None:
    with pytest.raises(DataError, match="time order"):
        windows("official", Protocol(), np.array([2, 1]), np.array([True, False]))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A real data set's first task, prepared in a folder of its own; skips where there are no raw files."""

    def posts(dataset: str, raw: str) -> TaskPosts:
        if not (REAL_ROOT / raw).is_dir():
            pytest.skip(f"no real data: {REAL_ROOT / raw} is absent (set SMPBENCH_RAW)")
        card = load_card(ROOT / "datasets" / dataset / "card.toml")
        return TaskPosts.of(prepare(card, tmp_path_factory.mktemp(dataset), (REAL_ROOT,)), card.tasks[0])

    return posts


@pytest.mark.slow
def test_the_video_track_is_cut_as_the_protocol_says(real: Any) -> None:
    posts = real("smpd_video", "smp_video_2025")
    frozen, official = posts.windows("frozen"), posts.windows("official")
    assert (len(frozen.train), len(frozen.test)) == (3109, 891)
    assert (len(official.train), len(official.test)) == (4000, 2000)
    assert sum(len(block.test) for block in posts.windows("rolling").blocks) == 891


@pytest.mark.slow
def test_the_musk_tweets_are_cut_as_the_protocol_says(real: Any) -> None:
    posts = real("musk_tweets", "musk_tweets")
    frozen, rolling = posts.windows("frozen"), posts.windows("rolling")
    assert len(posts.rows) == 4000
    assert (len(frozen.train), len(frozen.test)) == (3227, 771)
    assert len(frozen.blocks[0].context) == 2  # under the embargo
    assert len(rolling.test) == 771
