"""The pages for people tell the truth: code runs, commands exist, tables match the cards."""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from test_rooms import KNOWN, room
from waiting import PATIENCE

from benchmark import PROJECT
from benchmark.card import Card
from benchmark.contract.template import write_baseline
from benchmark.data.cards import find_cards, load_card
from benchmark.task import Protocol, Task
from smpbench.cli.main import app

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/protocol.md",
    "docs/encoders.md",
    "docs/baselines.md",
    "docs/data_sets.md",
    "docs/submissions.md",
    "docs/leaderboard.md",
    "docs/tweets.md",
    "docs/collecting.md",
    "docs/smpd.md",
    "docs/cards.md",
    "docs/drafts.md",
    "docs/policy.md",
    "docs/desk.md",
    "docs/desk_server.md",
    "docs/network.md",
    "docs/qualities.md",
    "docs/new_dataset.md",
    "docs/pitfalls.md",
)
CARDS = [load_card(path) for path in find_cards(PROJECT / "datasets").values()]


def page(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), flags=re.MULTILINE | re.DOTALL)


def lines_of_shell(name: str) -> list[str]:
    return [line for block in blocks(name, "sh") for line in block.splitlines() if line]


def own_data(folder: Path, posts: int = 300) -> Path:
    """The README's card in `folder`, beside a posts.csv with the README's columns; the caption decides."""
    rng = random.Random(0)
    header = next(csv.reader(blocks("README.md", "csv")[0].splitlines()))
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
    card.write_text(blocks("README.md", "toml")[0], encoding="utf-8")
    return card


def smpbench(*arguments: str | Path, cwd: Path) -> str:
    """What the real command line prints; the test fails with its words if it does."""
    command = [sys.executable, "-m", "smpbench.cli.main", *map(str, arguments)]
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"}
    environment.pop("SMPBENCH_RAW", None)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_baseline_of_the_readme_is_the_file_that_new_baseline_writes(tmp_path: Path) -> None:
    written = write_baseline("text_ridge", tmp_path).read_text(encoding="utf-8")
    assert blocks("README.md", "python")[0] == written


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


def test_the_baseline_of_the_readme_has_twenty_lines_of_code() -> None:
    lines = [line for line in blocks("README.md", "python")[0].splitlines() if line.strip()]
    assert len(lines) <= 20


@pytest.mark.slow
def test_the_card_of_the_readme_reads_a_file_with_the_columns_of_the_readme(tmp_path: Path) -> None:
    card = own_data(tmp_path, posts=40)
    printed = smpbench("prepare", "-d", card, "--home", tmp_path / "home", cwd=tmp_path)
    assert printed.startswith("my_posts: 40 posts by 12 users, 2024-01-01 to ")


@pytest.mark.slow
def test_the_baseline_of_the_readme_beats_the_reference_on_the_own_data_of_the_readme(tmp_path: Path) -> None:
    card, home = own_data(tmp_path), tmp_path / "my_home"
    (tmp_path / "text_ridge.py").write_text(blocks("README.md", "python")[0], encoding="utf-8")
    chosen = ["-b", "recent_median", "-b", "text_ridge.py", "-p", "frozen"]
    smpbench("run", "-d", card, *chosen, "--home", home, cwd=tmp_path)
    board = pd.read_csv(home / "leaderboard" / "leaderboard.csv")
    mae = board[board["measure"] == "mae"].set_index("baseline")
    assert mae.loc["text_ridge", "rank"] == 1
    assert mae.loc["text_ridge", "skill"] > 0.5
    assert mae.loc["recent_median", "delta_best_low"] > 0
    assert "0 differences" in smpbench("verify", "--home", home, cwd=tmp_path)


@pytest.mark.parametrize("name", PAGES)
def test_every_smpbench_command_that_a_page_prints_is_understood(name: str) -> None:
    spans = re.findall(r"`(smpbench [^`]+)`", page(name))
    # In running text, `smpbench data | prepare` lists commands and `-d NAME` stands for a name.
    printed = [line for line in lines_of_shell(name) if line.startswith("smpbench ")]
    for line in [*printed, *(span for span in spans if "|" not in span)]:
        understood(shlex.split(line, comments=True)[1:])


def understood(arguments: list[str]) -> None:
    """Parse a command line without running it; raises what the command line would complain of."""
    command: Any = typer.main.get_command(app)
    if arguments == ["--help"]:
        return
    while hasattr(command, "commands"):
        assert arguments[0] in command.commands, f"no command '{arguments[0]}' in `{' '.join(arguments)}`"
        command, arguments = command.commands[arguments[0]], arguments[1:]
    if arguments:  # a bare `smpbench check` names a command and leaves its arguments out
        command.make_context(command.name, list(arguments))


@pytest.mark.parametrize("name", PAGES)
def test_every_make_target_that_a_page_names_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), flags=re.MULTILINE))
    printed = [*re.findall(r"`([^`\n]+)`", page(name)), *lines_of_shell(name)]
    named = {found[1] for line in printed if (found := re.match(r"(?:[A-Z_]+=\S+ )*make ([a-z-]+)", line))}
    assert named <= targets
    assert named or name != "README.md"


@pytest.mark.parametrize("name", PAGES)
def test_every_link_into_the_project_leads_somewhere(name: str) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)]+)\)", page(name)):
        path, _, anchor = link.partition("#")
        target = (PROJECT / name).parent / path if path else PROJECT / name
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, link


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def test_every_room_and_file_that_contributing_describes_exists() -> None:
    layout = page("CONTRIBUTING.md").partition("\n## Layout\n")[2].partition("\n## ")[0]
    described = re.findall(r"^\| `([\w/]+)` \| (.+) \|$", layout, flags=re.MULTILINE)
    assert {folder for folder, _ in described} >= {f"{room(name)}/" for name in KNOWN}
    for folder, told in described:
        for name in re.findall(r"`([\w.]+\.(?:py|js|md|toml)|\w+/)`", told):
            assert any((PROJECT / folder).rglob(name.rstrip("/"))), (folder, name)


def test_the_readme_shows_the_published_board_and_no_file_that_git_ignores() -> None:
    shown = {
        link for name in PAGES for link in re.findall(r"\]\((?:\.\./)?(leaderboard/[^)#]+)\)", page(name))
    }
    assert {"leaderboard/published/index.png", "leaderboard/published/index.html"} <= shown
    assert all(link.startswith("leaderboard/published") for link in shown), "a checkout has no other board"


def test_the_readme_lists_every_data_set_and_calls_synthetic_ones_so() -> None:
    section = page("README.md").partition("\n## Data sets\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+)$", section, flags=re.MULTILINE))
    assert rows.keys() == {card.name for card in CARDS}
    assert {name for name, row in rows.items() if "**synthetic**" in row} == {
        card.name for card in CARDS if card.synthetic
    }


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
