"""Submissions: a challenge's file, in its exact format, from the stored predictions of its official test."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from raw_layouts import REAL, ROOT, SmpdImage, SmpdVideo
from typer.testing import CliRunner, Result
from worlds import World

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.errors import SmpbenchError, StoreError, UnknownName
from benchmark.outside.handout import Question
from benchmark.outside.submission import FORMATS
from benchmark.run.cell import Cell
from benchmark.run.checksums import PAGE, write_checksummed
from benchmark.run.result import Result as Stored
from benchmark.run.results import Outcome, about, recorded, run_of
from benchmark.run.store import PREDICTIONS, Store, write_result
from benchmark.run.truth import stored_truth
from smpbench.cli.main import app

pytestmark = pytest.mark.slow

TRACKS = {"smpd_image": (SmpdImage, 700, 900), "smpd_video": (SmpdVideo, 1, 4000)}
LABELLED, OFFICIAL = 40, 15


def prepared_track(name: str, folder: Path, raw: Path | None = None) -> World:
    """A track of the challenge, in its owners' layout: 40 labelled posts and 15 of the official test."""
    card = load_card(ROOT / "datasets" / name / "card.toml")
    layout, first, first_official = TRACKS[name]
    if raw is None:
        raw = folder / "raw"
        for made_up in (layout("train", LABELLED, first), layout("test", OFFICIAL, first_official)):
            for video in getattr(made_up, "videos", []):
                video["video_duration"] = 10  # as it comes, it is the label in disguise
            made_up.write(raw / name)
    prepare(card, folder / "data", (raw,))
    return World(card, folder / "data")


@pytest.fixture
def image(tmp_path: Path) -> World:
    return prepared_track("smpd_image", tmp_path)


@pytest.fixture
def video(tmp_path: Path) -> World:
    return prepared_track("smpd_video", tmp_path)


def put(world: World, baseline: str = "ridge", first: float = 2.1345, **changed: Any) -> Path:
    """Store official predictions of a row: `first`, and a little more for each further post."""
    asked = Question.of(world.card, world.home, None, "official")
    identity = {"variant": "default", "seed": 0, "profile": "none", "crawl": False} | changed
    created, status = identity.pop("created", None), identity.pop("status", "ok")
    cell = Cell(world.card.name, asked.task.name, "official", baseline, **identity)  # type: ignore[arg-type]
    store, key = (
        Store(world.home / "runs"),
        hashlib.sha256(f"{cell}{cell.profile}{created}".encode()).hexdigest(),
    )
    truth = stored_truth(store, cell, asked.truth_key, asked.posts, asked.windows)
    values = (first + np.arange(len(asked.test_ids), dtype=np.float32)[:, None]).astype(np.float32)
    of = about(cell, asked.posts, truth_key=asked.truth_key, code="c" * 64, summary="")
    run = run_of(cell, key, status, None if status == "ok" else "needs image")
    run = run.model_copy(update={"created": created} if created else {})
    folder = store.folder(cell, key)
    with store.writing(folder) as staging:
        if status == "ok":
            outcome = Outcome(values, {}, fit_seconds=1.0, predict_seconds=1.0, peak_mb=1.0)
            run = recorded(outcome, of, run, asked.windows, truth, staging)
        write_result(staging, Stored(about=of, run=run))
    return folder


def submit(world: World, *arguments: str | Path) -> Result:
    whole = ["submit", "-d", world.card.name, "--home", world.home, *arguments]
    return CliRunner().invoke(app, list(map(str, whole)))


def test_the_image_tracks_file_has_the_form_that_the_organisers_print(image: World) -> None:
    put(image)
    path = image.home / "submission.json"
    done = submit(image, "-b", "ridge", "-o", path)
    assert done.exit_code == 0, done.output
    assert f"wrote {path}: 15 posts, predicted by ridge:default, seed 0" in done.output
    whole = json.loads(path.read_text())
    assert list(whole) == ["version", "result", "external_data"]
    assert whole["version"] == "VERSION 1.2"
    assert {one["post_id"] for one in whole["result"]} == {f"post{pid}" for pid in range(900, 915)}
    assert list(whole["result"][0]) == ["post_id", "popularity_score"]
    assert whole["external_data"] == {"used": "false", "details": ""}
    assert '"popularity_score": 2.1345}' in path.read_text(), "no digits of single precision's rounding"


def test_the_video_tracks_file_has_the_form_that_the_organisers_print(video: World) -> None:
    put(video)
    path = video.home / "submission.csv"
    done = submit(video, "-b", "ridge", "-o", path)
    assert done.exit_code == 0, done.output
    header, *lines = path.read_text().splitlines()
    assert header == "pid,popularity_score"
    assert len(lines) == 15 and lines[0] == "POST00004000,2.1345"


