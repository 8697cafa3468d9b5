"""`smpbench compare` over several data sets: what its lines come to on each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from comparisons import board, smpbench

from leaderboard.compare.by_dataset import by_dataset, span
from leaderboard.compare.comparison import Comparison, compare
from leaderboard.compare.format import FORMATS, Section, formatted, sections

SUMMARY = "by data set"


def compared(folder: Path, *pairs: tuple[dict[str, Any], float], **options: Any) -> Comparison:
    """Two boards of the same lines: a line of A, and what B scores there."""
    a = board(folder / "a.csv", *(line for line, _ in pairs))
    b = board(folder / "b.csv", *(line | {"score": after} for line, after in pairs))
    return compare(str(a), str(b), home=folder, **options)


def summaries(comparison: Comparison) -> list[Section]:
    return [section for section in sections(comparison) if section.title.endswith(SUMMARY)]


def test_errors_are_told_in_shares_of_as_since_data_sets_have_scales_of_their_own(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        ({"dataset": "one"}, 0.5),
        ({"dataset": "one", "target": "shares"}, 0.7),
        ({"dataset": "one", "target": "replies"}, 1.01),
        ({"dataset": "two", "score": 2.0}, 2.5),
    )
    (section,) = summaries(found)
    assert section.head == ("data set", "scores", "better", "by, of A's error", "worse", "by, of A's error")
    assert section.rows == [("one", "3", "2", "30 to 50%", "0", ""), ("two", "1", "0", "", "1", "25%")]


def test_ranks_and_chances_are_told_as_they_are(tmp_path: Path) -> None:
    line = {"measure": "spearman", "primary": "spearman", "score": 0.2}
    found = compared(tmp_path, (line | {"dataset": "one"}, 0.6), (line | {"dataset": "two"}, 0.3))
    (section,) = summaries(found)
    assert section.rows[0] == ("one", "1", "1", "0.400", "0", "")


def test_scores_that_are_the_same_on_both_sides_are_counted(tmp_path: Path) -> None:
    pairs = [({"dataset": name, "target": target}, 1.0) for name in ("one", "two") for target in ("a", "b")]
    pairs = [(line, after if line["target"] == "a" else 0.5) for line, after in pairs]
    (section,) = summaries(compared(tmp_path, *pairs))
    assert [row[1:3] for row in section.rows] == [("2", "1"), ("2", "1")]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"target": "shares"}, id="one data set"),
        pytest.param({"dataset": "two", "baseline": "other"}, id="two rows, which have a table each"),
    ],
)
def test_nothing_is_summed_up_where_there_is_nothing_to_sum_up(tmp_path: Path, other: dict[str, Any]) -> None:
    assert summaries(compared(tmp_path, ({}, 0.5), (other, 0.5))) == []


def test_a_share_of_no_error_at_all_has_no_end() -> None:
    line = {"dataset": "one", "measure": "mae", "a": 0.0, "difference": 0.5, "verdict": "worse"}
    (told,) = by_dataset([line])
    assert span(told.worse, share=True) == "inf%"


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("csv", "json")])
def test_each_format_that_a_person_reads_has_it(tmp_path: Path, form: str) -> None:
    found = compared(tmp_path, ({"dataset": "one"}, 0.5), ({"dataset": "two"}, 0.5))
    assert SUMMARY in formatted(found, form) and "50" in formatted(found, form)


def test_the_command_prints_it_below_the_lines(tmp_path: Path) -> None:
    compared(tmp_path, ({"dataset": "one"}, 0.5), ({"dataset": "two"}, 0.5))
    printed = smpbench(tmp_path / "a.csv", tmp_path / "b.csv").stdout
    assert printed.index("one likes frozen") < printed.index(SUMMARY) < printed.index("2 scores (mae)")
