"""twint, CSV or JSON lines: counts as `likes_count` or, in yearly exports, `nlikes`; lists as in Python.

`date` and `time` are of the zone in `timezone`, or of one that nothing states. `reply_to` names whoever is in
the thread, the author among them, and marks no reply: `conversation_id` does.
"""

from benchmark.readers.tweets.layouts.layout import Layout, all_of

TWINT = Layout(
    "twint",
    signs=(all_of("id", "conversation_id", "tweet"), all_of("id", "tweet", "username", "nlikes")),
    names={
        "text": ("tweet",),
        "user_name": ("username",),
        "user_number": ("user_id", "user_id_str"),
        "post_id": ("id_str", "id"),
        "reply_to": ("reply_to",),
    },
    retweets=frozenset({"retweet"}),
    clock="time",
)
