"""Files: edge lists of strangers - CSV, TSV, SNAP's text, GraphML - as edges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmark.errors import DataError, SmpbenchError
from benchmark.files import opened
from benchmark.readers.identifiers import as_ids, is_nobody, is_rounded
from benchmark.readers.moments import read_times
from network.build.edges import MOST_KINDS, NO_POST, UNDATED, Edges
from network.build.graphml import read_graphml
from network.build.lines import read_lines
from network.build.rows import EdgeFile, EdgeRows
from network.graph import Ints

SECONDS_END = 10**11
"""Whole numbers below it are seconds since 1970, others milliseconds: 5138, and March 1973."""


def read_edges(path: Path, how: EdgeFile | None = None) -> tuple[Edges, list[str]]:
    """Who to whom, a row an edge; what was taken for what, in sentences.

    A name is what posts call the account: `123`, `123.0` and ` 123` are one. An edge without a time is known
    from `how.collected` on; without that it is undated, and the notes say so.

    Raises:
        DataError: the file is not what it should be; names file, row, column, value and what to do.
    """
    how = how or EdgeFile()
    try:
        with opened(path) as file:
            head = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:  # none there, a folder, a pipe
        raise DataError(f"cannot be read: {error.strerror or error}", file=path, mend="Give a file") from None
    if not head:
        raise DataError("the file is empty", file=path, mend="Give a file with an edge a line")
    is_graphml = path.suffix.lower() in (".graphml", ".xml") or head.startswith(
        (b"<?xml", b"<graphml", b"<!DOC")
    )
    rows = read_graphml(path, how) if is_graphml else read_lines(path, how)
    notes = list(rows.notes)

    names, source, target = _accounts(rows, notes)
    kinds, kind = _kinds(rows, how)
    found = Edges(
        names=names,
        source=source,
        target=target,
        known_at=_moments(rows, how, notes),
        kind=kind,
        weight=_weights(rows),
        post=np.full(len(source), NO_POST, np.int64),
        kinds=kinds,
    )
    told = (found.source >= 0) & (found.target >= 0)
    if nobody := int((~told).sum()):
        notes.append(f"edges with an end that is missing, left out: {nobody:,}")
    nothing = told & (found.weight == 0)
    if nothing.any():
        notes.append(f"edges of weight 0, left out: {int(nothing.sum()):,}")
    found = found.take(told & ~nothing)
    if not len(found):
        raise DataError("no edge in the file", file=path, mend="Give a file with an edge a line")
    return found, [f"{path.name}: {note}" for note in notes]


def _accounts(rows: EdgeRows, notes: list[str]) -> tuple[NDArray[np.object_], NDArray, NDArray]:
    """Names, each once, and the places of both ends among them, -1 where there is none."""
    parts = [_coded(rows.source), _coded(rows.target)]
    written = np.concatenate([values for values, _ in parts])
    for column, (values, codes) in zip((rows.source_name, rows.target_name), parts, strict=True):
        for place, value in enumerate(values):
            if value and not value.isalpha() and is_rounded(value):
                raise rows.error(
                    int(np.argmax(codes == place)),
                    "an id that was rounded as a number: others have become the same",
                    column=column,
                    value=value,
                    mend="Spreadsheets and floating point columns keep 15 digits: use the untouched export, "
                    "and read ids as text",
                )
    clean = np.array(as_ids(written.tolist()), object)
    if len(clean) and (
        pointed := int(sum(one != other.strip() for one, other in zip(clean, written, strict=True)))
    ):
        notes.append(f"ids that are written as numbers with a point, or guarded, read without: {pointed:,}")
    nobody = np.array([not one or is_nobody(one) for one in clean], bool)
    code, names = pd.factorize(np.where(nobody, np.array(None, object), clean))
    first = len(parts[0][0])
    # A place of -1 takes the last of what follows.
    places = (np.append(code[:first], -1), np.append(code[first:], -1))
    source, target = (place[codes].astype(np.int32) for place, (_, codes) in zip(places, parts, strict=True))
    return np.asarray(names, object), source, target


def _kinds(rows: EdgeRows, how: EdgeFile) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    if rows.kind is None:
        kind = how.kind_of_all or ("tie" if rows.undirected else "follow")
        return (kind,), np.zeros(len(rows), np.int8)
    values, codes = _coded(rows.kind)
    empty = [place for place, one in enumerate(values) if not one.strip()]
    if empty or (codes < 0).any():
        bad = (codes < 0) | np.isin(codes, empty)
        raise rows.error(int(np.argmax(bad)), "no kind is told", mend="Name it, or leave the column out")
    if len(values) > MOST_KINDS:
        raise rows.error(
            int(np.argmax(codes == MOST_KINDS)),
            f"{len(values):,} kinds of edges, and at most {MOST_KINDS} are told apart",
            value=values[MOST_KINDS],
            mend="Is it the column of kinds?",
        )
    return tuple(one.strip() for one in values), codes.astype(np.int8)


def _moments(rows: EdgeRows, how: EdgeFile, notes: list[str]) -> Ints:
    """ms since 1970."""
    if rows.time is None:
        if how.collected is None:
            notes.append("nothing tells when edges became known: say when the file was collected")
        return np.full(len(rows), UNDATED if how.collected is None else how.collected, np.int64)
    values, codes = _coded(rows.time)
    given = pd.Series(values, dtype=object).str.strip()
    form = how.time_format or _form_of(given)
    try:
        read = read_times(given, form)
    except ValueError as error:
        raise SmpbenchError(f"'{form}' is no format of a time: {error}") from None
    wrong = read.isna().to_numpy()
    bad = (codes < 0) | wrong[codes] if len(values) else np.ones(len(rows), bool)
    if bad.any():
        row = int(np.argmax(bad))
        raise rows.error(
            row,
            f"no time between 1995 and 2100 that reads as {form}",
            column=rows.time_name,
            value=values[codes[row]] if codes[row] >= 0 else "",
            mend="Mend the row, say how times are written, or leave the column out",
        )
    moments: Ints = read.to_numpy().astype("datetime64[ms]").astype(np.int64)[codes]
    return moments


def _form_of(given: pd.Series) -> str:
    if not len(given) or not given.str.fullmatch(r"\d+(\.\d+)?").all():
        return "iso"
    return "epoch_seconds" if given.astype(float).median() < SECONDS_END else "epoch_milliseconds"


def _weights(rows: EdgeRows) -> NDArray[np.float32]:
    if rows.weight is None:
        return np.ones(len(rows), np.float32)
    values, codes = _coded(rows.weight)
    numbers = pd.to_numeric(pd.Series(values, dtype=object).str.strip(), errors="coerce").to_numpy(np.float64)
    numbers = np.append(numbers, np.nan)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0) & (numbers < float(np.finfo(np.float32).max)))
    if wrong[codes].any():
        row = int(np.argmax(wrong[codes]))
        number = numbers[codes[row]]
        raise rows.error(
            row,
            "a weight below 0" if number < 0 else "no weight: not a finite number",
            column=rows.weight_name,
            value=values[codes[row]] if codes[row] >= 0 else "",
            mend="Weights are above 0: leave such rows out, or give no column of weights",
        )
    return numbers[codes].astype(np.float32)


def _coded(column: pa.ChunkedArray) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Values, and the place of each row's among them: -1 of what is null."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if not column.num_chunks:
        return np.empty(0, object), np.empty(0, np.int32)
    values = column.chunk(0).dictionary.cast(pa.string()).to_numpy(zero_copy_only=False)
    codes = [pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in column.chunks]
    return values, np.concatenate(codes).astype(np.int32)
