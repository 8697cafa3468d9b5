"""Tables as nobody would write them and somebody has: each is read right, or refused with what to do."""

from __future__ import annotations

import io
import json
import tarfile
import tomllib
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from raw_tables import (
    HEADER,
    LINES,
    at,
    card,
    frame_of,
    gzipped,
    objects,
    one_column,
    parquet,
    posts,
    put,
    table_of,
)

from benchmark.errors import DataError
from benchmark.readers import read

# Lists, objects and the types of Parquet


@pytest.mark.parametrize("role", ["categorical", "category", "image", "text", "numeric", "tags"])
def test_an_object_is_no_value_of_any_role_and_its_fields_are_offered(tmp_path: Path, role: str) -> None:
    with pytest.raises(DataError, match=r'Say in the card which field it is: source = "x\.name"'):
        table_of(tmp_path, objects({"x": {"name": "beach", "id": 5}}), x={"role": role})


@pytest.mark.parametrize("role", ["categorical", "image", "numeric"])
def test_a_list_is_no_single_value_and_its_first_is_offered(tmp_path: Path, role: str) -> None:
    files = objects({"x": ["7", "8"]})
    with pytest.raises(DataError, match=r'source = "x\.0"'):
        table_of(tmp_path / "a", files, x={"role": role})
    assert str(table_of(tmp_path / "b", files, x={"role": role, "source": "x.0"})["x"][0]) in ("7", "7.0")


@pytest.mark.parametrize("key", ["$oid", "id"])
def test_the_field_of_an_id_or_a_time_is_offered(tmp_path: Path, key: str) -> None:
    with pytest.raises(DataError, match=rf'source = "id\.\{key}"' if key[0] == "$" else 'source = "id.id"'):
        table_of(tmp_path / "a", objects({"id": {key: "abc"}}))
    with pytest.raises(DataError, match=r'source = "at\.'):
        table_of(tmp_path / "b", objects({"at": {key: "2021-03-01"}}))


def test_lists_of_objects_in_parquet_are_read_as_in_json(tmp_path: Path) -> None:
    folder = parquet(tmp_path, x=pa.array([[{"text": "big leaf"}, {"text": "red"}], None]))
    with pytest.raises(DataError, match=r'source = "x\.text"'):
        read(card(columns={"x": {"role": "tags"}}), folder)
    found = read(card(columns={"x": {"role": "tags", "source": "x.text"}}), folder).frame["x"]
    assert found.tolist() == ["big_leaf red", ""]


def test_the_types_of_parquet_are_the_values_that_they_hold(tmp_path: Path) -> None:
    folder = parquet(
        tmp_path,
        id=pa.array([b"ab", b"cd"], pa.binary(2)),
        who=pa.array([Decimal("12.00"), Decimal("1E+3")], pa.decimal128(20, 2)),
        likes=pa.array([Decimal("12.50"), None], pa.decimal128(10, 2)),
        kind=pa.array(["photo", None]).dictionary_encode(),
        level=pa.array([5, None]),
        words=pa.array([["a b", "c"], None]),
        more=pa.array([[("views", 9)], None], pa.map_(pa.string(), pa.int64())),
    )
    columns = {
        "kind": {"role": "categorical"},
        "level": {"role": "categorical"},
        "words": {"role": "text"},
        "views": {"role": "numeric", "source": "more.views"},
    }
    found = read(card(columns=columns), folder).frame
    assert found["post_id"].tolist() == ["ab", "cd"]
    assert found["user_id"].tolist() == ["12", "1000"]
    first = found.iloc[0]
    assert (first["likes"], first["kind"], first["level"]) == (12.5, "photo", "5")
    assert (first["words"], first["views"]) == ("a b c", 9.0)


@pytest.mark.parametrize(
    ("written", "levels"),
    [
        (["Animals > Dogs", "Food", "Food > Bread"], ["Dogs", None, "Bread"]),
        (["Dogs", "Bread", "Home > Garden"], ["Dogs", "Bread", "Garden"]),
        (['["Animals", "Dogs"]', '["Food"]'], ["Dogs", None]),
    ],
)
def test_a_word_among_paths_is_one_and_among_words_it_is_the_level_itself(
    tmp_path: Path, written: list[str], levels: list[str | None]
) -> None:
    files = objects(*({"x": one} for one in written))
    raw = read(card(columns={"x": {"role": "category", "level": 2}}), put(tmp_path, files))
    assert raw.frame["x"].astype(object).where(raw.frame["x"].notna(), None).tolist() == levels
    assert bool(raw.report.notes) == any(">" in one for one in written)


