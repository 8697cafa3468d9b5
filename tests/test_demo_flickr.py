"""The demo photos: the official layout with its quirks, the real label distribution, and a known ceiling."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from generated import DATASETS, generate
from PIL import Image

from benchmark.data.cards import load_card
from benchmark.readers import read

pytestmark = pytest.mark.slow

Records = list[dict[str, Any]]
RAW = Path(os.environ.get("SMPBENCH_RAW", Path(__file__).resolve().parents[2] / "shared" / "data"))
REAL_LABELS = RAW / "smpd_image_labels" / "train_label.txt"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,600 posts, the size of the demo, without images."""
    return generate("demo_flickr", tmp_path_factory.mktemp("demo") / "raw", "--no-images")


@pytest.fixture(scope="module")
def with_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate("demo_flickr", tmp_path_factory.mktemp("demo") / "raw", "--posts", "800")


def table(raw: Path, part: str, name: str) -> Any:
    return json.loads((raw / f"{part}_allmetadata_json" / f"{part}_{name}.json").read_text())


def labels(raw: Path) -> np.ndarray:
    return np.loadtxt(raw / "train_allmetadata_json" / "train_label.txt")


def ceiling(raw: Path) -> pd.Series:
    return pd.read_csv(raw / "ceiling.csv").set_index("post_id")["popularity"]


def post_ids(raw: Path, part: str) -> list[int]:
    return [int(row["Pid"]) for row in table(raw, part, "category")]


def post_times(raw: Path, part: str) -> list[int]:
    return [int(row["Postdate"]) for row in table(raw, part, "temporalspatial_information")]


def test_the_official_split_is_chronological_and_in_the_real_proportion(raw: Path) -> None:
    train, test = post_times(raw, "train"), post_times(raw, "test")
    assert (len(train), len(test)) == (1634, 966)
    assert max(train) < min(test)
    assert pd.Timestamp(min(train), unit="s") >= pd.Timestamp("2015-02-28")
    assert pd.Timestamp(max(train), unit="s") < pd.Timestamp("2016-03-01")
    assert not (raw / "test_allmetadata_json" / "test_label.txt").exists()


def test_nearly_half_of_the_users_appear_in_the_test_part_only(raw: Path) -> None:
    train, test = ({row["Uid"] for row in table(raw, part, "category")} for part in ("train", "test"))
    assert len(train) == 205
    assert len(test - train) == 169


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_rows_of_all_files_are_aligned(raw: Path, part: str) -> None:
    files = ("category", "text", "temporalspatial_information", "additional_information")
    keys = [[(row["Uid"], row["Pid"]) for row in table(raw, part, file)] for file in files]
    assert all(other == keys[0] for other in keys)
    paths = (raw / f"{part}_allmetadata_json" / f"{part}_img_filepath.txt").read_text().splitlines()
    assert paths == [f"{part}/{uid}/{pid}.jpg" for uid, pid in keys[0]]
    for column in table(raw, part, "user_data").values():
        assert list(column) == [str(row) for row in range(len(paths))]


def test_rows_ascend_by_post_id_and_not_by_time(raw: Path) -> None:
    ids, times = post_ids(raw, "train"), post_times(raw, "train")
    assert ids == sorted(set(ids))
    assert abs(np.corrcoef(ids, times)[0, 1]) < 0.1


def test_the_files_have_the_quirks_of_the_real_ones(raw: Path) -> None:
    category, place = table(raw, "train", "category"), table(raw, "train", "temporalspatial_information")
    users = table(raw, "train", "user_data")
    assert all(isinstance(value, str) for row in category + place for value in row.values())
    assert "Whether&Season" in {row["Category"] for row in category}
    nowhere = [row["Geoaccuracy"] == "0" for row in place]
    assert nowhere == [row["Latitude"] == "0.0" for row in place]
    assert 0.85 < np.mean(nowhere) < 0.93
    assert 0.2 < np.mean([zone == "None" for zone in users["timezone_timezone_id"].values()]) < 0.5
    assert "1904010100" in users["photo_firstdatetaken"].values()
    described = [text for text in users["user_description"].values() if text != "None"]
    assert 0 < len(described) < 0.3 * len(category)
    assert {text.count(",") + 1 for text in described} == {399}


def test_a_user_shows_different_photo_counts_from_post_to_post(raw: Path) -> None:
    counts: dict[str, set[str]] = defaultdict(set)
    photo_count = table(raw, "train", "user_data")["photo_count"]
    for row, record in enumerate(table(raw, "train", "category")):
        counts[record["Uid"]].add(photo_count[str(row)])
    assert max(len(seen) for seen in counts.values()) > 20


def test_each_concept_belongs_to_one_subcategory_and_some_are_rare(raw: Path) -> None:
    rows = pd.DataFrame(table(raw, "train", "category"))
    assert rows["Category"].nunique() == 11
    assert rows.groupby("Concept")["Subcategory"].nunique().max() == 1
    assert rows.groupby("Subcategory")["Category"].nunique().max() == 1
    frequency = rows["Concept"].value_counts()
    assert frequency.max() > 50
    assert (frequency == 1).sum() > 50


