"""Reader `reddit`: dumps of submissions and comments, and tables of them."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from raw_layouts import REAL
from reddit_dumps import NOON, comment, submission
from table_sets import table_card

from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.collected.line_stream import lines
from benchmark.readers.raw import Raw

REAL_FOLDER = Path(os.environ.get("SMPBENCH_RAW", REAL)) / "reddit_musk"


def dump(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def packed(path: Path, rows: list[dict[str, Any]], frames: int = 1) -> Path:
    """The same with a window as long as that of the real dumps, in several frames."""
    zstd = pytest.importorskip("zstandard", reason="no package zstandard")
    parameters = zstd.ZstdCompressionParameters(window_log=31, enable_ldm=True)
    parts = np.array_split(np.arange(len(rows)), frames)
    whole = b""
    for part in parts:
        text = "".join(json.dumps(rows[i]) + "\n" for i in part).encode()
        writer = zstd.ZstdCompressor(compression_params=parameters).compressobj()
        whole += writer.compress(text) + writer.flush()
    path.write_bytes(whole)
    return path


def table(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_from(folder: Path) -> Raw:
    return read(table_card(folder, reader="reddit"), folder)


def test_a_submission_of_a_dump_has_every_column(tmp_path: Path) -> None:
    dump(tmp_path / "RS_2023-11.jsonl", [submission(0, link_flair_text="News")])
    post = read_from(tmp_path).frame.iloc[0]
    assert (post["post_id"], post["user_id"], post["kind"]) == ("abc0", "ann", "submission")
    assert post["time"] == pd.Timestamp(NOON, unit="s")
    assert (post["title"], post["text"], post["community"]) == ("Launch 0", "", "rockets")
    assert (post["flair"], post["domain"], post["awards"]) == ("News", "example.org", 1)
    assert (post["score"], post["comments"], post["upvote_ratio"]) == (7, 3, 0.9)
    assert [bool(post[name]) for name in ("is_self", "over_18", "locked", "withdrawn")] == [0, 0, 1, 0]
    assert post["age_days"] == 30


def test_a_comment_has_a_parent_and_no_title_and_an_id_that_no_submission_has(tmp_path: Path) -> None:
    dump(tmp_path / "RS.jsonl", [submission(0)])
    dump(tmp_path / "RC.ndjson", [comment(0), comment(1, parent_id="t1_abc0")])
    frame = read_from(tmp_path).frame.set_index("post_id")
    assert sorted(frame.index) == ["abc0", "t1_abc0", "t1_abc1"]
    assert frame.loc["t1_abc1", ["kind", "title", "text"]].tolist() == ["comment", "", "To orbit"]
    assert frame.loc[["t1_abc0", "t1_abc1"], "parent"].tolist() == ["abc0", "t1_abc0"]
    assert frame.loc["t1_abc1", "thread"] == "abc0"
    assert np.isnan(frame.loc["t1_abc0", "comments"])


@pytest.mark.parametrize("seconds", [NOON, float(NOON), str(NOON), f"{NOON}.0"])
def test_epoch_seconds_are_read_however_they_are_written(tmp_path: Path, seconds: object) -> None:
    dump(tmp_path / "a.jsonl", [submission(0, created_utc=seconds)])
    assert read_from(tmp_path).frame["time"].iloc[0] == pd.Timestamp(NOON, unit="s")


def test_a_table_is_read_by_the_names_in_use_and_its_local_dates_are_not(tmp_path: Path) -> None:
    row = {
        "type": "post",
        "post_id": "x1",
        "title": "Hello",
        "text": "there",
        "created_utc": f"{NOON}.0",
        "created_date": "1999-01-01 00:00:00",
        "score": "5",
        "num_comments": "1",
        "author": "ann",
        "subreddit": "rockets",
        "url": "https://news.example.org/a",
        "is_self": "False",
        "upvote_ratio": "0.85",
        "is_locked": "True",
        "num_awards": "2",
        "comment_id": "",
        "parent_id": "",
    }
    told = {"type": "comment", "comment_id": "y1", "parent_id": "t3_x1", "title": "", "text": "No"}
    table(tmp_path / "posts.csv", [row, row | told])
    first, second = read_from(tmp_path).frame.to_dict("records")
    assert first["time"] == pd.Timestamp(NOON, unit="s")
    assert (first["domain"], first["awards"], first["locked"]) == ("news.example.org", 2, True)
    assert (second["post_id"], second["parent"], second["thread"]) == ("t1_y1", "x1", "x1")


def test_deleted_authors_are_never_one_account(tmp_path: Path) -> None:
    dump(tmp_path / "a.jsonl", [submission(i, author=a) for i, a in enumerate(["[deleted]", None, "ann"])])
    raw = read_from(tmp_path)
    assert raw.frame["user_id"].nunique() == 3
    assert raw.frame["withdrawn"].tolist() == [True, True, False]
    assert "a.jsonl: 2 posts of a deleted account: each counts as an account of its own" in raw.report.notes


@pytest.mark.parametrize("gone", ["[removed]", "[deleted]", "[ Removed by Reddit ]"])
def test_a_text_taken_away_is_empty_and_known_to_be_so(tmp_path: Path, gone: str) -> None:
    dump(tmp_path / "a.jsonl", [submission(0, selftext=gone), submission(1, selftext="kept")])
    raw = read_from(tmp_path)
    assert raw.frame["text"].tolist() == ["", "kept"]
    assert raw.frame["withdrawn"].tolist() == [True, False]
    assert "a.jsonl: 1 texts or titles removed or deleted: empty" in raw.report.notes


def test_what_a_moderator_removed_is_withdrawn_though_its_text_is_there(tmp_path: Path) -> None:
    dump(tmp_path / "a.jsonl", [submission(0, selftext="hi", removed_by_category="moderator")])
    assert read_from(tmp_path).frame["withdrawn"].tolist() == [True]


def test_a_score_that_was_still_hidden_is_no_label(tmp_path: Path) -> None:
    dump(tmp_path / "a.jsonl", [comment(0, score=1, score_hidden=True), comment(1)])
    raw = read_from(tmp_path)
    assert raw.frame["score"].isna().tolist() == [True, False]
    assert "a.jsonl: 1 scores still hidden when read: unlabelled" in raw.report.notes


def test_of_one_post_the_row_retrieved_last_is_kept_wherever_it_stands(tmp_path: Path) -> None:
    late = submission(0, score=90, _meta={"retrieved_2nd_on": NOON + 90 * 86400})
    dump(tmp_path / "a" / "x.jsonl", [late])
    dump(tmp_path / "b" / "x.jsonl", [submission(0), submission(1)])
    raw = read_from(tmp_path)
    assert sorted(zip(raw.frame["post_id"], raw.frame["score"], strict=True)) == [("abc0", 90), ("abc1", 7)]
    assert dict(raw.report.dropped) == {"earlier capture of the same post": 1}


def test_counts_read_soon_after_publication_are_said_to_be_unsettled(tmp_path: Path) -> None:
    dump(tmp_path / "a.jsonl", [submission(i, retrieved_on=NOON + i + 7200) for i in range(3)])
    (note,) = read_from(tmp_path).report.notes
    assert note.startswith("half of the counts were read within 2.0 hours of publication")


def test_only_the_communities_that_the_file_names_are_kept(tmp_path: Path) -> None:
    dump(tmp_path / "a.jsonl", [submission(0), submission(1, subreddit="Cars"), submission(2, subreddit="x")])
    (tmp_path / "subreddits.txt").write_text("r/cars\n\nnobody\n")
    raw = read_from(tmp_path)
    assert raw.frame["community"].tolist() == ["Cars"]
    assert sum(raw.report.dropped.values()) == 2
    (tmp_path / "subreddits.txt").write_text("empty_place\n")
    with pytest.raises(DataError, match=r"no submission or comment in the communities that subreddits\.txt"):
        read_from(tmp_path)


@pytest.mark.slow
def test_a_dump_of_several_frames_with_a_long_window_is_read_as_the_plain_one(tmp_path: Path) -> None:
    rows = [submission(i, selftext="word " * (i % 50)) for i in range(500)]
    dump(tmp_path / "plain" / "a.jsonl", rows)
    (tmp_path / "packed").mkdir()
    packed(tmp_path / "packed" / "a.zst", rows, frames=3)
    plain, other = (
        read_from(tmp_path / name).frame.drop(columns="source_file") for name in ("plain", "packed")
    )
    pd.testing.assert_frame_equal(plain, other)


def test_a_dump_cut_anywhere_is_named_and_never_taken_for_a_shorter_one(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zst", [submission(i) for i in range(50)])
    whole = path.read_bytes()
    for length in range(1, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"a\.zst.*(cut off|not a valid zstd)"):
            read_from(tmp_path)
    path.write_bytes(b"no zstd at all")
    with pytest.raises(DataError, match=r"a\.zst: not a valid zstd file"):
        read_from(tmp_path)


@pytest.mark.parametrize("name", ["7e1234", "null", "nan", "none", "1e5"])
def test_any_word_and_any_digits_may_be_an_id_or_a_name(tmp_path: Path, name: str) -> None:
    dump(tmp_path / "a.jsonl", [submission(0, id=name, author=name), submission(1)])
    post = read_from(tmp_path).frame.iloc[0]
    assert (post["post_id"], post["user_id"]) == (name, name)


def test_half_a_character_is_replaced_and_that_is_said(tmp_path: Path) -> None:
    dump(tmp_path / "a.jsonl", [submission(0, title="a \ud83d b")])
    raw = read_from(tmp_path)
    assert raw.frame["title"].tolist() == ["a ? b"]
    assert raw.report.notes == ["a.jsonl: halves of characters are replaced by '?'"]


def test_missing_values_that_python_wrote_are_missing(tmp_path: Path) -> None:
    dump(tmp_path / "a.jsonl", [submission(0, upvote_ratio=float("nan"), title="NaN", score=float("nan"))])
    post = read_from(tmp_path).frame.iloc[0]
    assert np.isnan(post["upvote_ratio"]) and np.isnan(post["score"]) and post["title"] == "NaN"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"id": "x", "author', "cut off or not JSON"),
        ("[1, 2]", "an object was expected"),
        ("3", "an object"),
    ],
)
def test_a_line_that_is_no_object_is_named_with_its_number(tmp_path: Path, line: str, told: str) -> None:
    path = dump(tmp_path / "a.jsonl", [submission(0)])
    path.write_text(path.read_text() + "\n" + line)
    with pytest.raises(DataError, match=rf"a\.jsonl, row 3.*{told}"):
        read_from(tmp_path)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("created_utc", "2023-11-14 22:13:20", "column 'created_utc'"),
        ("score", "many", "column 'score'"),
        ("id", None, "column 'id'"),
    ],
)
def test_a_value_that_does_not_read_is_named(tmp_path: Path, field: str, value: Any, told: str) -> None:
    bad = submission(1, **{field: value})
    bad.pop("name")
    dump(tmp_path / "a.jsonl", [submission(0), bad])
    with pytest.raises(DataError, match=rf"a\.jsonl, row 2, {told}"):
        read_from(tmp_path)


def test_an_array_in_one_file_and_a_single_file_as_raw_folder_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([submission(0), comment(1)]))
    assert len(read_from(tmp_path).frame) == 2
    assert len(read(table_card(tmp_path, reader="reddit"), path).frame) == 2


def test_what_macs_and_office_programs_leave_beside_files_is_passed_over(tmp_path: Path) -> None:
    dump(tmp_path / "a.jsonl", [submission(0)])
    for name in ("._a.jsonl", "~$a.csv", ".DS_Store"):
        (tmp_path / name).write_bytes(b"\x00\x05\x16\x07")
    assert len(read_from(tmp_path).frame) == 1


def test_lines_are_handed_on_before_the_whole_file_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zst", [submission(i, selftext=os.urandom(300).hex()) for i in range(2000)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    found = []
    with pytest.raises(DataError, match="cut off"):
        for number, _ in lines(path):
            found.append(number)
    assert len(found) > 100


@pytest.mark.slow
def test_the_real_posts_are_read_with_their_times_in_utc() -> None:
    if not REAL_FOLDER.is_dir():
        pytest.skip(f"no real data: {REAL_FOLDER} is absent (set SMPBENCH_RAW)")
    raw = read_from(REAL_FOLDER)
    frame = raw.frame
    assert (len(frame), frame["user_id"].nunique(), frame["community"].nunique()) == (3734, 2527, 8)
    assert (frame["score"].min(), int(frame["withdrawn"].sum())) == (1, 30)
    given = pd.read_csv(next(REAL_FOLDER.glob("*.csv"))).set_index("post_id")
    seconds = (frame["time"] - pd.Timestamp(0)) / pd.Timedelta(seconds=1)
    assert (seconds.to_numpy() == given.loc[frame["post_id"], "created_utc"].to_numpy()).all()
    local = pd.to_datetime(given.loc[frame["post_id"], "created_date"]).to_numpy()
    assert (frame["time"].to_numpy() != local).all()
