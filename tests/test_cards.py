from __future__ import annotations

import datetime as dt

import pytest
from raw_layouts import ROOT

from benchmark.card import Card
from benchmark.data.cards import find_cards, load_card
from benchmark.readers import READERS

CARDS = {name: load_card(path) for name, path in find_cards(ROOT / "datasets").items()}


@pytest.fixture(params=sorted(CARDS))
def card(request: pytest.FixtureRequest) -> Card:
    return CARDS[request.param]


def test_a_card_lies_in_a_folder_of_its_own_name_and_names_a_reader_that_exists(card: Card) -> None:
    assert card.folder.name == card.name
    assert card.reader in READERS


def test_a_card_says_how_to_obtain_its_data_in_one_line(card: Card) -> None:
    assert card.synthetic or (card.obtain and "\n" not in card.obtain)


def test_a_data_set_explains_itself_in_a_readme(card: Card) -> None:
    text = (card.folder / "README.md").read_text(encoding="utf-8")
    assert card.licence.split(";")[0].split(",")[0] in text or card.synthetic


def test_downloads_are_pinned_to_a_commit(card: Card) -> None:
    for item in card.downloads:
        assert "/master/" not in item.url
        assert "/main/" not in item.url


def test_rolling_blocks_last_a_week_and_labels_settle_for_three_days(card: Card) -> None:
    for task in card.tasks:
        rolling = task.protocols["rolling"]
        assert (rolling.block_days, rolling.reveal_days) == (7, 3)


@pytest.mark.parametrize(
    ("name", "cut_off"),
    [("smpd_image", "2016-01-01"), ("smpd_video", "2023-07-01"), ("musk_tweets", "2021-10-01")],
)
def test_the_cut_offs_are_those_of_the_protocol(name: str, cut_off: str) -> None:
    expected = dt.datetime.fromisoformat(cut_off).replace(tzinfo=dt.UTC)
    for protocol in ("frozen", "rolling"):
        assert CARDS[name].tasks[0].protocols[protocol].cut_off == expected  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("smpd_image", {"photo_count", "is_pro", "can_buy_pro"}),
        (
            "smpd_video",
            {"suggested_words", "followers", "following", "user_likes", "user_videos", "user_diggs"},
        ),
        ("musk_tweets", {"followers", "friends", "verified"}),
        ("twitter_ratio", set()),
    ],
)
def test_what_is_known_only_at_collection_is_withheld(name: str, columns: set[str]) -> None:
    withheld = {key for key, column in CARDS[name].columns.items() if column.availability == "crawl"}
    assert withheld == columns
