from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw_layouts import REAL, ROOT, SmpdVideo

from benchmark.data.cards import load_card
from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.raw import Raw

CARD = load_card(ROOT / "datasets" / "smpd_video" / "card.toml")
REAL_FOLDER = Path(os.environ.get("SMPBENCH_RAW", REAL)) / "smp_video_2025"


def read_from(folder: Path) -> Raw:
    return read(CARD, folder)


def test_labels_join_on_pid_whatever_the_order_of_their_file(tmp_path: Path) -> None:
    frame = read_from(SmpdVideo().write(tmp_path)).frame.set_index("post_id")
    assert frame.loc["POST00000000", "popularity"] == 5.0
    assert frame.loc["POST00000039", "popularity"] == 8.9
    assert frame.loc["POST00000039", "video_duration"] == 49.0


def test_the_test_split_is_there_without_labels(tmp_path: Path) -> None:
    SmpdVideo("train", 40).write(tmp_path)
    SmpdVideo("test", 20, first=100).write(tmp_path)
    assert read_from(tmp_path).frame["popularity"].isna().sum() == 20


def test_content_reads_the_same_from_a_list_and_from_comma_joined_words(tmp_path: Path) -> None:
    data = SmpdVideo(posts=2)
    data.posts[0]["post_content"] = ["Gift", "guide", "fyp"]
    assert list(read_from(data.write(tmp_path)).frame["text"]) == ["Gift guide fyp"] * 2


def test_a_suggested_phrase_stays_one_tag(tmp_path: Path) -> None:
    assert read_from(SmpdVideo().write(tmp_path)).frame["suggested_words"].iloc[0] == "gift_ideas mum"


def test_a_repeated_user_row_is_dropped_and_counted(tmp_path: Path) -> None:
    data = SmpdVideo()
    data.users.append(dict(data.users[2]))
    raw = read_from(data.write(tmp_path))
    assert len(raw.frame) == 40
    assert sum(raw.report.dropped.values()) == 1


def test_two_different_rows_of_one_user_are_refused_with_both_rows(tmp_path: Path) -> None:
    data = SmpdVideo()
    data.users.append({**data.users[2], "user_follower_count": 1})
    with pytest.raises(
        DataError, match=r"users_train\.jsonl, row 10, column 'user_id'.*row 3 says otherwise"
    ):
        read_from(data.write(tmp_path))


@pytest.mark.parametrize("true_count", [3_100_000_000, 6_700_000_000, 11_900_000_000])
def test_a_like_count_that_overflowed_32_bits_is_restored(tmp_path: Path, true_count: int) -> None:
    data = SmpdVideo()
    data.users[0]["user_likes_count"] = int(np.array(true_count).astype(np.int32))
    assert data.users[0]["user_likes_count"] < 0
    raw = read_from(data.write(tmp_path))
    assert raw.frame["user_likes"].iloc[0] == true_count
    assert any("1 restored" in note for note in raw.report.notes)


def test_a_negative_like_count_no_round_number_explains_is_missing(tmp_path: Path) -> None:
    data = SmpdVideo()
    data.users[0]["user_likes_count"] = -17
    assert np.isnan(read_from(data.write(tmp_path)).frame["user_likes"].iloc[0])


def test_negative_measures_are_missing_and_counted(tmp_path: Path) -> None:
    data = SmpdVideo()
    data.videos[0]["music_duration"] = -1
    raw = read_from(data.write(tmp_path))
    assert raw.frame["music_duration"].isna().sum() == 1
    assert any("'music_duration': 1 negative" in note for note in raw.report.notes)


def test_a_train_post_without_label_is_refused_by_id(tmp_path: Path) -> None:
    data = SmpdVideo()
    data.popularity = data.popularity[1:]
    with pytest.raises(DataError, match=r"1 train posts have no label, the first is 'POST00000039'.*row 40"):
        read_from(data.write(tmp_path))


def test_a_label_of_no_post_is_refused_with_its_row(tmp_path: Path) -> None:
    data = SmpdVideo()
    data.popularity[3]["pid"] = "POST99999999"
    with pytest.raises(
        DataError, match=r"popularity_train\.jsonl, row 4, column 'pid', value 'POST99999999'"
    ):
        read_from(data.write(tmp_path))


@pytest.mark.parametrize("label", ["high", float("inf")])
def test_a_label_that_is_no_finite_number_is_refused(tmp_path: Path, label: object) -> None:
    data = SmpdVideo()
    data.popularity[3]["popularity"] = label
    with pytest.raises(DataError, match=r"popularity_train\.jsonl, row 4, column 'popularity', value"):
        read_from(data.write(tmp_path))


def test_a_line_cut_off_is_refused_with_its_row(tmp_path: Path) -> None:
    path = SmpdVideo().write(tmp_path) / "SMP-Video_anonymized_posts_train.jsonl"
    path.write_text(path.read_text()[:-30])
    with pytest.raises(DataError, match=r"posts_train\.jsonl, row 40: cut off or not JSON"):
        read_from(tmp_path)


