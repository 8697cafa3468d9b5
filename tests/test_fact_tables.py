"""Fact tables: declared in the card, read like any table, sorted by the moment from which a row is known."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from raw_layouts import write_csv
from table_sets import rows, table_card

from benchmark.data.cards import load_card
from benchmark.data.fingerprint import fingerprint
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared, facts_file, load_prepared
from benchmark.data.report import report_lines
from benchmark.declared.card import Card
from benchmark.errors import CardError, DataError

READINGS = {
    "raw": "readings.csv",
    "columns": {
        "post_id": {"role": "post", "source": "id"},
        "likes": {"role": "numeric"},
        "known_at": {"role": "known_at", "source": "read_at"},
        "how": {"role": "categorical"},
    },
}
MENTIONS = {
    "raw": "mentions.jsonl",
    "columns": {
        "known_at": {"role": "known_at", "format": "epoch_seconds"},
        "author": {"role": "user"},
        "mentioned": {"role": "user"},
        "words": {"role": "text"},
    },
}
DAY = "2021-03-{:02}T12:00:00"
READ = [
    {"id": "p1", "likes": 3, "read_at": DAY.format(9), "how": "page", "colour": "red"},
    {"id": "p0", "likes": "", "read_at": DAY.format(2), "how": "", "colour": "red"},
    {"id": "elsewhere", "likes": 8, "read_at": DAY.format(9), "how": "api", "colour": "red"},
    {"id": "p1", "likes": 2, "read_at": DAY.format(9), "how": "page", "colour": "red"},
    {"id": "p1", "likes": 3, "read_at": DAY.format(9), "how": "page", "colour": "red"},
]
MENTIONED = [
    '{"known_at": 1614600000, "author": "u1", "mentioned": "fan", "words": "hello"}',
    '{"known_at": 1614500000, "author": "fan", "mentioned": "u2", "words": null}',
]


def with_facts(folder: Path, readings: list[dict[str, Any]] = READ, **tables: Mapping[str, Any]) -> Card:
    """A card with posts and both fact tables in `folder`."""
    write_csv(folder / "raw" / "mine.csv", rows())
    write_csv(folder / "raw" / "readings.csv", readings)
    (folder / "raw" / "mentions.jsonl").write_text("\n".join(MENTIONED))
    return table_card(folder, facts=tables or {"readings": READINGS, "mentions": MENTIONS})


def prepared_in(folder: Path, readings: list[dict[str, Any]] = READ, **tables: Mapping[str, Any]) -> Prepared:
    return prepare(with_facts(folder, readings, **tables), folder / "home", [])


def test_rows_are_typed_by_role_and_sorted_by_known_at_and_then_all_columns(tmp_path: Path) -> None:
    prepared = prepared_in(tmp_path)
    readings, mentions = prepared.facts("readings"), prepared.facts("mentions")
    moment, word = pa.timestamp("ms"), pa.string()
    assert readings.schema.types == [word, pa.float64(), moment, word]
    assert list(zip(*(readings[name].to_pylist() for name in ("post_id", "likes", "how")), strict=True)) == [
        ("p0", None, None),
        ("elsewhere", 8, "api"),
        ("p1", 2, "page"),
        ("p1", 3, "page"),
    ]
    assert mentions.schema.types == [moment, word, word, word]
    assert mentions["author"].to_pylist() == ["fan", "u1"]
    assert mentions["words"].to_pylist() == ["", "hello"]


def test_files_of_facts_are_not_read_as_posts(tmp_path: Path) -> None:
    assert prepared_in(tmp_path).report["posts"] == 40


def test_the_same_facts_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    shuffled = random.Random(0).sample(READ, len(READ))
    one, other = prepared_in(tmp_path / "one"), prepared_in(tmp_path / "other", shuffled)
    for name in ("readings", "mentions"):
        file = facts_file(name)
        assert (one.folder / file).read_bytes() == (other.folder / file).read_bytes()
    assert one.fingerprint == other.fingerprint


def test_what_names_no_post_or_account_of_the_data_is_kept_and_counted(tmp_path: Path) -> None:
    prepared = prepared_in(tmp_path)
    assert prepared.report["facts"]["readings"]["not_in_data"] == {"post_id": 1}
    assert prepared.report["facts"]["mentions"]["not_in_data"] == {"author": 1, "mentioned": 1}
    lines = "\n".join(report_lines(prepared))
    assert "facts readings: 4 rows, 2021-03-02 to 2021-03-09" in lines
    assert "about what is not in the data: 1 in author, 1 in mentioned" in lines
    assert "dropped: 1 (exact duplicate)" in lines
    assert "left out: colour" in lines


def test_the_fingerprint_of_a_data_set_without_facts_is_what_it_was_before_there_were_any(
    tmp_path: Path,
) -> None:
    write_csv(tmp_path / "raw" / "mine.csv", rows())
    prepared = prepare(table_card(tmp_path), tmp_path / "home", [])
    assert prepared.fingerprint == "6ab4da4156098254b0c63fab2ab9b26315ed7406f7c2923eac3d4908d749e73a"


def test_a_changed_fact_changes_the_fingerprint_and_is_noticed(tmp_path: Path) -> None:
    card = with_facts(tmp_path)
    before = prepare(card, tmp_path / "home", [])
    (tmp_path / "raw" / "mentions.jsonl").write_text(MENTIONED[0])
    after = prepare(card, tmp_path / "home", [])
    assert before.fingerprint != after.fingerprint
    tables = {"posts.parquet": after.posts(), "targets.parquet": after.targets()}
    assert fingerprint(tables, {}) not in (before.fingerprint, after.fingerprint)


def test_facts_beside_a_single_file_of_posts_are_found_and_watched(tmp_path: Path) -> None:
    card = with_facts(tmp_path).model_copy(update={"raw": ("raw/mine.csv",)})
    before = prepare(card, tmp_path / "home", [])
    write_csv(tmp_path / "raw" / "readings.csv", READ[:2])
    after = prepare(card, tmp_path / "home", [])
    assert (before.report["facts"]["readings"]["rows"], after.report["facts"]["readings"]["rows"]) == (4, 2)


def test_a_fact_about_a_post_that_is_known_before_the_post_is_an_error_with_its_row(tmp_path: Path) -> None:
    early = {**READ[0], "read_at": "2021-03-05T23:59:59"}
    with pytest.raises(
        DataError,
        match=r"readings\.csv, row 3, column 'known_at', value '2021-03-05 23:59:59': "
        r"known before the publication of post 'p1' at 2021-03-06",
    ):
        prepared_in(tmp_path, [READ[1], early])


def test_a_fact_about_an_account_may_be_older_than_all_its_posts(tmp_path: Path) -> None:
    mentions = prepared_in(tmp_path).facts("mentions")
    assert mentions["known_at"][0].as_py().year == 2021
    assert mentions["known_at"][0].as_py() < prepared_in(tmp_path).posts()["time"][0].as_py()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"read_at": "soon"}, r"readings\.csv, row 2, column 'read_at', value 'soon': no time that reads as"),
        ({"likes": "many"}, r"readings\.csv, row 2, column 'likes', value 'many': not a finite number"),
        ({"id": ""}, r"readings\.csv, row 2, column 'id', value '': an id is missing"),
    ],
)
def test_a_wrong_value_is_named_with_file_row_and_column(
    changed: dict[str, str], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=problem):
        prepared_in(tmp_path, [{**READ[0], **changed}])


def test_a_missing_file_or_column_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file here is 'gone\.csv'; there is .*Put it there"):
        prepared_in(tmp_path, mentions=MENTIONS, likes=READINGS, gone={**READINGS, "raw": "gone.csv"})
    columns = {"known_at": {"role": "known_at", "source": "read"}}
    with pytest.raises(DataError, match=r"no column 'read' in the file; did you mean 'read_at'\?"):
        prepared_in(tmp_path, mentions=MENTIONS, likes={"raw": "readings.csv", "columns": columns})


def test_a_damaged_file_of_prepared_facts_is_found(tmp_path: Path) -> None:
    prepared = prepared_in(tmp_path)
    pq.write_table(prepared.facts("readings").slice(1), prepared.folder / facts_file("readings"))
    with pytest.raises(DataError, match=r"facts_readings\.parquet: the content is not what was written"):
        load_prepared(prepared.card, tmp_path / "home")


CARD = """
name = "mine"
title = "Mine"
reader = "table"
raw = "raw"
licence = "mine"
targets = {{ likes = {{}} }}
tasks = [{{ name = "t", targets = ["likes"], protocols = {{ frozen = {{ test_fraction = 0.2 }} }} }}]

