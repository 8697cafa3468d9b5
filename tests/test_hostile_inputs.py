"""Raw files and cards made to break a reader: an error that names the place, or the right answer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from table_sets import rows, table_card, with_column

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.declared.card import Card
from benchmark.errors import CardError, DataError, did_you_mean
from benchmark.readers.nesting import DEEPEST, too_deep
from benchmark.readers.raw import ReadReport, numbered
from benchmark.readers.smpd_image.accounts import hours
from benchmark.readers.smpd_image.images import where_they_lie

Set = Callable[..., Prepared]


@pytest.fixture
def read(tmp_path: Path) -> Set:
    """Prepare a file of this name and content, with a card of these further columns."""

    def prepared(name: str, content: str | bytes, card: Card | None = None, **column: Any) -> Prepared:
        (tmp_path / "raw").mkdir()
        path = tmp_path / "raw" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        card = card or table_card(tmp_path)
        return prepare(with_column(card, "extra", **column) if column else card, tmp_path / "home", [])

    return prepared


def as_csv(extra: str = "", value: str = "", count: int = 40) -> str:
    head = ["post_id", "user_id", "time", "text", "width", "likes", *([extra] if extra else [])]
    lines = [[str(row[name]) for name in head[:6]] + [value] * bool(extra) for row in rows(count)]
    return "".join(",".join(line) + "\n" for line in [head, *lines])


def as_lines(**last: Any) -> str:
    """JSON lines; the last post has these values as well."""
    posts = rows()
    return "\n".join(json.dumps(row) for row in [*posts[:-1], {**posts[-1], **last}])


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


# Nesting


@pytest.mark.parametrize("name", ["mine.json", "mine.jsonl"])
@pytest.mark.parametrize("content", [nested(100_000), '{"a":' * 100_000 + "1" + "}" * 100_000])
def test_json_nested_beyond_measure_is_refused_with_its_row(read: Set, name: str, content: str) -> None:
    with pytest.raises(DataError, match=rf"{name}.*(too deep in one another|an object was expected)"):
        read(name, content)


@pytest.mark.parametrize("role", ["text", "tags", "category", "categorical", "image", "vector", "numeric"])
def test_a_value_nested_deeper_than_can_be_written_is_refused_with_row_and_column(
    read: Set, role: str
) -> None:
    with pytest.raises(DataError, match=r"mine\.jsonl, row 40, column 'extra': lists or objects more than"):
        read("mine.jsonl", as_lines(extra=json.loads(nested(900))), role=role)


@pytest.mark.parametrize("depth", [DEEPEST + 1, 990, 20_000])
def test_tags_that_are_only_brackets_are_taken_as_they_stand(read: Set, depth: int) -> None:
    prepared = read("mine.csv", as_csv("extra", "[" * depth), role="tags")
    assert prepared.posts(["extra"])["extra"][0].as_py() == "[" * depth


def test_how_deep_is_counted_through_lists_and_objects_alike() -> None:
    value: Any = 1
    for i in range(DEEPEST + 1):
        assert not too_deep(value)
        value = [value] if i % 2 else {"a": value}
    assert too_deep([value])


# Size


@pytest.mark.slow
def test_a_hundred_thousand_columns_are_read_in_seconds(read: Set) -> None:
    names = ",".join(f"c{i}" for i in range(100_000))
    ones = ",".join(["1"] * 100_000)
    lines = as_csv(count=3).splitlines()
    content = "\n".join([f"{lines[0]},{names}", *(f"{line},{ones}" for line in lines[1:])])
    assert read("mine.csv", content).report["posts"] == 3


def test_a_name_is_not_looked_for_in_a_list_that_fills_the_screen() -> None:
    assert did_you_mean("zzz", [f"c{i}" for i in range(5000)]).endswith("and 4,970 more")


def test_a_field_of_more_letters_than_a_field_has_is_refused_with_its_row(read: Set) -> None:
    with pytest.raises(
        DataError, match=r"mine\.csv, row 42: a field of more than 16,777,216 letters\. A quote"
    ):
        read("mine.csv", as_csv() + f"p99,u1,2021-03-01,{'A' * 17_000_000},1,1\n")


@pytest.mark.slow
def test_keys_that_differ_from_object_to_object_are_refused(read: Set) -> None:
    lines = [json.dumps({f"{i}_{k}": k for k in range(500)}) for i in range(500)]
    with pytest.raises(DataError, match=r"mine\.jsonl: 250,000 different keys in 500 objects"):
        read("mine.jsonl", "\n".join(lines))


def test_a_file_larger_than_the_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with (tmp_path / "raw" / "mine.csv").open("w") as file:
        os.truncate(file.fileno(), 1 << 42)
    with pytest.raises(DataError, match=r"mine\.csv: 4,398\.0 GB, and .* GB of memory are free"):
        prepare(table_card(tmp_path), tmp_path / "home", [])


# Values


@pytest.mark.parametrize("role", ["numeric", "place"])
@pytest.mark.parametrize("value", [10**400, -(10**400), [1], {"a": 1}, "9" * 5000, "１２"])
def test_what_is_no_number_is_refused_with_row_and_column(read: Set, role: str, value: Any) -> None:
    with pytest.raises(DataError, match=r"mine\.jsonl, row 40, column 'extra'.*not a finite number"):
        read("mine.jsonl", as_lines(extra=value), role=role)


def test_a_coordinate_that_would_be_infinite_as_it_is_kept_is_refused(read: Set) -> None:
    with pytest.raises(DataError, match=r"mine\.csv, row 2, column 'extra', value '1e300': no coordinate"):
        read("mine.csv", as_csv("extra", "1e300"), role="place")


@pytest.mark.slow
@pytest.mark.parametrize("value", [["a"], [[1, 2], [3]], [[1, 2], [3, 4]], {"a": 1}, 5, True, [10**400]])
def test_what_is_no_vector_is_missing_and_noted(read: Set, value: Any) -> None:
    prepared = read("mine.jsonl", as_lines(extra=value), role="vector")
    assert any(
        "column 'extra': 1 unreadable values set to missing" in one for one in prepared.report["notes"]
    )


@pytest.mark.parametrize("column", ["post_id", "user_id"])
@pytest.mark.parametrize("value", [["a"], {}, []])
def test_an_id_is_no_list_and_no_object(read: Set, column: str, value: Any) -> None:
    with pytest.raises(DataError, match=rf"row 40, column '{column}'.*a list or an object is no id"):
        read("mine.jsonl", as_lines(**{column: value}))


def test_half_a_character_is_replaced_and_noted(read: Set) -> None:
    prepared = read("mine.jsonl", as_lines(text="\ud83d"))
    assert "\ufffd" in prepared.posts(["text"])["text"].to_pylist()
    assert "mine.jsonl: half characters (cut emoji) replaced by U+FFFD" in prepared.report["notes"]


def test_a_number_of_thousands_of_digits_is_refused_with_its_row(read: Set) -> None:
    with pytest.raises(DataError, match=r"mine\.jsonl, row 40: a number that cannot be read"):
        read("mine.jsonl", as_lines().replace('"likes": 39', f'"likes": {"9" * 5000}'))


def test_a_table_in_utf_16_is_read_and_noted(read: Set) -> None:
    prepared = read("mine.csv", as_csv().replace("text 3,", "naïve,").encode("utf-16"))
    assert "naïve" in prepared.posts(["text"])["text"].to_pylist()
    assert any("read as UTF-16" in one for one in prepared.report["notes"])


def test_lines_may_end_in_a_carriage_return_alone_or_lie_in_quotes(read: Set) -> None:
    content = as_csv().replace("text 3,", '"text\n3",').replace("\n", "\r")
    assert "text\r3" in read("mine.csv", content).posts(["text"])["text"].to_pylist()


@pytest.mark.parametrize("path", ["a\0b.png", "a\nb.png", "\x1b.png"])
def test_an_image_path_with_a_control_character_is_refused_with_its_row(read: Set, path: str) -> None:
    with pytest.raises(DataError, match=r"row 40, column 'extra'.*holds a control character"):
        read("mine.jsonl", as_lines(extra=path), role="image")


@pytest.mark.parametrize("form", ["%", "%Q", "%Y%Y", "%f" * 50])
def test_a_pattern_of_times_that_is_none_is_refused_by_column(tmp_path: Path, read: Set, form: str) -> None:
    columns = {name: one.model_dump() for name, one in table_card(tmp_path).columns.items()}
    columns["time"]["format"] = form
    with pytest.raises(DataError, match=r"mine\.csv, column 'time'.*is no pattern of strptime"):
        read("mine.csv", as_csv(), table_card(tmp_path, columns=columns))


# Parquet


def as_parquet(path: Path, **changed: Any) -> bytes:
    table = pa.table({name: [row[name] for row in rows()] for name in rows()[0]})
    for name, values in changed.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    pq.write_table(table, path)
    return path.read_bytes()


def test_bytes_are_text_if_they_are_utf_8(tmp_path: Path, read: Set) -> None:
    content = as_parquet(tmp_path / "it", post_id=pa.array([f"p{i}".encode() for i in range(40)]))
    assert set(read("mine.parquet", content).posts(["post_id"])["post_id"].to_pylist()) == {
        f"p{i}" for i in range(40)
    }


def test_text_that_is_no_utf_8_is_refused(tmp_path: Path, read: Set) -> None:
    ends = pa.py_buffer(b"".join(i.to_bytes(4, "little") for i in range(41)))
    broken = pa.StringArray.from_buffers(40, ends, pa.py_buffer(b"\xff" * 40))
    with pytest.raises(DataError, match=r"mine\.parquet: cannot be read as Parquet: .*UTF8"):
        read("mine.parquet", as_parquet(tmp_path / "it", text=broken))


def test_two_columns_of_one_name_are_refused_in_parquet_too(tmp_path: Path, read: Set) -> None:
    table = pa.table({name: [row[name] for row in rows()] for name in rows()[0]})
    twice = pa.Table.from_arrays([*table.columns, table["text"]], names=[*table.column_names, "text"])
    pq.write_table(twice, tmp_path / "it")
    with pytest.raises(DataError, match=r"two columns have the same name: text"):
        read("mine.parquet", (tmp_path / "it").read_bytes())


# Cards

CARD = """
name = "mine"
title = "Mine"
reader = "table"
raw = "raw"
licence = "mine"
[columns]
post_id = {{ role = "id" }}
user_id = {{ role = "user" }}
time = {{ role = "time" }}
kind = {{ role = "category", level = {level} }}
[targets]
likes = {{ }}
[[tasks]]
name = "t"
targets = ["likes"]
filter = {{ {filter} }}
[tasks.protocols]
frozen = {{ {cut_off}, embargo_days = {embargo} }}
rolling = {{ test_fraction = 0.2, block_days = {block}, reveal_days = {reveal} }}
"""
PLAIN = {"level": 1, "filter": "", "cut_off": "test_fraction = 0.2", "embargo": 3, "block": 7, "reveal": 3}


def written_card(folder: Path, **changed: Any) -> Card:
    path = folder / "card.toml"
    path.write_text(CARD.format(**{**PLAIN, **changed}))
    return load_card(path)


@pytest.mark.parametrize("days", ["inf", "nan", "-inf", "1e300", "1e12", "-1", f"{10**400}"])
@pytest.mark.parametrize("key", ["embargo", "block", "reveal", "filter"])
def test_days_that_no_calendar_has_are_refused_by_key(tmp_path: Path, key: str, days: str) -> None:
    given = f"settled_days = {days}" if key == "filter" else days
    with pytest.raises(CardError, match=r"card\.toml: key 'tasks\.0\.[a-z.]*_days': [^;]*$"):
        written_card(tmp_path, **{key: given})


@pytest.mark.parametrize("block", ["0", "1e-12", "1e-4"])
def test_a_block_lasts_a_minute_at_least(tmp_path: Path, block: str) -> None:
    with pytest.raises(CardError, match=r"key 'tasks\.0\.protocols\.rolling\.block_days'"):
        written_card(tmp_path, block=block)


@pytest.mark.parametrize("level", [-5, -1, 10**30])
def test_a_level_counts_from_the_top(tmp_path: Path, level: int) -> None:
    with pytest.raises(CardError, match=r"key 'columns\.kind\.level'"):
        written_card(tmp_path, level=level)


@pytest.mark.slow
@pytest.mark.parametrize("given", [f"newest = {10**30}", f"where = {{ kind = {10**30} }}", "newest = 0"])
def test_a_filter_asks_for_numbers_that_there_can_be(tmp_path: Path, given: str) -> None:
    with pytest.raises(CardError, match=r"key 'tasks\.0\.filter\.(newest|where)'"):
        written_card(tmp_path, filter=given)


@pytest.mark.parametrize("given", ["20210320", "inf", "true"])
def test_a_number_is_no_date(tmp_path: Path, given: str) -> None:
    with pytest.raises(CardError, match=r"cut_off': .* is no date: write it as 2021-03-20"):
        written_card(tmp_path, cut_off=f"cut_off = {given}")


@pytest.mark.parametrize("given", ["2021-03-20", "2021-03-20T00:00:00", "2021-03-20T01:00:00+01:00"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cut_off_without_a_zone_is_utc_however_it_is_written(
    tmp_path: Path, given: str, quote: str
) -> None:
    found = written_card(tmp_path, cut_off=f"cut_off = {quote}{given}{quote}").tasks[0].protocols["frozen"]
    assert found.cut_off is not None
    assert found.cut_off.timestamp() == 1616198400


@pytest.mark.parametrize(
    "content", ["a = " + nested(100_000), "a = " + "9" * 5000, "a = " + "{b=" * 3000 + "1" + "}" * 3000]
)
def test_toml_that_python_cannot_read_is_refused_as_any_other(tmp_path: Path, content: str) -> None:
    (tmp_path / "card.toml").write_text(content)
    with pytest.raises(CardError, match=r"card\.toml: not valid TOML"):
        load_card(tmp_path / "card.toml")


def test_a_card_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "card.toml")
    with pytest.raises(CardError, match=r"card\.toml: no regular file"):
        load_card(tmp_path / "card.toml")


# Formats of their own

TWEET = {"id": "1577428272056389633", "text": "hi", "created_at": "2022-10-04T22:26:06Z", "author_id": "5"}


def pages(folder: Path, *written: Any) -> Prepared:
    """A data set of tweets from these pages of Twitter's API v2."""
    (folder / "raw").mkdir()
    (folder / "raw" / "pages.jsonl").write_text("\n".join(json.dumps(page) for page in written))
    columns = {"post_id": {"role": "id"}, "user_id": {"role": "user"}, "time": {"role": "time"}}
    card = table_card(folder, reader="tweets", columns=columns)
    return prepare(card, folder / "home", [])