@pytest.mark.parametrize("document", [True, False])
def test_a_key_that_stands_twice_in_an_object_is_refused(tmp_path: Path, document: bool) -> None:
    row = '{"id": "a", "who": "ann", "at": "2021-03-01", "likes": 3, "likes": 5}'
    files: dict[str, str | bytes] = {"a.json": f"[{row}]" if document else f"{row}\n"}
    with pytest.raises(DataError, match=r"column 'likes': stands twice in one object, as '3' and as '5'"):
        table_of(tmp_path / "a", files)
    alike = {name: str(text).replace("5}", "3}") for name, text in files.items()}
    assert table_of(tmp_path / "b", dict(alike))["likes"].tolist() == [3.0]


ROWS = [
    {"id": "a", "who": "ann", "at": "2021-03-01", "likes": 3},
    {"id": "b", "who": "bob", "at": "2021-03-02", "likes": 5},
]
AS_PANDAS = pd.DataFrame(ROWS)


@pytest.mark.parametrize(
    "text",
    [
        AS_PANDAS.to_json(orient="columns"),
        AS_PANDAS.to_json(orient="index"),
        AS_PANDAS.to_json(orient="split"),
        json.dumps(AS_PANDAS.to_dict("list")),
        "".join(f"[{json.dumps(row)}]\n" for row in ROWS),
        "\n".join(json.dumps(row, indent=2) for row in ROWS),
        ",\n".join(json.dumps(row) for row in ROWS),
    ],
    ids=["columns", "index", "split", "lists", "a list a line", "one after another", "commas between lines"],
)
def test_rows_are_found_in_whatever_way_json_holds_them(tmp_path: Path, text: str) -> None:
    found = table_of(tmp_path, {"a.json": text})
    assert found[["post_id", "user_id", "likes"]].to_numpy().tolist() == [
        ["a", "ann", 3.0],
        ["b", "bob", 5.0],
    ]


def test_rows_that_lie_under_keys_are_rows_with_a_key(tmp_path: Path) -> None:
    by_key = {row["id"]: {name: row[name] for name in ("who", "at", "likes")} for row in ROWS}
    asked = card({"rows": "posts"}, {"post_id": {"role": "id", "source": "key"}})
    found = frame_of(asked, tmp_path, {"a.json": json.dumps({"posts": by_key})})
    assert found["post_id"].tolist() == ["a", "b"]


@pytest.mark.parametrize("empty", [{"meta": {"result_count": 0}}, {"data": None}, {"data": []}])
def test_a_page_without_results_is_passed_over_and_a_wrong_way_to_the_rows_is_not(
    tmp_path: Path, empty: dict[str, Any]
) -> None:
    pages = [json.dumps({"data": ROWS}), json.dumps(empty)]
    one_file: dict[str, str | bytes] = {"a.jsonl": "\n".join(pages)}
    assert len(frame_of(card({"rows": "data"}), tmp_path / "a", one_file)) == 2
    files: dict[str, str | bytes] = {"1.json": pages[0], "2.json": pages[1]}
    assert len(frame_of(card({"rows": "data"}), tmp_path / "b", files)) == 2
    with pytest.raises(DataError, match="no 'posts' in the document; there is data"):
        frame_of(card({"rows": "posts"}), tmp_path / "b", {})


def test_json_in_a_script_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Remove what stands around the JSON: it is a script"):
        table_of(tmp_path, {"a.json": f"window.posts = {json.dumps(ROWS)};"})


@pytest.mark.parametrize(
    ("role", "written", "read_as"),
    [
        ("tags", "['red' 'big leaf']", "red big_leaf"),
        ("tags", "#red #leaf", "#red #leaf"),
        ("tags", "#red#leaf", "#red #leaf"),
        ("vector", "[0.5 1. 2.]", [0.5, 1.0, 2.0]),
        ("vector", "0.5;1", [0.5, 1.0]),
        ("vector", "0,5;1,2", None),
    ],
)
def test_lists_as_numpy_and_people_write_them(
    tmp_path: Path, role: str, written: str, read_as: object
) -> None:
    found = one_column(tmp_path, [written], role=role)[0]
    assert (found.tolist() if isinstance(found, np.ndarray) else found) == read_as


