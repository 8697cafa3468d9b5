"""Numbers, ids and times as nobody would write them and somebody has: read right, or refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from raw_tables import (
    HEADER,
    at,
    card,
    frame_of,
    objects,
    one_column,
    parquet,
    posts,
    put,
    table_of,
)

from benchmark.errors import DataError
from benchmark.readers import read

# Numbers


@pytest.mark.parametrize(
    ("written", "size"),
    [("1.2 million", 1.2e6), ("2 thousand", 2000), ("3 Billion views", 3e9), ("\u22125", -5), ("٤٢", 42)],
)
def test_words_and_signs_that_change_a_number_do_so(tmp_path: Path, written: str, size: float) -> None:
    assert one_column(tmp_path, [written], format="people") == [size]


@pytest.mark.parametrize("written", ["1.2 crore", "3 lakh", "1,5 mil", "5 Tsd", "2 mio", "7 dozen"])
def test_a_word_that_may_multiply_is_never_taken_for_what_is_counted(tmp_path: Path, written: str) -> None:
    with pytest.raises(DataError, match="what the rest of it does to the number is not known"):
        one_column(tmp_path, [written], format="people")


def test_a_share_is_answered_with_the_words_that_read_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'extract = "(.+)"$') as refused:
        one_column(tmp_path / "a", ["12.5%", "3 %"])
    told = str(refused.value).partition('extract = "')[2][:-1]
    assert one_column(tmp_path / "b", ["12.5%", "3 %"], extract=told) == [12.5, 3.0]


@pytest.mark.parametrize("values", [["1.234", "2.500"], ["1.234", "87"], ["1.234", "", "12.000"]])
def test_a_label_whose_point_may_stand_between_thousands_is_not_guessed(
    tmp_path: Path, values: list[str]
) -> None:
    files = posts(*(f"p{i},ann,2021-03-01,{value}" for i, value in enumerate(values)))
    counts = {"scale": "log1p"}
    with pytest.raises(DataError, match=r"value '1\.234': may be a fraction, or 1,234"):
        read(card(targets={"likes": counts}), put(tmp_path, files))
    told = card(targets={"likes": {**counts, "format": "people_comma"}})
    assert read(told, tmp_path).frame["likes"][0] == 1234.0
    told = card(targets={"likes": {**counts, "format": "people"}})
    assert read(told, tmp_path).frame["likes"][0] == 1.234


@pytest.mark.parametrize(
    "values", [["1.234", "2.5"], ["1.234", "1234"], ["0.123", "1.234"], ["1.234", "2.500"]]
)
def test_a_fraction_that_its_column_tells_from_thousands_is_one(tmp_path: Path, values: list[str]) -> None:
    assert one_column(tmp_path, values) == [float(value) for value in values]


def test_a_column_of_numbers_beside_whole_ones_below_a_thousand_is_not_guessed_either(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='format = "people" if it is a fraction'):
        one_column(tmp_path, ["1.234", "12", "999"])


def test_labels_of_a_count_that_are_no_whole_numbers_are_told(tmp_path: Path) -> None:
    raw = read(card(targets={"likes": {"scale": "log1p"}}), put(tmp_path, posts("a,ann,2021-03-01,1.5")))
    assert "column 'likes': 1 labels are no whole numbers, first 1.5 at a.csv row 2" in raw.report.notes


def test_yes_and_no_are_numbers_of_an_event_and_no_count(tmp_path: Path) -> None:
    files = posts("a,ann,2021-03-01,True", "b,ann,2021-03-02,False", "c,ann,2021-03-02,")
    raw = read(card(), put(tmp_path, files))
    assert raw.frame["likes"].tolist()[:2] == [1.0, 0.0]
    assert pd.isna(raw.frame["likes"][2])
    assert "column 'likes': true is read as 1, false as 0" in raw.report.notes
    with pytest.raises(DataError, match=r"value 'True': yes or no is no number here, as in 1 more"):
        read(card(targets={"likes": {"scale": "log1p"}}), tmp_path)
    with pytest.raises(DataError, match="yes or no is no number here"):
        frame_of(card(), tmp_path / "b", objects({"likes": True}, {"likes": 7}))


@pytest.mark.parametrize(
    ("written", "told"),
    [("1,5", 'format = "people_comma" (it is 1.5)'), ("1,234", 'format = "people" (it is 1,234) or format')],
)
def test_a_comma_is_answered_with_what_each_format_makes_of_it(
    tmp_path: Path, written: str, told: str
) -> None:
    with pytest.raises(DataError) as refused:
        one_column(tmp_path, [written])
    assert told in str(refused.value)


# Ids


def test_ids_that_pandas_wrote_with_a_point_are_those_without(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.csv": HEADER + "p1,12.0,2021-03-01,1\np2,,2021-03-01,1\n",
        "b.csv": HEADER + "p3,12,2021-03-01,1\n",
    }
    found = table_of(tmp_path, files, user_id={"role": "user", "source": "who", "when_missing": "drop"})
    assert found["user_id"].tolist() == ["12", "12"]


def test_a_name_with_a_point_in_it_keeps_it(tmp_path: Path) -> None:
    found = table_of(tmp_path, posts("p1,12.0,2021-03-01,1", "p2,ann,2021-03-01,1"))
    assert found["user_id"].tolist() == ["12.0", "ann"]


def test_a_file_is_joined_though_one_side_wrote_its_key_with_a_point(tmp_path: Path) -> None:
    layout = {"files": "posts.csv", "joined": {"users": {"files": "users.csv", "on": "who"}}}
    files: dict[str, str | bytes] = {
        "posts.csv": HEADER + "a,12.0,2021-03-01,1\n",
        "users.csv": "who,fans\n12,7\n",
    }
    columns = {"fans": {"role": "numeric", "source": "users.fans"}}
    assert frame_of(card(layout, columns), tmp_path, files)["fans"].tolist() == [7.0]


def test_long_ids_stay_whole_in_json_and_where_one_is_missing_in_parquet(tmp_path: Path) -> None:
    found = table_of(tmp_path / "a", objects({"id": 2**66 + 1, "who": 2**64 + 1}))
    assert found[["post_id", "user_id"]].iloc[0].tolist() == [str(2**66 + 1), str(2**64 + 1)]
    (tmp_path / "b").mkdir()
    folder = parquet(tmp_path / "b", who=pa.array([2**60 + 1, None, 2**60 + 2]))
    asked = card(columns={"user_id": {"role": "user", "source": "who", "when_missing": "drop"}})
    assert read(asked, folder).frame["user_id"].tolist() == [str(2**60 + 1), str(2**60 + 2)]


@pytest.mark.parametrize("column", ["id", "who"])
def test_ids_that_a_spreadsheet_rounded_and_wrote_out_are_refused(tmp_path: Path, column: str) -> None:
    ids = [f"13666{i:010d}0000" for i in range(5)]
    rows = [f"{one},ann,2021-03-01,1" if column == "id" else f"p{one},{one},2021-03-01,1" for one in ids]
    with pytest.raises(DataError, match=r"ids that all end in 00 were rounded, as in 4 more of 5 rows"):
        table_of(tmp_path, posts(*rows))


def test_ids_that_end_in_zeros_and_are_whole_can_be_said_to_be(tmp_path: Path) -> None:
    rows = [f"2021030112{i:04d}000,ann,2021-03-01,1" for i in range(5)]
    assert len(table_of(tmp_path, posts(*rows), post_id={"role": "id", "source": "id", "missing": []})) == 5


@pytest.mark.parametrize("nobody", ["#REF!", "#N/A", "########"])
def test_what_a_spreadsheet_shows_for_an_error_is_no_account(tmp_path: Path, nobody: str) -> None:
    with pytest.raises(DataError, match="is what a missing id is written as"):
        table_of(tmp_path, posts(f"a,{nobody},2021-03-01,1"))


def test_yes_is_no_id(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="yes or no is no id"):
        table_of(tmp_path, objects({"who": True}))


def test_one_account_is_one_whatever_its_letters_are_made_of(tmp_path: Path) -> None:
    names = ["Jos\u00e9", "Jose\u0301", "\u200bJos\u00e9", "Jos\u00e9\ufeff"]
    found = table_of(tmp_path, posts(*(f"p{i},{name},2021-03-01,1" for i, name in enumerate(names))))
    assert set(found["user_id"]) == {"Jos\u00e9"}


def test_marks_that_guard_an_id_from_a_spreadsheet_are_none_of_it(tmp_path: Path) -> None:
    found = table_of(tmp_path, posts("'0012,ann,2021-03-01,1", '"=""0013""",ann,2021-03-01,1'))
    assert found["post_id"].tolist() == ["0012", "0013"]


