"""snscrape, and twscrape after it: a table that a script wrote, or JSON lines with the author as an object.

The text is `content`, from 2022-11 on `rawContent`.
"""

from benchmark.readers.tweets.layouts.layout import IDS, Layout, all_of

_TEXT = frozenset({"rawcontent", "content"})

SNSCRAPE = Layout(
    "snscrape",
    signs=(
        all_of("datetime", "tweet_id", "text"),
        (*all_of("date"), _TEXT, frozenset({"likecount", "retweetcount", "conversationid"}) | IDS),
        (*all_of("likecount"), IDS, _TEXT | {"text"}),
    ),
)
