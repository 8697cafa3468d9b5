"""The feature cache: every post of a data set encoded once, in shards that survive crashes and are checked.

    home/features/<encoder>-<fingerprint, 8 digits>/<dataset>-<content, 8 digits>/
        manifest.json     what the folder holds, and a sha256 of every shard and of what it was encoded from
        ids.json          post ids, in the order of the posts
        places.npy        int32 [n]: where the vector of each post is; -1 where there is nothing to encode
        shard-00000.npy   float16 [1024, dim + 1]: vectors of distinct items; the last column is 1 where ok

Equal items are encoded once. A shard is listed only after it is written, so a crash costs one shard at most.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from benchmark.encoded import Features, shard_file
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.errors import SmpbenchError, StoreError
from benchmark.files import opened, sha256_of, write_atomically

LAYOUT = 1
SHARD_ROWS = 1024
log = logging.getLogger(__name__)


class FeatureCache:
    """Encoded posts below `home/features`. Several processes may use it at once."""

    def __init__(self, home: Path, shard_rows: int = SHARD_ROWS) -> None:
        """
        Args:
            shard_rows: distinct items in a shard: what a crash can cost, and the step of the progress.
        """
        self.root = home / "features"
        self.shard_rows = shard_rows

    def folder(self, encoder: Encoder, dataset: str, content: str) -> Path:
        return self.root / f"{encoder.name}-{encoder.fingerprint()[:8]}" / f"{dataset}-{content[:8]}"

    def holds(
        self,
        encoder: Encoder,
        dataset: str,
        content: str,
        items: Sequence[str] | Sequence[Path | None],
    ) -> bool:
        """Whether `ensure` will find a shard for each of these, as far as its manifest says."""
        try:
            with opened(self.folder(encoder, dataset, content) / "manifest.json") as file:
                shards = json.load(file)["shards"]
        except (OSError, ValueError, KeyError):
            return False
        _, distinct = _distinct(items)
        return len(shards) == -(-len(distinct) // self.shard_rows)

    def left(self, encoder: Encoder, dataset: str, content: str, posts: int) -> int:
        """About how many distinct items `ensure` has yet to encode, as far as its folder says: at most one a
        post, none where it has been through all of them."""
        folder = self.folder(encoder, dataset, content)
        try:
            with opened(folder / "manifest.json") as file:
                encoded = len(json.load(file)["shards"]) * self.shard_rows
            distinct = int(np.load(folder / "places.npy", allow_pickle=False).max(initial=-1)) + 1
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            return posts
        return max(0, distinct - encoded)

    def ensure(
        self,
        encoder: Encoder,
        dataset: str,
        content: str,
        ids: Sequence[str],
        items: Sequence[str] | Sequence[Path | None],
        *,
        progress: Callable[[int, int], None] | None = None,
        elsewhere: Callable[[Sequence[int]], None] | None = None,
    ) -> Features:
        """Encode what is not yet in the cache, or no longer sound, and return the whole.

        Args:
            content: of which fingerprint what is encoded is: `Prepared.content`.
            ids: post ids, in the order of the prepared posts.
            items: what is encoded of each post: a text, or the path of an image (None: it has none).
            progress: called with (done, total) distinct items.
            elsewhere: called with the numbers of the shards that are wanting, to have them encoded by other
                processes (`write_shards`). What has not come, or not whole, is encoded here.

        What an encoder derives from another one's vectors is taken from that one's cache, filled first.

        Raises:
            SmpbenchError: the encoder cannot be used here.
            StoreError: the folder belongs to other posts than these.
        """
        if len(ids) != len(items):
            raise ValueError(f"{len(ids)} ids, but {len(items)} items")
        if reason := encoder.unavailable():
            raise SmpbenchError(f"encoder '{encoder.name}' cannot be used: {reason}")
        base = None
        if encoder.base is not None:
            base = self.ensure(
                encoder.base, dataset, content, ids, items, progress=progress, elsewhere=elsewhere
            ).folder
            elsewhere = None  # what is derived takes no time
        folder = self.folder(encoder, dataset, content)
        folder.mkdir(parents=True, exist_ok=True)
        places, distinct = _distinct(items)
        with _alone(folder):
            about = {
                "layout": LAYOUT,
                "encoder": encoder.name,
                "encoder_fingerprint": encoder.fingerprint(),
                "dataset": dataset,
                "content": content,
                "dim": encoder.dim,
                "shard_rows": self.shard_rows,
                "ids_sha256": _digest(ids),
            }
            manifest = _Manifest.open(folder, about, ids)
            _put(folder / "ids.json", json.dumps(list(ids)).encode())
            _put(folder / "places.npy", _npy(places))
            if elsewhere is not None:
                elsewhere(manifest.wanting(distinct))
            _fill(folder, manifest, encoder, base, distinct, progress)
        reasons = manifest.reasons()
        if nothing := int((places < 0).sum()):
            reasons["nothing given"] = nothing
        return Features(folder, len(ids), encoder.dim, self.shard_rows, reasons)

    def write_shards(
        self,
        encoder: Encoder,
        dataset: str,
        content: str,
        items: Sequence[str] | Sequence[Path | None],
        numbers: Sequence[int],
    ) -> None:
        """Encode some shards of what `ensure` is filling in another process, which takes them over.

        Beside each lies a page that says what it is; a shard whose page is sound is not encoded again.

        Raises:
            SmpbenchError: the encoder cannot be used here.
        """
        if reason := encoder.unavailable():
            raise SmpbenchError(f"encoder '{encoder.name}' cannot be used: {reason}")
        folder = self.folder(encoder, dataset, content)
        _, distinct = _distinct(items)
        for number in numbers:
            part = distinct[number * self.shard_rows : (number + 1) * self.shard_rows]
            inputs = _digest(part)
            if _handed_over(folder, number, inputs, len(part), encoder.dim) is None:
                vectors, ok, reasons = encoder.encode(part)
                data = _shard(encoder, vectors, ok, len(part))
                write_atomically(shard_file(folder, number), data)
                told = {"sha256": hashlib.sha256(data).hexdigest(), "inputs": inputs, "reasons": reasons}
                write_atomically(_page(folder, number), json.dumps(told))


@dataclass
class _Manifest:
    path: Path
    about: dict[str, Any]
    shards: dict[str, dict[str, Any]]

    @classmethod
    def open(cls, folder: Path, about: dict[str, Any], ids: Sequence[str]) -> _Manifest:
        """The manifest of a folder; an empty one when there is none or it is damaged."""
        path = folder / "manifest.json"
        try:
            with opened(path) as file:
                stored = json.load(file)
            shards = {str(int(key)): _record(told) for key, told in stored.pop("shards").items()}
        except FileNotFoundError:
            return cls(path, about, {})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            log.warning("%s: damaged; encoding again", path)
            return cls(path, about, {})
        if stored.get("ids_sha256") != about["ids_sha256"]:
            Features(folder, len(ids), about["dim"], about["shard_rows"], {}).check_ids(ids)
        for key, value in about.items():
            if stored.get(key) != value:
                raise StoreError(
                    f"{path}: '{key}' is {stored.get(key)!r}, but {value!r} was asked for. "
                    "Remove the folder if what it holds is no longer wanted"
                )
        return cls(path, about, shards)

    def sound(self, number: int, inputs: str) -> bool:
        """Whether a shard is as it was written, from these inputs."""
        record, file = self.shards.get(str(number)), shard_file(self.path.parent, number)
        if record is None:
            return False
        if record.get("inputs") != inputs:
            log.warning("%s: was encoded from other content; encoding again", file)
        elif not file.is_file():
            log.warning("%s: missing; encoding again", file)
        elif sha256_of(file) != record.get("sha256"):
            log.warning("%s: damaged; encoding again", file)
        else:
            return True
        return False

    def wanting(self, distinct: Sequence[Any]) -> list[int]:
        """The numbers of the shards that are missing or damaged."""
        rows = self.about["shard_rows"]
        parts = [distinct[start : start + rows] for start in range(0, len(distinct), rows)]
        return [number for number, part in enumerate(parts) if not self.sound(number, _digest(part))]

    def keep(self, count: int) -> None:
        """Forget shards beyond the first `count`: there were more distinct items once."""
        self.shards = {key: record for key, record in self.shards.items() if int(key) < count}

    def record(self, number: int, sha256: str, inputs: str, reasons: dict[str, int]) -> None:
        self.shards[str(number)] = {"sha256": sha256, "inputs": inputs, "reasons": reasons}
        write_atomically(self.path, json.dumps(self.about | {"shards": self.shards}, indent=1))

    def reasons(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for record in self.shards.values():
            total.update(record.get("reasons", {}))
        return dict(total)


def _record(told: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says of a shard, if it does."""
    reasons = {str(why): int(count) for why, count in told["reasons"].items()}
    return {"sha256": str(told["sha256"]), "inputs": str(told["inputs"]), "reasons": reasons}


