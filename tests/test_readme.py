"""What pages say of the project is true: code runs, tables match cards and commands, numbers the board."""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from documents import blocks, page, smpbench
from rooms import KNOWN, room

from benchmark import PROJECT
from benchmark.contract.template import write_baseline
from benchmark.data.cards import find_cards, load_card
from benchmark.declared.card import Card
from benchmark.declared.task import Protocol, Task
from leaderboard.board.brief import brief
from leaderboard.board.merged import read_csv
from leaderboard.board.prices import FILE, read_prices
from leaderboard.board.quoted import PAGES as QUOTING
from leaderboard.board.quoted import TABLES, renewed
from smpbench.cli.main import app

OWN, MODEL = "docs/new_dataset.md", "docs/own_model.md"
MOST_WORDS = 1500
CARDS = [load_card(path) for path in find_cards(PROJECT / "datasets").values()]


def own_data(folder: Path, posts: int = 300) -> Path:
    """The card of `OWN` in `folder`, beside a posts.csv with its columns; the caption decides."""
    rng = random.Random(0)
    header = next(csv.reader(blocks(OWN, "csv")[0].splitlines()))
    time = dt.datetime(2024, 1, 1)
    with (folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        for number in range(posts):
            time += dt.timedelta(hours=rng.uniform(4, 20))
            likes, caption = rng.choices(
                [
                    (30, "Closed on Monday"),
                    (100, "New bread in the oven"),
                    (400, "Free cake for everyone today"),
                ],
                weights=[1, 3, 1],
            )[0]
            post = {
                "id": number,
                "account": f"shop {number % 12}",
                "posted_at": time.isoformat(timespec="seconds"),
                "caption": caption,
                "format": rng.choice(["photo", "video"]),
                "followers": 100,
                "likes": round(likes * rng.uniform(0.8, 1.25)),
            }
            writer.writerow(post)
    card = folder / "card.toml"
    card.write_text(blocks(OWN, "toml")[0], encoding="utf-8")
    return card


def words(text: str) -> int:
    """As `wc -w` counts them."""
    return len(text.split())


def board() -> pd.DataFrame:
    """The published one."""
    return read_csv(page("leaderboard/published/leaderboard.csv"))


def test_the_readme_has_1500_words_at_most() -> None:
    assert words(page("README.md")) <= MOST_WORDS


@pytest.mark.slow
def test_the_readme_has_room_for_every_real_data_set() -> None:
    """With names of rows as long as any, and the reference among the best."""
    line = board().iloc[0].to_dict() | {"baseline": "temporal_fusion_transformer", "variant": "one more"}
    best = line | {"measure": line["primary"], "rank": 1.0, "set_p": 1.0, "n_test": 100_000}
    skill = line | {"measure": "skill", "score": 0.12, "score_low": -0.12, "score_high": 0.12}
    reference = best | {"baseline": line["reference"], "variant": "default", "rank": 2.0}
    lines = [
        one | {"dataset": card.name, "task": card.tasks[0].name, "protocol": protocol}
        for card in CARDS
        if not card.synthetic
        for protocol in ("frozen", "rolling")
        for one in (best, skill, reference)
    ]
    full = brief(pd.DataFrame(lines), set())
    assert full.count("2 of 2, reference too") == 2 * sum(not card.synthetic for card in CARDS)
    before, _, rest = page("README.md").partition("<!-- results -->")
    assert words(before + full + rest.partition("<!-- /results -->")[2]) <= MOST_WORDS


@pytest.mark.slow
@pytest.mark.parametrize("name", QUOTING)
def test_the_tables_that_a_page_quotes_are_those_of_the_published_board(name: str) -> None:
    synthetic = {card.name for card in CARDS if card.synthetic}
    prices = read_prices(PROJECT / "leaderboard" / "published" / FILE)
    assert renewed(PROJECT / name, board(), prices, synthetic) == page(name), "run `smpbench publish`"
    assert any(f"<!-- {table} -->" in page(name) for table in TABLES)


def test_the_baseline_of_the_docs_is_the_file_that_new_baseline_writes(tmp_path: Path) -> None:
    written = write_baseline("text_ridge", tmp_path).read_text(encoding="utf-8")
    assert blocks(MODEL, "python")[1] == written


def test_the_baseline_of_the_docs_has_twenty_lines_of_code() -> None:
    lines = [line for line in blocks(MODEL, "python")[1].splitlines() if line.strip()]
    assert len(lines) <= 20


def test_the_python_of_the_readme_is_that_of_the_docs() -> None:
    model, script = blocks("README.md", "python")
    assert [model, script] == [blocks(MODEL, "python")[0], blocks("docs/python.md", "python")[0]]


@pytest.mark.slow
def test_the_python_of_the_readme_leads_to_a_row(tmp_path: Path) -> None:
    _, script = blocks("README.md", "python")
    environment = {**os.environ, "SMPBENCH_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "Task demo_tweets/engagement rolling" in done.stdout
    name = "sklearn_hist_gradient_boosting_regressor:inputs=tabular+history,around=level"
    assert f"Row {name} on demo_tweets/engagement rolling: likes " in done.stdout


@pytest.mark.slow
def test_the_card_of_the_docs_reads_a_file_with_the_columns_of_the_docs(tmp_path: Path) -> None:
    card = own_data(tmp_path, posts=40)
    printed = smpbench("prepare", "-d", card, "--home", tmp_path / "home", cwd=tmp_path)
    assert printed.startswith("my_posts: 40 posts by 12 users, 2024-01-01 to ")


@pytest.mark.slow
def test_the_models_of_the_docs_beat_the_reference_on_the_own_data_of_the_docs(tmp_path: Path) -> None:
    card, home = own_data(tmp_path), tmp_path / "my_home"
    for name, block in zip(("my_model.py", "text_ridge.py"), blocks(MODEL, "python"), strict=True):
        (tmp_path / name).write_text(block, encoding="utf-8")
    chosen = ["-b", "recent_median", "-b", "my_model.py", "-b", "text_ridge.py", "-p", "frozen"]
    smpbench("run", "-d", card, *chosen, "--home", home, cwd=tmp_path)
    rows = pd.read_csv(home / "leaderboard" / "leaderboard.csv")
    mae = rows[rows["measure"] == "mae"].set_index("baseline")
    assert mae["rank"].sort_values().index[-1] == "recent_median"
    assert {"my_model", "text_ridge"} < set(mae.index)
    assert mae.loc["text_ridge", "skill"] > 0.5
    assert mae.loc["recent_median", "delta_best_low"] > 0
    assert "0 differences" in smpbench("verify", "--home", home, cwd=tmp_path)


def test_the_table_of_commands_has_a_row_for_each() -> None:
    command: Any = typer.main.get_command(app)
    there = {
        " ".join(filter(None, (name, inner)))
        for name, one in command.commands.items()
        if not one.hidden
        for inner in getattr(one, "commands", {"": None})
    }
    rows = re.findall(r"^\| `smpbench ([^`]+)` \|", page("docs/commands.md"), flags=re.MULTILINE)
    told = [f"{row} " for row in rows]
    assert {name for name in there if not any(row.startswith(f"{name} ") for row in told)} == set()


def test_the_readme_begins_with_how_to_try_run_and_test_it() -> None:
    assert blocks("README.md", "sh")[0].split("\n")[:3] == ["make demo", "make bench", "make test"]


def test_the_readme_names_the_doors_for_models_in_other_languages() -> None:
    lines = "\n".join(blocks("README.md", "sh"))
    assert all(f"smpbench {door} " in lines for door in ("posts", "score", "submit"))


def test_every_room_and_file_that_contributing_describes_exists() -> None:
    layout = page("CONTRIBUTING.md").partition("\n## Layout\n")[2].partition("\n## ")[0]
    described = re.findall(r"^\| `([\w/]+)` \| (.+) \|$", layout, flags=re.MULTILINE)
    assert {folder for folder, _ in described} >= {f"{room(name)}/" for name in KNOWN}
    for folder, told in described:
        for name in re.findall(r"`([\w.]+\.(?:py|js|md|toml)|\w+/)`", told):
            assert any((PROJECT / folder).rglob(name.rstrip("/"))), (folder, name)


def test_the_readme_shows_the_published_board_and_no_file_that_git_ignores() -> None:
    shown = {
        link
        for path in (PROJECT / "README.md", *(PROJECT / "docs").glob("*.md"))
        for link in re.findall(r"\]\((?:\.\./)?(leaderboard/[^)#]+)\)", path.read_text(encoding="utf-8"))
    }
    assert {"leaderboard/published/index.png", "leaderboard/published/index.html"} <= shown
    assert all(link.startswith("leaderboard/published") for link in shown), "a checkout has no other board"


def test_the_docs_list_every_data_set_and_call_synthetic_ones_so() -> None:
    section = page("docs/data_sets.md").partition("\n## What there is\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+)$", section, flags=re.MULTILINE))
    assert rows.keys() == {card.name for card in CARDS}
    assert {name for name, row in rows.items() if "**synthetic**" in row} == {
        card.name for card in CARDS if card.synthetic
    }


def test_beside_other_benchmarks_the_number_of_data_sets_is_told_as_it_is() -> None:
    synthetic = sum(card.synthetic for card in CARDS)
    told = f"| {len(CARDS) - synthetic} real data sets, {synthetic} synthetic |"
    assert told in page("docs/other_benchmarks.md")


@pytest.mark.parametrize(
    ("card", "task"), [(card, task) for card in CARDS for task in card.tasks], ids=lambda x: x.name
)
def test_the_protocol_page_states_the_dates_that_the_card_declares(card: Card, task: Task) -> None:
    frozen, rolling = task.protocols["frozen"], task.protocols["rolling"]
    wanted = [_cut_off(frozen), _days(frozen.embargo_days)]
    wanted += [f"{_days(rolling.block_days)}, {_days(rolling.reveal_days)}"]
    assert f"| `{card.name}` / `{task.name}` | {' | '.join(wanted)} |" in page("docs/protocol.md")
    assert _cut_off(rolling) == _cut_off(frozen)


def _cut_off(protocol: Protocol) -> str:
    if protocol.cut_off is None:
        return f"last {protocol.test_fraction:.0%} of the time"
    return f"{protocol.cut_off:%Y-%m-%d}"


def _days(number: float) -> str:
    return f"{number:g} day" + ("s" if number != 1 else "")


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_the_protocol_page_names_every_column_that_is_withheld(card: Card) -> None:
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \| ((?:`\w+`(?:, )?)+) \|$", page("docs/protocol.md"), re.MULTILINE
    )
    stated = {
        name: set(re.findall(r"\w+", columns))
        for names, columns in rows
        for name in re.findall(r"\w+", names)
    }
    withheld = {name for name, column in card.columns.items() if column.availability == "crawl"}
    assert stated.get(card.name, set()) == withheld


def test_every_promise_of_the_protocol_names_tests_that_there_are() -> None:
    text = (PROJECT / "docs" / "protocol.md").read_text(encoding="utf-8")
    table = text[text.index("| promise | kept by |") :].split("\n\n")[0].splitlines()[2:]
    assert len(table) > 10
    for line in table:
        named = re.findall(r"`(test_\w+\.py|python -m tools\.\w+)`", line.split("|")[4])
        assert named, line
        for one in named:
            path = f"tests/{one}" if one.endswith(".py") else f"tools/{one.rpartition('.')[2]}.py"
            assert (PROJECT / path).is_file(), one
