"""Titles of the image track with quotes, backslashes and commas, in every release."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_layouts import SmpdImage
from smpd_releases import bare, escaped, parts, row_of
from smpd_rows import ORDER, POST, WRITERS, one_file, posts_of, read_from, read_post

from benchmark.errors import DataError
from benchmark.readers.raw import ReadReport
from benchmark.readers.smpd_image.quoted import read_quoted


@pytest.mark.parametrize("release", WRITERS)
def test_a_title_may_hold_quotes_backslashes_and_commas(tmp_path: Path, release: str) -> None:
    titles = [
        'say "hi"',
        '"',
        'a" "b',
        "C:\\",
        "\\\\server",
        '" ',
        "tab\there",
        "12 34",
        "photo",
        "naïve, 日本",
        '\\"',
    ]
    data = SmpdImage(posts=len(titles))
    for row, title in zip(data.text, titles, strict=True):
        row["Title"] = title
    data.write(tmp_path / "json")
    SmpdImage("test", 5, first_pid=9000).write(tmp_path / "json")
    write, options, _ = WRITERS[release]
    found = posts_of(write(parts(tmp_path / "json"), tmp_path / "raw", **options))
    assert found["title"].tolist()[: len(titles)] == titles


@given(st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30), min_size=1, max_size=5))
def test_any_escaped_title_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str]
) -> None:
    path = tmp_path_factory.mktemp("titles") / "train_data.txt"
    # A quote with a backslash before it says that this file escapes.
    written = [*titles, 'say "hi"']
    path.write_text("".join(row_of({**POST, "title": title}, ORDER, escaped) + "\n" for title in written))
    assert read_quoted(path, ORDER, ReadReport()).take("title") == written


@pytest.mark.parametrize(
    "title",
    [
        'say "hi"',
        '"hi" she said',
        'a" "b',
        'one "two" "three" four',
        "C:\\",
        "a\\b",
        "5 6",
        'x ""',
        "",
        "ready",
    ],
)
def test_quotes_in_a_title_need_no_escape(tmp_path: Path, title: str) -> None:
    found = read_post(tmp_path, row_of({**POST, "title": title}, ORDER, bare))
    assert found["title"].replace('""', '"') == title.replace('""', '"')
    assert (found["tags"], found["longitude"], found["geo_accuracy"]) == ("one two", -94.48068, 14)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("quoted", "broken"),
    [
        ('"38.1" "14" "-94.48068"', '"38.1" "14 -94.48068"'),
        ('"38.1" "14" "-94.48068"', '"38.1" "14" "-94.48068'),
        ('"38.1" "14" "-94.48068"', '"38.1" 14" "-94.48068"'),
        ('"38.1" "14" "-94.48068"', '"38.1 14 -94.48068"'),
        ('"38.1" "14" "-94.48068"', "38.1 14 -94.48068"),
        ('"one two" "1425168000"', '"one two 1425168000"'),
        ('"one two" "1425168000"', '"one two "1425168000"'),
        ('"photo" "one two"', '"photo" "one two"'),
        ('"an evening" "photo"', '"an evening photo"'),
        ('"ready" "an evening"', '"ready an evening"'),
        ('"59@N75" "775"', '"59@N75 775"'),
        ('"59@N75" "775"', '59@N75" "775"'),
    ],
)
def test_a_row_with_a_quote_missing_is_read_by_what_its_fields_can_hold(
    tmp_path: Path, quoted: str, broken: str
) -> None:
    row = row_of(POST, ORDER, bare)
    expected = read_post(tmp_path / "whole", row)
    found = read_post(tmp_path / "broken", row.replace(quoted, broken))
    pd.testing.assert_series_equal(found, expected)


def test_rows_with_a_quote_missing_are_counted(tmp_path: Path) -> None:
    row = row_of(POST, ORDER, bare)
    raw = read_from(one_file(tmp_path, row.replace("775", "774"), row.replace('"14" "', '"14 ')))
    assert any(
        "train_data.txt: 1 rows whose quotes do not pair" in note and "row 2" in note
        for note in raw.report.notes
    )


@pytest.mark.parametrize(
    ("quoted", "broken"),
    [
        ('"photo" "one two"', '"photo one two"'),  # how many of the words are tags?
        ('"an evening" "photo" "one two"', '"a photo" "photo" one two"'),  # no quote before the tags
        ('"Fashion" "Girls,Fashion"', '"Fashion Girls,Fashion"'),
        ('"photo"', '"photo" "extra"'),
        ('"an evening" ', ""),
        (' "14" "-94.48068"', ""),
        ('"an evening"', '"an\nevening"'),
    ],
)
def test_a_row_that_leaves_a_doubt_is_refused_with_its_number(
    tmp_path: Path, quoted: str, broken: str
) -> None:
    row = row_of(POST, ORDER, bare)
    folder = one_file(tmp_path, row.replace("775", "774"), row.replace(quoted, broken))
    with pytest.raises(DataError, match=r"train_data\.txt, row 2, value .*15 fields uid pid category"):
        read_from(folder)
