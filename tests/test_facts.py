"""Facts: each post knows the rows that were known by its moment of prediction, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmark.declared.fact_table import FactColumn
from benchmark.facts import Facts
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.ledger import MOST_CHUNKS
from benchmark.posts import Posts
from benchmark.run.tasks import known_by
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Schema, Timeline

STEP = DAY_MS // 4
COLUMNS = {
    "known_at": FactColumn(role="known_at"),
    "post": FactColumn(role="post"),
    "author": FactColumn(role="user"),
    "mentioned": FactColumn(role="user"),
    "likes": FactColumn(role="numeric"),
    "words": FactColumn(role="text"),
}
SCHEMA = Schema(columns={}, targets=("likes",), features={}, facts={"told": COLUMNS})


@dataclass(frozen=True)
class Case:
    """Posts and facts in order of time, on a grid so coarse that ties abound, and a protocol's clock."""

    clock: Clock
    posts: pa.Table
    facts: pa.Table

    @property
    def times(self) -> np.ndarray:
        return self.posts["time"].cast("int64").to_numpy()

    def rows(self) -> list[dict[str, Any]]:
        """The facts as plain values; `known_at` in ms."""
        moments = self.facts["known_at"].cast("int64").to_pylist()
        return [{**row, "known_at": at} for row, at in zip(self.facts.to_pylist(), moments, strict=True)]

    def starts(self) -> list[int]:
        """Moments at which a worker is handed what has become known."""
        late = self.times[self.times >= self.clock.cut_off]
        return (
            [self.clock.cut_off] if self.clock.block is None else np.unique(self.clock.as_of(late)).tolist()
        )

    def handed_over(self) -> Iterator[tuple[Timeline, Posts, Posts]]:
        """As the supervisor and a worker do it, block by block: labelled posts, posts to predict."""
        timeline, told = Timeline(SCHEMA, self.clock), 0
        label = np.zeros((len(self.times), 1), np.float32)
        for start, end in zip(starts := self.starts(), [*starts[1:], 1 << 60], strict=True):
            new = np.flatnonzero(self.times < start)
            new = new[~np.isin(new, timeline.rows)]
            known = np.flatnonzero(self.clock.known_at(self.times) <= start)
            facts = known_by(self.facts, start, told)
            told += len(facts)
            labelled = revealed(
                timeline, Reveal(self.posts.take(new), new, known, label[known], {"told": facts})
            )
            test = np.flatnonzero((self.times >= start) & (self.times < end))
            yield timeline, labelled, shown(timeline, Predict(self.posts.take(test), test))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    users = st.sampled_from(["ann", "bob", "cat", "stranger"])
    n, m = draw(st.integers(1, 25)), draw(st.integers(0, 40))
    times = np.sort(draw(st.lists(st.integers(0, 40), min_size=n, max_size=n)))
    late = draw(st.lists(st.booleans(), min_size=m, max_size=m))  # by a millisecond
    known_at = np.array(draw(st.lists(st.integers(-4, 60), min_size=m, max_size=m)), np.int64) * STEP
    known_at = np.sort(known_at + np.array(late, np.int64))
    about = draw(st.lists(st.integers(0, n + 1), min_size=m, max_size=m))  # two of them are posts of nobody
    numbers = st.one_of(st.none(), st.integers(-5, 50).map(lambda x: x / 3))
    moment = pa.timestamp("ms")
    posts = {
        "post_id": [f"p{i}" for i in range(n)],
        "user_id": draw(st.lists(users, min_size=n, max_size=n)),
        "time": pa.array(times * STEP, pa.int64()).cast(moment),
    }
    facts = {
        "known_at": pa.array(known_at, pa.int64()).cast(moment),
        "post": pa.array([f"p{i}" for i in about], pa.string()),
        **{
            name: pa.array(draw(st.lists(users, min_size=m, max_size=m)), pa.string())
            for name in ("author", "mentioned")
        },
        "likes": pa.array(draw(st.lists(numbers, min_size=m, max_size=m)), pa.float64()),
        "words": pa.array([f"fact {i}" for i in range(m)], pa.string()),
    }
    clock = Clock(
        cut_off=draw(st.integers(0, 40)) * STEP,
        maturity=draw(st.sampled_from([0, STEP, 12 * STEP])),
        block=draw(st.sampled_from([None, 2 * STEP, 28 * STEP])),
    )
    assume((times * STEP >= clock.cut_off).any())
    case = Case(clock, pa.table(posts), pa.table(facts))
    assume((clock.known_at(case.times) <= case.starts()[0]).any())  # there is something to fit on
    return case


