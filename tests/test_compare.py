"""`smpbench compare`: what is better, worse or cannot be told, and what is not compared at all."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from raw_layouts import ROOT
from test_leaderboard import CLUSTERS, put
from test_published import put as put_predictions
from typer.testing import CliRunner, Result

from benchmark.bootstrap import interval
from benchmark.cli import app
from benchmark.errors import DataError, SmpbenchError, UnknownName
from leaderboard import comparison_names
from leaderboard.board import write_board
from leaderboard.compare import Comparison, compare
from leaderboard.comparison_format import FORMATS, formatted
from leaderboard.published import publish
from leaderboard.rows import read_rows
from leaderboard.tables import COLUMNS

EVIL = "<script>alert(1)</script>|&%$#_{}~^\\[x](http://a.org)\x1b[31m\nB"
"""A name as it may stand in anyone's file."""


def board(path: Path, *lines: dict[str, Any]) -> Path:
    """A leaderboard.csv; of each line what matters to a test, an interval of 0.1 either way."""
    told = []
    for line in lines:
        full: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {
            "dataset": "posts",
            "task": "likes",
            "target": "likes",
            "protocol": "frozen",
            "baseline": "model",
            "variant": "default",
            "encoders": "none",
            "crawl": False,
            "metric": "mae",
            "score": 1.0,
            "n_test": 50,
            "status": "ok",
            "data_fingerprint": "d" * 64,
            "protocol_version": "1",
            "code_hash": "c" * 64,
        }
        full |= line
        if full["score"] != "":
            full |= {"score_low": full["score"] - 0.1, "score_high": full["score"] + 0.1}
        told.append(full)
    path.parent.mkdir(exist_ok=True)
    pd.DataFrame(told, columns=COLUMNS).to_csv(path, index=False)
    return path


def both(folder: Path, before: dict[str, Any], after: dict[str, Any], **options: Any) -> Comparison:
    a, b = board(folder / "a.csv", before), board(folder / "b.csv", after)
    return compare(str(a), str(b), home=folder, **options)


def only(comparison: Comparison) -> dict[str, Any]:
    (line,) = comparison.lines.to_dict("records")
    return line


def smpbench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


# Files


@pytest.mark.parametrize(
    ("metric", "after", "verdict"),
    [
        ("mae", 0.5, "better"),
        ("mae", 1.5, "worse"),
        ("mae", 1.1, "cannot tell"),
        ("spearman", 0.5, "worse"),
        ("spearman", 1.5, "better"),
        ("coverage", 0.5, "different"),
    ],
)
def test_the_verdict_is_on_b_and_goes_by_the_interval_of_the_difference(
    tmp_path: Path, metric: str, after: float, verdict: str
) -> None:
    before = {"metric": metric, "score": 1.0}
    line = only(both(tmp_path, before, before | {"score": after}, metrics=[metric]))
    assert line["verdict"] == verdict
    assert line["difference"] == pytest.approx(after - 1)


def test_of_two_files_the_interval_is_a_root_of_a_sum_of_squares_and_called_unpaired(tmp_path: Path) -> None:
    found = both(tmp_path, {"score": 1.0}, {"score": 1.2})
    line = only(found)
    assert (line["low"], line["high"]) == pytest.approx((0.2 - np.hypot(0.1, 0.1), 0.2 + np.hypot(0.1, 0.1)))
    assert not line["paired"]
    text = formatted(found, "table")
    assert "1 intervals are unpaired" in text and "[+0.0586, +0.3414] unpaired" in text


def test_a_lopsided_interval_is_turned_the_right_way_round(tmp_path: Path) -> None:
    """B may be lower by its own lower end, or because A is higher by its upper end."""
    a, b = board(tmp_path / "a.csv", {}), board(tmp_path / "b.csv", {"score": 2.0})
    for path, low, high in ((a, 0.97, 1.3), (b, 1.6, 2.04)):
        pd.read_csv(path, dtype=str).assign(score_low=low, score_high=high).to_csv(path, index=False)
    line = only(compare(str(a), str(b), home=tmp_path))
    assert (line["low"], line["high"]) == pytest.approx((1 - np.hypot(0.4, 0.3), 1 + np.hypot(0.04, 0.03)))


