from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from raw_layouts import ROOT, SmpdImage

from benchmark.data.cards import load_card
from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.raw import Raw

CARD = load_card(ROOT / "datasets" / "smpd_image" / "card.toml")


def read_from(folder: Path) -> Raw:
    return read(CARD, folder)


def test_train_posts_have_labels_and_test_posts_have_none(tmp_path: Path) -> None:
    SmpdImage("train", 40).write(tmp_path)
    SmpdImage("test", 20, first_pid=9000).write(tmp_path)
    frame = read_from(tmp_path).frame
    assert len(frame) == 60
    assert frame["popularity"].notna().sum() == 40
    assert frame.set_index("post_id").loc["700", "popularity"] == 1.0


def test_everything_the_card_declares_is_yielded(tmp_path: Path) -> None:
    frame = read_from(SmpdImage().write(tmp_path)).frame
    assert set(CARD.columns) | set(CARD.measured) <= set(frame)


@pytest.mark.slow
@pytest.mark.parametrize("below", ["", "train_allmetadata_json", "smpd/train_allmetadata_json", "smpd"])
@pytest.mark.parametrize("old_names", [False, True])
def test_both_file_spellings_and_every_depth_give_the_same_posts(
    tmp_path: Path, below: str, old_names: bool
) -> None:
    expected = read_from(SmpdImage().write(tmp_path / "as published")).frame
    found = read_from(SmpdImage().write(tmp_path / "drifted", below=below, old_names=old_names)).frame
    assert found.drop(columns="user_description").equals(expected.drop(columns="user_description"))


def test_titles_are_read_from_the_misspelt_key(tmp_path: Path) -> None:
    data = SmpdImage()
    data.text = [
        {("Tile" if key == "Title" else key): value for key, value in row.items()} for row in data.text
    ]
    assert read_from(data.write(tmp_path)).frame["title"].iloc[3] == "title 3"


def test_titles_are_read_from_a_file_of_their_own_in_the_old_layout(tmp_path: Path) -> None:
    data = SmpdImage()
    titles = [{key: row[key] for key in ("Uid", "Pid", "Title")} for row in data.text]
    data.text = [{key: value for key, value in row.items() if key != "Title"} for row in data.text]
    data.write(tmp_path, old_names=True)
    (tmp_path / "separate").mkdir()
    (tmp_path / "separate" / "train_titles.json").write_text(json.dumps(titles))
    assert read_from(tmp_path).frame["title"].iloc[3] == "title 3"


def test_zero_coordinates_without_accuracy_mean_no_location(tmp_path: Path) -> None:
    frame = read_from(SmpdImage(posts=20).write(tmp_path)).frame
    located = [0, 9, 18]
    assert list(np.flatnonzero(frame["latitude"].notna())) == located
    assert list(np.flatnonzero(frame["geo_accuracy"].notna())) == located


def test_the_string_none_the_empty_string_and_an_absent_key_are_missing(tmp_path: Path) -> None:
    data = SmpdImage(posts=3)
    data.text[0]["Title"], data.text[1]["Title"] = "None", ""
    del data.text[2]["Title"]
    data.category[0]["Concept"] = "None"
    frame = read_from(data.write(tmp_path)).frame
    assert list(frame["title"]) == ["", "", ""]
    assert list(frame["concept"].isna()) == [True, False, False]
    assert frame["path_alias"].isna().all()


def test_user_columns_are_typed(tmp_path: Path) -> None:
    frame = read_from(SmpdImage(posts=12).write(tmp_path)).frame
    assert frame["timezone_offset"].iloc[1] == -8.0
    assert np.isnan(frame["timezone_offset"].iloc[0])
    assert frame["is_pro"].iloc[1] is np.True_ or frame["is_pro"].iloc[1] is True
    np.testing.assert_array_equal(frame["user_description"].iloc[4], np.float32([0.5, 4, 0.5, 4]))
    assert frame["user_description"].iloc[4].dtype == np.float32
    assert frame["user_description"].iloc[1] is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2004-08-01 12:00:00", 1091361600.0),
        ("2004080112", 1091361600.0),
        ("1091361600", 1091361600.0),
        ("1904010100", None),  # a camera whose clock was never set
        ("2031-01-01 00:00:00", None),
        ("gibberish", None),
    ],
)
def test_the_first_photos_date_is_read_in_each_form_and_dropped_when_absurd(
    tmp_path: Path, given: str, expected: float | None
) -> None:
    data = SmpdImage(posts=2)
    data.user["photo_firstdatetaken"]["1"] = given
    raw = read_from(data.write(tmp_path))
    found = raw.frame["photo_first_taken"].iloc[1]
    assert found == expected if expected else np.isnan(found)
    assert any("absurd" in note for note in raw.report.notes) == (expected is None)


