"""Text of others in what is written: a spreadsheet runs no cell of it, Markdown shows it as it is."""

from __future__ import annotations

import csv as csv_format
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from comparisons import board, both
from hypothesis import example, given
from hypothesis import strategies as st
from stored import put_predictions

from benchmark.outside.spreadsheet import guarded, guarded_table, unguarded
from leaderboard.board.merged import csv, merged, read_csv
from leaderboard.board.write import write_board
from leaderboard.compare.comparison import compare
from leaderboard.compare.format import formatted
from leaderboard.compare.sides import read_board
from leaderboard.tables.marked import code, marked

FORMULAS = ["=1+1", "=cmd|' /C calc'!A0", "+history", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
RUN = re.compile(r"[=+\-@\t\r\n]")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    assert not RUN.match(guarded(text))
    assert unguarded(guarded(text)) == text


@given(st.text(alphabet="=+-@\t\r\n'a1", max_size=8))
@example("'=1")
@example("''")
def test_what_was_guarded_is_read_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not RUN.match(guarded(text))


def test_numbers_stay_numbers_and_names_of_columns_are_text() -> None:
    table = pd.DataFrame({"=a": [-1.5, 2.0], "b": ["-x", "y"], "c": [None, "@z"], "d": [-1, 1]})
    text = guarded_table(table).to_csv(index=False, lineterminator="\n")
    assert text == "'=a,b,c,d\n-1.5,'-x,,-1\n2.0,y,'@z,1\n"
    assert list(table.columns) == ["=a", "b", "c", "d"], "the table itself is left as it was"


def cells(text: str) -> list[str]:
    return [cell for line in csv_format.reader(io.StringIO(text)) for cell in line]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put_predictions(tmp_path / "runs", "recent_median", 1.5)
    put_predictions(tmp_path / "runs", "model", 1.0, variant="+history")
    put_predictions(
        tmp_path / "runs", "looker", status="failed", reason="=1+1 | <img src=x>\n\n# More `a` https://a.org"
    )
    return tmp_path


def test_a_board_has_no_cell_that_is_run_and_reads_its_names_back(home: Path) -> None:
    found = merged(home / "runs", home / "nothing")
    text = csv(found.board)
    assert "'+history" in cells(text)
    assert not [
        cell for cell in cells(text) + cells(csv(found.slices)) if RUN.match(cell) and not is_number(cell)
    ]
    assert "+history" in set(read_csv(text)["variant"])
    assert "+history" in set(read_board(text, "leaderboard.csv").lines["variant"])


def test_a_comparison_has_no_cell_that_is_run(tmp_path: Path) -> None:
    evil = {"baseline": "=1+1", "variant": "@x"}
    found = both(tmp_path, evil, evil | {"score": 0.5, "code_hash": "-1+1"})
    text = formatted(found, "csv")
    assert not [cell for cell in cells(text) if RUN.match(cell) and not is_number(cell)]
    assert {"'=1+1", "'@x", "'-1+1", "-0.5"} <= set(cells(text))


def test_a_board_that_was_written_before_cells_were_guarded_compares_with_one_of_today(
    tmp_path: Path,
) -> None:
    old, new = (
        board(tmp_path / "old.csv", {"variant": "+text"}),
        board(tmp_path / "new.csv", {"variant": "'+text"}),
    )
    found = compare(str(old), str(new), home=tmp_path)
    assert list(found.lines["verdict"]) == ["same"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert(1)\>"),
        ("a | b", r"a \| b"),
        ("X\n\n# More", r"X \# More"),
        ("[a](javascript:x)", r"\[a\](javascript:x)"),
        ("https://a.org", r"https\://a.org"),
        ("www.a.org", r"www\.a.org"),
        ("&lt;b&gt;", r"\&lt;b\&gt;"),
        ("`x` *y* __z__", r"\`x\` \*y\* \_\_z\_\_"),
        ("recent_median", "recent_median"),
        ("a\x1b[2Jb\u202ec", r"a \[2Jb c"),
    ],
)
def test_markdown_shows_any_text_as_it_is(text: str, shown: str) -> None:
    assert marked(text) == shown


def test_code_ends_where_it_should() -> None:
    assert code("a`|b\nc") == r"`a'\|b c`"


@given(st.text(max_size=60))
def test_no_text_tears_a_line_of_a_table(text: str) -> None:
    for line in (marked(text), code(text)):
        assert line.isprintable()
        assert not re.search(r"(?<!\\)(\\\\)*\|", line)


@pytest.mark.slow
def test_a_reason_with_markup_stays_in_its_cell_of_the_page_of_tables(home: Path) -> None:
    write_board(home / "runs", home, home / "nothing")
    text = (home / "LEADERBOARD.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "failed:" in line]
    assert r"failed: =1+1 \| \<img src=x\> \# More \`a\` https\://a.org" in line
    assert "<img" not in text.replace(r"\<img", "")