def test_what_cannot_be_told_says_at_which_number_of_posts(tmp_path: Path) -> None:
    assert "cannot tell at n = 50" in formatted(both(tmp_path, {}, {"score": 1.1}), "table")


def test_a_board_and_itself_are_the_same(tmp_path: Path) -> None:
    found = both(tmp_path, {}, {})
    assert only(found)["verdict"] == "same"
    assert found.changes.empty
    assert "1 scores (mae) are on both sides: 1 same." in formatted(found, "table")


def test_scores_without_intervals_can_be_the_same_and_cannot_be_told_apart(tmp_path: Path) -> None:
    """A single cluster has no interval."""
    a, b = board(tmp_path / "a.csv", {}), board(tmp_path / "b.csv", {"score": 9.0})
    for path in (a, b):
        pd.read_csv(path, dtype=str).assign(score_low="", score_high="").to_csv(path, index=False)
    assert only(compare(str(a), str(a), home=tmp_path))["verdict"] == "same"
    assert only(compare(str(a), str(b), home=tmp_path))["verdict"] == "cannot tell"


def test_equal_scores_of_other_code_are_not_called_the_same(tmp_path: Path) -> None:
    found = both(tmp_path, {}, {"code_hash": "e" * 64})
    assert (only(found)["verdict"], only(found)["changed"]) == ("cannot tell", "code")


def test_what_appeared_disappeared_or_has_other_code_is_told(tmp_path: Path) -> None:
    a = board(tmp_path / "a.csv", {}, {"baseline": "old"}, {"baseline": "frail"})
    lost = {"baseline": "frail", "status": "failed: NaN", "metric": "", "score": ""}
    b = board(tmp_path / "b.csv", {"code_hash": "e" * 64}, {"baseline": "new", "crawl": True}, lost)
    found = compare(str(a), str(b), home=tmp_path)
    told = {
        (one["what"], one["baseline"], one["before"][:6], one["after"][:6])
        for one in found.changes.to_dict("records")
    }
    assert told == {
        ("appeared", "new", "", "ok"),
        ("disappeared", "old", "ok", ""),
        ("code", "model", "cccccc", "eeeeee"),
        ("status", "frail", "ok", "failed"),
    }
    text = formatted(found, "table")
    assert re.search(r"appeared +new with crawl-time columns +posts likes frozen", text)
    assert re.search(r"code +model +posts likes frozen +c{12} +e{12}\n", text)


def test_a_board_of_before_there_were_studies_can_be_read(tmp_path: Path) -> None:
    a = board(tmp_path / "a.csv", {})
    pd.read_csv(a, dtype=str).drop(columns="study").to_csv(a, index=False)
    assert only(compare(str(a), str(board(tmp_path / "b.csv", {})), home=tmp_path))["verdict"] == "same"


def test_a_name_that_reads_like_a_missing_value_is_a_name(tmp_path: Path) -> None:
    found = both(tmp_path, {"baseline": "NA", "variant": "null"}, {"baseline": "NA", "variant": "null"})
    assert (only(found)["baseline"], only(found)["variant"]) == ("NA", "null")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"score": "much"}, "row 2, column 'score', value 'much': is no number"),
        ({"score": "inf"}, "row 2, column 'score', value 'inf': is no number"),
        ({"crawl": "maybe"}, "row 2, column 'crawl', value 'maybe': is neither True nor False"),
    ],
)
def test_a_wrong_value_in_a_file_is_named(tmp_path: Path, change: dict[str, str], problem: str) -> None:
    a = board(tmp_path / "a.csv", {})
    pd.read_csv(a, dtype=str).assign(**change).to_csv(a, index=False)
    with pytest.raises(DataError, match=re.escape(f"{a}, {problem}")):
        compare(str(a), str(a), home=tmp_path)


