"""Drafts as people hand them in: tables, objects and folders of images; what cannot be judged is refused with
a sentence, and the others stand."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest
from draft_files import COLUMNS, NOW, picture, read, table
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import DataError
from desk.drafts import handed, limits
from desk.drafts.read import NOTHING, PASSED
from desk.drafts.words import USUAL, meant

"""Of a model."""


# Tables


def test_a_table_becomes_drafts(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    found = read(
        table(
            tmp_path,
            "id,caption,image,account,publish_at,followers,is_ad,channel,mood\n"
            "one,Good morning,a.jpg,me,2030-06-01T09:00+02:00,1200,true,instagram,sunny\n"
            "two,Good night,,,2030-06-02,,false,,\n",
        )
    )
    one, two = found.drafts
    assert (one.number, one.name, one.text, one.image, one.account) == (
        1,
        "one",
        "Good morning",
        "a.jpg",
        "me",
    )
    assert one.at == dt.datetime(2030, 6, 1, 7, 0, tzinfo=dt.UTC)
    assert one.values == {"followers": 1200.0, "is_ad": True, "channel": "instagram"}
    assert found.images == {1: (tmp_path / "a.jpg").resolve()}
    assert (two.image, two.account, two.values) == (None, None, {"is_ad": False})
    assert two.at == dt.datetime(2030, 6, 2, tzinfo=dt.UTC)
    assert found.refused == []
    assert found.notes == [
        "columns that neither drafts nor the model have, left out: mood",
        "times that say no zone are taken as UTC: those of 1 draft",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Text;User ID\nolá;me\n".encode("cp1252"),
        "\ufeffTEXT\tuser_id\r\nolá\tme\r\n".encode(),
        "text,user-id\nolá,me\n".encode("utf-16"),
        b"sep=;\r\ntext;USERID\r\nol\xc3\xa1;me\r\n",
    ],
)
def test_tables_are_read_as_people_save_them(tmp_path: Path, text: bytes) -> None:
    (draft,) = read(table(tmp_path, text)).drafts
    assert (draft.text, draft.account) == ("olá", "me")


def test_objects_in_a_list_and_one_a_line_are_the_same_drafts(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "text": "a\nb", "followers": 3, "tags": ["x", "y z"], "is_ad": True},
        {"id": 8.0, "text": "c", "likes": None, "user_id": 12},
    ]
    listed = read(table(tmp_path, json.dumps(rows), "d.json"))
    lines = read(table(tmp_path, "\n".join(map(json.dumps, rows)), "d.jsonl"))
    assert listed == lines
    one, two = listed.drafts
    assert (one.name, two.name, two.account) == ("7", "8", "12")
    assert one.values == {"tags": "x y_z", "followers": 3.0, "is_ad": True}


def test_columns_are_known_by_the_models_names_before_usual_ones(tmp_path: Path) -> None:
    (draft,) = read(table(tmp_path, "Headline,body,caption,name\nh,b,c,n\n")).drafts
    assert (draft.text, draft.values, draft.name) == ("h", {"body": "b"}, "n")
    (draft,) = read(table(tmp_path, "body\nb\n")).drafts
    assert (draft.text, draft.values) == ("b", {}), "the first text that the file has"
    (draft,) = read(table(tmp_path, "name,text\nn,t\n"), columns={"name": "categorical"}).drafts
    assert (draft.name, draft.values) == ("draft 1", {"name": "n"})


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, names in USUAL.items() for name in names])
def test_usual_names_are_known_in_any_spelling(part: str, name: str) -> None:
    for spelled in (name, name.upper(), name.replace("_", " "), f" {name.title()} "):
        assert meant([spelled], {}).parts == {part: spelled}


@given(st.lists(st.sampled_from([*COLUMNS, *sum(USUAL.values(), ()), "x", "Y"]), unique=True))
def test_every_column_is_read_or_named(given_: list[str]) -> None:
    found = meant(given_, COLUMNS)
    assert sorted([*found.parts.values(), *found.values.values(), *found.unused]) == sorted(given_)


def test_columns_that_are_left_out_are_named_and_why(tmp_path: Path) -> None:
    found = read(table(tmp_path, "text,caption,folowers,embedding\nt,c,1,1 2\n"))
    assert found.notes[:3] == [
        "column 'embedding' left out: holds what no draft tells (role 'vector')",
        "column 'caption' left out: 'text' is taken as the text",
        "columns that neither drafts nor the model have, left out: folowers; did you mean 'followers'?",
    ]


def test_ids_that_stand_more_than_once_are_numbered(tmp_path: Path) -> None:
    found = read(table(tmp_path, "id,text\na,1\na (2),2\na,3\na,4\n,5\n"))
    assert [draft.name for draft in found.drafts] == ["a", "a (2)", "a (3)", "a (4)", "draft 5"]
    assert "ids that stand more than once are numbered: a" in found.notes


def test_a_name_is_one_short_line(tmp_path: Path) -> None:
    rows = [{"id": "a\n\u202eb", "text": "t"}, {"id": "x" * 500, "text": "t"}, {"id": {"a": 1}, "text": "t"}]
    names = [draft.name for draft in read(table(tmp_path, json.dumps(rows), "d.json")).drafts]
    assert names[0] == "a b" and len(names[1]) == limits.LONGEST_NAME and names[2] == "draft 3"


# Times


def test_the_time_that_is_given_goes_before_that_of_the_drafts(tmp_path: Path) -> None:
    path = table(tmp_path, "text,at\na,2031-01-01\nb,nonsense\n")
    at = dt.datetime(2030, 7, 1, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=-3)))
    found = read(path, at)
    assert {draft.at for draft in found.drafts} == {dt.datetime(2030, 7, 1, 11, 0, tzinfo=dt.UTC)}
    assert found.notes == [
        "their own times are set aside: all are judged as published at 2030-07-01 11:00 UTC"
    ]
    passed = read(path, dt.datetime(2029, 1, 1))
    assert passed.notes[1] == "2029-01-01 00:00 UTC, at which all are judged, has passed"


def test_drafts_without_a_time_are_published_now(tmp_path: Path) -> None:
    found = read(table(tmp_path, "text,at\na,\nb,None\nc,2030-05-15T00:00Z\n"))
    assert [draft.at for draft in found.drafts[:2]] == [NOW, NOW]
    assert found.notes == [
        "2 drafts without a time of their own, judged as published now, 2030-05-14 12:00 UTC"
    ]


def test_a_time_that_has_passed_is_noted_with_its_draft(tmp_path: Path) -> None:
    found = read(table(tmp_path, "text,at\na,2030-05-14T11:59Z\nb,2030-05-14T12:00Z\n"))
    assert found.said == {1: (f"{PASSED}: 2030-05-14 11:59 UTC",)}


@pytest.mark.parametrize(
    "told", ["tomorrow", "01/02/2031", "2031-13-01", "2031", "2031-02", "1900-01-01", "1893456000"]
)
def test_a_time_that_cannot_be_read_refuses_its_draft_alone(tmp_path: Path, told: str) -> None:
    found = read(table(tmp_path, f"text,date\na,{told}\nb,2031-01-01\n"))
    assert [draft.number for draft in found.drafts] == [2]
    (refused,) = found.refused
    assert (refused.number, refused.name) == (1, "draft 1")
    assert refused.reason.startswith(
        f"drafts.csv, row 2, column 'date', value '{told}': no time that can be read, between 1995 and 2100."
    )


# Drafts that are refused


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("text,image\n ,\nb,\n", f"drafts.csv, row 2: {NOTHING}"),
        ("text,image\n\u200b\u200d,\nb,\n", f"drafts.csv, row 2: {NOTHING}"),
        ("text,followers\na,many\n", "row 2, column 'followers', value 'many': no number"),
        ("text,followers\na,inf\n", "value 'inf': no finite number"),
        ('text,followers\na,"1,234"\n', "may be two numbers"),
        ("text,user\na,1.23E+17\n", "column 'user', value '1.23E+17': rounded by a spreadsheet"),
        ("text,image\na,none.jpg\n", "column 'image', value 'none.jpg': no such file"),
    ],
)
def test_a_draft_that_cannot_be_judged_is_refused_with_row_column_and_value(
    tmp_path: Path, text: str, told: str
) -> None:
    assert told in read(table(tmp_path, text)).refused[0].reason


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"text": {"a": 1}}, "dict is no text"),
        ({"text": True}, "bool is no text"),
        ({"text": "a\0b"}, "zero character"),
        ({"text": "x" * (limits.LONGEST_TEXT + 1)}, "a text of 100,001 characters, and 100,000 are taken"),
        ({"text": "a", "user": [1]}, "list is no id"),
        ({"text": "a", "image": ["a.jpg"]}, "no path of an image: a draft has one"),
        ({"text": "a", "is_ad": {}}, "dict is no level"),
        ({"text": "a", "at": {"day": 1}}, "no time that can be read"),
    ],
)
def test_an_object_that_cannot_be_judged_is_refused(tmp_path: Path, row: dict[str, Any], told: str) -> None:
    found = read(table(tmp_path, json.dumps([row, {"text": "good"}]), "d.json"))
    assert [draft.text for draft in found.drafts] == ["good"]
    assert told in found.refused[0].reason and "d.json, row 1" in found.refused[0].reason
    assert len(found.refused[0].reason) < 2100


def test_half_a_character_is_no_text_wherever_it_comes_from(tmp_path: Path) -> None:
    several = '{"text": "a\\ud800"} {"text": "b", "user": "\\udfff"} {"id": "\\ud800", "text": "c"}'
    found = read(table(tmp_path, several, "d.json"))
    assert [draft.text for draft in found.drafts] == ["c"]
    assert ["half a character" in one.reason for one in found.refused] == [True, True]
    picture(tmp_path / os.fsdecode(b"a\xff.jpg"))
    assert [draft.image for draft in read(tmp_path).drafts] == ["a .jpg"]


def test_numbers_that_people_write_are_read_where_they_are_one_number(tmp_path: Path) -> None:
    (draft,) = read(table(tmp_path, "text,followers\na,541.2K\n")).drafts
    assert draft.values == {"followers": 541_200.0}


# Files that cannot be read at all


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "holds no drafts|the file is empty|no column"),
        (b"text,image\n", "holds no drafts"),
        (b"text,id\na,1\nb\0c,2\n", "row 3: a zero byte: the file was cut off, or is no text"),
        (b"text,id\na,1,2\n", "row 2: 3 fields where the header has 2"),
        (b"text,text\na,b\n", "row 1: two columns have the same name: text"),
        (b'text\n"a\n', "row 2|row 3"),
        (b"a,b\n1,2\n", r"no column is a text or an image; there is a, b. Call it text or caption"),
        (b"PK\x03\x04 rest", "is a zip archive, as Excel's workbooks are, and no text"),
        (b'[{"text": "a"}]', "is JSON, and no table of fields"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a zero byte"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_is_an_error_with_its_place(
    tmp_path: Path, content: bytes, told: str
) -> None:
    with pytest.raises(DataError, match=told) as error:
        read(table(tmp_path, content))
    assert "drafts.csv" in str(error.value)
    assert "card" not in str(error.value), "whoever writes drafts has no card"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"[1]", b"{", b'{"text": "a', b"null", b"[" * 100_000, b"\0\0"]
)
def test_objects_that_cannot_be_read_are_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"d\.json"):
        read(table(tmp_path, content, "d.json"))


def test_what_is_no_file_of_drafts_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "nothing.csv")
    with pytest.raises(DataError, match=r"no file of drafts, by its name. Give a table \(.csv"):
        read(table(tmp_path, b"x", "drafts.xlsx"))
    with pytest.raises(DataError, match="no image and no file of captions"):
        read((tmp_path / "empty").mkdir() or tmp_path / "empty")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="no regular file"):
        read(tmp_path / "pipe.csv")


@pytest.mark.slow
def test_more_than_is_taken_is_an_error_that_says_how_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "text\n" + "a\n" * (limits.MOST_DRAFTS + 1)
    with pytest.raises(DataError, match=r"10,001 drafts, and 10,000 are taken at most\. Split the file"):
        read(table(tmp_path, rows))
    wide = ",".join(["text", *(f"c{i}" for i in range(limits.MOST_COLUMNS))])
    with pytest.raises(DataError, match="1,001 columns"):
        read(table(tmp_path, f"{wide}\n{',' * limits.MOST_COLUMNS}\n{wide[::-1]}\n"))
    monkeypatch.setattr(handed, "LARGEST_FILE", 10)
    with pytest.raises(DataError, match=r"are taken at most\. Split the file"):
        read(table(tmp_path, "text\nlong enough\n"))


# Anything


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from([*COLUMNS, "text", "image", "channel", "region", "x"])


@pytest.mark.slow
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=4))
def test_whatever_objects_hold_is_a_draft_or_refused_or_an_error(rows: list[dict[str, Any]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.json"
        path.write_text(json.dumps(rows))
        try:
            found = read(path)
        except DataError:
            return
    numbers = sorted([one.number for one in found.drafts] + [one.number for one in found.refused])
    assert numbers == list(range(1, len(numbers) + 1)) and numbers
    assert len({one.name for one in (*found.drafts, *found.refused)}) == len(numbers)
    assert all(draft.at.tzinfo is not None and draft.text for draft in found.drafts)


@given(st.binary(max_size=120) | st.text(alphabet='text,image\n";\r\0\ufeffa#', max_size=60).map(str.encode))
def test_whatever_bytes_a_table_holds_are_drafts_or_an_error(content: bytes) -> None:
    import tempfile

    for name in ("d.csv", "d.jsonl"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(b"text,id\n" + content if name == "d.csv" else content)
            try:
                read(path)
            except DataError as error:
                assert str(error)
