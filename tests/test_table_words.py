"""What a card can say of raw files: each word read on a file that needs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError
from raw_tables import HEADER, LINES, NOON, card, frame_of, one_column, put

from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.raw import Raw

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
