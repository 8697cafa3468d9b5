"""Page plots: the pictures that a row's model left of what it has learnt, small enough to be embedded."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from leaderboard.publishing.seed import PublishedSeed
from leaderboard.tables.rows import Row

WIDTH = 420
"""Pixels; height follows."""
BUDGET = 1_500_000
"""Bytes of all pictures of a page; rows that come later than that name theirs only."""


class Plots:
    """Hands out the pictures of one row after another until the budget is spent."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.left = budget

    def of(self, row: Row) -> list[dict[str, Any]]:
        """`name`, and `image` (a data URL) or nothing where it was left out, of the row's first seed."""
        stored = row.seeds[0]
        if isinstance(stored, PublishedSeed) or row.study:
            return []
        names = sorted(name for name in stored.result.get("files", {}) if name.endswith(".png"))
        # Of an ensemble, the members' own pictures stand in their own rows.
        own = [name for name in names if name.startswith("plots/") and name.count("/") == 1]
        return [self._one(stored.folder, name) for name in own]

    def again(self, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What an older page has of a row whose run is elsewhere."""
        found = []
        for one in told:
            found.append(one if self.left > 0 else {"name": one["name"]})
            self.left -= len(base64.b64decode(found[-1].get("image", "").partition(",")[2]))
        return found

    def _one(self, folder: Path, name: str) -> dict[str, Any]:
        told = {"name": Path(name).stem.replace("_", " ")}
        if self.left <= 0:
            return told
        image = small(folder / name)
        self.left -= len(image)
        return told | {"image": "data:image/webp;base64," + base64.b64encode(image).decode("ascii")}


def small(path: Path) -> bytes:
    """A picture as WebP, at most `WIDTH` wide."""
    from PIL import Image

    with Image.open(path) as picture:
        drawn = picture.convert("RGB")
    if drawn.width > WIDTH:
        drawn = drawn.resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    drawn.save(out, "WEBP", quality=45, method=4)
    return out.getvalue()
