"""The line to a worker: whole messages come through, and whatever else comes does not hold anybody up."""

from __future__ import annotations

import fcntl
import resource
import socket
import struct
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.processes.line import Gone, Line, TooLong


class Enough(Exception):
    """Somebody has waited long enough."""


@pytest.fixture
def ends() -> Iterator[tuple[Line, socket.socket]]:
    """Our end, on which a wait is given up at the third look; and the other's, as the socket it is."""
    ours, theirs = socket.socketpair()
    looks = iter(range(3))

    def look() -> None:
        if next(looks, None) is None:
            raise Enough

    with ours, theirs:
        yield Line(ours, look), theirs


@given(st.binary(max_size=100_000))
def test_what_a_connection_sends_is_received_and_the_other_way_round(content: bytes) -> None:
    ours, theirs = socket.socketpair()
    line, connection = Line(ours), Connection(theirs.detach())
    sender = threading.Thread(target=connection.send_bytes, args=(content,))
    sender.start()
    assert line.receive(at_most=100_000) == content
    sender.join()
    sender = threading.Thread(target=line.send, args=({"content": content},))
    sender.start()
    assert connection.recv() == {"content": content}
    sender.join()
    connection.close()
    line.close()


def test_a_process_with_a_thousand_files_open_speaks_as_any_other() -> None:
    ours, theirs = socket.socketpair()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard <= 1100:
        pytest.skip(f"no process may open more than {hard} files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1100 if soft < 1100 else soft, hard))
    try:
        far = fcntl.fcntl(ours, fcntl.F_DUPFD, 1050)
        with ours, theirs, socket.socket(fileno=far) as end:
            line, connection = Line(end), Connection(theirs.detach())
            line.send("there")
            assert connection.recv() == "there"
            connection.send_bytes(b"back")
            assert line.receive(at_most=100) == b"back"
            connection.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
@pytest.mark.parametrize("part", [b"", b"\x00\x00", struct.pack("!i", 100), struct.pack("!i", 100) + b"half"])
def test_a_message_that_never_ends_is_waited_for_as_long_as_is_looked_on(
    part: bytes, ends: tuple[Line, socket.socket]
) -> None:
    line, other = ends
    other.sendall(part)
    with pytest.raises(Enough):
        line.receive(at_most=1000)


def test_one_who_takes_nothing_is_waited_for_as_long_as_is_looked_on(
    ends: tuple[Line, socket.socket],
) -> None:
    line, _ = ends
    with pytest.raises(Enough):
        line.send(bytes(10_000_000))


@pytest.mark.parametrize(
    "head", [struct.pack("!i", 1001), struct.pack("!i", 2**31 - 1), struct.pack("!iQ", -1, 2**63)]
)
def test_a_message_longer_than_any_is_refused_before_it_has_come(
    head: bytes, ends: tuple[Line, socket.socket]
) -> None:
    line, other = ends
    other.sendall(head)
    with pytest.raises(TooLong, match="where at most 1,000 are expected"):
        line.receive(at_most=1000)


@pytest.mark.parametrize("part", [b"", b"\x00", struct.pack("!i", 100) + b"half"])
def test_one_who_has_gone_is_gone_even_in_the_middle(part: bytes, ends: tuple[Line, socket.socket]) -> None:
    line, other = ends
    other.sendall(part)
    other.close()
    with pytest.raises(Gone):
        line.receive(at_most=1000)
    with pytest.raises(Gone):
        for _ in range(100):
            line.send(bytes(100_000))
