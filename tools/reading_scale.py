"""What it takes to prepare far more posts than SMPD has: files of the image track, read and stored.

    python -m tools.reading_scale [--posts N ...] [--home DIR]

Makes the files with the generator of the demo photos, in pieces of at most 486,194 posts that each have a
seed, posts and accounts of their own. Prints of every step of `prepare` the seconds, those of the processor,
which others on the machine disturb less, and the peak memory, each size in a process of its own; and the
exponent with which they grow: 1 is in proportion to the posts. Needs 10 GB on disk for 4.9 million posts,
which it removes again.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from benchmark import PROJECT
from tools.network_scale import exponent

SIZES = (486_194, 4_861_940)
AIM_GB, AIM_EXPONENT = 8.0, 1.1
"""Of the largest size, and from one to the other."""
LARGEST_PIECE = 486_194
"""Of which the generator makes no more at a time."""
MOST_PIECES = 90
"""The ids of each begin with two digits of its own, from 10 on."""
STEPS = ("stamp", "read", "canonical", "leaks", "image_files", "fingerprint", "_write", "report", "sha256_of")
"""Functions that `benchmark.data.prepare` calls, in order: each is timed where it is called."""
RECORDS = ("category", "text", "temporalspatial_information", "additional_information")
_PATH = re.compile(rb"/([0-9]+@N[0-9]+)/([0-9]+\.jpg)")


def main() -> None:
    """Each size in a process of its own, a line a step; then how the seconds grow."""
    options = argparse.ArgumentParser(prog="python -m tools.reading_scale", description=main.__doc__)
    options.add_argument("--posts", type=int, nargs="+", default=list(SIZES))
    options.add_argument("--home", type=Path, help="where the files are made; default: a temporary folder")
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(measured(given.one)))
        return
    if wrong := [posts for posts in given.posts if not 1_000 <= posts <= MOST_PIECES * LARGEST_PIECE]:
        options.error(f"--posts {wrong[0]}: give numbers from 1,000 to {MOST_PIECES * LARGEST_PIECE:,}")
    print(f"prepare: aim under {AIM_GB:g} GB, growing with an exponent of at most {AIM_EXPONENT}", flush=True)
    sizes = sorted(given.posts)
    found = [_shown(posts, given.home)["whole"] for posts in sizes]
    if len(sizes) > 1:
        of_wall, of_processor = (exponent(sizes, [whole[i] for whole in found]) for i in (0, 1))
        told = f"{of_wall:.2f}, seconds of CPU with {of_processor:.2f}"
        print(f"  {'prepare':12} grows with exponent {told}", flush=True)


def _shown(posts: int, home: Path | None) -> dict[str, Any]:
    """Make the files, prepare them, say what that took: what `measured` says."""
    if home:
        home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="reading-") as place:
        folder = Path(place)
        began = time.perf_counter()
        make(folder, posts)
        size = sum(path.stat().st_size for path in (folder / "raw").rglob("*") if path.is_file())
        made = time.perf_counter() - began
        print(f"{posts:,} posts, {size / 1e9:.2f} GB of files, made in {made:.0f} s", flush=True)
        command = [sys.executable, "-m", "tools.reading_scale", "--one", str(folder)]
        told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    for name, took in [*told["steps"].items(), ("prepare", told["whole"])]:
        seconds, own, peak = took
        print(f"  {name.strip('_'):12} {seconds:8.1f} s {own:8.1f} s of CPU {peak:6.2f} GB", flush=True)
    print(f"  fingerprint {told['fingerprint']}", flush=True)
    return dict(told)


def measured(folder: Path) -> dict[str, Any]:
    """Prepare the card in a folder: of each step and of the whole seconds, those of the processor, and the
    peak memory in GB. That of a step is of all that is in memory meanwhile."""
    from benchmark.data import prepare as module
    from benchmark.data.cards import load_card

    steps: dict[str, tuple[float, float, float]] = {}
    peaks: list[float] = []
    for name in STEPS:
        setattr(module, name, _timed(name, getattr(module, name), steps, peaks))
    began, own = time.perf_counter(), time.process_time()
    prepared = module.prepare(load_card(folder / "card.toml"), folder, ())
    seconds, own = time.perf_counter() - began, time.process_time() - own
    whole = (seconds, own, max(_peak(), *peaks))
    return {"steps": steps, "whole": whole, "fingerprint": prepared.fingerprint}


def _timed(
    name: str,
    step: Callable[..., Any],
    steps: dict[str, tuple[float, float, float]],
    peaks: list[float],
) -> Callable[..., Any]:
    """The step, adding what it takes to `steps`, of all calls, and the highest until then to `peaks`."""

    @wraps(step)
    def run(*arguments: Any, **named: Any) -> Any:
        before = steps.get(name, (0.0, 0.0, 0.0))
        peaks.append(_peak())
        _forget_peak()
        began, own = time.perf_counter(), time.process_time()
        try:
            return step(*arguments, **named)
        finally:
            seconds, own = time.perf_counter() - began, time.process_time() - own
            peaks.append(_peak())
            steps[name] = (before[0] + seconds, before[1] + own, max(before[2], peaks[-1]))

    return run


def make(folder: Path, posts: int) -> None:
    """`raw/big` in the layout of the image track, and beside it the card that reads it."""
    origin = PROJECT / "datasets" / "demo_flickr"
    raw = folder / "raw" / "big"
    columns: dict[str, list[str]] = {}
    pieces = -(-posts // LARGEST_PIECE)
    for number in range(pieces):
        share = posts * (number + 1) // pieces - posts * number // pieces
        piece = folder / "piece"
        script = [sys.executable, str(origin / "generate.py"), "--out", str(piece), "--posts", str(share)]
        command = [*script, "--seed", str(number), "--no-images"]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        for split in ("train", "test"):
            own = raw / f"{split}_allmetadata_json"
            own.mkdir(parents=True, exist_ok=True)
            columns[split] = _add(piece / own.name, own, split, number)
        shutil.rmtree(piece)
    for split in ("train", "test"):
        _close(raw / f"{split}_allmetadata_json", split, columns[split])
    (folder / "card.toml").write_text(_card(origin / "card.toml"), encoding="utf-8")


def _card(origin: Path) -> str:
    """The demo photos' card as that of files which are there, with no generator and no ceiling."""
    text = origin.read_text(encoding="utf-8")
    text = re.sub(r"^\[generator\]\n(?:.+\n)+", "", text, flags=re.MULTILINE)
    text = re.sub(r"^synthetic = true\n", "", text, flags=re.MULTILINE)
    for key in ("name", "raw"):
        text = re.sub(rf"^{key} = .*$", f'{key} = "big"', text, count=1, flags=re.MULTILINE)
    return text


