"""What a row has read: as its baseline has asked its posts for it, and not as it says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from boards import board_of, table
from stored import put
from worlds import World, write_baseline

from benchmark.run.result import Result

pytestmark = pytest.mark.usefixtures("preloaded", "made_up_encoders")

ASKS = """
def fit(self, train, y):
    {}

def predict(self, posts):
    return np.zeros((len(posts), len(posts.targets)))
"""
CASES = {
    "nothing": ("pass", ()),
    "texts": ("train.text()", ("text",)),
    "encoded_texts": ("train.encode('text')", ("text",)),
    "tables": ("train.tabular()", ("metadata",)),
    "a_column": ("train.column('width'), train.column('text')", ("text", "metadata")),
    "a_category": ("train.column('topic')", ("category",)),
    "a_vector": ("train.vector('style')", ("metadata",)),
    "who_posts": ("train.users", ("account",)),
    "the_past": ("train.users, train.history()", ("history",)),
    "the_newest_known": ("train.told(1)", ("history",)),
    "facts": ("train.facts('mentions').count('mentioned')", ("facts",)),
}


@pytest.mark.slow
def test_a_result_says_what_its_baseline_has_asked_for(tmp_path: Path) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    files = [
        write_baseline(tmp_path, name, ASKS.format(asks), 'wants = {"text", "image"}')
        for name, (asks, _) in CASES.items()
    ]
    world.run(*files)
    found = {one.about.baseline: one.run.reads for one in world.results().values()}
    assert found == {name: reads for name, (_, reads) in CASES.items()}


def test_a_result_from_before_it_was_told_reads_as_one_that_says_nothing(tmp_path: Path) -> None:
    told = put(tmp_path, "ridge", 1.0).model_dump(mode="json")
    del told["run"]["reads"]
    assert Result.read(told, "old").run.reads == ()


def test_the_board_shows_what_was_read_where_it_is_told(tmp_path: Path) -> None:
    put(tmp_path, "ridge", 1.0, reads=("text", "history"))
    put(tmp_path, "lightgbm", 2.0)
    assert table(tmp_path)["reads"].to_dict() == {"lightgbm": "", "ridge": "text, history"}
    page = board_of(tmp_path)
    assert "| skill ↑ | Δ MAE | reads |" in page
    assert "| text, history |" in page


def test_a_board_of_results_that_do_not_tell_it_has_no_column_for_it(tmp_path: Path) -> None:
    put(tmp_path, "ridge", 1.0)
    assert "reads |" not in board_of(tmp_path)


@pytest.mark.slow
def test_a_row_says_what_it_is_where_the_data_lack_what_it_wants(tmp_path: Path) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    without = 'wants = {"text", "image"}\nwithout = {"image": "a text adapter", "text": "an image adapter"}'
    columns = {name: one for name, one in world.card.columns.items() if one.role != "image"}
    world = World(world.card.model_copy(update={"columns": columns}), world.home)
    world.run(write_baseline(tmp_path, "adapter", "", without))
    (found,) = world.results().values()
    assert found.about.summary == "Written by a test. Without image: a text adapter."
