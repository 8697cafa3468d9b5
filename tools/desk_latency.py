"""How long the desk takes: `python -m tools.desk_latency MODEL [--images FOLDER]`.

MODEL is a folder that `smpbench fit` has written. With images, every draft has one of them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from desk.judging.judge import Judge
    from desk.ranking import Draft

T = TypeVar("T")
WORDS = ("good", "morning", "everyone", "new", "photo", "from", "the", "lake", "what", "do", "you", "think")
TIMES = 30
BATCH = 100
IMAGES = (".jpg", ".jpeg", ".png", ".webp")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--images", type=Path, help="folder of images")
    told = parser.parse_args(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    paths = _images(told.images) if told.images else []
    seconds, judge = _timed(lambda: _judge(told.model))
    print(f"load {seconds:.2f} s")
    accounts = sorted(judge.fitted.engagement.known.users.unique().to_pylist())[:50]

    def asked(first: int, count: int) -> float:
        drafts = [_draft(number, accounts) for number in range(first, first + count)]
        images = {one.number: paths[one.number % len(paths)] for one in drafts} if paths else {}
        return _timed(lambda: judge.rank(drafts, images))[0]

    print(f"first draft {1000 * asked(1, 1):.0f} ms")
    alone = [asked(2 + i, 1) for i in range(TIMES)]
    print(f"one at a time {1000 * median(alone):.0f} ms a draft (median of {TIMES})")
    print(f"in a batch {1000 * asked(TIMES + 2, BATCH) / BATCH:.1f} ms a draft ({BATCH} at once)")
    unit = 1 if sys.platform == "darwin" else 1024
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:,.0f} MB")


def _judge(folder: Path) -> Judge:
    from desk.judging.judge import Judge
    from desk.model.folder import read_model

    return Judge(read_model(folder))


def _draft(number: int, accounts: Sequence[str]) -> Draft:
    from desk.ranking import Draft

    text = " ".join(WORDS[(number * k) % len(WORDS)] for k in range(1, 12))
    return Draft(
        number=number,
        name=f"draft {number}",
        account=accounts[number % len(accounts)],
        text=f"{text} {number}{'?' if number % 2 else ''}",
        image="image" if number else None,
        at=dt.datetime(2030, 1, 1 + number % 28, number % 24, tzinfo=dt.UTC),
    )


def _images(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGES)
    if not found:
        raise SystemExit(f"{folder}: no images")
    return found


def _timed(what: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    found = what()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
