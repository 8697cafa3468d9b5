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
from desk_worlds import START, by_number, draft, fitted, ranked, vectors, write_world
from raw_layouts import ROOT

from benchmark.errors import DataError, ModelError
from desk.judging.judge import Judge
from desk.model.fitting import Fitted
from desk.model.folder import check_free, read_model, write_model

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
