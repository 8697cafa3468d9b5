"""Ids, times, counts and texts of tweets, as spreadsheets, scripts and other people's clocks leave them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from raw_layouts import twint_rows
from tweet_exports import number, read_files, scraped, v1, v2, v2_row

from benchmark.errors import DataError

OLD = 15_434_727_182
"""An id from before ids told the time."""


# Ids


def test_the_id_as_text_goes_before_the_one_that_javascript_rounded(tmp_path: Path) -> None:
    tweets = [v1(i, id=float(number(i))) for i in range(2)]
    assert list(read_files(tmp_path, {"a.jsonl": tweets}).frame["post_id"]) == [
        str(number(0)),
        str(number(1)),
    ]


@pytest.mark.parametrize("digits", [15, 17])
def test_ids_that_all_end_in_zeros_were_rounded(tmp_path: Path, digits: int) -> None:
    rows = [v2_row(i, id=str(number(i))[:digits].ljust(19, "0")) for i in range(5)]
    with pytest.raises(DataError, match=r"a\.csv, row 2, column 'tweet id'.*all end in 00 were rounded"):
        read_files(tmp_path, {"a.csv": rows})


def test_a_float_in_json_is_no_id(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'tweet id', value 1\.36.*rounded"):
        read_files(tmp_path, {"a.jsonl": [v2(0, id=float(number(0)))]})


def test_a_rounded_id_is_taken_from_the_address_of_the_same_tweet(tmp_path: Path) -> None:
    rows = [scraped(i, id=f"{float(number(i)):.4E}", user="amber") for i in range(2)]
    raw = read_files(tmp_path, {"a.csv": rows})
    assert list(raw.frame["post_id"]) == [str(number(0)), str(number(1))]
    assert "a.csv: 2 damaged ids taken from the address of the tweet" in raw.report.notes


def test_the_address_of_another_tweet_gives_no_id(tmp_path: Path) -> None:
    row = scraped(0, id="9.1E+17", user="amber")
    with pytest.raises(DataError, match=r"column 'tweet id', value '9\.1E\+17'"):
        read_files(tmp_path, {"a.csv": [row]})


@pytest.mark.parametrize("guard", ["x{}", "'{}", '="{}"', '"{}"'])
def test_marks_that_guard_an_id_from_spreadsheets_are_taken_off(tmp_path: Path, guard: str) -> None:
    rows = [v2_row(i, id=guard.format(number(i))) for i in range(2)]
    assert list(read_files(tmp_path, {"a.csv": rows}).frame["post_id"]) == [str(number(0)), str(number(1))]


def test_ids_whose_time_is_years_from_the_date_are_doubted(tmp_path: Path) -> None:
    raw = read_files(tmp_path, {"a.csv": [v2_row(i, id=100_000_000_000 + i) for i in range(3)]})
    assert any(note.endswith("the id is trusted; are these ids of tweets?") for note in raw.report.notes)


# Times


@pytest.mark.slow
@pytest.mark.parametrize(
    ("written", "zone", "utc"),
    [
        ("2010-06-04 22:31:57", "+0400", "18:31:57"),
        ("2010-06-04 22:31:57", "UTC+4", "18:31:57"),
        ("2010-06-04 22:31:57", "CEST", "20:31:57"),
        ("2010-06-04 22:31:57", "Asia/Dubai", "18:31:57"),
        ("2010-06-04 22:31:57", "Europe/Berlin", "20:31:57"),
        ("2010-06-04 22:31:57 Pacific Daylight Time", "", "05:31:57"),
        ("2010-06-04 22:31:57", "", "22:31:57"),
        ("2010-06-04T22:31:57.000Z", "+0400", "22:31:57"),
        ("2010-06-04 22:31:57 -0300", "", "01:31:57"),
        ("2010-06-04 22:31:57 UTC", "", "22:31:57"),
        ("2010-06-04 22:31:57 PST", "", "06:31:57"),
        ("Fri Jun 04 22:31:57 +0000 2010", "", "22:31:57"),
        ("Fri, 04 Jun 2010 22:31:57 GMT", "", "22:31:57"),
        ("1275690717", "", "22:31:57"),
        ("1275690717000", "", "22:31:57"),
    ],
)
def test_a_time_is_read_in_the_zone_that_is_stated(tmp_path: Path, written: str, zone: str, utc: str) -> None:
    frame = read_files(tmp_path, {"a.csv": [v2_row(0, id=OLD, created_at=written, timezone=zone)]}).frame
    assert frame["time"].iloc[0].time() == pd.Timestamp(utc).time()


def test_twints_day_and_hour_are_of_its_time_zone(tmp_path: Path) -> None:
    old = {"id": OLD, "conversation_id": OLD, "date": "2010-06-04", "time": "22:31:57", "timezone": "+0400"}
    frame = read_files(tmp_path, {"a.csv": [{**twint_rows(1)[0], **old}]}).frame
    assert frame["time"].iloc[0] == pd.Timestamp("2010-06-04 18:31:57")


def test_a_zone_that_nobody_knows_is_refused_where_the_time_is_needed(tmp_path: Path) -> None:
    old = v2_row(0, id=OLD, created_at="2010-06-04 22:31:57", timezone="XYZ")
    with pytest.raises(DataError, match=r"a\.csv, row 2, column 'date', value '2010-06-04 22:31:57 XYZ'"):
        read_files(tmp_path, {"a.csv": [old]})


# Counts


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("1.2K", 1200),
        ("3M", 3_000_000),
        ("1,2k", 1200),
        ("1,234", 1234),
        ("12,345,678", 12_345_678),
        ("7.0", 7),
    ],
)
def test_counts_are_read_as_pages_show_them(tmp_path: Path, written: str, count: int) -> None:
    raw = read_files(tmp_path, {"a.csv": [v2_row(0, like_count=written)]})
    assert raw.frame["likes"].iloc[0] == count
    rounded = any("counts of likes are rounded" in note for note in raw.report.notes)
    assert rounded == written.endswith(("K", "k", "M"))


@pytest.mark.parametrize("word", ["nan", "NULL", "N/A", "None", ""])
def test_a_count_that_is_missing_is_unlabelled(tmp_path: Path, word: str) -> None:
    frame = read_files(tmp_path, {"a.csv": [v2_row(0), v2_row(1, like_count=word)]}).frame
    assert list(frame["likes"].isna()) == [False, True]


def test_a_count_with_a_fraction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv, row 2, column 'likes', value '1\.234': a count is a whole"):
        read_files(tmp_path, {"a.csv": [v2_row(0, like_count="1.234")]})


@pytest.mark.parametrize("value", ["many", "inf", [1]])
def test_what_is_no_count_is_refused_with_its_place(tmp_path: Path, value: Any) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl, row 1, column 'likes', .*finite number.* Mend or remove"):
        read_files(tmp_path, {"a.jsonl": [v1(0, favorite_count=value)]})


# Texts


def test_texts_that_the_export_cut_are_noted(tmp_path: Path) -> None:
    raw = read_files(tmp_path, {"a.jsonl": [v1(0, truncated=True), v1(1, truncated=False)]})
    assert "a.jsonl: 1 tweets were fetched cut; their texts may end in '…'" in raw.report.notes


def test_texts_that_stand_as_bytes_are_unwrapped_and_noted(tmp_path: Path) -> None:
    texts = ["café 🚀", 'it\'s "so"', "@bob yes"]
    raw = read_files(tmp_path, {"a.csv": [v2_row(i, text=str(t.encode())) for i, t in enumerate(texts)]})
    assert list(raw.frame["text"]) == texts
    assert list(raw.frame["is_reply"]) == [False, False, True]
    assert "a.csv: 3 texts unwrapped that stood as bytes, b'...'" in raw.report.notes


def test_bytes_that_were_cut_in_an_emoji_are_unwrapped_as_far_as_they_go(tmp_path: Path) -> None:
    cut = str("go 🚀".encode()[:-1])
    assert read_files(tmp_path, {"a.csv": [v2_row(0, text=cut)]}).frame["text"].iloc[0] == "go �"


def test_a_text_that_only_begins_like_bytes_is_left(tmp_path: Path) -> None:
    frame = read_files(tmp_path, {"a.csv": [v2_row(0, text="b'day party")]}).frame
    assert frame["text"].iloc[0] == "b'day party"


def test_a_byte_order_mark_before_a_text_hides_no_reply(tmp_path: Path) -> None:
    raw = read_files(tmp_path, {"a.jsonl": [v2(0, text="\ufeff@bob yes"), v2(1, text="ï»¿plain")]})
    assert list(raw.frame["text"]) == ["@bob yes", "plain"]
    assert list(raw.frame["is_reply"]) == [True, False]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_half_an_emoji_is_replaced_and_noted(tmp_path: Path, name: str) -> None:
    halves = json.dumps(v2(0, text="TEXT")).replace("TEXT", "\\ud83d one \\ude80, whole \\ud83d\\ude80")
    raw = read_files(tmp_path, {name: halves})
    assert raw.frame["text"].iloc[0] == "� one �, whole 🚀"
    assert any("2 half characters" in note and "U+FFFD" in note for note in raw.report.notes)


@pytest.mark.parametrize("content", ["window.YTD.tweets.part0 =", "\ufeff", '[{"id": "1"', '{"id": 1}\n{"i'])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(DataError, match=r"a\.json"):
        read_files(tmp_path, {"a.json": content})
