from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from raw_layouts import write_csv

from benchmark.declared.card import Card
from benchmark.errors import DataError, UnknownName
from benchmark.readers import read
from benchmark.readers.delimited import read_delimited
from benchmark.readers.raw import Raw, ReadReport

ROWS = [
    {
        "shortcode": "a1",
        "owner": "ann",
        "created": "1614600000",
        "n_likes": "10",
        "caption": "first",
        "w": "3",
    },
    {
        "shortcode": "b2",
        "owner": "bob",
        "created": "1614686400",
        "n_likes": "20",
        "caption": "second",
        "w": "",
    },
]


def card(*, time_format: str | None = "epoch_seconds", columns: dict[str, Any] | None = None) -> Card:
    return Card.model_validate(
        {
            "name": "mine",
            "title": "Mine",
            "reader": "table",
            "raw": "mine.csv",
            "licence": "mine",
            "columns": {
                "post_id": {"role": "id", "source": "shortcode"},
                "user_id": {"role": "user", "source": ["author", "owner"]},
                "time": {"role": "time", "source": "created", "format": time_format},
                "text": {"role": "text", "source": "caption"},
                "width": {"role": "numeric", "source": "w"},
                **(columns or {}),
            },
            "targets": {"likes": {"scale": "log1p", "source": "n_likes"}},
            "tasks": [
                {
                    "name": "likes",
                    "targets": ["likes"],
                    "protocols": {"frozen": {"cut_off": "2021-03-02T00:00:00"}},
                }
            ],
        }
    )


def rows_with(**changed: object) -> list[dict[str, Any]]:
    return [{**ROWS[0], **changed}, dict(ROWS[1], **{key: "" for key in changed if key not in ROWS[1]})]


def write(folder: Path, suffix: str, rows: list[dict[str, Any]] = ROWS) -> Path:
    path = folder / f"mine{suffix}"
    if suffix == ".parquet":
        typed = pd.DataFrame(rows).astype({"created": "int64", "n_likes": "int64"})
        typed.assign(w=pd.to_numeric(typed["w"])).to_parquet(path)
    elif suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        write_csv(path, rows, "\t" if suffix == ".tsv" else ",")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".jsonl"])
def test_every_file_format_gives_the_same_posts(tmp_path: Path, suffix: str) -> None:
    frame = read(card(), write(tmp_path, suffix)).frame
    assert list(frame["post_id"]) == ["a1", "b2"]
    assert list(frame["user_id"]) == ["ann", "bob"]
    assert frame["time"].iloc[0] == pd.Timestamp("2021-03-01 12:00")
    assert list(frame["likes"]) == [10.0, 20.0]
    np.testing.assert_array_equal(frame["width"], [3.0, np.nan])


def test_all_files_of_a_folder_are_one_data_set(tmp_path: Path) -> None:
    write_csv(tmp_path / "one.csv", ROWS[:1])
    write_csv(tmp_path / "two.csv", ROWS[1:])
    assert len(read(card(), tmp_path).frame) == 2


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("epoch_milliseconds", "1614600000000"),
        ("%d.%m.%Y %H:%M", "01.03.2021 12:00"),
        (None, "2021-03-01T12:00:00Z"),
        (None, "2021-03-01 14:00+02:00"),
    ],
)
def test_times_are_read_in_the_format_of_the_card(tmp_path: Path, form: str | None, written: str) -> None:
    path = write_csv(tmp_path / "mine.csv", [{**ROWS[0], "created": written}])
    assert read(card(time_format=form), path).frame["time"].iloc[0] == pd.Timestamp("2021-03-01 12:00")


def read_one(tmp_path: Path, role: str, value: object, **more: object) -> Any:
    path = write_csv(tmp_path / "mine.csv", [{**ROWS[0], "extra": value}])
    return read(card(columns={"extra": {"role": role, **more}}), path).frame["extra"].iloc[0]


