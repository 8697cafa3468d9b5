"""The desk's model: fitted on all labelled posts, kept in plain files, loaded where the data are not."""

from __future__ import annotations

import datetime as dt
import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desk_worlds import GOOD_HOUR, START, by_number, draft, fitted, ranked, vectors, write_world
from raw_layouts import ROOT

from benchmark.errors import DataError, ModelError
from desk.judging.judge import Judge
from desk.model.fitting import Fitted
from desk.model.folder import check_free, read_model, write_model
from desk.model.hours import Hours
from desk.model.intervals import FEWEST, Calibration, bounds

pytestmark = pytest.mark.usefixtures("made_up_drafts")
TREES = "lightgbm:rounds=30,inputs=metadata+history"
LEARNT = [pytest.param(one, marks=pytest.mark.slow) for one in (TREES, "ridge")]


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def naive(card: Path) -> Fitted:
    return fitted(card)


@pytest.fixture(scope="module")
def trees(card: Path) -> Fitted:
    return fitted(card, TREES)


@pytest.fixture
def kept(naive: Fitted, tmp_path: Path) -> Path:
    write_model(naive, tmp_path / "model")
    return tmp_path / "model"


SOME = (
    draft(1, "cats?"),
    draft(2, "dogs", account="u3", values={"width": 80.0, "pinned": True}),
    draft(3, "", account="nobody"),
    draft(4, "tea and rain", at=START + dt.timedelta(days=30)),
)


@pytest.mark.parametrize("baseline", ["recent_median", *LEARNT])
def test_a_loaded_model_says_exactly_what_the_fitted_one_said(
    card: Path, tmp_path: Path, baseline: str
) -> None:
    model = fitted(card, baseline)
    write_model(model, tmp_path / "model")
    assert ranked(read_model(tmp_path / "model"), *SOME) == ranked(model, *SOME)
    assert (model.virality is None) == (baseline == "recent_median")