[columns]
post_id = {{ role = "id" }}
user_id = {{ role = "user" }}
time = {{ role = "time" }}

[facts.readings]
{facts}
"""


KNOWN = 'known_at = { role = "known_at" }'


@pytest.mark.parametrize(
    ("raw", "columns", "problem"),
    [
        (
            "r.csv",
            'at = { role = "known_at" }',
            "exactly one column must have role 'known_at', and be called",
        ),
        ("r.csv", KNOWN + ', b = { role = "known_at" }', "exactly one column must have role 'known_at'"),
        ("r.csv", KNOWN + ', a = { role = "post" }, b = { role = "post" }', "only one column may have role"),
        ("r.csv", KNOWN + ', a = { role = "image" }', r"key 'facts\.readings\.columns\.a\.role'"),
        ("r.csv", KNOWN + ', a = { role = "text", format = "%Y" }', "only a time and a number have a format"),
        (
            "r.csv",
            'known_at = { role = "known_at", formt = "%Y" }',
            "'facts.*formt': unknown key; did you mean",
        ),
        ("../r.csv", KNOWN, "is no file below the raw folder"),
    ],
)
def test_a_wrong_declaration_is_named_by_its_key(
    raw: str, columns: str, problem: str, tmp_path: Path
) -> None:
    facts = f'raw = "{raw}"\ncolumns = {{ {columns} }}'
    (tmp_path / "card.toml").write_text(CARD.format(facts=facts))
    with pytest.raises(CardError, match=problem):
        load_card(tmp_path / "card.toml")
