"""Columns known only at crawl time lie in a file of their own, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from raw_layouts import write_csv
from table_sets import rows, table_card, with_column

from benchmark.data.prepare import prepare
from benchmark.data.prepared import CRAWL, POSTS, TARGETS, Prepared, load_prepared
from benchmark.declared.card import Card
from benchmark.errors import DataError


def crawl_card(folder: Path) -> Card:
    """`followers` stands between columns known at publication."""
    card = with_column(table_card(folder), "followers", role="numeric", availability="crawl")
    return with_card_column(card, "height")


def with_card_column(card: Card, name: str) -> Card:
    columns = {key: one.model_dump() for key, one in card.columns.items()} | {name: {"role": "numeric"}}
    return table_card(card.folder, columns=columns)


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    content = [{**row, "followers": 100 + i, "height": i % 7} for i, row in enumerate(rows())]
    write_csv(tmp_path / "raw" / "mine.csv", content)
    return prepare(crawl_card(tmp_path), tmp_path / "home", [])


def test_the_file_of_posts_holds_nothing_known_only_at_crawl_time(prepared: Prepared) -> None:
    names = pq.read_schema(prepared.folder / POSTS).names
    assert names == ["post_id", "user_id", "time", "text", "width", "height"]
    assert pq.read_schema(prepared.folder / CRAWL).names == ["followers"]


def test_all_columns_come_back_in_the_cards_order_row_by_row(prepared: Prepared) -> None:
    posts = prepared.posts()
    assert posts.column_names == list(prepared.card.columns)
    followers = dict(zip(posts["post_id"].to_pylist(), posts["followers"].to_pylist(), strict=True))
    assert followers == {f"p{i}": 100.0 + i for i in range(40)}


def test_columns_of_both_files_come_in_the_order_asked_for(prepared: Prepared) -> None:
    assert prepared.posts(["followers", "width"]).column_names == ["followers", "width"]
    assert prepared.posts(["followers"]).num_rows == 40


def test_the_crawl_file_is_not_opened_for_what_was_known_at_publication(prepared: Prepared) -> None:
    (prepared.folder / CRAWL).unlink()
    assert prepared.posts([*prepared.card.visible()]).num_rows == 40


def test_a_card_without_such_columns_has_no_such_file(tmp_path: Path) -> None:
    write_csv(tmp_path / "raw" / "mine.csv", rows())
    prepared = prepare(table_card(tmp_path), tmp_path / "home", [])
    assert sorted(path.name for path in prepared.folder.iterdir()) == [POSTS, "prepared.json", TARGETS]


def test_the_fingerprint_says_what_the_data_are_however_many_files_they_lie_in(
    tmp_path: Path, prepared: Prepared
) -> None:
    columns = {
        key: {**one.model_dump(), "availability": "publish"}
        for key, one in crawl_card(tmp_path).columns.items()
    }
    # Followers rise with the label here; declared as known, they would else be refused.
    columns["followers"]["resembles_label"] = True
    together = prepare(table_card(tmp_path, columns=columns), tmp_path / "other", [])
    assert together.fingerprint == prepared.fingerprint


def test_a_damaged_crawl_file_is_noticed_and_prepared_again(tmp_path: Path, prepared: Prepared) -> None:
    path = prepared.folder / CRAWL
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(DataError, match=r"crawl\.parquet: the content is not what was written"):
        load_prepared(prepared.card, tmp_path / "home")
    prepare(prepared.card, tmp_path / "home", [])
    assert path.read_bytes() == good


def test_what_was_prepared_for_other_columns_is_not_read(tmp_path: Path, prepared: Prepared) -> None:
    columns = {key: one.model_dump() for key, one in prepared.card.columns.items()}
    columns["height"]["availability"] = "crawl"
    late = table_card(tmp_path, columns=columns)
    with pytest.raises(DataError, match=r"posts\.parquet: prepared by other code, or for a card with other"):
        load_prepared(late, tmp_path / "home")
    no_late = {key: {**one, "availability": "publish"} for key, one in columns.items()}
    with pytest.raises(DataError, match=r"prepared by other code"):
        load_prepared(table_card(tmp_path, columns=no_late), tmp_path / "home")
    assert "height" in pq.read_schema(prepare(late, tmp_path / "home", []).folder / CRAWL).names
