"""Parquet files, as pandas has them, and never more of them than fits into memory."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import psutil

from benchmark.errors import DataError, listed
from benchmark.readers.decoding import check_regular

if TYPE_CHECKING:
    import pyarrow as pa


def read_parquet(path: Path) -> pd.DataFrame:
    """All rows and columns of a file.

    Raises:
        DataError: it cannot be read, is larger than the memory that is free, or has two columns of one name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_regular(path)
    try:
        with pq.ParquetFile(path) as file:
            names, rows = file.schema_arrow.names, file.metadata.num_rows
            # A few bytes can say "the same value, a billion times".
            if (needed := 8 * rows * len(names)) > (free := psutil.virtual_memory().available):
                sizes = (
                    f"{rows:,} rows take {needed / 1e9:,.0f} GB, and {free / 1e9:,.0f} GB of memory are free"
                )
                raise DataError(sizes, file=path, mend="Split the file, or read it on a larger machine")
            if repeated := sorted(name for name, count in Counter(names).items() if count > 1):
                raise DataError(f"two columns have the same name: {listed(repeated)}", file=path)
            table = file.read()
        for i, field in enumerate(table.schema):
            if pa.types.is_fixed_size_binary(field.type):
                table = table.set_column(i, field.name, table[i].cast(pa.binary()))
            if pa.types.is_binary(table[i].type) or pa.types.is_large_binary(field.type):
                table = table.set_column(i, field.name, table[i].cast(pa.large_string()))
        table.validate(full=True)  # text that is no UTF-8 would be noticed anywhere later on
        # Whole numbers stay whole where one is missing: as floats, long ids would be rounded.
        frame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
        for field in table.schema:
            if pa.types.is_nested(field.type) and not _is_vector(field.type):
                frame[field.name] = pd.Series(_objects(table[field.name]), dtype=object)
        return frame
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read as Parquet: {error}", file=path) from None


def _is_vector(kind: pa.DataType) -> bool:
    """Whether it is a list of numbers, which is kept as it is."""
    from pyarrow import types

    if not (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)):
        return False
    return types.is_floating(kind.value_type) or types.is_integer(kind.value_type)


def _objects(values: pa.ChunkedArray) -> list[Any]:
    """Lists and objects as JSON has them; of two entries of a map with one key the last."""
    found: list[Any] = values.to_pylist(maps_as_pydicts="lossy")
    return found
