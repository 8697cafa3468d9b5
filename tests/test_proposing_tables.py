"""What is proposed of whole files: other columns, pictures, files, layouts, the protocol."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from proposals import PLAIN, column, draft_of, put, words_of

from benchmark.errors import CardError, DataError
from benchmark.proposing import toml
from benchmark.proposing.files import pattern_of
from benchmark.proposing.protocol import windowed
from benchmark.proposing.study import study

# Other columns


def test_other_columns_are_what_their_values_are(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path,
        hashtags=["red|blue", "red"] * 15,
        category=["art", "sport", "food"] * 10,
        latitude=[48.1 + i / 100 for i in range(30)],
        duration=["00:31", "01:05"] * 15,
        is_video=[True, False] * 15,
        constant=["x"] * 30,
        thumbnail=[f"https://example.org/{i}" for i in range(30)],
        empty=[None] * 30,
        caption_copy=PLAIN["caption"],
    )
    said = {one.name: one.words for one in draft.columns}
    assert said["hashtags"] == {"role": "tags", "separator": "|"}
    assert said["category"] == {"role": "category", "level": 1}
    assert said["latitude"] == {"role": "place"}
    assert said["duration"] == {"role": "numeric", "format": "clock"}
    assert said["is_video"] == {"role": "categorical"}
    assert draft.dropped == {
        "constant": "the same in every row: 'x'",
        "thumbnail": "addresses",
        "empty": "empty",
        "caption_copy": "the same as caption",
    }


def test_what_is_of_the_day_of_collecting_is_withheld_and_what_nobody_knows_is_asked(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path,
        followers=list(range(100, 130)),
        verified=[True, False] * 15,
        width=[640, 480] * 15,
        hashtag_count=[1, 2, 3] * 10,
        zeal=[i % 7 for i in range(30)],
    )
    late = {one.name for one in draft.columns if one.availability == "crawl"}
    assert late == {"followers", "verified", "zeal"}
    assert draft.doubtful == ["zeal"]


def test_a_code_of_several_columns_is_one_of_the_whole_file(tmp_path: Path) -> None:
    coded = [-99, *range(29)]
    draft = draft_of(tmp_path, width=coded, height=coded[::-1])
    assert draft.table == {"missing": [-99]}
    assert "missing" not in words_of(draft, "width")


def test_the_label_is_the_likes_and_other_counts_may_be(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, views=list(range(30)), score=[i - 9 for i in range(30)])
    assert [one.name for one in draft.labels] == ["likes", "views", "score"]
    assert draft.default_labels == ["likes"]
    assert draft.labels[2].words["scale"] == "signed-log"


# Pictures


def test_pictures_are_found_by_the_columns_that_their_paths_are_made_of(tmp_path: Path) -> None:
    for name, account in zip(PLAIN["id"], PLAIN["account"], strict=True):
        path = tmp_path / "photos" / account / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff\xd8")
    entry = column(draft_of(tmp_path), "image")
    assert entry.words == {"role": "image", "file": "photos/{account}/{id}.jpg"}


def test_a_column_of_paths_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    for i in range(30):
        (tmp_path / "img" / f"{i:02}.png").write_bytes(b"\x89PNG")
    draft = draft_of(tmp_path, picture=[f"img/{i:02}.png" for i in range(30)])
    assert words_of(draft, "image") == {"role": "image", "source": "picture"}


# Files


def test_a_pattern_means_the_files_and_captures_what_no_column_says() -> None:
    days = [f"country={c}/year=2025/top_{c}_2025-12-{d}.csv" for c in ("BR", "DE") for d in (10, 11)]
    assert pattern_of(days) == ("country={country}/year=2025/top_*.csv", ("country",))
    assert pattern_of(days, frozenset({"country"}))[0] == "country=*/year=2025/top_*.csv"
    assert pattern_of(["a.csv", "b/a.csv"])[0] == "**/a.csv"


def test_a_file_an_account_names_the_account(tmp_path: Path) -> None:
    columns = {name: one for name, one in PLAIN.items() if name != "account"}
    for account in ("ann", "bob"):
        put(tmp_path, columns | {"id": [f"{account}{i}" for i in range(30)]}, f"{account}.csv")
    draft = study(tmp_path)
    assert draft.table["files"] == "{account}.csv"
    assert words_of(draft, "user_id") == {"role": "user", "source": "account"}


def test_rows_of_a_document_see_what_is_around_them(tmp_path: Path) -> None:
    for account in ("ann", "bob"):
        rows = [
            {
                "url": f"https://a.b/p/{account}{i}/",
                "date": PLAIN["posted_at"][i],
                "likes": i,
                "tags": ["x", "y"],
            }
            for i in range(9)
        ]
        document = {"alias": account, "numberFollowers": len(account), "data": {"posts": rows}}
        (tmp_path / f"{account}.json").write_text(json.dumps(document))
    draft = study(tmp_path)
    assert draft.table == {"files": "*.json", "rows": "data.posts"}
    assert words_of(draft, "user_id")["source"] == "document.alias"


def test_objects_are_led_into(tmp_path: Path) -> None:
    rows = [
        {
            "id": f"p{i}",
            "owner": {"username": "ann", "followers": i},
            "taken_at": 1683000000 + i * 9000,
            "edge": {"likes": {"count": i}},
            "hashtags": [{"text": f"t{i}"}, {"text": "all"}],
        }
        for i in range(30)
    ]
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    draft = study(path)
    assert words_of(draft, "user_id")["source"] == "owner.username"
    assert draft.labels[0].words["source"] == "edge.likes.count"
    assert words_of(draft, "hashtags_text") == {"role": "tags", "source": "hashtags.text"}


def test_the_table_that_looks_like_posts_is_taken_and_others_are_named(tmp_path: Path) -> None:
    put(tmp_path, PLAIN)
    put(tmp_path, {"rank": range(200), "name": range(200), "followers": range(200)}, "accounts.csv")
    draft = study(tmp_path)
    assert draft.raw == "./posts.csv"
    assert "other tables, not read: accounts.csv" in draft.notes


def test_a_delimiter_that_no_reader_would_guess_is_named(tmp_path: Path) -> None:
    lines = ["::::".join(map(str, row)) for row in zip(*PLAIN.values(), strict=True)]
    (tmp_path / "posts.txt").write_text("\n".join(["::::".join(PLAIN), *lines]))
    assert study(tmp_path).table == {"delimiter": "::::"}


def test_a_file_without_names_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("17,3,2023-01-01\n18,4,2023-01-02\n")
    with pytest.raises(DataError, match=r"looks like a row and not like names.*Write the names"):
        study(tmp_path)


def test_an_empty_folder_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"no table here.*it is empty"):
        study(tmp_path)


# Standard layouts


def test_layouts_that_a_reader_was_made_for_are_recognised(tmp_path: Path) -> None:
    tweets = {"id": ["1724551110456246272"], "created_at": ["2023-11-14T22:13:20Z"], "text": ["a note"]}
    put(tmp_path / "t", tweets | {"retweet_count": [1], "favorite_count": [2], "author_id": ["7"]})
    assert study(tmp_path / "t").reader == "tweets"
    reddit = {name: ["a"] for name in ("id", "subreddit", "author", "created_utc", "score", "num_comments")}
    put(tmp_path / "r", reddit)
    assert study(tmp_path / "r").reader == "reddit"
    (tmp_path / "i").mkdir()
    told = {"node": {"shortcode": "x"}, "instaloader": {"node_type": "Post"}}
    (tmp_path / "i" / "2022-07-23_UTC.json").write_text(json.dumps(told))
    assert study(tmp_path / "i").reader == "instaloader"
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "1_2.jpg.json").write_text(json.dumps({"category": "instagram", "post_id": "1"}))
    assert study(tmp_path / "g").reader == "gallery_dl"


def test_any_table_with_a_text_and_a_date_is_no_export_of_tweets(tmp_path: Path) -> None:
    assert draft_of(tmp_path, text=PLAIN["caption"], created_at=PLAIN["posted_at"]).reader == "table"


# Protocol


def spread(posts: int, days: float, accounts: int = 30) -> tuple[pd.Series, pd.Series, np.ndarray]:
    times = pd.Series(pd.date_range("2023-01-01", periods=posts, freq=pd.Timedelta(days=days / posts)))
    users = pd.Series([f"u{i % accounts}" for i in range(posts)])
    return times.astype("datetime64[ms]"), users, np.full(posts, 10.0)


def test_the_last_fifth_by_date_is_the_test() -> None:
    said = windowed(*spread(2000, 200), "log1p")
    assert said.frozen == {"cut_off": pd.Timestamp("2023-06-10").date(), "embargo_days": 3}
    assert said.rolling["block_days"] == 7
    assert not any("too little" in reason for reason in said.reasons)


def test_a_short_test_period_has_blocks_of_a_day_and_a_tiny_set_is_said_to_be_one() -> None:
    assert windowed(*spread(2000, 60), "log1p").rolling["block_days"] == 1
    tiny = windowed(*spread(60, 60), "log1p")
    assert tiny.frozen["test_fraction"] == pytest.approx(0.2, abs=0.02)
    assert any("too little to tell models apart: 1" in reason for reason in tiny.reasons)


def test_counts_of_the_last_days_that_were_still_growing_are_left_out() -> None:
    times, users, labels = spread(3000, 300)
    labels[times > times.max() - pd.Timedelta(days=3)] = 1.0
    assert windowed(times, users, labels, "log1p").settled_days == 3
    assert windowed(*spread(3000, 300), "log1p").settled_days == 0


# Writing


def test_a_line_of_a_card_carries_its_reason() -> None:
    assert toml.line("likes", {"scale": "log1p", "source": "n likes"}, "counts") == (
        'likes = { scale = "log1p", source = "n likes" }  # counts'
    )
    assert toml.value(r"/p/([\w-]+)") == r"'/p/([\w-]+)'"
    assert toml.value(["a\nb", True, -99]) == '["a\\nb", true, -99]'
    assert toml.line("x", "y", "why\nso # there").endswith("# why so # there")
