"""Line: the parent's end of the conversation with a worker. Nothing on it waits for ever.

What comes in was written by a process that runs somebody else's code: it may stop in the middle of a message,
announce one that fills the memory, or never take what it is sent. Every wait, for a whole message or for a
part, looks again and again whether to go on.
"""

from __future__ import annotations

import pickle
import select
import socket
import struct
from collections.abc import Callable, Sequence

LOOK_EVERY = 0.1
"""Seconds between two looks while waiting."""


class Gone(Exception):
    """There is nobody at the other end any more."""


class TooLong(Exception):
    """A message is announced that is longer than any that is expected."""


class Line:
    """Speaks as a `multiprocessing.connection.Connection` does, to one at the other end."""

    def __init__(self, end: socket.socket, waiting: Callable[[], None] = lambda: None) -> None:
        """`waiting` is called at every look; it raises whatever shall end the wait."""
        end.setblocking(False)
        self._end, self.waiting = end, waiting

    def send(self, message: object) -> None:
        """Pickle a message and send it.

        Raises:
            Gone: nobody is there.
        """
        content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        short = len(content) <= _LONGEST_SHORT
        header = struct.pack("!i", len(content)) if short else struct.pack("!iQ", -1, len(content))
        for part in (header, content):
            rest = memoryview(part)
            while rest:
                self._ready(write=True)
                rest = rest[_tried(self._end.send, rest) :]

    def send_files(self, files: Sequence[int]) -> None:
        """Send open files, with one byte beside them.

        Raises:
            Gone: nobody is there.
        """
        while True:
            self._ready(write=True)
            if _tried(socket.send_fds, self._end, [b"."], list(files)):
                return

    def receive(self, at_most: int) -> bytes:
        """The next message whole.

        Raises:
            Gone: nobody is there, or has gone in the middle of it.
            TooLong: it would be longer than `at_most` bytes.
        """
        (length,) = struct.unpack("!i", self._exactly(4))
        if length < 0:
            (length,) = struct.unpack("!Q", self._exactly(8))
        if length > at_most:
            raise TooLong(f"{length:,} bytes where at most {at_most:,} are expected")
        return bytes(self._exactly(length))

    def close(self) -> None:
        self._end.close()

    def _exactly(self, length: int) -> bytearray:
        content = bytearray(length)
        rest = memoryview(content)
        while rest:
            self._ready(write=False)
            try:
                count = self._end.recv_into(rest)
            except BlockingIOError:
                continue
            except OSError:
                raise Gone from None
            if not count:
                raise Gone
            rest = rest[count:]
        return content

    def _ready(self, *, write: bool) -> None:
        """Come back when something can be written, or read."""
        looked = select.poll()  # `select` knows no file beyond the 1,024th
        looked.register(self._end, select.POLLOUT if write else select.POLLIN)
        while not looked.poll(LOOK_EVERY * 1000):
            self.waiting()


_LONGEST_SHORT = 0x7FFFFFFF


def _tried(send: Callable[..., int], *arguments: object) -> int:
    """How many bytes went out: none if there was no room after all."""
    try:
        return send(*arguments)
    except BlockingIOError:
        return 0
    except OSError:
        raise Gone from None
