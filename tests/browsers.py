"""Where the browser is in which tests look at pages, how it is started, and pages that say something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from waiting import PATIENCE

from leaderboard.page.packed import packed
from leaderboard.page.page import embedded

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def with_data(text: str, told: dict[str, Any]) -> str:
    """The page, with other data."""
    start, end = '<script type="application/gzip" id="data">', "</script>"
    before, _, rest = text.partition(start)
    return before + start + packed(json.dumps(told)) + end + rest.partition(end)[2]


def renamed(path: Path, name: str, other: str) -> str:
    """The text of a file of a board, in which a name is another; of a page, in its data."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".html":
        return text.replace(name, other)
    return with_data(text, json.loads(json.dumps(embedded(text)).replace(name, other)))


def opened(browser: Any, address: str, *, ready: str = "html[data-ready]", **context: Any) -> Any:
    """A tab with the page; `told` collects what it complains of, and what it asks of anybody else.

    Args:
        ready: what is there once the page is. context: of the browser: a size, a colour scheme.
    """
    tab = browser.new_context(**context).new_page()
    tab.set_default_timeout(1000 * PATIENCE)
    tab.told = []
    # What software WebGL says of its own speed is not the page's.
    tab.on(
        "console", lambda message: tab.told.append(message.text) if "GL Driver" not in message.text else None
    )
    tab.on("pageerror", lambda error: tab.told.append(str(error)))
    tab.on("dialog", lambda dialog: (tab.told.append(dialog.message), dialog.dismiss()))
    own = (address.partition("#")[0], "blob:", "data:")
    tab.on("request", lambda one: None if one.url.startswith(own) else tab.told.append(one.url))
    tab.goto(address)
    tab.wait_for_selector(ready)
    return tab
