"""Site: the files of the page, read once. What a client asks for is looked up, and no path is made of it."""

from __future__ import annotations

import html
from pathlib import Path

from benchmark.outside.ground import ground

SITE = Path(__file__).parent / "site"
KINDS = {".css": "text/css", ".js": "text/javascript"}
PAGE = "index.html"


def page(token: str) -> str:
    """The page, with the token that it sends along."""
    return (SITE / PAGE).read_text(encoding="utf-8").replace("{{token}}", html.escape(token))


def assets() -> dict[str, tuple[bytes, str]]:
    """Name -> content and media type of the files that the page loads."""
    found = sorted(path for path in SITE.iterdir() if path.suffix in KINDS)
    own = {path.name: (path.read_bytes(), KINDS[path.suffix]) for path in found}
    return own | {"ground.css": (ground().encode(), KINDS[".css"])}
