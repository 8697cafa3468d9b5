"""Unread: what lies in a home and nothing reads any more, and how it is dropped.

Results of older data, code or encoders stay beside the newest, and so does what older encoders have made: a
home grows with every change. No board needs any of it; whoever goes back to that state computes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from benchmark.encoders import encoder
from benchmark.encoders.profiles import sources
from benchmark.files import remove
from benchmark.run.checksums import PAGE
from benchmark.run.store import Store, StoredResult
from benchmark.run.truth import truth_folder_of

BUNDLED = "bundled"
"""The profile of which it is known what its encoders make by now: others name models that may have moved."""
MANIFEST, LOCK = "manifest.json", ".lock"
"""Of encoded content: see `benchmark.encoders.cache`."""


@dataclass(frozen=True)
class Unread:
    what: str
    """`results of older data, code or encoders`."""
    folders: tuple[Path, ...]
    needed_by: Mapping[Path, Collection[Path]] = field(default_factory=dict)
    """Of labels: the results that are scored by them."""

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(_size, self.folders))


def unread(home: Path, kept: Collection[StoredResult], superseded: Collection[StoredResult]) -> list[Unread]:
    """What nothing reads; nothing is told of what is not there.

    Args:
        kept, superseded: the sound results of the home: those of rows, and the others. A result that is
            damaged, or of another version, is in neither: it stays, with its labels.
    """
    known = {one.folder for one in (*kept, *superseded)}
    strange = {folder.parents[3] for folder in Store(home / "runs").folders() if folder not in known}
    of_kept = {truth_folder_of(one) for one in kept}
    scored_by: dict[Path, list[Path]] = {}
    for one in superseded:
        labels = truth_folder_of(one)
        if labels not in of_kept and labels.parent not in strange and labels.is_dir():
            scored_by.setdefault(labels, []).append(one.folder)
    results = tuple(sorted(one.folder for one in superseded))
    found = [
        Unread("results of older data, code or encoders", results),
        Unread("labels that only those are scored by", tuple(sorted(scored_by)), scored_by),
        Unread("encoded content of older encoders", tuple(sorted(_encoded(home / "features")))),
    ]
    return [one for one in found if one.folders]


def drop(
    home: Path, found: Sequence[Unread], progress: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Remove what nothing reads. A folder that is removed in part is none: its page goes first. Where a
    result stays, so do its labels.

    Args:
        progress: is told how many of how many folders are done.

    Returns:
        Those that stay, since another process is at work in them, or with them.
    """
    folders = [(folder, one.needed_by.get(folder, ())) for one in found for folder in one.folders]
    stay: list[Path] = []
    for done, (folder, needed_by) in enumerate(folders):
        if progress:
            progress(done, len(folders))
        with _alone(home, folder) as alone:
            if alone and not set(needed_by) & set(stay):
                (folder / PAGE).unlink(missing_ok=True)
                (folder / MANIFEST).unlink(missing_ok=True)
                remove(folder)
            else:
                stay.append(folder)
    return stay


@contextmanager
def _alone(home: Path, folder: Path) -> Iterator[bool]:
    """Whether no other process computes the result, or encodes what lies there."""
    if folder.is_relative_to(home / "runs"):
        with Store(home / "runs").claim(folder) as claimed:
            yield claimed
        return
    try:
        with FileLock(folder / LOCK, timeout=0):
            yield True
    except Timeout:
        yield False


def _encoded(features: Path) -> list[Path]:
    """Folders of what bundled encoders have made with another fingerprint than they have here."""
    made = [
        encoder(BUNDLED, encoding, [language])
        for language in ("en", "de")  # English, and another
        for encoding in sources(BUNDLED, english=language == "en")
    ]
    unknown = {one.name for one in made if one.unavailable()}
    current: dict[str, set[str]] = {}
    for one in made:
        if one.name not in unknown:
            current.setdefault(one.name, set()).add(one.fingerprint())
    return [
        manifest.parent
        for manifest in features.glob(f"*/*/{MANIFEST}")
        if (known := current.get((told := _told(manifest)).get("encoder", "")))
        and told.get("encoder_fingerprint") not in known
    ]


def _told(manifest: Path) -> dict[str, str]:
    try:
        told = json.loads(manifest.read_text())
    except (OSError, ValueError):
        return {}  # damaged: it is encoded anew where it is read, and is no business of this
    return told if isinstance(told, dict) else {}


def _size(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            size += path.lstat().st_size
    return size