def _fill(
    folder: Path,
    manifest: _Manifest,
    encoder: Encoder,
    base: Path | None,
    distinct: list[Any],
    progress: Callable[[int, int], None] | None,
) -> None:
    rows = manifest.about["shard_rows"]
    starts = range(0, len(distinct), rows)
    manifest.keep(len(starts))
    for number, start in enumerate(starts):
        items = distinct[start : start + rows]
        inputs = _digest(items)
        if manifest.sound(number, inputs):
            pass
        elif (handed := _handed_over(folder, number, inputs, len(items), encoder.dim)) is not None:
            manifest.record(number, handed["sha256"], inputs, handed["reasons"])
        else:
            # The base's shards hold the same items in the same order.
            vectors, ok, reasons = (
                encoder.derived(_stored(base, number)) if base is not None else encoder.encode(items)
            )
            data = _shard(encoder, vectors, ok, len(items))
            write_atomically(shard_file(folder, number), data)
            manifest.record(number, hashlib.sha256(data).hexdigest(), inputs, reasons)
        _page(folder, number).unlink(missing_ok=True)
        if progress is not None:
            progress(start + len(items), len(distinct))


def _shard(encoder: Encoder, vectors: np.ndarray, ok: np.ndarray, count: int) -> bytes:
    """The bytes of a shard of so many items.

    Raises:
        SmpbenchError: the encoder gave something else.
    """
    if vectors.shape != (count, encoder.dim) or ok.shape != (count,):
        raise SmpbenchError(
            f"encoder '{encoder.name}' gave vectors {vectors.shape} and ok {ok.shape} "
            f"for {count} items of dim {encoder.dim}"
        )
    return _npy(np.column_stack([vectors, ok.astype(np.float16)]))