def test_a_line_that_is_no_object_is_refused_with_its_row(tmp_path: Path) -> None:
    path = SmpdVideo().write(tmp_path) / "SMP-Video_anonymized_users_train.jsonl"
    path.write_text(json.dumps([1]) + "\n" + "3\n")
    with pytest.raises(DataError, match=r"users_train\.jsonl"):
        read_from(tmp_path)


def test_an_unparsable_post_time_is_refused_with_its_row(tmp_path: Path) -> None:
    data = SmpdVideo()
    data.posts[5]["post_time"] = "2023-13-01 00:00"
    with pytest.raises(DataError, match=r"posts_train\.jsonl, row 6, column 'post_time', value '2023-13-01"):
        read_from(data.write(tmp_path))


@pytest.mark.parametrize("written", ["['Gift', 'guide', 'fyp']", '["Gift", "guide", "fyp"]'])
def test_a_list_that_a_table_made_a_string_of_reads_as_the_list(tmp_path: Path, written: str) -> None:
    data = SmpdVideo(posts=2)
    data.posts[0]["post_content"] = written
    data.posts[0]["post_suggested_words"] = "['gift ideas', 'mum']"
    data.posts[1]["post_content"] = "[ad] look,[1 of 2]"
    frame = read_from(data.write(tmp_path)).frame
    assert list(frame["text"]) == ["Gift guide fyp", "[ad] look [1 of 2]"]
    assert list(frame["suggested_words"]) == ["gift_ideas mum"] * 2


def test_tables_in_place_of_json_lines_are_named(tmp_path: Path) -> None:
    for path in SmpdVideo().write(tmp_path).iterdir():
        path.rename(path.with_suffix(".csv"))
    with pytest.raises(
        DataError, match=r"no \*posts_train\.jsonl here, but .*_posts_train\.csv.*Write it as JSON"
    ):
        read_from(tmp_path)


def test_a_name_may_hold_dots(tmp_path: Path) -> None:
    for path in list(SmpdVideo().write(tmp_path).iterdir()):
        path.rename(tmp_path / path.name.replace("SMP-Video", "SMP-Video.v2"))
    assert len(read_from(tmp_path).frame) == 40


@pytest.mark.parametrize("ending", ["csv", "jsonl.gz", "parquet"])
def test_one_file_in_another_format_is_named(tmp_path: Path, ending: str) -> None:
    SmpdVideo().write(tmp_path)
    path = tmp_path / "SMP-Video_anonymized_users_train.jsonl"
    path.rename(tmp_path / f"SMP-Video_anonymized_users_train.{ending}")
    with pytest.raises(
        DataError, match=rf"no \*users_train\.jsonl here, but .*users_train\.{ending}, which is not"
    ):
        read_from(tmp_path)


def test_one_file_in_place_of_four_is_named_with_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("{}\n")
    told = r"but train\.jsonl\. \*posts_train\.jsonl, .*, \*popularity_train\.jsonl are expected; .*`table`"
    with pytest.raises(DataError, match=told):
        read_from(tmp_path)


@pytest.mark.parametrize("kind", ["users", "videos", "popularity"])
def test_a_missing_file_is_named(tmp_path: Path, kind: str) -> None:
    SmpdVideo().write(tmp_path)
    (tmp_path / f"SMP-Video_anonymized_{kind}_train.jsonl").unlink()
    with pytest.raises(DataError, match=rf"no \*{kind}_train\.jsonl here\. Unpack"):
        read_from(tmp_path)


def test_names_in_capitals_are_read_and_a_macs_shadows_of_files_are_not(tmp_path: Path) -> None:
    for path in list(SmpdVideo().write(tmp_path).iterdir()):
        (tmp_path / f"._{path.name}").write_bytes(b"\x00\x05\x16\x07")
        path.rename(tmp_path / path.name.replace("posts_train", "Posts_Train"))
    assert len(read_from(tmp_path).frame) == 40


@pytest.mark.slow
@pytest.mark.skipif(not REAL_FOLDER.is_dir(), reason=f"no real data at {REAL_FOLDER}")
def test_the_real_set_has_the_sizes_its_owner_states() -> None:
    raw = read_from(REAL_FOLDER)
    frame = raw.frame
    labelled = frame[frame["popularity"].notna()]
    assert (len(frame), len(labelled), labelled["user_id"].nunique()) == (6000, 4000, 3488)
    assert sum(raw.report.dropped.values()) == 1902 - 1834
    cut_off = pd.Timestamp("2023-07-01")
    assert ((labelled["time"] < cut_off).sum(), (labelled["time"] >= cut_off).sum()) == (3109, 891)
    assert labelled["popularity"].mean() == pytest.approx(8.26, abs=0.005)
    assert (frame["user_likes"] >= 0).all()