@pytest.mark.parametrize(
    "broken",
    [{"data": [1]}, {"data": [[TWEET]]}, {"data": [TWEET], "includes": [1]}]
    + [{"data": [TWEET], "includes": {"users": users}} for users in ({"a": 1}, [1], "u")],
)
def test_a_page_of_another_shape_is_refused_with_its_row(tmp_path: Path, broken: Any) -> None:
    with pytest.raises(DataError, match=r"pages\.jsonl, row 2, column '(data|includes)': a list of objects"):
        pages(tmp_path, {"data": [TWEET]}, broken)


@pytest.mark.parametrize("includes", [None, {}, {"users": None}, {"users": [{"id": [1]}, {"id": {}}]}])
def test_a_page_without_authors_is_read(tmp_path: Path, includes: Any) -> None:
    assert pages(tmp_path, {"data": [TWEET], "includes": includes}).report["posts"] == 1


def test_a_page_without_results_holds_no_tweet(tmp_path: Path) -> None:
    empty = {"meta": {"result_count": 0}}
    assert pages(tmp_path, empty, {"data": [TWEET], "meta": {"result_count": 1}}).report["posts"] == 1


@pytest.mark.parametrize("number", ["9223372036854775808", "9" * 19, "9" * 400, "１２３", "-5"])
def test_an_id_that_no_tweet_has_is_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(DataError, match=r"pages\.jsonl, row 1, column 'tweet id'.*not a tweet id"):
        pages(tmp_path, {"data": [{**TWEET, "id": number}]})


@pytest.mark.parametrize("offset", ["-²:30", "9" * 5000 + ":30", [1], {"a": 1}, "1:٣"])
def test_an_offset_that_is_no_time_is_missing_and_noted(offset: Any) -> None:
    report = ReadReport()
    found = hours(["-08:30", "+5.5", offset, "-8"], numbered("train_user_data.json", 4), report)
    assert [*found[[0, 1, 3]]] == [-8.5, 5.5, -8]
    assert found.isna()[2]
    assert any("1 unreadable values" in note for note in report.notes)


def test_an_image_path_that_no_file_can_have_is_missing(tmp_path: Path) -> None:
    assert where_they_lie(tmp_path, "train", ["a" * 5000]) is None
