"""Outcome: what is left of a run and must be the same whatever happened meanwhile: predictions and board.

`tools.faults.damage` and `tools.faults.kills` hold a run that was disturbed against one that was not.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark import PROJECT
from benchmark.data.cards import find_cards, load_card
from benchmark.files import sha256_of
from benchmark.run.store import PREDICTIONS
from benchmark.run.verify import verify_store
from leaderboard.tables.scores import COSTS

DATASET = "demo_tweets"
"""Made up when it is prepared, so that anyone has it."""
BASELINES = ("recent_median", "ridge")
"""One without an encoder, and one that reads the feature cache."""
BOARDS = ("leaderboard.csv", "slices.csv")


@dataclass(frozen=True)
class Outcome:
    """Of a finished home; two are equal if nothing of it was disturbed."""

    predictions: Mapping[str, str]
    """Path below the home -> sha256."""
    boards: Mapping[str, str]
    """Name -> sha256 of the table without its columns of costs."""

    @classmethod
    def of(cls, home: Path) -> Outcome:
        found = sorted(home.glob(f"runs/*/*/*/*/*/seed-*/*/{PREDICTIONS}"))
        predictions = {str(path.relative_to(home)): sha256_of(path) for path in found if path.is_file()}
        tables = {name: home / "leaderboard" / name for name in BOARDS}
        boards = {
            name: hashlib.sha256(without_costs(path.read_text(encoding="utf-8")).encode()).hexdigest()
            for name, path in tables.items()
            if path.is_file()
        }
        return cls(predictions, boards)

    def differences(self, other: Outcome) -> list[str]:
        """What is missing in the other, or not the same there; a phrase each."""
        pairs = [(self.predictions, other.predictions), (self.boards, other.boards)]
        return [
            f"{name} {'differs' if name in theirs else 'is missing'}" if name in ours else f"{name} is new"
            for ours, theirs in pairs
            for name in sorted({*ours, *theirs})
            if ours.get(name) != theirs.get(name)
        ]


def without_costs(table: str) -> str:
    """A board without the columns that no two runs share: seconds and megabytes."""
    rows = list(csv.DictReader(io.StringIO(table)))
    kept = [{name: value for name, value in row.items() if name not in COSTS} for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(kept[0]) if kept else [])
    writer.writeheader()
    writer.writerows(kept)
    return text.getvalue()


def unsound(home: Path) -> list[str]:
    """What `smpbench verify` would say of the results of a home."""
    return verify_store(home, {DATASET: load_card(find_cards(PROJECT / "datasets")[DATASET])}).problems


def started(home: Path, options: Sequence[str] = ()) -> subprocess.Popen[str]:
    """The run that both tools disturb: a process group of its own; what it says comes as one text."""
    command = [sys.executable, "-m", "smpbench", "run", "-d", DATASET, "-p", "frozen", "--no-plots"]
    command += [part for name in BASELINES for part in ("-b", name)]
    command += ["--home", str(home), *options]
    environment = {name: value for name, value in os.environ.items() if name != "SMPBENCH_RAW"}
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=PROJECT,
        env=environment,
        start_new_session=True,
    )


def ended(run: subprocess.Popen[str], seconds: float) -> tuple[int | None, str]:
    """Exit status and what it said; None, and all that it had started is killed, if it takes longer."""
    try:
        said, _ = run.communicate(timeout=seconds)
        return run.returncode, said
    except subprocess.TimeoutExpired:
        return None, killed(run)
    except BaseException:  # Ctrl-C: the run is in a group of its own, and would go on
        killed(run)
        raise


def killed(run: subprocess.Popen[str]) -> str:
    """Kill a run with all that it has started; what it had said."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    return run.communicate()[0]
