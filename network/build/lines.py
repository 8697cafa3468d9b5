"""Lines: an edge a line - CSV, TSV, or white space between two names as SNAP has it."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from benchmark.errors import DataError, did_you_mean, listed, quoted
from network.build.rows import MOST_EDGES, EdgeFile, EdgeRows, too_many

WORDS = {
    "source": "source from src follower author fromnodeid sourceid followerid fromid",
    "target": "target to dst followed followee named mentioned friend tonodeid targetid followedid toid",
    "time": "time timestamp date knownat createdat unixts at",
    "weight": "weight count n",
    "kind": "kind type how",
}
"""What a column may be called in a header, but for capitals and what joins words."""
COMMENTS = ("#", "%", "//")
HEAD = 1 << 16
LONGEST_LINE = 1 << 20
BLOCK = 8 << 20


@dataclass(frozen=True)
class _Written:
    """How a file is cut."""

    comments: tuple[str, ...]
    skip: int
    """Lines before the first that is none of comment; the header is one of them."""
    delimiter: str
    """One character, or the empty string for any white space."""
    names: tuple[str, ...]


def read_lines(path: Path, how: EdgeFile) -> EdgeRows:
    """Columns by the header, or by `how.names`; the first two where nothing tells more.

    Raises:
        DataError: it is not text, the columns are not there, or a line has more or fewer of them.
    """
    try:
        written = _written(path, how)
        columns = _chosen(path, how, written.names)
        cut = _by_arrow if written.delimiter else _by_white_space
        table = cut(path, written, list(columns.values()))
    except (OSError, EOFError, zlib.error) as error:  # a damaged archive
        raise _unread(path, str(error)) from None
    table = _without_comments(table, columns["source"])

    def line(row: int) -> int:
        return _line(path, written.skip, row)

    return EdgeRows(
        path=path,
        source=table[columns["source"]],
        target=table[columns["target"]],
        time=table[columns["time"]] if "time" in columns else None,
        weight=table[columns["weight"]] if "weight" in columns else None,
        kind=table[columns["kind"]] if "kind" in columns else None,
        line=line,
        undirected=any("undirected" in one.lower() for one in written.comments),
        source_name=columns["source"],
        target_name=columns["target"],
        time_name=columns.get("time", "time"),
        weight_name=columns.get("weight", "weight"),
    )


def _written(path: Path, how: EdgeFile) -> _Written:
    lines: list[str] = []
    comments: list[str] = []
    for text in _head(path):
        if text.startswith(COMMENTS) and not lines:
            comments.append(text)
        elif text.strip() or lines:
            lines.append(text)
        else:
            comments.append("")
    if not lines:
        raise DataError("no edge in the file", file=path, mend="Give a file with an edge a line")
    delimiter = _delimiter(lines, how)
    first = _cells(lines[0], delimiter)
    skip = len(comments)
    if how.names:
        names = how.names
        if len(names) != len(first):
            raise DataError(
                f"{len(first)} columns, and {len(names)} names are given for them: {listed(names)}",
                file=path,
                row=skip + 1,
            )
    elif _is_header(first, how):
        names, skip = tuple(first), skip + 1
    else:
        names = _nameless(path, skip + 1, first, lines)
    if len(set(names)) < len(names):
        raise DataError(f"two columns have the same name: {listed(names)}", file=path, row=skip)
    return _Written(tuple(comments), skip, delimiter, names)


def _nameless(path: Path, row: int, first: Sequence[str], lines: Sequence[str]) -> tuple[str, ...]:
    """Two columns are source and target; what more there are nobody guesses."""
    told = "say what the columns are, as in names = source, target, time"
    if len(first) < 2:
        raise DataError(
            "one column, and an edge has two ends",
            file=path,
            row=row,
            value=first[0],
            mend="Is it cut otherwise?",
        )
    if len(first) > 2:
        raise DataError(
            f"{len(first)} columns, and no header that says which is which",
            file=path,
            row=row,
            value=lines[0],
            mend=told.capitalize(),
        )
    if not any(re.search(r"\d", one) for one in first) and len(lines) > 1:
        rest = [re.split(r"[\s,;|]+", line.strip()) for line in lines[1:20] if line.strip()]
        if rest and all(re.fullmatch(r"\d+(\.0+)?", cell) for cells in rest for cell in cells):
            raise DataError(
                "looks like a header, and its words are not known",
                file=path,
                row=row,
                value=lines[0],
                mend="Say which column is the source and which the target",
            )
    return ("source", "target")


def _is_header(first: Sequence[str], how: EdgeFile) -> bool:
    asked = {one for one in (how.source, how.target, how.time, how.weight, how.kind) if one}
    plain = {_plain(one) for one in first}
    return bool(asked) or (bool(plain & _words("source")) and bool(plain & _words("target")))


def _chosen(path: Path, how: EdgeFile, names: Sequence[str]) -> dict[str, str]:
    """What a column is -> its name in the file."""
    found = {}
    for what in WORDS:
        asked = getattr(how, what)
        if asked is not None:
            if asked not in names:
                raise DataError(
                    f"no column '{quoted(asked)}' in the file{did_you_mean(asked, names)}", file=path, row=1
                )
            found[what] = asked
        elif known := [name for name in names if _plain(name) in _words(what)]:
            found[what] = known[0]
    for what in ("source", "target"):
        if what not in found:
            raise DataError(
                f"which column is the {what}? There are: {listed(names)}",
                file=path,
                row=1,
                mend=f"Name it: {what} = ...",
            )
    if len(set(found.values())) < len(found):
        raise DataError(f"a column cannot be two things: {listed(found.values())}", file=path, row=1)
    return found


def _words(what: str) -> set[str]:
    return set(WORDS[what].split())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _head(path: Path) -> list[str]:
    with _bytes(path) as file:
        begin = file.read(HEAD)
    if b"\0" in begin:
        raise DataError("this is no text", file=path, mend="Give CSV, TSV, SNAP's text or GraphML, in UTF-8")
    lines = begin.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace").splitlines()
    # The last is perhaps half a line.
    return lines[:-1] if len(begin) == HEAD and len(lines) > 1 else lines


def _bytes(path: Path) -> io.BufferedIOBase:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")


def _delimiter(lines: Sequence[str], how: EdgeFile) -> str:
    if how.delimiter is not None:
        if len(how.delimiter) != 1:
            raise DataError(f"'{quoted(how.delimiter)}' between columns: give one character")
        return "" if how.delimiter.isspace() and how.delimiter != "\t" else how.delimiter
    for one in ("\t", ",", ";", "|"):
        if one in lines[0]:
            return one
    return ""


def _cells(line: str, delimiter: str) -> list[str]:
    if not delimiter:
        return line.split()
    return [one.strip().strip('"') for one in line.split(delimiter)]


def _by_arrow(path: Path, written: _Written, taken: Sequence[str]) -> pa.Table:
    odd: list[tuple[int, str]] = []

    def invalid(row: pc.InvalidRow) -> str:
        if not row.text.lstrip().startswith(COMMENTS):
            odd.append((row.actual_columns, row.text))
        return "skip"

    word = pa.dictionary(pa.int32(), pa.string())
    try:
        with pa.input_stream(path, compression="detect") as stream:
            reader = pc.open_csv(
                stream,
                read_options=pc.ReadOptions(
                    skip_rows=written.skip,
                    column_names=list(written.names),
                    block_size=BLOCK,
                    use_threads=False,
                ),
                parse_options=pc.ParseOptions(delimiter=written.delimiter, invalid_row_handler=invalid),
                convert_options=pc.ConvertOptions(
                    include_columns=list(taken),
                    column_types=dict.fromkeys(taken, word),
                    strings_can_be_null=False,
                ),
            )
            batches, many = [], 0
            for batch in reader:
                batches.append(batch)
                many += batch.num_rows
                if odd:
                    break
                if many > MOST_EDGES:
                    raise too_many(path)
    except pa.ArrowInvalid as error:
        raise _unread(path, str(error)) from None
    if odd:
        columns, text = odd[0]
        raise DataError(
            f"{columns} columns, and others have {len(written.names)}",
            file=path,
            row=_where(path, text),
            value=text,
            mend="Mend the line; names that hold the delimiter stand in quotes",
        )
    return pa.Table.from_batches(batches, schema=reader.schema)


def _by_white_space(path: Path, written: _Written, taken: Sequence[str]) -> pa.Table:
    """Line by line: no reader of tables cuts at white space of any length and says which line is uneven."""
    places = [written.names.index(name) for name in taken]
    words: list[dict[str, int]] = [{} for _ in taken]
    codes = [array("i") for _ in taken]
    for number, text in enumerate(_lines(path), start=1):
        cells = text.split()
        if number <= written.skip or not cells or text.startswith(COMMENTS):
            continue
        if len(cells) != len(written.names):
            raise DataError(
                f"{len(cells)} columns, and others have {len(written.names)}",
                file=path,
                row=number,
                value=text.rstrip(),
                mend="Mend the line; names that hold a blank need another delimiter",
            )
        for known, found, place in zip(words, codes, places, strict=True):
            found.append(known.setdefault(cells[place], len(known)))
        if len(codes[0]) > MOST_EDGES:
            raise too_many(path)
    columns = [
        pa.DictionaryArray.from_arrays(
            pa.array(np.frombuffer(found, np.int32)), pa.array(list(known), pa.string())
        )
        for known, found in zip(words, codes, strict=True)
    ]
    return pa.table(columns, names=list(taken))


def _unread(path: Path, told: str) -> DataError:
    plain = re.sub(r"\s+", " ", told.removeprefix("CSV parser error: "))
    mend = "Give CSV, TSV, SNAP's text or GraphML, an edge a line"
    if "straddling" in plain:
        plain = f"a line is longer than {BLOCK:,} characters"
    if "UTF8" in plain or "utf-8" in plain:
        plain, mend = "this is not UTF-8", "Save it as UTF-8"
    return DataError(f"cannot be read: {plain}", file=path, mend=mend)


def _without_comments(table: pa.Table, source: str) -> pa.Table:
    """Lines of comment between edges have as many words as these, perhaps."""
    import pyarrow.compute as compute

    column = table[source].unify_dictionaries()
    if not column.num_chunks or not any(
        word.startswith(("#", "%")) for word in column.chunk(0).dictionary.to_pylist()
    ):
        return table
    words = column.cast(pa.string())
    return table.filter(compute.invert(compute.match_substring_regex(words, "^[#%]")))


def _lines(path: Path, errors: str = "strict") -> Iterator[str]:
    with _bytes(path) as file:
        while line := file.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise _unread(path, f"a line is longer than {LONGEST_LINE:,} characters")
            try:
                yield line.decode("utf-8", errors=errors)
            except UnicodeDecodeError:
                raise _unread(path, "utf-8") from None


def _line(path: Path, skip: int, row: int) -> int:
    """The line on which a row stands; what is empty or comment is no row."""
    place = -1
    for number, text in enumerate(_lines(path, "replace"), start=1):
        if number > skip and text.strip() and not text.startswith(COMMENTS):
            place += 1
            if place == row:
                return number
    return skip + row + 1


def _where(path: Path, text: str) -> int | None:
    wanted = text.rstrip("\r\n")
    return next(
        (n for n, one in enumerate(_lines(path, "replace"), start=1) if one.rstrip("\r\n") == wanted), None
    )
