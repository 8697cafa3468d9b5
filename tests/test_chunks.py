"""Chunks: facts reach a worker as files without a name, and hold what is known and no more."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from benchmark import chunks
from benchmark.chunks import received, sent
from benchmark.processes.line import Gone, Line
from benchmark.run.tasks import known_by

TABLES = {
    "readings": pa.table({"post": ["p0", None, "p2"], "likes": [1.0, 2.0, None]}),
    "mentions": pa.table({"author": [f"user {i}" for i in range(1000)]}),
}


def a_pair() -> tuple[Line, Connection]:
    """Two ends, as a run and a worker have them."""
    ours, theirs = socket.socketpair()
    return Line(ours), Connection(theirs.detach())


@pytest.fixture
def pipe() -> Iterator[tuple[Line, Connection]]:
    ours, theirs = a_pair()
    with theirs:
        yield ours, theirs
    ours.close()


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def exchange(ours: Line, theirs: Connection, tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    with sent(ours, tables):
        return received(theirs)


@pytest.mark.parametrize("memory", [True, False], ids=["file in memory", "file on disk"])
def test_tables_arrive_as_they_were_sent(
    memory: bool, pipe: tuple[Line, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    found = exchange(*pipe, TABLES)
    assert found.keys() == TABLES.keys()
    for name, table in TABLES.items():
        assert found[name].equals(table)
    assert exchange(*pipe, {}) == {}
    assert exchange(*pipe, TABLES)["readings"].equals(TABLES["readings"])  # the pipe is in step


def test_the_pipe_carries_other_messages_before_and_after(pipe: tuple[Line, Connection]) -> None:
    ours, theirs = pipe
    ours.send("before")
    with sent(ours, TABLES):
        ours.send("after")
        assert theirs.recv() == "before"
        assert received(theirs).keys() == TABLES.keys()
        assert theirs.recv() == "after"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_what_arrives_is_a_map_of_the_file_and_no_copy(pipe: tuple[Line, Connection]) -> None:
    table = exchange(*pipe, {"many": pa.table({"x": np.arange(100_000)})})["many"]
    address = table["x"].chunk(0).buffers()[1].address
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, *rest = line.split()
        first, end = (int(limit, 16) for limit in span.split("-"))
        if first <= address < end:
            assert "memfd:facts" in " ".join(rest)
            assert rights.startswith("r-")
            return
    pytest.fail("the values lie nowhere")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_no_file_stays_open_when_all_went_well_or_the_receiver_has_gone() -> None:
    before = open_files()
    ours, theirs = a_pair()
    found = exchange(ours, theirs, TABLES)
    del found
    theirs.close()
    with pytest.raises(Gone), sent(ours, TABLES):
        pass
    ours.close()
    assert open_files() == before


def test_a_sender_that_goes_in_the_middle_is_the_end_of_the_conversation() -> None:
    ours, theirs = a_pair()
    ours.send(["readings"])
    ours.close()
    with theirs, pytest.raises(EOFError):
        received(theirs)


def test_a_chunk_holds_no_byte_of_a_row_that_is_not_known_yet() -> None:
    moments = pa.array([1, 2, 3, 4], pa.int64()).cast(pa.timestamp("ms"))
    facts = pa.table(
        {
            "known_at": moments,
            "words": ["known", "known", "SECRET", "SECRET"],
            "likes": [1.0, 2.0, 7654321.0, 7654321.0],
            "flag": pa.array([False, False, True, True]),
        }
    )
    with chunks._written(known_by(facts, 2)) as file:
        file.seek(0)
        content = file.read()
    assert b"known" in content
    assert b"SECRET" not in content
    assert np.float64(7654321).tobytes() not in content
    bits = known_by(facts, 2)["flag"].chunk(0).buffers()[1].to_pybytes()
    assert not any(bits)
    begun = known_by(facts, 3, begin=2)
    assert begun["words"].to_pylist() == ["SECRET"]