def test_accounts_that_may_be_one_are_told(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **posts("a,007,2021-03-01,1", "b,Ann,2021-03-01,1", "c,@ann,2021-03-01,1"),
        **objects({"who": 7}),
    }
    raw = read(card(), put(tmp_path, files))
    assert raw.frame["user_id"].nunique() == 4
    assert "accounts that may be one, and are taken for 4: 007 and 7, @ann and Ann" in raw.report.notes


# Times


def test_a_day_that_may_be_two_is_answered_with_both(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'format = "%d/%m/%Y" or "%m/%d/%Y"\. Each reads it: which is meant'):
        table_of(tmp_path / "a", at("01/02/2021", "03/04/2021"))
    with pytest.raises(DataError, match=r'format = "%d/%m/%Y %H:%M"$'):
        table_of(tmp_path / "b", at("01/02/2021 10:00", "13/02/2021 11:30"))


def test_two_formats_that_read_one_time_as_two_are_refused_where_both_are_needed(tmp_path: Path) -> None:
    time = {"role": "time", "source": "at", "format": ["%d/%m/%Y", "%m/%d/%Y"]}
    assert table_of(tmp_path / "a", at("01/02/2021", "13/02/2021"), time=time)["time"][0].month == 2
    with pytest.raises(DataError, match=r"is 2021-02-01 00:00 by one format .* and 2021-01-02 00:00 by"):
        table_of(tmp_path / "b", at("01/02/2021", "02/13/2021"), time=time)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("1614600000", 'format = "epoch_seconds"'),
        ("1614600000000", 'format = "epoch_milliseconds"'),
        ("1.6146E+12", "Spreadsheets round long numbers"),
        ("44256.5", "days as spreadsheets count them"),
        ("2021", 'format = "%Y"'),
        ("2021-03", 'format = "%Y-%m"'),
        ("2021-03-01 01:00 PM", 'format = "%Y-%m-%d %I:%M %p"'),
        ("March 5, 2021", 'format = "%B %d, %Y"'),
    ],
)
def test_a_time_that_does_not_read_is_answered_with_what_reads_it(
    tmp_path: Path, written: str, told: str
) -> None:
    with pytest.raises(DataError) as refused:
        table_of(tmp_path, at(written))
    assert told in str(refused.value)


