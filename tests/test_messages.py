"""Messages: no error, note or line of a report is longer than a screen, or holds what nothing can print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_layouts import ROOT, SmpdImage, write_csv
from table_sets import rows, table_card, with_column
from typer.testing import CliRunner

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.data.report import report_lines
from benchmark.declared.card import Card
from benchmark.errors import (
    LONGEST,
    BaselineError,
    CardError,
    DataError,
    SmpbenchError,
    UnknownName,
    listed,
    shortened,
)
from benchmark.readers import read
from benchmark.readers.raw import Raw
from benchmark.run.plan import read_settings
from smpbench.cli.main import app

HALF = "\ud83d"


@given(st.text(st.characters(codec=None), max_size=300), st.integers(20, 250))
def test_what_is_shortened_fits_keeps_its_ends_and_can_be_written(text: str, length: int) -> None:
    found = shortened(text * 3, length)
    found.encode()
    if not any("\ud800" <= one <= "\udfff" for one in text):
        assert len(found) <= length
        assert found == text * 3 or (found[:8] == (text * 3)[:8] and found[-4:] == (text * 3)[-4:])


@pytest.mark.parametrize(
    "error",
    [
        SmpbenchError("x" * 130_000),
        DataError("wrong", file="a.csv", row=3, column="c" * 10**5, value="v" * 10**6, mend="Mend it"),
        DataError(f"two columns: {listed('n' * 900 for _ in range(900))}", mend="Mend it"),
        UnknownName("column", "n" * 10**5, [f"{i}{'m' * 10**4}" for i in range(90)], "Mend it"),
        BaselineError("\n".join(["a line"] * 10**4)),
    ],
)
def test_an_error_is_at_most_a_screen_whatever_it_quotes(error: SmpbenchError) -> None:
    assert len(str(error)) <= LONGEST
    assert str(error).startswith(
        ("x", "a.csv, row 3, column 'c", "two columns: n", "unknown column", "a line")
    )
    assert "Mend it" in str(error) or not isinstance(error, DataError | UnknownName)


def test_half_a_character_is_told_as_its_number() -> None:
    assert str(DataError("wrong", column=f"a{HALF}")) == "column 'a\\ud83d': wrong"


@pytest.mark.slow
def test_a_card_of_ten_thousand_wrong_keys_is_told_in_a_screen(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text("\n".join(f"key_{i} = '{'x' * 100}'" for i in range(10_000)))
    with pytest.raises(CardError, match="key 'key_0': unknown key") as found:
        load_card(path)
    assert len(str(found.value)) <= LONGEST


def test_a_column_that_is_missed_among_thousands_of_long_names_is_told_in_a_screen(tmp_path: Path) -> None:
    wide = {f"{'very ' * 200}wide {i}": i for i in range(3000)}
    write_csv(tmp_path / "raw" / "mine.csv", [{**row, **wide} for row in rows(12)])
    card = with_column(table_card(tmp_path), "sound", role="numeric")
    with pytest.raises(DataError, match="sound") as found:
        prepare(card, tmp_path / "home", [])
    assert len(str(found.value)) <= LONGEST


def test_a_report_is_short_however_many_notes_files_and_columns_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talkative(card: Card, folder: Path) -> Raw:
        found = read(card, folder)
        for i in range(500):
            found.report.note(f"note {i} {'x' * 5000}{HALF}")
        found.report.rows.update({f"file_{i}.csv": 1 for i in range(3000)})
        return found

    write_csv(tmp_path / "raw" / "mine.csv", rows(12))
    monkeypatch.setattr("benchmark.data.prepare.read", talkative)
    lines = report_lines(prepare(table_card(tmp_path), tmp_path / "home", []))
    assert "  note: and 450 notes more" in lines
    assert max(map(len, lines)) <= LONGEST
    assert lines[1].endswith("and 2,999 more files, 3,012 rows in all")


@pytest.mark.parametrize("key", ["Title", "Category"])
def test_half_a_character_in_a_document_is_replaced(tmp_path: Path, key: str) -> None:
    data = SmpdImage(posts=20)
    (data.category if key == "Category" else data.text)[3][key] = f"half {HALF} a smile"
    data.write(tmp_path / "raw" / "smpd_image")
    prepared = prepare(load_card(ROOT / "datasets" / "smpd_image" / "card.toml"), tmp_path, [])
    column = {"Title": "title", "Category": "category"}[key]
    assert "half \ufffd a smile" in prepared.posts([column])[column].to_pylist()


@pytest.mark.slow
def test_half_a_character_in_the_name_of_a_column_that_no_card_declares_is_told_in_a_note(
    tmp_path: Path,
) -> None:
    content = json.dumps([{**row, f"odd{HALF}": 1} for row in rows(12)])
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "mine.json").write_text(content)
    done = CliRunner().invoke(app, ["prepare", "-d", _written(tmp_path), "--home", str(tmp_path / "home")])
    assert done.exception is None or isinstance(done.exception, SystemExit | SmpbenchError), done.exception


def _written(folder: Path) -> str:
    (folder / "card.toml").write_text(
        """
name = "mine"
title = "Mine"
reader = "table"
raw = "raw"
licence = "mine"
columns = { post_id = { role = "id" }, user_id = { role = "user" }, time = { role = "time" } }
targets = { likes = {} }
[[tasks]]
name = "t"
targets = ["likes"]
protocols = { frozen = { test_fraction = 0.3 } }
"""
    )
    return str(folder / "card.toml")


def test_a_setting_of_a_million_letters_is_refused_in_a_screen() -> None:
    with pytest.raises((ValueError, SmpbenchError)) as found:
        read_settings("Ridge", {"alpha": 1.0}, {"alpha": "a" * 10**6})
    error = found.value if isinstance(found.value, SmpbenchError) else BaselineError(str(found.value))
    assert len(str(error)) <= LONGEST
