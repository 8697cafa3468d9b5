"""The page: one file that says what the CSV says."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from browsers import with_data
from pages_made import EVIL, board_of, made, page_of
from stored import EVENT, HAPPENED, derived, published, put_predictions

from leaderboard.board.merged import csv, read_csv
from leaderboard.board.write import write_board
from leaderboard.page import data
from leaderboard.page.packed import unpacked
from leaderboard.page.page import SCRIPTS, SITE, contradictions, embedded
from leaderboard.publishing.pictures import Pictures


@pytest.mark.slow
def test_the_page_has_every_score_of_the_csv_to_its_last_digit(tmp_path: Path) -> None:
    told = {
        (row["baseline"], row["protocol"], target, measure): numbers
        for row in embedded(made(tmp_path))["rows"]
        for target, scores in row["scores"].items()
        for measure, numbers in scores.items()
    }
    board = read_csv(csv(board_of(tmp_path).board))
    scored = board[board["measure"].notna()]
    assert len(told) == len(scored) > 0
    for line in scored.itertuples():
        score, low, high, *_ = told[line.baseline, line.protocol, line.target, line.measure]
        assert (score, low, high) == pytest.approx((line.score, line.score_low, line.score_high), rel=1e-12)


@pytest.mark.slow
def test_the_same_board_gives_the_same_page(tmp_path: Path) -> None:
    made(tmp_path)
    assert page_of(board_of(tmp_path)) == page_of(board_of(tmp_path))


def test_nothing_in_the_page_is_fetched_and_no_name_can_end_its_data(tmp_path: Path) -> None:
    text = made(tmp_path)
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert EVIL not in text
    assert any(EVIL in row["status"] for row in embedded(text)["rows"])


def test_the_libraries_lie_packed_in_the_page_as_they_were_built(tmp_path: Path) -> None:
    found = re.findall(r'<script type="application/gzip" class="waiting">(.*?)</script>', made(tmp_path))
    built = [(SITE / name).read_text(encoding="utf-8") for name in SCRIPTS if name.startswith("vendor/")]
    assert list(map(unpacked, found)) == built != []


@pytest.mark.slow
def test_a_page_whose_numbers_are_not_those_of_the_results_is_found_out(tmp_path: Path) -> None:
    text = made(tmp_path)
    found = board_of(tmp_path)
    assert contradictions(text, found.board, found.tables) == []
    told = embedded(text)
    (wrong,) = (row for row in told["rows"] if (row["baseline"], row["protocol"]) == ("model_1", "frozen"))
    wrong["scores"]["likes"]["mae"][0] = 0.9
    (phrase,) = contradictions(with_data(text, told), found.board, found.tables)
    assert "posts/likes/frozen/model_1" in phrase
    assert contradictions("<html></html>", found.board, found.tables) != []
    told = embedded(text)
    told["cards"][0]["verdict"] = "model_2 is best."
    (phrase,) = contradictions(with_data(text, told), found.board, found.tables)
    assert phrase == "its verdicts are not those of the results"
    told = embedded(text)
    told["pairs"][1]["ends"]["likes"]["mae"]["low"][2] += 100
    (phrase,) = contradictions(with_data(text, told), found.board, found.tables)
    assert phrase == "its paired intervals of posts/likes/rolling are not those of the results"
    (phrase,) = contradictions(
        with_data(text, told | {"pairs": told["pairs"][:1]}), found.board, found.tables
    )
    assert "posts/likes/rolling" in phrase, "nor may they be missing"


def test_a_page_that_is_cut_short_or_damaged_is_found_out(tmp_path: Path) -> None:
    text = made(tmp_path)
    found = board_of(tmp_path)
    start = text.index('id="data">') + len('id="data">')
    end = text.index("</script>", start)
    half = text[:start] + text[start : (start + end) // 2] + text[end:]
    other = text[:start] + "H4sI" + text[start:end] + text[end:]
    for damaged in (half, other):
        (phrase,) = contradictions(damaged, found.board, found.tables)
        assert phrase.startswith("its data cannot be read: packed data that are")


@pytest.mark.slow
def test_a_page_that_is_damaged_says_where_its_scores_are_too(browser: Any, tmp_path: Path) -> None:
    text = made(tmp_path)
    start = text.index('id="data">') + len('id="data">')
    (tmp_path / "index.html").write_text(text[:start] + "H4sI" + text[start:], encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "index.html").as_uri())
    tab.get_by_text("The same scores are in LEADERBOARD.md").wait_for()


@pytest.mark.slow
def test_the_page_has_the_paired_interval_of_any_two_rows_of_a_table(tmp_path: Path) -> None:
    told = embedded(made(tmp_path))
    board = read_csv(csv(board_of(tmp_path).board)).set_index("baseline")
    assert len(told["pairs"]) == 2, "a table each of two protocols"
    for entry in told["pairs"]:
        names = [told["rows"][place]["baseline"] for place in entry["rows"]]
        lows, highs = (entry["ends"]["likes"]["mae"][end] for end in ("low", "high"))
        pairs = list(combinations(names, 2))
        assert len(lows) == len(highs) == len(pairs) == 6
        for (one, other), low, high in zip(pairs, lows, highs, strict=True):
            mae = board[board["measure"] == "mae"].groupby("baseline")["score"].first()
            apart = (mae[one] - mae[other]) * told["parts"]
            assert (low, high) == pytest.approx((apart,) * 2, abs=10)


@pytest.mark.slow
def test_a_page_made_without_labels_shows_of_published_rows_what_one_made_with_them_shows(
    tmp_path: Path,
) -> None:
    """Their pictures, plots and paired intervals."""
    for name, error in (("recent_median", 1.5), ("model", 1.0), ("other", 1.1)):
        put_predictions(tmp_path / "here" / "runs", name, error)
    results = published(tmp_path / "here" / "runs", tmp_path / "published")
    for home in ("here", "elsewhere"):
        write_board(tmp_path / home / "runs", tmp_path / home, results)
    here, elsewhere = (
        embedded((tmp_path / home / "index.html").read_text()) for home in ("here", "elsewhere")
    )
    assert elsewhere["rows"][0]["against"] and elsewhere["pairs"]
    assert elsewhere["rows"] == here["rows"]
    assert elsewhere["pairs"] == here["pairs"]


def test_rows_whose_labels_are_nowhere_are_told_to_be_undrawn(tmp_path: Path) -> None:
    told = embedded(made(tmp_path))["rows"]
    assert {row["baseline"] for row in told if "undrawn" not in row} == {"evil"}
    assert all("against" not in row for row in told)


def test_the_page_speaks_of_each_row_by_the_measures_of_its_task(tmp_path: Path) -> None:
    for name, error in (("recent_rate", 3.0), ("good", 0.2)):
        put_predictions(tmp_path / "runs", name, error, **EVENT)
    told = embedded(page_of(board_of(tmp_path)))
    good = next(row for row in told["rows"] if row["baseline"] == "good")
    assert (good["primary"], good["reference"]) == ("average_precision", "recent_rate")
    assert good["brief"] == ["average_precision", "auc"]
    assert list(good["reliability"]) == ["likes"] and "against" not in good
    assert good["rates"] == pytest.approx([HAPPENED.mean()], rel=1e-5)
    (entry,) = told["pairs"]
    assert {"average_precision", "auc", "brier", "skill"} <= entry["ends"]["likes"].keys(), "what ranks"
    assert "week_best" not in entry["ends"]["likes"], "what neither row has is left out"
    assert told["measures"]["average_precision"] == {
        "title": "Average precision",
        "better": "higher",
        "perfect": 1.0,
        "distance": False,
    }
    assert told["slices"]["columns"] == ["row", "target", "slice", "n", "value", "low", "high"]
    (table,) = derived(tmp_path / "runs")
    (run,) = next(row.runs for row in table.rows if row.about.baseline == "good")
    wanted = {one.slice: one.value for one in run.slices if one.measure == "average_precision"}
    place = told["rows"].index(good)
    lines = [line for line in told["slices"]["lines"] if line[0] == place]
    shown = {told["slices"]["names"][slice]: value for _, _, slice, _, value, _, _ in lines}
    assert shown and shown == pytest.approx(wanted, rel=1e-4), "every one"
    assert all(low <= value <= high for *_, value, low, high in lines)


def test_every_row_has_a_plot_before_any_has_two_and_those_beyond_the_budget_are_named() -> None:
    rows = [Pictures(None, {"learning_curve": b"sixsix", "map": b"six"}), Pictures(None, {"map": b"sixsix"})]
    one, other = data._Plots(budget=10).of(rows)
    assert one[0] == {"name": "learning curve", "image": "data:image/webp;base64,c2l4c2l4"}
    assert "image" in other[0], "the one that reaches the budget is whole"
    assert one[1] == {"name": "map", "file": "plots/map.webp"}