def test_a_row_that_comes_twice_is_refused(tmp_path: Path) -> None:
    a = board(tmp_path / "a.csv", {}, {"score": 2.0})
    with pytest.raises(DataError, match=r"row 3.*the same row, target and metric come twice"):
        compare(str(a), str(a), home=tmp_path)


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "a\n1,2\n3,4,5\n", "\x00\x00"])
def test_a_file_that_is_no_leaderboard_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(DataError, match=r"a\.csv"):
        compare(str(tmp_path / "a.csv"), str(tmp_path / "a.csv"), home=tmp_path)


# Refusal


APART = {
    "protocol version": {"protocol_version": "2"},
    "data fingerprint": {"data_fingerprint": "e" * 64},
    "test posts": {"n_test": 60},
}


@pytest.mark.parametrize("what", APART)
def test_rows_on_other_rules_data_or_posts_are_not_compared_unless_forced(tmp_path: Path, what: str) -> None:
    after = {"score": 2.0} | APART[what]
    found = both(tmp_path, {}, after)
    line = only(found)
    assert (line["verdict"], line["changed"]) == ("not compared", what)
    assert pd.isna(line["difference"]) and pd.isna(line["low"])
    assert f"posts likes frozen: {what} " in found.refused[0]
    assert found.regressions == []
    forced = both(tmp_path, {}, after, force=True)
    assert only(forced)["verdict"] == "worse"
    assert "Compared by force" in formatted(forced, "table")


def test_a_refusal_is_told_in_the_exit_status_and_spares_the_other_tables(tmp_path: Path) -> None:
    other = {"dataset": "others", "score": 1.5}
    a = board(tmp_path / "a.csv", {}, {"dataset": "others"})
    b = board(tmp_path / "b.csv", {"protocol_version": "2"}, other)
    done = smpbench(a, b)
    assert done.exit_code == 1
    assert "posts likes frozen: protocol version 1 -> 2; --force compares all the same" in done.stderr
    assert "1 worse, 1 not compared" in done.stdout
    assert smpbench(a, b, "--force").exit_code == 0


# Regressions


@pytest.mark.parametrize(
    ("after", "failed"),
    [
        ({"score": 1.5}, "model on posts likes frozen, likes: mae 1 -> 1.5"),
        (
            {"status": "timeout: 2 h", "metric": "", "score": ""},
            "model on posts likes frozen: status ok -> timeout",
        ),
        ({"score": 1.1}, ""),
        ({"score": 0.5}, ""),
    ],
)
def test_a_ci_can_fail_on_a_row_that_got_significantly_worse(
    tmp_path: Path, after: dict[str, Any], failed: str
) -> None:
    a, b = board(tmp_path / "a.csv", {}), board(tmp_path / "b.csv", after)
    assert smpbench(a, b).exit_code == 0
    done = smpbench(a, b, "--fail-on-regression")
    assert done.exit_code == int(bool(failed))
    assert failed in done.stderr and ("regression" in done.stderr) == bool(failed)


# Results with predictions


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Path, Path]:
    """Two run stores: a row a little worse in the second, in every resample alike."""
    for name, mae in (("before", 1.0), ("after", 1.01)):
        put(tmp_path / name, "recent_median", 2.0)
        put(tmp_path / name, "model", mae)
    return tmp_path / "before", tmp_path / "after"


def of(comparison: Comparison, baseline: str) -> dict[str, Any]:
    lines = comparison.lines
    return only(Comparison("", "", (), lines[lines["baseline"] == baseline], comparison.changes, False))


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


# Formats


def evil(folder: Path) -> Comparison:
    return both(folder, {"baseline": EVIL}, {"baseline": EVIL, "score": 1.5, "code_hash": EVIL})


