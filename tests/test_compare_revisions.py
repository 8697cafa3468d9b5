"""`smpbench compare` of git revisions of the board, and of their published results."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from comparisons import board, of, only
from stored import published, put_predictions

from benchmark.errors import SmpbenchError
from leaderboard.board.write import write_board, write_published
from leaderboard.compare import names as comparison_names
from leaderboard.compare.comparison import compare

pytestmark = pytest.mark.slow


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two revisions of its board; the first made a row worse."""
    project = tmp_path / "project"
    (project / "leaderboard" / "published").mkdir(parents=True)
    in_repository(project, "init", "--quiet")
    for score in (1.0, 1.5):
        board(project / "leaderboard" / "published" / "leaderboard.csv", {"score": score})
        in_repository(project, "add", ".")
        in_repository(project, "commit", "--quiet", "-m", f"MAE {score}")
    monkeypatch.setattr(comparison_names, "PROJECT", project)
    return project


def test_an_old_revision_had_its_board_elsewhere_and_called_its_columns_otherwise(repository: Path) -> None:
    old = repository / "leaderboard" / "leaderboard.csv"
    now = repository / "leaderboard" / "published" / "leaderboard.csv"
    told = pd.read_csv(board(old, {"profile": "bundled"}), dtype=str)
    told = told.drop(columns=["kind", "primary", "reference"])
    told.rename(columns={"measure": "metric", "profile": "encoders"}).to_csv(old, index=False)
    (old.parent / "results" / "posts").mkdir(parents=True)
    (old.parent / "results" / "posts" / "row.json").write_text('{"version": 1}')
    text = now.read_text()
    now.unlink()
    in_repository(repository, "add", "--all")
    in_repository(repository, "commit", "--quiet", "-m", "as it was")
    now.write_text(text.replace(",none,", ",bundled,"))
    line = only(compare("HEAD", str(now), home=repository))
    assert (line["a"], line["b"], line["measure"], line["verdict"]) == (1.0, 1.5, "mae", "worse")


def in_repository(project: Path, *arguments: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "-C", str(project), *who, *arguments], check=True, capture_output=True)


def test_a_revision_of_the_board_is_compared_with_the_file_as_it_is(repository: Path) -> None:
    now = repository / "leaderboard" / "published" / "leaderboard.csv"
    found = compare("HEAD~1", str(now), home=repository)
    assert (only(found)["a"], only(found)["b"], only(found)["verdict"]) == (1.0, 1.5, "worse")
    assert only(compare("HEAD", str(now), home=repository))["verdict"] == "same"


@pytest.mark.slow
def test_revisions_are_paired_where_their_published_results_and_the_labels_are(
    tmp_path: Path, repository: Path
) -> None:
    """That is how a change is looked at: the board as committed against the board as it is now."""
    folder, home = repository / "leaderboard" / "published", tmp_path / "home"
    put_predictions(home / "runs", "recent_median", 1.5)
    put_predictions(home / "runs", "looker", status="skipped", reason="needs image")
    for error in (1.0, 1.05):
        shutil.rmtree(home / "runs" / "posts" / "likes" / "frozen" / "model", ignore_errors=True)
        put_predictions(home / "runs", "model", error, code_hash=f"{100 * error:.0f}".ljust(64, "0"))
        published(home / "runs", folder)
        write_published(folder)
        in_repository(repository, "add", "--force", ".")
        in_repository(repository, "commit", "--quiet", "-m", f"error {error}")
    now = str(folder / "leaderboard.csv")
    expected = of(compare(str(folder / "results"), str(home / "runs"), home=home), "model")
    assert expected["verdict"] == "same"
    line = of(compare("HEAD~1", now, home=home), "model")
    assert (line["paired"], line["verdict"], line["changed"]) == (True, "worse", "code")
    assert line["b"] - line["a"] == pytest.approx(0.04, abs=0.02)
    without_labels = of(compare("HEAD~1", now, home=tmp_path / "nowhere"), "model")
    assert (without_labels["paired"], without_labels["verdict"]) == (False, "cannot tell")
    skill = of(compare("HEAD~1", now, home=home, measures=["skill"]), "model")
    assert (skill["paired"], skill["verdict"]) == (True, "worse")
    before = of(compare("HEAD~3", now, home=home), "model")
    assert not before["paired"], "that revision has no published results"


def test_a_board_is_not_paired_by_results_whose_scores_are_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_predictions(tmp_path / "runs", "model", 1.0)
    results = published(tmp_path / "runs", tmp_path / "published")
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(tmp_path / "published"))
    write_board(tmp_path / "runs", tmp_path / "leaderboard", results)
    now = tmp_path / "leaderboard" / "leaderboard.csv"
    assert only(compare(str(now), str(now), home=tmp_path))["paired"]
    told = pd.read_csv(now, dtype=str)
    told.loc[told["measure"] == "mae", "score"] = "0.5"
    told.to_csv(now, index=False)
    assert not only(compare(str(now), str(now), home=tmp_path))["paired"]


def test_a_git_that_hangs_is_told_and_not_taken_for_a_revision_without_results(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = subprocess.run

    def hangs(command: list[str], **options: Any) -> Any:
        if "archive" in command:
            raise subprocess.TimeoutExpired(command, options["timeout"])
        return asked(command, **options)

    monkeypatch.setattr(subprocess, "run", hangs)
    with pytest.raises(SmpbenchError, match="git archive has not answered for 600 s"):
        compare("HEAD~1", "HEAD", home=repository)


@pytest.mark.parametrize("name", ["HEAD~9", "--output=taken", "-p", "", "HEAD:README.md"])
def test_a_revision_that_is_none_is_refused_and_never_an_option(repository: Path, name: str) -> None:
    with pytest.raises(SmpbenchError):
        compare(name, "HEAD", home=repository)
    assert sorted(path.name for path in repository.iterdir()) == [".git", "leaderboard"]
