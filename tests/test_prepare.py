from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from raw_layouts import REAL, ROOT, SmpdImage, write_csv
from table_sets import rows, table_card, with_column

from benchmark.data.cards import load_card
from benchmark.data.leaks import resemblance
from benchmark.data.prepare import POSTS, TARGETS, prepare, raw_folder
from benchmark.data.prepared import Prepared, load_prepared
from benchmark.data.report import report_lines
from benchmark.data.stamp import stamp
from benchmark.declared.card import Card
from benchmark.errors import DataError, DataUnavailable

SMPD = load_card(ROOT / "datasets" / "smpd_image" / "card.toml")
REAL_ROOT = Path(os.environ.get("SMPBENCH_RAW", REAL))

Prepare = Callable[..., Prepared]


@pytest.fixture
def set_up(tmp_path: Path) -> Callable[..., tuple[Card, Path]]:
    """Write rows beside a card; gives the card and an empty home."""

    def write(content: list[dict[str, Any]], card: Card | None = None) -> tuple[Card, Path]:
        write_csv(tmp_path / "raw" / "mine.csv", content)
        return card or table_card(tmp_path), tmp_path / "home"

    return write


SetUp = Callable[..., tuple[Card, Path]]


def test_posts_and_targets_are_row_aligned_and_sorted_by_time_then_id(set_up: SetUp) -> None:
    card, home = set_up(rows())
    prepared = prepare(card, home, [])
    posts, targets = prepared.posts(), prepared.targets()
    assert posts["post_id"].to_pylist() == targets["post_id"].to_pylist()
    keys = list(zip(posts["time"].to_pylist(), posts["post_id"].to_pylist(), strict=True))
    assert keys == sorted(keys)
    by_id = dict(zip(targets["post_id"].to_pylist(), targets["likes"].to_pylist(), strict=True))
    assert by_id == {f"p{i}": float(i) for i in range(40)}


def test_columns_have_the_types_of_their_roles(tmp_path: Path) -> None:
    SmpdImage("train", 40).write(tmp_path / "raw" / "smpd_image")
    SmpdImage("test", 20, first_pid=9000).write(tmp_path / "raw" / "smpd_image")
    prepared = prepare(SMPD, tmp_path, [])
    schema = prepared.posts().schema
    assert schema.names[:3] == ["post_id", "user_id", "time"]
    assert schema.names == list(SMPD.columns)
    expected = {
        "time": pa.timestamp("ms"),
        "title": pa.string(),
        "category": pa.string(),
        "image": pa.string(),
        "is_pro": pa.bool_(),
        "photo_count": pa.float64(),
        "latitude": pa.float32(),
        "user_description": pa.list_(pa.float32()),
    }
    assert {name: schema.field(name).type for name in expected} == expected
    assert np.isnan(prepared.targets()["popularity"].to_numpy()).sum() == 20


def test_only_the_columns_asked_for_are_read(set_up: SetUp) -> None:
    assert prepare(*set_up(rows()), []).posts(["width", "text"]).column_names == ["width", "text"]


def test_preparing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    SmpdImage().write(tmp_path / "raw" / "smpd_image")
    contents = []
    for _ in range(2):
        prepared = prepare(SMPD, tmp_path, [], force=True)
        contents.append([(prepared.folder / name).read_bytes() for name in (POSTS, TARGETS)])
    assert contents[0] == contents[1]


def test_the_order_of_raw_rows_does_not_change_the_bytes(set_up: SetUp) -> None:
    first = prepare(*set_up(rows()), [])
    before = (first.folder / POSTS).read_bytes()
    second = prepare(*set_up(rows()[::-1]), [])
    assert (second.folder / POSTS).read_bytes() == before
    assert second.fingerprint == first.fingerprint


def test_nothing_is_done_while_raw_files_and_card_are_unchanged(set_up: SetUp) -> None:
    card, home = set_up(rows())
    made = (prepare(card, home, []).folder / POSTS).stat().st_ino
    assert (prepare(card, home, []).folder / POSTS).stat().st_ino == made
    assert (prepare(card, home, [], force=True).folder / POSTS).stat().st_ino != made


