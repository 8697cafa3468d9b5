"""Damage: a finished home is damaged in one place after another, and the same command is given again.

    python -m tools.faults.damage
    python -m tools.faults.damage --only truth --keep

Afterwards the damage must be mended (exit 0, predictions byte for byte as before, the board as before without
its columns of costs, every score derived anew, every file back) or named (another exit status, and a line
with the damaged file and no traceback). Exit 1 if once it is neither.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.faults.outcome import Outcome, ended, started, unsound

PATIENCE = 180.0
"""Seconds after which a run hangs."""


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def removed(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def folder(path: Path) -> None:
    removed(path)
    path.mkdir()


def file(path: Path) -> None:
    removed(path)
    path.write_text("in place of a folder")


def pipe(path: Path) -> None:
    removed(path)
    os.mkfifo(path)


def link(path: Path) -> None:
    removed(path)
    path.symlink_to("nowhere")


def loop(path: Path) -> None:
    removed(path)
    path.symlink_to(path.name)


HOWS: dict[str, Callable[[Path], None]] = {
    one.__name__: one for one in (cut, flipped, emptied, removed, folder, file, pipe, link, loop)
}
PREPARED, FEATURES, FROZEN = "prepared/demo_tweets", "features/*/*", "runs/demo_tweets/engagement/frozen"
RIDGE, CEILING = f"{FROZEN}/ridge/default/seed-0/*", f"{FROZEN}/ceiling/default/seed-0/*"
PLAN = {
    f"{PREPARED}/posts.parquet": "cut flipped emptied removed folder pipe link loop",
    f"{PREPARED}/targets.parquet": "cut flipped pipe",
    f"{PREPARED}/facts_readings.parquet": "flipped pipe",
    f"{PREPARED}/prepared.json": "cut flipped emptied removed folder pipe link loop",
    PREPARED: "removed file",
    f"{FEATURES}/shard-00002.npy": "cut flipped removed folder pipe link",
    f"{FEATURES}/manifest.json": "cut flipped emptied removed folder pipe loop",
    f"{FEATURES}/places.npy": "flipped removed folder pipe",
    f"{FEATURES}/ids.json": "cut removed pipe loop",
    f"{FEATURES}/.lock": "folder pipe",
    FEATURES: "removed file",
    f"{RIDGE}/result.json": "cut flipped emptied removed folder pipe link loop",
    f"{RIDGE}/predictions.parquet": "cut flipped emptied removed folder pipe loop",
    f"{RIDGE}/replicates.npz": "cut pipe",
    f"{RIDGE}/log.txt": "removed pipe",
    RIDGE: "removed file pipe loop",
    f"{FROZEN}/ridge": "file",
    f"{FROZEN}/truth-*/truth.parquet": "cut flipped removed folder pipe loop",
    f"{FROZEN}/truth-*/result.json": "flipped removed pipe",
    f"{FROZEN}/truth-*": "removed file",
    f"{CEILING}/result.json": "flipped pipe",
    f"{CEILING}/predictions.parquet": "cut removed pipe",
    CEILING: "removed file",
    "runs/.locks": "removed file",
    "leaderboard/leaderboard.csv": "cut removed folder pipe link",
    "leaderboard/index.html": "cut pipe",
    "leaderboard": "removed file",
    "raw/demo_tweets/tweets.csv": "cut flipped emptied removed folder pipe loop",
    "raw/demo_tweets/ceiling.csv": "cut flipped removed pipe",
    "raw/demo_tweets/readings.csv": "cut pipe",
    "raw/.demo_tweets.generator": "removed pipe",
}
"""Where, below the home and with one match -> how."""


@dataclass(frozen=True)
class Case:
    where: str
    how: str

    @property
    def unread(self) -> str | None:
        """What must go so that the damaged file is needed at all."""
        return RIDGE if self.where.startswith(("features/", "runs/.locks")) else None


@dataclass(frozen=True)
class Verdict:
    """What came of one case."""

    case: Case
    status: int | None
    """Exit status; None: it hung."""
    differences: Sequence[str]
    """From the undisturbed home, after the run."""
    told: str | None
    """The line in which the run speaks of the damaged file."""
    broke: bool
    """Whether it ended with a traceback."""

    @property
    def word(self) -> str:
        if self.status is None:
            return "HANGS"
        if self.broke:
            return "TRACEBACK"
        if self.status == 0:
            return "DIFFERS" if self.differences else "mended"
        return "named" if self.told else "UNNAMED"

    @property
    def fine(self) -> bool:
        return self.word in ("mended", "named")


def cases(only: str = "") -> Iterator[Case]:
    """Those of the plan whose place or kind holds the word."""
    for where, hows in PLAN.items():
        for how in hows.split():
            if only in where or only == how:
                yield Case(where, how)


def place(home: Path, pattern: str) -> Path:
    """The one path that a pattern means.

    Raises:
        LookupError: none, or several.
    """
    found = sorted(home.glob(pattern))
    if len(found) != 1:
        raise LookupError(f"{pattern} means {len(found)} paths below {home}, not one")
    return found[0]


def judged(case: Case, sound: Path, home: Path, seconds: float = PATIENCE) -> Verdict:
    """Damage a copy of a sound home, run again, and look at what came of it."""
    shutil.copytree(sound, home)
    path = place(home, case.where)
    if case.unread is not None:
        removed(place(home, case.unread))
    HOWS[case.how](path)
    names = [str(path.relative_to(home))]
    if path.suffix:  # readers name a file without its folder, and of one that is gone the folder
        names += [path.name] + [str(path.parent.relative_to(home))] * (not os.path.lexists(path))
    status, said = ended(started(home), seconds)
    lines = said.replace(f"{home}/", "").replace(os.path.relpath(home) + "/", "").splitlines()
    told = next((line for line in lines if any(name in line for name in names)), None)
    broke = any(line.startswith("Traceback") for line in lines)
    wrong = differences(sound, home) if status == 0 else []
    return Verdict(case, status, wrong, told, broke)


def differences(sound: Path, home: Path) -> list[str]:
    """What a home that was mended lacks, holds otherwise, or cannot stand for."""
    found = Outcome.of(sound).differences(Outcome.of(home))
    files = (path.relative_to(sound) for path in sound.rglob("*") if path.is_file())
    # What starts with a dot is a lock, or a note of the generator's: there is nothing in it to be lost.
    kept = (one for one in files if not any(part.startswith(".") for part in one.parts))
    found += [f"{one} is not back" for one in kept if not (home / one).is_file()]
    return found or unsound(home)


def table(verdicts: Sequence[Verdict]) -> str:
    """A line a case."""
    width = max(len(one.case.where) for one in verdicts)
    lines = [f"{'where':{width}}  how      exit  outcome    said"]
    for one in verdicts:
        status = "-" if one.status is None else one.status
        said = one.told or "; ".join(one.differences) or "-"
        lines.append(f"{one.case.where:{width}}  {one.case.how:8} {status:>4}  {one.word:9}  {said[:160]}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all kinds of damage, and print the table."""
    options = argparse.ArgumentParser(prog="python -m tools.faults.damage", description=main.__doc__)
    options.add_argument("--only", default="", help="a part of the place, or a kind of damage")
    options.add_argument("--keep", action="store_true", help="leave the homes where they are, and say where")
    given = options.parse_args(arguments)
    chosen = list(cases(given.only))
    if not chosen:
        options.error(f"no place holds '{given.only}', and no kind of damage is called so: {', '.join(HOWS)}")
    began, folder_ = time.monotonic(), Path(tempfile.mkdtemp(prefix="damage."))
    try:
        sound = folder_ / "sound"
        status, said = ended(started(sound), 10 * PATIENCE)
        if status != 0 or (wrong := unsound(sound)):
            print(f"the undisturbed run failed:\n{said}", *(wrong if status == 0 else ()), sep="\n")
            return 1
        verdicts = []
        for number, case in enumerate(chosen, 1):
            home = folder_ / f"home-{number}"
            verdicts.append(judged(case, sound, home))
            print(f"[{number}/{len(chosen)}] {case.where} {case.how}: {verdicts[-1].word}", file=sys.stderr)
            if not given.keep:
                shutil.rmtree(home)
        print(table(verdicts))
        bad = [one for one in verdicts if not one.fine]
        print(f"{len(verdicts)} kinds of damage, {len(bad)} neither mended nor named", end="")
        print(f" ({time.monotonic() - began:.0f} s)")
        return 1 if bad else 0
    finally:
        if given.keep:
            print(f"the homes are in {folder_}")
        else:
            shutil.rmtree(folder_, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
