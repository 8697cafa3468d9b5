"""A ranking as people read it: in the terminal, in a spreadsheet, as data, and on a page that is looked at in
a real browser where there is one."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rankings import AT, FORMULA, hostile, ranking
from reported import TURNS, changed
from rich.console import Console

from desk.ranking import Mark, Ranking
from desk.report import page as page_room
from desk.report import table as table_room
from desk.report import words
from desk.report.files import write_csv, write_json
from desk.report.page import write_html
from desk.report.table import as_table

"""Signs that hide or turn around what stands beside them."""


def printed(found: Ranking, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(as_table(found))
    return console.file.getvalue()  # type: ignore[attr-defined]


# Words


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0"),
        (-0.2, "0"),
        (3.4, "3"),
        (999.4, "999"),
        (1234, "1,230"),
        (999_960, "1,000,000"),
        (-1234, "-1,230"),
    ],
)
def test_counts_are_told_by_three_digits(count: float, told: str) -> None:
    assert words.counted(count) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0%"), (0.0004, "under 0.1%"), (0.023, "2.3%"), (0.05, "5%"), (0.118, "12%"), (0.9, "90%"),
        (0.9996, "over 99.9%"), (1, "100%"), (0.995, "99.5%"),
    ],
)  # fmt: skip
def test_probabilities_are_told_as_people_say_them(value: float, told: str) -> None:
    assert words.share(value) == told


@pytest.mark.parametrize(
    ("value", "told"), [(0.08, "+8%"), (-0.2, "−20%"), (0, "±0%"), (-0.004, "−0.4%"), (3.5, "+350%")]
)
def test_effects_have_a_sign(value: float, told: str) -> None:
    assert words.effect(value) == told


def test_expected_counts_and_hours_are_sentences() -> None:
    first = ranking().drafts[0]
    assert words.expected(first.expected[0]) == "1,230 likes (90%: 310 to 4,760)"
    assert words.moment(AT) == "Tue 14 May 2030, 18:00 UTC"
    assert words.moment(AT.replace(tzinfo=None)) == words.moment(AT)
    assert words.hour(first.hours[0]) == "Wed 15 May, 18:00 to 19:00 UTC"
    assert words.hour_effect(first.hours[0]) == "+21% (95%: +8% to +35%; 212 posts)"


def test_the_lead_says_what_to_publish_first_and_what_it_cannot_be_told_from() -> None:
    block = (Mark(rule="r", action="block", sentence="No."),)
    found = ranking()
    assert words.lead(found) == (
        "Publish “sunrise” first: 1,230 likes (90%: 310 to 4,760). "
        "It is too close to call with “question-of-the-week”."
    )
    assert words.lead(changed(found, 1, marks=block)).startswith(
        "Publish “question-of-the-week” first (1 draft above it may not be published): 1,180 likes"
    )
    for place in range(1, 7):
        found = changed(found, place, marks=block)
    assert words.lead(found) == "Nothing here may be published: every draft is blocked."
    assert words.lead(ranking(drafts=())) == "Nothing could be judged."


@given(st.text(max_size=200), st.integers(1, 50), st.integers(1, 5))
def test_an_excerpt_has_at_most_so_many_letters_and_lines_and_says_what_is_left_out(
    text: str, letters: int, lines: int
) -> None:
    shown, more = words.excerpt(text, letters, lines)
    assert len(shown) <= letters and shown.count("\n") < lines
    assert not TURNS.search(shown)
    assert bool(more) == (len(words.shown_text(text).strip()) > len(shown))


def test_families_of_emoji_and_words_of_persian_stay_whole() -> None:
    assert words.shown_text("👨‍👩‍👧 می‌خواهم\r\nb") == "👨‍👩‍👧 می‌خواهم\nb"


# Terminal


def test_the_terminal_shows_the_order_and_all_that_is_said() -> None:
    told = printed(ranking(), 250)
    for part in (
        "Publish “sunrise” first",
        "! times that say no zone",
        "1,230   310 to 4,760",
        "also 22,200 views (90%: 4,650 to 114,000)",
        "Blocked, no gambling: We do not speak of gambling.",
        "too close to call with question-of-the-week",
        "+8% asks a question (text)",
        "best at Wed 15 May, 18:00 to 19:00 UTC: +21% (95%: +8% to +35%; 212 posts)",
        "not judged: draft 8: drafts.csv, row 9: nothing to judge",
        words.PROMISE,
    ):
        assert part in told, part
    assert told.index("Blocked, no gambling") < told.index("Warning, quiet nights")
    order = [told.index(name) for name in ("win-a-night", "latte-art.jpg", "menu")]
    assert order == sorted(order)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(len(line) <= width for line in printed(ranking(), width).splitlines())


def test_a_terminal_obeys_nothing_that_a_draft_says() -> None:
    found = changed(hostile(), 1, notes=("\x1b[2J[bold]x[/bold] \x07",))
    told = printed(found, 300)
    assert "\x1b" not in told and "\x07" not in told and not TURNS.search(told)
    assert "[bold]x[/bold]" in told, "no markup is taken from a draft"


def test_of_very_many_drafts_a_terminal_says_more_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_room, "MOST_AT_LENGTH", 1)
    told = printed(ranking())
    assert "of 5 drafts further down no more is said here" in told
    assert "asks a question" in told and "promises a prize" not in told


def test_nothing_that_could_be_judged_is_told_in_the_terminal() -> None:
    assert "Nothing could be judged." in printed(ranking(drafts=()))


# Files


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_the_csv_has_a_row_a_draft_in_the_order_and_then_the_refused(tmp_path: Path) -> None:
    path = tmp_path / "ranking.csv"
    write_csv(ranking(), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by it"
    rows = rows_of(path)
    assert [row["place"] for row in rows] == ["1", "2", "3", "4", "5", "6", "", ""]
    assert [row["status"] for row in rows] == [
        "ok",
        "warned",
        "blocked",
        "ok",
        "ok",
        "ok",
        "refused",
        "refused",
    ]
    first = rows[0]
    assert (first["likes"], first["likes_low"], first["views_high"]) == ("1234.0", "310.0", "114240.0")
    assert (first["viral"], first["best"], first["close_to"]) == ("0.118", "0.41", "question-of-the-week")
    assert (first["reason_2"], first["reason_2_effect"]) == ("asks a question", "0.08")
    assert (rows[3]["reason_2"], rows[3]["reason_2_effect"]) == ("", "")
    assert first["text"] == ranking().drafts[0].draft.text
    assert rows[5]["views"] == rows[5]["viral"] == ""
    assert rows[6]["notes"].startswith("drafts.csv, row 8")


def test_no_cell_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "ranking.csv"
    found = changed(hostile(), 1, notes=("@SUM(A1)",))
    write_csv(found, path)
    (row, refused) = rows_of(path)
    assert row["account"] == f"'{FORMULA}" == refused["name"]
    assert row["notes"] == "'@SUM(A1)"
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not [cell for cell in cells if re.match(r"[=+\-@\t\r\n]", cell)]


def test_the_json_reads_back_as_the_ranking(tmp_path: Path) -> None:
    for found in (ranking(), hostile(), ranking(drafts=(), refused=(), notes=())):
        write_json(found, tmp_path / "ranking.json")
        text = (tmp_path / "ranking.json").read_text(encoding="utf-8")
        assert Ranking.model_validate_json(text) == found


def test_files_appear_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_text("of old")
    monkeypatch.setattr(page_room, "_refused", lambda refused: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_html(ranking(), {}, tmp_path / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_text() == "of old"
