from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw_layouts import REAL, ROOT, snowflake, snscrape_rows, twint_rows, write_csv

from benchmark.data.cards import load_card
from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.raw import Raw

CARD = load_card(ROOT / "datasets" / "musk_tweets" / "card.toml")
REAL_ROOT = Path(os.environ.get("SMPBENCH_RAW", REAL))
NOON = pd.Timestamp("2021-03-01 12:00")


def read_from(folder: Path) -> Raw:
    return read(CARD, folder)


def api_tweet(i: int, **more: object) -> dict[str, object]:
    return {
        "id": str(snowflake(1_614_600_000_000 + i)),
        "text": f"tweet {i}",
        "created_at": "2021-03-01T12:00:00.000Z",
        "author_id": "44196397",
        "public_metrics": {"like_count": 5, "retweet_count": 3, "reply_count": 2, "quote_count": 1},
        **more,
    }


def test_every_layout_yields_everything_the_card_declares(tmp_path: Path) -> None:
    write_csv(tmp_path / "a" / "x.csv", snscrape_rows())
    write_csv(tmp_path / "b" / "x.csv", twint_rows())
    for layout in ("a", "b"):
        assert set(CARD.columns) | set(CARD.measured) <= set(read_from(tmp_path / layout).frame)


def test_snscrape_replies_are_the_tweets_that_start_with_an_at_sign(tmp_path: Path) -> None:
    write_csv(tmp_path / "elon.csv", snscrape_rows(6))
    frame = read_from(tmp_path).frame
    assert list(frame["is_reply"]) == [False, True] * 3
    assert list(frame["likes"]) == [0, 30, 60, 90, 120, 150]
    assert list(frame["friends"]) == [122.0] * 6
    assert frame["text"].iloc[0] == "Starship 0,\nto orbit"


def test_a_tweet_before_snowflake_ids_takes_the_time_of_the_file(tmp_path: Path) -> None:
    rows = snscrape_rows(2)
    rows[0] |= {"Tweet Id": 15434727182, "Datetime": "2010-06-04 18:31:57+00:00"}
    write_csv(tmp_path / "elon.csv", rows)
    assert read_from(tmp_path).frame["time"].iloc[0] == pd.Timestamp("2010-06-04 18:31:57")


def test_the_time_in_the_id_is_trusted_over_a_date_in_another_zone(tmp_path: Path) -> None:
    write_csv(tmp_path / "2021.csv", twint_rows(4, drift_hours=4))
    raw = read_from(tmp_path)
    assert raw.frame["time"].iloc[0] == NOON
    assert any("4 dates differ by up to 4.0 h" in note for note in raw.report.notes)


def test_both_spellings_of_twint_counts_are_read(tmp_path: Path) -> None:
    renamed = {"likes_count": "nlikes", "retweets_count": "nretweets", "replies_count": "nreplies"}
    rows = [{renamed.get(key, key): value for key, value in row.items()} for row in twint_rows()]
    write_csv(tmp_path / "2021.csv", rows)
    assert list(read_from(tmp_path).frame["likes"]) == [100, 101, 102, 103]


def test_a_tweet_in_another_tweets_conversation_is_a_reply(tmp_path: Path) -> None:
    write_csv(tmp_path / "2021.csv", twint_rows())
    frame = read_from(tmp_path).frame
    assert list(frame["is_reply"]) == [False, False, False, True]
    assert list(frame["n_urls"]) == [2.0] * 4
    assert list(frame["n_photos"]) == [0.0] * 4


def test_cumulative_twint_files_keep_the_newest_capture_of_a_tweet(tmp_path: Path) -> None:
    write_csv(tmp_path / "2020.csv", twint_rows(3, likes=10))
    write_csv(tmp_path / "2021.csv", twint_rows(4, likes=900))
    raw = read_from(tmp_path)
    assert list(raw.frame["likes"]) == [900, 901, 902, 903]
    assert dict(raw.report.dropped) == {"earlier capture of the same tweet in a cumulative export": 3}


def test_retweets_that_the_export_flags_are_dropped_and_counted(tmp_path: Path) -> None:
    rows = twint_rows()
    rows[1]["retweet"] = True
    write_csv(tmp_path / "2021.csv", rows)
    raw = read_from(tmp_path)
    assert len(raw.frame) == 3
    assert dict(raw.report.dropped) == {"retweet of another account": 1}


@pytest.mark.parametrize("paged", [False, True])
def test_api_v2_json_is_flattened(tmp_path: Path, paged: bool) -> None:
    tweets = [
        api_tweet(0),
        api_tweet(1, referenced_tweets=[{"type": "replied_to", "id": "1"}]),
        api_tweet(2, referenced_tweets=[{"type": "quoted", "id": "1"}]),
        api_tweet(3, referenced_tweets=[{"type": "retweeted", "id": "1"}]),
    ]
    users = {"users": [{"id": "44196397", "username": "elonmusk", "public_metrics": {"followers_count": 9}}]}
    pages = [{"data": tweets, "includes": users}] if paged else tweets
    (tmp_path / "api.jsonl").write_text("\n".join(json.dumps(page) for page in pages))
    raw = read_from(tmp_path)
    assert list(raw.frame["is_reply"]) == [False, True, False]
    assert list(raw.frame["quotes"]) == [1.0] * 3
    assert raw.frame["user_id"].iloc[0] == ("elonmusk" if paged else "44196397")
    assert raw.report.dropped["retweet of another account"] == 1