def check(case: Case, timeline: Timeline, posts: Posts, clock: Clock, k: int, days: float) -> None:
    """Every look-up against a walk over all facts, for each post."""
    facts, rows = posts.facts("told"), case.rows()
    names, ids = case.posts["user_id"].to_pylist(), case.posts["post_id"].to_pylist()
    positions = posts._positions
    previous = posts.history(2).previous
    latest = {by: facts.latest(k, by) for by in (None, "author", "mentioned", "post")}
    of_previous = facts.latest(k, "post", previous)
    counted = {by: facts.count(by, days=days) for by in (None, "author", "post")}
    summed = {by: facts.sum("likes", by, days=days) for by in (None, "author", "post")}
    everything = facts.sum("likes", "author")
    for i, position in enumerate(positions.tolist()):
        row = int(timeline.rows[position])
        as_of = int(clock.as_of(case.times[[row]])[0])
        assert as_of <= case.times[row]
        known = [j for j, fact in enumerate(rows) if fact["known_at"] <= as_of]
        assert facts.ends[i] == len(known)
        own = {
            None: known,
            "author": [j for j in known if rows[j]["author"] == names[row]],
            "mentioned": [j for j in known if rows[j]["mentioned"] == names[row]],
            "post": [j for j in known if rows[j]["post"] == ids[row]],
        }
        for by, found in latest.items():
            wanted = own[by][::-1][:k]
            assert found[i].tolist() == wanted + [-1] * (k - len(wanted)), by
        for j, earlier in enumerate(previous[i].tolist()):
            name = ids[timeline.rows[earlier]] if earlier >= 0 else None
            wanted = [m for m in known if rows[m]["post"] == name][::-1][:k]
            assert of_previous[i, j].tolist() == wanted + [-1] * (k - len(wanted))
        for by in counted:
            recent = [rows[j] for j in own[by] if rows[j]["known_at"] > as_of - days * DAY_MS]
            assert counted[by][i] == len(recent)
            total = sum(fact["likes"] or 0 for fact in recent)
            assert summed[by][i] == pytest.approx(total, abs=1e-9)
        assert everything[i] == pytest.approx(sum(rows[j]["likes"] or 0 for j in own["author"]), abs=1e-9)
        for j, found_row in enumerate(latest["author"][i].tolist()):
            age = facts.ages(latest["author"])[i, j]
            words = facts.take("words", latest["author"])[i, j]
            likes = facts.take("likes", latest["author"])[i, j]
            if found_row < 0:
                assert np.isnan(age) and np.isnan(likes) and words is None
                continue
            assert age == np.float32((as_of - rows[found_row]["known_at"]) / DAY_MS) >= 0
            assert words == rows[found_row]["words"]
            given_likes = rows[found_row]["likes"]
            assert np.isnan(likes) if given_likes is None else likes == given_likes


K, DAYS = st.sampled_from([1, 3]), st.sampled_from([0.25, 1, 100])


@pytest.mark.slow
@given(cases(), K, DAYS)
def test_facts_are_what_a_walk_over_all_of_them_finds(case: Case, k: int, days: float) -> None:
    for timeline, labelled, test in case.handed_over():
        check(case, timeline, labelled, case.clock, k, days)
        check(case, timeline, test, case.clock, k, days)


@pytest.mark.slow
@given(cases(), st.sampled_from([0.2, 0.5]), K, DAYS)
def test_a_holdout_knows_the_facts_of_its_own_clock(case: Case, fraction: float, k: int, days: float) -> None:
    timeline, train, _ = next(case.handed_over())
    try:
        held = train.holdout(fraction)
    except ValueError:
        assume(False)
        raise
    cut_off = int(held.check.times.min().astype(np.int64))
    check(case, timeline, held.check, case.clock.moved(cut_off), k, days)
    check(case, timeline, held.fit, case.clock, k, days)
    if case.clock.block is None:
        assert (held.check.facts("told").known_at.astype(np.int64) <= cut_off).all()


@pytest.mark.slow
@given(cases())
def test_no_row_that_becomes_known_later_is_visible_in_any_way(case: Case) -> None:
    for _, labelled, test in case.handed_over():
        for posts in (labelled, test):
            facts = posts.facts("told")
            last = case.clock.as_of(posts.times.astype(np.int64)).max(initial=-(1 << 60))
            assert (facts.known_at.astype(np.int64) <= last).all()
            assert len(facts.table) == len(facts) == len(facts.known_at) == len(facts.codes("author"))
            assert facts.table.equals(case.facts.slice(0, len(facts))) or not len(facts)
            with pytest.raises(IndexError):
                facts.take("likes", np.array([len(facts)]))


def all_at_once(case: Case) -> Posts:
    """All posts in a process that holds every fact."""
    timeline, rows = Timeline(SCHEMA, case.clock), np.arange(len(case.times))
    labels = np.zeros((len(rows), 1), np.float32)
    return revealed(timeline, Reveal(case.posts, rows, rows, labels, {"told": case.facts}))


