"""Whatever lies in the folder of one result, the board of the others is written, and says what it lacks."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from stored import TABLE, put_predictions

from benchmark.run.checksums import PAGE, checksummed_text, read_checksummed, write_checksummed
from benchmark.run.store import PREDICTIONS, REPLICATES, Store
from benchmark.run.verify import verify_store
from leaderboard.board.merged import merged
from leaderboard.board.write import write_board
from leaderboard.page.page import embedded
from leaderboard.publishing.pictures import MOST_PIXELS, pictures_of, small
from leaderboard.tables.rows import read_rows

pytestmark = pytest.mark.slow

Damage = Callable[[Path], object]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, error in (("recent_median", 1.5), ("odd", 1.0), ("other", 1.2)):
        put_predictions(tmp_path / "runs", name, error)
    return tmp_path


def odd(home: Path) -> Path:
    (folder,) = (home / "runs" / TABLE / "odd").glob("*/*/*")
    return folder


def resealed(folder: Path) -> None:
    """The checksums of what lies there now: as if a run had ended so."""
    content = json.loads((folder / PAGE).read_text())
    (folder / PAGE).unlink()
    write_checksummed(
        folder, {name: value for name, value in content.items() if name not in ("sha256", "files")}
    )


def png(path: Path, size: tuple[int, int] = (8, 8)) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", size).save(path)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is so large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


def in_place(name: str, make: Callable[[Path], object]) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return damage


def told(**changed: object) -> Damage:
    """Another page, under a checksum that holds."""

    def damage(folder: Path) -> None:
        content = json.loads((folder / PAGE).read_text())
        content.pop("sha256")
        for name, value in changed.items():
            part = content if name == "files" else content["run"]
            part[name] = value
        text = checksummed_text(content) if name != "fit_seconds" else with_nan(content)
        (folder / PAGE).write_text(text)

    return damage


def with_nan(content: dict[str, object]) -> str:
    import hashlib

    checksum = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return json.dumps({**content, "sha256": checksum})


def elsewhere(path: Path) -> None:
    target = path.parents[6] / f"elsewhere-{path.name}"
    target.write_bytes(b"secret")
    path.symlink_to(target)


OF_THE_RESULT: dict[str, tuple[Damage, str]] = {
    "predictions that are a folder": (
        in_place(PREDICTIONS, Path.mkdir),
        f"{PREDICTIONS}: is a link, a folder",
    ),
    "predictions that are a pipe": (in_place(PREDICTIONS, os.mkfifo), f"{PREDICTIONS}: is a link, a folder"),
    "predictions that are a link": (in_place(PREDICTIONS, elsewhere), f"{PREDICTIONS}: is a link, a folder"),
    "replicates that are a pipe": (in_place(REPLICATES, os.mkfifo), f"{REPLICATES}: is a link, a folder"),
    "a page that is a pipe": (in_place(PAGE, os.mkfifo), f"{PAGE}: is a link, a folder or a pipe"),
    "a page that is a folder": (in_place(PAGE, Path.mkdir), f"{PAGE}: is a link, a folder or a pipe"),
    "a page that is a link": (in_place(PAGE, elsewhere), f"{PAGE}: is a link, a folder or a pipe"),
    "an empty page": (in_place(PAGE, Path.touch), f"{PAGE}: cannot be read as a result"),
    "a page nested without end": (
        in_place(PAGE, lambda path: path.write_text("[" * 100_000)),
        f"{PAGE}: cannot be read as a result",
    ),
    "empty replicates": (
        lambda folder: ((folder / REPLICATES).write_bytes(b""), resealed(folder)),
        f"{REPLICATES}: cannot be read",
    ),
    "replicates that are a program": (
        lambda folder: (np.savez(folder / REPLICATES, a=np.array([print], object)), resealed(folder)),
        f"{REPLICATES}: cannot be read",
    ),
    "replicates of nothing": (
        lambda folder: (np.savez(folder / REPLICATES, a=np.ones(3)), resealed(folder)),
        "has no replicates of likes/",
    ),
    "no replicates": (
        lambda folder: ((folder / REPLICATES).unlink(), resealed(folder)),
        f"tells of no {REPLICATES}",
    ),
    "seconds that are no number": (told(fit_seconds=float("nan")), "run.fit_seconds: "),
    "files of elsewhere": (told(files={"../../../x": "0"}), "'../../../x' is no file beside it"),
    "files of the machine": (told(files={"/dev/zero": "0"}), "'/dev/zero' is no file beside it"),
    "files of a wrong kind": (told(files=[1]), f"{PAGE}: names no files"),
    "plots behind a link": (
        lambda folder: (
            png(folder / "plots" / "a.png"),
            resealed(folder),
            (folder / "plots").rename(folder.parents[6] / "plots"),
            (folder / "plots").symlink_to(folder.parents[6] / "plots"),
        ),
        "lies behind a link",
    ),
}


@pytest.mark.parametrize("what", OF_THE_RESULT)
def test_a_result_that_cannot_be_read_is_left_out_with_its_reason(home: Path, what: str) -> None:
    damage, phrase = OF_THE_RESULT[what]
    damage(odd(home))
    found = merged(home / "runs", home / "nothing")
    assert {row.about.baseline for row in found.rows} == {"recent_median", "other"}
    (reason,) = found.left_out
    assert phrase in reason and reason.startswith(f"{TABLE}/odd/")


def test_the_board_says_what_it_leaves_out(home: Path) -> None:
    in_place(PREDICTIONS, os.mkfifo)(odd(home))
    write_board(home / "runs", home, home / "nothing")
    text = (home / "LEADERBOARD.md").read_text(encoding="utf-8")
    assert "## Left out" in text and "predictions.parquet: is a link, a folder or a pipe" in text
    assert "`other`" in text and "`odd`" not in text


def test_a_page_that_leads_nowhere_is_no_result(home: Path) -> None:
    in_place(PAGE, lambda path: path.symlink_to("/nowhere"))(odd(home))
    rows = merged(home / "runs", home / "nothing").rows
    assert {row.about.baseline for row in rows} == {"recent_median", "other"}


def test_verify_does_not_wait_at_a_pipe(home: Path) -> None:
    for name in (PREDICTIONS, PAGE):
        in_place(name, os.mkfifo)(odd(home))
        found = verify_store(home, {})
        assert any(name in problem for problem in found.problems)
    assert Store(home / "runs").read(odd(home)) is None, "and a run computes it anew"


def test_a_link_in_a_folder_is_none_of_the_files_that_are_sealed(home: Path) -> None:
    folder = odd(home)
    (folder / "plots").mkdir()
    elsewhere(folder / "plots" / "secret.txt")
    os.mkfifo(folder / "plots" / "pipe.png")
    resealed(folder)
    assert set(read_checksummed(folder)["files"]) == {PREDICTIONS, REPLICATES}


# Pictures: the row stays

WRONG_PICTURES: dict[str, tuple[Damage, str]] = {
    "an empty picture": (lambda path: path.write_bytes(b""), "cannot be read as a PNG"),
    "half a picture": (
        lambda path: (png(path, (200, 200)), path.write_bytes(path.read_bytes()[:60])),
        "cannot be read as a PNG",
    ),
    "a picture that unfolds to gigabytes": (
        lambda path: path.write_bytes(bomb(30_000, 30_000)),
        "cannot be read as a PNG: Image size (900000000 pixels) exceeds limit",
    ),
    "a picture that unfolds to less": (
        lambda path: path.write_bytes(bomb(8_000, 8_000)),
        f"is 8000 by 8000 large; {MOST_PIXELS:,} pixels are allowed",
    ),
    "a picture larger than any number": (lambda path: path.write_bytes(bomb(2**31 - 1, 2**31 - 1)), "PNG"),
    "another format": (lambda path: Image.new("RGB", (8, 8)).save(path, "GIF"), "cannot be read as a PNG"),
    "a program for a printer": (
        lambda path: path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n"),
        "cannot be read as a PNG",
    ),
    "a picture too narrow to be one": (lambda path: png(path, (1, 20_000)), "cannot be read as a PNG"),
}


@pytest.mark.parametrize("what", WRONG_PICTURES)
def test_a_picture_that_cannot_be_shown_is_left_out_and_its_row_stays(home: Path, what: str) -> None:
    make, phrase = WRONG_PICTURES[what]
    folder = odd(home)
    png(folder / "plots" / "sound.png")
    make(folder / "plots" / "wrong.png")
    resealed(folder)
    (row,) = (row for row in read_rows(home / "runs") if row.about.baseline == "odd")
    found = pictures_of(row)
    assert list(found.plots) == ["sound"] and found.drawn is not None
    assert phrase in found.left_out["wrong"] and found.left_out["wrong"].startswith("plots/wrong.png: ")


def test_the_page_says_why_a_picture_is_not_there(home: Path) -> None:
    folder = odd(home)
    png(folder / "plots" / "sound.png")
    (folder / "plots" / "wrong.png").touch()
    resealed(folder)
    write_board(home / "runs", home, home / "nothing")
    told = embedded((home / "index.html").read_text(encoding="utf-8"))
    rows = {row["baseline"]: row for row in told["rows"]}
    assert set(rows) == {"recent_median", "odd", "other"}
    by_name = {one["name"]: one for one in rows["odd"]["plots"]}
    assert "image" in by_name["sound"] and "cannot be read as a PNG" in by_name["wrong"]["why"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [b"caf\xe9.png", b"\x1b[31m.png", b"<img src=x>.png"])
def test_a_picture_whose_name_cannot_be_written_is_left_out(home: Path, name: bytes) -> None:
    folder = odd(home)
    png(folder / "plots" / "sound.png")
    try:
        (folder / "plots" / "sound.png").rename(folder / "plots" / os.fsdecode(name))
    except OSError:
        pytest.skip("this file system takes no such name")
    resealed(folder)
    write_board(home / "runs", home, home / "nothing")
    rows = {
        row["baseline"]: row for row in embedded((home / "index.html").read_text(encoding="utf-8"))["rows"]
    }
    (plot,) = rows["odd"]["plots"]
    assert "a plot is called by letters, digits" in plot["why"] and "image" not in plot
    assert verify_store(home, {}).problems == []


def test_a_noisy_picture_is_small_or_none(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (3000, 420, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    with pytest.raises(Exception, match=r"bytes as a small picture; 64,000 are allowed"):
        small(tmp_path / "noise.png")
    png(tmp_path / "wide.png", (1200, 600))
    with Image.open(io.BytesIO(small(tmp_path / "wide.png"))) as picture:
        assert picture.size == (600, 300)
