"""Which qualities viral posts have in common: which posts are viral, the report, the command."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from qualities_asked import DATASETS, sides, told
from raw_layouts import write_csv
from table_sets import rows, table_card
from typer.testing import CliRunner

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.errors import SmpbenchError, UnknownName
from benchmark.qualities.content import Content
from benchmark.qualities.groups import grouped
from benchmark.qualities.measured import table
from benchmark.qualities.report import Report, report
from benchmark.qualities.words import sentence
from benchmark.run.tasks import TaskPosts
from smpbench.cli.main import app

# Which posts are viral


def asking(accounts: int = 12, each: int = 40, helps: bool = True) -> list[dict[str, Any]]:
    """A third of the texts asks a question, which trebles the likes, or does not; accounts differ tenfold."""
    rng = np.random.default_rng(5)
    found = []
    for i in range(accounts * each):
        account, asks = i % accounts, rng.random() < 1 / 3
        likes = 10 * 2**account * np.exp(rng.normal(0, 0.6)) * (3 if asks and helps else 1)
        found.append(
            {
                "post_id": f"p{i}",
                "user_id": f"u{account}",
                "time": f"2021-{1 + i % 12:02}-{1 + i // 12 % 28:02}T{i % 24:02}:00:00",
                "text": f"on the matter {'A' * int(rng.integers(1, 9))}{'?' if asks else '.'}",
                "width": i * 17 % 101,
                "likes": round(float(likes)),
                "kind": "even" if i % 2 else "odd",
            }
        )
    return found


COLUMNS: dict[str, dict[str, Any]] = {
    "post_id": {"role": "id"},
    "user_id": {"role": "user"},
    "time": {"role": "time"},
    "text": {"role": "text"},
    "width": {"role": "numeric"},
    "kind": {"role": "category", "level": 1},
}


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Style alone is measured."""
    monkeypatch.setattr("benchmark.qualities.content.encoders", lambda *asked: {})


def of_table(folder: Path, content: list[dict[str, Any]], by: str = "account", **changed: Any) -> Report:
    write_csv(folder / "raw" / "mine.csv", content)
    card = table_card(folder, **({"columns": COLUMNS} | changed))
    prepared = prepare(card, folder / "home", [])
    return report(prepared, card.tasks[0], folder / "home", by=by)


def task_posts(folder: Path, labels: Sequence[float], accounts: Sequence[str]) -> TaskPosts:
    content = [
        {
            **row,
            "likes": likes,
            "user_id": account,
            "time": f"2021-03-{1 + i % 28:02}T00:00:00",
            "kind": "one",
        }
        for i, (row, likes, account) in enumerate(zip(rows(len(labels)), labels, accounts, strict=True))
    ]
    write_csv(folder / "raw" / "mine.csv", content)
    card = table_card(folder, columns=COLUMNS)
    return TaskPosts.of(prepare(card, folder / "home", []), card.tasks[0])


def test_the_top_tenth_is_that_of_each_account_with_enough_posts(tmp_path: Path) -> None:
    labels = [*range(40), *range(100, 119)]
    found = grouped(task_posts(tmp_path, labels, ["a"] * 40 + ["b"] * 19))
    assert found.names == ["a"]  # 19 posts are too few
    assert (len(found.rows), int(found.viral.sum())) == (40, 4)


def test_equal_labels_at_the_edge_are_all_left_out(tmp_path: Path) -> None:
    labels = [100, 99, 50, 50, 50, *range(35)]
    found = grouped(task_posts(tmp_path, labels, ["a"] * 40))
    assert int(found.viral.sum()) == 2


def test_labels_that_hardly_differ_have_no_top_tenth_and_few_posts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SmpbenchError, match="the labels of no account with 20 posts differ enough"):
        grouped(task_posts(tmp_path / "one", [7] * 40, ["a"] * 40))
    with pytest.raises(SmpbenchError, match=r"no account has 20 labelled posts to be compared; .* are 15\."):
        grouped(task_posts(tmp_path / "other", list(range(30)), ["a", "b"] * 15))