@pytest.mark.slow
@given(cases(), st.integers(0, 24), st.integers(0, 2**32 - 1))
def test_a_fact_that_becomes_known_later_changes_no_answer_not_even_by_rounding(
    case: Case, number: int, seed: int
) -> None:
    one = all_at_once(case).take(np.array([number % len(case.times)])).facts("told")
    later = np.arange(len(case.facts)) >= one.ends[0]
    noise = np.random.default_rng(seed).normal(0, 1e12, len(later))
    likes = np.where(later, noise, case.facts["likes"].to_pandas())
    changed = replace(case, facts=case.facts.set_column(4, "likes", pa.array(likes, from_pandas=True)))
    other = all_at_once(changed).take(np.array([number % len(case.times)])).facts("told")
    for by in (None, "author", "post"):
        assert one.sum("likes", by).tobytes() == other.sum("likes", by).tobytes()
        assert one.sum("likes", by, days=1).tobytes() == other.sum("likes", by, days=1).tobytes()


@pytest.mark.slow
@given(cases())
def test_revealing_in_blocks_gives_the_same_as_all_at_once(case: Case) -> None:
    *_, (timeline, labelled, test) = case.handed_over()
    every = all_at_once(case)
    for posts in (labelled, test):
        one, other = posts.facts("told"), every.take(timeline.rows[posts._positions]).facts("told")
        np.testing.assert_array_equal(one.ends, other.ends)
        for by in (None, "author", "post"):
            np.testing.assert_array_equal(one.latest(3, by), other.latest(3, by))
            np.testing.assert_array_equal(one.count(by, days=1), other.count(by, days=1))
            assert one.sum("likes", by, days=1).tobytes() == other.sum("likes", by, days=1).tobytes()


def simple(n: int = 3) -> Case:
    """A post a day by ann; a fact half a day after each."""
    moments = np.arange(n, dtype=np.int64) * DAY_MS
    posts = {
        "post_id": [f"p{i}" for i in range(n)],
        "user_id": ["ann"] * n,
        "time": pa.array(moments).cast(pa.timestamp("ms")),
    }
    facts = {
        "known_at": pa.array(moments + DAY_MS // 2).cast(pa.timestamp("ms")),
        "post": [f"p{i}" for i in range(n)],
        "author": ["ann"] * n,
        "mentioned": ["bob"] * n,
        "likes": pa.array(np.arange(n, dtype=float)),
        "words": ["hello"] * n,
    }
    return Case(Clock((n - 1) * DAY_MS, 0, None), pa.table(posts), pa.table(facts))


def test_a_later_reading_of_a_test_post_is_its_label_in_disguise_and_never_seen() -> None:
    _, _, test = next(simple().handed_over())
    facts = test.facts("told")
    assert test.ids.tolist() == ["p2"]
    assert facts.count("post").tolist() == [0]
    assert facts.codes("post").tolist() == [0, 1]
    assert test.at(facts.codes("post")).ids.tolist() == ["p0", "p1"]


def test_many_small_blocks_become_one_piece_of_memory() -> None:
    case = simple(3 * MOST_CHUNKS)
    case = replace(case, clock=Clock(DAY_MS, 0, DAY_MS))
    *_, (timeline, _, test) = case.handed_over()
    assert len(timeline.ledgers["told"]) == 3 * MOST_CHUNKS - 1
    table = timeline.ledgers["told"].table
    assert table is not None and table["likes"].num_chunks <= MOST_CHUNKS
    assert test.facts("told").sum("likes").tolist() == [sum(range(3 * MOST_CHUNKS - 1))]


def test_a_wrong_name_is_answered_with_those_there_are() -> None:
    _, train, _ = next(simple().handed_over())
    assert train.fact_tables == ["told"]
    with pytest.raises(KeyError, match="no facts 'follows'; there are: told"):
        train.facts("follows")
    facts = train.facts("told")
    with pytest.raises(
        KeyError, match="no column 'writer' in these facts; there are: known_at, post, author"
    ):
        facts.count("writer")
    with pytest.raises(
        ValueError, match="'words' names neither a user nor a post; those that do: post, author"
    ):
        facts.latest(1, "words")
    with pytest.raises(ValueError, match="'author' is not numeric; those that are: likes"):
        facts.sum("author")
    with pytest.raises(ValueError, match="first axis must be the 2 posts"):
        facts.latest(1, "author", np.zeros(5, np.int64))


def test_facts_out_of_order_are_refused() -> None:
    case = simple()
    timeline = Timeline(SCHEMA, case.clock)
    timeline.tell({"told": case.facts.slice(1)})
    with pytest.raises(ValueError, match="in the order in which they become known"):
        timeline.tell({"told": case.facts.slice(0, 1)})


def test_a_table_of_which_nothing_is_known_yet_answers_with_nothing() -> None:
    case = simple()
    _, train, _ = next(replace(case, facts=case.facts.slice(0, 0)).handed_over())
    facts: Facts = train.facts("told")
    assert len(facts) == len(facts.table) == len(facts.known_at) == 0
    assert facts.table.column_names == facts.columns == list(COLUMNS)
    for by in (None, "author", "post"):
        assert (facts.latest(2, by) == -1).all() and facts.latest(2, by).shape == (2, 2)
        assert facts.count(by).tolist() == facts.sum("likes", by, days=2).tolist() == [0, 0]
    assert np.isnan(facts.take("likes", facts.latest(1))).all()
    assert np.isnan(facts.ages(facts.latest(1))).all()
