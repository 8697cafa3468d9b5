"""Requests to the server of the desk, and what it answers where it refuses."""

from __future__ import annotations

import json
from typing import Any

from judges import LengthJudge
from served import SECRET
from starlette.testclient import TestClient

from desk.server.app import application
from desk.server.guard import TOKEN

HERE = "http://127.0.0.1:8765"


def client(judge: LengthJudge | None = None, **settings: Any) -> TestClient:
    """One that sends the token, as the page does."""
    app = application(judge or LengthJudge(), token=SECRET, **settings)
    return TestClient(app, base_url=HERE, headers={TOKEN: SECRET}, follow_redirects=False)


def form(drafts: object, images: dict[str, tuple[str, bytes]] | None = None) -> dict[str, Any]:
    files = {name: (called, content, "image/jpeg") for name, (called, content) in (images or {}).items()}
    return {"files": {"drafts": (None, json.dumps(drafts)), **files}}


def texts(*told: str) -> dict[str, Any]:
    return {"json": {"drafts": [{"text": text} for text in told]}}


def refused(answer: Any, status: int) -> str:
    """The sentence of an answer, which has this status and no traceback."""
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told.keys() <= {"error", "draft"} and "Traceback" not in answer.text
    return str(told["error"])