def test_of_a_task_of_events_those_are_viral_to_which_it_happened(tmp_path: Path) -> None:
    content = [{**row, "likes": int(i % 9 == 0)} for i, row in enumerate(asking())]
    write_csv(tmp_path / "raw" / "mine.csv", content)
    task = {
        "name": "t",
        "kind": "event",
        "targets": ["likes"],
        "protocols": {"frozen": {"cut_off": "2021-09-01T00:00:00"}},
    }
    card = table_card(tmp_path, columns=COLUMNS, tasks=[task], targets={"likes": {}})
    found = grouped(TaskPosts.of(prepare(card, tmp_path / "home", []), card.tasks[0]))
    assert found.viral.sum() == sum(row["likes"] for row in content)
    assert found.definition == "those of which 'likes' is 1"


# The report


@pytest.mark.usefixtures("no_models")
def test_a_planted_quality_is_found_and_told_in_words(tmp_path: Path) -> None:
    found = of_table(tmp_path, asking())
    named = {one.name: one for one in found.qualities}
    assert [name for name, one in named.items() if one.is_found] == ["text.question"]
    asked = named["text.question"].found
    share = f"({asked.viral:.1%} against {asked.others:.1%})"
    assert sentence(named["text.question"]).startswith("viral posts ask a question 3.4 ")
    assert sentence(named["text.question"]).endswith(f"times as often {share}")
    assert found.not_told["text.link"] == "it is the same in all but a few posts"
    assert (found.accounts, found.groups, found.viral_posts) == (12, 12, 47)  # and one tie


@pytest.mark.slow
@pytest.mark.usefixtures("no_models")
def test_a_quality_that_makes_accounts_large_and_not_posts_viral_is_not_found(tmp_path: Path) -> None:
    content = asking(helps=False)
    for row in content:  # the larger accounts write more
        row["text"] += " and so on" * int(row["user_id"][1:])
    by_account = {one.name: one for one in of_table(tmp_path / "one", content).qualities}
    assert not any(one.is_found for one in by_account.values())
    by_kind = {one.name: one for one in of_table(tmp_path / "other", content, by="category").qualities}
    assert by_kind["text.length"].found.effect > 1


@pytest.mark.usefixtures("no_models")
def test_posts_that_grow_with_time_are_noted(tmp_path: Path) -> None:
    content = asking()
    for row in content:
        row["likes"] = int(row["time"][5:7]) * 100 + int(row["time"][8:10])
    assert "a viral post is later than another of its account in 100%" in " ".join(
        of_table(tmp_path, content).notes
    )


@pytest.mark.slow
def test_columns_that_cannot_group_posts_are_refused_by_name(tmp_path: Path) -> None:
    write_csv(tmp_path / "raw" / "mine.csv", asking())
    late = COLUMNS | {"kind": {"role": "categorical", "availability": "crawl"}}
    for columns, by, error in (
        (COLUMNS, "kinds", "unknown column of mine to group posts by 'kinds'; did you mean 'kind'"),
        (
            COLUMNS,
            "width",
            r"posts cannot be grouped by 'width' holds no categories \(its role is 'numeric'\)",
        ),
        (late, "kind", "'kind' is known only as it was when the posts were collected"),
        (late, "category", "unknown column of mine to group posts by 'category'"),
    ):
        card = table_card(tmp_path, columns=columns)
        prepared = TaskPosts.of(prepare(card, tmp_path / "home", []), card.tasks[0])
        with pytest.raises(SmpbenchError, match=error):
            grouped(prepared, by)
    card = table_card(tmp_path, columns=COLUMNS)
    with pytest.raises(UnknownName, match="unknown account 'u99'"):
        grouped(TaskPosts.of(prepare(card, tmp_path / "home", []), card.tasks[0]), "account", "u99")


def test_a_set_without_texts_and_images_has_no_qualities(tmp_path: Path) -> None:
    columns = {name: one for name, one in COLUMNS.items() if name != "text"}
    with pytest.raises(SmpbenchError, match="neither text nor images that are known at publication"):
        of_table(tmp_path, asking(), columns=columns)


@pytest.mark.usefixtures("no_models")
def test_of_too_many_posts_whole_accounts_are_drawn_the_same_each_time(tmp_path: Path) -> None:
    write_csv(tmp_path / "raw" / "mine.csv", asking())
    card = table_card(tmp_path, columns=COLUMNS)
    prepared = prepare(card, tmp_path / "home", [])
    one, other = (report(prepared, card.tasks[0], tmp_path / "home", most=300) for _ in range(2))
    assert (one.posts, one.accounts, one.drawn_of) == (280, 7, 480)
    assert one == other


# The command


