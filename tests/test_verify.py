"""`smpbench verify`: a score that does not follow from its predictions and the labels is found and named."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from browsers import renamed
from stored import published, put_predictions
from typer.testing import CliRunner, Result
from waiting import PATIENCE
from worlds import BASELINES, World

from benchmark.run import verify as verifying
from benchmark.run.checksums import PAGE, write_checksummed
from benchmark.run.store import PREDICTIONS, REPLICATES, Store, StoredResult, read_result
from benchmark.run.truth import TRUTH
from benchmark.run.verify import verify_store
from leaderboard.board import write as board
from leaderboard.board.places import board_folder, published_folder
from leaderboard.board.write import write_board
from leaderboard.publishing.check import check_published
from smpbench.cli.main import app

pytestmark = [pytest.mark.usefixtures("preloaded"), pytest.mark.slow]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A home with two rows and their board, made once; nobody writes there."""
    world = World.make(tmp_path_factory.mktemp("sound"), posts=120).with_only("one", "frozen")
    world.run(BASELINES / "global_median.py", BASELINES / "recent_median.py")
    write_board(world.home / "runs", board_folder(world.home), published_folder() / "results")
    return world


@pytest.fixture
def world(sound: World, tmp_path: Path) -> World:
    """A copy of it to tamper with."""
    return sound.copied_to(tmp_path)


def verify(world: World) -> Result:
    card = str(world.card.folder / "card.toml")
    return CliRunner().invoke(app, ["verify", "--home", str(world.home), "-d", card])


def folder_of(world: World) -> Path:
    return world.results()["one frozen recent_median 0"].folder


def tamper(folder: Path, change: Callable[[dict[str, Any]], None] = lambda told: None) -> None:
    """Change a result and seal it again, as somebody would who knows how: no checksum gives it away."""
    told = json.loads((folder / PAGE).read_text())
    change(told)
    write_checksummed(
        folder, {name: value for name, value in told.items() if name not in ("files", "sha256")}
    )


