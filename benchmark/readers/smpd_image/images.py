"""Images: which file shows each post. Old releases have addresses in their place, which show nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.readers.decoding import decode

_URL = re.compile(r"https?://", re.IGNORECASE)
_HEADER = re.compile(r'(?:"?[a-z_]+"?\s*)+', re.IGNORECASE)


def image_lines(path: Path, posts: int) -> list[str]:
    """A line a post: surplus blank lines at the end and a header are left out."""
    lines = [line.strip().strip('"') for line in decode(path).text.splitlines()]
    while len(lines) > posts and not lines[-1]:
        lines.pop()
    return lines[1:] if len(lines) == posts + 1 and _HEADER.fullmatch(lines[0]) else lines


def are_addresses(lines: Sequence[str]) -> bool:
    return any(_URL.search(line) for line in lines)


def where_they_lie(
    folder: Path, split: str, lines: Sequence[str], home: Path | None = None
) -> list[str] | None:
    """Image paths relative to `folder`, None when no image of the sample is there.

    Archives unpack as written (`train/uid/pid.jpg`), or below `train_images`, `SMP_train_images`, `images` or
    `img`, with or without the leading split, in `folder` or beside the metadata in `home`; the first depth
    that holds an image of the sample is taken for all.
    """
    clean = [line.removeprefix("./") for line in lines]
    sample = [line for line in clean[:: max(1, len(clean) // 200)] if line]
    for depth in _depths(folder, split, home or folder):
        # os.path's answers False to a name that no file can have, where Path's raises.
        if any(os.path.isfile(folder / (depth + line.removeprefix(f"{split}/"))) for line in sample):  # noqa: PTH113
            return [line and depth + line.removeprefix(f"{split}/") for line in clean]
    return None


def _depths(folder: Path, split: str, home: Path) -> Iterator[str]:
    beside = "" if home == folder else f"{home.relative_to(folder).as_posix()}/"
    for start in dict.fromkeys(("", beside)):
        for below in ("", f"{split}_images/", f"SMP_{split}_images/", "images/", "img/"):
            for leading in (f"{split}/", ""):
                yield start + below + leading
