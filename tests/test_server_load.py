"""The server of the desk under load, where it listens, and the page that it serves."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from judges import LengthJudge
from served import SECRET, picture, running
from serving_requests import client, form
from waiting import PATIENCE, wait_until

from benchmark import PROJECT
from desk.server.guard import TOKEN
from desk.server.serve import AddressError, bound, loopback, serve
from desk.server.site import SITE

pytestmark = pytest.mark.usefixtures("temporary")


# Under load, on a port


def asked(port: int, body: bytes, kind: str = "application/json") -> tuple[int, dict[str, Any], str | None]:
    """Status, answer, and after how long to come again."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.request("POST", "/api/rank", body, {TOKEN: SECRET, "content-type": kind})
    answer = line.getresponse()
    told = json.loads(answer.read())
    line.close()
    return answer.status, told, answer.headers["retry-after"]


def several(images: int) -> tuple[bytes, str]:
    """A form with images, and its type."""
    files = {str(number): (f"{number}.jpg", picture()) for number in range(1, images + 1)}
    request = client().build_request("POST", "/api/rank", **form([{}] * images, files))
    return request.read(), request.headers["content-type"]


@pytest.mark.slow
def test_fifty_at_once_are_answered_or_told_to_come_again(temporary: Path) -> None:
    judge = LengthJudge(seconds=0.05)
    body, kind = several(images=3)
    with running(judge) as port, ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: asked(port, body, kind), range(50)))
        wait_until(lambda: not list(temporary.iterdir()), "no file is left")
    statuses = [status for status, *_ in answers]
    assert set(statuses) <= {200, 429}
    assert statuses.count(200) >= 9, "one is judged and eight wait"
    for status, told, after in answers:
        if status == 429:
            assert told["error"].startswith("busy:") and after is not None and int(after) >= 1
    assert len(judge.asked) == statuses.count(200)


def test_beyond_those_that_wait_one_is_told_to_come_again_and_later_is_answered(temporary: Path) -> None:
    go = Event()
    body = b'{"drafts": [{"text": "a"}]}'
    with running(LengthJudge(until=go), waiting=1) as port, ThreadPoolExecutor(9) as pool:
        first = [pool.submit(asked, port, body) for _ in range(2)]
        wait_until(lambda: len(list(temporary.iterdir())) == 2, "both seats are taken")
        status, told, after = asked(port, body)
        assert (status, after) == (429, "2") and "2 requests" in told["error"]
        go.set()
        assert [one.result()[0] for one in first] == [200, 200]
        assert asked(port, body)[0] == 200


@pytest.mark.slow
def test_one_whose_turn_does_not_come_is_sent_away() -> None:
    go = Event()
    body = b'{"drafts": [{"text": "a"}]}'
    judge = LengthJudge(until=go)
    with running(judge, patience=0.8) as port, ThreadPoolExecutor(2) as pool:
        first = pool.submit(asked, port, body)
        wait_until(lambda: len(judge.asked) == 1, "the first is judged")
        status, told, after = asked(port, body)
        assert (status, after) == (503, "10") and "busy" in told["error"]
        go.set()
        assert first.result()[0] == 200, "what has begun is ended, however long it takes"
    assert len(judge.asked) == 1


def test_one_that_goes_away_is_not_judged(temporary: Path) -> None:
    go = Event()
    judge = LengthJudge(until=go)
    body, kind = several(images=1)
    with running(judge) as port, ThreadPoolExecutor(1) as pool:
        first = pool.submit(asked, port, body, kind)
        wait_until(lambda: len(judge.asked) == 1, "the first is judged")
        line = http.client.HTTPConnection("127.0.0.1", port)
        line.request("POST", "/api/rank", body, {TOKEN: SECRET, "content-type": kind})
        wait_until(lambda: len(list(temporary.iterdir())) == 2, "the second waits")
        line.close()
        wait_until(lambda: len(list(temporary.iterdir())) == 1, "it has left nothing")
        go.set()
        assert first.result()[0] == 200
    assert len(judge.asked) == 1


@pytest.mark.slow
def test_one_that_stops_in_the_middle_of_its_images_leaves_nothing(temporary: Path) -> None:
    body, kind = several(images=2)
    with running(LengthJudge(), reading=0.3) as port:
        for patient in (True, False):
            line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            head = f"POST /api/rank HTTP/1.1\r\nHost: localhost:{port}\r\n{TOKEN}: {SECRET}\r\n"
            line.sendall(f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            line.sendall(body[: len(body) - 200])
            if patient:
                assert b" 408 " in line.recv(100)
            line.close()
            wait_until(lambda: not list(temporary.iterdir()), "no file is left")


# Where it listens


def test_only_addresses_that_no_other_machine_reaches_are_loopback() -> None:
    assert all(map(loopback, ("127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST")))
    others = ("0.0.0.0", "::", "10.0.0.1", "", "localhost.example.org", "127.0.0.1.example.org")
    assert not any(map(loopback, others))


def test_it_is_served_to_this_machine_alone_unless_anyone_may() -> None:
    for host in ("0.0.0.0", "192.168.1.7", "::", "example.org"):
        with pytest.raises(AddressError, match="may be reached by other machines"):
            serve(LengthJudge(), host=host)


def test_a_port_that_is_taken_is_said() -> None:
    with bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressError, match=f"port {port} of 127.0.0.1 cannot be had: .*or 0 for any"):
            serve(LengthJudge(), port=port)
    with pytest.raises(AddressError, match="port 70000 does not exist"):
        serve(LengthJudge(), port=70_000)


SERVE = """
import sys
sys.path[:0] = sys.argv[1:]
from judges import LengthJudge
from desk.server.serve import serve
serve(LengthJudge(seconds=SECONDS), port=0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 60], ids=["idle", "while it judges"])
def test_it_says_where_it_is_and_ctrl_c_ends_it(seconds: int) -> None:
    script = SERVE.replace("SECONDS", str(seconds))
    command = [sys.executable, "-c", script, str(PROJECT), str(PROJECT / "tests")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        told = process.stdout.readline()
        assert told.startswith("The desk is at http://127.0.0.1:") and "Ctrl-C" in told
        token = process.stdout.readline().split()[-1]
        port = int(told.split("/")[2].split(":")[1])
        line = http.client.HTTPConnection("127.0.0.1", port)
        headers = {TOKEN: token, "content-type": "application/json"}
        line.request("POST", "/api/rank", b'{"drafts": [{"text": "a"}]}', headers)
        if seconds:
            time.sleep(1)
        else:
            assert line.getresponse().status == 200
        process.send_signal(2)
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == ""
        # What is said of a request that was being judged is a line, and no traceback.
        assert len(process.stderr.read().splitlines()) == (1 if seconds else 0)


# The files of the page


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_that_stands_in_it() -> None:
    text = client().get("/").text
    loaded = [part.split('"')[0] for part in text.replace("href=", "src=").split('src="')[1:]]
    assert [name for name in loaded if not name.startswith(("/site/", "data:,", "#"))] == []
    for name in (name for name in loaded if name.startswith("/site/")):
        assert client().get(name).status_code == 200, name
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    for path in SITE.iterdir():
        script = path.read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "localStorage"):
            assert word not in script, path.name
        for word in ("sessionStorage", "document.cookie", "indexedDB", "http://", "https://"):
            assert word not in script.replace("http://www.w3.org/2000/svg", ""), path.name
