"""A card's raw files lie where they are looked for, and nothing else is read in their name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from raw_layouts import write_csv
from table_sets import rows, table_card

from benchmark.data.prepare import prepare
from benchmark.declared.card import Card
from benchmark.errors import DataError, DataUnavailable

Changes = Callable[[Path], Any]


def stranger(tmp_path: Path, **changed: Any) -> Card:
    """A card that came from elsewhere, and rows that lie outside of its folder."""
    (tmp_path / "set").mkdir()
    write_csv(tmp_path / "outside" / "mine.csv", rows())
    return table_card(tmp_path / "set", **changed)


@pytest.mark.parametrize("raw", ["../outside", "/outside", "a/../../outside", "a\0b", "x" * 300, "a/" * 1500])
def test_a_raw_path_that_does_not_lead_down_is_refused_with_the_card(tmp_path: Path, raw: str) -> None:
    with pytest.raises(ValueError, match=r"is no file below the raw data|control character|too long"):
        stranger(tmp_path, raw=raw)


def test_the_users_own_folder_is_given_on_the_command_line_and_may_lie_anywhere(tmp_path: Path) -> None:
    card = stranger(tmp_path, raw="outside")
    assert prepare(card, tmp_path / "home", [tmp_path]).report["posts"] == 40


def test_links_that_a_user_has_put_among_the_raw_data_are_followed(tmp_path: Path) -> None:
    card = stranger(tmp_path)
    (tmp_path / "home" / "raw").mkdir(parents=True)
    (tmp_path / "home" / "raw" / "raw").symlink_to(tmp_path / "outside")
    assert prepare(card, tmp_path / "home", []).report["posts"] == 40


@pytest.mark.parametrize("what", ["raw", "folder above", "file within"])
def test_a_link_beside_a_card_leads_nowhere_else(tmp_path: Path, what: str) -> None:
    card = stranger(tmp_path, raw="above/outside" if what == "folder above" else "raw")
    beside = tmp_path / "set"
    if what == "raw":
        (beside / "raw").symlink_to(tmp_path / "outside")
    elif what == "folder above":
        (beside / "above").symlink_to(tmp_path)
    else:
        (beside / "raw").mkdir()
        (beside / "raw" / "mine.csv").symlink_to(tmp_path / "outside" / "mine.csv")
    with pytest.raises(DataError, match=r"leads out of the folder of the card.*--raw"):
        prepare(card, tmp_path / "home", [])


def test_a_link_that_stays_in_the_cards_folder_is_followed(tmp_path: Path) -> None:
    card = stranger(tmp_path)
    write_csv(tmp_path / "set" / "there" / "mine.csv", rows())
    (tmp_path / "set" / "raw").symlink_to("there")
    assert prepare(card, tmp_path / "home", []).report["posts"] == 40


def test_facts_beside_a_raw_file_are_no_link_out_of_the_cards_folder_either(tmp_path: Path) -> None:
    columns = {"known_at": {"role": "known_at"}, "post_id": {"role": "post"}}
    card = stranger(tmp_path, raw="mine.csv", facts={"readings": {"raw": "r.csv", "columns": columns}})
    write_csv(tmp_path / "set" / "mine.csv", rows())
    write_csv(tmp_path / "outside" / "r.csv", [{"known_at": "2021-05-01", "post_id": "p1"}])
    (tmp_path / "set" / "r.csv").symlink_to(tmp_path / "outside" / "r.csv")
    with pytest.raises(DataError, match=r"r\.csv: leads out of the folder of the card"):
        prepare(card, tmp_path / "home", [])


def test_links_in_a_loop_are_no_raw_files(tmp_path: Path) -> None:
    card = stranger(tmp_path)
    (tmp_path / "set" / "raw").symlink_to("raw")
    with pytest.raises(DataUnavailable, match=r"no raw files"):
        prepare(card, tmp_path / "home", [])


def test_a_folder_that_holds_a_link_to_itself_is_read_once(tmp_path: Path) -> None:
    card = stranger(tmp_path)
    write_csv(tmp_path / "set" / "raw" / "mine.csv", rows())
    (tmp_path / "set" / "raw" / "again").symlink_to(".")
    assert prepare(card, tmp_path / "home", []).report["posts"] == 40


@pytest.mark.parametrize("raw", ["raw", "raw/mine.csv"])
@pytest.mark.parametrize("place", ["set", "mounted"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, raw: str, place: str) -> None:
    card = stranger(tmp_path, raw=raw)
    (tmp_path / place / "raw").mkdir(parents=True)
    os.mkfifo(tmp_path / place / "raw" / "mine.csv")
    with pytest.raises(DataError, match=r"mine\.csv: (no regular file|neither a file nor a folder)"):
        prepare(card, tmp_path / "home", [tmp_path / "mounted"])


def test_a_device_is_refused_and_not_read_for_ever(tmp_path: Path) -> None:
    card = stranger(tmp_path)
    (tmp_path / "home" / "raw" / "raw").mkdir(parents=True)
    (tmp_path / "home" / "raw" / "raw" / "mine.csv").symlink_to("/dev/zero")
    with pytest.raises(DataError, match=r"mine\.csv: no regular file"):
        prepare(card, tmp_path / "home", [])
