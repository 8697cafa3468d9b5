"""`smpbench compare`: what is better, worse or cannot be told, and what is not compared at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from comparisons import board, both, of, only, smpbench

from benchmark.errors import DataError, UnknownName
from leaderboard.compare.comparison import compare
from leaderboard.compare.format import formatted

pytestmark = pytest.mark.slow

# Files


@pytest.mark.parametrize(
    ("measure", "after", "verdict"),
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
    tmp_path: Path, measure: str, after: float, verdict: str
) -> None:
    before = {"measure": measure, "score": 1.0}
    line = only(both(tmp_path, before, before | {"score": after}, measures=[measure]))
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
    lost = {"baseline": "frail", "status": "failed: NaN", "measure": "", "score": ""}
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


def test_a_board_of_before_there_were_other_measures_and_kinds_can_be_read(tmp_path: Path) -> None:
    """Its columns were called otherwise, and every task was ranked by the primary measure of a regression."""
    a = board(tmp_path / "a.csv", {"profile": "hub"}, {"profile": "hub", "measure": "spearman", "score": 0.5})
    old = pd.read_csv(a, dtype=str).drop(columns=["kind", "primary", "reference"])
    old.rename(columns={"measure": "metric", "profile": "encoders"}).to_csv(a, index=False)
    b = board(tmp_path / "b.csv", {"profile": "hub", "score": 2.0})
    line = only(compare(str(a), str(b), home=tmp_path))
    assert (line["measure"], line["profile"], line["verdict"]) == ("mae", "hub", "worse")
    done = smpbench(a, b, "--fail-on-regression")
    assert (done.exit_code, "model (hub) on posts likes frozen, likes: mae 1 -> 2" in done.stderr) == (
        1,
        True,
    )


def test_each_task_is_compared_by_its_primary_measure_unless_others_are_asked_for(tmp_path: Path) -> None:
    event = {"dataset": "viral", "kind": "event", "primary": "average_precision", "reference": "recent_rate"}
    of = [{}, {"measure": "spearman"}, event | {"measure": "average_precision"}, event | {"measure": "auc"}]
    a, b = board(tmp_path / "a.csv", *of), board(tmp_path / "b.csv", *(one | {"score": 1.5} for one in of))
    found = compare(str(a), str(b), home=tmp_path)
    told = found.lines.set_index(["dataset", "measure"])["verdict"].to_dict()
    assert told == {("posts", "mae"): "worse", ("viral", "average_precision"): "better"}
    asked = compare(str(a), str(b), home=tmp_path, measures=["auc", "mae"])
    assert set(asked.lines["measure"]) == {"auc", "mae"}


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
    with pytest.raises(DataError, match=r"row 3.*the same row, target and measure come twice"):
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
            {"status": "timeout: 2 h", "measure": "", "score": ""},
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


# What matters


def test_a_difference_within_the_margin_is_equivalent_and_no_regression(tmp_path: Path) -> None:
    """Half a percent of the reference's error, unless another share is asked for."""
    paired = both(tmp_path, {"score": 1.0}, {"score": 1.000004}, margin=0.5)
    assert only(paired)["verdict"] == "equivalent"
    assert paired.regressions == []
    assert only(both(tmp_path, {"score": 1.0}, {"score": 1.000004}))["verdict"] == "cannot tell"


def test_a_difference_is_worse_only_beyond_the_margin_of_the_reference(tmp_path: Path) -> None:
    reference = {"baseline": "recent_median", "score": 100.0}
    a = board(tmp_path / "a.csv", {"score": 1.0}, reference)
    b = board(tmp_path / "b.csv", {"score": 1.4}, reference)
    found = of(compare(str(a), str(b), home=tmp_path), "model")
    assert (found["margin"], found["verdict"]) == (
        pytest.approx(0.5),
        "equivalent" if found["high"] < 0.5 else "cannot tell",
    )
    alone = both(tmp_path, {"score": 1.0}, {"score": 1.4})
    assert only(alone)["margin"] == pytest.approx(0.005)
    assert len(alone.regressions) == 1


def test_of_many_comparisons_holm_leaves_those_that_are_sure(tmp_path: Path) -> None:
    """Intervals of 0.1 either way make 0.14 of a difference: one of 0.15 stands out alone, and not of ten."""
    before: list[dict[str, Any]] = [{"baseline": f"m{i}"} for i in range(10)]
    after: list[dict[str, Any]] = [
        {"baseline": "m0", "score": 1.15},
        {"baseline": "m1", "score": 2.0},
        *before[2:],
    ]
    after = [{**one, "code_hash": "e" * 64} for one in after]
    a, b = board(tmp_path / "a.csv", *before), board(tmp_path / "b.csv", *after)
    plain, corrected = (compare(str(a), str(b), home=tmp_path, holm=holm) for holm in (False, True))
    assert [of(plain, name)["verdict"] for name in ("m0", "m1")] == ["worse", "worse"]
    assert [of(corrected, name)["verdict"] for name in ("m0", "m1")] == ["cannot tell", "worse"]
    assert of(plain, "m0")["p"] < 0.05 < of(corrected, "m0")["p"]


def test_the_margin_is_that_of_the_card_unless_another_is_asked_for(tmp_path: Path) -> None:
    told = ({"score": 1.0, "margin": 0.1}, {"score": 1.05, "margin": 0.1})
    assert only(both(tmp_path, *told))["margin"] == pytest.approx(0.1)
    assert only(both(tmp_path, *told, margin=0.02))["margin"] == pytest.approx(0.02)


def test_a_board_of_before_there_was_a_margin_has_the_usual_one(tmp_path: Path) -> None:
    assert only(both(tmp_path, {"score": 1.0}, {"score": 1.05}))["margin"] == pytest.approx(0.005)


def test_data_sets_that_are_named_are_compared_alone(tmp_path: Path) -> None:
    sides = [board(tmp_path / f"{name}.csv", {}, {"dataset": "others"}) for name in "ab"]
    assert set(compare(*map(str, sides), home=tmp_path).lines["dataset"]) == {"posts", "others"}
    found = compare(*map(str, sides), home=tmp_path, datasets=["others"])
    assert set(found.lines["dataset"]) == {"others"}
    with pytest.raises(UnknownName, match=r"'othres'.*others"):
        compare(*map(str, sides), home=tmp_path, datasets=["othres"])
    done = smpbench(*sides, "-d", "others", "--format", "csv")
    assert "others" in done.stdout and "posts" not in done.stdout


def test_a_margin_that_is_no_share_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="margin"):
        both(tmp_path, {"margin": 3}, {})


def test_what_became_of_other_data_sets_is_no_part_of_a_comparison_of_some(tmp_path: Path) -> None:
    before = board(tmp_path / "a.csv", {}, {"dataset": "others"})
    after = board(tmp_path / "b.csv", {})
    assert len(compare(str(before), str(after), home=tmp_path).changes) == 1
    assert compare(str(before), str(after), home=tmp_path, datasets=["posts"]).changes.empty
