"""Reader `gallery_dl`: folders with a JSON file beside each picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from collected import gallery_dl_file, tweet_file, written_at
from table_sets import table_card

from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.collected.gallery_dl import captures
from benchmark.readers.raw import Raw


def read_from(folder: Path) -> Raw:
    return read(table_card(folder, reader="gallery_dl"), folder)


def test_a_post_has_every_column(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path, 1)
    raw = read_from(tmp_path)
    post = raw.frame.iloc[0]
    assert (post["post_id"], post["user_id"], post["site"]) == ("1", "ann", "instagram")
    assert post["time"] == pd.Timestamp("2023-11-14 22:13:20")
    assert (post["text"], post["tags"], post["location"]) == ("New #bread from the oven", "bread", "old-town")
    assert post[["n_files", "n_coauthors", "n_tagged", "width", "height", "likes"]].tolist() == [
        *(1, 1, 1, 1081, 1350, 40)
    ]
    assert post["image"] == "instagram/ann/1_1.jpg"
    assert (raw.images / post["image"]).is_file() if raw.images else False
    assert "comments" not in raw.frame, "gallery-dl writes no count of comments"


def test_the_files_of_a_post_are_one_post_with_the_picture_of_the_first(tmp_path: Path) -> None:
    for num in (2, 1, 3):
        gallery_dl_file(tmp_path, 1, num=num, count=3)
    frame = read_from(tmp_path).frame
    assert frame[["n_files", "n_tagged", "width"]].to_numpy().tolist() == [[3, 3, 1081]]
    assert frame["image"].tolist() == ["instagram/ann/1_1.jpg"]


def test_a_picture_that_is_not_there_is_missing_and_a_film_is_no_picture(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path, 1).with_suffix("").unlink()
    path = gallery_dl_file(tmp_path, 2)
    path.with_suffix("").unlink()
    path.rename(path.with_name("2_1.mp4.json"))
    path.with_name("2_1.mp4").write_bytes(b"a film")
    assert read_from(tmp_path).frame["image"].isna().tolist() == [True, True]


def test_two_collections_of_the_same_posts_give_the_newest_counts_and_when_they_were_read(
    tmp_path: Path,
) -> None:
    later = gallery_dl_file(tmp_path / "2023-11-20", 1, likes=90)
    written_at(later, 0)  # copied without its date: the folder's name counts
    gallery_dl_file(tmp_path / "2023-11-15", 1, likes=50)
    gallery_dl_file(tmp_path / "2023-11-15", 2, likes=8)
    raw = read_from(tmp_path)
    frame = raw.frame.set_index("post_id")
    assert frame["likes"].to_dict() == {"1": 90, "2": 8}
    assert frame.loc["1", "read_at"] == pd.Timestamp("2023-11-21")
    assert frame.loc["1", "age_days"] == pytest.approx(6.07, abs=0.01)
    assert dict(raw.report.dropped) == {"earlier capture of the same post": 1}
    assert raw.report.notes == []


def test_without_dated_folders_the_file_written_last_is_kept_and_that_is_said(tmp_path: Path) -> None:
    written_at(gallery_dl_file(tmp_path / "b", 1, likes=50), 1_000_000_000)
    written_at(gallery_dl_file(tmp_path / "a", 1, likes=90), 1_600_000_000)
    raw = read_from(tmp_path)
    assert raw.frame["likes"].tolist() == [90]
    assert raw.frame["read_at"].isna().all() and raw.frame["age_days"].isna().all()
    assert raw.report.notes[0].startswith("1 posts were collected more than once into folders without a date")


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("2023-11-15", "2023-11-16"),
        ("2023-11-15T0630", "2023-11-15 06:30"),
        ("2023-11-15_06-30", "2023-11-15 06:30"),
        ("2023-11-15 06:30:59", "2023-11-15 06:30"),
        ("2023-02-30", None),
        ("2023-11-15T2561", None),
        ("trip of 2023-11-15", None),
    ],
)
def test_a_folder_named_by_a_date_says_when_all_below_it_had_been_read(
    tmp_path: Path, name: str, moment: str | None
) -> None:
    gallery_dl_file(tmp_path / name, 1)
    (found,) = captures(tmp_path)["read_at"]
    assert found is pd.NaT if moment is None else found == pd.Timestamp(moment)


def test_every_capture_can_be_had_for_a_table_of_readings(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path / "2023-11-15", 1, likes=50)
    gallery_dl_file(tmp_path / "2023-11-20", 1, likes=90)
    assert captures(tmp_path)["likes"].tolist() == [50, 90]


def test_an_account_renamed_between_two_collections_stays_one_account(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path / "2023-11-15", 1, username="ann_old")
    gallery_dl_file(tmp_path / "2023-11-20", 2, username="ann")
    gallery_dl_file(tmp_path / "2023-11-20", 3, username=None)
    assert read_from(tmp_path).frame["user_id"].tolist() == ["ann"] * 3


def test_an_account_without_a_name_is_known_by_its_number(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path, 1, username=None)
    assert read_from(tmp_path).frame["user_id"].tolist() == ["17"]


def test_likes_that_the_owner_hides_are_no_label_and_counted(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path, 1, likes=-1)
    raw = read_from(tmp_path)
    assert np.isnan(raw.frame["likes"].iloc[0])
    assert raw.report.notes == ["1 captures whose owner hides the likes: unlabelled"]


def test_stories_and_avatars_are_no_posts(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path, 1)
    path = gallery_dl_file(tmp_path, 2)
    path.write_text(path.read_text().replace('"likes": 40,', ""))
    raw = read_from(tmp_path)
    assert raw.frame["post_id"].tolist() == ["1"]
    assert dict(raw.report.dropped) == {"story, highlight or avatar, which has no likes": 1}


def test_tweets_are_the_authors_and_retweets_are_dropped(tmp_path: Path) -> None:
    tweet_file(tmp_path, 10**18)
    tweet_file(tmp_path, 10**18 + 1, retweet_id=9)
    raw = read_from(tmp_path)
    post = raw.frame.iloc[0]
    assert (post["post_id"], post["user_id"], post["language"]) == (str(10**18), "ann", "en")
    assert post[["likes", "retweets", "replies", "quotes", "followers"]].tolist() == [12, 3, 2, 1, 900]
    assert (post["text"], post["tags"], post["n_tagged"]) == ("To orbit", "orbit", 1)
    assert dict(raw.report.dropped) == {"retweet of another account": 1}


def test_files_of_another_site_are_refused_by_its_name(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path, 1, category="pixiv")
    with pytest.raises(DataError, match=r"1_1\.jpg\.json, column 'category': a file of category 'pixiv'"):
        read_from(tmp_path)


@pytest.mark.parametrize("cut", [0, 1, 30, -3])
def test_a_file_that_is_cut_off_is_named(tmp_path: Path, cut: int) -> None:
    gallery_dl_file(tmp_path, 1)
    path = gallery_dl_file(tmp_path, 2)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"2_1\.jpg\.json"):
        read_from(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [("likes", "many", "column 'likes'"), ("post_date", "soon", "column 'date'"), ("post_id", [], "no post")],
)
def test_a_value_that_does_not_read_is_named_with_its_file(
    tmp_path: Path, key: str, value: object, told: str
) -> None:
    gallery_dl_file(tmp_path, 1)
    gallery_dl_file(tmp_path, 2, **{key: value})
    with pytest.raises(DataError, match=rf"instagram/ann/2_1\.jpg\.json.*{told}"):
        read_from(tmp_path)


def test_what_macs_leave_beside_files_is_passed_over(tmp_path: Path) -> None:
    path = gallery_dl_file(tmp_path, 1)
    for name in ("._1_1.jpg.json", "~$1_1.jpg.json", ".DS_Store", "info.json"):
        path.with_name(name).write_bytes(b"\x00\x05\x16\x07")
    assert len(read_from(tmp_path).frame) == 1


def test_an_empty_folder_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file here or below ends in \.json.*docs/collecting\.md"):
        read_from(tmp_path)
