"""Every layout of tweets in use: what it is recognised by, and what its columns mean."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from raw_layouts import ROOT, twint_rows
from table_sets import table_card
from tweet_exports import AMBER, BOB, archived, number, read_files, scraped, v1, v1_row, v2, v2_row

from benchmark.data.canonical import canonical
from benchmark.errors import DataError
from benchmark.readers.tweets.layouts import ARCHIVE, LAYOUTS

NOONS = list(pd.date_range("2021-03-01 12:00", periods=3))
USERS = {"users": [{"id": "11", "username": "amber"}, {"id": "12", "username": "bob"}]}


def gzipped(content: bytes) -> bytes:
    """The same bytes in every process: tests are named by them."""
    return gzip.compress(content, mtime=0)


def twint_json(i: int) -> dict[str, Any]:
    row = twint_rows(4)[i]
    lists = {"mentions": [], "urls": ["https://a", "https://b"], "photos": [], "reply_to": []}
    own = {"id": number(i), "conversation_id": str(number(i)), "username": "amber", "likes_count": 10 + i}
    return {**row, **lists, **own}


def old_scraped(i: int) -> dict[str, Any]:
    tweet = scraped(i)
    return {
        **{key: value for key, value in tweet.items() if key != "rawContent"},
        "content": tweet["rawContent"],
    }


EXPORTS: dict[str, tuple[str, Any]] = {
    "twint as a table": ("twint", {"a.csv": [{**twint_json(i), "reply_to": "[]"} for i in range(3)]}),
    "twint as JSON lines": ("twint", {"a.jsonl": [twint_json(i) for i in range(3)]}),
    "twint as JSON lines called .json": (
        "twint",
        {"a.json": "\n".join(json.dumps(twint_json(i)) for i in range(3))},
    ),
    "snscrape before 2022-11": ("snscrape", {"a.jsonl": [old_scraped(i) for i in range(3)]}),
    "snscrape since 2022-11": ("snscrape", {"a.jsonl": [scraped(i) for i in range(3)]}),
    "snscrape as a table of its objects": (
        "snscrape",
        {"a.csv": [{**scraped(i), "user": "User(username='amber', id=11)"} for i in range(3)]},
    ),
    "snscrape as a table with addresses of profiles": (
        "snscrape",
        {"a.csv": [{**old_scraped(i), "user": "https://twitter.com/amber"} for i in range(3)]},
    ),
    "API v1.1 as objects": ("api_v1", {"a.jsonl": [v1(i) for i in range(3)]}),
    "API v1.1, an answer of its search": ("api_v1", {"a.json": {"statuses": [v1(i) for i in range(3)]}}),
    "API v1.1 as a table": ("api_v1", {"a.csv": [v1_row(i) for i in range(3)]}),
    "API v1.1 as a table with objects": ("api_v1", {"a.csv": [v1(i) for i in range(3)]}),
    "API v2 as pages": ("api_v2", {"a.json": {"data": [v2(i) for i in range(3)], "includes": USERS}}),
    "API v2 as single answers": (
        "api_v2",
        {"a.jsonl": [{"data": v2(i), "includes": USERS} for i in range(3)]},
    ),
    "API v2 as a table": ("api_v2", {"a.csv": [v2_row(i, username="amber") for i in range(3)]}),
    "API v2 as tweepy's objects in a table": (
        "api_v2",
        {"a.csv": [{**v2(i), "author": "{'username': 'amber'}"} for i in range(3)]},
    ),
    "API v2, answers flattened whole": (
        "api_v2",
        {"a.csv": [{f"data.{k}": v for k, v in v2_row(i, username="amber").items()} for i in range(3)]},
    ),
    "Twitter's archive": ("archive", {"amber.js": archived(*(v1(i) for i in range(3)))}),
    "Twitter's archive without its script": ("archive", {"amber.json": [{"tweet": v1(i)} for i in range(3)]}),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", EXPORTS)
def test_three_tweets_are_the_same_in_every_layout(tmp_path: Path, kind: str) -> None:
    layout, files = EXPORTS[kind]
    raw = read_files(tmp_path, files)
    frame = raw.frame
    assert list(frame["post_id"]) == [str(number(i)) for i in range(3)]
    assert list(frame["user_id"]) == ["amber"] * 3
    assert list(frame["likes"]) == [10.0, 11.0, 12.0]
    assert list(frame["time"]) == NOONS
    assert list(frame["is_reply"]) == [False] * 3
    assert f"{next(iter(files))}: {layout} layout, 3 rows, 3 posts kept" in raw.report.notes


@pytest.mark.parametrize("name", ["id", "tweet_id", "tweet id", "Tweet ID", "tweetId", "id_str"])
def test_a_table_of_api_v2_has_an_id_column_of_any_name(tmp_path: Path, name: str) -> None:
    rows = [{name: number(i), **{k: v for k, v in v2_row(i).items() if k != "id"}} for i in range(3)]
    assert list(read_files(tmp_path, {"a.csv": rows}).frame["likes"]) == [10.0, 11.0, 12.0]


def test_v1_likes_are_neither_those_that_the_account_gave_nor_those_of_a_quoted_tweet(tmp_path: Path) -> None:
    quoting = v1(0, is_quote_status=True, quoted_status=v1(1, favorite_count=50_000))
    frame = read_files(tmp_path, {"a.jsonl": [quoting]}).frame
    assert (frame["likes"].iloc[0], frame["followers"].iloc[0]) == (10.0, 9.0)


def test_the_link_around_the_source_is_taken_off(tmp_path: Path) -> None:
    assert read_files(tmp_path, {"a.jsonl": [v1()]}).frame["source_app"].iloc[0] == "Twitter Web App"


def test_the_whole_of_a_truncated_text_is_read(tmp_path: Path) -> None:
    short = {**v1(0), "text": "the who…", "extended_tweet": {"full_text": "the whole text"}}
    del short["full_text"]
    long = v2(1, text="beginning…", note_tweet={"text": "beginning and end"})
    frame = read_files(tmp_path, {"a.jsonl": [short], "b.jsonl": [long]}).frame
    assert list(frame["text"]) == ["the whole text", "beginning and end"]


def test_tweets_that_a_page_only_includes_are_no_posts(tmp_path: Path) -> None:
    page = {"data": [v2(0)], "includes": {**USERS, "tweets": [v2(1)]}}
    assert len(read_files(tmp_path, {"a.json": page}).frame) == 1


def test_pages_without_tweets_are_passed_over_and_errors_of_twitter_noted(tmp_path: Path) -> None:
    empty = {"meta": {"result_count": 0, "next_token": "x"}}
    error = {"title": "Too Many Requests", "status": 429}
    raw = read_files(tmp_path, {"a.jsonl": [empty, {"data": [v2()]}, error], "b.json": empty})
    assert len(raw.frame) == 1
    assert "b.json: no tweet in it" in raw.report.notes
    assert (
        "a.jsonl row 3: Twitter answered with an error and no tweets: Too Many Requests" in raw.report.notes
    )


def test_a_table_that_pandas_wrote_column_by_column_is_read(tmp_path: Path) -> None:
    table = pd.DataFrame([v2_row(i) for i in range(3)]).to_json()
    assert list(read_files(tmp_path, {"a.json": str(table)}).frame["likes"]) == [10.0, 11.0, 12.0]


def test_a_file_may_mix_objects_of_both_versions_of_the_api(tmp_path: Path) -> None:
    frame = read_files(tmp_path, {"a.jsonl": [v1(0), v2(1)]}).frame
    assert list(frame["likes"]) == [10.0, 11.0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl.gz", gzipped(json.dumps(v1()).encode())),
        ("a.js.gz", gzipped(archived(v1()).encode())),
        ("a.json", json.dumps([v1()]).encode("utf-16")),
        ("a.jsonl", json.dumps(v1()).encode() + b"\r\n" + json.dumps(v1(1)).encode()),
        ("a.json", b"\xef\xbb\xbf" + json.dumps([v1()]).encode()),
        ("a.jsonl", b"\n".join([b"\xef\xbb\xbf" + json.dumps(v1(i)).encode() for i in range(2)])),
    ],
)
def test_compressed_utf_16_crlf_and_marked_files_are_read(tmp_path: Path, name: str, content: bytes) -> None:
    assert read_files(tmp_path, {name: content}).frame["likes"].iloc[0] == 10.0


# Twitter's own archive


def test_an_archive_names_its_author_in_account_js(tmp_path: Path) -> None:
    account = 'window.YTD.account.part0 = [{"account": {"email": "x@y.z", "username": "Amber_1"}}]'
    files = {
        "amber/data/tweets.js": archived(v1(0)),
        "amber/data/tweets-part1.js": archived(v1(1), part=1) + ";",
        "amber/data/account.js": account,
        "amber/data/deleted-tweets.js": archived(v1(2), name="deleted_tweets"),
        "bob/tweet.js": archived(v1(3), name="tweet"),
    }
    raw = read_files(tmp_path, files)
    assert sorted(raw.frame["user_id"]) == ["Amber_1", "Amber_1", "bob"]
    assert raw.report.rows["amber/data/tweets.js"] == 1
    assert "bob/tweet.js: no author column; all posts are taken to be by 'bob'" in raw.report.notes
    assert not any("x@y.z" in note for note in raw.report.notes)


def test_retweets_in_an_archive_are_known_by_their_text(tmp_path: Path) -> None:
    shared = v1(1, full_text="RT @bob: hello", retweet_count=9000, favorite_count=0)
    raw = read_files(tmp_path, {"tweets.js": archived(v1(0), shared)})
    assert list(raw.frame["text"]) == ["note 0"]
    assert raw.report.dropped["retweet of another account, by its text (RT @)"] == 1


# Smaller layouts


def test_get_old_tweets_tells_whom_a_tweet_answers(tmp_path: Path) -> None:
    rows = [
        {
            "date": "2021-03-01 12:00:00",
            "username": "amber",
            "to": to,
            "replies": 1,
            "retweets": 2,
            "favorites": 3,
            "text": f"t {i}",
            "id": number(i),
            "permalink": f"https://twitter.com/x/status/{i}",
        }
        for i, to in enumerate(["", "bob"])
    ]
    raw = read_files(tmp_path, {"a.csv": rows}, reply_to={"role": "tags"})
    assert list(raw.frame["is_reply"]) == [False, True]
    assert raw.frame["reply_to"].iloc[1] == "bob"
    assert list(raw.frame["likes"]) == [3.0, 3.0]


def test_the_trump_archive_flags_retweets_with_a_letter(tmp_path: Path) -> None:
    rows = [
        {
            "id": number(i),
            "text": f"t {i}",
            "isRetweet": flag,
            "isDeleted": "f",
            "device": "iPhone",
            "favorites": 3,
            "retweets": 2,
            "date": "2021-03-01 12:00:00",
        }
        for i, flag in enumerate("ft")
    ]
    raw = read_files(tmp_path, {"trump.csv": rows})
    assert list(raw.frame["text"]) == ["t 0"]
    assert raw.frame["user_id"].iloc[0] == "trump"


def test_tables_of_r_guard_ids_and_flag_retweets(tmp_path: Path) -> None:
    rows = [
        {
            "user_id": "x11",
            "status_id": f"x{number(i)}",
            "created_at": "2021-03-01 12:00:00",
            "screen_name": "amber",
            "text": f"t {i}",
            "favorite_count": 4,
            "retweet_count": 9,
            "is_retweet": flag,
            "reply_to_status_id": "NA",
            "favourites_count": 999,
        }
        for i, flag in enumerate(["FALSE", "TRUE"])
    ]
    frame = read_files(tmp_path, {"a.csv": rows}).frame
    assert (list(frame["post_id"]), list(frame["likes"])) == ([str(number(0))], [4.0])


# What is no layout


def test_two_columns_of_one_name_but_for_marks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv, row 1: two columns .* like_count, Like Count"):
        read_files(tmp_path, {"a.csv": [{**v2_row(), "Like Count": 5}]})


def test_the_report_accounts_for_every_file(tmp_path: Path) -> None:
    files = {
        "a.jsonl": [v1(0), v1(1, retweeted_status=v1(5, user=BOB)), v1(2)],
        "b.csv": [v2_row(2, author_id="11")],
    }
    raw = read_files(tmp_path, files)
    told = [note for note in raw.report.notes if " layout, " in note]
    assert told == [
        "a.jsonl: api_v1 layout, 3 rows, 1 posts kept; dropped 1: retweet of another account"
        "; dropped 1: the same tweet in an export of another layout",
        "b.csv: api_v2 layout, 1 rows, 1 posts kept",
    ]
    assert raw.report.rows == {"a.jsonl": 3, "b.csv": 1}


def test_a_file_without_likes_is_named(tmp_path: Path) -> None:
    bare = {key: value for key, value in v2(1).items() if key != "public_metrics"}
    raw = read_files(tmp_path, {"a.jsonl": [v1(0, user=AMBER)], "b.jsonl": [bare]})
    note = "b.jsonl: no likes of any tweet: all unlabelled; its columns: author_id, created_at, id, text"
    assert note in raw.report.notes
    assert not any("a.jsonl: no likes" in one for one in raw.report.notes)


def test_undeclared_mentions_are_neither_read_nor_reported(tmp_path: Path) -> None:
    raw = read_files(tmp_path, {"a.jsonl": [v1()]})
    canonical(table_card(tmp_path, reader="tweets", columns={k: {"role": r} for k, r in KEYS.items()}), raw)
    assert not any("mentions" in note or "reply_to" in note for note in raw.report.notes)


def test_the_page_on_tweets_has_a_row_for_every_layout_in_their_order() -> None:
    page = (ROOT / "docs" / "tweets.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [one.name for one in (*LAYOUTS, ARCHIVE)]


KEYS = {"post_id": "id", "user_id": "user", "time": "time"}
