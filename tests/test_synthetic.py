from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from generated import prepare
from table_sets import table_card
from typer.testing import CliRunner

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare as prepare_as_told
from benchmark.data.synthetic import is_of_the_project
from benchmark.declared.card import Card
from benchmark.errors import CardError, DataError
from benchmark.sealing.landlock import version
from smpbench.cli.main import app
from smpbench.door.names import run_options

pytestmark = pytest.mark.slow

GENERATOR = """
import argparse, csv, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--out", type=pathlib.Path); parser.add_argument("--posts", type=int)
parser.add_argument("--force", action="store_true")
asked = parser.parse_args()
asked.out.mkdir(parents=True, exist_ok=asked.force)
with open(asked.out / "posts.csv", "w") as posts, open(asked.out / "ceiling.csv", "w") as ceiling:
    print("post_id,user_id,time,text,width,likes", file=posts)
    print("post_id,likes", file=ceiling)
    for i in range(asked.posts):
        print(f"p{i},u,2021-03-01T00:{i % 60:02}:00,t,{i * 17 % 40},{i}", file=posts)
        if i != SKIPPED: print(f"p{i},{i / 2}", file=ceiling)
"""


def synthetic_card(
    folder: Path, posts: int = 40, skipped: int = -1, script: str = "generate.py", **changed: Any
) -> Card:
    folder.mkdir(exist_ok=True)
    (folder / "generate.py").write_text(f"SKIPPED = {skipped}\n{GENERATOR}")
    generator = {"script": script, "posts": posts, "ceiling": "ceiling.csv"}
    return table_card(folder, synthetic=True, generator=generator, **changed)


def test_a_synthetic_set_makes_its_raw_files_and_knows_its_ceiling(tmp_path: Path) -> None:
    targets = prepare(synthetic_card(tmp_path), tmp_path / "home", []).targets()
    assert targets.column_names == ["post_id", "likes", "ceiling_likes"]
    assert targets["ceiling_likes"].to_pylist() == [like / 2 for like in targets["likes"].to_pylist()]


def test_a_synthetic_set_is_made_again_when_its_generator_changes_and_only_then(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare(synthetic_card(tmp_path), home, [])
    made = (home / "raw" / "mine" / "posts.csv").stat().st_mtime_ns
    prepare(synthetic_card(tmp_path), home, [])
    assert (home / "raw" / "mine" / "posts.csv").stat().st_mtime_ns == made
    assert prepare(synthetic_card(tmp_path, posts=50), home, []).report["posts"] == 50


def test_a_synthetic_set_is_made_again_when_code_that_generators_share_changes(tmp_path: Path) -> None:
    home, shared = tmp_path / "home", tmp_path / "generators" / "staging.py"
    shared.parent.mkdir()
    (tmp_path / "set").mkdir()
    made = []
    for content in ("A = 1", "A = 1", "A = 2"):
        shared.write_text(content)
        prepare(synthetic_card(tmp_path / "set"), home, [])
        made.append((home / "raw" / "mine" / "posts.csv").stat().st_mtime_ns)
    assert made[0] == made[1] < made[2]


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "a folder", "a link", "one too many"])
def test_what_was_generated_and_is_not_so_any_more_is_generated_anew(damage: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = prepare(synthetic_card(tmp_path), home).fingerprint
    made = home / "raw" / "mine" / "posts.csv"
    content = made.read_bytes()
    if damage == "one too many":
        (made.parent / "more.csv").write_text("x")
    elif damage == "flipped":
        made.write_bytes(content.replace(b"p3,u", b"p3,v"))
    elif damage == "cut":
        made.write_bytes(content[:40])
    else:
        made.unlink()
    if damage == "a folder":
        made.mkdir()
    elif damage == "a link":
        made.symlink_to(tmp_path / "card.toml")
    assert prepare(synthetic_card(tmp_path), home).fingerprint == before
    assert made.read_bytes() == content
    assert not (made.parent / "more.csv").exists()


def test_a_generator_that_fails_is_reported_with_its_last_words(tmp_path: Path) -> None:
    card = synthetic_card(tmp_path)
    (tmp_path / "generate.py").write_text("raise SystemExit('out of paint')")
    with pytest.raises(DataError, match=r"generate\.py: the generator ended with status 1: out of paint"):
        prepare(card, tmp_path / "home", [])


@pytest.mark.skipif(not version(), reason="this system has no Landlock")
def test_a_generator_writes_and_reads_nowhere_else_even_with_the_users_leave(tmp_path: Path) -> None:
    secret, victim = tmp_path / "elsewhere" / "secret", tmp_path / "elsewhere" / "victim"
    secret.parent.mkdir()
    secret.write_text("secret")
    card = synthetic_card(tmp_path / "card")
    script = tmp_path / "card" / "generate.py"
    for act in (f"open({str(secret)!r}).read()", f"open({str(victim)!r}, 'w')"):
        script.write_text(act)
        with pytest.raises(DataError, match="Permission denied"):
            prepare(card, tmp_path / "home", [])
    assert not victim.exists()
    assert [path for path in (tmp_path / "home" / "raw").iterdir() if path.is_dir()] == []


def test_a_post_without_a_ceiling_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ceiling\.csv.*no row for 1 posts, the first is 'p7'"):
        prepare(synthetic_card(tmp_path, skipped=7), tmp_path / "home", [])


# Whose script runs, and where


def test_the_script_of_a_card_from_elsewhere_does_not_run_unless_the_user_says_so(tmp_path: Path) -> None:
    card, home = synthetic_card(tmp_path), tmp_path / "home"
    with pytest.raises(CardError, match=r"made by a script that came with the card, .*--allow-generator"):
        prepare_as_told(card, home, ())
    assert not (home / "raw").exists()
    assert prepare(card, home).report["posts"] == 40


def test_what_was_generated_with_leave_is_read_without(tmp_path: Path) -> None:
    card, home = synthetic_card(tmp_path), tmp_path / "home"
    prepare(card, home)
    assert prepare_as_told(card, home, (), force=True).report["posts"] == 40
    with pytest.raises(CardError, match=r"--allow-generator"):  # the script is another
        prepare_as_told(synthetic_card(tmp_path, skipped=7), home, ())


def test_the_projects_own_generators_need_no_leave() -> None:
    own = Path(__file__).resolve().parents[1] / "datasets"
    assert is_of_the_project(load_card(own / "demo_tweets" / "card.toml"))


@pytest.mark.parametrize("script", ["../generate.py", "/usr/bin/true", "a/../../generate.py", "", "."])
def test_a_script_outside_the_cards_folder_is_no_script_of_the_card(tmp_path: Path, script: str) -> None:
    with pytest.raises(ValueError, match=r"is no file below the folder of the card"):
        synthetic_card(tmp_path, script=script)


@pytest.mark.parametrize("link", ["file", "folder", "nothing"])
def test_a_script_behind_a_link_that_leads_out_is_not_run(tmp_path: Path, link: str) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "it.py").write_text(f"SKIPPED = -1\n{GENERATOR}")
    if link == "file":
        (tmp_path / "set" / "it.py").symlink_to(tmp_path / "elsewhere" / "it.py")
    elif link == "folder":
        (tmp_path / "set" / "sub").symlink_to(tmp_path / "elsewhere")
    card = synthetic_card(tmp_path / "set", script="sub/it.py" if link == "folder" else "it.py")
    with pytest.raises(CardError, match=r"is no file in the folder of the card"):
        prepare(card, tmp_path / "home")
    assert not (tmp_path / "home" / "raw").exists()


