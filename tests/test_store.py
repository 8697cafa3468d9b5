"""The store and the runner: whatever happens, what is finished is kept, sound, and computed once."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path

import psutil
import pytest
from raw_layouts import ROOT
from stored_worlds import NAIVE, folders
from waiting import FOR_EVER, wait_until
from worlds import World, write_baseline

from benchmark.data.cards import load_card
from benchmark.errors import StoreError
from benchmark.files import folder_atomically, remove, sha256_of, write_atomically
from benchmark.run.checksums import PAGE
from benchmark.run.store import PREDICTIONS, REPLICATES, read_result

pytestmark = [pytest.mark.usefixtures("preloaded", "made_up_encoders"), pytest.mark.slow]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path, posts=120).with_only("one", "frozen")


@pytest.mark.slow
def test_a_second_run_computes_nothing(world: World) -> None:
    assert world.run(*NAIVE).counts == {"ok": 2}
    assert world.run(*NAIVE).counts == {"reused": 2}


def test_a_changed_baseline_a_changed_setting_and_another_seed_are_other_cells(
    world: World, tmp_path: Path
) -> None:
    attributes = "value: float = 1.0"
    path = write_baseline(tmp_path / "mine", "mine", "", attributes)
    assert world.run(path).counts == {"ok": 1}
    assert world.run(path, specs=["value=2"]).counts == {"ok": 1}
    assert world.run(path, seeds=2).counts == {"ok": 1, "reused": 1}
    other = write_baseline(tmp_path / "other", "mine", "", attributes + "\nother = 1")
    assert world.run(other).counts == {"ok": 1}


@pytest.mark.slow
@pytest.mark.parametrize("damaged", [PAGE, PREDICTIONS, REPLICATES])
@pytest.mark.parametrize("how", ["cut short", "one bit turned", "removed"])
def test_a_damaged_result_is_noticed_and_computed_anew(world: World, damaged: str, how: str) -> None:
    world.run(NAIVE[0])
    (before,) = world.results().values()
    predictions = before.predictions()
    path = before.folder / damaged
    content = bytearray(path.read_bytes())
    if how == "removed":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content if how == "one bit turned" else content[: len(content) // 2])

    if path.exists():
        with pytest.raises(StoreError, match=damaged):
            read_result(before.folder)
    assert world.run(NAIVE[0]).counts == {"ok": 1}
    (after,) = world.results().values()
    assert after.predictions().equals(predictions)
    assert after.run.scores == before.run.scores
    assert not folders(world)


def test_a_damaged_truth_is_written_anew(world: World) -> None:
    world.run(NAIVE[0])
    (truth,) = (world.home / "runs" / "trial" / "one" / "frozen").glob("truth-*/truth.parquet")
    good = truth.read_bytes()
    truth.write_bytes(good[:-20])
    world.run(NAIVE[1])
    assert truth.read_bytes() == good


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("truth.parquet", "cut short"),
        ("truth.parquet", "a link to itself"),
        (PAGE, "a pipe"),
        ("", "removed"),
    ],
)
def test_the_truth_of_a_finished_home_is_written_anew_though_no_cell_waits(
    world: World, name: str, how: str
) -> None:
    world.run(NAIVE[0])
    (folder,) = (world.home / "runs" / "trial" / "one" / "frozen").glob("truth-*")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    put_in_place(folder / name, how)
    assert world.run(NAIVE[0]).counts == {"reused": 1}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def put_in_place(path: Path, how: str) -> None:
    """Damage a file or a folder."""
    if how == "cut short" and path.is_file():
        path.write_bytes(path.read_bytes()[:-20])
        return
    remove(path)
    if how == "cut short":
        path.write_text("in place of a folder")
    elif how == "a folder":
        path.mkdir()
    elif how == "a pipe":
        os.mkfifo(path)
    elif how == "a link to itself":
        path.symlink_to(path.name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "how"),
    [(PAGE, "a pipe"), (PREDICTIONS, "a pipe"), (REPLICATES, "a folder"), ("", "cut short")],
)
def test_a_result_is_computed_anew_whatever_lies_in_its_place(world: World, name: str, how: str) -> None:
    world.run(NAIVE[0])
    (before,) = world.results().values()
    predictions = before.predictions()
    put_in_place(before.folder / name, how)
    assert world.run(NAIVE[0]).counts == {"ok": 1}
    (after,) = world.results().values()
    assert after.predictions().equals(predictions) and after.folder == before.folder
    assert not folders(world)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut short", "removed", "a pipe"])
def test_the_ceiling_of_a_finished_home_is_computed_anew_though_no_cell_waits(
    tmp_path: Path, how: str
) -> None:
    card = load_card(ROOT / "datasets" / "demo_tweets" / "card.toml")
    assert card.generator is not None
    small = card.model_copy(update={"generator": card.generator.model_copy(update={"posts": 400})})
    world = World(small, tmp_path).with_only("engagement", "frozen")
    world.run(NAIVE[0])
    before = world.results()["engagement frozen ceiling 0"]
    for name in (PREDICTIONS, PAGE, ""):
        put_in_place(before.folder / name, how)
        assert world.run(NAIVE[0]).counts == {"reused": 1}
        after = world.results()["engagement frozen ceiling 0"]
        assert after.run.scores == before.run.scores and after.files == before.files


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with pytest.raises(RuntimeError), folder_atomically(target) as staging:
        (staging / "half").write_text("written")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    for content in ("first", "second"):
        with folder_atomically(target) as staging:
            (staging / "file").write_text(content)
            assert not target.exists() or (target / "file").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["result"]
    assert (target / "file").read_text() == "second"


@pytest.mark.parametrize("how", ["cut short", "a folder", "a pipe", "a link to itself"])
def test_a_folder_takes_the_place_of_whatever_lies_there(tmp_path: Path, how: str) -> None:
    target = tmp_path / "result"
    target.mkdir()
    put_in_place(target, how)
    with folder_atomically(target) as staging:
        (staging / "file").write_text("whole")
    assert (target / "file").read_text() == "whole" and [one.name for one in tmp_path.iterdir()] == ["result"]


@pytest.mark.parametrize("how", ["a pipe", "a link to itself"])
def test_a_file_takes_the_place_of_whatever_lies_there_but_a_folder(tmp_path: Path, how: str) -> None:
    path = tmp_path / "file"
    path.touch()
    put_in_place(path, how)
    write_atomically(path, "whole")
    assert path.read_text() == "whole" and not path.is_symlink()
    put_in_place(path, "a folder")
    with pytest.raises(StoreError, match=r"file: a folder lies where this file belongs\. Move it away"):
        write_atomically(path, "whole")
    assert path.is_dir() and [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("how", ["removed", "a folder", "a pipe", "a link to itself"])
def test_what_is_no_file_is_an_error_to_read_and_never_waited_for(tmp_path: Path, how: str) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    assert sha256_of(path) == hashlib.sha256(b"x").hexdigest()
    put_in_place(path, how)
    with pytest.raises(OSError, match=re.escape(str(path))):
        sha256_of(path)


def test_a_full_disk_is_a_clear_error_and_leaves_nothing_half_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run(NAIVE[0])

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        world.run(*NAIVE)
    with pytest.raises(OSError, match="No space left on device"):
        write_atomically(world.home / "board.csv", "x")
    monkeypatch.undo()
    assert not folders(world)
    assert not list(world.home.glob("*board.csv*"))
    assert len(world.results()) == 1


def test_what_a_killed_run_left_behind_is_swept_by_the_next(world: World) -> None:
    world.run(NAIVE[0])
    (stored,) = world.results().values()
    left = stored.folder.with_name(f".{stored.folder.name}.abc123")
    stored.folder.rename(left)
    assert world.run(NAIVE[0]).counts == {"ok": 1}
    assert not left.exists()


FAILURES = {
    "crashes": ("raise ValueError('no such luck')", "failed", "ValueError: no such luck"),
    "dies": ("os._exit(3)", "failed", "the worker died with exit status 3"),
    "hangs": (f"time.sleep({FOR_EVER})", "timeout", "took longer than 3 s"),
    "hoards": (
        f"x = np.ones(2**28)\n    time.sleep({FOR_EVER})",
        "out_of_memory",
        "MB of memory, allowed are 1000",
    ),
    "nan": ("return np.where(posts.ids == posts.ids[4], np.nan, 1.0)[:, None]", "failed", "for post p"),
    "infinite": ("return np.full((len(posts), 1), np.inf)", "failed", "target 'likes'"),
    "flat": ("return np.ones(len(posts))", "failed", "returned shape (49,) for 49 posts and 1 target"),
    "nothing": ("return None", "failed", "returned shape (1,)"),
    "words": ("return [['many']] * len(posts)", "failed", "ValueError"),
}


def test_a_result_tells_what_kind_of_model_made_it_and_what_content_that_read(
    tmp_path: Path, made_up_encoders: None
) -> None:
    world = World.make(tmp_path).with_only("one", "frozen")
    reader = write_baseline(tmp_path, "reader", "", "family = 'trees'\nwants = {'text', 'image'}")
    world.run(reader, write_baseline(tmp_path, "plain", ""))
    told = {stored.about.baseline: stored.about for stored in world.results().values()}
    assert (told["reader"].family, told["reader"].encodings) == ("trees", ("image", "text"))
    assert (told["plain"].family, told["plain"].encodings) == ("other", ())


@pytest.mark.slow
def test_a_failing_cell_says_why_and_touches_no_other(world: World, tmp_path: Path) -> None:
    files = [
        write_baseline(tmp_path / "bad", name, f"def predict(self, posts):\n    {line}")
        for name, (line, _, _) in FAILURES.items()
    ]
    hangs = next(file for file in files if file.stem == "hangs")
    late = world.run(hangs, seconds=3)
    others = [file for file in files if file != hangs]
    summary = world.run(*others, *NAIVE, memory_mb=1000)
    assert summary.counts["ok"] == 2
    problems = {problem.split()[2]: problem for problem in (*late.problems, *summary.problems)}
    for name, (_, status, why) in FAILURES.items():
        assert f"trial/one frozen {name} seed 0: {status}: " in problems[name]
        assert why in problems[name]
        assert world.results()[f"one frozen {name} 0"].run.status == status


def test_a_nan_is_blamed_on_its_post(world: World, tmp_path: Path) -> None:
    line = FAILURES["nan"][0]
    world.run(write_baseline(tmp_path / "bad", "nan", f"def predict(self, posts):\n    {line}"), NAIVE[0])
    reason = world.results()["one frozen nan 0"].run.reason
    fifth = world.predictions()["one frozen global_median 0"]["post_id"][4].as_py()
    assert (
        f"1 of 49 predictions are not a finite number; the first is nan for post {fifth}, target 'likes'"
        in reason
    )


@pytest.mark.usefixtures("unsealed")
def test_a_failed_cell_is_kept_and_tried_again_on_request_alone(world: World, tmp_path: Path) -> None:
    flag = tmp_path / "mended"
    path = write_baseline(
        tmp_path / "bad",
        "moody",
        f"def fit(self, train, y):\n    assert os.path.exists({str(flag)!r})\n    self.middle = 0",
    )
    assert world.run(path).counts == {"failed": 1}
    flag.touch()
    again = world.run(path)
    assert again.counts == {"failed": 1}, "it stands, and is a problem every time"
    assert "in an earlier run; --retry-failed tries it again" in again.problems[0]
    assert world.run(path, retry_failed=True).counts == {"ok": 1}
    assert world.run(path, retry_failed=True).counts == {"reused": 1}


@pytest.mark.usefixtures("unsealed")
@pytest.mark.slow
def test_a_worker_leaves_no_process_behind(world: World, tmp_path: Path) -> None:
    """Not even those that the baseline has started itself."""
    note = tmp_path / "pid"
    body = f"""
    def fit(self, train, y):
        import subprocess

        Path({str(note)!r}).write_text(str(subprocess.Popen(["sleep", "{FOR_EVER}"]).pid))
        time.sleep({FOR_EVER})
    """
    path = write_baseline(tmp_path / "bad", "parent", body)
    seconds = 2.0
    while not note.exists():  # until it is long enough for the cell to come so far
        seconds *= 2
        assert world.run(path, seconds=seconds, retry_failed=True).counts == {"timeout": 1}
    wait_until(lambda: gone(int(note.read_text())), "the process that the baseline had started was gone")


def test_a_data_set_that_cannot_be_used_is_reported_and_the_run_goes_on(tmp_path: Path) -> None:
    task = World.make(tmp_path).card.task("one")
    emptied = task.model_copy(update={"filter": task.filter.model_copy(update={"where": {"app": "none"}})})
    world = World.make(tmp_path)
    summary = World(world.card.model_copy(update={"tasks": (emptied,)}), world.home).run(NAIVE[0])
    assert "the filter of task 'one' leaves no post" in summary.problems[0]


def gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