def test_user_data_rows_are_taken_by_their_number_not_by_their_place_in_the_file(tmp_path: Path) -> None:
    data = SmpdImage(posts=12)
    data.user["photo_count"] = dict(reversed(data.user["photo_count"].items()))
    assert list(read_from(data.write(tmp_path)).frame["photo_count"]) == [100.0 + i for i in range(12)]


def test_one_user_may_have_different_photo_counts_from_post_to_post(tmp_path: Path) -> None:
    frame = read_from(SmpdImage(posts=14).write(tmp_path)).frame
    assert frame[frame["user_id"] == "0@N75"]["photo_count"].nunique() == 2


@pytest.mark.parametrize("depth", ["", "train_images/", "images/"])
def test_images_are_found_at_each_depth_users_unpack_them_to(tmp_path: Path, depth: str) -> None:
    data = SmpdImage(posts=3)
    data.write(tmp_path)
    for line in data.images:
        path = tmp_path / depth / line
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"jpeg")
    raw = read_from(tmp_path)
    assert all((raw.images / path).is_file() for path in raw.frame["image"])  # type: ignore[operator]


def test_a_label_file_with_one_line_too_few_is_refused_with_file_row_and_counts(tmp_path: Path) -> None:
    data = SmpdImage(posts=40)
    data.labels.pop()
    with pytest.raises(
        DataError, match=r"train_label\.txt, row 40: 39 rows, but train_category\.json has 40"
    ):
        read_from(data.write(tmp_path))


@pytest.mark.parametrize("label", ["many", "", "nan", "inf"])
def test_a_label_that_is_no_number_is_refused_with_file_row_and_value(tmp_path: Path, label: str) -> None:
    data = SmpdImage()
    data.labels[6] = label
    with pytest.raises(DataError, match=rf"train_label\.txt, row 7, column 'popularity', value '{label}'"):
        read_from(data.write(tmp_path))


def test_files_that_are_not_row_aligned_are_refused_with_the_first_row_that_differs(tmp_path: Path) -> None:
    data = SmpdImage()
    data.text[4], data.text[5] = data.text[5], data.text[4]
    with pytest.raises(DataError, match=r"train_text\.json, row 5, column 'Uid', value '5@N75'"):
        read_from(data.write(tmp_path))


def test_a_truncated_json_is_refused_with_line_and_column(tmp_path: Path) -> None:
    SmpdImage().write(tmp_path)
    path = tmp_path / "train_allmetadata_json" / "train_text.json"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"train_text\.json: cut off or not JSON at line 1, column \d+"):
        read_from(tmp_path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    SmpdImage().write(tmp_path)
    (tmp_path / "train_allmetadata_json" / "train_user_data.json").write_text("")
    with pytest.raises(DataError, match=r"train_user_data\.json: the file is empty"):
        read_from(tmp_path)


def test_a_missing_file_is_named_in_all_its_spellings(tmp_path: Path) -> None:
    SmpdImage().write(tmp_path)
    (tmp_path / "train_allmetadata_json" / "train_user_data.json").unlink()
    with pytest.raises(DataError, match=r"train_user_data\.json or train_userdata\.json is missing"):
        read_from(tmp_path)


def test_a_file_without_a_compulsory_key_is_refused(tmp_path: Path) -> None:
    data = SmpdImage()
    for row in data.category:
        del row["Concept"]
    with pytest.raises(DataError, match=r"train_category\.json, column 'Concept': no row has the key"):
        read_from(data.write(tmp_path))


def test_an_unparsable_date_is_refused_with_file_row_column_and_value(tmp_path: Path) -> None:
    data = SmpdImage()
    data.temporalspatial[2]["Postdate"] = "yesterday"
    with pytest.raises(DataError, match=r"row 3, column 'Postdate', value 'yesterday'"):
        read_from(data.write(tmp_path))


def test_an_unreadable_optional_value_is_set_to_missing_and_reported(tmp_path: Path) -> None:
    data = SmpdImage()
    data.user["photo_count"]["3"] = "lots"
    raw = read_from(data.write(tmp_path))
    assert np.isnan(raw.frame["photo_count"].iloc[3])
    assert any("photo_count" in note and "'lots'" in note and "row 4" in note for note in raw.report.notes)