def test_a_file_with_other_content_is_noticed_though_its_size_and_time_are_the_same(set_up: SetUp) -> None:
    card, home = set_up(rows())
    before = prepare(card, home, []).fingerprint
    (path,) = (card.folder / "raw").glob("*.csv")
    kept = path.stat()
    path.write_bytes(path.read_bytes().replace(b",39\n", b",93\n").replace(b",39\r\n", b",93\r\n"))
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert path.stat().st_size == kept.st_size and path.stat().st_mtime_ns == kept.st_mtime_ns
    prepared = prepare(card, home, [])
    assert prepared.fingerprint != before
    assert 93.0 in prepared.targets()["likes"].to_pylist()


def test_a_file_that_is_only_newer_is_not_read_again(set_up: SetUp) -> None:
    card, home = set_up(rows())
    made = (prepare(card, home, []).folder / POSTS).stat().st_ino
    (path,) = (card.folder / "raw").glob("*.csv")
    os.utime(path, (1, 1))
    assert (prepare(card, home, []).folder / POSTS).stat().st_ino == made


def test_images_are_known_by_size_and_time_and_a_pipe_is_not_waited_for(set_up: SetUp) -> None:
    card, home = set_up(rows())
    raw = card.folder / "raw"
    os.mkfifo(raw / "pipe.csv.part")
    (raw / "a.jpg").write_bytes(b"an image")
    os.utime(raw / "a.jpg", (1, 1))
    before = stamp(card, raw, {}, home)
    (raw / "a.jpg").write_bytes(b"no image")
    os.utime(raw / "a.jpg", (1, 1))
    assert stamp(card, raw, {}, home) == before
    os.utime(raw / "a.jpg", (2, 2))
    assert stamp(card, raw, {}, home) != before


def test_a_changed_label_changes_the_fingerprint(set_up: SetUp) -> None:
    before = prepare(*set_up(rows()), []).fingerprint
    changed = rows()
    changed[7]["likes"] = 7000
    assert prepare(*set_up(changed), []).fingerprint != before


def test_a_changed_label_leaves_what_is_encoded_as_it_was_and_a_changed_text_does_not(set_up: SetUp) -> None:
    card, home = set_up(rows())
    before = prepare(card, home, []).content
    (path,) = (card.folder / "raw").glob("*.csv")
    path.write_bytes(path.read_bytes().replace(b",39\n", b",93\n").replace(b",39\r\n", b",93\r\n"))
    assert prepare(card, home, []).content == before
    text = rows()[0]["text"]
    path.write_bytes(path.read_bytes().replace(text.encode(), b"another"))
    assert prepare(card, home, []).content != before


def test_a_damaged_file_is_noticed_and_prepared_again(set_up: SetUp) -> None:
    card, home = set_up(rows())
    path = prepare(card, home, []).folder / POSTS
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(DataError, match=r"posts\.parquet: the content is not what was written"):
        load_prepared(card, home)
    prepare(card, home, [])
    assert path.read_bytes() == good


def test_a_set_that_was_never_prepared_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"smpbench prepare -d mine"):
        load_prepared(table_card(tmp_path), tmp_path)


def test_a_failed_prepare_leaves_the_earlier_one_and_nothing_half_written(set_up: SetUp) -> None:
    card, home = set_up(rows())
    before = prepare(card, home, []).fingerprint
    spoilt = rows()
    spoilt[3]["likes"] = -1
    with pytest.raises(DataError):
        prepare(*set_up(spoilt), [])
    assert load_prepared(card, home).fingerprint == before
    assert [path.name for path in (home / "prepared").iterdir() if path.is_dir()] == ["mine"]


def test_leftovers_of_a_killed_prepare_are_cleared(set_up: SetUp) -> None:
    card, home = set_up(rows())
    for leftover in (".mine.new", ".mine.old"):
        (home / "prepared" / leftover).mkdir(parents=True)
        (home / "prepared" / leftover / POSTS).write_text("half")
    prepare(card, home, [])
    assert [path.name for path in (home / "prepared").iterdir() if path.is_dir()] == ["mine"]


def test_two_prepares_at_once_take_turns(set_up: SetUp) -> None:
    card, home = set_up(rows())
    failures: list[BaseException] = []

    def run() -> None:
        try:
            prepare(card, home, [], force=True)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert load_prepared(card, home).report["posts"] == 40


def test_raw_roots_come_before_home_and_home_before_the_cards_own_folder(tmp_path: Path) -> None:
    card = table_card(tmp_path / "card")
    places = [tmp_path / "mounted", tmp_path / "home" / "raw", tmp_path / "card"]
    for place in reversed(places):
        (place / "raw").mkdir(parents=True)
        assert raw_folder(card, tmp_path / "home", [places[0]]) == place / "raw"


