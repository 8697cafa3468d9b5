"""The page on collecting: its commands run with stand-ins for the tools; its cards read what these leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from collected import NOON, gallery_dl_file
from documents import blocks
from reddit_dumps import comment, submission

from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.declared.card import Card
from benchmark.readers import read

PAGE = "docs/collecting.md"
TESTS = Path(__file__).parent
CARDS = dict(zip(("gallery_dl", "instaloader", "reddit"), blocks(PAGE, "toml"), strict=True))
ACCOUNTS, GALLERY_DL, INSTALOADER = blocks(PAGE, "sh")

STAND_IN = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(TESTS)!r})
from datetime import datetime, timedelta
from pathlib import Path
from collected import gallery_dl_file, instaloader_file, web_node

def option(name):
    return sys.argv[sys.argv.index(name) + 1]
"""
FAKE_GALLERY_DL = f"""{STAND_IN}
account = sys.argv[-1].split("/")[3]
assert option("--sleep-request") and "--write-metadata" in sys.argv
for n in range(12):
    number = sum(map(ord, account)) * 100 + n
    when = (datetime(2023, 11, 14) + timedelta(days=n)).isoformat(" ")
    gallery_dl_file(Path(option("-d")), number, username=account, owner_id=account, post_date=when,
                    likes=40 + number % 7)
"""
FAKE_INSTALOADER = f"""{STAND_IN}
stamps = Path(option("--latest-stamps")).read_text()
accounts = sys.argv[sys.argv.index("--dirname-pattern") + 2:]
for account in accounts:
    assert f"[{{account}}]\\npost-timestamp = 2026-10-01T00:00:00.000000+0000\\n" in stamps
    folder = Path(option("--dirname-pattern").format(target=account))
    for n in range(12):
        node = web_node(f"{{account}}{{n}}", owner={{"id": account, "username": account}},
                        taken_at_timestamp={NOON} + n * 86400)
        instaloader_file(folder, f"{{n}}.json.xz", node)
"""


def stand_in(folder: Path, name: str, script: str) -> None:
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)


def run(folder: Path, *scripts: str) -> None:
    """As somebody types them who has `accounts.csv` in this folder."""
    (folder / "accounts.csv").write_text(blocks(PAGE, "csv")[0])
    stand_in(folder, "sleep", "#!/bin/sh\n")
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    command = ["bash", "-euo", "pipefail", "-c", "\n".join(scripts)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def card_in(folder: Path, reader: str) -> Card:
    (folder / "card.toml").write_text(CARDS[reader], encoding="utf-8")
    return load_card(folder / "card.toml")


def prepared(folder: Path, reader: str) -> pd.DataFrame:
    stored = prepare(card_in(folder, reader), folder / "home", [])
    return pd.read_parquet(stored.folder / "posts.parquet")


@pytest.mark.slow
def test_posts_collected_with_gallery_dl_twice_become_a_data_set_with_readings(tmp_path: Path) -> None:
    stand_in(tmp_path, "gallery-dl", FAKE_GALLERY_DL)
    run(tmp_path, ACCOUNTS, GALLERY_DL)
    first = next((tmp_path / "my_instagram").iterdir())
    first.rename(first.with_name("2023-12-01"))
    run(tmp_path, ACCOUNTS, GALLERY_DL)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    script = [sys.executable, "-c", blocks(PAGE, "python")[0]]
    subprocess.run(script, cwd=tmp_path, env=environment, check=True, timeout=120)

    posts = prepared(tmp_path, "gallery_dl")
    assert (len(posts), set(posts["user_id"])) == (24, {"instagram", "cristiano"})
    assert posts["image"].notna().all()
    readings = pd.read_parquet(tmp_path / "home/prepared/my_instagram/facts_readings.parquet")
    assert len(readings) == 48
    assert readings["known_at"].min() == pd.Timestamp("2023-12-02")


def test_the_card_without_readings_is_read_too(tmp_path: Path) -> None:
    stand_in(tmp_path, "gallery-dl", FAKE_GALLERY_DL)
    run(tmp_path, ACCOUNTS, GALLERY_DL)
    head, _, rest = CARDS["gallery_dl"].partition("[facts.readings]")
    (tmp_path / "card.toml").write_text(head + "[[tasks]]" + rest.partition("[[tasks]]")[2])
    stored = prepare(load_card(tmp_path / "card.toml"), tmp_path / "home", [])
    assert len(pd.read_parquet(stored.folder / "posts.parquet")) == 24


def test_posts_collected_with_instaloader_become_a_data_set(tmp_path: Path) -> None:
    stand_in(tmp_path, "instaloader", FAKE_INSTALOADER)
    run(tmp_path, ACCOUNTS, INSTALOADER)
    posts = prepared(tmp_path, "instaloader")
    assert (len(posts), set(posts["user_id"])) == (24, {"instagram", "cristiano"})


def test_the_card_of_reddit_leaves_out_what_was_withdrawn(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [submission(i, created_utc=NOON + i * 9000, num_comments=int(rng.integers(50))) for i in range(60)]
    rows += [submission(99, author="[deleted]"), comment(0)]
    (tmp_path / "my_reddit").mkdir()
    (tmp_path / "my_reddit" / "dump.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert len(prepared(tmp_path, "reddit")) == 62
    assert card_in(tmp_path, "reddit").tasks[0].filter.where == {"kind": "submission", "withdrawn": False}


def test_the_page_names_every_column_that_the_reader_of_gallery_dl_yields(tmp_path: Path) -> None:
    gallery_dl_file(tmp_path / "my_instagram", 1)
    frame = read(card_in(tmp_path, "gallery_dl"), tmp_path / "my_instagram").frame
    text = (PROJECT / PAGE).read_text(encoding="utf-8")
    named = text.partition("`gallery_dl` yields")[2].partition("\n\n")[0]
    assert [name for name in frame if not name.startswith("source_") and f"`{name}`" not in named] == []