def test_a_number_of_seconds_that_a_spreadsheet_rounded_is_no_time(tmp_path: Path) -> None:
    time = {"role": "time", "source": "at", "format": "epoch_milliseconds"}
    with pytest.raises(DataError, match="Spreadsheets round long numbers"):
        table_of(tmp_path, at("1.61E+12"), time=time)


@pytest.mark.parametrize(
    ("written", "format"),
    [
        ("2021-03-01T14:00:00+02", None),
        ("2021-03-01 12:00 UTC", None),
        ("2021-03-01 12:00:00 GMT", None),
        ("Mon Mar 01 14:00:00 +0200 2021", "%a %b %d %H:%M:%S %z %Y"),
        ("2021-03-01 12:00 UTC", "%Y-%m-%d %H:%M %Z"),
        ("01-03-2021 09:00", "%d-%m-%Y %H:%M"),
        ("2021-03-01T09:00", None),
    ],
)
def test_a_time_that_says_its_zone_keeps_it_and_any_other_has_that_of_the_card(
    tmp_path: Path, written: str, format: str | None
) -> None:
    time = {"role": "time", "source": "at", "zone": "America/Sao_Paulo", "format": format}
    assert table_of(tmp_path, at(written), time=time)["time"].tolist() == [pd.Timestamp("2021-03-01 12:00")]


def test_a_date_whose_year_looks_like_an_offset_has_the_zone_of_the_card(tmp_path: Path) -> None:
    time = {"role": "time", "source": "at", "zone": "America/Sao_Paulo", "format": "%d-%m-%Y"}
    assert table_of(tmp_path, at("01-03-2021"), time=time)["time"][0] == pd.Timestamp("2021-03-01 03:00")


@pytest.mark.parametrize(("tz", "hour"), [("America/Sao_Paulo", 12), (None, 8)])
def test_a_moment_of_parquet_that_has_a_zone_keeps_it(tmp_path: Path, tz: str | None, hour: int) -> None:
    moments = pa.array([dt.datetime(2021, 3, 1, 12)], pa.timestamp("us", tz=tz))
    asked = card(columns={"time": {"role": "time", "source": "at", "zone": "Asia/Dubai"}})
    found = read(asked, parquet(tmp_path, at=moments)).frame["time"]
    assert found[0] == pd.Timestamp(2021, 3, 1, hour)


def test_moments_that_are_some_already_need_no_format(tmp_path: Path) -> None:
    moments = pa.array([dt.datetime(2021, 3, 1, 12)], pa.timestamp("us"))
    asked = card(columns={"time": {"role": "time", "source": "at", "format": "epoch_seconds"}})
    with pytest.raises(DataError, match="These are times already: leave `format` out"):
        read(asked, parquet(tmp_path, at=moments))


def test_rows_that_were_read_before_their_post_was_published_are_told(tmp_path: Path) -> None:
    asked = card({"read_at": {"source": "read"}}, {"age": {"role": "numeric", "since": {"source": "at"}}})
    rows = posts(
        "a,ann,2021-03-02,1,2021-03-01", "b,ann,2021-03-02,1,2021-03-03", header=f"{HEADER[:-1]},read\n"
    )
    raw = read(asked, put(tmp_path, rows))
    assert raw.frame["age"].tolist() == [-1.0, 1.0]
    assert "1 rows were read before their post was published, first a.csv row 2" in raw.report.notes