@pytest.mark.parametrize("track", TRACKS)
def test_the_scores_are_those_of_the_posts_that_they_stand_beside(track: str, tmp_path: Path) -> None:
    world = prepared_track(track, tmp_path)
    folder = put(world)
    path = world.home / "out"
    assert submit(world, "-b", "ridge", "-o", path).exit_code == 0
    if track == "smpd_image":
        entries = json.loads(path.read_text())["result"]
        found = {one["post_id"].removeprefix("post"): one["popularity_score"] for one in entries}
    else:
        found = {one["pid"]: float(one["popularity_score"]) for one in csv.DictReader(path.open())}
    stored = pq.read_table(folder / PREDICTIONS)
    for post, value in zip(stored["post_id"].to_pylist(), stored["popularity"].to_numpy(), strict=True):
        assert np.float32(found[post]) == value


def test_frozen_encoders_are_stated_as_external_data(image: World) -> None:
    put(image, profile="bundled")
    path = image.home / "submission.json"
    submit(image, "-b", "ridge", "-o", path)
    told = json.loads(path.read_text())["external_data"]
    assert told["used"] == "true" and "'bundled'" in told["details"]
    submit(image, "-b", "ridge", "-o", path, "--external-data", 'MiniLM of "sbert"')
    told = json.loads(path.read_text())["external_data"]
    assert told == {"used": "true", "details": 'MiniLM of "sbert"'}
    submit(image, "-b", "ridge", "-o", path, "--external-data", "none")
    assert json.loads(path.read_text())["external_data"] == {"used": "false", "details": ""}


def test_an_external_row_is_handed_in_once_its_external_data_are_stated(image: World) -> None:
    asked = Question.of(image.card, image.home, None, "official")
    predictions = image.home / "p.csv"
    predictions.write_text("post_id,popularity\n" + "".join(f"{post},3.5\n" for post in asked.test_ids))
    arguments = ["-p", "official", "--name", "my_model", "--home", image.home, predictions]
    done = CliRunner().invoke(app, ["score", "-d", "smpd_image", *map(str, arguments)])
    assert "predicted, labels withheld" in done.output, done.output
    path = image.home / "submission.json"
    unsaid = submit(image, "-b", "my_model:external", "-o", path)
    assert "Say it with --external-data TEXT" in str(unsaid.exception)
    assert not path.exists()
    assert submit(image, "-b", "my_model:external", "-o", path, "--external-data", "none").exit_code == 0
    assert {one["popularity_score"] for one in json.loads(path.read_text())["result"]} == {3.5}


def test_a_file_without_a_place_for_the_statement_takes_none(video: World) -> None:
    put(video)
    done = submit(video, "-b", "ridge", "--external-data", "none")
    assert "no place for a statement of external data" in str(done.exception)


def test_the_row_that_is_named_is_the_one_that_is_handed_in(video: World) -> None:
    put(video, first=1)
    put(video, first=2, seed=3)
    put(video, first=3, variant="+text")
    put(video, first=4, crawl=True)
    put(video, first=5, variant="twice", created="2026-01-01T00:00:00+00:00")
    put(video, first=6, variant="twice", created="2026-01-02T00:00:00+00:00")
    path = video.home / "out.csv"
    for arguments, first in (
        (["-b", "ridge"], 1),
        (["-b", "ridge", "--seed", "3"], 2),
        (["-b", "ridge:+text"], 3),
        (["-b", "ridge", "--with-crawl"], 4),
        (["-b", "ridge:twice"], 6),
    ):
        assert submit(video, *arguments, "-o", path).exit_code == 0
        assert path.read_text().splitlines()[1] == f"POST00004000,{first:.1f}"


def test_a_row_of_several_encoder_profiles_needs_one_named(video: World) -> None:
    put(video, profile="bundled")
    put(video, profile="hub", first=7)
    path = video.home / "out.csv"
    unsaid = submit(video, "-b", "ridge", "-o", path)
    assert "bundled, hub. Name one with --profile" in str(unsaid.exception)
    assert submit(video, "-b", "ridge", "--profile", "hub", "-o", path).exit_code == 0
    assert path.read_text().splitlines()[1].endswith(",7.0")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["-b", "rigde"],
            "unknown baseline with predictions of the official test 'rigde'; did you mean 'ridge'",
        ),
        (["-b", "ridge:txt"], "unknown variant of ridge 'txt'; did you mean '+text'"),
        (["-b", "ridge", "--seed", "5"], "unknown seed of ridge:default '5'; known: 0"),
        (["-b", "ridge", "--profile", "hub"], "unknown encoder profile of ridge:default 'hub'; known: none"),
        (
            ["-b", "ridge:+text", "--with-crawl"],
            "no predictions of ridge:+text with crawl-time columns. `smpbench",
        ),
        (["-b", "../../x"], "unknown baseline with predictions of the official test '../../x'"),
        (["-b", "lstm"], "lstm:default has no predictions: skipped: needs image"),
    ],
)
def test_a_row_that_is_not_there_is_answered_with_the_nearest(
    video: World, arguments: list[str], told: str, tmp_path: Path
) -> None:
    put(video)
    put(video, variant="+text")
    put(video, baseline="lstm", status="skipped")
    path = tmp_path / "out.csv"
    done = submit(video, *arguments, "-o", path)
    assert isinstance(done.exception, SmpbenchError)
    assert told in str(done.exception)
    assert not path.exists()


