"""Guard: who may ask, and what every answer carries.

A page of another site can make a browser send requests to the loopback address, and a name that its owner
points at 127.0.0.1 can make it read the answers. So a request must name the loopback address, come from no
other site, and, to have anything done, carry a token that only the page itself was given.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import secrets
from collections.abc import Iterable

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmark.errors import SmpbenchError
from desk.server.limits import Refusal

TOKEN = "x-smpbench-token"
"""The header that carries the token of this run."""
SAFE = ("GET", "HEAD")
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

_log = logging.getLogger("smpbench.desk")


class Guard:
    """Stands before the application."""

    def __init__(self, app: ASGIApp, token: str, hosts: Iterable[str]) -> None:
        """
        Args:
            hosts: names besides those of the loopback address, or `*` for any address in numbers.
        """
        self.app, self.token = app, token
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *ours]}
            await send(message)

        try:
            self.admit(scope)
            await self.app(scope, receive, sent)
        except ClientDisconnect:
            return  # nobody waits for an answer
        except Exception as error:
            if begun:
                raise
            await answer(error)(scope, receive, sent)

    def admit(self, scope: Scope) -> None:
        """
        Raises:
            Refusal: 400 or 403.
        """
        headers: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value.decode("latin-1"))
        named = headers.get(b"host", [])
        if len(named) != 1 or not self.ours(named[0]):
            raise Refusal(403, "this server answers to its loopback address alone, such as http://127.0.0.1")
        if any(origin.lower() != f"http://{named[0].lower()}" for origin in headers.get(b"origin", [])):
            raise Refusal(403, "requests of other sites are refused")
        for site in headers.get(b"sec-fetch-site", []):
            # A link that somebody follows to the page shows it; nothing else of another site is answered.
            followed = headers.get(b"sec-fetch-mode") == ["navigate"] and scope["path"] == "/"
            if site not in ("same-origin", "none") and not (followed and scope["method"] in SAFE):
                raise Refusal(403, "requests of other sites are refused")
        if scope["method"] not in SAFE:
            told = headers.get(TOKEN.encode(), [])
            if len(told) != 1 or not secrets.compare_digest(told[0].encode(), self.token.encode()):
                text = f"the header {TOKEN} does not hold the token of this run"
                raise Refusal(403, f"{text}. Load the page again, or see what `smpbench serve` has printed")

    def ours(self, named: str) -> bool:
        """Whether a Host header names this server: a loopback name, or one that was asked for."""
        found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::\d{1,5})?", named, re.ASCII)
        if not found:
            return False
        host = found[1].lower().strip("[]")
        if host == "localhost" or host in self.hosts:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or "*" in self.hosts


def answer(error: Exception) -> ASGIApp:
    """The answer to a request that could not be served: `{"error": sentence}`, and never a traceback."""
    if isinstance(error, Refusal):
        status, after = error.status, error.after
        told: dict[str, str | int] = {"error": str(error)}
        told |= {} if error.draft is None else {"draft": error.draft}
    elif isinstance(error, SmpbenchError):
        status, after, told = 422, None, {"error": str(error)}
    else:
        # The terminal is told what a person who mends it needs.
        _log.error("a request failed", exc_info=error)
        text = f"the server failed with {type(error).__name__}: its terminal says where"
        status, after, told = 500, None, {"error": text}
    headers = {} if after is None else {"retry-after": str(after)}
    return JSONResponse(told, status, headers)
