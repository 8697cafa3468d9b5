"""Smaller layouts: GetOldTweets, the Trump Twitter Archive, minet."""

from benchmark.readers.tweets.layouts.layout import Layout, all_of

GET_OLD_TWEETS = Layout(
    "getoldtweets",
    signs=(all_of("id", "date", "text", "favorites", "permalink"),),
    names={"reply_to": ("to",)},
    replies=frozenset({"to"}),
)
TRUMP_ARCHIVE = Layout(
    "trump_archive",
    signs=(all_of("id", "date", "text", "isretweet", "favorites", "retweets"),),
    anonymous=True,
)
MINET = Layout("minet", signs=(all_of("id", "timestamp_utc", "text", "to_username"),))
