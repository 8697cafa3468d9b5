"""Serve: the page on the loopback address, until Ctrl-C."""

from __future__ import annotations

import ipaddress
import socket
import sys
from contextlib import suppress

import uvicorn

from benchmark.errors import SmpbenchError
from desk.server.app import application
from desk.server.guard import TOKEN
from desk.server.judge import Judge, Policy

PORT = 8765


class AddressError(SmpbenchError):
    """An address cannot be served on."""


def serve(
    judge: Judge,
    host: str = "127.0.0.1",
    port: int = PORT,
    *,
    policy: Policy | None = None,
    anyone: bool = False,
) -> None:
    """Show the page until Ctrl-C.

    Args:
        port: 0 takes any that is free.
        anyone: whether `host` may be an address that other machines reach.

    Raises:
        AddressError: the address is not one of this machine, is taken, or may be reached by others.
    """
    local = loopback(host)
    if not local and not anyone:
        text = f"{host} may be reached by other machines, and whoever reaches the page may use the model"
        raise AddressError(f"{text}. Leave the host out, or say that anyone may")
    with bound(host, port) as taken:
        app = application(judge, policy, hosts=() if local else (_name(host),))
        address = f"http://{_written(host)}:{taken.getsockname()[1]}/"
        if not local:
            print(
                f"warning: other machines may open {address}; nothing on the way is encrypted",
                file=sys.stderr,
            )
        print(f"The desk is at {address} (Ctrl-C ends it)")
        print(f"Scripts send the header {TOKEN}: {app.state.token}", flush=True)
        settings = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            loop="asyncio",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        with suppress(KeyboardInterrupt):  # raised again once everything is closed
            uvicorn.Server(settings).run(sockets=[taken])


def bound(host: str, port: int) -> socket.socket:
    """A socket of this address.

    Raises:
        AddressError: it cannot be had; the text says why.
    """
    if not 0 <= port <= 65535:
        raise AddressError(f"port {port} does not exist: ports are 0 to 65535, and 0 takes any that is free")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise AddressError(f"host '{host}' is no address of this machine: {error}") from None
    taken = socket.socket(family, kind, protocol)
    try:
        # A port that has just been left may be taken at once; one that is in use may not.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(place)
        taken.listen(128)
    except OSError as error:
        taken.close()
        text = f"port {port} of {host} cannot be had: {error.strerror}"
        raise AddressError(f"{text}. Name another, or 0 for any that is free") from None
    return taken


def loopback(host: str) -> bool:
    """Whether only this machine reaches an address. Of names, `localhost` alone is known to be one."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _name(host: str) -> str:
    """By which name others call it: of `0.0.0.0`, which is every address, any in numbers."""
    try:
        return "*" if ipaddress.ip_address(host).is_unspecified else host
    except ValueError:
        return host


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
