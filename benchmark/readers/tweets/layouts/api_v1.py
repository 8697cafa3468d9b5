"""Twitter's API v1.1, as tweepy, twarc and rtweet store it: objects, or tables of any flattening.

Likes are `favorite_count`. A retweet has likes of its own (none) and the retweets of the original; so it is
dropped by `retweeted_status`, or by its text where a table has lost that. There are no replies or quotes, but
for paying customers of the API.
"""

from benchmark.readers.tweets.layouts.layout import IDS, TEXTS, Layout

_ITS_OWN = frozenset(
    {"favorite_count", "id_str", "full_text", "retweeted_status", "in_reply_to_status_id"}
    | {"in_reply_to_status_id_str", "in_reply_to_screen_name", "user_screen_name", "screen_name"}
    | {"user_id_str", "status_id", "favorited", "truncated", "retweeted_status_id"}
)

API_V1 = Layout("api_v1", signs=((IDS, TEXTS, _ITS_OWN),))
