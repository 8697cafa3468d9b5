"""Predictions of a made-up data set, as a model elsewhere would write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from typer.testing import CliRunner, Result
from worlds import World

from benchmark.data.prepare import prepare
from benchmark.outside.handout import Question
from smpbench.cli.main import app


def prepared_world(folder: Path) -> World:
    world = World.make(folder, posts=120)
    prepare(world.card, world.home, ())
    return world


def smpbench(world: World, *arguments: str | Path) -> Result:
    card = world.card.folder / "card.toml"
    return CliRunner().invoke(app, [*map(str, arguments), "-d", str(card), "--home", str(world.home)])


def question(world: World, task: str = "one", protocol: str = "frozen") -> Question:
    return Question.of(world.card, world.home, task, protocol)


def guesses(asked: Question, *, constant: float = 2.0) -> pd.DataFrame:
    """Sound predictions, in another order than that of the test posts."""
    frame = pd.DataFrame({"post_id": asked.test_ids[::-1]})
    for target in asked.task.targets:
        frame[target] = constant + np.arange(len(frame)) / 100
    return frame


def written(frame: pd.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffix:
        case ".csv":
            frame.to_csv(path, index=False)
        case ".tsv":
            frame.to_csv(path, index=False, sep="\t")
        case ".parquet":
            frame.to_parquet(path)
        case ".jsonl":
            frame.to_json(path, orient="records", lines=True, double_precision=15)
    return path


def board(world: World) -> pd.DataFrame:
    return pd.read_csv(world.home / "leaderboard" / "leaderboard.csv")
