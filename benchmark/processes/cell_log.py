"""Cell log: what a worker prints, kept up to a size. Its beginning and its end are, what lies between may
go."""

from __future__ import annotations

import os
import threading
from pathlib import Path

HEAD, TAIL = 1_000_000, 100_000
"""Bytes that are kept of the beginning, and of the end."""


class CellLog:
    """A pipe that a worker prints to, emptied by a thread of this process.

    The worker has the pipe and no file: it can neither fill the disk nor find out where the log lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read, self.write_end = os.pipe()
        self._thread = threading.Thread(target=self._empty, daemon=True)
        self._thread.start()

    def close_write_end(self) -> None:
        """This process' copy: the pipe ends when all that write to it have ended."""
        os.close(self.write_end)

    def finish(self) -> None:
        """Come back when all that was printed is in the file. Raises OSError if it could not be written."""
        self._thread.join(_PATIENCE)
        if self._failed is not None:
            raise self._failed

    _failed: OSError | None = None

    def _empty(self) -> None:
        head, tail, left_out = 0, b"", 0
        with os.fdopen(self._read, "rb", buffering=0) as pipe, self.path.open("wb", buffering=0) as file:
            while content := pipe.read(1 << 16):
                room = content[: HEAD - head]
                self._write(file, room)
                head += len(room)
                tail += content[len(room) :]
                left_out += max(0, len(tail) - TAIL)
                tail = tail[-TAIL:]
            if left_out:
                self._write(file, f"\n[{left_out:,} bytes are left out here]\n".encode())
            self._write(file, tail)

    def _write(self, file: object, content: bytes) -> None:
        """A full disk ends the file and not the cell's last words: the pipe is emptied all the same."""
        try:
            if self._failed is None:
                file.write(content)  # type: ignore[attr-defined]
        except OSError as error:
            self._failed = error


_PATIENCE = 10.0
"""Seconds to wait for processes that hold the pipe open and were not found to be ended."""
