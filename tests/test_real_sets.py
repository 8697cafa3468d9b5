"""The data sets read by a card alone, held against the raw files by other means: how many rows, and ten
values."""

from __future__ import annotations

import csv
import json
import math
import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from raw_layouts import REAL

from benchmark import PROJECT
from benchmark.data.cards import find_cards, load_card
from benchmark.readers import read
from benchmark.readers.raw import Raw

ROOT = Path(os.environ.get("SMPBENCH_RAW", REAL))
CARDS = find_cards(PROJECT / "datasets")

Expected = dict[str, dict[str, Any]]
"""Post id -> what the raw files say of it."""


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def stamp(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)


def vine(root: Path) -> Expected:
    def lines(name: str) -> list[list[str]]:
        text = (root / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")
        return [line.split("::::") for line in text.split("\n")]

    followers = {line[0]: line[2] for line in lines("user_details")}
    every = zip(lines("video_user"), lines("ground_truth"), strict=True)
    return {
        video: {
            "user_id": user,
            "loops": float(truth[0]),
            "comments": float(truth[3]),
            "time": stamp(truth[4]),
            "followers": float(followers[user]) if user in followers else math.nan,
        }
        for (video, user), truth in every
    }


def instagram_profiles(root: Path) -> Expected:
    found = {}
    for path in root.glob("profiles/*.json"):
        profile = json.loads(path.read_text(encoding="utf-8"))
        for post in profile["posts"]:
            if not post["date"].startswith("1970"):
                found[post["url"].split("/p/")[1].split("/")[0]] = {
                    "user_id": profile["alias"],
                    "likes": float(post["numberLikes"]),
                    "time": stamp(post["date"]),
                    "followers": float(profile["numberFollowers"]),
                }
    return found


def tiktok_news(root: Path) -> Expected:
    return {
        row["M1_video_id"]: {
            "user_id": row["V3_news_outlet"],
            "likes": float(row["M4_like_count"]),
            "shares": float(row["M7_share_count"]),
            "time": datetime.fromtimestamp(int(row["M1_video_id"]) >> 32, UTC).replace(tzinfo=None),
            "music": float(row["V8d_music"]) if row["V8d_music"] not in ("", "-99") else math.nan,
        }
        for row in rows(root / "tiktok.csv")
    }


def counted(text: str) -> float:
    units = {"K": 1e3, "M": 1e6, "B": 1e9}
    return round(float(text[:-1]) * units[text[-1]]) if text[-1] in units else float(text)


def tiktok_vn(root: Path) -> Expected:
    found = {}
    for row in rows(root / "raw_data.csv"):
        minutes, seconds = row["vid_duration"].split(":")[-2:]
        age = stamp(row["vid_scrapeTime"]) - stamp(row["vid_postTime"])
        found[row["vid_id"]] = {
            "user_id": row["user_name"],
            "likes": counted(row["vid_nlike"]),
            "views": counted(row["vid_nview"]),
            "time": stamp(row["vid_postTime"]),
            "age_days": age.total_seconds() / 86400,
        } | (
            {"duration": 60 * float(minutes) + float(seconds)} if row["vid_duration"].count(":") == 1 else {}
        )
    return found


def reddit_musk(root: Path) -> Expected:
    return {
        row["post_id"]: {
            "user_id": row["author"],
            "score": float(row["score"]),
            "comments": float(row["num_comments"]),
            "community": row["subreddit"],
            "time": datetime.fromtimestamp(float(row["created_utc"]), UTC).replace(tzinfo=None),
        }
        for row in rows(root / "tesla_elon_reputation_dataset_enhanced_posts_only.csv")
        if row["author"] != "[deleted]"
    }


def trending(root: Path) -> dict[str, list[tuple[datetime, dict[str, str]]]]:
    """Video -> its readings in the order of time."""
    found = defaultdict(list)
    for path in sorted(root.glob("data/videos/*/*/*/*.csv")):
        for row in rows(path):
            found[row["video_id"]].append((stamp(row["fetched_at"]), row))
    return {video: sorted(readings, key=lambda one: one[0]) for video, readings in found.items()}


def youtube_trending(root: Path) -> Expected:
    found = {}
    for video, readings in trending(root).items():
        first = readings[0][1]
        published = stamp(first["published_at"])
        ages = [(moment - published).total_seconds() / 3600 for moment, _ in readings]
        logs = [math.log1p(float(row["views"])) for _, row in readings]
        label = math.nan
        for a, b, x, y in zip(ages, ages[1:], logs, logs[1:], strict=False):
            if a <= 48 <= b <= 72 and b > a:
                label = math.expm1(x + (y - x) * (48 - a) / (b - a))
        found[video] = {
            "user_id": first["channel_id"],
            "time": published,
            "title": first["title"],
            "views_48h": label,
        }
    return found


def pheme_follow(root: Path) -> Expected:
    tweets = [
        tweet
        for path in root.glob("*.rumours.json")
        for tweet in json.loads(path.read_text(encoding="utf-8"))
    ]
    return {
        str(tweet["id"]): {
            "user_id": str(tweet["user"]["id"]),
            "time": datetime.strptime(tweet["created_at"], "%a %b %d %H:%M:%S %z %Y").replace(tzinfo=None),
            "retweets": float(tweet["retweet_count"]),
            "favourites": float(tweet["favorite_count"]),
            "followers": float(tweet["user"]["followers_count"]),
        }
        for tweet in tweets
    }


SETS: dict[str, tuple[str, int, Callable[[Path], Expected]]] = {
    "vine": ("vine", 10_000, vine),
    "instagram_profiles": ("instagram_profiles", 16_536, instagram_profiles),
    "tiktok_news": ("tiktok_news", 4_287, tiktok_news),
    "tiktok_vn": ("tiktok_vn", 10_102, tiktok_vn),
    "reddit_musk": ("reddit_musk", 3_704, reddit_musk),
    "youtube_trending": ("youtube_trending", 57_619, youtube_trending),
    "pheme_follow": ("pheme_follow", 2_402, pheme_follow),
}
"""Data set -> raw folder, number of posts, and what its files say."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_a_real_set_is_read_as_its_files_say(name: str) -> None:
    folder, count, told = SETS[name]
    if not (ROOT / folder).is_dir():
        pytest.skip(f"no real data: {ROOT / folder}")
    raw: Raw = read(load_card(CARDS[name]), ROOT / folder)
    expected = told(ROOT / folder)
    frame = raw.frame.set_index("post_id")
    assert len(frame) == len(expected) == count
    labelled = [post for post in expected if not math.isnan(expected[post].get("views_48h", 0.0))]
    for post in random.Random(0).sample(sorted(labelled), 10):
        for column, value in expected[post].items():
            found = frame.loc[post, column]
            if isinstance(value, float):
                assert found == pytest.approx(value, rel=1e-6, nan_ok=True), (post, column)
            elif isinstance(value, datetime):
                assert abs(pd.Timestamp(found) - pd.Timestamp(value)) < pd.Timedelta(milliseconds=1), post
            else:
                assert found == value, (post, column)


@pytest.mark.slow
def test_growth_of_a_video_is_that_of_its_readings_a_day_apart() -> None:
    if not (ROOT / "youtube_trending").is_dir():
        pytest.skip(f"no real data: {ROOT / 'youtube_trending'}")
    raw = read(load_card(CARDS["youtube_growth"]), ROOT / "youtube_trending")
    frame = raw.frame.set_index("post_id")
    readings = trending(ROOT / "youtube_trending")
    labelled = sorted(frame.index[frame["growth_24h"].notna()])
    assert len(labelled) == 13_021
    for video in random.Random(1).sample(labelled, 10):
        first, *later = readings[video]
        day = [row for moment, row in later if 23 <= (moment - first[0]).total_seconds() / 3600 <= 25]
        told = math.log1p(float(day[0]["views"])) - math.log1p(float(first[1]["views"]))
        assert frame.loc[video, "growth_24h"] == pytest.approx(told, abs=0.06)
        assert frame.loc[video, "views_then"] == float(first[1]["views"])
