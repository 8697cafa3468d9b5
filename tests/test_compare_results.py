"""`smpbench compare` of results, baselines and revisions: paired where predictions and labels are at hand."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from comparisons import board, of, only
from test_leaderboard import CLUSTERS, put
from test_published import put as put_predictions

from benchmark.errors import SmpbenchError, UnknownName
from benchmark.scores.bootstrap import interval
from leaderboard.board.write import write_board
from leaderboard.compare import names as comparison_names
from leaderboard.compare.comparison import compare
from leaderboard.publishing.results import publish
from leaderboard.tables.rows import read_rows

# Results with predictions


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Path, Path]:
    """Two run stores: a row a little worse in the second, in every resample alike."""
    for name, mae in (("before", 1.0), ("after", 1.01)):
        put(tmp_path / name, "recent_median", 2.0)
        put(tmp_path / name, "model", mae)
    return tmp_path / "before", tmp_path / "after"


def test_of_two_run_stores_the_interval_is_that_of_the_paired_differences(stores: tuple[Path, Path]) -> None:
    """What a resample does to both rows cancels: a hundredth is told that the boards alone cannot tell."""
    before, after = stores
    line = of(compare(str(before), str(after), home=before), "model")
    assert (line["paired"], line["verdict"]) == (True, "worse")
    assert (line["low"], line["high"]) == pytest.approx((0.01, 0.01))
    for runs in stores:
        write_board(runs, runs / "board")
    boards = (str(runs / "board" / "leaderboard.csv") for runs in stores)
    line = of(compare(*boards, home=before), "model")
    assert (line["paired"], line["verdict"]) == (False, "cannot tell")


def test_rows_that_are_the_same_in_every_resample_are_called_so(stores: tuple[Path, Path]) -> None:
    before, after = stores
    assert of(compare(str(before), str(after), home=before), "recent_median")["verdict"] == "same"


def test_a_run_store_is_compared_with_a_file_without_pairing(stores: tuple[Path, Path]) -> None:
    before, after = stores
    write_board(before, before / "board")
    found = compare(str(before / "board" / "leaderboard.csv"), str(after), home=before)
    line = of(found, "model")
    assert not line["paired"]
    spread = np.ptp(interval(1.01 + put_noise(), n_clusters=CLUSTERS)) / 2
    assert line["high"] - line["low"] == pytest.approx(2 * np.sqrt(2) * spread, rel=0.05)


def put_noise() -> np.ndarray[Any, Any]:
    from test_leaderboard import NOISE

    return NOISE


def test_skill_is_compared_too(stores: tuple[Path, Path]) -> None:
    before, after = stores
    line = of(compare(str(before), str(after), home=before, metrics=["skill"]), "model")
    assert (line["difference"], line["verdict"], line["paired"]) == (pytest.approx(-0.005), "worse", True)


def test_a_store_on_other_posts_of_the_same_data_is_not_compared(tmp_path: Path) -> None:
    """The card's cut-off has moved: fingerprint and protocol version are as before."""
    put(tmp_path / "a", "model", 1.0)
    put(tmp_path / "b", "model", 2.0, truth_key="u" * 64)
    line = only(compare(str(tmp_path / "a"), str(tmp_path / "b"), home=tmp_path))
    assert (line["verdict"], line["changed"]) == ("not compared", "test posts")


def test_of_published_results_paired_intervals_are_derived_where_labels_are(tmp_path: Path) -> None:
    for name, error in (("a", 1.0), ("b", 1.1)):
        put_predictions(tmp_path / name, "model", error)
        publish(read_rows(tmp_path / name), tmp_path / f"{name}_results")
    published = [str(tmp_path / "a_results"), str(tmp_path / "b_results")]
    expected = only(compare(str(tmp_path / "a"), str(tmp_path / "b"), home=tmp_path))
    (tmp_path / "home").mkdir()
    shutil.copytree(tmp_path / "a", tmp_path / "home" / "runs")
    with_labels = only(compare(*published, home=tmp_path / "home"))
    assert with_labels["paired"] and with_labels["verdict"] == "worse"
    assert [with_labels["low"], with_labels["high"]] == pytest.approx([expected["low"], expected["high"]])
    without = only(compare(*published, home=tmp_path / "nowhere"))
    assert (without["paired"], without["verdict"]) == (False, "cannot tell")
    assert without["high"] - without["low"] > 3 * (expected["high"] - expected["low"])
    itself = only(compare(published[0], str(tmp_path / "a"), home=tmp_path / "nowhere"))
    assert itself["verdict"] == "same", "derived anew, replicates differ from the stored ones in the last bit"
    mixed = only(compare(published[0], str(tmp_path / "b"), home=tmp_path / "nowhere"))
    assert mixed["paired"], "the store that is compared has the labels"


# Two baselines


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(tmp_path / "runs", "recent_median", 2.0)
    put(tmp_path / "runs", "ridge", 1.0)
    put(tmp_path / "runs", "ridge", 1.0, protocol="rolling")
    put(tmp_path / "runs", "trees", 0.9, variant="deep", encoders="bundled")
    put(tmp_path / "runs", "trees", 1.2, variant="flat", encoders="bundled")
    return tmp_path


def test_two_baselines_are_compared_in_the_tables_that_have_both(home: Path) -> None:
    found = compare("ridge", "trees:deep", home=home)
    line = only(found)
    assert (line["a"], line["b"], line["verdict"], line["paired"]) == (1.0, 0.9, "better", True)
    assert line["baseline"] == "ridge -> trees:deep"
    assert [(one["what"], one["protocol"]) for one in found.changes.to_dict("records")] == [
        ("disappeared", "rolling")
    ]