def test_what_is_named_from_a_dot_on_lies_beside_the_card_and_nowhere_else(tmp_path: Path) -> None:
    for raw in ("./raw", "."):
        card = table_card(tmp_path / "card").model_copy(update={"raw": (raw,)})
        for place in ("mounted", "home/raw", "card"):
            (tmp_path / place / "raw").mkdir(parents=True, exist_ok=True)
        found = raw_folder(card, tmp_path / "home", [tmp_path / "mounted"])
        assert found == tmp_path / "card" / raw


def test_a_home_within_the_raw_folder_is_none_of_the_raw_files(tmp_path: Path) -> None:
    write_csv(tmp_path / "mine.csv", rows())
    card = table_card(tmp_path).model_copy(update={"raw": (".",)})
    made = (prepare(card, tmp_path / "home", []).folder / POSTS).stat().st_ino
    (tmp_path / "home" / "link").symlink_to("/")
    (tmp_path / "home" / "runs").mkdir()
    assert (prepare(card, tmp_path / "home", []).folder / POSTS).stat().st_ino == made
    (tmp_path / "link").symlink_to("/")
    with pytest.raises(DataError, match="leads out of the folder of the card"):
        prepare(card, tmp_path / "home", [])


def test_absent_raw_files_are_answered_with_how_to_obtain_them(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match=r"no raw files .*Ask Ann\."):
        prepare(table_card(tmp_path), tmp_path / "home", [])


def test_exact_duplicates_are_dropped_and_counted(set_up: SetUp) -> None:
    prepared = prepare(*set_up([*rows(), rows()[4], rows()[4]]), [])
    assert prepared.report["posts"] == 40
    assert prepared.report["dropped"] == {"exact duplicate": 2}


def test_one_id_with_two_contents_is_refused_with_both_rows(set_up: SetUp) -> None:
    clash = [*rows(), {**rows()[4], "likes": 99}]
    with pytest.raises(
        DataError, match=r"mine\.csv, row 42, column 'post_id', value 'p4': mine\.csv row 6 has"
    ):
        prepare(*set_up(clash), [])


def test_a_negative_count_is_refused_with_file_row_column_and_value(set_up: SetUp) -> None:
    spoilt = rows()
    spoilt[3]["likes"] = -1
    with pytest.raises(
        DataError, match=r"mine\.csv, row 5, column 'likes', value -1\.0: .*must not be negative"
    ):
        prepare(*set_up(spoilt), [])


def test_a_declared_column_the_reader_does_not_know_is_refused_with_the_nearest(tmp_path: Path) -> None:
    SmpdImage().write(tmp_path / "raw" / "smpd_image")
    columns = {**SMPD.columns, "titel": SMPD.columns["title"]}
    with pytest.raises(DataError, match=r"column 'titel'.*did you mean 'title'"):
        prepare(SMPD.model_copy(update={"columns": columns}), tmp_path, [])


def test_undeclared_columns_are_left_out_and_listed(tmp_path: Path) -> None:
    SmpdImage().write(tmp_path / "raw" / "smpd_image")
    columns = {name: column for name, column in SMPD.columns.items() if name != "media_status"}
    prepared = prepare(SMPD.model_copy(update={"columns": columns}), tmp_path, [])
    assert "media_status" not in prepared.posts().column_names
    assert any("left out: media_status" in note for note in prepared.report["notes"])


# Leaks


