"""Kills: runs are killed at random moments, the parent or one of its workers, and the same command goes on.

    python -m tools.faults.kills --times 50

Whenever a home is finished, its predictions must be byte for byte those of a run that nobody disturbed, its
board the same without the columns of costs, and every score must follow from the predictions. After each kill
what is stored must be sound, and no process may be left behind. Exit 1 if once it is otherwise.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmark.errors import SmpbenchError
from benchmark.run.store import Store, read_result
from tools.faults.outcome import Outcome, ended, killed, started, unsound

PATIENCE = 180.0
"""Seconds after which a run that nobody disturbs any more hangs."""
FAREWELL = 15.0
"""Seconds that workers may take to notice that their parent is gone."""
RETRY = ("--retry-failed",)
"""A cell whose worker was killed is recorded as failed, and tried again when that is asked for."""


@dataclass
class Storm:
    """How it went."""

    calm: Outcome
    """What an undisturbed run leaves."""
    kills: dict[str, int] = field(default_factory=dict)
    """Of the parent, of a worker."""
    finished: int = 0
    """Homes that were finished, and compared."""
    problems: list[str] = field(default_factory=list)

    def compare(self, home: Path) -> None:
        """Hold a finished home against the calm one."""
        self.finished += 1
        self.problems += [f"home {self.finished}: {one}" for one in self.calm.differences(Outcome.of(home))]
        self.problems += [f"home {self.finished}: {one}" for one in unsound(home)]


@dataclass(frozen=True)
class Kill:
    """What was killed, and all that the run had started by then."""

    what: str
    """`parent`, or `worker`."""
    below: Sequence[psutil.Process]

    def left_behind(self) -> list[psutil.Process]:
        """Those that still live."""
        return [one for one in self.below if lives(one)]


def lives(process: psutil.Process) -> bool:
    """Whether it is there, and no zombie."""
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def disturb(run: subprocess.Popen[str], delay: float, worker: bool, rng: random.Random) -> Kill | None:
    """Wait, then kill a worker, or the parent if it has none or is meant; None if the run was over before."""
    try:
        run.wait(delay)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(run.pid)
            below = sorted(parent.children(recursive=True), key=lambda process: process.pid)
            chosen = rng.choice(below) if worker and below else parent
            chosen.kill()
            return Kill("parent" if chosen == parent else "worker", below)
    except BaseException:  # Ctrl-C: the run is in a group of its own, and would go on
        killed(run)
        raise
    return None


def after(kill: Kill, run: subprocess.Popen[str], home: Path) -> list[str]:
    """What is wrong once the run has ended, which it does at once or when its other cells are done."""
    wrong = []
    if kill.what == "worker":
        status, said = ended(run, PATIENCE)
        if status is None:
            wrong.append(f"hangs after a worker was killed; it said: {said[-300:]}")
        elif "Traceback" in said:
            wrong.append(f"ends with a traceback after a worker was killed: {said[-300:]}")
    until = time.monotonic() + FAREWELL
    while kill.left_behind() and time.monotonic() < until:
        time.sleep(0.1)
    for process in kill.left_behind():
        wrong.append(f"process {process.pid} lives on")
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    killed(run)
    return wrong + stored_unsound(home)


def stored_unsound(home: Path) -> list[str]:
    """Results that lie in a home, finished or not, and are not what was written."""
    wrong = []
    for folder in Store(home / "runs").folders():
        try:
            read_result(folder)
        except SmpbenchError as error:
            wrong.append(str(error))
    return wrong


def storm(times: int, calm: Path, seconds: float, rng: random.Random, say: Callable[[str], None]) -> Storm:
    """Kill `times` runs, each at a moment of the `seconds` that an undisturbed one takes."""
    found = Storm(Outcome.of(calm))
    home = calm.with_name("stormy")
    while sum(found.kills.values()) < times:
        worker, delay = rng.random() < 0.5, rng.uniform(0, seconds)
        run = started(home, options=RETRY)
        kill = disturb(run, delay, worker, rng)
        if kill is not None:
            wrong = after(kill, run, home)
            found.kills[kill.what] = found.kills.get(kill.what, 0) + 1
            number = sum(found.kills.values())
            found.problems += [f"kill {number}, of a {kill.what} after {delay:.1f} s: {one}" for one in wrong]
            say(f"[{number}/{times}] {kill.what} killed after {delay:.1f} s: {'; '.join(wrong) or 'sound'}")
        elif ended(run, PATIENCE)[0] == 0:
            found.compare(home)
            shutil.rmtree(home)
    found.problems += finish(home)
    found.compare(home)
    return found


def finish(home: Path, tries: int = 2) -> list[str]:
    """Let the run go on undisturbed to its end; what is wrong if it comes to none."""
    for _ in range(tries):
        status, said = ended(started(home, options=RETRY), PATIENCE)
        if status == 0:
            return []
    return [f"does not come to its end: exit {status}, {said[-300:]}"]


def told(found: Storm, seconds: float) -> str:
    """The end of the report."""
    kinds = ", ".join(f"{count} of a {what}" for what, count in sorted(found.kills.items()))
    outcome = f"{len(found.problems)} problems" if found.problems else "all as the undisturbed one"
    kills = f"{sum(found.kills.values())} kills ({kinds})"
    return f"{kills}, {found.finished} homes finished: {outcome} ({seconds:.0f} s)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill runs at random moments, let them go on, and compare what they lead to."""
    options = argparse.ArgumentParser(prog="python -m tools.faults.kills", description=main.__doc__)
    options.add_argument("--times", type=int, default=50)
    options.add_argument("--seed", type=int, default=0, help="of the moments and the victims")
    given = options.parse_args(arguments)
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="kills."))
    try:
        calm = folder / "calm"
        status, said = ended(started(calm), 10 * PATIENCE)
        if status != 0:
            print(f"the undisturbed run failed:\n{said}")
            return 1
        seconds = time.monotonic() - began
        print(f"an undisturbed run takes {seconds:.1f} s; seed {given.seed}", flush=True)
        rng = random.Random(given.seed)
        found = storm(given.times, calm, seconds, rng, lambda line: print(line, flush=True))
        print(*found.problems, told(found, time.monotonic() - began), sep="\n")
        return 1 if found.problems else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
