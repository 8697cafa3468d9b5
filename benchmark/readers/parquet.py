"""Parquet files, as pandas has them, and never more of them than fits into memory."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import psutil

from benchmark.errors import DataError, listed
from benchmark.readers.decoding import check_regular


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
            if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
                table = table.set_column(i, field.name, table[i].cast(pa.large_string()))
        table.validate(full=True)  # text that is no UTF-8 would be noticed anywhere later on
        return table.to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read as Parquet: {error}", file=path) from None
