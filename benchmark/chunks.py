"""Chunks: rows of tables handed from process to process as files that have no name.

A worker is given the rows that are known before a block and maps them into its memory. What becomes known
later lies in no such file yet: each chunk is written when its block comes, and has no path.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import pyarrow as pa


class Sender(Protocol):
    """What tables are sent by: see `benchmark.processes.line`."""

    def send(self, message: object) -> None: ...

    def send_files(self, files: Sequence[int]) -> None: ...


@contextlib.contextmanager
def sent(sender: Sender, tables: Mapping[str, pa.Table]) -> Iterator[None]:
    """Send tables to the other end, where `received` takes them.

    The files are held open until the block is left, which it should be when the receiver has answered: some
    systems lose a file on its way once the sender has closed it.
    """
    with contextlib.ExitStack() as held:
        files = [held.enter_context(_written(table)) for table in tables.values()]
        sender.send(list(tables))
        if files:
            sender.send_files([file.fileno() for file in files])
        yield


def received(connection: Connection) -> dict[str, pa.Table]:
    """The tables that `sent` sends, as memory maps.

    Raises:
        EOFError: the sender has gone.
    """
    names = connection.recv()
    if not names:
        return {}
    with _socket(connection) as line:
        byte, descriptors, _, _ = socket.recv_fds(line, 1, len(names))
    try:
        if not byte:
            raise EOFError
        if len(descriptors) < len(names):
            raise OSError(f"{len(descriptors)} of {len(names)} files arrived: too many are open")
        return {name: _mapped(number) for name, number in zip(names, descriptors, strict=True)}
    finally:
        for number in descriptors:
            os.close(number)


def _written(table: pa.Table) -> IO[bytes]:
    """A file in memory where the system has such, else one on disk that is without a name when written."""
    import pyarrow as pa

    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("facts"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
    try:
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)
        file.flush()
    except BaseException:
        file.close()
        raise
    return file


def _mapped(descriptor: int) -> pa.Table:
    import pyarrow as pa

    # The map keeps a copy of the descriptor until the last array on it is gone, unless it is told not to.
    untracked = {"trackfd": False} if sys.version_info >= (3, 13) else {}
    memory = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ, **untracked)
    return pa.ipc.open_stream(pa.py_buffer(memory)).read_all()


def _socket(connection: Connection) -> socket.socket:
    """The pipe as the socket that it is."""
    return socket.fromfd(connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)
