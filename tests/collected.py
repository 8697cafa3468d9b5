"""Folders as gallery-dl and instaloader write them, small and made up."""

from __future__ import annotations

import json
import lzma
import os
from pathlib import Path
from typing import Any

from PIL import Image

NOON = 1_700_000_000
"""2023-11-14 22:13:20 UTC"""


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (200, 30, 30)).save(path)
    return path


def gallery_dl_file(folder: Path, number: int, num: int = 1, count: int = 1, **more: Any) -> Path:
    """The JSON beside one picture of a post of `ann`; the picture too."""
    media = picture(folder / "instagram" / "ann" / f"{number}_{num}.jpg")
    told = {
        "category": "instagram",
        "subcategory": "posts",
        "post_id": str(number),
        "post_shortcode": f"C{number}",
        "post_date": "2023-11-14 22:13:20",
        "date": f"2023-11-14 22:13:2{num}",
        "username": "ann",
        "owner_id": "17",
        "fullname": "Ann",
        "description": "New #bread from the oven",
        "tags": ["#bread"],
        "likes": 40,
        "location_slug": "old-town",
        "coauthors": [{"id": "18", "username": "bob", "full_name": "Bob"}],
        "tagged_users": [{"id": str(num), "username": f"u{num}", "full_name": ""}],
        "count": count,
        "num": num,
        "media_id": f"{number}{num}",
        "width": 1080 + num,
        "height": 1350,
        "video_url": None,
        **more,
    }
    path = media.with_name(f"{media.name}.json")
    path.write_text(json.dumps(told, indent=4), encoding="utf-8")
    return path


def tweet_file(folder: Path, number: int, **more: Any) -> Path:
    told = {
        "category": "twitter",
        "tweet_id": number,
        "retweet_id": 0,
        "date": "2023-11-14 22:13:20",
        "author": {"id": 5, "name": "ann", "followers_count": 900},
        "user": {"id": 6, "name": "bob", "followers_count": 1},
        "content": "To orbit",
        "lang": "en",
        "hashtags": ["orbit"],
        "mentions": [{"id": 7, "name": "eve", "nick": "Eve"}],
        "favorite_count": 12,
        "retweet_count": 3,
        "reply_count": 2,
        "quote_count": 1,
        "count": 1,
        "num": 1,
        "width": 100,
        "height": 50,
        **more,
    }
    path = folder / "twitter" / "ann" / f"{number}_1.jpg.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def web_node(code: str, **more: Any) -> dict[str, Any]:
    """A post as Instagram's web pages describe it."""
    return {
        "__typename": "GraphImage",
        "id": "2700",
        "shortcode": code,
        "taken_at_timestamp": NOON,
        "dimensions": {"height": 1350, "width": 1080},
        "is_video": False,
        "owner": {"id": "17", "username": "ann"},
        "edge_media_to_caption": {"edges": [{"node": {"text": "New #bread with @bob"}}]},
        "edge_media_preview_like": {"count": 40, "edges": []},
        "edge_media_to_comment": {"count": 6},
        "edge_media_to_tagged_user": {"edges": [{"node": {"user": {"username": "bob"}}}]},
        "location": {"id": "1", "name": "Old Town", "slug": "old-town"},
        **more,
    }


def phone_node(code: str, likes: int, **phone: Any) -> dict[str, Any]:
    """A post as the application describes it, which newer versions store in the form of the pages."""
    return {
        "shortcode": code,
        "id": 2700,
        "__typename": "GraphVideo",
        "is_video": True,
        "date": NOON,
        "caption": "A film",
        "title": None,
        "edge_media_preview_like": {"count": likes},
        "comments": 6,
        "video_duration": 12.5,
        "video_view_count": 800,
        "owner": {"id": "17", "username": "Ann", "edge_followed_by": {"count": 5000}},
        "iphone_struct": {
            "pk": 2700,
            "original_width": 720,
            "original_height": 1280,
            "usertags": {"in": [{"user": {"username": "bob"}}, {"user": {"username": "eve"}}]},
            **phone,
        },
    }


def instaloader_file(folder: Path, name: str, node: dict[str, Any], kind: str = "Post") -> Path:
    """`name` ends in `.json` or `.json.xz`."""
    told = {"node": node, "instaloader": {"version": "4.14", "node_type": kind}}
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told).encode()
    path.write_bytes(lzma.compress(text) if name.endswith(".xz") else text)
    return path


def written_at(path: Path, seconds: float) -> None:
    os.utime(path, (seconds, seconds))