def leaking(kind: str) -> list[dict[str, Any]]:
    """`rows` with a column that gives the label away."""
    written = {
        "number": lambda i: 3 * i + 1,
        "level": lambda i: "abcdefgh"[i // 15],
        "flag": lambda i: i >= 60,
    }
    return [{**row, "secret": written[kind](row["likes"])} for row in rows(120)]


@pytest.mark.parametrize("kind", ["number", "level"])
def test_a_planted_leaky_column_is_refused_by_name(tmp_path: Path, set_up: SetUp, kind: str) -> None:
    role = "numeric" if kind == "number" else "categorical"
    card = with_column(table_card(tmp_path), "secret", role=role)
    with pytest.raises(DataError, match=r"column 'secret': looks like the label 'likes'"):
        prepare(*set_up(leaking(kind), card), [])


@pytest.mark.parametrize("excuse", [{"availability": "crawl"}, {"resembles_label": True}])
def test_a_column_that_is_withheld_or_excused_may_resemble_the_label(
    tmp_path: Path, set_up: SetUp, excuse: dict[str, Any]
) -> None:
    card = with_column(table_card(tmp_path), "secret", role="numeric", **excuse)
    assert prepare(*set_up(leaking("number"), card), []).report["posts"] == 120


def test_a_level_a_post_is_no_leak() -> None:
    import pandas as pd

    assert resemblance(pd.Series([f"level{i}" for i in range(200)]), np.arange(200.0)) == 0.0


# Images


def images_card(folder: Path) -> Card:
    return with_column(table_card(folder), "image", role="image")


def with_images(*paths: str) -> list[dict[str, Any]]:
    return [{**row, "image": paths[i] if i < len(paths) else ""} for i, row in enumerate(rows())]


def test_missing_images_are_counted_and_never_fatal(tmp_path: Path, set_up: SetUp) -> None:
    card, home = set_up(with_images("a/1.jpg", "a/2.jpg"), images_card(tmp_path))
    (tmp_path / "raw" / "a").mkdir()
    (tmp_path / "raw" / "a" / "1.jpg").write_bytes(b"jpeg")
    prepared = prepare(card, home, [])
    assert prepared.report["images"] == {"present": 1, "missing": 1}
    assert prepared.images == tmp_path / "raw"


def test_a_set_without_any_image_says_so(tmp_path: Path, set_up: SetUp) -> None:
    assert prepare(*set_up(with_images("a/1.jpg"), images_card(tmp_path)), []).images is None


def test_an_image_that_arrives_later_changes_the_fingerprint(tmp_path: Path, set_up: SetUp) -> None:
    card, home = set_up(with_images("1.jpg"), images_card(tmp_path))
    before = prepare(card, home, []).fingerprint
    (tmp_path / "raw" / "1.jpg").write_bytes(b"jpeg")
    assert prepare(card, home, []).fingerprint != before


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "C:/x.jpg", "a/../../x.jpg", "..\\..\\x.jpg"]
)
def test_an_image_path_that_climbs_out_is_refused_with_its_row(
    tmp_path: Path, set_up: SetUp, path: str
) -> None:
    with pytest.raises(DataError, match=r"mine\.csv, row 3, column 'image'.*leads out of the data folder"):
        prepare(*set_up(with_images("a.jpg", path), images_card(tmp_path)), [])


@pytest.mark.parametrize("link", ["file", "folder"])
def test_an_image_behind_a_link_that_leads_out_is_refused(tmp_path: Path, set_up: SetUp, link: str) -> None:
    card, home = set_up(with_images("a/1.jpg"), images_card(tmp_path))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "1.jpg").write_bytes(b"jpeg")
    if link == "folder":
        (tmp_path / "raw" / "a").symlink_to(outside)
    else:
        (tmp_path / "raw" / "a").mkdir()
        (tmp_path / "raw" / "a" / "1.jpg").symlink_to(outside / "1.jpg")
    with pytest.raises(DataError, match=r"row 2, column 'image'.*leads out of the data folder"):
        prepare(card, home, [])


# Report


def test_the_report_says_what_was_read_dropped_missing_and_labelled(set_up: SetUp) -> None:
    content = [*rows(), rows()[0]]
    content[5]["width"] = content[6]["likes"] = ""
    report = "\n".join(report_lines(prepare(*set_up(content), [])))
    assert "mine: 40 posts by 3 users, 2021-03-01 to 2021-03-28" in report
    assert "read: mine.csv 41" in report
    assert "dropped: 1 (exact duplicate)" in report
    assert "likes: 39 labelled, 1 not, mean" in report
    assert "missing: width 2.5%" in report


def test_prepared_json_is_valid_json_with_checksums_of_both_files(set_up: SetUp) -> None:
    prepared = prepare(*set_up(rows()), [])
    found = json.loads((prepared.folder / "prepared.json").read_text())
    assert set(found["files"]) == {POSTS, TARGETS}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "posts"), [("smpd_video", 6000), ("musk_tweets", 17602), ("twitter_ratio", 6439)]
)
def test_real_data_are_prepared(tmp_path: Path, name: str, posts: int) -> None:
    card = load_card(ROOT / "datasets" / name / "card.toml")
    if not any((REAL_ROOT / raw).is_dir() for raw in card.raw):
        pytest.skip(f"no real data of {name} in {REAL_ROOT}")
    prepared = prepare(card, tmp_path, [REAL_ROOT])
    assert prepared.posts(["post_id"]).num_rows == posts
