"""Who wrote a tweet: one account is one user, and two accounts are two."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tweet_exports import AMBER, number, read_files, v1, v1_row, v2, v2_row

from benchmark.errors import DataError


@pytest.mark.parametrize("spelled", ["objects", "Python", "JSON", "shown"])
def test_nine_tweets_of_three_accounts_have_three_users(tmp_path: Path, spelled: str) -> None:
    users = [{"screen_name": f"u{i % 3}", "id_str": str(40 + i % 3), "statuses_count": i} for i in range(6)]
    forms: dict[str, Any] = {"objects": dict, "Python": str, "JSON": json.dumps}
    forms["shown"] = lambda user: f"User(username='{user['screen_name']}', id={user['id_str']})"
    rows = [v1(i, user=forms[spelled](user)) for i, user in enumerate(users)]
    raw = read_files(tmp_path, {"a.jsonl" if spelled == "objects" else "a.csv": rows})
    assert list(raw.frame["user_id"]) == ["u0", "u1", "u2"] * 2


@pytest.mark.parametrize("written", ["9.06E+17", "9.06e17", "9.0600000000000001e+17"])
@pytest.mark.parametrize("column", ["author_id", "user_id", "username"])
def test_a_rounded_number_is_no_account(tmp_path: Path, column: str, written: str) -> None:
    rows = [{**v2_row(i), "author_id": "", column: written} for i in range(2)]
    with pytest.raises(DataError, match=rf"a\.csv, row 2, column '{column}'.*rounded: several"):
        read_files(tmp_path, {"a.csv": rows})


def test_a_number_that_json_holds_as_a_float_is_no_account(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl, row 1, column 'author_id', value 9\.06e\+17.*rounded"):
        read_files(tmp_path, {"a.jsonl": [v2(0, author_id=9.06e17)]})


def test_numbers_that_all_end_in_zeros_are_no_accounts(tmp_path: Path) -> None:
    rows = [v2_row(i, author_id=90_600_000_000_000_000 + i * 1000) for i in range(5)]
    with pytest.raises(DataError, match="numbers of accounts that all end in 00 were rounded"):
        read_files(tmp_path, {"a.csv": rows})


def test_a_rounded_number_beside_a_name_does_no_harm(tmp_path: Path) -> None:
    rows = [v2_row(i, author_id="9.06E+17", username=f"u{i}") for i in range(2)]
    assert list(read_files(tmp_path, {"a.csv": rows}).frame["user_id"]) == ["u0", "u1"]


def test_a_small_number_may_be_a_float(tmp_path: Path) -> None:
    rows = [v2_row(0, author_id="44196397.0"), v2_row(1, author_id="44196397")]
    assert set(read_files(tmp_path, {"a.csv": rows}).frame["user_id"]) == {"44196397"}


@pytest.mark.parametrize("word", ["nan", "NaN", "NULL", "null", "None", "N/A", "<NA>", ""])
def test_a_word_for_nothing_is_no_account(tmp_path: Path, word: str) -> None:
    rows = [v2_row(0, username="amber"), v2_row(1, username=word, author_id=word)]
    with pytest.raises(
        DataError, match=r"a\.csv, row 3, column 'username', value '.*': the author is missing"
    ):
        read_files(tmp_path, {"a.csv": rows})


def test_a_card_may_have_tweets_without_author_dropped(tmp_path: Path) -> None:
    rows = [v2_row(0), v2_row(1, author_id="NULL")]
    raw = read_files(tmp_path, {"a.csv": rows}, user_id={"role": "user", "when_missing": "drop"})
    assert list(raw.frame["user_id"]) == ["11"]
    assert dict(raw.report.dropped) == {"the author is missing": 1}


@pytest.mark.parametrize(
    "written", ["@Amber", "https://twitter.com/Amber", "https://x.com/Amber/", "b'Amber'"]
)
def test_an_account_may_be_written_as_pages_show_it(tmp_path: Path, written: str) -> None:
    rows = [v2_row(0, username=written), v2_row(1, username="Amber")]
    assert set(read_files(tmp_path, {"a.csv": rows}).frame["user_id"]) == {"Amber"}


def test_spellings_that_differ_in_capitals_are_one_account(tmp_path: Path) -> None:
    rows = [v2_row(i, username=name, author_id="") for i, name in enumerate(["AmberMay", "ambermay"])]
    files = {"a.csv": rows[:1], "b.csv": rows[1:]}
    raw = read_files(tmp_path, files)
    assert set(raw.frame["user_id"]) == {"AmberMay"}
    assert any("differ from others in capital letters alone" in note for note in raw.report.notes)


def test_an_account_known_by_number_here_and_by_name_there_is_one(tmp_path: Path) -> None:
    raw = read_files(tmp_path, {"a.jsonl": [v2(0)], "b.jsonl": [v1(1)]})
    assert set(raw.frame["user_id"]) == {"amber"}


def test_an_account_that_changed_its_name_between_two_exports_is_one(tmp_path: Path) -> None:
    old = [v1(i, user={**AMBER, "screen_name": "amber_old"}) for i in range(2)]
    raw = read_files(tmp_path, {"z.jsonl": old, "a.jsonl": [v1(3)]})
    assert set(raw.frame["user_id"]) == {"amber"}
    assert any("'amber_old' is 'amber'" in note for note in raw.report.notes)


def test_without_a_column_the_addresses_of_the_tweets_name_their_authors(tmp_path: Path) -> None:
    rows = [
        {
            "url": f"https://twitter.com/{name}/status/{number(i)}",
            "date": "2021-03-01",
            "content": "x",
            "id": number(i),
            "likeCount": 3,
        }
        for i, name in enumerate(["amber", "bob"])
    ]
    assert list(read_files(tmp_path, {"a.csv": rows}).frame["user_id"]) == ["amber", "bob"]


def test_a_file_without_authors_is_of_the_account_that_has_its_tweets_elsewhere(tmp_path: Path) -> None:
    bare = [{**v1_row(i), "user.screen_name": "", "user.id_str": ""} for i in range(3)]
    raw = read_files(tmp_path, {"export.csv": bare, "b.csv": [v2_row(2, username="amber")]})
    assert set(raw.frame["user_id"]) == {"amber"}
    assert len(raw.frame) == 3
