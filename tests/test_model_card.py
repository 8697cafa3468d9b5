"""A model card: all that is known of a row, in a form that hubs read; a name in it is but a name."""

from __future__ import annotations

import json
import math
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from commands import invoke, understood

from benchmark import PROJECT
from benchmark.errors import SmpbenchError, UnknownName
from leaderboard.board.merged import Merged, published_board
from leaderboard.papers.model_card import ModelCard, model_card
from leaderboard.papers.model_card_text import command, model_card_text
from leaderboard.tables.skill import sign

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def board() -> Merged:
    return published_board(PROJECT / "leaderboard" / "published" / "results")


@pytest.fixture(scope="module")
def trees(board: Merged) -> ModelCard:
    return model_card(board, "lightgbm:+history")


def seeds_of(card: ModelCard) -> int:
    return max(len(one.row.seeds) for one in card.tasks)


def test_it_tells_every_score_of_the_row_on_every_task_with_its_interval(
    board: Merged, trees: ModelCard
) -> None:
    lines = board.board[(board.board["baseline"] == "lightgbm") & (board.board["variant"] == "+history")]
    lines = lines[~lines["crawl"] & lines["measure"].notna() & (lines["measure"] != "skill")]
    told = {
        (*one.about.table, score.target, score.measure): score for one in trees.tasks for score in one.scores
    }
    names = lines[["dataset", "task", "protocol", "target", "measure"]].itertuples(index=False, name=None)
    assert set(names) == set(told)
    for line in lines.to_dict("records"):
        score = told[
            tuple(line[name] for name in ("dataset", "task", "protocol", "target", "measure"))  # type: ignore[index]
        ]
        wanted = [line["score"], line["score_low"], line["score_high"], line["rank"]]
        assert [score.score, score.low, score.high, score.rank] == pytest.approx(
            wanted, rel=1e-4, nan_ok=True
        )


def test_its_sections_say_what_a_user_of_the_model_must_know(trees: ModelCard) -> None:
    text = model_card_text(trees)
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        *("What it is", "What it learnt from", "Scores", "Where it fails", "Costs", "Limits"),
        *("Reproduce", "Cite"),
    ]
    for told in (
        "inputs=",
        "cut at 2021-10-01",
        "protocol version 1",
        f"{seeds_of(trees)} seed",
        "month=",
        "MB",
        "licence: ",
    ):
        assert told in text
    assert trees.about.data_fingerprint[:16] in text


def test_its_head_is_the_index_that_hubs_read(trees: ModelCard) -> None:
    head = model_card_text(trees).split("---\n")[1]
    assert '- name: "lightgbm:+history"' in head
    assert head.count("  - task:") == head.count("    dataset:") == head.count("    metrics:")
    values = [line for line in head.splitlines() if line.startswith("      value: ")]
    assert len(values) == sum(not math.isnan(score.score) for one in trees.tasks for score in one.scores)
    texts = [line.partition(": ")[2] for line in head.splitlines() if ': "' in line]
    assert all(json.loads(text) for text in texts)


def test_it_names_the_command_that_makes_the_row_again(trees: ModelCard) -> None:
    words = shlex.split(command(trees))
    understood(words[1:])
    assert words[:2] == ["smpbench", "run"] and "lightgbm:+history" in words
    assert words[words.index("--seeds") + 1] == str(seeds_of(trees))


def test_a_slice_is_a_weakness_only_where_the_row_does_worse_than_on_all(trees: ModelCard) -> None:
    weak = [(one, of.row.about.primary) for of in trees.tasks for one in of.weak]
    assert {primary for _, primary in weak} >= {"mae", "average_precision"}
    for one, primary in weak:
        assert sign(primary) * (one.score - one.whole) < 0 and one.n >= 20


def test_an_unknown_row_is_answered_with_the_nearest(board: Merged) -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'lightgbm:\+history'"):
        model_card(board, "lightgbm:+histroy")
    with pytest.raises(UnknownName, match="did you mean 'ridge'"):
        model_card(board, "rigde")
    with pytest.raises(UnknownName, match="profile of rows of ridge 'hub'"):
        model_card(board, "ridge", profile="hub")
    with pytest.raises(SmpbenchError, match="no such row"):
        model_card(board, "ridge", datasets={"a_set_without_rows"})


def test_a_row_that_reads_crawl_time_columns_says_that_it_is_no_forecast(board: Merged) -> None:
    found = model_card(board, "ridge", crawl=True)
    assert "no forecast" in model_card_text(found)
    assert "--with-crawl" in command(found)


def test_names_from_anywhere_mean_nothing_in_it(trees: ModelCard) -> None:
    hostile = "x\n---\n# <script>alert(1)</script> | **bold** [a](http://b.example)"
    text = model_card_text(replace(trees, name=hostile, told=hostile))
    _, _, page = text.split("---\n", 2)
    assert not any(line.startswith(("---", "# <")) for line in page.splitlines())
    assert "[a](http" not in page.partition("## Reproduce")[0], "what is code may hold it"


def test_it_is_printed_or_written_into_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(PROJECT / "leaderboard" / "published"))
    home = ["--home", str(tmp_path / "home")]
    printed = invoke("card", "ridge", "-d", "musk_tweets", *home).stdout
    assert printed.startswith("---\nlibrary_name: smpbench\n")
    invoke("card", "ridge", "-d", "musk_tweets", "-o", tmp_path / "README.md", *home)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == printed