def test_a_separator_that_the_card_names_alone_separates_tags(tmp_path: Path) -> None:
    assert one_column(tmp_path, ["#red #leaf, tree"], role="tags", separator=",") == ["#red_#leaf tree"]
    assert one_column(tmp_path, ["#red #leaf"], role="tags", separator=",") == ["#red_#leaf"]


def test_nobody_is_joined_with_nobody_and_a_join_without_any_match_is_refused(tmp_path: Path) -> None:
    layout = {"files": "posts.csv", "joined": {"users": {"files": "users.csv", "on": "who"}}}
    columns = {
        "fans": {"role": "numeric", "source": "users.fans"},
        "user_id": {"role": "user", "source": "who", "missing": []},
    }
    files: dict[str, str | bytes] = {
        "posts.csv": HEADER + LINES.replace("ann", "NULL"),
        "users.csv": "who,fans\nNULL,7\nbob,8\n",
    }
    found = frame_of(card(layout, columns), tmp_path, files)["fans"]
    assert found.isna().tolist() == [True, False]
    files["users.csv"] = "who,fans\nBob,8\n"
    with pytest.raises(DataError, match=r"none of 2 posts has a match: .* such as 'NULL', .* such as 'Bob'"):
        frame_of(card(layout, columns), tmp_path, files)


@pytest.mark.parametrize("written", ["\\N", "n.v.", 'say "no"'])
def test_what_a_message_says_to_write_in_the_card_reads_as_it_stands(tmp_path: Path, written: str) -> None:
    with pytest.raises(DataError) as refused:
        table_of(tmp_path, {"a.jsonl": json.dumps({**ROWS[0], "likes": written})})
    told = str(refused.value).partition("in the card: ")[2]
    assert tomllib.loads(told) == {"missing": [written]}


def test_times_that_are_none_in_a_few_rows_can_be_left_out(tmp_path: Path) -> None:
    times = ["0000-00-00 00:00:00", "2021-03-01", "2021-03-02"]
    with pytest.raises(DataError, match='when_missing = "drop"'):
        table_of(tmp_path, at(*times))
    time = {"role": "time", "source": "at", "missing": times[0], "when_missing": "drop"}
    assert len(table_of(tmp_path, {}, time=time)) == 2


# Headers, lines and letters


def test_blanks_around_the_names_of_columns_are_none_of_them(tmp_path: Path) -> None:
    assert (
        len(table_of(tmp_path / "a", posts("a,ann,2021-03-01,1", header="id, who,\u00a0at , likes\n"))) == 1
    )
    with pytest.raises(
        DataError, match=r"two columns have the same name: likes.*names = \[\.\.\.\], skip = 1"
    ):
        table_of(tmp_path / "b", posts("a,ann,2021-03-01,1,2", header="id,who,at,likes,likes \n"))
    layout = {"names": ["id", "who", "at", "likes", "again"], "skip": 1}
    assert frame_of(card(layout), tmp_path / "b", {})["likes"].tolist() == [1.0]


def test_columns_without_a_name_are_left_out_by_their_place(tmp_path: Path) -> None:
    raw = read(card(), put(tmp_path, posts("a,ann,2021-03-01,1,,", header="id,who,at,likes,,\n")))
    assert raw.report.notes[0].endswith("left out: (column 5), (column 6)")


@pytest.mark.parametrize(
    "encoded",
    [
        (HEADER + LINES).encode("utf-16"),
        (HEADER + LINES).encode("utf-16-le"),
        (HEADER + LINES).encode("utf-16-be"),
        (HEADER + LINES).encode("utf-32"),
        b"\xef\xbb\xbf\xef\xbb\xbf" + (HEADER + LINES).encode(),
        (HEADER + LINES).encode() + b"\x1a",
    ],
    ids=["utf-16", "utf-16-le", "utf-16-be", "utf-32", "two marks", "end of DOS"],
)
def test_marks_of_an_encoding_and_its_lack_of_one_are_seen_through(tmp_path: Path, encoded: bytes) -> None:
    assert table_of(tmp_path, {"a.csv": encoded})["likes"].tolist() == [3.0, 5.0]


def test_json_is_read_in_other_encodings_too(tmp_path: Path) -> None:
    text = '{"id": "a", "who": "Jos\u00e9", "at": "2021-03-01", "likes": 3}\n'
    files: dict[str, str | bytes] = {"a.jsonl": text.encode("utf-16")}
    assert table_of(tmp_path / "a", files)["user_id"].tolist() == ["Jos\u00e9"]
    files = {"a.jsonl": text.encode("cp1252")}
    with pytest.raises(DataError, match="name its `encoding` in the card"):
        table_of(tmp_path / "b", files)
    assert frame_of(card({"encoding": "cp1252"}), tmp_path / "b", {})["user_id"].tolist() == ["Jos\u00e9"]