def test_csv_has_every_score_and_every_change(tmp_path: Path) -> None:
    text = formatted(evil(tmp_path), "csv")
    score, change = csv.DictReader(io.StringIO(text))
    assert score["baseline"] == change["baseline"] == EVIL
    assert (score["a"], score["b"], score["difference"]) == ("1", "1.5", "0.5")
    assert (score["verdict"], change["verdict"], change["b"]) == ("worse", "code", EVIL)


def test_json_has_every_score_and_no_number_that_is_none(tmp_path: Path) -> None:
    told = json.loads(formatted(evil(tmp_path), "json"))
    assert told["lines"][0]["baseline"] == EVIL
    assert told["lines"][0]["verdict"] == "worse"
    assert len(told["changes"]) == len(told["regressions"]) == 1
    refused = json.loads(formatted(both(tmp_path, {}, {"protocol_version": "2"}), "json"))
    assert refused["lines"][0]["difference"] is None


class Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells = [""]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.cells[-1] += data


def test_html_is_a_page_in_which_a_name_is_text(tmp_path: Path) -> None:
    page = Cells()
    page.feed(formatted(evil(tmp_path), "html"))
    assert "script" not in page.tags and page.tags.count("table") == 2
    assert EVIL in page.cells


def test_markdown_keeps_its_columns_whatever_a_name_holds(tmp_path: Path) -> None:
    text = formatted(evil(tmp_path), "md")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines[:3]}) == 1
    assert r"\<script\>" in text and r"\[x\](http" in text


def test_latex_escapes_what_means_something_to_it(tmp_path: Path) -> None:
    text = formatted(evil(tmp_path), "latex")
    assert (
        r"\textless{}script\textgreater{}alert(1)\textless{}/script\textgreater{}\textbar{}\&\%\$\#\_\{\}"
        r"\textasciitilde{}\textasciicircum{}\textbackslash{}{[}x](http"
    ) in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2


def test_a_name_cannot_command_the_terminal(tmp_path: Path) -> None:
    text = formatted(evil(tmp_path), "table")
    assert "\x1b" not in text
    assert not any(line.startswith("B") for line in text.splitlines()), "nor tear a line"


def test_every_format_can_be_had_from_the_command_line(tmp_path: Path) -> None:
    a, b = board(tmp_path / "a.csv", {}), board(tmp_path / "b.csv", {"score": 1.5})
    for form in FORMATS:
        done = smpbench(a, b, "--format", form)
        assert done.exit_code == 0
        assert "worse" in done.stdout
    assert isinstance(smpbench(a, b, "--format", "pdf").exception, UnknownName)


@pytest.mark.parametrize("form", FORMATS)
def test_boards_without_a_common_row_have_nothing_to_compare(tmp_path: Path, form: str) -> None:
    found = compare(str(board(tmp_path / "a.csv")), str(board(tmp_path / "b.csv", {})), home=tmp_path)
    assert "appeared" in formatted(found, form)
    assert formatted(compare(found.a, found.a, home=tmp_path), form)


@pytest.mark.slow
def test_two_files_of_10_000_rows_take_less_than_2_seconds(tmp_path: Path) -> None:
    """The command as a whole, start and imports included, once those are compiled, on one core."""
    lines = [{"baseline": f"row_{i}", "dataset": f"posts_{i % 20}"} for i in range(10_000)]
    a = board(tmp_path / "a.csv", *lines)
    b = board(tmp_path / "b.csv", *(line | {"score": 1 + i % 7 / 10} for i, line in enumerate(lines)))
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", "from benchmark.cli import main; main()", "compare", str(a), str(b)]
    took = []
    for _ in range(2):
        before = os.times()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        after = os.times()
        # Seconds of the processor: other tests run beside this one.
        took.append(sum(after[2:4]) - sum(before[2:4]))
    assert "10000 scores (mae) are on both sides" in done.stdout
    assert min(took) < 2
