"""Palette: the colours that all pages of the project share, as CSS that goes before a page's own style."""

from __future__ import annotations

from pathlib import Path


def palette() -> str:
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
