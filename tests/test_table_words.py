"""What a card can say of raw files: each word read on a file that needs it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from benchmark.card import Card
from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.raw import Raw

NOON = pd.Timestamp("2021-03-01 12:00")
HEADER = "id,who,at,likes\n"
LINES = "a,ann,2021-03-01T12:00:00Z,3\nb,bob,2021-03-02T12:00:00Z,5\n"
COLUMNS = {
    "post_id": {"role": "id", "source": "id"},
    "user_id": {"role": "user", "source": "who"},
    "time": {"role": "time", "source": "at"},
}


def card(table: dict[str, Any] | None = None, columns: dict[str, Any] | None = None, **more: Any) -> Card:
    declared: dict[str, Any] = {
        "name": "mine",
        "title": "Mine",
        "reader": "table",
        "raw": "raw",
        "licence": "mine",
        "columns": {**COLUMNS, **(columns or {})},
        "targets": {"likes": {}},
        "tasks": [{"name": "t", "targets": ["likes"], "protocols": {"frozen": {"test_fraction": 0.5}}}],
        **more,
    }
    return Card.model_validate(declared if table is None else declared | {"table": table})


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def frame_of(found: Card, folder: Path, files: dict[str, str | bytes]) -> pd.DataFrame:
    return read(found, put(folder, files)).frame


def one_column(tmp_path: Path, values: list[str], **declared: Any) -> list[Any]:
    """The column `x` of a CSV with these values, as a card declares it."""
    rows = "".join(f'p{i},ann,2021-03-01T12:00:00Z,3,"{value}"\n' for i, value in enumerate(values))
    columns = {"x": {"role": "numeric", **declared}}
    return frame_of(card(columns=columns), tmp_path, {"a.csv": f"id,who,at,likes,x\n{rows}"})["x"].tolist()


# Where a value comes from


def test_the_path_of_an_image_is_made_of_columns(tmp_path: Path) -> None:
    columns = {"image": {"role": "image", "file": "photos/{who}/{id}.jpg"}}
    lines = HEADER + LINES + "c,,2021-03-03T12:00:00Z,5\n"
    asked = card(columns=columns | {"user_id": {"role": "user", "value": "me"}})
    found = frame_of(asked, tmp_path, {"a.csv": lines})["image"]
    assert found.tolist()[:2] == ["photos/ann/a.jpg", "photos/bob/b.jpg"]
    assert found.isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ({"role": "image", "file": "photos/a.jpg"}, "names no column"),
        ({"role": "image", "file": "{a}/{b.jpg"}, "names no column"),
        ({"role": "image", "file": "../{id}.jpg"}, "no file below the raw folder"),
        ({"role": "image", "file": "{id}.jpg", "source": "x"}, "says where it comes from"),
        ({"role": "text", "file": "{id}.jpg"}, "says where it comes from"),
    ],
)
def test_a_path_of_columns_leads_to_an_image_and_down(declared: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        card(columns={"image": declared})


def test_a_path_of_a_column_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    columns = {"image": {"role": "image", "file": "photos/{shortcode}.jpg"}}
    with pytest.raises(DataError, match="no column 'shortcode'"):
        frame_of(card(columns=columns), tmp_path, {"a.csv": HEADER + LINES})


def test_a_constant_needs_no_column(tmp_path: Path) -> None:
    columns = {"user_id": {"role": "user", "value": "me"}}
    found = frame_of(card(columns=columns), tmp_path, {"a.csv": HEADER + LINES})
    assert set(found["user_id"]) == {"me"}


def test_a_source_leads_into_objects_and_lists(tmp_path: Path) -> None:
    row = {
        "id": "a",
        "owner": {"username": "ann"},
        "at": "2021-03-01T12:00:00Z",
        "edges": [{"node": {"text": "hello"}}, {"node": {"text": "there"}}],
        "hashtags": [{"text": "red", "indices": [0, 3]}, {"text": "big leaf"}],
        "public_metrics": {"like_count": "3"},
    }
    columns = {
        "user_id": {"role": "user", "source": "owner.username"},
        "first": {"role": "text", "source": "edges.0.node.text"},
        "beyond": {"role": "text", "source": "edges.7.node.text"},
        "tags": {"role": "tags", "source": "hashtags.text"},
    }
    asked = card(columns=columns, targets={"likes": {"source": "public_metrics.like_count"}})
    for name, text in {"a.jsonl": json.dumps(row), "b.json": json.dumps([row], indent=1)}.items():
        found = frame_of(asked, tmp_path / name, {name: text}).iloc[0]
        assert (found["user_id"], found["first"], found["beyond"]) == ("ann", "hello", "")
        assert (found["tags"], found["likes"]) == ("red big_leaf", 3.0)


def test_a_cell_of_a_csv_that_holds_json_is_led_into_as_well(tmp_path: Path) -> None:
    text = 'id,who,at,likes,metrics\na,ann,2021-03-01T12:00:00Z,3,"{""views"": 9}"\n'
    columns = {"views": {"role": "numeric", "source": "metrics.views"}}
    assert frame_of(card(columns=columns), tmp_path, {"a.csv": text})["views"].tolist() == [9.0]


def test_rows_inside_a_document_see_what_is_around_them(tmp_path: Path) -> None:
    profile = {
        "alias": "ann",
        "counts": {"followers": 7},
        "data": {
            "posts": [
                {"id": "a", "at": "2021-03-01", "likes": 3},
                {"id": "b", "at": "2021-03-02", "likes": 4},
            ]
        },
    }
    columns = {
        "user_id": {"role": "user", "source": "document.alias"},
        "followers": {"role": "numeric", "source": "document.counts.followers", "availability": "crawl"},
    }
    asked = card({"rows": "data.posts"}, columns)
    found = frame_of(asked, tmp_path, {"ann.json": json.dumps(profile, indent=2)})
    assert found["post_id"].tolist() == ["a", "b"]
    assert found["user_id"].tolist() == ["ann", "ann"]
    assert found["followers"].tolist() == [7.0, 7.0]


def test_a_document_without_the_rows_is_answered_with_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no 'posts' in the document; there is items, alias"):
        frame_of(card({"rows": "posts"}), tmp_path, {"a.json": '{"items": [], "alias": "ann"}'})


def test_a_part_of_a_text_is_extracted(tmp_path: Path) -> None:
    text = "url,who,at,likes\nhttps://x.com/p/AbC/?by=ann,ann,2021-03-01T12:00:00Z,3\n"
    columns = {"post_id": {"role": "id", "source": "url", "extract": "/p/([^/?]+)"}}
    assert frame_of(card(columns=columns), tmp_path, {"a.csv": text})["post_id"].tolist() == ["AbC"]
    with pytest.raises(
        DataError, match=r"row 2, column 'url', value 'https://x\.com/q/AbC/\?by=ann': nothing in it"
    ):
        frame_of(card(columns=columns), tmp_path, {"a.csv": text.replace("/p/", "/q/")})


# Which files


def test_parts_of_a_path_are_columns(tmp_path: Path) -> None:
    columns = {"user_id": {"role": "user", "source": "user"}, "country": {"role": "categorical"}}
    rows = "id,at,likes\nID,2021-03-01T12:00:00Z,3\n"
    files: dict[str, str | bytes] = {
        "country=US/year=2020/ann_2020.csv": rows.replace("ID", "a"),
        "country=BR/year=2020/bob_2020.csv": rows.replace("ID", "b"),
        "country=BR/year=2020/notes.md": "no posts",
    }
    found = frame_of(card({"files": "country={country}/**/{user}_2020.csv"}, columns), tmp_path, files)
    assert dict(zip(found["post_id"], found["user_id"], strict=True)) == {"a": "ann", "b": "bob"}
    assert dict(zip(found["post_id"], found["country"], strict=True)) == {"a": "US", "b": "BR"}


def test_what_a_mac_and_office_leave_beside_data_is_passed_over(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "posts.csv": HEADER + LINES,
        "._posts.csv": b"\x00\x05\x16\x07Mac OS X",
        "~$posts.csv": b"\x05user",
        ".hidden.csv": "x",
        ".DS_Store": b"\x00",
    }
    assert len(frame_of(card(), tmp_path, files)) == 2


def test_a_pattern_that_nothing_fits_tells_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file here is 'data/\*\.csv'; there is posts\.csv"):
        frame_of(card({"files": "data/*.csv"}), tmp_path, {"posts.csv": HEADER + LINES})


def test_a_part_of_the_path_and_a_column_may_not_have_one_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'\{who\}' of the path and a column of the file have one name"):
        frame_of(card({"files": "{who}.csv"}), tmp_path, {"posts.csv": HEADER + LINES})


def packed(name: str) -> bytes:
    plain = (HEADER + LINES).encode()
    if name.endswith(".zip"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("posts.csv", plain)
            archive.writestr("__MACOSX/._posts.csv", b"\x00")
        return buffer.getvalue()
    if name.endswith(".zst"):
        import zstandard

        return zstandard.ZstdCompressor().compress(plain)
    return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[name.rsplit(".", 1)[1]](plain)


@pytest.mark.parametrize(
    "name", ["a.csv.gz", "a.csv.bz2", "a.csv.xz", "a.csv.zst", "a.zip", "a.csv.zip", "A.CSV.GZ"[:5] + ".gz"]
)
def test_a_compressed_file_is_read_as_if_it_were_not(tmp_path: Path, name: str) -> None:
    assert frame_of(card(), tmp_path, {name: packed(name)})["likes"].tolist() == [3.0, 5.0]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.bz2", "a.csv.xz", "a.csv.zst", "a.csv.zip"])
def test_a_compressed_file_that_is_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"cannot be decompressed|cut off|not a valid zstd|no zip archive"):
        frame_of(card(), tmp_path, {name: packed(name)[:-9]})


def test_an_archive_of_several_files_is_to_be_unpacked_by_the_user(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", HEADER)
        archive.writestr("b.csv", HEADER)
    with pytest.raises(DataError, match=r"the archive holds 2 files \(a\.csv, b\.csv\)\. Unpack it"):
        frame_of(card({"files": "*.zip"}), tmp_path, {"all.zip": buffer.getvalue()})


# How lines are cut


def test_fields_are_cut_at_any_delimiter_without_a_header(tmp_path: Path) -> None:
    layout = {"delimiter": "::::", "names": ["id", "who", "at", "likes"]}
    text = "a::::ann::::2021-03-01T12:00:00Z::::3\nb::::bo:b::::2021-03-02T12:00:00Z::::5\n"
    found = frame_of(card(layout), tmp_path, {"a.txt": text})
    assert found["user_id"].tolist() == ["ann", "bo:b"]
    assert found["source_row"].tolist() == [1, 2]


def test_without_quoting_a_quote_is_a_letter(tmp_path: Path) -> None:
    text = 'id\twho\tat\tlikes\ttext\na\tann\t2021-03-01\t3\tsaid "no\n'
    found = frame_of(card({"quote": ""}, {"text": {"role": "text"}}), tmp_path, {"a.tsv": text})
    assert found["text"].tolist() == ['said "no']


def test_the_first_line_that_excel_writes_names_the_delimiter(tmp_path: Path) -> None:
    text = "sep=;\r\nid;who;at;likes\r\na;ann, the first;2021-03-01;3\r\n"
    found = frame_of(card(), tmp_path, {"a.csv": text})
    assert found["user_id"].tolist() == ["ann, the first"]
    assert found["source_row"].tolist() == [3]


def test_lines_before_the_header_are_skipped(tmp_path: Path) -> None:
    text = 'Export of 2021\n"all, of it"\n' + HEADER + LINES
    assert len(frame_of(card({"skip": 2}), tmp_path, {"a.csv": text})) == 2


def test_rows_that_do_not_fit_the_header_are_counted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 2: 1 fields where the header has 4, as in 2 more rows"):
        frame_of(card(), tmp_path, {"a.csv": HEADER + "a\nb\nc\n" + LINES})


# How letters are written


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "José"),
        ("latin-1", "Zoë Müller-Peña"),
        ("cp1251", "Привет всем друзья"),
        ("utf-16", "José"),
    ],
)
def test_an_encoding_is_recognised_or_named(tmp_path: Path, encoding: str, name: str) -> None:
    text = HEADER + "".join(f"p{i},{name},2021-03-01,3\n" for i in range(9)).replace(f"p8,{name}", "p8,Josè")
    if encoding == "cp1251":
        text = text.replace("Josè", "Ирина")
    content = text.encode(encoding)
    raw = read(card(), put(tmp_path / "guessed", {"a.csv": content}))
    assert raw.frame["user_id"].nunique() == 2
    assert name in set(raw.frame["user_id"])
    assert any("is read so" in note or "read as" in note for note in raw.report.notes)
    if encoding != "utf-16":
        named = read(card({"encoding": encoding}), put(tmp_path / "named", {"a.csv": content}))
        assert name in set(named.frame["user_id"])
        assert not named.report.notes


def test_a_wrongly_named_encoding_is_refused_with_its_row(tmp_path: Path) -> None:
    content = (HEADER + LINES).replace("bob", "José").encode("cp1252")
    with pytest.raises(DataError, match=r"row 3: not utf-8 at byte \d+\. Correct `encoding`"):
        frame_of(card({"encoding": "utf-8"}), tmp_path, {"a.csv": content})


# How numbers and dates are written


@pytest.mark.parametrize(
    ("format", "written", "number"),
    [
        ("people", "541.2K", 541_200),
        ("people", "1.4M", 1_400_000),
        ("people", "1,234,567", 1_234_567),
        ("people", "12 345", 12_345),
        ("people", "44 videos", 44),
        ("people", "7.4m videos", 7_400_000),
        ("people", "2B+", 2e9),
        ("people", "-12", -12),
        ("people", "1098", 1098),
        ("people_comma", "1.234,5", 1234.5),
        ("people_comma", "3,2K", 3200),
        ("clock", "00:31", 31),
        ("clock", "1:02:03", 3723),
        ("iso_duration", "PT8M11S", 491),
        ("iso_duration", "P1DT2H", 93_600),
    ],
)
def test_numbers_are_read_as_people_write_them(
    tmp_path: Path, format: str, written: str, number: float
) -> None:
    assert one_column(tmp_path, [written], format=format) == [number]


@pytest.mark.parametrize(
    ("format", "written"),
    [
        ("people", "1,23"),
        ("people", "1.2.3"),
        ("people", "K"),
        ("people", "3 M 2"),
        ("people", ""),
    ],
)
def test_what_is_no_number_in_its_format_is_none(tmp_path: Path, format: str, written: str) -> None:
    if written == "":
        assert pd.isna(one_column(tmp_path, ["", "1"], format=format)[0])
        return
    with pytest.raises(DataError, match="not a finite number"):
        one_column(tmp_path, [written], format=format)


@pytest.mark.parametrize(
    ("written", "mend"),
    [("541.2K", 'format = "people"'), ("00:31", 'format = "clock"'), ("NA", r'missing = \["NA"\]')],
)
def test_a_number_that_does_not_read_is_answered_with_what_the_card_can_say(
    tmp_path: Path, written: str, mend: str
) -> None:
    with pytest.raises(
        DataError, match=rf"value '{written}': not a finite number, as in 1 more of 3 rows.*{mend}"
    ):
        one_column(tmp_path, [written, "1", written])


def test_codes_for_missing_are_named_for_a_file_or_a_column(tmp_path: Path) -> None:
    assert pd.isna(one_column(tmp_path / "a", ["-99", "-99.0", "NA"], missing=["NA", -99])).all()
    rows = HEADER + LINES.replace(",3", ",-")
    assert pd.isna(frame_of(card({"missing": "-"}), tmp_path / "b", {"a.csv": rows})["likes"]).tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ({"format": "%d.%m.%Y %H:%M"}, "01.03.2021 12:00"),
        ({"format": ["%d.%m.%Y %H:%M", "iso"]}, "2021-03-01T12:00:00Z"),
        ({"format": ["%d.%m.%Y %H:%M", "iso"]}, "01.03.2021 12:00"),
        ({"format": "epoch_seconds"}, "1614600000"),
        ({"format": "snowflake"}, str((1_614_600_000_000 - 1_288_834_974_657) << 22)),
        ({"format": "tiktok_id"}, str(1_614_600_000 << 32)),
        ({"zone": "America/Sao_Paulo"}, "2021-03-01 09:00"),
        ({"zone": "America/Sao_Paulo"}, "2021-03-01T12:00:00Z"),
        ({"zone": "Europe/Berlin", "format": "%d/%m/%y %H:%M"}, "01/03/21 13:00"),
        ({}, "2021-03-01 12:00:00 UTC"),
        ({"extract": r"\((.*)\)"}, "read (2021-03-01T12:00:00Z)"),
    ],
)
def test_a_time_is_read_as_the_card_says(tmp_path: Path, declared: dict[str, Any], written: str) -> None:
    columns = {"time": {"role": "time", "source": "at", **declared}}
    text = HEADER + LINES.replace("2021-03-01T12:00:00Z", written).splitlines()[0] + "\n"
    assert frame_of(card(columns=columns), tmp_path, {"a.csv": text})["time"].tolist() == [NOON]


def test_an_hour_that_summer_time_repeats_or_skips_has_one_meaning(tmp_path: Path) -> None:
    columns = {"time": {"role": "time", "source": "at", "zone": "Europe/Berlin"}}
    text = HEADER + "a,ann,2021-10-31 02:30,1\nb,ann,2021-03-28 02:30,1\n"
    found = frame_of(card(columns=columns), tmp_path, {"a.csv": text})["time"]
    assert found.tolist() == [pd.Timestamp("2021-10-31 00:30"), pd.Timestamp("2021-03-28 01:00")]


# What must not become an account, a text or a tag


@pytest.mark.parametrize("nobody", ["nan", "NULL", "N/A", "None", "<NA>", ""])
def test_a_missing_author_is_refused_or_dropped_and_never_an_account(tmp_path: Path, nobody: str) -> None:
    rows = HEADER + LINES + f"c,{nobody},2021-03-03,1\nd,{nobody},2021-03-04,1\n"
    with pytest.raises(DataError, match=r"row 4, column 'who'.*as in 1 more of 4 rows.*when_missing"):
        frame_of(card(), tmp_path / "a", {"a.csv": rows})
    dropping = card(columns={"user_id": {"role": "user", "source": "who", "when_missing": "drop"}})
    raw = read(dropping, put(tmp_path / "b", {"a.csv": rows}))
    assert set(raw.frame["user_id"]) == {"ann", "bob"}
    assert raw.report.dropped == {"no user_id": 2}


def test_an_account_may_be_called_null_if_the_card_says_so(tmp_path: Path) -> None:
    columns = {"user_id": {"role": "user", "source": "who", "missing": []}}
    assert "null" in set(
        frame_of(card(columns=columns), tmp_path, {"a.csv": HEADER + LINES.replace("bob", "null")})["user_id"]
    )


@pytest.mark.parametrize("rounded", ["9.06E+17", "8.02673e+17", "1,5E+18"])
@pytest.mark.parametrize("column", ["id", "who"])
def test_an_id_that_a_spreadsheet_has_rounded_is_refused(tmp_path: Path, rounded: str, column: str) -> None:
    rows = HEADER + LINES.replace("a,ann", f'"{rounded}",ann' if column == "id" else f'a,"{rounded}"')
    with pytest.raises(DataError, match=rf"row 2, column '{column}'.*an id that was rounded as a number"):
        frame_of(card(), tmp_path, {"a.csv": rows})


def test_an_id_in_a_floating_point_column_is_refused_where_it_was_rounded(tmp_path: Path) -> None:
    rows = pd.DataFrame({"id": [7.5e18, 7.6e18], "who": "ann", "at": "2021-03-01", "likes": [1, 2]})
    rows.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(
        DataError, match=r"column 'id', value 7\.5e\+18: an id that was rounded.*1 more of 2 rows"
    ):
        read(card(), tmp_path)


@pytest.mark.parametrize(
    ("role", "value", "offered"),
    [
        ("text", {"text": "hello"}, 'source = "x.text"'),
        ("tags", [{"text": "launch", "indices": [0, 7]}], 'source = "x.text"'),
        ("text", [{"text": "launch"}], 'source = "x.text"'),
    ],
)
def test_an_object_is_no_text_and_no_tag(tmp_path: Path, role: str, value: Any, offered: str) -> None:
    row = {"id": "a", "who": "ann", "at": "2021-03-01", "likes": 1, "x": value}
    with pytest.raises(DataError, match=offered):
        frame_of(card(columns={"x": {"role": role}}), tmp_path, {"a.jsonl": json.dumps(row)})


def test_an_object_is_no_id(tmp_path: Path) -> None:
    row = {"id": "a", "who": {"name": "ann", "id": 4}, "at": "2021-03-01", "likes": 1}
    with pytest.raises(DataError, match="a list or an object is no id"):
        frame_of(card(), tmp_path, {"a.jsonl": json.dumps(row)})


def test_tags_of_a_column_are_separated_by_one_mark(tmp_path: Path) -> None:
    written = ["rock|live|jazz", "rock|live, in town|jazz", "pop|jazz", "rock"]
    assert one_column(tmp_path, written, role="tags") == [
        "rock live jazz",
        "rock live,_in_town jazz",
        "pop jazz",
        "rock",
    ]


def test_the_separator_of_tags_can_be_named(tmp_path: Path) -> None:
    assert one_column(tmp_path, ["a b, c", "d"], role="tags", separator=",") == ["a_b c", "d"]
    assert one_column(tmp_path, ["a/b/c d"], role="tags", separator="/") == ["a b c_d"]


# Several files to a post


def joined(**join: Any) -> dict[str, Any]:
    return {"files": "posts.csv", "joined": {"users": {"files": "users.csv", **join}}}


FOLLOWERS = {"followers": {"role": "numeric", "source": "users.followers", "availability": "crawl"}}


def test_a_file_is_joined_by_a_key(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"posts.csv": HEADER + LINES, "users.csv": "name,followers\nbob,7\n"}
    raw = read(card(joined(on="who", key="name"), FOLLOWERS), put(tmp_path, files))
    assert pd.isna(raw.frame["followers"]).tolist() == [True, False]
    assert raw.frame["followers"].tolist()[1] == 7.0
    assert "users: 1 of 2 posts have no match there" in raw.report.notes


def test_a_key_of_two_rows_that_differ_is_refused(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "posts.csv": HEADER + LINES,
        "users.csv": "who,followers\nbob,7\nbob,8\n",
    }
    with pytest.raises(DataError, match=r"users\.csv, row 3, column 'who', value 'bob': two rows"):
        read(card(joined(on="who"), FOLLOWERS), put(tmp_path, files))


def test_a_file_in_the_same_order_is_joined_row_by_row(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"posts.csv": HEADER + LINES, "users.csv": "followers\n7\n8\n"}
    asked = card(joined(aligned=True), FOLLOWERS)
    assert frame_of(asked, tmp_path / "a", files)["followers"].tolist() == [7.0, 8.0]
    for rows in ("7\n", "7\n8\n9\n"):
        with pytest.raises(DataError, match="they cannot stand in the same order"):
            frame_of(asked, tmp_path / "b", files | {"users.csv": "followers\n" + rows})


# Rows of one post, read at several moments

READINGS = """id,who,at,likes,read
a,ann,2021-03-01T00:00:00Z,10,2021-03-02T00:00:00Z
b,bob,2021-03-01T00:00:00Z,5,2021-03-01T06:00:00Z
a,ann,2021-03-01T00:00:00Z,40,2021-03-04T00:00:00Z
a,ann,2021-03-01T00:00:00Z,1,2021-03-01T12:00:00Z
"""


def readings(repeated: str, target: dict[str, Any] | None = None, **more: Any) -> Card:
    layout: dict[str, Any] = {"repeated": repeated, "read_at": {"source": "read"}, **more}
    columns = {"age": {"role": "numeric", "since": {"source": "at"}}}
    return card(layout, columns, targets={"likes": target or {}})


def labels(found: pd.DataFrame) -> dict[str, float]:
    return dict(zip(found["post_id"], found["likes"].round(6), strict=True))


@pytest.mark.parametrize(("repeated", "likes", "age"), [("first", 1.0, 0.5), ("last", 40.0, 3.0)])
def test_the_first_or_the_last_reading_is_the_label(
    tmp_path: Path, repeated: str, likes: float, age: float
) -> None:
    found = frame_of(readings(repeated), tmp_path, {"a.csv": READINGS})
    assert labels(found) == {"a": likes, "b": 5.0}
    assert found.set_index("post_id")["age"].to_dict() == {"a": age, "b": 0.25}


def test_a_count_at_an_age_lies_between_the_readings_on_either_side(tmp_path: Path) -> None:
    asked = readings("readings", {"scale": "log1p", "readings": {"age_hours": 48}})
    found = labels(frame_of(asked, tmp_path, {"a.csv": READINGS}))
    assert found["a"] == pytest.approx((11 * 41) ** 0.5 - 1)  # halfway from 24 h to 72 h
    assert pd.isna(found["b"])


def test_a_reading_made_after_a_label_is_taken_to_be_known_tells_nothing(tmp_path: Path) -> None:
    late = readings("readings", {"scale": "log1p", "readings": {"age_hours": 48, "within_hours": 71}})
    assert pd.isna(labels(frame_of(late, tmp_path, {"a.csv": READINGS}))["a"])
    just = readings("readings", {"scale": "log1p", "readings": {"age_hours": 48, "within_hours": 72}})
    assert labels(frame_of(just, tmp_path, {"a.csv": READINGS}))["a"] == pytest.approx((11 * 41) ** 0.5 - 1)


def test_labels_are_taken_to_be_known_no_earlier_than_the_readings_that_tell_them() -> None:
    protocols = {"rolling": {"test_fraction": 0.5, "reveal_days": 2}}
    tasks = [{"name": "t", "targets": ["likes"], "protocols": protocols}]
    layout = {"repeated": "readings", "read_at": {"source": "read"}}
    targets = {"likes": {"readings": {"age_hours": 24, "within_hours": 72}}}
    with pytest.raises(ValidationError, match="up to 72 hours, and are taken to be known after 2 days"):
        card(layout, targets=targets, tasks=tasks)


def test_growth_is_measured_from_the_first_reading(tmp_path: Path) -> None:
    import math

    def growth(**asked: Any) -> float:
        return labels(frame_of(readings("readings", {"readings": asked}), tmp_path, {"a.csv": READINGS}))["a"]

    assert growth(growth_hours=12) == pytest.approx(math.log(11 / 2), abs=1e-5)
    assert growth(growth_to="next") == pytest.approx(math.log(11 / 2), abs=1e-5)
    assert growth(growth_to="last") == pytest.approx(math.log(41 / 2), abs=1e-5)
    assert growth(growth_to="last", per_age=True) == pytest.approx(math.log(41 / 2) / math.log(6), abs=1e-5)
    assert pd.isna(growth(growth_hours=61))
    later = math.log(41 / 2) + math.log(41 / 11) / 48
    assert growth(growth_hours=61, slack_hours=1) == pytest.approx(later, abs=1e-5)


def test_rows_that_share_an_id_are_refused_with_what_the_card_can_say(tmp_path: Path) -> None:
    from benchmark.data.prepare import prepare

    put(tmp_path / "roots" / "raw", {"a.csv": READINGS})
    asked = card(columns={"read": {"role": "text"}})
    with pytest.raises(
        DataError, match=r"3 rows share 1 ids.*repeated = \"first\", \"last\" or \"readings\""
    ):
        prepare(asked, tmp_path / "home", [tmp_path / "roots"])


# Facts are read by the same words


def test_facts_are_laid_out_as_posts_may_be_and_may_lie_with_another_set(tmp_path: Path) -> None:
    from benchmark.data.prepare import prepare

    facts = {
        "talk": {
            "raw": "{place}/*.txt",
            "beside": ["absent", "elsewhere"],
            "delimiter": "|",
            "names": ["said", "score"],
            "columns": {
                "known_at": {"role": "known_at", "source": "said", "format": "%d.%m.%Y"},
                "place": {"role": "categorical"},
                "score": {"role": "numeric", "format": "people"},
            },
        }
    }
    put(tmp_path / "roots" / "raw", {"a.csv": HEADER + LINES})
    put(
        tmp_path / "roots" / "elsewhere",
        {"pub/one.txt": "28.02.2021|1.5K\n", "bar/two.txt": "27.02.2021|3\n"},
    )
    prepared = prepare(card(facts=facts), tmp_path / "home", [tmp_path / "roots"])
    table = prepared.facts("talk").to_pydict()
    assert (table["place"], table["score"]) == (["bar", "pub"], [3.0, 1500.0])


# A card that says what cannot be


@pytest.mark.parametrize(
    ("table", "columns", "problem"),
    [
        ({"delimeter": ";"}, {}, "extra"),
        ({"encoding": "klingon"}, {}, "no encoding"),
        ({"files": "../*.csv"}, {}, "no file below"),
        ({"files": "{a}/{a}.csv"}, {}, "stands twice"),
        ({"files": "{a.csv"}, {}, "never closed"),
        ({"repeated": "readings"}, {}, "readings need `read_at`"),
        ({"joined": {"u": {"files": "u.csv"}}}, {}, "either `on`"),
        (
            {"joined": {"u": {"files": "u.csv", "key": "a", "aligned": True}}},
            {},
            "`key` is compared with `on`",
        ),
        ({}, {"x": {"role": "text", "format": "people"}}, "only a time and a number have a format"),
        ({}, {"x": {"role": "numeric", "format": "roman"}}, "the format of a number is one of people"),
        ({}, {"x": {"role": "numeric", "zone": "Europe/Berlin"}}, "only a time has a zone"),
        ({}, {"time": {"role": "time", "zone": "Mars/Base"}}, "is no time zone"),
        ({}, {"time": {"role": "time", "format": "epoch_second"}}, "did you mean 'epoch_"),
        ({}, {"x": {"role": "text", "extract": "(a)(b)"}}, "has 2 groups"),
        ({}, {"x": {"role": "text", "extract": "("}}, "is no regular expression"),
        ({}, {"x": {"role": "text", "value": "a", "source": "b"}}, "it has no source"),
        ({}, {"x": {"role": "text", "separator": ","}}, "only a column of role 'tags'"),
        ({}, {"x": {"role": "text", "when_missing": "drop"}}, "for a missing id, user, time alone"),
        ({}, {"x": {"role": "text", "since": {"source": "at"}}}, "are numeric"),
    ],
)
def test_a_card_that_says_what_cannot_be_is_refused(
    table: dict[str, Any], columns: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        card(table, columns)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ({"readings": {"age_hours": 48}}, "say repeated"),
        ({"readings": {}}, "say one of"),
        ({"readings": {"age_hours": 1, "per_age": True}}, "per_age goes with growth_to"),
        ({"readings": {"growth_hours": 1}, "scale": "log1p"}, "growth is a logarithm already"),
    ],
)
def test_a_target_that_says_what_cannot_be_is_refused(target: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        card(targets={"likes": target})


def test_an_unused_file_of_the_raw_folder_is_not_read(tmp_path: Path) -> None:
    raw: Raw = read(
        card({"files": "posts.csv"}), put(tmp_path, {"posts.csv": HEADER + LINES, "other.csv": "x\n1\n"})
    )
    assert raw.report.rows == {"posts.csv": 2}
