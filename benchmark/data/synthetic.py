"""Synthetic data sets: their raw files are generated when absent, and their ceiling is known."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmark import PROJECT
from benchmark.data.raw_files import own_folder
from benchmark.declared.card import Card, Generator
from benchmark.errors import CardError, DataError
from benchmark.files import opened, sha256_of, write_atomically
from benchmark.readers import columns
from benchmark.readers.delimited import read_delimited
from benchmark.readers.raw import Origin, ReadReport
from benchmark.sealing.script import run_script

log = logging.getLogger(__name__)

SHARED = "generators"
"""Folder beside those of the data sets: code that several generators share."""


def ensure_generated(card: Card, home: Path, raw_roots: Sequence[Path], *, allowed: bool) -> None:
    """Make the raw files of a synthetic set in `home/raw`, unless one of `raw_roots` has them.

    They are made again when the generator's code or number of posts has changed since, or what it made has.

    Args:
        allowed: whether the user has said that a script which is none of the project's may be run.

    Raises:
        CardError: the script is not in the card's folder, or may not be run.
        DataError: the generator failed; the text ends with its last words. Or its folder holds what no
            generator made.
    """
    generator = card.generator
    if generator is None or any((root / name).exists() for root in raw_roots for name in card.raw):
        return
    script = _script(card, generator)
    folder = own_folder(card, home)
    # Beside the folder, not in it: the folder is the generator's own.
    made_by = folder.with_name(f".{folder.name}.generator")
    recipe = _recipe(card.folder, script, generator)
    noted = _noted(made_by)
    if noted is not None and noted.get("recipe") == recipe:
        if not (changed := _changed(folder, noted)):
            return
        log.warning("%s: is not as it was generated; the data are generated anew", folder / changed)
    declared = card.folder / "card.toml"
    if not (allowed or is_of_the_project(card)):
        raise CardError(
            f"{declared}: the data are made by a script that came with the card, {script}. Read it; if you "
            f"trust it, run `smpbench prepare -d {declared} --allow-generator`"
        )
    if folder.is_symlink() or (folder.exists() and not made_by.is_file()):
        raise DataError("no generator made this", file=folder, mend="Move it away: data are generated there")
    folder.parent.mkdir(parents=True, exist_ok=True)
    made_by.write_text("unfinished\n", encoding="utf-8")
    _run(card, script, folder, generator)
    files = {path: [*found, sha256_of(folder / path)] for path, found in _found(folder).items()}
    write_atomically(made_by, json.dumps({"recipe": recipe, "files": files}))


def is_of_the_project(card: Card) -> bool:
    """Whether the card is one of `datasets/`, whose scripts were read by those who keep the project."""
    return Path(os.path.realpath(card.folder)).parent == PROJECT / "datasets"


def with_ceiling(card: Card, raw: Path, targets: pa.Table) -> pa.Table:
    """`targets` and, for a synthetic set, a column `ceiling_<target>` each: the noiseless score; and
    `ceiling_noise_<target>` where the file tells `<target>_noise`: the standard deviation of what nobody can
    know of a post's label, on the scoring scale.

    Raises:
        DataError: the ceiling file misses a target, or a post, or a noise is not above 0.
    """
    if card.generator is None:
        return targets
    path = raw / card.generator.ceiling
    table, rows = read_delimited(path, ReadReport())
    if missing := [name for name in ("post_id", *card.measured) if name not in table]:
        raise DataError(f"no column '{missing[0]}'", file=path, row=1, column=missing[0])
    origin = Origin(path.name, rows)
    told = [
        name for name in card.measured if f"{name}_noise" in table and f"{name}_noise" not in card.measured
    ]
    noise = {f"{name}_noise": f"ceiling_noise_{name}" for name in told}
    stored = {name: f"ceiling_{name}" for name in card.measured} | noise
    by_id = table.assign(**{name: columns.numbers(table[name].tolist(), name, origin) for name in stored})
    for name in noise:
        if len(wrong := (~(by_id[name] > 0)).to_numpy().nonzero()[0]):
            raise origin.error(int(wrong[0]), "no noise", column=name, value=table[name].iloc[int(wrong[0])])
    by_id = by_id.set_index("post_id")
    posts = targets["post_id"].to_pylist()
    if not by_id.index.is_unique or (absent := sorted(set(posts) - set(by_id.index))):
        problem = f"no row for {len(absent)} posts, the first is '{absent[0]}'" if absent else "repeated ids"
        raise DataError(problem, file=path, column="post_id", mend="Generate the set again")
    for name, column in stored.items():
        targets = targets.append_column(column, pa.array(by_id.loc[posts, name].to_numpy(dtype="float64")))
    return targets


def _script(card: Card, generator: Generator) -> Path:
    own = os.path.realpath(card.folder)
    script = os.path.realpath(card.folder / generator.script)
    if os.path.commonpath((own, script)) != own or not Path(script).is_file():
        declared = card.folder / "card.toml"
        raise CardError(f"{declared}: generator '{generator.script}' is no file in the folder of the card")
    return Path(script)


def _run(card: Card, script: Path, folder: Path, generator: Generator) -> None:
    """Into a place of its own, the one that the script may write to; what it has made takes the folder's."""
    shared = Path(os.path.realpath(card.folder)).parent / SHARED
    reads = [Path(os.path.realpath(card.folder)), *([shared] if is_of_the_project(card) else [])]
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        place = Path(name).resolve()
        made = place / folder.name
        arguments = ["--out", str(made), "--posts", str(generator.posts)]
        run = run_script(script, arguments, reads=reads, writes=place)
        if run.returncode != 0 or made.is_symlink() or not made.is_dir():
            last = " / ".join(run.stderr.strip().splitlines()[-3:])
            raise DataError(f"the generator ended with status {run.returncode}: {last}", file=script)
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)


def _noted(made_by: Path) -> dict[str, Any] | None:
    """What was generated when; None if nothing was, or not to its end."""
    try:
        with opened(made_by) as file:
            noted = json.load(file)
    except (OSError, ValueError):
        return None
    return noted if isinstance(noted, dict) and isinstance(noted.get("files"), dict) else None


def _found(folder: Path) -> dict[str, list[int]]:
    """Path below the folder -> size and time of change, of all that lies there."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() or path.is_symlink():
            stat = path.lstat()
            found[path.relative_to(folder).as_posix()] = [stat.st_size, stat.st_mtime_ns]
    return found


def _changed(folder: Path, noted: Mapping[str, Any]) -> str:
    """A file that is not as it was generated; empty if all are. One of the same time is not read."""
    found = _found(folder)
    for name, told in noted["files"].items():
        size, time, checksum = told
        if name not in found or found[name][0] != size:
            return str(name)
        try:
            if found[name][1] != time and sha256_of(folder / name) != checksum:
                return str(name)
        except OSError:  # no file any more
            return str(name)
    return next((name for name in found if name not in noted["files"]), "")


def _recipe(folder: Path, script: Path, generator: Generator) -> str:
    """What the generated files depend on: the scripts in the card's folder, those that generators share, and
    the number of posts."""
    digest = hashlib.sha256()
    beside = sorted(folder.glob("*.py"))
    for path in [*beside, *sorted((folder.parent / SHARED).glob("*.py"))]:
        digest.update(path.read_bytes())
    if script.parent != Path(os.path.realpath(folder)):
        digest.update(script.read_bytes())
    return f"{digest.hexdigest()} {generator.script} --posts {generator.posts}\n"