def test_of_published_baselines_the_published_results_are_taken(home: Path) -> None:
    """Where the run store has none of them: a fresh checkout has published results alone."""
    put_predictions(home / "other", "near", 1.0)
    put_predictions(home / "other", "distant", 2.0)
    publish(read_rows(home / "other"), home / "leaderboard" / "results")
    assert only(compare("near", "distant", home=home))["verdict"] == "worse"


def test_a_variant_has_to_be_named_where_there_is_no_default(home: Path) -> None:
    with pytest.raises(UnknownName, match=r"'default'; known: deep, flat\. Write trees:VARIANT"):
        compare("ridge", "trees", home=home)
    with pytest.raises(UnknownName, match="did you mean 'deep'"):
        compare("ridge", "trees:deeep", home=home)


def test_of_rows_of_several_profiles_one_has_to_be_named(home: Path) -> None:
    put(home / "runs", "trees", 0.5, variant="deep", encoders="hub", code_hash="h" * 64)
    with pytest.raises(SmpbenchError, match="rows of several profiles: say --encoders bundled or hub"):
        compare("ridge", "trees:deep", home=home)
    assert only(compare("ridge", "trees:deep", home=home, encoders="hub"))["b"] == 0.5


def test_a_name_that_nothing_answers_to_is_answered_with_the_nearest(home: Path) -> None:
    with pytest.raises(UnknownName, match=r"'rigde'; did you mean 'ridge'.*A side is a leaderboard\.csv"):
        compare("ridge", "rigde", home=home)
    with pytest.raises(SmpbenchError, match="ridge is a baseline, which is compared with a baseline"):
        compare("ridge", str(home / "runs"), home=home)
    with pytest.raises(UnknownName, match="unknown metric 'mea'; did you mean 'mae'"):
        compare("ridge", "trees:deep", home=home, metrics=["mea"])


def test_a_folder_without_results_says_what_may_be_named(tmp_path: Path) -> None:
    with pytest.raises(SmpbenchError, match=r"holds no results\. Name a run store"):
        compare(str(tmp_path), str(tmp_path), home=tmp_path)


# Git revisions


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two revisions of its board; the first made a row worse."""
    project = tmp_path / "project"
    (project / "leaderboard").mkdir(parents=True)
    in_repository(project, "init", "--quiet")
    for score in (1.0, 1.5):
        board(project / "leaderboard" / "leaderboard.csv", {"score": score})
        in_repository(project, "add", ".")
        in_repository(project, "commit", "--quiet", "-m", f"MAE {score}")
    monkeypatch.setattr(comparison_names, "PROJECT", project)
    return project


def in_repository(project: Path, *arguments: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "-C", str(project), *who, *arguments], check=True, capture_output=True)


def test_a_revision_of_the_board_is_compared_with_the_file_as_it_is(repository: Path) -> None:
    now = repository / "leaderboard" / "leaderboard.csv"
    found = compare("HEAD~1", str(now), home=repository)
    assert (only(found)["a"], only(found)["b"], only(found)["verdict"]) == (1.0, 1.5, "worse")
    assert only(compare("HEAD", str(now), home=repository))["verdict"] == "same"


@pytest.mark.slow
def test_revisions_are_paired_where_their_published_results_and_the_labels_are(
    tmp_path: Path, repository: Path
) -> None:
    """That is how a change is looked at: the board as committed against the board as it is now."""
    folder, home = repository / "leaderboard", tmp_path / "home"
    put_predictions(home / "runs", "recent_median", 1.5)
    put_predictions(home / "runs", "looker", status="skipped", reason="needs image")
    for error in (1.0, 1.05):
        shutil.rmtree(home / "runs" / "posts" / "likes" / "frozen" / "model", ignore_errors=True)
        put_predictions(home / "runs", "model", error, code_hash=f"{error}".ljust(64, "0"))
        publish(read_rows(home / "runs"), folder / "results")
        write_board(home / "runs", folder)
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
    skill = of(compare("HEAD~1", now, home=home, metrics=["skill"]), "model")
    assert (skill["paired"], skill["verdict"]) == (True, "worse")
    before = of(compare("HEAD~3", now, home=home), "model")
    assert not before["paired"], "that revision has no published results"


def test_a_board_is_not_paired_by_results_whose_scores_are_not_its_own(tmp_path: Path) -> None:
    put_predictions(tmp_path / "runs", "model", 1.0)
    publish(read_rows(tmp_path / "runs"), tmp_path / "leaderboard" / "results")
    write_board(tmp_path / "runs", tmp_path / "leaderboard")
    now = tmp_path / "leaderboard" / "leaderboard.csv"
    assert only(compare(str(now), str(now), home=tmp_path))["paired"]
    told = pd.read_csv(now, dtype=str)
    told.loc[told["metric"] == "mae", "score"] = "0.5"
    told.to_csv(now, index=False)
    assert not only(compare(str(now), str(now), home=tmp_path))["paired"]


@pytest.mark.parametrize("name", ["HEAD~9", "--output=taken", "-p", "", "HEAD:README.md"])
def test_a_revision_that_is_none_is_refused_and_never_an_option(repository: Path, name: str) -> None:
    with pytest.raises(SmpbenchError):
        compare(name, "HEAD", home=repository)
    assert sorted(path.name for path in repository.iterdir()) == [".git", "leaderboard"]
