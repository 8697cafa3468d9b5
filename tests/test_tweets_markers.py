"""Retweets and replies: told by every layout in its own way, and dropped or flagged in all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from raw_layouts import twint_rows
from tweet_exports import BOB, OTHERS, number, read_files, scraped, v1, v1_row, v2, v2_row

ORIGINAL = v1(5, user=BOB, favorite_count=50_000)
BY_MARK = "retweet of another account"
BY_TEXT = "retweet of another account, by its text (RT @)"


def twint_row(**more: Any) -> dict[str, Any]:
    return {**twint_rows(4)[0], "id": number(1), "conversation_id": number(1), **more}


RETWEETS: dict[str, dict[str, Any]] = {
    "v1.1 with the original inside": {"a.jsonl": [v1(1, retweeted_status=ORIGINAL)]},
    "v1.1 flattened": {"a.csv": [v1_row(1, **{"retweeted_status.id_str": "5"})]},
    "v1.1 with the original as text": {"a.csv": [v1_row(1, retweeted_status="{'id': 5}")]},
    "v1.1 by its number": {"a.csv": [v1_row(1, retweeted_status_id="5.0")]},
    "v2 as a list": {"a.jsonl": [v2(1, referenced_tweets=[{"type": "retweeted", "id": "5"}])]},
    "v2 as Python shows a list": {
        "a.csv": [v2_row(1, referenced_tweets="[{'type': 'retweeted', 'id': '5'}]")]
    },
    "v2 as JSON": {"a.csv": [v2_row(1, referenced_tweets='[{"type": "retweeted", "id": "5"}]')]},
    "v2 as tweepy shows it": {
        "a.csv": [v2_row(1, referenced_tweets="[<ReferencedTweet id=5 type=retweeted>]")]
    },
    "v2 as a word": {"a.csv": [v2_row(1, referenced_tweets="retweeted")]},
    "v2 of twarc": {"a.csv": [v2_row(1, **{"referenced_tweets.retweeted.id": "5"})]},
    "v2 flattened by place": {"a.csv": [v2_row(1, **{"referenced_tweets.0.type": "retweeted"})]},
    "v2 of academictwitteR": {"a.csv": [v2_row(1, sourcetweet_type="retweeted")]},
    "snscrape": {"a.jsonl": [scraped(1, retweetedTweet={"id": 5, "likeCount": 50_000})]},
    "snscrape as a table": {
        "a.csv": [scraped(1, user="amber", retweetedTweet="https://twitter.com/b/status/5")]
    },
    "twint, a flag as text": {"a.csv": [twint_row(retweet="True")]},
    "twint, a flag": {"a.jsonl": [twint_row(retweet=True)]},
    "twint, by who did it": {"a.csv": [twint_row(user_rt="amber", user_rt_id="11")]},
    "a flag of a script": {"a.csv": [v2_row(1, is_retweet="TRUE")]},
    "a flag of a script that twint has too": {
        "a.csv": [v2_row(0, retweet="False"), v2_row(1, retweet="True")]
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", RETWEETS)
def test_a_marked_retweet_is_dropped_and_counted(tmp_path: Path, kind: str) -> None:
    raw = read_files(tmp_path, {**RETWEETS[kind], "z.jsonl": [v2(3)]})
    assert str(number(1)) not in set(raw.frame["post_id"])
    assert dict(raw.report.dropped) == {BY_MARK: 1}


@pytest.mark.slow
@pytest.mark.parametrize("unset", ["", "False", "false", "None", "nan", "NULL", "[]", "0", "f"])
@pytest.mark.parametrize(
    "column", ["retweeted_status", "referenced_tweets", "is_retweet", "retweeted_user_id"]
)
def test_a_marker_that_is_not_set_marks_nothing(tmp_path: Path, column: str, unset: str) -> None:
    raw = read_files(tmp_path, {"a.csv": [v2_row(1, **{column: unset})]})
    assert len(raw.frame) == 1 and not raw.report.dropped


def test_whether_the_exporter_retweeted_a_tweet_says_nothing_of_it(tmp_path: Path) -> None:
    assert v1()["retweeted"] is True
    assert len(read_files(tmp_path, {"a.jsonl": [v1()]}).frame) == 1


def test_a_column_of_counts_called_retweet_marks_nothing(tmp_path: Path) -> None:
    assert len(read_files(tmp_path, {"a.csv": [v2_row(i, retweet=i) for i in range(3)]}).frame) == 3


def test_a_quote_is_a_post_of_its_own(tmp_path: Path) -> None:
    quotes = [v2(i, referenced_tweets=[{"type": "quoted", "id": "5"}]) for i in range(2)]
    assert list(read_files(tmp_path, {"a.jsonl": quotes}).frame["is_reply"]) == [False, False]


@pytest.mark.parametrize("row", [v1_row(1), v2_row(1), {**v2_row(1), "tweet_id": number(1)}])
def test_where_nothing_marks_retweets_their_text_does(tmp_path: Path, row: dict[str, Any]) -> None:
    name = "full_text" if "full_text" in row else "text"
    raw = read_files(tmp_path, {"a.csv": [{**row, name: "RT @bob: hello"}], "b.jsonl": [v2(3)]})
    assert list(raw.frame["post_id"]) == [str(number(3))]
    assert dict(raw.report.dropped) == {BY_TEXT: 1}


def test_a_retweet_by_hand_has_likes_of_its_own_and_is_flagged(tmp_path: Path) -> None:
    frame = read_files(tmp_path, {"a.jsonl": [scraped(1, rawContent="RT @bob so true"), scraped(2)]}).frame
    assert list(frame["is_retweet"]) == [True, False]
    assert list(frame["likes"]) == [11.0, 12.0]


def test_a_retweet_is_dropped_before_its_values_are_read(tmp_path: Path) -> None:
    rows = [v2_row(0, is_retweet="no"), v2_row(1, is_retweet="True", like_count="?", author_id="")]
    raw = read_files(tmp_path, {"a.csv": rows})
    assert (len(raw.frame), dict(raw.report.dropped)) == (1, {BY_MARK: 1})


REPLIES: dict[str, dict[str, Any]] = {
    "v1.1": {"a.jsonl": [v1(0), v1(1, in_reply_to_status_id_str="5")]},
    "v1.1, floats of pandas": {
        "a.csv": [v1_row(0, in_reply_to_status_id=""), v1_row(1, in_reply_to_status_id="1.366e+18")]
    },
    "v1.1, to an account": {"a.csv": [v1_row(0), v1_row(1, in_reply_to_screen_name="bob")]},
    "v2": {"a.jsonl": [v2(0), v2(1, referenced_tweets=[{"type": "replied_to", "id": "5"}])]},
    "v2, to an account": {"a.csv": [v2_row(0, in_reply_to_user_id=""), v2_row(1, in_reply_to_user_id="12")]},
    "v2 in a conversation": {
        "a.csv": [v2_row(0, conversation_id=number(0)), v2_row(1, conversation_id=number(0))]
    },
    "snscrape": {"a.jsonl": [scraped(0), scraped(1, inReplyToTweetId=number(0))]},
    "snscrape in a conversation": {"a.jsonl": [scraped(0), scraped(1, conversationId=number(0))]},
    "snscrape, to an account": {"a.jsonl": [scraped(0), scraped(1, inReplyToUser={"username": "bob"})]},
    "by its text": {"a.jsonl": [v2(0), v2(1, text="@bob yes")]},
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", REPLIES)
def test_a_reply_is_flagged(tmp_path: Path, kind: str) -> None:
    assert list(read_files(tmp_path, REPLIES[kind]).frame["is_reply"]) == [False, True]


def test_a_conversation_that_became_a_float_is_compared_as_one(tmp_path: Path) -> None:
    rows = [v2_row(i, conversation_id=repr(float(number(0)))) for i in range(2)]
    assert list(read_files(tmp_path, {"a.csv": rows}).frame["is_reply"]) == [False, True]


def test_a_rounded_conversation_tells_nothing_and_is_noted(tmp_path: Path) -> None:
    raw = read_files(tmp_path, {"a.csv": [v2_row(i, conversation_id="1.36E+18") for i in range(2)]})
    assert list(raw.frame["is_reply"]) == [False, False]
    assert "a.csv: 2 conversation ids are rounded and tell no reply" in raw.report.notes


# Mentions

MENTIONING: dict[str, dict[str, Any]] = {
    "v1.1": {"a.jsonl": [v1(0, entities={"user_mentions": [{"screen_name": "bob"}, {"screen_name": "cy"}]})]},
    "v2": {"a.jsonl": [v2(0, entities={"mentions": [{"username": "bob"}, {"username": "cy"}]})]},
    "snscrape": {"a.jsonl": [scraped(0, mentionedUsers=[{"username": "bob"}, {"username": "cy"}])]},
    "snscrape as a table": {
        "a.csv": [scraped(0, user="amber", mentionedUsers="[User(username='bob'), User(username='cy')]")]
    },
    "twint": {"a.csv": [twint_row(mentions="[{'screen_name': 'bob'}, {'screen_name': 'cy'}]")]},
    "twint, old": {"a.csv": [twint_row(mentions="['bob', 'cy']")]},
    "the text": {"a.jsonl": [v2(0, text="with @bob, @cy and @bob again; not me@example.org")]},
}


@pytest.mark.parametrize("kind", MENTIONING)
def test_accounts_that_a_tweet_names_are_read_where_the_card_asks(tmp_path: Path, kind: str) -> None:
    assert read_files(tmp_path, MENTIONING[kind], **OTHERS).frame["mentions"].iloc[0] == "bob cy"


ANSWERING: dict[str, dict[str, Any]] = {
    "v1.1": {"a.jsonl": [v1(0, in_reply_to_screen_name="bob")]},
    "v2": {
        "a.json": {
            "data": [v2(0, in_reply_to_user_id="12")],
            "includes": {"users": [{"id": "12", "username": "bob"}]},
        }
    },
    "snscrape": {"a.jsonl": [scraped(0, inReplyToUser={"username": "bob", "id": 12})]},
    "twint": {
        "a.csv": [
            twint_row(conversation_id=1, reply_to="[{'screen_name': 'elonmusk'}, {'screen_name': 'bob'}]")
        ]
    },
}


@pytest.mark.parametrize("kind", ANSWERING)
def test_the_account_that_a_tweet_answers_is_read_where_the_card_asks(tmp_path: Path, kind: str) -> None:
    assert read_files(tmp_path, ANSWERING[kind], **OTHERS).frame["reply_to"].iloc[0] == "bob"
