"""Download: the raw files that may be fetched without asking anybody, pinned by sha256."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import DataUnavailable

if TYPE_CHECKING:
    from benchmark.declared.card import Card

_TIMEOUT_SECONDS = 60
_RETRIES = 3


def download(card: Card, home: Path) -> Path:
    """The raw folder of a data set in `home/raw`, fetched unless it is already there.

    It appears under its name only when every file has arrived with the sha256 that the card states; files
    that did arrive are not fetched again.

    Raises:
        DataUnavailable: the set is not to be downloaded (the text says how to obtain it), the network
            failed, or a file is not what the card pins.
    """
    import filelock

    folder = home / "raw" / card.raw[0]
    if not card.downloads:
        raise DataUnavailable(f"{card.name}: not available for download. {card.obtain}".strip())
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.parent / f".{card.name}.lock"):
        if folder.exists():
            return folder
        partial = folder.with_name(f".{folder.name}.part")
        _fetch(card, partial)
        partial.rename(folder)
    return folder


def _fetch(card: Card, folder: Path) -> None:
    import pooch

    for item in card.downloads:
        if Path(item.file).name != item.file:
            raise DataUnavailable(f"{card.name}: '{item.file}' is no plain file name. Correct the card")
    registry = pooch.create(
        path=folder,
        base_url="",
        registry={item.file: f"sha256:{item.sha256}" for item in card.downloads},
        urls={item.file: item.url for item in card.downloads},
        retry_if_failed=_RETRIES,
    )
    for item in card.downloads:
        try:
            registry.fetch(item.file, downloader=pooch.HTTPDownloader(timeout=_TIMEOUT_SECONDS))
        except (OSError, ValueError) as error:  # requests' errors are OSErrors; a wrong hash is a ValueError.
            problem = str(error).splitlines()[0]
            raise DataUnavailable(f"{card.name}: {item.url} could not be fetched: {problem}") from None
    # Nothing but the files of the card, whatever an earlier card left here.
    for path in folder.iterdir():
        if path.name not in registry.registry:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
