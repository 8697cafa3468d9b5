"""Runs that are killed, interrupted or two at once: whole processes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from stored_worlds import NAIVE, folders
from waiting import FOR_EVER, PATIENCE, wait_until
from worlds import World, write_baseline

from benchmark.errors import StoreError
from benchmark.run.checksums import PAGE, read_checksummed, write_checksummed
from benchmark.run.store import Store, read_result

pytestmark = [pytest.mark.usefixtures("preloaded", "made_up_encoders"), pytest.mark.slow]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path, posts=120).with_only("one", "frozen")


# From here on whole processes are run, killed and interrupted.

RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from worlds import World
from benchmark.data.cards import load_card
if __name__ == "__main__":
    folder = Path(sys.argv[2])
    world = World(load_card(folder / "card.toml"), folder / "data").with_only("one", "frozen")
    try:
        print(world.run(*map(Path, sys.argv[3:])).counts)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def start(folder: Path, files: list[Path]) -> subprocess.Popen[str]:
    """A run of its own, in a process group of its own."""
    script = folder / "run.py"
    script.write_text(RUN)
    command = [sys.executable, str(script), str(Path(__file__).parent), str(folder), *map(str, files)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def group_is_empty(group: int) -> bool:
    """Whether every process of a process group has ended."""
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return False
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return True


def counted_baselines(
    folder: Path, number: int, seconds: float = 0.0, until: Path | None = None, name: str = "counted"
) -> tuple[list[Path], Path]:
    """Baselines that note each fit in a file, and then take their time, or wait until a file is there."""
    note = folder / "fits.txt"
    goes_on = f"os.path.exists({str(until)!r})" if until else "True"
    body = f"""
    def fit(self, train, y):
        with open({str(note)!r}, "a") as file:
            file.write(f"{{type(self).__name__}}\\n")
        self.middle = np.median(y, axis=0)
        time.sleep({seconds})
        while not {goes_on}:
            time.sleep(0.02)
    """
    return [write_baseline(folder / "mine", f"{name}_{i}", body) for i in range(number)], note


def fits(note: Path) -> list[str]:
    return note.read_text().split() if note.exists() else []


def wait_for_a_fit(note: Path, run: subprocess.Popen[str]) -> None:
    """Until one more is noted, or there is none left to be made."""
    before = len(fits(note))
    wait_until(lambda: len(fits(note)) > before or run.poll() is not None, "a cell was fitted")


@pytest.mark.usefixtures("unsealed")
@pytest.mark.slow
def test_two_runs_at_once_lose_nothing_and_compute_each_cell_once(tmp_path: Path) -> None:
    World.make(tmp_path, posts=120)
    files, note = counted_baselines(tmp_path, 6, seconds=0.3)
    runs = [start(tmp_path, files), start(tmp_path, files[::-1])]
    for run in runs:
        out, err = run.communicate(timeout=PATIENCE)
        assert run.returncode == 0, err
        counts = eval(out)
        assert sum(counts.values()) == 6, out
    assert sorted(fits(note)) == sorted({f"Counted{i}" for i in range(6)}), "each cell once"


@pytest.mark.usefixtures("unsealed")
@pytest.mark.slow
def test_killing_a_run_again_and_again_leads_to_the_board_of_an_undisturbed_one(tmp_path: Path) -> None:
    calm = World.make(tmp_path / "calm", posts=120).with_only("one", "frozen")
    stormy = World.make(tmp_path / "stormy", posts=120).with_only("one", "frozen")
    files, note = counted_baselines(tmp_path, 5, seconds=0.2)
    assert calm.run(*files).counts == {"ok": 5}

    moments = random.Random(0)
    for number in range(8):
        run = start(tmp_path / "stormy", files)
        if number % 2:  # while a cell is fitted, scored or stored
            wait_for_a_fit(note, run)
        time.sleep(moments.uniform(0.0, 0.4 if number % 2 else 3.0))
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        for stored in stormy.results().values():  # whatever is there is sound
            read_result(stored.folder)
    run = start(tmp_path / "stormy", files)
    out, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, err
    assert sum(eval(out).values()) == 5
    assert not folders(stormy)
    ours, theirs = calm.predictions(), stormy.predictions()
    assert ours.keys() == theirs.keys()
    assert all(ours[name].equals(theirs[name]) for name in ours)
    scores = [{name: one.run.scores for name, one in w.results().items()} for w in (calm, stormy)]
    assert scores[0] == scores[1]


@pytest.mark.usefixtures("unsealed")
@pytest.mark.slow
def test_killing_the_parent_alone_takes_its_workers_with_it(tmp_path: Path) -> None:
    World.make(tmp_path, posts=120)
    files, note = counted_baselines(tmp_path, 1, seconds=FOR_EVER)
    run = start(tmp_path, files)
    wait_until(note.exists, "a cell was fitted", run)
    run.kill()
    wait_until(lambda: group_is_empty(run.pid), "its workers were gone")
    run.communicate()


@pytest.mark.usefixtures("unsealed")
@pytest.mark.slow
@pytest.mark.parametrize("moment", ["while a cell fits", "while workers start"])
def test_ctrl_c_leaves_everything_resumable_and_no_process_behind(tmp_path: Path, moment: str) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    quick = write_baseline(tmp_path / "mine", "quick", "")
    go_on = tmp_path / "go_on"
    # Some wait, so that the run is not over before it is interrupted, however late that is.
    waiting, note = counted_baselines(tmp_path, 3, until=go_on, name="waiting")
    passing, _ = counted_baselines(tmp_path, 0 if moment == "while a cell fits" else 12)
    files = [quick, *passing, *waiting]
    run = start(tmp_path, files)
    wait_until(note.exists, "a cell was fitted", run)
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130, err
    wait_until(lambda: group_is_empty(run.pid), "no process was left")
    assert not folders(world)
    finished = world.results()
    assert {one.run.status for one in finished.values()} <= {"ok"}, "an interrupted cell is no failure"
    go_on.touch()
    counts = world.run(*files).counts
    assert (counts.get("reused", 0), counts["ok"]) == (len(finished), len(files) - len(finished))


def test_a_page_says_which_files_belong_to_it(tmp_path: Path) -> None:
    (tmp_path / "predictions.parquet").write_bytes(b"numbers")
    write_checksummed(tmp_path, {"status": "ok"})
    assert read_checksummed(tmp_path)["files"].keys() == {"predictions.parquet"}
    told = json.loads((tmp_path / PAGE).read_text())
    (tmp_path / PAGE).write_text(json.dumps({**told, "status": "best of all"}))
    with pytest.raises(StoreError, match="changed after it was written"):
        read_checksummed(tmp_path)
    assert Store(tmp_path).read(tmp_path) is None


def resealed(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """As somebody writes it who knows how: no checksum gives it away."""
    told = read_checksummed(folder)
    change(told)
    write_checksummed(folder, {name: value for name, value in told.items() if name != "files"})


def test_a_result_is_read_as_it_was_written(world: World) -> None:
    world.run(NAIVE[0])
    (stored,) = world.results().values()
    assert read_result(stored.folder).result == stored.result
    resealed(stored.folder, lambda told: None)
    assert read_result(stored.folder).result == stored.result


UNREADABLE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "of an earlier version": (
        lambda told: told.update(version=1),
        "is a result of version 1; 2 is read here",
    ),
    "of a later version": (lambda told: told.update(version=3), "is a result of version 3; 2 is read here"),
    "of no version": (lambda told: told.pop("version"), "is a result of version None; 2 is read here"),
    "an unknown field": (
        lambda told: told["about"].update(colour="red"),
        "about.colour: Extra inputs are not permitted",
    ),
    "a missing field": (lambda told: told["about"].pop("kind"), "about.kind: Field required"),
    "an unknown status": (lambda told: told["run"].update(status="best"), "run.status: Input should be 'ok'"),
    "a score that is no number": (
        lambda told: told["run"]["scores"][0].update(value="high"),
        "run.scores.0.value: Input should be a valid number",
    ),
    "a seed below 0": (lambda told: told["run"].update(seed=-1), "run.seed: Input should be greater than"),
    "a key that climbs": (
        lambda told: told["about"].update(truth_key="../../../../etc"),
        "about.truth_key: String should match pattern",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", UNREADABLE)
def test_a_result_that_is_none_of_this_version_is_not_read_and_said_so(
    world: World, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    change, told = UNREADABLE[what]
    world.run(NAIVE[0])
    (before,) = world.results().values()
    resealed(before.folder, change)
    with pytest.raises(StoreError) as caught:
        read_result(before.folder)
    assert str(caught.value).startswith(f"{before.folder / PAGE}: {told}")
    assert world.results() == {}
    assert f"{before.folder / PAGE}: {told}" in caplog.text and "it is computed anew" in caplog.text
    assert world.run(NAIVE[0]).counts == {"ok": 1}
    (after,) = world.results().values()
    assert after.run.scores == before.run.scores
