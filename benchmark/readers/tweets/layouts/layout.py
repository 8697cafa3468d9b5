"""Layout: what one export of tweets is recognised by, and what its columns are called.

Names are plain, as `objects.plain` spells them: small letters, digits, and `_` for everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

IDS = frozenset({"id", "id_str", "tweet_id", "tweet_id_str", "tweetid", "status_id"})
TEXTS = frozenset({"text", "full_text", "tweet", "content", "rawcontent", "renderedcontent", "tweet_text"})
TIMES = frozenset({"created_at", "datetime", "date", "timestamp", "createdat", "timestamp_utc"})

NAMES: Mapping[str, tuple[str, ...]] = {
    # Rounded ids stand beside whole ones: the text comes first.
    "post_id": ("id_str", "tweet_id_str", "tweet_id", "tweetid", "status_id", "id"),
    "user_name": (
        *("username", "user_screen_name", "screen_name", "author_username", "user_username"),
        *("author_screen_name", "handle", "user", "author"),
    ),
    "user_number": ("user_id_str", "author_id_str", "author_id", "user_id", "userid"),
    "address": ("url", "permalink", "permanenturl", "tweet_url", "link", "status_url"),
    "time": ("created_at", "datetime", "date", "timestamp", "createdat", "timestamp_utc"),
    "text": (
        *("extended_tweet_full_text", "note_tweet_text", "full_text", "rawcontent", "text"),
        *("content", "tweet_text", "tweet", "renderedcontent"),
    ),
    "language": ("language", "lang"),
    "source_app": ("twitter_access_point", "sourcelabel", "source_name", "source", "device"),
    "likes": (
        *("favorite_count", "like_count", "likes_count", "nlikes", "likecount", "favorites"),
        *("public_metrics_like_count", "favoritecount", "likes"),
    ),
    "retweets": (
        *("retweet_count", "retweets_count", "nretweets", "retweetcount", "retweets"),
        "public_metrics_retweet_count",
    ),
    "replies": (
        *("reply_count", "replies_count", "nreplies", "replycount", "replies"),
        "public_metrics_reply_count",
    ),
    "quotes": ("quote_count", "quotes_count", "quotecount", "public_metrics_quote_count", "quotes"),
    "followers": (
        *("follower_count", "followers_count", "user_followers_count", "user_followerscount"),
        *("author_public_metrics_followers_count", "user_public_metrics_followers_count"),
    ),
    "friends": (
        *("friends_count", "user_friends_count", "user_friendscount"),
        *("author_public_metrics_following_count", "user_public_metrics_following_count"),
    ),
    "verified": ("verified", "author_verified", "user_verified"),
    "urls": ("urls",),
    "photos": ("photos",),
    "video": ("video",),
    "conversation": ("conversation_id", "conversationid", "conversation_id_str"),
    "mentions": (
        *("mentions", "mentionedusers", "entities_user_mentions", "entities_mentions"),
        *("mentions_screen_name", "mentioned_names"),
    ),
    "reply_to": (
        *("in_reply_to_screen_name", "inreplytouser_username", "in_reply_to_username"),
        *("in_reply_to_user_username", "reply_to_screen_name", "to_username", "inreplytouser"),
        *("in_reply_to_user_id_str", "in_reply_to_user_id", "reply_to_user_id"),
    ),
}
"""What a tweet has -> the columns that tell it in any layout; of a row, the first that is not missing.

Not among them, though they look so: `favourites_count` (likes that the account gave), `retweeted` and
`favorited` (by whoever made the export)."""

RETWEETS = frozenset(
    {"is_retweet", "isretweet", "retweet_status_id", "retweeted_user_id", "retweeted_username"}
    | {"referenced_tweets_retweeted_id", "retweeted_id", "retweet_id", "user_rt", "user_rt_id"}
)
RETWEETS_BELOW = ("retweeted_status", "retweetedtweet", "retweeted_tweet", "referenced_tweets_retweeted")
"""Columns that mark a retweet wherever they are set, by name and by how the name begins."""

REPLIES = frozenset(
    {"is_reply", "isreply", "in_reply_to_status_id", "in_reply_to_status_id_str", "in_reply_to_user_id"}
    | {"in_reply_to_user_id_str", "in_reply_to_screen_name", "in_reply_to_username", "in_reply_to_tweet_id"}
    | {"inreplytotweetid", "inreplytouser", "inreplytouser_username", "inreplytouser_id"}
    | {"reply_to_status_id", "reply_to_user_id", "reply_to_screen_name", "to_tweetid", "to_userid"}
    | {"in_reply_to_user_username", "in_reply_to_user_id", "referenced_tweets_replied_to_id", "to_username"}
)
"""Columns that mark a reply wherever they are set."""

REFERENCES = ("referenced_tweets", "sourcetweet_type")
"""Columns, and beginnings of their names, that hold `retweeted`, `replied_to` or `quoted`."""


@dataclass(frozen=True)
class Layout:
    """One layout: data, no code."""

    name: str
    signs: tuple[tuple[frozenset[str], ...], ...]
    """Each a way to recognise it: a column of every set of one of them must be there."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Entries of `NAMES` that differ here."""
    retweets: frozenset[str] = frozenset()
    """Columns that mark a retweet in this layout alone."""
    replies: frozenset[str] = frozenset()
    time_form: str | None = None
    """A strptime pattern where times are in none of the usual forms."""
    clock: str | None = None
    """Column of the time of day beside a `date` of the day alone."""
    zone: str = "timezone"
    """Column that states the zone of the times, where there is one."""
    keeps_retweets: bool = False
    """Retweets stay, flagged `is_retweet`, for the card to filter."""
    anonymous: bool = False
    """It never names an author."""

    def recognises(self, names: Iterable[str]) -> bool:
        given = set(names)
        return any(all(group & given for group in sign) for sign in self.signs)

    def columns(self, what: str) -> tuple[str, ...]:
        return self.names.get(what, NAMES[what])


def all_of(*names: str) -> tuple[frozenset[str], ...]:
    """A sign: every one of these columns."""
    return tuple(frozenset({name}) for name in names)
