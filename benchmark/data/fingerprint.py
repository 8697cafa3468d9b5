"""Fingerprint: what data are, apart from how a library happens to lay them out in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ROWS = 65_536


def fingerprint(tables: Mapping[str, pa.Table], image_sizes: Mapping[str, int]) -> str:
    """sha256 (hex) over names, types and values of all columns in order, and paths and sizes of images.

    It does not depend on chunks, compression or the version of any library.
    """
    digest = hashlib.sha256()
    for name, table in tables.items():
        digest.update(f"table {name} {table.num_rows}\n".encode())
        for column in table.column_names:
            digest.update(f"column {column} {table.schema.field(column).type}\n".encode())
            _add(digest, partial(_pieces, table[column]), table.schema.field(column).type)
    for path in sorted(image_sizes):
        digest.update(f"image {path} {image_sizes[path]}\n".encode())
    return digest.hexdigest()


def _pieces(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    """A column from its beginning, some rows at a time: what is digested takes room for these alone."""
    for chunk in column.chunks:
        for begin in range(0, len(chunk), _ROWS):
            yield chunk.slice(begin, _ROWS)


def _add(digest: hashlib._Hash, pieces: Callable[[], Iterator[pa.Array]], kind: pa.DataType) -> None:
    """First which values are missing, then (of texts and lists) how long each is, then what they are."""
    _add_bits(digest, (piece.is_null() for piece in pieces()))
    if pa.types.is_string(kind):
        for piece in pieces():
            digest.update(_bytes(_plain(pc.binary_length(pc.fill_null(piece, ""))), "<i4"))
        for piece in pieces():
            digest.update("".join(pc.fill_null(piece, "").to_pylist()).encode())
    elif pa.types.is_list(kind):
        for piece in pieces():
            digest.update(_bytes(_plain(pc.fill_null(pc.list_value_length(piece), 0)), "<i4"))
        _add(digest, lambda: (piece.flatten() for piece in pieces()), kind.value_type)
    elif pa.types.is_boolean(kind):
        _add_bits(digest, (pc.fill_null(piece, False) for piece in pieces()))
    elif pa.types.is_timestamp(kind):
        for piece in pieces():
            digest.update(_bytes(_plain(piece.cast(pa.int64())), "<i8"))
    else:
        for piece in pieces():
            filled = _plain(pc.fill_null(piece, 0.0))
            # One NaN and one zero, whatever their bits.
            same = np.where(np.isnan(filled), np.nan, filled) + 0.0
            digest.update(_bytes(same, "<f4" if pa.types.is_float32(kind) else "<f8"))


def _add_bits(digest: hashlib._Hash, pieces: Iterable[pa.BooleanArray]) -> None:
    """Eight to a byte, across the ends of pieces; the last byte is filled up with zeros."""
    left = np.zeros(0, bool)
    for piece in pieces:
        bits = np.concatenate([left, _plain(piece)])
        whole = len(bits) // 8 * 8
        digest.update(_bytes(np.packbits(bits[:whole])))
        left = bits[whole:]
    digest.update(_bytes(np.packbits(left)))


def _plain(values: pa.Array) -> np.ndarray:
    return values.to_numpy(zero_copy_only=False)


def _bytes(values: np.ndarray, kind: str | None = None) -> bytes:
    return np.ascontiguousarray(values if kind is None else values.astype(kind)).tobytes()
