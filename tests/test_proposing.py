"""A card for files that nobody has described: what each column is taken for, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmark.errors import CardError, DataError
from benchmark.proposing import toml
from benchmark.proposing.draft import Draft, Entry
from benchmark.proposing.files import pattern_of
from benchmark.proposing.numbers import as_numbers
from benchmark.proposing.protocol import windowed
from benchmark.proposing.study import study
from benchmark.proposing.table import Seen
from benchmark.proposing.times import as_moments, told_by_id
from benchmark.proposing.words import canonical, kind_of_count, parts

DAYS = pd.date_range("2023-01-01 08:30", periods=30, freq="29h")
PLAIN: dict[str, Sequence[Any]] = {
    "id": [f"p{i}" for i in range(30)],
    "account": ["ann", "bob", "cyd"] * 10,
    "posted_at": [f"{day.isoformat()}Z" for day in DAYS],
    "caption": [f"walk number {i} along the river" for i in range(30)],
    "likes": [i * i % 97 for i in range(30)],
}


def put(folder: Path, columns: Mapping[str, Sequence[Any]], name: str = "posts.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def draft_of(folder: Path, **more: Sequence[Any]) -> Draft:
    """Of a plain table with these columns besides, or instead (None: without it)."""
    columns = {name: one for name, one in {**PLAIN, **more}.items() if one is not None}
    return study(put(folder, columns))


def column(draft: Draft, name: str) -> Entry:
    return next(one for one in draft.columns if one.name == name)


def words_of(draft: Draft, name: str) -> dict[str, Any]:
    return column(draft, name).words


def numbers_of(*values: Any, counts: bool = False) -> tuple[Any, Any, list[float]]:
    found = as_numbers(Seen("x", list(values)), counts=counts)
    assert found is not None
    return found.format, found.missing, [float(one) for one in found.known]


# Names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("likes", "likes"),
        ("vid_nlike", "likes"),
        ("numberLikes", "likes"),
        ("Number of Likes", "likes"),
        ("M4_like_count", "likes"),
        ("favorite_count", "likes"),
        ("Curtidas", "likes"),
        ("me_gusta", "likes"),
        ("J’aime", "likes"),
        ("Gefällt mir", "likes"),
        ("点赞数", "likes"),
        ("いいね", "likes"),
        ("play_count", "views"),
        ("Visualizações", "views"),
        ("reproducciones", "views"),
        ("compartilhamentos", "shares"),
        ("retweetCount", "shares"),
        ("num_comments", "comments"),
        ("public_metrics.reply_count", "comments"),
        ("score", "score"),
        ("user_likes_count", None),
        ("followers_count", None),
        ("upvote_ratio", None),
        ("sentiment_score", None),
        ("is_liked", None),
        ("in_reply_to", None),
        ("comment_id", None),
        ("avg_likes", None),
    ],
)
def test_a_count_is_known_by_its_name_in_several_languages(name: str, kind: str | None) -> None:
    assert kind_of_count(name) == kind


def test_names_are_cut_into_words_and_made_into_names_of_a_card() -> None:
    assert parts("vid_nLike2") == ["vid", "n", "like", "2"]
    assert canonical("Höhe (px)", ()) == "hohe_px"
    assert canonical("document.numberPosts", {"number_posts"}) == "number_posts_2"
    assert canonical("标题", ()) == "column"


# Numbers


def test_the_format_of_numbers_is_the_first_in_which_all_are_numbers() -> None:
    assert numbers_of("541.2K", "12", "1.4M") == ("people", (), [541200.0, 12.0, 1400000.0])
    assert numbers_of("541,2K", "1.234", "12,5") == ("people_comma", (), [541200.0, 1234.0, 12.5])
    assert numbers_of("1.234", "12.345", "999.000", "1", "2", "312")[:2] == ("people_comma", ())
    assert numbers_of("00:31", "1:02:03")[0] == "clock"
    assert numbers_of("PT8M11S", "PT31S")[0] == "iso_duration"
    assert numbers_of("3", "4.5") == (None, (), [3.0, 4.5])
    assert as_numbers(Seen("x", ["red", "green", "3"])) is None


def test_what_is_no_number_in_a_column_of_numbers_stands_for_a_missing_one() -> None:
    assert numbers_of("3", "NA", "-", "4") == (None, ("-", "NA"), [3.0, 4.0])
    assert numbers_of(*range(20), -99) == (None, (-99,), [float(i) for i in range(20)])
    assert numbers_of(*range(20), -1)[1] == ()
    assert numbers_of(*range(20), -1, counts=True)[1] == (-1,)
    assert numbers_of(3, -2, -99, 5)[1] == ()


# Times


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "format"),
    [
        (["2023-05-01 10:00:00", "2023-05-02T11:00:00Z"], ("iso",)),
        (["1683000000", "1683000500"], ("epoch_seconds",)),
        ([1683000000123, 1683000500456], ("epoch_milliseconds",)),
        (["Mon May 01 10:00:00 +0000 2023"], ("%a %b %d %H:%M:%S %z %Y",)),
        (["31/12/2022 10:00", "01/01/2023 11:00"], ("%d/%m/%Y %H:%M",)),
        (["12/31/22 10:00", "1/1/23 11:00"], ("%m/%d/%y %H:%M",)),
        (["31.12.2022", "01.01.2023"], ("%d.%m.%Y",)),
        (["2023-05-01_10-00-00_UTC"], ("%Y-%m-%d_%H-%M-%S_UTC",)),
    ],
)
def test_the_format_of_times_is_found_by_trying(values: list[Any], format: tuple[str, ...]) -> None:
    found = as_moments(Seen("date", values))
    assert found is not None
    assert (found.format, found.missing) == (format, ())


def test_of_days_and_months_that_read_both_ways_the_order_of_rows_decides() -> None:
    days = pd.date_range("2023-01-01", periods=12, freq="D")
    found = as_moments(Seen("date", [day.strftime("%d/%m/%Y") for day in days]))
    assert found is not None
    assert found.format == ("%d/%m/%Y",)
    assert "%m/%d/%Y" in found.doubt


def test_an_id_tells_its_time_if_all_of_them_do() -> None:
    tweets = told_by_id(Seen("id", ["1724551110456246272", "1724626607928246273"]))
    tiktoks = told_by_id(Seen("id", ["7506832682593094928", "7507991840340135186"]))
    assert tweets is not None and tweets.format == ("snowflake",)
    assert tiktoks is not None and tiktoks.format == ("tiktok_id",)
    assert told_by_id(Seen("id", ["1724551110456246272", "12"])) is None


def test_the_time_of_an_id_is_not_taken_where_a_date_contradicts_it(tmp_path: Path) -> None:
    ids = [str(1724551110456246272 + i * (10**14)) for i in range(30)]
    assert words_of(draft_of(tmp_path, id=ids), "time")["source"] == "posted_at"


# Keys


def test_a_plain_table_is_read_without_a_word_too_many(tmp_path: Path) -> None:
    draft = draft_of(tmp_path)
    assert (draft.raw, draft.reader, draft.table, draft.doubtful) == ("./posts.csv", "table", {}, [])
    assert {one.name: one.words for one in draft.columns} == {
        "post_id": {"role": "id", "source": "id"},
        "user_id": {"role": "user", "source": "account"},
        "time": {"role": "time", "source": "posted_at"},
        "caption": {"role": "text"},
    }
    assert [(one.name, one.words["scale"]) for one in draft.labels] == [("likes", "log1p")]
    assert all(one.reason for one in [*draft.columns, *draft.labels])


def test_the_id_may_stand_in_an_address(tmp_path: Path) -> None:
    links = [f"https://www.instagram.com/p/C{i:03}x/?hl=en" for i in range(30)]
    words = words_of(draft_of(tmp_path, id=None, link=links), "post_id")
    assert (words["source"], words["extract"]) == ("link", r"/(?:p|reel|tv)/([\w-]+)")


def test_the_number_of_a_row_is_no_id_where_there_is_another(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, **{"Unnamed: 0": list(range(30))})
    assert words_of(draft, "post_id")["source"] == "id"
    assert draft.dropped["Unnamed: 0"] == "the number of the row"


def test_without_an_id_or_a_count_it_is_said_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(
        CardError, match=r"no column names each post: 30 rows, and there is account \(3 values\)"
    ):
        draft_of(tmp_path, id=None, posted_at=[PLAIN["posted_at"][i // 2] for i in range(30)], caption=None)
    with pytest.raises(CardError, match=r"no column is a count of likes.*caption"):
        draft_of(tmp_path, likes=None)
    with pytest.raises(CardError, match="no column is a date"):
        draft_of(tmp_path, posted_at=None)


def test_where_no_column_names_the_account_all_posts_are_of_one(tmp_path: Path) -> None:
    entry = column(draft_of(tmp_path, account=None), "user_id")
    assert entry.words == {"role": "user", "value": "me"}
    assert "taken for one" in entry.reason


def test_rows_of_nobody_are_dropped(tmp_path: Path) -> None:
    accounts = ["ann", "[deleted]", "NULL"] * 10
    words = words_of(draft_of(tmp_path, account=accounts), "user_id")
    assert (words["missing"], words["when_missing"]) == (["NULL", "[deleted]"], "drop")


def test_rounded_accounts_are_proposed_for_the_reader_to_refuse(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, account=["9.06E+17", "8.02E+17", "7.11E+17"] * 10)
    assert words_of(draft, "user_id")["source"] == "account"


def test_a_date_that_is_unknown_or_to_come_is_dropped(tmp_path: Path) -> None:
    unknown = ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", *PLAIN["posted_at"][2:]]
    words = words_of(draft_of(tmp_path, posted_at=unknown), "time")
    assert words["when_missing"] == "drop"
    assert set(words["missing"]) == {"1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"}


def test_of_rows_with_one_id_the_last_is_taken(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, id=[f"p{i // 3}" for i in range(30)])
    assert draft.table == {"repeated": "last"}
    assert "30 rows of 10 ids" in draft.table_reasons["repeated"]


def test_readings_on_either_side_of_an_age_tell_the_label(tmp_path: Path) -> None:
    born = pd.date_range("2023-01-01", periods=400, freq="h").repeat(3)
    read = born + pd.to_timedelta(np.tile([10, 30, 90], 400), unit="h")
    rows = {
        "video_id": np.arange(400).repeat(3).astype(str),
        "channel": np.tile(["a", "b", "c", "d"], 300),
        "published_at": born.strftime("%Y-%m-%dT%H:%M:%S"),
        "fetched_at": read.strftime("%Y-%m-%dT%H:%M:%S"),
        "views": np.arange(1200),
        "likes": np.arange(1200) % 77,
    }
    draft = study(put(tmp_path, rows))
    assert draft.table == {"read_at": {"source": "fetched_at"}, "repeated": "readings"}
    assert [one.name for one in draft.labels] == ["likes_12h", "views_12h"]
    assert draft.labels[0].words["readings"] == {"age_hours": 12}


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
