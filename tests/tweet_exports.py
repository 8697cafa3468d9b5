"""Tweets as the tools of the field export them, invented, and the reader that takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from raw_layouts import DAY, snowflake, write_csv
from table_sets import table_card

from benchmark.readers import read
from benchmark.readers.raw import Raw

COLUMNS: dict[str, dict[str, Any]] = {
    "post_id": {"role": "id"},
    "user_id": {"role": "user"},
    "time": {"role": "time"},
    "text": {"role": "text"},
}
OTHERS = {"mentions": {"role": "tags"}, "reply_to": {"role": "tags"}}
FIRST = 1_614_600_000_000
"""2021-03-01 12:00, in milliseconds."""
AMBER = {"id": 11, "id_str": "11", "screen_name": "amber", "followers_count": 9, "favourites_count": 777}
BOB = {"id": 12, "id_str": "12", "screen_name": "bob", "followers_count": 5, "favourites_count": 888}


def number(i: int) -> int:
    """The id of the tweet of noon on day i."""
    return snowflake(FIRST + i * DAY * 1000) + i + 7


def read_files(folder: Path, files: Mapping[str, Any], **columns: Any) -> Raw:
    """What the reader makes of a folder: rows become a CSV or JSON lines by the name of their file, other
    values one JSON document, strings and bytes are written as they stand."""
    raw = folder / "raw"
    for name, content in files.items():
        path = raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif name.endswith((".csv", ".tsv")):
            write_csv(path, content)
        elif name.endswith(".jsonl"):
            path.write_text("\n".join(json.dumps(row) for row in content))
        else:
            path.write_text(json.dumps(content, indent=1))
    return read(table_card(folder, reader="tweets", columns={**COLUMNS, **columns}), raw)


def v1(i: int = 0, **more: Any) -> dict[str, Any]:
    """A tweet of API v1.1 with 10 + i likes."""
    day = ["Mon Mar 01", "Tue Mar 02", "Wed Mar 03", "Thu Mar 04", "Fri Mar 05", "Sat Mar 06"][i]
    return {
        "created_at": f"{day} 12:00:00 +0000 2021",
        "id": number(i),
        "id_str": str(number(i)),
        "full_text": f"note {i}",
        "favorite_count": 10 + i,
        "retweet_count": i,
        "user": AMBER,
        "in_reply_to_status_id_str": None,
        "in_reply_to_screen_name": None,
        "favorited": True,
        "retweeted": True,
        "lang": "en",
        "source": '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>',
        **more,
    }


def v1_row(i: int = 0, **more: Any) -> dict[str, Any]:
    """The same, flattened into a row of a table."""
    tweet = v1(i)
    del tweet["user"]
    return {**tweet, "user.screen_name": "amber", "user.id_str": "11", **more}


def v2(i: int = 0, **more: Any) -> dict[str, Any]:
    """A tweet of API v2 with 10 + i likes."""
    return {
        "id": str(number(i)),
        "text": f"note {i}",
        "created_at": f"2021-03-{1 + i:02}T12:00:00.000Z",
        "author_id": "11",
        "public_metrics": {"like_count": 10 + i, "retweet_count": i, "reply_count": 1, "quote_count": 0},
        **more,
    }


def v2_row(i: int = 0, **more: Any) -> dict[str, Any]:
    """The same as a row of a table."""
    metrics = {"like_count": 10 + i, "retweet_count": i, "reply_count": 1, "quote_count": 0}
    return {key: value for key, value in v2(i).items() if key != "public_metrics"} | metrics | more


def scraped(i: int = 0, **more: Any) -> dict[str, Any]:
    """A tweet of snscrape as JSON, since 2022-11, with 10 + i likes."""
    return {
        "_type": "snscrape.modules.twitter.Tweet",
        "url": f"https://twitter.com/amber/status/{number(i)}",
        "date": f"2021-03-{1 + i:02}T12:00:00+00:00",
        "rawContent": f"note {i}",
        "id": number(i),
        "user": {"username": "amber", "id": 11, "followersCount": 9},
        "likeCount": 10 + i,
        "retweetCount": i,
        "replyCount": 1,
        "quoteCount": 0,
        "conversationId": number(i),
        "lang": "en",
        "retweetedTweet": None,
        "inReplyToTweetId": None,
        "inReplyToUser": None,
        "mentionedUsers": None,
        **more,
    }


def archived(*tweets: Mapping[str, Any], name: str = "tweets", part: int = 0) -> str:
    """`tweets.js` of Twitter's own archive: all values strings, and no author."""
    entries = [
        {"tweet": {key: str(value) for key, value in one.items() if key != "user" and value is not None}}
        for one in tweets
    ]
    return f"window.YTD.{name}.part{part} = " + json.dumps(entries, indent=1)
