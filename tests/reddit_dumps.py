"""Rows of Reddit dumps."""

from __future__ import annotations

from typing import Any

NOON = 1_700_000_000


def submission(number: int, **more: Any) -> dict[str, Any]:
    """As a dump has it, with a field that nobody reads."""
    return {
        "id": f"abc{number}",
        "name": f"t3_abc{number}",
        "author": "ann",
        "created_utc": NOON + number,
        "title": f"Launch {number}",
        "selftext": "",
        "subreddit": "rockets",
        "score": 7,
        "num_comments": 3,
        "upvote_ratio": 0.9,
        "is_self": False,
        "over_18": False,
        "domain": "example.org",
        "link_flair_text": None,
        "stickied": False,
        "locked": True,
        "total_awards_received": 1,
        "retrieved_on": NOON + 30 * 86400,
        "media_embed": {},
        **more,
    }


def comment(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"abc{number}",
        "author": "bob",
        "created_utc": str(NOON + number),
        "body": "To orbit",
        "link_id": "t3_abc0",
        "parent_id": "t3_abc0",
        "subreddit": "rockets",
        "score": 2,
        **more,
    }
