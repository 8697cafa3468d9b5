"""Judging drafts: their order, how sure it is, the reasons, and the units in which people count."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desk_worlds import DAYS, START, by_number, draft, fitted, ranked, write_world
from worlds import MadeUpEncoder, World

from benchmark.declared.card import Target
from desk.judging.judge import Judge
from desk.judging.order import chances_of_best, drawn, ordered, too_close
from desk.judging.units import Units
from desk.model.fitting import Fitted

pytestmark = pytest.mark.usefixtures("made_up_drafts")
TREES = "lightgbm:rounds=300,inputs=metadata+history,objectives=l2"


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"), posts=600, noise=0.2)


@pytest.fixture(scope="module")
def naive(card: Path) -> Fitted:
    return fitted(card)


@pytest.fixture(scope="module")
def trees(card: Path) -> Fitted:
    return fitted(card, TREES)


# Order


def test_chances_of_best_add_up_and_equal_drafts_share() -> None:
    rng = np.random.default_rng(0)
    errors = [rng.normal(size=100)] * 5
    chances = chances_of_best(drawn(np.array([0.0, 0.0, 1.0, 5.0, 0.0]), errors))
    assert chances.sum() == pytest.approx(1)
    assert chances.argmax() == 3
    same = chances_of_best(np.ones((4, 10), np.float32))
    np.testing.assert_allclose(same, 0.25)


def test_equal_drafts_are_too_close_to_call_and_one_far_ahead_is_not() -> None:
    errors = [np.random.default_rng(0).normal(0, 0.1, 200)] * 3
    predicted = np.array([1.0, 9.0, 1.0])
    order = ordered(predicted)
    assert order.tolist() == [1, 0, 2]
    assert too_close(drawn(predicted, errors), order) == [[2], [], [0]]


def test_without_any_error_equal_drafts_are_too_close_too() -> None:
    predicted = np.array([1.0, 1.0])
    assert too_close(drawn(predicted, [np.zeros(1)] * 2), ordered(predicted)) == [[1], [0]]


def test_who_is_close_is_close_both_ways() -> None:
    rng = np.random.default_rng(0)
    predicted = rng.normal(size=60)
    close = too_close(drawn(predicted, [rng.normal(size=80)] * 60), ordered(predicted))
    assert all(one in close[other] for one in range(60) for other in close[one])
    assert any(close)


@pytest.mark.slow
def test_ten_thousand_drafts_are_ordered_in_seconds(naive: Fitted) -> None:
    drafts = [
        draft(i + 1, f"cats {i}?", account=f"stranger{i}" if i % 2 else f"u{i % 4}") for i in range(10_000)
    ]
    began = time.process_time()
    ranking = Judge(naive).rank(drafts, {})
    seconds = time.process_time() - began
    assert len(ranking.drafts) == 10_000
    assert sum(one.best for one in ranking.drafts) == pytest.approx(1, abs=1e-6)
    assert seconds < 60


# Drafts and each other


@pytest.mark.parametrize("model", ["naive", pytest.param("trees", marks=pytest.mark.slow)])
def test_drafts_do_not_change_what_is_said_of_each_other(model: str, request: pytest.FixtureRequest) -> None:
    of: Fitted = request.getfixturevalue(model)
    some = [
        draft(i + 1, f"cats {'?' * (i % 2)}", account=f"u{i % 3}", at=START + dt.timedelta(days=DAYS + i))
        for i in range(10)
    ]
    together = by_number(ranked(of, *some))
    for one in some:
        alone = ranked(of, one).drafts[0]
        there = together[one.number]
        for said in ("expected", "viral", "hours", "notes"):
            assert getattr(alone, said) == getattr(there, said), said
        assert [why.text for why in alone.reasons] == [why.text for why in there.reasons]
    assert ranked(of, *some) == ranked(of, *some)


@pytest.mark.parametrize("model", ["naive", pytest.param("trees", marks=pytest.mark.slow)])
def test_a_draft_in_the_past_is_told_no_label_that_came_later(
    model: str, card: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    of: Fitted = request.getfixturevalue(model)
    from copy import deepcopy

    changed = deepcopy(of)
    moment = START + dt.timedelta(days=30)
    for part in changed.parts:
        late = part.timeline.times >= round(moment.timestamp() * 1000)
        part.timeline.labels[late] += 5
        part.timeline.engagement[late] += 5
    past, later = draft(1, at=moment), draft(2)
    before, after = by_number(ranked(of, past, later)), by_number(ranked(changed, past, later))
    if model == "naive":  # it remembers medians of all labels for accounts without a past
        assert before[1].expected == after[1].expected
        assert before[2].expected != after[2].expected
    else:
        assert before[1].expected == after[1].expected
        assert before[1].viral == after[1].viral
        assert before[2].expected != after[2].expected


# Accounts


def test_an_account_is_known_with_an_at_and_in_other_case(naive: Fitted) -> None:
    plain = ranked(naive, draft(account="u1")).drafts[0]
    for name in ("@u1", "U1", "@U1"):
        other = ranked(naive, draft(account=name)).drafts[0]
        assert other.expected == plain.expected
        assert not other.notes


def test_an_unknown_account_has_a_wider_interval_and_it_is_said(naive: Fitted) -> None:
    said = by_number(ranked(naive, draft(1), draft(2, account="u12345"), draft(3, account=None)))
    known, unknown, nobody = (said[i].expected[0] for i in (1, 2, 3))
    ratio = [np.log1p(one.high) - np.log1p(one.low) for one in (known, unknown, nobody)]
    assert ratio[1] == ratio[2] > 1.2 * ratio[0]
    assert said[2].notes == (
        "The model knows no account 'u12345', so its interval is that of accounts without a past here, "
        "and wider",
    )
    assert said[3].notes == (
        "It names no account, so its interval is that of accounts without a past here, and wider",
    )


def test_a_name_that_was_mistyped_is_guessed(naive: Fitted) -> None:
    assert "did you mean 'u0'" in ranked(naive, draft(account="u00")).drafts[0].notes[0]


def test_with_a_single_account_a_draft_without_one_is_its(tmp_path: Path) -> None:
    of = fitted(write_world(tmp_path, accounts=1))
    said = by_number(ranked(of, draft(1, account=None), draft(2, account="u0")))
    assert said[1].expected == said[2].expected
    assert not said[1].notes


def test_a_language_that_the_model_has_never_seen_is_said(naive: Fitted) -> None:
    german = "Das ist ein langer deutscher Satz, der ganz bestimmt nicht englisch ist"
    said = ranked(naive, draft(text=german)).drafts[0].notes
    assert said == ("Its text seems to be in 'de', and the model has learnt from en",)
    assert not ranked(naive, draft(text="Was?")).drafts[0].notes, "too short to tell"


@pytest.mark.parametrize("at", ["1995-01-01T00:00", "2100-12-31T23:59"])
def test_the_first_and_the_last_moment_that_a_draft_may_have(naive: Fitted, at: str) -> None:
    moment = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
    assert len(ranked(naive, draft(at=moment)).drafts) == 1


# Reasons


@pytest.mark.slow
def test_a_planted_effect_is_told_with_its_sign_and_its_size(trees: Fitted) -> None:
    said = by_number(ranked(trees, draft(1, "cats and dogs?"), draft(2, "cats and dogs")))
    asked = {one.text: one.effect for one in said[1].reasons}
    silent = {one.text: one.effect for one in said[2].reasons}
    # Trees that learn slowly, and stop early, say less than all of it.
    whole = (1 + asked["asks a question"]) / (1 + silent["asks no question"])
    assert 1.4 < whole < 2.2
    predicted = said[1].expected[0].middle / said[2].expected[0].middle
    assert whole == pytest.approx(predicted, rel=0.15), "it is what moves the prediction"
    assert asked["asks a question"] > 0 > silent["asks no question"]
    assert max(len(one.reasons) for one in said.values()) <= 3


@pytest.mark.slow
def test_a_model_that_explains_nothing_tells_what_leaving_out_does(card: Path) -> None:
    said = ranked(fitted(card, "ridge"), draft(1, "cats and dogs?")).drafts[0]
    assert [one.text for one in said.reasons] == ["what it says"]
    assert said.reasons[0].effect > 0.5


def test_a_model_that_reads_nothing_has_no_reasons(naive: Fitted) -> None:
    assert ranked(naive, draft()).drafts[0].reasons == ()


# Columns


@pytest.mark.slow
def test_what_a_draft_tells_is_taken_before_what_is_usual(trees: Fitted) -> None:
    usual = trees.usual["width"]
    told = draft(1, values={"width": 80.0, "pinned": True, "topic": "home"})
    same = draft(2, values={"width": usual, "pinned": False, "topic": trees.usual.get("topic")})
    said = ranked(trees, told, same, draft(3))
    by = by_number(said)
    assert by[2].expected == by[3].expected
    assert f"width = {usual:g}, pinned = false" in said.notes[-1]
    assert not any("Taken to be" in note for note in ranked(trees, told).notes)


@pytest.mark.slow
@pytest.mark.parametrize("value", ["wide", True, 3.5, 1e300, -1.0, "", "12"])
def test_a_value_of_another_kind_is_no_failure(trees: Fitted, value: Any) -> None:
    for name in ("width", "pinned", "topic"):
        said = ranked(trees, draft(values={name: value})).drafts[0]
        assert np.isfinite(said.expected[0].middle)


# Units


def test_scores_become_counts() -> None:
    likes = Units.of("likes", Target(scale="log1p"))
    np.testing.assert_allclose(likes.counts(np.log1p([0, 10, 1e6])), [0, 10, 1e6])
    assert likes.counts([-3.0])[0] == 0, "there are no fewer than none"
    assert likes.share(np.log(2), 5.0) == pytest.approx(1)
    votes = Units.of("votes", Target(scale="signed-log"))
    np.testing.assert_allclose(votes.counts([-np.log1p(9), 0, np.log1p(9)]), [-9, 0, 9])
    views = Units.of("popularity", Target(scale="identity", unit="log2(views + 1)"))
    assert views.name == "views"
    np.testing.assert_allclose(views.counts([0, 1, 10]), [0, 1, 1023])
    assert views.share(1.0, 9.0) == pytest.approx(1)
    rate = Units.of("rate", Target(scale="identity"))
    np.testing.assert_allclose(rate.counts([-2.0, 0.5]), [-2.0, 0.5])


def test_the_share_of_what_is_no_logarithm_is_of_what_there_would_be_without() -> None:
    rate = Units.of("rate", Target(scale="identity"))
    assert rate.share(0.1, 1.1) == pytest.approx(0.1)
    assert rate.share(-0.5, 0.5) == pytest.approx(-0.5)
    assert rate.share(0.3, 0.3) == pytest.approx(1)
    assert rate.share(0.0, 0.0) == 0
    votes = Units.of("votes", Target(scale="signed-log"))
    assert votes.share(np.log1p(20) - np.log1p(10), np.log1p(20)) == pytest.approx(1)
    assert votes.share(1.0, -1.0) > 0, "fewer votes against are more"


def test_no_logarithm_is_so_large_that_its_count_is_none() -> None:
    likes = Units.of("likes", Target(scale="log1p"))
    assert np.isfinite(likes.counts([1e9]))
    assert np.isfinite(likes.share(1e9, 0.0))


def test_a_target_as_it_is_has_neither_hours_nor_a_chance_of_going_viral(tmp_path: Path) -> None:
    of = fitted(write_world(tmp_path, target='scale = "identity"'))
    said = ranked(of, draft())
    assert said.drafts[0].hours == ()
    assert said.drafts[0].viral is None
    assert said.drafts[0].expected[0].low < said.drafts[0].expected[0].middle


@pytest.mark.slow
@pytest.mark.parametrize("without", [["text"], ["width", "topic", "pinned"], ["topic"]])
def test_a_data_set_may_lack_columns(tmp_path: Path, without: list[str]) -> None:
    of = fitted(write_world(tmp_path, without=without))
    assert ranked(of, draft()).drafts[0].expected[0].middle > 0


def test_no_drafts_are_ranked_as_none(naive: Fitted) -> None:
    assert ranked(naive).drafts == ()


# Images


@pytest.mark.slow
@pytest.mark.parametrize("baseline", ["lightgbm:rounds=10", "ridge", "mlp:epochs=2"])
def test_texts_and_images_are_encoded_once_and_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, baseline: str
) -> None:
    from worlds import BASELINES

    from benchmark.data.prepare import prepare
    from benchmark.finding.discovery import load
    from benchmark.run.plan import choose
    from desk.judging.content import Vectors
    from desk.model.fitting import fit
    from desk.model.folder import read_model, write_model

    asked: list[str] = []

    class Counted(MadeUpEncoder):
        def encode(self, items: Any) -> Any:
            asked.append(self.encoding)
            return super().encode(items)

    made = {name: Counted(name) for name in ("text", "image")}
    monkeypatch.setattr("desk.judging.judge.encoder", lambda *of, **_: made[of[1]])
    world = World.make(tmp_path / "trial")
    prepared = prepare(world.card, world.home, ())
    n = len(prepared.posts())
    rng = np.random.default_rng(0)

    def features(encoding: str) -> Any:
        return Vectors(rng.random((n, 6)).astype(np.float32), np.ones(n, bool))

    name, _, spec = baseline.partition(":")
    model = fit(prepared, choose(spec, load(BASELINES / f"{name}.py")), features, profile="bundled")
    write_model(model, tmp_path / "model")
    image = tmp_path / "a.jpg"
    from PIL import Image

    Image.new("RGB", (8, 8)).save(image)
    drafts = [draft(1, account="user_1", image="a.jpg"), draft(2, account="user_1"), draft(3, "")]
    drafts = [one.model_copy(update={"at": dt.datetime(2021, 6, 1, tzinfo=dt.UTC)}) for one in drafts]
    said = [
        Judge(one).rank(drafts, {1: image}, qualities=False)
        for one in (model, read_model(tmp_path / "model"))
    ]
    assert said[0] == said[1]
    assert len(asked) == 2 * len(set(asked)), "each encoder once a ranking"
    assert [len(one.expected) for one in said[0].drafts] == [3, 3, 3]
