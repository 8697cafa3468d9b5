from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from raw_layouts import ROOT
from table_sets import table_card

from benchmark.contract.trial import write_trial
from benchmark.data.cards import find_cards, load_card
from benchmark.declared.card import Card
from benchmark.declared.task import Task
from benchmark.errors import CardError
from benchmark.finding.discovery import discover
from benchmark.readers import READERS
from benchmark.scores.kinds import KINDS
from benchmark.scores.measures import MEASURES

CARDS = {name: load_card(path) for name, path in find_cards(ROOT / "datasets").items()}


@pytest.fixture(params=sorted(CARDS))
def card(request: pytest.FixtureRequest) -> Card:
    return CARDS[request.param]


def test_a_card_lies_in_a_folder_of_its_own_name_and_names_a_reader_that_exists(card: Card) -> None:
    assert card.folder.name == card.name
    assert card.reader in READERS


def test_a_card_says_how_to_obtain_its_data_in_one_line(card: Card) -> None:
    assert card.synthetic or (card.obtain and "\n" not in card.obtain)


@pytest.mark.slow
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
        # A day where the test period is about a week or less.
        shorter = {"vine": (1, 1), "instagram_profiles": (1, 3)}
        assert (rolling.block_days, rolling.reveal_days) == shorter.get(card.name, (7, 3))


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


def declared(tmp_path: Path, columns: dict[str, Any] | None = None, **task: Any) -> Task:
    """The one task of a small card, with what the test declares of it."""
    whole = {"name": "t", "targets": ["likes"], "protocols": {"frozen": {"test_fraction": 0.2}}, **task}
    others = {} if columns is None else {"columns": columns}
    return table_card(tmp_path, tasks=[whole], **others).tasks[0]


def written(tmp_path: Path, lines: str) -> Path:
    """The card of the made-up trial, whose first task says more."""
    card = write_trial(tmp_path).folder / "card.toml"
    text = card.read_text().replace('kind = "regression"\n', "")
    card.write_text(text.replace('name = "three"\n', f'name = "three"\n{lines}\n'))
    return card


def named(tmp_path: Path, before: str, after: str) -> Path:
    """The card of the made-up trial with something else in it."""
    card = write_trial(tmp_path).folder / "card.toml"
    text = card.read_text(encoding="utf-8")
    assert before in text
    card.write_text(text.replace(before, after), encoding="utf-8")
    return card


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "phrase"),
    [
        (
            'name = "trial"',
            'name = "../trial"',
            "key 'name': '../trial' is no name: at most 64 small letters",
        ),
        ('name = "trial"', f'name = "{"x" * 65}"', "is no name: at most 64 small letters"),
        ('name = "trial"', 'name = "=cmd|a"', "key 'name': '=cmd|a' is no name"),
        ('name = "three"', 'name = "<b>"', "key 'tasks.0.name': '<b>' is no name"),
        ("width =", '"wi\\u001b[31mdth" =', "'wi\\x1b[31mdth' is no name"),
        ("width =", "predict_at =", "'predict_at' is no column or target of posts: hand-outs say in it"),
        ("width =", "constructor|x =", "not valid TOML"),
        (
            'name = "three"',
            'name = "three"\nreference = "|"',
            "key 'tasks.0.reference': '|' is no name for a row",
        ),
    ],
)
def test_a_card_names_nothing_that_a_folder_or_a_table_would_take_amiss(
    tmp_path: Path, before: str, after: str, phrase: str
) -> None:
    with pytest.raises(CardError) as refused:
        load_card(named(tmp_path, before, after))
    assert phrase in str(refused.value) and "card.toml" in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("title", ["", "a" * 201, "Posts\n\n# More", "Posts\x1b[31m"])
def test_a_title_is_one_line_that_can_be_printed(tmp_path: Path, title: str) -> None:
    with pytest.raises(ValueError, match="a title is one line of at most 200 characters"):
        table_card(tmp_path, title=title)


def test_a_task_names_each_target_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="target 'likes' is named twice"):
        declared(tmp_path, targets=["likes", "likes"])


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_card_leaves_out_follows_from_the_kind_of_its_task(kind: str, tmp_path: Path) -> None:
    task, asked = declared(tmp_path, kind=kind), KINDS[kind]
    told = task.kind, task.measures, task.primary, task.reference
    assert told == (kind, asked.measures, asked.primary, asked.reference)
    assert set(asked.measures) <= set(MEASURES)
    assert set(asked.brief) <= set(asked.measures)
    assert asked.reference in discover(), "the project has a baseline of that name"
    assert asked.asked in discover()[asked.reference].told.answers