def changed_column(path: Path, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    table = pq.read_table(path)
    values = pa.array(change(table[name].to_numpy().copy()), table.schema.field(name).type)
    pq.write_table(table.set_column(table.column_names.index(name), name, values), path)


def test_sound_results_and_their_board_pass(world: World) -> None:
    done = verify(world)
    assert done.exit_code == 0, done.output
    assert "2 results re-derived, 0 differences" in done.output


def test_it_says_how_far_it_is(world: World) -> None:
    told: list[tuple[int, int]] = []
    verify_store(world.home, {}, lambda *counts: told.append(counts))
    assert told == [(0, 2), (1, 2)]
    published(world.home / "runs", world.home / "there")
    told.clear()
    of_tables: list[tuple[int, int]] = []
    assert not check_published(
        world.home / "there" / "results",
        (),
        lambda *counts: told.append(counts),
        lambda *counts: of_tables.append(counts),
    )
    assert told == [(0, 2), (1, 2)]
    assert of_tables == [(0, 2)], "a table of two rows"


def test_it_says_so_before_the_first_is_checked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()

    def late(folder: Path) -> StoredResult:
        assert told.wait(PATIENCE), "it is silent until the first is done"
        return read_result(folder)

    monkeypatch.setattr(verifying, "read_result", late)
    assert not verify_store(world.home, {}, lambda *_: told.set(), at_once=2).problems


def test_several_results_at_once_are_found_wrong_in_the_same_order(world: World) -> None:
    for path in (world.home / "runs").rglob(PREDICTIONS):
        path.write_bytes(b"none")
    alone = verify_store(world.home, {})
    folders = list(Store(world.home / "runs").folders())
    assert len(folders) == alone.checked == 2
    assert [str(folder) in told for folder, told in zip(folders, alone.problems, strict=True)] == [True, True]
    assert verify_store(world.home, {}, at_once=3) == alone


def test_a_prediction_changed_on_disk_is_named(world: World) -> None:
    path = folder_of(world) / PREDICTIONS
    changed_column(path, "likes", lambda values: values + 1)
    done = verify(world)
    assert done.exit_code == 1
    assert f"{path}: its checksum does not hold" in done.output


def test_a_score_changed_and_sealed_again_is_found_by_deriving_it_anew(world: World) -> None:
    def better(told: dict[str, Any]) -> None:
        told["run"]["scores"][1]["value"] *= 0.9

    folder = folder_of(world)
    measure = json.loads((folder / PAGE).read_text())["run"]["scores"][1]["measure"]
    tamper(folder, better)
    done = verify(world)
    assert done.exit_code == 1
    assert f"{folder}: score likes, {measure} is told as" in done.output


def test_a_slice_score_changed_and_sealed_again_is_found(world: World) -> None:
    def better(told: dict[str, Any]) -> None:
        told["run"]["slices"][0]["value"] = 0.99

    tamper(folder_of(world), better)
    assert "slice score likes, " in verify(world).output


def test_a_dropped_score_is_found(world: World) -> None:
    tamper(folder_of(world), lambda told: told["run"]["scores"].pop())
    assert "3 scores are told and 4 derived anew" in verify(world).output


def test_a_prediction_changed_and_sealed_again_is_found(world: World) -> None:
    folder = folder_of(world)
    changed_column(folder / PREDICTIONS, "likes", lambda values: values * 1.01)
    tamper(folder)
    done = verify(world)
    assert done.exit_code == 1
    assert "derived anew as" in done.output


def test_narrower_intervals_are_found(world: World) -> None:
    folder = folder_of(world)
    with np.load(folder / REPLICATES) as archive:
        kept = dict(archive)
    kept["likes/mae"] = kept["likes/mae"].mean() + 0.1 * (kept["likes/mae"] - kept["likes/mae"].mean())
    np.savez_compressed(folder / REPLICATES, **kept)
    tamper(folder)
    assert "replicates of likes/mae differ from those re-derived" in verify(world).output


def test_replicates_of_another_number_and_those_of_a_measure_that_is_not_scored_are_found(
    world: World,
) -> None:
    folder = folder_of(world)
    with np.load(folder / REPLICATES) as archive:
        kept = dict(archive)
    kept["likes/mae"] = kept["likes/mae"][:10]
    kept["likes/mape"] = np.full(1000, np.nan)
    np.savez_compressed(folder / REPLICATES, **kept)
    tamper(folder)
    told = [f"{folder}: replicates of likes/{name} differ from those re-derived" for name in ("mae", "mape")]
    assert verify_store(world.home, {world.card.name: world.card}).problems == told


def test_a_prediction_that_is_no_number_is_found_and_the_rest_is_still_verified(world: World) -> None:
    folder = folder_of(world)
    changed_column(folder / PREDICTIONS, "likes", lambda values: np.where(values > 0, np.nan, values))
    tamper(folder)
    done = verify(world)
    assert done.exit_code == 1
    assert f"{folder}: likes: a prediction that is not a finite number" in done.output
    assert "2 results re-derived" in done.output


def test_a_measure_that_there_is_not_is_named(world: World) -> None:
    tamper(folder_of(world), lambda told: told["about"].update(measures=["mae", "mea"]))
    assert "unknown measure 'mea'; did you mean 'mae'?" in verify(world).output


def test_predictions_of_other_posts_are_found(world: World) -> None:
    folder = folder_of(world)
    table = pq.read_table(folder / PREDICTIONS)
    pq.write_table(table.slice(1), folder / PREDICTIONS)
    tamper(folder)
    assert "predictions are not of the test posts" in verify(world).output


def test_a_label_changed_in_the_truth_and_sealed_again_is_found(world: World) -> None:
    (truth,) = (world.home / "runs").glob("*/*/*/truth-*")
    changed_column(truth / TRUTH, "label_likes", lambda values: values * 0.5)
    tamper(truth)
    done = verify(world)
    assert done.exit_code == 1
    assert "column label_likes differs from what the prepared data give" in done.output


def test_a_row_that_leaves_its_worst_posts_out_is_found(world: World) -> None:
    (truth,) = (world.home / "runs").glob("*/*/*/truth-*")
    for folder, name in (
        (truth, TRUTH),
        *((stored.folder, PREDICTIONS) for stored in world.results().values()),
    ):
        table = pq.read_table(folder / name)
        pq.write_table(table.slice(5), folder / name)
        tamper(folder)
    done = verify(world)
    assert done.exit_code == 1
    assert "its posts are not the protocol's test posts (5 of" in done.output


def test_what_cannot_be_held_against_the_data_is_said(world: World) -> None:
    done = CliRunner().invoke(app, ["verify", "--home", str(world.home)])
    assert "trial: test posts and labels taken as stored: its card is not known" in done.output


def test_a_missing_truth_is_named(world: World) -> None:
    (truth,) = (world.home / "runs").glob("*/*/*/truth-*")
    (truth / TRUTH).unlink()
    assert "truth.parquet: is missing" in verify(world).output


def test_an_edited_leaderboard_is_found_with_its_row(world: World) -> None:
    path = board_folder(world.home) / "leaderboard.csv"
    lines = path.read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace("recent_median", "my_model").replace("global_median", "my_model")
    path.write_text("".join(lines))
    done = verify(world)
    assert done.exit_code == 1
    assert f"{path}, row 3: reads" in done.output


def test_a_row_struck_from_the_leaderboard_is_found(world: World) -> None:
    path = board_folder(world.home) / "leaderboard.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    assert f"has {len(lines) - 1} lines; the results give {len(lines)}" in verify(world).output


@pytest.mark.parametrize("name", ["slices.csv", "LEADERBOARD.md", "index.html"])
def test_every_file_of_the_board_is_held_against_the_results(world: World, name: str) -> None:
    path = board_folder(world.home) / name
    path.write_text(renamed(path, "recent_median", "my_model"))
    done = verify(world)
    assert done.exit_code == 1
    assert str(path) in done.output


@pytest.mark.slow
def test_the_published_board_is_held_against_the_published_results(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "published"
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(folder))
    published(world.home / "runs", folder)
    board.write_published(folder)
    assert verify(world).exit_code == 0
    path = folder / "leaderboard.csv"
    path.write_text(path.read_text().replace("recent_median", "my_model"))
    done = verify(world)
    assert done.exit_code == 1
    assert f"{path}, row" in done.output
    shutil.rmtree(next((folder / "results").glob("*/*/*/global_median*")))
    assert "table.json: does not speak of the rows that lie beside it" in verify(world).output


@pytest.mark.slow
def test_a_number_edited_in_a_table_that_a_page_quotes_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "PROJECT", tmp_path)
    folder = tmp_path / "leaderboard" / "published"
    readme, reading = tmp_path / "README.md", tmp_path / "docs" / "reading.md"
    reading.parent.mkdir()
    readme.write_text("# Ours\n<!-- results -->\n<!-- /results -->\nThe end.\n")
    reading.write_text("# Reading\n<!-- real-data table -->\n<!-- /real-data table -->\nThe end.\n")
    put_predictions(tmp_path / "runs", "recent_median", 1.5)
    put_predictions(tmp_path / "runs", "model", 1.0)
    published(tmp_path / "runs", folder)
    assert {readme, reading} <= set(board.write_published(folder))
    for path, row in ((readme, "`model`"), (reading, "`recent_median`")):
        written = path.read_text()
        assert row in written and written.endswith("The end.\n")
        assert board.published_differences(folder) == []
        path.write_text(written.replace(row, "`my_model`"))
        (told,) = board.published_differences(folder)
        assert str(path) in told
        path.write_text(written)