@pytest.mark.parametrize("form", ["public_metrics.like_count", "public_metrics_like_count", "like_count"])
def test_api_v2_tables_are_read_however_they_were_flattened(tmp_path: Path, form: str) -> None:
    row = {key: value for key, value in api_tweet(0).items() if key != "public_metrics"}
    metrics = {form.replace("like", kind): 7 for kind in ("like", "retweet", "reply", "quote")}
    write_csv(tmp_path / "api.csv", [{**row, **metrics}])
    frame = read_from(tmp_path).frame
    assert [frame[name].iloc[0] for name in ("likes", "retweets", "replies", "quotes")] == [7.0] * 4


def test_twitter_ratio_takes_the_id_from_the_address_and_survives_broken_bytes(tmp_path: Path) -> None:
    address = f"https://twitter.com/BarackObama/status/{snowflake(1_614_600_000_000)}"
    line = f'3/1/21 12:00,"caf\\xe9",{address},1,2,3,BarackObama'.encode().replace(b"\\xe9", b"\xe9")
    (tmp_path / "BarackObama.csv").write_bytes(
        b"created_at,text,url,replies,retweets,favorites,user\n" + line
    )
    raw = read_from(tmp_path)
    assert raw.frame["time"].iloc[0] == NOON
    assert raw.frame["likes"].iloc[0] == 3.0
    assert any("not UTF-8" in note for note in raw.report.notes)


@pytest.mark.parametrize("times", [1, 2])
def test_utf8_that_was_resaved_as_mac_roman_is_restored(tmp_path: Path, times: int) -> None:
    garbled = "Congress — must act".encode()
    for _ in range(times):
        garbled = garbled.decode("cp1252").encode("mac_roman", errors="replace")
    address = f"https://twitter.com/BarackObama/status/{snowflake(1_614_600_000_000)}"
    line = b"3/1/21 12:00," + garbled + f",{address},1,2,3,BarackObama".encode()
    (tmp_path / "x.csv").write_bytes(b"created_at,text,url,replies,retweets,favorites,user\n" + line)
    assert read_from(tmp_path).frame["text"].iloc[0] == "Congress — must act"


def test_files_of_several_layouts_are_read_together(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", snscrape_rows(2))
    (tmp_path / "b.jsonl").write_text(json.dumps(api_tweet(5)))
    assert len(read_from(tmp_path).frame) == 3


def test_a_file_of_no_known_layout_is_refused_with_its_columns(tmp_path: Path) -> None:
    write_csv(tmp_path / "prices.csv", [{"date": "2021-03-01", "close": 1}])
    with pytest.raises(DataError, match=r"prices\.csv: columns \['close', 'date'\] are of no known export"):
        read_from(tmp_path)


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("like count", "many", "column 'likes', value 'many'"),
        ("retweet count", "inf", "column 'retweets', value 'inf'"),
        ("Tweet Id", "1.5E+18", "column 'tweet id', value '1.5E\\+18'"),
        ("Tweet Id", "", "column 'tweet id', value ''"),
    ],
)
def test_a_bad_value_is_refused_with_file_row_column_and_value(
    tmp_path: Path, column: str, value: str, named: str
) -> None:
    rows = snscrape_rows()
    rows[2][column] = value
    write_csv(tmp_path / "elon.csv", rows)
    with pytest.raises(DataError, match=rf"elon\.csv, row 4, {named}"):
        read_from(tmp_path)


def test_an_old_tweet_with_an_unparsable_date_is_refused(tmp_path: Path) -> None:
    rows = snscrape_rows()
    rows[1] |= {"Tweet Id": 15434727182, "Datetime": "June"}
    write_csv(tmp_path / "elon.csv", rows)
    with pytest.raises(DataError, match=r"elon\.csv, row 3, column 'date', value 'June'"):
        read_from(tmp_path)


def test_a_csv_cut_off_in_the_middle_is_refused_with_its_row(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "elon.csv", snscrape_rows())
    path.write_text(path.read_text()[:-60])
    with pytest.raises(DataError, match=r"elon\.csv, row 7"):
        read_from(tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not (REAL_ROOT / "musk_tweets").is_dir(), reason=f"no real data in {REAL_ROOT}")
def test_the_real_musk_export_has_4677_posts_that_are_no_replies() -> None:
    frame = read_from(REAL_ROOT / "musk_tweets").frame
    assert (len(frame), (~frame["is_reply"]).sum(), frame["is_retweet"].sum()) == (17602, 4677, 0)
    settled = frame["time"] <= frame["time"].max() - pd.Timedelta(days=7)
    newest = frame[settled & ~frame["is_reply"]].nlargest(4000, "time")["time"]
    cut_off = pd.Timestamp("2021-10-01")
    assert ((newest < cut_off - pd.Timedelta(days=3)).sum(), (newest >= cut_off).sum()) == (3227, 771)


@pytest.mark.slow
@pytest.mark.skipif(not (REAL_ROOT / "twitter_ratio").is_dir(), reason=f"no real data in {REAL_ROOT}")
def test_the_real_twitter_ratio_has_its_counts_and_most_of_its_dashes_back() -> None:
    raw = read_from(REAL_ROOT / "twitter_ratio")
    assert raw.frame["user_id"].value_counts().to_dict() == {"realDonaldTrump": 3232, "BarackObama": 3207}
    obama = raw.frame[raw.frame["user_id"] == "BarackObama"]["text"]
    assert obama.str.contains("—").sum() > 900
    assert obama.str.count("�").sum() < 500
    assert np.isfinite(raw.frame[["likes", "retweets", "replies"]]).all(axis=None)