@pytest.mark.slow
@pytest.mark.usefixtures("no_models")
def test_the_command_says_what_it_is_and_writes_a_table_and_a_picture(tmp_path: Path) -> None:
    write_csv(tmp_path / "data" / "mine.csv", asking())
    columns = "\n".join(
        f"{name} = {{ {', '.join(f'{key} = {json.dumps(value)}' for key, value in column.items())} }}"
        for name, column in COLUMNS.items()
    )
    (tmp_path / "card.toml").write_text(
        'name = "mine"\ntitle = "Mine"\nreader = "table"\nraw = "data"\nlicence = "mine"\nobtain = "Ask"\n'
        f'[columns]\n{columns}\n[targets]\nlikes = {{ scale = "log1p" }}\n'
        '[[tasks]]\nname = "t"\ntargets = ["likes"]\nprotocols = { frozen = { cut_off = 2021-09-01 } }\n'
    )
    asked = ["qualities", "-d", str(tmp_path / "card.toml"), "--home", str(tmp_path / "home")]
    files = ["--csv", str(tmp_path / "out" / "q.csv"), "--plot", str(tmp_path / "out" / "q.png")]
    done = CliRunner().invoke(app, [*asked, *files], catch_exceptions=False)
    lines = done.stdout.splitlines()
    assert lines[1] == "  an association among these posts, not what would happen if a post were changed"
    assert "  viral are the top tenth of each account's own posts by 'likes'" in lines
    assert "480 posts by 12 accounts, 2021-01-01 to 2021-12-" in done.stdout
    assert "viral posts ask a question 3.4 times as often" in done.stdout
    with (tmp_path / "out" / "q.csv").open() as file:
        written = {row["quality"]: row for row in csv.DictReader(file)}
    assert written["text.question"]["is_found"] == "True"
    with Image.open(tmp_path / "out" / "q.png") as picture:
        assert picture.width == 900
    of_one = CliRunner().invoke(app, [*asked, "--json", "--only", "u3"], catch_exceptions=False)
    told = json.loads(of_one.stdout)
    assert (told["only"], told["accounts"], told["posts"]) == ("u3", 1, 40)
    unknown = CliRunner().invoke(app, [*asked, "-t", "tt"])
    assert "unknown task of mine 'tt'; did you mean 't'?" in str(unknown.exception)


# The demo sets, whose effects are planted


@pytest.mark.slow
def test_what_is_planted_in_the_demo_tweets_is_found_beside_the_accounts_growth(tmp_path: Path) -> None:
    """The account grows a hundredfold: viral is here what stands out of the 50 tweets around it."""
    card = load_card(DATASETS / "demo_tweets" / "card.toml")
    prepared = prepare(card, tmp_path, [])
    of = TaskPosts.of(prepared, card.tasks[0])
    likes = pd.Series(of.labels[:, 0])
    apart = (likes - likes.rolling(51, center=True, min_periods=10).median()).to_numpy()
    viral = apart >= np.quantile(apart, 0.9)
    texts = [str(Content.of(prepared).items["text"][row]) for row in of.rows]
    values = table(texts, {}, card.languages).astype(float)
    compared = sides(np.zeros(len(viral), np.int64), viral, of.times, number=1000)
    link, emoji, question, lines = (
        told(compared.association(values[f"text.{name}"].to_numpy()))
        for name in ("link", "emoji", "question", "lines")
    )
    assert link.high < 0 and link.p < 0.001  # planted: -0.45 of log1p(likes)
    assert emoji.low > 0 and emoji.p < 0.01  # +0.30
    assert question.effect > 0  # +0.20
    assert lines.effect < 0.1  # of the endings of two lines: -0.15


@pytest.mark.slow
def test_what_is_planted_in_the_demo_photos_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmark.qualities.measured import encoders

    def of_pixels(*asked: Any) -> Any:
        return {name: one for name, one in encoders(*asked).items() if name in ("quality", "composition")}

    monkeypatch.setattr("benchmark.qualities.content.encoders", of_pixels)
    card = load_card(DATASETS / "demo_flickr" / "card.toml")
    found = report(prepare(card, tmp_path, []), card.tasks[0], tmp_path, by="category")
    named = {one.name: one for one in found.qualities}
    for name in ("image.brightness", "image.colourfulness"):
        assert named[name].is_found, name
        assert named[name].found.low > 0
    for name in ("text.length", "text.capitals"):
        assert not named[name].is_found