@pytest.mark.parametrize(
    "written", ['["red", "big leaf"]', "['red', 'big leaf']", "red, big leaf", "red|big leaf"]
)
def test_tags_are_read_from_lists_and_from_separated_strings(tmp_path: Path, written: str) -> None:
    assert read_one(tmp_path, "tags", written) == "red big_leaf"


@pytest.mark.parametrize("written", ['["Animals", "Dogs"]', "Animals > Dogs"])
def test_a_category_path_gives_the_level_the_card_asks_for(tmp_path: Path, written: str) -> None:
    assert read_one(tmp_path, "category", written, level=2) == "Dogs"
    assert read_one(tmp_path, "category", written, level=1) == "Animals"


@pytest.mark.parametrize("written", ["0.5,1", "[0.5, 1]"])
def test_vectors_are_read_from_lists_and_strings(tmp_path: Path, written: str) -> None:
    np.testing.assert_array_equal(read_one(tmp_path, "vector", written), np.float32([0.5, 1]))


def test_a_categorical_column_of_true_and_false_is_boolean(tmp_path: Path) -> None:
    assert read_one(tmp_path, "categorical", "True").__class__ in (bool, np.bool_)


def test_a_misspelt_column_is_answered_with_the_nearest_in_the_file(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "mine.csv", [{"shortcodes" if k == "shortcode" else k: v for k, v in ROWS[0].items()}]
    )
    with pytest.raises(DataError, match=r"mine\.csv, row 1, column 'shortcode'.*did you mean 'shortcodes'"):
        read(card(), path)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("n_likes", "many"),
        ("n_likes", "inf"),
        ("w", "3,5"),
        ("created", "yesterday"),
        ("created", "1614600000000"),
    ],
)
def test_a_value_that_does_not_fit_its_role_is_refused_with_file_row_column_and_value(
    tmp_path: Path, column: str, value: str
) -> None:
    path = write_csv(tmp_path / "mine.csv", [ROWS[0], {**ROWS[1], column: value}])
    with pytest.raises(DataError, match=rf"mine\.csv, row 3, column '{column}', value '{value}'"):
        read(card(), path)


def test_a_missing_id_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "mine.csv", [{**ROWS[0], "shortcode": ""}])
    with pytest.raises(DataError, match=r"row 2, column 'shortcode', value ''"):
        read(card(), path)


def test_a_row_with_a_field_too_few_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "mine.csv", ROWS)
    path.write_text(path.read_text().rstrip().rpartition(",")[0])
    with pytest.raises(DataError, match=r"mine\.csv, row 3: 5 fields where the header has 6"):
        read(card(), path)


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(",".join(ROWS[0]) + '\na1,ann,1614600000,10,"first,3\n')
    with pytest.raises(DataError, match=r"mine\.csv, row 2: not a valid delimited file"):
        read(card(), path)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_an_empty_file_is_refused(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"mine{suffix}").write_bytes(b"")
    with pytest.raises(DataError, match=rf"mine{suffix}: "):
        read(card(), tmp_path / f"mine{suffix}")


def test_a_few_bytes_that_are_not_utf8_are_replaced_and_counted(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "mine.csv", ROWS)
    damaged = "déjà vu à côté".encode() + b" f\xffrst"
    path.write_bytes(path.read_bytes().replace(b"first", damaged))
    raw: Raw = read(card(), path)
    assert raw.frame["text"].iloc[0] == "déjà vu à côté f\ufffdrst"
    assert raw.report.notes == ["mine.csv: not valid UTF-8; 1 unreadable characters replaced"]


def test_an_unknown_reader_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'table'"):
        read(card().model_copy(update={"reader": "tabel"}), tmp_path)


def test_it_does_not_matter_how_many_records_are_held_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("id,tag\n" + "".join(f"{i},{i % 3}\n" for i in range(10)), encoding="utf-8")
    monkeypatch.setattr("benchmark.readers.delimited._AT_ONCE", 4)
    table, rows = read_delimited(path, ReadReport())
    assert table.to_dict("list") == {
        "id": [f"{i}" for i in range(10)],
        "tag": [f"{i % 3}" for i in range(10)],
    }
    assert rows.tolist() == list(range(2, 12))
