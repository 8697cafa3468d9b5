"""Prices of mistakes beside the board: a table of their own, read with care, and no row among it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from priced import ABOUT, priced
from stored import put

from benchmark.errors import StoreError
from leaderboard.board.merged import published_board
from leaderboard.board.mistakes import mistakes
from leaderboard.board.mistakes_side_by_side import side_by_side
from leaderboard.board.prices import COLUMNS, FILE, publish_prices, read_prices
from leaderboard.board.write import write_board
from leaderboard.page.page import embedded

IMPOSSIBLE = ABOUT | {
    "mistake": "no_embargo",
    "title": "no embargo",
    "status": "not possible here",
    "why": "the protocol\nhas none",
}


def test_what_is_published_is_read_again_and_a_mistake_measured_anew_replaces_its_lines(
    tmp_path: Path,
) -> None:
    path = tmp_path / FILE
    assert publish_prices(path, [priced("random_split"), priced("duplicates", 0.01), IMPOSSIBLE]) == 3
    publish_prices(path, [priced("random_split", 0.5)])
    publish_prices(path, [priced("random_split", 0.1, dataset="another")])
    found = read_prices(path)
    assert list(found.columns) == COLUMNS
    told = [(line.dataset, line.mistake, line.inflation) for line in found.itertuples()]
    assert told[0] == ("another", "random_split", pytest.approx(0.1))
    assert [line[1] for line in told[1:]] == ["duplicates", "no_embargo", "random_split"]
    assert told[-1][2] == pytest.approx(0.5)
    assert found["note"][2] == "the protocol has none"
    assert found["paired"][1] is True


def test_a_mistake_that_failed_is_not_published(tmp_path: Path) -> None:
    failed = IMPOSSIBLE | {"status": "failed", "why": "no memory"}
    assert publish_prices(tmp_path / FILE, [failed, priced("duplicates")]) == 1


def test_text_in_it_is_run_by_no_spreadsheet(tmp_path: Path) -> None:
    publish_prices(tmp_path / FILE, [priced("duplicates", note="=1+1", inflation=-0.2, low=-0.3, high=-0.1)])
    with (tmp_path / FILE).open(encoding="utf-8") as file:
        (line,) = csv.DictReader(file)
    assert (line["note"], line["inflation"]) == ("'=1+1", "-0.2")
    assert read_prices(tmp_path / FILE)["note"][0] == "=1+1"


@pytest.mark.parametrize(
    ("changed", "phrase"),
    [
        (lambda text: text.replace("spearman", "luck"), "row 2: measure: 'luck' is not known here"),
        (lambda text: text.replace(",0.3,0.2,", ",much,0.2,"), "row 2, inflation: 'much' is no number"),
        (lambda text: text.replace(",0.3,0.2,", ",0.3,0.9,"), "row 2: low, high: 0.9 to 0.4 is no interval"),
        (lambda text: text.replace(",True,", ",perhaps,"), "row 2, paired: 'perhaps' is neither"),
        (lambda text: text.replace("inflation", "gain"), "has the columns"),
        (lambda text: text.replace(",ok,", ",fine,"), "row 2: status: 'fine' is neither"),
        (lambda text: "", "cannot be read as a table"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place_and_nothing_is_lost(
    tmp_path: Path, changed: Callable[[str], str], phrase: str
) -> None:
    path = tmp_path / FILE
    publish_prices(path, [priced("random_split")])
    path.write_text(changed(path.read_text(encoding="utf-8")), encoding="utf-8")
    before = path.read_bytes()
    for attempt in (lambda: read_prices(path), lambda: publish_prices(path, [priced("duplicates")])):
        with pytest.raises(StoreError) as refused:
            attempt()
        assert phrase in str(refused.value)
    assert path.read_bytes() == before


def test_the_board_stands_without_prices_that_are_damaged_and_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("what,is,this\n", encoding="utf-8")
    found = published_board(tmp_path / "results")
    assert found.prices.empty
    (told,) = found.left_out
    assert told.startswith(f"{FILE}: has the columns what, is, this")


def test_prices_are_on_the_page_and_a_table_of_the_board_and_among_no_rows(tmp_path: Path) -> None:
    put(tmp_path / "runs", "recent_median", 1.5)
    (tmp_path / "published").mkdir()
    lines = [priced("random_split", paired=False), priced("duplicates", 0.01), IMPOSSIBLE]
    publish_prices(tmp_path / "published" / FILE, lines)
    write_board(tmp_path / "runs", tmp_path, tmp_path / "published" / "results")
    told = embedded((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert [line["mistake"] for line in told["prices"]] == ["duplicates", "no_embargo", "random_split"]
    assert {row["baseline"] for row in told["rows"]} == {"recent_median"}
    text = (tmp_path / "LEADERBOARD.md").read_text(encoding="utf-8")
    section = text[text.index("## What mistakes are worth") :]
    assert "| random split † | 0.400 → 0.700 | +0.300 [+0.200, +0.400]\\* |" in section
    assert section.index("random split †") < section.index("| duplicates | 0.400 → 0.410 |"), (
        "the dearest first"
    )
    assert "random_split" not in (tmp_path / "leaderboard.csv").read_text(encoding="utf-8")


def test_where_nothing_was_measured_the_board_has_no_such_section(tmp_path: Path) -> None:
    assert mistakes(read_prices(tmp_path / FILE)) == ""


def test_side_by_side_a_mistake_that_decides_anywhere_has_a_column_and_the_others_a_word(
    tmp_path: Path,
) -> None:
    lines = [
        priced("random_split", 0.3, paired=False),
        priced("target_encoding", 0.5),
        priced("target_encoding", 0.9, measure="mae"),
        priced("drop_last", 0.15, low=-0.1, high=0.4),
        priced("duplicates", 0.01, honest=0.39, against="the test posts without a twin"),
        priced("random_split", 0.02, dataset="tweets", variant="deep", paired=False),
        priced("duplicates", -0.03, dataset="tweets", variant="deep"),
        IMPOSSIBLE,
    ]
    publish_prices(tmp_path / FILE, lines)
    table, others = side_by_side(read_prices(tmp_path / FILE)).rstrip("\n").split("\n\n")
    head, _, posts, tweets = ([cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines())
    assert head == ["", "honest", "target encoding", "random split †"], "the dearest first"
    assert posts == [
        "`posts`<br>likes, frozen, `ridge`",
        "0.400<br>Spearman's ρ",
        "+0.500<br>[+0.400, +0.600]\\*",
        "+0.300<br>[+0.200, +0.400]\\*",
    ]
    assert tweets[0] == "`tweets`<br>likes, frozen, `ridge` deep"
    assert tweets[2:] == ["–", "+0.020<br>[-0.080, +0.120]"], "what was not measured there has a dash"
    assert others.endswith("by 0.1 for certain; at most: drop last, by 0.150; duplicates, by 0.030."), (
        "the first may be chance"
    )


def test_side_by_side_each_target_has_a_line_and_none_is_left_out_of_what_mistakes_come_to(
    tmp_path: Path,
) -> None:
    lines = [
        priced("random_split", 0.01),
        priced("random_split", 0.3, target="shares"),
        priced("random_split", 0.8, target="shares", measure="mae"),
        priced("duplicates", 0.02),
        priced("duplicates", -0.04, target="shares"),
    ]
    publish_prices(tmp_path / FILE, lines)
    table, others = side_by_side(read_prices(tmp_path / FILE)).rstrip("\n").split("\n\n")
    begins = [[cell.strip() for cell in line.split("|")[1:-1]][::2] for line in table.splitlines()[2:]]
    assert begins == [
        ["`posts`<br>likes, frozen, `ridge`", "+0.010<br>[-0.090, +0.110]"],
        ["`posts`<br>shares, frozen, `ridge`", "+0.300<br>[+0.200, +0.400]\\*"],
    ]
    assert others.endswith("at most: duplicates, by 0.040.")


def test_nothing_measured_is_no_table_side_by_side(tmp_path: Path) -> None:
    assert side_by_side(read_prices(tmp_path / FILE)) == ""
    publish_prices(tmp_path / FILE, [IMPOSSIBLE])
    assert side_by_side(read_prices(tmp_path / FILE)) == ""
