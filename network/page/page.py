"""Page: graph.html, one file that works from a disk without a network, and may ask for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from pathlib import Path

from benchmark.files import write_atomically
from benchmark.outside.ground import ground
from network.page import words
from network.page.data import page_data
from network.page.picture import COLOURS, OTHER, svg
from network.page.pseudonyms import Names, names_of
from network.reading import Reading

SITE = Path(__file__).parent / "site"
SCRIPTS = (
    "vendor/sigma.min.js",
    "html.js",
    "state.js",
    "seen.js",
    "canvas.js",
    "labels.js",
    "filters.js",
    "card.js",
    "ranking.js",
    "communities.js",
    "tables.js",
    "exports.js",
    "page.js",
)
"""In the order in which they need each other."""


def write_page(reading: Reading, path: Path, names: Names | None = None) -> None:
    """Write the page, whole or not at all.

    Raises:
        StoreError, OSError: it cannot be written there.
    """
    write_atomically(path, page(reading, names))


def page(reading: Reading, names: Names | None = None) -> str:
    """The whole page; the same text for the same arguments.

    Args:
        names: what accounts are called; by default as `names_of` keeps names back.
    """
    told = page_data(reading, names or names_of(reading))
    told |= {"colours": COLOURS, "other": OTHER}
    data = json.dumps(told, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    # In a script element only `<` could end it, or start a comment. Half a character cannot be written.
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    data = data.encode("utf-8", "replace").decode()
    style = f"\n{ground()}{_read('style.css')}\n"
    scripts = [f"\n{_script(name)}\n" for name in SCRIPTS]
    parts = {
        "policy": policy(style, scripts),
        "style": f"<style>{style}</style>",
        "data": data,
        "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
        "title": escape(told["title"]),
        "headline": escape(words.headline(reading)),
        "picture": svg(told),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("template.html"))


def policy(style: str, scripts: list[str]) -> str:
    """What a browser may run and load for the page: these scripts, this style, and pictures made by them."""
    run = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {run}; style-src 'sha256-{_digest(style)}'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    return (SITE / name).read_text(encoding="utf-8")


def _script(name: str) -> str:
    return _read(name).replace("</script", "<\\/script")