def test_without_any_predictions_the_command_that_makes_them_is_named(video: World) -> None:
    done = submit(video, "-b", "ridge")
    assert isinstance(done.exception, UnknownName)
    assert "`smpbench run -p official` makes them" in str(done.exception)


def test_predictions_of_other_data_do_not_count(video: World) -> None:
    put(video)
    SmpdVideo("test", OFFICIAL + 1, 4000).write(video.home.parent / "raw" / "smpd_video")
    prepare(video.card, video.home, (video.home.parent / "raw",))
    assert isinstance(submit(video, "-b", "ridge").exception, UnknownName)


def test_a_data_set_of_no_challenge_has_nothing_to_hand_in() -> None:
    done = CliRunner().invoke(app, ["submit", "-d", "demo_flickr", "-b", "ridge"])
    assert "demo_flickr has no official test posts" in str(done.exception)


SPOILT: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "one too few": (
        lambda table: table.slice(1),
        "1 of 15 official test posts have no prediction; the first is 'POST00004000'",
    ),
    "one twice": (
        lambda table: pa.concat_tables([table, table.slice(2, 1)]),
        "post 'POST00004002' is predicted more than once",
    ),
    "one unknown": (
        lambda table: table.set_column(0, "post_id", pa.array(["other", *table["post_id"].to_pylist()[1:]])),
        "post 'other' is no official test post",
    ),
    "one not finite": (
        lambda table: table.set_column(
            1, "popularity", pa.array([np.nan, *table["popularity"].to_pylist()[1:]], pa.float32())
        ),
        "the prediction of post 'POST00004000' is nan",
    ),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_predictions_that_are_not_of_every_official_post_once_are_refused(
    video: World, spoilt: str, tmp_path: Path
) -> None:
    """Even where somebody has changed and sealed them again, so that every checksum holds."""
    change, told = SPOILT[spoilt]
    folder = put(video)
    pq.write_table(change(pq.read_table(folder / PREDICTIONS)), folder / PREDICTIONS)
    result = json.loads((folder / PAGE).read_text())
    write_checksummed(
        folder, {name: value for name, value in result.items() if name not in ("files", "sha256")}
    )
    path = tmp_path / "out.csv"
    path.write_text("an earlier one")
    done = submit(video, "-b", "ridge", "-o", path)
    assert isinstance(done.exception, StoreError)
    assert told in str(done.exception)
    assert path.read_text() == "an earlier one"


def test_a_file_is_called_after_its_row_and_stays_in_the_folder(
    video: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(video, variant="alpha=1,a/../b")
    monkeypatch.chdir(tmp_path)
    assert submit(video, "-b", "ridge:alpha=1,a/../b").exit_code == 0
    assert [path.name for path in tmp_path.glob("submission*")] == [
        "submission_smpd_video_ridge_alpha=1_a_.._b_seed-0.csv"
    ]


def test_a_format_belongs_to_every_data_set_with_official_test_posts() -> None:
    for path in (ROOT / "datasets").glob("*/card.toml"):
        card = load_card(path)
        if any("official" in task.protocols for task in card.tasks):
            assert card.reader in FORMATS


@pytest.mark.slow
@pytest.mark.skipif(not (REAL / "smp_video_2025").is_dir(), reason="no SMPD video data here")
def test_the_real_video_track_has_2000_posts_to_hand_in(tmp_path: Path) -> None:
    world = prepared_track("smpd_video", tmp_path, REAL)
    put(world)
    path = tmp_path / "out.csv"
    assert submit(world, "-b", "ridge", "-o", path).exit_code == 0
    raw = (REAL / "smp_video_2025").glob("*posts_test.jsonl")
    official = {json.loads(line)["pid"] for line in next(raw).read_text().splitlines()}
    rows = list(csv.DictReader(path.open()))
    assert len(rows) == 2000 and {row["pid"] for row in rows} == official
