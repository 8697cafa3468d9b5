"""Ground: what all pages of the project stand on, as CSS that goes before a page's own style."""

from __future__ import annotations

from pathlib import Path


def ground() -> str:
    """Colours by day and by night, where the keyboard is, and the link that skips to what matters."""
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
