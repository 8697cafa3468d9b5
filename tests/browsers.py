"""Where the browser is in which tests look at pages, how it is started, and pages that say something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from leaderboard.page.packed import packed

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def with_data(text: str, told: dict[str, Any]) -> str:
    """The page, with other data."""
    start, end = '<script type="application/gzip" id="data">', "</script>"
    before, _, rest = text.partition(start)
    return before + start + packed(json.dumps(told)) + end + rest.partition(end)[2]
