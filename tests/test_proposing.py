"""A card for files that nobody has described: what each column is taken for, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from proposals import PLAIN, column, draft_of, put, words_of

from benchmark.errors import CardError
from benchmark.proposing.numbers import as_numbers
from benchmark.proposing.study import study
from benchmark.proposing.table import Seen
from benchmark.proposing.times import as_moments, told_by_id
from benchmark.proposing.words import canonical, kind_of_count, parts


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
