"""GraphML: nodes and edges of an XML file, as graph tools export them.

It is read as a stream, without a document type: what a document type declares can grow to any size or name
other files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from benchmark.errors import DataError, did_you_mean, quoted
from benchmark.files import opened
from network.build.lines import WORDS
from network.build.rows import EdgeFile, EdgeRows, too_many

LABELS = ("label", "name", "screen_name", "username")
"""Data of a node that name its account; else it is the node's id."""
LONGEST_TEXT = 10_000
MOST_IN_GRAPHML = 5_000_000
"""It takes more memory an edge than lines do."""


def read_graphml(path: Path, how: EdgeFile) -> EdgeRows:
    """Edges, by the labels of nodes where all have one, different ones; data of an edge called `weight`,
    `time` or `kind`, or as `how` says.

    Raises:
        DataError: it is no GraphML, it has a document type, or an edge leads to no node.
    """
    reader = _Reader(path)
    with opened(path) as file:
        try:
            reader.parser.ParseFile(file)
        except expat.ExpatError as error:
            raise DataError(
                f"no XML that can be read: {expat.errors.messages[error.code]}",
                file=path,
                row=error.lineno,
                mend="Export the graph again as GraphML",
            ) from None
    if not reader.is_graphml:
        raise DataError("no <graphml> in the file", file=path, mend="Export the graph as GraphML")
    names = reader.names()
    for place, (source, target) in enumerate(reader.ends):
        for end in (source, target):
            if end not in names:
                raise DataError("an edge to no node", file=path, row=reader.lines[place], value=end)

    def data(what: str) -> tuple[str | None, pa.ChunkedArray | None]:
        known = {key for one in reader.data for key in one}
        asked = getattr(how, what)
        if asked is not None and asked not in known:
            raise DataError(f"no data '{quoted(asked)}' of edges{did_you_mean(asked, known)}", file=path)
        name = asked or next((key for key in sorted(known) if key.lower() in WORDS[what].split()), None)
        if name is None:
            return None, None
        return name, pa.chunked_array([pa.array([one.get(name) for one in reader.data], pa.string())])

    time_name, time = data("time")
    weight_name, weight = data("weight")
    _, kind = data("kind")
    return EdgeRows(
        path=path,
        source=pa.chunked_array([pa.array([names[one] for one, _ in reader.ends], pa.string())]),
        target=pa.chunked_array([pa.array([names[one] for _, one in reader.ends], pa.string())]),
        time=time,
        weight=weight,
        kind=kind,
        line=reader.lines.__getitem__,
        undirected=reader.undirected,
        time_name=time_name or "time",
        weight_name=weight_name or "weight",
    )


class _Reader:
    """What expat calls, and what was found."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_graphml = self.undirected = False
        self.ends: list[tuple[str, str]] = []
        self.lines: list[int] = []
        self.data: list[dict[str, str]] = []
        self._keys: dict[str, str] = {}
        self._labels: dict[str, dict[str, str]] = {}
        self._into: dict[str, str] | None = None
        self._key: str | None = None
        self._text: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def names(self) -> dict[str, str]:
        """Node -> account."""
        for label in LABELS:
            told = {node: data[label] for node, data in self._labels.items() if data.get(label)}
            if len(told) == len(self._labels) == len(set(told.values())):
                return told
        return {node: node for node in self._labels}

    def _doctype(self, *told: Any) -> None:
        raise DataError(
            "a document type is declared, which GraphML has no need of and which can be a trap",
            file=self.path,
            row=self.parser.CurrentLineNumber,
            mend="Remove the <!DOCTYPE> if the file is to be trusted",
        )

    def _start(self, name: str, told: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if name == "graphml":
            self.is_graphml = True
        elif name == "key":
            self._keys[told.get("id", "")] = told.get("attr.name", told.get("id", ""))
        elif name == "graph":
            self.undirected = told.get("edgedefault") == "undirected"
        elif name == "node":
            self._into = self._labels.setdefault(told.get("id", ""), {})
        elif name == "edge":
            self.ends.append((told.get("source", ""), told.get("target", "")))
            self.lines.append(self.parser.CurrentLineNumber)
            self._into = {}
            self.data.append(self._into)
            if len(self.ends) > MOST_IN_GRAPHML:
                raise too_many(self.path, MOST_IN_GRAPHML)
        elif name == "data":
            self._key, self._text = self._keys.get(told.get("key", ""), told.get("key", "")), []

    def _end(self, name: str) -> None:
        name = name.rpartition(" ")[2]
        if name == "data" and self._key is not None:
            if self._into is not None:
                self._into[self._key] = "".join(self._text).strip()
            self._key = None
        elif name in ("node", "edge"):
            self._into = None

    def _characters(self, text: str) -> None:
        if self._key is None:
            return
        self._text.append(text)
        if len(self._text) * len(text) > LONGEST_TEXT:
            raise DataError(
                f"a value of more than {LONGEST_TEXT:,} characters",
                file=self.path,
                row=self.parser.CurrentLineNumber,
            )
