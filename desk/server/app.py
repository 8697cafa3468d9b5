"""App: the page and the answers in JSON."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException as StarletteHTTPException

from desk.ranking import Draft, Model, Ranking
from desk.server.asked import Asked, Handed, drafts
from desk.server.guard import TOKEN, Guard, answer
from desk.server.judge import Judge, Policy
from desk.server.limits import Limits, Refusal
from desk.server.pictures import check
from desk.server.site import assets, page
from desk.server.turns import Turns
from desk.server.upload import DRAFTS, FORM, JSON, Upload, read


class About(BaseModel):
    """What drafts are judged by here."""

    model_config = ConfigDict(extra="forbid")

    model: Model
    columns: dict[str, str]
    """Further columns that a draft may tell: name -> role."""
    policy: bool
    """Whether a policy of the client's own marks drafts."""
    limits: dict[str, int]


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Error(BaseModel):
    """Why a request was not served."""

    error: str
    draft: int | None = None
    """Number of the draft that it is about, where it is about one."""


def application(
    judge: Judge,
    policy: Policy | None = None,
    *,
    token: str | None = None,
    hosts: Iterable[str] = (),
    limits: Limits | None = None,
) -> FastAPI:
    """A page and an API that rank drafts.

    Args:
        policy: puts its marks on each ranking.
        token: that every request which is to have something done must carry; a new one where it is None.
        hosts: names besides those of the loopback address by which it may be called.
    """
    limits = limits or Limits()
    token = token or secrets.token_urlsafe(24)
    turns = Turns(limits.waiting, limits.patience)
    parsing = asyncio.Lock()  # JSON takes many times its size in memory
    shown, files = page(token), assets()

    # The pages of FastAPI that show the schema load scripts from another host.
    app = FastAPI(title="smpbench desk", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(Guard, token=token, hosts=tuple(hosts))
    app.state.token = token

    @app.exception_handler(StarletteHTTPException)
    async def _refused(request: Request, error: StarletteHTTPException) -> Any:
        return answer(Refusal(error.status_code, f"{request.method} {request.url.path}: {error.detail}"))

    @app.get("/", include_in_schema=False)
    async def _page() -> HTMLResponse:
        return HTMLResponse(shown)

    @app.get("/site/{name}", include_in_schema=False)
    async def _asset(name: str) -> Response:
        if name not in files:
            raise HTTPException(404, "Not Found")
        content, kind = files[name]
        return Response(content, media_type=kind)

    @app.get("/healthz", response_model=Health)
    async def health() -> Health:
        """Whether it answers."""
        return Health()

    @app.get("/api/model", response_model=About)
    async def model() -> About:
        """What drafts are judged by, which further fields they may have, and how many there may be."""
        return About(
            model=judge.model,
            columns=dict(judge.columns),
            policy=policy is not None,
            limits=limits.told_to_pages(),
        )

    @app.post("/api/rank", response_model=Ranking, openapi_extra=_body(limits), responses=_errors())
    async def rank(request: Request) -> Response:
        """Rank drafts. What is said of each is the model's association, not a promise. Nothing is kept."""

        async def gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        # Only its owner may look into the folder, and it is gone with the request, however that ends.
        with turns.seat(), tempfile.TemporaryDirectory(prefix="smpbench-desk-") as folder:
            upload = await read(request, Path(folder), limits)
            now = dt.datetime.now(dt.UTC).replace(microsecond=0)
            async with parsing:
                handed = await asyncio.to_thread(drafts, upload, judge.columns, limits, now)
            told = await turns.run(lambda: ranked(handed, upload), gone)
        return Response(told, media_type=JSON)

    def ranked(handed: list[Draft], upload: Upload) -> str:
        for number, path in upload.images.items():
            check(path, number, limits)
        ranking = judge.rank(handed, upload.images)
        return (policy(ranking) if policy else ranking).model_dump_json()

    return app


def _body(limits: Limits) -> dict[str, Any]:
    """What the schema says of a request that is read by hand, piece by piece."""
    one = Handed.model_json_schema()
    several = {"type": "array", "items": one, "minItems": 1, "maxItems": limits.drafts}
    whole = Asked.model_json_schema() | {"properties": {"drafts": several}}
    whole.pop("$defs", None)
    image = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "required": [DRAFTS],
        "properties": {DRAFTS: several | {"description": "JSON"}},
        "patternProperties": {
            "^[1-9][0-9]*$": image | {"description": "The image of the draft of this number."}
        },
        "additionalProperties": False,
    }
    token = {
        "name": TOKEN,
        "in": "header",
        "required": True,
        "schema": {"type": "string"},
        "description": "Of this run: `smpbench serve` prints it.",
    }
    return {
        "parameters": [token],
        "requestBody": {"required": True, "content": {JSON: {"schema": whole}, FORM: {"schema": form}}},
    }


def _errors() -> dict[int | str, dict[str, Any]]:
    told = {
        400: "Not what it says it is",
        403: "Of another site, or without the token",
        408: "Too slow",
        413: "Too many or too large",
        415: "Of another kind",
        422: "Something in it is wrong",
        429: "Busy; Retry-After says for how long",
        500: "The model failed",
        503: "Not in time, or no room",
    }
    return {status: {"model": Error, "description": text} for status, text in told.items()}