def _add(piece: Path, own: Path, split: str, number: int) -> list[str]:
    """Append a piece's files; its ids begin with a number of its own.

    Returns:
        Names of the columns of the user data.
    """
    mark = b"%d" % (10 + number)
    for kind in RECORDS:
        records = (piece / f"{split}_{kind}.json").read_bytes()[1:-1]
        records = records.replace(b'"Uid": "', b'"Uid": "' + mark).replace(b'"Pid": "', b'"Pid": "' + mark)
        _append(own / f"{split}_{kind}.json", (b", " if number else b"[") + records)
    paths = (piece / f"{split}_img_filepath.txt").read_bytes()
    _append(own / f"{split}_img_filepath.txt", _marked(paths, mark))
    if split == "train":
        _append(own / "train_label.txt", (piece / "train_label.txt").read_bytes())
    return _add_users(piece, own, split)


def _marked(paths: bytes, mark: bytes) -> bytes:
    return _PATH.sub(lambda found: b"/" + mark + found[1] + b"/" + mark + found[2], paths)


def _add_users(piece: Path, own: Path, split: str) -> list[str]:
    """The user data lie column by column: each in a file of its own until the last piece is there."""
    import orjson

    table = orjson.loads((piece / f"{split}_user_data.json").read_bytes())
    for name, values in table.items():
        part = own / f"{name}.part"
        counted = own / f"{name}.count"
        first = int(counted.read_text()) if counted.exists() else 0
        with part.open("a", encoding="utf-8") as file:
            for row, value in enumerate(values.values(), first):
                file.write(f'{", " if row else ""}"{row}": "{value}"')
        counted.write_text(str(first + len(values)))
    return list(table)


def _close(own: Path, split: str, columns: list[str]) -> None:
    for kind in RECORDS:
        _append(own / f"{split}_{kind}.json", b"]")
    with (own / f"{split}_user_data.json").open("wb") as whole:
        for number, name in enumerate(columns):
            whole.write((b"}, " if number else b"{") + json.dumps(name).encode() + b": {")
            with (own / f"{name}.part").open("rb") as part:
                shutil.copyfileobj(part, whole, 1 << 24)
            (own / f"{name}.part").unlink()
            (own / f"{name}.count").unlink()
        whole.write(b"}}")


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def _forget_peak() -> None:
    """Where the system allows it (Linux): the next peak is that of what comes next."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    """Memory in GB at its highest, since it was forgotten if it could be."""
    with suppress(OSError):
        told = Path("/proc/self/status").read_text(encoding="ascii")
        return int(told.split("VmHWM:")[1].split()[0]) / 1e6 * 1.024
    divisor = 1e9 if sys.platform == "darwin" else 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / divisor


if __name__ == "__main__":
    main()
