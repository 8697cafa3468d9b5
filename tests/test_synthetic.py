from __future__ import annotations

from pathlib import Path

import pytest
from table_sets import table_card

from benchmark.card import Card
from benchmark.data.prepare import prepare
from benchmark.errors import DataError

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


def synthetic_card(folder: Path, posts: int = 40, skipped: int = -1) -> Card:
    (folder / "generate.py").write_text(f"SKIPPED = {skipped}\n{GENERATOR}")
    generator = {"script": "generate.py", "posts": posts, "ceiling": "ceiling.csv"}
    return table_card(folder, synthetic=True, generator=generator)


def test_a_synthetic_set_makes_its_raw_files_and_knows_its_ceiling(tmp_path: Path) -> None:
    targets = prepare(synthetic_card(tmp_path), tmp_path / "home", []).targets()
    assert targets.column_names == ["post_id", "likes", "ceiling_likes"]
    assert targets["ceiling_likes"].to_pylist() == [like / 2 for like in targets["likes"].to_pylist()]


def test_a_synthetic_set_is_made_again_when_its_generator_changes_and_only_then(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare(synthetic_card(tmp_path), home, [])
    made = (home / "raw" / "raw" / "posts.csv").stat().st_mtime_ns
    prepare(synthetic_card(tmp_path), home, [])
    assert (home / "raw" / "raw" / "posts.csv").stat().st_mtime_ns == made
    assert prepare(synthetic_card(tmp_path, posts=50), home, []).report["posts"] == 50


def test_a_synthetic_set_is_made_again_when_code_that_generators_share_changes(tmp_path: Path) -> None:
    home, shared = tmp_path / "home", tmp_path / "generators" / "staging.py"
    shared.parent.mkdir()
    (tmp_path / "set").mkdir()
    made = []
    for content in ("A = 1", "A = 1", "A = 2"):
        shared.write_text(content)
        prepare(synthetic_card(tmp_path / "set"), home, [])
        made.append((home / "raw" / "raw" / "posts.csv").stat().st_mtime_ns)
    assert made[0] == made[1] < made[2]


def test_a_generator_that_fails_is_reported_with_its_last_words(tmp_path: Path) -> None:
    card = synthetic_card(tmp_path)
    (tmp_path / "generate.py").write_text("raise SystemExit('out of paint')")
    with pytest.raises(DataError, match=r"generate\.py: the generator ended with status 1: out of paint"):
        prepare(card, tmp_path / "home", [])


def test_a_post_without_a_ceiling_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ceiling\.csv.*no row for 1 posts, the first is 'p7'"):
        prepare(synthetic_card(tmp_path, skipped=7), tmp_path / "home", [])