def test_a_task_is_a_regression_unless_it_says_otherwise(tmp_path: Path) -> None:
    task = declared(tmp_path)
    assert (task.kind, task.primary, task.reference) == ("regression", "mae", "recent_median")
    assert task.measures == ("spearman", "mae", "rmse", "r2")


def test_measures_without_the_usual_one_are_ranked_by_the_first(tmp_path: Path) -> None:
    assert declared(tmp_path, measures=["rmse", "mae"]).primary == "mae"
    assert declared(tmp_path, measures=["rmse", "mape"]).primary == "rmse"
    assert declared(tmp_path, measures=["rmse", "mape"], primary="mape").primary == "mape"
    assert declared(tmp_path, kind="event", measures=["brier", "auc"]).primary == "brier"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('kind = "evnt"', "unknown kind of task 'evnt'; did you mean 'event'?"),
        ("kind = 3", "tasks.0.kind': Input should be a valid string"),
        ('kind = ["event"]', "tasks.0.kind': Input should be a valid string"),
        ('measures = ["mea"]', "unknown measure 'mea'; did you mean 'mae'?"),
        ("measures = 3", "tasks.0.measures': Input should be a valid tuple"),
        ("measures = []", "tasks.0.measures': Tuple should have at least 1 item"),
        ('measures = ["mae", "mae"]', "measure 'mae' is named twice"),
        (
            'measures = ["mae", "pinball"]',
            "'pinball' is scored wherever quantiles are predicted: leave it out",
        ),
        (
            'primary = "spearmann"',
            "primary 'spearmann' is none of the task's measures; did you mean 'spearman'?",
        ),
        ('primary = "mape"', "primary 'mape' is none of the task's measures"),
        (
            'measures = ["mae", "auc"]',
            "measure 'auc' reads probabilities, and kind 'regression' has none",
        ),
        ('metrics = ["mae"]', "tasks.0.metrics': unknown key"),
    ],
)
def test_a_task_that_asks_for_what_there_is_not_is_refused_with_the_nearest(
    lines: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(CardError) as caught:
        load_card(written(tmp_path, lines))
    assert str(tmp_path / "card.toml") in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["aap"], "task 't': slices by unknown column 'aap'; did you mean 'app'?"),
        (["text"], "task 't': slices by 'text', of role 'text'; they are by a column of role"),
        (["likes"], "task 't': slices by unknown column 'likes'"),
        (["app", "app"], "slices by 'app' are asked for twice"),
    ],
)
def test_slices_are_by_columns_of_categories_whenever_they_are_known(
    asked: list[str], told: str, tmp_path: Path
) -> None:
    columns = {
        "post_id": {"role": "id"},
        "user_id": {"role": "user"},
        "time": {"role": "time"},
        "text": {"role": "text"},
        "app": {"role": "categorical", "availability": "crawl"},
    }
    with pytest.raises(ValueError, match=re.escape(told)):
        declared(tmp_path, columns, slices=asked)
    assert declared(tmp_path, columns, slices=["app"]).slices == ("app",)


def test_measures_of_any_number_may_be_asked_of_an_event(tmp_path: Path) -> None:
    """A probability is a number: whether it ranks as the events do can be asked, too."""
    assert declared(tmp_path, kind="event", measures=["auc", "spearman"]).primary == "auc"


def test_a_task_may_say_which_difference_does_not_matter(tmp_path: Path) -> None:
    assert declared(tmp_path).margin == 0.005
    assert declared(tmp_path, margin=0.02).margin == 0.02
    for wrong in (-0.1, 1.0, math.nan):
        with pytest.raises(ValidationError, match=r"tasks\.0\.margin"):
            declared(tmp_path, margin=wrong)


def test_a_margin_leaves_what_was_prepared_as_it_is(tmp_path: Path) -> None:
    """It says how results are compared, and reads nothing of the posts."""
    told = [declared(tmp_path, margin=margin).model_dump_json() for margin in (0.005, 0.02)]
    assert told[0] == told[1]
