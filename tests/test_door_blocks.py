"""Blocks: a model in the caller's own process sees a label when the protocol reveals it, and not before."""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from doors import asked, made_up
from typer.testing import CliRunner

import smpbench as smp
from benchmark.errors import DataError, SmpbenchError
from benchmark.outside.handout import Question
from smpbench.cli.main import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blocks")
    made_up(folder)
    return folder


def question(task: smp.Task) -> Question:
    """What the task is cut from, labels and all."""
    return Question.of(task.card, task.home, task.name, task.protocol)


def medians(posts: smp.Posts, otherwise: float = 5.0) -> np.ndarray:
    """What `recent_median` predicts, nearly."""
    recent = posts.history().recent_median
    return np.where(np.isnan(recent), otherwise, recent)


def held(value: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Everything that can be reached from an object through attributes and containers, private ones too."""
    seen = set() if seen is None else seen
    if id(value) in seen or isinstance(value, type | types.ModuleType | str | bytes | int | float):
        return
    seen.add(id(value))
    yield value
    if isinstance(value, dict):
        inside = list(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        inside = list(value)
    else:
        inside = list(getattr(value, "__dict__", {}).values())
        inside += [value.__self__] if isinstance(value, types.MethodType) else []
    for one in inside:
        yield from held(one, seen)


def numbers_in(value: Any) -> set[float]:
    """All float values in arrays and tables that can be reached from an object."""
    found: set[float] = set()
    for one in held(value):
        if isinstance(one, np.ndarray) and one.dtype.kind == "f":
            found |= set(np.round(one.ravel().astype(np.float64), 4).tolist())
        elif isinstance(one, pa.Table) and "known_at" not in one.column_names:  # facts have a clock
            assert not {"likes", "label_likes"} & set(one.column_names)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_the_blocks_are_those_of_the_protocol(folder: Path, protocol: str) -> None:
    task = asked(folder, "one", protocol)
    cut, blocks = question(task), task.blocks()
    assert len(blocks) == len(cut.windows.blocks)
    ids = cut.posts.table["post_id"].to_pandas().to_numpy()
    for block, wanted in zip(blocks, cut.windows.blocks, strict=True):
        assert block.test.ids.tolist() == ids[wanted.test].tolist()
        assert block.revealed.ids.tolist() == ids[wanted.reveal].tolist()
        assert np.allclose(block.revealed_y, cut.posts.labels[wanted.reveal])
        assert block.revealed_y.dtype == np.float32
        assert block.start == np.datetime64(wanted.start, "ms")
        block.predict(medians(block.test))


def test_the_training_posts_are_of_the_first_block(folder: Path) -> None:
    task = asked(folder, "one", "rolling")
    blocks = task.blocks()
    first = next(blocks)
    assert len(first.train) == len(first.y) == task.n_train
    first.predict(medians(first.test))
    second = next(blocks)
    with pytest.raises(SmpbenchError, match=r"`train` is of the first block. In block 1, `revealed` and"):
        second.train  # noqa: B018
    with pytest.raises(SmpbenchError, match="`y` is of the first block"):
        second.y  # noqa: B018


def test_the_next_block_is_to_be_had_once_this_one_is_predicted(folder: Path) -> None:
    blocks = asked(folder, "one", "rolling").blocks()
    block = next(blocks)
    with pytest.raises(
        SmpbenchError, match=r"block 0 of 6 has not been predicted: block.predict\(predictions\)"
    ):
        next(blocks)
    block.predict(medians(block.test))
    with pytest.raises(SmpbenchError, match="block 0 has been predicted already"):
        block.predict(medians(block.test))
    later = next(blocks)
    assert later.number == 1
    with pytest.raises(SmpbenchError, match="block 0 has been predicted already"):
        block.predict(medians(block.test))


def test_nothing_that_one_holds_has_a_label_before_it_is_revealed(folder: Path) -> None:
    task = asked(folder, "one", "rolling")
    cut = question(task)
    labels = np.round(cut.posts.labels[:, 0].astype(np.float32).astype(np.float64), 4)
    blocks, revealed = task.blocks(), set()
    assert numbers_in(cut) >= set(labels.tolist()), "the search finds labels where there are some"
    for block, wanted in zip(blocks, cut.windows.blocks, strict=True):
        revealed |= set(labels[wanted.reveal].tolist())
        hidden = set(labels.tolist()) - revealed
        assert hidden
        assert not numbers_in([task, blocks, block]) & hidden
        block.predict(np.zeros(len(block.test)))


@pytest.mark.slow
def test_the_posts_know_their_past_as_those_of_a_worker_do(folder: Path, preloaded: None) -> None:
    task = asked(folder, "one", "rolling")
    reference = smp.evaluate("recent_median", task, quiet=True).predictions["likes"].to_numpy()
    blocks = task.blocks()
    mine = []
    for block in blocks:
        recent = block.test.history().recent_median[:, 0]
        mine.append(recent)
        block.predict(np.nan_to_num(recent))
    known = ~np.isnan(np.concatenate(mine))
    assert known.sum() > 20
    assert np.allclose(np.concatenate(mine)[known], reference[known])


def test_columns_known_only_at_crawl_time_are_withheld_unless_asked_for(folder: Path) -> None:
    task = asked(folder)
    assert "followers" not in next(task.blocks()).train.columns
    assert "followers" in next(task.blocks(crawl=True)).train.columns


def test_encoded_content_is_to_be_had_when_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from worlds import MadeUpEncoder

    monkeypatch.setattr("smpbench.door.blocks.encoder", lambda profile, kind, languages: MadeUpEncoder(kind))
    task = asked(folder)
    block = next(task.blocks(["text"]))
    assert block.test.encode("text").shape == (task.n_test, 6)
    with pytest.raises(KeyError, match="'image' is not encoded"):
        block.test.encode("image")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda n: np.zeros(n - 1), r"predictions have the shape \(\d+,\); wanted is"),
        (lambda n: np.zeros((n, 2)), r"wanted is \(\d+, 1\), for \d+ posts and 1 target\(s\): likes"),
        (
            lambda n: np.array([0.0] * (n - 1) + [np.nan]),
            r"column 'likes', value nan: 1 of \d+ posts have pred",
        ),
        (lambda n: ["much"] * n, "predictions are an array of numbers"),
        (lambda n: [1200.0] * n, r"column 'likes', value 1200.0: too large for log\(1 \+ count\)"),
    ],
)
def test_predictions_that_are_none_are_refused_and_can_be_given_again(
    folder: Path, wrong: Any, told: str
) -> None:
    block = next(asked(folder).blocks())
    with pytest.raises(DataError, match=told):
        block.predict(wrong(len(block.test)))
    block.predict(medians(block.test))


@pytest.mark.slow
def test_at_the_end_there_is_an_external_row(folder: Path, preloaded: None) -> None:
    task = asked(folder, "one", "rolling")
    smp.evaluate("recent_median", task, quiet=True)
    blocks = task.blocks()
    for block in blocks:
        block.predict(medians(block.test))
    row = blocks.row("by_hand", summary="Medians, by hand")
    assert row.name == "by_hand:external"
    assert row.costs.isna().all()
    assert row.scores.set_index("measure").loc["mae", "n"] == task.n_test
    assert row.compare("recent_median", ["mae"])["paired"].item()
    assert "by_hand:external" in set(smp.leaderboard(task)["row"])
    verified = CliRunner().invoke(app, ["verify", "-d", str(folder / "card.toml"), "--home", str(task.home)])
    assert not [line for line in verified.output.splitlines() if "by_hand" in line], verified.output


def test_a_row_needs_every_block_and_a_name_of_its_own(folder: Path) -> None:
    blocks = asked(folder, "one", "rolling").blocks()
    block = next(blocks)
    block.predict(medians(block.test))
    with pytest.raises(SmpbenchError, match="1 of 6 blocks are predicted: a row needs all of them"):
        blocks.row("by_hand")
    frozen = asked(folder).blocks()
    for block in frozen:
        block.predict(medians(block.test))
    with pytest.raises(SmpbenchError, match="the project has a row 'ridge' already"):
        frozen.row("ridge")


@pytest.mark.slow
def test_predictions_made_anywhere_are_scored_as_an_array_a_frame_or_a_file(
    folder: Path, tmp_path: Path
) -> None:
    task = asked(folder)
    ids = question(task).test_ids
    values = np.linspace(3, 6, task.n_test)
    frame = pd.DataFrame({"post_id": ids, "likes": values}).sample(frac=1, random_state=0)
    frame.to_csv(tmp_path / "p.csv", index=False)
    rows = [
        smp.score(one, task, name=f"given_{number}")
        for number, one in enumerate([values, frame, tmp_path / "p.csv", str(tmp_path / "p.csv")])
    ]
    assert all(np.allclose(row.predictions["likes"], values, atol=1e-5) for row in rows)
    assert len({row.scores["score"].round(6).to_string() for row in rows}) == 1
    counts = frame.assign(likes=np.expm1(frame["likes"]))
    assert np.allclose(
        smp.score(counts, task, name="c", scale="count").predictions["likes"], values, atol=1e-5
    )
    seeds = smp.score({0: values, 3: values + 1}, task, name="two_seeds")
    assert seeds.seeds == (0, 3)


def test_a_frame_that_is_wrong_is_refused_with_the_place(folder: Path) -> None:
    task = asked(folder)
    frame = pd.DataFrame({"post_id": question(task).test_ids, "likes": 1.0})
    with pytest.raises(DataError, match="predictions, column 'likes': no such column"):
        smp.score(frame.rename(columns={"likes": "like"}), task, name="mine")
    with pytest.raises(DataError, match=r"1 of .* test posts of trial/one frozen have no prediction"):
        smp.score(frame.iloc[1:], task, name="mine")
    with pytest.raises(SmpbenchError, match=r"take np.log1p of counts"):
        smp.score(np.zeros(task.n_test), task, name="mine", scale="count")


def test_facts_are_those_known_by_the_start_of_each_block(folder: Path) -> None:
    before = 0
    for block in asked(folder, protocol="rolling").blocks():
        known = block.test.facts("readings").table["known_at"].to_numpy().astype("datetime64[ms]")
        assert len(known) > before, "each block reveals more"
        assert known.max() <= block.start
        before = len(known)
        block.predict(np.zeros((len(block.test), len(block.test.targets))))
