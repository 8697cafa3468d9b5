"""What a cell leaves: pictures that are plain files, a log of some size, and no folder."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from benchmark.processes.cell_log import HEAD, TAIL, CellLog
from benchmark.processes.workspace import LARGEST, MOST, cleared, taken_over, workspace


def test_a_workspace_goes_with_its_cell_whatever_was_done_to_it() -> None:
    with workspace() as folder:
        (folder / "locked" / "deep").mkdir(parents=True)
        (folder / "locked" / "deep" / "file").write_text("left")
        (folder / "locked" / "deep").chmod(0)
        (folder / "locked").chmod(0o500)
        (folder / "link").symlink_to("/etc")
        os.mkfifo(folder / "pipe")
    assert not folder.exists()
    assert Path("/etc").exists()


def test_plain_files_are_taken_over_and_nothing_else_is(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    drawn = tmp_path / "drawn"
    (drawn / "folder").mkdir(parents=True)
    (drawn / "curve.png").write_bytes(b"a picture")
    (drawn / "weights.json").write_text("{}")
    (drawn / "empty.png").write_bytes(b"")
    (drawn / "link.png").symlink_to(secret)
    os.link(secret, drawn / "hard.png")
    os.mkfifo(drawn / "pipe.png")
    (drawn / ".hidden.png").write_bytes(b"x")
    (drawn / "<img>.png").write_bytes(b"x")
    with open(os.fsencode(drawn) + b"/\xff.png", "wb") as file:  # noqa: PTH123  (no Path has such a name)
        file.write(b"x")
    with (drawn / "endless.png").open("wb") as file:
        file.truncate(LARGEST + 1)
    left_out = taken_over(drawn, tmp_path / "plots")
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["curve.png", "weights.json"]
    assert len(left_out) == 9
    assert "b'empty.png' is left out: it is empty" in left_out
    assert "b'link.png' is left out: it is no plain file" in left_out


@pytest.mark.parametrize("left", ["nothing", "a file", "a link"])
def test_where_no_folder_was_left_there_is_none(left: str, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn"
    if left == "a file":
        drawn.write_text("x")
    if left == "a link":
        drawn.symlink_to("/etc")
    assert taken_over(drawn, tmp_path / "plots") == []
    assert not (tmp_path / "plots").exists()


def test_files_without_number_are_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "drawn").mkdir()
    for number in range(MOST + 3):
        (tmp_path / "drawn" / f"{number:04}.png").write_bytes(b"x")
    assert len(taken_over(tmp_path / "drawn", tmp_path / "plots")) == 3
    assert len(list((tmp_path / "plots").iterdir())) == MOST


def test_a_log_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    log = CellLog(tmp_path / "log.txt")
    content = b"begin" + bytes(3 * HEAD) + b"end"
    with os.fdopen(os.dup(log.write_end), "wb") as pipe:
        log.close_write_end()
        pipe.write(content)
    log.finish()
    kept = (tmp_path / "log.txt").read_bytes()
    assert kept.startswith(b"begin") and kept.endswith(b"end")
    assert len(kept) < HEAD + TAIL + 100
    assert f"[{len(content) - HEAD - TAIL:,} bytes are left out here]".encode() in kept


def test_a_short_log_is_whole(tmp_path: Path) -> None:
    log = CellLog(tmp_path / "log.txt")
    os.write(log.write_end, b"a line\n")
    log.close_write_end()
    log.finish()
    assert (tmp_path / "log.txt").read_bytes() == b"a line\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_is_told_and_the_pipe_is_emptied_all_the_same() -> None:
    log = CellLog(Path("/dev/full"))
    written = threading.Event()

    def write() -> None:
        with os.fdopen(os.dup(log.write_end), "wb") as pipe:
            pipe.write(bytes(1_000_000))
        written.set()

    threading.Thread(target=write).start()
    assert written.wait(60)
    log.close_write_end()
    with pytest.raises(OSError, match="No space left"):
        log.finish()


def test_what_does_not_belong_in_a_results_folder_is_removed_and_nothing_behind_a_link_is(
    tmp_path: Path,
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    folder = tmp_path / "result"
    (folder / "plots").mkdir(parents=True)
    (folder / "log.txt").write_text("a line")
    (folder / "predictions.parquet").symlink_to(victim)
    (folder / "result.json").mkdir()
    os.mkfifo(folder / "replicates.npz")
    removed = cleared(folder, {"log.txt"})
    assert removed == ["plots", "predictions.parquet", "replicates.npz", "result.json"]
    assert [path.name for path in folder.iterdir()] == ["log.txt"]
    assert victim.read_text() == "mine"
    (folder / "log.txt").unlink()
    (folder / "log.txt").symlink_to(victim)
    assert cleared(folder, {"log.txt"}) == ["log.txt"]
    folder.rmdir()
    assert cleared(folder, {"log.txt"}) == ["."]
    assert folder.is_dir()
