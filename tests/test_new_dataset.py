"""`smpbench new dataset`: from files to a card that reads, without a word being asked of whom nobody asks."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from raw_layouts import REAL
from typer.testing import CliRunner, Result

from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.proposing.draft import Draft, Entry
from benchmark.proposing.writing import SCHEMA, schema_address
from smpbench.cli.main import app
from smpbench.cli.new_dataset import asked, free_name
from tools.card_schema import card_schema

REAL_ROOT = Path(os.environ.get("SMPBENCH_RAW", REAL))


def posts(count: int = 400, **more: Sequence[Any]) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    times = pd.date_range("2022-01-01", periods=count, freq="23h")
    level = np.arange(count) % 25
    return pd.DataFrame(
        {
            "shortcode": [f"C{i:04}" for i in range(count)],
            "username": [f"user{one}" for one in level],
            "taken_at": times.astype("datetime64[s]").astype("int64"),
            "caption": [f"a walk along the river, the {i}th of many" for i in range(count)],
            "likes": draw.poisson(20 + 8 * level),
            "comments": draw.poisson(3 + level),
            "followers": 1000 + 10 * level,
            "zeal": draw.integers(0, 9, count),
            **more,
        }
    )


def new_dataset(*arguments: str | Path, home: Path) -> Result:
    return CliRunner().invoke(app, ["new", "dataset", *map(str, arguments), "--home", str(home)])


def asked_with(draft: Draft, *answers: str) -> tuple[list[str], list[str]]:
    given: Iterator[str] = iter(answers)
    return asked(draft, lambda question, default: next(given))


@pytest.mark.slow
def test_a_card_is_written_beside_the_data_and_prepared(tmp_path: Path) -> None:
    folder = tmp_path / "walks"
    folder.mkdir()
    posts().to_csv(folder / "posts.csv", index=False)
    done = new_dataset(folder, "--yes", home=tmp_path / "home")
    assert done.exit_code == 0, done.output
    card = load_card(folder / "card.toml")
    assert (card.name, card.reader, card.raw) == ("walks", "table", ("./posts.csv",))
    assert {name: column.availability for name, column in card.columns.items()} == {
        **dict.fromkeys(("post_id", "user_id", "time", "caption"), "publish"),
        **dict.fromkeys(("followers", "zeal", "comments"), "crawl"),
    }
    assert card.tasks[0].protocols["frozen"].cut_off == pd.Timestamp("2022-11-04", tz="UTC")
    assert "walks: 400 posts by 25 users" in done.output
    assert "post_id <- shortcode, id: another value in every row" in done.output
    last = done.output.strip().splitlines()[-1]
    assert last.startswith("next: smpbench run -d ") and last.endswith(
        f"card.toml --home {tmp_path / 'home'}"
    )


def test_a_card_that_is_there_stays(tmp_path: Path) -> None:
    posts().to_csv(tmp_path / "posts.csv", index=False)
    (tmp_path / "card.toml").write_text("mine")
    done = new_dataset(tmp_path, "--yes", home=tmp_path / "home")
    assert "exists already and stays as it is" in str(done.exception)
    assert (tmp_path / "card.toml").read_text() == "mine"


@pytest.mark.slow
def test_a_card_in_another_folder_says_where_the_data_are(tmp_path: Path) -> None:
    (tmp_path / "walks").mkdir()
    data = tmp_path / "walks" / "posts.csv"
    posts().to_csv(data, index=False)
    done = new_dataset(
        data, "--yes", "--output", tmp_path / "cards", "--name", "mine", home=tmp_path / "home"
    )
    assert done.exit_code == 0, done.output
    card = load_card(tmp_path / "cards" / "card.toml")
    assert (card.name, card.raw) == ("mine", ("posts.csv",))
    assert done.output.strip().endswith(f"--raw {tmp_path / 'walks'}")


@pytest.mark.slow
def test_without_a_terminal_nothing_is_asked_and_it_is_said_so(tmp_path: Path) -> None:
    posts().to_csv(tmp_path / "posts.csv", index=False)
    done = new_dataset(tmp_path, home=tmp_path / "home")
    assert done.exit_code == 0
    assert done.output.startswith("no terminal to ask at: taking what is safe, as with --yes")


@pytest.mark.slow
def test_where_the_data_cannot_be_prepared_the_card_stays_to_be_mended(tmp_path: Path) -> None:
    rounded = [f"{1 + one % 9}.06E+17" for one in range(400)]
    posts(username=rounded).to_csv(tmp_path / "posts.csv", index=False)
    done = new_dataset(tmp_path, "--yes", home=tmp_path / "home")
    assert done.exit_code == 1
    assert load_card(tmp_path / "card.toml").columns["user_id"].source == ("username",)
    assert "an id that was rounded as a number" in done.output
    assert "mend this line of the card: card.toml:" in done.output and "user_id = {" in done.output
    assert "then: smpbench prepare -d" in done.output


@pytest.mark.slow
def test_a_column_that_tells_the_label_is_withheld(tmp_path: Path) -> None:
    table = posts()
    table.assign(width=table["likes"] * 3 + 1).to_csv(tmp_path / "posts.csv", index=False)
    assert new_dataset(tmp_path, "--yes", home=tmp_path / "home").exit_code == 0
    assert load_card(tmp_path / "card.toml").columns["width"].availability == "crawl"
    assert "looks like the label 'likes'" in (tmp_path / "card.toml").read_text()


@pytest.mark.slow
def test_languages_that_are_not_english_are_named(tmp_path: Path) -> None:
    captions = [f"Ontem à noite passeamos junto ao rio e jantamos, número {i} de muitos" for i in range(400)]
    posts(caption=captions).to_csv(tmp_path / "posts.csv", index=False)
    assert new_dataset(tmp_path, "--yes", home=tmp_path / "home").exit_code == 0
    assert load_card(tmp_path / "card.toml").languages == ("pt",)


def test_a_card_names_the_schema_that_editors_complete_from(tmp_path: Path) -> None:
    assert schema_address(tmp_path) == str(SCHEMA)
    assert schema_address(PROJECT / "datasets" / "mine") == "../../docs/card.schema.json"


def test_the_schema_is_that_of_the_cards() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == card_schema(), "run `python -m tools.card_schema`"


def test_the_schema_knows_every_key_of_the_cards_and_what_it_means() -> None:
    schema = json.loads(card_schema())

    def properties(said: dict[str, Any], path: str = "") -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        yield schema["properties"], said
        for column in said["columns"].values():
            yield schema["$defs"]["Column"]["properties"], column
        for target in said["targets"].values():
            yield schema["$defs"]["Target"]["properties"], target
        for task in said["tasks"]:
            yield schema["$defs"]["Task"]["properties"], task

    for path in (PROJECT / "datasets").glob("*/card.toml"):
        for known, said in properties(tomllib.loads(path.read_text(encoding="utf-8"))):
            assert said.keys() <= known.keys(), path
    assert "first found wins" in schema["$defs"]["Column"]["properties"]["source"]["description"]
    assert {"type": "string"} in schema["$defs"]["Column"]["properties"]["source"]["anyOf"]
    assert schema["$defs"]["Task"]["required"] == ["name", "targets", "protocols"]


def test_the_name_is_that_of_the_folder_unless_the_project_has_it(tmp_path: Path) -> None:
    assert free_name(tmp_path / "My Walks (2022)") == "my_walks_2022"
    assert free_name(tmp_path / "walks" / "data") == "walks"
    assert free_name(tmp_path / "vine") == "my_vine"


def test_two_questions_are_asked_at_most_and_again_if_not_understood(
    capsys: pytest.CaptureFixture[str],
) -> None:
    draft = Draft(Path(), "./posts.csv")
    draft.labels = [Entry(name, {}, "", kind=name) for name in ("likes", "views")]
    draft.columns = [Entry(name, {}, "", doubtful=True) for name in ("zeal", "mood")]
    assert asked_with(draft, "likes", "none") == (["likes"], [])
    assert asked_with(draft, "all", "all") == (["likes", "views"], ["zeal", "mood"])
    assert asked_with(draft, "veiws", "views, likes", "mood") == (["views", "likes"], ["mood"])
    assert "did you mean 'views'" in capsys.readouterr().out
    draft.labels, draft.columns = draft.labels[:1], []
    assert asked_with(draft) == (["likes"], [])


@pytest.mark.slow
def test_from_a_table_with_photos_to_a_row_in_two_commands(tmp_path: Path) -> None:
    from PIL import Image

    draw = np.random.default_rng(0)
    table = posts()
    for code, user in zip(table["shortcode"], table["username"], strict=True):
        path = tmp_path / "walks" / "photos" / user / f"{code}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(path)
    table.to_csv(tmp_path / "walks" / "posts.csv", index=False)
    home = tmp_path / "walks" / "home"
    assert new_dataset(tmp_path / "walks", "--yes", home=home).exit_code == 0
    card = load_card(tmp_path / "walks" / "card.toml")
    assert card.columns["image"].file == "photos/{username}/{shortcode}.jpg"
    chosen = ["-d", str(card.folder / "card.toml"), "-b", "recent_median", "--home", str(home)]
    done = CliRunner().invoke(app, ["run", *chosen])
    assert done.exit_code == 0, done.output
    assert "recent_median" in (home / "leaderboard" / "LEADERBOARD.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "label", "account"),
    [
        ("tiktok_news", "M4_like_count", "V3_news_outlet"),
        ("instagram_profiles", "numberLikes", "document.alias"),
        ("instagram_images", "likes", "account"),
        ("musk_tweets", "likes", "user_id"),
    ],
)
def test_real_data_are_read_by_the_card_that_is_proposed(
    folder: str, label: str, account: str, tmp_path: Path
) -> None:
    raw = REAL_ROOT / folder
    if not raw.is_dir():
        pytest.skip(f"no real data: {raw} is absent (set SMPBENCH_RAW)")
    done = new_dataset(raw, "--yes", "--output", tmp_path, home=tmp_path / "home")
    assert done.exit_code == 0, done.output
    card = load_card(tmp_path / "card.toml")
    assert (card.targets["likes"].source or ("likes",)) == (label,)
    assert (card.columns["user_id"].source or ("user_id",)) == (account,)
