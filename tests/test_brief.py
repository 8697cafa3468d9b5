"""The board in two lines a data set, as the README quotes it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from stored import EVENT, derived, put_predictions

from leaderboard.board.brief import brief
from leaderboard.board.prices import no_prices
from leaderboard.board.quoted import quoted_by, renewed
from leaderboard.tables.scores import leaderboard


@pytest.fixture
def board(tmp_path: Path) -> pd.DataFrame:
    """One data set: a reference, two models, and one that was told what is known afterwards."""
    put_predictions(tmp_path, "recent_median", 2.0)
    put_predictions(tmp_path, "good", 0.5)
    put_predictions(tmp_path, "poor", 3.0)
    put_predictions(tmp_path, "knowing", 0.1, crawl=True)
    return leaderboard(derived(tmp_path))


def lines(text: str) -> list[list[str]]:
    """Cells of each line below the heads."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]


def test_a_table_is_one_line_with_its_posts_its_best_row_and_its_skill(board: pd.DataFrame) -> None:
    ((name, protocol, posts, best, skill, among),) = lines(brief(board, set()))
    assert (name, protocol, posts, best) == ("`posts` likes", "frozen", "120", "`good`")
    told = board[(board["measure"] == "skill") & (board["baseline"] == "good")].iloc[0]
    assert skill == f"{told['score']:+.2f} [{told['score_low']:+.2f}, {told['score_high']:+.2f}]"
    assert among == "1 of 3", "rows with crawl-time columns are no part of it"


def test_where_the_reference_cannot_be_told_from_the_best_row_that_is_said(board: pd.DataFrame) -> None:
    board["set_p"] = 1.0
    assert lines(brief(board, set()))[0][-1] == "3 of 3, reference too"


def test_a_data_set_is_named_once_and_its_protocols_stand_below_each_other(board: pd.DataFrame) -> None:
    both = pd.concat([board.assign(protocol="rolling"), board])
    assert [line[:2] for line in lines(brief(both, set()))] == [["`posts` likes", "frozen"], ["", "rolling"]]


def test_of_several_tasks_the_one_that_asks_how_popular_stands_there(tmp_path: Path) -> None:
    put_predictions(tmp_path, "recent_median", 2.0, task="reach")
    put_predictions(tmp_path, "recent_rate", 2.0, task="any", **EVENT)
    assert [line[0] for line in lines(brief(leaderboard(derived(tmp_path)), set()))] == ["`posts` reach"]


def test_of_several_targets_the_first_stands_there(board: pd.DataFrame) -> None:
    two = pd.concat([board, board.assign(target="clicks", n_test=7)])
    assert lines(brief(two, set())) == lines(brief(board, set()))


def test_a_best_row_without_skill_has_a_dash(board: pd.DataFrame) -> None:
    assert lines(brief(board[board["measure"] != "skill"], set()))[0][4] == "–"


def test_what_is_made_up_or_withheld_by_organisers_is_left_out(board: pd.DataFrame) -> None:
    assert brief(board, {"posts"}) == ""
    assert brief(board.assign(protocol="official"), set()) == ""


def test_a_page_without_a_place_and_a_board_without_scores_change_nothing(
    board: pd.DataFrame, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- results -->\nas it was\n<!-- /results -->\n")
    assert renewed(page, board, no_prices(), {"posts"}) == page.read_text()
    assert "`good`" in renewed(page, board, no_prices(), set())
    page.write_text("<!-- results -->\nand never closed\n")
    assert renewed(page, board, no_prices(), set()) == page.read_text()


def test_only_the_published_board_of_the_checkout_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Ours")
    assert quoted_by(tmp_path / "leaderboard" / "published", tmp_path) == [tmp_path / "README.md"]
    assert quoted_by(tmp_path / "elsewhere", tmp_path) == []
