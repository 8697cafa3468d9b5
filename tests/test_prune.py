"""What nothing reads any more is told, and dropped where that is asked for; all else stays."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import invoke
from stored import put, put_predictions
from worlds import World, write_baseline

from benchmark.encoders import encoder
from benchmark.run import unread
from benchmark.run.checksums import PAGE
from benchmark.run.store import PREDICTIONS, Store
from benchmark.run.truth import truth_folder_of
from benchmark.run.verify import verify_store
from leaderboard.tables.rows import read_rows

EARLY, LATE = "2026-01-01T00:00:00.000+00:00", "2026-02-01T00:00:00.000+00:00"


def older(runs: Path) -> None:
    """A row that nothing else is known of, and one beside it: its code has changed, or the posts have."""
    put_predictions(runs, "other", created=LATE)
    put_predictions(runs, "model", created=LATE)
    put_predictions(runs, "model", 0.5, created=EARLY, code_hash="e" * 64)
    put_predictions(runs, "other", 0.5, created=EARLY, truth_key="b" * 64)


def pruned(home: Path, *options: str) -> str:
    done = invoke("prune", "--home", home, *options)
    assert done.exit_code == 0, done.output
    return str(done.stdout)


def rows(home: Path) -> dict[str, list[float]]:
    return {row.about.baseline: row.values("likes", "mae").tolist() for row in read_rows(home / "runs")}


def encoded(home: Path, name: str, fingerprint: str) -> Path:
    folder = home / "features" / f"{name}-{fingerprint[:8]}" / "posts-dddddddd"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"encoder": name, "encoder_fingerprint": fingerprint}))
    np.save(folder / "shard-00000.npy", np.zeros((8, 8), np.float16))
    return folder


def test_results_that_no_row_has_are_told_and_stay_until_they_are_to_be_dropped(tmp_path: Path) -> None:
    older(tmp_path / "runs")
    before = sorted(tmp_path.rglob("*"))
    told = pruned(tmp_path)
    assert "2 folders, 0 MB: results of older data, code or encoders\n" in told
    assert "1 folder, 0 MB: labels that only those are scored by\n" in told
    assert "`smpbench prune --delete` drops them" in told
    assert sorted(tmp_path.rglob("*")) == before


def test_the_board_is_the_same_without_them(tmp_path: Path) -> None:
    older(tmp_path / "runs")
    before = rows(tmp_path)
    assert "3 folders dropped" in pruned(tmp_path, "--delete")
    assert rows(tmp_path) == before
    assert len(Store(tmp_path / "runs").folders()) == 2
    assert verify_store(tmp_path, {}).problems == []
    assert pruned(tmp_path) == "nothing: all that lies there is read\n"


def test_an_empty_home_has_nothing_to_drop(tmp_path: Path) -> None:
    assert pruned(tmp_path / "nowhere", "--delete") == "nothing: all that lies there is read\n"


def test_what_is_damaged_stays_with_its_labels(tmp_path: Path) -> None:
    """It may be of a newer version, and good there."""
    older(tmp_path / "runs")
    (damaged,) = (one for one in Store(tmp_path / "runs").results() if one.about.truth_key == "b" * 64)
    (damaged.folder / PAGE).write_text("{")
    assert "1 folder dropped" in pruned(tmp_path, "--delete")
    assert damaged.folder.exists()
    assert truth_folder_of(damaged).exists()


def test_a_seed_that_ran_again_is_dropped_and_one_that_failed_is_a_row(tmp_path: Path) -> None:
    put(tmp_path / "runs", "model", 1.0, created=LATE, again="a")
    put(tmp_path / "runs", "model", 0.2, created=EARLY, again="b")
    put(tmp_path / "runs", "broken", None, status="failed", reason="ValueError: x")
    assert "1 folder dropped" in pruned(tmp_path, "--delete")
    assert {row.about.baseline: row.status for row in read_rows(tmp_path / "runs")} == {
        "broken": "failed: ValueError: x",
        "model": "ok",
    }


def test_a_result_that_another_process_computes_stays(tmp_path: Path) -> None:
    older(tmp_path / "runs")
    (at_work,) = (one for one in Store(tmp_path / "runs").results() if one.about.code_hash == "e" * 64)
    with Store(tmp_path / "runs").claim(at_work.folder):
        told = pruned(tmp_path, "--delete")
    assert f"{at_work.folder}: stays, since another process is at work there" in told
    assert "2 folders dropped" in told
    assert (at_work.folder / PREDICTIONS).is_file()


def test_the_labels_of_a_result_that_stays_do_too(tmp_path: Path) -> None:
    older(tmp_path / "runs")
    (at_work,) = (one for one in Store(tmp_path / "runs").results() if one.about.truth_key == "b" * 64)
    with Store(tmp_path / "runs").claim(at_work.folder):
        assert "1 folder dropped" in pruned(tmp_path, "--delete")
    assert truth_folder_of(at_work).is_dir()
    assert verify_store(tmp_path, {}).problems == []
    assert "2 folders dropped" in pruned(tmp_path, "--delete")


def test_a_result_that_is_dropped_in_part_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older(tmp_path / "runs")

    def killed(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(unread, "remove", killed)
    assert invoke("prune", "--home", tmp_path, "--delete").exit_code == 130
    assert len(Store(tmp_path / "runs").folders()) == 3
    assert verify_store(tmp_path, {}).problems == []


def test_what_an_older_encoder_has_made_is_dropped_and_models_of_ones_own_are_let_alone(
    tmp_path: Path,
) -> None:
    here = encoder("bundled", "language")
    assert here.unavailable() is None
    kept = [encoded(tmp_path, here.name, here.fingerprint()), encoded(tmp_path, "embedding", "0" * 64)]
    gone = encoded(tmp_path, here.name, "0" * 64)
    assert "1 folder, 0 MB: encoded content of older encoders" in pruned(tmp_path, "--delete")
    assert [one.exists() for one in [*kept, gone]] == [True, True, False]


def test_what_an_encoder_has_made_that_is_not_installed_here_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(encoder("bundled", "language")), "unavailable", lambda self: "not installed")
    kept = encoded(tmp_path, encoder("bundled", "language").name, "0" * 64)
    assert pruned(tmp_path, "--delete") == "nothing: all that lies there is read\n"
    assert kept.exists()


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded", "made_up_encoders")
def test_a_run_after_it_computes_nothing_anew(tmp_path: Path) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    world.run(write_baseline(tmp_path, "model", "", "wants = {'text'}"))
    changed = write_baseline(tmp_path / "changed", "model", "", "wants = {'text'}\nversion = 2")
    world.run(changed)
    assert "1 folder dropped" in pruned(world.home, "--delete")
    assert world.run(changed).counts["reused"] == 1
    assert verify_store(world.home, {world.card.name: world.card}).problems == []
