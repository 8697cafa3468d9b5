"""Running the demo sets' generators as a user or `prepare` does: as scripts, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.data.prepare import prepare as prepare_as_told
from benchmark.data.prepared import Prepared
from benchmark.declared.card import Card

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
DEMO_SETS = ("demo_flickr", "demo_network", "demo_tweets")


def command(dataset: str, out: Path, *options: str) -> list[str]:
    return [sys.executable, str(DATASETS / dataset / "generate.py"), "--out", str(out), *options]


def environment() -> dict[str, str]:
    """As the Makefile exports it: Python adds no folder of its own to the module search path."""
    return {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def run(dataset: str, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(dataset, out, *options), env=environment(), capture_output=True, text=True)


def generate(dataset: str, out: Path, *options: str) -> Path:
    """`out`, generated; the test fails with the script's own words if it does."""
    done = run(dataset, out, *options)
    assert done.returncode == 0, done.stderr
    return out


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, by relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def prepare(card: Card, home: Path, roots: Sequence[Path] = ()) -> Prepared:
    """By a user who has read the script."""
    return prepare_as_told(card, home, roots, allow_generator=True)
