"""A server of the desk on a port of its own, for as long as a test needs it."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from judges import LengthJudge
from PIL import Image
from waiting import wait_until

from desk.server.app import application
from desk.server.limits import Limits
from desk.server.serve import bound

SECRET = "of-this-run"


@contextmanager
def running(judge: LengthJudge, **limits: Any) -> Iterator[int]:
    """The port of a server."""
    taken = bound("127.0.0.1", 0)
    app = application(judge, token=SECRET, limits=Limits(**limits))
    server = uvicorn.Server(uvicorn.Config(app, http="h11", ws="none", log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    thread.start()
    try:
        wait_until(lambda: server.started, "the server runs")
        yield taken.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    held = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(held, kind)
    return held.getvalue()