def test_zero_bytes_are_counted_and_a_file_that_ends_in_them_is_refused(tmp_path: Path) -> None:
    raw = read(card(), put(tmp_path / "a", posts("a,an\0n,2021-03-01,1", "b,ann,2021-03-01,1")))
    assert raw.frame["user_id"].nunique() == 2
    assert "a.csv: 1 zero bytes replaced" in raw.report.notes
    with pytest.raises(DataError, match="ends in 64 zero bytes: it was never written to its end"):
        table_of(tmp_path / "b", {"a.csv": HEADER + LINES + "\0" * 64})


def test_rows_that_are_none_are_left_out_and_counted(tmp_path: Path) -> None:
    raw = read(
        card(), put(tmp_path, {"a.csv": HEADER + LINES + HEADER + LINES.replace("a,", "c,") + ",,,\n" * 3})
    )
    assert len(raw.frame) == 4
    assert "a.csv: 1 rows that repeat the header left out" in raw.report.notes
    assert "a.csv: 3 rows of empty fields at the end left out" in raw.report.notes


# Files that are something else


def packed(kind: str) -> bytes:
    plain, buffer = (HEADER + LINES).encode(), io.BytesIO()
    if kind == "workbook":
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("xl/workbook.xml", "<x/>")
    elif kind == "tar":
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            entry = tarfile.TarInfo("a.csv")
            entry.size = len(plain)
            archive.addfile(entry, io.BytesIO(plain))
    elif kind == "parquet":
        pq.write_table(pa.table({"id": [1]}), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", packed("workbook"), "is a zip archive, as Excel's workbooks are, and no text. Export"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "is a document of Office"),
        ("a.csv", gzipped(b"id\n"), "is compressed by gzip, and no text. Call it .gz"),
        ("a.csv.gz", gzipped(gzipped(b"id\n")), "compressed twice"),
        ("a.csv.gz", gzipped(packed("tar")), "is a tar archive, and no text. Unpack it"),
        ("a.csv", packed("parquet"), "is a Parquet file, and no text. Call it .parquet"),
        ("a.csv", b"SQLite format 3\0" + bytes(99), "is a database of SQLite"),
        ("a.csv", b"\n<!DOCTYPE html><html>404</html>", "is a web page"),
        ("a.json", b"<html>404</html>", "is a web page"),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        ("a.csv", b'[{"id": "a", "who": "ann"}]', "is JSON, and no table of fields. Call it .json"),
        ("a.json", (HEADER + LINES).encode(), "or call it what it is (.csv)"),
        ("a.xlsx", b"", "Export workbooks and databases as CSV"),
    ],
)
def test_a_file_that_is_something_else_is_called_what_it_is(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(DataError) as refused:
        table_of(tmp_path, {name: content})
    assert told in str(refused.value)


def test_files_in_folders_and_without_an_ending_can_be_named(tmp_path: Path) -> None:
    put(tmp_path / "a", {"2021/part-00000": HEADER + LINES, "2021/_SUCCESS": "", "b.md": "notes"})
    with pytest.raises(DataError, match=r'files = "\*\*/\*" \(all below\)'):
        read(card(), tmp_path / "a")
    assert len(read(card({"files": "**/part-*"}), tmp_path / "a").frame) == 2
    files: dict[str, str | bytes] = {"posts [1].csv": HEADER + LINES}
    assert len(frame_of(card({"files": "posts [1].csv"}), tmp_path / "b", files)) == 2


def test_words_of_the_card_that_say_nothing_of_a_file_are_told(tmp_path: Path) -> None:
    raw = read(card({"delimiter": ";"}), put(tmp_path, objects({})))
    assert "delimiter: words of the card that say nothing of .jsonl files" in raw.report.notes


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    put(tmp_path, {"a.csv": HEADER + LINES})
    (tmp_path / "again").symlink_to(tmp_path)
    assert len(read(card({"files": "**/*.csv"}), tmp_path).frame) == 2
    (tmp_path / "b.csv").symlink_to(tmp_path / "b.csv")
    with pytest.raises(DataError, match=r"b\.csv: cannot be read"):
        read(card(), tmp_path)