@pytest.mark.slow
def test_a_model_is_loaded_where_there_are_no_data(trees: Fitted, tmp_path: Path) -> None:
    write_model(trees, tmp_path / "model")
    code = f"""
import datetime as dt
from pathlib import Path
from desk.judging.judge import Judge
from desk.model.folder import read_model
from desk.ranking import Draft
at = dt.datetime(2021, 5, 1, tzinfo=dt.UTC)
judge = Judge(read_model(Path({str(tmp_path / "model")!r})))
one = Draft(number=1, name="a", account="u0", text="cats?", at=at)
print(judge.rank([one], {{}}, qualities=False).drafts[0].model_dump_json())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    here = ranked(trees, draft(1, "cats?", at=dt.datetime(2021, 5, 1, tzinfo=dt.UTC)))
    assert json.loads(done.stdout)["expected"] == json.loads(here.drafts[0].model_dump_json())["expected"]


def test_the_folder_holds_plain_files_and_no_text_of_any_post(kept: Path) -> None:
    files = [path for path in kept.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".npz", ".arrow", ".parquet", ".txt", ".safetensors"}
    for path in files:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                assert all(arrays[name].dtype != object for name in arrays)
    import pyarrow.parquet as pq

    columns = pq.read_schema(kept / "engagement" / "known.parquet").names
    assert columns == ["post_id", "user_id", "time", "topic", "pinned", "label_likes"]


@pytest.mark.parametrize("baseline", ["recent_median", *LEARNT])
def test_a_draft_like_a_known_post_is_predicted_as_the_baseline_predicts_that_post(
    card: Path, baseline: str
) -> None:
    model = fitted(card, baseline)
    part = model.engagement
    import pandas as pd

    raw = pd.read_csv(card.parent / "raw" / "posts.csv").iloc[-40:]
    drafts = [
        draft(
            i + 1,
            row.text,
            account=row.user_id,
            at=dt.datetime.fromisoformat(row.time).replace(tzinfo=dt.UTC),
            values={"width": row.width, "topic": row.topic, "pinned": bool(row.pinned)},
        )
        for i, row in enumerate(raw.itertuples())
    ]
    rows = np.searchsorted(part.known.labelled, np.arange(len(part.known.labels)))[-40:]
    there = part.baseline.predict(model_posts(card, model))[rows][:, 0]
    said = by_number(ranked(model, *drafts))
    np.testing.assert_allclose(
        [said[i + 1].expected[0].middle for i in range(40)], np.expm1(there.astype(np.float64)), rtol=1e-4
    )


def model_posts(card: Path, model: Fitted) -> Any:
    """The training posts with all their columns."""
    from benchmark.data.cards import load_card
    from benchmark.data.prepare import prepare
    from benchmark.timeline import Timeline
    from desk.model.part import desk_schema

    prepared = prepare(load_card(card), card.parent / "data", ())
    part = model.engagement
    schema = desk_schema(prepared.card, "t", {name: vectors(prepared, name) for name in part.told.encodings})
    timeline = Timeline(schema, part.timeline.clock, categories=dict(part.timeline.categories))
    return part.known.told_to(timeline, prepared.posts().select(list(part.columns.names)))


def test_too_few_posts_and_tasks_that_are_none_are_said(tmp_path: Path, card: Path) -> None:
    with pytest.raises(ModelError, match="mine has no task 'x' of kind regression"):
        fitted(card, task="x")
    with pytest.raises(ModelError, match=r"lstm cannot be kept in a folder\. Take another"):
        fitted(card, "lstm")
    events = write_world(tmp_path / "events", target="viral = { of = { likes = 1 } }", kind='kind = "event"')
    text = events.read_text().replace("likes = { viral = { of = { likes = 1 } } }", LIKES_VIRAL)
    events.write_text(text.replace('targets = ["likes"]', 'targets = ["hit"]'))
    with pytest.raises(ModelError, match="mine has no task of kind regression"):
        fitted(events)
    with pytest.raises(DataError, match="8 labelled posts, and fewer than 10"):
        fitted(write_world(tmp_path / "few", posts=8))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("lightgbm:inputs=metadata+history+facts", "reads facts, and a draft has none beside it"),
        ("lightgbm:+graph", "reads facts, and a draft has none beside it"),
        ("lightgbm:+named", "reads whom posts name, which no draft tells"),
        ("ridge:beside=graph", "reads facts, and a draft has none beside it"),
        ("mlp:beside=named", "reads whom posts name, which no draft tells"),
    ],
)
def test_a_model_that_is_told_what_no_draft_has_beside_it_is_not_kept(
    card: Path, told: str, problem: str
) -> None:
    with pytest.raises(ModelError, match=problem):
        fitted(card, told)


LIKES_VIRAL = 'likes = { scale = "log1p" }\nhit = { viral = { of = "likes" } }'


def test_fitting_of_what_was_known_by_a_moment_sees_nothing_later(card: Path) -> None:
    until = START + dt.timedelta(days=40)
    model = fitted(card, until=round(until.timestamp() * 1000))
    assert Judge(model).model.newest < until
    late = ranked(fitted(card), draft(at=until)).drafts[0].expected[0].middle
    assert ranked(model, draft(at=until)).drafts[0].expected[0].middle == late, "as_of keeps later labels out"


def test_a_model_is_written_where_nothing_or_a_model_lies(naive: Fitted, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for _ in range(2):
        write_model(naive, folder)
    assert read_model(folder).baseline == "recent_median"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("name", ["thesis.txt", "engagement/thesis.txt"])
def test_what_lies_beside_a_model_is_not_lost(naive: Fitted, kept: Path, name: str) -> None:
    (kept / name).write_text("of years")
    with pytest.raises(ModelError, match=r"something else lies there\. Name another folder with -o"):
        write_model(naive, kept)
    assert (kept / name).read_text() == "of years"


@pytest.mark.parametrize("content", ["{}", "", '{"version": 1}', '{"version": 2}', "[]"])
def test_a_folder_with_another_model_json_is_left_alone(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.json").write_text(content)
    with pytest.raises(ModelError, match="something else lies there"):
        check_free(tmp_path)


def test_neither_a_file_nor_a_link_is_written_over(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(kept)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for name in ("file", "link", "nowhere"):
        with pytest.raises(ModelError, match="something else lies there"):
            check_free(tmp_path / name)


@pytest.mark.parametrize("stopped", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_what_stops_the_writing_leaves_nothing_half_written(
    naive: Fitted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: BaseException
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise stopped

    monkeypatch.setattr("pyarrow.parquet.write_table", stop)
    with pytest.raises(type(stopped)):
        write_model(naive, tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_new_model_that_cannot_be_written_leaves_the_old(
    naive: Fitted, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pyarrow.parquet.write_table", stop)
    with pytest.raises(KeyboardInterrupt):
        write_model(naive, kept)
    assert read_model(kept).baseline == "recent_median"
    assert [path.name for path in kept.parent.iterdir()] == ["model"]


def test_what_is_no_model_is_said_to_be_none(tmp_path: Path, kept: Path) -> None:
    for folder in (tmp_path / "gone", tmp_path, kept / "model.json"):
        with pytest.raises(ModelError, match=r"holds no model\. `smpbench fit -d DATASET -o"):
            read_model(folder)
    (kept / "model.json").rename(kept / "page")
    (kept / "model.json").symlink_to(kept / "page")
    with pytest.raises(ModelError, match="holds no model"):
        read_model(kept)


def test_every_file_that_is_changed_missing_or_new_is_noticed(kept: Path) -> None:
    for path in sorted(path for path in kept.rglob("*") if path.is_file() and path.name != "model.json"):
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        with pytest.raises(ModelError, match="is not what was written: it was changed or cut short"):
            read_model(kept)
        path.unlink()
        with pytest.raises(ModelError, match=r"is missing\. Fit the model anew"):
            read_model(kept)
        path.symlink_to("/dev/zero")
        with pytest.raises(ModelError, match=r"is missing\. Fit the model anew"):
            read_model(kept)
        path.unlink()
        path.write_bytes(content)
    for name in ("more.txt", "engagement/more.txt"):
        (kept / name).write_text("")
        with pytest.raises(ModelError, match="is none of the model's files"):
            read_model(kept)
        (kept / name).unlink()
    assert read_model(kept).baseline == "recent_median"


def forged(kept: Path, **told: Any) -> None:
    page = json.loads((kept / "model.json").read_text())
    (kept / "model.json").write_text(json.dumps(page | told))


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"version": 2}, "is of version 2; 1 is read here. Fit the model anew"),
        ({"version": "1\x1b[31m"}, "is of version"),
        ({"usual": 3}, "usual: Input should be a valid dictionary"),
        ({"more": 1}, "more: Extra inputs are not permitted"),
        ({"card": {}}, "Field required"),
        ({"baseline": "nobodys"}, "unknown baseline 'nobodys'"),
        ({"accounts": []}, "is of another shape"),
        ({"files": {"../out": "0"}}, "is none of the model's files"),
    ],
)
def test_a_page_that_was_written_by_someone_else_is_refused(
    kept: Path, told: dict[str, Any], problem: str
) -> None:
    forged(kept, **told)
    with pytest.raises(ModelError, match=problem):
        read_model(kept)


@pytest.mark.parametrize(
    "change",
    [
        {"task": "gone"},
        {"settings": {"k": 3}},
        {"cut_off": 2**70},
        {"categories": {}},
    ],
)
def test_a_page_that_contradicts_itself_is_refused_or_read(kept: Path, change: dict[str, Any]) -> None:
    page = json.loads((kept / "model.json").read_text())
    forged(kept, engagement=page["engagement"] | change)
    try:
        ranked(read_model(kept), draft())
    except ModelError as error:
        assert "Fit the model anew" in str(error)


def test_a_model_names_no_code_that_lies_within_it(kept: Path) -> None:
    from benchmark.files import sha256_of

    path = kept / "mine.py"
    path.write_text("from pathlib import Path\nPath('ran').touch()\n" + "raise SystemExit")
    page = json.loads((kept / "model.json").read_text())
    forged(kept, baseline=str(path), files=page["files"] | {"mine.py": sha256_of(path)})
    with pytest.raises(ModelError, match=r"a model holds none"):
        read_model(kept)


def test_what_is_usual_is_the_commonest_value_and_the_median(naive: Fitted) -> None:
    assert naive.usual["pinned"] is False
    assert naive.usual["width"] == pytest.approx(50, abs=2)
    assert naive.usual.keys() <= {"pinned", "width", "topic"}


# Intervals


def calibration(errors: Any, accounts: Any = "a", categories: Any = "", new: Any = False) -> Calibration:
    n = len(errors)
    column = np.asarray(errors, np.float32)[:, None]
    whole = [np.broadcast_to(np.asarray(one), n) for one in (accounts, categories, new)]
    return Calibration(column, *whole, strange=column * 3)  # type: ignore[arg-type]


def test_intervals_hold_as_many_as_they_say() -> None:
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(300):
        errors = rng.standard_t(3, 201).astype(np.float32)[:, None]
        low, high = bounds(errors[:100])
        inside.append(((errors[100:] >= low) & (errors[100:] <= high)).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=0.02)


def test_a_higher_level_is_never_narrower_and_few_errors_give_the_outermost() -> None:
    errors = np.random.default_rng(0).normal(size=(80, 2)).astype(np.float32)
    found = [bounds(errors, level) for level in (0.5, 0.8, 0.9, 0.95, 0.999)]
    assert np.all(np.diff([low for low, _ in found], axis=0) <= 0)
    assert np.all(np.diff([high for _, high in found], axis=0) >= 0)
    few = np.array([[3.0], [1.0], [2.0]], np.float32)
    assert [float(end[0]) for end in bounds(few)] == [1.0, 3.0]
    assert [float(end[0]) for end in bounds(few[:1])] == [3.0, 3.0]


def test_an_account_is_held_against_its_own_errors_then_its_category_then_all() -> None:
    accounts = np.repeat(["a", "b", "c"], [FEWEST, FEWEST - 1, 10])
    categories = np.repeat(["x", "y", "y"], [FEWEST, FEWEST - 1, 10])
    one = calibration(np.arange(len(accounts)), accounts, categories)
    basis, errors = one.group("a", "x", known=True)
    assert (basis, len(errors)) == ("account", FEWEST)
    basis, errors = one.group("b", "y", known=True)
    assert (basis, len(errors)) == ("category", FEWEST + 9)
    basis, errors = one.group("b", "", known=True)
    assert (basis, len(errors)) == ("all", len(accounts))
    basis, errors = one.group("a", "x", known=False)
    assert basis == "all"
    np.testing.assert_array_equal(errors, one.strange)


def test_where_new_accounts_were_held_out_their_errors_count() -> None:
    new = np.arange(200) < FEWEST
    _, errors = calibration(np.arange(200), new=new).group("z", "", known=False)
    assert len(errors) == FEWEST


# Hours


def week(hour: int = 12) -> list[dt.datetime]:
    return [dt.datetime(2021, 6, 7, hour, tzinfo=dt.UTC) + dt.timedelta(days=day) for day in range(7)]


@pytest.fixture(scope="module")
def with_hours(tmp_path_factory: pytest.TempPathFactory) -> Hours:
    world = write_world(tmp_path_factory.mktemp("hours"), posts=2000, accounts=2, hour=0.7)
    return fitted(world).hours


def test_intervals_allow_for_levels_that_move_after_the_posts_held_out() -> None:
    """Of each account the level moves by chance, once: its own errors alone would not know by how much."""
    rng, n = np.random.default_rng(0), 40
    accounts = np.repeat([f"a{i}" for i in range(n)], 2 * FEWEST)
    scale = np.repeat(rng.uniform(0.3, 3, n), 2 * FEWEST)

    def errors() -> Any:
        return scale * (np.repeat(rng.normal(size=n), 2 * FEWEST) + rng.normal(size=len(accounts)))

    held, later = calibration(errors(), accounts), errors()
    ends = {name: bounds(held.group(name, "", known=True)[1]) for name in np.unique(accounts)}
    inside = [ends[name][0] <= error <= ends[name][1] for name, error in zip(accounts, later, strict=True)]
    assert 0.86 <= np.mean(inside) <= 0.95
    widths = {name: float(high[0] - low[0]) for name, (low, high) in ends.items()}
    assert max(widths.values()) > 5 * min(widths.values())


def test_the_best_hour_is_found_and_its_interval_holds_it(with_hours: Hours) -> None:
    for account in ("u0", "u1", "nobody"):
        best = with_hours.best(account, week()[0])
        assert len(best) == 3
        assert {one.start.hour for one in best} <= {GOOD_HOUR - 1, GOOD_HOUR, GOOD_HOUR + 1}
        # 3 hours in 24 are 0.7 above the others, and the usual is their mean.
        there = np.exp(0.7 * (1 - 3 / 24)) - 1
        centre = next(one for one in best if one.start.hour == GOOD_HOUR)
        assert centre.low <= there <= centre.high
        assert centre.posts > 10


def test_few_posts_tell_no_hours(naive: Fitted, tmp_path: Path) -> None:
    assert len(naive.hours.best("u0", week()[0])) == 3, "all accounts together have enough"
    few = fitted(write_world(tmp_path, posts=90)).hours
    assert few.best("u0", week()[0]) == ()


def test_where_no_hour_is_better_none_is_said_to_be(tmp_path: Path) -> None:
    """The best of 168 hours looks good by chance; its interval knows that."""
    surely = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        above = rng.normal(0, 0.5, 400)
        hours = made_up_hours(rng.integers(7, size=400), rng.integers(24, size=400), above)
        surely += hours.best("a", week()[0])[0].low > 0
    assert surely <= 3


def made_up_hours(day: Any, hour: Any, above: Any) -> Hours:
    def summed(weights: Any) -> Any:
        found = np.zeros((2, 7, 24))
        np.add.at(found, (slice(None), day, hour), weights)
        return found

    return Hours(["a"], summed(np.ones(len(above))), summed(above), summed(above**2))


@pytest.mark.parametrize(
    "moment", ["2021-06-07T12:00", "1970-01-01T12:00", "2000-02-29T23:30", "2031-12-31T00:00"]
)
def test_a_day_of_the_week_is_the_one_that_the_calendar_has(moment: str) -> None:
    at = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
    hours = np.array([np.datetime64(moment, "h")]).astype(np.int64)
    assert (hours // 24 + 3) % 7 == at.weekday()
    assert hours % 24 == at.hour


def test_hours_are_those_of_the_week_after_the_draft_in_utc() -> None:
    rng = np.random.default_rng(0)
    day, hour = rng.integers(7, size=3000), rng.integers(24, size=3000)
    above = rng.normal(0, 0.1, 3000) + (day == 2) * 0.5 + (hour == 9) * 1.0 + (abs(hour - 9) == 1) * 0.5
    at = dt.datetime(2021, 6, 9, 11, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))  # a Wednesday, 09:30 UTC
    best = made_up_hours(day, hour, above).best("a", at)[0]
    assert best.start == dt.datetime(2021, 6, 16, 9, tzinfo=dt.UTC), "09:00 of this Wednesday has passed"
    assert best.start.utcoffset() == dt.timedelta(0)
