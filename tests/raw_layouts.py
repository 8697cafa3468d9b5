"""Small raw data sets, written as their owners publish them, with the quirks of the real files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data"

START = 1_425_081_600  # 2015-02-28
DAY = 86_400


class SmpdImage:
    """The image track: `posts` rows in ascending Pid order, which is not time order.

    Each attribute holds what goes into one file, so that a test can spoil it before `write`.
    """

    def __init__(self, split: str = "train", posts: int = 40, first_pid: int = 700) -> None:
        self.split = split
        ids = [{"Uid": f"{i % 7}@N75", "Pid": str(first_pid + i)} for i in range(posts)]
        self.category: Any = [
            {**id_, "Category": "Whether&Season", "Subcategory": "Autumn", "Concept": f"leaf{i % 5}"}
            for i, id_ in enumerate(ids)
        ]
        self.text: Any = [
            {**id_, "Title": f"title {i}", "Mediatype": "photo", "Alltags": "red leaf"}
            for i, id_ in enumerate(ids)
        ]
        self.temporalspatial: Any = [
            {
                **id_,
                "Postdate": str(START + (i * 37 % posts) * DAY),
                "Latitude": "48.1" if i % 9 == 0 else "0.0",
                "Longitude": "11.5" if i % 9 == 0 else "0.0",
                "Geoaccuracy": "16" if i % 9 == 0 else "0",
            }
            for i, id_ in enumerate(ids)
        ]
        self.user: Any = {
            "photo_firstdate": _by_row("1104537600" for _ in ids),
            "photo_count": _by_row(str(100 + i) for i in range(posts)),
            "ispro": _by_row("1" if i % 3 else "0" for i in range(posts)),
            "canbuypro": _by_row("0" for _ in ids),
            "timezone_offset": _by_row("-08:00" if i % 3 else "None" for i in range(posts)),
            "timezone_timezone_id": _by_row("America/Los_Angeles" if i % 3 else "None" for i in range(posts)),
            "photo_firstdatetaken": _by_row(
                "1904010100" if i % 2 else "2004-08-01 12:00:00" for i in range(posts)
            ),
            "user_description": _by_row(
                ",".join(["0.5", f"{i % 7}"] * 2) if i % 4 == 0 else "None" for i in range(posts)
            ),
            "location_description": _by_row("" for _ in ids),
        }
        self.additional: Any = [
            {**id_, "Pathalias": "None", "Ispublic": "1", "Mediastatus": "ready"} for id_ in ids
        ]
        self.images = [f"{split}/{id_['Uid']}/{id_['Pid']}.jpg" for id_ in ids]
        self.labels = [f"{1 + (i * 13 % 29) / 3:.2f}" for i in range(posts)]

    def write(self, folder: Path, *, below: str | None = None, old_names: bool = False) -> Path:
        """`below` is where the files go, `train_allmetadata_json` unless said otherwise."""
        to = folder / (f"{self.split}_allmetadata_json" if below is None else below)
        to.mkdir(parents=True, exist_ok=True)
        names = {
            "category": "category.json",
            "text": "tags.json" if old_names else "text.json",
            "temporalspatial": "temporalspatial.json" if old_names else "temporalspatial_information.json",
            "user": "userdata.json" if old_names else "user_data.json",
            "additional": "additional.json" if old_names else "additional_information.json",
        }
        for kind, name in names.items():
            (to / f"{self.split}_{name}").write_text(json.dumps(getattr(self, kind)))
        (to / f"{self.split}_img_filepath.txt").write_text("".join(f"{line}\n" for line in self.images))
        if self.split == "train":
            (to / "train_label.txt").write_text("".join(f"{label}\n" for label in self.labels))
        return folder


class SmpdVideo:
    """The video track: JSON lines in different orders, joined by pid and uid."""

    def __init__(self, split: str = "train", posts: int = 40, first: int = 0) -> None:
        self.split = split
        ids = [{"pid": f"POST{first + i:08}", "uid": f"USER{i % 9:08}"} for i in range(posts)]
        month = "2023-06" if split == "train" else "2023-09"
        self.posts: list[dict[str, Any]] = [
            {
                **id_,
                "post_content": "Gift,guide,fyp",
                "post_location": "GB",
                "post_suggested_words": ["gift ideas", "mum"],
                "post_text_language": "en",
                "video_path": f"{split}/{id_['uid']}/{i}.mp4",
                "post_time": f"{month}-{1 + i % 28:02} 09:57",
            }
            for i, id_ in enumerate(ids)
        ]
        self.users: list[dict[str, Any]] = [
            {
                "uid": f"USER{i:08}",
                "user_following_count": 5,
                "user_follower_count": 1000 * i,
                "user_likes_count": 182_000,
                "user_video_count": 3,
                "user_digg_count": 7,
                "user_heart_count": 182_000,
                "user_friend_count": 0,
            }
            for i in range(9)
        ]
        self.videos: list[dict[str, Any]] = [
            {
                "vid": f"V{i}",
                **id_,
                "video_height": 1024,
                "video_width": 576,
                "video_duration": 10 + i,
                "video_ratio": "540p",
                "video_format": "mp4",
                "music_title": "original sound",
                "music_duration": 30,
            }
            for i, id_ in reversed(list(enumerate(ids)))
        ]
        self.popularity: list[dict[str, Any]] = [
            {**id_, "popularity": 5 + i / 10} for i, id_ in reversed(list(enumerate(ids)))
        ]

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        kinds = ["posts", "users", "videos"] + ["popularity"] * (self.split == "train")
        for kind in kinds:
            lines = "".join(json.dumps(row) + "\n" for row in getattr(self, kind))
            (folder / f"SMP-Video_anonymized_{kind}_{self.split}.jsonl").write_text(lines)
        return folder


def snowflake(milliseconds: int) -> int:
    """The tweet id of a moment given as epoch milliseconds."""
    return (milliseconds - 1288834974657) << 22


def snscrape_rows(count: int = 6) -> list[dict[str, Any]]:
    """Rows of an snscrape export; every second tweet is a reply."""
    return [
        {
            "": i,
            "Datetime": f"2021-03-{1 + i:02} 12:00:00+00:00",
            "Tweet Id": snowflake(1_614_600_000_000 + i * DAY * 1000),
            "Text": f"@someone yes {i}" if i % 2 else f"Starship {i},\nto orbit",
            "Username": "elonmusk",
            "location": "",
            "reply count": i,
            "retweet count": 2 * i,
            "like count": 30 * i,
            "language": "en",
            "Twitter Access Point": "Twitter for iPhone",
            "Follower Count": 107414837,
            " Friends Count": 122,
            "verified": True,
        }
        for i in range(count)
    ]


def twint_rows(count: int = 4, *, drift_hours: int = 0, likes: int = 100) -> list[dict[str, Any]]:
    """Rows of a twint export, whose clock may be hours off; the last is a reply in a conversation."""
    rows = []
    for i in range(count):
        tweet = snowflake(1_614_600_000_000 + i * DAY * 1000)
        rows.append(
            {
                "id": tweet,
                "conversation_id": 1 if i == count - 1 else tweet,
                "created_at": "",
                "date": f"2021-03-{1 + i:02}",
                "time": f"{12 + drift_hours:02}:00:00",
                "timezone": "",
                "username": "elonmusk",
                "tweet": f"tweet {i}",
                "mentions": "[]",
                "urls": "['https://a', 'https://b']",
                "photos": "[]",
                "replies_count": 1,
                "retweets_count": 2,
                "likes_count": likes + i,
                "hashtags": "[]",
                "cashtags": "[]",
                "retweet": False,
                "quote_url": "",
                "video": 0,
                "reply_to": "[]",
            }
        )
    return rows


def write_csv(path: Path, rows: Sequence[dict[str, Any]], delimiter: str = ",") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def _by_row(values: Any) -> dict[str, Any]:
    return {str(i): value for i, value in enumerate(values)}
