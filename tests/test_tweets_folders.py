"""Several files of tweets in one folder: which are read, and what becomes of tweets that several hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from table_sets import table_card
from tweet_exports import COLUMNS, OTHERS, read_files, scraped, v1, v2, v2_row

from benchmark.data.prepare import prepare
from benchmark.errors import DataError
from benchmark.readers import read


def test_what_operating_systems_leave_beside_files_is_passed_over(tmp_path: Path) -> None:
    beside = ["._tweets.csv", "~$tweets.csv", ".DS_Store", "desktop.ini", "Thumbs.db", "._tweets.js"]
    raw = read_files(tmp_path, {"tweets.csv": [v2_row()], **dict.fromkeys(beside, b"\x00\x05\x16\x07")})
    assert raw.report.rows == {"tweets.csv": 1}
    assert not any("left aside" in note for note in raw.report.notes)


def test_what_may_hold_tweets_and_is_not_read_is_named(tmp_path: Path) -> None:
    raw = read_files(
        tmp_path, {"a.csv": [v2_row()], "b.xlsx": b"x", "2021/c.csv": [v2_row(1)], "README.md": "x"}
    )
    assert "left aside, as neither tables nor JSON of tweets here: b.xlsx, 2021/c.csv" in raw.report.notes


def test_a_folder_without_exports_says_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no CSV, TSV or JSON file and no tweets\.js here; there are b"):
        read_files(tmp_path, {"b.xlsx": b"x"})


def test_a_folder_of_nothing_but_retweets_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no tweet in any file; dropped: 1 \(retweet of another account\)"):
        read_files(tmp_path, {"a.csv": [v2_row(is_retweet="True")]})


@pytest.mark.parametrize(("old", "new"), [("a.jsonl", "b.jsonl"), ("b.jsonl", "a.jsonl")])
def test_of_one_tweet_in_two_layouts_the_newest_reading_stays(tmp_path: Path, old: str, new: str) -> None:
    files = {old: [scraped(i) for i in range(3)], new: [v1(i, favorite_count=900 + i) for i in range(2)]}
    raw = read_files(tmp_path, files)
    assert sorted(raw.frame["likes"]) == [12.0, 900.0, 901.0]
    assert dict(raw.report.dropped) == {"the same tweet in an export of another layout": 2}


def test_the_newer_file_is_newer_also_for_a_tweet_that_lost_likes(tmp_path: Path) -> None:
    later = [v1(0, favorite_count=500), v1(1, favorite_count=400), v1(2, favorite_count=3)]
    raw = read_files(tmp_path, {"b.jsonl": [scraped(i) for i in range(3)], "a.jsonl": later})
    assert list(raw.frame.sort_values("time")["likes"]) == [500.0, 400.0, 3.0]


def test_a_reading_without_likes_gives_way(tmp_path: Path) -> None:
    bare = {key: value for key, value in v2(0).items() if key != "public_metrics"}
    raw = read_files(tmp_path, {"a.jsonl": [v1(0)], "b.jsonl": [bare]})
    assert list(raw.frame["likes"]) == [10.0]


def test_readings_of_one_tweet_in_one_file_leave_the_newest(tmp_path: Path) -> None:
    rows = [v2_row(0, like_count=n) for n in (5, 9, 9)]
    raw = read_files(tmp_path, {"a.csv": rows})
    assert list(raw.frame["likes"]) == [9.0]
    assert sum(raw.report.dropped.values()) == 2


def test_two_texts_under_one_id_in_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv, row 3, .*a\.csv row 2 has the same id and other content"):
        read_files(tmp_path, {"a.csv": [v2_row(0), v2_row(0, text="another")]})


def test_tweets_are_prepared_with_those_whom_they_name_and_answer(tmp_path: Path) -> None:
    read_files(tmp_path, {"a.jsonl": [v1(i, in_reply_to_screen_name="bob" if i else None) for i in range(6)]})
    card = table_card(tmp_path, reader="tweets", columns={**COLUMNS, **OTHERS})
    table = prepare(card, tmp_path / "home", []).posts(["mentions", "reply_to"])
    assert table["reply_to"].to_pylist() == ["", *["bob"] * 5]
    assert table["mentions"].to_pylist() == [""] * 6


def test_a_card_may_name_a_single_file(tmp_path: Path) -> None:
    read_files(tmp_path, {"a.csv": [v2_row()]})
    card = table_card(tmp_path, reader="tweets", columns=COLUMNS)
    assert len(read(card, tmp_path / "raw" / "a.csv").frame) == 1


def test_facts_beside_tweets_are_no_tweets(tmp_path: Path) -> None:
    read_files(tmp_path, {"a.csv": [v2_row()]})
    (tmp_path / "raw" / "follows.csv").write_text("known_at,who\n2021-03-01,bob\n")
    columns = {"known_at": {"role": "known_at"}, "who": {"role": "user"}}
    facts = {"follows": {"raw": "follows.csv", "columns": columns}}
    card = table_card(tmp_path, reader="tweets", columns=COLUMNS, facts=facts)
    assert len(read(card, tmp_path / "raw").frame) == 1