def test_a_script_in_a_folder_below_is_run_and_its_changes_are_seen(tmp_path: Path) -> None:
    card, home = synthetic_card(tmp_path, script="sub/it.py"), tmp_path / "home"
    (tmp_path / "sub").mkdir()
    for count in (-1, -2):
        (tmp_path / "sub" / "it.py").write_text(f"SKIPPED = {count}\n{GENERATOR}")
        prepare(card, home)
        script = (home / "raw" / ".mine.generator").read_text()
    assert "sub/it.py" in script
    (tmp_path / "sub" / "it.py").write_text("raise SystemExit('changed')")
    with pytest.raises(DataError, match=r"changed"):
        prepare(card, home)


def test_a_generator_writes_under_its_own_name_and_over_nobodys_files(tmp_path: Path) -> None:
    card, home = synthetic_card(tmp_path, raw="somebodys"), tmp_path / "home"
    theirs = home / "raw" / "somebodys" / "posts.csv"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    assert prepare(card, home).report["posts"] == 40
    assert (home / "raw" / "mine" / "posts.csv").is_file()
    assert theirs.read_text() == "theirs"


@pytest.mark.parametrize("what", ["folder", "link"])
def test_a_folder_that_no_generator_made_is_left_alone(tmp_path: Path, what: str) -> None:
    card, home = synthetic_card(tmp_path), tmp_path / "home"
    (home / "raw").mkdir(parents=True)
    (tmp_path / "theirs").mkdir()
    if what == "folder":
        (home / "raw" / "mine").mkdir()
    else:
        (home / "raw" / "mine").symlink_to(tmp_path / "theirs")
    with pytest.raises(DataError, match=r"no generator made this\. Move it away"):
        prepare(card, home)
    assert not list((tmp_path / "theirs").iterdir())


CARD = """
name = "mine"
title = "Mine"
reader = "table"
raw = "mine"
licence = "mine"
synthetic = true
generator = { script = "generate.py", posts = 40, ceiling = "ceiling.csv" }
targets = { likes = {} }
tasks = [{ name = "t", targets = ["likes"], protocols = { frozen = { cut_off = 2021-03-01T00:20:00Z } } }]
[columns]
post_id = { role = "id" }
user_id = { role = "user" }
time = { role = "time" }
"""


def test_the_command_line_asks_for_the_users_leave(tmp_path: Path) -> None:
    synthetic_card(tmp_path)
    (tmp_path / "card.toml").write_text(CARD)
    command = ["prepare", "-d", str(tmp_path / "card.toml"), "--home", str(tmp_path / "home")]
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code == 1
    assert "--allow-generator" in refused.stderr
    allowed = CliRunner().invoke(app, [*command, "--allow-generator"])
    assert allowed.exit_code == 0
    assert "mine: 40 posts" in allowed.stdout


def test_a_run_is_given_leave_as_an_option(tmp_path: Path) -> None:
    assert not run_options(tmp_path, None).allow_generator
    assert run_options(tmp_path, None, allow_generator=True).allow_generator
