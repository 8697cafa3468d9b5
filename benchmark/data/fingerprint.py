"""Fingerprint: what data are, apart from how a library happens to lay them out in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def fingerprint(tables: Mapping[str, pa.Table], image_sizes: Mapping[str, int]) -> str:
    """sha256 (hex) over names, types and values of all columns in order, and paths and sizes of images.

    It does not depend on chunks, compression or the version of any library.
    """
    digest = hashlib.sha256()
    for name, table in tables.items():
        digest.update(f"table {name} {table.num_rows}\n".encode())
        for column in table.column_names:
            digest.update(f"column {column} {table.schema.field(column).type}\n".encode())
            _add(digest, table[column].combine_chunks())
    for path in sorted(image_sizes):
        digest.update(f"image {path} {image_sizes[path]}\n".encode())
    return digest.hexdigest()


def _add(digest: hashlib._Hash, values: pa.Array) -> None:
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], type=values.type)
    digest.update(_bytes(np.packbits(values.is_null().to_numpy(zero_copy_only=False))))
    kind = values.type
    if pa.types.is_string(kind):
        filled = pc.fill_null(values, "")
        digest.update(_bytes(pc.binary_length(filled).to_numpy(zero_copy_only=False), "<i4"))
        digest.update("".join(filled.to_pylist()).encode())
    elif pa.types.is_list(kind):
        lengths = pc.fill_null(pc.list_value_length(values), 0)
        digest.update(_bytes(lengths.to_numpy(zero_copy_only=False), "<i4"))
        _add(digest, values.flatten())
    elif pa.types.is_boolean(kind):
        digest.update(_bytes(np.packbits(pc.fill_null(values, False).to_numpy(zero_copy_only=False))))
    elif pa.types.is_timestamp(kind):
        digest.update(_bytes(values.cast(pa.int64()).to_numpy(zero_copy_only=False), "<i8"))
    else:
        filled = pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False)
        # One NaN and one zero, whatever their bits.
        canonical = np.where(np.isnan(filled), np.nan, filled) + 0.0
        digest.update(_bytes(canonical, "<f4" if pa.types.is_float32(kind) else "<f8"))


def _bytes(values: np.ndarray, kind: str | None = None) -> bytes:
    return np.ascontiguousarray(values if kind is None else values.astype(kind)).tobytes()