def _page(folder: Path, number: int) -> Path:
    """Where another process says what a shard is that it has written."""
    return shard_file(folder, number).with_suffix(".json")


def _handed_over(folder: Path, number: int, inputs: str, count: int, dim: int) -> dict[str, Any] | None:
    """What is told of a shard that another process has written; None if it is missing, not whole, of other
    inputs, or holds no vectors of so many items."""
    try:
        with opened(_page(folder, number)) as page:
            told = _record(json.load(page))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        log.warning("%s: damaged; encoding again", _page(folder, number))
        return None
    file = shard_file(folder, number)
    if told["inputs"] != inputs or not file.is_file() or sha256_of(file) != told["sha256"]:
        log.warning("%s: is not what its page tells of; encoding again", file)
        return None
    try:
        data = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        data = np.empty(0)
    whole = data.dtype == np.float16 and data.shape == (count, dim + 1)
    if not whole or not np.isfinite(data).all() or not np.isin(data[:, -1], (0, 1)).all():
        log.warning("%s: holds no %d vectors of %d finite numbers; encoding again", file, count, dim)
        return None
    return told


def _stored(folder: Path, number: int) -> Encoded:
    shard = np.load(shard_file(folder, number))
    record = json.loads((folder / "manifest.json").read_bytes())["shards"][str(number)]
    return Encoded(shard[:, :-1], shard[:, -1] == 1, record["reasons"])


def _distinct(items: Sequence[str] | Sequence[Path | None]) -> tuple[NDArray[np.int32], list[Any]]:
    """Where each item's vector goes (-1: a blank text, no image), and the items, each once, in that order."""
    order: dict[Any, int] = {}
    places = np.full(len(items), -1, np.int32)
    for i, item in enumerate(items):
        if item is not None and (not isinstance(item, str) or item.strip()):
            places[i] = order.setdefault(item, len(order))
    return places, list(order)


def _digest(items: Sequence[Any]) -> str:
    """sha256 of texts, or of the names of images: their folder may move, and their sizes are in the data's
    fingerprint."""
    digest = hashlib.sha256()
    for item in items:
        text = (item.name if isinstance(item, Path) else item).encode(errors="surrogatepass")
        digest.update(len(text).to_bytes(8, "little") + text)
    return digest.hexdigest()


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _put(path: Path, data: bytes) -> None:
    if not path.is_file() or sha256_of(path) != hashlib.sha256(data).hexdigest():
        write_atomically(path, data)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder; the lock ends with the process, however it ends."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0.5)
    except Timeout:
        log.info("%s: another process is encoding it; waiting", folder)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
