"""Qualities: what can be said of a post's content in plain words, measured of drafts and of data sets, and
what viral posts have in common against the others."""

from __future__ import annotations

from benchmark.qualities.measured import measure
from benchmark.qualities.qualities import QUALITIES, Quality

__all__ = ["QUALITIES", "Quality", "measure"]