def test_labels_are_log_views_with_the_real_distribution(raw: Path) -> None:
    label = labels(raw)
    views = np.round(2**label - 1)
    assert np.abs(np.round(np.log2(views + 1), 2) - label).max() == 0
    assert views.min() >= 1
    assert label.mean() == pytest.approx(6.41, abs=0.05)
    assert label.std() == pytest.approx(2.47, abs=0.05)
    assert np.quantile(label, [0.25, 0.5, 0.75]) == pytest.approx([4.70, 6.23, 7.98], abs=0.05)
    assert np.abs(label - np.median(label)).mean() == pytest.approx(1.96, abs=0.03)


@pytest.mark.skipif(not REAL_LABELS.is_file(), reason=f"no real labels at {REAL_LABELS}")
def test_every_percentile_lies_near_that_of_the_real_labels(raw: Path) -> None:
    levels = np.arange(1, 100) / 100
    real = np.quantile(np.loadtxt(REAL_LABELS), levels)
    assert np.quantile(labels(raw), levels) == pytest.approx(real, abs=0.15)


def test_the_ceiling_covers_every_post_and_is_the_median_of_the_labels(raw: Path) -> None:
    score = ceiling(raw)
    assert sorted(score.index) == sorted(post_ids(raw, "train") + post_ids(raw, "test"))
    known, label = score.loc[post_ids(raw, "train")].to_numpy(), labels(raw)
    for low, high in ((0, 5), (5, 7.5), (7.5, 17)):
        within = (known >= low) & (known < high)
        assert np.mean(label[within] > known[within]) == pytest.approx(0.5, abs=0.06)


def test_the_ceiling_is_high_yet_leaves_noise(raw: Path) -> None:
    known, label = ceiling(raw).loc[post_ids(raw, "train")].reset_index(drop=True), pd.Series(labels(raw))
    assert 0.85 < known.rank().corr(label.rank()) < 0.91
    assert 0.7 < (known - label).abs().mean() < 1.0


def test_luck_carries_over_from_a_users_post_to_the_next(raw: Path) -> None:
    """The ceiling knows it: its changes within a user follow the last post's deviation from it."""
    rows = pd.DataFrame(table(raw, "train", "category")).assign(
        time=post_times(raw, "train"),
        label=labels(raw),
        known=ceiling(raw).loc[post_ids(raw, "train")].to_numpy(),
    )
    rows = rows.sort_values(["Uid", "time"])
    luck = (rows["label"] - rows["known"]).groupby(rows["Uid"]).shift()
    assert luck.corr(rows["known"].groupby(rows["Uid"]).diff()) > 0.15


def test_images_are_where_the_path_files_say_and_leave_the_labels_unchanged(
    with_images: Path, tmp_path: Path
) -> None:
    for part in ("train", "test"):
        paths = (with_images / f"{part}_allmetadata_json" / f"{part}_img_filepath.txt").read_text().split()
        assert all((with_images / path).is_file() for path in paths)
    without = generate("demo_flickr", tmp_path / "without", "--posts", "800", "--no-images")
    assert not list(without.rglob("*.jpg"))
    assert (labels(without) == labels(with_images)).all()


def test_bright_and_colourful_pictures_do_better(with_images: Path) -> None:
    files = (with_images / "train_allmetadata_json" / "train_img_filepath.txt").read_text().split()
    looks = []
    for file in files:
        with Image.open(with_images / file) as image:
            assert image.size == (128, 128)
            pixels = np.asarray(image.convert("HSV"), dtype=float)
        looks.append(pixels.mean(axis=(0, 1))[1:])
    columns = np.column_stack([np.ones(len(looks)), looks / np.std(looks, axis=0)])
    known = ceiling(with_images).loc[post_ids(with_images, "train")].to_numpy()
    _, saturation, brightness = np.linalg.lstsq(columns, known)[0]
    assert saturation > 0.1
    assert brightness > 0.1


def test_the_reader_of_the_real_set_reads_it_all(with_images: Path) -> None:
    card = load_card(DATASETS / "demo_flickr" / "card.toml")
    frame = read(card, with_images).frame
    assert len(frame) == 800
    assert frame["popularity"].notna().sum() == 503
    assert set(card.columns) <= set(frame.columns)


def test_the_full_size_keeps_the_real_numbers(tmp_path: Path) -> None:
    raw = generate("demo_flickr", tmp_path / "full", "--posts", "486194")
    train, test = (pd.DataFrame(table(raw, part, "category")) for part in ("train", "test"))
    assert (len(train), len(test), train["Uid"].nunique()) == (305_613, 180_581, 38_312)
    levels = [train[level].nunique() for level in ("Category", "Subcategory", "Concept")]
    assert levels == [11, 77, 668]
    assert (raw / "train_allmetadata_json" / "train_user_data.json").stat().st_size < 319e6
    assert not list(raw.rglob("*.jpg"))
