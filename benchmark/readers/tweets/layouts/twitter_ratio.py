"""FiveThirtyEight's `twitter-ratio`: the id only in the address, times as `10/16/17 22:59`.

Retweets are told by their text alone and stay, flagged, for the card to filter.
"""

from benchmark.readers.tweets.layouts.layout import Layout, all_of

TWITTER_RATIO = Layout(
    "twitter_ratio",
    signs=(all_of("created_at", "text", "url", "favorites", "user"),),
    names={"post_id": (), "user_name": ("user",)},
    time_form="%m/%d/%y %H:%M",
    keeps_retweets=True,
)
