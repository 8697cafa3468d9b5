"""`smpbench verify`: a score that does not follow from its predictions and the labels is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result
from worlds import BASELINES, World

from benchmark.run.store import PREDICTIONS, REPLICATES, RESULT, TRUTH, seal
from leaderboard.board import write as board
from leaderboard.board.write import board_folder, write_board
from smpbench.cli.main import app

pytestmark = pytest.mark.usefixtures("preloaded")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with two rows and their board, all sound."""
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    world.run(BASELINES / "global_median.py", BASELINES / "recent_median.py")
    write_board(world.home / "runs", board_folder(world.home))
    return world


def verify(world: World) -> Result:
    card = str(world.card.folder / "card.toml")
    return CliRunner().invoke(app, ["verify", "--home", str(world.home), "-d", card])


def folder_of(world: World) -> Path:
    return world.results()["one frozen recent_median 0"].folder


def tamper(folder: Path, change: Callable[[dict[str, Any]], None] = lambda told: None) -> None:
    """Change a result and seal it again, as somebody would who knows how: no checksum gives it away."""
    told = json.loads((folder / RESULT).read_text())
    change(told)
    seal(folder, {name: value for name, value in told.items() if name not in ("files", "sha256")})


def changed_column(path: Path, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    table = pq.read_table(path)
    values = pa.array(change(table[name].to_numpy().copy()), table.schema.field(name).type)
    pq.write_table(table.set_column(table.column_names.index(name), name, values), path)


def test_sound_results_and_their_board_pass(world: World) -> None:
    done = verify(world)
    assert done.exit_code == 0, done.output
    assert "2 results re-derived, 0 differences" in done.output


def test_a_prediction_changed_on_disk_is_named(world: World) -> None:
    path = folder_of(world) / PREDICTIONS
    changed_column(path, "likes", lambda values: values + 1)
    done = verify(world)
    assert done.exit_code == 1
    assert f"{path}: its checksum does not hold" in done.output


def test_a_score_changed_and_sealed_again_is_found_by_deriving_it_anew(world: World) -> None:
    def better(told: dict[str, Any]) -> None:
        told["scores"][1]["value"] *= 0.9

    folder = folder_of(world)
    metric = json.loads((folder / RESULT).read_text())["scores"][1]["metric"]
    tamper(folder, better)
    done = verify(world)
    assert done.exit_code == 1
    assert f"{folder}: score likes, {metric} is stored as" in done.output


def test_a_slice_score_changed_and_sealed_again_is_found(world: World) -> None:
    def better(told: dict[str, Any]) -> None:
        told["slices"][0]["value"] = 0.99

    tamper(folder_of(world), better)
    assert "slice score likes, " in verify(world).output


def test_a_dropped_score_is_found(world: World) -> None:
    tamper(folder_of(world), lambda told: told["scores"].pop())
    assert "3 scores are stored and 4 re-derived" in verify(world).output


def test_a_prediction_changed_and_sealed_again_is_found(world: World) -> None:
    folder = folder_of(world)
    changed_column(folder / PREDICTIONS, "likes", lambda values: values * 1.01)
    tamper(folder)
    done = verify(world)
    assert done.exit_code == 1
    assert "re-derived as" in done.output


def test_narrower_intervals_are_found(world: World) -> None:
    folder = folder_of(world)
    with np.load(folder / REPLICATES) as archive:
        kept = dict(archive)
    kept["likes/mae"] = kept["likes/mae"].mean() + 0.1 * (kept["likes/mae"] - kept["likes/mae"].mean())
    np.savez_compressed(folder / REPLICATES, **kept)
    tamper(folder)
    assert "replicates of likes/mae differ from those re-derived" in verify(world).output


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


def test_a_number_edited_in_the_table_of_the_readme_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = world.home.parent
    monkeypatch.setattr(board, "PROJECT", project)
    readme = project / "README.md"
    readme.write_text("# Ours\n<!-- real-data table -->\n<!-- /real-data table -->\nThe end.\n")
    runs, folder = world.home / "runs", project / "leaderboard"
    assert readme in board.write_board(runs, folder)
    written = readme.read_text()
    assert "`recent_median`" in written and written.endswith("The end.\n")
    assert board.differences(runs, folder) == []
    readme.write_text(written.replace(" / 0.000", " / 0.900"))
    assert [told for told in board.differences(runs, folder) if str(readme) in told]
